/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which statement answered a call of which not all is known.
 *
 * The filter is executed on what is known, with zeros for the rest. If it looks at nothing that is
 * unknown on its way, its answer is the one that it gave then. If it does, the rules tell what the
 * possibilities are: those whose condition needs the unknown, up to the first without. What another
 * filter of the stack would have overruled, and what gives another answer than the record has, was
 * not it.
 */
#include <strait/explain.h>

#include "api/handles.h"

#include <assert.h>
#include <errno.h>

struct explanation {
	struct strait_explanation public; /* first: strait_explanation_free() is given its address
					   */
	struct arena arena;
	struct strait_verdict *verdict;
};

/* One of the answers that a filter may have given. */
struct possible {
	size_t filter;
	bool any; /* a raw program that looked at what isn't known: nothing below is */
	bool is_rule;
	bool is_foreign;
	uint32_t ret;
	uint32_t pc;
	struct span span;
};

struct case_file {
	const struct strait_record *record;
	const struct strait_filter *const *stack;
	size_t len;
	enum cbpf_order order;
	uint32_t unknown; /* bit of each enum cbpf_word that isn't known */
	struct arena *arena;
	struct possible *possible;
	size_t npossible, room;
};

static uint32_t unknown_words(const struct strait_record *record)
{
	uint32_t words = 0;

	if (!(record->known & STRAIT_KNOWN_IP))
		words |= 1U << CBPF_IP_LOW | 1U << CBPF_IP_HIGH;
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		if (!(record->args_known >> i & 1))
			words |= 1U << CBPF_ARG_LOW(i) | 1U << CBPF_ARG_HIGH(i);
	return words;
}

/* ---- does an answer depend on what isn't known? ---- */

struct watch {
	const struct case_file *c;
	const struct cbpf_prog *prog;
	bool looked;
};

static void step(void *user, size_t pc, uint32_t a, uint32_t x)
{
	struct watch *w = user;
	const struct sock_filter *insn = &w->prog->insns[pc];

	(void)a, (void)x;
	if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
		w->looked |= w->c->unknown >> cbpf_offset_word(insn->k, w->c->order) & 1;
}

static bool depends(const struct case_file *c, const struct strait_filter *filter)
{
	struct watch w = { .c = c, .prog = &filter->prog };

	(void)cbpf_interp(filter->prog.insns, filter->prog.len, &c->record->data, c->order, step,
			  &w);
	return w.looked;
}

static bool test_needs(const struct rules_test *test, uint32_t words)
{
	return words >> test->operand.low & 1 ||
	       (test->operand.bits == 64 && words >> test->operand.high & 1);
}

/* Goes left in a loop as rules/eval.c does, and for its reason. */
static bool cond_needs(const struct rules_cond *cond, uint32_t words, unsigned budget)
{
	assert(budget > 0);
	for (;; cond = cond->left) {
		if (cond->kind == RULES_TEST)
			return test_needs(&cond->test, words);
		if (cond->kind == RULES_CONST)
			return false;
		if (cond->kind != RULES_NOT && cond_needs(cond->right, words, budget - 1))
			return true;
	}
}

/* ---- what each filter may have answered ---- */

static int add(struct case_file *c, const struct possible *one)
{
	const struct possible *last = c->npossible ? &c->possible[c->npossible - 1] : NULL;
	struct possible *grown;

	/* A statement has an entry for each of its targets. */
	if (last && last->filter == one->filter && last->ret == one->ret &&
	    last->span.file == one->span.file && last->span.begin == one->span.begin)
		return 0;
	grown = arena_grow(c->arena, c->possible, c->npossible, &c->room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->possible = grown;
	c->possible[c->npossible++] = *one;
	return 0;
}

static int add_certain(struct case_file *c, size_t i)
{
	const struct strait_filter *filter = c->stack[i];
	const struct cbpf_prog *prog = &filter->prog;
	struct engine_verdict answer = engine_decide(&prog, 1, &c->record->data, c->order, 0);
	struct possible one = { .filter = i, .ret = answer.ret, .pc = answer.pc };
	struct rules_verdict meant;

	if (filter->policy) {
		meant = rules_eval(filter->policy->rules, &c->record->data);
		one.is_rule = meant.entry != NULL;
		one.is_foreign = !rules_abi_of_call(filter->policy->rules, c->record->data.arch,
						    (uint32_t)c->record->data.nr);
		one.span = meant.span;
	}
	return add(c, &one);
}

static int add_rules(struct case_file *c, size_t i, const struct rules_abi *abi)
{
	const struct rules *rules = c->stack[i]->policy->rules;
	uint32_t nr = (uint32_t)c->record->data.nr;
	struct possible one = { .filter = i };
	int error;

	for (size_t k = 0; k < abi->len; k++) {
		const struct rules_entry *e = &abi->entries[k];
		bool may = e->cond && cond_needs(e->cond, c->unknown, RULES_DEPTH_MAX);

		if (nr < e->first || nr > e->last)
			continue;
		if (!may && e->cond && !rules_eval_cond(e->cond, &c->record->data))
			continue;
		one.ret = e->ret;
		one.span = e->span;
		one.is_rule = true;
		error = add(c, &one);
		if (error || !may)
			return error;
	}
	one.ret = rules->otherwise;
	one.span = rules->otherwise_span;
	one.is_rule = false;
	return add(c, &one);
}

static int add_filter(struct case_file *c, size_t i)
{
	const struct strait_filter *filter = c->stack[i];
	const struct possible any = { .filter = i, .any = true };
	const struct rules_abi *abi;

	if (!depends(c, filter))
		return add_certain(c, i);
	if (!filter->policy)
		return add(c, &any);
	abi = rules_abi_of_call(filter->policy->rules, c->record->data.arch,
				(uint32_t)c->record->data.nr);
	return abi ? add_rules(c, i, abi) : add_certain(c, i);
}

/* ---- which of them it was ---- */

/* The kernel takes the smallest of a stack: kernel/seccomp.c, seccomp_run_filters(). */
static int32_t rank(const struct possible *p)
{
	return p->any ? INT32_MAX : (int32_t)(p->ret & SECCOMP_RET_ACTION_FULL);
}

/* What a filter answers at the weakest, another one's weaker answer never wins over. */
static int32_t strongest_certain(const struct case_file *c)
{
	int32_t limit = INT32_MAX;

	for (size_t i = 0; i < c->len; i++) {
		int32_t weakest = INT32_MIN;

		for (size_t k = 0; k < c->npossible; k++)
			if (c->possible[k].filter == i && rank(&c->possible[k]) > weakest)
				weakest = rank(&c->possible[k]);
		limit = weakest < limit ? weakest : limit;
	}
	return limit;
}

/* Is RET what happened to the call, as far as the record says? */
static bool fits(const struct strait_record *record, uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;
	bool sigsys = action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD ||
		      action == SECCOMP_RET_TRAP;

	if (record->known & STRAIT_KNOWN_ACTION)
		return action == record->action;
	if (record->form == STRAIT_RECORD_EPERM)
		return action == SECCOMP_RET_ERRNO;
	if (record->form == STRAIT_RECORD_FIELDS && !(record->known & STRAIT_KNOWN_SIGNAL))
		return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG;
	return sigsys;
}

static int add_suspect(struct explanation *e, const struct case_file *c, const struct possible *p,
		       struct strait_suspect *out)
{
	const struct strait_filter *filter = c->stack[p->filter];
	AUTO_BUF action = { 0 };
	struct statement found;

	*out = (struct strait_suspect){ .filter = p->filter };
	out->filter_name = arena_printf(&e->arena, "%s", filter->name);
	if (!out->filter_name)
		return -ENOMEM;
	if (p->any)
		return 0;
	cbpf_describe_ret(p->ret, &action);
	out->action = action.failed ? NULL : arena_strndup(&e->arena, action.data, action.size);
	if (!out->action)
		return -ENOMEM;
	if (!filter->policy)
		return 0;
	if (statement_at(&e->arena, &filter->policy->sources, p->span, &found))
		return -ENOMEM;
	out->file = found.file;
	out->line = found.line;
	out->column = found.column;
	out->statement = found.text;
	return 0;
}

/* The rule that would let the first suspect allow it: before that, if it is a rule. */
static int set_fix(struct explanation *e, const struct case_file *c, const struct possible *p,
		   const struct strait_suspect *suspect)
{
	struct strait_explanation *public = &e->public;
	const struct strait_filter *filter = p ? c->stack[p->filter] : NULL;
	const struct arch *arch = arch_of_call(c->record->data.arch, (uint32_t)c->record->data.nr);
	const struct arch *first = arch_native();
	AUTO_BUF fix = { 0 };

	if (filter && filter->policy)
		first = filter->policy->rules->abis[0].arch;
	if (!arch || (p && p->is_foreign))
		return 0;
	if (call_fix(&c->record->data, c->record->args_known, arch != first, &fix)) {
		public->fix = arena_strndup(&e->arena, fix.data, fix.size);
		if (!public->fix)
			return -ENOMEM;
	}
	if (fix.failed)
		return -ENOMEM;
	if (p && p->is_rule) {
		public->fix_file = suspect->file;
		public->fix_line = suspect->line;
	}
	return 0;
}

static int set_suspects(struct explanation *e, const struct case_file *c)
{
	struct strait_explanation *public = &e->public;
	struct strait_suspect *list = arena_array(&e->arena, c->npossible, sizeof(*list));
	const struct possible *first = NULL;
	int32_t limit = strongest_certain(c);
	int error = list ? 0 : -ENOMEM;

	public->how = STRAIT_EXPLAINED_SUSPECTS;
	public->suspects = list;
	for (size_t i = 0; i < c->npossible && !error; i++) {
		const struct possible *p = &c->possible[i];

		if (!p->any && (rank(p) > limit || !fits(c->record, p->ret)))
			continue;
		first = first ? first : p;
		error = add_suspect(e, c, p, &list[public->nsuspects++]);
	}
	public->fits = public->nsuspects > 0;
	if (!error && first && c->stack[first->filter]->policy)
		error = set_fix(e, c, first, &list[0]);
	return error;
}

static int set_verdict(struct explanation *e, const struct case_file *c,
		       const struct cbpf_prog *const *progs)
{
	struct engine_verdict answer = engine_decide(progs, c->len, &c->record->data, c->order, 0);
	struct strait_explanation *public = &e->public;
	int error = verdict_new_partly(c->stack, c->len, &c->record->data, c->record->args_known,
				       &answer, &e->verdict);

	if (error)
		return error;
	public->how = STRAIT_EXPLAINED_VERDICT;
	public->verdict = e->verdict;
	public->fits = fits(c->record, answer.ret);
	public->fix = e->verdict->fix;
	if (e->verdict->by == STRAIT_BY_RULE) {
		public->fix_file = e->verdict->file;
		public->fix_line = e->verdict->line;
	}
	return 0;
}

static int explain(struct explanation *e, struct case_file *c, struct strait_report *report)
{
	const struct cbpf_prog *const *progs;
	bool certain = true;
	int error;

	if (!(c->record->known & STRAIT_KNOWN_CALL) || c->record->is_strict)
		return 0;
	/* Without filters there is no doubt about what would allow it: what was stopped wasn't. */
	if (c->len == 0)
		return c->record->known & STRAIT_KNOWN_ACTION &&
				       (c->record->action == SECCOMP_RET_LOG ||
					c->record->action == SECCOMP_RET_ALLOW)
			       ? 0
			       : set_fix(e, c, NULL, NULL);
	c->order = call_order(&c->record->data, c->stack, c->len);
	error = filter_stack(c->arena, c->stack, c->len, c->order, report, &progs);
	for (size_t i = 0; i < c->len && !error; i++) {
		certain = certain && !depends(c, c->stack[i]);
		error = add_filter(c, i);
	}
	if (error)
		return error;
	return certain ? set_verdict(e, c, progs) : set_suspects(e, c);
}

int strait_explain(const struct strait_record *record, const struct strait_filter *const *stack,
		   size_t len, struct strait_report *report, struct strait_explanation **out)
{
	struct explanation *e = calloc(1, sizeof(*e));
	struct case_file c = {
		.record = record,
		.stack = stack,
		.len = len,
		.unknown = unknown_words(record),
	};
	int error;

	if (!e)
		return -ENOMEM;
	arena_init(&e->arena, ARENA_DEFAULT_LIMIT);
	c.arena = &e->arena;
	error = explain(e, &c, report);
	if (error)
		strait_explanation_free(&e->public);
	else
		*out = &e->public;
	return error;
}

void strait_explanation_free(struct strait_explanation *explanation)
{
	struct explanation *e = (struct explanation *)explanation;

	if (!e)
		return;
	strait_verdict_free(e->verdict);
	arena_deinit(&e->arena);
	free(e);
}
