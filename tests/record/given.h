/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls as a person writes them, into recordings of x86_64. */
#ifndef STRAIT_TESTS_RECORD_GIVEN_H
#define STRAIT_TESTS_RECORD_GIVEN_H

#include <errno.h>

#include "policy/policy.h"
#include "record/record.h"
#include "tap.h"

/* "openat(0, 0, O_WRONLY)" */
static struct seccomp_data given_call(const char *text)
{
	struct policy_call call = { 0 };
	struct sources sources;
	struct arena arena;
	struct diags diags;
	uint32_t file;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	file = sources_add(&sources, "<call>", str_of(text));
	if (policy_parse_call(&arena, &diags, file, str_of(text), arch_by_name(str_of("x86_64")),
			      &call))
		ok(false, "the test's call can't be read: %s", text);
	arena_deinit(&arena);
	return call.data;
}

/* Calls apart by ';'. */
static void given_calls(struct record *r, const struct record_measure *measure, const char *calls)
{
	while (*calls) {
		size_t len = strcspn(calls, ";");
		char *one = strndup(calls, len);
		struct seccomp_data data = given_call(one);

		if (record_add(r, measure, &data, 1))
			ok(false, "a call is recorded: %s", one);
		free(one);
		calls += len + (calls[len] == ';');
		calls += strspn(calls, " ");
	}
}

/* Is LINE a whole line of TEXT? */
__attribute__((unused)) static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

#endif
