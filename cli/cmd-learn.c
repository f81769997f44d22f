/* SPDX-License-Identifier: BSD-2-Clause */
/* strait learn: runs a program and writes the policy that it needs. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTION_APPEND = OPTION_OTHER,
	OPTION_EXACT,
	OPTION_DEFAULT,
	OPTION_FAMILIES,
	OPTION_COUNTS,
	OPTION_RUNS
};

#define RUNS_MAX 1000
/* How many new calls are named. */
#define NAMED_MAX 8

struct learn {
	const char *policy_file;    /* -o, else standard output */
	const char *recording_file; /* -r */
	bool appends;
	unsigned runs, flags;
	struct strait_recording_policy_options policy;
	struct text base; /* of --append */
	struct strait_recording *recording;
	size_t known; /* calls that were told of */
};

/* ---- what was there before ---- */

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/* The policy that is added to; none where --append finds no file. */
static int read_base(struct learn *l)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(policy) struct strait_policy *policy = NULL;
	int error = 0;

	if (l->appends && is_there(l->policy_file)) {
		if (inputs_read(l->policy_file, &l->base))
			return EXIT_BAD;
		error = strait_policy_read_text(l->policy_file, l->base.bytes, l->base.size, NULL,
						report, &policy);
	}
	if (!error)
		error = strait_recording_new(policy, report, &l->recording);
	return error ? fail(error, report) : 0;
}

static int read_recording(struct learn *l)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(text) struct text text = { 0 };
	int error;

	if (!l->recording_file || !is_there(l->recording_file))
		return 0;
	if (inputs_read(l->recording_file, &text))
		return EXIT_BAD;
	error = strait_recording_read(l->recording, text.name, text.bytes, text.size, report);
	return error ? fail(error, report) : 0;
}

/* ---- running ---- */

static void privileged(void *user, const char *path)
{
	(void)user;
	complain("%s is set-user-ID, set-group-ID or has capabilities: no_new_privs withholds "
		 "them, as "
		 "under any filter of an ordinary user, so it may call less than it would",
		 path);
}

/* What is new since it was told last. */
static size_t count_new(struct learn *l, FILE *out)
{
	size_t n = 0;
	char *call;

	for (; strait_recording_call_at(l->recording, l->known, &call) == 0; l->known++, n++) {
		if (out && n < NAMED_MAX)
			fprintf(out, "%s%s", n ? ", " : ": ", call);
		free(call);
	}
	if (out)
		fputs(n > NAMED_MAX ? ", ...\n" : "\n", out);
	return n;
}

/* "strait: run 2 of 5: 3 calls are new: socket(...), ..." */
static void tell_new(struct learn *l, unsigned run, unsigned *quiet)
{
	size_t known = l->known, n = count_new(l, NULL);

	if (n == 0) {
		(*quiet)++;
		fprintf(stderr, "strait: run %u of %u: nothing new%s\n", run, l->runs,
			*quiet > 1 ? "; it has settled" : "");
		return;
	}
	*quiet = 0;
	fprintf(stderr, "strait: run %u of %u: %zu new", run, l->runs, n);
	l->known = known;
	(void)count_new(l, stderr);
}

static int run_once(struct learn *l, char **argv, unsigned flags, int *code)
{
	struct strait_learn_options options = {
		.size = sizeof(options),
		.argv = argv,
		.envp = environ,
		.flags = flags,
		.privileged = privileged,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	AUTO(report) struct strait_report *report = need_report();
	int error = strait_learn(l->recording, &options, report, &result);

	if (error) {
		fail(error, report);
		return EXIT_NOT_STARTED;
	}
	print_report(report);
	if (result.end != STRAIT_EXITED && result.end != STRAIT_SIGNALED)
		return result.exit_code;
	/* The first that failed, as a shell's && would say it. */
	if (!*code)
		*code = result.exit_code;
	return 0;
}

static int run_all(struct learn *l, char **argv, int *code)
{
	unsigned quiet = 0;

	for (unsigned i = 1; i <= l->runs; i++) {
		bool again = i > 1 && !(l->flags & STRAIT_LEARN_EXACT);
		int error = run_once(l, argv, l->flags | (again ? STRAIT_LEARN_NEWS : 0), code);

		if (error)
			return error;
		if (l->runs > 1)
			tell_new(l, i, &quiet);
	}
	return 0;
}

/* ---- writing ---- */

static int write_recording(const struct learn *l)
{
	AUTO(string) char *text = NULL;
	size_t size;

	if (!l->recording_file)
		return 0;
	if (strait_recording_text(l->recording, &text, &size)) {
		complain("out of memory");
		return EXIT_BAD;
	}
	return output_write(l->recording_file, text, size, OUTPUT_TEXT);
}

static int write_policy(const struct learn *l, bool was_run)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(string) char *text = NULL;
	size_t size;
	int error;

	if (was_run && l->recording_file && !l->policy_file)
		return 0;
	error = strait_recording_policy(l->recording, l->policy_file ? l->policy_file : "learned",
					&l->policy, report, &text, &size);
	if (error)
		return fail(error, report);
	/* Nothing to add: the file stays as it is, its times too. */
	if (l->base.bytes && size == l->base.size && memcmp(text, l->base.bytes, size) == 0)
		return 0;
	return output_write(l->policy_file, text, size, OUTPUT_TEXT);
}

static int learn(struct learn *l, char **argv)
{
	int code = 0, error = read_base(l);

	if (!error)
		error = read_recording(l);
	if (error)
		return *argv ? EXIT_NOT_STARTED : error;
	(void)count_new(l, NULL);
	if (*argv)
		error = run_all(l, argv, &code);
	if (!error && *argv)
		error = write_recording(l);
	if (!error)
		error = write_policy(l, *argv != NULL);
	return error ? error : code;
}

static int take_runs(struct learn *l, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > RUNS_MAX) {
		complain("--runs takes a number from 1 to %d, not '%s'", RUNS_MAX, text);
		return OPTIONS_WRONG;
	}
	l->runs = (unsigned)n;
	return 0;
}

static int take_option(struct learn *l, int id)
{
	switch (id) {
	case 'o':
		l->policy_file = optarg;
		break;
	case 'r':
		l->recording_file = optarg;
		break;
	case OPTION_APPEND:
		l->appends = true;
		break;
	case OPTION_EXACT:
		l->flags |= STRAIT_LEARN_EXACT;
		break;
	case OPTION_DEFAULT:
		l->policy.default_action = optarg;
		break;
	case OPTION_FAMILIES:
		l->policy.flags |= STRAIT_RECORDING_FAMILIES;
		break;
	case OPTION_COUNTS:
		l->policy.flags |= STRAIT_RECORDING_COUNTS;
		break;
	case OPTION_RUNS:
		return take_runs(l, optarg);
	}
	return 0;
}

static const char *find_conflict(const struct learn *l, char **argv)
{
	if (l->appends && (!l->policy_file || strcmp(l->policy_file, "-") == 0))
		return "--append adds to a file: -o POLICY";
	if (l->appends && l->flags & STRAIT_LEARN_EXACT)
		return "--append leaves to the policy what it allows, --exact stops at every call";
	if (l->appends && l->policy.default_action)
		return "--append leaves the policy's own default";
	if (l->recording_file && strcmp(l->recording_file, "-") == 0)
		return "-r takes a file";
	if (!*argv && (!l->recording_file || !is_there(l->recording_file)))
		return "which program?";
	if (!*argv && l->runs > 1)
		return "--runs of which program?";
	return NULL;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct learn l = { .runs = 1, .policy = { .size = sizeof(l.policy) } };
	const char *conflict;
	int id, code = 0;

	while (!code && (id = options_next(self, argc, argv)) > 0)
		code = take_option(&l, id);
	if (code || id < 0)
		return options_exit(code ? code : id);
	conflict = find_conflict(&l, argv + optind);
	code = conflict ? options_wrong(self, "%s", conflict) : learn(&l, argv + optind);
	strait_recording_free(l.recording);
	auto_text(&l.base);
	return code;
}

static const struct option_row options[] = {
	{ 'o', "output", "POLICY", "write the policy to POLICY, whole or not at all" },
	{ OPTION_APPEND, "append", NULL,
	  "add to POLICY what it doesn't allow yet, at its end; run\n"
	  "PROGRAM under it, so what it allows costs nothing" },
	{ 'r', "recording", "FILE",
	  "add the recording to FILE; without PROGRAM write the\n"
	  "policy for what is in it (only with -o, if PROGRAM is run)" },
	{ OPTION_EXACT, "exact", NULL,
	  "stop at every call, also those that the shipped `libc` set\n"
	  "answers: all are counted, nothing is refused; slower" },
	{ OPTION_RUNS, "runs", "N",
	  "run PROGRAM N times, and say after each what was new;\nthe first run counts, later ones "
	  "stop at new calls only" },
	{ OPTION_DEFAULT, "default", "ACTION",
	  "what happens to other calls (else kill_process);\n"
	  "'errno(EPERM)' for instance" },
	{ OPTION_FAMILIES, "families", NULL,
	  "with a call allow its other forms as well: open, openat" },
	{ OPTION_COUNTS, "counts", NULL, "write how often each call was made" },
	{ 0 },
};

const struct command cmd_learn = {
	.name = "learn",
	.run = run,
	.summary = "run a program and write the policy that it needs",
	.usage = "[OPTION]... [--] PROGRAM [ARG]...\n-r FILE [OPTION]...",
	.more = "Records the system calls of PROGRAM, its threads and children, and writes a "
		"policy "
		"that\n"
		"allows them: the shipped `libc` set and rules for the rest. Before it is written, "
		"it is\n"
		"compiled, proven, and tried on each call that was recorded. A call that this run "
		"didn't\n"
		"need, another may: run what matters, and read what you get.\n"
		"Exits as PROGRAM does; 2 if there is no policy, or for bad usage; 126 and 127 as "
		"`strait run`.",
	.options = options,
	.options_first = true,
};
