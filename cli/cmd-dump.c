/* SPDX-License-Identifier: BSD-2-Clause */
/* strait dump: the filters that a process has, or that a program installs. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum form { FORM_ASM, FORM_POLICY, FORM_RAW };

struct dump {
	enum form form;
	bool json;
	const char *out;
	pid_t tid;
	bool has_tid;
	int fd;		/* where what a program installs is told */
	bool unsaid;	/* a filter that is no policy */
	bool unwritten; /* a file that could not be written */
};

/* ---- one filter, in its form ---- */

static const char *comment(const struct dump *d)
{
	return d->form == FORM_POLICY ? "#" : d->form == FORM_ASM ? ";" : "strait:";
}

/* OUT is a folder, or the beginning of the files' names. */
static void write_raw(struct dump *d, const struct strait_filter *filter, size_t n, FILE *out)
{
	AUTO(string) char *bytes = NULL;
	AUTO(string) char *path = NULL;
	struct stat st;
	bool is_folder = stat(d->out, &st) == 0 && S_ISDIR(st.st_mode);
	size_t size;

	if (strait_filter_raw(filter, &bytes, &size) ||
	    asprintf(&path, "%s%s%zu.bpf", d->out, is_folder ? "/" : ".", n) < 0) {
		path = NULL;
		complain("out of memory");
		d->unwritten = true;
		return;
	}
	d->unwritten |= output_write(path, bytes, size, OUTPUT_BINARY) != 0;
	fprintf(out, "strait: written to %s\n", path);
}

static void print_policy(struct dump *d, const struct strait_filter *filter, FILE *out)
{
	struct strait_stack stack = { &filter, 1 };
	AUTO(report) struct strait_report *report = need_report();
	AUTO(string) char *text = NULL;
	int error = strait_decompile(&stack, NULL, report, &text, NULL);

	if (!error) {
		fputs(text, out);
		return;
	}
	d->unsaid = true;
	fputs("# no policy says this\n", out);
	fail(error, report);
}

static void print_filter(struct dump *d, const struct strait_filter *filter, size_t n, FILE *out)
{
	AUTO(string) char *text = NULL;
	size_t size;

	if (d->form == FORM_RAW)
		write_raw(d, filter, n, out);
	else if (d->form == FORM_POLICY)
		print_policy(d, filter, out);
	else if (strait_filter_disasm(filter, &text, &size) == 0)
		fputs(text, out);
	else
		complain("out of memory");
}

/* Members of the open object. */
static void json_filter(struct dump *d, const struct strait_filter *filter, struct json *j)
{
	struct strait_stack stack = { &filter, 1 };
	AUTO(report) struct strait_report *report = need_report();
	AUTO(string) char *text = NULL;

	if (format_json_insns(j, filter))
		complain("out of memory");
	if (d->form != FORM_POLICY)
		return;
	d->unsaid |= strait_decompile(&stack, NULL, report, &text, NULL) != 0;
	json_text(j, "policy", text);
	messages_json(report, j);
}

static size_t length(const struct strait_filter *filter)
{
	size_t len;

	strait_filter_insns(filter, &len);
	return len;
}

/* ---- a process ---- */

static const char *mode_name(int mode)
{
	static const char *const names[] = { "none", "strict", "filter" };

	return mode >= 0 && mode < (int)ARRAY_LEN(names) ? names[mode] : NULL;
}

static void json_process(struct dump *d, const struct strait_dump *found, FILE *out)
{
	struct strait_stack stack = strait_dump_stack(found);
	struct json j;

	json_start(&j, out, false);
	json_number(&j, "tid", d->tid);
	json_text(&j, "mode", mode_name(strait_dump_mode(found)));
	json_open(&j, "filters", '[');
	for (size_t i = 0; i < stack.len; i++) {
		int logs = strait_dump_logs(found, i);

		json_open(&j, NULL, '{');
		if (logs >= 0)
			json_bool(&j, "log", logs);
		json_filter(d, stack.filters[i], &j);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_end(&j);
}

static void print_process(struct dump *d, const struct strait_dump *found, FILE *out)
{
	struct strait_stack stack = strait_dump_stack(found);

	for (size_t i = 0; i < stack.len; i++) {
		size_t len = length(stack.filters[i]);

		fprintf(out, "%s filter %zu of %zu%s: %zu instruction%s%s\n", comment(d), i,
			stack.len, i == 0 && stack.len > 1 ? ", the oldest" : "", len,
			len == 1 ? "" : "s", strait_dump_logs(found, i) > 0 ? ", flag LOG" : "");
		print_filter(d, stack.filters[i], i, out);
	}
}

static int show(struct dump *d, const struct strait_dump *found)
{
	bool is_told = d->json || strait_dump_stack(found).len;
	AUTO(string) char *text = NULL;
	size_t size;
	FILE *block = open_memstream(&text, &size);
	const char *path = d->form == FORM_RAW ? NULL : d->out;

	if (block)
		(d->json ? json_process : print_process)(d, found, block);
	if (!block || fclose(block) != 0) {
		complain("out of memory");
		return EXIT_BAD;
	}
	if (is_told && output_write(path, text, size, OUTPUT_TEXT))
		return EXIT_BAD;
	if (d->unwritten)
		return EXIT_BAD;
	if (!strait_dump_stack(found).len) {
		complain("process %d %s", (int)d->tid,
			 strait_dump_mode(found) == 1 ? "is in strict mode, without a filter"
						      : "has no filter");
		return EXIT_NO;
	}
	return d->unsaid ? EXIT_NO : EXIT_YES;
}

static int dump_process(struct dump *d)
{
	AUTO(report) struct strait_report *report = need_report();
	struct strait_dump *found;
	int error = strait_dump_thread(d->tid, report, &found);

	if (error)
		return fail(error, report);
	error = show(d, found);
	strait_dump_free(found);
	return error;
}

/* ---- a program ---- */

static const char *const outcomes[] = {
	[STRAIT_INSTALLED] = "installed",	  [STRAIT_INSTALL_FAILED] = "failed",
	[STRAIT_INSTALL_UNSYNCED] = "unsynced",	  [STRAIT_INSTALL_FAKED] = "faked",
	[STRAIT_INSTALL_NO_RETURN] = "no_return",
};

static void json_install(struct dump *d, const struct strait_install *i, FILE *out)
{
	struct json j;

	json_start(&j, out, true);
	json_number(&j, "n", (long long)i->n);
	json_number(&j, "ns", (long long)i->ns);
	json_number(&j, "pid", i->pid);
	json_number(&j, "tid", i->tid);
	json_text(&j, "comm", i->comm);
	json_text(&j, "syscall", i->syscall);
	json_text(&j, "abi", i->abi);
	json_text(&j, "mode", mode_name(i->mode));
	json_text(&j, "flags", i->flag_names);
	json_text(&j, "outcome", outcomes[i->outcome]);
	if (i->outcome == STRAIT_INSTALL_FAILED)
		json_number(&j, "errno", i->error);
	if (i->outcome == STRAIT_INSTALL_UNSYNCED)
		json_number(&j, "other", i->other);
	if (i->listener >= 0)
		json_number(&j, "listener", i->listener);
	if (i->unread)
		json_number(&j, "unread", i->unread);
	if (i->filter)
		json_filter(d, i->filter, &j);
	json_end(&j);
}

static void print_outcome(const struct strait_install *i, FILE *out)
{
	switch (i->outcome) {
	case STRAIT_INSTALLED:
		fputs("installed", out);
		break;
	case STRAIT_INSTALL_FAILED:
		fprintf(out, "not installed (%s)", strerror(i->error));
		break;
	case STRAIT_INSTALL_UNSYNCED:
		fprintf(out, "not installed (thread %d has another filter)", (int)i->other);
		break;
	case STRAIT_INSTALL_FAKED:
		fputs("not installed (an older filter answered)", out);
		break;
	case STRAIT_INSTALL_NO_RETURN:
		fputs("not installed (the thread ended in the call)", out);
		break;
	}
}

static void print_install(struct dump *d, const struct strait_install *i, FILE *out)
{
	fprintf(out, "%s %s %zu after %.6f s in ", comment(d),
		i->mode == 1 ? "strict mode, call" : "filter", i->n, (double)i->ns / 1e9);
	teller_thread(i->comm, i->pid, i->tid, out);
	fprintf(out, " by %s on %s", i->syscall, i->abi);
	if (*i->flag_names)
		fprintf(out, ", flags %s", i->flag_names);
	if (i->listener >= 0)
		fprintf(out, ", listener %d", i->listener);
	fputs(": ", out);
	print_outcome(i, out);
	if (i->filter)
		fprintf(out, ", %zu instruction%s", length(i->filter),
			length(i->filter) == 1 ? "" : "s");
	else if (i->unread == E2BIG)
		fputs(", more than 4096 instructions", out);
	else if (i->unread == EINVAL)
		fputs(", no instruction", out);
	else if (i->unread)
		fprintf(out, ", its program can't be read (%s)", strerror(i->unread));
	fputc('\n', out);
	if (i->filter)
		print_filter(d, i->filter, i->n, out);
}

static void installed(void *user, const struct strait_install *i)
{
	struct dump *d = user;
	AUTO(string) char *text = NULL;
	size_t size;
	FILE *block = open_memstream(&text, &size);

	if (!block) {
		complain("out of memory");
		return;
	}
	(d->json ? json_install : print_install)(d, i, block);
	output_block(d->fd, block, &text, &size);
}

static int dump_program(struct dump *d, char **argv)
{
	const struct strait_dump_options options = {
		.size = sizeof(options),
		.argv = argv,
		.envp = environ,
		.installed = installed,
		.user = d,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	AUTO(report) struct strait_report *report = need_report();
	int error;

	d->fd = d->out && d->form != FORM_RAW ? output_open(d->out) : STDERR_FILENO;
	if (d->fd < 0)
		return EXIT_NOT_STARTED;
	error = strait_dump_run(&options, report, &result);
	if (error) {
		fail(error, report);
		return EXIT_NOT_STARTED;
	}
	print_report(report);
	return result.exit_code;
}

/* ---- the command ---- */

static int take_form(struct dump *d, const char *word)
{
	static const char *const words[] = {
		[FORM_ASM] = "asm", [FORM_POLICY] = "policy", [FORM_RAW] = "raw"
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0) {
			d->form = (enum form)i;
			return 0;
		}
	complain("no format '%s'; there are asm, policy and raw", word);
	return OPTIONS_WRONG;
}

static int take_process(struct dump *d, const char *word)
{
	char *end;
	long n = strtol(word, &end, 10);

	if (end == word || *end || n <= 0 || n > INT_MAX) {
		complain("-p takes the id of a process or a thread, not '%s'", word);
		return OPTIONS_WRONG;
	}
	d->tid = (pid_t)n;
	d->has_tid = true;
	return 0;
}

static int take_options(const struct command *self, struct dump *d, int argc, char **argv)
{
	int id, wrong = 0;

	while (!wrong && (id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			d->out = optarg;
		else if (id == 'f')
			wrong = take_form(d, optarg);
		else if (id == 'p')
			wrong = take_process(d, optarg);
		else
			d->json = true;
	}
	return wrong ? wrong : id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct dump d = { 0 };
	int end = take_options(self, &d, argc, argv);

	if (end < 0)
		return options_exit(end);
	if (d.has_tid == (optind < argc))
		return options_wrong(self, "a process with -p, or a program, please");
	if (d.form == FORM_RAW && !d.out)
		return options_wrong(self,
				     "-f raw needs -o: a folder, or how the files' names begin");
	if (d.form == FORM_RAW && d.json)
		return options_wrong(self, "--json has the instructions; raw files go without it");
	return d.has_tid ? dump_process(&d) : dump_program(&d, argv + optind);
}

static const struct option_row options[] = {
	{ 'p', "pid", "PID", "the filters that process (or thread) PID has" },
	{ 'f', "format", "FORMAT",
	  "asm: disassembly (the default); policy: decompiled; raw:\n"
	  "each filter to a file of its own" },
	{ 'o', "output", "OUT",
	  "write to OUT; with -f raw to OUT/N.bpf where OUT is a\n"
	  "folder, else to OUT.N.bpf" },
	{ OPTION_JSON, "json", NULL, "tell it as JSON; of a program, one line a call" },
	{ 0 },
};

const struct command cmd_dump = {
	.name = "dump",
	.run = run,
	.summary = "the filters that a process has, or a program installs",
	.usage = "[OPTION]... -p PID\n[OPTION]... [--] PROGRAM [ARG]...",
	.more = "With -p, shows all filters of a process, the oldest first, as the kernel has "
		"them; "
		"that takes\n"
		"CAP_SYS_ADMIN. Exits with 0; 1 where it has none, or one is no policy; 2 where "
		"they "
		"can't be read.\n"
		"With PROGRAM, runs it and tells on standard error what it and its descendants "
		"install, when, and\n"
		"what came of it; that takes no privilege. Exits as the program does; 128+N if "
		"signal N ended it;\n"
		"127 if there is no such program; 126 if it can't be started.",
	.options = options,
	.options_first = true,
};
