/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a condition to tests of words.
 *
 * Each test of a policy becomes a sorted list of ranges of unsigned values that it accepts; signed
 * comparisons are ranges after the sign bit is flipped. 64-bit ranges are cut into what the high
 * word decides alone and, for single high words, ranges of the low word. Both are search trees.
 *
 * && || ! take no instruction: a condition is lowered for the two places it leads to.
 */
#include <assert.h>
#include <errno.h>

#include "compile/graph.h"

struct range {
	uint64_t first, last;
};

struct ranges {
	struct range *v;
	size_t len, room;
};

/* One test on its way into the graph. */
struct lowering {
	struct ir *ir;
	struct span span;
	const struct rules_operand *operand;
	uint64_t mask;
	uint64_t max;  /* the operand's highest value, all ones */
	uint64_t bias; /* the sign bit of a signed operand, else 0 */
};

static void add_range(struct ir *ir, struct ranges *list, uint64_t first, uint64_t last)
{
	struct range *v = arena_grow(ir->arena, list->v, list->len, &list->room, sizeof(*v));

	if (!v) {
		ir->status = ir->status ? ir->status : -ENOMEM;
		return;
	}
	list->v = v;
	v[list->len++] = (struct range){ first, last };
}

/* Adds a range of biased values, whose unsigned order is the operand's order. */
static void add_biased(struct lowering *l, struct ranges *list, uint64_t first, uint64_t last)
{
	uint64_t bias = l->bias;

	if ((first & bias) == (last & bias)) {
		add_range(l->ir, list, first ^ bias, last ^ bias);
		return;
	}
	/* From negative to positive: the negative ones are the highest unsigned ones. */
	add_range(l->ir, list, 0, last ^ bias);
	add_range(l->ir, list, first ^ bias, l->max);
}

/* A policy's ranges are of 64-bit values; what the operand can't be is cut off. */
static void add_policy_range(struct lowering *l, struct ranges *list, const struct rules_range *r)
{
	uint64_t first = (uint64_t)r->first, last = (uint64_t)r->last;

	if (l->bias) {
		int64_t highest = (int64_t)(l->max >> 1), lowest = -highest - 1;

		if (r->last < lowest || r->first > highest)
			return;
		first = (uint64_t)(r->first < lowest ? lowest : r->first);
		last = (uint64_t)(r->last > highest ? highest : r->last);
	} else {
		if (first > l->max)
			return;
		if (last > l->max)
			last = l->max;
	}
	add_biased(l, list, (first & l->max) ^ l->bias, (last & l->max) ^ l->bias);
}

/* The values that a comparison accepts; RULES_NE: those that it doesn't. */
static void accepted(struct lowering *l, const struct rules_test *t, struct ranges *list)
{
	uint64_t value = (t->value & l->max) ^ l->bias;

	switch (t->cmp) {
	case RULES_EQ:
	case RULES_NE:
		add_biased(l, list, value, value);
		break;
	case RULES_LT:
		if (value > 0)
			add_biased(l, list, 0, value - 1);
		break;
	case RULES_LE:
		add_biased(l, list, 0, value);
		break;
	case RULES_GT:
		if (value < l->max)
			add_biased(l, list, value + 1, l->max);
		break;
	case RULES_GE:
		add_biased(l, list, value, l->max);
		break;
	case RULES_IN:
		for (size_t i = 0; i < t->nranges; i++)
			add_policy_range(l, list, &t->ranges[i]);
		break;
	}
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Sorts; joins what overlaps or touches. */
static void tidy(struct ranges *list)
{
	size_t len = 0;

	if (list->len == 0)
		return;
	qsort(list->v, list->len, sizeof(*list->v), by_first);
	for (size_t i = 1; i < list->len; i++) {
		struct range *last = &list->v[len];

		if (list->v[i].first > last->last && list->v[i].first - last->last > 1)
			list->v[++len] = list->v[i];
		else if (list->v[i].last > last->last)
			last->last = list->v[i].last;
	}
	list->len = len + 1;
}

/* What is left of 0..MAX. */
static struct ranges complement(struct ir *ir, const struct ranges *list, uint64_t max)
{
	struct ranges rest = { 0 };
	uint64_t next = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (list->v[i].first > next)
			add_range(ir, &rest, next, list->v[i].first - 1);
		if (list->v[i].last == max)
			return rest;
		next = list->v[i].last + 1;
	}
	add_range(ir, &rest, next, max);
	return rest;
}

/* Is word & mask in one of the ranges, of which the low 32 bits count? */
static ir_ref test_word(const struct lowering *l, unsigned word, uint32_t mask,
			const struct ranges *list, struct branches to)
{
	struct intervals map = { 0 };

	intervals_add(l->ir, &map, (struct interval){ 0, to.no, l->span });
	for (size_t i = 0; i < list->len; i++) {
		uint32_t first = (uint32_t)list->v[i].first, last = (uint32_t)list->v[i].last;

		intervals_add(l->ir, &map, (struct interval){ first, to.yes, l->span });
		if (last < UINT32_MAX)
			intervals_add(l->ir, &map, (struct interval){ last + 1, to.no, l->span });
	}
	return search_tree(l->ir, word, mask, &map);
}

/* Do all values have the same high word, and which? */
static bool has_one_high(const struct ranges *list, uint32_t *high)
{
	if (list->len == 0)
		return false;
	*high = (uint32_t)(list->v[0].first >> 32);
	return list->v[list->len - 1].last >> 32 == *high;
}

/*
 * All values have one high word: the low one goes first, because it is the one that differs in
 * calls that really happen.
 */
static ir_ref test_low_first(const struct lowering *l, uint32_t high, const struct ranges *list,
			     struct branches to)
{
	const struct ranges high_only = { &(struct range){ high, high }, 1, 1 };

	to.yes = test_word(l, l->operand->high, (uint32_t)(l->mask >> 32), &high_only, to);
	return test_word(l, l->operand->low, (uint32_t)l->mask, list, to);
}

/* Adds "this high word alone": the ranges in LOW decide; and empties LOW. */
static void add_high(const struct lowering *l, struct intervals *map, uint32_t high,
		     struct ranges *low, struct branches to)
{
	ir_ref inner;

	if (low->len == 0)
		return;
	inner = test_word(l, l->operand->low, (uint32_t)l->mask, low, to);
	intervals_add(l->ir, map, (struct interval){ high, inner, l->span });
	if (high < UINT32_MAX)
		intervals_add(l->ir, map, (struct interval){ high + 1, to.no, l->span });
	low->len = 0;
}

static ir_ref test_high_first(const struct lowering *l, const struct ranges *list,
			      struct branches to)
{
	struct intervals map = { 0 };
	struct ranges low = { 0 };
	uint32_t at = 0; /* the high word that LOW is about */

	intervals_add(l->ir, &map, (struct interval){ 0, to.no, l->span });
	for (size_t i = 0; i < list->len; i++) {
		uint64_t first = list->v[i].first, last = list->v[i].last;
		uint32_t high = (uint32_t)(first >> 32), high_last = (uint32_t)(last >> 32);

		if (high != at)
			add_high(l, &map, at, &low, to);
		at = high;
		if (high < high_last) {
			add_range(l->ir, &low, (uint32_t)first, UINT32_MAX);
			add_high(l, &map, at, &low, to);
			if (high + 1 < high_last)
				intervals_add(l->ir, &map,
					      (struct interval){ high + 1, to.yes, l->span });
			/* Replaced at once if the last high word accepts everything or nothing. */
			intervals_add(l->ir, &map, (struct interval){ high_last, to.no, l->span });
			at = high_last;
			first = 0;
		}
		add_range(l->ir, &low, (uint32_t)first, (uint32_t)last);
	}
	add_high(l, &map, at, &low, to);
	return search_tree(l->ir, l->operand->high, (uint32_t)(l->mask >> 32), &map);
}

static ir_ref test_wide(const struct lowering *l, const struct ranges *list, struct branches to)
{
	struct ranges rest;
	uint32_t high;

	if (has_one_high(list, &high))
		return test_low_first(l, high, list, to);
	rest = complement(l->ir, list, l->max);
	if (has_one_high(&rest, &high))
		return test_low_first(l, high, &rest, (struct branches){ to.no, to.yes });
	return test_high_first(l, list, to);
}

static ir_ref lower_test(struct ir *ir, const struct rules_test *t, struct span span,
			 struct branches to)
{
	unsigned bits = t->operand.bits;
	uint64_t max = UINT64_MAX >> (64 - bits);
	struct lowering l = { .ir = ir,
			      .span = span,
			      .operand = &t->operand,
			      .mask = t->mask & max,
			      .max = max,
			      .bias = t->operand.is_signed ? UINT64_C(1) << (bits - 1) : 0 };
	struct ranges list = { 0 };

	if (t->cmp == RULES_NE)
		to = (struct branches){ to.no, to.yes };
	accepted(&l, t, &list);
	if (ir->status || !ir_charge(ir, list.len + 1))
		return IR_FAILED;
	tidy(&list);
	if (bits == 64)
		return test_wide(&l, &list, to);
	return test_word(&l, t->operand.low, (uint32_t)l.mask, &list, to);
}

/* Left in a loop, right by recursion: rules.h, RULES_DEPTH_MAX. */
static ir_ref lower_condition(struct ir *ir, const struct rules_cond *cond, struct span span,
			      struct branches to, unsigned budget)
{
	assert(budget > 0);
	for (;; cond = cond->left) {
		if (!ir_charge(ir, 1))
			return IR_FAILED;
		switch (cond->kind) {
		case RULES_TEST:
			return lower_test(ir, &cond->test, span, to);
		case RULES_CONST:
			return cond->constant ? to.yes : to.no;
		case RULES_NOT:
			to = (struct branches){ to.no, to.yes };
			break;
		case RULES_AND:
			to.yes = lower_condition(ir, cond->right, span, to, budget - 1);
			break;
		case RULES_OR:
			to.no = lower_condition(ir, cond->right, span, to, budget - 1);
			break;
		}
	}
}

ir_ref condition_lower(struct ir *ir, const struct rules_cond *cond, struct span span,
		       struct branches to)
{
	return lower_condition(ir, cond, span, to, RULES_DEPTH_MAX);
}
