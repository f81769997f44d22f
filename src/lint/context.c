/* SPDX-License-Identifier: BSD-2-Clause */
/* The meaning of a stack, and what is left of it for an ABI and a number. */
#include "lint/context.h"

#include <errno.h>

/* A tenth of a second when it is used up: a lint isn't worth more. */
#define BUDGET ((size_t)1 << 18)
/* A program that computes with the token may have any number of ranges. */
#define RANGES_MAX ((size_t)1 << 12)

/* ---- tokens ---- */

static int add_tokens(void *user, const struct prove_range *r)
{
	struct lint *l = user;
	struct lint_range *list;

	if (l->ntokens == RANGES_MAX)
		return PROVE_UNDECIDED;
	list = arena_grow(l->arena, l->tokens, l->ntokens, &l->room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	l->tokens = list;
	list[l->ntokens++] = (struct lint_range){ r->first, r->last, r->a };
	return 0;
}

static prove_fn at_token(const struct lint *l, uint32_t token)
{
	size_t i = 0;

	while (l->tokens[i].last < token)
		i++;
	return l->tokens[i].fn;
}

/* ---- answers ---- */

prove_fn lint_executed(struct lint *l, prove_fn fn)
{
	/* Only what runs the call is looser than a question to a tracer. */
	return prove_looser(l->space, fn, prove_leaf(l->space, SECCOMP_RET_TRACE));
}

prove_fn lint_number(struct lint *l, prove_fn fn, uint32_t nr)
{
	return prove_restrict(l->space, fn, CBPF_NR, UINT32_MAX, nr);
}

bool lint_call(struct lint *l, const struct lint_view *view, const struct arch_syscall *call,
	       uint32_t *nr, prove_fn *fn)
{
	int64_t found = call ? arch_syscall_nr(view->arch, call) : -1;

	if (found < 0)
		return false;
	*nr = (uint32_t)found;
	*fn = lint_number(l, view->fn, *nr);
	return true;
}

bool lint_is_purpose(struct lint *l, const struct lint_view *view, prove_fn fn)
{
	prove_fn executed = lint_executed(l, fn);

	if (executed != PROVE_FALSE)
		return executed != PROVE_TRUE;
	return view->is_open || (fn != view->beyond && fn != view->unknown && fn != view->usual);
}

bool lint_witness(const struct lint *l, const struct lint_view *view, uint32_t nr, prove_fn cond,
		  struct seccomp_data *data)
{
	if (!prove_witness(l->space, cond, PROVE_FALSE, data))
		return false;
	data->nr = (int)nr;
	data->arch = view->arch->audit;
	return true;
}

/* ---- views ---- */

bool lint_is_listed(const struct lint *l, const struct arch *arch)
{
	for (size_t i = 0; i < l->len; i++)
		for (size_t j = 0; l->filters[i].rules && j < l->filters[i].rules->len; j++)
			if (l->filters[i].rules->abis[j].arch == arch)
				return true;
	return false;
}

/* A number of the ABI that no kernel gives to a call. */
static uint32_t unknown_number(const struct arch *arch)
{
	return arch->column == ARCH_X86_64 ? ARCH_X32_BIT - 1 : 2 * ARCH_X32_BIT - 1;
}

struct tally {
	prove_fn fn;
	size_t len;
};

/* Counts an answer; those past the table's end are too rare to be the usual one. */
static void tally_add(struct tally *tally, size_t len, prove_fn fn)
{
	for (size_t i = 0; i < len; i++) {
		if (tally[i].len && tally[i].fn != fn)
			continue;
		tally[i].fn = fn;
		tally[i].len++;
		return;
	}
}

static void find_usual(struct lint *l, struct lint_view *view)
{
	struct tally tally[16] = { 0 };
	size_t executed = 0, known = 0, best = 0;
	const struct arch_syscall *call;
	prove_fn fn, runs;
	uint32_t nr;

	for (size_t i = 0; (call = arch_syscall_at(i)); i++) {
		if (!lint_call(l, view, call, &nr, &fn))
			continue;
		known++;
		runs = lint_executed(l, fn);
		executed += runs == PROVE_TRUE;
		if (runs == PROVE_FALSE)
			tally_add(tally, ARRAY_LEN(tally), fn);
	}
	for (size_t i = 1; i < ARRAY_LEN(tally); i++)
		if (tally[i].len > tally[best].len)
			best = i;
	view->usual = tally[best].len ? tally[best].fn : view->unknown;
	view->is_open = lint_executed(l, view->unknown) == PROVE_TRUE ||
			((l->len > 1 || !l->filters[0].rules) && executed > known / 2);
}

static void add_view(struct lint *l, const struct arch *arch)
{
	struct lint_view *view = &l->views[l->nviews++];

	*view = (struct lint_view){ .arch = arch, .fn = at_token(l, arch->audit) };
	view->beyond = lint_number(l, view->fn, unknown_number(arch));
	view->unknown = l->len == 1 && l->filters[0].rules
				? prove_leaf(l->space, l->filters[0].rules->otherwise)
				: view->beyond;
	find_usual(l, view);
}

/* Is the ABI one that the filters know? A program says so by answering otherwise to its token than
 * to one that nothing has (0 is ELF's EM_NONE). */
static bool is_known(const struct lint *l, const struct arch *arch)
{
	if (lint_is_listed(l, arch))
		return true;
	if (arch->column == ARCH_X32 || arch->big_endian != (l->order == CBPF_BIG_ENDIAN))
		return false;
	for (size_t i = 0; i < l->len; i++)
		if (!l->filters[i].rules)
			return at_token(l, arch->audit) != at_token(l, 0);
	return false;
}

static int find_views(struct lint *l)
{
	const struct arch *arch;
	size_t n = 1;

	while (arch_at(n))
		n++;
	l->views = arena_array(l->arena, n, sizeof(*l->views));
	if (!l->views)
		return -ENOMEM;
	for (size_t i = 0; (arch = arch_at(i)); i++)
		if (is_known(l, arch))
			add_view(l, arch);
	if (l->nviews == 0 && l->native)
		add_view(l, l->native);
	return prove_status(l->space);
}

/* ---- the whole ---- */

static void say_undecided(struct lint *l, size_t filter, size_t pc)
{
	struct lint_place place = lint_at_instruction(l, filter, pc);

	l->is_undecided = true;
	diag_add(l->filters[filter].diags, DIAG_LINT_UNDECIDED, place.span,
		 "what this makes is too large: what the filter means was not looked at");
}

static int find_meaning(struct lint *l)
{
	for (size_t i = 0; i < l->len; i++) {
		const struct lint_filter *f = &l->filters[i];
		size_t pc = 0;
		prove_fn newer;
		int r;

		if (f->rules)
			r = prove_rules(l->space, f->rules, &newer);
		else
			r = prove_program(l->space, f->prog, l->order, &newer, &pc);
		if (r == PROVE_UNDECIDED)
			say_undecided(l, i, pc);
		if (r != 0)
			return r;
		l->meaning = i == 0 ? newer : prove_stack(l->space, newer, l->meaning);
	}
	return prove_status(l->space);
}

int lint_open(struct lint *l)
{
	int r;

	l->progs = arena_array(l->arena, l->len, sizeof(*l->progs));
	l->space = prove_space_new(l->arena, BUDGET);
	if (!l->progs || !l->space)
		return -ENOMEM;
	for (size_t i = 0; i < l->len; i++)
		l->progs[i] = l->filters[i].prog;
	r = find_meaning(l);
	if (r == 0)
		r = prove_ranges(l->space, l->meaning, l->meaning, CBPF_ARCH, add_tokens, l);
	if (r == 0)
		r = find_views(l);
	if (r == PROVE_UNDECIDED && !l->is_undecided)
		say_undecided(l, l->len - 1, 0);
	return r;
}
