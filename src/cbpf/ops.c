/* SPDX-License-Identifier: BSD-2-Clause */
/* The opcode table, and struct seccomp_data as words. */
#include "cbpf/cbpf.h"

static const struct cbpf_op ops[] = {
#define OP(code, mnemonic, operand, effect)                                                        \
	{ code, mnemonic, CBPF_OPERAND_##operand, CBPF_EFFECT_##effect },
#include "cbpf/opcodes.def"
#undef OP
};

const struct cbpf_op *cbpf_op_at(size_t i)
{
	return i < ARRAY_LEN(ops) ? &ops[i] : NULL;
}

const struct cbpf_op *cbpf_op_by_code(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (ops[i].code == code)
			return &ops[i];
	return NULL;
}

uint32_t cbpf_data_word(const struct seccomp_data *data, unsigned word)
{
	uint64_t field;

	if (word == CBPF_NR)
		return (uint32_t)data->nr;
	if (word == CBPF_ARCH)
		return data->arch;
	field = word < CBPF_ARG0_LOW ? data->instruction_pointer
				     : data->args[(word - CBPF_ARG0_LOW) / 2];
	return (uint32_t)(word & 1 ? field >> 32 : field);
}

void cbpf_data_set_word(struct seccomp_data *data, unsigned word, uint32_t value)
{
	__u64 *field;

	if (word == CBPF_NR) {
		data->nr = (int)value;
		return;
	}
	if (word == CBPF_ARCH) {
		data->arch = value;
		return;
	}
	field = word < CBPF_ARG0_LOW ? &data->instruction_pointer
				     : &data->args[(word - CBPF_ARG0_LOW) / 2];
	if (word & 1)
		*field = (*field & UINT32_MAX) | (uint64_t)value << 32;
	else
		*field = (*field & ~(uint64_t)UINT32_MAX) | value;
}
