/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decision graph by itself: a node means what was asked for, equal nodes are one, and each
 * pass keeps the meaning of random graphs, far more tangled than any that rules become.
 *
 * test-ir [SEED]
 */
#include <errno.h>

#include "compile/graph.h"

#include "gen.h"
#include "tap.h"

#define GRAPHS 3000
#define CALLS  60

static const struct compile_options NO_OPTIONS;
static const struct span NOWHERE;

/* What a test says, spelt out. */
static bool holds(const struct ir_node *n, const struct seccomp_data *data)
{
	uint32_t value = cbpf_data_word(data, n->word) & n->mask;

	if (n->op == IR_EQ)
		return value == n->k;
	return n->op == IR_GE ? value >= n->k : (value & n->k) != 0;
}

static uint32_t answer(const struct ir *ir, ir_ref r, const struct seccomp_data *data)
{
	while (!ir_is_leaf(ir, r))
		r = holds(&ir->nodes[r], data) ? ir->nodes[r].yes : ir->nodes[r].no;
	return ir->nodes[r].k;
}

/* Few words and small numbers, so that tests of one path have to do with each other. */
static struct ir_node random_node(struct gen *g, const struct ir *ir)
{
	static const uint32_t MASKS[] = { IR_WHOLE, IR_WHOLE, 7, 6, 0xff, 4, 0, 0xfffffff0 };
	unsigned newest = ir->len < 6 ? (unsigned)ir->len - 1 : 6;
	struct ir_node n = { .op = (uint8_t)(IR_EQ + gen_below(g, 3)),
			     .word = (uint8_t)(CBPF_ARG0_LOW + gen_below(g, 2)),
			     .mask = MASKS[gen_below(g, ARRAY_LEN(MASKS))] };

	n.k = gen_once_in(g, 8) ? (uint32_t)gen_next(g) : gen_below(g, 10);
	if (gen_once_in(g, 12))
		n.k = n.mask;
	n.yes = (ir_ref)(ir->len - 1 - gen_below(g, newest));
	n.no = (ir_ref)(ir->len - 1 - gen_below(g, newest));
	return n;
}

static struct seccomp_data random_call(struct gen *g)
{
	struct seccomp_data data = { 0 };

	for (unsigned w = CBPF_ARG0_LOW; w <= CBPF_ARG0_HIGH; w++)
		cbpf_data_set_word(&data, w,
				   gen_once_in(g, 6) ? (uint32_t)gen_next(g) : gen_below(g, 18));
	return data;
}

/* A graph of random tests; false: a node that doesn't mean what was asked for. */
static bool random_graph(struct gen *g, struct ir *ir, ir_ref *root)
{
	unsigned wanted = 2 + gen_below(g, 40);
	bool right = true;

	ir_init(ir, g->arena, &NO_OPTIONS);
	for (uint32_t i = 1; i <= 3; i++)
		*root = ir_leaf(ir, SECCOMP_RET_ERRNO | i, NOWHERE);
	for (unsigned i = 0; i < wanted; i++) {
		struct ir_node n = random_node(g, ir);
		ir_ref r = ir_test(ir, n);

		right &= ir_test(ir, n) == r;
		for (int j = 0; j < 8; j++) {
			struct seccomp_data data = random_call(g);

			right &= answer(ir, r, &data) ==
				 answer(ir, holds(&n, &data) ? n.yes : n.no, &data);
		}
		*root = r;
	}
	return right;
}

static size_t size(struct ir *ir, ir_ref root)
{
	bool *reached = ir_reachable(ir, root);
	size_t n = 0;

	for (size_t i = 0; reached && i <= root; i++)
		n += reached[i];
	return n;
}

static const struct {
	const char *name;
	ir_ref (*run)(struct ir *ir, ir_ref root);
	bool shrinks; /* never makes a graph larger */
} PASSES[] = {
	{ "known", pass_known, true },
	{ "switch", pass_switch, false },
};

static void test_pass(size_t pass, uint64_t seed)
{
	bool nodes = true, meaning = true, valid = true, smaller = true;

	for (uint64_t i = 0; i < GRAPHS; i++) {
		struct arena arena;
		struct gen g = { .state = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1,
				 .arena = &arena };
		struct ir ir;
		ir_ref before, after;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		nodes &= random_graph(&g, &ir, &before);
		after = PASSES[pass].run(&ir, before);
		valid &= !ir.status && !ir_validate(&ir, after);
		smaller &= size(&ir, after) <= size(&ir, before);
		for (int j = 0; j < CALLS; j++) {
			struct seccomp_data data = random_call(&g);

			meaning &= answer(&ir, before, &data) == answer(&ir, after, &data);
		}
		arena_deinit(&arena);
	}
	ok(nodes, "each node of %d graphs means what was asked for (seed %llu)", GRAPHS,
	   (unsigned long long)seed);
	ok(meaning, "pass %s keeps their meaning", PASSES[pass].name);
	ok(valid, "pass %s leaves them valid", PASSES[pass].name);
	if (PASSES[pass].shrinks)
		ok(smaller, "pass %s makes none larger", PASSES[pass].name);
}

#define EQ(w, key)                                                                                 \
	{                                                                                          \
		.op = IR_EQ, .word = w, .mask = IR_WHOLE, .k = key                                 \
	}
#define GE(w, key)                                                                                 \
	{                                                                                          \
		.op = IR_GE, .word = w, .mask = IR_WHOLE, .k = key                                 \
	}
#define SET(w, key)                                                                                \
	{                                                                                          \
		.op = IR_SET, .word = w, .mask = IR_WHOLE, .k = key                                \
	}
#define MASKED(w, bits, key)                                                                       \
	{                                                                                          \
		.op = IR_EQ, .word = w, .mask = bits, .k = key                                     \
	}

/* Two tests in a row: what does the second one say once the first one has passed, or has not? */
static const struct {
	const char *name;
	struct ir_node first, second;
	char passed, failed; /* '1': it holds, '0': it doesn't, '?': it has to be asked */
} KNOWN[] = {
	{ "the same test", EQ(4, 5), EQ(4, 5), '1', '0' },
	{ "another word", EQ(4, 5), EQ(5, 5), '?', '?' },
	{ "another value", EQ(4, 5), EQ(4, 6), '0', '?' },
	{ "a value has its bits", EQ(4, 5), SET(4, 4), '1', '?' },
	{ "a value hasn't other bits", EQ(4, 5), SET(4, 2), '0', '?' },
	{ "a value is in its order", EQ(4, 5), GE(4, 4), '1', '?' },
	{ "a lower bound", GE(4, 5), GE(4, 4), '1', '?' },
	{ "a higher bound", GE(4, 5), GE(4, 6), '?', '0' },
	{ "a value below a bound", GE(4, 5), EQ(4, 4), '0', '?' },
	{ "a value above a bound", GE(4, 5), EQ(4, 6), '?', '0' },
	{ "fewer bits", SET(4, 6), SET(4, 4), '?', '0' },
	{ "more bits", SET(4, 4), SET(4, 6), '1', '?' },
	{ "a masked value has the mask's bits only", MASKED(4, 12, 4), SET(4, 3), '?', '?' },
	{ "a masked value and its bit", MASKED(4, 12, 4), SET(4, 4), '1', '?' },
	{ "a masked value and another one", MASKED(4, 12, 4), MASKED(4, 12, 8), '0', '?' },
	{ "a value and its mask", EQ(4, 5), MASKED(4, 6, 4), '1', '?' },
};

/* What is left of the second test behind the first one. */
static char left_of(ir_ref r, ir_ref yes, ir_ref no)
{
	if (r == yes)
		return '1';
	return r == no ? '0' : '?';
}

static void test_known(struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++) {
		struct ir_node first = KNOWN[i].first, second = KNOWN[i].second;
		struct ir ir;
		ir_ref leaves[3], root, on_yes, on_no;

		ir_init(&ir, arena, &NO_OPTIONS);
		for (uint32_t j = 0; j < ARRAY_LEN(leaves); j++)
			leaves[j] = ir_leaf(&ir, SECCOMP_RET_ERRNO | j, NOWHERE);
		second.yes = leaves[0];
		second.no = leaves[1];
		first.yes = ir_test(&ir, second);
		first.no = leaves[2];
		root = pass_known(&ir, ir_test(&ir, first));
		on_yes = ir.nodes[root].yes;
		first.no = first.yes;
		first.yes = leaves[2];
		root = pass_known(&ir, ir_test(&ir, first));
		on_no = ir.nodes[root].no;
		ok(left_of(on_yes, leaves[0], leaves[1]) == KNOWN[i].passed &&
			   left_of(on_no, leaves[0], leaves[1]) == KNOWN[i].failed,
		   "known: %s", KNOWN[i].name);
	}
}

/* A budget that ends is an error with a status, not a wrong graph. */
static void test_budget(struct arena *arena)
{
	struct ir_node n = EQ(4, 5);
	struct ir ir;

	ir_init(&ir, arena, &NO_OPTIONS);
	n.yes = ir_leaf(&ir, SECCOMP_RET_ALLOW, NOWHERE);
	ir.work = IR_WORK_MAX;
	ok(ir_test(&ir, n) == IR_FAILED && ir.status == -E2BIG,
	   "a graph whose budget is out fails");
	ok(ir.nodes[IR_FAILED].op == IR_RET && ir.nodes[IR_FAILED].k == SECCOMP_RET_KILL_PROCESS,
	   "and what it returns then would kill");
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	for (size_t i = 0; i < ARRAY_LEN(PASSES); i++)
		test_pass(i, seed);
	test_known(&arena);
	test_budget(&arena);
	arena_deinit(&arena);
	return done();
}
