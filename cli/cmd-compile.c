/* SPDX-License-Identifier: BSD-2-Clause */
/* strait compile: a policy to a program that the kernel, a C compiler or a person reads. */
#include "cli.h"

#include <getopt.h>

static int compile(const struct inputs *in, const char *path, const char *out,
		   const struct format *format)
{
	AUTO(filter) struct strait_filter *filter = NULL;
	int error = inputs_filter(in, path, &filter);

	return error ? error : format_write(format, filter, out);
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	const struct format *format = NULL;
	const char *out = NULL;
	int id;

	inputs_init(&in, argc);
	in.form = STRAIT_FORM_POLICY;
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			out = optarg;
		else if (id == 'f' && !(format = format_by_name(optarg)))
			return EXIT_BAD;
		else if (inputs_option(&in, id, optarg) < 0)
			return EXIT_BAD;
	}
	if (id < 0)
		return options_exit(id);
	if (argc - optind != 1)
		return options_wrong(self, "one policy, please");
	if (in.abi)
		in.policy_flags |= STRAIT_POLICY_FORCE_ABI;
	return compile(&in, argv[optind], out, format ? format : format_of_file(out));
}

static const struct option_row options[] = {
	OUTPUT_FORMAT,	   OUTPUT_FILE,	  INPUT_ARCH("for ARCH, whatever the policy's `arch` says"),
	INPUT_DEFINE,	   INPUT_INCLUDE, INPUT_KERNEL,
	INPUT_WEIGH,	   INPUT_SMALL,	  INPUT_PROFILE,
	INPUT_PROOF_NODES, { 0 },
};

const struct command cmd_compile = {
	.name = "compile",
	.run = run,
	.summary = "a policy to a program: raw, C, assembler, JSON",
	.usage = "[OPTION]... POLICY",
	.more = "Compiles a policy and proves the program equal to it. The same policy always "
		"gives "
		"the\n"
		"same bytes. Exits with 0, or 2 where the policy has errors or a file can't be "
		"read or\n"
		"written.",
	.options = options,
};
