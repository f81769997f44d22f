/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leads each jump past the tests that are decided by the tests on the way to it.
 *
 * What is known at a node are the tests that every path to it has passed, with their outcomes: a
 * list that grows by one along a jump and, where jumps meet, is cut back to what they have in
 * common. The pass only redirects jumps, so it never adds a node.
 */
#include <errno.h>

#include "compile/graph.h"

/* A test on the way and its outcome. */
struct fact {
	const struct fact *before;
	unsigned depth; /* how many facts before it, itself included */
	ir_ref node;
	bool outcome;
};

/* How far back to look, and how often in all: where they end, the graph just stays as it is. */
#define LOOK_BACK 64
#define LOOKS_MAX (1u << 20)

/* What is known at a node. */
struct state {
	bool met; /* a jump to it has been seen; without one the facts mean nothing */
	const struct fact *facts;
};

struct known {
	struct ir *ir;
	struct state *states; /* of each node */
	unsigned looks;
};

/* The longest list that both begin with. */
static const struct fact *common(struct ir *ir, const struct fact *a, const struct fact *b)
{
	size_t steps = 0;

	for (; a != b; steps++) {
		if (!b || (a && a->depth > b->depth)) {
			a = a->before;
		} else if (!a || b->depth > a->depth) {
			b = b->before;
		} else {
			a = a->before;
			b = b->before;
		}
	}
	ir_charge(ir, steps);
	return a;
}

/* What is known of one word, and of word & mask. */
struct value {
	uint32_t ones, zeros; /* bits known to be set, to be clear */
	uint32_t min, max;    /* of word & mask */
};

/* A fact about the same word narrows the value. */
static void narrow(struct value *v, const struct ir_node *f, bool outcome, uint32_t mask)
{
	if (f->op == IR_SET && !outcome)
		v->zeros |= f->k;
	else if (f->op == IR_SET && (f->k & (f->k - 1)) == 0)
		v->ones |= f->k;
	if (f->op == IR_EQ && outcome) {
		v->ones |= f->k;
		v->zeros |= f->mask & ~f->k;
	}
	if (f->op != IR_GE || f->mask != mask)
		return;
	if (outcome && f->k > v->min)
		v->min = f->k;
	if (!outcome && f->k - 1 < v->max)
		v->max = f->k - 1;
}

enum answer { NO, YES, UNDECIDED };

static enum answer answer_by_value(const struct ir_node *n, struct value v)
{
	if (n->op == IR_SET) {
		if (n->k & v.ones)
			return YES;
		return n->k & ~v.zeros ? UNDECIDED : NO;
	}
	if ((v.ones & n->mask) > v.min)
		v.min = v.ones & n->mask;
	if ((n->mask & ~v.zeros) < v.max)
		v.max = n->mask & ~v.zeros;
	if (n->op == IR_GE) {
		if (v.min >= n->k)
			return YES;
		return v.max < n->k ? NO : UNDECIDED;
	}
	if (n->k < v.min || n->k > v.max || n->k & v.zeros || v.ones & n->mask & ~n->k)
		return NO;
	return v.min == v.max ? YES : UNDECIDED;
}

/* Does a fact answer a test of the same word by itself? */
static enum answer answer_by_fact(const struct ir_node *n, const struct ir_node *f, bool outcome)
{
	if (f->op != n->op)
		return UNDECIDED;
	if (f->mask == n->mask && f->k == n->k)
		return outcome ? YES : NO;
	/* One of the bits in f->k is set, and n asks for these and more. */
	if (f->op == IR_SET && outcome && !(f->k & ~n->k))
		return YES;
	return UNDECIDED;
}

static enum answer answer(struct ir *ir, const struct ir_node *n, const struct fact *fact)
{
	struct value v = { .max = n->mask };

	for (unsigned i = 0; fact && i < LOOK_BACK; i++, fact = fact->before) {
		const struct ir_node *f = &ir->nodes[fact->node];
		enum answer direct;

		if (f->word != n->word)
			continue;
		direct = answer_by_fact(n, f, fact->outcome);
		if (direct != UNDECIDED)
			return direct;
		narrow(&v, f, fact->outcome, n->mask);
	}
	return answer_by_value(n, v);
}

/* Where a jump out of node FROM should go, and tells that place what is known. */
static ir_ref redirect(struct known *k, ir_ref from, bool outcome)
{
	struct ir *ir = k->ir;
	ir_ref to = outcome ? ir->nodes[from].yes : ir->nodes[from].no;
	const struct fact *before = k->states[from].facts;
	struct fact *fact;
	struct state *at;

	if (ir_is_leaf(ir, to))
		return to;
	fact = arena_alloc(ir->arena, sizeof(*fact));
	if (!fact) {
		ir->status = -ENOMEM;
		return to;
	}
	*fact = (struct fact){ before, before ? before->depth + 1 : 1, from, outcome };
	while (!ir_is_leaf(ir, to) && k->looks++ < LOOKS_MAX) {
		enum answer a = answer(ir, &ir->nodes[to], fact);

		if (a == UNDECIDED)
			break;
		to = a == YES ? ir->nodes[to].yes : ir->nodes[to].no;
	}
	at = &k->states[to];
	at->facts = at->met ? common(ir, at->facts, fact) : fact;
	at->met = true;
	return to;
}

ir_ref pass_known(struct ir *ir, ir_ref root)
{
	size_t len = (size_t)root + 1;
	struct known k = { .ir = ir, .states = arena_array(ir->arena, len, sizeof(*k.states)) };
	struct branches *to = arena_array(ir->arena, len, sizeof(*to));
	ir_ref *now = arena_array(ir->arena, len, sizeof(*now));

	if (!k.states || !to || !now) {
		ir->status = -ENOMEM;
		return root;
	}
	k.states[root].met = true;
	for (size_t i = root; i > 0; i--)
		if (k.states[i].met && !ir_is_leaf(ir, (ir_ref)i))
			to[i] = (struct branches){ redirect(&k, (ir_ref)i, true),
						   redirect(&k, (ir_ref)i, false) };
	for (size_t i = 1; i < len; i++) {
		struct ir_node n = ir->nodes[i];

		now[i] = (ir_ref)i;
		if (n.op == IR_RET || !k.states[i].met)
			continue;
		n.yes = now[to[i].yes];
		n.no = now[to[i].no];
		now[i] = ir_test(ir, n);
	}
	return now[root];
}
