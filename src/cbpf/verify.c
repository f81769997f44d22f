/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would the kernel accept it? The passes stand in the kernel's order: net/core/filter.c,
 * bpf_check_classic() with check_load_and_stores(), then kernel/seccomp.c, seccomp_check_filter().
 * The first objection is the one reported.
 */
#include "cbpf/cbpf.h"

#include <assert.h>

/* What classic BPF has and seccomp refuses; bpf_check_classic()'s chk_code_allowed(). */
static const uint16_t refused_codes[] = {
	BPF_ALU | BPF_MOD | BPF_K, BPF_ALU | BPF_MOD | BPF_X, BPF_LD | BPF_H | BPF_ABS,
	BPF_LD | BPF_B | BPF_ABS,  BPF_LD | BPF_W | BPF_IND,  BPF_LD | BPF_H | BPF_IND,
	BPF_LD | BPF_B | BPF_IND,  BPF_LDX | BPF_B | BPF_MSH,
};

static bool is_refused(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(refused_codes); i++)
		if (refused_codes[i] == code)
			return true;
	return false;
}

static bool is_return(uint16_t code)
{
	return code == (BPF_RET | BPF_K) || code == (BPF_RET | BPF_A);
}

static enum cbpf_reason check_operand(const struct sock_filter *insn, size_t pc, size_t len)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (!op) {
		if (insn->code == (BPF_ALU | BPF_MOD | BPF_K) && insn->k == 0)
			return CBPF_DIVISOR_ZERO;
		return is_refused(insn->code) ? CBPF_OK : CBPF_UNKNOWN_OPCODE;
	}
	switch (op->operand) {
	case CBPF_OPERAND_DIVISOR:
		return insn->k ? CBPF_OK : CBPF_DIVISOR_ZERO;
	case CBPF_OPERAND_SHIFT:
		return insn->k < 32 ? CBPF_OK : CBPF_SHIFT_RANGE;
	case CBPF_OPERAND_MEM:
		return insn->k < BPF_MEMWORDS ? CBPF_OK : CBPF_MEM_RANGE;
	case CBPF_OPERAND_JUMP:
		/* Unsigned, so a jump that would wrap around is out of range too. */
		return insn->k < len - pc - 1 ? CBPF_OK : CBPF_JUMP_RANGE;
	case CBPF_OPERAND_COND_K:
	case CBPF_OPERAND_COND_X:
		return pc + insn->jt + 1 < len && pc + insn->jf + 1 < len ? CBPF_OK
									  : CBPF_JUMP_RANGE;
	default:
		return CBPF_OK;
	}
}

static void merge_mask(uint16_t *mask, uint16_t valid)
{
	*mask &= valid;
}

/*
 * check_load_and_stores(): one pass in text order. A jump hands its mask to the targets and resets
 * the running one to "all written"; a return resets nothing, so what follows it inherits its mask,
 * and safe programs can be refused.
 */
static enum cbpf_reason check_memory(const struct sock_filter *insns, size_t len, size_t *pc)
{
	uint16_t masks[BPF_MAXINSNS];
	uint16_t valid = 0;

	for (size_t i = 0; i < len; i++)
		masks[i] = UINT16_MAX;
	for (size_t i = 0; i < len; i++) {
		const struct sock_filter *insn = &insns[i];
		const struct cbpf_op *op = cbpf_op_by_code(insn->code);
		enum cbpf_operand operand = op ? op->operand : CBPF_OPERAND_NONE;

		valid &= masks[i];
		if (operand == CBPF_OPERAND_MEM && op->effect == CBPF_EFFECT_M) {
			valid |= (uint16_t)(1u << insn->k);
		} else if (operand == CBPF_OPERAND_MEM) {
			if (valid & 1u << insn->k)
				continue;
			*pc = i;
			return CBPF_MEM_UNSET;
		} else if (operand == CBPF_OPERAND_JUMP) {
			merge_mask(&masks[i + 1 + insn->k], valid);
			valid = UINT16_MAX;
		} else if (operand == CBPF_OPERAND_COND_K || operand == CBPF_OPERAND_COND_X) {
			merge_mask(&masks[i + 1 + insn->jt], valid);
			merge_mask(&masks[i + 1 + insn->jf], valid);
			valid = UINT16_MAX;
		}
	}
	return CBPF_OK;
}

static enum cbpf_reason check_seccomp(const struct sock_filter *insn)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (!op)
		return CBPF_NOT_IN_SECCOMP;
	if (op->operand != CBPF_OPERAND_DATA)
		return CBPF_OK;
	if (insn->k >= sizeof(struct seccomp_data))
		return CBPF_LOAD_RANGE;
	return insn->k % 4 ? CBPF_LOAD_ALIGN : CBPF_OK;
}

enum cbpf_reason cbpf_verify(const struct sock_filter *insns, size_t len, size_t *pc)
{
	enum cbpf_reason reason;

	*pc = 0;
	if (len == 0)
		return CBPF_EMPTY;
	if (len > BPF_MAXINSNS)
		return CBPF_TOO_LONG;
	for (*pc = 0; *pc < len; ++*pc) {
		reason = check_operand(&insns[*pc], *pc, len);
		if (reason != CBPF_OK)
			return reason;
	}
	*pc = len - 1;
	if (!is_return(insns[len - 1].code))
		return CBPF_NO_RETURN;
	reason = check_memory(insns, len, pc);
	if (reason != CBPF_OK)
		return reason;
	for (*pc = 0; *pc < len; ++*pc) {
		reason = check_seccomp(&insns[*pc]);
		if (reason != CBPF_OK)
			return reason;
	}
	return CBPF_OK;
}

static const char *const sentences[] = {
	[CBPF_OK] = "the kernel accepts it",
	[CBPF_EMPTY] = "a filter has at least one instruction",
	[CBPF_TOO_LONG] = "a filter has at most 4096 instructions",
	[CBPF_UNKNOWN_OPCODE] = "no classic BPF instruction has this opcode",
	[CBPF_NOT_IN_SECCOMP] = "seccomp refuses this instruction, which socket filters may have",
	[CBPF_LOAD_RANGE] = "a load past the 64 bytes of struct seccomp_data",
	[CBPF_LOAD_ALIGN] = "a load that is not aligned to four bytes",
	[CBPF_DIVISOR_ZERO] = "a division by the constant zero",
	[CBPF_SHIFT_RANGE] = "a shift by the constant 32 or more",
	[CBPF_MEM_RANGE] = "scratch memory has 16 words, M[0] to M[15]",
	[CBPF_MEM_UNSET] =
		"reads scratch memory that isn't written on every path, as the kernel sees it",
	[CBPF_JUMP_RANGE] = "jumps past the last instruction",
	[CBPF_NO_RETURN] = "the last instruction must be `ret #k` or `ret a`",
};

void cbpf_verify_explain(const struct sock_filter *insns, size_t len, enum cbpf_reason reason,
			 size_t pc, struct buf *out)
{
	if (reason == CBPF_OK || reason == CBPF_EMPTY) {
		buf_puts(out, sentences[reason]);
		return;
	}
	if (reason == CBPF_TOO_LONG) {
		buf_printf(out, "%s; this one has %zu", sentences[reason], len);
		return;
	}
	buf_printf(out, "instruction %zu (code 0x%02x, jt %u, jf %u, k 0x%x): %s", pc,
		   insns[pc].code, insns[pc].jt, insns[pc].jf, insns[pc].k, sentences[reason]);
}

/* net/core/filter.c, bpf_convert_filter(): a conditional jump becomes one to three instructions. */
static size_t converted_jump(const struct sock_filter *insn)
{
	unsigned op = BPF_OP(insn->code);
	bool invertible = op == BPF_JEQ || op == BPF_JGT || op == BPF_JGE;
	size_t len = BPF_SRC(insn->code) == BPF_K && insn->k >> 31 ? 1 : 0;

	if (insn->jf == 0)
		return len + 1;
	return len + (insn->jt == 0 && invertible ? 1 : 2);
}

size_t cbpf_converted_len(const struct sock_filter *insns, size_t len)
{
	size_t total = 3; /* the prologue clears A and X and keeps the context */

	for (size_t i = 0; i < len; i++) {
		const struct cbpf_op *op = cbpf_op_by_code(insns[i].code);

		assert(op && "only a program that verifies is converted");
		if (op->operand == CBPF_OPERAND_COND_K || op->operand == CBPF_OPERAND_COND_X)
			total += converted_jump(&insns[i]);
		else if (insns[i].code == (BPF_RET | BPF_K))
			total += 2;
		else if (insns[i].code == (BPF_ALU | BPF_DIV | BPF_X))
			total += 5;
		else
			total += 1;
	}
	return total;
}
