/* SPDX-License-Identifier: BSD-2-Clause */
/* strait decompile: a program as the policy that it may have been. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_ONLY = OPTION_OTHER };

struct job {
	struct inputs in;
	const struct strait_abi *only;
	const char *out;
	struct strait_filter **stack;
	size_t len;
};

/* The text, with what it doesn't say in front. */
static int write_text(const struct job *j, const char *text, size_t size)
{
	static const char note[] = "# For calls of %s only. The program answers calls of other "
				   "architectures as well, by the same numbers.\n";
	size_t room = sizeof(note) + size + 64;
	AUTO(string) char *all = NULL;
	int len;

	if (!j->only)
		return output_write(j->out, text, size, OUTPUT_TEXT);
	all = need_memory(room, 1);
	len = snprintf(all, room, note, strait_abi_name(j->only));
	memcpy(all + len, text, size);
	return output_write(j->out, all, (size_t)len + size, OUTPUT_TEXT);
}

static int decompile(struct job *j, char **paths, int n)
{
	struct strait_stack stack = {
		.filters = (const struct strait_filter *const *)j->stack,
	};
	struct strait_decompile_options options = {
		.size = sizeof(options),
		.proof_nodes = j->in.compile.proof_nodes,
		.only = j->only,
	};
	AUTO(report) struct strait_report *report = need_report();
	AUTO(string) char *text = NULL;
	size_t size;
	int error;

	for (; n > 0; n--, j->len++)
		if (inputs_filter(&j->in, *paths++, &j->stack[j->len]))
			return EXIT_BAD;
	stack.len = j->len;
	error = strait_decompile(&stack, &options, report, &text, &size);
	if (error > 0) {
		print_report(report);
		return EXIT_NO;
	}
	return error ? fail(error, report) : write_text(j, text, size);
}

static int take_options(const struct command *self, struct job *j, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			j->out = optarg;
		else if (inputs_option(&j->in, id == OPTION_ONLY ? 'a' : id, optarg) < 0)
			return OPTIONS_WRONG;
		if (id == OPTION_ONLY)
			j->only = j->in.abi;
	}
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct job j = { 0 };
	int code, end;

	inputs_init(&j.in, argc);
	j.stack = need_memory((size_t)argc, sizeof(*j.stack));
	end = take_options(self, &j, argc, argv);
	if (end < 0)
		code = options_exit(end);
	else if (optind >= argc)
		code = options_wrong(self, "which program?");
	else
		code = decompile(&j, argv + optind, argc - optind);
	for (size_t i = 0; i < j.len; i++)
		strait_filter_free(j.stack[i]);
	free(j.stack);
	auto_inputs(&j.in);
	return code;
}

static const struct option_row options[] = {
	{ 'o', "output", "OUT", "write to OUT, whole or not at all" },
	{ OPTION_ONLY, "only", "ARCH",
	  "only calls of ARCH count: for programs that don't test the\narchitecture" },
	INPUT_ARCH("the program is for ARCH: sets the byte order"),
	INPUT_ORDER,
	INPUT_FROM,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_decompile = {
	.name = "decompile",
	.run = run,
	.summary = "a program as policy text that means the same, proven",
	.usage = "[OPTION]... FILE...",
	.more = "Several files are a stack, the oldest first: the policy decides as they do "
		"together. What\n"
		"is printed means exactly what the program does, or nothing is printed. Exits with "
		"0, 1 if\n"
		"no policy says what the program does (a sentence says what), 2 for bad input or a "
		"proof\n"
		"that is too large.",
	.options = options,
};
