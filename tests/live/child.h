/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child process that a filter may cut off from every system call, exit included. It reports by
 * stores to shared memory and ends by a trapping instruction, so a test works under any filter.
 */
#ifndef STRAIT_TESTS_LIVE_CHILD_H
#define STRAIT_TESTS_LIVE_CHILD_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Zeroed memory that children share. */
__attribute__((unused)) static void *child_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* Ends the child without a system call. Not by what compilers know not to return: before such a
 * call AddressSanitizer makes system calls of its own. */
__attribute__((unused)) static void child_end(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("ud2");
#elif defined(__aarch64__)
	__asm__ volatile("brk #0");
#else
	__builtin_trap();
#endif
}

/* No core file, nothing caught, dies with its parent, and after a minute at the latest. */
__attribute__((unused)) static void child_settle(void)
{
	/* fs/coredump.c: 0 stops no pipe; 1 stops both the pipe and the file. */
	const struct rlimit no_core = { 1, 1 };

	signal(SIGILL, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	signal(SIGSYS, SIG_DFL);
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
	alarm(60);
}

/* Runs RUN(ARG) in a child that then ends by a trap; its wait status, or -1 without a child. */
__attribute__((unused)) static int child_run(void (*run)(void *arg), void *arg)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (pid == 0) {
		child_settle();
		run(arg);
		child_end();
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* RUN came to its end. */
__attribute__((unused)) static bool child_finished(int status)
{
	return status != -1 && WIFSIGNALED(status) &&
	       (WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP);
}

#endif
