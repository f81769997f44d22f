/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What seccomp can do here, as a table. The kernel's modes, actions, flags and supervisors, ptrace,
 * this process, what filters cost, and what a container or a filter around it takes away:
 * strait-doctor(1) prints it and lists the groups. Each row says how it was found out.
 *
 * A portable program looks up the rows that it depends on by group and name, which are permanent,
 * and takes STRAIT_UNKNOWN, or no row, for no. For mode, flags and filters of the calling thread
 * alone strait_kernel_probe() is cheaper and forks nothing.
 */
#ifndef STRAIT_FEATURES_H
#define STRAIT_FEATURES_H

#include <stddef.h>

#include <strait/export.h>

STRAIT_BEGIN

struct strait_features;

enum strait_state { STRAIT_NO, STRAIT_YES, STRAIT_UNKNOWN };

/* One row. Only the library makes these; fields may be added at the end. */
struct strait_feature {
	const char *group, *name; /* "flag", "TSYNC" */
	enum strait_state state;
	const char *value;   /* "80/24/64"; NULL: the state says it all */
	const char *how;     /* it was found out: "ioctl(2) on a listener in a child: ENOENT" */
	const char *follows; /* what that means for who uses it; NULL: nothing */
};

/*
 * Looks: asks the kernel, reads /proc and /sys, and forks children that try things out (some of
 * them under filters), one after the other; about 0.1 s. Changes nothing of the calling process. 0
 * with a new table, freed by strait_features_free(); -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_features_look(struct strait_features **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_features_free(struct strait_features *features);

/* The i-th row, those of a group one after the other; NULL past the last. */
STRAIT_EXPORT const struct strait_feature *strait_feature_at(const struct strait_features *features,
							     size_t i);
/* NULL: there is no such row, also where it means nothing on this machine. */
STRAIT_EXPORT const struct strait_feature *
strait_feature_find(const struct strait_features *features, const char *group, const char *name);

STRAIT_END

#endif
