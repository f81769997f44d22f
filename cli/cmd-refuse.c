/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strait refuse: a program to which a few calls fail. A policy is written, compiled and proven as
 * any other one, for every ABI that runs on this machine: a program can enter by all of them.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRNO_MAX 4095 /* what a filter can answer: kernel/seccomp.c, __seccomp_filter() */

struct refusal {
	FILE *policy;
	char errno_text[32];
};

/* ---- words ---- */

/* Do programs of ABI run on this machine? */
static bool is_native(const struct strait_abi *abi)
{
	const struct strait_abi *native;

	for (size_t i = 0; (native = strait_abi_compat(strait_abi_native(), i)); i++)
		if (native == abi)
			return true;
	return false;
}

static const char *abi_names(const void *user, size_t i)
{
	const struct strait_abi *abi = strait_abi_compat(strait_abi_native(), i);

	(void)user;
	return abi ? strait_abi_name(abi) : NULL;
}

/* NULL: said why. */
static const struct strait_abi *find_abi(const char *name)
{
	const struct strait_abi *abi = strait_abi_by_name(name);
	const char *near = abi ? NULL : options_suggest(name, abi_names, NULL);

	if (abi && is_native(abi))
		return abi;
	if (abi)
		complain("programs of '%s' don't run on %s", name,
			 strait_abi_name(strait_abi_native()));
	else if (near)
		complain("no architecture '%s'; did you mean '%s'?", name, near);
	else
		complain("no architecture '%s'", name);
	return NULL;
}

static const struct strait_syscall *find_call(const char *name)
{
	const struct strait_syscall *call = strait_syscall_by_name(name), *near;

	if (call)
		return call;
	near = strait_syscall_suggest(name);
	if (near)
		complain("no system call '%s'; did you mean '%s'?", name,
			 strait_syscall_name(near));
	else
		complain("no system call '%s'", name);
	return NULL;
}

/* ---- rules ---- */

static bool has_call(const struct strait_abi *abi, const struct strait_syscall *call)
{
	const struct strait_abi *candidate;

	if (abi)
		return strait_syscall_nr(abi, call) >= 0;
	for (size_t i = 0; (candidate = strait_abi_compat(strait_abi_native(), i)); i++)
		if (strait_syscall_nr(candidate, call) >= 0)
			return true;
	return false;
}

/* ABI NULL: on all that have it. False: said why. */
static bool refuse_name(struct refusal *r, const struct strait_abi *abi, const char *name)
{
	const struct strait_syscall *call = find_call(name);

	if (!call)
		return false;
	if (!has_call(abi, call)) {
		complain("%s has no system call '%s'",
			 strait_abi_name(abi ? abi : strait_abi_native()), name);
		return false;
	}
	if (abi)
		fprintf(r->policy, "on %s ", strait_abi_name(abi));
	fprintf(r->policy, "errno(%s) %s\n", r->errno_text, name);
	return true;
}

/* A number means another call on each ABI: without one, it is the native one's. */
static bool refuse_number(struct refusal *r, const struct strait_abi *abi, const char *text)
{
	unsigned long nr;
	char *end;

	if (!abi)
		abi = strait_abi_native();
	errno = 0;
	nr = strtoul(text, &end, 0);
	if (*end || errno || nr > INT32_MAX) {
		complain("'%s' is no system call's number", text);
		return false;
	}
	if (!strait_syscall_by_nr(abi, (uint32_t)nr)) {
		complain("no system call has the number %s on %s", text, strait_abi_name(abi));
		return false;
	}
	fprintf(r->policy, "on %s errno(%s) syscall(%lu)\n", strait_abi_name(abi), r->errno_text,
		nr);
	return true;
}

/* NAME[@ARCH] */
static bool refuse_call(struct refusal *r, char *word)
{
	const struct strait_abi *abi = NULL;
	char *at = strchr(word, '@');

	if (at) {
		*at = '\0';
		abi = find_abi(at + 1);
		if (!abi)
			return false;
	}
	return isdigit((unsigned char)*word) ? refuse_number(r, abi, word)
					     : refuse_name(r, abi, word);
}

/* A number in range, or a name, which the policy's compiler knows. */
static bool take_errno(struct refusal *r, const char *text)
{
	bool is_name = *text == 'E' && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
	unsigned long value = ERRNO_MAX + 1;
	char *end;

	if (is_name && strlen(text) < sizeof(r->errno_text)) {
		memcpy(r->errno_text, text, strlen(text) + 1);
		return true;
	}
	errno = 0;
	if (isdigit((unsigned char)*text))
		value = strtoul(text, &end, 0);
	if (value > ERRNO_MAX || *end || errno) {
		complain("ERRNO is a name, such as EPERM, or a number from 0 to %d, not '%s'",
			 ERRNO_MAX, text);
		return false;
	}
	snprintf(r->errno_text, sizeof(r->errno_text), "%lu", value);
	return true;
}

/* All but the named calls are as they would be without strait. */
static bool write_policy(struct refusal *r, char *calls, const char *errno_text)
{
	const struct strait_abi *abi;
	char *word;

	if (!take_errno(r, errno_text))
		return false;
	fputs("arch", r->policy);
	for (size_t i = 0; (abi = strait_abi_compat(strait_abi_native(), i)); i++)
		fprintf(r->policy, "%s %s", i ? "," : "", strait_abi_name(abi));
	fputs("\ndefault allow\n", r->policy);
	for (char *rest = calls; (word = strsep(&rest, ","));)
		if (!refuse_call(r, word))
			return false;
	return true;
}

/* ---- running ---- */

static int compile(const char *text, size_t size, struct strait_report *report,
		   struct strait_filter **out)
{
	AUTO(policy) struct strait_policy *policy = NULL;
	int error = strait_policy_read_text("refuse", text, size, NULL, report, &policy);

	if (!error)
		error = strait_filter_compile(policy, NULL, report, out);
	/* Calls named twice and errno 0 were asked for: warnings would tell nothing new. */
	return error ? fail(error, report) : EXIT_YES;
}

static int execute(const struct strait_filter *filter, char **argv, struct strait_report *report)
{
	const struct strait_run_options options = {
		.size = sizeof(options),
		.stack = &filter,
		.nfilters = 1,
		.argv = argv,
		.envp = environ,
		.tell = STRAIT_TELL_NONE,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	int error;

	strait_report_clear(report);
	error = strait_run(&options, report, &result);
	if (error) {
		fail(error, report);
		return EXIT_NOT_STARTED;
	}
	print_report(report);
	/* Under the filter already, which may refuse anything. */
	_exit(result.exit_code);
}

static int refuse(char **argv, bool prints)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(string) char *text = NULL;
	struct refusal r = { 0 };
	bool good;
	size_t size;

	r.policy = open_memstream(&text, &size);
	if (!r.policy) {
		complain("out of memory");
		return EXIT_BAD;
	}
	good = write_policy(&r, argv[0], argv[1]);
	if (fclose(r.policy) != 0 || !good)
		return EXIT_BAD;
	if (compile(text, size, report, &filter))
		return EXIT_BAD;
	if (!prints)
		return execute(filter, argv + 2, report);
	fwrite(text, 1, size, stdout);
	return EXIT_YES;
}

enum { OPTION_PRINT = OPTION_OTHER };

static int run(const struct command *self, int argc, char **argv)
{
	bool prints = false;
	char **words;
	int id, n;

	while ((id = options_next(self, argc, argv)) > 0)
		prints |= id == OPTION_PRINT;
	if (id < 0)
		return options_exit(id);
	words = argv + optind;
	n = argc - optind;
	if (n < 2)
		return options_wrong(self, n ? "which errno?" : "which call?");
	/* `refuse NAME ERRNO -- PROGRAM`: the options ended at NAME, so getopt has left the --. */
	if (n > 2 && strcmp(words[2], "--") == 0) {
		for (int i = 2; i < n; i++)
			words[i] = words[i + 1];
		n--;
	}
	if (prints && n > 2)
		return options_wrong(self, "with --print nothing is run");
	if (!prints && n == 2)
		return options_wrong(self, "which program?");
	return refuse(words, prints);
}

static const struct option_row options[] = {
	{ OPTION_PRINT, "print", NULL,
	  "run nothing: print the policy, for `strait run -p` and as a start\n"
	  "of one's own" },
	{ 0 },
};

const struct command cmd_refuse = {
	.name = "refuse",
	.run = run,
	.summary = "run a program to which a call fails with an errno of your choice",
	.usage = "CALL[,CALL]... ERRNO [--] PROGRAM [ARG]...\n"
		 "--print CALL[,CALL]... ERRNO",
	.more = "CALL is NAME[@ARCH] or NUMBER[@ARCH]: by name on each architecture whose programs "
		"run\n"
		"here, or on ARCH only; by number on ARCH or the machine's own. ERRNO is a name or "
		"0 to\n"
		"4095; with 0 the call returns 0 and does nothing. All other calls are as ever.\n"
		"Exits as the program does; 127 if there is none; 126 if it can't be started; 2 "
		"for bad\n"
		"usage.",
	.options = options,
	.options_first = true,
};
