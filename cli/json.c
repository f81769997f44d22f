/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8259, written. */
#include "cli.h"

#include <string.h>

static void put_item(struct json *j, const char *key)
{
	if (j->has_items)
		fputc(',', j->out);
	if (j->depth && !j->one_line)
		fprintf(j->out, "\n%*s", (int)(2 * j->depth), "");
	j->has_items = true;
	if (key)
		fprintf(j->out, j->one_line ? "\"%s\":" : "\"%s\": ", key);
}

void json_open(struct json *j, const char *key, char bracket)
{
	put_item(j, key);
	fputc(bracket, j->out);
	j->depth++;
	j->has_items = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->has_items && !j->one_line)
		fprintf(j->out, "\n%*s", (int)(2 * j->depth), "");
	fputc(bracket, j->out);
	j->has_items = true;
}

/* How many bytes of well-formed UTF-8 begin here, 0 for none: RFC 3629, section 4. */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t len;
	} heads[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		if (*s < heads[i].first || *s > heads[i].last)
			continue;
		if (heads[i].len > 1 && (s[1] < heads[i].low || s[1] > heads[i].high))
			return 0;
		for (size_t k = 2; k < heads[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return heads[i].len;
	}
	return 0;
}

static void put_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		size_t len = utf8_len(s);

		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(out, "\\u%04x", *s);
		else if (len == 2 && *s == 0xc2 &&
			 s[1] < 0xa0) /* C1 controls: 0x9b begins a sequence */
			fprintf(out, "\\u%04x", s[1]);
		else if (len)
			fwrite(s, 1, len, out);
		else
			fputs("\\ufffd", out);
		s += len ? len : 1;
	}
	fputc('"', out);
}

void json_text(struct json *j, const char *key, const char *text)
{
	put_item(j, key);
	if (text)
		put_string(j->out, text);
	else
		fputs("null", j->out);
}

void json_number(struct json *j, const char *key, long long number)
{
	put_item(j, key);
	fprintf(j->out, "%lld", number);
}

void json_real(struct json *j, const char *key, double number)
{
	put_item(j, key);
	if (number < 0)
		fputs("null", j->out);
	else
		fprintf(j->out, "%.4f", number);
}

void json_bool(struct json *j, const char *key, bool value)
{
	put_item(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_start(struct json *j, FILE *out, bool one_line)
{
	*j = (struct json){ .out = out, .one_line = one_line };
	json_open(j, NULL, '{');
	json_number(j, "version", 1);
}

void json_end(struct json *j)
{
	json_close(j, '}');
	fputc('\n', j->out);
}
