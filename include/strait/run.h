/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program under a stack of filters and tells which calls they stopped, at no cost per call
 * that is allowed. Children and threads are followed. Signals, job control, the terminal, open
 * files and the exit code pass through.
 */
#ifndef STRAIT_RUN_H
#define STRAIT_RUN_H

#include <stddef.h>
#include <sys/types.h>

#include <strait/eval.h>
#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

enum strait_tell {
	STRAIT_TELL_NONE,   /* no tracer: the calling process becomes the program, and returns only
			       where that fails */
	STRAIT_TELL_KILLED, /* calls that ended a thread or a process */
	STRAIT_TELL_ALL, /* those answered by an errno as well; such calls then cost a ptrace stop
			    each */
};

/* A call that was stopped. It and the verdict are valid during the callback only. */
struct strait_stopped {
	pid_t pid, tid;
	const char *comm; /* the thread's name; any bytes but NUL */
	const struct strait_verdict *verdict;
};

/* Zero in any field means the default. `size` is sizeof(struct strait_run_options). */
struct strait_run_options {
	size_t size;
	const struct strait_filter *const *stack; /* [0] is installed first */
	size_t nfilters;
	char *const *argv; /* NULL-terminated; argv[0] is sought in PATH as execvp(3) does */
	char *const *envp; /* its environment, with the PATH to seek in; not NULL */
	enum strait_tell tell;
	unsigned flags; /* SECCOMP_FILTER_FLAG_* for the installation */
	void (*stopped)(void *user, const struct strait_stopped *call); /* NULL: nobody is told */
	void *user;
};

enum strait_end {
	STRAIT_EXITED,		/* value: its exit code */
	STRAIT_SIGNALED,	/* value: the signal that ended it */
	STRAIT_NOT_FOUND,	/* there is no such program */
	STRAIT_NOT_STARTED,	/* value: the errno of execve(2) */
	STRAIT_EXEC_STOPPED,	/* the filters stop execve itself; `verdict` says why */
	STRAIT_INSTALL_STOPPED, /* an earlier filter stops the installation of a later one; see
				   `verdict` */
	STRAIT_REFUSED,		/* value: the errno of prctl(2) or seccomp(2) */
};

/* How it ended. The caller sets `size` to sizeof(struct strait_run_result). */
struct strait_run_result {
	size_t size;
	enum strait_end end;
	int value;
	int exit_code; /* what a shell would say: the program's own, 126, 127, 128 + signal */
	struct strait_verdict
		*verdict; /* STRAIT_EXEC_STOPPED; the caller frees it with strait_verdict_free() */
};

/*
 * A policy with answers of a supervisor is refused: see strait_supervise(), strait/supervisor.h.
 *
 * 0 with *RESULT; all ends but the first two leave an error in the report, and nothing was
 * executed. -EINVAL with an error in the report: the kernel would not accept one of the filters, or
 * one is for another byte order. Another -errno where tracing isn't possible. In no case has the
 * program run without all of its filters.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_run(const struct strait_run_options *options,
					      struct strait_report *report,
					      struct strait_run_result *result);

STRAIT_END

#endif
