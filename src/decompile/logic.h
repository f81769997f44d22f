/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions as sets: what can be said about a prove_fn without saying it. Words are those of enum
 * cbpf_word; a set of them has bit 1u << word.
 *
 * As in prove/, a failure is remembered by the space and results after it are meaningless: ask
 * prove_status().
 */
#ifndef STRAIT_DECOMPILE_LOGIC_H
#define STRAIT_DECOMPILE_LOGIC_H

#include "prove/space.h"

struct logic {
	struct prove_space *space;
	struct arena *arena;
	/* For one walk over a function's nodes: what each became, valid where the stamp is the
	 * walk's. */
	prove_fn *became;
	uint32_t *stamps;
	size_t room;
	uint32_t stamp;
	uint8_t word_at[CBPF_WORDS]; /* which word has this place in the diagram's order */
};

void logic_init(struct logic *l, struct prove_space *space, struct arena *arena);

prove_fn logic_not(struct logic *l, prove_fn a);
prove_fn logic_and(struct logic *l, prove_fn a, prove_fn b);
prove_fn logic_or(struct logic *l, prove_fn a, prove_fn b);
/* A where B isn't. */
prove_fn logic_minus(struct logic *l, prove_fn a, prove_fn b);
bool logic_implies(struct logic *l, prove_fn a, prove_fn b);
/* Where two functions with any leaves are equal. */
prove_fn logic_same(struct logic *l, prove_fn a, prove_fn b);
/* Where a function with any leaves is VALUE. */
prove_fn logic_is(struct logic *l, prove_fn fn, uint32_t value);

/* Whether there are values of the words outside of KEPT for which the condition A is 1. */
prove_fn logic_exists(struct logic *l, prove_fn a, uint32_t kept);
/* Whether A is 1 for all values of the words outside of KEPT. */
prove_fn logic_forall(struct logic *l, prove_fn a, uint32_t kept);
/* What is left of FN, with any leaves, where the words in GIVEN have their values in DATA. */
prove_fn logic_given(struct logic *l, prove_fn fn, uint32_t given, const struct seccomp_data *data);
/* The bits that FN depends on. */
void logic_support(struct logic *l, prove_fn fn, uint32_t bits[static CBPF_WORDS]);
/* The words that it depends on. */
uint32_t logic_words(struct logic *l, prove_fn fn);

/* Calls VISITOR with each leaf's value, once. */
void logic_leaves(struct logic *l, prove_fn fn, void (*visitor)(void *user, uint32_t value),
		  void *user);

#endif
