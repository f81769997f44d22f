/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes and ownership helpers that every folder uses. */
#ifndef STRAIT_BASE_MACROS_H
#define STRAIT_BASE_MACROS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* AddressSanitizer makes system calls where a function that doesn't return is called. */
#define NO_ASAN __attribute__((no_sanitize_address))

#define ARRAY_LEN(a)	    (sizeof(a) / sizeof((a)[0]))
#define NODISCARD	    __attribute__((warn_unused_result))
#define NONNULL		    __attribute__((nonnull))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* AUTO(close_fd) int fd = ...;  runs auto_close_fd(&fd) when the scope is left. */
#define AUTO(free_it) __attribute__((cleanup(auto_##free_it)))

static inline void auto_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void auto_free(void *p)
{
	free(*(void **)p);
}

/* Hands an fd to the caller, so that the scope's AUTO(close_fd) leaves it open. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
