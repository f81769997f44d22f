/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs that verify, calls that come near their constants, and small changes. Values come
 * from few bits and few words, so that paths meet again and comparisons are hit.
 */
#ifndef STRAIT_TESTS_PROVE_GEN_H
#define STRAIT_TESTS_PROVE_GEN_H

#include "cbpf/cbpf.h"

#define GEN_LEN_MAX 24

struct gen {
	uint64_t seed, state;
};

static inline struct gen gen_new(uint64_t seed)
{
	return (struct gen){ seed, seed };
}

/* Vigna's splitmix64. */
static inline uint64_t gen_next(struct gen *g)
{
	uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint32_t gen_below(struct gen *g, uint32_t n)
{
	return (uint32_t)(gen_next(g) % n);
}

/* Small numbers, single bits, masks, and the ends of the range. */
static inline uint32_t gen_value(struct gen *g)
{
	uint32_t r = (uint32_t)gen_next(g);

	switch (gen_below(g, 6)) {
	case 0:
		return r % 8;
	case 1:
		return 1u << r % 32;
	case 2:
		return (1u << r % 32) - 1;
	case 3:
		return -(r % 8);
	case 4:
		return r & 0xf0;
	default:
		return r;
	}
}

/* nr, arch, arg0 and the low half of arg1 (little-endian), mostly. */
static inline uint32_t gen_word(struct gen *g)
{
	static const uint8_t words[] = { 0, 1, 4, 4, 5, 6 };

	return gen_below(g, 20) ? words[gen_below(g, ARRAY_LEN(words))] : gen_below(g, CBPF_WORDS);
}

static inline uint32_t gen_ret(struct gen *g)
{
	static const uint32_t rets[] = { SECCOMP_RET_ALLOW,	   SECCOMP_RET_ERRNO | 1,
					 SECCOMP_RET_ERRNO | 38,   SECCOMP_RET_KILL_PROCESS,
					 SECCOMP_RET_KILL_THREAD,  SECCOMP_RET_LOG,
					 SECCOMP_RET_TRACE | 7,	   SECCOMP_RET_USER_NOTIF,
					 SECCOMP_RET_TRAP | 0xffff };

	return rets[gen_below(g, ARRAY_LEN(rets))];
}

/* Any instruction with an operand that fits it; LEFT instructions follow. */
static inline struct sock_filter gen_insn(struct gen *g, uint32_t left)
{
	const struct cbpf_op *op = NULL;
	struct sock_filter insn = { .k = gen_value(g) };
	size_t ops = 0;

	while (cbpf_op_at(ops))
		ops++;
	/* Tests and loads are what programs are made of; two unknown factors are rarely tractable.
	 */
	do {
		op = cbpf_op_at(gen_below(g, (uint32_t)ops));
		if (gen_below(g, 3) == 0)
			op = cbpf_op_by_code(BPF_LD | BPF_W | BPF_ABS);
		else if (gen_below(g, 3) == 0)
			op = cbpf_op_by_code(BPF_JMP | BPF_JEQ | BPF_K);
	} while (BPF_CLASS(op->code) == BPF_ALU && op->operand == CBPF_OPERAND_X &&
		 gen_below(g, 3));
	insn.code = op->code;
	switch (op->operand) {
	case CBPF_OPERAND_DATA:
		insn.k = 4 * gen_word(g);
		break;
	case CBPF_OPERAND_MEM:
		insn.k = gen_below(g, 3);
		break;
	case CBPF_OPERAND_SHIFT:
		insn.k = gen_below(g, 32);
		break;
	case CBPF_OPERAND_DIVISOR:
		insn.k = 1 + gen_below(g, 12);
		break;
	case CBPF_OPERAND_JUMP:
		insn.k = gen_below(g, left < 3 ? left : 3);
		break;
	case CBPF_OPERAND_COND_K:
	case CBPF_OPERAND_COND_X:
		insn.jt = (uint8_t)gen_below(g, left < 4 ? left : 4);
		insn.jf = (uint8_t)gen_below(g, left < 4 ? left : 4);
		break;
	default:
		break;
	}
	if (BPF_CLASS(op->code) == BPF_RET)
		insn.k = gen_ret(g);
	return insn;
}

/* Fills INSNS with a program that verifies; its length. */
static inline size_t gen_prog(struct gen *g, struct sock_filter insns[GEN_LEN_MAX])
{
	size_t len, pc;

	do {
		len = 6 + gen_below(g, GEN_LEN_MAX - 5);
		for (pc = 0; pc < len - 3; pc++)
			insns[pc] = gen_insn(g, (uint32_t)(len - 1 - pc));
		for (; pc < len; pc++)
			insns[pc] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, gen_ret(g));
	} while (cbpf_verify(insns, len, &pc) != CBPF_OK);
	return len;
}

/* One instruction becomes a little different; the result may not verify. */
static inline void gen_mutate(struct gen *g, struct sock_filter *insns, size_t len)
{
	struct sock_filter *insn = &insns[gen_below(g, (uint32_t)len)];

	switch (gen_below(g, 5)) {
	case 0:
		insn->k += 1;
		break;
	case 1:
		insn->k -= 1;
		break;
	case 2:
		insn->jt ^= (uint8_t)(1 + gen_below(g, 3));
		break;
	case 3:
		insn->jf ^= (uint8_t)(1 + gen_below(g, 3));
		break;
	default:
		*insn = gen_insn(g, (uint32_t)(insns + len - insn));
	}
}

/* A call whose words are near the program's constants. */
static inline struct seccomp_data gen_call(struct gen *g, const struct sock_filter *insns,
					   size_t len)
{
	struct seccomp_data data = { 0 };

	for (unsigned w = 0; w < CBPF_WORDS; w++) {
		uint32_t value = gen_value(g);

		if (gen_below(g, 3))
			value = insns[gen_below(g, (uint32_t)len)].k + gen_below(g, 3) - 1;
		cbpf_data_set_word(&data, w, value);
	}
	return data;
}

#endif
