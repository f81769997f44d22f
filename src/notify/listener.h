/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A listener of SECCOMP_RET_USER_NOTIF: requests come out, answers go in. seccomp_unotify(2);
 * kernel/seccomp.c, seccomp_notify_ioctl().
 *
 * Any number of threads may receive from one listener. The sizes of the kernel's structs may differ
 * from those this was built with: a request has room for both.
 */
#ifndef STRAIT_NOTIFY_LISTENER_H
#define STRAIT_NOTIFY_LISTENER_H

#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/macros.h"

/* What the kernel has of it. */
enum notify_feature {
	NOTIFY_ADDFD = 1,	 /* 5.9: puts a file into the caller */
	NOTIFY_ADDFD_SEND = 2,	 /* 5.14: and answers with its number in one go */
	NOTIFY_SYNC_WAKE_UP = 4, /* 6.6: answers on the caller's CPU; it is switched on */
};

struct notify_listener {
	int fd;
	int stop; /* eventfd(2): readable once notify_stop() was called */
	size_t notif_size, resp_size;
	unsigned features;
	bool is_killable;	   /* set by whoever knows: it came with WAIT_KILLABLE_RECV */
	pthread_mutex_t receiving; /* by one thread at a time: see listener.c */
};

struct notify_request {
	const struct notify_listener *listener;
	struct seccomp_notif *notif;
	struct seccomp_notif_resp *resp;
};

/* Takes over FD where it returns 0; -errno: it is no listener. */
NODISCARD int notify_open(struct notify_listener *l, int fd);
void notify_close(struct notify_listener *l);
/* From now on nothing more is received. May be called by any thread, and by a signal handler. */
void notify_stop(const struct notify_listener *l);

/* The same, and callers get ENOSYS from now on, those that wait too: for who can't go on. */
void notify_abandon(const struct notify_listener *l);

/* 0 or -ENOMEM. */
NODISCARD int notify_request_init(struct notify_request *r, const struct notify_listener *l);
void notify_request_deinit(struct notify_request *r);

enum notify_received {
	NOTIFY_RECEIVED,
	NOTIFY_NONE,	/* none came in time */
	NOTIFY_STOPPED, /* notify_stop() was called */
	NOTIFY_UNUSED,	/* nobody is left under the filter (Linux 5.9; before, nobody tells) */
};

/*
 * Waits up to TIMEOUT milliseconds, for ever if it is negative. One of enum notify_received, or
 * -errno. Where the listener is shared with another process it may wait longer.
 */
NODISCARD int notify_receive(struct notify_listener *l, struct notify_request *r, int timeout);

/* Does the caller still wait for this answer? */
bool notify_is_alive(const struct notify_request *r);

/*
 * Answers. 0; -ENOENT: the caller is gone, or a signal has taken it out of the call, which it may
 * begin anew: nothing is to be done. -EINPROGRESS: it was answered already.
 */
/* -EINVAL: -4095 to -1 would be errors. */
NODISCARD int notify_return(const struct notify_request *r, int64_t value);
/* ERROR is 1 to 4095. */
NODISCARD int notify_fail(const struct notify_request *r, int error);
/* The call is executed, with whatever its memory holds by then. */
NODISCARD int notify_continue(const struct notify_request *r);

/*
 * Puts FD into the caller, at number AT, or the lowest free one if it is negative; FLAGS are 0 or
 * O_CLOEXEC. The number; -EMFILE and -EBADF are the caller's own limit; -ENOTSUP: the kernel can't.
 * The call still waits for its answer.
 */
NODISCARD int notify_add_fd(const struct notify_request *r, int fd, int at, unsigned flags);
/* The same, and the number is the answer: in one go where the kernel can. */
NODISCARD int notify_give_fd(const struct notify_request *r, int fd, unsigned flags);
/*
 * The same, and *FD is closed, before the caller goes on if no signal can come in between
 * (is_killable): else the caller might find its file still open elsewhere when it has closed it
 * (ETXTBSY, a pipe without an end).
 */
NODISCARD int notify_hand_over_fd(const struct notify_request *r, int *fd, unsigned flags);

#endif
