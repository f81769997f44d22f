/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names that a condition on one call is written with. Each register is a variable; a test of it
 * is written by the argument's name if it looks at no bit that the kernel ignores, else by arg0 to
 * arg5.
 */
#ifndef STRAIT_DECOMPILE_SCOPE_H
#define STRAIT_DECOMPILE_SCOPE_H

#include "base/map.h"
#include "decompile/logic.h"
#include "decompile/term.h"

/* What stands on the left of a test. */
struct operand {
	const char *name;  /* NULL: there is none */
	uint8_t low, high; /* enum cbpf_word */
	uint8_t bits;
	bool is_signed;
	bool is_pointer;	    /* may be compared with NULL only */
	const struct arch_arg *arg; /* whose constants its values are written with, or NULL */
};

struct variable {
	uint32_t words;		   /* a set; no other variable has any of them */
	struct operand typed, raw; /* raw has all of the words */
	struct arch_arg arg;
};

#define SCOPE_VARIABLES (ARCH_ARGS_MAX + 1) /* ip is the last */

struct scope {
	struct logic *l;
	struct arena *arena;
	const struct arch *arch;
	const struct arch_syscall *call; /* NULL: numbers without a name */
	struct variable vars[SCOPE_VARIABLES];
	size_t len;
	struct map sets;  /* set.c: a set's function -> its term */
	struct map conds; /* cond.c: a pair of functions -> their term */
	size_t work;	  /* terms that may still be tried before the first that is right will do */
};

/* The scope of conditions on CALL that look at no other bits than FN does. */
void scope_init(struct scope *s, struct logic *l, const struct arch *arch,
		const struct arch_syscall *call, prove_fn fn);
const struct variable *scope_var_of_word(const struct scope *s, unsigned word);

/* NULL without memory, which the space then remembers. */
const struct term *scope_constant(struct scope *s, bool value);
struct term *scope_test(struct scope *s, const struct variable *v, prove_fn fn, const char *text);
/* A && B or A || B, simplified where one is a constant. NULL if either is. */
const struct term *scope_join(struct scope *s, enum term_kind kind, const struct term *a,
			      const struct term *b);

/* The place of bit I of an operand's value. */
unsigned operand_word(const struct operand *o, unsigned i);
uint64_t operand_ones(const struct operand *o);
/*
 * A value as a person writes it in the policy language: by the constants of the operand's argument
 * if that names the same number again, else as a number. True if all of it is names. Bits above the
 * operand's must be 0, or for a signed one's negative values all 1.
 */
bool scope_put_value(const struct scope *s, const struct operand *o, uint64_t value,
		     struct buf *out);
/* The same for bits that are tested together, in parentheses where "&" before and "==" behind need
 * them. */
void scope_put_mask(const struct scope *s, const struct operand *o, uint64_t mask, bool is_between,
		    struct buf *out);

/* Whether the bits are a number with names of its own among an argument's flags: O_ACCMODE. */
bool scope_is_field(const struct scope *s, const struct operand *o, uint64_t mask);

#endif
