/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of one variable's values as tests of it: values, ranges, masks, and what they make
 * together. */
#ifndef STRAIT_DECOMPILE_SET_H
#define STRAIT_DECOMPILE_SET_H

#include "decompile/scope.h"

/*
 * The cheapest term found for the values of V for which FN, which depends on V alone, is 1. NULL
 * where none is short enough, or memory or the space's budget is out.
 */
const struct term *set_term(struct scope *s, const struct variable *v, prove_fn fn);
/* The same for any set that has all of LOWER's values and none that UPPER lacks. */
const struct term *set_term_between(struct scope *s, const struct variable *v, prove_fn lower,
				    prove_fn upper);

#endif
