/* SPDX-License-Identifier: BSD-2-Clause */
/* All lints, in the order of their codes. */
#include "lint/lint.h"

#include "lint/context.h"

#include <errno.h>

static bool is_out_of_memory(const struct lint *l, int r)
{
	if (r == -ENOMEM || prove_status(l->space) == -ENOMEM)
		return true;
	for (size_t i = 0; i < l->len; i++)
		if (l->filters[i].diags->failed)
			return true;
	return false;
}

/* What needs a meaning, then what doesn't. */
static void look(struct lint *l, int opened)
{
	if (opened == 0) {
		for (size_t i = 0; i < l->len; i++)
			lint_rules(l, i);
		lint_edges(l);
		lint_ways(l);
		lint_needs(l);
		for (size_t i = 0; i < l->len; i++)
			lint_actions(l, i);
		for (size_t i = 0; i < l->len; i++)
			lint_cache(l, i);
	}
	lint_chain(l);
}

int lint_stack(struct arena *arena, const struct lint_filter *filters, size_t len,
	       enum cbpf_order order, const struct arch *arch)
{
	const struct arch *native = arch ? arch : arch_native();
	struct lint l = {
		.arena = arena, .filters = filters, .len = len, .order = order, .native = native
	};
	int r;

	if (native->big_endian != (order == CBPF_BIG_ENDIAN))
		l.native = NULL;
	r = lint_open(&l);
	if (!l.space)
		return r;
	look(&l, r);
	if (is_out_of_memory(&l, r))
		return -ENOMEM;
	if (r == 0 && prove_status(l.space) == PROVE_UNDECIDED) {
		l.is_undecided = true;
		diag_add(filters[len - 1].diags, DIAG_LINT_UNDECIDED, (struct span){ 0 },
			 "the filter is too large: some of what could be wrong was not looked at");
	}
	return l.is_undecided ? PROVE_UNDECIDED : 0;
}

/* Is one of the rules' ABIs in a list of names? */
static bool is_for(struct str archs, const struct rules *rules)
{
	size_t begin = 0;

	for (size_t i = 0; i <= archs.len; i++) {
		const struct arch *arch;

		if (i < archs.len && !strchr(" \t,", archs.ptr[i]))
			continue;
		arch = arch_by_name((struct str){ archs.ptr + begin, i - begin });
		begin = i + 1;
		for (size_t n = 0; arch && n < rules->len; n++)
			if (rules->abis[n].arch == arch)
				return true;
	}
	return false;
}

void lint_allows(struct diags *d, const struct rules *rules)
{
	const struct source *main = source_at(d->sources, 1);

	for (const struct source_allow *a = main ? main->allows : NULL; a; a = a->next)
		if (!a->is_used && (a->archs.len == 0 || is_for(a->archs, rules)))
			diag_add(d, DIAG_ALLOW_UNUSED, a->span,
				 "there is nothing of %s on line %u to silence", a->code, a->line);
}
