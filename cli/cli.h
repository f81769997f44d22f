/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the commands share: a table that describes each of them, option parsing by that table,
 * reading filters, printing what the library reports, writing files. It uses the public library
 * only.
 */
#ifndef STRAIT_CLI_CLI_H
#define STRAIT_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include <strait/strait.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define AUTO(how)    __attribute__((cleanup(auto_##how)))

/* What a command answers; run(1) has its own. */
enum { EXIT_YES, EXIT_NO, EXIT_BAD, EXIT_NOT_STARTED = 126 };

/* ---- options.c ---- */

/* One option: parsed and shown by --help from the same row. */
struct option_row {
	int id;		  /* below 256: also the short option of that letter; 0 ends a table */
	const char *name; /* the long option */
	const char *arg;  /* what its argument is called, or NULL */
	const char *help; /* lines after the first are indented by the printer */
};

#define OPTION_ROWS_MAX 16

struct command {
	const char *name;
	int (*run)(const struct command *self, int argc, char **argv);
	const char *summary; /* one line, for strait --help */
	const char *usage;   /* what follows the name, one line a form */
	const char *more;    /* the rest of --help: what it does and how it exits */
	const struct option_row *options;
	bool options_first; /* options end at the first other argument */
};

enum { OPTIONS_END = 0, OPTIONS_HELPED = -1, OPTIONS_WRONG = -2 };

/* The next option's id with its argument in optarg; else one of the above, optind at the first
 * other argument. */
int options_next(const struct command *command, int argc, char **argv);
/* The exit code after options_next() returned less than 0. */
int options_exit(int end);
/* Prints "strait COMMAND: ...", says where help is, and returns EXIT_BAD. */
int options_wrong(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The candidate (NULL ends them) that is nearest to WORD, or NULL if none is near. */
const char *options_suggest(const char *word, const char *(*candidate)(const void *user, size_t i),
			    const void *user);

/* ---- common.c ---- */

/* "strait: ..." on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Is colour welcome on stderr? */
bool has_color(void);
void print_report(const struct strait_report *report);

void auto_report(struct strait_report **report);
void auto_filter(struct strait_filter **filter);
void auto_policy(struct strait_policy **policy);
void auto_verdict(struct strait_verdict **verdict);
void auto_string(char **string);

/* calloc(3) that ends the command where memory is out. */
void *need_memory(size_t len, size_t size);
/* A new report, or the end of the command. */
struct strait_report *need_report(void);
/* What a failed call of the library means: EXIT_BAD. Prints the report, or where that is empty, the
 * error. */
int fail(int error, const struct strait_report *report);

/* ---- inputs.c: where policies and programs come from ---- */

struct inputs {
	const char **dirs;
	size_t ndirs;
	struct strait_define *defines;
	size_t ndefines;
	const struct strait_abi *abi; /* NULL: not given */
	enum strait_form form;
	enum strait_order order;
	unsigned policy_flags; /* STRAIT_POLICY_* */
	struct strait_compile_options compile;
	struct strait_count *counts; /* of --profile */
	bool allows_empty;	     /* a raw program without any instruction */
};

enum {
	OPTION_FROM = 256,
	OPTION_ORDER,
	OPTION_PROOF_NODES,
	OPTION_KERNEL,
	OPTION_WEIGH,
	OPTION_SMALL,
	OPTION_PROFILE,
	OPTION_JSON,
	OPTION_OTHER
};

#define INPUT_DEFINE                                                                               \
	{                                                                                          \
		'D', "define", "NAME=VALUE", "override a `let` of the policies"                    \
	}
#define INPUT_INCLUDE                                                                              \
	{                                                                                          \
		'I', "include", "DIR", "also seek included files in DIR"                           \
	}
#define INPUT_ARCH(help)                                                                           \
	{                                                                                          \
		'a', "arch", "ARCH", help                                                          \
	}
#define INPUT_FROM                                                                                 \
	{                                                                                          \
		OPTION_FROM, "from", "FORM",                                                       \
			"what the file is: policy, raw or asm (else its name's ending\nor its "    \
			"content tells)"                                                           \
	}
#define INPUT_ORDER                                                                                \
	{                                                                                          \
		OPTION_ORDER, "order", "ORDER", "byte order of raw programs: little or big"        \
	}

#define INPUT_PROOF_NODES                                                                          \
	{                                                                                          \
		OPTION_PROOF_NODES, "proof-nodes", "N",                                            \
			"let a proof take N nodes (else 2^20, which takes 100 MB)"                 \
	}

/* What a compiled filter is good at. */
#define INPUT_KERNEL                                                                               \
	{                                                                                          \
		OPTION_KERNEL, "kernel", "VERSION",                                                \
			"the oldest Linux it is for (else 5.11): before 5.11 as\n--weigh=all"      \
	}
#define INPUT_WEIGH                                                                                \
	{                                                                                          \
		OPTION_WEIGH, "weigh", "WHICH",                                                    \
			"make the way short for: executed, the calls for which a\n"                \
			"kernel with a cache of constant allows runs the filter\n"                 \
			"(the default); all"                                                       \
	}
#define INPUT_SMALL                                                                                \
	{                                                                                          \
		OPTION_SMALL, "size", NULL, "the fewest instructions, whatever they take"          \
	}
#define INPUT_PROFILE                                                                              \
	{                                                                                          \
		OPTION_PROFILE, "profile", "FILE",                                                 \
			"how often each call is made: lines of `name count`,\n"                    \
			"minijail's `name: count`, or a recording of `strait learn`"               \
	}

/* ARGC bounds how many options there can be. */
void inputs_init(struct inputs *in, int argc);
void auto_inputs(struct inputs *in);
/* Takes an option: 1 if it was one of these, 0 if not, -1 if its argument is wrong (said on
 * stderr). */
int inputs_option(struct inputs *in, int id, char *arg);

struct text {
	char *bytes;
	size_t size;
	const char *name; /* as messages call it */
	bool is_shipped;  /* no file, but a policy that comes with the library */
};

void auto_text(struct text *text);
/* Reads a file, "-" (standard input), or a shipped policy by its name. 0 or EXIT_BAD, said on
 * stderr. */
int inputs_read(const char *path, struct text *text);
/* What a text is, compiled and proven if it is a policy. 0 or -errno, with messages in the report.
 */
int inputs_text_filter(const struct inputs *in, const struct text *text,
		       struct strait_report *report, struct strait_filter **out);
/*
 * Reads a policy, which is compiled and proven, a raw program or assembler text. 0 or EXIT_BAD.
 * Messages go to the report; the caller prints it.
 */
int inputs_read_filter(const struct inputs *in, const char *path, struct strait_report *report,
		       struct strait_filter **out);
/* The same, but messages are printed, and an empty program is none unless the inputs allow it. */
/* 0 or EXIT_BAD. Messages go to the report; the caller prints it. */
int inputs_policy(const struct inputs *in, const char *path, struct strait_report *report,
		  struct strait_policy **out);
/* The same as inputs_policy(), but for raw programs and assembler text too, and messages are
 * printed. */
int inputs_filter(const struct inputs *in, const char *path, struct strait_filter **out);

/* ---- profile.c ---- */

/* Reads --profile's file. 1, or -1 with what is wrong said on stderr. */
int profile_read(struct inputs *in, const char *path);

/* ---- output.c ---- */

/* Is BYTES fit for a terminal? */
enum output_kind { OUTPUT_TEXT, OUTPUT_BINARY };

/*
 * Writes a file as a whole or not at all; NULL and "-" are standard output. Binary bytes never go
 * to a terminal. 0 or EXIT_BAD, said on stderr.
 */
int output_write(const char *path, const char *bytes, size_t size, enum output_kind kind);
/* A file for what is written bit by bit; -1, said on stderr. */
int output_open(const char *path);
/* Closes an open_memstream(3) and writes its text at once, so that it doesn't mingle with others'.
 */
void output_block(int fd, FILE *block, char **text, const size_t *size);

/* ---- format.c: the forms that a program is written in ---- */

struct format {
	const char *name;
	const char *ending; /* of -o FILE */
	/* 0 or -errno */
	int (*write)(const struct strait_filter *filter, char **out, size_t *size);
	enum output_kind kind;
};

#define OUTPUT_FORMAT                                                                              \
	{                                                                                          \
		'f', "format", "FORMAT",                                                           \
			"raw: an array of struct sock_filter, what the kernel,\n"                  \
			"bubblewrap and crun read; c: a C source file that needs\n"                \
			"no library; asm; json (else by OUT's ending: .bpf .c .asm\n.json; else "  \
			"raw)"                                                                     \
	}
#define OUTPUT_FILE                                                                                \
	{                                                                                          \
		'o', "output", "OUT", "write to OUT, whole or not at all"                          \
	}

/* NULL, said on stderr: there is none of that name. */
const struct format *format_by_name(const char *name);
/* By the file's ending, else raw; PATH may be NULL. */
const struct format *format_of_file(const char *path);
/* The member "instructions" of the open object. 0 or -errno. */
struct json;
int format_json_insns(struct json *j, const struct strait_filter *filter);
/* As output_write(). */
int format_write(const struct format *format, const struct strait_filter *filter, const char *path);

/* ---- json.c ---- */

/* A writer; KEY is NULL inside of arrays. Texts of any bytes become valid JSON. */
struct json {
	FILE *out;
	unsigned depth;
	bool has_items; /* the innermost object or array has some already */
	bool one_line;
};

void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
/* NULL becomes null. */
void json_text(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, long long number);
/* Less than 0 becomes null. */
void json_real(struct json *j, const char *key, double number);
void json_bool(struct json *j, const char *key, bool value);
/* An object's first member is the version of its schema. */
void json_start(struct json *j, FILE *out, bool one_line);
void json_end(struct json *j);

/* ---- verdict.c ---- */

/* "  by web.strait:12:1: kill_process socket\n  to allow it, add before ...\n" */
void verdict_print(const struct strait_verdict *verdict, FILE *out);
/* Its first line only: what decided. */
void verdict_print_decider(const struct strait_verdict *verdict, FILE *out);
/* Members of the open object. */
void verdict_json(const struct strait_verdict *verdict, struct json *j);
void message_json(const struct strait_message *message, struct json *j);
/* The member "messages": all of the report. */
void messages_json(const struct strait_report *report, struct json *j);

/* ---- teller.c: what a program under filters came to, as it happens ---- */

/* More different reasons aren't told one by one. */
#define TELLER_REASONS 256

struct reason;

struct teller {
	const char *const *paths; /* of the filters, the oldest first */
	int fd;			  /* where reports go */
	bool json;
	struct reason *reasons;
	size_t nreasons;
	unsigned long untold; /* calls for further reasons */
};

/* Tells it to FILE, or to standard error if that is NULL. 0 or EXIT_NOT_STARTED, said on stderr. */
int teller_open(struct teller *t, const char *file, const char *const *paths);
/* For the library's callbacks; USER is the teller. */
void teller_stopped(void *user, const struct strait_stopped *s);
void teller_answered(void *user, const struct strait_answered *a);
/* What was counted, and how it ended. */
void teller_end(const struct teller *t, const struct strait_report *report,
		const struct strait_run_result *result);
void teller_deinit(struct teller *t);
/* "comm[pid/tid]" */
void teller_thread(const char *comm, pid_t pid, pid_t tid, FILE *out);

/* ---- denied.c: a patch that would have allowed what was stopped ---- */

struct denied;

/* The filters are read a second time, to have their texts: before the program runs. NULL, said on
 * stderr: one can't be. */
struct denied *denied_new(const struct inputs *in, const char *const *paths, size_t len);
void denied_free(struct denied *d);
/* Notes a call that was stopped. */
void denied_add(struct denied *d, const struct strait_verdict *v);
/* Writes the patch, unified diffs of the policies, to FILE or, if that is "-", standard output;
 * tells on stderr what it has no rule for. 0 or EXIT_BAD. */
int denied_write(struct denied *d, const char *file);

/* ---- cmd-*.c ---- */

extern const struct command cmd_asm, cmd_bench, cmd_check, cmd_compile, cmd_decompile, cmd_diff,
	cmd_disasm, cmd_doctor, cmd_dump, cmd_eval, cmd_explain, cmd_fmt, cmd_graph, cmd_learn,
	cmd_merge, cmd_refuse, cmd_run, cmd_supervise, cmd_syscalls, cmd_verify;

#endif
