/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings about a stack. Policies are shared between threads, and what an "allow" comment has
 * silenced is noted down: each call works on its own copy of the sources.
 */
#include <strait/lint.h>

#include "api/handles.h"
#include "lint/lint.h"
#include "policy/report.h"

#include <errno.h>

/* What one filter brings: sources, and what is found in them. */
struct subject {
	struct sources sources;
	struct diags diags;
};

static int copy_allows(struct arena *arena, struct source *to)
{
	struct source_allow **end = &to->allows;

	/* The last copy's `next` is the rest of the original, until that is copied. */
	for (const struct source_allow *a = to->allows; a; a = a->next) {
		struct source_allow *copy = arena_alloc(arena, sizeof(*copy));

		if (!copy)
			return -ENOMEM;
		*copy = *a;
		*end = copy;
		end = &copy->next;
	}
	return 0;
}

static int copy_sources(struct arena *arena, const struct sources *from, struct sources *to)
{
	int error = 0;

	*to = (struct sources){ .arena = arena, .len = from->len, .room = from->len };
	to->files = arena_array(arena, from->len, sizeof(*to->files));
	if (!to->files)
		return -ENOMEM;
	for (size_t i = 0; i < from->len && !error; i++) {
		to->files[i] = from->files[i];
		error = copy_allows(arena, &to->files[i]);
	}
	return error;
}

static int prepare(struct arena *arena, const struct strait_filter *filter, struct subject *s,
		   struct lint_filter *out)
{
	const struct strait_policy *policy = filter->policy;

	s->sources = (struct sources){ .arena = arena };
	diags_init(&s->diags, arena, &s->sources);
	*out = (struct lint_filter){ .prog = &filter->prog, .diags = &s->diags };
	if (policy) {
		out->rules = policy->rules;
		out->said = &policy->said;
		return copy_sources(arena, &policy->sources, &s->sources);
	}
	out->listing = lint_listing(&s->sources, filter->name, &filter->prog);
	return out->listing ? 0 : -ENOMEM;
}

static int lint(struct arena *arena, const struct strait_filter *const *stack, size_t len,
		const struct arch *arch, struct strait_report *report)
{
	struct subject *subjects = arena_array(arena, len, sizeof(*subjects));
	struct lint_filter *filters = arena_array(arena, len, sizeof(*filters));
	const struct cbpf_prog *const *progs;
	enum cbpf_order order = stack[0]->order;
	int error = filter_stack(arena, stack, len, order, report, &progs);

	if (error)
		return error;
	if (!subjects || !filters)
		return -ENOMEM;
	for (size_t i = 0; i < len && !error; i++)
		error = prepare(arena, stack[i], &subjects[i], &filters[i]);
	if (!error)
		error = lint_stack(arena, filters, len, order, arch);
	for (size_t i = 0; i < len && error >= 0; i++) {
		/* In a stack another filter may have shut what a comment speaks of. */
		if (error == 0 && len == 1 && filters[i].rules)
			lint_allows(&subjects[i].diags, filters[i].rules);
		report_sort(&subjects[i].diags, 0);
		report_collect(report, &subjects[i].diags);
	}
	return error > 0 ? 1 : error;
}

int strait_lint(const struct strait_filter *const *stack, size_t len,
		const struct strait_lint_options *options, struct strait_report *report)
{
	struct strait_lint_options taken;
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (len == 0)
		return -EINVAL;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = lint(&arena, stack, len, abi_private(taken.abi), report);
	arena_deinit(&arena);
	return error;
}
