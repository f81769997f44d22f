/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What others wrote down about calls that a filter answered: audit records, siginfos, cores,
 * messages of minijail, Chromium and shells. All of it is untrusted: whoever can write into a log
 * can write records into it.
 *
 * Text is taken line by line, in bounded memory; what is in no known form is passed over. Equal
 * records are one, with a count.
 */
#ifndef STRAIT_RECORDS_RECORDS_H
#define STRAIT_RECORDS_RECORDS_H

#include <linux/seccomp.h>

#include "arch/arch.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

enum record_form {
	RECORD_AUDIT,	 /* kernel/auditsc.c, audit_seccomp() */
	RECORD_SIGINFO,	 /* of SIGSYS, as strace and gdb write it */
	RECORD_CORE,	 /* the notes of an ELF core */
	RECORD_MINIJAIL, /* "blocked syscall: socket" */
	RECORD_CHROMIUM, /* "seccomp-bpf failure in syscall 0041" */
	RECORD_FIELDS,	 /* "syscall=41 arch=x86_64 a0=2" */
	RECORD_SIGSYS,	 /* somebody saw SIGSYS and not the call: "Bad system call" */
	RECORD_EPERM,	 /* "unshare: Operation not permitted": a filter may be why */
};

enum record_known {
	RECORD_HAS_CALL = 1, /* data.nr */
	RECORD_HAS_ARCH = 2, /* data.arch is the record's, not assumed */
	RECORD_HAS_IP = 4,
	RECORD_HAS_ACTION = 8,
	RECORD_HAS_SIGNAL = 16,
	RECORD_HAS_PID = 32,
	RECORD_PIDS_DIFFER = 64,
};

/* Longer ones are cut. */
#define RECORD_COMM_MAX 32
#define RECORD_EXE_MAX	256

/* No byte of it is uninitialized, padding included. */
struct record {
	enum record_form form;
	unsigned known;	     /* RECORD_HAS_* */
	unsigned args_known; /* bit i: data.args[i] */
	uint32_t action;     /* SECCOMP_RET_*, without data: audit records have none */
	int signal;
	int pid; /* the first one's */
	struct seccomp_data data;
	char comm[RECORD_COMM_MAX]; /* "": not known; any bytes but NUL */
	char exe[RECORD_EXE_MAX];
};

struct record_group {
	struct record record; /* the first one */
	size_t count;
	size_t line; /* from 1; 0: not from text */
};

/* More different records are counted only. */
#define RECORDS_MAX 4096
/* The rest of a longer line is passed over. */
#define RECORDS_LINE_MAX ((size_t)64 << 10)

struct records {
	struct arena arena;
	const struct arch *assumed; /* where a record names none */
	struct map index;
	struct record_group *groups[RECORDS_MAX];
	size_t len;
	size_t untold; /* records that are in no group */
	size_t line;
	struct buf rest; /* the line that isn't ended yet */
};

void records_init(struct records *r, const struct arch *assumed);
void records_deinit(struct records *r);

/* The next bytes of a text. 0 or -ENOMEM. */
NODISCARD int records_text(struct records *r, const char *bytes, size_t size);
/* The text has ended; the next one's lines begin with 1 again. */
NODISCARD int records_text_end(struct records *r);

/* Where a core is: READ fills SIZE bytes from offset AT; 0, or -errno, -ENODATA past the end. */
struct records_file {
	int (*read)(const struct records_file *file, void *to, size_t size, uint64_t at);
	const void *bytes;
	size_t size;
	int fd;
};

/*
 * An ELF core's siginfo and registers. 0; -ENOMSG: it is of another signal than SIGSYS from a
 * filter, which is then in *SIGNAL (0: there is no siginfo); -ENOEXEC: no core, or not all of one;
 * -ENOMEM; the errno of READ.
 */
NODISCARD int records_core(struct records *r, const struct records_file *file, int *signal);

/* ---- for this folder ---- */

/* 0 or -ENOMEM. */
NODISCARD int records_add(struct records *r, const struct record *record);

/* line.c: what a line says. False: it is in no form that is known. */
bool record_from_line(struct str line, const struct arch *assumed, struct record *out);

/* json.c: the text of a journal's or a container's entry; the buffer is emptied first. False: the
 * line is no such entry. */
bool record_from_json(struct str line, struct buf *out);

/* ---- fields.c: NAME=VALUE ---- */

/* The last one of that name, as what a program chose stands before what the kernel adds. */
bool field_find(struct str line, const char *name, struct str *value);
/* The same, where a value may have blanks in it, up to the next name. */
bool field_find_long(struct str line, const char *name, struct str *value);
/* Digits to the end, in BASE unless they begin with 0x; may be negative. */
bool field_number(struct str text, unsigned base, uint64_t *value);
/* AUDIT_ARCH_*, by number or name. */
bool field_arch(struct str text, unsigned base, uint32_t *audit);
/* A call's number, by name (as strace and ausearch write it too) or number. */
bool field_call(struct str text, const struct arch *arch, int *nr);
/* SECCOMP_RET_*, by number or ausearch's names. */
bool field_action(struct str text, uint32_t *action);
/* "A|B|0x1" */
bool field_constant(struct str text, const struct arch *arch, uint64_t *value);
/* What the kernel wrote of an untrusted string: in quotes, or in hexadecimal digits. DECODED: as
 * ausearch -i writes it. */
void field_string(struct str text, bool decoded, char *out, size_t room);
/* What comes after the first WORDS in the line; without ptr: they aren't in it. */
struct str field_after(struct str line, const char *words);

#endif
