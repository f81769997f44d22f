/* SPDX-License-Identifier: BSD-2-Clause */
/* strait fmt: the canonical layout of policy text. */
#include "cli.h"

#include <getopt.h>
#include <string.h>

enum { OPTION_CHECK = OPTION_OTHER };

enum mode { MODE_PRINT, MODE_WRITE, MODE_CHECK };

static int format_one(const char *path, enum mode mode)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(text) struct text text = { 0 };
	AUTO(string) char *out = NULL;
	size_t size;
	bool same;
	int error = inputs_read(path, &text);

	if (error)
		return error;
	error = strait_policy_format(text.name, text.bytes, text.size, report, &out, &size);
	if (error)
		return fail(error, report);
	print_report(report);
	if (mode == MODE_PRINT)
		return output_write(NULL, out, size, OUTPUT_TEXT);
	if (mode == MODE_WRITE && text.is_shipped) {
		complain("'%s' comes with strait: it is no file to be written", path);
		return EXIT_BAD;
	}
	same = size == text.size && memcmp(out, text.bytes, size) == 0;
	if (same)
		return EXIT_YES;
	if (mode == MODE_WRITE)
		return output_write(path, out, size, OUTPUT_TEXT);
	printf("%s\n", path);
	return EXIT_NO;
}

static int run(const struct command *self, int argc, char **argv)
{
	enum mode mode = MODE_PRINT;
	int id, one, code = EXIT_YES;

	while ((id = options_next(self, argc, argv)) > 0)
		mode = id == 'w' ? MODE_WRITE : MODE_CHECK;
	if (id < 0)
		return options_exit(id);
	if (optind == argc)
		return options_wrong(self, "which policy?");
	for (int i = optind; i < argc; i++) {
		one = format_one(argv[i], mode);
		code = one > code ? one : code;
	}
	return code;
}

static const struct option_row options[] = {
	{ 'w', "write", NULL, "replace the files where their layout differs" },
	{ OPTION_CHECK, "check", NULL,
	  "print the names of files whose layout differs, and say no" },
	{ 0 },
};

const struct command cmd_fmt = {
	.name = "fmt",
	.run = run,
	.summary = "the canonical layout of policy text",
	.usage = "[OPTION]... POLICY...",
	.more = "Prints policies in their canonical layout; comments stay. A shipped policy's name "
		"prints\n"
		"that one: `strait fmt default >my.strait` is a start. Exits with 0; 1 where "
		"--check found\n"
		"a difference; 2 where a policy can't be parsed.",
	.options = options,
};
