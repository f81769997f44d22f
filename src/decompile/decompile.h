/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Meanings (prove/prove.h) to policy text, and the differences of two meanings to sentences about
 * calls.
 *
 * shape.c sorts a meaning by ABI and number; cond.c and set.c make conditions of what is left, one
 * call at a time; text.c chooses default and baseline and writes rules. None of it has to be
 * trusted: the text is read back as a policy, and what that means must be the meaning it was made
 * of, or it isn't given out.
 */
#ifndef STRAIT_DECOMPILE_DECOMPILE_H
#define STRAIT_DECOMPILE_DECOMPILE_H

#include "prove/prove.h"

/* What an arena for a space of so many nodes and all that is tried on the way should be limited to,
 * in bytes. */
size_t decompile_bytes(size_t nodes);

/* What became of it, beside -ENOMEM; documented outcomes, not errors. */
enum decompile_outcome {
	DECOMPILE_DONE,
	DECOMPILE_REFUSED,   /* no policy says this, or none that is short enough to read */
	DECOMPILE_UNDECIDED, /* the budget ran out */
	DECOMPILE_WRONG,     /* a bug: the text means something else */
};

struct decompile_options {
	enum cbpf_order order; /* of the machine that the program is for */
	/* Only calls of this ABI matter, all others are taken to be foreign; or NULL. */
	const struct arch *only;
};

/*
 * Writes a policy that means FN to OUT, in its canonical layout; with anything but DECOMPILE_DONE,
 * a sentence to WHY instead. SPACE's arena takes what is allocated.
 */
NODISCARD int decompile(struct prove_space *space, prove_fn fn,
			const struct decompile_options *options, struct buf *out, struct buf *why);

#endif
