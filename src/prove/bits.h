/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit value that depends on the call: one boolean function for each bit, and the machine's
 * arithmetic on such values, written as the circuits of a textbook. A constant is 32 times
 * PROVE_FALSE or PROVE_TRUE and makes everything cheap by itself.
 */
#ifndef STRAIT_PROVE_BITS_H
#define STRAIT_PROVE_BITS_H

#include "prove/space.h"

struct prove_bits {
	prove_fn bit[32]; /* the lowest first */
};

void prove_bits_constant(struct prove_bits *out, uint32_t value);
void prove_bits_word(struct prove_space *space, struct prove_bits *out, unsigned word);

/* A op B with BPF_OP's operation, for BPF_ALU but BPF_DIV by zero, which is the caller's to keep
 * away. OUT may be A. */
void prove_bits_alu(struct prove_space *space, uint16_t op, struct prove_bits *out,
		    const struct prove_bits *a, const struct prove_bits *b);
/* The boolean A op B with BPF_OP's operation, for BPF_JMP. */
prove_fn prove_bits_compare(struct prove_space *space, uint16_t op, const struct prove_bits *a,
			    const struct prove_bits *b);
/* The function whose leaves are the value. */
prove_fn prove_bits_value(struct prove_space *space, const struct prove_bits *a);

#endif
