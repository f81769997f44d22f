/* SPDX-License-Identifier: BSD-2-Clause */
#include "cbpf/known.h"

static void learn(struct cbpf_known *at, const struct cbpf_known *known)
{
	if (!at->reached) {
		*at = *known;
		return;
	}
	if (at->a != known->a || at->mask != known->mask)
		at->a = CBPF_A_UNKNOWN;
	if (at->audit != known->audit)
		at->audit = 0;
	if (at->nr != known->nr)
		at->nr = -1;
}

struct cbpf_known cbpf_known_after(const struct cbpf_known *before, const struct sock_filter *insn,
				   enum cbpf_order order)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);
	struct cbpf_known known = *before;

	if (!op || op->effect != CBPF_EFFECT_A)
		return known;
	if (insn->code == (BPF_ALU | BPF_AND | BPF_K)) {
		known.mask &= insn->k;
		return known;
	}
	known.a = CBPF_A_UNKNOWN;
	known.mask = UINT32_MAX;
	if (op->operand == CBPF_OPERAND_DATA && insn->k < sizeof(struct seccomp_data))
		known.a = cbpf_offset_word(insn->k, order);
	return known;
}

/* Hands what is known at PC to where the instruction goes. */
static void pass_on(struct cbpf_known *all, const struct cbpf_prog *prog, size_t pc,
		    enum cbpf_order order)
{
	const struct sock_filter *insn = &prog->insns[pc];
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);
	struct cbpf_known known = all[pc];

	if (!known.reached || !op || BPF_CLASS(insn->code) == BPF_RET ||
	    !cbpf_jumps_inside(op, insn, pc, prog->len))
		return;
	if (op->operand == CBPF_OPERAND_JUMP) {
		learn(&all[pc + 1 + insn->k], &known);
		return;
	}
	if (cbpf_is_conditional(op)) {
		learn(&all[pc + 1 + insn->jf], &known);
		if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K)) {
			if (cbpf_known_is(&known, CBPF_ARCH))
				known.audit = insn->k;
			else if (cbpf_known_is(&known, CBPF_NR))
				known.nr = insn->k;
		}
		learn(&all[pc + 1 + insn->jt], &known);
		return;
	}
	known = cbpf_known_after(&known, insn, order);
	if (pc + 1 < prog->len)
		learn(&all[pc + 1], &known);
}

struct cbpf_known *cbpf_known(const struct cbpf_prog *prog, enum cbpf_order order)
{
	struct cbpf_known *all = calloc(prog->len + 1, sizeof(*all));

	if (!all)
		return NULL;
	all[0] = (struct cbpf_known){
		.reached = true, .a = CBPF_A_UNKNOWN, .mask = UINT32_MAX, .nr = -1
	};
	for (size_t pc = 0; pc < prog->len; pc++)
		pass_on(all, prog, pc, order);
	return all;
}

bool cbpf_known_is(const struct cbpf_known *known, unsigned word)
{
	return known->reached && known->a == word && known->mask == UINT32_MAX;
}

static const struct arch *arch_of_audit(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)); i++)
		if (arch->audit == audit)
			return arch;
	return NULL;
}

const struct arch *cbpf_known_arch(const struct cbpf_known *known)
{
	return known->audit ? arch_of_audit(known->audit) : NULL;
}

const char *cbpf_known_name(const struct cbpf_known *known, uint32_t number)
{
	const struct arch *arch;
	const struct arch_syscall *call;

	if (cbpf_known_is(known, CBPF_ARCH)) {
		arch = arch_of_audit(number);
		return arch ? arch->name : NULL;
	}
	if (!cbpf_known_is(known, CBPF_NR) || !known->audit)
		return NULL;
	arch = arch_of_call(known->audit, number);
	call = arch ? arch_syscall_by_nr(arch, number) : NULL;
	return call ? call->name : NULL;
}

void cbpf_describe_word(unsigned word, struct buf *out)
{
	static const char *const names[] = { "nr", "arch", "ip low", "ip high" };

	if (word < ARRAY_LEN(names))
		buf_puts(out, names[word]);
	else
		buf_printf(out, "arg%u %s", (word - CBPF_ARG0_LOW) / 2, word & 1 ? "high" : "low");
}
