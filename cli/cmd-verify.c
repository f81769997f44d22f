/* SPDX-License-Identifier: BSD-2-Clause */
/* strait verify: would the kernel accept a program. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static void print_answer(const struct strait_filter *filter, int refused, const char *why)
{
	const char *name = strait_filter_name(filter);
	size_t len;

	strait_filter_insns(filter, &len);
	if (!refused)
		printf("%s: accepted: %zu instructions\n", name, len);
	else
		printf("%s: not accepted: %s\n", name, why);
}

static void json_answer(const struct strait_filter *filter, int refused, size_t pc, const char *why)
{
	struct json j;
	size_t len;

	strait_filter_insns(filter, &len);
	json_start(&j, stdout, false);
	json_text(&j, "file", strait_filter_name(filter));
	json_bool(&j, "accepted", !refused);
	json_number(&j, "instructions", (long long)len);
	if (refused) {
		json_number(&j, "instruction", (long long)pc);
		json_text(&j, "reason", why);
	}
	json_end(&j);
}

static int verify(const struct inputs *in, const char *path, bool json)
{
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(string) char *why = NULL;
	size_t pc = 0;
	int refused = inputs_filter(in, path, &filter);

	if (refused)
		return refused;
	refused = strait_filter_verify(filter, &pc, &why);
	if (refused < 0) {
		complain("%s", strerror(-refused));
		return EXIT_BAD;
	}
	if (json)
		json_answer(filter, refused, pc, why);
	else
		print_answer(filter, refused, why);
	return refused ? EXIT_NO : EXIT_YES;
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	bool json = false;
	int id;

	inputs_init(&in, argc);
	in.allows_empty = true;
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == OPTION_JSON)
			json = true;
		else if (inputs_option(&in, id, optarg) < 0)
			return EXIT_BAD;
	}
	if (id < 0)
		return options_exit(id);
	if (argc - optind != 1)
		return options_wrong(self, "one file, please");
	return verify(&in, argv[optind], json);
}

static const struct option_row options[] = {
	INPUT_ARCH("the program is for ARCH: sets the byte order"),
	INPUT_ORDER,
	INPUT_FROM,
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_verify = {
	.name = "verify",
	.run = run,
	.summary = "would the kernel accept a program, and if not, why",
	.usage = "[OPTION]... FILE",
	.more = "Decides as seccomp(2) does and names the first instruction at fault. Exits with 0 "
		"if the\n"
		"kernel would accept the program, 1 if not, 2 if FILE can't be read as one.",
	.options = options,
};
