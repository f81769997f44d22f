/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decision graph: leaves that return and nodes that test one word of struct seccomp_data.
 *
 * Nodes are hash-consed: equal ones are the same, so that "the same decision" is "the same
 * number", common tails are shared, and a test with equal branches never exists. They are never
 * changed; a pass makes new ones. A node is made after its branches, so ascending numbers visit
 * branches first and descending ones visit whoever jumps here first.
 *
 * The graph fails once: when memory or the budget is out, everything returns IR_FAILED, and
 * whoever started it looks at `status` at the end.
 */
#ifndef STRAIT_COMPILE_IR_H
#define STRAIT_COMPILE_IR_H

#include "base/arena.h"
#include "base/span.h"
#include "cbpf/cbpf.h"
#include "compile/compile.h"

typedef uint32_t ir_ref;

/* A real leaf that kills, so that even a caller who forgets to look at `status` fails closed. */
#define IR_FAILED 0

/* The only comparisons: > k is >= k + 1, and the others are these with exchanged branches. */
enum ir_op { IR_RET, IR_EQ, IR_GE, IR_SET };

struct ir_node {
	uint8_t op;	  /* enum ir_op */
	uint8_t word;	  /* enum cbpf_word */
	uint32_t mask;	  /* word & mask is compared with k; all ones for IR_SET */
	uint32_t k;	  /* IR_SET: the bits; IR_RET: what is returned */
	ir_ref yes, no;	  /* IR_RET: neither */
	struct span span; /* the rule's text; file 0: none, or several share the node */
};

#define IR_WHOLE UINT32_MAX /* the mask of a test that has none */

struct ir {
	struct arena *arena;
	const struct compile_options *options;
	struct ir_node *nodes;
	size_t len, room;
	ir_ref *table; /* open addressing by node; IR_FAILED is in no slot, so 0 is free */
	size_t slots;  /* a power of two */
	size_t work;   /* steps taken so far; adversarial rules end at IR_WORK_MAX */
	int status;    /* 0, -ENOMEM or -E2BIG */
};

/* About half a second: a thousand times what the largest policies in use take. */
#define IR_WORK_MAX ((size_t)1 << 25)
/* Each node that is reached takes an instruction, and the kernel takes 4,096 of those. */
#define IR_NODES_MAX ((size_t)1 << 18)

/* The sum of the weights in a list of intervals, about. */
#define IR_WEIGHT_ALL ((uint64_t)1 << 24)

void ir_init(struct ir *ir, struct arena *arena, const struct compile_options *options);
/* Accounts for STEPS; false once the graph has failed. */
bool ir_charge(struct ir *ir, size_t steps);
ir_ref ir_leaf(struct ir *ir, uint32_t ret, struct span span);
/* The node that tests as N does: N itself, an equivalent one, or a branch where that is decided. */
ir_ref ir_test(struct ir *ir, struct ir_node n);
/* One flag a node: can ROOT reach it? NULL: failed. */
bool *ir_reachable(struct ir *ir, ir_ref root);

/* NULL if all holds that this header says, else which sentence doesn't. */
const char *ir_validate(const struct ir *ir, ir_ref root);

static inline bool ir_is_leaf(const struct ir *ir, ir_ref r)
{
	return ir->nodes[r].op == IR_RET;
}

#endif
