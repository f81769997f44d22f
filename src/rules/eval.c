/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The meaning of rules, written to be read and believed: no caching, no cleverness. The compiler is
 * tested against this file and the prover proves against the same sentences.
 *
 * A call belongs to one ABI's list, or is foreign. The first entry of the list that has the number
 * and whose condition holds decides; without one, the default does.
 */
#include "rules/rules.h"

#include <assert.h>

/* The lowest BITS bits of a 64-bit value. */
static uint64_t low_bits(uint64_t value, unsigned bits)
{
	return bits == 64 ? value : value & ((UINT64_C(1) << bits) - 1);
}

/* Two's complement: the value's highest bit weighs -2^(bits-1). */
static int64_t sign_extend(uint64_t value, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	return (int64_t)((low_bits(value, bits) ^ sign) - sign);
}

static uint64_t operand_value(const struct rules_operand *o, const struct seccomp_data *data)
{
	uint64_t value = cbpf_data_word(data, o->low);

	if (o->bits == 64)
		value |= (uint64_t)cbpf_data_word(data, o->high) << 32;
	return low_bits(value, o->bits);
}

/* -1, 0 or 1: A below, equal to or above B, both extended to 64 bits as the operand says. */
static int compare(uint64_t a, uint64_t b, bool is_signed)
{
	if (a == b)
		return 0;
	if (is_signed)
		return (int64_t)a < (int64_t)b ? -1 : 1;
	return a < b ? -1 : 1;
}

static bool in_ranges(const struct rules_test *t, uint64_t value)
{
	bool is_signed = t->operand.is_signed;

	for (size_t i = 0; i < t->nranges; i++)
		if (compare(value, (uint64_t)t->ranges[i].first, is_signed) >= 0 &&
		    compare(value, (uint64_t)t->ranges[i].last, is_signed) <= 0)
			return true;
	return false;
}

static bool eval_test(const struct rules_test *t, const struct seccomp_data *data)
{
	const struct rules_operand *o = &t->operand;
	uint64_t a = operand_value(o, data) & t->mask;
	uint64_t b = low_bits(t->value, o->bits);
	int order;

	if (o->is_signed) {
		a = (uint64_t)sign_extend(a, o->bits);
		b = (uint64_t)sign_extend(b, o->bits);
	}
	order = compare(a, b, o->is_signed);
	switch (t->cmp) {
	case RULES_EQ:
		return order == 0;
	case RULES_NE:
		return order != 0;
	case RULES_LT:
		return order < 0;
	case RULES_LE:
		return order <= 0;
	case RULES_GT:
		return order > 0;
	case RULES_GE:
		return order >= 0;
	case RULES_IN:
		return in_ranges(t, a);
	}
	assert(!"a comparison outside enum rules_cmp");
	return false;
}

/*
 * Goes left in a loop and right by recursion, because `a && b && c ...` is deep on the left and may
 * have thousands of terms, while only parentheses are deep on the right. Tests have no side
 * effects, so that looking at the right one first changes nothing.
 */
static bool eval_cond(const struct rules_cond *cond, const struct seccomp_data *data,
		      unsigned budget)
{
	bool inverted = false;

	assert(budget > 0);
	for (;; cond = cond->left) {
		switch (cond->kind) {
		case RULES_TEST:
			return eval_test(&cond->test, data) != inverted;
		case RULES_CONST:
			return cond->constant != inverted;
		case RULES_NOT:
			inverted = !inverted;
			break;
		case RULES_AND:
			if (!eval_cond(cond->right, data, budget - 1))
				return inverted;
			break;
		case RULES_OR:
			if (eval_cond(cond->right, data, budget - 1))
				return !inverted;
			break;
		}
	}
}

bool rules_eval_cond(const struct rules_cond *cond, const struct seccomp_data *data)
{
	return eval_cond(cond, data, RULES_DEPTH_MAX);
}

struct rules_verdict rules_eval(const struct rules *r, const struct seccomp_data *data)
{
	uint32_t nr = (uint32_t)data->nr;
	const struct rules_abi *abi = rules_abi_of_call(r, data->arch, nr);

	if (!abi)
		return (struct rules_verdict){ r->foreign, r->foreign_span, NULL,
					       r->foreign_answer };
	for (size_t i = 0; i < abi->len; i++) {
		const struct rules_entry *e = &abi->entries[i];

		if (nr < e->first || nr > e->last)
			continue;
		if (!e->cond || rules_eval_cond(e->cond, data))
			return (struct rules_verdict){ e->ret, e->span, e, e->answer };
	}
	return (struct rules_verdict){ r->otherwise, r->otherwise_span, NULL, r->otherwise_answer };
}
