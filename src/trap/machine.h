/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of a thread that a signal interrupted in a system call, by machine. All of it is
 * async-signal-safe and keeps no state.
 *
 * A trapped call's registers are those that the program entered the kernel with: kernel/seccomp.c
 * calls syscall_rollback() before it sends the signal.
 */
#ifndef STRAIT_TRAP_MACHINE_H
#define STRAIT_TRAP_MACHINE_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <ucontext.h>

#include "base/macros.h"

/* Whether this machine's registers are known; nothing below may be called where they aren't. */
extern const bool trap_machine_known;

/* Sets the six arguments of a call, as a filter sees them; its `arch` says where they are. The
 * first means nothing where trap_machine_is_whole() is false. */
void trap_machine_args(const ucontext_t *context, struct seccomp_data *call);

/*
 * When the context is returned to, the program goes on at ADDRESS, behind the call, with VALUE as
 * its result: -4095 to -1 is an error, as the machine's C libraries understand it.
 */
void trap_machine_answer(ucontext_t *context, uint64_t address, int64_t value);

/*
 * False where the first argument isn't that of the call any more. Where its register takes the
 * result as well, kernels take -514 or -516 (-ERESTARTNOHAND, -ERESTART_RESTARTBLOCK) in it for an
 * interrupted call's result, and make it -EINTR (arch/arm64/kernel/signal.c, do_signal()). s390's
 * makes it -ENOSYS in every trapped call (arch/s390/kernel/syscall.c, do_syscall()).
 */
bool trap_machine_is_whole(const ucontext_t *context);

/*
 * Leaves the signal handler for the instruction that made the call, which ends at ADDRESS, with the
 * registers that it was made with. It takes no system call, and the signal mask stays the
 * handler's.
 */
void trap_machine_again(ucontext_t *context, uint64_t address) __attribute__((noreturn));

#endif
