/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder: instructions in order, jumps to labels. Conditional jumps reach 255 instructions;
 * where a label is further away, the builder puts a `ja` in between. Fails once: after a failure
 * the calls do nothing and prog_finish() returns it. Jumps go forward only, so a label is placed
 * after its uses.
 */
#ifndef STRAIT_CBPF_PROG_H
#define STRAIT_CBPF_PROG_H

#include "cbpf/cbpf.h"

struct prog;

typedef uint32_t prog_label;

/* NULL when memory is out; lives as long as the arena. */
struct prog *prog_new(struct arena *arena, enum cbpf_order order);
/* The span that the following instructions carry. */
void prog_at(struct prog *p, struct span span);
prog_label prog_label_new(struct prog *p);
/* The label stands before the next instruction; once. */
void prog_label_here(struct prog *p, prog_label label);

void prog_load(struct prog *p, unsigned word); /* enum cbpf_word */
/* Any instruction of the table that is not a jump. */
void prog_insn(struct prog *p, uint16_t code, uint32_t k);
/* CODE is BPF_JMP | op | src. */
void prog_jump_if(struct prog *p, uint16_t code, uint32_t k, prog_label yes, prog_label no);
void prog_jump(struct prog *p, prog_label to);
void prog_ret(struct prog *p, uint32_t ret);

/*
 * Resolves labels. 0; -E2BIG past BPF_MAXINSNS (LEN is set all the same, if not NULL); -ENOMEM;
 * -EINVAL: a label was never placed, placed twice or lies behind a jump to it: the caller's bug.
 */
NODISCARD int prog_finish(struct prog *p, struct cbpf_prog *out, size_t *len);

#endif
