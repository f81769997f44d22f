/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs that test-trace.c runs under filters: the test binary, acting. Filters stop getppid.
 */
#ifndef STRAIT_TESTS_TRACE_ACTS_H
#define STRAIT_TESTS_TRACE_ACTS_H

#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <time.h>

#include "job.h"

/* The call that the filters stop, with arguments of all bits. */
static int forbidden(void)
{
	long r = syscall(SYS_getppid, -1L, 0x123456789abcdef0L, 3L, 4L, 5L, 6L);

	return r < 0 ? errno : r == 0 ? 100 : 0;
}

static int act_call(char **argv)
{
	(void)argv;
	return forbidden();
}

static int act_exit(char **argv)
{
	return atoi(argv[2]);
}

static int act_signal(char **argv)
{
	raise(atoi(argv[2]));
	return 99;
}

static void *thread_calls(void *arg)
{
	(void)arg;
	forbidden();
	return NULL;
}

static int act_thread(char **argv)
{
	pthread_t thread;

	(void)argv;
	if (pthread_create(&thread, NULL, thread_calls, NULL))
		return 98;
	pthread_join(thread, NULL); /* the kernel clears its tid even where it is killed */
	return 5;
}

static void *thread_waits(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* Five threads die at once; one of them has called. */
static int act_crowd(char **argv)
{
	pthread_t thread;

	(void)argv;
	for (int i = 0; i < 4; i++)
		if (pthread_create(&thread, NULL, thread_waits, NULL))
			return 98;
	return forbidden();
}

static int act_fork(char **argv)
{
	int status;
	pid_t pid = fork();

	(void)argv;
	if (pid == 0)
		_exit(forbidden());
	if (waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 97;
}

static int act_spawn(char **argv)
{
	char call[] = "call", *args[] = { argv[0], call, NULL };
	int status;
	pid_t pid;

	if (posix_spawn(&pid, argv[0], NULL, NULL, args, environ))
		return 98;
	if (waitpid(pid, &status, 0) != pid)
		return 97;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 96;
}

static void *thread_execs(void *arg)
{
	char call[] = "call", *args[] = { arg, call, NULL };

	execv(arg, args);
	return NULL;
}

static int act_thread_exec(char **argv)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_execs, argv[0]))
		return 98;
	pthread_join(thread, NULL);
	return 97;
}

static volatile sig_atomic_t trapped;

static void on_sigsys(int sig)
{
	(void)sig;
	trapped++;
}

static int act_trap_handled(char **argv)
{
	signal(SIGSYS, on_sigsys);
	forbidden();
	signal(SIGSYS, SIG_DFL);
	if (trapped && argv[2])
		kill(getpid(), SIGSYS); /* by someone, not by the filter */
	return trapped;
}

#define STRESS_FORKS 200

static void *thread_forks(void *arg)
{
	long failed = 0;

	(void)arg;
	for (int i = 0; i < STRESS_FORKS / 4; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			pthread_t thread;

			/* Some die with a thread, some without, some of a signal. */
			if (i % 2 == 0)
				pthread_create(&thread, NULL, thread_waits, NULL);
			if (i % 5 == 0)
				raise(SIGKILL);
			_exit(7);
		}
		failed += waitpid(pid, &status, 0) != pid ||
			  (i % 5 ? !WIFEXITED(status) : !WIFSIGNALED(status));
	}
	return (void *)failed;
}

static int act_stress(char **argv)
{
	pthread_t threads[4];
	long failed = 0;

	(void)argv;
	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, thread_forks, NULL))
			return 98;
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		failed += (long)result;
	}
	return failed ? 1 : 0;
}

/* Its child outlives it. */
static int act_daemon(char **argv)
{
	(void)argv;
	if (fork() == 0) {
		const struct timespec half = { 0, 500000000 };

		nanosleep(&half, NULL);
		_exit(forbidden());
	}
	return 4;
}

/* A filter of its own, whose listener could let calls continue. */
static long listen_to_all(void)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { 1, insns };

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		       &prog);
}

static int act_listen(char **argv)
{
	(void)argv;
	return listen_to_all() < 0 ? errno : 0;
}

/* It asks for a tracer of its own filter's calls, and must not find strait's. */
static int act_own_trace(char **argv)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 5),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	(void)argv;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return 98;
	return syscall(SYS_getpgid, 0) < 0 ? errno : 0;
}

#ifdef __x86_64__
/* getppid by the 32-bit entry: 64 there. */
static int act_i386(char **argv)
{
	long r = 64;

	(void)argv;
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(-1L), "c"(0x123456789abcdef0L), "d"(3L), "S"(4L), "D"(5L)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return r < 0 && r > -200 ? (int)-r : 0;
}

/* The kernel may have no 32-bit entry. */
static bool acts_has_i386(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(act_i386(NULL) != 0);
	}
	return job_wait(pid) == 0;
}

static int act_x32(char **argv)
{
	(void)argv;
	return syscall(0x40000000 | SYS_getppid) < 0 ? errno : 0;
}
#endif

static unsigned long open_files(void)
{
	unsigned long set = 0;

	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			set |= 1UL << fd;
	return set;
}

static int act_files(char **argv)
{
	return open_files() == strtoul(argv[2], NULL, 10) ? 0 : 1;
}

static const struct act {
	const char *name;
	int (*act)(char **argv);
} acts[] = {
	{ "call", act_call },	      { "exit", act_exit },
	{ "signal", act_signal },     { "thread", act_thread },
	{ "crowd", act_crowd },	      { "fork", act_fork },
	{ "spawn", act_spawn },	      { "thread-exec", act_thread_exec },
	{ "trap", act_trap_handled }, { "stress", act_stress },
	{ "daemon", act_daemon },     { "listen", act_listen },
	{ "files", act_files },	      { "own-trace", act_own_trace },
#ifdef __x86_64__
	{ "i386", act_i386 },	      { "x32", act_x32 },
#endif
};

#endif
