/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confinement by raw system calls, fit for the child between fork and exec.
 *
 * A filter that is already installed can answer these calls itself, and its errno 0 looks like
 * success. A sandbox that believes it runs something unconfined, so each function first makes a
 * call that changes nothing and can't succeed: success there is a lie, and nothing is tried after
 * it.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static long seccomp_call(unsigned op, unsigned flags, const void *args)
{
	return syscall(SYS_seccomp, op, flags, args) < 0 ? -errno : 0;
}

int kernel_set_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
		return -errno;
	/* Where prctl(2) is answered with 0 by a filter, so is this one. */
	return prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1 ? 0 : -ENOSYS;
}

int kernel_install(const struct sock_filter *insns, size_t len, unsigned flags, int *tid)
{
	struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)(uintptr_t)insns, /* the kernel only reads it */
	};
	long ret;

	/* sock_fprog's length has 16 bits: 65,537 would be taken as 1. */
	if (len > BPF_MAXINSNS)
		return -EINVAL;
	/* seccomp_prepare_user_filter() reads the program before all but the flags is judged. */
	ret = seccomp_call(SECCOMP_SET_MODE_FILTER, flags, NULL);
	if (ret != -EFAULT)
		return ret ? (int)ret : -ENOSYS;
	ret = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (ret < 0)
		return -errno;
	if (ret == 0 || flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return (int)ret;
	/* seccomp_attach_filter(): the thread that could not be synchronized; no filter was
	 * attached. */
	if (tid)
		*tid = (int)ret;
	return -ESRCH;
}

int kernel_strict(void)
{
	/* seccomp_set_mode_strict() takes neither flags nor arguments. */
	long ret = seccomp_call(SECCOMP_SET_MODE_STRICT, 1, NULL);

	if (ret != -EINVAL)
		return ret ? (int)ret : -ENOSYS;
	return (int)seccomp_call(SECCOMP_SET_MODE_STRICT, 0, NULL);
}
