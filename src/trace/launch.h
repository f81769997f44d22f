/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a process to a confined program. All that can be done before the filters are in force is:
 * what follows may be forbidden. How far it came is written to memory, which no filter forbids.
 */
#ifndef STRAIT_TRACE_LAUNCH_H
#define STRAIT_TRACE_LAUNCH_H

#include "trace/trace.h"

enum trace_stage { TRACE_STAGE_NO_NEW_PRIVS, TRACE_STAGE_FILTER, TRACE_STAGE_EXEC };

/* Shared with the tracer. */
struct trace_progress {
	enum trace_stage stage;
	size_t installed; /* filters of the stack in force */
	bool failed;	  /* the stage's call returned, with ... */
	int error;	  /* ... this errno; 0 where a filter answers so instead of executing it */
	uintptr_t exec_args[3]; /* of the last execve */
	int listener;		/* the newest filter's; -1: not yet */
};

struct trace_launch {
	const char *path;
	char *const *argv, *const *envp;
	char *const *shell_argv; /* for /bin/sh, where PATH is a script without #! */
	const struct cbpf_prog *filters;
	size_t filters_len;
	unsigned flags;
	unsigned newest_flags; /* of the newest filter, besides */
	bool keeps_privs;      /* no_new_privs isn't set */
};

/*
 * Seeks argv[0] and prepares the rest, all in ARENA. 0, -ENOMEM, or what execvp(3) would fail with
 * as a positive number: ENOENT, EACCES.
 */
NODISCARD int trace_launch_prepare(struct arena *arena, const struct trace_options *options,
				   struct trace_launch *launch);
/* Becomes the program. Returns if it fails, the reason being in PROGRESS. Async-signal-safe. */
void trace_launch_exec(const struct trace_launch *launch, volatile struct trace_progress *progress);
/* What an execve stopped by the filters, or refused by the kernel, looks like to the filters. */
struct seccomp_data trace_launch_execve(const volatile struct trace_progress *progress,
					uint32_t arch, uint64_t ip);

/*
 * How it failed, given what the filters say of the last call; NULL: they let it run, or it isn't
 * known.
 */
void trace_launch_judge(const volatile struct trace_progress *progress,
			const struct engine_verdict *verdict, struct trace_result *result);
/*
 * The same where nobody has seen the call, or has answered it: the filters' word counts if it is
 * the errno that the call failed with, so a filter that tests the instruction pointer is judged by
 * that alone. SURROUNDINGS are the engine's.
 */
void trace_launch_guess(const volatile struct trace_progress *progress,
			const struct cbpf_prog *const *stack, unsigned surroundings,
			struct trace_result *result);
/* The same where a filter has killed it. */
void trace_launch_killed(const volatile struct trace_progress *progress,
			 struct trace_result *result);

#endif
