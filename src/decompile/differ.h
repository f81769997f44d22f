/* SPDX-License-Identifier: BSD-2-Clause */
/* Where two meanings differ: per ABI and call, calls with the same difference together. */
#ifndef STRAIT_DECOMPILE_DIFFER_H
#define STRAIT_DECOMPILE_DIFFER_H

#include "decompile/decompile.h"

/* How an answer of A's relates to B's. */
enum differ_kind {
	DIFFER_ONLY_A, /* only A lets the call happen */
	DIFFER_ONLY_B,
	DIFFER_ANSWER, /* both do or neither does, in different ways; or one leaves it to others */
	DIFFER_WIDTH,  /* one tests bits that the other ignores, and that is all */
};

struct difference {
	enum differ_kind kind;
	const char **archs; /* names of the ABIs; none: of all that neither filter knows */
	size_t narchs, archs_room;
	const char **calls; /* names, or syscall(N) */
	size_t ncalls, calls_room;
	bool is_rest; /* every call that no other difference of these ABIs names */
	/* When; NULL: always. "?" where no condition is short enough to read. DIFFER_WIDTH: the
	 * arguments, "family, type". */
	const char *cond;
	uint32_t a_ret, b_ret;
	const char *a_action, *b_action; /* as cbpf_describe_ret() says them */
	bool is_also;		  /* DIFFER_ONLY_*: the other lets the call happen otherwise */
	struct seccomp_data data; /* one such call ... */
	const char *call;	  /* ... as `strait eval` reads it; NULL: no process can make it */
};

struct differences {
	struct difference *list;
	size_t len, room;
};

struct differ_options {
	enum cbpf_order order;
	const struct arch *native; /* the ABI of those who read calls */
	bool only_looser;	   /* only where A lets more happen than B */
};

/* 0 with the differences of A and B, allocated in the space's arena; none if they are equal (or A
 * is nowhere looser). DECOMPILE_UNDECIDED; -ENOMEM. */
NODISCARD int differ(struct prove_space *space, prove_fn a, prove_fn b,
		     const struct differ_options *options, struct differences *out);

/* One call that is known to be answered differently, told in the same way. 0 or -ENOMEM. */
NODISCARD int differ_one(struct prove_space *space, const struct seccomp_data *data, uint32_t a_ret,
			 uint32_t b_ret, const struct differ_options *options,
			 struct differences *out);

#endif
