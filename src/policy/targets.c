/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a rule is about: names, groups and numbers, to one entry for each call that the ABI has. A
 * call that only other ABIs have is skipped, so that one policy serves all.
 */
#include "policy/resolve.h"

#include <errno.h>

#include "policy/report.h"

struct expansion {
	struct stmt *rule;
	struct target *top; /* the rule's own target that led here, maybe through groups */
	uint32_t ret;
	const struct rules_answer *answer;
};

static void report_syscall(struct resolver *r, const struct target *t)
{
	const char *guess;

	if (!report_is_new(r->diags, DIAG_UNKNOWN_SYSCALL, t->span))
		return;
	guess = names_guess_syscall(t->name);
	if (guess)
		report(r->diags, DIAG_UNKNOWN_SYSCALL, t->span,
		       "no system call '%.*s'; did you mean '%s'?", STR_ARG(t->name), guess);
	else
		report(r->diags, DIAG_UNKNOWN_SYSCALL, t->span,
		       "no system call '%.*s'; write '%.*s?' for one that is newer than strait",
		       STR_ARG(t->name), STR_ARG(t->name));
}

static void report_group(struct resolver *r, const struct target *t)
{
	struct str_guess guess;

	if (!report_is_new(r->diags, DIAG_UNKNOWN_GROUP, t->span))
		return;
	str_guess_init(&guess, t->name);
	for (const struct symbol *s = r->symbols; s; s = s->next)
		if (s->stmt->kind == STMT_GROUP)
			str_guess_try(&guess, s->text);
	report(r->diags, DIAG_UNKNOWN_GROUP, t->span, "no group '@%.*s'%s%s%s", STR_ARG(t->name),
	       guess.best ? "; did you mean '@" : "", guess.best ? guess.best : "",
	       guess.best ? "'?" : "");
}

void targets_check(struct resolver *r, const struct target *targets)
{
	for (const struct target *t = targets; t && !report_is_full(r->diags); t = t->next) {
		if (t->kind == TARGET_NAME && !t->is_optional && !arch_syscall_by_name(t->name))
			report_syscall(r, t);
		if (t->kind == TARGET_GROUP && !map_get(&r->groups, t->name))
			report_group(r, t);
	}
}

static void add_entry(struct resolver *r, const struct expansion *x,
		      const struct arch_syscall *call, uint32_t first, uint32_t last)
{
	struct rules_entry entry = {
		first, last, NULL, x->ret, x->rule->span, x->top->span, x->answer,
	};

	if (!answer_fits(r, &x->rule->action, call))
		return;
	if (x->rule->cond) {
		entry.cond = cond_resolve(r, x->rule->cond, call);
		if (!entry.cond)
			return;
	}
	if (rules_add(r->rules, r->abi, &entry) < 0)
		r->nomem = true;
	else
		lint_entry(r, &entry, x->top);
}

static void add_name(struct resolver *r, const struct expansion *x, const struct target *t)
{
	const struct arch_syscall *call = arch_syscall_by_name(t->name);
	int64_t nr = call ? arch_syscall_nr(r->arch, call) : -1;

	if (nr >= 0)
		add_entry(r, x, call, (uint32_t)nr, (uint32_t)nr);
}

static bool eval_number(struct resolver *r, const struct value *v, uint32_t *nr)
{
	struct number n;

	if (!value_eval(r, v, &n))
		return false;
	*nr = (uint32_t)n.bits;
	if (!n.is_negative && n.bits <= UINT32_MAX)
		return true;
	report(r->diags, DIAG_VALUE_RANGE, v->span,
	       "a system call's number has 32 bits and no sign");
	return false;
}

static bool is_x86(const struct arch *arch)
{
	return arch->column == ARCH_X86_64 || arch->column == ARCH_X32;
}

/* Numbers are what seccomp_data.nr holds: they belong to the ABI that the kernel would take them
 * for. */
static void add_numbers(struct resolver *r, const struct expansion *x, const struct target *t)
{
	const struct arch_syscall *call;
	const struct rules_abi *abi;
	uint32_t first, last;

	if (!eval_number(r, t->number, &first) || !eval_number(r, t->last, &last))
		return;
	if (first > last) {
		report(r->diags, DIAG_EMPTY_RANGE, t->span, "the range ends before it begins");
		return;
	}
	if (is_x86(r->arch) && (first ^ last) / ARCH_X32_BIT) {
		report(r->diags, DIAG_UNKNOWN_NUMBER, t->span,
		       "some of these numbers are x86_64's and some, with bit 30, x32's: write a "
		       "range for each");
		return;
	}
	call = first == last ? arch_syscall_by_nr(r->arch, first) : NULL;
	abi = rules_abi_of_call(r->rules, r->arch->audit, first);
	if (!abi)
		report(r->diags, DIAG_UNKNOWN_NUMBER, t->number->span,
		       "%u is no number of this policy's architectures: with bit 30 it is x32's",
		       first);
	else if (abi->arch == r->arch)
		add_entry(r, x, call, first, last);
}

static void add_targets(struct resolver *r, struct expansion *x, const struct target *targets);

/* A group counts once in a rule: what it would add again is there. That also keeps groups of groups
 * linear. */
static void add_group(struct resolver *r, struct expansion *x, const struct target *t)
{
	struct symbol *group = names_find(r, &r->groups, t->name, t->span);

	if (!group)
		return;
	if (group->is_busy || r->let_depth == RESOLVE_LET_DEPTH) {
		if (report(r->diags, group->is_busy ? DIAG_DEFINITION_CYCLE : DIAG_TOO_DEEP,
			   t->span,
			   group->is_busy ? "group '@%.*s' holds itself"
					  : "'@%.*s' is a group of groups of groups ...",
			   STR_ARG(t->name)))
			diag_note(r->diags, group->stmt->name_span, "defined here");
		return;
	}
	group->is_used = true;
	if (group->rule == r->rule)
		return;
	group->rule = r->rule;
	group->is_busy = true;
	r->let_depth++;
	add_targets(r, x, group->stmt->targets);
	r->let_depth--;
	group->is_busy = false;
}

static void add_targets(struct resolver *r, struct expansion *x, const struct target *targets)
{
	for (const struct target *t = targets; t && !r->nomem; t = t->next) {
		if (t->kind == TARGET_NAME)
			add_name(r, x, t);
		else if (t->kind == TARGET_NUMBER)
			add_numbers(r, x, t);
		else
			add_group(r, x, t);
	}
}

void targets_resolve(struct resolver *r, struct stmt *rule)
{
	struct expansion x = { .rule = rule };
	struct target *next;

	r->rule++;
	if (!value_action(r, &rule->action, &x.ret) || !answer_resolve(r, &rule->action, &x.answer))
		return;
	for (struct target *t = rule->targets; t && !r->nomem; t = next) {
		struct target single = *t;

		next = t->next;
		single.next = NULL;
		x.top = t;
		add_targets(r, &x, &single);
		if (report_is_full(r->diags))
			return;
	}
}
