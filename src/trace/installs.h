/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program and its descendants ask seccomp(2) and prctl(2) to install, read at the call's
 * entry from the caller's memory, and what became of it. Nothing is installed for that: each call
 * stops instead, as strace(1) has it, and no privilege is needed.
 *
 * Another thread may change the memory between this reading and the kernel's.
 */
#ifndef STRAIT_TRACE_INSTALLS_H
#define STRAIT_TRACE_INSTALLS_H

#include "trace/trace.h"

enum trace_outcome {
	TRACE_INSTALLED,
	TRACE_FAILED,	 /* error: errno */
	TRACE_UNSYNCED,	 /* SECCOMP_FILTER_FLAG_TSYNC: other: the thread that couldn't follow */
	TRACE_FAKED,	 /* success was reported, but nothing came of it: an older filter said so */
	TRACE_NO_RETURN, /* the thread ended in the call */
};

struct trace_install {
	pid_t pid, tid;
	const char *comm;	      /* the thread's name */
	uint64_t ns;		      /* since the program was started */
	uint32_t arch;		      /* AUDIT_ARCH_* of the call ... */
	int nr;			      /* ... and its number */
	int mode;		      /* SECCOMP_MODE_STRICT, SECCOMP_MODE_FILTER */
	unsigned flags;		      /* SECCOMP_FILTER_FLAG_* */
	const struct cbpf_prog *prog; /* NULL: strict mode, or see `unread` */
	int unread;		      /* errno: why there is no program; E2BIG: too long for any */
	enum trace_outcome outcome;
	int error;
	pid_t other;
	int listener; /* SECCOMP_FILTER_FLAG_NEW_LISTENER: the caller's fd, or -1 */
};

struct trace_installs {
	char *const *argv, *const *envp; /* as in struct trace_options */
	/* Valid during the call only. */
	void (*installed)(void *user, const struct trace_install *install);
	void *user;
	size_t untold; /* out: memory was out for so many */
};

/* As trace_run(). All descendants are waited for. */
NODISCARD int trace_installs(struct trace_installs *t, struct trace_result *result);

#endif
