/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel and every C library call by themselves, and a filter must let through. */
#include "lint/context.h"

struct need {
	enum diag_code code;
	const char *calls[3]; /* one of them is enough */
	/* Only where one of these is executed; none: always. The kernel restarts them through
	 * restart_syscall: those that set current->restart_block. */
	const char *users[8];
	const char *text, *advice;
};

static const struct need needs[] = {
	{ DIAG_LINT_SIGRETURN,
	  { "rt_sigreturn", "sigreturn" },
	  { NULL },
	  "rt_sigreturn is never executed: a signal handler can't return",
	  "allow rt_sigreturn" },
	{ DIAG_LINT_EXIT,
	  { "exit_group", "exit" },
	  { NULL },
	  "neither exit_group nor exit is ever executed: the program can't end by itself",
	  "allow { exit exit_group }" },
	{ DIAG_LINT_RESTART,
	  { "restart_syscall" },
	  { "nanosleep", "clock_nanosleep", "clock_nanosleep_time64", "poll", "futex",
	    "futex_time64" },
	  "restart_syscall is never executed: what sleeps or waits with a time limit, is stopped "
	  "by "
	  "a signal (Ctrl-Z) and continued, is continued by this call",
	  "allow restart_syscall" },
};

static bool is_ever_executed(struct lint *l, const struct lint_view *view, const char *name)
{
	prove_fn fn;
	uint32_t nr;

	return lint_call(l, view, arch_syscall_by_name(str_of(name)), &nr, &fn) &&
	       lint_executed(l, fn) != PROVE_FALSE;
}

static bool any_executed(struct lint *l, const struct lint_view *view, const char *const *names,
			 size_t len)
{
	for (size_t i = 0; i < len && names[i]; i++)
		if (is_ever_executed(l, view, names[i]))
			return true;
	return false;
}

static void look_at(struct lint *l, const struct lint_view *view, const struct need *n)
{
	struct seccomp_data data = { .arch = view->arch->audit };
	struct lint_place place;
	prove_fn fn;
	uint32_t nr;

	if (n->users[0] && !any_executed(l, view, n->users, ARRAY_LEN(n->users)))
		return;
	if (any_executed(l, view, n->calls, ARRAY_LEN(n->calls)) ||
	    !lint_call(l, view, arch_syscall_by_name(str_of(n->calls[0])), &nr, &fn))
		return;
	data.nr = (int)nr;
	place = lint_decider(l, &data);
	if (!lint_say(l, &place, n->code, "%s", n->text))
		return;
	if (l->nviews > 1)
		lint_note(l, NULL, "on %s", view->arch->name);
	lint_note(l, NULL, "add: %s", n->advice);
}

void lint_needs(struct lint *l)
{
	for (size_t i = 0; i < l->nviews; i++) {
		/* What executes nothing at all wants nothing else. */
		if (lint_executed(l, l->views[i].fn) == PROVE_FALSE)
			continue;
		for (size_t j = 0; j < ARRAY_LEN(needs); j++)
			look_at(l, &l->views[i], &needs[j]);
	}
}
