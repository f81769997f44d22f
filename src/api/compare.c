/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks of filters, compared and merged. */
#include <strait/compare.h>

#include "api/handles.h"
#include "merge/merge.h"
#include "prove/prove.h"

#include <errno.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_SAME, PROVE_SAME);
SAME(STRAIT_NO_LOOSER, PROVE_NO_LOOSER);
SAME(STRAIT_PROVEN, PROVE_EQUAL);
SAME(STRAIT_DISPROVEN, PROVE_DIFFERS);
SAME(STRAIT_UNDECIDED, PROVE_UNDECIDED);
SAME(STRAIT_PROOF_NODES, PROVE_DEFAULT_BUDGET);

/* The program that no filter at all is. */
static int put_allow(struct arena *arena, struct cbpf_prog *prog)
{
	struct sock_filter *insn = arena_alloc(arena, sizeof(*insn));

	if (!insn)
		return -ENOMEM;
	*insn = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*prog = (struct cbpf_prog){ .insns = insn, .len = 1 };
	return 0;
}

int stack_take(struct arena *arena, const struct strait_stack *stack, enum cbpf_order order,
	       struct strait_report *report, struct prove_subject *out)
{
	struct cbpf_prog *progs = arena_array(arena, stack->len + 1, sizeof(*progs));

	if (!progs)
		return -ENOMEM;
	*out = (struct prove_subject){ .progs = progs, .nprogs = stack->len ? stack->len : 1 };
	for (size_t i = 0; i < stack->len; i++) {
		int error = filter_check(stack->filters[i], order, report);

		if (error)
			return error;
		progs[stack->len - 1 - i] = stack->filters[i]->prog;
	}
	return stack->len ? 0 : put_allow(arena, &progs[0]);
}

struct comparison {
	const struct strait_stack *stacks[2];
	enum strait_relation relation;
	size_t nodes;
	struct prove_subject subjects[2];
	struct prove_result found;
};

static enum cbpf_order order_of(const struct comparison *c)
{
	for (unsigned i = 0; i < 2; i++)
		if (c->stacks[i]->len)
			return c->stacks[i]->filters[0]->order;
	return CBPF_HOST_ORDER;
}

/* An enum strait_proof, or -errno. */
static int compare(struct comparison *c, struct arena *arena, struct strait_report *report)
{
	for (unsigned i = 0; i < 2; i++) {
		int error = stack_take(arena, c->stacks[i], order_of(c), report, &c->subjects[i]);

		if (error)
			return error;
	}
	return prove_compare(&c->subjects[0], &c->subjects[1], (enum prove_relation)c->relation,
			     order_of(c), c->nodes, &c->found);
}

/* Where it got stuck, for the caller and in words. */
static void report_undecided(const struct comparison *c, struct strait_comparison *out,
			     struct strait_report *report)
{
	const struct strait_filter *filter;
	const struct strait_stack *stack;
	AUTO_BUF insn = { 0 };

	if (!c->found.stuck) {
		out->stuck = STRAIT_STUCK_TOGETHER;
		report_error(report, DIAG_UNDECIDED,
			     "how the filters relate takes more than %zu nodes to tell; no call "
			     "that would settle it was found",
			     c->nodes);
		return;
	}
	out->stuck = c->found.stuck == &c->subjects[0] ? STRAIT_STUCK_A : STRAIT_STUCK_B;
	stack = c->stacks[out->stuck == STRAIT_STUCK_B];
	if (!stack->len)
		return;
	out->filter = stack->len - 1 - c->found.prog;
	out->pc = c->found.pc;
	filter = stack->filters[out->filter];
	cbpf_disasm_insn(&filter->prog.insns[out->pc], out->pc, &insn);
	report_error(report, DIAG_UNDECIDED,
		     "how the filters relate takes more than %zu nodes to tell, because of "
		     "instruction %zu of '%s': %s; no call that would settle it was found",
		     c->nodes, out->pc, filter->name, insn.data ? insn.data : "?");
}

int strait_compare(const struct strait_stack *a, const struct strait_stack *b,
		   enum strait_relation relation, const struct strait_compare_options *options,
		   struct strait_report *report, struct strait_comparison *result)
{
	struct comparison c = { .stacks = { a, b }, .relation = relation };
	struct strait_comparison out = { 0 };
	struct strait_compare_options taken;
	struct arena arena;
	int outcome = options_in(&taken, sizeof(taken), options);

	if (outcome)
		return outcome;
	if (relation != STRAIT_SAME && relation != STRAIT_NO_LOOSER)
		return -EINVAL;
	c.nodes = taken.proof_nodes ? taken.proof_nodes : STRAIT_PROOF_NODES;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	outcome = compare(&c, &arena, report);
	if (outcome == STRAIT_UNDECIDED)
		report_undecided(&c, &out, report);
	arena_deinit(&arena);
	if (outcome < 0)
		return outcome;
	out.outcome = (enum strait_proof)outcome;
	out.call = c.found.data;
	out.a_ret = c.found.a_ret;
	out.b_ret = c.found.b_ret;
	out.nodes = c.found.nodes;
	options_out(result, &out, sizeof(out));
	return 0;
}

/* ---- merging ---- */

struct merger {
	const struct strait_stack *stack;
	struct strait_report *report;
	struct merge_filter *filters;
	struct merge_result result;
};

static void report_parts(struct merger *m, struct arena *arena)
{
	for (size_t i = 0; i < m->result.nparts; i++) {
		const struct merge_part *part = &m->result.parts[i];
		const struct strait_filter *filter = m->stack->filters[part->filter];
		struct diags diags;

		if (!part->span.file) {
			report_error(
				m->report, DIAG_IDLE_FILTER,
				"filter %zu, '%s', changes nothing: the stack answers the same "
				"without it",
				part->filter + 1, filter->name);
			continue;
		}
		diags_init(&diags, arena, &filter->policy->sources);
		diag_add(&diags, DIAG_OVERRULED, part->span,
			 "other filters of the stack always overrule this rule");
		report_collect(m->report, &diags);
	}
}

static void report_too_large(const struct merger *m, size_t nodes)
{
	const struct strait_filter *filter;
	AUTO_BUF insn = { 0 };

	if (m->result.filter >= m->stack->len) {
		report_error(m->report, DIAG_PROOF_LIMIT,
			     "nothing was made of the stack: what its filters mean together takes "
			     "more than %zu nodes; --proof-nodes (proof_nodes in struct "
			     "strait_compare_options) allows more",
			     nodes);
		return;
	}
	filter = m->stack->filters[m->result.filter];
	cbpf_disasm_insn(&filter->prog.insns[m->result.pc], m->result.pc, &insn);
	report_error(m->report, DIAG_PROOF_LIMIT,
		     "nothing was made of the stack: what it means takes more than %zu nodes, "
		     "because of instruction %zu of '%s': %s; --proof-nodes (proof_nodes in struct "
		     "strait_compare_options) allows more",
		     nodes, m->result.pc, filter->name, insn.data ? insn.data : "?");
}

static void report_bug(const struct merger *m)
{
	AUTO_BUF call = { 0 };
	AUTO_BUF said = { 0 };
	AUTO_BUF done = { 0 };

	call_describe(&m->result.data, CALL_ARGS_ALL, &call);
	cbpf_describe_ret(m->result.stack_ret, &said);
	cbpf_describe_ret(m->result.prog_ret, &done);
	report_error(m->report, DIAG_NOT_EQUAL,
		     "strait has a bug: the stack says %s to %s, the program made of it %s; "
		     "nothing was made of it",
		     said.data ? said.data : "?", call.data ? call.data : "?",
		     done.data ? done.data : "?");
}

static int take_filters(struct merger *m, struct arena *arena, enum cbpf_order order)
{
	m->filters = arena_array(arena, m->stack->len, sizeof(*m->filters));
	if (!m->filters)
		return -ENOMEM;
	for (size_t i = 0; i < m->stack->len; i++) {
		const struct strait_filter *filter = m->stack->filters[i];
		int error = filter_check(filter, order, m->report);

		if (error)
			return error;
		m->filters[i] =
			(struct merge_filter){ &filter->prog,
					       filter->policy ? filter->policy->rules : NULL };
	}
	return 0;
}

/* Makes the program and says what is to be said. 0 or -errno. */
static int merge(struct merger *m, struct arena *arena, size_t nodes, struct strait_filter *filter)
{
	struct sources sources = { .arena = arena };
	struct diags diags;
	int r = take_filters(m, arena, filter->order);

	if (r)
		return r;
	diags_init(&diags, arena, &sources);
	r = merge_filters(&filter->arena, &diags,
			  &(struct merge_stack){ m->filters, m->stack->len, filter->order }, nodes,
			  &m->result);
	report_collect(m->report, &diags);
	if (r == PROVE_UNDECIDED)
		report_too_large(m, nodes);
	else if (r == PROVE_DIFFERS)
		report_bug(m);
	else if (r == 0)
		report_parts(m, arena);
	filter->prog = m->result.prog;
	return r > 0 ? -EINVAL : r;
}

int strait_merge(const char *name, const struct strait_stack *stack,
		 const struct strait_compare_options *options, struct strait_report *report,
		 struct strait_filter **out)
{
	struct merger m = { .stack = stack, .report = report };
	struct strait_compare_options taken;
	struct strait_filter *filter;
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (!stack->len) {
		report_error(report, DIAG_NOT_ACCEPTED, "there is no filter to merge");
		return -EINVAL;
	}
	filter = filter_new(name, stack->filters[0]->order);
	if (!filter)
		return -ENOMEM;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = merge(&m, &arena, taken.proof_nodes ? taken.proof_nodes : STRAIT_PROOF_NODES,
		      filter);
	arena_deinit(&arena);
	if (error)
		strait_filter_free(filter);
	else
		*out = filter;
	return error;
}
