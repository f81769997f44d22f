/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements about the kernel, each of which is the name of a test. docs/actions.md is made of the
 * same sentences; tests/live/check-says.py compares the two.
 *
 * A test runs in a process of its own and returns 0 for yes, SAYS_SKIP where this machine can't
 * show it, and anything else for no.
 */
#ifndef STRAIT_TESTS_LIVE_SAYS_H
#define STRAIT_TESTS_LIVE_SAYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

#define SAYS_SKIP  77
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

struct says {
	const char *sentence;
	int (*shown)(void);
};

/* The call that filters here are about: nothing that libc does by itself. */
#define CALL SYS_getppid

#define LOAD(field)	 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_EQ(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (jt), (jf))
#define RET(k)		 BPF_STMT(BPF_RET | BPF_K, (k))

/* seccomp(SECCOMP_SET_MODE_FILTER): the result, or -errno. */
static inline int says_attach(const struct sock_filter *insns, size_t len, unsigned flags)
{
	struct sock_fprog prog = { (unsigned short)len, (struct sock_filter *)(uintptr_t)insns };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);

	return r < 0 ? -errno : (int)r;
}

/* Answers RET to call NR and allows the rest. */
static inline int says_answer(long nr, uint32_t ret, unsigned flags)
{
	const struct sock_filter insns[] = { LOAD(nr), IF_EQ((uint32_t)nr, 0, 1), RET(ret),
					     RET(SECCOMP_RET_ALLOW) };

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return says_attach(insns, LEN(insns), flags);
}

/* The result of CALL, or -errno. */
static inline long says_call(void)
{
	long r = syscall(CALL);

	return r < 0 ? -errno : r;
}

/* Runs SHOWN in a child without core files; its wait status. */
static inline int says_status(int (*shown)(void))
{
	const struct rlimit no_core = { 1, 1 }; /* fs/coredump.c: stops a file and a pipe */
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		/* At the end of a program that is executed, the check for leaks makes CALL. */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		alarm(60);
		_exit(shown());
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static inline bool says_died_of(int status, int sig)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

static inline bool says_exited(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/* Zeroed memory that children share. */
static inline void *says_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* main() of a test: all of its rows, or with --list only what they say. */
static inline int says_main(int argc, char **argv, const struct says *rows, size_t len)
{
	bool lists = argc == 2 && strcmp(argv[1], "--list") == 0;

	for (size_t i = 0; i < len; i++) {
		int status;

		if (lists) {
			puts(rows[i].sentence);
			continue;
		}
		status = says_status(rows[i].shown);
		if (says_exited(status, SAYS_SKIP)) {
			skip("%s", rows[i].sentence);
			continue;
		}
		if (!ok(says_exited(status, 0), "%s", rows[i].sentence))
			note("wait status %#x", (unsigned)status);
	}
	return lists ? 0 : done();
}

#endif
