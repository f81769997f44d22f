/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trying something out in a child, which it may kill, confine or stop, and nobody else. What the
 * child finds it stores to memory that is shared, which no filter forbids.
 */
#ifndef STRAIT_KERNEL_ATTEMPT_H
#define STRAIT_KERNEL_ATTEMPT_H

#include <stdbool.h>

#include "base/macros.h"

#define ATTEMPT_VALUES 32

struct attempt {
	int error;    /* of mmap(2) or fork(2): nothing was tried; 0 */
	bool is_done; /* it came to its end */
	int signal;   /* that killed it, or 0 */
	long values[ATTEMPT_VALUES];
};

/*
 * Runs TRY in a child of one thread, whatever the caller has: async-signal-safe calls only. It has
 * ten seconds and leaves no core file.
 */
struct attempt kernel_attempt(void (*try)(const void *arg, long *values), const void *arg);

#endif
