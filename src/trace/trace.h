/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program under a stack of filters and says which calls they stopped, at no cost per call: a
 * tracer that asks for PTRACE_EVENT_EXIT only sees the registers of whoever was killed. Children
 * and threads are followed. Signals, job control, the terminal, open files and the exit code pass
 * through. What differs for the program: it has a parent more, and can't be traced by another.
 *
 * The caller has one thread. While the program runs, all its signals are blocked, and those sent to
 * it alone are handed on to the program; SIGCHLD's action is the default. Its other children are
 * left alone. If the caller is killed, so is the program.
 */
#ifndef STRAIT_TRACE_TRACE_H
#define STRAIT_TRACE_TRACE_H

#include <sys/types.h>

#include "cbpf/cbpf.h"
#include "engine/engine.h"

enum trace_report {
	/* No tracer: the calling process becomes the program; returns only if that fails. */
	TRACE_REPORT_NONE,
	/*
	 * Calls that ended a thread or a process. Descendants that outlive the program run on under
	 * their filters, and stay tracees of the calling thread until it ends: it should, soon.
	 */
	TRACE_REPORT_KILLED,
	/*
	 * Those answered by errno as well: errno returns become trace ones. A call that waits for
	 * the tracer's answer would be executed if the tracer let go of it (kernel/seccomp.c,
	 * recheck_after_trace), so all descendants are waited for, and die if the caller does.
	 */
	TRACE_REPORT_ALL,
	/*
	 * Calls that a filter answers by trace: told, and executed if the filters agree when they
	 * run again. All descendants are waited for, and die if the caller does, as without a
	 * tracer these calls would fail.
	 */
	TRACE_REPORT_CALLS,
	/*
	 * Each call of each thread stops twice and `each_call` is told, and nothing else is. For no
	 * filters at all: no_new_privs isn't set, so the program sees what it would see without
	 * strait. All descendants are waited for, until a signal asks the tracer, once the program
	 * has ended, not to.
	 */
	TRACE_REPORT_EVERY_CALL,
};

enum trace_phase {
	TRACE_ENTERS,  /* no filter has seen the call yet */
	TRACE_RETURNS, /* only `result` means something */
	TRACE_ENDS,    /* the thread does: what it was in never returned */
};

/* A thread at one of its calls, stopped; its memory can be read. */
struct trace_called {
	enum trace_phase phase;
	pid_t tid;
	struct seccomp_data data;
	int64_t result; /* -errno too */
};

/* A call that was stopped. */
struct trace_stopped {
	pid_t pid, tid;
	const char *comm; /* the thread's name */
	struct seccomp_data data;
	struct engine_verdict verdict;
};

struct trace_options {
	const struct cbpf_prog *const *stack; /* the oldest first; each verifies */
	size_t stack_len;
	unsigned flags;	   /* SECCOMP_FILTER_FLAG_* for the installation; no NEW_LISTENER */
	char *const *argv; /* argv[0] is sought in PATH as execvp(3) does */
	char *const *envp; /* the program's environment, with the PATH to seek in; not NULL */
	enum trace_report report;
	void (*stopped)(void *user, const struct trace_stopped *call);
	/* REPORT_CALLS: a thread is about to make a call, begins another program. Either may be
	 * NULL. */
	void (*called)(void *user, pid_t tid, const struct seccomp_data *call);
	void (*executed)(void *user, pid_t tid);
	void (*each_call)(void *user,
			  const struct trace_called *call); /* TRACE_REPORT_EVERY_CALL */
	/*
	 * Not NULL: the newest filter is installed with a listener, and this is given it, to keep,
	 * before the program's first instruction, or within a millisecond where the filters make
	 * execve itself wait for an answer. 0; with -errno the program is killed, and that is what
	 * trace_run() returns. With TRACE_REPORT_KILLED only.
	 */
	int (*listening)(void *user, int fd);
	unsigned listener_flags; /* SECCOMP_FILTER_FLAG_* that come with a listener only */
	void *user;
};

enum trace_end {
	TRACE_EXITED,	       /* value: the exit code */
	TRACE_SIGNALED,	       /* value: the signal */
	TRACE_NOT_FOUND,       /* value: ENOENT; no such program: 127 */
	TRACE_NOT_STARTED,     /* value: errno; nothing was executed: 126 */
	TRACE_EXEC_STOPPED,    /* the filters stop execve itself; nothing was executed: 126 */
	TRACE_INSTALL_STOPPED, /* older filters kill what installs `filter`; not executed: 126 */
	TRACE_REFUSED,	       /* value: errno of prctl or seccomp(2), step says which; nothing was
				  executed: 126 */
};

struct trace_result {
	enum trace_end end;
	int value;
	int step;      /* TRACE_REFUSED: enum kernel_step */
	size_t filter; /* TRACE_REFUSED, TRACE_INSTALL_STOPPED: which of the stack */
	struct engine_verdict verdict; /* TRACE_EXEC_STOPPED, TRACE_INSTALL_STOPPED */
};

/*
 * 0 with *RESULT. -errno where tracing isn't possible, and the program was not executed: -ENOTSUP
 * (not on this machine; or REPORT_ALL with a program that returns A), -EPERM and the like
 * (ptrace(2) is forbidden), -EBUSY (REPORT_ALL where somebody listens to notifications already),
 * -EINVAL, -EAGAIN, -EMFILE, ... What listening() returned. -ENOMEM: also when memory ran out
 * later; the program was killed.
 */
NODISCARD int trace_run(const struct trace_options *options, struct trace_result *result);

#endif
