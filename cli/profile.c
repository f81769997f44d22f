/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --profile: how often each call is made, a line a call: `read 1200`, or minijail's `read: 1200`.
 * Or a recording of `strait learn`, whose lines have more words; those of one call are summed by
 * the library.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int wrong(const struct text *text, unsigned line, const char *why)
{
	complain("%s:%u: %s", text->name, line, why);
	return -1;
}

static bool is_recording(const struct text *text)
{
	static const char first[] = "# strait recording ";

	return text->size >= sizeof(first) && strncmp(text->bytes, first, sizeof(first) - 1) == 0;
}

/* What follows a recording's count is its own. */
enum tail { TAIL_NONE, TAIL_ANY };

static int take_line(struct inputs *in, const struct text *text, unsigned line, enum tail tail,
		     char *s)
{
	char *name, *end;
	unsigned long count;

	s[strcspn(s, "#\n")] = '\0';
	name = s + strspn(s, " \t\r");
	if (!*name)
		return 0;
	end = name + strcspn(name, ": \t");
	s = end + strspn(end, ": \t");
	*end = '\0';
	errno = 0;
	count = strtoul(s, &end, 10);
	if (tail == TAIL_ANY) {
		end += strlen(end);
		count = count > UINT32_MAX ? UINT32_MAX : count;
	}
	if (!isdigit((unsigned char)*s) || end[strspn(end, " \t\r")] || errno || count > UINT32_MAX)
		return wrong(text, line, "a line is a call's name and how often it is made");
	in->counts[in->compile.ncounts].name = strdup(name);
	if (!in->counts[in->compile.ncounts].name)
		return wrong(text, line, strerror(ENOMEM));
	in->counts[in->compile.ncounts++].count = (uint32_t)count;
	return 0;
}

int profile_read(struct inputs *in, const char *path)
{
	AUTO(text) struct text text = { 0 };
	enum tail tail = TAIL_NONE;
	size_t lines = 1;
	unsigned line = 0;
	char *s, *next;

	if (in->counts) {
		complain("one --profile, please");
		return -1;
	}
	if (inputs_read(path, &text))
		return -1;
	for (size_t i = 0; i < text.size; i++)
		lines += text.bytes[i] == '\n';
	if (is_recording(&text))
		tail = TAIL_ANY;
	in->counts = need_memory(lines, sizeof(*in->counts));
	in->compile.counts = in->counts;
	s = need_memory(text.size + 1, 1);
	memcpy(s, text.bytes, text.size);
	free(text.bytes);
	text.bytes = s;
	for (; s; s = next) {
		next = strchr(s, '\n');
		if (next)
			*next++ = '\0';
		if (take_line(in, &text, ++line, tail, s))
			return -1;
	}
	if (in->compile.ncounts)
		return 1;
	return wrong(&text, line, "no call is counted here");
}
