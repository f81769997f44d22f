/* SPDX-License-Identifier: BSD-2-Clause */
/* strait_cost_count() by its contract: its cases are calls that the filter answers so, its sums
 * are theirs. */
#include <strait/strait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const char policy[] = "arch x86_64\ndefault deny\nallow { read write }\nlog ioctl if cmd "
			     "in { 1, 5..900 }\nnotify close\nkill mount if flags == 1\n";
static const char product[] = "ld [16]\ntax\nld [24]\nmul x\nret a\n";

static struct strait_cost *count(const struct strait_filter *filter,
				 const struct strait_cost_options *options)
{
	struct strait_cost *cost = NULL;

	return strait_cost_count(filter, options, NULL, &cost) == 0 ? cost : NULL;
}

static bool is_executed(uint32_t ret)
{
	return (ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW ||
	       (ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG;
}

static bool is_true(const struct strait_filter *filter, const struct strait_cost_case *c)
{
	struct strait_verdict *verdict = NULL;
	bool is_same;

	if (strait_eval(&filter, 1, &c->data, NULL, NULL, &verdict) != 0)
		return false;
	is_same = verdict->ret == c->ret && verdict->executed == c->executed;
	strait_verdict_free(verdict);
	return is_same && is_executed(c->ret) == (c->kind <= STRAIT_COST_TESTED) &&
	       (!c->is_cached || c->kind == STRAIT_COST_PLAIN);
}

static void test_cases(const struct strait_filter *filter, const struct strait_abi *abi)
{
	struct strait_cost_options options = { .size = sizeof(options), .abi = abi };
	struct strait_cost *cost = count(filter, &options);
	size_t seen[STRAIT_COST_ALL] = { 0 }, most = 0, len = 0;
	const struct strait_cost_case *c;
	bool right = cost != NULL, sums = true;
	int last = 0;

	if (!cost)
		abort();
	for (; (c = strait_cost_case_at(cost, len)); len++) {
		right &= is_true(filter, c) && c->data.nr >= last;
		last = c->data.nr;
		seen[c->kind]++;
		most = c->executed > most ? c->executed : most;
	}
	ok(right && len > 400, "each case is a call that is answered and counted so");
	for (int kind = 0; kind < STRAIT_COST_ALL; kind++) {
		const struct strait_cost_sum *sum =
			strait_cost_sum(cost, (enum strait_cost_class)kind);

		sums &= sum->cases == seen[kind] && sum->cases > 0 && sum->average > 0 &&
			sum->longest && sum->longest->executed == sum->max &&
			(int)sum->longest->kind == kind;
	}
	ok(sums && strait_cost_sum(cost, STRAIT_COST_ALL)->max == most &&
		   strait_cost_sum(cost, STRAIT_COST_ALL)->cases == len,
	   "and the sums are theirs");
	ok(!strait_cost_is_cut(cost), "all of them are there");
	strait_cost_free(cost);
}

static void test_refusals(const struct strait_filter *filter)
{
	struct strait_cost_options options = { .size = 0 };
	struct strait_report *report = strait_report_new();
	struct strait_cost *cost = NULL;
	struct strait_filter *large = NULL;

	ok(strait_cost_count(filter, &options, report, &cost) == -EINVAL && !cost,
	   "options without a size are refused");
	options = (struct strait_cost_options){ .size = sizeof(options),
						.abi = strait_abi_by_name("s390x") };
	ok(strait_cost_count(filter, &options, report, &cost) == -EINVAL && !cost &&
		   strait_report_count(report, STRAIT_ERROR) == 1,
	   "so is a filter of another byte order");
	strait_report_clear(report);
	if (strait_filter_from_asm("x.asm", product, strlen(product), 0, NULL, &large) != 0)
		abort();
	options = (struct strait_cost_options){ .size = sizeof(options), .proof_nodes = 20000 };
	ok(strait_cost_count(large, &options, report, &cost) == -EINVAL && !cost &&
		   strcmp(strait_report_at(report, 0)->code, "F009") == 0,
	   "what is too large is said to be");
	ok(strait_cost_count(large, &options, NULL, &cost) == -EINVAL, "also without a report");
	strait_filter_free(large);
	strait_report_free(report);
	strait_cost_free(NULL);
}

int main(void)
{
	struct strait_filter *filter = NULL;
	const struct strait_abi *x86_64 = strait_abi_by_name("x86_64");

	if (strait_filter_read("x.strait", policy, strlen(policy), NULL, NULL, &filter) != 0)
		abort();
	test_cases(filter, x86_64);
	test_refusals(filter);
	strait_filter_free(filter);
	return done();
}
