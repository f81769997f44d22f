/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a raw program whose cost is counted. Of what the kernel would accept each case is what
 * the engine says of that call, and the sums are the cases'; what it would not accept has no cost.
 */
#include <assert.h>
#include <errno.h>

#include <strait/strait.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static void check_case(const struct strait_filter *filter, const struct strait_cost_case *c)
{
	struct strait_verdict *verdict;
	int status = strait_eval(&filter, 1, &c->data, NULL, NULL, &verdict);

	assert(status == 0);
	assert(verdict->ret == c->ret && verdict->executed == c->executed);
	assert((verdict->outcome == STRAIT_RUNS || verdict->outcome == STRAIT_RUNS_LOGGED) ==
	       (c->kind <= STRAIT_COST_TESTED));
	assert(!c->is_cached || c->kind == STRAIT_COST_PLAIN);
	strait_verdict_free(verdict);
}

static void check_sum(const struct strait_cost_sum *sum, size_t cases)
{
	assert(sum->cases == cases && !sum->longest == !sum->cases);
	assert(!sum->longest || sum->longest->executed == sum->max);
	assert(sum->average < sum->max + 0.01);
	assert(sum->weighted < sum->max + 0.01);
	assert(sum->weighted_cached < sum->weighted + 0.01);
	assert(sum->cached <= sum->numbers);
}

static void check(const struct strait_filter *filter, const struct strait_cost *cost)
{
	size_t cases[STRAIT_COST_ALL + 1] = { 0 };
	const struct strait_cost_case *c;

	for (size_t i = 0; (c = strait_cost_case_at(cost, i)); i++) {
		/* Putting a verdict into words takes longer than all else. */
		if (i % 64 == 0)
			check_case(filter, c);
		cases[c->kind]++;
		cases[STRAIT_COST_ALL]++;
	}
	for (int kind = 0; kind <= STRAIT_COST_ALL; kind++)
		check_sum(strait_cost_sum(cost, (enum strait_cost_class)kind), cases[kind]);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	struct strait_cost_options options = { .size = sizeof(options),
					       .abi = strait_abi_by_name("x86_64"),
					       .proof_nodes = (size_t)1 << 16 };
	struct strait_filter *filter;
	struct strait_cost *cost;
	size_t pc;
	int status;

	if (strait_filter_from_raw("fuzz", bytes, size, STRAIT_ORDER_LITTLE, NULL, &filter) != 0)
		return 0;
	status = strait_cost_count(filter, &options, NULL, &cost);
	if (strait_filter_verify(filter, &pc, NULL) != 0)
		assert(status == -EINVAL);
	if (status == 0) {
		check(filter, cost);
		strait_cost_free(cost);
	} else {
		assert(status == -EINVAL || status == -ENOMEM);
	}
	strait_filter_free(filter);
	return 0;
}
