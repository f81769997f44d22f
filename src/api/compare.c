/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks of filters, compared. */
#include <strait/compare.h>

#include "api/handles.h"
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
