/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ptrace(2) tells of threads that are attached by PTRACE_SEIZE, and letting them go on. Any of
 * them may be killed at any moment, so ptrace(2) failing with ESRCH means nothing but that its end
 * will be told.
 */
#ifndef STRAIT_TRACE_STOPS_H
#define STRAIT_TRACE_STOPS_H

#include <signal.h>

#include "trace/tasks.h"

/* Takes a change of state of one of TASKS, or a new tracee's first stop, without waiting: its id;
 * 0: none. Zombies of others are left alone. */
pid_t trace_take(const struct trace_tasks *tasks, int *status);
/*
 * Waits until there may be something to take. 0; -EINTR; -ECHILD: the calling thread has neither
 * tracees nor children.
 */
NODISCARD int trace_wait(const struct trace_tasks *tasks);
/* Has the calling thread any tracee or child, also one that has ended? */
bool trace_has_any(void);
/* Is TID a tracee or a child of the calling thread, also one that has ended? */
bool trace_is_there(pid_t tid);
/* With SIG, unless it is 0. */
void trace_resume(pid_t tid, int sig);
/* The same, and it stops again when its call returns, or at the next one's entry. */
void trace_resume_to_call(pid_t tid, int sig);
/* The signal of such stops, with PTRACE_O_TRACESYSGOOD. */
#define TRACE_CALL_STOP (SIGTRAP | 0x80)

#endif
