/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exact meaning of a filter, for every struct seccomp_data there is, and what two meanings have
 * to do with each other. No sampling: a yes is a proof.
 *
 * A meaning is a function from the 512 bits of struct seccomp_data to a return value, kept as a
 * reduced ordered decision diagram (Bryant 1986) with return values for leaves: a node asks for one
 * bit, no node asks for nothing, and no two nodes are the same. Such a diagram is canonical, so two
 * functions are equal if and only if they are the same node. The words are asked in the order arch,
 * nr, arguments, ip; each from its highest bit down.
 *
 * Diagrams can be huge (the product of two arguments has no small one), so a space has a budget;
 * past it the answer is "undecided", never a guess.
 */
#ifndef STRAIT_PROVE_PROVE_H
#define STRAIT_PROVE_PROVE_H

#include "cbpf/cbpf.h"
#include "rules/rules.h"

/* A function over seccomp_data; within one space, the same function is the same number. */
typedef uint32_t prove_fn;

/* The same everywhere: 0 and 1. A function with no other values is a condition. */
#define PROVE_FALSE ((prove_fn)0)
#define PROVE_TRUE  ((prove_fn)1)

/* How two filters relate; a documented outcome, not an error. */
enum prove_outcome {
	PROVE_EQUAL,
	PROVE_DIFFERS,
	PROVE_UNDECIDED, /* the budget ran out */
};

/* ---- space.c: where functions live ---- */

/* Nodes. A Docker-sized profile takes 2^13; this takes less than 100 MB and about a second when it
 * is used up. */
#define PROVE_DEFAULT_BUDGET ((size_t)1 << 20)

struct prove_space;

/* What an arena for a space and all that goes with it should be limited to, in bytes. */
size_t prove_bytes(size_t budget);
/* NULL: out of memory. The space lives and dies with the arena. */
NODISCARD struct prove_space *prove_space_new(struct arena *arena, size_t budget);
/*
 * 0, or what went wrong first: -ENOMEM or PROVE_UNDECIDED. After a failure every function that a
 * space returns is meaningless, so ask before using a result.
 */
NODISCARD int prove_status(const struct prove_space *space);
/* The nodes made so far. */
size_t prove_space_nodes(const struct prove_space *space);

/* What FN answers to DATA. */
uint32_t prove_eval(const struct prove_space *space, prove_fn fn, const struct seccomp_data *data);

/* ---- program.c, rules.c: meanings ---- */

/*
 * The meaning of a program that verifies. 0, -ENOMEM, or PROVE_UNDECIDED with PC set to the
 * instruction whose effect is too large. PC may be NULL.
 */
NODISCARD int prove_program(struct prove_space *space, const struct cbpf_prog *prog,
			    enum cbpf_order order, prove_fn *out, size_t *pc);
/* The meaning of rules that validate. 0, -ENOMEM or PROVE_UNDECIDED. */
NODISCARD int prove_rules(struct prove_space *space, const struct rules *rules, prove_fn *out);

/* 1 where the condition holds, else 0; ask prove_status(). */
prove_fn prove_cond(struct prove_space *space, const struct rules_cond *cond);

/* ---- relate.c: functions of functions; ask prove_status() at the end ---- */

/* What the kernel decides where NEWER is attached after OLDER. */
prove_fn prove_stack(struct prove_space *space, prove_fn newer, prove_fn older);
/* 1 where A and B answer differently, else 0. */
prove_fn prove_differs(struct prove_space *space, prove_fn a, prove_fn b);
/*
 * 1 where A lets more happen than B, else 0. allow and log execute the call; trace and user_notif
 * leave it to another process; everything else stops it.
 */
prove_fn prove_looser(struct prove_space *space, prove_fn a, prove_fn b);
/* What FN answers where the bits MASK of WORD are those of VALUE; it doesn't look at them any more.
 */
prove_fn prove_restrict(struct prove_space *space, prove_fn fn, unsigned word, uint32_t mask,
			uint32_t value);
/*
 * DATA becomes a call that A and B answer differently, 0 in what doesn't matter; false if there is
 * none. With PROVE_FALSE for B: a call for which A isn't 0. Takes nothing from the budget.
 */
bool prove_witness(const struct prove_space *space, prove_fn a, prove_fn b,
		   struct seccomp_data *data);

/* One word's values from FIRST to LAST, and what is left of two functions there. */
struct prove_range {
	uint32_t first, last;
	prove_fn a, b;
};

/* Non-zero stops the walk. */
typedef int prove_visitor(void *user, const struct prove_range *range);

/*
 * Splits the values of WORD, ascending, into the fewest ranges on which neither A nor B looks at
 * the word any more. A and B must not look at an earlier word (in the order above); for one
 * function alone, pass it twice. Returns what the visitor returned, or PROVE_UNDECIDED where the
 * ranges are more than the budget.
 */
NODISCARD int prove_ranges(struct prove_space *space, prove_fn a, prove_fn b, unsigned word,
			   prove_visitor *visitor, void *user);

/* ---- compare.c: everything at once ---- */

/* A filter in one of its shapes. */
struct prove_subject {
	const struct rules *rules;     /* or, where NULL: */
	const struct cbpf_prog *progs; /* a stack of programs that verify, the newest first */
	size_t nprogs;		       /* at least one */
};

/*
 * The meaning of a subject. 0, -ENOMEM, or PROVE_UNDECIDED with PROG and PC set to the place of the
 * instruction whose effect is too large.
 */
NODISCARD int prove_meaning(struct prove_space *space, const struct prove_subject *s,
			    enum cbpf_order order, prove_fn *out, size_t *prog, size_t *pc);

enum prove_relation {
	PROVE_SAME,	/* A and B answer the same to every call */
	PROVE_NO_LOOSER /* A lets no more happen than B does */
};

struct prove_result {
	struct seccomp_data data; /* PROVE_DIFFERS: a call for which the relation fails ... */
	uint32_t a_ret, b_ret;	  /* ... and both answers, as executing them gives */
	const struct prove_subject
		*stuck;	 /* PROVE_UNDECIDED: the one that was too large, or NULL: both together */
	size_t prog, pc; /* ... and, if it is a stack, where */
	size_t nodes;	 /* made on the way */
};

/*
 * -ENOMEM, or an enum prove_outcome: PROVE_EQUAL says that the relation holds. A difference is
 * found even where the proof is out of reach, if a bounded search comes across one.
 */
NODISCARD int prove_compare(const struct prove_subject *a, const struct prove_subject *b,
			    enum prove_relation relation, enum cbpf_order order, size_t budget,
			    struct prove_result *result);
/* Whether PROG (subject B) means exactly RULES (subject A). As prove_compare(). */
NODISCARD int prove_compiled(const struct rules *rules, const struct cbpf_prog *prog, size_t budget,
			     struct prove_result *result);

#endif
