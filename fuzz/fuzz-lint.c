/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a policy (first byte even) or as a raw program, linted. What the kernel would accept is
 * looked at, twice with the same result; what it would not gives one error.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <strait/strait.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static struct strait_report *lint(const struct strait_filter *filter, int *status)
{
	struct strait_lint_options options = { .size = sizeof(options),
					       .abi = strait_abi_by_name("x86_64") };
	struct strait_report *report = strait_report_new();

	assert(report);
	*status = strait_lint(&filter, 1, &options, report);
	return report;
}

static void check_messages(const struct strait_report *report, const struct strait_report *again)
{
	const struct strait_message *m, *n;

	for (size_t i = 0; (m = strait_report_at(report, i)); i++) {
		n = strait_report_at(again, i);
		assert(n && strcmp(m->code, n->code) == 0 && strcmp(m->text, n->text) == 0);
		assert(m->line == n->line && m->instruction == n->instruction);
		assert(*m->text && *strait_report_text(report, i, 1));
	}
}

static void check(const struct strait_filter *filter)
{
	struct strait_report *report, *again;
	int status, second;
	size_t pc;

	report = lint(filter, &status);
	again = lint(filter, &second);
	assert(status == second);
	if (strait_filter_verify(filter, &pc, NULL) == 0)
		assert(status == 0 || status == 1 || status == -ENOMEM);
	else
		assert(status == -EINVAL && strait_report_count(report, STRAIT_ERROR) == 1);
	check_messages(report, again);
	strait_report_free(report);
	strait_report_free(again);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	const struct strait_policy_options policy = {
		.size = sizeof(policy),
		.abi = strait_abi_by_name("x86_64"),
		.flags = STRAIT_POLICY_NO_FILES,
	};
	struct strait_read_options options = { .size = sizeof(options), .policy = &policy };
	struct strait_filter *filter = NULL;

	if (size == 0)
		return 0;
	options.form = bytes[0] & 1 ? STRAIT_FORM_RAW : STRAIT_FORM_POLICY;
	options.order = bytes[0] & 2 ? STRAIT_ORDER_BIG : STRAIT_ORDER_LITTLE;
	if (strait_filter_read("fuzz", bytes + 1, size - 1, &options, NULL, &filter) == 0)
		check(filter);
	strait_filter_free(filter);
	return 0;
}
