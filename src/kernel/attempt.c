/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/attempt.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SECONDS 10

struct shared {
	bool is_done;
	long values[ATTEMPT_VALUES];
};

/* Handlers of the caller's are not to run in the child, and a kill isn't to be survived. */
static void settle(void)
{
	/* fs/coredump.c: 0 stops no pipe; 1 stops both the pipe and the file. */
	const struct rlimit no_core = { 1, 1 };
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &normal, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	alarm(SECONDS);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static pid_t fork_blocked(void)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid)
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

struct attempt kernel_attempt(void (*try)(const void *arg, long *values), const void *arg)
{
	struct attempt out = { 0 };
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED) {
		out.error = errno;
		return out;
	}
	pid = fork_blocked();
	if (pid == 0) {
		settle();
		try(arg, shared->values);
		shared->is_done = true;
		_exit(0);
	}
	if (pid < 0)
		out.error = errno;
	else
		while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
			;
	out.is_done = shared->is_done;
	if (pid > 0 && !out.is_done && WIFSIGNALED(status))
		out.signal = WTERMSIG(status);
	for (size_t i = 0; i < ATTEMPT_VALUES; i++)
		out.values[i] = shared->values[i];
	munmap(shared, sizeof(*shared));
	return out;
}
