/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of policy/ share: a text is read, and what came of it is kept until reading_end().
 */
#ifndef STRAIT_TESTS_POLICY_TEXT_H
#define STRAIT_TESTS_POLICY_TEXT_H

#include <errno.h>
#include <string.h>

#include "policy/policy.h"
#include "tap.h"

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
	int status;
};

__attribute__((unused)) static void reading_begin(struct reading *r, size_t limit)
{
	*r = (struct reading){ 0 };
	arena_init(&r->arena, limit);
	r->sources.arena = &r->arena;
	diags_init(&r->diags, &r->arena, &r->sources);
}

__attribute__((unused)) static void reading_end(struct reading *r)
{
	arena_deinit(&r->arena);
}

/* For x86_64 and from shipped policies only, where OPTIONS is NULL. */
__attribute__((unused)) static void read_policy(struct reading *r, const char *text,
						const struct policy_options *options)
{
	struct policy_options usual = { .arch = arch_by_name(str_of("x86_64")), .no_files = true };

	reading_begin(r, ARENA_DEFAULT_LIMIT);
	r->status = policy_rules(&r->diags, &r->sources, "test.strait", str_of(text),
				 options ? options : &usual, &r->rules);
}

/* "P017@3:7 W001@4:1": every diagnostic's code and place, in their order; notes are not in it. */
__attribute__((unused)) static const char *reading_codes(struct reading *r)
{
	AUTO_BUF out = { 0 };
	struct place place;

	for (const struct diag *d = r->diags.first; d; d = d->next) {
		buf_printf(&out, "%s%s", d == r->diags.first ? "" : " ", diag_code_text(d->code));
		if (sources_place(&r->sources, d->span, &place))
			buf_printf(&out, "@%u:%u", place.line, place.column);
	}
	return out.size ? arena_strndup(&r->arena, out.data, out.size) : "";
}

__attribute__((unused)) static void reading_show(struct reading *r)
{
	AUTO_BUF out = { 0 };

	for (const struct diag *d = r->diags.first; d; d = d->next)
		diag_render(&r->diags, d, false, &out);
	for (char *line = out.data ? strtok(out.data, "\n") : NULL; line; line = strtok(NULL, "\n"))
		note("%s", line);
}

#endif
