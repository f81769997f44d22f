/* SPDX-License-Identifier: BSD-2-Clause */
/* strait check: everything that is wrong with a policy, all at once. */
#include "cli.h"

#include <getopt.h>
#include <string.h>

enum { OPTION_STRICT = OPTION_OTHER };

struct check {
	struct inputs *in;
	bool strict;
	struct json json; /* out NULL: for people */
};

static void print_ok(const char *name, const struct strait_policy *policy, size_t len)
{
	const struct strait_abi *abi;

	printf("%s: ok:", name);
	for (size_t i = 0; (abi = strait_policy_abi_at(policy, i)); i++)
		printf("%s %s", i ? "," : "", strait_abi_name(abi));
	printf(", %zu instructions\n", len);
}

static void json_policy(struct json *j, const struct strait_policy *policy, size_t len)
{
	const struct strait_abi *abi;

	json_open(j, "archs", '[');
	for (size_t i = 0; (abi = strait_policy_abi_at(policy, i)); i++)
		json_text(j, NULL, strait_abi_name(abi));
	json_close(j, ']');
	json_number(j, "instructions", (long long)len);
}

static void json_messages(struct json *j, const struct strait_report *report)
{
	const struct strait_message *m;

	json_open(j, "messages", '[');
	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		message_json(m, j);
	json_close(j, ']');
}

/* A policy that can't be compiled is as wrong as one that can't be read. */
static int compile(const struct check *c, struct strait_policy *policy,
		   struct strait_report *report, size_t *len)
{
	struct strait_compile_options options = inputs_compile_options(c->in);
	AUTO(filter) struct strait_filter *filter = NULL;
	int error = strait_filter_compile(policy, &options, report, &filter);

	if (!error) {
		strait_filter_insns(filter, len);
		return 0;
	}
	if (!strait_report_at(report, 0))
		complain("can't compile '%s': %s", strait_policy_name(policy), strerror(-error));
	return EXIT_BAD;
}

static int check_one(struct check *c, const char *path)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(policy) struct strait_policy *policy = NULL;
	size_t len = 0;
	int code = inputs_policy(c->in, path, report, &policy);

	if (!code)
		code = compile(c, policy, report, &len);
	if (!code && c->strict && strait_report_count(report, STRAIT_WARNING))
		code = EXIT_NO;
	if (!c->json.out) {
		print_report(report);
		if (!strait_report_at(report, 0) && !code)
			print_ok(strait_policy_name(policy), policy, len);
		return code;
	}
	json_open(&c->json, NULL, '{');
	json_text(&c->json, "file", path);
	json_bool(&c->json, "ok", !code);
	if (code != EXIT_BAD)
		json_policy(&c->json, policy, len);
	json_messages(&c->json, report);
	json_close(&c->json, '}');
	return code;
}

static int take_options(const struct command *self, struct check *c, bool *json, int argc,
			char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == OPTION_STRICT)
			c->strict = true;
		else if (id == OPTION_JSON)
			*json = true;
		else if (inputs_option(c->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	struct check c = { .in = &in };
	bool json = false;
	int end, code = EXIT_YES, one;

	inputs_init(&in, argc);
	end = take_options(self, &c, &json, argc, argv);
	if (end < 0)
		return options_exit(end);
	if (optind == argc)
		return options_wrong(self, "which policy?");
	if (json) {
		json_start(&c.json, stdout, false);
		json_open(&c.json, "policies", '[');
	}
	for (int i = optind; i < argc; i++) {
		one = check_one(&c, argv[i]);
		code = one > code ? one : code;
	}
	if (json) {
		json_close(&c.json, ']');
		json_end(&c.json);
	}
	return code;
}

static const struct option_row options[] = {
	INPUT_ARCH("what a policy without `arch` is for (else this machine)"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_PROOF_NODES,
	{ OPTION_STRICT, "strict", NULL, "a warning makes the answer no" },
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_check = {
	.name = "check",
	.run = run,
	.summary = "all that is wrong or suspicious in a policy",
	.usage = "[OPTION]... POLICY...",
	.more = "Reads, resolves, compiles and proves each policy and prints everything found, "
		"errors and\n"
		"warnings, each with its line. Exits with 0 if there is no error (with --strict: "
		"and no\n"
		"warning), 1 if only --strict says no, 2 if there is an error or a file can't be "
		"read.",
	.options = options,
};
