/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person would write. An argument that is made of named constants says what a call does, so
 * it is tested; except where each of its values is as harmless as the others, and a rule would only
 * be longer, and break when the program next seeks from the end.
 */
#include "record/record.h"

/* "*": any call. */
static const struct {
	const char *call, *arg;
} free_args[] = {
	{ "lseek", "whence" },
	{ "_llseek", "whence" },
	{ "access", "mode" },
	{ "faccessat", "mode" },
	{ "faccessat2", "mode" },
	{ "faccessat2", "flags" },
	{ "statx", "flags" },
	{ "statx", "mask" },
	{ "newfstatat", "flag" },
	{ "fstatat64", "flag" },
	{ "name_to_handle_at", "flag" },
	{ "fchownat", "flag" },
	{ "fchmodat2", "flags" },
	{ "linkat", "flags" },
	{ "unlinkat", "flag" },
	{ "utimensat", "flags" },
	{ "utimensat_time64", "flags" },
	{ "pipe2", "flags" },
	{ "dup3", "flags" },
	{ "eventfd2", "flags" },
	{ "epoll_create1", "flags" },
	{ "epoll_ctl", "op" },
	{ "inotify_init1", "flags" },
	{ "inotify_add_watch", "mask" },
	{ "signalfd4", "flags" },
	{ "timerfd_create", "flags" },
	{ "timerfd_create", "clockid" },
	{ "timerfd_settime", "flags" },
	{ "accept4", "flags" },
	{ "shutdown", "how" },
	{ "send", "flags" },
	{ "sendto", "flags" },
	{ "sendmsg", "flags" },
	{ "sendmmsg", "flags" },
	{ "recv", "flags" },
	{ "recvfrom", "flags" },
	{ "recvmsg", "flags" },
	{ "recvmmsg", "flags" },
	{ "getsockopt", "level" },
	{ "flock", "cmd" },
	{ "fallocate", "mode" },
	{ "futex", "op" },
	{ "futex_time64", "op" },
	{ "mremap", "flags" },
	{ "madvise", "behavior" },
	{ "msync", "flags" },
	{ "clock_nanosleep", "flags" },
	{ "clock_nanosleep_time64", "flags" },
	{ "rt_sigprocmask", "how" },
	{ "getitimer", "which" },
	{ "setitimer", "which" },
	{ "getpriority", "which" },
	{ "waitid", "which" },
	{ "waitid", "options" },
	{ "wait4", "options" },
	{ "waitpid", "options" },
	{ "getrusage", "who" },
	{ "getrlimit", "resource" },
	{ "ugetrlimit", "resource" },
	{ "getrandom", "flags" },
	{ "splice", "flags" },
	{ "pidfd_open", "flags" },
	{ "*", "which_clock" },
	{ "*", "advice" },
};

/* Flags, of which some bits are a number: a mode of access, the signal of a child's end. */
static const char *const flags_first[] = { "open", "openat", "open_by_handle_at", "mq_open",
					   "clone" };

static bool is_free(const char *call, const char *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(free_args); i++)
		if (strcmp(free_args[i].arg, arg) == 0 &&
		    (*free_args[i].call == '*' || strcmp(free_args[i].call, call) == 0))
			return true;
	return false;
}

enum record_judgement record_judge(const struct arch_syscall *call, const struct arch_arg *arg)
{
	uint32_t field;
	enum arch_style style = arch_arg_style(call, arg, &field);

	/* get_mempolicy's policy is where one is written to. */
	if (style == ARCH_STYLE_PLAIN || arg->kind == ARCH_PTR || is_free(call->name, arg->name))
		return RECORD_FREE;
	if (style == ARCH_STYLE_FLAGS)
		return RECORD_WITHIN;
	for (size_t i = 0; style == ARCH_STYLE_MIXED && i < ARRAY_LEN(flags_first); i++)
		if (strcmp(flags_first[i], call->name) == 0)
			return RECORD_WITHIN;
	return RECORD_SET;
}

/* Not among them: what does its work behind a pointer (openat2, clone3) and would do more. */
const char *record_family_at(size_t i)
{
	static const char *const families[] = {
		"open openat",
		"stat lstat fstat newfstatat statx stat64 lstat64 fstat64 fstatat64",
		"access faccessat faccessat2",
		"readlink readlinkat",
		"getdents getdents64",
		"mkdir mkdirat",
		"unlink unlinkat",
		"rename renameat renameat2",
		"link linkat",
		"symlink symlinkat",
		"chmod fchmodat fchmodat2",
		"chown lchown fchownat chown32 lchown32",
		"utime utimes futimesat utimensat utimensat_time64",
		"truncate truncate64",
		"ftruncate ftruncate64",
		"statfs statfs64",
		"fstatfs fstatfs64",
		"lseek _llseek",
		"fcntl fcntl64",
		"fadvise64 fadvise64_64 arm_fadvise64_64",
		"sendfile sendfile64",
		"pipe pipe2",
		"dup2 dup3",
		"poll ppoll ppoll_time64",
		"select _newselect pselect6 pselect6_time64",
		"epoll_create epoll_create1",
		"epoll_wait epoll_pwait epoll_pwait2",
		"eventfd eventfd2",
		"signalfd signalfd4",
		"inotify_init inotify_init1",
		"accept accept4",
		"recvmmsg recvmmsg_time64",
		"fork vfork",
		"wait4 waitpid waitid",
		"getuid getuid32",
		"geteuid geteuid32",
		"getgid getgid32",
		"getegid getegid32",
		"getgroups getgroups32",
		"rt_sigtimedwait rt_sigtimedwait_time64",
		"timerfd_settime timerfd_settime64",
		"timerfd_gettime timerfd_gettime64",
		"timer_settime timer_settime64",
		"timer_gettime timer_gettime64",
		"mq_timedsend mq_timedsend_time64",
		"mq_timedreceive mq_timedreceive_time64",
		"semtimedop semtimedop_time64",
		"clock_gettime clock_gettime64",
		"clock_nanosleep clock_nanosleep_time64",
		"sched_rr_get_interval sched_rr_get_interval_time64",
	};

	return i < ARRAY_LEN(families) ? families[i] : NULL;
}
