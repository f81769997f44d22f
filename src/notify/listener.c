/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SECCOMP_IOCTL_NOTIF_RECV waits without an end that user space could set, and before Linux 6.11
 * for ever where the last process under the filter is gone. So poll(2) waits, and one thread at a
 * time polls and receives: what poll saw is then still there to be received, or its caller died,
 * which RECV says at once (ENOENT).
 */
#include "notify/listener.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

/* include/uapi/linux/seccomp.h of Linux 6.6. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#endif

/* Linux 5.0 to 5.7 had the number of ID_VALID wrong; later ones still take it. */
#define ID_VALID_OLD SECCOMP_IOR(2, __u64)

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* ioctl(2) that a signal doesn't end: 0 or more, or -errno. */
static int ask(const struct notify_listener *l, unsigned long request, void *arg)
{
	int r;

	do
		r = ioctl(l->fd, request, arg);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

/* ---- opening ---- */

/*
 * Tried on request 0, which there never is (notifications count from a random number, and one that
 * isn't known is ENOENT), with a file that is there; flags and size are judged before the id.
 */
static bool knows_addfd(const struct notify_listener *l, unsigned flags)
{
	struct seccomp_notif_addfd addfd = { .flags = flags, .srcfd = (unsigned)l->stop };

	return ask(l, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) == -ENOENT;
}

static void probe(struct notify_listener *l)
{
	if (knows_addfd(l, 0))
		l->features |= NOTIFY_ADDFD;
	if (knows_addfd(l, SECCOMP_ADDFD_FLAG_SEND))
		l->features |= NOTIFY_ADDFD_SEND;
	/* The flags are the argument itself, not behind a pointer: seccomp_notify_set_flags(). */
	if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0)
		l->features |= NOTIFY_SYNC_WAKE_UP;
}

static int ask_id_valid(const struct notify_listener *l, __u64 id)
{
	int r = ask(l, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);

	return r == -EINVAL ? ask(l, ID_VALID_OLD, &id) : r;
}

int notify_open(struct notify_listener *l, int fd)
{
	struct seccomp_notif_sizes sizes;

	*l = (struct notify_listener){ .fd = fd, .stop = -1 };
	if (fd < 0)
		return -EBADF;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	/* Another file knows nothing of it. */
	if (ask_id_valid(l, 0) != -ENOENT)
		return -EINVAL;
	l->notif_size = larger(sizes.seccomp_notif, sizeof(struct seccomp_notif));
	l->resp_size = larger(sizes.seccomp_notif_resp, sizeof(struct seccomp_notif_resp));
	l->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->stop < 0)
		return -errno;
	pthread_mutex_init(&l->receiving, NULL);
	probe(l);
	return 0;
}

void notify_close(struct notify_listener *l)
{
	close(l->fd);
	close(l->stop);
	pthread_mutex_destroy(&l->receiving);
}

void notify_stop(const struct notify_listener *l)
{
	const uint64_t one = 1;

	/* It fails where it is readable already. */
	(void)!write(l->stop, &one, sizeof(one));
}

void notify_abandon(const struct notify_listener *l)
{
	notify_stop(l);
	/* In its place, as other threads may be about to use the number. */
	(void)dup3(l->stop, l->fd, O_CLOEXEC);
}

int notify_request_init(struct notify_request *r, const struct notify_listener *l)
{
	*r = (struct notify_request){
		.listener = l,
		.notif = calloc(1, l->notif_size),
		.resp = calloc(1, l->resp_size),
	};
	if (r->notif && r->resp)
		return 0;
	notify_request_deinit(r);
	return -ENOMEM;
}

void notify_request_deinit(struct notify_request *r)
{
	free(r->notif);
	free(r->resp);
}

/* ---- receiving ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* poll(2) that goes on after a signal, for the rest of the time. */
static int wait_until(struct pollfd *fds, nfds_t len, int timeout)
{
	int64_t end = timeout > 0 ? now_ms() + timeout : 0, left;
	int n;

	while ((n = poll(fds, len, timeout)) < 0 && errno == EINTR) {
		if (timeout <= 0)
			continue;
		left = end - now_ms();
		timeout = left > 0 ? (int)left : 0;
	}
	return n < 0 ? -errno : n;
}

static int receive_one(struct notify_listener *l, struct notify_request *r, int timeout)
{
	struct pollfd fds[2] = { { .fd = l->fd, .events = POLLIN },
				 { .fd = l->stop, .events = POLLIN } };
	int got = wait_until(fds, ARRAY_LEN(fds), timeout);

	if (got <= 0)
		return got < 0 ? got : NOTIFY_NONE;
	if (fds[1].revents)
		return NOTIFY_STOPPED;
	if (!(fds[0].revents & POLLIN))
		return fds[0].revents & POLLNVAL ? -EBADF : NOTIFY_UNUSED;
	/* check_zeroed_user(): whatever the kernel's own size is, it wants zeros. */
	memset(r->notif, 0, l->notif_size);
	return ask(l, SECCOMP_IOCTL_NOTIF_RECV, r->notif);
}

int notify_receive(struct notify_listener *l, struct notify_request *r, int timeout)
{
	int got;

	assert(r->listener == l);
	pthread_mutex_lock(&l->receiving);
	do
		got = receive_one(l, r, timeout);
	while (got == -ENOENT);
	pthread_mutex_unlock(&l->receiving);
	return got;
}

bool notify_is_alive(const struct notify_request *r)
{
	return ask_id_valid(r->listener, r->notif->id) == 0;
}

/* ---- answering ---- */

static int send_answer(const struct notify_request *r, int64_t value, int error, unsigned flags)
{
	int sent;

	memset(r->resp, 0, r->listener->resp_size);
	r->resp->id = r->notif->id;
	r->resp->val = value;
	r->resp->error = error;
	r->resp->flags = flags;
	sent = ask(r->listener, SECCOMP_IOCTL_NOTIF_SEND, r->resp);
	return sent < 0 ? sent : 0;
}

int notify_return(const struct notify_request *r, int64_t value)
{
	if (value < 0 && value >= -4095)
		return -EINVAL;
	return send_answer(r, value, 0, 0);
}

int notify_fail(const struct notify_request *r, int error)
{
	/* The kernel would take other numbers for results. */
	if (error < 1 || error > 4095)
		return -EINVAL;
	return send_answer(r, 0, -error, 0);
}

int notify_continue(const struct notify_request *r)
{
	return send_answer(r, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/*
 * With all signals blocked: one that interrupts an ADDFD with SEND leaves an answered request
 * behind whose fd was withdrawn, and the caller would take 0 for its number (kernel/seccomp.c,
 * seccomp_notify_addfd()).
 */
static int add_fd(const struct notify_request *r, struct seccomp_notif_addfd *addfd)
{
	sigset_t all, before;
	int number;

	if (!(r->listener->features & NOTIFY_ADDFD))
		return -ENOTSUP;
	addfd->id = r->notif->id;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	number = ask(r->listener, SECCOMP_IOCTL_NOTIF_ADDFD, addfd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return number;
}

int notify_add_fd(const struct notify_request *r, int fd, int at, unsigned flags)
{
	struct seccomp_notif_addfd addfd = {
		.flags = at < 0 ? 0 : SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (unsigned)fd,
		.newfd = at < 0 ? 0 : (unsigned)at,
		.newfd_flags = flags,
	};

	return add_fd(r, &addfd);
}

int notify_give_fd(const struct notify_request *r, int fd, unsigned flags)
{
	struct seccomp_notif_addfd addfd = {
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (unsigned)fd,
		.newfd_flags = flags,
	};
	int number;

	if (r->listener->features & NOTIFY_ADDFD_SEND)
		number = add_fd(r, &addfd);
	else
		number = notify_add_fd(r, fd, -1, flags);
	if (number < 0)
		return number;
	/* Between the two a signal may take the caller out of its call, with the fd in its table.
	 */
	return r->listener->features & NOTIFY_ADDFD_SEND ? 0 : notify_return(r, number);
}

int notify_hand_over_fd(const struct notify_request *r, int *fd, unsigned flags)
{
	int number;

	if (!r->listener->is_killable) {
		number = notify_give_fd(r, *fd, flags);
		close(steal_fd(fd));
		return number;
	}
	number = notify_add_fd(r, *fd, -1, flags);
	close(steal_fd(fd));
	return number < 0 ? number : notify_return(r, number);
}
