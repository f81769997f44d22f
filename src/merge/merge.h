/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stack of filters as one program that decides exactly as the stack does.
 *
 * What the stack means is a diagram (prove/). It is turned back into a graph of word tests, which
 * compile/ lays out like that of a policy; the diagram of the program that comes out of it must be
 * the very same again.
 */
#ifndef STRAIT_MERGE_MERGE_H
#define STRAIT_MERGE_MERGE_H

#include "base/diag.h"
#include "compile/ir.h"
#include "prove/prove.h"

struct merge_filter {
	const struct cbpf_prog *prog; /* it verifies */
	const struct rules *rules;    /* that it was compiled from, or NULL */
};

struct merge_stack {
	const struct merge_filter *filters; /* [0] is the oldest; at least one */
	size_t len;
	enum cbpf_order order;
};

/* A part of the stack that never matters. */
struct merge_part {
	size_t filter;
	/*
	 * A rule that never has its way: whenever it decides in its filter, the stack gives another
	 * answer. File 0: the whole filter. The stack without it, and without all the others of
	 * which this is said, answers the same.
	 */
	struct span span;
};

struct merge_result {
	struct cbpf_prog prog; /* without spans */
	const struct merge_part *parts;
	size_t nparts;
	size_t nodes; /* made on the way */
	/* PROVE_UNDECIDED: the filter and the instruction that were too large; LEN: all together.
	 */
	size_t filter, pc;
	/* PROVE_DIFFERS: a call, and what stack and program answer. */
	struct seccomp_data data;
	uint32_t stack_ret, prog_ret;
};

/*
 * PROVE_EQUAL (0) with a program that is proven to decide as the stack
 * does; PROVE_UNDECIDED: that takes more than BUDGET nodes; PROVE_DIFFERS: it doesn't, which is a
 * bug here; -EINVAL with an error in DIAGS: it would be longer than the kernel takes; -ENOMEM.
 * The program and all else lives in ARENA.
 */
NODISCARD int merge_filters(struct arena *arena, struct diags *diags,
			    const struct merge_stack *stack, size_t budget,
			    struct merge_result *out);

/* ---- graph.c ---- */

/* The graph that decides as FN does; ask ir->status and prove_status() at the end. */
ir_ref merge_graph(struct ir *ir, struct prove_space *space, prove_fn fn);

/* ---- parts.c ---- */

/* MEANINGS are the filters', TOGETHER is the stack's. 0, -ENOMEM or PROVE_UNDECIDED. */
NODISCARD int merge_parts(struct prove_space *space, struct arena *arena,
			  const struct merge_stack *stack, const prove_fn *meanings,
			  prove_fn together, struct merge_result *out);

#endif
