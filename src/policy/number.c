/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See number.h. A number is 65 bits in two's complement: its sign and 64 bits. Sums are made on the
 * 64 bits; what is carried out of them, less the signs, must be 0 (not negative) or -1 (negative,
 * and then the top bit says so too).
 */
#include "policy/number.h"

static bool settle(struct number *a, uint64_t bits, int high)
{
	*a = (struct number){ bits, high == -1 };
	return high == 0 || (high == -1 && bits >> 63);
}

static bool shift_left(struct number *a, const struct number *b)
{
	uint64_t shifted;

	if (b->is_negative || b->bits > 63)
		return false;
	shifted = a->bits << b->bits;
	/* Shifted back, nothing may be missing; what comes in from the left is the sign (gcc and
	 * clang define >> so). */
	if (a->is_negative ? (int64_t)shifted >> b->bits != (int64_t)a->bits
			   : shifted >> b->bits != a->bits)
		return false;
	return settle(a, shifted, -a->is_negative);
}

bool number_apply(struct number *a, enum token_kind op, const struct number *b)
{
	uint64_t bits;
	int carry;

	switch (op) {
	case TOKEN_OR:
		return settle(a, a->bits | b->bits, -(a->is_negative | b->is_negative));
	case TOKEN_AND:
		return settle(a, a->bits & b->bits, -(a->is_negative & b->is_negative));
	case TOKEN_XOR:
		return settle(a, a->bits ^ b->bits, -(a->is_negative ^ b->is_negative));
	case TOKEN_PLUS:
		carry = __builtin_add_overflow(a->bits, b->bits, &bits);
		return settle(a, bits, carry - a->is_negative - b->is_negative);
	case TOKEN_MINUS:
		carry = __builtin_sub_overflow(a->bits, b->bits, &bits);
		return settle(a, bits, b->is_negative - a->is_negative - carry);
	case TOKEN_SHIFT:
		return shift_left(a, b);
	default:
		return false;
	}
}

bool number_negate(struct number *a)
{
	struct number zero = { 0 };

	if (!number_apply(&zero, TOKEN_MINUS, a))
		return false;
	*a = zero;
	return true;
}

void number_complement(struct number *a)
{
	if (!settle(a, ~a->bits, -!a->is_negative))
		a->is_negative = false;
}

bool number_fits(const struct number *a, unsigned bits, bool is_signed)
{
	uint64_t max = UINT64_MAX >> (64 - bits);

	if (a->is_negative)
		return ~a->bits <= max >> 1;
	return a->bits <= (is_signed ? max >> 1 : max);
}
