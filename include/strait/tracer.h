/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides the calls of a program from outside. Those that a filter answers by SECCOMP_RET_TRACE
 * (`trace(N)` in a policy) wait, and the tracer sees them, changes them, answers them in the
 * kernel's place or lets them run. All other calls cost nothing more than the filter.
 *
 * A call waits until it is answered; meanwhile other threads go on, and further events may be
 * taken. Nothing is executed because nobody has looked: if the tracer dies, all whom it traces are
 * killed (PTRACE_O_EXITKILL), and so are they by strait_tracer_free().
 *
 * New threads and children are traced from their first instruction on, unless asked otherwise.
 * Signals, exec, job control and exit codes pass through. strace(1) and gdb(1) can't attach: a
 * thread has one tracer.
 *
 * The kernel runs the whole stack of filters again on a call that is let run, as it is then
 * (kernel/seccomp.c, __seccomp_filter()). What the filters refuse, the tracer can't allow. But a
 * second `trace` counts as allow: a call that is changed into one that the filters trace, too, is
 * executed untold.
 *
 * Memory that a call points to can be changed by other threads after the tracer has read it.
 * Decide by the numbers, or do the work in the caller's place.
 *
 * Only the thread that made a tracer may use it (ptrace(2) knows tracers by thread): others get
 * -EINVAL or -ESRCH, and when that thread ends, all are killed. It has one tracer at a time, and
 * doesn't wait(2) for any traced task itself; its other children are left alone.
 *
 * For x86-64 with its i386 and x32 calls, and for i386; elsewhere -ENOTSUP: what puts a changed
 * call's registers back is written for these. Needs Linux 5.3 (PTRACE_GET_SYSCALL_INFO).
 */
#ifndef STRAIT_TRACER_H
#define STRAIT_TRACER_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>
#include <strait/run.h>

STRAIT_BEGIN

struct strait_tracer;

enum strait_tracer_flags {
	/* Neither threads nor children are traced: their calls that are to be traced fail with
	 * ENOSYS. */
	STRAIT_TRACER_ALONE = 1,
};

/* Zero in any field means the default. `size` is sizeof(struct strait_tracer_options). */
struct strait_tracer_options {
	size_t size;
	const struct strait_filter *const *stack; /* [0] is installed first; they may be freed once
						     the tracer is made */
	size_t nfilters;
	char *const *argv;	/* NULL-terminated; argv[0] is sought in PATH as execvp(3) does */
	char *const *envp;	/* its environment, with the PATH to seek in; not NULL */
	unsigned install_flags; /* SECCOMP_FILTER_FLAG_*, NEW_LISTENER excepted */
	unsigned flags;		/* STRAIT_TRACER_* */
};

/*
 * Starts a program under filters, traced. It runs while the caller does: no event is needed for
 * that, except that its own first calls, execve(2) among them, are already filtered. 0 with a new
 * tracer, freed by strait_tracer_free(); -ENOENT or -EACCES: no such program; -EINVAL: the kernel
 * would not accept one of the filters; -ENOTSUP; -EPERM: ptrace(2) is forbidden here; -ENOMEM, ...
 * With an error in the report, and nothing was executed.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_tracer_start(const struct strait_tracer_options *options,
						       struct strait_report *report,
						       struct strait_tracer **out);
/*
 * Becomes the tracer of a process that runs already: a child that waits until it is traced, then
 * loads its filters itself and goes on. FLAGS are STRAIT_TRACER_*. -EBUSY: it has more than one
 * thread; -EPERM: ptrace(2) forbids it, or it is traced already; -ESRCH: there is none.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_tracer_adopt(pid_t pid, unsigned flags,
						       struct strait_report *report,
						       struct strait_tracer **out);
/* Kills all whom it traces. NULL is fine. */
STRAIT_EXPORT void strait_tracer_free(struct strait_tracer *tracer);

enum strait_tracer_kind {
	STRAIT_TRACER_CALL, /* TID waits in a call for an answer */
	/*
	 * TID begins, made by OTHER; told before anything else of it. OTHER is 0 where the maker
	 * was killed before it could tell.
	 */
	STRAIT_TRACER_BORN,
	/* TID executes another program. If OTHER, its id until then, is another one, OTHER is gone,
	 * and TID isn't the thread that it was: ptrace(2), "execve(2) under ptrace". */
	STRAIT_TRACER_EXECUTED,
	/* The thread is gone; if TID is PID, so is the process. */
	STRAIT_TRACER_ENDED,
};

/* The caller sets `size` to sizeof(struct strait_tracer_event). */
struct strait_tracer_event {
	size_t size;
	enum strait_tracer_kind kind;
	pid_t pid; /* the process, by the tracer's pid namespace */
	pid_t tid; /* the thread */
	pid_t other;
	uint16_t data;		  /* STRAIT_TRACER_CALL: SECCOMP_RET_DATA, N of `trace(N)` */
	struct seccomp_data call; /* STRAIT_TRACER_CALL: as the filters saw it */
	/* STRAIT_TRACER_ENDED: STRAIT_EXITED or STRAIT_SIGNALED, or, for a program that was never
	 * executed, why, with an error in the report. */
	enum strait_end end;
	int value;
};

enum strait_tracer_next_flags {
	STRAIT_TRACER_NOWAIT = 1, /* -EAGAIN instead of waiting */
};

/*
 * The next event. 1; 0: all have ended; -EAGAIN; -EINTR: a signal handler ran. Other -errno, with
 * an error in the report: the tracer is of no use any more, and all whom it traced were killed
 * (-ENOMEM; -ECHILD: they were waited for elsewhere; -ENOTSUP).
 *
 * To wait for other things as well, use NOWAIT after each SIGCHLD, which the kernel sends for every
 * stop unless the caller ignores it or has set SA_NOCLDSTOP.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_tracer_next(struct strait_tracer *tracer, unsigned flags,
						      struct strait_report *report,
						      struct strait_tracer_event *event);

/*
 * The four answers, each to the call in which TID waits. 0; -ESRCH: it doesn't wait, or was killed
 * meanwhile: that its end will be told is all there is to do.
 */

/* Executed as it is, if the filters agree when they run again. */
STRAIT_EXPORT int strait_tracer_allow(struct strait_tracer *tracer, pid_t tid);
/*
 * Another number, other arguments, in the same ABI: CALL is the event's, changed; the filters
 * decide about it as above. A negative number isn't executed and fails with ENOSYS. When the call
 * returns, the registers of number and arguments are as before, so the program doesn't notice (a
 * changed sigreturn(2) excepted). -EINVAL: arch or instruction_pointer differ; the call still
 * waits.
 */
STRAIT_EXPORT int strait_tracer_change(struct strait_tracer *tracer, pid_t tid,
				       const struct seccomp_data *call);
/* Not executed; the result is VALUE. -1 to -4095 are what the kernel returns for an errno. */
STRAIT_EXPORT int strait_tracer_return(struct strait_tracer *tracer, pid_t tid, int64_t value);
/* Not executed; fails with ERROR, 1 to 4095; 0 returns 0. -EINVAL: another ERROR. */
STRAIT_EXPORT int strait_tracer_fail(struct strait_tracer *tracer, pid_t tid, int error);

STRAIT_END

#endif
