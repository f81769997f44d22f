/* SPDX-License-Identifier: BSD-2-Clause */
/* From options to a result: makes the child, lets the tracer follow it, judges how it ended. */
#include "trace/trace.h"

#include <errno.h>
#include <sys/wait.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "trace/regs.h"
#include "trace/rewrite.h"
#include "trace/spawn.h"
#include "trace/tracer.h"

struct run {
	const struct trace_options *options;
	struct trace_spawn spawn;
	struct tracer tracer;
};

static void judge(const struct run *run, struct trace_result *result)
{
	const struct tracer *t = &run->tracer;

	if (!t->executed && (t->progress->failed || t->has_verdict)) {
		trace_launch_judge(t->progress, t->has_verdict ? &t->verdict : NULL, result);
		return;
	}
	result->end = WIFEXITED(t->status) ? TRACE_EXITED : TRACE_SIGNALED;
	result->value = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : WTERMSIG(t->status);
}

static int run_child(struct run *run, struct trace_result *result)
{
	int r = trace_spawn_fork(&run->spawn);

	if (r < 0)
		return r;
	run->tracer.main = run->spawn.pid;
	run->tracer.progress = run->spawn.progress;
	r = trace_spawn_ready(&run->spawn);
	if (r == 0)
		r = tracer_seize(&run->tracer);
	if (r == 0)
		r = trace_spawn_go(&run->spawn);
	if (r < 0) {
		trace_spawn_abandon(&run->spawn);
		return r;
	}
	r = tracer_follow(&run->tracer);
	if (r == 0)
		judge(run, result);
	else if (!run->tracer.ended)
		trace_spawn_abandon(&run->spawn);
	return r;
}

static int run_traced(struct run *run, struct trace_result *result)
{
	int r;

	run->spawn.is_guarded = run->options->report == TRACE_REPORT_ALL;
	run->tracer = (struct tracer){ .options = run->options };
	trace_signals_hold(&run->spawn.signals);
	r = run_child(run, result);
	trace_signals_release(&run->spawn.signals);
	if (run->spawn.progress && run->spawn.progress->listener >= 0 && !run->tracer.is_listening)
		close(run->spawn.progress->listener);
	trace_spawn_deinit(&run->spawn);
	trace_tasks_deinit(&run->tracer.tasks);
	return r;
}

static int run_in_place(struct run *run, struct trace_result *result)
{
	struct trace_progress progress = { 0 };

	trace_launch_exec(&run->spawn.launch, &progress);
	trace_launch_guess(&progress, run->options->stack, 0, result);
	return 0;
}

static int validate(const struct trace_options *options)
{
	if (!options->argv || !options->argv[0] || !options->envp)
		return -EINVAL;
	/* Nobody would answer. */
	if (options->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return -EINVAL;
	/* REPORT_ALL has a listener of its own, and a chain of filters only one. */
	if (options->listening &&
	    (options->report != TRACE_REPORT_KILLED || options->stack_len == 0))
		return -EINVAL;
	if (options->report == TRACE_REPORT_EVERY_CALL &&
	    (options->stack_len || !options->each_call))
		return -EINVAL;
	if (options->report != TRACE_REPORT_NONE && !trace_regs_known)
		return -ENOTSUP;
	return 0;
}

static int prepare(struct arena *arena, const struct trace_options *options, struct run *run,
		   struct trace_result *result)
{
	struct trace_options installed = *options;
	int r = 0;

	if (options->report == TRACE_REPORT_ALL)
		r = trace_rewrite(arena, options->stack, options->stack_len, &installed.stack);
	if (r == 0)
		r = trace_launch_prepare(arena, &installed, &run->spawn.launch);
	if (r <= 0)
		return r;
	result->end = r == ENOENT ? TRACE_NOT_FOUND : TRACE_NOT_STARTED;
	result->value = r;
	return r;
}

int trace_run(const struct trace_options *options, struct trace_result *result)
{
	struct run run = { .options = options };
	struct arena arena;
	int r = validate(options);

	if (r < 0)
		return r;
	trace_spawn_init(&run.spawn);
	*result = (struct trace_result){ 0 };
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	r = prepare(&arena, options, &run, result);
	if (r == 0 && options->report == TRACE_REPORT_NONE)
		r = run_in_place(&run, result);
	else if (r == 0)
		r = run_traced(&run, result);
	arena_deinit(&arena);
	return r < 0 ? r : 0;
}
