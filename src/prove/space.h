/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagrams from the inside: nodes, and the operations that everything else is built from.
 *
 * PROVE_FALSE and PROVE_TRUE are the leaves 0 and 1 and the first two nodes. All operations
 * remember the first failure in the space and go on with garbage, quickly; who wants a result asks
 * prove_status() at the end.
 */
#ifndef STRAIT_PROVE_SPACE_H
#define STRAIT_PROVE_SPACE_H

#include "prove/prove.h"

/* Words come in the diagram's order, bits of a word from the highest; leaves are below all of them.
 */
#define PROVE_LEVELS (32 * CBPF_WORDS)

struct prove_node {
	uint32_t level; /* which bit is asked; PROVE_LEVELS: a leaf */
	prove_fn low,
		high; /* what follows where it is 0 and where it is 1; low of a leaf is its value */
};

/* Two leaves' values become one. */
enum prove_op { PROVE_OP_STACK, PROVE_OP_DIFFERS, PROVE_OP_LOOSER, PROVE_OP_OR };

uint32_t prove_op_value(enum prove_op op, uint32_t a, uint32_t b);

const struct prove_node *prove_node_of(const struct prove_space *space, prove_fn fn);
uint32_t prove_level(unsigned word, unsigned bit);
/* The word that a level asks for a bit of. */
unsigned prove_level_word(uint32_t level);

prove_fn prove_leaf(struct prove_space *space, uint32_t value);
/* The condition that is bit BIT of WORD. */
prove_fn prove_bit(struct prove_space *space, unsigned word, unsigned bit);
/* YES where the condition COND is 1, else NO. */
prove_fn prove_ite(struct prove_space *space, prove_fn cond, prove_fn yes, prove_fn no);
/* A whole word, compared with a constant: WORD op K, with op BPF_JEQ, BPF_JGE or BPF_JGT. */
struct prove_word_test {
	unsigned word;
	uint16_t op;
	uint32_t k;
};

/* YES where T holds, else NO; true. Or false, and nothing is done: YES or NO look at an earlier
 * word. The usual step of a filter, taken without a node for the condition itself. */
bool prove_ite_word(struct prove_space *space, const struct prove_word_test *t, prove_fn yes,
		    prove_fn no, prove_fn *out);
/* OP of A and B, point by point. */
prove_fn prove_apply(struct prove_space *space, enum prove_op op, prove_fn a, prove_fn b);

/* What is left of FN where the bit of LEVEL is HIGH. */
prove_fn prove_restrict_bit(struct prove_space *space, prove_fn fn, uint32_t level, bool high);

/* Takes N units of work from the budget; false once the space has failed. */
bool prove_spend(struct prove_space *space, size_t n);
void prove_fail(struct prove_space *space, int status);
struct arena *prove_space_arena(struct prove_space *space);

#endif
