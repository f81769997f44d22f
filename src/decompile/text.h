/* SPDX-License-Identifier: BSD-2-Clause */
/* A plan as policy text: calls with equal rules together, rules that ABIs share once. */
#ifndef STRAIT_DECOMPILE_TEXT_H
#define STRAIT_DECOMPILE_TEXT_H

#include "decompile/plan.h"

enum text_sharing {
	TEXT_SHARED,
	/* Each ABI's rules by themselves: for filters where a name or a constant of a shared rule
	 * is missing on one of them. */
	TEXT_APART,
};

/* 0 with a policy's text, one statement a line; DECOMPILE_REFUSED with a sentence in WHY; -ENOMEM;
 * PROVE_UNDECIDED. */
NODISCARD int text_write(struct logic *l, const struct plan *plan, enum text_sharing sharing,
			 struct buf *out, struct buf *why);

#endif
