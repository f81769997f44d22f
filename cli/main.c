/* SPDX-License-Identifier: BSD-2-Clause */
/* strait COMMAND [OPTION]... [ARG]...: a table of commands. */
#include "cli.h"

#include <errno.h>
#include <string.h>

static const struct command *const commands[] = {
	&cmd_run,     &cmd_supervise, &cmd_learn,    &cmd_explain, &cmd_check,
	&cmd_compile, &cmd_fmt,	      &cmd_eval,     &cmd_merge,   &cmd_diff,
	&cmd_dump,    &cmd_graph,     &cmd_bench,    &cmd_disasm,  &cmd_decompile,
	&cmd_asm,     &cmd_verify,    &cmd_syscalls, &cmd_refuse,  &cmd_doctor,
};

static void print_help(FILE *out)
{
	fputs("usage: strait COMMAND [OPTION]... [ARG]...\n\n"
	      "Write what a program may do; strait compiles it to a seccomp filter, installs it "
	      "and says\n"
	      "in plain words which calls it stopped.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`strait COMMAND --help` tells more of each. `-` is standard input or output.\n"
	      "Exit codes: 0 yes or done, 1 the answer is no, 2 bad usage or bad input.\n",
	      out);
}

static const char *command_name(const void *user, size_t i)
{
	(void)user;
	return i < ARRAY_LEN(commands) ? commands[i]->name : NULL;
}

static int unknown(const char *word)
{
	const char *near = options_suggest(word, command_name, NULL);

	if (near)
		complain("no %s '%s'; did you mean '%s'?", *word == '-' ? "option" : "command",
			 word, near);
	else
		complain("no %s '%s'; `strait --help` lists the commands",
			 *word == '-' ? "option" : "command", word);
	return EXIT_BAD;
}

/* What can't be written is not done: a full disk must not look like an answer. */
static int finish(int code)
{
	bool failed = fflush(stdout) != 0 || ferror(stdout);
	int error = failed ? errno : 0;

	/* Who has closed it and was told nothing has lost nothing. */
	if (fclose(stdout) != 0 && errno != EBADF && !failed) {
		failed = true;
		error = errno;
	}
	if (failed) {
		complain("can't write to standard output: %s", strerror(error));
		return EXIT_BAD;
	}
	return code;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_BAD;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return finish(EXIT_YES);
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("strait %s\n", strait_version());
		return finish(EXIT_YES);
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return finish(commands[i]->run(commands[i], argc - 1, argv + 1));
	return unknown(argv[1]);
}
