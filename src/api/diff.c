/* SPDX-License-Identifier: BSD-2-Clause */
/* Differences of two stacks, as sentences. */
#include <strait/diff.h>

#include "api/handles.h"
#include "decompile/differ.h"

#include <errno.h>

struct diff {
	struct strait_diff public; /* first: strait_diff_free() is given its address */
	struct arena arena;	   /* what the list points to */
};

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_ONLY_A, DIFFER_ONLY_A);
SAME(STRAIT_ONLY_B, DIFFER_ONLY_B);
SAME(STRAIT_ANSWERS_DIFFER, DIFFER_ANSWER);
SAME(STRAIT_WIDTHS_DIFFER, DIFFER_WIDTH);

struct job {
	const struct strait_stack *stacks[2];
	enum strait_relation relation;
	struct differ_options options;
	size_t nodes;
	struct strait_report *report;
};

/* ---- sentences ---- */

static const char *lets(uint32_t ret)
{
	return (ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG ? "logs" : "allows";
}

/* "B also allows family == AF_VSOCK; A answers kill_process" */
static void put_only(const struct difference *d, char who, char other, struct buf *out)
{
	uint32_t ret = who == 'A' ? d->a_ret : d->b_ret;
	const char *action = who == 'A' ? d->b_action : d->a_action;
	bool is_some = d->cond && strcmp(d->cond, "?") == 0;

	if (d->is_also)
		buf_printf(out, "%c also %s", who, lets(ret));
	else
		buf_printf(out, "only %c %s", who, lets(ret));
	if (is_some)
		buf_puts(out, " some arguments");
	else if (d->cond)
		buf_printf(out, " %s", d->cond);
	buf_printf(out, "; %c answers %s", other, action);
}

static void put_sentence(const struct difference *d, struct buf *out)
{
	switch (d->kind) {
	case DIFFER_ONLY_A:
		put_only(d, 'A', 'B', out);
		break;
	case DIFFER_ONLY_B:
		put_only(d, 'B', 'A', out);
		break;
	case DIFFER_WIDTH:
		buf_printf(out, "%c tests 64 bits of %s, %c the lower 32, as the kernel",
			   d->is_also ? 'A' : 'B', d->cond, d->is_also ? 'B' : 'A');
		break;
	case DIFFER_ANSWER:
		if (d->cond && strcmp(d->cond, "?") == 0)
			buf_puts(out, "for some arguments, ");
		else if (d->cond)
			buf_printf(out, "if %s, ", d->cond);
		buf_printf(out, "A answers %s, B %s", d->a_action, d->b_action);
		break;
	}
}

/* ---- the public list ---- */

/* The text of a buffer, kept in the arena; the buffer is empty again. */
static const char *keep(struct arena *arena, struct buf *text)
{
	const char *kept = text->failed
				   ? NULL
				   : arena_strndup(arena, text->data ? text->data : "", text->size);

	buf_deinit(text);
	return kept;
}

static int fill(struct diff *out, const struct differences *found)
{
	struct strait_difference *list = arena_array(&out->arena, found->len, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < found->len; i++) {
		const struct difference *d = &found->list[i];
		struct buf text = { 0 };

		put_sentence(d, &text);
		list[i] = (struct strait_difference){
			.kind = (enum strait_difference_kind)d->kind,
			.text = keep(&out->arena, &text),
			.abis = d->archs,
			.nabis = d->narchs,
			.calls = d->is_rest ? NULL : d->calls,
			.ncalls = d->is_rest ? 0 : d->ncalls,
			.cond = d->cond,
			.data = d->data,
			.a_ret = d->a_ret,
			.b_ret = d->b_ret,
			.a_action = d->a_action,
			.b_action = d->b_action,
			.call = d->call,
		};
		if (!list[i].text)
			return -ENOMEM;
	}
	out->public.list = list;
	out->public.len = found->len;
	out->public.outcome = found->len ? STRAIT_DISPROVEN : STRAIT_PROVEN;
	out->public.is_complete = 1;
	return 0;
}

/* One call that a search found, where nothing more is known. */
static int fill_example(struct diff *out, const struct job *j, const struct strait_comparison *c)
{
	struct prove_space *space = prove_space_new(&out->arena, PROVE_DEFAULT_BUDGET);
	struct differences found = { 0 };
	int status;

	if (!space)
		return -ENOMEM;
	status = differ_one(space, &c->call, c->a_ret, c->b_ret, &j->options, &found);
	if (status)
		return status;
	status = fill(out, &found);
	out->public.is_complete = 0;
	return status;
}

/* ---- the question ---- */

/* The meanings are too large: is there at least one call? */
static int search(struct diff *out, const struct job *j)
{
	struct strait_compare_options options = { .size = sizeof(options),
						  .proof_nodes = j->nodes };
	struct strait_comparison c = { .size = sizeof(c) };
	int status =
		strait_compare(j->stacks[0], j->stacks[1], j->relation, &options, j->report, &c);

	if (status)
		return status;
	out->public.outcome = c.outcome;
	out->public.is_complete = c.outcome == STRAIT_PROVEN;
	if (c.outcome == STRAIT_DISPROVEN)
		return fill_example(out, j, &c);
	return 0;
}

static int run(struct diff *out, const struct job *j)
{
	struct prove_space *space = prove_space_new(&out->arena, j->nodes);
	struct differences found;
	prove_fn meanings[2];
	size_t prog, pc;
	int status;

	if (!space)
		return -ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		struct prove_subject subject;

		status = stack_take(&out->arena, j->stacks[i], j->options.order, j->report,
				    &subject);
		if (status == 0)
			status = prove_meaning(space, &subject, j->options.order, &meanings[i],
					       &prog, &pc);
		if (status == PROVE_UNDECIDED)
			return search(out, j);
		if (status)
			return status;
	}
	status = differ(space, meanings[0], meanings[1], &j->options, &found);
	if (status == DECOMPILE_UNDECIDED)
		return search(out, j);
	return status ? status : fill(out, &found);
}

static enum cbpf_order order_of(const struct job *j)
{
	for (unsigned i = 0; i < 2; i++)
		if (j->stacks[i]->len)
			return j->stacks[i]->filters[0]->order;
	return CBPF_HOST_ORDER;
}

int strait_diff(const struct strait_stack *a, const struct strait_stack *b,
		enum strait_relation relation, const struct strait_diff_options *options,
		struct strait_report *report, struct strait_diff **out)
{
	struct strait_diff_options taken;
	struct job job = { .stacks = { a, b }, .relation = relation, .report = report };
	struct diff *diff;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (relation != STRAIT_SAME && relation != STRAIT_NO_LOOSER)
		return -EINVAL;
	diff = calloc(1, sizeof(*diff));
	if (!diff)
		return -ENOMEM;
	job.nodes = taken.proof_nodes ? taken.proof_nodes : STRAIT_PROOF_NODES;
	arena_init(&diff->arena, decompile_bytes(job.nodes));
	job.options = (struct differ_options){
		.order = order_of(&job),
		.native = taken.abi ? abi_private(taken.abi) : arch_native(),
		.only_looser = relation == STRAIT_NO_LOOSER,
	};
	error = run(diff, &job);
	if (error)
		strait_diff_free(&diff->public);
	else
		*out = &diff->public;
	return error;
}

void strait_diff_free(struct strait_diff *diff)
{
	struct diff *d = (struct diff *)diff;

	if (!d)
		return;
	arena_deinit(&d->arena);
	free(d);
}
