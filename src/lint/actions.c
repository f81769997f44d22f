/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers that do something else than people think. */
#include "lint/context.h"

#include <errno.h>

/* A program that returns what it computes has any number of answers. */
#define ANSWERS_MAX 64

struct answer {
	uint32_t action; /* SECCOMP_RET_* without data */
	enum diag_code code;
	const char *text, *advice;
};

static const struct answer answers[] = {
	{ SECCOMP_RET_KILL_THREAD, DIAG_LINT_KILL_THREAD,
	  "this ends one thread; the others go on, and wait forever for the locks that it held",
	  "kill_process ends all of them" },
	{ SECCOMP_RET_TRACE, DIAG_LINT_TRACE,
	  "without a tracer that asks for seccomp's events the call fails with ENOSYS",
	  "strait run has none; PTRACE_O_TRACESECCOMP is how one asks" },
	{ SECCOMP_RET_USER_NOTIF, DIAG_LINT_NOTIFY,
	  "without a supervisor the call fails with ENOSYS",
	  "strait run has none; strait supervise is one where the rule has an answer: => ..." },
};

static const struct answer errno_zero = {
	SECCOMP_RET_ERRNO, DIAG_LINT_ERRNO_ZERO,
	"the call does nothing and returns 0, which its caller takes for success",
	"an error number tells the truth: EPERM, ENOSYS"
};

static const struct answer unknown_action = { 0, DIAG_LINT_UNKNOWN_ACTION,
					      "no kernel knows this action: it kills the process",
					      "SECCOMP_RET_KILL_PROCESS says so" };

static bool is_known_action(uint32_t action)
{
	static const uint32_t known[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i] == action)
			return true;
	return false;
}

static const struct answer *answer_of(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	if (!is_known_action(action))
		return &unknown_action;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].action == action)
			return &answers[i];
	return ret == SECCOMP_RET_ERRNO ? &errno_zero : NULL;
}

static void say(struct lint *l, const struct lint_place *place, const struct answer *a)
{
	if (lint_say(l, place, a->code, "%s", a->text))
		lint_note(l, NULL, "%s", a->advice);
}

/* ---- policies ---- */

static void say_statement(struct lint *l, size_t filter, uint32_t ret, struct span span)
{
	const struct answer *a = answer_of(ret);
	struct lint_place place = { .filter = filter, .span = span };

	/* errno(0) is said where the policy is read. */
	if (a && a != &errno_zero && span.file)
		say(l, &place, a);
}

static void look_at_rules(struct lint *l, size_t filter, const struct rules *rules)
{
	/* What has a supervisor's answer is never run without one. */
	if (!rules->otherwise_answer)
		say_statement(l, filter, rules->otherwise, rules->otherwise_span);
	if (!rules->foreign_answer)
		say_statement(l, filter, rules->foreign, rules->foreign_span);
	for (size_t i = 0; i < rules->len; i++)
		for (size_t j = 0; j < rules->abis[i].len; j++) {
			const struct rules_entry *e = &rules->abis[i].entries[j];

			if (!e->answer)
				say_statement(l, filter, e->ret, e->span);
		}
}

/* ---- programs ---- */

struct leaves {
	uint32_t values[ANSWERS_MAX];
	size_t len;
};

/* The values that FN can have. */
static void find_leaves(struct lint *l, prove_fn fn, struct leaves *out)
{
	size_t nodes = prove_space_nodes(l->space), top = 0;
	bool *seen = arena_array(l->arena, nodes, sizeof(*seen));
	/* Each node is put here once. */
	prove_fn *todo = arena_array(l->arena, nodes, sizeof(*todo));

	if (!seen || !todo) {
		prove_fail(l->space, -ENOMEM);
		return;
	}
	seen[fn] = true;
	todo[top++] = fn;
	while (top > 0 && out->len < ARRAY_LEN(out->values)) {
		const struct prove_node *n = prove_node_of(l->space, todo[--top]);

		if (n->level == PROVE_LEVELS) {
			out->values[out->len++] = n->low;
			continue;
		}
		for (unsigned i = 0; i < 2; i++) {
			prove_fn next = i ? n->high : n->low;

			if (!seen[next])
				todo[top++] = next;
			seen[next] = true;
		}
	}
}

static void look_at_leaf(struct lint *l, size_t filter, prove_fn fn, uint32_t ret)
{
	const struct cbpf_prog *prog = l->filters[filter].prog;
	const struct answer *a = answer_of(ret);
	struct seccomp_data data;
	struct lint_place place;
	prove_fn other;

	if (!a)
		return;
	other = prove_differs(l->space, fn, prove_leaf(l->space, ret));
	if (!prove_witness(l->space, other, PROVE_TRUE, &data))
		return;
	place = lint_at_instruction(
		l, filter, cbpf_interp(prog->insns, prog->len, &data, l->order, NULL, NULL).last);
	say(l, &place, a);
}

void lint_actions(struct lint *l, size_t filter)
{
	const struct lint_filter *f = &l->filters[filter];
	struct leaves leaves = { .len = 0 };
	prove_fn fn = l->meaning;
	int r = 0;

	if (f->rules) {
		look_at_rules(l, filter, f->rules);
		return;
	}
	if (l->len > 1)
		r = prove_program(l->space, f->prog, l->order, &fn, NULL);
	if (r == 0)
		find_leaves(l, fn, &leaves);
	for (size_t i = 0; i < leaves.len; i++)
		look_at_leaf(l, filter, fn, leaves.values[i]);
}
