/* SPDX-License-Identifier: BSD-2-Clause */
/* strait supervise: a program under a policy that says what its supervisor answers. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPTION_REPORT_FILE = OPTION_OTHER, OPTION_QUIET, OPTION_WORKERS };

#define WORKERS_MAX 256

struct supervise {
	struct inputs in;
	const char *path; /* of the policy */
	struct strait_filter *filter;
	const char *report_file;
	unsigned workers;
	bool quiet;
	struct teller teller;
};

static int execute(struct supervise *s, char **argv)
{
	struct strait_supervise_options options = {
		.size = sizeof(options),
		.filter = s->filter,
		.argv = argv,
		.envp = environ,
		.workers = s->workers,
		.stopped = s->quiet ? NULL : teller_stopped,
		.answered = s->quiet ? NULL : teller_answered,
		.user = &s->teller,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	AUTO(report) struct strait_report *report = need_report();
	int error = strait_supervise(&options, report, &result);

	if (error) {
		fail(error, report);
		return EXIT_NOT_STARTED;
	}
	teller_end(&s->teller, report, &result);
	strait_verdict_free(result.verdict);
	return result.exit_code;
}

static int load_and_execute(struct supervise *s, char **argv)
{
	if (inputs_filter(&s->in, s->path, &s->filter) ||
	    teller_open(&s->teller, s->report_file, &s->path))
		return EXIT_NOT_STARTED;
	return execute(s, argv);
}

static int take_workers(struct supervise *s, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > WORKERS_MAX) {
		complain("--workers takes a number from 1 to %d, not '%s'", WORKERS_MAX, text);
		return OPTIONS_WRONG;
	}
	s->workers = (unsigned)n;
	return 0;
}

static int take_policy(struct supervise *s, const char *path)
{
	if (s->path) {
		complain("-p is given once: one policy has the answers");
		return OPTIONS_WRONG;
	}
	s->path = path;
	return 0;
}

static int take_options(const struct command *self, struct supervise *s, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'p' && take_policy(s, optarg))
			return OPTIONS_WRONG;
		if (id == OPTION_WORKERS && take_workers(s, optarg))
			return OPTIONS_WRONG;
		if (id == OPTION_REPORT_FILE)
			s->report_file = optarg;
		if (id == OPTION_JSON)
			s->teller.json = true;
		if (id == OPTION_QUIET)
			s->quiet = true;
		if (inputs_option(&s->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct supervise s = { .path = NULL };
	int code, end;

	inputs_init(&s.in, argc);
	end = take_options(self, &s, argc, argv);
	if (end < 0)
		code = options_exit(end);
	else if (!s.path)
		code = options_wrong(self, "which policy? -p POLICY");
	else if (optind >= argc)
		code = options_wrong(self, "which program?");
	else if (s.quiet && (s.report_file || s.teller.json))
		code = options_wrong(self, "with --quiet nothing is reported");
	else
		code = load_and_execute(&s, argv + optind);
	teller_deinit(&s.teller);
	strait_filter_free(s.filter);
	auto_inputs(&s.in);
	return code;
}

static const struct option_row options[] = {
	{ 'p', "policy", "POLICY", "the policy; each `notify` of it has an answer: `=> ANSWER`" },
	{ OPTION_QUIET, "quiet", NULL, "tell of no calls" },
	{ OPTION_REPORT_FILE, "report-file", "FILE", "tell it to FILE, not to standard error" },
	{ OPTION_JSON, "json", NULL, "tell it as JSON, one line a call, each call" },
	{ OPTION_WORKERS, "workers", "N", "how many threads answer (4)" },
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_supervise = {
	.name = "supervise",
	.run = run,
	.summary = "run a program and answer its calls as the policy says",
	.usage = "-p POLICY [OPTION]... [--] PROGRAM [ARG]...",
	.more = "Runs PROGRAM as `strait run` does, and is asked about the calls of the policy's "
		"`notify`\n"
		"rules, which say what is answered:\n"
		"\n"
		"  notify getuid => return 0\n"
		"  notify mount => errno(EPERM)\n"
		"  notify socket if family == AF_INET => log_and_continue\n"
		"  notify { open openat creat } => open_beneath(\"/usr\", \"/etc/ssl\")\n"
		"  notify { mknod mknodat } => make_node(\"/dev/null\", \"/dev/zero\")\n"
		"\n"
		"Told are calls that went on after log_and_continue, calls about files that were\n"
		"refused, and those that ended a thread or process.\n"
		"Exits as the program does; 128+N if signal N ended it (159: SIGSYS); 127 if there "
		"is no\n"
		"such program; 126 if it can't be started or supervised; 2 for bad usage.",
	.options = options,
	.options_first = true,
};
