/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random programs: valid ones, nearly valid ones, and ones that aim at the verifier's edges. A
 * program is a function of a seed and an index, so that a child process makes it again by itself.
 */
#ifndef STRAIT_TESTS_LIVE_GEN_H
#define STRAIT_TESTS_LIVE_GEN_H

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "cbpf/cbpf.h"

/* ---- numbers: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" ---- */

struct rng {
	uint64_t state;
};

__attribute__((unused)) static struct rng rng_at(uint64_t seed, uint64_t index)
{
	return (struct rng){ seed * 0x9e3779b97f4a7c15u + index * 0xd1342543de82ef95u };
}

static uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 .. n-1 */
static uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

static bool rng_chance(struct rng *r, uint32_t percent)
{
	return rng_below(r, 100) < percent;
}

/* ---- values ---- */

/* Values at which an instruction changes its meaning, or that calls have. */
__attribute__((unused)) static uint32_t gen_k(struct rng *r)
{
	static const uint32_t edges[] = {
		0,  1,	2,  3,	4,    5,     7,	    8,		15,	    16,
		17, 31, 32, 33, 60,   61,    63,    64,		65,	    68,
		77, 78, 99, 39, 4095, 4096,  65535, 0x7fffffff, 0x80000000, 0xffffffff,
		62, 18, 59, 96, 255,  256,   0xfff, 0xfffff000, 0xffffff,   0x7fff0000,
		30, 29, 28, 12, 1000, 50000,
	};

	if (rng_chance(r, 70))
		return edges[rng_below(r, ARRAY_LEN(edges))];
	return (uint32_t)rng_next(r) >> rng_below(r, 32);
}

/* A jump's distance around what is left of the program. */
__attribute__((unused)) static uint8_t gen_near(struct rng *r, size_t left)
{
	return (uint8_t)(rng_chance(r, 50) ? left - 1 + rng_below(r, 4) : gen_k(r));
}

/* ---- instructions ---- */

enum {
	GEN_OPS = 0
#define OP(code, mnemonic, operand, effect) +1
#include "cbpf/opcodes.def"
#undef OP
};

static const struct cbpf_op *gen_op(struct rng *r)
{
	return cbpf_op_at(rng_below(r, GEN_OPS));
}

/* Any fields, valid ones or not. LEFT: instructions from this one on, itself included. */
__attribute__((unused)) static struct sock_filter gen_wild(struct rng *r, size_t left)
{
	/* What classic BPF has and seccomp hasn't; ancillary loads and their kin are in the random
	 * ones. */
	static const uint16_t others[] = {
		BPF_ALU | BPF_MOD | BPF_K, BPF_ALU | BPF_MOD | BPF_X, BPF_LD | BPF_H | BPF_ABS,
		BPF_LD | BPF_B | BPF_ABS,  BPF_LD | BPF_W | BPF_IND,  BPF_LD | BPF_B | BPF_IND,
		BPF_LDX | BPF_B | BPF_MSH, BPF_RET | BPF_X,	      BPF_LDX | BPF_W | BPF_ABS,
		BPF_ALU | BPF_NEG | BPF_X, BPF_JMP | BPF_JA | BPF_X,  BPF_ALU | 0xf0,
	};
	uint32_t dice = rng_below(r, 100);
	uint16_t code = dice < 80   ? gen_op(r)->code
			: dice < 90 ? others[rng_below(r, ARRAY_LEN(others))]
				    : (uint16_t)(rng_next(r) >> (rng_chance(r, 50) ? 48 : 56));

	return (struct sock_filter){
		.code = code, .jt = gen_near(r, left), .jf = gen_near(r, left), .k = gen_k(r)
	};
}

/* Valid but for what the pass over scratch memory says. LEFT > 1. */
__attribute__((unused)) static struct sock_filter gen_tame(struct rng *r, size_t left)
{
	const struct cbpf_op *op = gen_op(r);
	uint32_t reach = left - 1 < 256 ? (uint32_t)left - 1 : 256;
	struct sock_filter insn = { .code = op->code,
				    .jt = (uint8_t)rng_next(r),
				    .jf = (uint8_t)rng_next(r),
				    .k = gen_k(r) };

	switch (op->operand) {
	case CBPF_OPERAND_DATA:
		insn.k = 4 * rng_below(r, 16);
		break;
	case CBPF_OPERAND_SHIFT:
		insn.k %= 32;
		break;
	case CBPF_OPERAND_DIVISOR:
		insn.k |= 1;
		break;
	case CBPF_OPERAND_MEM:
		insn.k = rng_chance(r, 80) ? rng_below(r, 3) : rng_below(r, 16);
		break;
	case CBPF_OPERAND_JUMP:
		insn.k = rng_below(r, (uint32_t)left - 1);
		break;
	case CBPF_OPERAND_COND_K:
	case CBPF_OPERAND_COND_X:
		insn.jt = (uint8_t)(rng_chance(r, 40) ? 0 : rng_below(r, reach));
		insn.jf = (uint8_t)(rng_chance(r, 40) ? 0 : rng_below(r, reach));
		break;
	default:
		break;
	}
	return insn;
}

/* Only what the pass over scratch memory looks at: stores, loads, jumps, returns. */
__attribute__((unused)) static struct sock_filter gen_memory(struct rng *r, size_t left)
{
	static const uint16_t codes[] = {
		BPF_ST,
		BPF_STX,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JSET | BPF_X,
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
		BPF_ST,
		BPF_STX,
		BPF_JMP | BPF_JGT | BPF_K,
	};
	uint32_t reach = left - 1 < 256 ? (uint32_t)left - 1 : 256;
	uint16_t code = codes[rng_below(r, ARRAY_LEN(codes))];
	uint32_t cell = rng_chance(r, 95) ? rng_below(r, 2) : 15;

	return (struct sock_filter){
		.code = code,
		.jt = (uint8_t)rng_below(r, reach),
		.jf = (uint8_t)rng_below(r, reach),
		.k = code == (BPF_JMP | BPF_JA) ? rng_below(r, (uint32_t)left - 1) : cell,
	};
}

/* ---- programs ---- */

typedef struct sock_filter gen_insn(struct rng *r, size_t left);

/* LEN >= 1 instructions of which the last returns. */
__attribute__((unused)) static void gen_fill(struct rng *r, struct sock_filter *insns, size_t len,
					     gen_insn *insn)
{
	for (size_t i = 0; i + 1 < len; i++)
		insns[i] = insn(r, len - i);
	insns[len - 1] = (struct sock_filter)BPF_STMT(
		(uint16_t)(rng_chance(r, 50) ? BPF_RET | BPF_K : BPF_RET | BPF_A), gen_k(r));
}

static void gen_mutate(struct rng *r, struct sock_filter *insns, size_t len)
{
	size_t at = rng_below(r, (uint32_t)len);
	struct sock_filter *insn = &insns[at];

	switch (rng_below(r, 6)) {
	case 0:
		insn->k = gen_k(r);
		break;
	case 1:
		insn->k = (uint32_t)(len - at - 2 + rng_below(r, 3));
		break;
	case 2:
		insn->code ^= (uint16_t)(1u << rng_below(r, 16));
		break;
	case 3:
		insn->jt = gen_near(r, len - at);
		break;
	case 4:
		insn->jf = gen_near(r, len - at);
		break;
	default:
		*insn = insns[rng_below(r, (uint32_t)len)];
		break;
	}
}

static size_t gen_len(struct rng *r)
{
	static const uint16_t edges[] = { 1, 2, 3, 256, 257, 258, 4095, 4096, 4097 };

	if (rng_chance(r, 99))
		return 1 + rng_below(r, rng_chance(r, 80) ? 12 : 80);
	return edges[rng_below(r, ARRAY_LEN(edges))];
}

/* Makes a program answer ALLOW to everything, if it verifies: the verifier takes no notice. */
__attribute__((unused)) static void gen_calm(struct sock_filter *insns, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (insns[i].code == (BPF_RET | BPF_A))
			insns[i].code = BPF_RET | BPF_K;
		if (insns[i].code == (BPF_ALU | BPF_DIV | BPF_X))
			insns[i].code = BPF_ALU | BPF_SUB | BPF_X;
		if (insns[i].code == (BPF_RET | BPF_K))
			insns[i].k = SECCOMP_RET_ALLOW;
	}
}

/* It does. */
__attribute__((unused)) static bool gen_is_calm(const struct sock_filter *insns, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (insns[i].code == (BPF_RET | BPF_A) ||
		    insns[i].code == (BPF_ALU | BPF_DIV | BPF_X))
			return false;
		if (insns[i].code == (BPF_RET | BPF_K) && insns[i].k != SECCOMP_RET_ALLOW)
			return false;
	}
	return true;
}

/* A program for the verifier into INSNS, which has room for BPF_MAXINSNS + 1; its length, or 0. */
__attribute__((unused)) static size_t gen_program(struct rng *r, struct sock_filter *insns)
{
	uint32_t dice = rng_below(r, 100);
	size_t len = gen_len(r);

	if (dice < 1)
		return 0;
	if (dice < 25) {
		gen_fill(r, insns, len, gen_memory);
	} else if (dice < 75) {
		gen_fill(r, insns, len, gen_tame);
		for (uint32_t n = rng_below(r, 4); n > 0; n--)
			gen_mutate(r, insns, len);
	} else {
		gen_fill(r, insns, len, gen_wild);
		if (rng_chance(r, 20))
			insns[len - 1] = gen_wild(r, 1);
	}
	if (rng_chance(r, 80))
		gen_calm(insns, len);
	return len;
}

#endif
