/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parent and child meet at a socket: the child waits there until it is traced, and confines itself
 * then. Should the parent die, the child reads the end of file and executes nothing.
 */
#include "trace/trace.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch/arch.h"
#include "kernel/kernel.h"
#include "trace/launch.h"
#include "trace/regs.h"
#include "trace/rewrite.h"
#include "trace/signals.h"
#include "trace/tracer.h"

struct run {
	const struct trace_options *options;
	struct trace_launch launch;
	struct trace_signals signals;
	struct trace_progress *progress;
	struct tracer tracer;
	int sockets[2]; /* the parent's, the child's */
	int guard;	/* REPORT_ALL: see guard_install() */
};

/* ---- REPORT_ALL's guard ---- */

/*
 * A filter that allows all, with a listener that the tracer holds. Only one filter of a chain can
 * have one (kernel/seccomp.c, has_duplicate_listener()), so there is none below, and the program
 * can't add one above, that could let a call continue which a rewritten filter refuses. No call
 * ever waits for this one.
 */
static int guard_install(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	int r = kernel_set_no_new_privs();

	return r < 0 ? r : kernel_install(&allow, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL);
}

union guard_control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void guard_send(int socket)
{
	int fd = guard_install();
	int error = fd < 0 ? fd : 0;
	struct iovec iov = { &error, sizeof(error) };
	union guard_control control = { { 0 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	(void)!sendmsg(socket, &msg, MSG_NOSIGNAL);
	if (fd >= 0)
		close(fd);
}

static int guard_receive(int socket, int *fd)
{
	int error;
	struct iovec iov = { &error, sizeof(error) };
	union guard_control control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *cmsg;
	ssize_t got = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);

	if (got < 0)
		return -errno;
	if ((size_t)got < sizeof(error))
		return -ECHILD; /* it was killed */
	if (error)
		return error;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -EMFILE; /* no room for the fd */
	memcpy(fd, CMSG_DATA(cmsg), sizeof(*fd));
	return 0;
}

/* ---- the child ---- */

/* All calls here are async-signal-safe. */
__attribute__((noreturn)) static void child(const struct run *run)
{
	char go;

	close(run->sockets[0]);
	/* As if the program had been killed in the tracer's place. */
	(void)prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L);
	if (run->options->report == TRACE_REPORT_ALL)
		guard_send(run->sockets[1]);
	if (read(run->sockets[1], &go, 1) == 1) {
		close(run->sockets[1]);
		trace_signals_inherit(&run->signals);
		trace_launch_exec(&run->launch, run->progress);
	}
	/* By syscall(3): launch.c says why. A filter may refuse this call as well. */
	syscall(SYS_exit_group, 126L, 0L, 0L, 0L, 0L, 0L);
	for (;;)
		__builtin_trap();
}

/* ---- the parent ---- */

static void judge_progress(const struct run *run, struct trace_result *result)
{
	const struct trace_progress *progress = run->progress;
	const struct tracer *t = &run->tracer;

	result->filter = progress->installed;
	result->verdict = t->verdict;
	if (progress->stage == TRACE_STAGE_EXEC && t->has_verdict) {
		result->end = TRACE_EXEC_STOPPED;
		return;
	}
	result->value = progress->error;
	if (progress->stage == TRACE_STAGE_EXEC) {
		result->end = result->value == ENOENT ? TRACE_NOT_FOUND : TRACE_NOT_STARTED;
		return;
	}
	result->end = progress->failed ? TRACE_REFUSED : TRACE_INSTALL_STOPPED;
	result->step = progress->stage == TRACE_STAGE_FILTER ? KERNEL_FILTER : KERNEL_NO_NEW_PRIVS;
}

static void judge(const struct run *run, struct trace_result *result)
{
	const struct tracer *t = &run->tracer;

	if (!t->executed && (run->progress->failed || t->has_verdict)) {
		judge_progress(run, result);
		return;
	}
	result->end = WIFEXITED(t->status) ? TRACE_EXITED : TRACE_SIGNALED;
	result->value = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : WTERMSIG(t->status);
}

/* The child waits at the socket. 0: it is traced and goes on. */
static int attach(struct run *run)
{
	int r = 0;

	if (run->options->report == TRACE_REPORT_ALL)
		r = guard_receive(run->sockets[0], &run->guard);
	if (r == 0)
		r = tracer_seize(&run->tracer);
	if (r == 0 && send(run->sockets[0], "", 1, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		r = -errno;
	return r;
}

static int parent(struct run *run, struct trace_result *result)
{
	int r = attach(run);

	close(steal_fd(&run->sockets[0]));
	if (r < 0) {
		tracer_abandon(&run->tracer);
		return r;
	}
	r = tracer_follow(&run->tracer);
	if (r == 0)
		judge(run, result);
	return r;
}

static int fork_and_trace(struct run *run, struct trace_result *result)
{
	pid_t pid;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, run->sockets) < 0)
		return -errno;
	trace_signals_hold(&run->signals);
	pid = fork();
	if (pid == 0)
		child(run);
	r = pid < 0 ? -errno : 0;
	close(steal_fd(&run->sockets[1]));
	if (r == 0) {
		run->tracer.main = pid;
		r = parent(run, result);
	} else {
		close(steal_fd(&run->sockets[0]));
	}
	trace_signals_release(&run->signals);
	return r;
}

static int run_traced(struct run *run, struct trace_result *result)
{
	int r;

	run->progress = mmap(NULL, sizeof(*run->progress), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run->progress == MAP_FAILED)
		return -errno;
	run->guard = -1;
	run->tracer = (struct tracer){ .options = run->options, .progress = run->progress };
	r = fork_and_trace(run, result);
	if (run->guard >= 0)
		close(run->guard);
	trace_tasks_deinit(&run->tracer.tasks);
	munmap(run->progress, sizeof(*run->progress));
	return r;
}

/*
 * Nobody reads the instruction pointer here, so a filter that tests it is judged by the errno
 * alone.
 */
static int run_in_place(struct run *run, struct trace_result *result)
{
	struct trace_progress progress = { 0 };
	struct tracer *t = &run->tracer;
	struct seccomp_data data;

	trace_launch_exec(&run->launch, &progress);
	data = trace_launch_execve(&progress, arch_native()->audit, 0);
	t->verdict =
		engine_decide(run->options->stack, progress.installed, &data, CBPF_HOST_ORDER, 0);
	t->has_verdict =
		t->verdict.outcome == ENGINE_FAILS && t->verdict.errno_value == progress.error;
	run->progress = &progress;
	judge_progress(run, result);
	run->progress = NULL;
	return 0;
}

static int validate(const struct trace_options *options)
{
	if (!options->argv || !options->argv[0] || !options->envp)
		return -EINVAL;
	/* Nobody would answer. */
	if (options->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
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
		r = trace_launch_prepare(arena, &installed, &run->launch);
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
