/* SPDX-License-Identifier: BSD-2-Clause */
/* Files for test-answers.c, in a new directory T:  in/ (allowed)  single (allowed)  out/ (not) */
#ifndef STRAIT_TESTS_NOTIFY_TREE_H
#define STRAIT_TESTS_NOTIFY_TREE_H

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree[] = "/tmp/strait-answers-XXXXXX";
static char policy[4096];

static const char *in_tree(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	return path;
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_tree(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

static void make_link(const char *to, const char *name)
{
	unlink(in_tree(name));
	if (symlink(to, in_tree(name)) < 0)
		abort();
}

static void make_tree(void)
{
	char path[PATH_MAX];

	if (!mkdtemp(tree) || chdir(tree) < 0 || chmod(tree, 0755) < 0)
		abort();
	if (mkdir("in", 0777) < 0 || mkdir("in/dir", 0777) < 0 || mkdir("out", 0777) < 0)
		abort();
	make_file("in/file", "in", 0644);
	make_file("in/dir/deep", "in", 0644);
	make_file("out/secret", "secret", 0644);
	make_file("out/deep", "secret", 0644);
	make_file("single", "single", 0644);
	make_file("singles", "secret", 0644);
	make_link("file", "in/link");
	make_link("dir/../link", "in/link2");
	make_link("../out/secret", "in/up");
	make_link("../out", "in/outside");
	make_link("loop", "in/loop");
	make_link("nothing", "in/dangling");
	make_link("/", "in/root");
	make_link("../in/file", "out/back");
	snprintf(path, sizeof(path), "%s/in/file", tree);
	make_link(path, "in/absolute");
	snprintf(path, sizeof(path), "%s/out/secret", tree);
	make_link(path, "in/absolute-out");
	if (mkfifo("in/fifo", 0666) < 0)
		abort();
	snprintf(policy, sizeof(policy),
		 "default allow\n"
		 "notify { open openat creat } => open_beneath(\"%s/in\", \"%s/single\",\n"
		 "\"/strait-no-such-place\", \"/proc\")\n"
		 "notify { mknod mknodat } => make_node(\"/dev/null\", \"/dev/zero\")\n"
		 "notify getuid => return 4711\n"
		 "notify getgid => errno(EXDEV)\n"
		 "notify getppid => log_and_continue\n"
		 "on x86_64 notify getpgrp if arg0 == 7 => return 7\n",
		 tree, tree);
}

static void remove_tree(void)
{
	char command[PATH_MAX + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", tree);
	(void)!system(command);
}

#endif
