/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk over the statements, once for each ABI. Errors don't end it: each ABI, rule and call has
 * its say, and report() keeps equal ones apart. The rules leave only where there was no error at
 * all.
 */
#include "policy/resolve.h"

#include <errno.h>

#include "policy/include.h"
#include "policy/report.h"

void *resolve_alloc(struct resolver *r, size_t size)
{
	void *memory = arena_alloc(r->arena, size);

	r->nomem |= !memory;
	return memory;
}

/* ---- what the policy is for ---- */

static void add_abi(struct resolver *r, const struct arch *arch, struct span span)
{
	for (size_t i = 0; i < r->rules->len; i++)
		if (r->rules->abis[i].arch == arch)
			return;
	if (r->rules->len && r->rules->abis[0].arch->big_endian != arch->big_endian) {
		if (report(r->diags, DIAG_BYTE_ORDER, span,
			   "%s and %s differ in byte order: no kernel runs both, and no filter "
			   "fits both",
			   r->rules->abis[0].arch->name, arch->name))
			diag_note(r->diags, (struct span){ 0 },
				  "leave 'arch' out and compile the policy for each");
		return;
	}
	if (rules_add_abi(r->rules, arch) < 0)
		r->nomem = true;
}

static void add_abis(struct resolver *r)
{
	const struct arch *given = r->options->arch ? r->options->arch : arch_native();
	const struct arch *arch;

	for (const struct word *w = r->arches ? r->arches->arches : NULL; w; w = w->next) {
		arch = names_arch(r, w);
		if (arch && !r->options->forced_arch)
			add_abi(r, arch, w->span);
	}
	/* Also after an error, so that the rules are looked at. */
	if (r->rules->len == 0)
		add_abi(r, given, (struct span){ 0 });
}

/* ---- statements that hold for all ABIs ---- */

/* One answer serves all ABIs in struct rules; an errno may be another number on each. */
static void resolve_default(struct resolver *r, const struct stmt *s, uint32_t *ret,
			    struct span *span, const struct rules_answer **answer)
{
	const struct rules_answer *mine;
	uint32_t here;

	if (!s || !value_action(r, &s->action, &here) || !answer_fits(r, &s->action, NULL) ||
	    !answer_resolve(r, &s->action, &mine))
		return;
	if (r->abi > 0 && (here != *ret || (mine && *answer && mine->value != (*answer)->value)))
		report(r->diags, DIAG_DEFAULT_DIFFERS, s->action.span,
		       "this is another number on %s than on %s: use one that all architectures "
		       "share",
		       r->arch->name, r->rules->abis[0].arch->name);
	*ret = here;
	*span = s->span;
	*answer = mine;
}

static void check_default(struct resolver *r)
{
	if (r->default_)
		return;
	if (report(r->diags, DIAG_MISSING_DEFAULT, (struct span){ r->main->source, 0, 0 },
		   "nothing says what happens to calls that no rule names"))
		diag_note(r->diags, (struct span){ 0 }, "add a line: default kill_process");
}

/* ---- the walk ---- */

static bool is_on(const struct resolver *r, const struct stmt *s)
{
	for (const struct word *w = s->arches; w; w = w->next)
		if (arch_by_name(w->text) == r->arch)
			return true;
	return false;
}

/* As deep as includes are; on-blocks hold rules only. */
static void walk(struct resolver *r, struct stmt *stmts)
{
	for (struct stmt *s = stmts; s && !r->nomem && !report_is_full(r->diags); s = s->next) {
		if (s->kind == STMT_INCLUDE && s->included)
			walk(r, s->included->stmts);
		else if (s->kind == STMT_ON && is_on(r, s))
			walk(r, s->rules);
		else if (s->kind == STMT_RULE)
			targets_resolve(r, s);
	}
}

/* What is wrong on every ABI, also in rules for other ABIs than the policy's. */
static void check(struct resolver *r, const struct stmt *stmts)
{
	for (const struct stmt *s = stmts; s && !report_is_full(r->diags); s = s->next) {
		if (s->kind == STMT_RULE || s->kind == STMT_GROUP)
			targets_check(r, s->targets);
		if (s->kind == STMT_INCLUDE && s->included)
			check(r, s->included->stmts);
		if (s->kind != STMT_ON)
			continue;
		for (const struct word *w = s->arches; w; w = w->next)
			(void)names_arch(r, w);
		check(r, s->rules);
	}
}

static void resolve_abi(struct resolver *r)
{
	r->arch = r->rules->abis[r->abi].arch;
	map_init(&r->seen, r->arena);
	resolve_default(r, r->default_, &r->rules->otherwise, &r->rules->otherwise_span,
			&r->rules->otherwise_answer);
	resolve_default(r, r->foreign, &r->rules->foreign, &r->rules->foreign_span,
			&r->rules->foreign_answer);
	walk(r, r->main->stmts);
	if (r->baseline && !r->nomem)
		baseline_resolve(r);
}

static void resolve(struct resolver *r)
{
	size_t errors = r->diags->errors;

	names_collect(r);
	check_default(r);
	check(r, r->main->stmts);
	add_abis(r);
	r->rules->foreign = SECCOMP_RET_KILL_PROCESS;
	for (r->abi = 0; r->abi < r->rules->len && !r->nomem; r->abi++)
		resolve_abi(r);
	if (!r->nomem && r->diags->errors == errors)
		lint_report(r);
}

int policy_rules(struct diags *diags, struct sources *sources, const char *name, struct str text,
		 const struct policy_options *options, struct rules **rules)
{
	static const struct policy_options no_options;
	struct arena *arena = diags->arena;
	struct include_context c = { arena, diags, sources, options, NULL };
	struct resolver r = {
		.arena = arena, .diags = diags, .sources = sources, .options = options
	};
	size_t errors = diags->errors, kept = diags_len(diags);
	int status;

	if (!options)
		c.options = r.options = &no_options;
	status = include_main(&c, name, text, &r.main);
	if (status < 0)
		return status;
	map_init(&r.lets, arena);
	map_init(&r.sets, arena);
	map_init(&r.groups, arena);
	r.rules = rules_new(arena);
	if (!r.rules)
		return -ENOMEM;
	if (r.main)
		resolve(&r);
	if (r.nomem || diags->failed)
		return -ENOMEM;
	report_sort(diags, kept);
	if (diags->errors > errors)
		return -EINVAL;
	*rules = r.rules;
	return 0;
}
