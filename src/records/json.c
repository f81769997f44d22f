/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One entry of a journal (journalctl -o json) or of a container's log: an object on a line, whose
 * text is under "MESSAGE" or "log". Only that member is looked for: an entry is not checked for
 * being JSON, as a line in another form is none of ours anyway.
 */
#include "records/records.h"

#include <ctype.h>

static struct str skip(struct str s, size_t n)
{
	return (struct str){ s.ptr + n, s.len - n };
}

static struct str skip_blanks(struct str s)
{
	while (s.len && isspace((unsigned char)*s.ptr))
		s = skip(s, 1);
	return s;
}

/* Four digits, or -1. */
static int read_unit(struct str s)
{
	uint64_t value;

	if (s.len < 4 || !isxdigit((unsigned char)*s.ptr) || s.ptr[1] == 'x' || s.ptr[1] == 'X' ||
	    !field_number((struct str){ s.ptr, 4 }, 16, &value))
		return -1;
	return (int)value;
}

/* A UTF-16 unit as UTF-8. What needs two units, and NUL, is of no use in a record: '?'. */
static void put_unit(int unit, struct buf *out)
{
	if (unit <= 0 || (unit >= 0xd800 && unit <= 0xdfff)) {
		buf_putc(out, '?');
		return;
	}
	if (unit < 0x80) {
		buf_putc(out, (char)unit);
		return;
	}
	if (unit < 0x800) {
		buf_putc(out, (char)(0xc0 | unit >> 6));
	} else {
		buf_putc(out, (char)(0xe0 | unit >> 12));
		buf_putc(out, (char)(0x80 | (unit >> 6 & 0x3f)));
	}
	buf_putc(out, (char)(0x80 | (unit & 0x3f)));
}

/* After the opening quote. */
static bool read_string(struct str s, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	for (; s.len; s = skip(s, 1)) {
		const char *at;

		if (*s.ptr == '"')
			return true;
		if (*s.ptr != '\\') {
			buf_putc(out, *s.ptr);
			continue;
		}
		s = skip(s, 1);
		if (!s.len)
			break;
		at = memchr(from, *s.ptr, sizeof(from) - 1);
		if (at) {
			buf_putc(out, to[at - from]);
			continue;
		}
		if (*s.ptr != 'u' || read_unit(skip(s, 1)) < 0)
			return false;
		put_unit(read_unit(skip(s, 1)), out);
		s = skip(s, 4);
	}
	return false;
}

/* After the opening bracket: the journal's way to write what isn't UTF-8. */
static bool read_bytes(struct str s, struct buf *out)
{
	for (s = skip_blanks(s); s.len && isdigit((unsigned char)*s.ptr); s = skip_blanks(s)) {
		unsigned byte = 0;

		for (; s.len && isdigit((unsigned char)*s.ptr); s = skip(s, 1))
			byte = (10 * byte + (unsigned)(*s.ptr - '0')) & 0xfff;
		buf_putc(out, (char)byte);
		s = skip_blanks(s);
		if (s.len && *s.ptr == ',')
			s = skip(s, 1);
	}
	return s.len && *s.ptr == ']';
}

bool record_from_json(struct str line, struct buf *out)
{
	static const char *const names[] = { "\"MESSAGE\"", "\"log\"" };
	struct str rest;

	line = skip_blanks(line);
	if (!line.len || *line.ptr != '{')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		rest = skip_blanks(field_after(line, names[i]));
		if (!rest.len || *rest.ptr != ':')
			continue;
		rest = skip_blanks(skip(rest, 1));
		out->size = 0;
		if (rest.len && *rest.ptr == '"')
			return read_string(skip(rest, 1), out);
		if (rest.len && *rest.ptr == '[')
			return read_bytes(skip(rest, 1), out);
	}
	return false;
}
