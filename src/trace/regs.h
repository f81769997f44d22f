/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stopped tracee's system call, as the filters saw it, from its registers; and the answer to it.
 * All that depends on the machine is here.
 */
#ifndef STRAIT_TRACE_REGS_H
#define STRAIT_TRACE_REGS_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/macros.h"

/* Whether this machine's registers are known; nothing below works where they aren't. */
extern const bool trace_regs_known;

/*
 * The call that a tracee in PTRACE_EVENT_EXIT made last. 0; -ENODATA: it isn't in a call, only
 * `arch` and `instruction_pointer` mean something; -errno of ptrace(2), -ESRCH where the tracee is
 * gone.
 */
NODISCARD int trace_regs_last_call(pid_t tid, struct seccomp_data *data);
/* The call that a tracee in PTRACE_EVENT_SECCOMP is about to make. */
NODISCARD int trace_regs_this_call(pid_t tid, struct seccomp_data *data);
enum trace_regs_stop { TRACE_REGS_ENTRY, TRACE_REGS_EXIT };
/*
 * What a tracee in a syscall-stop is about to call (enum trace_regs_stop, with *DATA), or was
 * answered (with *RESULT). -ENOTSUP: the kernel doesn't tell (Linux 5.3); -ESRCH.
 */
NODISCARD int trace_regs_stop(pid_t tid, struct seccomp_data *data, int64_t *result);
/* That call is not executed and returns RESULT, -errno included. */
NODISCARD int trace_regs_answer(pid_t tid, int64_t result);
/* Makes of the call FROM, which the registers hold, the call TO of the same ABI. */
NODISCARD int trace_regs_change(pid_t tid, const struct seccomp_data *from,
				const struct seccomp_data *to);

#endif
