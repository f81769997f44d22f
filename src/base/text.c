/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <string.h>

void text_add(struct text *t, const char *bytes, size_t size)
{
	if (size > t->room - t->size) {
		t->cut = true;
		return;
	}
	if (size)
		memcpy(t->data + t->size, bytes, size);
	t->size += size;
}

void text_puts(struct text *t, const char *string)
{
	text_add(t, string, strlen(string));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_number(struct text *t, uint64_t value, unsigned base)
{
	char digits[22]; /* of 2^64 - 1 in base 8 */
	size_t first = sizeof(digits);

	do {
		digits[--first] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	text_add(t, digits + first, sizeof(digits) - first);
}

void text_hex(struct text *t, uint64_t value)
{
	text_puts(t, "0x");
	text_number(t, value, 16);
}

void text_signed(struct text *t, int64_t value)
{
	if (value < 0)
		text_putc(t, '-');
	text_number(t, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}
