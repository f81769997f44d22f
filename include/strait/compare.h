/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How two filters, or two stacks of them, relate: a proof over every struct seccomp_data there is,
 * not a sample, or a call that tells them apart. And one filter for a stack of them.
 *
 * What is compared are the programs, so that filters made of policies, raw programs and assembler
 * text can be mixed. A stack answers as the kernel does (kernel/seccomp.c, seccomp_run_filters()):
 * the strictest action wins with its data bits, the newest filter wins a tie. Two answers are the
 * same if all their 32 bits are.
 */
#ifndef STRAIT_COMPARE_H
#define STRAIT_COMPARE_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

/* Filters as one task has them. None at all allow every call. */
struct strait_stack {
	const struct strait_filter *const *filters; /* [0] is the oldest */
	size_t len;
};

enum strait_relation {
	STRAIT_SAME, /* A and B answer the same to every call */
	/*
	 * A lets no more happen than B does: allow and log execute a call, trace and notify leave
	 * it to another process, everything else stops it.
	 */
	STRAIT_NO_LOOSER,
};

/* What became of the question: a documented outcome, not an error. */
enum strait_proof {
	STRAIT_PROVEN,	  /* the relation holds, for every call */
	STRAIT_DISPROVEN, /* it fails, for a call that is known */
	STRAIT_UNDECIDED, /* the budget ran out, and a bounded search found no such call */
};

/* What was too large to decide. */
enum strait_stuck {
	STRAIT_STUCK_NOWHERE,
	STRAIT_STUCK_A,	       /* one instruction of a filter of A ... */
	STRAIT_STUCK_B,	       /* ... or of B */
	STRAIT_STUCK_TOGETHER, /* each by itself is known, both together are too much */
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_compare_options). */
struct strait_compare_options {
	size_t size;
	size_t proof_nodes; /* 0: STRAIT_PROOF_NODES */
};

/* The caller sets `size` to sizeof(struct strait_comparison); the library fills in the rest. */
struct strait_comparison {
	size_t size;
	enum strait_proof outcome;
	/* STRAIT_DISPROVEN: a call, 0 in what doesn't matter, in this machine's byte order, ... */
	struct seccomp_data call;
	uint32_t a_ret, b_ret; /* ... and both answers, SECCOMP_RET_* with data, confirmed by
				  executing the programs */
	/* STRAIT_UNDECIDED: where; a stack that is too large as a whole has its last filter's. */
	enum strait_stuck stuck;
	size_t filter; /* index in its stack */
	size_t pc;     /* the instruction whose effect is too large */
	size_t nodes;  /* made on the way */
};

/*
 * Does RELATION hold between A and B? 0 with *RESULT, whatever the outcome; an undecided one is
 * also a warning in the report, which names the instruction. -EINVAL with an error in the report:
 * the kernel would not accept one of the filters, or they are for machines of different byte
 * orders; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_compare(const struct strait_stack *a, const struct strait_stack *b,
	       enum strait_relation relation, const struct strait_compare_options *options,
	       struct strait_report *report, struct strait_comparison *result);

/*
 * One filter, called NAME, that answers as the stack does to every call there is: proven, or not
 * made. It has no policy. Often it is shorter than the longest of the stack, and there is one
 * program to run instead of several. The stack itself may have more filters than the kernel takes.
 *
 * The report gets a warning for each part of the stack that never matters: M001 for a filter
 * without which (and without all others of which that is said) the stack answers the same; M002
 * for a rule, with its place: whenever it decides in its filter, others see to it that the stack
 * answers something else.
 *
 * 0; -ENOMEM; -EINVAL, no filter, and an error in the report: the stack is empty, the kernel would
 * not accept one of its filters, or they are for machines of different byte orders; C001: the
 * filter would need more than 4,096 instructions; F009: the proof needs more than proof_nodes, with
 * the instruction at fault; F008: a bug in the library, with a call.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_merge(const char *name, const struct strait_stack *stack,
						const struct strait_compare_options *options,
						struct strait_report *report,
						struct strait_filter **out);

STRAIT_END

#endif
