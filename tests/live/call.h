/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system call with all that a filter sees of it known: number, six arguments and, where this file
 * has the machine's own instructions, the instruction pointer.
 */
#ifndef STRAIT_TESTS_LIVE_CALL_H
#define STRAIT_TESTS_LIVE_CALL_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define CALL_IP_IS_KNOWN 1
#define CALL_AUDIT_ARCH	 AUDIT_ARCH_X86_64

extern const char call_after[] __attribute__((visibility("hidden")));
long call_raw(uint64_t nr, const uint64_t args[6]) __attribute__((visibility("hidden")));

__asm__(".pushsection .text\n"
	".globl call_raw, call_after\n"
	".hidden call_raw, call_after\n"
	".type call_raw, @function\n"
	"call_raw:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rcx\n"
	"	mov 0(%rcx), %rdi\n"
	"	mov 8(%rcx), %rsi\n"
	"	mov 16(%rcx), %rdx\n"
	"	mov 24(%rcx), %r10\n"
	"	mov 32(%rcx), %r8\n"
	"	mov 40(%rcx), %r9\n"
	"	syscall\n"
	"call_after:\n"
	"	ret\n"
	".size call_raw, . - call_raw\n"
	".popsection");

static inline uint64_t call_ip(void)
{
	return (uintptr_t)call_after;
}
#else
#define CALL_IP_IS_KNOWN 0
#if defined(__aarch64__)
#define CALL_AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define CALL_AUDIT_ARCH AUDIT_ARCH_I386
#elif defined(__arm__)
#define CALL_AUDIT_ARCH AUDIT_ARCH_ARM
#elif defined(__s390x__)
#define CALL_AUDIT_ARCH AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define CALL_AUDIT_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define CALL_AUDIT_ARCH AUDIT_ARCH_PPC64LE
#endif

static inline long call_raw(uint64_t nr, const uint64_t args[6])
{
	long ret = syscall((long)nr, (long)args[0], (long)args[1], (long)args[2], (long)args[3],
			   (long)args[4], (long)args[5]);

	return ret == -1 ? -errno : ret;
}

static inline uint64_t call_ip(void)
{
	return 0;
}
#endif

/* What a filter sees of call_raw(NR, ARGS); a register of 32 bits holds no more of an argument. */
static inline struct seccomp_data call_data(uint64_t nr, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .instruction_pointer = call_ip() };

#ifdef CALL_AUDIT_ARCH
	data.arch = CALL_AUDIT_ARCH;
#endif
	for (int i = 0; i < 6; i++)
		data.args[i] = (unsigned long)args[i];
	return data;
}

#endif
