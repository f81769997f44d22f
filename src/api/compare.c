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

static enum cbpf_order order_of(const struct strait_stack *a, const struct strait_stack *b)
{
	if (a->len)
		return a->filters[0]->order;
	return b->len ? b->filters[0]->order : CBPF_HOST_ORDER;
}

/* The stack as the prover takes it, the newest first. 0 or -errno. */
static int take_stack(struct arena *arena, const struct strait_stack *stack, enum cbpf_order order,
		      struct strait_report *report, struct prove_subject *subject)
{
	static struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct cbpf_prog *progs = arena_array(arena, stack->len + 1, sizeof(*progs));

	if (!progs)
		return -ENOMEM;
	for (size_t i = 0; i < stack->len; i++) {
		int error = filter_check(stack->filters[i], order, report);

		if (error)
			return error;
		progs[stack->len - 1 - i] = stack->filters[i]->prog;
	}
	if (!stack->len)
		progs[0] = (struct cbpf_prog){ .insns = &allow, .len = 1 };
	*subject = (struct prove_subject){ .progs = progs, .nprogs = stack->len ? stack->len : 1 };
	return 0;
}

static void report_undecided(const struct strait_stack *stack,
			     const struct strait_comparison *result, size_t limit,
			     struct strait_report *report)
{
	const struct strait_filter *filter;
	AUTO_BUF insn = { 0 };

	if (!stack || !stack->len) {
		report_error(report, DIAG_UNDECIDED,
			     "the filters can't be compared within %zu nodes, and no call that "
			     "tells them apart was found; a higher limit may do",
			     limit);
		return;
	}
	filter = stack->filters[result->filter];
	cbpf_disasm_insn(&filter->prog.insns[result->pc], result->pc, &insn);
	report_error(report, DIAG_UNDECIDED,
		     "what '%s' answers takes more than %zu nodes, from instruction %zu (%s) on; "
		     "no call that tells the filters apart was found",
		     filter->name, limit, result->pc, insn.data ? insn.data : "?");
}

int strait_compare(const struct strait_stack *a, const struct strait_stack *b,
		   enum strait_relation relation, const struct strait_compare_options *options,
		   struct strait_report *report, struct strait_comparison *result)
{
	const struct strait_stack *stacks[] = { a, b, NULL };
	struct strait_comparison out = { 0 };
	struct strait_compare_options taken;
	struct prove_subject subjects[2];
	struct prove_result found;
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (relation != STRAIT_SAME && relation != STRAIT_NO_LOOSER)
		return -EINVAL;
	if (!taken.proof_nodes)
		taken.proof_nodes = STRAIT_PROOF_NODES;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	for (unsigned i = 0; i < 2 && !error; i++)
		error = take_stack(&arena, stacks[i], order_of(a, b), report, &subjects[i]);
	if (!error)
		error = prove_compare(&subjects[0], &subjects[1], (enum prove_relation)relation,
				      order_of(a, b), taken.proof_nodes, &found);
	if (error >= 0) {
		out.outcome = (enum strait_proof)error;
		out.call = found.data;
		out.a_ret = found.a_ret;
		out.b_ret = found.b_ret;
		out.nodes = found.nodes;
		error = 0;
	}
	if (!error && out.outcome == STRAIT_UNDECIDED) {
		unsigned which = found.stuck ? found.stuck == &subjects[1] : 2;

		out.stuck = (enum strait_stuck)(STRAIT_STUCK_A + which);
		if (stacks[which] && stacks[which]->len)
			out.filter = stacks[which]->len - 1 - found.prog;
		out.pc = found.pc;
		report_undecided(stacks[which], &out, taken.proof_nodes, report);
	}
	if (!error)
		options_out(result, &out, sizeof(out));
	arena_deinit(&arena);
	return error;
}
