/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In whose name a supervisor acts. It may be more privileged than its caller, so before it touches
 * a file it takes the caller's file-system ids, groups, umask, and those capabilities that both
 * have. All of these are a thread's own (the umask after unshare(CLONE_FS)), so that one worker's
 * are none of another's.
 *
 * What else may confine a caller, a Landlock domain, an LSM's label or a cgroup's devices, can't be
 * taken on, and doesn't bind the supervisor.
 */
#ifndef STRAIT_NOTIFY_CALLER_H
#define STRAIT_NOTIFY_CALLER_H

#include "notify/listener.h"

struct notify_ids {
	uid_t uid; /* of the file system: setfsuid(2) */
	gid_t gid;
	gid_t *groups; /* on the heap */
	size_t ngroups;
	uint64_t caps; /* effective; those of another user namespace count as none */
};

struct notify_caller {
	pid_t tid, pid; /* the thread's and its process', as we see them */
	mode_t umask;
	struct notify_ids ids;
};

/* 0; -ENOENT: the caller is gone; another -errno: it can't be looked at. Nothing to free then. */
NODISCARD int notify_caller_read(const struct notify_request *r, struct notify_caller *c);
void notify_caller_free(struct notify_caller *c);
/* Is it in this process' namespace of that name ("pid", "user")? */
bool notify_caller_shares(const struct notify_caller *c, const char *ns);

/* The calling thread's own; it gets a umask of its own as well. 0 or -errno. */
NODISCARD int notify_ids_init(struct notify_ids *own);
void notify_ids_free(struct notify_ids *ids);
/*
 * The calling thread acts for C, with the capabilities KEEP (1 << CAP_...) of its own besides. 0;
 * -EPERM: it may not, and hasn't changed.
 */
NODISCARD int notify_act_for(const struct notify_ids *own, const struct notify_caller *c,
			     uint64_t keep);
/* And for itself again. */
void notify_act_for_self(const struct notify_ids *own, const struct notify_caller *c);

#endif
