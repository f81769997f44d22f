/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threads that are traced: a sorted array of their ids. It tells the tracer's own zombies from
 * the caller's other children, which it must not reap. Thousands of ids are a few pages to move.
 */
#ifndef STRAIT_TRACE_TASKS_H
#define STRAIT_TRACE_TASKS_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/macros.h"

struct trace_task {
	pid_t tid;
	bool killed; /* of a process' first thread: its death by a filter was reported */
	/* The rest is session.c's. */
	pid_t pid;
	bool waits;    /* in PTRACE_EVENT_SECCOMP, for an answer */
	bool is_held;  /* newborn, and nobody was told yet */
	bool restores; /* its registers hold `changed` until the call returns, then `call` again */
	int stop;      /* is_held: the signal of its first stop */
	pid_t parent;  /* is_held: the process that its maker is of, 0: not known */
	struct seccomp_data call, changed;
};

struct trace_tasks {
	struct trace_task *v;
	size_t len, room;
};

void trace_tasks_deinit(struct trace_tasks *t);
/* Valid until the next addition or removal; NULL: unknown. */
struct trace_task *trace_tasks_find(const struct trace_tasks *t, pid_t tid);
/* 0, also if it is known already; -ENOMEM. */
NODISCARD int trace_tasks_add(struct trace_tasks *t, pid_t tid);
void trace_tasks_remove(struct trace_tasks *t, pid_t tid);

#endif
