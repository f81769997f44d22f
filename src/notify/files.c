/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three kinds of files are another thing for the supervisor than for its caller, and can't be
 * given:
 *
 * - /proc/PID of other processes, the supervisor above all: it may look at itself where the caller
 *   may not;
 * - FIFOs that open(2) waits for: a worker that waits answers nobody else;
 * - /dev/tty, where the caller has another terminal.
 */
#include "notify/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* include/linux/fcntl.h, VALID_OPEN_FLAGS */
#define KNOWN_FLAGS                                                                                \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 O_DSYNC | O_ASYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |         \
	 O_PATH | O_TMPFILE)

/* ---- places ---- */

static int find_place(const struct notify_view *v, struct notify_name *name,
		      struct notify_place *place)
{
	AUTO(close_fd)
	int fd = notify_path_open(v->root, notify_path_relative(name->text), O_PATH, 0);
	struct stat st;
	char *slash;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	place->text = strdup(name->text);
	if (!place->text)
		return -ENOMEM;
	place->is_file = !S_ISDIR(st.st_mode);
	if (!place->is_file) {
		place->dir = steal_fd(&fd);
		return 0;
	}
	slash = strrchr(name->text, '/');
	*slash = '\0';
	place->dir = notify_path_open(v->root, notify_path_relative(name->text),
				      O_PATH | O_DIRECTORY, 0);
	return place->dir < 0 ? place->dir : 0;
}

int notify_place_find(const struct notify_view *v, const char *asked, struct notify_place *place)
{
	struct notify_name name;
	int r = notify_path_resolve(v, asked, true, &name);

	*place = (struct notify_place){ .asked = asked, .dir = -1 };
	if (r == 0)
		r = find_place(v, &name, place);
	if (r == 0 || r == -ENOMEM)
		return r;
	notify_place_free(place);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

void notify_place_free(struct notify_place *place)
{
	free(place->text);
	if (place->dir >= 0)
		close(place->dir);
	place->text = NULL;
	place->dir = -1;
}

/* NAME from the place's directory, or NULL: it lies elsewhere. */
static const char *name_beneath(const struct notify_place *place, const char *name)
{
	size_t len = place->text ? strlen(place->text) : 0;

	if (!place->text || strncmp(name, place->text, len) != 0)
		return NULL;
	if (place->is_file)
		return name[len] ? NULL : strrchr(name, '/') + 1;
	if (name[len] == '\0')
		return ".";
	return name[len] == '/' ? name + len + 1 : NULL;
}

/* ---- what may be handed over ---- */

/* A name within a process file system: the first component that is a number is a process. */
static bool is_of_others(const char *name, const struct notify_caller *c)
{
	while (*name) {
		size_t len = strcspn(name, "/");

		if (len && strspn(name, "0123456789") >= len)
			return !notify_caller_shares(c, "pid") ||
			       strtoul(name, NULL, 10) != (unsigned long)c->pid;
		name += len + (name[len] == '/');
	}
	return false;
}

static int check_opened(const struct notify_view *v, int fd, const char *name,
			const struct notify_open *asked)
{
	bool waits = !(asked->flags & O_NONBLOCK) && (asked->flags & O_ACCMODE) != O_RDWR;
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type == PROC_SUPER_MAGIC && v->caller && is_of_others(name, v->caller))
		return -EACCES;
	if (S_ISFIFO(st.st_mode) && waits)
		return -EACCES;
	/* drivers/tty/tty_io.c: TTYAUX_MAJOR, 0 */
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(5, 0) && v->caller &&
	    getsid(v->caller->pid) != getsid(0))
		return -ENXIO;
	return 0;
}

/* ---- opening ---- */

/*
 * As fs/open.c, build_open_how(), makes it of open(2)'s arguments. Without waiting (a FIFO, a
 * modem), and without making a terminal the supervisor's own.
 */
static int open_at(int dir, const char *name, const struct notify_open *asked)
{
	uint64_t flags = asked->flags & KNOWN_FLAGS;
	bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
	int fd;

	/* SECCOMP_IOCTL_NOTIF_ADDFD takes no such file: fget(), not fget_raw(). */
	if (flags & O_PATH)
		return -EOPNOTSUPP;
	fd = notify_path_open(dir, name, flags | O_NONBLOCK | O_NOCTTY | O_LARGEFILE,
			      creates ? asked->mode & 07777 : 0);
	if (fd >= 0 && !(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

static int open_place(const struct notify_view *v, const struct notify_place *place,
		      const struct notify_name *name, const struct notify_open *asked)
{
	const char *beneath = name_beneath(place, name->text);
	AUTO(close_fd) int fd = -1;
	char written[PATH_MAX + 1];
	int r;

	/* With the slash that it had: the kernel knows what that means. */
	snprintf(written, sizeof(written), "%s%s", beneath,
		 name->is_dir && strcmp(beneath, ".") != 0 ? "/" : "");
	fd = open_at(place->dir, written, asked);
	/* Somebody has put a link there since the name was resolved. */
	if (fd == -EXDEV || (fd == -ELOOP && !(asked->flags & O_NOFOLLOW)))
		return -EACCES;
	if (fd < 0)
		return fd;
	r = check_opened(v, fd, name->text, asked);
	return r < 0 ? r : steal_fd(&fd);
}

/* In another root the places are other ones. */
static int open_elsewhere(const struct notify_view *v, const struct notify_place *place,
			  const struct notify_name *name, const struct notify_open *asked)
{
	struct notify_place theirs;
	int r = notify_place_find(v, place->asked, &theirs);

	if (r == 0)
		r = name_beneath(&theirs, name->text) ? open_place(v, &theirs, name, asked)
						      : -EACCES;
	notify_place_free(&theirs);
	return r;
}

static int open_resolved(const struct notify_view *v, const struct notify_place *places, size_t len,
			 const struct notify_name *name, const struct notify_open *asked)
{
	int r = -EACCES;

	for (size_t i = 0; i < len; i++) {
		if (!v->is_ours)
			r = open_elsewhere(v, &places[i], name, asked);
		else if (name_beneath(&places[i], name->text))
			return open_place(v, &places[i], name, asked);
		if (r != -EACCES)
			return r;
	}
	return r;
}

int notify_open_beneath(const struct notify_view *v, const struct notify_place *places, size_t len,
			const struct notify_open *asked)
{
	bool stays = asked->flags & O_NOFOLLOW ||
		     (asked->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	struct notify_name name;
	int r;

	if (!*asked->path)
		return -ENOENT;
	r = notify_path_resolve(v, asked->path, !stays, &name);
	/* What isn't there may be told of a place only: elsewhere nothing is. */
	if (r < 0)
		return r == -ENAMETOOLONG ? r : -EACCES;
	return open_resolved(v, places, len, &name, asked);
}

/* ---- nodes ---- */

int notify_node_find(const char *path, struct notify_node *node)
{
	struct stat st;

	*node = (struct notify_node){ 0 };
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENODEV;
	node->type = st.st_mode & S_IFMT;
	node->rdev = (uint32_t)st.st_rdev;
	return 0;
}

int notify_make_node(const struct notify_view *v, const char *path, mode_t mode, uint32_t rdev)
{
	AUTO(close_fd) int dir = -1;
	struct notify_name name;
	int r = notify_path_resolve(v, path, false, &name);
	char *slash;

	if (r < 0)
		return r;
	slash = strrchr(name.text, '/');
	if (!slash)
		return -EEXIST;
	*slash = '\0';
	dir = notify_path_open(v->root, notify_path_relative(name.text), O_PATH | O_DIRECTORY, 0);
	if (dir < 0)
		return dir == -ELOOP || dir == -EXDEV ? -EACCES : dir;
	return mknodat(dir, slash + 1, mode, (dev_t)rdev) < 0 ? -errno : 0;
}
