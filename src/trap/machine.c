/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One section a machine says which of the context's registers a call uses (arch/.../asm/syscall.h,
 * syscall_get_arguments()), and how to load all of them and jump. Where the jump needs a register
 * for its target, that one is lost: it is one that the program can't miss before the call, and
 * hardly after it.
 */
#include "trap/machine.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>

/* Which of the machine's registers hold the arguments of a call by an ABI. */
struct call_regs {
	uint32_t arch;
	uint8_t args[6];
};

#define JUMP(registers, target) __attribute__((noreturn)) static void jump(registers, target)

#if defined(__x86_64__)

/*
 * A 64-bit program can make all three ABIs' calls: x32's by bit 30 of the number, i386's by int
 * $0x80, and that takes its arguments from other registers. Both instructions have two bytes.
 */
static const struct call_regs calls_regs[] = {
	{ AUDIT_ARCH_X86_64, { REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 } },
	{ AUDIT_ARCH_I386, { REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP } },
};
#define FIRST(c)  (c)->uc_mcontext.gregs
#define RESULT	  REG_RAX
#define PC_OF(c)  (c)->uc_mcontext.gregs[REG_RIP]
#define INSN_SIZE 2

_Static_assert(REG_R8 == 0 && REG_RDI == 8 && REG_RSP == 15, "jump()'s offsets");

/* r11 is overwritten by the instruction `syscall` itself. */
JUMP(const greg_t *from, uint64_t to)
{
	__asm__ volatile("mov %1, %%r11\n\t"
			 "mov 0(%%rax), %%r8\n\t"
			 "mov 8(%%rax), %%r9\n\t"
			 "mov 16(%%rax), %%r10\n\t"
			 "mov 32(%%rax), %%r12\n\t"
			 "mov 40(%%rax), %%r13\n\t"
			 "mov 48(%%rax), %%r14\n\t"
			 "mov 56(%%rax), %%r15\n\t"
			 "mov 64(%%rax), %%rdi\n\t"
			 "mov 72(%%rax), %%rsi\n\t"
			 "mov 80(%%rax), %%rbp\n\t"
			 "mov 88(%%rax), %%rbx\n\t"
			 "mov 96(%%rax), %%rdx\n\t"
			 "mov 112(%%rax), %%rcx\n\t"
			 "mov 120(%%rax), %%rsp\n\t"
			 "mov 104(%%rax), %%rax\n\t"
			 "jmp *%%r11"
			 :
			 : "a"(from), "D"(to)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__i386__)

static const struct call_regs calls_regs[] = {
	{ AUDIT_ARCH_I386, { REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP } },
};
#define FIRST(c)  (c)->uc_mcontext.gregs
#define RESULT	  REG_EAX
#define PC_OF(c)  (c)->uc_mcontext.gregs[REG_EIP]
/* Also where the vdso entered by sysenter: what stands before the address that it returns to is an
 * int $0x80, arch/x86/entry/vdso/vdso32/system_call.S. */
#define INSN_SIZE 2

_Static_assert(REG_EDI == 4 && REG_EAX == 11, "jump()'s offsets");

/* A call needs all registers, so the target waits below the stack, where this ABI keeps nothing. */
JUMP(const greg_t *from, uint32_t to)
{
	__asm__ volatile("mov 28(%%eax), %%esp\n\t"
			 "mov %1, -4(%%esp)\n\t"
			 "mov 16(%%eax), %%edi\n\t"
			 "mov 20(%%eax), %%esi\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov 32(%%eax), %%ebx\n\t"
			 "mov 36(%%eax), %%edx\n\t"
			 "mov 40(%%eax), %%ecx\n\t"
			 "mov 44(%%eax), %%eax\n\t"
			 "jmp *-4(%%esp)"
			 :
			 : "a"(from), "d"(to)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__aarch64__)

static const struct call_regs calls_regs[] = { { AUDIT_ARCH_AARCH64, { 0, 1, 2, 3, 4, 5 } } };
#define FIRST(c)  (c)->uc_mcontext.regs
#define RESULT	  0
#define PC_OF(c)  (c)->uc_mcontext.pc
#define INSN_SIZE 4

_Static_assert(offsetof(mcontext_t, sp) - offsetof(mcontext_t, regs) == 248, "jump()'s offsets");

/* x17 belongs to the linker's veneers. `ret`, not `br`: no landing pad (BTI) is asked of its
 * target. */
JUMP(const unsigned long long *from, uint64_t to)
{
	register const void *x0 __asm__("x0") = from;
	register uint64_t x17 __asm__("x17") = to;

	__asm__ volatile("ldr x1, [x0, 248]\n\t"
			 "mov sp, x1\n\t"
			 "ldr x30, [x0, 240]\n\t"
			 "ldp x28, x29, [x0, 224]\n\t"
			 "ldp x26, x27, [x0, 208]\n\t"
			 "ldp x24, x25, [x0, 192]\n\t"
			 "ldp x22, x23, [x0, 176]\n\t"
			 "ldp x20, x21, [x0, 160]\n\t"
			 "ldp x18, x19, [x0, 144]\n\t"
			 "ldr x16, [x0, 128]\n\t"
			 "ldp x14, x15, [x0, 112]\n\t"
			 "ldp x12, x13, [x0, 96]\n\t"
			 "ldp x10, x11, [x0, 80]\n\t"
			 "ldp x8, x9, [x0, 64]\n\t"
			 "ldp x6, x7, [x0, 48]\n\t"
			 "ldp x4, x5, [x0, 32]\n\t"
			 "ldp x2, x3, [x0, 16]\n\t"
			 "ldp x0, x1, [x0]\n\t"
			 "ret x17"
			 :
			 : "r"(x0), "r"(x17)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__arm__)

static const struct call_regs calls_regs[] = { { AUDIT_ARCH_ARM, { 0, 1, 2, 3, 4, 5 } } };
#define FIRST(c)   (&(c)->uc_mcontext.arm_r0)
#define RESULT	   0
#define PC_OF(c)   (c)->uc_mcontext.arm_pc
/* In Thumb an svc has two bytes; asm/ptrace.h, PSR_T_BIT. */
#define THUMB(c)   ((c)->uc_mcontext.arm_cpsr & 0x20)
#define INSN_SIZE  (THUMB(context) ? 2 : 4)
#define TARGET_BIT (THUMB(context) ? 1 : 0)

_Static_assert(offsetof(mcontext_t, arm_sp) - offsetof(mcontext_t, arm_r0) == 52,
	       "jump()'s offsets");

/* r12 belongs to the linker's veneers. */
JUMP(const unsigned long *from, uint32_t to)
{
	register const void *r0 __asm__("r0") = from;
	register uint32_t r12 __asm__("r12") = to;

	__asm__ volatile("ldr sp, [r0, #52]\n\t"
			 "ldr lr, [r0, #56]\n\t"
			 "ldmia r0, {r0-r11}\n\t"
			 "bx r12"
			 :
			 : "r"(r0), "r"(r12)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__riscv) && __riscv_xlen == 64

static const struct call_regs calls_regs[] = { { AUDIT_ARCH_RISCV64, { 10, 11, 12, 13, 14, 15 } } };
#define FIRST(c)  (c)->uc_mcontext.__gregs
#define RESULT	  10
#define PC_OF(c)  (c)->uc_mcontext.__gregs[0]
#define INSN_SIZE 4

/* A jump through t2 needs no landing pad (Zicfilp). gp and tp never change. */
JUMP(const unsigned long *from, uint64_t to)
{
	register const void *a0 __asm__("a0") = from;
	register uint64_t t2 __asm__("t2") = to;

	__asm__ volatile("ld ra, 8(a0)\n\tld sp, 16(a0)\n\t"
			 "ld t0, 40(a0)\n\tld t1, 48(a0)\n\t"
			 "ld s0, 64(a0)\n\tld s1, 72(a0)\n\t"
			 "ld a1, 88(a0)\n\tld a2, 96(a0)\n\tld a3, 104(a0)\n\t"
			 "ld a4, 112(a0)\n\tld a5, 120(a0)\n\tld a6, 128(a0)\n\tld a7, 136(a0)\n\t"
			 "ld s2, 144(a0)\n\tld s3, 152(a0)\n\tld s4, 160(a0)\n\tld s5, 168(a0)\n\t"
			 "ld s6, 176(a0)\n\tld s7, 184(a0)\n\tld s8, 192(a0)\n\tld s9, 200(a0)\n\t"
			 "ld s10, 208(a0)\n\tld s11, 216(a0)\n\t"
			 "ld t3, 224(a0)\n\tld t4, 232(a0)\n\tld t5, 240(a0)\n\tld t6, 248(a0)\n\t"
			 "ld a0, 80(a0)\n\t"
			 "jr t2"
			 :
			 : "r"(a0), "r"(t2)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__powerpc64__)

static const struct call_regs calls_regs[] = {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ AUDIT_ARCH_PPC64LE, { 3, 4, 5, 6, 7, 8 } },
#else
	{ AUDIT_ARCH_PPC64, { 3, 4, 5, 6, 7, 8 } },
#endif
};
#define FIRST(c)  (c)->uc_mcontext.gp_regs
#define RESULT	  3
#define PC_OF(c)  (c)->uc_mcontext.gp_regs[32]
#define CCR	  38
#define TRAP	  40
#define INSN_SIZE 4
#define CR0_SO	  0x10000000ul

/* The counter register isn't preserved over calls; r13 is the thread's and never changes. */
JUMP(const unsigned long *from, uint64_t to)
{
	register const void *r3 __asm__("r3") = from;
	register uint64_t r4 __asm__("r4") = to;

	__asm__ volatile("mtctr 4\n\tld 0, 288(3)\n\tmtlr 0\n\tld 0, 0(3)\n\t"
			 "ld 1, 8(3)\n\tld 2, 16(3)\n\tld 4, 32(3)\n\tld 5, 40(3)\n\t"
			 "ld 6, 48(3)\n\tld 7, 56(3)\n\tld 8, 64(3)\n\tld 9, 72(3)\n\t"
			 "ld 10, 80(3)\n\tld 11, 88(3)\n\tld 12, 96(3)\n\tld 14, 112(3)\n\t"
			 "ld 15, 120(3)\n\tld 16, 128(3)\n\tld 17, 136(3)\n\tld 18, 144(3)\n\t"
			 "ld 19, 152(3)\n\tld 20, 160(3)\n\tld 21, 168(3)\n\tld 22, 176(3)\n\t"
			 "ld 23, 184(3)\n\tld 24, 192(3)\n\tld 25, 200(3)\n\tld 26, 208(3)\n\t"
			 "ld 27, 216(3)\n\tld 28, 224(3)\n\tld 29, 232(3)\n\tld 30, 240(3)\n\t"
			 "ld 31, 248(3)\n\tld 3, 24(3)\n\tbctr"
			 :
			 : "r"(r3), "r"(r4)
			 : "memory");
	__builtin_unreachable();
}

#elif defined(__s390x__)

static const struct call_regs calls_regs[] = { { AUDIT_ARCH_S390X, { 2, 3, 4, 5, 6, 7 } } };
#define FIRST(c)  (c)->uc_mcontext.gregs
#define RESULT	  2
#define PC_OF(c)  (c)->uc_mcontext.psw.addr
#define LOST	  -ENOSYS /* see trap_machine_is_whole() */
#define INSN_SIZE 2

/* r12 is the one that a stack trace needs least: r11 and r15 are frames, r14 the way back. */
JUMP(const unsigned long *from, uint64_t to)
{
	register const void *r2 __asm__("r2") = from;
	register uint64_t r12 __asm__("r12") = to;

	__asm__ volatile("lmg %%r13, %%r15, 104(%%r2)\n\t"
			 "lmg %%r3, %%r11, 24(%%r2)\n\t"
			 "lmg %%r0, %%r2, 0(%%r2)\n\t"
			 "br %%r12"
			 :
			 : "r"(r2), "r"(r12)
			 : "memory");
	__builtin_unreachable();
}

#else
#define UNKNOWN
#endif

#ifndef UNKNOWN

const bool trap_machine_known = true;

#ifndef TARGET_BIT
#define TARGET_BIT 0
#endif
#ifndef LOST
#define LOST -EINTR
#endif

static const struct call_regs *regs_of(uint32_t arch)
{
	for (size_t i = 0; i < ARRAY_LEN(calls_regs); i++)
		if (calls_regs[i].arch == arch)
			return &calls_regs[i];
	return &calls_regs[0];
}

#if defined(__powerpc64__)
/*
 * CR0.SO tells `sc`'s caller that r3 is an errno; `scv` (trap 0x3000) has none of it:
 * asm/syscall.h. The kernel also makes one of a trapped call's first argument that looks like
 * -errno: arch/powerpc/kernel/interrupt.c, syscall_exit_prepare().
 */
static bool has_error_flag(const ucontext_t *context)
{
	return (FIRST(context)[TRAP] & 0xfff0) != 0x3000;
}

static bool is_negated(const ucontext_t *context)
{
	return has_error_flag(context) && FIRST(context)[CCR] & CR0_SO &&
	       FIRST(context)[RESULT] - 1 < 4095;
}
#endif

/* The register's bits: a 32-bit one isn't sign-extended, as in struct seccomp_data. */
static uint64_t value_of(const ucontext_t *context, size_t i)
{
#if defined(__powerpc64__)
	if (i == RESULT && is_negated(context))
		return -FIRST(context)[i];
#endif
	return sizeof(FIRST(context)[0]) == 4 ? (uint32_t)FIRST(context)[i]
					      : (uint64_t)FIRST(context)[i];
}

void trap_machine_args(const ucontext_t *context, struct seccomp_data *call)
{
	const struct call_regs *regs = regs_of(call->arch);

	for (size_t i = 0; i < ARRAY_LEN(regs->args); i++)
		call->args[i] = value_of(context, regs->args[i]);
}

void trap_machine_answer(ucontext_t *context, uint64_t address, int64_t value)
{
#if defined(__powerpc64__)
	FIRST(context)[CCR] &= ~CR0_SO;
	if (has_error_flag(context) && value < 0 && value >= -4095) {
		FIRST(context)[CCR] |= CR0_SO;
		value = -value;
	}
#endif
	FIRST(context)[RESULT] = (__typeof__(FIRST(context)[0]))value;
	/* Not always there: a first argument of -512 (-ERESTARTSYS) made the kernel go back to the
	 * call. See trap_machine_is_whole(). */
	PC_OF(context) = (__typeof__(PC_OF(context)))address;
}

bool trap_machine_is_whole(const ucontext_t *context)
{
	long first = (long)value_of(context, RESULT);

	return calls_regs[0].args[0] != RESULT || (first != -EINTR && first != LOST);
}

NO_ASAN void trap_machine_again(ucontext_t *context, uint64_t address)
{
#if defined(__powerpc64__)
	FIRST(context)[RESULT] = value_of(context, RESULT);
#endif
	jump(FIRST(context), (uintptr_t)(address - INSN_SIZE) | TARGET_BIT);
}

#else

const bool trap_machine_known = false;

void trap_machine_args(const ucontext_t *context, struct seccomp_data *call)
{
	(void)context, (void)call;
	__builtin_trap();
}

void trap_machine_answer(ucontext_t *context, uint64_t address, int64_t value)
{
	(void)context, (void)address, (void)value;
	__builtin_trap();
}

bool trap_machine_is_whole(const ucontext_t *context)
{
	(void)context;
	return false;
}

void trap_machine_again(ucontext_t *context, uint64_t address)
{
	(void)context, (void)address;
	__builtin_trap();
}

#endif
