/* SPDX-License-Identifier: BSD-2-Clause */
/* The cheapest tree over a short list of intervals; search.c cuts longer ones up. */
#ifndef STRAIT_COMPILE_TREE_H
#define STRAIT_COMPILE_TREE_H

#include "compile/graph.h"

/* Its time grows with the cube of the list's length, its memory with the square. */
#define TREE_MAX 160

struct tree_order {
	uint8_t word;
	uint32_t mask;
	uint32_t last;	     /* the highest value of the last interval */
	uint64_t insn_price; /* of an instruction, in the unit of weights */
	bool takes_out;	     /* heavy values may be asked for before all others */
};

/* LEN is from 1 to TREE_MAX. */
ir_ref tree_build(struct ir *ir, const struct tree_order *order, const struct interval *v,
		  size_t len);

#endif
