/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the lints share: the filters' meaning, taken apart by ABI and by number, and the way from a
 * call to the line or instruction that decides it.
 */
#ifndef STRAIT_LINT_CONTEXT_H
#define STRAIT_LINT_CONTEXT_H

#include "lint/lint.h"
#include "prove/space.h"

/* Tokens of architectures that are answered alike. */
struct lint_range {
	uint32_t first, last;
	prove_fn fn; /* what is left of the meaning */
};

/* The meaning for one ABI. */
struct lint_view {
	const struct arch *arch;
	prove_fn fn;	  /* looks at no architecture any more */
	prove_fn beyond;  /* the answer to a number that no kernel has */
	prove_fn unknown; /* the same, or a policy's default where a baseline covers that */
	prove_fn usual;	  /* the most frequent answer that never executes a known call */
	/* What isn't stopped is executed: a deny list. Then all that is stopped is so on purpose.
	 */
	bool is_open;
};

struct lint {
	struct arena *arena;
	const struct lint_filter *filters; /* the oldest first */
	size_t len;
	const struct cbpf_prog **progs;
	enum cbpf_order order;
	const struct arch *native; /* of programs that look at no architecture; or NULL */
	struct prove_space *space;
	prove_fn meaning;
	struct lint_range *tokens; /* AUDIT_ARCH_*, ascending: all 2^32 values */
	size_t ntokens, room;
	struct lint_view *views;
	size_t nviews;
	struct diags *diags; /* of the last finding */
	size_t filter;	     /* ... and the filter that it is in */
	bool is_undecided;
};

struct lint_place {
	size_t filter;
	struct span span;
	bool is_default; /* no rule decides: the default or foreign statement does */
};

/* ---- context.c ---- */

/* 0, -ENOMEM or PROVE_UNDECIDED: then there is no meaning, but there are places. */
NODISCARD int lint_open(struct lint *l);
/* How FN, which looks at no architecture, answers to a number: by the arguments only. */
prove_fn lint_number(struct lint *l, prove_fn fn, uint32_t nr);
/* The view's answer to CALL; false where the ABI doesn't have it. */
bool lint_call(struct lint *l, const struct lint_view *view, const struct arch_syscall *call,
	       uint32_t *nr, prove_fn *fn);
/* 1 where the answer FN executes the call (allow, log), else 0. */
prove_fn lint_executed(struct lint *l, prove_fn fn);
/* Is a policy of the stack for that ABI? */
bool lint_is_listed(const struct lint *l, const struct arch *arch);
/* Is it by more than omission that FN doesn't always execute a call? */
bool lint_is_purpose(struct lint *l, const struct lint_view *view, prove_fn fn);
/* DATA becomes a call with this number for which the condition isn't 0; false: there is none. */
bool lint_witness(const struct lint *l, const struct lint_view *view, uint32_t nr, prove_fn cond,
		  struct seccomp_data *data);

/* ---- place.c ---- */

/* What decides a call: a rule's target, a statement, or the instruction that returns. */
struct lint_place lint_decider(const struct lint *l, const struct seccomp_data *data);
struct lint_place lint_at_instruction(const struct lint *l, size_t filter, size_t pc);
/*
 * Adds a finding; false where it is there already, silenced, or worth nothing because the space has
 * failed. What shipped policies say is shown at the include that the reader has written.
 */
bool lint_say(struct lint *l, const struct lint_place *place, enum diag_code code,
	      const char *format, ...) PRINTF(4, 5);
/* A note for the last finding; PLACE NULL: without a place. */
void lint_note(struct lint *l, const struct lint_place *place, const char *format, ...)
	PRINTF(3, 4);
/* "arch=i386 ioctl(arg1=0x5412)", as strait eval reads it. Lives in the arena. */
const char *lint_call_text(struct lint *l, const struct lint_view *view,
			   const struct seccomp_data *data);
/* "read, write and 7 more" of the LEN names; lives in the arena. */
const char *lint_names(struct lint *l, const char *const *names, size_t len);
/* What NAMES of lint_names() has room for; more only need to be counted. */
#define LINT_NAMES 6

/* ---- the lints, one file each ---- */

void lint_rules(struct lint *l, size_t filter);	  /* L001 to L005 */
void lint_edges(struct lint *l);		  /* L010 to L013 */
void lint_ways(struct lint *l);			  /* L020 to L029, L033 */
void lint_needs(struct lint *l);		  /* L030 to L032 */
void lint_actions(struct lint *l, size_t filter); /* L040 to L044 */
void lint_cache(struct lint *l, size_t filter);	  /* L050 */
void lint_chain(struct lint *l);		  /* L051 */

#endif
