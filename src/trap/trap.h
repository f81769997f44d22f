/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A handler for SECCOMP_RET_TRAP. What runs in a signal handler here is async-signal-safe, makes no
 * system call unless its comment names one, and leaves errno as it was.
 */
#ifndef STRAIT_TRAP_TRAP_H
#define STRAIT_TRAP_TRAP_H

#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

#include "base/macros.h"

/* A call that a filter answered with SECCOMP_RET_TRAP. */
struct trap_call {
	struct seccomp_data what; /* as the filter saw it */
	unsigned data;		  /* SECCOMP_RET_DATA */
	int64_t result;		  /* what the call returns if it is answered: -errno for errors */
	siginfo_t *info;
	ucontext_t *context;
};

/* False for a SIGSYS that has another cause than seccomp. RESULT becomes -ENOSYS. */
bool trap_read(siginfo_t *info, ucontext_t *context, struct trap_call *call);

struct trap_handler;
/* True: the call returns call->result. False: it is the previous action's. */
typedef bool trap_fn(struct trap_call *call, const struct trap_handler *handler);

struct trap_handler {
	trap_fn *fn;
	void (*given)(void); /* two words for fn's own use */
	void *user;
	bool nodefer; /* SIGSYS isn't blocked while fn runs: it may make trapped calls itself */
};

/*
 * Makes it the process's action for SIGSYS and unblocks SIGSYS in the calling thread. The action
 * that was there before gets what is not fn's. Works once in a process's life: filters stay for as
 * long. 0; -EBUSY; -ENOTSUP on a machine whose registers aren't known; -errno of sigaction(2).
 */
NODISCARD int trap_install(const struct trap_handler *handler);

#endif
