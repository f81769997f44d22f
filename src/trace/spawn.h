/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child that becomes a program once its parent traces it. They meet at a socket: the child waits
 * there, and confines itself then. Should the parent die, the child reads the end of file and
 * executes nothing.
 */
#ifndef STRAIT_TRACE_SPAWN_H
#define STRAIT_TRACE_SPAWN_H

#include "trace/launch.h"
#include "trace/signals.h"

struct trace_spawn {
	struct trace_launch launch;
	struct trace_signals signals; /* held by the caller: trace_signals_hold() */
	bool is_guarded;	      /* see guard_install() */
	struct trace_progress *progress;
	int sockets[2]; /* the parent's, the child's; -1: closed */
	int guard;	/* the guard's listener, -1 */
	pid_t pid;	/* 0: no child */
	pid_t parent;
};

void trace_spawn_init(struct trace_spawn *s);
/* The child is the caller's to end; the rest is freed. */
void trace_spawn_deinit(struct trace_spawn *s);
/* Makes the child, which waits. 0, -errno. */
NODISCARD int trace_spawn_fork(struct trace_spawn *s);
/* Has it the guard, where it is to have it? 0, -errno. */
NODISCARD int trace_spawn_ready(struct trace_spawn *s);
/* Lets it go on. 0, also where it has been killed; -errno. */
NODISCARD int trace_spawn_go(struct trace_spawn *s);
/* Kills and reaps it. */
void trace_spawn_abandon(const struct trace_spawn *s);

#endif
