/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbers of policies: -2^63 .. 2^64 - 1, so that both a negative constant and a whole unsigned
 * word are numbers. What leaves this range is an error, never a wrapped value.
 */
#ifndef STRAIT_POLICY_NUMBER_H
#define STRAIT_POLICY_NUMBER_H

#include "policy/lex.h"

struct number {
	uint64_t bits;
	bool is_negative; /* the number is bits - 2^64; the top bit is set */
};

static inline struct number number_of(int64_t value)
{
	return (struct number){ (uint64_t)value, value < 0 };
}

/* *A = *A op B; false where the result, or the distance of a shift, is out of range. */
NODISCARD bool number_apply(struct number *a, enum token_kind op, const struct number *b);
NODISCARD bool number_negate(struct number *a);
/* All 65 bits flipped; past 2^63, where that is no number, the 64 of an unsigned word. */
void number_complement(struct number *a);
/* Whether a word of BITS holds it: signed ones if negative, else unsigned ones or (IS_SIGNED) the
 * signed half. */
bool number_fits(const struct number *a, unsigned bits, bool is_signed);

#endif
