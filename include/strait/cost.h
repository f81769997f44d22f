/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a filter costs the calls of a program: how many of its instructions the kernel executes for
 * each, counted one by one by executing them, and for which it executes none.
 *
 * All numbers of an ABI's table are looked at, also those that no call has. Which arguments matter
 * for a number is known from the filter's meaning (the decision diagram with which strait proves
 * it, see <strait/compare.h>): there is one case for each way in which it can come to an answer,
 * with 0 in all that doesn't matter. So a value that an argument is compared with is one case; a
 * range or a mask is a case for each aligned block of values that it is made of, and blocks of up
 * to 16 values are counted value by value.
 */
#ifndef STRAIT_COST_H
#define STRAIT_COST_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include <strait/arch.h>
#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

struct strait_cost;

/* What the filter does with a call: allow and log execute it. */
enum strait_cost_class {
	STRAIT_COST_PLAIN,   /* executed, whatever its arguments are */
	STRAIT_COST_TESTED,  /* executed with these arguments, and with others not */
	STRAIT_COST_REFUSED, /* the same numbers, with arguments with which they aren't */
	STRAIT_COST_DENIED,  /* never executed: stopped, or left to a tracer or a supervisor */
	STRAIT_COST_ALL,     /* all of these; for averages by weight without the refused ones */
};

/* One call. Only the library makes these; fields may be added at the end. */
struct strait_cost_case {
	enum strait_cost_class kind; /* not STRAIT_COST_ALL */
	uint32_t executed;	     /* instructions, the return included */
	uint32_t ret;		     /* what the filter returns: SECCOMP_RET_*, with its data */
	/*
	 * A kernel from 5.11 on never executes this filter for the number: it finds out for itself
	 * that it is always allowed (kernel/seccomp.c, seccomp_is_const_allow()). Where a thread
	 * has more filters, all of them must be such. 0 on ABIs whose kernel has no such cache;
	 * x32's calls have none.
	 */
	int is_cached;
	struct seccomp_data data; /* in this machine's byte order */
};

/* Only the library makes these; fields may be added at the end. */
struct strait_cost_sum {
	size_t numbers; /* of calls that can end like this */
	size_t cases;
	size_t cached;				/* of the numbers */
	uint32_t max;				/* instructions; 0: there is no case */
	const struct strait_cost_case *longest; /* a case with that many; NULL: there is none */
	double average;				/* instructions, of all cases alike; -1: none */
	/* By how often each number is called, the cases of a number alike. The second counts 0
	 * where the kernel's cache answers. -1: none of the numbers is ever called. */
	double weighted, weighted_cached;
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_cost_options). */
struct strait_cost_options {
	size_t size;
	const struct strait_abi *abi; /* whose calls; NULL: the library's own */
	size_t proof_nodes;	      /* 0: STRAIT_PROOF_NODES */
	/* How often each call is made; names that no ABI has don't count. None: as a mix of
	 * programs in common use does. */
	const struct strait_count *counts;
	size_t ncounts;
};

/*
 * Counts. 0 with *OUT, freed by strait_cost_free(); -ENOMEM; -EINVAL with an error in the report:
 * the kernel of that ABI would not accept the filter; F009: its meaning takes more than
 * proof_nodes, with the instruction at fault.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_cost_count(const struct strait_filter *filter,
						     const struct strait_cost_options *options,
						     struct strait_report *report,
						     struct strait_cost **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_cost_free(struct strait_cost *cost);

/* What the cases of a kind come to. */
STRAIT_EXPORT const struct strait_cost_sum *strait_cost_sum(const struct strait_cost *cost,
							    enum strait_cost_class kind);
/* The i-th case, by number; NULL past the last. */
STRAIT_EXPORT const struct strait_cost_case *strait_cost_case_at(const struct strait_cost *cost,
								 size_t i);
/* 1: some number has more ways than are counted (4,096 of a kind, fewer where many numbers have so
 * many); what is said of it is said of those. 0: all are there. */
STRAIT_EXPORT int strait_cost_is_cut(const struct strait_cost *cost);

STRAIT_END

#endif
