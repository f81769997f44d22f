/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a filter means, free of syntax and of BPF: for each ABI an ordered list of entries; the
 * first that matches a call decides. Everything that reads a policy writes this; everything that
 * judges or emits reads it.
 *
 * Everything here lives in one arena. eval.c is the slow and obvious definition of the meaning.
 */
#ifndef STRAIT_RULES_RULES_H
#define STRAIT_RULES_RULES_H

#include <linux/seccomp.h>

#include "arch/arch.h"
#include "base/arena.h"
#include "base/span.h"
#include "cbpf/cbpf.h"

/*
 * The value under test: 16, 32 or 64 bits put together from one or two words of struct
 * seccomp_data. A 64-bit argument is split over two registers on 32-bit ABIs, so its halves may be
 * the low words of two arguments.
 */
struct rules_operand {
	uint8_t low;	/* enum cbpf_word */
	uint8_t high;	/* enum cbpf_word; only with bits == 64 */
	uint8_t bits;	/* 16, 32 or 64: the low ones; the rest of the words is ignored */
	bool is_signed; /* ordered comparisons are signed, of a value of that many bits */
};

enum rules_cmp { RULES_EQ, RULES_NE, RULES_LT, RULES_LE, RULES_GT, RULES_GE, RULES_IN };

/* Inclusive; as the operand is signed or not. */
struct rules_range {
	int64_t first, last; /* an unsigned 64-bit value is kept with the same bits */
};

/* (operand & mask) cmp value */
struct rules_test {
	struct rules_operand operand;
	uint64_t mask; /* all ones where the policy has none; bits past the operand's are ignored */
	enum rules_cmp cmp;
	uint64_t value;			  /* truncated to the operand's bits; not for RULES_IN */
	const struct rules_range *ranges; /* RULES_IN: in one of these */
	size_t nranges;
};

enum rules_cond_kind { RULES_TEST, RULES_AND, RULES_OR, RULES_NOT, RULES_CONST };

/*
 * How deep a condition may be on its right side. The left side has no limit: chains of `&&` and
 * `||` lean to the left, and everything that walks them goes left in a loop.
 */
#define RULES_DEPTH_MAX 1000

struct rules_cond {
	enum rules_cond_kind kind;
	struct span span;
	union {
		struct rules_test test;
		struct {
			const struct rules_cond *left, *right; /* RULES_NOT: left only */
		};
		bool constant;
	};
};

/*
 * What a supervisor answers to a call that RET sends to it. It is no part of the filter, which has
 * no room for it: the 16 data bits of SECCOMP_RET_USER_NOTIF don't reach the listener. The
 * supervisor evaluates the rules on the request's struct seccomp_data, the very copy that the
 * filter saw, so it finds the entry that decided.
 */
enum rules_answer_kind {
	RULES_ANSWER_RETURN,
	RULES_ANSWER_ERRNO,
	RULES_ANSWER_CONTINUE,
	RULES_ANSWER_OPEN_BENEATH,
	RULES_ANSWER_MAKE_NODE,
};

struct rules_answer {
	enum rules_answer_kind kind;
	int64_t value;		  /* RETURN: not -4095 to -1; ERRNO: 1 to 4095 */
	const char *const *paths; /* OPEN_BENEATH, MAKE_NODE: absolute, at least one */
	size_t npaths;
	struct span span;
};

struct rules_entry {
	uint32_t first, last;	       /* numbers, inclusive, the ABI's base included */
	const struct rules_cond *cond; /* NULL: always */
	uint32_t ret;		       /* SECCOMP_RET_*, with its data */
	struct span span;	       /* the rule's text */
	struct span target; /* the part of it that names these calls; file 0: not known */
	const struct rules_answer *answer; /* NULL: none; with SECCOMP_RET_USER_NOTIF only */
};

struct rules_abi {
	const struct arch *arch;
	struct rules_entry *entries; /* in the policy's order */
	size_t len, room;
};

struct rules {
	struct arena *arena;
	struct rules_abi *abis; /* at least one, all different, one byte order */
	size_t len, room;
	uint32_t otherwise; /* what `default` answers */
	struct span otherwise_span;
	const struct rules_answer *otherwise_answer; /* as an entry's */
	uint32_t foreign;	  /* calls of ABIs that aren't listed, x32's bit included */
	struct span foreign_span; /* file 0 where the policy doesn't say it */
	const struct rules_answer *foreign_answer; /* as an entry's */
};

struct rules *rules_new(struct arena *arena);
/* 0 or -ENOMEM. The ABI must not be there yet. */
NODISCARD int rules_add_abi(struct rules *r, const struct arch *arch);
/* Appends to the list of ABI i. 0 or -ENOMEM. */
NODISCARD int rules_add(struct rules *r, size_t abi, const struct rules_entry *entry);
/* The byte order of the ABIs. */
enum cbpf_order rules_order(const struct rules *r);
/* Whether there is any struct rules_answer. */
bool rules_have_answers(const struct rules *r);
/* The ABI's list that a call belongs to, or NULL: foreign. */
const struct rules_abi *rules_abi_of_call(const struct rules *r, uint32_t audit, uint32_t nr);

/* NULL if all holds that this header says, else which sentence doesn't: for tests, fuzzers and
 * debug builds. */
const char *rules_validate(const struct rules *r);

struct rules_verdict {
	uint32_t ret;
	struct span span; /* of the rule, the default or the foreign statement that decided */
	const struct rules_entry *entry; /* NULL: default or foreign */
	const struct rules_answer *answer;
};

/* The meaning: what the rules answer to a call. */
struct rules_verdict rules_eval(const struct rules *r, const struct seccomp_data *data);
bool rules_eval_cond(const struct rules_cond *cond, const struct seccomp_data *data);

#endif
