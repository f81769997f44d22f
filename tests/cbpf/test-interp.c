/* SPDX-License-Identifier: BSD-2-Clause */
/* What each instruction does, to the bit. */
#include "cbpf/cbpf.h"

#include "tap.h"

#define MAX_INSNS 8
#define S(code, k)                                                                                 \
	{                                                                                          \
		code, 0, 0, k                                                                      \
	}
#define J(code, k, jt, jf)                                                                         \
	{                                                                                          \
		BPF_JMP | (code), jt, jf, k                                                        \
	}
#define LOAD(k)	   S(BPF_LD | BPF_W | BPF_ABS, k)
#define A_IS(k)	   S(BPF_LD | BPF_IMM, k)
#define X_IS(k)	   S(BPF_LDX | BPF_IMM, k)
#define ALU(op, k) S(BPF_ALU | (op), k)
#define RET(k)	   S(BPF_RET | BPF_K, k)
#define RET_A	   S(BPF_RET | BPF_A, 0)
#define TXA	   S(BPF_MISC | BPF_TXA, 0)
#define TAX	   S(BPF_MISC | BPF_TAX, 0)

/* Every word is another number. */
static const struct seccomp_data data = {
	.nr = -2,
	.arch = 0xc000003e,
	.instruction_pointer = 0x1111111222222222,
	.args = { 0xa0a0a0a0b0b0b0b0, 1, 2, 3, 4, 0x5555555566666666 },
};

static const struct {
	const char *name;
	struct sock_filter insns[MAX_INSNS];
	size_t len;
	uint32_t ret, executed;
} cases[] = {
	{ "a constant returns", { RET(7) }, 1, 7, 1 },
	{ "A starts as 0", { RET_A }, 1, 0, 1 },
	{ "X starts as 0", { A_IS(5), TXA, RET_A }, 3, 0, 3 },
	{ "nr is a negative number's low 32 bits", { LOAD(0), RET_A }, 2, 0xfffffffe, 2 },
	{ "arch is at 4", { LOAD(4), RET_A }, 2, 0xc000003e, 2 },
	{ "the struct has 64 bytes", { S(BPF_LD | BPF_LEN, 9), RET_A }, 2, 64, 2 },
	{ "so it has for X", { S(BPF_LDX | BPF_LEN, 9), TXA, RET_A }, 3, 64, 3 },
	{ "tax copies A", { A_IS(5), TAX, A_IS(1), TXA, RET_A }, 5, 5, 5 },
	{ "st stores A",
	  { A_IS(5), S(BPF_ST, 15), A_IS(1), S(BPF_LD | BPF_MEM, 15), RET_A },
	  5,
	  5,
	  5 },
	{ "stx stores X",
	  { X_IS(5), S(BPF_STX, 0), X_IS(1), S(BPF_LDX | BPF_MEM, 0), TXA, RET_A },
	  6,
	  5,
	  6 },
	{ "scratch words are apart",
	  { A_IS(5), S(BPF_ST, 0), A_IS(6), S(BPF_ST, 1), S(BPF_LD | BPF_MEM, 0), RET_A },
	  6,
	  5,
	  6 },

	{ "addition wraps", { A_IS(0xffffffff), ALU(BPF_ADD, 2), RET_A }, 3, 1, 3 },
	{ "subtraction wraps", { A_IS(1), ALU(BPF_SUB, 2), RET_A }, 3, 0xffffffff, 3 },
	{ "multiplication keeps the low half",
	  { A_IS(0xffffffff), ALU(BPF_MUL, 0xffffffff), RET_A },
	  3,
	  1,
	  3 },
	{ "division is unsigned", { A_IS(0xffffffff), ALU(BPF_DIV, 2), RET_A }, 3, 0x7fffffff, 3 },
	{ "division by X", { A_IS(9), X_IS(4), ALU(BPF_DIV | BPF_X, 0), RET_A }, 4, 2, 4 },
	{ "division by X of 0 ends with 0",
	  { A_IS(9), X_IS(0), ALU(BPF_DIV | BPF_X, 3), RET(7) },
	  4,
	  0,
	  3 },
	{ "and", { A_IS(0xff), ALU(BPF_AND, 0x3c3), RET_A }, 3, 0xc3, 3 },
	{ "or", { A_IS(0xf0), ALU(BPF_OR, 0x0f00), RET_A }, 3, 0xff0, 3 },
	{ "xor with X", { A_IS(6), X_IS(3), ALU(BPF_XOR | BPF_X, 9), RET_A }, 4, 5, 4 },
	{ "left by 31", { A_IS(3), ALU(BPF_LSH, 31), RET_A }, 3, 0x80000000, 3 },
	{ "right is unsigned", { A_IS(0x80000000), ALU(BPF_RSH, 31), RET_A }, 3, 1, 3 },
	{ "a shift by X of 33 shifts by 1",
	  { A_IS(3), X_IS(33), ALU(BPF_LSH | BPF_X, 0), RET_A },
	  4,
	  6,
	  4 },
	{ "a shift by X of 32 shifts by 0",
	  { A_IS(3), X_IS(32), ALU(BPF_RSH | BPF_X, 0), RET_A },
	  4,
	  3,
	  4 },
	{ "neg", { A_IS(1), ALU(BPF_NEG, 0), RET_A }, 3, 0xffffffff, 3 },

	{ "ja skips k", { S(BPF_JMP | BPF_JA, 1), RET(1), RET(2) }, 3, 2, 2 },
	{ "jeq on equal takes jt", { A_IS(5), J(BPF_JEQ, 5, 1, 0), RET(1), RET(2) }, 4, 2, 3 },
	{ "jeq on other takes jf", { A_IS(5), J(BPF_JEQ, 6, 0, 1), RET(1), RET(2) }, 4, 2, 3 },
	{ "jgt on equal takes jf", { A_IS(5), J(BPF_JGT, 5, 1, 0), RET(1), RET(2) }, 4, 1, 3 },
	{ "jge on equal takes jt", { A_IS(5), J(BPF_JGE, 5, 1, 0), RET(1), RET(2) }, 4, 2, 3 },
	{ "jgt compares unsigned",
	  { A_IS(0xffffffff), J(BPF_JGT, 1, 1, 0), RET(1), RET(2) },
	  4,
	  2,
	  3 },
	{ "jge compares unsigned",
	  { A_IS(1), J(BPF_JGE, 0x80000000, 1, 0), RET(1), RET(2) },
	  4,
	  1,
	  3 },
	{ "jset on a common bit takes jt",
	  { A_IS(6), J(BPF_JSET, 2, 1, 0), RET(1), RET(2) },
	  4,
	  2,
	  3 },
	{ "jset on the top bit takes jt",
	  { A_IS(0x80000000), J(BPF_JSET, 0x80000000, 1, 0), RET(1), RET(2) },
	  4,
	  2,
	  3 },
	{ "jset without takes jf", { A_IS(6), J(BPF_JSET, 1, 1, 0), RET(1), RET(2) }, 4, 1, 3 },
	{ "a comparison with X ignores k",
	  { A_IS(5), X_IS(5), J(BPF_JEQ | BPF_X, 9, 1, 0), RET(1), RET(2) },
	  5,
	  2,
	  4 },
};

static void check_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cbpf_run run;
		size_t pc;

		run = cbpf_interp(cases[i].insns, cases[i].len, &data, CBPF_HOST_ORDER, NULL, NULL);
		if (!ok(cbpf_verify(cases[i].insns, cases[i].len, &pc) == CBPF_OK &&
				run.ret == cases[i].ret && run.executed == cases[i].executed,
			"%s", cases[i].name))
			note("0x%x after %u", run.ret, run.executed);
	}
}

static void check_division(void)
{
	const struct sock_filter insns[] = { A_IS(9), ALU(BPF_DIV | BPF_X, 0), RET(7) };

	ok(cbpf_interp(insns, 3, &data, CBPF_HOST_ORDER, NULL, NULL).last == 1,
	   "a division by zero is where the program ends");
}

/* The word at an offset of struct seccomp_data, as kernels of the two byte orders lay it out. */
static const struct {
	uint32_t offset, little, big;
} words[] = {
	{ 0, 0xfffffffe, 0xfffffffe },
	{ 4, 0xc000003e, 0xc000003e },
	{ 8, 0x22222222, 0x11111112 },
	{ 12, 0x11111112, 0x22222222 },
	{ 16, 0xb0b0b0b0, 0xa0a0a0a0 },
	{ 20, 0xa0a0a0a0, 0xb0b0b0b0 },
	{ 24, 1, 0 },
	{ 28, 0, 1 },
	{ 56, 0x66666666, 0x55555555 },
	{ 60, 0x55555555, 0x66666666 },
};

static void check_orders(void)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct sock_filter insns[] = { LOAD(words[i].offset), RET_A };

		ok(cbpf_interp(insns, 2, &data, CBPF_LITTLE_ENDIAN, NULL, NULL).ret ==
			   words[i].little,
		   "little-endian kernels load the word at %u", words[i].offset);
		ok(cbpf_interp(insns, 2, &data, CBPF_BIG_ENDIAN, NULL, NULL).ret == words[i].big,
		   "big-endian kernels load the word at %u", words[i].offset);
	}
}

static void check_words(void)
{
	bool offsets = true, values = true, bytes = true;

	for (unsigned word = 0; word < CBPF_WORDS; word++) {
		struct seccomp_data changed = { 0 };
		uint32_t read;

		for (int order = 0; order < 2; order++)
			offsets &= cbpf_offset_word(cbpf_word_offset(word, order), order) == word;
		cbpf_data_set_word(&changed, word, 0x80000001);
		for (unsigned other = 0; other < CBPF_WORDS; other++)
			values &=
				cbpf_data_word(&changed, other) == (other == word ? 0x80000001 : 0);
		memcpy(&read, (const char *)&changed + cbpf_word_offset(word, CBPF_HOST_ORDER), 4);
		bytes &= read == 0x80000001;
	}
	ok(offsets, "word and offset are each other's inverse");
	ok(values, "setting a word sets this word alone");
	ok(bytes, "the host's order is the struct's own layout");
}

struct trace {
	size_t len;
	size_t pcs[8];
	uint32_t a[8], x[8];
};

static void record(void *user, size_t pc, uint32_t a, uint32_t x)
{
	struct trace *t = user;

	t->pcs[t->len] = pc;
	t->a[t->len] = a;
	t->x[t->len++] = x;
}

static void check_tracer(void)
{
	const struct sock_filter insns[] = { A_IS(5), TAX, S(BPF_JMP | BPF_JA, 1), RET(1), RET(2) };
	struct trace t = { 0 };
	struct cbpf_run run = cbpf_interp(insns, 5, &data, CBPF_HOST_ORDER, record, &t);

	ok(run.last == 4 && t.len == run.executed && t.len == 4,
	   "the tracer sees each instruction");
	ok(t.pcs[2] == 2 && t.pcs[3] == 4, "it sees which one runs");
	ok(t.a[0] == 0 && t.a[1] == 5 && t.x[1] == 0 && t.x[2] == 5,
	   "it sees the registers before it runs");
}

int main(void)
{
	check_cases();
	check_division();
	check_orders();
	check_words();
	check_tracer();
	return done();
}
