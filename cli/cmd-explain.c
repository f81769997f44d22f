/* SPDX-License-Identifier: BSD-2-Clause */
/* strait explain: what was stopped, from logs, siginfos and cores, and what would allow it. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct explain {
	struct inputs in;
	const char **paths; /* of the filters, the oldest first */
	struct strait_filter **stack;
	size_t len;
	struct strait_records *records;
	struct json json; /* out NULL: for people */
};

/* ---- what is read ---- */

/* Words of a record on the command line, put together again. */
struct words {
	char *text;
	size_t size;
	FILE *file;
};

/* A name of a file has none of these; a record has, unless there is a file of that name. */
static bool is_text(const char *arg)
{
	return strpbrk(arg, "= \n") && access(arg, F_OK) != 0;
}

static int add_path(struct explain *e, const char *path)
{
	AUTO(report) struct strait_report *report = need_report();
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = fd < 0 ? -errno : strait_records_add_fd(e->records, fd, report);

	if (!is_stdin && fd >= 0)
		close(fd);
	if (!error)
		return 0;
	if (strait_report_at(report, 0)) {
		complain("in '%s':", path);
		return fail(error, report);
	}
	complain("can't read '%s': %s", path, strerror(-error));
	return EXIT_BAD;
}

static int add_words(struct explain *e, struct words *w)
{
	AUTO(report) struct strait_report *report = need_report();
	int error = fclose(w->file) ? -ENOMEM : 0;

	if (!error && w->size)
		error = strait_records_add(e->records, w->text, w->size, report);
	free(w->text);
	return error ? fail(error, report) : 0;
}

static int read_all(struct explain *e, int argc, char **argv)
{
	struct words words = { 0 };
	int error = 0, other;

	words.file = open_memstream(&words.text, &words.size);
	if (!words.file)
		return fail(-ENOMEM, need_report());
	for (int i = 0; i < argc; i++) {
		if (is_text(argv[i]))
			fprintf(words.file, "%s%s", ftell(words.file) > 0 ? " " : "", argv[i]);
		else if (!error)
			error = add_path(e, argv[i]);
	}
	other = add_words(e, &words);
	if (!error && argc == 0)
		error = add_path(e, "-");
	return error ? error : other;
}

/* ---- for people ---- */

/* A name is the program's to choose: nothing in it may steer a terminal. */
static void print_name(const char *name)
{
	for (const char *c = name; *c; c++)
		putchar(*c >= ' ' && *c <= '~' ? *c : '?');
}

static void print_who(const struct strait_record *r)
{
	const char *slash = r->exe ? strrchr(r->exe, '/') : NULL;

	if (r->comm)
		print_name(r->comm);
	else if (r->exe)
		print_name(slash ? slash + 1 : r->exe);
	else
		fputs("a program", stdout);
	if (r->known & STRAIT_PIDS_DIFFER)
		printf("[%d and others]", (int)r->pid);
	else if (r->known & STRAIT_KNOWN_PID)
		printf("[%d]", (int)r->pid);
}

static void print_record(const struct strait_record *r)
{
	print_who(r);
	if (r->call)
		printf(" called %s on %s", r->call, r->abi ? r->abi : "an unknown architecture");
	else
		fputs(" made a system call", stdout);
	if (*r->fate)
		printf(" %s", r->fate);
	if (r->count > 1)
		printf(", %zu times", r->count);
	putchar('\n');
	if (r->exe) {
		fputs("  it is ", stdout);
		print_name(r->exe);
		putchar('\n');
	}
}

/* What the record lacks, and who may have it. */
static void print_lacks(const struct strait_record *r)
{
	if (!r->call) {
		puts("  the message doesn't say which call; the audit log may: `journalctl -k -g "
		     "type=1326`, "
		     "`ausearch -m SECCOMP`,\n"
		     "  and `strait run` does");
		return;
	}
	if (!(r->known & STRAIT_KNOWN_ARCH))
		printf("  the architecture isn't said; %s is assumed\n", r->abi);
	if (r->form == STRAIT_RECORD_EPERM)
		puts("  such a message tells no filter's answer from the kernel's own; `strace` "
		     "shows which");
	else if (!r->args_known && r->form == STRAIT_RECORD_AUDIT && !strchr(r->call, '('))
		puts("  an audit record has no arguments");
	else if (!r->args_known && !strchr(r->call, '('))
		puts("  its arguments aren't said");
}

static void print_suspects(const struct strait_explanation *x)
{
	puts("  it depends on what the record doesn't say; it was one of");
	for (size_t i = 0; i < x->nsuspects; i++) {
		const struct strait_suspect *s = &x->suspects[i];

		if (s->file)
			printf("    %s:%u:%u: %s\n", s->file, s->line, s->column,
			       s->statement ? s->statement : s->action);
		else
			printf("    %s: %s\n", s->filter_name,
			       s->action ? s->action : "its answer depends on that");
	}
}

static void print_fix(const struct strait_explanation *x)
{
	if (!x->fix)
		return;
	if (x->fix_file)
		printf("  to allow it, add before %s:%u: %s\n", x->fix_file, x->fix_line, x->fix);
	else
		printf("  to allow it, add: %s\n", x->fix);
}

static bool runs(const struct strait_verdict *v)
{
	return v->outcome == STRAIT_RUNS || v->outcome == STRAIT_RUNS_LOGGED;
}

static void print_explanation(const struct explain *e, const struct strait_explanation *x)
{
	switch (x->how) {
	case STRAIT_EXPLAINED_NOTHING:
		print_fix(x);
		return;
	case STRAIT_EXPLAINED_VERDICT:
		if (x->fits) {
			verdict_print(x->verdict, stdout);
			return;
		}
		printf("  %s ", e->len > 1 ? "these filters" : x->verdict->filter_name);
		if (runs(x->verdict))
			puts("would not have stopped it");
		else
			printf("would have answered otherwise: the call %s\n", x->verdict->text);
		verdict_print_decider(x->verdict, stdout);
		return;
	case STRAIT_EXPLAINED_SUSPECTS:
		if (x->nsuspects == 0) {
			printf("  %s would not have done that, whatever its arguments were\n",
			       e->len > 1 ? "these filters" : e->paths[0]);
			return;
		}
		if (x->nsuspects > 1 || !x->suspects[0].action)
			print_suspects(x);
		else if (x->suspects[0].file)
			printf("  by %s:%u:%u: %s\n", x->suspects[0].file, x->suspects[0].line,
			       x->suspects[0].column, x->suspects[0].statement);
		else
			printf("  by %s: %s\n", x->suspects[0].filter_name, x->suspects[0].action);
		print_fix(x);
	}
}

/* ---- as JSON ---- */

static void json_hex(struct json *j, const char *key, uint64_t value)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	json_text(j, key, text);
}

static void json_record(const struct strait_record *r, struct json *j)
{
	static const char *const forms[] = {
		[STRAIT_RECORD_AUDIT] = "audit",       [STRAIT_RECORD_SIGINFO] = "siginfo",
		[STRAIT_RECORD_CORE] = "core",	       [STRAIT_RECORD_MINIJAIL] = "minijail",
		[STRAIT_RECORD_CHROMIUM] = "chromium", [STRAIT_RECORD_FIELDS] = "fields",
		[STRAIT_RECORD_SIGSYS] = "sigsys",     [STRAIT_RECORD_EPERM] = "eperm",
	};

	json_text(j, "form", forms[r->form]);
	json_number(j, "count", (long long)r->count);
	if (r->line)
		json_number(j, "line", (long long)r->line);
	if (r->known & STRAIT_KNOWN_PID && !(r->known & STRAIT_PIDS_DIFFER))
		json_number(j, "pid", r->pid);
	if (r->comm)
		json_text(j, "comm", r->comm);
	if (r->exe)
		json_text(j, "exe", r->exe);
	if (r->known & STRAIT_KNOWN_SIGNAL)
		json_number(j, "signal", r->signal);
	if (r->known & STRAIT_KNOWN_ACTION)
		json_number(j, "action", r->action);
	json_text(j, "fate", r->fate);
	json_text(j, "call", r->call);
	if (!r->call)
		return;
	json_text(j, "syscall", r->syscall);
	json_number(j, "nr", r->data.nr);
	json_text(j, "arch", r->abi);
	json_bool(j, "arch_known", r->known & STRAIT_KNOWN_ARCH);
	json_open(j, "args", '[');
	for (unsigned i = 0; i < 6; i++)
		if (r->args_known >> i & 1)
			json_hex(j, NULL, r->data.args[i]);
		else
			json_text(j, NULL, NULL);
	json_close(j, ']');
	if (r->known & STRAIT_KNOWN_IP)
		json_hex(j, "ip", r->data.instruction_pointer);
}

static void json_suspect(const struct strait_suspect *s, struct json *j)
{
	json_open(j, NULL, '{');
	json_text(j, "filter", s->filter_name);
	json_text(j, "action", s->action);
	if (s->file) {
		json_text(j, "file", s->file);
		json_number(j, "line", s->line);
		json_number(j, "column", s->column);
		json_text(j, "statement", s->statement);
	}
	json_close(j, '}');
}

static void json_explanation(const struct strait_explanation *x, struct json *j)
{
	if (x->how != STRAIT_EXPLAINED_NOTHING)
		json_bool(j, "fits", x->fits);
	if (x->how == STRAIT_EXPLAINED_VERDICT) {
		json_open(j, "verdict", '{');
		verdict_json(x->verdict, j);
		json_close(j, '}');
	}
	if (x->how == STRAIT_EXPLAINED_SUSPECTS) {
		json_open(j, "suspects", '[');
		for (size_t i = 0; i < x->nsuspects; i++)
			json_suspect(&x->suspects[i], j);
		json_close(j, ']');
	}
	if (x->fix)
		json_text(j, "fix", x->fix);
	if (x->fix && x->fix_file) {
		json_text(j, "fix_file", x->fix_file);
		json_number(j, "fix_line", x->fix_line);
	}
}

/* ---- all of it ---- */

static int explain_one(struct explain *e, const struct strait_record *r)
{
	AUTO(report) struct strait_report *report = need_report();
	struct strait_explanation *x;
	int error = strait_explain(r, (const struct strait_filter *const *)e->stack, e->len, report,
				   &x);

	if (error)
		return fail(error, report);
	if (e->json.out) {
		json_open(&e->json, NULL, '{');
		json_record(r, &e->json);
		json_explanation(x, &e->json);
		json_close(&e->json, '}');
	} else {
		print_record(r);
		print_lacks(r);
		print_explanation(e, x);
	}
	strait_explanation_free(x);
	return 0;
}

static int explain_all(struct explain *e)
{
	size_t untold = strait_records_untold(e->records);
	const struct strait_record *r;
	int code = EXIT_YES;

	if (e->json.out) {
		json_start(&e->json, stdout, false);
		json_open(&e->json, "records", '[');
	}
	for (size_t i = 0; (r = strait_records_at(e->records, i)); i++)
		code |= explain_one(e, r);
	if (e->json.out) {
		json_close(&e->json, ']');
		json_number(&e->json, "untold", (long long)untold);
		json_end(&e->json);
	} else if (untold) {
		printf("and %zu more\n", untold);
	}
	if (code == EXIT_YES && !strait_records_at(e->records, 0)) {
		complain("there is no record of a stopped call in it");
		return EXIT_NO;
	}
	return code;
}

static int execute(struct explain *e, int argc, char **argv)
{
	int error;

	for (size_t i = 0; i < e->len; i++)
		if (inputs_filter(&e->in, e->paths[i], &e->stack[i]))
			return EXIT_BAD;
	e->records = strait_records_new(e->in.abi);
	if (!e->records)
		return fail(-ENOMEM, need_report());
	error = read_all(e, argc, argv);
	return error ? error : explain_all(e);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct explain e = { 0 };
	int code, id;

	inputs_init(&e.in, argc);
	e.paths = need_memory((size_t)argc, sizeof(*e.paths));
	e.stack = need_memory((size_t)argc, sizeof(*e.stack));
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'p')
			e.paths[e.len++] = optarg;
		else if (id == OPTION_JSON)
			e.json.out = stdout;
		else if (inputs_option(&e.in, id, optarg) < 0) {
			id = OPTIONS_WRONG;
			break;
		}
	}
	if (id < 0)
		code = options_exit(id);
	else if (optind >= argc && isatty(STDIN_FILENO))
		code = options_wrong(self, "explain what?");
	else
		code = execute(&e, argc - optind, argv + optind);
	strait_records_free(e.records);
	for (size_t i = 0; i < e.len; i++)
		strait_filter_free(e.stack[i]);
	free(e.stack);
	free(e.paths);
	auto_inputs(&e.in);
	return code;
}

static const struct option_row options[] = {
	{ 'p', "policy", "FILTER",
	  "say which line of FILTER it was; several are a stack, the\noldest first" },
	INPUT_ARCH("that of records that name none, and of policies without\n`arch` (else this "
		   "machine's)"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_explain = {
	.name = "explain",
	.run = run,
	.summary = "what was stopped, from a log, a siginfo or a core",
	.usage = "[OPTION]... [-p FILTER]... [FILE|TEXT]...",
	.more = "Finds the records of stopped calls in logs (audit.log, ausearch, dmesg, "
		"journalctl), in what\n"
		"strace, gdb, minijail, Chromium and shells print, and in ELF cores; or takes "
		"'syscall=41\n"
		"arch=x86_64 a0=2' as it is. Says in words what each was, which statement of the "
		"filters did\n"
		"it, and the smallest rule that would allow it. Without FILE: standard input.\n"
		"Exits with 0 if there was a record, 1 if there was none, 2 for bad usage or "
		"input.",
	.options = options,
};
