/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The meaning of rules, straight from the sentences of rules.h. The numbers of each list are split
 * in halves until all entries left for a half have all of it, so that no order and no number of
 * entries makes it slow; there, the entries are put together from the last to the first.
 */
#include "prove/space.h"

#include <assert.h>
#include <errno.h>

/* ---- conditions ---- */

/* Bit I of the value under test. */
static prove_fn test_bit(struct prove_space *space, const struct rules_test *t, unsigned i)
{
	if (!(t->mask >> i & 1))
		return PROVE_FALSE;
	return prove_bit(space, i < 32 ? t->operand.low : t->operand.high, i % 32);
}

/* Whether the value under test is BOUND. */
static prove_fn equals(struct prove_space *space, const struct rules_test *t, uint64_t bound)
{
	prove_fn answer = PROVE_TRUE;

	for (unsigned i = 0; i < t->operand.bits; i++) {
		prove_fn bit = test_bit(space, t, i);

		if (bound >> i & 1)
			answer = prove_ite(space, bit, answer, PROVE_FALSE);
		else
			answer = prove_ite(space, bit, PROVE_FALSE, answer);
	}
	return answer;
}

/*
 * Whether the value under test is below BOUND, or where it equals it: SAME. From the lowest bit up;
 * the highest bit of a signed value weighs less than nothing, so there 1 is the smaller one.
 */
static prove_fn below(struct prove_space *space, const struct rules_test *t, uint64_t bound,
		      prove_fn same)
{
	prove_fn answer = same;

	for (unsigned i = 0; i < t->operand.bits; i++) {
		prove_fn bit = test_bit(space, t, i);
		bool is_sign = t->operand.is_signed && i == t->operand.bits - 1u;

		if (bound >> i & 1)
			answer = prove_ite(space, bit, answer, is_sign ? PROVE_FALSE : PROVE_TRUE);
		else
			answer = prove_ite(space, bit, is_sign ? PROVE_TRUE : PROVE_FALSE, answer);
	}
	return answer;
}

/* Cuts a range to what the operand's bits can hold; false if nothing is left. */
static bool clip(const struct rules_operand *o, struct rules_range *r)
{
	uint64_t ones = o->bits == 64 ? UINT64_MAX : (UINT64_C(1) << o->bits) - 1;
	int64_t highest = (int64_t)(ones >> 1), lowest = -highest - 1;

	if (!o->is_signed) {
		if ((uint64_t)r->last > ones)
			r->last = (int64_t)ones;
		return (uint64_t)r->first <= (uint64_t)r->last;
	}
	if (r->first < lowest)
		r->first = lowest;
	if (r->last > highest)
		r->last = highest;
	return r->first <= r->last;
}

static prove_fn in_ranges(struct prove_space *space, const struct rules_test *t)
{
	prove_fn answer = PROVE_FALSE;

	for (size_t i = 0; i < t->nranges && prove_spend(space, 1); i++) {
		struct rules_range r = t->ranges[i];
		prove_fn inside;

		if (!clip(&t->operand, &r))
			continue;
		inside = prove_ite(space, below(space, t, (uint64_t)r.first, PROVE_FALSE),
				   PROVE_FALSE, below(space, t, (uint64_t)r.last, PROVE_TRUE));
		answer = prove_ite(space, inside, PROVE_TRUE, answer);
	}
	return answer;
}

/* YES where the test holds, else NO. */
static prove_fn lower_test(struct prove_space *space, const struct rules_test *t, prove_fn yes,
			   prove_fn no)
{
	switch (t->cmp) {
	case RULES_EQ:
		return prove_ite(space, equals(space, t, t->value), yes, no);
	case RULES_NE:
		return prove_ite(space, equals(space, t, t->value), no, yes);
	case RULES_LT:
		return prove_ite(space, below(space, t, t->value, PROVE_FALSE), yes, no);
	case RULES_LE:
		return prove_ite(space, below(space, t, t->value, PROVE_TRUE), yes, no);
	case RULES_GT:
		return prove_ite(space, below(space, t, t->value, PROVE_TRUE), no, yes);
	case RULES_GE:
		return prove_ite(space, below(space, t, t->value, PROVE_FALSE), no, yes);
	case RULES_IN:
		return prove_ite(space, in_ranges(space, t), yes, no);
	}
	assert(!"a comparison outside enum rules_cmp");
	return PROVE_FALSE;
}

/*
 * YES where the condition holds, else NO. The right operand is settled first and becomes one of the
 * ways out of the left one, so only the right side recurses: DEPTH is RULES_DEPTH_MAX's.
 */
/* NOLINTNEXTLINE(misc-no-recursion): its depth is limited */
static prove_fn lower_cond(struct prove_space *space, const struct rules_cond *cond, prove_fn yes,
			   prove_fn no, unsigned depth)
{
	assert(depth > 0);
	for (; prove_spend(space, 1); cond = cond->left) {
		prove_fn t;

		switch (cond->kind) {
		case RULES_TEST:
			return lower_test(space, &cond->test, yes, no);
		case RULES_CONST:
			return cond->constant ? yes : no;
		case RULES_NOT:
			t = yes;
			yes = no;
			no = t;
			break;
		case RULES_AND:
			yes = lower_cond(space, cond->right, yes, no, depth - 1);
			break;
		case RULES_OR:
			no = lower_cond(space, cond->right, yes, no, depth - 1);
			break;
		}
	}
	return PROVE_FALSE;
}

prove_fn prove_cond(struct prove_space *space, const struct rules_cond *cond)
{
	return lower_cond(space, cond, PROVE_TRUE, PROVE_FALSE, RULES_DEPTH_MAX);
}

/* ---- lists ---- */

struct lowering {
	struct prove_space *space;
	const struct rules *rules;
	/* Those in question for each block at work, outer blocks first. */
	const struct rules_entry **entries;
	size_t room;
};

/* Numbers with the same leading bits. */
struct block {
	uint32_t first, last;
	unsigned bits;	 /* how many they have in common */
	size_t at, len;	 /* entries in question: a part of l->entries */
	bool is_uniform; /* each of them has all of the numbers */
};

/* Makes room for LEN entries behind those of B. */
static bool reserve(struct lowering *l, const struct block *b, size_t len)
{
	size_t needed = b->at + b->len + len, room = 2 * needed;
	const struct rules_entry **entries;

	if (needed <= l->room)
		return true;
	entries = arena_array(prove_space_arena(l->space), room, sizeof(const void *));
	if (!entries) {
		prove_fail(l->space, -ENOMEM);
		return false;
	}
	if (b->len > 0)
		memcpy(entries, l->entries, (b->at + b->len) * sizeof(const void *));
	l->entries = entries;
	l->room = room;
	return true;
}

/* Takes from OUTER's entries those that have some of B's numbers, until one has them all and no
 * condition. */
static void narrow(struct lowering *l, const struct block *outer, struct block *b)
{
	b->at = outer->at + outer->len;
	b->len = 0;
	b->is_uniform = true;
	if (!reserve(l, outer, outer->len))
		return;
	for (size_t i = 0; i < outer->len; i++) {
		const struct rules_entry *e = l->entries[outer->at + i];
		bool has_all = e->first <= b->first && e->last >= b->last;

		if (e->last < b->first || e->first > b->last)
			continue;
		l->entries[b->at + b->len++] = e;
		if (has_all && !e->cond)
			break;
		b->is_uniform = b->is_uniform && has_all;
	}
}

static prove_fn lower_uniform(struct lowering *l, const struct block *b)
{
	prove_fn answer = prove_leaf(l->space, l->rules->otherwise);

	for (size_t i = b->len; i-- > 0;) {
		const struct rules_entry *e = l->entries[b->at + i];
		prove_fn ret = prove_leaf(l->space, e->ret);

		answer =
			e->cond ? lower_cond(l->space, e->cond, ret, answer, RULES_DEPTH_MAX) : ret;
	}
	return answer;
}

/* NOLINTNEXTLINE(misc-no-recursion): one bit more in common with each call */
static prove_fn lower_block(struct lowering *l, const struct block *b)
{
	struct block half = { .bits = b->bits + 1 };
	prove_fn low, high;

	if (!prove_spend(l->space, 1 + b->len))
		return PROVE_FALSE;
	if (b->is_uniform)
		return lower_uniform(l, b);
	half.first = b->first;
	half.last = b->first + (b->last - b->first) / 2;
	narrow(l, b, &half);
	low = lower_block(l, &half);
	half.first = half.last + 1;
	half.last = b->last;
	narrow(l, b, &half);
	high = lower_block(l, &half);
	return prove_ite(l->space, prove_bit(l->space, CBPF_NR, 31 - b->bits), high, low);
}

static prove_fn lower_abi(struct lowering *l, const struct rules_abi *abi)
{
	struct block all = { .last = UINT32_MAX };

	if (!reserve(l, &all, abi->len))
		return PROVE_FALSE;
	all.len = abi->len;
	for (size_t i = 0; i < abi->len; i++)
		l->entries[i] = &abi->entries[i];
	return lower_block(l, &all);
}

/* Whether a call is the ABI's: its token, and on x86 whether bit 30 of the number makes it x32's.
 */
static prove_fn is_call_of(struct prove_space *space, const struct arch *arch)
{
	const struct rules_test token = { .operand = { .low = CBPF_ARCH, .bits = 32 },
					  .mask = UINT64_MAX };
	prove_fn is_token = equals(space, &token, arch->audit);
	prove_fn is_x32 = prove_bit(space, CBPF_NR, 30);

	assert(ARCH_X32_BIT == 1u << 30);
	if (arch->column == ARCH_X32)
		return prove_ite(space, is_token, is_x32, PROVE_FALSE);
	if (arch->column == ARCH_X86_64)
		return prove_ite(space, is_token, prove_ite(space, is_x32, PROVE_FALSE, PROVE_TRUE),
				 PROVE_FALSE);
	return is_token;
}

int prove_rules(struct prove_space *space, const struct rules *rules, prove_fn *out)
{
	struct lowering l = { .space = space, .rules = rules };
	prove_fn answer = prove_leaf(space, rules->foreign);

	for (size_t i = 0; i < rules->len; i++) {
		prove_fn fn = lower_abi(&l, &rules->abis[i]);

		answer = prove_ite(space, is_call_of(space, rules->abis[i].arch), fn, answer);
	}
	*out = answer;
	return prove_status(space);
}
