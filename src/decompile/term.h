/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A condition of the policy language as a tree: tests joined by && and ||. Every term knows the
 * function that it is, so that what is written can be held against what is meant at any point.
 */
#ifndef STRAIT_DECOMPILE_TERM_H
#define STRAIT_DECOMPILE_TERM_H

#include "prove/prove.h"

enum term_kind { TERM_NEVER, TERM_ALWAYS, TERM_TEST, TERM_AND, TERM_OR };

struct term {
	enum term_kind kind;
	prove_fn fn;
	const char *text;		 /* TERM_TEST */
	const struct variable *var;	 /* TERM_TEST: what is tested */
	const struct term *left, *right; /* TERM_AND, TERM_OR */
	unsigned cost; /* what a reader pays: its width, and a bit for each test */
};

void term_print(const struct term *t, struct buf *out);
/* The cheaper one; NULL is dearer than anything, and of two alike it is A. */
const struct term *term_better(const struct term *a, const struct term *b);

#endif
