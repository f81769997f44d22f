/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that sandboxes like to take away, each made in a child with arguments that the kernel
 * refuses before it looks at anything else, privilege included. The answer is the same for
 * everybody, so another one isn't the kernel's.
 */
#include "kernel/features.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "arch/arch.h"

#define ALL_BITS (-1L)
#define NO_FD	 (-1L)
#define UNKNOWN	 0x7fffffffL /* a request, operation or clock that there isn't */

struct row {
	const char *name;
	long args[6];
	int answer;	     /* 0: it succeeds */
	bool is_optional;    /* a kernel may be built without it */
	const char *setting; /* with which an administrator forbids it: EPERM */
	const char *follows; /* who misses it */
};

static const char *const newer = "libraries fall back to its older form only if it is ENOSYS";

static const struct row rows[] = {
	/* fs/namespace.c, kernel/fork.c, kernel/nsproxy.c */
	{ "mount", { 0 }, EFAULT, .follows = "no mounts" },
	{ "umount2", { 0, ALL_BITS }, EINVAL },
	{ "chroot", { 0 }, EFAULT },
	{ "open_tree", { NO_FD, 0, ALL_BITS }, EINVAL },
	{ "mount_setattr", { NO_FD, 0, ALL_BITS }, EINVAL },
	{ "unshare", { 1 }, EINVAL, .follows = "no namespaces: bubblewrap, flatpak, Chromium" },
	{ "setns", { NO_FD }, EBADF },
	{ "clone", { CLONE_NEWUSER | CLONE_FS }, EINVAL, .follows = "no namespaces of one's own" },
	{ "clone3", { 0 }, EINVAL, .follows = "glibc falls back to clone only if it is ENOSYS" },
	/* kernel/ptrace.c, mm/process_vm_access.c, kernel/pid.c */
	{ "ptrace", { UNKNOWN }, ESRCH, .follows = "no debuggers, and no reports of strait run" },
	{ "process_vm_readv",
	  { 0, 0, 0, 0, 0, 1 },
	  EINVAL,
	  true,
	  .follows = "supervisors can't read their callers' memory" },
	{ "process_vm_writev", { 0, 0, 0, 0, 0, 1 }, EINVAL, true },
	{ "process_madvise", { NO_FD, 0, 0, 0, 1 }, EINVAL, true },
	{ "kcmp", { NO_FD, NO_FD }, ESRCH, true },
	{ "pidfd_open", { 0, ALL_BITS }, EINVAL },
	{ "pidfd_getfd",
	  { NO_FD, NO_FD, ALL_BITS },
	  EINVAL,
	  .follows = "a listener travels by a socket only" },
	{ "pidfd_send_signal", { NO_FD, 0, 0, ALL_BITS }, EINVAL },
	{ "seccomp", { UNKNOWN }, EINVAL, .follows = "no filters of one's own" },
	{ "prctl", { UNKNOWN }, EINVAL },
	{ "personality", { 0xffffffff }, 0 },
	/* Large parts of the kernel behind one call. */
	{ "bpf", { UNKNOWN }, EINVAL, true, "kernel.unprivileged_bpf_disabled" },
	{ "perf_event_open", { 0, 0, NO_FD, NO_FD, ALL_BITS }, EINVAL, true, .follows = "no perf" },
	{ "io_uring_setup", { 0 }, EFAULT, true, "kernel.io_uring_disabled" },
	{ "userfaultfd", { ALL_BITS }, EINVAL, true, "vm.unprivileged_userfaultfd" },
	{ "add_key", { 0 }, EFAULT, true },
	{ "request_key", { 0 }, EFAULT, true },
	{ "keyctl", { UNKNOWN }, EOPNOTSUPP, true },
	{ "name_to_handle_at", { NO_FD, 0, 0, 0, ALL_BITS }, EINVAL, true },
	{ "membarrier", { ALL_BITS }, EINVAL, true },
	{ "rseq", { 0, 0, ALL_BITS }, EINVAL, true },
	{ "move_pages", { 0, 0, 0, 0, 0, ALL_BITS }, EINVAL, true },
	{ "vmsplice", { NO_FD, 0, 0, ALL_BITS }, EINVAL },
	{ "memfd_create", { 0, ALL_BITS }, EINVAL },
	{ "iopl", { 99 }, EINVAL, true },
	/* kernel/time */
	{ "clock_settime", { UNKNOWN }, EINVAL },
	{ "clock_adjtime", { UNKNOWN }, EFAULT },
	{ "adjtimex", { 0 }, EFAULT },
	/* Newer forms of older calls. */
	{ "openat2", { NO_FD }, EINVAL, .follows = newer },
	{ "faccessat2", { NO_FD, 0, 0, ALL_BITS }, EINVAL, .follows = newer },
	{ "close_range", { 1, 0, ALL_BITS }, EINVAL, .follows = newer },
};

struct trial {
	long nr;
	const struct row *row;
};

static void try_call(const void *arg, long *values)
{
	const struct trial *trial = arg;
	const long *a = trial->row->args;

	values[0] = syscall(trial->nr, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? errno : 0;
}

/* May a kernel of this release be without it? */
static bool may_lack(const struct kernel_features *f, const struct row *row,
		     const struct arch_syscall *call)
{
	char release[sizeof(f->probe.release)];
	size_t len = strspn(f->probe.release, "0123456789.");

	memcpy(release, f->probe.release, len);
	release[len] = '\0';
	if (len && release[len - 1] == '.')
		release[len - 1] = '\0';
	return row->is_optional || arch_version_cmp(call->since, release) > 0;
}

static void judge(struct kernel_features *f, const struct row *row, bool may_lack,
		  const struct attempt *attempt, struct kernel_feature *out)
{
	bool is_filtered = f->probe.mode == SECCOMP_MODE_FILTER;
	const char *failure = kernel_attempt_failure(f, attempt);
	int error = (int)attempt->values[0];

	out->how = failure ? failure
			   : kernel_text(f,
					 "made in a child so that the kernel says %s; "
					 "answer: %s",
					 kernel_errno_text(f, row->answer),
					 kernel_errno_text(f, error));
	if (attempt->error)
		return;
	if (!failure && error == row->answer) {
		out->state = KERNEL_YES;
		return;
	}
	out->value = failure ? "killed" : kernel_errno_text(f, error);
	if (!failure && error == ENOSYS && may_lack && is_filtered) {
		out->follows = "the kernel lacks it, or a filter takes it away";
		return;
	}
	if (!failure && error == EPERM && row->setting) {
		out->follows = kernel_text(f, "%s forbids it%s", row->setting,
					   is_filtered ? ", or a filter takes it away" : "");
		out->state = is_filtered ? KERNEL_UNKNOWN : KERNEL_NO;
		return;
	}
	out->state = KERNEL_NO;
	out->follows = row->follows;
	if (!is_filtered)
		out->follows = error == ENOSYS ? "the kernel lacks it"
					       : "something else than a filter forbids it";
}

static void add_call(struct kernel_features *f, const struct row *row)
{
	const struct arch_syscall *call = arch_syscall_by_name(str_of(row->name));
	int64_t nr = call ? arch_syscall_nr(arch_native(), call) : -1;
	const struct trial trial = { (long)nr, row };
	struct kernel_feature out = { .group = "call", .name = row->name, .state = KERNEL_UNKNOWN };
	struct attempt attempt;

	if (nr < 0)
		return; /* not on this machine */
	attempt = kernel_attempt(try_call, &trial);
	judge(f, row, may_lack(f, row, call), &attempt, &out);
	kernel_feature_add(f, out);
}

void kernel_features_calls(struct kernel_features *f)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add_call(f, &rows[i]);
}
