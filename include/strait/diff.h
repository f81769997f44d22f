/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What two filters, or two stacks of them, answer differently: a list, complete and proven, of
 * system calls and the conditions on their arguments, with a call for each that shows it.
 *
 * What is compared are the programs; policies, raw programs and assembler text can be mixed. A
 * stack answers as the kernel does (strait/compare.h). Nothing is sampled: what isn't listed is
 * answered alike.
 */
#ifndef STRAIT_DIFF_H
#define STRAIT_DIFF_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include <strait/arch.h>
#include <strait/compare.h>
#include <strait/export.h>
#include <strait/report.h>

STRAIT_BEGIN

/* How A's answers relate to B's. allow and log let a call happen; nothing else does by itself. */
enum strait_difference_kind {
	STRAIT_ONLY_A,	       /* only A lets the calls happen */
	STRAIT_ONLY_B,	       /* only B does */
	STRAIT_ANSWERS_DIFFER, /* both do or neither does, yet the answers aren't the same */
	STRAIT_WIDTHS_DIFFER,  /* one tests all 64 bits of arguments of which the other, as the
				  kernel, looks at the lower 32; that is all */
};

/* Calls whose answers differ alike. Only the library makes these; fields may be added at the end.
 */
struct strait_difference {
	enum strait_difference_kind kind;
	/* The sentence: "B also allows family == AF_VSOCK; A answers kill_process". */
	const char *text;
	/* Names of the ABIs; none at all: every ABI that neither filter has rules for. */
	const char *const *abis;
	size_t nabis;
	/* Names of the calls, or "syscall(1000)", "syscall(1000..1005)"; none: every call that no
	 * other difference of an ABI names. */
	const char *const *calls;
	size_t ncalls;
	/*
	 * For which arguments, as a condition of the policy language; NULL: for all; "?": for some,
	 * and no condition that is short enough to read says which. STRAIT_WIDTHS_DIFFER: names of
	 * the arguments.
	 */
	const char *cond;
	/* A call that shows it, its answers: SECCOMP_RET_* with data and in words. */
	struct seccomp_data data;
	uint32_t a_ret, b_ret;
	const char *a_action, *b_action;
	/*
	 * The call as strait_call_parse() and `strait eval` read it on ABI; NULL where no process
	 * can make such a call, for a register of its ABI has 32 bits or no ABI has the token.
	 */
	const char *call;
};

/* Made by strait_diff(), freed by strait_diff_free(). */
struct strait_diff {
	enum strait_proof outcome;
	const struct strait_difference *list;
	size_t len;
	/*
	 * 0 where a proof is out of reach and the list is one call that a bounded search found:
	 * there may be any others.
	 */
	int is_complete;
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_diff_options). */
struct strait_diff_options {
	size_t size;
	size_t proof_nodes; /* 0: STRAIT_PROOF_NODES; what is made on the way counts too */
	const struct strait_abi *abi; /* calls of others are written with theirs; NULL: the
					 library's own */
};

/*
 * Where RELATION fails between A and B: STRAIT_SAME lists every difference, STRAIT_NO_LOOSER those
 * where A lets more happen. 0 with *OUT: an outcome of STRAIT_PROVEN has an empty list, an
 * undecided one too and a warning in the report. -EINVAL with an error in the report: the kernel
 * would not accept one of the filters, or they are for machines of different byte orders; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_diff(const struct strait_stack *a, const struct strait_stack *b,
	    enum strait_relation relation, const struct strait_diff_options *options,
	    struct strait_report *report, struct strait_diff **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_diff_free(struct strait_diff *diff);

STRAIT_END

#endif
