/* SPDX-License-Identifier: BSD-2-Clause */
/* strait asm: text to a program. */
#include "cli.h"

#include <getopt.h>
#include <string.h>

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(string) char *bytes = NULL;
	const char *out = NULL;
	size_t size;
	int id, error;

	inputs_init(&in, argc);
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			out = optarg;
		else if (inputs_option(&in, id, optarg) < 0)
			return EXIT_BAD;
	}
	if (id < 0)
		return options_exit(id);
	if (argc - optind != 1)
		return options_wrong(self, "one file, please");
	in.form = STRAIT_FORM_ASM;
	error = inputs_filter(&in, argv[optind], &filter);
	if (error)
		return error;
	error = strait_filter_raw(filter, &bytes, &size);
	if (error) {
		complain("%s", strerror(-error));
		return EXIT_BAD;
	}
	return output_write(out, bytes, size, OUTPUT_BINARY);
}

static const struct option_row options[] = {
	{ 'o', "output", "OUT", "write to OUT, whole or not at all" },
	INPUT_ARCH("the program is for ARCH: sets the byte order"),
	INPUT_ORDER,
	{ 0 },
};

const struct command cmd_asm = {
	.name = "asm",
	.run = run,
	.summary = "readable text to a program",
	.usage = "[OPTION]... FILE",
	.more = "Assembles what `strait disasm` prints, and the spellings of bpfc and of "
		"seccomp-tools.\n"
		"Whether the kernel takes the program, `strait verify` tells. Exits with 0, or 2 "
		"where\n"
		"the text has errors.",
	.options = options,
};
