/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that a filter's SECCOMP_RET_TRACE sends to a tracer, one by one, to somebody who answers
 * them. A call waits until it is answered, however long that takes, and if the tracer dies so do
 * all whom it traces: no call is ever executed because nobody looked.
 *
 * Two rules of the kernel (kernel/seccomp.c, __seccomp_filter()) shape this. When the tracer lets a
 * call go on, all filters run again on what the registers hold then, and a second RET_TRACE counts
 * as allow. A negative number skips the call and leaves the result register as it is.
 *
 * Everything here belongs to the thread that began the session: ptrace(2) knows tracers by thread.
 */
#ifndef STRAIT_TRACE_SESSION_H
#define STRAIT_TRACE_SESSION_H

#include "trace/spawn.h"
#include "trace/tasks.h"

enum session_kind {
	SESSION_CALL,
	SESSION_BORN,	  /* other: the thread that made it; 0: ended before it could tell */
	SESSION_EXECUTED, /* other: the id that the thread had before */
	SESSION_ENDED,
};

struct session_event {
	enum session_kind kind;
	pid_t pid, tid, other;
	uint16_t data;
	struct seccomp_data call;
	struct trace_result result; /* SESSION_ENDED */
};

struct session {
	pid_t tracer; /* the thread */
	bool follows; /* threads and children */
	struct trace_spawn spawn;
	struct arena arena;
	const struct cbpf_prog *const *stack; /* of the spawned program */
	pid_t main;			      /* the spawned program, 0: there is none */
	bool executed;			      /* ... and it runs */
	struct trace_tasks tasks;
	size_t held;
	bool releases;	/* look whether the maker of one is dead */
	bool has_death; /* somebody died since that was looked at */
	int error;
};

/*
 * Starts a program; of OPTIONS, report and the callback are ignored. 0; a positive errno: there is
 * no such program (trace_launch_prepare()); -errno: -ENOTSUP: not on this machine or kernel.
 */
NODISCARD int session_start(struct session *s, const struct trace_options *options, bool follows);
/* Becomes the tracer of a process with one thread. -EBUSY: it has more; -errno of ptrace(2). */
NODISCARD int session_adopt(struct session *s, pid_t pid, bool follows);
/* Ends all whom it traces. */
void session_end(struct session *s);

/*
 * The next event: 1; 0: nobody is left; -EAGAIN: WAITS is false and there is none yet; -EINTR: a
 * signal handler ran; other -errno: the session is over and all whom it traced are killed.
 */
NODISCARD int session_next(struct session *s, bool waits, struct session_event *event);

/* Answers to a call that waits; -ESRCH: none of TID's does, it may have been killed. */
NODISCARD int session_allow(struct session *s, pid_t tid);
/* -EINVAL: another architecture or address. */
NODISCARD int session_change(struct session *s, pid_t tid, const struct seccomp_data *call);
NODISCARD int session_answer(struct session *s, pid_t tid, int64_t result);

#endif
