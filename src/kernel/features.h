/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What seccomp can do here, row by row, each with how that was found out: by asking the kernel, by
 * trying it in a child, or from a file. What a filter around us answers in the kernel's place is
 * told apart from the kernel's own word, as far as that can be.
 */
#ifndef STRAIT_KERNEL_FEATURES_H
#define STRAIT_KERNEL_FEATURES_H

#include "base/arena.h"
#include "kernel/attempt.h"
#include "kernel/kernel.h"

enum kernel_state { KERNEL_NO, KERNEL_YES, KERNEL_UNKNOWN };

struct kernel_feature {
	const char *group, *name; /* together unique, and permanent */
	enum kernel_state state;
	const char *value;   /* or NULL */
	const char *how;     /* it was found out */
	const char *follows; /* for who uses it; or NULL */
};

struct kernel_features {
	struct arena arena;
	struct kernel_feature *v;
	size_t len, room;
	bool failed; /* memory was out */
	struct kernel_probe probe;
	const char *probe_failure; /* why there is little in it; NULL: all is */
	bool installs;		   /* filters can be installed */
	bool traces;		   /* children can be traced */
	bool is_traced;		   /* this process is, by another */
};

/*
 * Looks, with children that try things out; changes nothing of the caller. 0 or -ENOMEM; in both
 * cases kernel_features_deinit() is due.
 */
NODISCARD int kernel_features(struct kernel_features *f);
void kernel_features_deinit(struct kernel_features *f);

/* ---- for those who add rows ---- */

void kernel_feature_add(struct kernel_features *f, struct kernel_feature row);
/* A text that lives as long as F; "" where memory is out, which kernel_features() then says. */
const char *kernel_text(struct kernel_features *f, const char *format, ...) PRINTF(2, 3);
/* "EPERM" or "errno 4242"; "success" for 0. */
const char *kernel_errno_text(struct kernel_features *f, int error);
/* Why an attempt came to no end; NULL: it did. */
const char *kernel_attempt_failure(struct kernel_features *f, const struct attempt *attempt);

void kernel_features_filter(struct kernel_features *f);
void kernel_features_notify(struct kernel_features *f);
void kernel_features_cost(struct kernel_features *f);
void kernel_features_speculation(struct kernel_features *f);
void kernel_features_trace(struct kernel_features *f);
void kernel_features_process(struct kernel_features *f);
void kernel_features_abi(struct kernel_features *f);
void kernel_features_around(struct kernel_features *f);
void kernel_features_calls(struct kernel_features *f);

#endif
