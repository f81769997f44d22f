/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filters of other programs: those that a thread has, read back from the kernel, and those that
 * a program installs while it runs.
 */
#ifndef STRAIT_DUMP_H
#define STRAIT_DUMP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <strait/compare.h>
#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>
#include <strait/run.h>

STRAIT_BEGIN

/* ---- what a thread has ---- */

/* The filters of one thread. It is immutable. */
struct strait_dump;

/*
 * Stops thread TID (a process' id is its first thread's), reads its filters, and lets it go on. The
 * kernel gives back what was installed, instruction for instruction (kernel/seccomp.c,
 * seccomp_get_filter()). Threads of one process may have different filters; children have their
 * parent's, and those come first.
 *
 * 0 with a new dump, freed by strait_dump_free(), also where the thread has no filter at all; on
 * failure with an error in the report that names the cause: -ESRCH: there is no such thread;
 * -EPERM: ptrace(2) is forbidden, or it is traced already, or the caller's own; -EACCES: the caller
 * has no CAP_SYS_ADMIN in the first user namespace, or a filter of its own; -EIO: not on this
 * kernel (Linux 4.4 with CONFIG_CHECKPOINT_RESTORE); -EMEDIUMTYPE; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_dump_thread(pid_t tid, struct strait_report *report,
						      struct strait_dump **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_dump_free(struct strait_dump *dump);
/* SECCOMP_MODE_* (linux/seccomp.h) of the thread; -1: not known, as there is no /proc. */
STRAIT_EXPORT int strait_dump_mode(const struct strait_dump *dump);
/*
 * Its filters as one stack, [0] is the oldest; valid as long as the dump. Each is called "TID.N", N
 * from 0.
 */
STRAIT_EXPORT struct strait_stack strait_dump_stack(const struct strait_dump *dump);
/*
 * Was the I-th one installed with SECCOMP_FILTER_FLAG_LOG? 1: yes; 0: no; -ENOENT: there is no such
 * filter, or the kernel doesn't tell (before Linux 4.16). It keeps no other flags.
 */
STRAIT_EXPORT int strait_dump_logs(const struct strait_dump *dump, size_t i);

/* ---- what a program installs ---- */

enum strait_install_outcome {
	STRAIT_INSTALLED,
	STRAIT_INSTALL_FAILED,	 /* `error` is the errno */
	STRAIT_INSTALL_UNSYNCED, /* SECCOMP_FILTER_FLAG_TSYNC: thread `other` couldn't follow, and
				    no thread has it */
	/* Nothing was installed: an older filter trapped the call, or answered it with success; the
	 * latter is seen on Linux 5.9 and later, with /proc. */
	STRAIT_INSTALL_FAKED,
	STRAIT_INSTALL_NO_RETURN, /* the thread ended in the call: an older filter killed it */
};

/*
 * One call of seccomp(2) or prctl(2) that was to install something. Valid, with all that it points
 * to, during the callback only. Calls that can't install anything, such as one with a filter at no
 * address, by which libraries find out what the kernel knows, are not told.
 */
struct strait_install {
	size_t n;    /* calls so far, from 0 */
	uint64_t ns; /* nanoseconds between the program's start and the call */
	pid_t pid, tid;
	const char *comm;	/* the thread's name; any bytes but NUL */
	const char *syscall;	/* "seccomp" or "prctl" */
	const char *abi;	/* by which it was called: "x86_64" */
	int mode;		/* SECCOMP_MODE_STRICT, SECCOMP_MODE_FILTER */
	unsigned flags;		/* SECCOMP_FILTER_FLAG_* as they were passed, ... */
	const char *flag_names; /* ... "TSYNC|LOG" */
	/*
	 * The program, as it was when the call began, called "PID.N"; NULL: strict mode has none,
	 * or it could not be read: `unread` is the errno then, EFAULT for an address that isn't
	 * there, EINVAL for no instruction, E2BIG for more than the kernel takes.
	 */
	const struct strait_filter *filter;
	int unread;
	enum strait_install_outcome outcome;
	int error;
	pid_t other;
	int listener; /* with SECCOMP_FILTER_FLAG_NEW_LISTENER: the program's descriptor; else -1 */
};

/* `size` is sizeof(struct strait_dump_options). */
struct strait_dump_options {
	size_t size;
	char *const *argv; /* NULL-terminated; argv[0] is sought in PATH as execvp(3) does */
	char *const *envp; /* its environment, with the PATH to seek in; not NULL */
	void (*installed)(void *user, const struct strait_install *install); /* not NULL */
	void *user;
};

/*
 * Runs a program and tells, when a call that is to install something returns, what it was.
 * Children and threads are followed, until the last has ended: descendants that outlive the program
 * are waited for, unless SIGINT, SIGTERM, SIGHUP or SIGQUIT then asks the caller to end.
 *
 * No privilege is needed, nothing is installed and no_new_privs isn't set. Every call of the
 * program stops twice for it, so it is slower, and the kernel ignores set-user-ID bits of traced
 * programs unless the caller has CAP_SYS_PTRACE (ptrace(2)). The caller is as for strait_run().
 *
 * The program is read from memory that its other threads may change before the kernel reads it.
 *
 * 0 with *RESULT, whose verdict is NULL. Ends but STRAIT_EXITED and STRAIT_SIGNALED leave an error
 * in the report, and nothing was executed. -errno where tracing isn't possible, with an error in
 * the report.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_dump_run(const struct strait_dump_options *options,
						   struct strait_report *report,
						   struct strait_run_result *result);

STRAIT_END

#endif
