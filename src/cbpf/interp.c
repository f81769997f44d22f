/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program returns, exact to the bit. It has no bounds checks of its own: the program
 * verifies, so every jump goes forward and lands inside, and the last instruction returns.
 */
#include "cbpf/cbpf.h"

struct machine {
	uint32_t a, x;
	uint32_t mem[BPF_MEMWORDS];
};

/* False: division by zero, which ends the program with 0 (net/core/filter.c, bpf_convert_filter()).
 */
static bool run_alu(struct machine *m, uint16_t code, uint32_t operand)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		m->a += operand;
		break;
	case BPF_SUB:
		m->a -= operand;
		break;
	case BPF_MUL:
		m->a *= operand;
		break;
	case BPF_DIV:
		if (operand == 0)
			return false;
		m->a /= operand;
		break;
	case BPF_AND:
		m->a &= operand;
		break;
	case BPF_OR:
		m->a |= operand;
		break;
	case BPF_XOR:
		m->a ^= operand;
		break;
	/* By X of 32 and more the machines differ; x86-64, arm64, riscv64 and the kernel's
	 * interpreter take five bits. */
	case BPF_LSH:
		m->a <<= operand & 31;
		break;
	case BPF_RSH:
		m->a >>= operand & 31;
		break;
	case BPF_NEG:
		m->a = -m->a;
		break;
	}
	return true;
}

static bool compares(uint16_t code, uint32_t a, uint32_t operand)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == operand;
	case BPF_JGT:
		return a > operand;
	case BPF_JGE:
		return a >= operand;
	default: /* BPF_JSET: the verifier lets no other through */
		return a & operand;
	}
}

static uint32_t load(const struct machine *m, const struct sock_filter *insn,
		     const struct seccomp_data *data, enum cbpf_order order)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		return cbpf_data_word(data, cbpf_offset_word(insn->k, order));
	case BPF_LEN:
		return sizeof(*data); /* kernel/seccomp.c makes it an immediate */
	case BPF_MEM:
		return m->mem[insn->k];
	default:
		return insn->k;
	}
}

/* Executes one instruction that is no return; the number of instructions to skip, or -1 after a
 * division by zero. */
static int64_t step(struct machine *m, const struct sock_filter *insn,
		    const struct seccomp_data *data, enum cbpf_order order)
{
	uint32_t operand = BPF_SRC(insn->code) == BPF_X ? m->x : insn->k;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		m->a = load(m, insn, data, order);
		return 0;
	case BPF_LDX:
		m->x = load(m, insn, data, order);
		return 0;
	case BPF_ST:
		m->mem[insn->k] = m->a;
		return 0;
	case BPF_STX:
		m->mem[insn->k] = m->x;
		return 0;
	case BPF_ALU:
		return run_alu(m, insn->code, operand) ? 0 : -1;
	case BPF_JMP:
		if (BPF_OP(insn->code) == BPF_JA)
			return insn->k;
		return compares(insn->code, m->a, operand) ? insn->jt : insn->jf;
	default: /* BPF_MISC */
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		return 0;
	}
}

struct cbpf_run cbpf_interp(const struct sock_filter *insns, size_t len,
			    const struct seccomp_data *data, enum cbpf_order order,
			    cbpf_tracer *tracer, void *user)
{
	struct machine m = { 0 };
	struct cbpf_run run = { 0 };

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &insns[pc];
		int64_t skip;

		if (tracer)
			tracer(user, pc, m.a, m.x);
		run.executed++;
		run.last = (uint32_t)pc;
		if (BPF_CLASS(insn->code) == BPF_RET) {
			run.ret = BPF_RVAL(insn->code) == BPF_A ? m.a : insn->k;
			return run;
		}
		skip = step(&m, insn, data, order);
		if (skip < 0)
			break;
		pc += (size_t)skip;
	}
	/* SECCOMP_RET_KILL_THREAD: after a division by zero, or should an unverified program get
	 * here. */
	run.ret = SECCOMP_RET_KILL_THREAD;
	return run;
}
