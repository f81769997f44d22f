/* SPDX-License-Identifier: BSD-2-Clause */
/* See path.h. */
#include "notify/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* include/linux/namei.h, MAXSYMLINKS */
#define LINKS_MAX 40

int notify_path_open(int dir, const char *name, uint64_t flags, unsigned mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* ---- views ---- */

static bool is_same_place(int a, int b)
{
	const unsigned wanted = STATX_INO | STATX_MNT_ID;
	struct statx x, y;

	return statx(a, "", AT_EMPTY_PATH, wanted, &x) == 0 &&
	       statx(b, "", AT_EMPTY_PATH, wanted, &y) == 0 && x.stx_ino == y.stx_ino &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor &&
	       x.stx_mnt_id == y.stx_mnt_id;
}

/* A link of /proc/TID, opened and read: the fd, or -errno. TEXT has PATH_MAX bytes. */
static int open_link(pid_t tid, const char *link, char *text)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", (unsigned)tid, link);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = readlink(path, text, PATH_MAX);
	if (len >= 0 && len < PATH_MAX) {
		text[len] = '\0';
		return fd;
	}
	close(fd);
	return len < 0 ? -errno : -ENAMETOOLONG;
}

/* readlink(2) names places from our root: what follows the caller's root counts. False where it
 * isn't below. */
static bool strip_root(char *text, const char *root)
{
	size_t len = strlen(root);

	if (len == 1)
		len = 0;
	if (strncmp(text, root, len) != 0 || (text[len] != '/' && text[len] != '\0'))
		return false;
	memmove(text, text + len, strlen(text + len) + 1);
	if (strcmp(text, "/") == 0)
		*text = '\0';
	return true;
}

/* Where relative names begin. The text must lead to the directory itself: it may have been deleted,
 * or something mounted over it. */
static int find_start(struct notify_view *v, int dirfd, const char *root)
{
	AUTO(close_fd) int dir = -1, named = -1;
	char link[32] = "cwd";
	struct stat st;

	if (dirfd != AT_FDCWD)
		snprintf(link, sizeof(link), "fd/%d", dirfd);
	dir = dirfd != AT_FDCWD && dirfd < 0 ? -ENOENT : open_link(v->caller->tid, link, v->start);
	if (dir < 0)
		return dir == -ENOENT && dirfd != AT_FDCWD ? -EBADF : dir;
	if (fstat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (!strip_root(v->start, root))
		return -EACCES;
	named = notify_path_open(v->root, notify_path_relative(v->start), O_PATH | O_DIRECTORY, 0);
	return named >= 0 && is_same_place(dir, named) ? 0 : -EACCES;
}

int notify_view_own(struct notify_view *v)
{
	*v = (struct notify_view){ .root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
				   .is_ours = true };
	return v->root < 0 ? -errno : 0;
}

int notify_view_open(struct notify_view *v, const struct notify_request *r,
		     const struct notify_caller *c, const char *path, int dirfd)
{
	AUTO(close_fd) int ours = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char root[PATH_MAX];
	int error = 0;

	v->caller = c;
	v->start[0] = '\0';
	v->root = open_link(c->tid, "root", root);
	if (v->root >= 0) {
		v->is_ours = is_same_place(v->root, ours);
		if (path[0] != '/')
			error = find_start(v, dirfd, root);
	} else {
		error = v->root;
	}
	/* Only now is it certain that all of this was the caller's. */
	if (!notify_is_alive(r))
		error = -ENOENT;
	if (error)
		notify_view_close(v);
	return error;
}

void notify_view_close(struct notify_view *v)
{
	if (v->root >= 0)
		close(v->root);
	v->root = -1;
}

/* ---- resolving ---- */

struct walk {
	const struct notify_view *view;
	char rest[2 * PATH_MAX]; /* what is still to be followed */
	char *at;		 /* in it */
	struct notify_name *out;
	size_t len; /* of out->text */
	unsigned links;
	bool is_missing; /* from here on there is nothing */
};

static void go_up(struct walk *w)
{
	while (w->len && w->out->text[w->len - 1] != '/')
		w->len--;
	w->len -= w->len > 0;
	w->out->text[w->len] = '\0';
}

static bool go_down(struct walk *w, const char *name, size_t len)
{
	if (w->len + 1 + len >= sizeof(w->out->text))
		return false;
	w->out->text[w->len++] = '/';
	memcpy(w->out->text + w->len, name, len);
	w->len += len;
	w->out->text[w->len] = '\0';
	return true;
}

/*
 * /proc/self is whoever reads it: in a caller's name it means the caller. In another pid namespace
 * the caller's number isn't known, and it means nobody. LINK has PATH_MAX bytes.
 */
static size_t mend_self(const struct notify_view *v, const char *name, char *link, size_t len)
{
	bool is_thread = strcmp(name, "/thread-self") == 0;
	int pid = getpid();
	char ours[64];

	if (!v->caller || (!is_thread && strcmp(name, "/self") != 0))
		return len;
	if (is_thread)
		snprintf(ours, sizeof(ours), "%d/task/%d", pid, (int)gettid());
	else
		snprintf(ours, sizeof(ours), "%d", pid);
	if (strcmp(link, ours) != 0)
		return len;
	pid = notify_caller_shares(v->caller, "pid") ? v->caller->pid : -1;
	if (is_thread)
		return (size_t)snprintf(link, PATH_MAX, "%d/task/%d", pid, (int)v->caller->tid);
	return (size_t)snprintf(link, PATH_MAX, "%d", pid);
}

/* Puts a link's text in front of the rest. 0 or -errno. */
static int follow(struct walk *w, char *link, size_t len)
{
	const char *name = strrchr(w->out->text, '/');
	size_t left = strlen(w->at);

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	len = mend_self(w->view, name, link, len);
	if (len + left >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + len, w->at, left + 1);
	memcpy(w->rest, link, len);
	w->at = w->rest;
	if (link[0] == '/')
		w->len = 0;
	else
		go_up(w);
	w->out->text[w->len] = '\0';
	return len ? 0 : -ENOENT;
}

/* The component that was just gone down to may be a link. */
static int look(struct walk *w)
{
	char link[PATH_MAX];
	ssize_t len = readlinkat(w->view->root, w->out->text + 1, link, sizeof(link));

	if (len >= 0 && len < PATH_MAX) {
		link[len] = '\0';
		return follow(w, link, (size_t)len);
	}
	if (len >= 0)
		return -ENAMETOOLONG;
	if (errno == EINVAL)
		return 0;
	w->is_missing = errno == ENOENT || errno == ENOTDIR;
	return w->is_missing ? 0 : -errno;
}

static int step(struct walk *w, const char *name, size_t len, bool follows)
{
	bool is_dot = len == 1 && name[0] == '.', has_slash = *w->at == '/';
	bool is_up = len == 2 && name[0] == '.' && name[1] == '.';
	bool is_last = w->at[strspn(w->at, "/")] == '\0';

	w->out->is_dir = is_last && (has_slash || is_dot || is_up);
	if (is_dot)
		return 0;
	if (is_up) {
		if (w->is_missing)
			return -ENOENT;
		go_up(w);
		return 0;
	}
	if (len > NAME_MAX || !go_down(w, name, len))
		return -ENAMETOOLONG;
	if (w->is_missing || (is_last && !follows && !has_slash))
		return 0;
	return look(w);
}

/* Puts TEXT at AT of a buffer that has room for it: where it ends. */
static size_t join(char *buffer, size_t at, const char *text)
{
	size_t len = strlen(text);

	memcpy(buffer + at, text, len + 1);
	return at + len;
}

int notify_path_resolve(const struct notify_view *v, const char *path, bool follows,
			struct notify_name *out)
{
	struct walk w = { .view = v, .out = out };
	size_t at = 0;
	int r = 0;

	if (!*path)
		return -ENOENT;
	*out = (struct notify_name){ .is_dir = true };
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	/* Both are shorter than PATH_MAX. */
	if (path[0] != '/')
		at = join(w.rest, at, v->start);
	if (path[0] != '/')
		at = join(w.rest, at, "/");
	join(w.rest, at, path);
	w.at = w.rest;
	while (r == 0) {
		char *name = w.at + strspn(w.at, "/");
		size_t len = strcspn(name, "/");

		if (len == 0)
			return 0;
		w.at = name + len;
		r = step(&w, name, len, follows);
	}
	return r;
}
