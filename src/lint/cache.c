/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Since 5.11 the kernel executes a new filter for each number before it is used: kernel/seccomp.c,
 * seccomp_is_const_allow(). Where it comes to "allow" by nothing but the number and the
 * architecture, the filter is never run for that call again. Here is what ends that walk
 * (cbpf/cache.c) early for a call that is always allowed.
 */
#include "lint/context.h"

#include <errno.h>

struct spoiled {
	size_t calls;
	const char *names[LINT_NAMES];
};

/* Is the answer allow, whatever the arguments are? Data bits don't matter to the call. */
static bool is_plain_allow(const struct lint *l, prove_fn fn)
{
	const struct prove_node *n = prove_node_of(l->space, fn);

	return n->level == PROVE_LEVELS && (n->low & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
}

static void look_at_view(struct lint *l, size_t filter, const struct arch *arch, prove_fn fn,
			 struct spoiled *spoiled)
{
	const struct cbpf_prog *prog = l->filters[filter].prog;
	size_t pc;

	for (uint32_t nr = arch->nr_base; nr < arch_table_end(arch); nr++) {
		const struct arch_syscall *call = arch_syscall_by_nr(arch, nr);

		if (!call || !is_plain_allow(l, lint_number(l, fn, nr)) ||
		    cbpf_is_const_allow(prog, nr, arch->audit, &pc))
			continue;
		if (spoiled[pc].calls < LINT_NAMES)
			spoiled[pc].names[spoiled[pc].calls] = call->name;
		spoiled[pc].calls++;
	}
}

/* What this filter alone answers for the view's ABI; of a single one that is known already. */
static prove_fn own_answer(struct lint *l, size_t filter, const struct lint_view *view)
{
	const struct lint_filter *f = &l->filters[filter];
	prove_fn fn = PROVE_FALSE;
	int r;

	if (l->len == 1)
		return view->fn;
	r = f->rules ? prove_rules(l->space, f->rules, &fn)
		     : prove_program(l->space, f->prog, l->order, &fn, NULL);
	if (r != 0)
		return PROVE_FALSE; /* nothing is allowed: nothing is said */
	return prove_restrict(l->space, fn, CBPF_ARCH, UINT32_MAX, view->arch->audit);
}

static void say(struct lint *l, size_t filter, size_t pc, const struct spoiled *s)
{
	struct lint_place place = lint_at_instruction(l, filter, pc);

	if (!lint_say(l, &place, DIAG_LINT_UNCACHED,
		      "the kernel doesn't see through this, and runs the filter each time for %zu "
		      "calls that are always allowed: %s",
		      s->calls, lint_names(l, s->names, s->calls)))
		return;
	lint_note(l, NULL,
		  "seccomp_is_const_allow() follows loads of nr and arch, 'and' and jumps with "
		  "constants, and a return of plain allow");
}

void lint_cache(struct lint *l, size_t filter)
{
	const struct cbpf_prog *prog = l->filters[filter].prog;
	struct spoiled *spoiled = arena_array(l->arena, prog->len, sizeof(*spoiled));

	if (!spoiled) {
		prove_fail(l->space, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < l->nviews; i++) {
		const struct lint_view *view = &l->views[i];

		if (cbpf_has_cache(view->arch))
			look_at_view(l, filter, view->arch, own_answer(l, filter, view), spoiled);
	}
	for (size_t pc = 0; pc < prog->len; pc++)
		if (spoiled[pc].calls)
			say(l, filter, pc, &spoiled[pc]);
}
