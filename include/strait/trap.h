/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answering trapped calls: a handler for SIGSYS that sees the call that a filter answered with
 * SECCOMP_RET_TRAP and gives its result in the kernel's place. On x86-64 (its i386 and x32 calls
 * included), i386, aarch64, arm, riscv64, ppc64le and s390x.
 *
 * What the kernel does (kernel/seccomp.c): the call is not executed, the registers are as before
 * it, and the thread gets SIGSYS with si_code SYS_SECCOMP. After the handler the program goes on
 * behind the call. What follows from that:
 *
 * - The filter must allow rt_sigreturn, by which every handler ends, and all that the handler
 * itself calls.
 *
 * - A trap while SIGSYS is blocked or ignored ends the process. It is blocked in the handlers of
 * signals that block everything and, without STRAIT_TRAP_NODEFER, in this one.
 *
 * - execve(2) sets SIGSYS back to its default and keeps the filters.
 *
 * - The trapped call can't be executed from the handler: the filter would trap it again. A filter
 * could let one address pass (`ip == ...`), but whoever can jump can jump there, so it is no
 * longer a filter. Sound ways are another call or other arguments that the filter allows, a
 * process outside that is asked over an open descriptor, or a supervisor (SECCOMP_RET_USER_NOTIF).
 *
 * - The handler is a part of the program: it protects nobody from code that has taken the program
 * over. The filter does.
 *
 * - Nothing restarts: what the handler says is the result, -EINTR included.
 *
 * - The child of vfork(2) runs the handler on its parent's memory.
 */
#ifndef STRAIT_TRAP_H
#define STRAIT_TRAP_H

#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/report.h>

STRAIT_BEGIN

/* A trapped call, as the filter saw it. Fields may be added at the end. */
struct strait_trap_call {
	size_t size;
	int nr;		  /* with bit 30 set for x32; any number, -1 as well */
	uint32_t arch;	  /* AUDIT_ARCH_*; i386's if a 64-bit program used int $0x80 */
	uint64_t address; /* of the instruction after the call */
	uint64_t args[6]; /* of int $0x80 the low halves count; the first is lost on s390x */
	unsigned data;	  /* SECCOMP_RET_DATA, `trap(N)` in a policy: 0 to 65535 */
	int64_t result;	  /* of an answered call: -4095 to -1 are errors, -errno */
	void *siginfo;	  /* siginfo_t * */
	void *context;	  /* ucontext_t *: all registers */
};

enum strait_trap_then {
	/* The call returns `result`. */
	STRAIT_TRAP_ANSWER,
	/* The action for SIGSYS that was there before is asked. If it is the default, the process
	 * ends as though there were no handler: at this call, with its registers in the core file.
	 */
	STRAIT_TRAP_DECLINE,
};

/*
 * Runs in a signal handler: it may call what signal-safety(7) lists, as far as the filter allows
 * it. errno is saved for it. `result` is -ENOSYS at first.
 */
typedef enum strait_trap_then strait_trap_fn(struct strait_trap_call *call, void *user);

enum strait_trap_flags {
	/* The handler may itself make trapped calls, which call it again on top of itself. */
	STRAIT_TRAP_NODEFER = 1,
};

/* `size` is sizeof(struct strait_trap_options). */
struct strait_trap_options {
	size_t size;
	strait_trap_fn *handler;
	void *user; /* handed to it */
	unsigned flags;
};

/*
 * Makes the handler the process's, for all threads, and unblocks SIGSYS in the calling one. It runs
 * on the alternate signal stack where the thread has one, with all signals blocked. A SIGSYS that
 * isn't seccomp's goes to the action that was there before. It stays for the process's life, as
 * filters do. 0; -EBUSY if there is one; -EINVAL for no handler or unknown flags; -ENOTSUP on other
 * machines; -errno of sigaction(2); all with an error in the report.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_trap_install(const struct strait_trap_options *options,
						       struct strait_report *report);

/*
 * For a program that has a handler of its own for SIGSYS: what it was given, as a call. The caller
 * sets `size`. 0; -ENOENT: the signal isn't seccomp's; -ENOTSUP. Async-signal-safe.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_trap_read(void *siginfo, void *context,
						    struct strait_trap_call *call);
/* When that handler returns, the call returns call->result. Async-signal-safe. */
STRAIT_EXPORT void strait_trap_answer(const struct strait_trap_call *call);

STRAIT_END

#endif
