/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stops are told by SIGCHLD, and all that are pending are then taken one by one. A new thread's
 * first stop and its parent's PTRACE_EVENT_CLONE come in either order.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "kernel/proc.h"
#include "trace/regs.h"
#include "trace/signals.h"
#include "trace/stops.h"

static void give_up(struct tracer *t, int error)
{
	t->error = error;
	if (!t->ended)
		kill(t->main, SIGKILL);
}

static void resume(const struct tracer *t, pid_t tid, int sig)
{
	if (t->options->report == TRACE_REPORT_EVERY_CALL)
		trace_resume_to_call(tid, sig);
	else
		trace_resume(tid, sig);
}

/* ---- what a filter stopped ---- */

static struct engine_verdict decide(const struct tracer *t, const struct seccomp_data *data)
{
	size_t len = t->executed ? t->options->stack_len : t->progress->installed;

	/* Neither tracer nor listener: where there are any, they only stand in for errno. */
	return engine_decide(t->options->stack, len, data, CBPF_HOST_ORDER, 0);
}

static bool runs(const struct engine_verdict *verdict)
{
	return verdict->outcome == ENGINE_RUNS || verdict->outcome == ENGINE_RUNS_LOGGED;
}

pid_t trace_identify(pid_t tid, char *comm, size_t size)
{
	char path[32], text[512];
	long pid;

	*comm = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (!kernel_read_file(path, text, sizeof(text)))
		return tid;
	if (strncmp(text, "Name:\t", 6) == 0)
		snprintf(comm, size, "%.*s", (int)strcspn(text + 6, "\n"), text + 6);
	pid = kernel_line_number(text, "\nTgid:");
	return pid > 0 ? (pid_t)pid : tid;
}

static void tell(struct tracer *t, pid_t tid, const struct seccomp_data *data,
		 const struct engine_verdict *verdict)
{
	char comm[TRACE_COMM_SIZE];
	struct trace_stopped call = {
		.tid = tid, .comm = comm, .data = *data, .verdict = *verdict
	};
	struct trace_task *process;

	call.pid = trace_identify(tid, comm, sizeof(comm));
	process = trace_tasks_find(&t->tasks, call.pid);
	if (process && verdict->outcome == ENGINE_KILLS_PROCESS) {
		if (process->killed)
			return; /* two of its threads at once */
		process->killed = true;
	}
	if (t->options->stopped)
		t->options->stopped(t->options->user, &call);
}

/* The program's process ends without having become the program. */
static void on_early_exit(struct tracer *t, bool by_sigsys)
{
	const volatile struct trace_progress *progress = t->progress;
	struct seccomp_data data;
	int r = trace_regs_last_call(t->main, &data);

	/* -ENODATA: the filters refused exit_group too, and the call's address is unknown. */
	if (progress->failed && progress->stage == TRACE_STAGE_EXEC && (!r || r == -ENODATA))
		data = trace_launch_execve(progress, data.arch, data.instruction_pointer);
	else if (progress->failed || !by_sigsys || r < 0)
		return;
	t->verdict = decide(t, &data);
	t->has_verdict = !runs(&t->verdict);
}

/*
 * SIGSYS, or SIGSYS and a core dump, is what a filter's kill ends with, and a trap without a
 * handler; other threads of the process then have the same status. It can be sent by anyone as
 * well. So what counts is the thread's own last call.
 */
static void on_exit_event(struct tracer *t, pid_t tid)
{
	unsigned long status = 0;
	struct engine_verdict verdict;
	struct seccomp_data data;
	bool by_sigsys;

	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &status) < 0)
		return;
	by_sigsys = WIFSIGNALED((int)status) && WTERMSIG((int)status) == SIGSYS;
	if (tid == t->main && !t->executed) {
		on_early_exit(t, by_sigsys);
		return;
	}
	if (!by_sigsys || trace_regs_last_call(tid, &data) < 0)
		return;
	verdict = decide(t, &data);
	if (verdict.outcome == ENGINE_KILLS_PROCESS || verdict.outcome == ENGINE_KILLS_THREAD ||
	    verdict.outcome == ENGINE_TRAPS)
		tell(t, tid, &data, &verdict);
}

/*
 * REPORT_CALLS: a call to tell of. REPORT_ALL: one that a rewritten filter sent here, or one that
 * the program added itself and that asks for a tracer; it finds none. That call must not be
 * executed in any case.
 */
static void on_seccomp(struct tracer *t, pid_t tid)
{
	struct engine_verdict verdict;
	struct seccomp_data data;
	int error = ENOSYS;

	if (trace_regs_this_call(tid, &data) < 0) {
		kill(tid, SIGKILL);
		return;
	}
	if (t->options->report == TRACE_REPORT_CALLS) {
		if (t->options->called)
			t->options->called(t->options->user, tid, &data);
		return;
	}
	verdict = decide(t, &data);
	if (verdict.outcome == ENGINE_FAILS)
		error = verdict.errno_value;
	if (verdict.outcome == ENGINE_KILLS_PROCESS || trace_regs_answer(tid, -error) < 0)
		kill(tid, SIGKILL);
	if (t->executed && !runs(&verdict))
		tell(t, tid, &data, &verdict);
}

/* ---- each call ---- */

static void on_call(struct tracer *t, pid_t tid)
{
	struct trace_called call = { .tid = tid };
	int r = trace_regs_stop(tid, &call.data, &call.result);

	if (r == -ESRCH)
		return; /* it was killed */
	if (r < 0) {
		give_up(t, -ENOTSUP);
		return;
	}
	call.phase = r == TRACE_REGS_ENTRY ? TRACE_ENTERS : TRACE_RETURNS;
	t->options->each_call(t->options->user, &call);
}

static void on_end(const struct tracer *t, pid_t tid)
{
	const struct trace_called call = { .phase = TRACE_ENDS, .tid = tid };

	if (t->options->report == TRACE_REPORT_EVERY_CALL)
		t->options->each_call(t->options->user, &call);
}

/* ---- births ---- */

static void adopt(struct tracer *t, pid_t tid)
{
	if (trace_tasks_add(&t->tasks, tid) == 0)
		return;
	/* Its parent would wait in vain for a zombie that isn't known to be the tracer's. */
	give_up(t, -ENOMEM);
}

static void on_birth(struct tracer *t, pid_t tid)
{
	unsigned long born = 0;

	/* It may have lived and been reaped since. */
	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &born) == 0 && trace_is_there((pid_t)born))
		adopt(t, (pid_t)born);
}

static void on_exec(struct tracer *t, pid_t tid)
{
	unsigned long former = 0;

	if (tid == t->main)
		t->executed = true;
	/* A thread that isn't the first takes the first one's id and loses its own: ptrace(2). */
	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &former) == 0 && (pid_t)former != tid)
		trace_tasks_remove(&t->tasks, (pid_t)former);
	if (t->options->executed)
		t->options->executed(t->options->user, tid);
}

/* ---- job control ---- */

/*
 * The tracer stops with the program when whoever stopped it will continue both: a terminal, the
 * program itself, or who sent the signal by way of the tracer. One who picked the program alone
 * may continue it alone, and then the tracer must not sleep.
 */
static void on_stop_signal(struct tracer *t, pid_t tid)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == 0)
		t->stop_is_shared = info.si_code > 0 || info.si_pid == getpid() ||
				    trace_tasks_find(&t->tasks, info.si_pid);
}

static void on_group_stop(struct tracer *t, pid_t tid, int sig)
{
	(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	if (tid != t->main || t->stopped)
		return;
	t->stopped = true;
	if (!t->stop_is_shared)
		return;
	trace_signals_stop_self(sig);
	t->continued = true;
}

static bool is_request_to_end(int sig)
{
	return sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT;
}

static void on_signal(struct tracer *t, const siginfo_t *info)
{
	if (info->si_signo == SIGCHLD)
		return;
	/* What the program sends to its own group has come to it as well. */
	if (info->si_code <= 0 && trace_tasks_find(&t->tasks, info->si_pid))
		return;
	/* Nobody else could be meant. */
	if (t->ended && t->options->report == TRACE_REPORT_EVERY_CALL)
		t->is_left = is_request_to_end(info->si_signo);
	/* Sent to a group, SIGCONT has continued the program already. */
	if (info->si_signo == SIGCONT)
		t->continued = true;
	else if (!t->ended)
		trace_signals_forward(info, t->main);
}

/* ---- the loop ---- */

static void on_event(struct tracer *t, pid_t tid, int event, int sig)
{
	switch (event) {
	case PTRACE_EVENT_EXIT:
		on_exit_event(t, tid);
		break;
	case PTRACE_EVENT_SECCOMP:
		on_seccomp(t, tid);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_birth(t, tid);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t, tid);
		break;
	case PTRACE_EVENT_STOP:
		if (trace_signals_is_stop(sig)) {
			on_group_stop(t, tid, sig);
			return; /* it stays stopped */
		}
		if (tid == t->main)
			t->stopped = false;
		break;
	}
	resume(t, tid, 0);
}

static void on_status(struct tracer *t, pid_t tid, int status)
{
	int event = status >> 16;

	if (!WIFSTOPPED(status)) {
		on_end(t, tid);
		trace_tasks_remove(&t->tasks, tid);
		if (tid == t->main) {
			t->ended = true;
			t->status = status;
		}
		return;
	}
	adopt(t, tid);
	if (event) {
		on_event(t, tid, event, WSTOPSIG(status));
		return;
	}
	if (WSTOPSIG(status) == TRACE_CALL_STOP) {
		on_call(t, tid);
		resume(t, tid, 0);
		return;
	}
	if (trace_signals_is_stop(WSTOPSIG(status)))
		on_stop_signal(t, tid);
	resume(t, tid, WSTOPSIG(status));
}

/* Do calls wait for an answer, which nobody would give once the tracer is gone? */
static bool holds_calls(const struct tracer *t)
{
	return t->options->report == TRACE_REPORT_ALL || t->options->report == TRACE_REPORT_CALLS;
}

static bool is_over(const struct tracer *t)
{
	bool waits =
		holds_calls(t) || (t->options->report == TRACE_REPORT_EVERY_CALL && !t->is_left);

	return t->ended && (!waits || !t->tasks.len || t->error);
}

int tracer_seize(struct tracer *t)
{
	unsigned long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

	/* Without EXITKILL a call in PTRACE_EVENT_SECCOMP would be executed if the tracer died. */
	if (holds_calls(t))
		options |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (t->options->report == TRACE_REPORT_EVERY_CALL)
		options |= PTRACE_O_TRACESYSGOOD;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the options go where an address does */
	if (ptrace(PTRACE_SEIZE, t->main, NULL, (void *)options) < 0)
		return -errno;
	return trace_tasks_add(&t->tasks, t->main);
}

/* Hands the listener over, once it is there. */
static void meet_listener(struct tracer *t)
{
	int fd = t->options->listening ? t->progress->listener : -1, r;

	if (fd < 0 || t->is_listening || t->error)
		return;
	t->is_listening = true;
	r = t->options->listening(t->options->user, fd);
	if (r < 0)
		give_up(t, r);
}

/* For a signal; while a listener is awaited, which no signal announces, a millisecond only. */
static int wait_for_signal(struct tracer *t, siginfo_t *info)
{
	const struct timespec soon = { 0, 1000000 };
	bool is_awaited = t->options->listening && !t->is_listening && !t->error;
	int r = trace_signals_wait(info, is_awaited ? &soon : NULL);

	if (r == -EAGAIN)
		*info = (siginfo_t){ .si_signo = SIGCHLD };
	return r == -EAGAIN ? 0 : r;
}

int tracer_follow(struct tracer *t)
{
	for (;;) {
		siginfo_t info;
		int status, r;
		pid_t tid;

		while (!is_over(t) && (tid = trace_take(&t->tasks, &status)) > 0) {
			meet_listener(t);
			on_status(t, tid, status);
		}
		meet_listener(t);
		if (is_over(t))
			return t->error;
		if (t->continued && t->stopped)
			kill(t->main, SIGCONT);
		t->continued = false;
		r = wait_for_signal(t, &info);
		if (r) {
			give_up(t, r);
			return r;
		}
		on_signal(t, &info);
	}
}
