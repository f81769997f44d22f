/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What answers do, live. For files that may be opened the kernel is the oracle: a call under
 * open_beneath() must come to what the same call comes to without a filter. All else is EACCES.
 */
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include "supervised.h"
#include "tree.h"

/* ---- one call, with and without the filter ---- */

struct opened {
	int error, status, descriptor; /* F_GETFL, F_GETFD */
	dev_t dev;
	ino_t ino;
	mode_t mode;
	char text[16];
};

enum { BENEATH = 1, ELSEWHERE = 2 };

/* T/ stands for the tree. */
static const struct opening {
	const char *path;
	int flags, where;
	mode_t mode;
} openings[] = {
	{ "T/in/file", O_RDONLY, BENEATH, 0 },
	{ "T/in/file", O_RDWR | O_CLOEXEC | O_APPEND, BENEATH, 0 },
	{ "T/in/file", O_WRONLY | O_NONBLOCK | O_SYNC, BENEATH, 0 },
	{ "T/in/file", O_RDONLY | O_DIRECTORY, BENEATH, 0 },
	{ "T/in/file", O_RDONLY | O_CREAT | O_EXCL, BENEATH, 0600 },
	{ "T/in/file/", O_RDONLY, BENEATH, 0 },
	{ "T/in/file/x", O_RDONLY, BENEATH, 0 },
	{ "T//in/./dir/..//file", O_RDONLY, BENEATH, 0 },
	{ "T/in", O_RDONLY | O_DIRECTORY, BENEATH, 0 },
	{ "T/in/", O_RDONLY, BENEATH, 0 },
	{ "T/in/.", O_RDONLY, BENEATH, 0 },
	{ "T/in/dir/..", O_RDONLY | O_NOFOLLOW, BENEATH, 0 },
	{ "T/in", O_RDWR, BENEATH, 0 },
	{ "T/in/dir/", O_WRONLY | O_CREAT, BENEATH, 0600 },
	{ "T/in/new/", O_WRONLY | O_CREAT, BENEATH, 0600 },
	{ "T/in/none", O_RDONLY, BENEATH, 0 },
	{ "T/in/none/file", O_RDONLY, BENEATH, 0 },
	{ "T/in/link", O_RDONLY, BENEATH, 0 },
	{ "T/in/link", O_RDONLY | O_NOFOLLOW, BENEATH, 0 },
	{ "T/in/link/", O_RDONLY, BENEATH, 0 },
	{ "T/in/link2", O_RDONLY, BENEATH, 0 },
	{ "T/in/absolute", O_RDONLY, BENEATH, 0 },
	{ "T/out/back", O_RDONLY, BENEATH, 0 },
	{ "T/out/../in/file", O_RDONLY, BENEATH, 0 },
	{ "T/in/outside/../in/file", O_RDONLY, BENEATH, 0 },
	{ "T/single", O_RDWR, BENEATH, 0 },
	{ "/proc/self/comm", O_RDONLY, BENEATH, 0 },
	{ "/proc/thread-self/comm", O_RDONLY, BENEATH, 0 },
	{ "/proc/mounts", O_RDONLY, BENEATH, 0 },
	{ "/proc/sys/kernel/ostype", O_RDONLY, BENEATH, 0 },
	{ "/proc/self/root/T/in/file", O_RDONLY, BENEATH, 0 },
	{ "/proc/self/cwd/in/file", O_RDONLY, BENEATH, 0 },
	{ "T/in/fifo", O_RDONLY | O_NONBLOCK, BENEATH, 0 },
	{ "T/in/fifo", O_WRONLY | O_NONBLOCK, BENEATH, 0 },
	{ "T/in/fifo", O_RDWR, BENEATH, 0 },
	{ "in/file", O_RDONLY, BENEATH, 0 },
	{ "./in/../in/file", O_RDONLY, BENEATH, 0 },
	{ "in", O_TMPFILE | O_RDWR, BENEATH, 0640 },
	{ "", O_RDONLY, BENEATH, 0 },

	{ "T/in/fifo", O_RDONLY, ELSEWHERE, 0 }, /* it would wait */
	{ "T", O_RDONLY, ELSEWHERE, 0 },
	{ "T/out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "T/out/none", O_RDONLY, ELSEWHERE, 0 },
	{ "T/singles", O_RDONLY, ELSEWHERE, 0 },
	{ "T/single/x", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/../out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/..", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/up", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/outside/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/outside/new", O_WRONLY | O_CREAT, ELSEWHERE, 0600 },
	{ "T/in/absolute-out", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/root", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/root/etc/passwd", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/loop", O_RDONLY, ELSEWHERE, 0 },
	{ "T/in/none/../../out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "/etc/passwd", O_RDONLY, ELSEWHERE, 0 },
	{ "/", O_RDONLY, ELSEWHERE, 0 },
	{ "..", O_PATH, ELSEWHERE, 0 },
	{ "out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "in/../out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "/proc/self/root/etc/passwd", O_RDONLY, ELSEWHERE, 0 },
	{ "/proc/self/cwd/out/secret", O_RDONLY, ELSEWHERE, 0 },
	{ "/proc/self/root", O_PATH, ELSEWHERE, 0 },
	{ "/proc/1/comm", O_RDONLY, ELSEWHERE, 0 },
	{ "/strait-no-such-place", O_WRONLY | O_CREAT, ELSEWHERE, 0600 },
};

static const char *with_tree(const char *path)
{
	static char full[PATH_MAX];
	const char *mark = strstr(path, "T");

	if (!mark)
		return path;
	snprintf(full, sizeof(full), "%.*s%s%s", (int)(mark - path), path,
		 mark > path && mark[-1] == '/' ? tree + 1 : tree, mark + 1);
	return full;
}

static void look(int fd, struct opened *o)
{
	struct stat st;

	o->error = fd < 0 ? errno : 0;
	if (fd < 0)
		return;
	o->status = fcntl(fd, F_GETFL);
	o->descriptor = fcntl(fd, F_GETFD);
	if (fstat(fd, &st) == 0) {
		o->dev = st.st_dev;
		o->ino = st.st_ino;
		o->mode = st.st_mode;
	}
	if (S_ISREG(st.st_mode))
		(void)!pread(fd, o->text, sizeof(o->text) - 1, 0);
	close(fd);
}

static bool is_free; /* without a filter: what is elsewhere isn't asked for, and may wait */

static int open_all(void *arg)
{
	struct opened *results = arg;

	umask(027);
	prctl(PR_SET_NAME, "opens-all");
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		if (is_free && openings[i].where == ELSEWHERE)
			continue;
		look((int)syscall(SYS_openat, AT_FDCWD, with_tree(openings[i].path),
				  openings[i].flags, openings[i].mode),
		     &results[i]);
	}
	return 0;
}

static int run_free(int (*run)(void *), void *arg)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(run(arg));
	waitpid(pid, &status, 0);
	return status;
}

static bool is_as(const struct opened *a, const struct opened *b, bool is_new)
{
	return a->error == b->error && a->status == b->status && a->descriptor == b->descriptor &&
	       a->mode == b->mode &&
	       (is_new || strncmp(a->text, "opens", 5) == 0 ||
		(a->dev == b->dev && (a->ino == b->ino || a->error))) &&
	       strcmp(a->text, b->text) == 0;
}

static void test_openings(void)
{
	struct opened *free_of = shared_memory(), *under = shared_memory();

	is_free = true;
	run_free(open_all, free_of);
	is_free = false;
	if (!ok(supervised_run(policy, open_all, under) == 0, "a program opens files"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *o = &openings[i];
		bool is_proc = strncmp(o->path, "/proc/", 6) == 0 && !strchr(o->path, 'T');
		bool is_new = (o->flags & O_TMPFILE) == O_TMPFILE || is_proc;

		if (o->where == ELSEWHERE) {
			ok(under[i].error == EACCES, "%s is elsewhere (%#x)", o->path, o->flags);
		} else if (!ok(is_as(&under[i], &free_of[i], is_new),
			       "%s is as without a filter (%#x)", o->path, o->flags)) {
			note("%d %#o %x/%d, not %d %#o %x/%d '%s'", under[i].error, under[i].mode,
			     (unsigned)under[i].status, under[i].descriptor, free_of[i].error,
			     free_of[i].mode, (unsigned)free_of[i].status, free_of[i].descriptor,
			     under[i].text);
		}
	}
	munmap(free_of, SHARED_SIZE);
	munmap(under, SHARED_SIZE);
}

/* ---- what isn't in a table ---- */

struct sundry {
	int null, unterminated, bad_fd, file_fd, from_dir, from_out, up_from_dir, deleted, limit;
	int path_only, creat, own_number, supervisor, getuid, getgid, getppid, getpgrp;
	mode_t made;
	pid_t other; /* in: the supervisor */
	int made_excl, made_again;
};

static int error_of(long r)
{
	int error = r < 0 ? errno : 0;

	if (r >= 0)
		close((int)r);
	return error;
}

static void open_from(struct sundry *s)
{
	int dir = open(in_tree("in"), O_RDONLY | O_CLOEXEC),
	    file = open(in_tree("in/file"), O_RDONLY);
	int out = dup(dir);

	s->from_dir = error_of(syscall(SYS_openat, dir, "dir/deep", O_RDONLY));
	s->up_from_dir = error_of(syscall(SYS_openat, dir, "../out/secret", O_RDONLY));
	s->file_fd = error_of(syscall(SYS_openat, file, "x", O_RDONLY));
	s->bad_fd = error_of(syscall(SYS_openat, 1000, "x", O_RDONLY));
	if (fchdir(dir) == 0 && chdir("../out") == 0)
		s->from_out = error_of(syscall(SYS_openat, AT_FDCWD, "secret", O_RDONLY));
	if (mkdir(in_tree("in/gone"), 0700) == 0 && chdir(in_tree("in/gone")) == 0 &&
	    rmdir(in_tree("in/gone")) == 0)
		s->deleted = error_of(syscall(SYS_openat, AT_FDCWD, "x", O_WRONLY | O_CREAT, 0600));
	close(out);
	close(dir);
	close(file);
}

static int do_sundry(void *arg)
{
	struct sundry *s = arg;
	struct rlimit few = { 0, 0 };
	struct stat st;
	char name[64], *page;
	long r;

	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(page, '/', 8192);
	s->path_only = error_of(open(in_tree("in/file"), O_PATH));
	s->null = error_of(syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY));
	s->unterminated = error_of(syscall(SYS_openat, AT_FDCWD, page, O_RDONLY));
	open_from(s);
	umask(037);
	s->creat = error_of(creat(in_tree("in/created"), 06777));
	if (stat(in_tree("in/created"), &st) == 0)
		s->made = st.st_mode;
	s->made_excl = error_of(syscall(SYS_openat, AT_FDCWD, in_tree("in/excl"),
					O_CREAT | O_EXCL | O_WRONLY, 0600));
	s->made_again = error_of(syscall(SYS_openat, AT_FDCWD, in_tree("in/excl"),
					 O_CREAT | O_EXCL | O_WRONLY, 0600));
	snprintf(name, sizeof(name), "/proc/%d/comm", (int)getpid());
	s->own_number = error_of(open(name, O_RDONLY | O_CLOEXEC));
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)s->other);
	s->supervisor = error_of(open(name, O_RDONLY | O_CLOEXEC));
	s->getuid = (int)syscall(SYS_getuid);
	r = syscall(SYS_getgid);
	s->getgid = r < 0 ? errno : 0;
	s->getppid = (int)syscall(SYS_getppid);
#ifdef SYS_getpgrp
	s->getpgrp = (int)syscall(SYS_getpgrp, 7L);
#endif
	setrlimit(RLIMIT_NOFILE, &few);
	s->limit = error_of(open(in_tree("in/file"), O_RDONLY | O_CLOEXEC));
	return 0;
}

static void test_sundry(void)
{
	struct sundry *s = shared_memory();

	s->other = getpid();
	if (!ok(supervised_run(policy, do_sundry, s) == 0, "a program asks for other things"))
		return;
	ok(s->path_only == EOPNOTSUPP, "O_PATH can't be handed over");
	ok(s->null == EFAULT, "a name at NULL is a fault");
	ok(s->unterminated == ENAMETOOLONG, "a name of 4,096 bytes is too long");
	ok(s->bad_fd == EBADF && s->file_fd == ENOTDIR,
	   "what isn't a directory is no place to start");
	ok(s->from_dir == 0, "a name from an open directory");
	ok(s->up_from_dir == EACCES && s->from_out == EACCES, "which is no way out");
	ok(s->deleted == EACCES, "in a deleted directory nothing is");
	ok(s->creat == 0 && (s->made & 07777) == (06777 & ~037),
	   "creat(2), and the caller's umask");
	ok(s->made_excl == 0 && s->made_again == EEXIST, "O_EXCL creates once");
	ok(s->own_number == 0 && s->supervisor == EACCES,
	   "in /proc the caller finds itself, and not the supervisor");
	ok(s->getuid == 4711 && s->getgid == EXDEV && s->getppid == getpid(),
	   "a value, an errno, and a call that continues");
	ok(s->limit == EMFILE, "the caller's own limit of files");
#ifdef __x86_64__
	ok(s->getpgrp == 7, "a condition chooses the answer");
#endif
	munmap(s, SHARED_SIZE);
}

/* ---- races ---- */

struct race {
	char *name; /* what the other thread rewrites */
	volatile bool over;
	long good, refused, bad;
};

static void *rewrite(void *arg)
{
	struct race *race = arg;
	size_t len = strlen(tree);

	while (!race->over) {
		memcpy(race->name + len, "/out/deep\0\0", 11);
		memcpy(race->name + len, "/in/dir/deep", 13);
	}
	return NULL;
}

static void count(struct race *race, int fd)
{
	char text[8] = "";

	if (fd < 0) {
		race->refused++;
		return;
	}
	if (read(fd, text, sizeof(text)) > 0 && strncmp(text, "in", 2) == 0)
		race->good++;
	else
		race->bad++;
	close(fd);
}

#define RACES 6000

static int race_memory(void *arg)
{
	struct race *race = arg;
	pthread_t thread;

	race->name = malloc(PATH_MAX);
	snprintf(race->name, PATH_MAX, "%s/in/dir/deep", tree);
	pthread_create(&thread, NULL, rewrite, race);
	for (int i = 0; i < RACES; i++)
		count(race, (int)syscall(SYS_openat, AT_FDCWD, race->name, O_RDONLY));
	race->over = true;
	pthread_join(thread, NULL);
	return 0;
}

/* A directory and a link out take turns under one name. */
static void *exchange(void *arg)
{
	struct race *race = arg;
	char a[PATH_MAX], b[PATH_MAX];

	snprintf(a, sizeof(a), "%s/in/turn", tree);
	snprintf(b, sizeof(b), "%s/in/other", tree);
	while (!race->over)
		syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
	return NULL;
}

static int race_links(void *arg)
{
	struct race *race = arg;
	char name[PATH_MAX];
	pthread_t thread;

	snprintf(name, sizeof(name), "%s/in/turn/deep", tree);
	pthread_create(&thread, NULL, exchange, race);
	for (int i = 0; i < RACES; i++)
		count(race, (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY));
	race->over = true;
	pthread_join(thread, NULL);
	return 0;
}

/* What was put in place of a name after it was resolved: the kernel itself goes no other way. */
static const struct {
	const char *from, *name;
	int error;
} detours[] = {
	{ "in", "link", ELOOP },
	{ "in", "up", ELOOP },
	{ "in", "absolute", ELOOP },
	{ "in", "outside/secret", ELOOP },
	{ "in", "root/etc/passwd", ELOOP },
	{ "in", "../out/secret", EXDEV },
	{ "in", "dir/../../out/secret", EXDEV },
	{ "in", "/etc/passwd", EXDEV },
	{ "/proc", "self/root", ELOOP },
	{ "in", "file", 0 },
	{ "in", "dir/../file", 0 },
	{ "/proc", "version", 0 },
};

static void test_detours(void)
{
	for (size_t i = 0; i < ARRAY_LEN(detours); i++) {
		const char *from = detours[i].from;
		int dir = open(*from == '/' ? from : in_tree(from), O_PATH | O_CLOEXEC);
		int fd = notify_path_open(dir, detours[i].name, O_RDONLY, 0);

		ok(fd < 0 ? fd == -detours[i].error : detours[i].error == 0, "%s from %s: %d",
		   detours[i].name, from, fd);
		close(dir);
		if (fd >= 0)
			close(fd);
	}
}

static void test_races(void)
{
	struct race *race = shared_memory();
	int status = supervised_run(policy, race_memory, race);

	ok(status == 0 && race->bad == 0 && race->good > 0 && race->good + race->refused == RACES,
	   "a name rewritten by another thread: %ld opened, %ld refused, %ld outside", race->good,
	   race->refused, race->bad);
	memset(race, 0, sizeof(*race));
	if (mkdir(in_tree("in/turn"), 0777) < 0)
		abort();
	make_file("in/turn/deep", "in", 0644);
	make_link("../out", "in/other");
	status = supervised_run(policy, race_links, race);
	ok(status == 0 && race->bad == 0 && race->good > 0 && race->good + race->refused == RACES,
	   "a directory swapped for a link: %ld opened, %ld refused, %ld outside", race->good,
	   race->refused, race->bad);
	munmap(race, SHARED_SIZE);
}

/* ---- in whose name ---- */

struct rights {
	int as_root, without_caps, as_other, other_creates, group_only, as_root_again;
	struct stat made;
};

static void drop_caps(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];

	syscall(SYS_capget, &header, caps);
	caps[0].effective = caps[1].effective = 0;
	syscall(SYS_capset, &header, caps);
}

static int try_as(void (*become)(void), const char *name, int flags)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		become();
		umask(0);
		_exit(error_of(syscall(SYS_openat, AT_FDCWD, name, flags, 0644)));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void become_root(void)
{
}

static void become_other(void)
{
	const gid_t groups[] = { 4242 };

	if (setgroups(1, groups) < 0 || setresgid(4243, 4243, 4243) < 0 ||
	    setresuid(4244, 4244, 4244) < 0)
		_exit(98);
}

static int try_rights(void *arg)
{
	struct rights *r = arg;

	/* Another's file that only he may read. */
	r->as_root = try_as(become_root, in_tree("in/private"), O_RDONLY);
	r->without_caps = try_as(drop_caps, in_tree("in/private"), O_RDONLY);
	r->as_other = try_as(become_other, in_tree("in/private"), O_RDONLY);
	r->group_only = try_as(become_other, in_tree("in/group"), O_RDONLY);
	r->other_creates = try_as(become_other, in_tree("in/dir/theirs"), O_WRONLY | O_CREAT);
	r->as_root_again = try_as(become_root, in_tree("in/private"), O_RDONLY);
	return stat(in_tree("in/dir/theirs"), &r->made) == 0 ? 0 : 1;
}

static void test_rights(void)
{
	struct rights *r = shared_memory();

	if (geteuid() != 0) {
		skip("only root has rights to lose");
		return;
	}
	make_file("in/private", "in", 0600);
	make_file("in/group", "in", 0040);
	if (chown(in_tree("in/private"), 5000, 5000) < 0 ||
	    chown(in_tree("in/group"), 5000, 4242) < 0 || chmod(in_tree("in/dir"), 0777) < 0) {
		skip("files can't be given away here");
		return;
	}
	ok(supervised_run(policy, try_rights, r) == 0, "callers with fewer rights ask");
	ok(r->as_root == 0, "root opens another's file");
	ok(r->without_caps == EACCES,
	   "root without capabilities doesn't, whatever the supervisor has");
	ok(r->as_other == EACCES, "another user doesn't");
	ok(r->group_only == 0, "the caller's groups count");
	ok(r->other_creates == 0 && r->made.st_uid == 4244 && r->made.st_gid == 4243 &&
		   (r->made.st_mode & 07777) == 0644,
	   "what it creates is its own");
	ok(r->as_root_again == 0, "the supervisor has its own rights again");
	munmap(r, SHARED_SIZE);
}

/* ---- other roots ---- */

struct roots {
	int inside, outside, up, absolute, mounted, no_right;
	char text[16];
};

static int try_roots(void *arg)
{
	struct roots *r = arg;
	struct opened o = { 0 };

	if (chroot(tree) < 0 || chdir("/") < 0)
		return 1;
	r->inside = error_of(open("/in/file", O_RDONLY));
	r->no_right = error_of(open("/single", O_RDONLY));
	r->up = error_of(open("/in/../../../../in/file", O_RDONLY));
	r->outside = error_of(open("/out/secret", O_RDONLY));
	r->absolute = error_of(open("/in/root/in/file", O_RDONLY));
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    errno != EINVAL)
		return 2;
	if (mount("none", "/in", "tmpfs", 0, NULL) < 0)
		return 0;
	error_of(mknod("/in/file", S_IFREG | 0644, 0));
	symlink("/out/secret", "/in/up");
	o.error = -1;
	look(open("/in/written", O_RDWR | O_CREAT, 0600), &o);
	r->mounted = o.error ? 1 : access("/in/written", F_OK) == 0 ? 2 : 3;
	return 0;
}

static void test_roots(void)
{
	struct roots *r = shared_memory();
	int status;

	if (geteuid() != 0) {
		skip("only root changes its root");
		return;
	}
	/* "/in" is a place in the new root only. */
	status = supervised_run("default allow\nnotify openat => open_beneath(\"/in\")\n",
				try_roots, r);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
		skip("no chroot(2) here");
		return;
	}
	ok(status == 0, "a program changes its root");
	ok(r->inside == 0 && r->up == 0 && r->absolute == 0,
	   "names are those of the caller's root");
	ok(r->outside == EACCES && r->no_right == EACCES, "places are, too");
	if (r->mounted)
		ok(r->mounted == 2, "and so are mounts");
	else
		skip("no mount(2) here");
	ok(access(in_tree("in/written"), F_OK) < 0, "nothing went into the supervisor's own");
	munmap(r, SHARED_SIZE);
}

/* ---- nodes ---- */

struct nodes {
	int null, again, over_link, wrong, block, fifo, regular, missing, at, unreadable;
	struct stat made;
};

static int make_nodes(void *arg)
{
	struct nodes *n = arg;

	umask(022);
	n->null = error_of(
		syscall(SYS_mknodat, AT_FDCWD, in_tree("out/null"), S_IFCHR | 0666, makedev(1, 3)));
	if (stat(in_tree("out/null"), &n->made) < 0)
		return 1;
	n->again = error_of(mknod(in_tree("out/null"), S_IFCHR | 0666, makedev(1, 3)));
	n->over_link = error_of(mknod(in_tree("in/dangling"), S_IFCHR | 0666, makedev(1, 3)));
	n->wrong = error_of(mknod(in_tree("out/kmem"), S_IFCHR | 0666, makedev(1, 1)));
	n->block = error_of(mknod(in_tree("out/ram"), S_IFBLK | 0666, makedev(1, 3)));
	n->fifo = error_of(mknod(in_tree("out/fifo"), S_IFIFO | 0666, 0));
	n->regular = error_of(mknod(in_tree("out/reg"), 0666, makedev(1, 3)));
	n->missing = error_of(mknod(in_tree("none/null"), S_IFCHR | 0666, makedev(1, 3)));
	n->unreadable =
		error_of(syscall(SYS_mknodat, AT_FDCWD, NULL, S_IFCHR | 0666, makedev(1, 3)));
	n->at = error_of(mknodat(AT_FDCWD, "out/zero", S_IFCHR | 0600, makedev(1, 5)));
	return 0;
}

static void test_nodes(void)
{
	struct nodes *n = shared_memory();
	struct stat null;
	bool may = mknod(in_tree("out/probe"), S_IFCHR | 0600, makedev(1, 3)) == 0;

	unlink(in_tree("out/probe"));
	if (!may || stat("/dev/null", &null) < 0 || null.st_rdev != makedev(1, 3)) {
		skip("device nodes can't be made here");
		return;
	}
	ok(supervised_run(policy, make_nodes, n) == 0, "a program makes nodes");
	ok(n->null == 0 && S_ISCHR(n->made.st_mode) && n->made.st_rdev == makedev(1, 3) &&
		   (n->made.st_mode & 07777) == 0644,
	   "a named device's, with the caller's umask");
	ok(n->at == 0, "another one's, by a relative name");
	ok(n->wrong == EPERM && n->block == EPERM && n->fifo == EPERM && n->regular == EPERM,
	   "no other node");
	ok(n->again == EEXIST && n->over_link == EEXIST && n->missing == ENOENT &&
		   n->unreadable == EFAULT,
	   "the rest fails as mknod(2) does");
	munmap(n, SHARED_SIZE);
}

/* ---- other ABIs ---- */

#if defined(__x86_64__) && !defined(__ILP32__)
static long call32(long nr, long a, long b, long c)
{
	__asm__ volatile("int $0x80"
			 : "+a"(nr)
			 : "b"(a), "c"(b), "d"(c), "S"(0L)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)nr;
}

static int opens32(void *arg)
{
	int *results = arg;
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	strcpy(low, in_tree("in/file"));
	results[0] = (int)call32(295, AT_FDCWD, (long)low, O_RDONLY); /* openat */
	results[1] = (int)call32(5, (long)low, O_RDONLY, 0);	      /* open */
	strcpy(low, in_tree("out/secret"));
	results[2] = (int)call32(5, (long)low, O_RDONLY, 0);
	return 0;
}

static void test_i386(void)
{
	int *results = shared_memory();
	int status;
	char both[5000];

	snprintf(both, sizeof(both), "arch x86_64, i386\n%s", policy);
	status = supervised_run(both, opens32, results);
	if (status != 0) {
		skip("no 32-bit calls here");
		return;
	}
	ok(results[0] > 2 && results[1] > 2, "32-bit calls open files: %d %d", results[0],
	   results[1]);
	ok(results[2] == -EACCES, "beneath only");
	munmap(results, SHARED_SIZE);
}
#endif

/* ---- making them ---- */

static void test_mistakes(void)
{
	struct supervised s;

	ok(supervised_init(&s, "default allow\nnotify getuid\n") == -EINVAL &&
		   s.diags.first->code == DIAG_NO_ANSWER,
	   "a rule without an answer is a mistake");
	supervised_deinit(&s);
	ok(supervised_init(&s, "default notify\n") == -EINVAL &&
		   s.diags.first->code == DIAG_NO_ANSWER,
	   "so is a default without one");
	supervised_deinit(&s);
	ok(supervised_init(&s, "default allow\nnotify mknod, mknodat => make_node(\"/\")\n") ==
			   -EINVAL &&
		   s.diags.first->code == DIAG_ANSWER_FILE && s.diags.errors == 1,
	   "a directory is no device");
	supervised_deinit(&s);
	ok(supervised_init(&s, "default notify => errno(EPERM)\nallow read\n") == 0,
	   "a default may have one");
	supervised_deinit(&s);
}

int main(void)
{
	struct kernel_probe probe;
	int nothing = 0;

	kernel_probe(&probe);
	make_tree();
	test_mistakes();
	if (!(probe.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) ||
	    supervised_run(policy, open_all, shared_memory()) != nothing) {
		skip("no listener is to be had here");
		remove_tree();
		return done();
	}
	test_openings();
	test_sundry();
	test_detours();
	test_races();
	test_rights();
	test_nodes();
#if defined(__x86_64__) && !defined(__ILP32__)
	test_i386();
#endif
	test_roots();
	remove_tree();
	return done();
}
