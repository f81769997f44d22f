/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program costs the calls of an ABI, in executed instructions. Which calls there are to
 * count is asked of the program's meaning (prove/): one for each way in which it can answer a
 * number. How many instructions each takes is counted by executing it.
 */
#ifndef STRAIT_COST_COST_H
#define STRAIT_COST_COST_H

#include "arch/arch.h"
#include "compile/compile.h"
#include "prove/prove.h"

enum cost_class {
	COST_PLAIN,   /* executed, whatever the arguments are */
	COST_TESTED,  /* executed with these arguments, with others not */
	COST_REFUSED, /* the same numbers, with arguments with which they aren't */
	COST_DENIED,  /* never executed: stopped, or left to a tracer or supervisor */
	COST_CLASSES,
};

/* One call. */
struct cost_case {
	enum cost_class class;
	uint32_t executed; /* instructions, the return included */
	uint32_t ret;
	bool is_cached; /* Linux 5.11 and later don't run the program for it */
	struct seccomp_data data;
};

struct cost_sum {
	size_t numbers, cases;
	size_t cached;	/* of the numbers */
	size_t longest; /* the index of a case that takes most instructions */
	double average; /* of all cases alike; -1: there are none */
	/* By how often each number is called; where the cache answers, nothing is executed. -1:
	 * none is called. */
	double weighted, weighted_cached;
};

struct cost {
	struct cost_case *cases; /* by number */
	size_t len, room;
	struct cost_sum sums[COST_CLASSES + 1]; /* by class, then of all */
	bool is_cut;				/* some number has more ways than were looked at */
};

struct cost_question {
	const struct cbpf_prog *prog; /* verifies */
	const struct arch *arch;
	const struct compile_count *counts; /* ncounts of them; none: mix.def */
	size_t ncounts;
	size_t budget; /* of the proof, in nodes */
};

/* 0; -ENOMEM; PROVE_UNDECIDED with the instruction whose effect is too large in *PC. */
NODISCARD int cost_count(struct arena *arena, const struct cost_question *question,
			 struct cost *out, size_t *pc);

/* ---- ways.c ---- */

struct cost_ways {
	struct arena *arena;
	struct prove_space *space;
	struct cost *cost;
	const struct cost_question *question;
};

/* Adds a case for each way in which FN, which is left of the meaning for the number, ends. 0 or
 * -ENOMEM. */
NODISCARD int cost_add_ways(const struct cost_ways *ways, prove_fn fn, uint32_t nr);

#endif
