/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs that test-tracer.c traces: the test binary, acting. What is traced is getppid. */
#ifndef STRAIT_TESTS_API_TRACER_ACTS_H
#define STRAIT_TESTS_API_TRACER_ACTS_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

extern char **environ;

/* An exit code: 0: its own parent's id; 1: another result, which is 1234; else the errno. */
static int asked(void)
{
	long r = syscall(SYS_getppid, -1L, 0x123456789abcdef0L, 3L, 4L, 5L, 6L);

	if (r < 0)
		return errno;
	return r == 1234 ? 1 : 0;
}

static int act_call(char **argv)
{
	(void)argv;
	return asked();
}

static int act_exit(char **argv)
{
	return atoi(argv[2]);
}

/* All 64 bits of a result. */
static int act_long(char **argv)
{
	return syscall(SYS_getppid) == strtol(argv[2], NULL, 0) ? 0 : 99;
}

static int act_getpid(char **argv)
{
	(void)argv;
	return syscall(SYS_getppid) == getpid() ? 0 : 99;
}

/* A changed argument: dup of 63 becomes dup of 0. */
static int act_dup(char **argv)
{
	(void)argv;
	return dup(63) >= 0 ? 0 : errno;
}

static int act_kill(char **argv)
{
	(void)argv;
	asked();
	return kill(getpid(), SIGTERM);
}

/* Shared with children. */
static volatile int *signals;

static void on_signal(int sig)
{
	(void)sig;
	++*signals;
}

static void catch (int sig)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (!signals)
		signals = mmap(NULL, 2 * sizeof(*signals), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (signals == MAP_FAILED)
		abort();
	sigaction(sig, &action, NULL);
}

static int act_signals(char **argv)
{
	(void)argv;
	catch (SIGUSR1);
	catch (SIGTRAP);
	for (int i = 0; i < 10; i++) {
		raise(SIGUSR1);
		raise(SIGTRAP);
		asked();
	}
	return *signals;
}

static char state_of(pid_t pid)
{
	char path[32], text[256] = "", *end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		_exit(95);
	close(fd);
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : '?';
}

/* Stops itself; its child continues it. */
static int act_stop(char **argv)
{
	pid_t self = getpid(), child;
	int status;

	(void)argv;
	catch (SIGCONT);
	child = fork();
	if (child == 0) {
		for (; !signals[1]; usleep(2000))
			kill(self, SIGCONT);
		_exit(asked());
	}
	raise(SIGSTOP);
	signals[1] = 1;
	return waitpid(child, &status, 0) == child ? asked() : 98;
}

/* ---- children ---- */

static int child_code(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int act_fork(char **argv)
{
	pid_t pid = fork();

	(void)argv;
	if (pid == 0)
		_exit(asked());
	return child_code(pid);
}

/* vfork and exec, by libc's clone(CLONE_VM | CLONE_VFORK). */
static int act_spawn(char **argv)
{
	char call[] = "call", *args[] = { argv[0], call, NULL };
	pid_t pid;

	return posix_spawn(&pid, argv[0], NULL, NULL, args, environ) ? 98 : child_code(pid);
}

static int act_vfork(char **argv)
{
	char call[] = "call", *args[] = { argv[0], call, NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execv(argv[0], args);
		_exit(97);
	}
	return child_code(pid);
}

/* A process whose end isn't told by SIGCHLD: PTRACE_EVENT_CLONE, though it is no thread. */
static int act_clone(char **argv)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);

	(void)argv;
	if (pid == 0)
		_exit(asked());
	return child_code(pid);
}

static void *thread_asks(void *arg)
{
	(void)arg;
	return (void *)(long)asked();
}

static int act_thread(char **argv)
{
	pthread_t thread;
	void *result;

	(void)argv;
	if (pthread_create(&thread, NULL, thread_asks, NULL))
		return 98;
	pthread_join(thread, &result);
	return (int)(long)result;
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

static void *thread_execs_allowed(void *arg)
{
	syscall(SYS_getpgid, 0);
	return thread_execs(arg);
}

/* Three threads wait for an answer while another, once it is allowed to, executes a program. */
static int act_waiting_exec(char **argv)
{
	pthread_t threads[3];

	if (pthread_create(&threads[0], NULL, thread_asks, NULL) ||
	    pthread_create(&threads[1], NULL, thread_asks, NULL) ||
	    pthread_create(&threads[2], NULL, thread_execs_allowed, argv[0]))
		return 98;
	asked();
	return 97;
}

/* Its child outlives it. */
static int act_daemon(char **argv)
{
	(void)argv;
	if (fork() == 0) {
		usleep(50000);
		_exit(asked());
	}
	return 4;
}

/* ---- many at once ---- */

#define CROWD_THREADS  6
#define CROWD_CHILDREN 10
#define CROWD_CALLS    20
#define CROWD_TOTAL    (CROWD_THREADS * CROWD_CHILDREN * 2 * CROWD_CALLS)

static void *crowd_calls(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < CROWD_CALLS; i++)
		wrong += asked() != 1;
	return (void *)wrong;
}

static int crowd_child(void)
{
	void *wrong = NULL;
	pthread_t thread;

	if (pthread_create(&thread, NULL, crowd_calls, NULL))
		return 98;
	if (crowd_calls(NULL))
		return 97;
	pthread_join(thread, &wrong);
	return wrong ? 96 : 0;
}

static void *crowd_thread(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < CROWD_CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(crowd_child());
		wrong += child_code(pid) != 0;
	}
	return (void *)wrong;
}

/* 0: each of CROWD_TOTAL calls was answered by 1234. */
static int act_crowd(char **argv)
{
	pthread_t threads[CROWD_THREADS];
	long wrong = 0;

	(void)argv;
	for (int i = 0; i < CROWD_THREADS; i++)
		if (pthread_create(&threads[i], NULL, crowd_thread, NULL))
			return 98;
	for (int i = 0; i < CROWD_THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		wrong += (long)result;
	}
	return wrong ? 1 : 0;
}

/* Children that are killed at any moment of their lives, while they make others. */
static int act_massacre(char **argv)
{
	(void)argv;
	for (int i = 0; i < 60; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				if (fork() == 0)
					_exit(asked());
		usleep((useconds_t)(i * 37 % 1500));
		kill(pid, SIGKILL);
		if (child_code(pid) != 128 + SIGKILL)
			return 98;
	}
	return 0;
}

/* ---- what must not happen ---- */

static int act_mkdir(char **argv)
{
	return mkdir(argv[2], 0700) < 0 ? errno : 0;
}

/* ---- registers ---- */

#if defined(__x86_64__) && !defined(__ILP32__)
struct registers {
	uint64_t rax, rdi, rsi, rdx, r10, r8, r9;
};

__attribute__((noinline)) static void enter(struct registers *r)
{
	register uint64_t r10 __asm__("r10") = r->r10;
	register uint64_t r8 __asm__("r8") = r->r8;
	register uint64_t r9 __asm__("r9") = r->r9;
	uint64_t rax = r->rax, rdi = r->rdi, rsi = r->rsi, rdx = r->rdx;

	__asm__ volatile("syscall"
			 : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8), "+r"(r9)
			 :
			 : "rcx", "r11", "memory");
	*r = (struct registers){ rax, rdi, rsi, rdx, r10, r8, r9 };
}

static int are_kept(struct registers now, struct registers before)
{
	now.rax = before.rax;
	return memcmp(&now, &before, sizeof(now)) == 0;
}

static int act_registers(char **argv)
{
	const struct registers before = { SYS_getppid, 1, 2, 3, 4, 5, 6 };
	struct registers now = before;

	(void)argv;
	enter(&now);
	return are_kept(now, before) ? 0 : 99;
}

/* clone(2) without any flag that reads the later arguments. */
static int act_registers_fork(char **argv)
{
	const struct registers before = { SYS_clone, SIGCHLD, 0, 3, 4, 5, 6 };
	struct registers now = before;

	(void)argv;
	enter(&now);
	if (now.rax == 0)
		_exit(are_kept(now, before) ? 0 : 99);
	return are_kept(now, before) ? child_code((pid_t)now.rax) : 96;
}

/*
 * A read(2) of fd 63, which is none, that the tracer turns into one of fd 0: it blocks, is
 * interrupted, begins anew as what it was, and is changed again.
 */
static int act_restart(char **argv)
{
	pid_t self = getpid(), child;
	char c = 0;
	int fds[2];

	(void)argv;
	if (pipe(fds) < 0 || dup2(fds[0], 0) < 0)
		return 98;
	catch (SIGUSR1);
	child = fork();
	if (child == 0) {
		while (state_of(self) != 'S')
			usleep(1000);
		kill(self, SIGUSR1);
		while (!*signals)
			usleep(1000);
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 97);
	}
	if (read(63, &c, 1) != 1 || c != 'x' || *signals != 1)
		return 99;
	return child_code(child);
}

/* getppid by the 32-bit entry: 64 there. */
static int act_i386(char **argv)
{
	long r = 64;

	(void)argv;
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(1L), "c"(2L), "d"(3L), "S"(4L), "D"(5L)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)r == 1234 ? 1 : (int)r == (int)getpid() ? 2 : (int)r < 0 ? -(int)r : 0;
}

static int act_x32(char **argv)
{
	long r = syscall(0x40000000 | SYS_getppid);

	(void)argv;
	return r < 0 ? errno : r == 1234 ? 1 : 0;
}
#endif

static const struct act {
	const char *name;
	int (*act)(char **argv);
} acts[] = {
	{ "call", act_call },
	{ "exit", act_exit },
	{ "long", act_long },
	{ "getpid", act_getpid },
	{ "dup", act_dup },
	{ "kill", act_kill },
	{ "signals", act_signals },
	{ "stop", act_stop },
	{ "fork", act_fork },
	{ "spawn", act_spawn },
	{ "vfork", act_vfork },
	{ "clone", act_clone },
	{ "thread", act_thread },
	{ "thread-exec", act_thread_exec },
	{ "daemon", act_daemon },
	{ "waiting-exec", act_waiting_exec },
	{ "crowd", act_crowd },
	{ "massacre", act_massacre },
	{ "mkdir", act_mkdir },
#if defined(__x86_64__) && !defined(__ILP32__)
	{ "registers", act_registers },
	{ "registers-fork", act_registers_fork },
	{ "restart", act_restart },
	{ "i386", act_i386 },
	{ "x32", act_x32 },
#endif
};

#endif
