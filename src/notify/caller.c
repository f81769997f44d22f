/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ids are changed by raw system calls: libc's wrappers would change those of every thread. The
 * kernel's setfsuid(2) takes the file capabilities of whoever was root (security/commoncap.c,
 * cap_task_fix_setuid()), yet a caller can have given up more, so the effective set is written
 * after it.
 */
#include "notify/caller.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/buf.h"

/* The 32-bit ids' calls, where the first ones had 16. */
#ifdef SYS_setfsuid32
#define CALL_SETFSUID  SYS_setfsuid32
#define CALL_SETFSGID  SYS_setfsgid32
#define CALL_SETGROUPS SYS_setgroups32
#else
#define CALL_SETFSUID  SYS_setfsuid
#define CALL_SETFSGID  SYS_setfsgid
#define CALL_SETGROUPS SYS_setgroups
#endif

/* 65,536 groups (NGROUPS_MAX) of ten digits, and the rest of the file. */
#define STATUS_MAX ((size_t)1 << 20)

/* ---- /proc/TID/status ---- */

/* Behind "\nNAME:", or NULL. */
static const char *field(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? line + strlen(name) : NULL;
}

static bool read_number(const char *text, int base, unsigned long long *out)
{
	char *end;

	if (!text)
		return false;
	*out = strtoull(text, &end, base);
	return end != text;
}

/* "Uid:" and "Gid:" have four numbers: real, effective, saved, file system. */
static bool read_fs_id(const char *text, unsigned long long *out)
{
	char *end;

	for (int i = 0; text && i < 4; i++) {
		*out = strtoull(text, &end, 10);
		text = end == text ? NULL : end;
	}
	return text != NULL;
}

static int read_groups(const char *text, struct notify_ids *ids)
{
	size_t room = 0;

	while (text && *text && *text != '\n') {
		char *end;
		unsigned long group = strtoul(text, &end, 10);
		gid_t *more;

		if (end == text)
			break;
		if (ids->ngroups == room) {
			room = room ? 2 * room : 32;
			more = realloc(ids->groups, room * sizeof(*more));
			if (!more)
				return -ENOMEM;
			ids->groups = more;
		}
		ids->groups[ids->ngroups++] = (gid_t)group;
		text = end + strspn(end, " \t");
	}
	return text ? 0 : -EIO;
}

static int parse_status(const char *status, struct notify_caller *c)
{
	unsigned long long umask, pid, uid, gid, caps;

	/* No umask: the thread has ended. */
	if (!read_number(field(status, "\nUmask:"), 8, &umask) ||
	    !read_number(field(status, "\nTgid:"), 10, &pid) ||
	    !read_fs_id(field(status, "\nUid:"), &uid) ||
	    !read_fs_id(field(status, "\nGid:"), &gid) ||
	    !read_number(field(status, "\nCapEff:"), 16, &caps))
		return -EIO;
	c->umask = (mode_t)umask;
	c->pid = (pid_t)pid;
	c->ids.uid = (uid_t)uid;
	c->ids.gid = (gid_t)gid;
	c->ids.caps = caps;
	return read_groups(field(status, "\nGroups:"), &c->ids);
}

static int read_status(pid_t tid, struct notify_caller *c)
{
	AUTO(close_fd) int fd = -1;
	AUTO_BUF status = { 0 };
	char path[sizeof("/proc/4294967295/status")];
	int r;

	snprintf(path, sizeof(path), "/proc/%u/status", (unsigned)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = buf_read_fd(&status, fd, STATUS_MAX);
	if (r < 0)
		return r;
	return status.data ? parse_status(status.data, c) : -EIO;
}

bool notify_caller_shares(const struct notify_caller *c, const char *ns)
{
	char theirs[64], ours[64];
	struct stat a, b;

	snprintf(theirs, sizeof(theirs), "/proc/%u/ns/%s", (unsigned)c->tid, ns);
	snprintf(ours, sizeof(ours), "/proc/self/ns/%s", ns);
	return stat(theirs, &a) == 0 && stat(ours, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int notify_caller_read(const struct notify_request *r, struct notify_caller *c)
{
	int status;

	*c = (struct notify_caller){ .tid = (pid_t)r->notif->pid };
	if (c->tid == 0)
		return -ESRCH;
	status = read_status(c->tid, c);
	if (status == 0 && !notify_caller_shares(c, "user"))
		c->ids.caps = 0;
	if (!notify_is_alive(r))
		status = -ENOENT;
	if (status < 0)
		notify_caller_free(c);
	return status;
}

void notify_caller_free(struct notify_caller *c)
{
	notify_ids_free(&c->ids);
}

/* ---- ids ---- */

static int get_caps(struct __user_cap_data_struct caps[static 2])
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return syscall(SYS_capget, &header, caps) < 0 ? -errno : 0;
}

/* The effective set; the others stay. */
static int set_caps(uint64_t effective)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];
	int r = get_caps(caps);

	if (r < 0)
		return r;
	caps[0].effective = (uint32_t)effective;
	caps[1].effective = (uint32_t)(effective >> 32);
	return syscall(SYS_capset, &header, caps) < 0 ? -errno : 0;
}

/* setfsuid(2) says nothing of failure: it returns what was before. */
static bool set_fs_id(long call, unsigned id)
{
	(void)syscall(call, (long)id);
	return (unsigned)syscall(call, -1L) == id;
}

int notify_ids_init(struct notify_ids *own)
{
	struct __user_cap_data_struct caps[2] = { { 0 } };
	int n, r = unshare(CLONE_FS) < 0 ? -errno : get_caps(caps);

	*own = (struct notify_ids){ 0 };
	if (r < 0)
		return r;
	own->uid = (uid_t)syscall(CALL_SETFSUID, -1L);
	own->gid = (gid_t)syscall(CALL_SETFSGID, -1L);
	own->caps = caps[0].effective | (uint64_t)caps[1].effective << 32;
	n = getgroups(0, NULL);
	own->groups = calloc((size_t)(n > 0 ? n : 0) + 1, sizeof(*own->groups));
	if (!own->groups)
		return -ENOMEM;
	n = n < 0 ? -1 : getgroups(n, own->groups);
	if (n < 0)
		return -errno;
	own->ngroups = (size_t)n;
	return 0;
}

void notify_ids_free(struct notify_ids *ids)
{
	free(ids->groups);
}

static bool has_groups(const struct notify_ids *a, const struct notify_ids *b)
{
	return a->ngroups == b->ngroups &&
	       (a->ngroups == 0 ||
		memcmp(a->groups, b->groups, a->ngroups * sizeof(*a->groups)) == 0);
}

/* Most callers are as their supervisor is. */
static bool is_same(const struct notify_ids *own, const struct notify_caller *c)
{
	return own->uid == c->ids.uid && own->gid == c->ids.gid && has_groups(own, &c->ids) &&
	       (own->caps & ~c->ids.caps) == 0;
}

static int set_groups(const struct notify_ids *from, const struct notify_ids *to)
{
	if (has_groups(from, to))
		return 0;
	return syscall(CALL_SETGROUPS, to->ngroups, to->groups) < 0 ? -errno : 0;
}

int notify_act_for(const struct notify_ids *own, const struct notify_caller *c, uint64_t keep)
{
	bool good;

	umask(c->umask);
	if (is_same(own, c))
		return 0;
	if (set_groups(own, &c->ids) < 0)
		return -EPERM;
	good = set_fs_id(CALL_SETFSGID, c->ids.gid) && set_fs_id(CALL_SETFSUID, c->ids.uid) &&
	       set_caps(own->caps & (c->ids.caps | keep)) == 0;
	if (good)
		return 0;
	notify_act_for_self(own, c);
	return -EPERM;
}

void notify_act_for_self(const struct notify_ids *own, const struct notify_caller *c)
{
	bool good;

	if (is_same(own, c))
		return;
	/* What one may change back one has kept in the permitted set. */
	good = set_caps(own->caps) == 0 && set_fs_id(CALL_SETFSUID, own->uid) &&
	       set_fs_id(CALL_SETFSGID, own->gid) && set_groups(&c->ids, own) == 0 &&
	       set_caps(own->caps) == 0;
	assert(good);
}
