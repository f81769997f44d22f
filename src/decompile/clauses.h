/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy says about one call: rules in their order, the last one maybe without a condition.
 */
#ifndef STRAIT_DECOMPILE_CLAUSES_H
#define STRAIT_DECOMPILE_CLAUSES_H

#include "decompile/scope.h"

/* More different answers to one call than this aren't told. */
#define CLAUSES_MAX 16

struct clause {
	const struct term *cond; /* NULL: always */
	uint32_t ret;
};

struct clauses {
	struct clause list[CLAUSES_MAX];
	size_t len;
	unsigned cost;
};

/*
 * The shortest rules found for a call that is answered by FN, where *FALLBACK is the answer once no
 * rule matches; NULL: the last rule has to match always. False where none are short enough, or
 * memory or the space's budget is out.
 */
bool clauses_find(struct scope *s, prove_fn fn, const uint32_t *fallback, struct clauses *out);

#endif
