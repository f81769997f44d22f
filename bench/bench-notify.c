/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-notify ROUNDS CALLS: what a supervised call costs whose answer is a value, by a bare loop
 * of ioctls and by libstrait, with caller and supervisor on one CPU, in interleaved rounds. Prints
 * each one's median, and the median of its ratio to the bare loop within a round.
 *
 * The bare loop is the shortest that answers at all. One more row switches on the synchronous
 * wake-up (Linux 6.6), which libstrait always does.
 */
#include <strait/strait.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { BARE, BARE_SYNC, STRAIT, WAYS };

static const char *const names[] = {
	[BARE] = "bare ioctls",
	[BARE_SYNC] = "bare ioctls, synchronous wake-up",
	[STRAIT] = "strait_supervisor_receive(), strait_request_return()",
};

struct caller {
	pid_t pid;
	int socket, listener;
	struct strait_supervisor *supervisor;
	struct strait_request *request;
	struct seccomp_notif *notif; /* with room for the kernel's own */
	size_t notif_size;
};

static struct strait_filter *filter;
static volatile double *measured; /* ns a call, by the caller */

__attribute__((noreturn)) static void fail(const char *what, int error)
{
	fprintf(stderr, "bench-notify: %s: %s\n", what, strerror(error));
	exit(1);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Makes as many calls as it is told to, until it is told nothing more. */
__attribute__((noreturn)) static void call(int socket)
{
	long calls;
	double start;
	int fd = strait_no_new_privs(NULL);

	prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
	if (fd == 0)
		fd = strait_filter_load(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL);
	if (strait_listener_send(socket, fd) < 0 || fd < 0)
		_exit(1);
	close(fd);
	while (read(socket, &calls, sizeof(calls)) == sizeof(calls)) {
		start = now_ns();
		for (long i = 0; i < calls; i++)
			if (syscall(SYS_getppid) != 1)
				_exit(1);
		*measured = (now_ns() - start) / (double)calls;
		if (write(socket, "", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void start(struct caller *c, int way)
{
	struct seccomp_notif_sizes sizes;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		fail("socketpair", errno);
	c->pid = fork();
	if (c->pid == 0)
		call(sockets[1]);
	close(sockets[1]);
	c->socket = sockets[0];
	c->listener = strait_listener_receive(c->socket);
	if (c->listener < 0)
		fail("no listener", -c->listener);
	if (way == STRAIT) {
		if (strait_supervisor_new(c->listener, NULL, &c->supervisor) ||
		    strait_request_new(c->supervisor, &c->request))
			fail("no supervisor", ENOMEM);
		return;
	}
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		fail("seccomp", errno);
	c->notif_size = sizes.seccomp_notif;
	c->notif = malloc(c->notif_size + sizeof(*c->notif));
	if (way == BARE_SYNC && ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1UL) < 0)
		fprintf(stderr, "bench-notify: this kernel has no synchronous wake-up\n");
}

static void serve_bare(struct caller *c, long calls)
{
	struct seccomp_notif_resp resp = { .val = 1 };

	for (long i = 0; i < calls; i++) {
		memset(c->notif, 0, c->notif_size);
		if (ioctl(c->listener, SECCOMP_IOCTL_NOTIF_RECV, c->notif) < 0)
			fail("RECV", errno);
		resp.id = c->notif->id;
		if (ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0)
			fail("SEND", errno);
	}
}

static void serve_strait(struct caller *c, long calls)
{
	for (long i = 0; i < calls; i++)
		if (strait_supervisor_receive(c->supervisor, c->request, -1) ||
		    strait_request_return(c->request, 1))
			fail("strait", EIO);
}

static double measure(struct caller *c, int way, long calls)
{
	char byte;

	if (write(c->socket, &calls, sizeof(calls)) != sizeof(calls))
		fail("write", errno);
	if (way == STRAIT)
		serve_strait(c, calls);
	else
		serve_bare(c, calls);
	if (read(c->socket, &byte, 1) != 1)
		fail("a caller got a wrong answer", EIO);
	return *measured;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t len)
{
	qsort(v, len, sizeof(*v), by_value);
	return v[len / 2];
}

static void print(double *times[], double *ratios[], size_t rounds)
{
	for (int way = 0; way < WAYS; way++)
		printf("%8.0f ns a call, %.3f of the bare loop: %s\n", median(times[way], rounds),
		       median(ratios[way], rounds), names[way]);
}

int main(int argc, char **argv)
{
	static const char policy[] = "default allow\nnotify getppid\n";
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	long calls = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	double *times[WAYS], *ratios[WAYS];
	struct caller callers[WAYS] = { { 0 } };
	cpu_set_t one;

	if (rounds == 0 || calls <= 0) {
		fprintf(stderr, "usage: bench-notify ROUNDS CALLS\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	measured = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (measured == MAP_FAILED ||
	    strait_filter_read("bench", policy, sizeof(policy) - 1, NULL, NULL, &filter))
		fail("no filter", ENOMEM);
	for (int way = 0; way < WAYS; way++) {
		times[way] = calloc(rounds, sizeof(double));
		ratios[way] = calloc(rounds, sizeof(double));
		start(&callers[way], way);
		measure(&callers[way], way, calls);
	}
	for (size_t r = 0; r < rounds; r++)
		for (int way = 0; way < WAYS; way++) {
			times[way][r] = measure(&callers[way], way, calls);
			ratios[way][r] = times[way][r] / times[BARE][r];
		}
	print(times, ratios, rounds);
	return 0;
}
