/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts the graph in a line: which node stands where, which loads it needs, which `ret` a jump uses.
 *
 * The line is made from its end to its start, branches before those who jump to them, so that all
 * distances are known when a jump is made. Where no `ret` is within 255 instructions, a new one is
 * put right behind the jump, and those before it find that one: as long as a `ja`, and faster.
 *
 * After a test, A always holds what it tested. So each jump knows whether it can enter the next
 * test behind its load, and a load that nobody enters by is left out.
 */
#include <errno.h>

#include "compile/graph.h"

#define JUMP_MAX 255 /* jt and jf are bytes: struct sock_filter */

/* Where a node stands; of a leaf's `ret`s, the first one. */
struct spot {
	layout_ref item;
	size_t end[LAYOUT_ENTRIES]; /* instructions from there to the program's end; 0: not yet */
	size_t weight;		    /* tests below it, shared ones counted again */
	bool load, mask;	    /* does somebody come without the word, without its mask? */
};

struct maker {
	struct ir *ir;
	struct spot *spots;
	struct layout *out;
	bool failed;
};

/* How to enter node TO when A holds what node FROM tested. */
static enum layout_entry entry_between(const struct ir_node *from, const struct ir_node *to)
{
	if (to->op == IR_RET || from->word != to->word)
		return LAYOUT_LOAD;
	if (from->mask == to->mask)
		return LAYOUT_TEST;
	/* All bits that TO wants are still there. */
	if ((from->mask & to->mask) == to->mask)
		return LAYOUT_MASK;
	return LAYOUT_LOAD;
}

static void note_entry(struct maker *m, const struct ir_node *from, ir_ref to)
{
	const struct ir_node *n = &m->ir->nodes[to];
	enum layout_entry e = entry_between(from, n);
	struct spot *s = &m->spots[to];

	s->load |= e == LAYOUT_LOAD;
	s->mask |= e != LAYOUT_TEST && n->mask != IR_WHOLE;
}

static size_t weigh(const struct maker *m, const struct ir_node *n)
{
	size_t weight = 1 + m->spots[n->yes].weight + m->spots[n->no].weight;

	return weight < SIZE_MAX / 4 ? weight : SIZE_MAX / 4;
}

static void prepare(struct maker *m, const bool *reached, ir_ref root)
{
	for (ir_ref i = 1; i <= root; i++)
		if (reached[i] && !ir_is_leaf(m->ir, i)) {
			const struct ir_node *n = &m->ir->nodes[i];

			note_entry(m, n, n->yes);
			note_entry(m, n, n->no);
			m->spots[i].weight = weigh(m, n);
		}
	m->spots[root].load = true;
	m->spots[root].mask = m->ir->nodes[root].mask != IR_WHOLE;
}

/* Puts an item of SIZE instructions before all others, and returns its number. */
static layout_ref put(struct maker *m, struct layout_item item, size_t size)
{
	struct layout *out = m->out;
	struct layout_item *items =
		arena_grow(m->ir->arena, out->items, out->len, &out->room, sizeof(*items));

	if (!items) {
		m->failed = true;
		return 0;
	}
	out->items = items;
	items[out->len] = item;
	out->size += size;
	return (layout_ref)out->len++;
}

/* Puts a leaf's `ret` here. */
static void put_ret(struct maker *m, ir_ref leaf)
{
	struct spot *s = &m->spots[leaf];

	s->item = put(m, (struct layout_item){ .node = leaf }, 1);
	s->end[LAYOUT_LOAD] = m->out->size;
}

static bool is_near(const struct maker *m, ir_ref to, enum layout_entry e)
{
	size_t end = m->spots[to].end[e];

	return end > 0 && m->out->size - end <= JUMP_MAX;
}

/* The builder puts a `ja` behind a jump that can't reach a test. */
static bool needs_ja(const struct maker *m, ir_ref to, enum layout_entry e)
{
	return !ir_is_leaf(m->ir, to) && !is_near(m, to, e);
}

/* Puts a `ret` here if a jump before it needs that one; false: it doesn't. */
static bool bring_near(struct maker *m, ir_ref to)
{
	if (!ir_is_leaf(m->ir, to) || is_near(m, to, LAYOUT_LOAD) || m->failed)
		return false;
	put_ret(m, to);
	return true;
}

static layout_ref entry_of(const struct maker *m, ir_ref to, enum layout_entry e)
{
	return m->spots[to].item * LAYOUT_ENTRIES + (layout_ref)e;
}

static void put_node(struct maker *m, ir_ref i)
{
	const struct ir_node *n = &m->ir->nodes[i];
	struct spot *s = &m->spots[i];
	enum layout_entry yes = entry_between(n, &m->ir->nodes[n->yes]);
	enum layout_entry no = entry_between(n, &m->ir->nodes[n->no]);

	m->out->size += needs_ja(m, n->yes, yes) + needs_ja(m, n->no, no);
	/* What one branch gets pushes the other one further away. */
	while (bring_near(m, n->yes) || bring_near(m, n->no))
		;
	s->item = put(m,
		      (struct layout_item){ .node = i,
					    .load = s->load,
					    .mask = s->mask,
					    .yes = entry_of(m, n->yes, yes),
					    .no = entry_of(m, n->no, no) },
		      1);
	s->end[LAYOUT_TEST] = m->out->size;
	m->out->size += s->mask;
	s->end[LAYOUT_MASK] = m->out->size;
	m->out->size += s->load;
	s->end[LAYOUT_LOAD] = m->out->size;
}

/* A branch that has no place yet; the larger one first, so that the smaller one is jumped over. */
static ir_ref next_branch(const struct maker *m, ir_ref i)
{
	const struct ir_node *n = &m->ir->nodes[i];
	bool yes_first = m->spots[n->yes].weight > m->spots[n->no].weight;
	const ir_ref order[] = { yes_first ? n->yes : n->no, yes_first ? n->no : n->yes };

	for (size_t j = 0; j < ARRAY_LEN(order); j++)
		if (!ir_is_leaf(m->ir, order[j]) && m->spots[order[j]].end[LAYOUT_TEST] == 0)
			return order[j];
	return IR_FAILED;
}

/* Depth first, without recursion: chains of rules are thousands deep. */
static void put_graph(struct maker *m, ir_ref root)
{
	ir_ref *path = arena_array(m->ir->arena, (size_t)root + 1, sizeof(*path));
	size_t depth = 0;

	if (!path) {
		m->failed = true;
		return;
	}
	path[depth++] = root;
	while (depth > 0 && !m->failed) {
		ir_ref next = next_branch(m, path[depth - 1]);

		if (next != IR_FAILED)
			path[depth++] = next;
		else
			put_node(m, path[--depth]);
	}
}

int layout_graph(struct ir *ir, ir_ref root, struct layout *out)
{
	struct maker m = { .ir = ir, .out = out };
	bool *reached = ir_reachable(ir, root);

	*out = (struct layout){ 0 };
	m.spots = arena_array(ir->arena, (size_t)root + 1, sizeof(*m.spots));
	if (!reached || !m.spots)
		return -ENOMEM;
	if (ir_is_leaf(ir, root)) {
		put_ret(&m, root);
	} else {
		prepare(&m, reached, root);
		put_graph(&m, root);
	}
	return m.failed ? -ENOMEM : 0;
}
