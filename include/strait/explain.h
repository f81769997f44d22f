/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was stopped, from what others wrote down: audit records as the kernel, ausearch(8), dmesg(1)
 * and journalctl(1) write them, siginfos of strace(1) and gdb(1), ELF cores, messages of minijail,
 * Chromium and shells. And which line of a policy it was.
 *
 * Such input is untrusted. Whoever can write into a log can write a record into it, so a record is
 * a claim; and no byte of it may go to a terminal as it is: comm and exe are for the caller to
 * mask, all other texts are printable ASCII.
 */
#ifndef STRAIT_EXPLAIN_H
#define STRAIT_EXPLAIN_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <strait/arch.h>
#include <strait/eval.h>
#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

/* ---- records ---- */

enum strait_record_form {
	STRAIT_RECORD_AUDIT,	/* of the audit log: it has no arguments */
	STRAIT_RECORD_SIGINFO,	/* of SIGSYS, as strace and gdb write it: no arguments either */
	STRAIT_RECORD_CORE,	/* siginfo and registers of an ELF core */
	STRAIT_RECORD_MINIJAIL, /* "blocked syscall: socket" */
	STRAIT_RECORD_CHROMIUM, /* "seccomp-bpf failure in syscall 0041" */
	STRAIT_RECORD_FIELDS,	/* "syscall=41 arch=x86_64 a0=2 a1=1" */
	STRAIT_RECORD_SIGSYS,	/* "Bad system call": SIGSYS was seen, the call was not */
	STRAIT_RECORD_EPERM, /* "unshare: Operation not permitted": a filter may be why, or not */
};

/* What a record says. */
enum strait_record_known {
	STRAIT_KNOWN_CALL = 1, /* data.nr */
	STRAIT_KNOWN_ARCH = 2, /* data.arch; without it the one that records were made for */
	STRAIT_KNOWN_IP = 4,   /* data.instruction_pointer */
	STRAIT_KNOWN_ACTION = 8,
	STRAIT_KNOWN_SIGNAL = 16,
	STRAIT_KNOWN_PID = 32,
	STRAIT_PIDS_DIFFER = 64, /* among the equal records */
};

/* Records that differ at most in pid and instruction pointer are one; these are the first one's.
 * Only the library makes these; fields may be added at the end. */
struct strait_record {
	enum strait_record_form form;
	unsigned known;	     /* STRAIT_KNOWN_*; what isn't is 0 or NULL */
	unsigned args_known; /* bit i: data.args[i] */
	struct seccomp_data data;
	uint32_t action; /* SECCOMP_RET_*, without its 16 data bits */
	int signal;
	pid_t pid;
	const char *comm, *exe; /* any bytes but NUL, cut after 31 and 255; NULL: not known */
	size_t count;		/* how many */
	size_t line;		/* of the first, from 1; 0: not from text */
	const char *abi;	/* "x86_64"; NULL: no ABI has this AUDIT_ARCH */
	const char *syscall;	/* "socket"; NULL: not known, or the number has no name */
	/* "socket(AF_INET, ?, ?)"; "socket" where no argument is known; NULL: the call isn't known
	 */
	const char *call;
	const char *fate; /* "and was killed (process)" */
	int is_strict;	  /* 1: SECCOMP_MODE_STRICT ended it, no filter was asked */
};

struct strait_records;

/* No records yet. ABI is that of records that name none; NULL: the library's own. NULL: no memory.
 */
STRAIT_EXPORT STRAIT_NODISCARD struct strait_records *
strait_records_new(const struct strait_abi *abi);
/* NULL is fine. */
STRAIT_EXPORT void strait_records_free(struct strait_records *records);

/*
 * Adds what is found in a text, or in an ELF core, told by its first bytes. Text that is no record
 * is passed over; lines are cut after 64 KiB. 0, also where nothing is found; -EINVAL with an error
 * in the report: a core that isn't complete; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_records_add(struct strait_records *records,
						      const void *bytes, size_t size,
						      struct strait_report *report);
/*
 * The same for a descriptor, read to its end in bounded memory, however long it is. A core that
 * can't be sought in is read up to 64 MiB, in which the kernel has put the notes. Also the errno of
 * read(2).
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_records_add_fd(struct strait_records *records, int fd,
							 struct strait_report *report);

/* The i-th, in the order of their first; NULL past the last. Valid until more are added. */
STRAIT_EXPORT const struct strait_record *strait_records_at(const struct strait_records *records,
							    size_t i);
/* How many more there were, when 4096 different ones had been found. */
STRAIT_EXPORT size_t strait_records_untold(const struct strait_records *records);

/* ---- the filters that did it ---- */

/* A statement (or an instruction of a raw program) that may have decided. */
struct strait_suspect {
	const char *filter_name;
	size_t filter;
	const char *action; /* "errno(EPERM)"; NULL: it depends on what isn't known */
	const char *file;   /* as in struct strait_verdict */
	unsigned line, column;
	const char *statement;
};

enum strait_explained {
	STRAIT_EXPLAINED_NOTHING, /* the call isn't known, there are no filters, or none was asked
				   */
	/* The filters decide so whatever the unknown arguments are: see `verdict`. */
	STRAIT_EXPLAINED_VERDICT,
	/* It depends on what isn't known. Each of `suspects` may have been it, and nothing else. */
	STRAIT_EXPLAINED_SUSPECTS,
};

/* Only the library makes these; fields may be added at the end. */
struct strait_explanation {
	enum strait_explained how;
	const struct strait_verdict *verdict; /* STRAIT_EXPLAINED_VERDICT */
	const struct strait_suspect *suspects;
	size_t nsuspects;
	/* Whether the filters can do what the record says. 0: it was another filter, or another
	 * version of one, or something else. */
	int fits;
	/*
	 * The smallest rule that would allow the call, as far as it is known; it was tried on it.
	 * NULL: there is none, or nothing to allow.
	 */
	const char *fix;
	const char *fix_file; /* before this line; NULL: where no rule decides, anywhere */
	unsigned fix_line;
};

/*
 * Which of a stack's filters answered the call, STACK[0] the oldest; LEN may be 0. 0 with a new
 * explanation in *OUT, freed by strait_explanation_free(); otherwise as strait_eval().
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_explain(const struct strait_record *record,
						  const struct strait_filter *const *stack,
						  size_t len, struct strait_report *report,
						  struct strait_explanation **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_explanation_free(struct strait_explanation *explanation);

STRAIT_END

#endif
