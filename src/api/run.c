/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a program under filters: trace/ does it, this puts what it says into words. */
#include <strait/run.h>

#include "api/handles.h"
#include "kernel/kernel.h"

#include <errno.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_TELL_NONE, TRACE_REPORT_NONE);
SAME(STRAIT_TELL_KILLED, TRACE_REPORT_KILLED);
SAME(STRAIT_TELL_ALL, TRACE_REPORT_ALL);
SAME(STRAIT_EXITED, TRACE_EXITED);
SAME(STRAIT_SIGNALED, TRACE_SIGNALED);
SAME(STRAIT_NOT_FOUND, TRACE_NOT_FOUND);
SAME(STRAIT_NOT_STARTED, TRACE_NOT_STARTED);
SAME(STRAIT_EXEC_STOPPED, TRACE_EXEC_STOPPED);
SAME(STRAIT_INSTALL_STOPPED, TRACE_INSTALL_STOPPED);
SAME(STRAIT_REFUSED, TRACE_REFUSED);

struct run {
	const struct strait_run_options *options;
	const struct run_supervision *supervision; /* or NULL */
	bool supervisor_failed;			   /* and has said why */
	size_t untold; /* stopped calls that memory was too short to describe */
};

static void stopped(void *user, const struct trace_stopped *call)
{
	struct run *run = user;
	const struct strait_run_options *o = run->options;
	struct strait_verdict *verdict;
	struct strait_stopped told;

	if (verdict_new(o->stack, &call->data, &call->verdict, o->nfilters, &verdict)) {
		run->untold++;
		return;
	}
	told = (struct strait_stopped){
		.pid = call->pid,
		.tid = call->tid,
		.comm = call->comm,
		.verdict = verdict,
	};
	o->stopped(o->user, &told);
	strait_verdict_free(verdict);
}

static int listening(void *user, int fd)
{
	struct run *run = user;
	int error = run->supervision->listening(run->supervision->user, fd);

	run->supervisor_failed = error != 0;
	return error;
}

int ending_exit_code(const struct trace_result *result)
{
	switch (result->end) {
	case TRACE_EXITED:
		return result->value;
	case TRACE_SIGNALED:
		return 128 + result->value;
	case TRACE_NOT_FOUND:
		return 127;
	default:
		return 126;
	}
}

static void report_refusal(const struct ending *end, const struct trace_result *result,
			   struct strait_report *report)
{
	const char *filter = result->step == KERNEL_FILTER ? end->filter : NULL;
	AUTO_BUF text = { 0 };

	kernel_explain((enum kernel_step)result->step, result->value, end->flags, &text);
	report_error(report, DIAG_NOT_INSTALLED, "the filter%s%s%s was not installed: %s",
		     filter ? " '" : "", filter ? filter : "", filter ? "'" : "",
		     text.data ? text.data : strerror(result->value));
}

void ending_report(const struct ending *end, const struct trace_result *result,
		   struct strait_report *report)
{
	switch (result->end) {
	case TRACE_EXITED:
	case TRACE_SIGNALED:
		break;
	case TRACE_NOT_FOUND:
		report_error(report, DIAG_NOT_FOUND, "no program '%s' was found", end->program);
		break;
	case TRACE_NOT_STARTED:
		report_error(report, DIAG_NOT_STARTED, "'%s' was not started: %s", end->program,
			     strerror(result->value));
		break;
	case TRACE_EXEC_STOPPED:
		report_error(report, DIAG_EXEC_STOPPED,
			     "the filters stop execve itself, so '%s' was not started",
			     end->program);
		break;
	case TRACE_INSTALL_STOPPED:
		report_error(
			report, DIAG_EXEC_STOPPED,
			"an earlier filter stops the installation of '%s', so '%s' was not started",
			end->filter ? end->filter : "no_new_privs", end->program);
		break;
	case TRACE_REFUSED:
		report_refusal(end, result, report);
		break;
	}
}

static void report_end(const struct run *run, const struct trace_result *result,
		       struct strait_report *report)
{
	const struct strait_run_options *o = run->options;
	const struct ending end = {
		.program = o->argv[0],
		.filter = result->filter < o->nfilters ? o->stack[result->filter]->name : NULL,
		.flags = o->flags,
	};

	ending_report(&end, result, report);
	if (run->untold)
		report_error(report, DIAG_NOT_TOLD,
			     "memory was out: %zu stopped calls were not told", run->untold);
}

/* The verdict of an end that says one, about the call that strait itself made. NULL: it says none.
 * 0 or -ENOMEM. */
static int end_verdict(const struct run *run, const struct trace_result *result,
		       struct strait_verdict **out)
{
	const char *name = result->end == TRACE_EXEC_STOPPED ? "execve" : "seccomp";
	const struct arch *arch = arch_native();
	const struct arch_syscall *call = arch_syscall_by_name(str_of(name));
	struct seccomp_data data = { .arch = arch->audit };

	*out = NULL;
	if (!call || (result->end != TRACE_EXEC_STOPPED && result->end != TRACE_INSTALL_STOPPED))
		return 0;
	data.nr = (int)arch_syscall_nr(arch, call);
	if (result->end == TRACE_INSTALL_STOPPED) {
		data.args[0] = SECCOMP_SET_MODE_FILTER;
		data.args[1] = run->options->flags;
	}
	return verdict_new(run->options->stack, &data, &result->verdict, run->options->nfilters,
			   out);
}

static int finish(const struct run *run, const struct trace_result *traced,
		  struct strait_report *report, struct strait_run_result *result)
{
	struct strait_run_result out = {
		.end = (enum strait_end)traced->end,
		.value = traced->value,
		.exit_code = ending_exit_code(traced),
	};

	report_end(run, traced, report);
	if (end_verdict(run, traced, &out.verdict))
		return -ENOMEM;
	options_out(result, &out, sizeof(out));
	return 0;
}

const char *why_not_traced(int error)
{
	switch (error) {
	case -ENOTSUP:
		return "not on this machine or kernel, or errno answers can't be told of a filter "
		       "that returns A";
	case -EPERM:
		return "ptrace(2) is forbidden here";
	case -EBUSY:
		return "somebody listens to a filter's notifications already";
	default:
		return strerror(-error);
	}
}

/* Without a supervisor such calls would fail with ENOSYS, which isn't what the policy says. */
static int check_answers(const struct run *run, struct strait_report *report)
{
	const struct strait_run_options *o = run->options;

	for (size_t i = 0; i < o->nfilters && !run->supervision; i++) {
		const struct strait_policy *policy = o->stack[i]->policy;

		if (!policy || !rules_have_answers(policy->rules))
			continue;
		report_error(report, DIAG_NEEDS_SUPERVISOR,
			     "'%s' has answers of a supervisor (`=>`): `strait supervise` runs a "
			     "program under it",
			     o->stack[i]->name);
		return -EINVAL;
	}
	return 0;
}

static int run_stack(struct run *run, struct arena *arena, struct strait_report *report,
		     struct strait_run_result *result)
{
	const struct strait_run_options *o = run->options;
	struct trace_options options = {
		.stack_len = o->nfilters,
		.flags = o->flags,
		.argv = o->argv,
		.envp = o->envp,
		.report = (enum trace_report)o->tell,
		.stopped = o->stopped ? stopped : NULL,
		.user = run,
	};
	struct trace_result traced = { 0 };
	int error = check_answers(run, report);

	if (!error)
		error = filter_stack(arena, o->stack, o->nfilters, CBPF_HOST_ORDER, report,
				     &options.stack);
	if (error)
		return error;
	if (run->supervision) {
		options.listening = listening;
		options.listener_flags = run->supervision->flags;
	}
	error = trace_run(&options, &traced);
	if (error && run->supervisor_failed)
		return error;
	if (error) {
		report_error(report, DIAG_NOT_TRACED, "'%s' can't be run and watched: %s",
			     o->argv[0], why_not_traced(error));
		return error;
	}
	return finish(run, &traced, report, result);
}

int run_program(const struct strait_run_options *options, const struct run_supervision *supervision,
		struct strait_report *report, struct strait_run_result *result)
{
	struct strait_run_options taken;
	struct run run = { .options = &taken, .supervision = supervision };
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (!taken.argv || !taken.argv[0] || !taken.envp)
		return -EINVAL;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = run_stack(&run, &arena, report, result);
	arena_deinit(&arena);
	return error;
}

int strait_run(const struct strait_run_options *options, struct strait_report *report,
	       struct strait_run_result *result)
{
	return run_program(options, NULL, report, result);
}
