/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strait run: a program under filters, and a few lines for each call that they stopped.
 *
 * Such lines are put together first and written at once, so that they don't mingle with what the
 * program itself writes. What is stopped for the same reason again is only counted: a program that
 * retries would drown its own output.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_REPORT = OPTION_OTHER, OPTION_REPORT_FILE };

/* More different reasons aren't told one by one. */
#define REASONS_MAX 256

struct reason {
	char *text;	     /* what makes it this one; see reason_text() */
	char *call;	     /* the first call that it stopped */
	unsigned long again; /* further ones */
};

struct run {
	struct inputs in;
	const char **paths; /* of the filters, the oldest first */
	struct strait_filter **stack;
	size_t len;
	enum strait_tell tell;
	const char *report_file;
	int fd; /* where reports go */
	bool json;
	struct reason reasons[REASONS_MAX];
	size_t nreasons;
	unsigned long untold; /* calls past REASONS_MAX */
};

/* Writes what was put together at once. */
static void write_block(int fd, FILE *block, char **text, const size_t *size)
{
	size_t done = 0;
	ssize_t n = 0;

	if (fclose(block) != 0)
		return;
	while (done < *size && n >= 0) {
		n = write(fd, *text + done, *size - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 0;
	}
}

/* ---- reasons ---- */

/* Two calls that differ only in what no rule could look at, such as pointers, are stopped for the
 * same reason. */
static char *reason_text(const struct strait_verdict *v)
{
	char *text = NULL;

	if (asprintf(&text, "%s %s %zu %u %u %u %d %s", v->abi ? v->abi : "",
		     v->syscall ? v->syscall : v->call, v->filter, v->line, v->column, v->ret,
		     v->errno_value, v->fix ? v->fix : v->call) < 0)
		return NULL;
	return text;
}

/* Is this the first call that is stopped for its reason? Counts it if not. */
static bool is_new(struct run *r, const struct strait_verdict *v)
{
	AUTO(string) char *text = reason_text(v);
	struct reason *reason;

	if (!text)
		return true;
	for (size_t i = 0; i < r->nreasons; i++) {
		if (strcmp(r->reasons[i].text, text) != 0)
			continue;
		r->reasons[i].again++;
		return false;
	}
	if (r->nreasons == REASONS_MAX) {
		r->untold++;
		return false;
	}
	reason = &r->reasons[r->nreasons];
	reason->call = strdup(v->call);
	if (!reason->call)
		return true;
	reason->text = text;
	text = NULL;
	r->nreasons++;
	return true;
}

static void print_counts(const struct run *r, FILE *out)
{
	for (size_t i = 0; i < r->nreasons; i++)
		if (r->reasons[i].again)
			fprintf(out, "strait: %lu more like %s\n", r->reasons[i].again,
				r->reasons[i].call);
	if (r->untold)
		fprintf(out, "strait: %lu more, for further reasons\n", r->untold);
}

static void tell_counts(const struct run *r)
{
	char *text = NULL;
	size_t size;
	FILE *block = open_memstream(&text, &size);

	if (!block)
		return;
	print_counts(r, block);
	write_block(r->fd, block, &text, &size);
	free(text);
}

/* ---- telling ---- */

static bool is_shipped(const struct run *r, const struct strait_verdict *v)
{
	const char *path = v->by == STRAIT_BY_NOTHING ? NULL : r->paths[v->filter];

	return path && v->by != STRAIT_BY_INSTRUCTION && !strpbrk(path, "/.") &&
	       strait_policy_shipped(path, NULL) && access(path, F_OK) != 0;
}

/* A thread's name is the program's to choose: nothing in it may steer a terminal. */
static void print_name(const char *comm, FILE *out)
{
	for (const char *c = comm; *c; c++)
		fputc(*c >= ' ' && *c <= '~' ? *c : '?', out);
}

static void print_stopped(const struct run *r, const struct strait_stopped *s, FILE *out)
{
	const struct strait_verdict *v = s->verdict;

	fputs("strait: ", out);
	print_name(s->comm, out);
	fprintf(out, "[%d", (int)s->pid);
	if (s->tid != s->pid)
		fprintf(out, "/%d", (int)s->tid);
	fprintf(out, "] was stopped: %s on %s", v->call, v->abi ? v->abi : "an unknown ABI");
	if (v->outcome != STRAIT_KILLS_PROCESS)
		fprintf(out, " %s", v->text);
	fputc('\n', out);
	verdict_print(v, out);
	if (v->fix && is_shipped(r, v))
		fprintf(out, "  in a policy of your own: `strait fmt %s >my.strait` is a start\n",
			r->paths[v->filter]);
}

static void json_stopped(const struct strait_stopped *s, FILE *out)
{
	struct json j;

	json_start(&j, out, true);
	json_number(&j, "pid", s->pid);
	json_number(&j, "tid", s->tid);
	json_text(&j, "comm", s->comm);
	verdict_json(s->verdict, &j);
	json_end(&j);
}

static void stopped(void *user, const struct strait_stopped *s)
{
	struct run *r = user;
	char *text = NULL;
	size_t size;
	FILE *block;

	if (!r->json && !is_new(r, s->verdict))
		return;
	block = open_memstream(&text, &size);
	if (!block)
		return;
	if (r->json)
		json_stopped(s, block);
	else
		print_stopped(r, s, block);
	write_block(r->fd, block, &text, &size);
	free(text);
}

/* ---- running ---- */

static int execute(struct run *r, char **argv)
{
	struct strait_run_options options = {
		.size = sizeof(options),
		.stack = (const struct strait_filter *const *)r->stack,
		.nfilters = r->len,
		.argv = argv,
		.envp = environ,
		.tell = r->tell,
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
	tell_counts(r);
	print_report(report);
	if (result.verdict) {
		fprintf(stderr, "  %s on %s %s\n", result.verdict->syscall, result.verdict->abi,
			result.verdict->text);
		verdict_print(result.verdict, stderr);
	}
	strait_verdict_free(result.verdict);
	/* In place of the program, under its filters: they may not like free or fclose. */
	if (r->tell == STRAIT_TELL_NONE)
		_exit(result.exit_code);
	return result.exit_code;
}

static int open_report(struct run *r)
{
	r->fd = STDERR_FILENO;
	if (!r->report_file)
		return 0;
	r->fd = open(r->report_file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY,
		     0666);
	if (r->fd >= 0)
		return 0;
	complain("can't write '%s': %s", r->report_file, strerror(errno));
	return EXIT_NOT_STARTED;
}

static int load_and_execute(struct run *r, char **argv)
{
	if (r->len == 0)
		r->paths[r->len++] = "default";
	for (size_t i = 0; i < r->len; i++)
		if (inputs_filter(&r->in, r->paths[i], &r->stack[i]))
			return EXIT_NOT_STARTED;
	if (open_report(r))
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
		else if (id == OPTION_JSON)
			r->json = true;
		else if (id == OPTION_REPORT && take_report(r, optarg))
			return OPTIONS_WRONG;
		else if (inputs_option(&r->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static void run_deinit(struct run *r)
{
	for (size_t i = 0; i < r->nreasons; i++) {
		free(r->reasons[i].text);
		free(r->reasons[i].call);
	}
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
	else if (r.tell == STRAIT_TELL_NONE && (r.report_file || r.json))
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
