/* SPDX-License-Identifier: BSD-2-Clause */
/* A condition on one call, as the policy language says it. */
#ifndef STRAIT_DECOMPILE_COND_H
#define STRAIT_DECOMPILE_COND_H

#include "decompile/scope.h"

/*
 * A short term for FN, a condition within the scope; it depends on no other words than arguments
 * and ip. NULL where none is short enough, or memory or the space's budget is out.
 */
const struct term *cond_term(struct scope *s, prove_fn fn);
/* The same for any function that is 1 where LOWER is and 0 where UPPER is. */
const struct term *cond_term_between(struct scope *s, prove_fn lower, prove_fn upper);

#endif
