/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answers that look at memory: the supervisor does itself what the caller asked for, with the
 * name that it has read, and hands over what came of it. The caller's own call is never executed.
 */
#ifndef STRAIT_NOTIFY_FILES_H
#define STRAIT_NOTIFY_FILES_H

#include "notify/path.h"

/*
 * A file or directory of open_beneath(). It is found once, when the supervisor starts: renaming it
 * later, or putting a link in its place, doesn't move what was allowed. A caller with another root
 * has names of its own, which are found each time.
 */
struct notify_place {
	const char *asked; /* as the policy has it */
	char *text;	   /* resolved; NULL: there was none when the supervisor started */
	int dir;	   /* the directory, or the one that the file is in: O_PATH */
	bool is_file;
};

/* 0, also where there is none; -errno. PLACE is to be freed in any case. */
NODISCARD int notify_place_find(const struct notify_view *v, const char *asked,
				struct notify_place *place);
void notify_place_free(struct notify_place *place);

/* A device of make_node(). */
struct notify_node {
	mode_t type;   /* S_IFCHR, S_IFBLK; 0: there was none when the supervisor started */
	uint32_t rdev; /* as mknod(2) takes it */
};

/* -ENODEV: no device. */
NODISCARD int notify_node_find(const char *path, struct notify_node *node);

/* What the caller asked open(2), openat(2) or creat(2) for. */
struct notify_open {
	const char *path;
	unsigned flags;
	mode_t mode;
};

/*
 * Opens a file beneath one of PLACES: an fd, or -errno that the caller gets. -EACCES: it isn't
 * beneath, or what it is can't be opened in another's name (files.c says which). The calling thread
 * acts for the caller.
 */
NODISCARD int notify_open_beneath(const struct notify_view *v, const struct notify_place *places,
				  size_t len, const struct notify_open *asked);
/* Makes a node, with the caller's rights in its directory; TYPE and RDEV are one of the nodes'. 0
 * or -errno that the caller gets. */
NODISCARD int notify_make_node(const struct notify_view *v, const char *path, mode_t mode,
			       uint32_t rdev);

#endif
