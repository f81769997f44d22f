/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many more of a filter fit. kernel/seccomp.c, seccomp_attach_filter(): the converted length of
 * the new one, and those of all older ones with four more for each, are 32768 at most; beyond,
 * seccomp(2) is ENOMEM.
 */
#include "lint/context.h"

/* A container's runtime, a service manager, a browser's own: a few filters are usual, and who
 * leaves room for so many has no worry. */
#define ENOUGH 4

void lint_chain(struct lint *l)
{
	const struct cbpf_prog *newest = l->progs ? l->progs[l->len - 1] : l->filters[0].prog;
	size_t cost = cbpf_converted_len(newest->insns, newest->len) + CBPF_CHAIN_OVERHEAD;
	size_t used = 0, room, more;
	struct lint_place place = { .filter = l->len - 1 };

	for (size_t i = 0; i < l->len; i++)
		used += cbpf_converted_len(l->filters[i].prog->insns, l->filters[i].prog->len) +
			CBPF_CHAIN_OVERHEAD;
	/* The newest one's own overhead counts only once there is a newer one. */
	room = CBPF_CHAIN_LIMIT + CBPF_CHAIN_OVERHEAD - used;
	more = room / cost;
	if (l->len == 1 && more + 1 < ENOUGH)
		lint_say(l, &place, DIAG_LINT_CHAIN,
			 "a process can have %zu of these at most: it takes %zu of the kernel's %d "
			 "instructions",
			 more + 1, cost, CBPF_CHAIN_LIMIT);
	else if (l->len > 1 && more == 0)
		lint_say(l, &place, DIAG_LINT_CHAIN,
			 "no more of the last one fits above the others: %zu of the kernel's %d "
			 "instructions are free",
			 room, CBPF_CHAIN_LIMIT);
}
