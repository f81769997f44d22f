/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library knows of Linux: ABIs, system calls by name and number, their arguments as the
 * kernel declares them. All of it is constant data: nothing here allocates or fails, and every
 * pointer is valid for ever.
 *
 * An ABI is what a policy's `arch` names. x86_64 and x32 share an AUDIT_ARCH token and differ by
 * bit 30 of the number.
 */
#ifndef STRAIT_ARCH_H
#define STRAIT_ARCH_H

#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>

STRAIT_BEGIN

struct strait_abi;
struct strait_syscall;

/* The i-th ABI, NULL past the last. */
STRAIT_EXPORT const struct strait_abi *strait_abi_at(size_t i);
/* By name or alias ("x86_64", "amd64"); NULL if there is none of that name. */
STRAIT_EXPORT const struct strait_abi *strait_abi_by_name(const char *name);
/* The ABI that the library was built for. */
STRAIT_EXPORT const struct strait_abi *strait_abi_native(void);
/* The i-th ABI that runs on a kernel whose native one is ABI, itself first (x86_64: x86_64, i386,
 * x32); NULL past the last. */
STRAIT_EXPORT const struct strait_abi *strait_abi_compat(const struct strait_abi *abi, size_t i);

/* "x86_64" */
STRAIT_EXPORT const char *strait_abi_name(const struct strait_abi *abi);
/* Another name in use ("amd64"), or NULL. */
STRAIT_EXPORT const char *strait_abi_alias(const struct strait_abi *abi);
/* AUDIT_ARCH_*, linux/audit.h: what a filter sees in seccomp_data.arch. */
STRAIT_EXPORT uint32_t strait_abi_audit(const struct strait_abi *abi);
/* 32 or 64. */
STRAIT_EXPORT unsigned strait_abi_register_bits(const struct strait_abi *abi);
STRAIT_EXPORT int strait_abi_is_big_endian(const struct strait_abi *abi);

/* The i-th call of any ABI, by name; NULL past the last. */
STRAIT_EXPORT const struct strait_syscall *strait_syscall_at(size_t i);
STRAIT_EXPORT const struct strait_syscall *strait_syscall_by_name(const char *name);
/* The call with this number on this ABI; NULL if it has none. */
STRAIT_EXPORT const struct strait_syscall *strait_syscall_by_nr(const struct strait_abi *abi,
								uint32_t nr);
/* A call whose name is so near to NAME that it may have been meant; NULL if none is. */
STRAIT_EXPORT const struct strait_syscall *strait_syscall_suggest(const char *name);

STRAIT_EXPORT const char *strait_syscall_name(const struct strait_syscall *call);
/* The kernel version that introduced it ("5.6"), "old" for what predates git, or "" where unknown.
 */
STRAIT_EXPORT const char *strait_syscall_since(const struct strait_syscall *call);
/* Its number (what seccomp_data.nr holds) on an ABI, or -1 where the ABI doesn't have it. */
STRAIT_EXPORT int64_t strait_syscall_nr(const struct strait_abi *abi,
					const struct strait_syscall *call);
/* How many arguments it has on an ABI, or -1 where the library doesn't know its signature. */
STRAIT_EXPORT int strait_syscall_nargs(const struct strait_abi *abi,
				       const struct strait_syscall *call);

/* One argument of one call on one ABI. The caller sets `size` to sizeof(struct strait_arg). */
struct strait_arg {
	size_t size;
	const char *name;  /* the kernel's: what a policy uses */
	const char *alias; /* section 2 of the man-pages' name where it differs, or NULL */
	const char *kind;  /* "s32", "u32", "u16", "slong", "ulong", "s64", "u64", "ptr" */
	unsigned bits;	   /* how many bits of it the kernel looks at: 16, 32 or 64 */
	unsigned index;	   /* seccomp_data.args[index] holds it; the low half where it is split */
	unsigned high;	   /* where the high half is; == index where it isn't split */
};

/* Fills the i-th argument; 0, or -ENOENT past the last. */
STRAIT_EXPORT int strait_syscall_arg(const struct strait_abi *abi,
				     const struct strait_syscall *call, unsigned i,
				     struct strait_arg *arg);

STRAIT_END

#endif
