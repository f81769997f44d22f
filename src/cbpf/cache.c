/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which numbers a filter allows so plainly that the kernel sees it: kernel/seccomp.c,
 * seccomp_is_const_allow(), which is asked once when a filter is attached.
 */
#include "cbpf/cbpf.h"

#include "arch/arch.h"

/* The ABIs whose kernel has SECCOMP_ARCH_NATIVE, and those that are its SECCOMP_ARCH_COMPAT:
 * asm/seccomp.h of each. */
#define HAS_CACHE                                                                                  \
	(1u << ARCH_X86_64 | 1u << ARCH_I386 | 1u << ARCH_AARCH64 | 1u << ARCH_ARM |               \
	 1u << ARCH_RISCV64 | 1u << ARCH_PPC64 | 1u << ARCH_PPC | 1u << ARCH_PARISC64 |            \
	 1u << ARCH_PARISC | 1u << ARCH_S390X | 1u << ARCH_S390)

bool cbpf_has_cache(const struct arch *arch)
{
	return HAS_CACHE & 1u << arch->column;
}

static bool is_taken(const struct sock_filter *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGE:
		return a >= insn->k;
	case BPF_JGT:
		return a > insn->k;
	default:
		return a & insn->k;
	}
}

/* One step of the kernel's walk; false where it gives up. */
static bool step(const struct sock_filter *insn, uint32_t nr, uint32_t token, uint32_t *a,
		 size_t *pc)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (insn->k > 4)
			return false;
		*a = insn->k == 0 ? nr : token;
		break;
	case BPF_JMP | BPF_JA:
		*pc += insn->k;
		break;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
		*pc += is_taken(insn, *a) ? insn->jt : insn->jf;
		break;
	case BPF_ALU | BPF_AND | BPF_K:
		*a &= insn->k;
		break;
	default:
		return false;
	}
	++*pc;
	return true;
}

bool cbpf_is_const_allow(const struct cbpf_prog *prog, uint32_t nr, uint32_t token, size_t *pc)
{
	uint32_t a = 0;

	*pc = 0;
	while (step(&prog->insns[*pc], nr, token, &a, pc))
		;
	return prog->insns[*pc].code == (BPF_RET | BPF_K) &&
	       prog->insns[*pc].k == SECCOMP_RET_ALLOW;
}
