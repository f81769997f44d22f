/* SPDX-License-Identifier: BSD-2-Clause */
/* Borrowed strings that need no NUL, and the distance between two of them for "did you mean". */
#ifndef STRAIT_BASE_STR_H
#define STRAIT_BASE_STR_H

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

struct str {
	const char *ptr;
	size_t len;
};

/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

/* strcmp(3)'s order between a borrowed string and a NUL-terminated one. */
int str_cmp(struct str a, const char *b);

/* Collects candidates for a misspelt name and keeps the nearest; two names equally near: the first
 * one. */
struct str_guess {
	struct str wanted;
	const char *best;  /* NULL: nothing is near enough to be worth saying */
	unsigned distance; /* edits (insert, delete, replace, swap) between wanted and best */
};

void str_guess_init(struct str_guess *g, struct str wanted);
void str_guess_try(struct str_guess *g, const char *candidate);

#endif
