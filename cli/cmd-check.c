/* SPDX-License-Identifier: BSD-2-Clause */
/* strait check: everything that is wrong or suspicious in policies and programs, all at once. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_STRICT = OPTION_OTHER, OPTION_STACK, OPTION_ALLOW };

/* One argument. */
struct subject {
	const char *path;
	struct strait_filter *filter; /* NULL: it can't be read or compiled */
	struct strait_report *report;
	int code;
};

struct check {
	struct inputs *in;
	bool strict, stack;
	const char **allowed; /* codes that are not shown */
	size_t nallowed;
	struct json json; /* out NULL: for people */
	struct subject *subjects;
	size_t len;
};

/* ---- messages ---- */

static bool is_allowed(const struct check *c, const struct strait_message *m)
{
	for (size_t i = 0; m->severity != STRAIT_ERROR && i < c->nallowed; i++)
		if (strcmp(c->allowed[i], m->code) == 0)
			return true;
	return false;
}

static size_t count(const struct check *c, const struct strait_report *report,
		    enum strait_severity severity)
{
	const struct strait_message *m;
	size_t n = 0;

	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		n += m->severity == severity && !is_allowed(c, m);
	return n;
}

static void print_messages(const struct check *c, const struct strait_report *report)
{
	const struct strait_message *m;
	bool color = has_color();

	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		if (!is_allowed(c, m))
			fprintf(stderr, "%s%s",
				m->file ? "" : "strait: ", strait_report_text(report, i, color));
}

static void json_messages(struct check *c, const struct strait_report *report)
{
	const struct strait_message *m;

	json_open(&c->json, "messages", '[');
	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		if (!is_allowed(c, m))
			message_json(m, &c->json);
	json_close(&c->json, ']');
}

/* ---- one argument ---- */

static void print_ok(const struct strait_filter *filter)
{
	const struct strait_policy *policy = strait_filter_policy(filter);
	const struct strait_abi *abi;
	size_t len;

	strait_filter_insns(filter, &len);
	printf("%s: ok:", strait_filter_name(filter));
	for (size_t i = 0; policy && (abi = strait_policy_abi_at(policy, i)); i++)
		printf(" %s,", strait_abi_name(abi));
	printf(" %zu instructions\n", len);
}

static void json_filter(struct json *j, const struct strait_filter *filter)
{
	const struct strait_policy *policy = strait_filter_policy(filter);
	const struct strait_abi *abi;
	size_t len;

	strait_filter_insns(filter, &len);
	if (policy) {
		json_open(j, "archs", '[');
		for (size_t i = 0; (abi = strait_policy_abi_at(policy, i)); i++)
			json_text(j, NULL, strait_abi_name(abi));
		json_close(j, ']');
	}
	json_number(j, "instructions", (long long)len);
}

/* Prints or writes what there is to say about one of them; the worst code so far. */
static int finish(struct check *c, const struct subject *s, int code)
{
	bool warned = count(c, s->report, STRAIT_WARNING) > 0;
	int own = s->code;

	if (!own && c->strict && warned)
		own = EXIT_NO;
	if (c->json.out) {
		json_open(&c->json, NULL, '{');
		json_text(&c->json, "file", s->path);
		json_bool(&c->json, "ok", !own);
		if (own != EXIT_BAD)
			json_filter(&c->json, s->filter);
		json_messages(c, s->report);
		json_close(&c->json, '}');
	} else {
		print_messages(c, s->report);
		if (!own && !warned)
			print_ok(s->filter);
	}
	return own > code ? own : code;
}

/* Lints LEN filters from I on as one stack; what is found is the last one's to report. */
static void lint(struct check *c, size_t i, size_t len)
{
	struct strait_lint_options options = { .size = sizeof(options), .abi = c->in->abi };
	struct subject *last = &c->subjects[i + len - 1];
	const struct strait_filter **stack = need_memory(len, sizeof(*stack));
	int error;

	for (size_t n = 0; n < len; n++)
		stack[n] = c->subjects[i + n].filter;
	error = strait_lint(stack, len, &options, last->report);
	free(stack);
	if (error >= 0)
		return;
	last->code = EXIT_BAD;
	if (!count(c, last->report, STRAIT_ERROR))
		complain("can't check '%s': %s", last->path, strerror(-error));
}

static int check_all(struct check *c)
{
	int code = EXIT_YES;

	for (size_t i = 0; i < c->len; i++) {
		struct subject *s = &c->subjects[i];

		s->report = need_report();
		s->code = inputs_read_filter(c->in, s->path, s->report, &s->filter);
		code = s->code > code ? s->code : code;
		if (!s->code && !c->stack)
			lint(c, i, 1);
	}
	if (c->stack && !code)
		lint(c, 0, c->len);
	for (size_t i = 0; i < c->len; i++)
		code = finish(c, &c->subjects[i], code);
	return code;
}

/* ---- the command ---- */

static int take_options(const struct command *self, struct check *c, bool *json, int argc,
			char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == OPTION_STRICT)
			c->strict = true;
		else if (id == OPTION_STACK)
			c->stack = true;
		else if (id == OPTION_ALLOW)
			c->allowed[c->nallowed++] = optarg;
		else if (id == OPTION_JSON)
			*json = true;
		else if (inputs_option(c->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static int check(const struct command *self, struct check *c, int argc, char **argv)
{
	bool json = false;
	int end = take_options(self, c, &json, argc, argv), code;

	if (end < 0)
		return options_exit(end);
	if (optind == argc)
		return options_wrong(self, "which policy or program?");
	c->len = (size_t)(argc - optind);
	for (size_t i = 0; i < c->len; i++)
		c->subjects[i].path = argv[optind + (int)i];
	if (json) {
		json_start(&c->json, stdout, false);
		json_open(&c->json, "policies", '[');
	}
	code = check_all(c);
	if (json) {
		json_close(&c->json, ']');
		json_end(&c->json);
	}
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	struct check c = { .in = &in };
	int code;

	inputs_init(&in, argc);
	c.allowed = need_memory((size_t)argc, sizeof(*c.allowed));
	c.subjects = need_memory((size_t)argc, sizeof(*c.subjects));
	code = check(self, &c, argc, argv);
	for (size_t i = 0; i < c.len; i++) {
		strait_filter_free(c.subjects[i].filter);
		strait_report_free(c.subjects[i].report);
	}
	free(c.subjects);
	free(c.allowed);
	return code;
}

static const struct option_row options[] = {
	INPUT_ARCH(
		"what a policy without `arch` is for, and a program that looks\nat none (else this "
		"machine)"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ OPTION_STACK, "stack", NULL, "take all of them for one stack, the oldest first" },
	{ OPTION_ALLOW, "allow", "CODE", "a warning or note that isn't shown and doesn't count" },
	{ OPTION_STRICT, "strict", NULL, "a warning makes the answer no" },
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_check = {
	.name = "check",
	.run = run,
	.summary = "all that is wrong or suspicious in a policy or a program",
	.usage = "[OPTION]... FILTER...",
	.more = "Reads each policy, compiles and proves it, or reads each raw program, and prints "
		"everything\n"
		"found: errors, and what is suspicious by what the filter means, each with its "
		"line or\n"
		"instruction. strait-lints(7) explains the codes. Exits with 0 if there is no "
		"error "
		"(with\n"
		"--strict: and no warning), 1 if only --strict says no, 2 if there is an error or "
		"a "
		"file\n"
		"can't be read.",
	.options = options,
};
