/* SPDX-License-Identifier: BSD-2-Clause */
/* The system-call numbers of an ABI: those with a name, and what is between. */
#ifndef STRAIT_DECOMPILE_NUMBERS_H
#define STRAIT_DECOMPILE_NUMBERS_H

#include "arch/arch.h"
#include "base/arena.h"

/* Smaller numbers are as in a table of calls, greater ones are limits. */
#define NUMBERS_DECIMAL 4096

struct numbers_call {
	uint32_t nr;
	const struct arch_syscall *call;
};

struct numbers {
	const struct arch *arch;
	struct numbers_call *calls; /* by number */
	size_t len;
};

/* 0 or -ENOMEM. */
NODISCARD int numbers_init(struct numbers *n, struct arena *arena, const struct arch *arch);

/* A call with a name, or numbers without one that are all past the ABI's table or all not. */
struct numbers_part {
	const struct arch_syscall *call; /* or NULL */
	uint32_t first, last;
};

/* Non-zero stops the walk. */
typedef int numbers_visitor(void *user, const struct numbers_part *part);

/* The parts of FIRST to LAST that are the ABI's, ascending. Returns what the visitor returned. */
NODISCARD int numbers_split(const struct numbers *n, uint32_t first, uint32_t last,
			    numbers_visitor *visitor, void *user);

/* The first and last number of the i-th range that the kernel takes for an ABI's; false past the
 * last. */
bool numbers_range(const struct arch *arch, size_t i, uint32_t *first, uint32_t *last);
/* Whether a baseline speaks of a number without a name. */
bool numbers_are_past_table(const struct arch *arch, uint32_t nr);

/* "syscall(1000)", "syscall(1000..0x3fffffff)" */
void numbers_put(uint32_t first, uint32_t last, struct buf *out);

#endif
