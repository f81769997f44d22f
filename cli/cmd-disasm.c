/* SPDX-License-Identifier: BSD-2-Clause */
/* strait disasm: a program as text. */
#include "cli.h"

#include <getopt.h>
#include <string.h>

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(string) char *text = NULL;
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
	error = inputs_filter(&in, argv[optind], &filter);
	if (error)
		return error;
	error = strait_filter_disasm(filter, &text, &size);
	if (error) {
		complain("%s", strerror(-error));
		return EXIT_BAD;
	}
	return output_write(out, text, size, OUTPUT_TEXT);
}

static const struct option_row options[] = {
	{ 'o', "output", "OUT", "write to OUT, whole or not at all" },
	INPUT_ARCH("the program is for ARCH: sets the byte order"),
	INPUT_ORDER,
	INPUT_FROM,
	{ 0 },
};

const struct command cmd_disasm = {
	.name = "disasm",
	.run = run,
	.summary = "a program as readable text",
	.usage = "[OPTION]... FILE",
	.more = "Prints one line an instruction; `strait asm` gives the same program back. A "
		"policy is\n"
		"compiled first, and each instruction then names the line it comes from. Exits "
		"with 0, or\n"
		"2 where FILE is no program.",
	.options = options,
};
