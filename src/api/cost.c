/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted instructions in public words. */
#include <strait/cost.h>

#include "api/handles.h"
#include "cost/cost.h"

#include <errno.h>
#include <stdlib.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_COST_PLAIN, COST_PLAIN);
SAME(STRAIT_COST_TESTED, COST_TESTED);
SAME(STRAIT_COST_REFUSED, COST_REFUSED);
SAME(STRAIT_COST_DENIED, COST_DENIED);
SAME(STRAIT_COST_ALL, COST_CLASSES);

struct strait_cost {
	struct arena arena;
	struct cost found;
	struct strait_cost_case *cases;
	struct strait_cost_sum sums[COST_CLASSES + 1];
};

static void report_too_large(const struct strait_filter *filter, size_t pc, size_t nodes,
			     struct strait_report *report)
{
	AUTO_BUF insn = { 0 };

	cbpf_disasm_insn(&filter->prog.insns[pc], pc, &insn);
	report_error(report, DIAG_PROOF_LIMIT,
		     "what '%s' means takes more than %zu nodes to tell, because of instruction "
		     "%zu: %s; --proof-nodes (proof_nodes in struct strait_cost_options) allows "
		     "more",
		     filter->name, nodes, pc, insn.data ? insn.data : "?");
}

static int publish(struct strait_cost *cost)
{
	const struct cost *found = &cost->found;

	cost->cases = arena_array(&cost->arena, found->len + 1, sizeof(*cost->cases));
	if (!cost->cases)
		return -ENOMEM;
	for (size_t i = 0; i < found->len; i++) {
		const struct cost_case *c = &found->cases[i];

		cost->cases[i] =
			(struct strait_cost_case){ (enum strait_cost_class)c->class, c->executed,
						   c->ret, c->is_cached, c->data };
	}
	for (size_t i = 0; i <= COST_CLASSES; i++) {
		const struct cost_sum *sum = &found->sums[i];
		const struct strait_cost_case *longest =
			sum->cases ? &cost->cases[sum->longest] : NULL;

		cost->sums[i] = (struct strait_cost_sum){
			.numbers = sum->numbers,
			.cases = sum->cases,
			.cached = sum->cached,
			.max = longest ? longest->executed : 0,
			.longest = longest,
			.average = sum->average,
			.weighted = sum->weighted,
			.weighted_cached = sum->weighted_cached,
		};
	}
	return 0;
}

static int count(struct strait_cost *cost, const struct strait_filter *filter,
		 const struct strait_cost_options *options, struct strait_report *report)
{
	struct compile_count *counts =
		arena_array(&cost->arena, options->ncounts + 1, sizeof(*counts));
	struct cost_question question = {
		.prog = &filter->prog,
		.arch = options->abi ? abi_private(options->abi) : arch_native(),
		.counts = counts,
		.budget = options->proof_nodes ? options->proof_nodes : STRAIT_PROOF_NODES,
	};
	size_t pc;
	int r;

	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < options->ncounts; i++) {
		struct compile_count *c = &counts[question.ncounts];

		c->call = arch_syscall_by_name(str_of(options->counts[i].name));
		c->count = options->counts[i].count;
		question.ncounts += c->call != NULL;
	}
	r = filter_check(filter, question.arch->big_endian ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN,
			 report);
	if (r)
		return r;
	r = cost_count(&cost->arena, &question, &cost->found, &pc);
	if (r == PROVE_UNDECIDED) {
		report_too_large(filter, pc, question.budget, report);
		return -EINVAL;
	}
	return r ? r : publish(cost);
}

int strait_cost_count(const struct strait_filter *filter, const struct strait_cost_options *options,
		      struct strait_report *report, struct strait_cost **out)
{
	struct strait_cost_options taken;
	struct strait_cost *cost;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	cost = calloc(1, sizeof(*cost));
	if (!cost)
		return -ENOMEM;
	arena_init(&cost->arena, prove_bytes(STRAIT_PROOF_NODES));
	error = count(cost, filter, &taken, report);
	if (error)
		strait_cost_free(cost);
	else
		*out = cost;
	return error;
}

void strait_cost_free(struct strait_cost *cost)
{
	if (!cost)
		return;
	arena_deinit(&cost->arena);
	free(cost);
}

const struct strait_cost_sum *strait_cost_sum(const struct strait_cost *cost,
					      enum strait_cost_class kind)
{
	return &cost->sums[kind];
}

const struct strait_cost_case *strait_cost_case_at(const struct strait_cost *cost, size_t i)
{
	return i < cost->found.len ? &cost->cases[i] : NULL;
}

int strait_cost_is_cut(const struct strait_cost *cost)
{
	return cost->found.is_cut;
}
