/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text in memory of the caller's that never grows: for signal handlers, where nothing may be
 * allocated, locked or left to stdio. What doesn't fit is left out, and `cut` tells.
 */
#ifndef STRAIT_BASE_TEXT_H
#define STRAIT_BASE_TEXT_H

#include <stdbool.h>

#include "base/macros.h"

struct text {
	char *data; /* not NUL-terminated */
	size_t size;
	size_t room;
	bool cut;
};

/* All of it or nothing. */
void text_add(struct text *t, const char *bytes, size_t size);
void text_puts(struct text *t, const char *string);
void text_putc(struct text *t, char c);
/* Digits in base 8, 10 or 16, without a prefix. */
void text_number(struct text *t, uint64_t value, unsigned base);
void text_hex(struct text *t, uint64_t value); /* "0x7f" */
void text_signed(struct text *t, int64_t value);

#endif
