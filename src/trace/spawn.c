/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/spawn.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel/kernel.h"
#include "trace/stops.h"

/* ---- the guard of REPORT_ALL ---- */

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

static void guard_send(int socket)
{
	int fd = guard_install();

	if (kernel_send_fd(socket, fd) < 0)
		syscall(SYS_exit_group, 126L, 0L, 0L, 0L, 0L, 0L);
	if (fd >= 0)
		close(fd);
}

static int guard_receive(int socket, int *fd)
{
	*fd = kernel_receive_fd(socket);
	if (*fd == -EPIPE)
		return -ECHILD; /* it was killed */
	return *fd < 0 ? *fd : 0;
}

/* ---- the child ---- */

/* Its filter's listener is wanted. */
static bool is_sharing(const struct trace_spawn *s)
{
	return s->launch.newest_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

/*
 * A child that shares its parent's table of files until it executes. What the parent needs of a
 * filter's listener is there the moment the filter is installed: no further call of the child's
 * could be relied on to bring it.
 */
static pid_t fork_sharing_files(void)
{
#if defined(__s390__)
	return (pid_t)syscall(SYS_clone, 0L, (long)(CLONE_FILES | SIGCHLD), 0L, 0L, 0L);
#else
	return (pid_t)syscall(SYS_clone, (long)(CLONE_FILES | SIGCHLD), 0L, 0L, 0L, 0L);
#endif
}

/* All calls here are async-signal-safe. */
__attribute__((noreturn)) static void child(const struct trace_spawn *s)
{
	char go;

	if (!is_sharing(s))
		close(s->sockets[0]);
	/* As if the program had been killed in the tracer's place. */
	(void)prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L);
	/* A shared socket has no end of file when the parent dies. */
	if (is_sharing(s) && getppid() != s->parent)
		_exit(126);
	if (s->is_guarded)
		guard_send(s->sockets[1]);
	if (read(s->sockets[1], &go, 1) == 1) {
		if (!is_sharing(s))
			close(s->sockets[1]);
		trace_signals_inherit(&s->signals);
		trace_launch_exec(&s->launch, s->progress);
	}
	/* By syscall(3): launch.c says why. A filter may refuse this call as well. */
	syscall(SYS_exit_group, 126L, 0L, 0L, 0L, 0L, 0L);
	for (;;)
		__builtin_trap();
}

/* ---- the parent ---- */

static void close_socket(int *socket)
{
	if (*socket >= 0)
		close(steal_fd(socket));
}

void trace_spawn_init(struct trace_spawn *s)
{
	*s = (struct trace_spawn){ .sockets = { -1, -1 }, .guard = -1 };
}

void trace_spawn_deinit(struct trace_spawn *s)
{
	close_socket(&s->sockets[0]);
	close_socket(&s->sockets[1]);
	close_socket(&s->guard);
	if (s->progress)
		munmap(s->progress, sizeof(*s->progress));
	s->progress = NULL;
}

int trace_spawn_fork(struct trace_spawn *s)
{
	void *shared = mmap(NULL, sizeof(*s->progress), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (shared == MAP_FAILED)
		return -errno;
	s->progress = shared;
	s->progress->listener = -1;
	s->parent = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->sockets) < 0)
		return -errno;
	pid = is_sharing(s) ? fork_sharing_files() : fork();
	if (pid == 0)
		child(s);
	if (pid < 0)
		return -errno;
	s->pid = pid;
	/* A shared one is the child's as well. */
	if (!is_sharing(s))
		close_socket(&s->sockets[1]);
	return 0;
}

int trace_spawn_ready(struct trace_spawn *s)
{
	return s->is_guarded ? guard_receive(s->sockets[0], &s->guard) : 0;
}

int trace_spawn_go(struct trace_spawn *s)
{
	ssize_t sent = send(s->sockets[0], "", 1, MSG_NOSIGNAL);
	int r = sent < 0 && errno != EPIPE ? -errno : 0;

	close_socket(&s->sockets[0]);
	return r;
}

void trace_spawn_abandon(const struct trace_spawn *s)
{
	int status;

	kill(s->pid, SIGKILL);
	/* It may stop for PTRACE_EVENT_EXIT once more. */
	while (waitpid(s->pid, &status, __WALL) == s->pid && WIFSTOPPED(status))
		trace_resume(s->pid, 0);
}
