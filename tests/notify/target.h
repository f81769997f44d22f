/* SPDX-License-Identifier: BSD-2-Clause */
/* A process whose calls of getppid(2) wait for an answer, and its listener in the test. */
#ifndef STRAIT_TESTS_NOTIFY_TARGET_H
#define STRAIT_TESTS_NOTIFY_TARGET_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "notify/listener.h"
#include "notify/memory.h"
#include "tap.h"

struct target {
	pid_t pid;
	struct notify_listener listener;
	struct notify_request request;
	volatile long *out; /* shared memory: what the target found */
};

/* The call that is asked about, with a result or -errno. */
__attribute__((unused)) static long ask_for(long a, long b, long c)
{
	long r = syscall(SYS_getppid, a, b, c);

	return r < 0 ? -errno : r;
}

static int target_install(unsigned flags)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int r = kernel_set_no_new_privs();

	return r < 0 ? r
		     : kernel_install(insns, ARRAY_LEN(insns),
				      SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, NULL);
}

/* Its exit code is what RUN returns. */
static void target_child(int socket, unsigned flags, int (*run)(volatile long *out),
			 volatile long *out)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
	alarm(60);
	fd = target_install(flags);
	if (kernel_send_fd(socket, fd) < 0 || fd < 0)
		_exit(99);
	close(fd);
	close(socket);
	_exit(run(out));
}

/* False where there is none; the errno in t->pid, negative. */
static bool target_start(struct target *t, unsigned flags, int (*run)(volatile long *out))
{
	int sockets[2], fd;

	*t = (struct target){ .pid = -1 };
	t->out = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->out == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		abort();
	fflush(stdout);
	t->pid = fork();
	if (t->pid == 0)
		target_child(sockets[1], flags, run, t->out);
	close(sockets[1]);
	fd = kernel_receive_fd(sockets[0]);
	close(sockets[0]);
	if (fd < 0 || notify_open(&t->listener, fd) < 0 ||
	    notify_request_init(&t->request, &t->listener) < 0) {
		note("no listener: %s", strerror(fd < 0 ? -fd : errno));
		waitpid(t->pid, NULL, 0);
		return false;
	}
	return true;
}

/* Waits for its next call, a minute at most. */
__attribute__((unused)) static bool target_asks(struct target *t)
{
	int r = notify_receive(&t->listener, &t->request, 60000);

	if (r != NOTIFY_RECEIVED)
		note("notify_receive() = %d", r);
	return r == NOTIFY_RECEIVED;
}

/* Its wait status. */
static int target_end(struct target *t)
{
	int status = -1;

	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void target_free(struct target *t)
{
	notify_request_deinit(&t->request);
	notify_close(&t->listener);
	munmap((void *)(uintptr_t)t->out, 4096);
}

/* It ends with this exit code. */
__attribute__((unused)) static bool target_exits(struct target *t, int code)
{
	int status = target_end(t);
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == code;

	if (!good)
		note("wait status 0x%x", (unsigned)status);
	target_free(t);
	return good;
}

__attribute__((unused)) static void rest_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Until the thread sleeps: it is in its call. */
__attribute__((unused)) static void wait_asleep(pid_t tid)
{
	char path[64], text[512], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)tid);
	for (int i = 0; i < 5000; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		state = strrchr(text, ')');
		if (state && state[2] == 'S')
			return;
		rest_ms(1);
	}
}

#endif
