/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Installing filters in the calling thread, and what this kernel can do.
 *
 * With a NULL report, strait_no_new_privs() and strait_filter_load() are async-signal-safe: no
 * allocation, no locks; usable between fork(2) and execve(2).
 */
#ifndef STRAIT_LOAD_H
#define STRAIT_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>

STRAIT_BEGIN

/* prctl(PR_SET_NO_NEW_PRIVS): without it only CAP_SYS_ADMIN may install filters. 0 or -errno. It
 * can't be undone. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_no_new_privs(struct strait_report *report);

/*
 * seccomp(SECCOMP_SET_MODE_FILTER). FLAGS are SECCOMP_FILTER_FLAG_* of linux/seccomp.h. 0, or the
 * listener's file descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER, or -errno with the cause in the
 * report: -EINVAL also for a filter of another byte order than this machine's. On failure nothing
 * has been installed. It can't be undone.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_load(const struct strait_filter *filter,
						      unsigned flags, struct strait_report *report);

/* What this kernel and this thread look like. The caller sets `size` to sizeof(struct
 * strait_kernel). */
struct strait_kernel {
	size_t size;
	int has_filters;  /* CONFIG_SECCOMP_FILTER */
	int has_strict;	  /* CONFIG_SECCOMP */
	int mode;	  /* this thread's SECCOMP_MODE_* */
	int no_new_privs; /* whether this thread has it */
	unsigned filters; /* already installed in this thread; 0 also where the kernel doesn't tell
			   */
	unsigned flags;	  /* the SECCOMP_FILTER_FLAG_* that it knows */
	int jit;	  /* net.core.bpf_jit_enable; -1: unreadable */
	char release[65]; /* uname(2) */
};

/* Looks without changing anything. */
STRAIT_EXPORT void strait_kernel_probe(struct strait_kernel *kernel);

STRAIT_END

#endif
