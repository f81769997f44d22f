/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's decision over a stack of filters, in user space: kernel/seccomp.c,
 * seccomp_run_filters() and
 * __seccomp_filter(). All filters run, the newest first; the smallest `ret &
 * SECCOMP_RET_ACTION_FULL` as a signed number wins with its data, the first seen on a tie.
 */
#ifndef STRAIT_ENGINE_ENGINE_H
#define STRAIT_ENGINE_ENGINE_H

#include "cbpf/cbpf.h"

/* What the process that makes the call finds, beyond its filters. */
enum engine_surroundings {
	ENGINE_TRACER = 1,   /* a tracer with PTRACE_O_TRACESECCOMP */
	ENGINE_LISTENER = 2, /* somebody listens on the winning filter's notification fd */
};

/* What then happens to the call. */
enum engine_outcome {
	ENGINE_RUNS, /* executed */
	ENGINE_RUNS_LOGGED,
	ENGINE_FAILS,  /* not executed; returns -errno_value (0: returns 0) */
	ENGINE_TRAPS,  /* SIGSYS with `data` in si_errno */
	ENGINE_TRACED, /* PTRACE_EVENT_SECCOMP with `data` */
	ENGINE_NOTIFIES,
	ENGINE_KILLS_THREAD,
	ENGINE_KILLS_PROCESS,
};

struct engine_verdict {
	uint32_t ret;  /* the winning filter's return value, unchanged */
	size_t filter; /* its index in the stack, 0 the oldest; with no filter at all: 0 and
			  ENGINE_RUNS */
	uint32_t pc;   /* the instruction that returned it */
	enum engine_outcome outcome;
	uint16_t data;
	int errno_value;   /* clamped to 4095; ENOSYS where tracer or listener is missing */
	uint32_t executed; /* instructions over all filters */
};

/* The i-th filter of the stack, 0 the oldest. Every program verifies. */
struct engine_verdict engine_decide(const struct cbpf_prog *const *stack, size_t len,
				    const struct seccomp_data *data, enum cbpf_order order,
				    unsigned surroundings);

/* "fails with EPERM (Operation not permitted)", "is executed", "kills the process", ... */
void engine_describe(const struct engine_verdict *verdict, struct buf *out);

/*
 * Can one more program be attached above the stack? 0, -EINVAL (doesn't verify), -ENOMEM (the
 * chain's limit of converted instructions).
 */
NODISCARD int engine_can_attach(const struct cbpf_prog *const *stack, size_t len,
				const struct cbpf_prog *prog);

#endif
