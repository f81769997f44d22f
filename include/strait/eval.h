/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens to a call under a stack of filters: the kernel's own decision (kernel/seccomp.c,
 * seccomp_run_filters() and __seccomp_filter()) made in user space, with the filter, the line and
 * the rule that would have allowed the call.
 */
#ifndef STRAIT_EVAL_H
#define STRAIT_EVAL_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

/*
 * A call as a person writes it: "openat(AT_FDCWD, 0, O_RDWR)", "59", "arch=i386 11(0,0,0)".
 * Arguments that aren't given are 0. ABI is the call's where the text names none; NULL: the
 * library's own. 0; -EINVAL with errors in the report; -ENOMEM. *DATA is in this machine's byte
 * order.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_call_parse(const char *text, const struct strait_abi *abi,
						     struct strait_report *report,
						     struct seccomp_data *data);

/* What happens to the call. */
enum strait_outcome {
	STRAIT_RUNS,	    /* executed */
	STRAIT_RUNS_LOGGED, /* executed, with an audit record */
	STRAIT_FAILS,	    /* not executed; returns -errno_value (0: returns 0) */
	STRAIT_TRAPS,	    /* not executed; SIGSYS */
	STRAIT_TRACED,	    /* a tracer decides */
	STRAIT_NOTIFIES,    /* a supervisor decides */
	STRAIT_KILLS_THREAD,
	STRAIT_KILLS_PROCESS,
};

/* What the process that makes the call finds beyond its filters. */
enum strait_surroundings {
	STRAIT_WITH_TRACER = 1,	  /* a tracer with PTRACE_O_TRACESECCOMP */
	STRAIT_WITH_LISTENER = 2, /* somebody listens on the deciding filter's notification fd */
};

/* What decided. */
enum strait_decider {
	STRAIT_BY_NOTHING,     /* the stack is empty */
	STRAIT_BY_RULE,	       /* a rule or a baseline statement */
	STRAIT_BY_DEFAULT,     /* the policy's default statement */
	STRAIT_BY_FOREIGN,     /* the call's ABI is not one of the policy's */
	STRAIT_BY_INSTRUCTION, /* the filter has no policy */
};

/* The answer to one call. Only the library makes these; fields may be added at the end. */
struct strait_verdict {
	enum strait_outcome outcome;
	uint32_t ret;	     /* the deciding filter's return value: SECCOMP_RET_*, with its data */
	uint16_t data;	     /* its 16 data bits */
	int errno_value;     /* STRAIT_FAILS: what the call returns, at most 4095 */
	uint32_t executed;   /* instructions, over all filters */
	const char *text;    /* "fails with EPERM (Operation not permitted)", "is executed" */
	const char *action;  /* RET in the policy's words: "errno(EPERM)" */
	const char *abi;     /* the call's: "x86_64"; NULL: no ABI has this AUDIT_ARCH */
	const char *syscall; /* "socket"; NULL: the number has no name */
	const char *call;    /* "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)" */

	enum strait_decider by;
	size_t filter;		 /* the deciding one's index in the stack */
	const char *filter_name; /* NULL: the stack is empty */
	uint32_t pc;		 /* the instruction that returned */
	const char *file; /* where the deciding statement stands; NULL: nowhere, as for filters
			     without policy */
	unsigned line, column;
	const char *statement; /* its text, on one line */
	/*
	 * What would have let the deciding filter allow this call; NULL where nothing is known or
	 * needed. STRAIT_BY_RULE: a rule to place before file:line. STRAIT_BY_DEFAULT: a rule to
	 * place anywhere. Both were tried on this call: they allow it. STRAIT_BY_FOREIGN: the arch
	 * statement with which the rules decide.
	 */
	const char *fix;
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_eval_options). */
struct strait_eval_options {
	size_t size;
	unsigned surroundings; /* STRAIT_WITH_* */
	/* Called before each instruction is executed, the newest filter's first, as the kernel runs
	 * them. */
	void (*step)(void *user, size_t filter, size_t pc, uint32_t a, uint32_t x);
	void *user;
};

/*
 * Decides. STACK[0] is the oldest filter. 0 with a new verdict in *OUT, freed by
 * strait_verdict_free(); -EINVAL with an error in the report: the kernel would not accept one of
 * the filters, or not all of them together, or a filter's byte order isn't the call's; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_eval(const struct strait_filter *const *stack, size_t len,
					       const struct seccomp_data *data,
					       const struct strait_eval_options *options,
					       struct strait_report *report,
					       struct strait_verdict **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_verdict_free(struct strait_verdict *verdict);

STRAIT_END

#endif
