/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the assembler: what its three files share. asm-read.c reads tokens, asm-stmt.c the
 * statements of seccomp-tools, asm.c the instructions of bpfc(8), the labels and the whole.
 *
 * A function that returns bool has added a diagnostic when it returns false.
 */
#ifndef STRAIT_CBPF_ASM_H
#define STRAIT_CBPF_ASM_H

#include "base/map.h"
#include "cbpf/cbpf.h"

/* Where a jump goes: the label of that name, or the next instruction. */
struct asm_target {
	struct str label; /* ptr NULL: the next instruction */
};

struct asm_line {
	struct sock_filter insn;
	struct asm_target yes, no; /* of a conditional jump; a `ja` has only yes */
	bool jumps;		   /* the targets count; else insn has its jt, jf, k already */
};

struct asm_label {
	struct str name;
	size_t line;
};

struct asm_reader {
	struct arena *arena;
	struct diags *diags;
	uint32_t file;
	struct str text;
	size_t pos, end; /* the rest of the current line */
	struct str tok;	 /* the current token, empty at the line's end */
	struct asm_line *lines;
	size_t nlines, lines_cap;
	struct map labels; /* to struct asm_label */
	bool no_memory;
};

/* ---- asm-read.c ---- */

/* Reads the next token of the line. */
void cbpf_asm_next(struct asm_reader *r);
struct span cbpf_asm_span(const struct asm_reader *r, struct str part);
bool cbpf_asm_is_word(const struct asm_reader *r);
bool cbpf_asm_at_number(const struct asm_reader *r);
/* Takes the token if it is TEXT; no diagnostic. */
bool cbpf_asm_accept(struct asm_reader *r, const char *text);
bool cbpf_asm_expect(struct asm_reader *r, const char *text);
/* A number up to MAX; with a sign, two's complement of 32 bits. */
bool cbpf_asm_number(struct asm_reader *r, uint32_t max, uint32_t *value);
/* "[" number "]" */
bool cbpf_asm_index(struct asm_reader *r, uint32_t max, uint32_t *value);
bool cbpf_asm_target(struct asm_reader *r, struct asm_target *target);

/* ---- asm-stmt.c ---- */

/* Whether the current token begins a statement of seccomp-tools. */
bool cbpf_asm_is_statement(const struct asm_reader *r);
bool cbpf_asm_statement(struct asm_reader *r, struct asm_line *line);

#endif
