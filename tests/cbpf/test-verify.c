/* SPDX-License-Identifier: BSD-2-Clause */
/* Every rule of the kernel's checker, just inside and just outside. */
#include "cbpf/cbpf.h"

#include "tap.h"

#define MAX_INSNS 8
/* In a table's braces each is one struct sock_filter. */
#define S(code, k)                                                                                 \
	{                                                                                          \
		code, 0, 0, k                                                                      \
	}
#define J(code, k, jt, jf)                                                                         \
	{                                                                                          \
		BPF_JMP | (code), jt, jf, k                                                        \
	}
#define LOAD(k)	       S(BPF_LD | BPF_W | BPF_ABS, k)
#define RET(k)	       S(BPF_RET | BPF_K, k)
#define RET_A	       S(BPF_RET | BPF_A, 0)
#define JEQ(k, jt, jf) J(BPF_JEQ | BPF_K, k, jt, jf)
#define JA(k)	       J(BPF_JA, k, 0, 0)

static const struct {
	const char *name;
	struct sock_filter insns[MAX_INSNS];
	size_t len;
	enum cbpf_reason reason;
	size_t pc;
} cases[] = {
	{ "no instruction", { { 0 } }, 0, CBPF_EMPTY, 0 },
	{ "a lone return of a constant", { RET(0) }, 1, CBPF_OK, 0 },
	{ "a lone return of A", { RET_A }, 1, CBPF_OK, 0 },
	{ "a return of X is no instruction", { S(BPF_RET | BPF_X, 0) }, 1, CBPF_UNKNOWN_OPCODE, 0 },

	{ "unused fields are ignored", { { BPF_RET | BPF_A, 7, 9, 77 } }, 1, CBPF_OK, 0 },
	{ "a high byte in the opcode counts", { S(0x106, 0) }, 1, CBPF_UNKNOWN_OPCODE, 0 },
	{ "NEG with the X bit isn't NEG", { S(0x8c, 0), RET(0) }, 2, CBPF_UNKNOWN_OPCODE, 0 },
	{ "NEG is", { S(0x84, 0), RET(0) }, 2, CBPF_OK, 0 },
	{ "LDX ABS isn't", { S(BPF_LDX | BPF_ABS, 0), RET(0) }, 2, CBPF_UNKNOWN_OPCODE, 0 },
	{ "LDX IMM is", { S(BPF_LDX | BPF_IMM, 9), RET(0) }, 2, CBPF_OK, 0 },
	{ "LD LEN is, with any k", { S(BPF_LD | BPF_LEN, 9), RET(0) }, 2, CBPF_OK, 0 },

	{ "the last word loads", { LOAD(60), RET(0) }, 2, CBPF_OK, 0 },
	{ "past the struct doesn't", { LOAD(64), RET(0) }, 2, CBPF_LOAD_RANGE, 0 },
	{ "an odd offset doesn't", { LOAD(2), RET(0) }, 2, CBPF_LOAD_ALIGN, 0 },
	{ "past the end comes before odd", { LOAD(65), RET(0) }, 2, CBPF_LOAD_RANGE, 0 },
	{ "socket extensions don't", { LOAD(0xfffff000), RET(0) }, 2, CBPF_LOAD_RANGE, 0 },
	{ "half words are not for seccomp",
	  { S(BPF_LD | BPF_H | BPF_ABS, 0), RET(0) },
	  2,
	  CBPF_NOT_IN_SECCOMP,
	  0 },
	{ "bytes aren't", { S(BPF_LD | BPF_B | BPF_ABS, 0), RET(0) }, 2, CBPF_NOT_IN_SECCOMP, 0 },
	{ "indirect loads aren't",
	  { S(BPF_LD | BPF_W | BPF_IND, 0), RET(0) },
	  2,
	  CBPF_NOT_IN_SECCOMP,
	  0 },
	{ "MSH isn't", { S(BPF_LDX | BPF_B | BPF_MSH, 0), RET(0) }, 2, CBPF_NOT_IN_SECCOMP, 0 },
	{ "MOD isn't", { S(BPF_ALU | BPF_MOD | BPF_K, 1), RET(0) }, 2, CBPF_NOT_IN_SECCOMP, 0 },
	{ "MOD by 0 fails earlier",
	  { S(BPF_ALU | BPF_MOD | BPF_K, 0), RET(0) },
	  2,
	  CBPF_DIVISOR_ZERO,
	  0 },

	{ "division by 1", { S(BPF_ALU | BPF_DIV | BPF_K, 1), RET(0) }, 2, CBPF_OK, 0 },
	{ "division by 0", { S(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0) }, 2, CBPF_DIVISOR_ZERO, 0 },
	{ "division by X", { S(BPF_ALU | BPF_DIV | BPF_X, 0), RET(0) }, 2, CBPF_OK, 0 },
	{ "left by 31", { S(BPF_ALU | BPF_LSH | BPF_K, 31), RET(0) }, 2, CBPF_OK, 0 },
	{ "left by 32", { S(BPF_ALU | BPF_LSH | BPF_K, 32), RET(0) }, 2, CBPF_SHIFT_RANGE, 0 },
	{ "right by 31", { S(BPF_ALU | BPF_RSH | BPF_K, 31), RET(0) }, 2, CBPF_OK, 0 },
	{ "right by 32", { S(BPF_ALU | BPF_RSH | BPF_K, 32), RET(0) }, 2, CBPF_SHIFT_RANGE, 0 },
	{ "a shift by X has no limit",
	  { S(BPF_ALU | BPF_RSH | BPF_X, 99), RET(0) },
	  2,
	  CBPF_OK,
	  0 },

	{ "M[15]", { S(BPF_ST, 15), RET(0) }, 2, CBPF_OK, 0 },
	{ "M[16]", { S(BPF_ST, 16), RET(0) }, 2, CBPF_MEM_RANGE, 0 },
	{ "X into M[16]", { S(BPF_STX, 16), RET(0) }, 2, CBPF_MEM_RANGE, 0 },
	{ "M[16] into A", { S(BPF_LD | BPF_MEM, 16), RET(0) }, 2, CBPF_MEM_RANGE, 0 },
	{ "M[16] into X", { S(BPF_LDX | BPF_MEM, 16), RET(0) }, 2, CBPF_MEM_RANGE, 0 },

	{ "an unwritten word", { S(BPF_LD | BPF_MEM, 3), RET(0) }, 2, CBPF_MEM_UNSET, 0 },
	{ "a written one", { S(BPF_STX, 3), S(BPF_LD | BPF_MEM, 3), RET(0) }, 3, CBPF_OK, 0 },
	{ "another one than the written",
	  { S(BPF_ST, 3), S(BPF_LDX | BPF_MEM, 4), RET(0) },
	  3,
	  CBPF_MEM_UNSET,
	  1 },
	{ "written on one of two paths",
	  { JEQ(1, 0, 1), S(BPF_ST, 0), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  4,
	  CBPF_MEM_UNSET,
	  2 },
	{ "written on both paths",
	  { JEQ(1, 0, 2), S(BPF_ST, 0), JA(1), S(BPF_STX, 0), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  6,
	  CBPF_OK,
	  0 },
	{ "a return hands its mask to what follows, so a safe program is refused",
	  { JEQ(1, 0, 2), S(BPF_ST, 0), JA(1), RET(0), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  6,
	  CBPF_MEM_UNSET,
	  4 },
	{ "unwritten in dead code behind a return",
	  { RET(0), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  3,
	  CBPF_MEM_UNSET,
	  1 },
	{ "unwritten in dead code behind a jump",
	  { JA(1), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  3,
	  CBPF_OK,
	  0 },
	{ "memory comes after the opcodes",
	  { S(BPF_LD | BPF_MEM, 0), S(0xff, 0), RET(0) },
	  3,
	  CBPF_UNKNOWN_OPCODE,
	  1 },
	{ "memory comes before the offsets",
	  { LOAD(64), S(BPF_LD | BPF_MEM, 0), RET(0) },
	  3,
	  CBPF_MEM_UNSET,
	  1 },

	{ "a jump to the last instruction", { JA(1), RET(1), RET(0) }, 3, CBPF_OK, 0 },
	{ "a jump past it", { JA(2), RET(1), RET(0) }, 3, CBPF_JUMP_RANGE, 0 },
	{ "a jump back by wrapping", { RET(1), JA(UINT32_MAX), RET(0) }, 3, CBPF_JUMP_RANGE, 1 },
	{ "a jump as the last instruction", { RET(0), JA(0) }, 2, CBPF_JUMP_RANGE, 1 },
	{ "jt and jf to the last instruction", { JEQ(0, 1, 1), RET(1), RET(0) }, 3, CBPF_OK, 0 },
	{ "jt past it", { JEQ(0, 2, 0), RET(1), RET(0) }, 3, CBPF_JUMP_RANGE, 0 },
	{ "jf past it", { JEQ(0, 0, 2), RET(1), RET(0) }, 3, CBPF_JUMP_RANGE, 0 },
	{ "with X, jf past it",
	  { J(BPF_JSET | BPF_X, 0, 0, 2), RET(1), RET(0) },
	  3,
	  CBPF_JUMP_RANGE,
	  0 },

	{ "a load at the end", { RET(0), LOAD(0) }, 2, CBPF_NO_RETURN, 1 },
	{ "dead code is allowed", { RET(0), LOAD(0), RET(1) }, 3, CBPF_OK, 0 },
	{ "the end comes before memory",
	  { S(BPF_LD | BPF_MEM, 0), LOAD(0) },
	  2,
	  CBPF_NO_RETURN,
	  1 },
};

static void check_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t pc = 99;
		enum cbpf_reason reason = cbpf_verify(cases[i].insns, cases[i].len, &pc);

		if (!ok(reason == cases[i].reason && (reason == CBPF_OK || pc == cases[i].pc), "%s",
			cases[i].name))
			note("reason %d at %zu", reason, pc);
	}
}

static void check_length(void)
{
	static struct sock_filter insns[BPF_MAXINSNS + 1];
	size_t pc;

	for (size_t i = 0; i < ARRAY_LEN(insns); i++)
		insns[i] = (struct sock_filter)RET(0);
	ok(cbpf_verify(insns, BPF_MAXINSNS, &pc) == CBPF_OK, "4096 instructions pass");
	ok(cbpf_verify(insns, BPF_MAXINSNS + 1, &pc) == CBPF_TOO_LONG, "4097 don't");
	insns[0] = (struct sock_filter)JA(BPF_MAXINSNS - 2);
	ok(cbpf_verify(insns, BPF_MAXINSNS, &pc) == CBPF_OK, "a jump over 4094 passes");
}

/* Each opcode there is: the table's are taken, the socket's refused, the rest unknown. */
static void check_opcodes(void)
{
	unsigned taken = 0, refused = 0, unknown = 0;
	size_t rows = 0;

	while (cbpf_op_at(rows))
		rows++;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		const struct sock_filter insns[] = { S(BPF_ST, 1), S((uint16_t)code, 1), RET(0),
						     RET(0), RET(0) };
		size_t pc;

		switch (cbpf_verify(insns, ARRAY_LEN(insns), &pc)) {
		case CBPF_OK:
			taken++;
			break;
		case CBPF_LOAD_ALIGN: /* LD ABS at 1 */
			taken++;
			break;
		case CBPF_NOT_IN_SECCOMP:
			refused++;
			break;
		case CBPF_UNKNOWN_OPCODE:
			unknown++;
			break;
		default:
			note("code 0x%x", code);
		}
	}
	ok(taken == rows && taken == 41, "seccomp takes 41 opcodes, all in the table");
	ok(refused == 8, "it refuses 8 that sockets may use");
	ok(taken + refused + unknown == UINT16_MAX + 1, "nothing else is known");
}

static void check_explanations(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF out = { 0 };

		cbpf_verify_explain(cases[i].insns, cases[i].len, cases[i].reason, cases[i].pc,
				    &out);
		if (!out.size)
			ok(false, "\"%s\" is explained", cases[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF out = { 0 };

		if (cases[i].reason != CBPF_JUMP_RANGE || cases[i].pc != 1)
			continue;
		cbpf_verify_explain(cases[i].insns, cases[i].len, cases[i].reason, cases[i].pc,
				    &out);
		ok(strstr(out.data, "instruction 1 ") && strstr(out.data, "k 0x"),
		   "an explanation has the instruction's numbers: %s", out.data);
	}
}

static const struct {
	const char *name;
	struct sock_filter insns[MAX_INSNS];
	size_t len, converted;
} lengths[] = {
	{ "a return of a constant is two", { RET(0) }, 1, 5 },
	{ "a return of A is one", { RET_A }, 1, 4 },
	{ "a load is one", { LOAD(0), RET_A }, 2, 5 },
	{ "a division by X is five", { S(BPF_ALU | BPF_DIV | BPF_X, 0), RET_A }, 2, 9 },
	{ "a division by a constant is one", { S(BPF_ALU | BPF_DIV | BPF_K, 2), RET_A }, 2, 5 },
	{ "a jump that falls through on false is one", { JEQ(1, 1, 0), RET_A, RET_A }, 3, 6 },
	{ "one that falls through on true is inverted", { JEQ(1, 0, 1), RET_A, RET_A }, 3, 6 },
	{ "JSET can't be inverted", { J(BPF_JSET | BPF_K, 1, 0, 1), RET_A, RET_A }, 3, 7 },
	{ "two targets are two", { JEQ(1, 1, 2), RET_A, RET_A, RET_A }, 4, 8 },
	{ "a constant with the top bit set is one more",
	  { JEQ(0x80000000, 1, 0), RET_A, RET_A },
	  3,
	  7 },
	{ "just below isn't", { JEQ(0x7fffffff, 1, 0), RET_A, RET_A }, 3, 6 },
	{ "a comparison with X has no constant",
	  { J(BPF_JGT | BPF_X, 0x80000000, 1, 0), RET_A, RET_A },
	  3,
	  6 },
	{ "a ja is one", { JA(0), RET_A }, 2, 5 },
};

static void check_converted(void)
{
	size_t one;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t len = cbpf_converted_len(lengths[i].insns, lengths[i].len);

		if (!ok(len == lengths[i].converted, "converted: %s", lengths[i].name))
			note("%zu", len);
	}
	/* Seen on Linux 6.18: `ret allow` can be installed 3641 times, and not once more. */
	one = cbpf_converted_len(lengths[0].insns, 1);
	ok(one + 3640 * (one + CBPF_CHAIN_OVERHEAD) <= CBPF_CHAIN_LIMIT &&
		   one + 3641 * (one + CBPF_CHAIN_OVERHEAD) > CBPF_CHAIN_LIMIT,
	   "a chain takes 3641 filters of one return");
}

int main(void)
{
	check_cases();
	check_length();
	check_opcodes();
	check_explanations();
	check_converted();
	return done();
}
