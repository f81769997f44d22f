/* SPDX-License-Identifier: BSD-2-Clause */
/* A meaning sorted by what a policy is sorted by: ABIs, their numbers, and what each call's
 * arguments decide. */
#ifndef STRAIT_DECOMPILE_SHAPE_H
#define STRAIT_DECOMPILE_SHAPE_H

#include "decompile/decompile.h"
#include "decompile/logic.h"

/* Numbers that are answered alike. */
struct shape_range {
	uint32_t first, last;
	prove_fn fn; /* what arguments and ip decide */
};

struct shape_abi {
	const struct arch *arch;
	struct shape_range *ranges; /* all of the ABI's numbers, ascending */
	size_t len, room;
};

struct shape {
	struct shape_abi *abis; /* those whose calls aren't all answered as foreign ones are */
	size_t len, room;
	uint32_t foreign; /* how all others are answered */
};

/*
 * Sorts FN, the meaning of a program for machines of ORDER. 0; DECOMPILE_REFUSED with a sentence in
 * WHY where no policy is sorted that way; -ENOMEM; PROVE_UNDECIDED.
 */
NODISCARD int shape_find(struct logic *l, prove_fn fn, enum cbpf_order order, struct shape *shape,
			 struct buf *why);

#endif
