/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs to policy text. */
#include <strait/decompile.h>

#include "api/handles.h"
#include "decompile/decompile.h"

#include <errno.h>

struct job {
	const struct strait_stack *stack;
	struct decompile_options options;
	struct strait_report *report;
	size_t nodes;
};

static const char *name_of(const struct job *j)
{
	return j->stack->len == 1 ? j->stack->filters[0]->name : "the stack";
}

static int report_limit(const struct job *j)
{
	report_error(
		j->report, DIAG_PROOF_LIMIT,
		"what '%s' means takes more than %zu nodes to tell; --proof-nodes (proof_nodes "
		"in struct strait_decompile_options) allows more",
		name_of(j), j->nodes);
	return -E2BIG;
}

/* The answer to the public question; the sentence of a refusal is in WHY. */
static int answer(const struct job *j, int outcome, const struct buf *why)
{
	switch (outcome) {
	case DECOMPILE_DONE:
		return 0;
	case DECOMPILE_REFUSED:
		report_error(j->report, DIAG_NO_POLICY, "no policy says what '%s' does: %s",
			     name_of(j), why->data ? why->data : "?");
		return 1;
	case DECOMPILE_UNDECIDED:
		return report_limit(j);
	case DECOMPILE_WRONG:
		report_error(j->report, DIAG_NOT_EQUAL,
			     "strait has a bug: the policy that it made of '%s' means something "
			     "else; it is not given out",
			     name_of(j));
		return -EINVAL;
	default:
		return outcome;
	}
}

static int run(const struct job *j, struct arena *arena, struct buf *out)
{
	struct prove_space *space;
	struct prove_subject subject;
	AUTO_BUF why = { 0 };
	size_t prog, pc;
	prove_fn fn;
	int status = stack_take(arena, j->stack, j->options.order, j->report, &subject);

	if (status)
		return status;
	space = prove_space_new(arena, j->nodes);
	if (!space)
		return -ENOMEM;
	status = prove_meaning(space, &subject, j->options.order, &fn, &prog, &pc);
	if (status == PROVE_UNDECIDED)
		return report_limit(j);
	if (status)
		return status;
	status = decompile(space, fn, &j->options, out, &why);
	return answer(j, status, &why);
}

int strait_decompile(const struct strait_stack *stack,
		     const struct strait_decompile_options *options, struct strait_report *report,
		     char **out, size_t *size)
{
	struct strait_decompile_options taken;
	struct job job = { .stack = stack, .report = report };
	AUTO_BUF text = { 0 };
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	job.nodes = taken.proof_nodes ? taken.proof_nodes : STRAIT_PROOF_NODES;
	job.options.only = abi_private(taken.only);
	job.options.order = stack->len ? stack->filters[0]->order : CBPF_HOST_ORDER;
	arena_init(&arena, decompile_bytes(job.nodes));
	error = run(&job, &arena, &text);
	arena_deinit(&arena);
	return error ? error : buf_finish(&text, out, size);
}
