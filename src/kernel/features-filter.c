/* SPDX-License-Identifier: BSD-2-Clause */
/* Modes, installing, actions, flags and notification. */
#include "kernel/features.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "kernel/proc.h"

/* linux/seccomp.h of 5.9, 5.14 and 6.6 */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, uint64_t)
#endif
#define SYNC_WAKE_UP 1UL

/*
 * Why what seccomp(2) was asked isn't known; NULL: it is. The kernel itself says EFAULT to the
 * probe; whoever says something else is not the kernel.
 */
static const char *why_unknown(const struct kernel_features *f)
{
	if (f->probe_failure)
		return f->probe_failure;
	if (f->probe.mode == SECCOMP_MODE_FILTER && !f->probe.filter)
		return "a filter that is installed already answers seccomp(2) in the kernel's "
		       "place";
	return NULL;
}

/* What depends on the answers of seccomp(2). */
static void add_asked(struct kernel_features *f, struct kernel_feature row)
{
	if (why_unknown(f) && row.state == KERNEL_NO) {
		row.state = KERNEL_UNKNOWN;
		row.how = why_unknown(f);
		row.follows = NULL;
	}
	kernel_feature_add(f, row);
}

/* ---- modes ---- */

static void try_no_new_privs(const void *arg, long *values)
{
	(void)arg;
	values[0] = kernel_set_no_new_privs();
}

static void try_install(const void *arg, long *values)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	(void)arg;
	values[0] = kernel_set_no_new_privs();
	if (values[0] == 0)
		values[0] = kernel_install(&allow, 1, 0, NULL);
}

static void add_tried(struct kernel_features *f, struct kernel_feature row,
		      const struct attempt *attempt)
{
	const char *failure = kernel_attempt_failure(f, attempt);
	int error = (int)-attempt->values[0];

	row.state = failure || error ? KERNEL_NO : KERNEL_YES;
	if (attempt->error)
		row.state = KERNEL_UNKNOWN;
	if (failure)
		row.how = failure;
	else if (error)
		row.how = kernel_text(f, "tried in a child: %s", kernel_errno_text(f, error));
	else
		row.how = "tried in a child";
	if (row.state == KERNEL_YES)
		row.follows = NULL;
	kernel_feature_add(f, row);
}

static void add_modes(struct kernel_features *f)
{
	struct attempt privs = kernel_attempt(try_no_new_privs, NULL);
	struct attempt install = kernel_attempt(try_install, NULL);

	add_asked(f,
		  (struct kernel_feature){
			  .group = "mode",
			  .name = "strict",
			  .state = f->probe.strict ? KERNEL_YES : KERNEL_NO,
			  .how = "/proc/thread-self/status has a line for seccomp (CONFIG_SECCOMP)",
			  .follows = f->probe.strict ? NULL : "this kernel has no seccomp at all",
		  });
	add_asked(f, (struct kernel_feature){
			     .group = "mode",
			     .name = "filter",
			     .state = f->probe.filter ? KERNEL_YES : KERNEL_NO,
			     .how = "seccomp(SECCOMP_SET_MODE_FILTER) reads a program "
				    "(CONFIG_SECCOMP_FILTER)",
			     .follows = f->probe.filter ? NULL : "no filter can be installed",
		     });
	add_tried(f,
		  (struct kernel_feature){
			  .group = "mode",
			  .name = "no_new_privs",
			  .follows = "only CAP_SYS_ADMIN may install filters",
		  },
		  &privs);
	add_tried(f,
		  (struct kernel_feature){
			  .group = "mode",
			  .name = "install",
			  .follows = "no filter can be installed from here",
		  },
		  &install);
	f->installs = install.is_done && install.values[0] == 0;
}

/* ---- actions ---- */

static const struct {
	uint32_t action;
	const char *name, *without;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill_process", "kills the thread only: use kill_thread" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread", NULL },
	{ SECCOMP_RET_TRAP, "trap", NULL },
	{ SECCOMP_RET_ERRNO, "errno", NULL },
	{ SECCOMP_RET_USER_NOTIF, "notify", "kills in place of asking a supervisor" },
	{ SECCOMP_RET_TRACE, "trace", NULL },
	{ SECCOMP_RET_LOG, "log", "kills in place of logging" },
	{ SECCOMP_RET_ALLOW, "allow", NULL },
};

static bool has_action(const struct kernel_features *f, uint32_t action)
{
	for (unsigned i = 0; i < KERNEL_ACTIONS; i++)
		if (kernel_actions[i] == action)
			return f->probe.actions >> i & 1;
	return false;
}

static void add_file(struct kernel_features *f, const char *name, const char *path,
		     const char *follows)
{
	struct kernel_feature row = { .group = "action", .name = name, .how = path };
	char text[256];

	row.state = KERNEL_UNKNOWN;
	if (kernel_read_file(path, text, sizeof(text))) {
		text[strcspn(text, "\n")] = '\0';
		row.state = KERNEL_YES;
		row.value = kernel_text(f, "%s", text);
		row.follows = follows;
	} else {
		row.how = kernel_text(f, "%s: %s", path, kernel_errno_text(f, errno));
	}
	kernel_feature_add(f, row);
}

static void add_actions(struct kernel_features *f)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		bool has = has_action(f, actions[i].action);

		add_asked(f, (struct kernel_feature){
				     .group = "action",
				     .name = actions[i].name,
				     .state = has ? KERNEL_YES : KERNEL_NO,
				     .how = "seccomp(SECCOMP_GET_ACTION_AVAIL), or it came with "
					    "seccomp(2) itself",
				     .follows = has ? NULL : actions[i].without,
			     });
	}
	add_file(f, "actions_avail", "/proc/sys/kernel/seccomp/actions_avail", NULL);
	add_file(f, "actions_logged", "/proc/sys/kernel/seccomp/actions_logged",
		 "log, kill and what filters with the flag LOG do is logged if it stands here");
}

/* ---- flags ---- */

static const struct {
	unsigned flag;
	const char *name, *since, *without;
} flags[] = {
	{ SECCOMP_FILTER_FLAG_TSYNC, "TSYNC", "3.17", "each thread has to install by itself" },
	{ SECCOMP_FILTER_FLAG_LOG, "LOG", "4.14", "errno, trap and trace aren't logged" },
	{ SECCOMP_FILTER_FLAG_SPEC_ALLOW, "SPEC_ALLOW", "4.17",
	  "see speculation: it can't be prevented" },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER, "NEW_LISTENER", "5.0", "there are no supervisors" },
	{ SECCOMP_FILTER_FLAG_TSYNC_ESRCH, "TSYNC_ESRCH", "5.7",
	  "TSYNC and a listener don't go together" },
	{ SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "WAIT_KILLABLE_RECV", "5.19",
	  "a call that a supervisor works on can be restarted by any signal" },
};

static void add_flags(struct kernel_features *f)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		bool has = f->probe.flags & flags[i].flag;
		const char *how = kernel_text(f, "seccomp(2) %s it (since Linux %s)",
					      has ? "takes" : "refuses", flags[i].since);

		add_asked(f, (struct kernel_feature){
				     .group = "flag",
				     .name = flags[i].name,
				     .state = has ? KERNEL_YES : KERNEL_NO,
				     .how = how,
				     .follows = has ? NULL : flags[i].without,
			     });
	}
}

void kernel_features_filter(struct kernel_features *f)
{
	kernel_feature_add(f, (struct kernel_feature){
				      .group = "kernel",
				      .name = "release",
				      .state = KERNEL_YES,
				      .value = f->probe.release,
				      .how = "uname(2)",
			      });
	add_modes(f);
	add_actions(f);
	add_flags(f);
}

/* ---- notification ---- */

/* What each request says to an id that there isn't, if it is known at all: ENOENT, or success. */
enum { LISTENER, ID_VALID, ADDFD, ADDFD_SEND, SET_FLAGS };

static long request(int fd, unsigned long number, const void *arg)
{
	return ioctl(fd, number, arg) < 0 ? errno : 0;
}

static void try_requests(const void *arg, long *values)
{
	/* No call has this number, so nobody ever waits. */
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7fffffff, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct seccomp_notif_addfd addfd = { 0 };
	uint64_t id = 0;
	int fd = kernel_set_no_new_privs();

	(void)arg;
	if (fd == 0)
		fd = kernel_install(insns, ARRAY_LEN(insns), SECCOMP_FILTER_FLAG_NEW_LISTENER,
				    NULL);
	values[LISTENER] = fd < 0 ? -fd : 0;
	if (fd < 0)
		return;
	addfd.srcfd = (uint32_t)fd;
	values[ID_VALID] = request(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
	values[ADDFD] = request(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	addfd.flags = SECCOMP_ADDFD_FLAG_SEND;
	values[ADDFD_SEND] = request(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	/* The value is the argument itself. NOLINTNEXTLINE(performance-no-int-to-ptr) */
	values[SET_FLAGS] = request(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, (void *)SYNC_WAKE_UP);
}

static const struct {
	const char *name, *since, *without;
	int value, known;
} requests[] = {
	{ "ID_VALID", "5.0", "a supervisor can't know that a caller is still alive", ID_VALID,
	  ENOENT },
	{ "ADDFD", "5.9", "a supervisor can't give the caller a file", ADDFD, ENOENT },
	{ "ADDFD_SEND", "5.14", "giving a file and answering are two steps", ADDFD_SEND, ENOENT },
	{ "SYNC_WAKE_UP", "6.6", "an answer costs a wake-up on another CPU", SET_FLAGS, 0 },
};

static void add_request(struct kernel_features *f, size_t i, const struct attempt *attempt)
{
	const char *failure = kernel_attempt_failure(f, attempt);
	int error = (int)attempt->values[requests[i].value];
	struct kernel_feature row = {
		.group = "notify",
		.name = requests[i].name,
		.state = error == requests[i].known ? KERNEL_YES : KERNEL_NO,
		.how = kernel_text(f, "ioctl(2) on a listener in a child: %s (since Linux %s)",
				   kernel_errno_text(f, error), requests[i].since),
	};

	if (failure || attempt->values[LISTENER]) {
		row.state = KERNEL_UNKNOWN;
		row.how =
			failure ? failure
				: kernel_text(f, "no child can have a listener (%s)",
					      kernel_errno_text(f, (int)attempt->values[LISTENER]));
	}
	if (row.state == KERNEL_NO)
		row.follows = requests[i].without;
	kernel_feature_add(f, row);
}

void kernel_features_notify(struct kernel_features *f)
{
	const unsigned *sizes = f->probe.notif_sizes;
	struct attempt attempt = kernel_attempt(try_requests, NULL);

	add_asked(
		f,
		(struct kernel_feature){
			.group = "notify",
			.name = "sizes",
			.state = sizes[0] ? KERNEL_YES : KERNEL_NO,
			.value = sizes[0] ? kernel_text(f, "%u/%u/%u", sizes[0], sizes[1], sizes[2])
					  : NULL,
			.how = "seccomp(SECCOMP_GET_NOTIF_SIZES): request, answer, call in bytes",
			.follows = sizes[0] ? NULL : "there are no supervisors",
		});
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		add_request(f, i, &attempt);
}
