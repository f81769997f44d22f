/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a diagram, which asks for one bit after another, back to tests of words.
 *
 * The part of a diagram that asks for bits of one word is a function from that word's values to
 * whatever follows. There are three ways to write one down, and each can hand over to another at
 * any bit:
 *
 * - as intervals of the word, for what came from comparisons;
 * - as intervals of word & mask, where only those bits are asked for at all;
 * - as a chain: some bits have given values, else it is settled. `jset` and `and`, `jeq` are that.
 *
 * The one with the fewest instructions is taken. A chain of one bit is always possible, so this
 * ends; and whatever is taken, the program is compared with the diagram afterwards.
 */
#include "merge/merge.h"

#include <errno.h>

#include "compile/graph.h"
#include "prove/space.h"

/* More intervals fit no program. */
#define INTERVALS_MAX BPF_MAXINSNS
#define COST_MAX      (1u << 16)

/* How a node and those of the same word below it are written. */
enum way { WAY_UNKNOWN, WAY_INTERVALS, WAY_MASKED, WAY_CHAIN };

struct plan {
	uint32_t support; /* bits of the word that are asked for */
	uint32_t cost;	  /* instructions for what is left of the word */
	enum way way;
	bool exit_high; /* WAY_CHAIN: the branch that settles it */
};

struct maker {
	struct ir *ir;
	struct prove_space *space;
	struct plan *plans; /* by function, as all diagrams there are have been made before */
	ir_ref *made;	    /* IR_FAILED: not yet */
};

/* Where an interval of values leads. */
struct piece {
	uint32_t first;
	prove_fn to;
};

struct pieces {
	struct piece *v;
	size_t len, room;
	uint32_t begin; /* the word's first level */
	uint32_t mask;	/* bits outside are taken to be 0 */
	size_t max;	/* not more of them; past it, len is max + 1 */
};

static const struct prove_node *node_of(const struct maker *m, prove_fn fn)
{
	return prove_node_of(m->space, fn);
}

/* Does FN still ask for a bit of the word whose first level is BEGIN? */
static bool is_inside(const struct maker *m, uint32_t begin, prove_fn fn)
{
	return node_of(m, fn)->level < begin + 32;
}

static uint32_t word_begin(const struct maker *m, prove_fn fn)
{
	return node_of(m, fn)->level / 32 * 32;
}

/* The bit that a node asks for. */
static uint32_t bit_of(const struct prove_node *n)
{
	return 1u << (31 - n->level % 32);
}

/* ---- intervals ---- */

static void add_piece(struct maker *m, struct pieces *list, uint32_t first, prove_fn to)
{
	struct piece *v;

	if (list->len > list->max || (list->len > 0 && list->v[list->len - 1].to == to))
		return;
	v = arena_grow(m->ir->arena, list->v, list->len, &list->room, sizeof(*v));
	if (!v) {
		m->ir->status = -ENOMEM;
		return;
	}
	list->v = v;
	v[list->len++] = (struct piece){ first, to };
}

/* Visits the values from FIRST on whose bits from LEVEL to the end of the word vary. */
/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call, 32 at most */
static void split(struct maker *m, struct pieces *list, uint32_t level, uint32_t first, prove_fn fn)
{
	const struct prove_node *n = node_of(m, fn);
	uint32_t bit;
	bool asked;

	if (m->ir->status || list->len > list->max)
		return;
	if (n->level >= list->begin + 32) {
		add_piece(m, list, first, fn);
		return;
	}
	if (!prove_spend(m->space, 1))
		return;
	asked = n->level == level;
	bit = 1u << (31 - level % 32);
	split(m, list, level + 1, first, asked ? n->low : fn);
	if (list->mask & bit)
		split(m, list, level + 1, first | bit, asked ? n->high : fn);
}

static struct pieces find_pieces(struct maker *m, prove_fn fn, uint32_t mask, size_t max)
{
	struct pieces list = { .begin = word_begin(m, fn), .mask = mask, .max = max };

	split(m, &list, list.begin, 0, fn);
	return list;
}

/* What search_tree() makes of them, about: a test for each boundary, one for both of a point's. */
static uint32_t cost_of_pieces(const struct pieces *list)
{
	uint32_t cost = 0;

	if (list->len > list->max)
		return COST_MAX;
	for (size_t i = 1; i < list->len; i++) {
		cost++;
		if (i + 1 < list->len && list->v[i + 1].first - list->v[i].first == 1 &&
		    list->v[i - 1].to == list->v[i + 1].to)
			i++;
	}
	return cost;
}

/* ---- chains ---- */

/* From a node on: bits that must have given values, or the exit is taken. */
struct chain {
	uint32_t mask, value;
	prove_fn exit, rest;
};

static struct chain find_chain(const struct maker *m, prove_fn fn, bool exit_high)
{
	const struct prove_node *n = node_of(m, fn);
	uint32_t begin = word_begin(m, fn);
	struct chain c = { .exit = exit_high ? n->high : n->low, .rest = fn };

	for (; is_inside(m, begin, c.rest); n = node_of(m, c.rest)) {
		if (n->low != c.exit && n->high != c.exit)
			break;
		c.mask |= bit_of(n);
		if (n->low == c.exit)
			c.value |= bit_of(n);
		c.rest = n->low == c.exit ? n->high : n->low;
	}
	return c;
}

/* One bit, or bits that must all be 0, take a `jset`; others an `and` as well. */
static bool is_jset(const struct chain *c)
{
	return c->value == 0 || (c->mask & (c->mask - 1)) == 0;
}

/* ---- choosing ---- */

static const struct plan *find_plan(struct maker *m, prove_fn fn);

static uint32_t cost_inside(struct maker *m, uint32_t begin, prove_fn fn)
{
	return is_inside(m, begin, fn) ? find_plan(m, fn)->cost : 0;
}

static uint32_t support_inside(const struct maker *m, uint32_t begin, prove_fn fn)
{
	return is_inside(m, begin, fn) ? m->plans[fn].support : 0;
}

static uint32_t at_most(uint32_t cost)
{
	return cost < COST_MAX ? cost : COST_MAX;
}

static void try_chain(struct maker *m, prove_fn fn, struct plan *plan, bool exit_high)
{
	struct chain c = find_chain(m, fn, exit_high);
	uint32_t begin = word_begin(m, fn);
	uint32_t cost = at_most(cost_inside(m, begin, c.rest) + cost_inside(m, begin, c.exit) +
				(is_jset(&c) ? 1 : 2));

	if (plan->way != WAY_UNKNOWN && plan->cost <= cost)
		return;
	plan->way = WAY_CHAIN;
	plan->cost = cost;
	plan->exit_high = exit_high;
}

static void try_pieces(struct maker *m, prove_fn fn, struct plan *plan, enum way way)
{
	bool masked = way == WAY_MASKED;
	uint32_t extra = masked, cost;
	struct pieces list;

	if (masked && plan->support == UINT32_MAX)
		return;
	/* A point has two boundaries and takes one test. */
	list = find_pieces(m, fn, masked ? plan->support : UINT32_MAX,
			   2 * (size_t)plan->cost + 1 < INTERVALS_MAX ? 2 * (size_t)plan->cost + 1
								      : INTERVALS_MAX);
	cost = cost_of_pieces(&list) + extra;
	if (cost > plan->cost || (masked && cost == plan->cost))
		return;
	plan->way = way;
	plan->cost = cost;
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call, 32 at most */
static const struct plan *find_plan(struct maker *m, prove_fn fn)
{
	const struct prove_node *n = node_of(m, fn);
	uint32_t begin = word_begin(m, fn);
	struct plan plan = { 0 };

	if (m->plans[fn].way != WAY_UNKNOWN || m->ir->status || prove_status(m->space) != 0)
		return &m->plans[fn];
	(void)cost_inside(m, begin, n->low);
	(void)cost_inside(m, begin, n->high);
	plan.support =
		bit_of(n) | support_inside(m, begin, n->low) | support_inside(m, begin, n->high);
	try_chain(m, fn, &plan, true);
	try_chain(m, fn, &plan, false);
	try_pieces(m, fn, &plan, WAY_INTERVALS);
	try_pieces(m, fn, &plan, WAY_MASKED);
	m->plans[fn] = plan;
	return &m->plans[fn];
}

/* ---- writing ---- */

static ir_ref make(struct maker *m, prove_fn fn);

static ir_ref make_intervals(struct maker *m, prove_fn fn, uint32_t mask)
{
	unsigned word = prove_level_word(node_of(m, fn)->level);
	struct pieces list = find_pieces(m, fn, mask, INTERVALS_MAX);
	struct intervals map = { 0 };

	if (list.len > list.max && !m->ir->status)
		m->ir->status = -E2BIG;
	for (size_t i = 0; i < list.len && !m->ir->status; i++)
		intervals_add(m->ir, &map,
			      (struct interval){ list.v[i].first, make(m, list.v[i].to), { 0 } });
	if (m->ir->status || prove_status(m->space) != 0)
		return IR_FAILED;
	if (word == CBPF_NR && mask == IR_WHOLE)
		intervals_join_tail(m->ir, &map);
	return search_tree(m->ir, word, mask, &map);
}

static ir_ref make_chain(struct maker *m, prove_fn fn, bool exit_high)
{
	struct chain c = find_chain(m, fn, exit_high);
	ir_ref exit = make(m, c.exit), rest = make(m, c.rest);
	struct ir_node n = {
		.word = (uint8_t)prove_level_word(node_of(m, fn)->level),
		.mask = IR_WHOLE,
	};

	if (is_jset(&c)) {
		n.op = IR_SET;
		n.k = c.mask;
		n.yes = c.value ? rest : exit;
		n.no = c.value ? exit : rest;
	} else {
		n.op = IR_EQ;
		n.mask = c.mask;
		n.k = c.value;
		n.yes = rest;
		n.no = exit;
	}
	return ir_test(m->ir, n);
}

/* NOLINTNEXTLINE(misc-no-recursion): further down the levels with each call */
static ir_ref make(struct maker *m, prove_fn fn)
{
	const struct prove_node *n = node_of(m, fn);
	const struct plan *plan;

	if (m->made[fn] != IR_FAILED || m->ir->status || prove_status(m->space) != 0)
		return m->made[fn];
	if (n->level == PROVE_LEVELS) {
		m->made[fn] = ir_leaf(m->ir, n->low, (struct span){ 0 });
		return m->made[fn];
	}
	plan = find_plan(m, fn);
	if (plan->way == WAY_CHAIN)
		m->made[fn] = make_chain(m, fn, plan->exit_high);
	else
		m->made[fn] =
			make_intervals(m, fn, plan->way == WAY_MASKED ? plan->support : IR_WHOLE);
	return m->made[fn];
}

ir_ref merge_graph(struct ir *ir, struct prove_space *space, prove_fn fn)
{
	size_t nodes = prove_space_nodes(space);
	struct maker m = {
		.ir = ir,
		.space = space,
		.plans = arena_array(ir->arena, nodes, sizeof(*m.plans)),
		.made = arena_array(ir->arena, nodes, sizeof(*m.made)),
	};

	if (!m.plans || !m.made) {
		ir->status = -ENOMEM;
		return IR_FAILED;
	}
	return make(&m, fn);
}
