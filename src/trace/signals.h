/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracer's signals, so that it seems not to be there. It shares the process group with the
 * program, so the terminal's signals reach the program without it; those sent to the tracer alone
 * are handed on. All are blocked and taken one by one, which needs no handler and no global.
 */
#ifndef STRAIT_TRACE_SIGNALS_H
#define STRAIT_TRACE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/macros.h"

struct trace_signals {
	sigset_t mask;	       /* the caller's */
	struct sigaction chld; /* the caller's action */
};

/* From here on all signals are blocked, and SIGCHLD comes for each stop of a tracee. */
void trace_signals_hold(struct trace_signals *s);
/* The caller's mask and action again. */
void trace_signals_release(const struct trace_signals *s);
/*
 * In the child, before exec: what the caller would have handed to exec. Its handlers are not run
 * here. Async-signal-safe.
 */
void trace_signals_inherit(const struct trace_signals *s);
/* Waits for one, for so long at most, or (NULL) for ever. 0, -EAGAIN: none came; -errno. */
NODISCARD int trace_signals_wait(siginfo_t *info, const struct timespec *timeout);
/* Sends a signal that came to the tracer alone on to PID. */
void trace_signals_forward(const siginfo_t *info, pid_t pid);
/* Does this signal's default action stop? */
bool trace_signals_is_stop(int sig);
/* Stops the caller by such a signal; returns when it was continued. */
void trace_signals_stop_self(int sig);

#endif
