/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is certain before each instruction, on every path to it: which word of struct seccomp_data A
 * holds, which AUDIT_ARCH and which number were tested for. Jumps go forward only, so one pass in
 * the program's order finds it. What isn't certain is unknown, never guessed.
 */
#ifndef STRAIT_CBPF_KNOWN_H
#define STRAIT_CBPF_KNOWN_H

#include "arch/arch.h"
#include "cbpf/cbpf.h"

#define CBPF_A_UNKNOWN CBPF_WORDS /* A holds nothing that is a word */

struct cbpf_known {
	bool reached;
	unsigned a;	/* enum cbpf_word or CBPF_A_UNKNOWN */
	uint32_t mask;	/* the bits of that word that A holds */
	uint32_t audit; /* AUDIT_ARCH_* or 0 */
	int64_t nr;	/* -1: unknown */
};

/* One for each instruction, freed with free(3); NULL: no memory. */
NODISCARD struct cbpf_known *cbpf_known(const struct cbpf_prog *prog, enum cbpf_order order);
/* What is known behind an instruction that doesn't jump. */
struct cbpf_known cbpf_known_after(const struct cbpf_known *before, const struct sock_filter *insn,
				   enum cbpf_order order);
/* Does A hold this word, all of it? */
bool cbpf_known_is(const struct cbpf_known *known, unsigned word);
/* The ABI that the token is of, the first of two; NULL where there is none or none is known. */
const struct arch *cbpf_known_arch(const struct cbpf_known *known);
/* The name of a number that A is compared with, where A holds the token or the call's number; or
 * NULL. */
const char *cbpf_known_name(const struct cbpf_known *known, uint32_t number);
/* "nr", "arg2 low" */
void cbpf_describe_word(unsigned word, struct buf *out);

/* In disasm.c. Whether a conditional jump; whether its targets, or a ja's, are in the program. */
bool cbpf_is_conditional(const struct cbpf_op *op);
bool cbpf_jumps_inside(const struct cbpf_op *op, const struct sock_filter *insn, size_t pc,
		       size_t len);
/* As cbpf_describe_ret(); ARCH: whose error numbers, NULL: only those that all have have names. */
void cbpf_describe_ret_of(const struct arch *arch, uint32_t ret, struct buf *out);

#endif
