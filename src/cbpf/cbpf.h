/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF as seccomp runs it: what the instructions are, whether the kernel takes a program,
 * what it returns.
 *
 * A program in memory is always in the host's byte order. The byte order that it is *meant for*
 * matters twice: in a raw file, and in which offset of struct seccomp_data holds the low word of an
 * argument. Functions that care take it as an enum cbpf_order.
 */
#ifndef STRAIT_CBPF_CBPF_H
#define STRAIT_CBPF_CBPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

enum cbpf_order { CBPF_LITTLE_ENDIAN, CBPF_BIG_ENDIAN };

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define CBPF_HOST_ORDER CBPF_BIG_ENDIAN
#else
#define CBPF_HOST_ORDER CBPF_LITTLE_ENDIAN
#endif

struct cbpf_prog {
	struct sock_filter *insns;
	size_t len;
	struct span
		*spans; /* len of them: which policy text each instruction comes from; or NULL */
};

/* ---- struct seccomp_data as sixteen words ---- */

/*
 * The words by meaning, free of byte order: nr, arch, then low and high of ip and of each argument.
 * The rules, the compiler and the interpreter name words this way; only a load's offset knows the
 * byte order.
 */
enum cbpf_word {
	CBPF_NR,
	CBPF_ARCH,
	CBPF_IP_LOW,
	CBPF_IP_HIGH,
	CBPF_ARG0_LOW, /* then ARG0_HIGH, ARG1_LOW, ... */
	CBPF_ARG0_HIGH,
	CBPF_WORDS = 16,
};

#define CBPF_ARG_LOW(n)	 (CBPF_ARG0_LOW + 2 * (n))
#define CBPF_ARG_HIGH(n) (CBPF_ARG0_HIGH + 2 * (n))

/* The offset of a word in struct seccomp_data: linux/seccomp.h; a 64-bit field's halves swap on
 * big-endian. */
static inline uint32_t cbpf_word_offset(unsigned word, enum cbpf_order order)
{
	return 4 * (word >= CBPF_IP_LOW && order == CBPF_BIG_ENDIAN ? word ^ 1 : word);
}

/* The word at an offset that the verifier accepts. */
static inline unsigned cbpf_offset_word(uint32_t offset, enum cbpf_order order)
{
	unsigned word = offset / 4;

	return word >= CBPF_IP_LOW && order == CBPF_BIG_ENDIAN ? word ^ 1 : word;
}

/* The value of a word of DATA, a struct in the host's order. */
uint32_t cbpf_data_word(const struct seccomp_data *data, unsigned word);
/* Sets it. */
void cbpf_data_set_word(struct seccomp_data *data, unsigned word, uint32_t value);

/* ---- the opcode table ---- */

enum cbpf_operand {
	CBPF_OPERAND_NONE,
	CBPF_OPERAND_DATA,
	CBPF_OPERAND_LEN,
	CBPF_OPERAND_IMM,
	CBPF_OPERAND_MEM,
	CBPF_OPERAND_SHIFT,
	CBPF_OPERAND_DIVISOR,
	CBPF_OPERAND_X,
	CBPF_OPERAND_JUMP,
	CBPF_OPERAND_COND_K,
	CBPF_OPERAND_COND_X,
};

enum cbpf_effect { CBPF_EFFECT_NOTHING, CBPF_EFFECT_A, CBPF_EFFECT_X, CBPF_EFFECT_M };

struct cbpf_op {
	uint16_t code;
	const char *mnemonic;
	enum cbpf_operand operand;
	enum cbpf_effect effect;
};

/* The row of an opcode, matched as a whole u16, or NULL where seccomp has no such instruction. */
const struct cbpf_op *cbpf_op_by_code(uint16_t code);
/* The i-th row, NULL past the last. */
const struct cbpf_op *cbpf_op_at(size_t i);

/* ---- verify.c: would the kernel accept it ---- */

enum cbpf_reason {
	CBPF_OK,
	CBPF_EMPTY,	     /* no instruction at all */
	CBPF_TOO_LONG,	     /* more than BPF_MAXINSNS */
	CBPF_UNKNOWN_OPCODE, /* no classic BPF instruction */
	CBPF_NOT_IN_SECCOMP, /* a classic BPF instruction that seccomp refuses */
	CBPF_LOAD_RANGE,     /* past the end of struct seccomp_data */
	CBPF_LOAD_ALIGN,     /* not a whole word */
	CBPF_DIVISOR_ZERO,
	CBPF_SHIFT_RANGE, /* by 32 or more */
	CBPF_MEM_RANGE,	  /* scratch memory has 16 words */
	CBPF_MEM_UNSET, /* reads scratch memory that a path leaves unwritten, by the kernel's linear
			   pass */
	CBPF_JUMP_RANGE, /* a target past the end */
	CBPF_NO_RETURN,	 /* the last instruction is not a return */
};

/*
 * Decides as the kernel does for seccomp(2), errors in its order. PC is set to the instruction at
 * fault. Everything but CBPF_OK is EINVAL to the kernel.
 */
NODISCARD enum cbpf_reason cbpf_verify(const struct sock_filter *insns, size_t len, size_t *pc);
/* A sentence, with the numbers of the instruction at fault. */
void cbpf_verify_explain(const struct sock_filter *insns, size_t len, enum cbpf_reason reason,
			 size_t pc, struct buf *out);
/*
 * How long the program is once converted to eBPF, which is what the limit on a chain of filters
 * counts: kernel/seccomp.c, seccomp_attach_filter(), MAX_INSNS_PER_PATH. The program must verify.
 */
size_t cbpf_converted_len(const struct sock_filter *insns, size_t len);
#define CBPF_CHAIN_LIMIT    32768 /* converted instructions in all filters of a chain ... */
#define CBPF_CHAIN_OVERHEAD 4	  /* ... each older filter counted with four more */

/* ---- interp.c: what it returns ---- */

struct cbpf_run {
	uint32_t ret;
	uint32_t executed; /* instructions, the return included */
	uint32_t last;	   /* the instruction that returned */
};

/* Called before each instruction is executed. */
typedef void cbpf_tracer(void *user, size_t pc, uint32_t a, uint32_t x);

/* Runs a program that verifies, exactly as the kernel of that byte order does. TRACER may be NULL.
 */
struct cbpf_run cbpf_interp(const struct sock_filter *insns, size_t len,
			    const struct seccomp_data *data, enum cbpf_order order,
			    cbpf_tracer *tracer, void *user);

/* ---- cache.c: what the kernel finds out once ---- */

struct arch;

/* Has a kernel from 5.11 on a cache of constant allows for calls of that ABI? */
bool cbpf_has_cache(const struct arch *arch);
/*
 * Does the kernel see by number and token alone that a program, which verifies, allows the call, so
 * that it is never run for it? If not, PC is where it gives up, or the return.
 */
bool cbpf_is_const_allow(const struct cbpf_prog *prog, uint32_t nr, uint32_t token, size_t *pc);

/* ---- asm.c, disasm.c ---- */

/*
 * Text to program; errors go to DIAGS with the text's file number, -EINVAL after them; -EFBIG:
 * 2 GiB of text or more. Reads what cbpf_disasm writes, and the spellings of bpfc(8) and of
 * seccomp-tools; where those name a half of a 64-bit field, it is at the host's offset. The program
 * need not verify, and has no spans.
 */
NODISCARD int cbpf_asm(struct arena *arena, struct diags *diags, uint32_t file, struct str text,
		       struct cbpf_prog *prog);

struct cbpf_disasm_options {
	enum cbpf_order order; /* which word a load's offset is, for the comments */
	const struct sources
		*sources; /* with it, each instruction with a span names its policy line */
};

/* One line an instruction; cbpf_asm() gives the same program back, byte for byte. */
void cbpf_disasm(const struct cbpf_prog *prog, const struct cbpf_disasm_options *options,
		 struct buf *out);
/* One instruction, as cbpf_disasm prints it without label and comment, if its jumps stay inside. */
void cbpf_disasm_insn(const struct sock_filter *insn, size_t pc, struct buf *out);
/* "allow", "errno(EPERM)", "trap(3)", "unknown action 0x10000": a filter's return value in words;
 * error numbers are the host's. */
void cbpf_describe_ret(uint32_t ret, struct buf *out);

/* ---- dot.c: a program as a graph, for graphviz ---- */

struct cbpf_dot_options {
	const char *name;
	enum cbpf_order order;
	const struct sources *sources; /* with it, tests name their policy lines as tooltips */
	bool each_test;		       /* a node for each test, none put together */
};

/* The program verifies. 0 or -ENOMEM. The same program gives the same text. */
NODISCARD int cbpf_dot(const struct cbpf_prog *prog, const struct cbpf_dot_options *options,
		       struct buf *out);

/* ---- raw.c: struct sock_filter arrays as bytes ---- */

/* -EINVAL: not a multiple of eight bytes; -E2BIG: more than BPF_MAXINSNS; empty input gives an
 * empty program. */
NODISCARD int cbpf_from_raw(struct arena *arena, const void *bytes, size_t size,
			    enum cbpf_order order, struct cbpf_prog *prog);
void cbpf_to_raw(const struct cbpf_prog *prog, enum cbpf_order order, struct buf *out);

#endif
