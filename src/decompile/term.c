/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/term.h"

#include <assert.h>

/* A condition that is always or never true is no condition: callers keep those apart. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as cond.c's and set.c's depths allow */
static void put(const struct term *t, enum term_kind around, struct buf *out)
{
	/* && binds tighter. */
	bool is_open = t->kind == TERM_OR && around == TERM_AND;

	assert(t->kind != TERM_ALWAYS && t->kind != TERM_NEVER);
	if (t->kind == TERM_TEST) {
		buf_puts(out, t->text);
		return;
	}
	if (is_open)
		buf_putc(out, '(');
	put(t->left, t->kind, out);
	buf_puts(out, t->kind == TERM_AND ? " && " : " || ");
	put(t->right, t->kind, out);
	if (is_open)
		buf_putc(out, ')');
}

void term_print(const struct term *t, struct buf *out)
{
	put(t, TERM_OR, out);
}

const struct term *term_better(const struct term *a, const struct term *b)
{
	if (!a || !b)
		return a ? a : b;
	return b->cost < a->cost ? b : a;
}
