/* SPDX-License-Identifier: BSD-2-Clause */
/* strait run: a program under filters, and a few lines for each call that they stopped. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_REPORT = OPTION_OTHER, OPTION_REPORT_FILE, OPTION_EXPLAIN_DENIED };

struct run {
	struct inputs in;
	const char **paths; /* of the filters, the oldest first */
	struct strait_filter **stack;
	size_t len;
	enum strait_tell tell;
	const char *report_file;
	struct teller teller;
	const char *denied_file; /* NULL: no patch is wanted */
	struct denied *denied;
};

/* ---- running ---- */

/* For a patch all calls are told of; of those that only failed the user may not want to hear. */
static void stopped(void *user, const struct strait_stopped *s)
{
	struct run *r = user;

	if (r->denied)
		denied_add(r->denied, s->verdict);
	if (r->tell == STRAIT_TELL_ALL || s->verdict->outcome != STRAIT_FAILS)
		teller_stopped(&r->teller, s);
}

static int execute(struct run *r, char **argv)
{
	struct strait_run_options options = {
		.size = sizeof(options),
		.stack = (const struct strait_filter *const *)r->stack,
		.nfilters = r->len,
		.argv = argv,
		.envp = environ,
		.tell = r->denied ? STRAIT_TELL_ALL : r->tell,
		.stopped = stopped,
		.user = r,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	AUTO(report) struct strait_report *report = need_report();
	int error = strait_run(&options, report, &result);

	if (error) {
		fail(error, report);
		return EXIT_NOT_STARTED;
	}
	teller_end(&r->teller, report, &result);
	if (r->denied && result.verdict)
		denied_add(r->denied, result.verdict);
	if (r->denied)
		denied_write(r->denied, r->denied_file);
	strait_verdict_free(result.verdict);
	/* In place of the program, under its filters: they may not like free or fclose. */
	if (r->tell == STRAIT_TELL_NONE)
		_exit(result.exit_code);
	return result.exit_code;
}

static int load_and_execute(struct run *r, char **argv)
{
	if (r->len == 0)
		r->paths[r->len++] = "default";
	for (size_t i = 0; i < r->len; i++)
		if (inputs_filter(&r->in, r->paths[i], &r->stack[i]))
			return EXIT_NOT_STARTED;
	if (r->denied_file) {
		r->denied = denied_new(&r->in, r->paths, r->len);
		if (!r->denied)
			return EXIT_NOT_STARTED;
	}
	if (teller_open(&r->teller, r->report_file, r->paths))
		return EXIT_NOT_STARTED;
	return execute(r, argv);
}

static int take_report(struct run *r, const char *word)
{
	static const char *const words[] = {
		[STRAIT_TELL_NONE] = "none",
		[STRAIT_TELL_KILLED] = "killed",
		[STRAIT_TELL_ALL] = "all",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0) {
			r->tell = (enum strait_tell)i;
			return 0;
		}
	complain("--report takes none, killed or all, not '%s'", word);
	return OPTIONS_WRONG;
}

static int take_options(const struct command *self, struct run *r, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'p')
			r->paths[r->len++] = optarg;
		else if (id == OPTION_REPORT_FILE)
			r->report_file = optarg;
		else if (id == OPTION_EXPLAIN_DENIED)
			r->denied_file = optarg;
		else if (id == OPTION_JSON)
			r->teller.json = true;
		else if (id == OPTION_REPORT && take_report(r, optarg))
			return OPTIONS_WRONG;
		else if (inputs_option(&r->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static void run_deinit(struct run *r)
{
	teller_deinit(&r->teller);
	denied_free(r->denied);
	for (size_t i = 0; i < r->len; i++)
		strait_filter_free(r->stack[i]);
	free(r->stack);
	free(r->paths);
	auto_inputs(&r->in);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct run r = { .tell = STRAIT_TELL_KILLED };
	int code, end;

	inputs_init(&r.in, argc);
	r.in.compile.flags = STRAIT_COMPILE_QUICK;
	r.paths = need_memory((size_t)argc + 1, sizeof(*r.paths));
	r.stack = need_memory((size_t)argc + 1, sizeof(*r.stack));
	end = take_options(self, &r, argc, argv);
	if (end < 0)
		code = options_exit(end);
	else if (optind >= argc)
		code = options_wrong(self, "which program?");
	else if (r.tell == STRAIT_TELL_NONE && (r.report_file || r.teller.json || r.denied_file))
		code = options_wrong(self, "with --report=none nothing is reported");
	else
		code = load_and_execute(&r, argv + optind);
	run_deinit(&r);
	return code;
}

static const struct option_row options[] = {
	{ 'p', "policy", "FILTER",
	  "a policy, a raw program, or a shipped policy's name;\n"
	  "several are a stack (else the shipped policy `default`)" },
	{ OPTION_REPORT, "report", "WHICH",
	  "killed: tell of calls that ended a thread or a process\n"
	  "(the default); all: of those answered by errno as well;\n"
	  "none: nothing, and strait itself becomes the program" },
	{ OPTION_REPORT_FILE, "report-file", "FILE", "tell it to FILE, not to standard error" },
	{ OPTION_EXPLAIN_DENIED, "explain-denied", "FILE",
	  "when it has ended, write to FILE (`-`: standard output) a\n"
	  "patch of the policies that allows all that was stopped" },
	{ OPTION_JSON, "json", NULL, "tell it as JSON, one line a call, each call" },
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_run = {
	.name = "run",
	.run = run,
	.summary = "run a program under filters and tell what they stopped",
	.usage = "[OPTION]... [--] PROGRAM [ARG]...",
	.more = "Sets no_new_privs, installs the filters and executes PROGRAM. A call that is "
		"stopped is\n"
		"named with its arguments, the policy line that decided, and the rule that would "
		"allow it.\n"
		"Exits as the program does; 128+N if signal N ended it (159: SIGSYS); 127 if there "
		"is no\n"
		"such program; 126 if it or its filters can't be started; 2 for bad usage.",
	.options = options,
	.options_first = true,
};
