/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that answer one listener's requests. An answer that touches no file is given by the
 * thread that has received the request, which goes on receiving: nobody else is woken for it.
 */
#ifndef STRAIT_NOTIFY_POOL_H
#define STRAIT_NOTIFY_POOL_H

#include "notify/answers.h"

struct notify_pool;

struct notify_pool_options {
	struct notify_listener *listener; /* borrowed */
	const struct notify_answers *answers;
	size_t workers;
	/* Told what is done, while the caller still waits for it (unless it has been given a file);
	 * maybe by several threads at once. NULL: nobody is. */
	void (*told)(void *user, const struct notify_request *r, const struct notify_done *done);
	void *user;
};

/* Starts them, with the calling thread's signal mask. 0 or -errno, and no thread is left then. */
NODISCARD int notify_pool_start(const struct notify_pool_options *options,
				struct notify_pool **out);
/* Stops the listener (notify_stop()) and waits for their end. */
void notify_pool_end(struct notify_pool *pool);

#endif
