/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs have called: a table that is told of each call and stays small, its text, and the
 * policy that allows it.
 *
 * Of a call's arguments those are kept that a policy would test, judge.c says which. So there is a
 * row for each ABI, number and combination of their values: a variant. If a call has too many, the
 * argument with the most values becomes `any`.
 */
#ifndef STRAIT_RECORD_RECORD_H
#define STRAIT_RECORD_RECORD_H

#include "base/diag.h"
#include "rules/rules.h"

/* Variants of one call; calls; programs that were run. Past the first see above, past the second
 * there is an error, past the third the oldest stay. */
#define RECORD_VARIANTS_MAX 128
#define RECORD_CALLS_MAX    4096
#define RECORD_RUNS_MAX	    100

/* ---- judge.c: which arguments are worth a test, and of what kind ---- */

enum record_judgement {
	RECORD_FREE,   /* none: descriptors, addresses, sizes, and what gives no power */
	RECORD_SET,    /* one of the values that were seen: commands, families, types */
	RECORD_WITHIN, /* no flag that wasn't seen */
};

enum record_judgement record_judge(const struct arch_syscall *call, const struct arch_arg *arg);
/* The calls of the I-th family, NULL past the last: one name a line of the kernel's history, apart
 * by spaces. */
const char *record_family_at(size_t i);

/* ---- table.c ---- */

struct record_variant {
	uint64_t values[ARCH_ARGS_MAX]; /* by the argument's place in the call; 0 if not tested */
	uint64_t count;
	uint64_t serial; /* which of all variants it was, in the order they were seen first */
	bool is_covered; /* the shipped libc allows it */
	bool is_needed;	 /* the policy that was there doesn't allow it */
	struct seccomp_data data; /* one such call; of a recording that was read, with 0 for all
				     that isn't kept */
};

struct record_call {
	uint32_t audit, nr;
	const struct arch *arch;	/* NULL: none has this AUDIT_ARCH */
	const struct arch_syscall *row; /* NULL: the number has no name */
	uint8_t tested;			/* bit i: argument i is kept ... */
	uint8_t any;			/* ... unless it had too many values */
	struct record_variant *variants;
	size_t len, room;
};

struct record {
	struct record_call *calls; /* by AUDIT_ARCH and number */
	size_t len, room;
	uint64_t serial;
	bool is_partial; /* what a policy allowed wasn't looked at */
	char **runs;	 /* "2026-11-25 gcc -c x.c" */
	size_t nruns;
};

void record_init(struct record *r);
void record_deinit(struct record *r);

/* What a recorded call is measured by: rules that it may be allowed by already. */
struct record_measure {
	const struct rules *libc;   /* NULL: is_covered stays as the variant says */
	const struct rules *policy; /* the one that is added to; NULL: libc */
};

/* Counts a call. 0; -ENOMEM; -E2BIG: past RECORD_CALLS_MAX. */
NODISCARD int record_add(struct record *r, const struct record_measure *measure,
			 const struct seccomp_data *data, uint64_t count);
/* The same of a variant whose values are known, in TESTED's places unless ANY. */
NODISCARD int record_add_variant(struct record *r, const struct seccomp_data *key, uint8_t any,
				 const struct record_variant *variant);
/* A program was run. Control bytes become `?`. 0 or -ENOMEM. */
NODISCARD int record_add_run(struct record *r, const char *what);
/* An argument's value out of a call's words, and into them. */
uint64_t record_value(const struct arch_arg *arg, const struct seccomp_data *data);
void record_set_value(const struct arch_arg *arg, uint64_t value, struct seccomp_data *data);
/* Adds to each call that is needed its family, as far as POLICY doesn't allow it. 0 or as
 * record_add(). */
NODISCARD int record_complete(struct record *r, const struct rules *policy);
/* "openat(flags=O_WRONLY|O_CREAT)" */
void record_describe(const struct record_call *call, const struct record_variant *variant,
		     struct buf *out);

/* ---- text.c: a recording as a file ---- */

void record_write(const struct record *r, struct buf *out);
/* Adds what TEXT, a file NAME, says. 0; -EINVAL with errors in DIAGS; -ENOMEM, -E2BIG. */
NODISCARD int record_read(struct record *r, const struct record_measure *measure,
			  struct diags *diags, uint32_t file, struct str text);

/* ---- policy.c ---- */

struct record_policy_options {
	const char *default_action; /* NULL: kill_process */
	const char *version;	    /* of this library */
	struct str base;	    /* the policy to add to; ptr NULL: none, a new one */
	const struct rules *rules;  /* ... and what it means */
	bool counts;		    /* comments say how often */
};

/* How many variants are needed. */
size_t record_needed(const struct record *r);
/*
 * A policy for what was recorded, or BASE with what it lacks. 0; -EINVAL with an error in DIAGS;
 * -ENOMEM. The arena is for what is needed in between.
 */
NODISCARD int record_policy(struct arena *arena, struct diags *diags, const struct record *r,
			    const struct record_policy_options *options, struct buf *out);
/* What a shipped set of rules means for all ABIs of this machine. 0 or -ENOMEM. */
NODISCARD int record_set(struct arena *arena, const char *name, const struct rules **out);
/* Which calls are traced. */
enum record_look {
	RECORD_LOOK_LACKING, /* what no rule decides */
	RECORD_LOOK_FOREIGN, /* of the second ABI and further ones also what a rule allows, to know
				that they are called at all */
	RECORD_LOOK_ALL,
};

/* Rules that a program may be recorded under: RULES with `trace` for what LOOK says. 0; -EINVAL, an
 * error in DIAGS: nothing can be added to RULES; -ENOMEM. */
NODISCARD int record_rules(struct arena *arena, struct diags *diags, const struct rules *rules,
			   enum record_look look, struct rules **out);

#endif
