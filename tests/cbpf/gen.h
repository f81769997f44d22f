/* SPDX-License-Identifier: BSD-2-Clause */
/* Random programs from a seed: any bytes at all, or ones that the verifier takes. */
#ifndef STRAIT_TESTS_CBPF_GEN_H
#define STRAIT_TESTS_CBPF_GEN_H

#include <string.h>

#include "cbpf/cbpf.h"

#define GEN_MEMORY 2 /* words of scratch memory that gen_valid() writes first, and then reads */

/* Sebastiano Vigna's splitmix64: any seed is good. */
__attribute__((unused)) static uint64_t gen_u64(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below LIMIT. */
__attribute__((unused)) static uint32_t gen_below(uint64_t *seed, uint32_t limit)
{
	return (uint32_t)((gen_u64(seed) >> 32) * limit >> 32);
}

/* Numbers at which things change, and some others. */
__attribute__((unused)) static uint32_t gen_number(uint64_t *seed)
{
	static const uint32_t edges[] = {
		0,	    1,		2,	    31,		32,	    63,		64,
		4095,	    4096,	0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xc000003e,
		0x7fff0000, 0x00050001, 0xfffff000, 0xfffffffe, 0xffffffff,
	};
	uint32_t pick = gen_below(seed, 2 * ARRAY_LEN(edges));

	return pick < ARRAY_LEN(edges) ? edges[pick] : (uint32_t)gen_u64(seed);
}

__attribute__((unused)) static uint16_t gen_code(uint64_t *seed)
{
	size_t rows = 0;

	while (cbpf_op_at(rows))
		rows++;
	return cbpf_op_at(gen_below(seed, (uint32_t)rows))->code;
}

/* Mostly known opcodes, with all fields set at random. */
__attribute__((unused)) static void gen_garbage(uint64_t *seed, struct sock_filter *insns,
						size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t kind = gen_below(seed, 8);

		insns[i].code = kind ? gen_code(seed) : (uint16_t)gen_u64(seed);
		insns[i].jt = kind & 1 ? (uint8_t)gen_below(seed, 4) : (uint8_t)gen_u64(seed);
		insns[i].jf = kind & 2 ? (uint8_t)gen_below(seed, 4) : 0;
		insns[i].k = kind & 4 ? gen_below(seed, 20) : gen_number(seed);
	}
}

/* The operand of INSN, LEFT instructions before the last. */
__attribute__((unused)) static void gen_operand(uint64_t *seed, struct sock_filter *insn,
						uint32_t left)
{
	uint32_t near = left > 256 ? 256 : left;

	switch (cbpf_op_by_code(insn->code)->operand) {
	case CBPF_OPERAND_DATA:
		insn->k = 4 * gen_below(seed, CBPF_WORDS);
		break;
	case CBPF_OPERAND_MEM:
		insn->k = gen_below(seed, GEN_MEMORY);
		break;
	case CBPF_OPERAND_SHIFT:
		insn->k = gen_below(seed, 32);
		break;
	case CBPF_OPERAND_DIVISOR:
		insn->k = gen_number(seed) | 1;
		break;
	case CBPF_OPERAND_JUMP:
		insn->k = gen_below(seed, left);
		break;
	case CBPF_OPERAND_COND_K:
	case CBPF_OPERAND_COND_X:
		insn->jt = (uint8_t)gen_below(seed, near);
		insn->jf = (uint8_t)gen_below(seed, near);
		insn->k = gen_number(seed);
		break;
	default:
		insn->k = gen_number(seed);
	}
}

/* LEN is above GEN_MEMORY. */
__attribute__((unused)) static void gen_valid(uint64_t *seed, struct sock_filter *insns, size_t len)
{
	memset(insns, 0, len * sizeof(*insns));
	for (size_t i = 0; i < len; i++) {
		if (i < GEN_MEMORY) {
			insns[i] = (struct sock_filter)BPF_STMT(BPF_ST, (uint32_t)i);
		} else if (i == len - 1) {
			insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, gen_number(seed));
		} else {
			insns[i].code = gen_code(seed);
			gen_operand(seed, &insns[i], (uint32_t)(len - i - 1));
		}
	}
}

__attribute__((unused)) static void gen_data(uint64_t *seed, struct seccomp_data *data)
{
	for (unsigned word = 0; word < CBPF_WORDS; word++)
		cbpf_data_set_word(data, word, gen_number(seed));
}

#endif
