/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program under a stack of filters and says which calls they stopped, at no cost per call: a tracer that asks
 * for PTRACE_EVENT_EXIT only sees the registers of whoever was killed. Children and threads are followed. Signals,
 * job control, the terminal, open files and the exit code pass through.
 */
#ifndef STRAIT_TRACE_TRACE_H
#define STRAIT_TRACE_TRACE_H

#include <sys/types.h>

#include "cbpf/cbpf.h"
#include "engine/engine.h"

enum trace_report {
	TRACE_REPORT_NONE,   /* no tracer: the calling process becomes the program; returns only if that fails */
	TRACE_REPORT_KILLED, /* calls that ended a thread or a process */
	TRACE_REPORT_ALL,    /* those answered by errno as well: their filters' errno returns become trace ones */
};

/* A call that was stopped. */
struct trace_stopped {
	pid_t pid, tid;
	const char *comm;           /* the thread's name */
	struct seccomp_data data;
	struct engine_verdict verdict;
};

struct trace_options {
	const struct cbpf_prog *const *stack; /* the oldest first; each verifies */
	size_t stack_len;
	unsigned flags;             /* SECCOMP_FILTER_FLAG_* for the installation */
	char *const *argv;          /* argv[0] is sought in PATH as execvp(3) does */
	enum trace_report report;
	void (*stopped)(void *user, const struct trace_stopped *call);
	void *user;
};

enum trace_end {
	TRACE_EXITED,       /* value: the exit code */
	TRACE_SIGNALED,     /* value: the signal */
	TRACE_NOT_FOUND,    /* value: ENOENT; no such program: 127 */
	TRACE_NOT_STARTED,  /* value: errno; nothing was executed: 126 */
	TRACE_EXEC_STOPPED, /* the filters stop execve itself; nothing was executed: 126 */
	TRACE_REFUSED,      /* value: errno of prctl or seccomp(2), step says which; nothing was executed: 126 */
};

struct trace_result {
	enum trace_end end;
	int value;
	int step;                      /* TRACE_REFUSED: enum kernel_step */
	size_t filter;                 /* TRACE_REFUSED: which of the stack */
	struct engine_verdict verdict; /* TRACE_EXEC_STOPPED */
};

/* 0 with *RESULT; -errno where tracing itself isn't possible (the program was not executed then). */
NODISCARD int trace_run(const struct trace_options *options, struct trace_result *result);

#endif
