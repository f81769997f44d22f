/* SPDX-License-Identifier: BSD-2-Clause */
/* strait_lint() by its contract: what it returns, where its messages are, what it leaves alone. */
#include <strait/strait.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const char hole[] =
	"arch x86_64\ndefault allow\ndeny ptrace\ndeny swapon # strait: allow L027\n";
static const char silent[] = "arch x86_64\ndefault allow\ndeny ptrace # strait: allow L027\n";
static const char product[] = "ld [16]\ntax\nld [24]\nmul x\nmul x\nret a\n";

static struct strait_filter *read_policy(const char *text)
{
	struct strait_filter *filter = NULL;
	int error = strait_filter_read("x.strait", text, strlen(text), NULL, NULL, &filter);

	return error ? NULL : filter;
}

static struct strait_filter *assemble(const char *text, enum strait_order order)
{
	struct strait_filter *filter = NULL;
	int error = strait_filter_from_asm("x.asm", text, strlen(text), order, NULL, &filter);

	return error ? NULL : filter;
}

static bool is_at(const struct strait_report *report, size_t i, const char *code, unsigned line,
		  int instruction)
{
	const struct strait_message *m = strait_report_at(report, i);

	return m && strcmp(m->code, code) == 0 && m->line == line && m->instruction == instruction;
}

static void test_places(void)
{
	struct strait_report *report = strait_report_new();
	const struct strait_filter *policy = read_policy(hole);
	const struct strait_filter *program = assemble("ld [0]\nret #0x7fff0000\n", 0);

	ok(strait_lint(&policy, 1, NULL, report) == 0 && is_at(report, 0, "L027", 3, -1) &&
		   is_at(report, 1, "W008", 4, -1) && !strait_report_at(report, 2),
	   "a policy's findings are at its lines, in their order");
	ok(strait_report_count(report, STRAIT_WARNING) == 2 &&
		   strait_report_count(report, STRAIT_NOTE) == 0,
	   "and counted");
	strait_report_clear(report);
	ok(strait_lint(&program, 1, NULL, report) == 0 && is_at(report, 0, "L010", 0, 1),
	   "a program's findings are at its instructions");
	strait_filter_free((struct strait_filter *)(size_t)policy);
	strait_filter_free((struct strait_filter *)(size_t)program);
	strait_report_free(report);
}

static void test_outcomes(void)
{
	struct strait_lint_options options = { .size = sizeof(options) };
	struct strait_report *report = strait_report_new();
	const struct strait_filter *policy = read_policy(hole), *stack[2] = { policy };
	struct strait_filter *big = assemble("ret #0\n", STRAIT_ORDER_BIG);
	struct strait_filter *large = assemble(product, STRAIT_ORDER_NATIVE);
	struct strait_filter *endless = assemble("ld [0]\n", STRAIT_ORDER_NATIVE);

	ok(strait_lint(&policy, 1, &options, NULL) == 0, "without a report nothing is told");
	ok(strait_lint(&policy, 0, NULL, report) == -EINVAL, "a stack has a filter");
	options.size = 0;
	ok(strait_lint(&policy, 1, &options, report) == -EINVAL, "options have a size");
	stack[1] = big;
	ok(strait_lint(stack, 2, NULL, report) == -EINVAL && is_at(report, 0, "F005", 0, -1),
	   "a stack has one byte order");
	stack[0] = endless;
	strait_report_clear(report);
	ok(strait_lint(stack, 1, NULL, report) == -EINVAL && is_at(report, 0, "F004", 0, -1),
	   "what the kernel would not accept isn't looked at");
	stack[0] = large;
	strait_report_clear(report);
	ok(strait_lint(stack, 1, NULL, report) == 1 && is_at(report, 0, "L099", 0, 3) &&
		   strait_report_count(report, STRAIT_NOTE) == 1,
	   "what is too large is said, with the instruction");
	strait_filter_free((struct strait_filter *)(size_t)policy);
	strait_filter_free(big);
	strait_filter_free(large);
	strait_filter_free(endless);
	strait_report_free(report);
}

static void *lint_often(void *user)
{
	const struct strait_filter *filter = user;
	size_t found = 0;

	for (int i = 0; i < 50; i++) {
		struct strait_report *report = strait_report_new();

		found += strait_lint(&filter, 1, NULL, report) != 0 || strait_report_at(report, 0);
		strait_report_free(report);
	}
	return (void *)found;
}

/* What a comment has silenced is noted down, but not in the policy, which is shared. */
static void test_threads(void)
{
	struct strait_filter *filter = read_policy(silent);
	pthread_t threads[4];
	size_t found = 0;
	void *one;

	for (size_t i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, lint_often, filter) != 0)
			threads[i] = 0;
	for (size_t i = 0; i < 4; i++)
		if (threads[i] && pthread_join(threads[i], &one) == 0)
			found += (size_t)one;
	ok(found == 0, "one filter is looked at from several threads at once");
	strait_filter_free(filter);
}

int main(void)
{
	test_places();
	test_outcomes();
	test_threads();
	return done();
}
