/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of files as a caller means them: in its root, from its working directory or an open one.
 *
 * notify_path_resolve() follows a name in user space, link by link, as far as text goes. It finds
 * out where to look, and is no safeguard: everything may have changed when it returns. What is then
 * opened is opened by openat2(2), from a directory that is held open, and without any link
 * (notify_path_open()): what was changed in between makes that fail, and can't lead it elsewhere.
 */
#ifndef STRAIT_NOTIFY_PATH_H
#define STRAIT_NOTIFY_PATH_H

#include <limits.h>
#include <linux/openat2.h>

#include "notify/caller.h"

/* A caller's file system. */
struct notify_view {
	int root;			    /* O_PATH */
	bool is_ours;			    /* the root is this process' own, of the same mounts */
	char start[PATH_MAX];		    /* where relative names begin; "" is the root */
	const struct notify_caller *caller; /* NULL: this process itself */
};

/* A name without links, "." and "..": "" is the root, others begin with '/'. */
struct notify_name {
	char text[PATH_MAX];
	bool is_dir; /* it was written as only a directory's may: "/usr/" */
};

/*
 * The caller's view for a name that is relative to DIRFD (a descriptor of the caller's, or
 * AT_FDCWD). 0; -EBADF, -ENOTDIR: of DIRFD; -EACCES: the place of DIRFD can't be named; -ENOENT:
 * the caller is gone; another -errno.
 */
NODISCARD int notify_view_open(struct notify_view *v, const struct notify_request *r,
			       const struct notify_caller *c, const char *path, int dirfd);
/* This process' own. 0 or -errno. */
NODISCARD int notify_view_own(struct notify_view *v);
void notify_view_close(struct notify_view *v);

/*
 * Where PATH leads. Its last component may be missing, and is a link that isn't followed unless
 * FOLLOWS is set. 0; -ENOENT, -ELOOP, -ENAMETOOLONG, -EACCES, ...
 */
NODISCARD int notify_path_resolve(const struct notify_view *v, const char *path, bool follows,
				  struct notify_name *out);

/* A resolved name as notify_path_open() takes it, from the root. */
static inline const char *notify_path_relative(const char *name)
{
	return *name ? name + 1 : ".";
}

/* openat2(2) of NAME, which is relative and has no links, beneath DIR. A new fd, closed on exec, or
 * -errno. */
NODISCARD int notify_path_open(int dir, const char *name, uint64_t flags, unsigned mode);

#endif
