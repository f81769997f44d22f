/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filters that a thread has, read back: PTRACE_SECCOMP_GET_FILTER (Linux 4.4) and
 * PTRACE_SECCOMP_GET_METADATA (4.16). The kernel keeps what was installed, instruction for
 * instruction, where it is built with CONFIG_CHECKPOINT_RESTORE (kernel/seccomp.c,
 * seccomp_get_filter()).
 */
#ifndef STRAIT_KERNEL_DUMP_H
#define STRAIT_KERNEL_DUMP_H

#include <sys/types.h>

#include "cbpf/cbpf.h"

struct kernel_dumped {
	struct cbpf_prog prog;
	bool has_flags; /* the kernel tells them */
	unsigned flags; /* SECCOMP_FILTER_FLAG_LOG; the kernel keeps no others */
};

struct kernel_dump {
	int mode;		       /* SECCOMP_MODE_* of the thread; -1: no /proc to tell */
	struct kernel_dumped *filters; /* the oldest first */
	size_t len;
};

enum kernel_dump_step { KERNEL_DUMP_ATTACH, KERNEL_DUMP_READ };

/*
 * Stops thread TID, reads all its filters into ARENA, and lets it go on. 0; -ENOMEM; other -errno
 * with *STEP: what failed.
 */
NODISCARD int kernel_dump(struct arena *arena, pid_t tid, struct kernel_dump *out,
			  enum kernel_dump_step *step);
/* A sentence that names the cause of such an error, as kernel_explain(). */
void kernel_dump_explain(enum kernel_dump_step step, int error, pid_t tid, struct buf *out);

#endif
