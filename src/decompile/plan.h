/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy needn't say: the default and the baseline with which the fewest calls have to be
 * named. */
#ifndef STRAIT_DECOMPILE_PLAN_H
#define STRAIT_DECOMPILE_PLAN_H

#include "decompile/shape.h"

/* More different answers in one filter than this aren't told. */
#define PLAN_ANSWERS_MAX 64

/* A call that has a name, or numbers without one. */
struct plan_item {
	const struct arch_syscall *call; /* or NULL */
	uint32_t first, last;
	prove_fn fn;
	uint64_t answers; /* a set of indexes into plan.answers */
	int youth;	  /* young for baselines before this one of plan.versions; 0: for none */
	bool is_past_table;
	bool is_said; /* needs a rule */
};

struct plan_abi {
	const struct arch *arch;
	struct plan_item *items;
	size_t len, room;
	uint32_t fallback; /* for numbers that no rule names */
	bool is_own;	   /* fallback isn't the policy's default: a rule for all numbers says it */
	bool has_tail;	   /* ... and isn't the same for all arguments: `tail` is what it is */
	prove_fn tail;
	bool is_closed; /* ... and no call with a name needs another: that rule comes first */
};

struct plan {
	struct plan_abi *abis;
	size_t len;
	uint32_t otherwise, foreign;
	const char *version; /* of the baseline; NULL: there is none */
	uint32_t young;	     /* the baseline's answer */

	uint32_t answers[PLAN_ANSWERS_MAX];
	size_t nanswers;
	const char **versions; /* of calls, ascending */
	size_t nversions;
};

/* 0; DECOMPILE_REFUSED with a sentence in WHY; -ENOMEM. */
NODISCARD int plan_make(struct logic *l, prove_fn fn, const struct shape *shape, struct plan *plan,
			struct buf *why);

#endif
