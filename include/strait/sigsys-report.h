/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reporter: while a program's policy is being written, it prints each call that a filter traps,
 * with its name, its number, its decoded arguments, the ABI and the address, in one line each.
 *
 * It is a library of its own, libstrait-report, that needs libc alone, and also one C file,
 * strait-report.c, to be compiled into a program. Programs that can't be changed are run with
 * LD_PRELOAD=libstrait-report.so; a static program loads nothing, and one that installs a handler
 * of its own for SIGSYS replaces this one.
 *
 * It sees what a filter answers with SECCOMP_RET_TRAP: while a policy is written its default is
 * `trap`, later `kill_process`, which no program can catch. It prints with write(2) and needs no
 * other call; where the filter traps write as well, it can't print. It is a handler for SIGSYS, so
 * what <strait/trap.h> says about those holds. It follows no pointer: of a path it shows the
 * address.
 */
#ifndef STRAIT_SIGSYS_REPORT_H
#define STRAIT_SIGSYS_REPORT_H

#include <stddef.h>

#include <strait/export.h>

STRAIT_BEGIN

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_sigsys_options). */
struct strait_sigsys_options {
	size_t size;
	/*
	 * 0: after the report the process ends by SIGSYS, at the call, as without a handler.
	 * Otherwise the call fails with this errno and the program goes on, so that one run shows
	 * all that it calls; ENOSYS is what most programs can live with. The filter must allow
	 * rt_sigreturn. A trapped exit, exit_group or rt_sigreturn ends the process all the same.
	 */
	int answer;
	int fd; /* where to print; 0: standard error */
};

/*
 * Reports from now on, in all threads, and unblocks SIGSYS in the calling one. Before the filter is
 * installed is the time for it. Called again, it changes the options. 0; -EINVAL for an answer that
 * is no errno; -ENOTSUP on a machine that <strait/trap.h> doesn't name; -errno of sigaction(2).
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_report_install(const struct strait_sigsys_options *options);

STRAIT_END

#endif
