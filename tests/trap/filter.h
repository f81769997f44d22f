/* SPDX-License-Identifier: BSD-2-Clause */
/* Small filters by hand: these tests must not depend on the compiler. */
#ifndef STRAIT_TESTS_TRAP_FILTER_H
#define STRAIT_TESTS_TRAP_FILTER_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Is it K? Otherwise SKIP instructions are skipped. */
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), 0, skip)
#define RET(k)		BPF_STMT(BPF_RET | BPF_K, k)

/* What a 64-bit x86 program makes by int $0x80; other ABIs never have that token. */
#define NR_I386_GETPPID 64

/* False where this kernel or a filter around us doesn't let us. */
__attribute__((unused)) static int filter_install(const struct sock_filter *insns, size_t len)
{
	struct sock_fprog prog = { .len = (unsigned short)len,
				   .filter = (struct sock_filter *)(uintptr_t)insns };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) &&
	       !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

/* Traps getppid and all numbers of 1000 and more as unsigned ones, x32's and -1 among them. */
__attribute__((unused)) static int filter_some(unsigned data)
{
	const struct sock_filter insns[] = {
		LOAD(arch),
		UNLESS(AUDIT_ARCH_I386, 3),
		LOAD(nr),
		UNLESS(NR_I386_GETPPID, 1),
		RET(SECCOMP_RET_TRAP | data),
		LOAD(nr),
		UNLESS(SYS_getppid, 1),
		RET(SECCOMP_RET_TRAP | data),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1000, 0, 1),
		RET(SECCOMP_RET_TRAP | data),
		RET(SECCOMP_RET_ALLOW),
	};

	return filter_install(insns, LEN(insns));
}

/* Gives RET to all calls but these. */
__attribute__((unused)) static int filter_only(uint32_t ret, const int *allowed, size_t n)
{
	struct sock_filter insns[32] = { LOAD(nr) };
	size_t len = 1;

	if (n > 15)
		abort();
	for (size_t i = 0; i < n; i++) {
		insns[len++] = (struct sock_filter)UNLESS(allowed[i], 1);
		insns[len++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	}
	insns[len++] = (struct sock_filter)RET(ret);
	return filter_install(insns, len);
}

/* Gives RET to one call, allows the others. */
__attribute__((unused)) static int filter_one(int nr, uint32_t ret)
{
	const struct sock_filter insns[] = { LOAD(nr), UNLESS(nr, 1), RET(ret),
					     RET(SECCOMP_RET_ALLOW) };

	return filter_install(insns, LEN(insns));
}

#endif
