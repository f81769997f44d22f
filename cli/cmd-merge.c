/* SPDX-License-Identifier: BSD-2-Clause */
/* strait merge: one filter for a stack of them, and what of the stack never mattered. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>

struct merge {
	struct inputs in;
	struct strait_filter **filters; /* the oldest first */
	size_t len;
	const char *out; /* NULL: standard output, or with --json nowhere */
	const struct format *format;
	bool json;
};

static void json_filter(struct json *j, const struct strait_filter *filter)
{
	size_t len;

	strait_filter_insns(filter, &len);
	json_text(j, "name", strait_filter_name(filter));
	json_number(j, "instructions", (long long)len);
}

static void print_json(const struct merge *m, const struct strait_filter *merged,
		       const struct strait_report *report)
{
	struct json j;

	json_start(&j, stdout, false);
	json_open(&j, "filters", '[');
	for (size_t i = 0; i < m->len; i++) {
		json_open(&j, NULL, '{');
		json_filter(&j, m->filters[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (merged) {
		json_open(&j, "merged", '{');
		json_filter(&j, merged);
		json_close(&j, '}');
	}
	messages_json(report, &j);
	json_end(&j);
}

/* What C symbols and the JSON are called after. */
static const char *name_of(const struct merge *m)
{
	return m->out && *m->out != '-' ? m->out : "merged";
}

static int merge(struct merge *m, char **paths)
{
	struct strait_compare_options options = { sizeof(options), m->in.compile.proof_nodes };
	AUTO(report) struct strait_report *report = need_report();
	AUTO(filter) struct strait_filter *merged = NULL;
	struct strait_stack stack = { (const struct strait_filter *const *)m->filters, m->len };
	int error;

	for (size_t i = 0; i < m->len; i++) {
		error = inputs_filter(&m->in, paths[i], &m->filters[i]);
		if (error)
			return error;
	}
	error = strait_merge(name_of(m), &stack, &options, report, &merged);
	if (m->json)
		print_json(m, merged, report);
	if (error)
		return m->json && strait_report_at(report, 0) ? EXIT_BAD : fail(error, report);
	if (!m->json)
		print_report(report);
	if (m->json && !m->out)
		return EXIT_YES;
	return format_write(m->format, merged, m->out);
}

static int take_options(const struct command *self, struct merge *m, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			m->out = optarg;
		else if (id == OPTION_JSON)
			m->json = true;
		else if (id == 'f' && !(m->format = format_by_name(optarg)))
			return OPTIONS_WRONG;
		else if (inputs_option(&m->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	if (!m->format)
		m->format = format_of_file(m->out);
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct merge m = { 0 };
	int code, end;

	inputs_init(&m.in, argc);
	m.filters = need_memory((size_t)argc, sizeof(struct strait_filter *));
	end = take_options(self, &m, argc, argv);
	m.len = (size_t)(argc - optind);
	if (end < 0)
		code = options_exit(end);
	else if (!m.len)
		code = options_wrong(self, "which filters?");
	else if (m.json && m.out && *m.out == '-')
		code = options_wrong(self, "with --json the program goes to a file");
	else
		code = merge(&m, argv + optind);
	for (size_t i = 0; end >= 0 && i < m.len; i++)
		strait_filter_free(m.filters[i]);
	free(m.filters);
	auto_inputs(&m.in);
	return code;
}

static const struct option_row options[] = {
	OUTPUT_FORMAT,
	OUTPUT_FILE,
	INPUT_ARCH("what a policy without `arch` is for, and the byte order\nof raw programs"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ OPTION_JSON, "json", NULL,
	  "tell about the stack as one JSON object on standard\n"
	  "output; the program is written with -o only" },
	{ 0 },
};

const struct command cmd_merge = {
	.name = "merge",
	.run = run,
	.summary = "one program that decides as a stack of filters does",
	.usage = "[OPTION]... FILTER...",
	.more = "Makes one program of filters that are installed one after the other, the first "
		"one "
		"first, and\n"
		"proves that it answers to every call as all of them together do. Says which "
		"filters, and which\n"
		"rules of policies, never matter. Exits with 0, or 2 where a filter can't be read "
		"or no such\n"
		"program can be made.",
	.options = options,
};
