/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread is stopped only for as long as it takes. A signal that is about to be delivered to it
 * instead is handed on when it is let go.
 */
#include "kernel/dump.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "arch/arch.h"
#include "kernel/proc.h"

#define STATUS_MAX 4096

/* linux/ptrace.h, struct seccomp_metadata: that header and <sys/ptrace.h> exclude each other. */
struct metadata {
	uint64_t filter_off, flags;
};

/* ---- reading ---- */

/* The number in a line of a thread's status, -1 where there is none. */
static long status_number(pid_t tid, const char *line)
{
	char path[48], text[STATUS_MAX];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	return kernel_read_file(path, text, sizeof(text)) ? kernel_line_number(text, line) : -1;
}

/* 0, with the signal that it is to be given in the end; -errno. */
static int attach(pid_t tid, int *sig)
{
	int status;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		return -errno;
	while (waitpid(tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFSTOPPED(status))
		return -ESRCH;
	*sig = status >> 16 ? 0 : WSTOPSIG(status);
	return 0;
}

/* The kernel's own numbers are larger than an int only where they are wrong. */
static int request(int what, pid_t tid, size_t addr, void *data)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an index or a size goes where an address does
	 */
	long r = ptrace(what, tid, (void *)addr, data);

	return r < 0 ? -errno : (int)r;
}

static int read_one(struct arena *arena, pid_t tid, size_t i, struct kernel_dumped *out)
{
	struct metadata metadata = { .filter_off = i };
	int len = request(PTRACE_SECCOMP_GET_FILTER, tid, i, NULL), r;

	if (len < 0)
		return len;
	*out = (struct kernel_dumped){ .prog.len = (size_t)len };
	out->prog.insns = arena_array(arena, out->prog.len, sizeof(*out->prog.insns));
	if (!out->prog.insns)
		return -ENOMEM;
	r = request(PTRACE_SECCOMP_GET_FILTER, tid, i, out->prog.insns);
	if (r < 0)
		return r;
	r = request(PTRACE_SECCOMP_GET_METADATA, tid, sizeof(metadata), &metadata);
	out->has_flags = r >= 0;
	if (out->has_flags)
		out->flags = (unsigned)metadata.flags;
	return 0;
}

static int read_all(struct arena *arena, pid_t tid, struct kernel_dump *out)
{
	size_t cap = 0;

	for (;;) {
		struct kernel_dumped *v =
			arena_grow(arena, out->filters, out->len, &cap, sizeof(*v));
		int r;

		if (!v)
			return -ENOMEM;
		out->filters = v;
		r = read_one(arena, tid, out->len, &v[out->len]);
		/* Without any filter it is EINVAL, past the last ENOENT: get_nth_filter(). */
		if (r == -ENOENT || (r == -EINVAL && !out->len))
			return 0;
		if (r < 0)
			return r;
		out->len++;
	}
}

int kernel_dump(struct arena *arena, pid_t tid, struct kernel_dump *out,
		enum kernel_dump_step *step)
{
	int sig = 0, r;

	*out = (struct kernel_dump){ .mode = -1 };
	*step = KERNEL_DUMP_ATTACH;
	r = attach(tid, &sig);
	if (r < 0)
		return r;
	out->mode = (int)status_number(tid, "\nSeccomp:");
	*step = KERNEL_DUMP_READ;
	r = read_all(arena, tid, out);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the signal goes where an address does */
	(void)ptrace(PTRACE_DETACH, tid, NULL, (void *)(long)sig);
	return r;
}

/* ---- why not ---- */

static bool is_self(pid_t tid)
{
	return status_number(tid, "\nTgid:") == getpid();
}

static bool is_traced(pid_t tid)
{
	return status_number(tid, "\nTracerPid:") > 0;
}

/* Kernel threads have no memory of their own: include/linux/sched.h, PF_KTHREAD. */
static bool is_kernel_thread(pid_t tid)
{
	return status_number(tid, "\nTgid:") > 0 && status_number(tid, "\nVmSize:") < 0 &&
	       status_number(tid, "\nPPid:") == 2;
}

static bool is_zombie(pid_t tid)
{
	char path[48], text[STATUS_MAX];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	return kernel_read_file(path, text, sizeof(text)) && strstr(text, "\nState:\tZ");
}

static bool is_caller_filtered(pid_t tid)
{
	(void)tid;
	return status_number(getpid(), "\nSeccomp:") > 0;
}

static bool is_yama(pid_t tid)
{
	char text[16];

	(void)tid;
	return kernel_read_file("/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text)) &&
	       kernel_line_number(text, "") > 0;
}

/* As kernel/explain.c's: the first row of an errno whose condition holds is the one named. */
static const struct {
	enum kernel_dump_step step;
	int error;
	bool (*holds)(pid_t tid); /* NULL: always */
	const char *sentence;
} causes[] = {
	{ KERNEL_DUMP_ATTACH, ESRCH, NULL, "there is no such process" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_self,
	  "it is this process itself, and nobody traces himself" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_zombie, "it has ended and waits to be reaped" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_traced, "it is traced already, and only one may trace it" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_kernel_thread,
	  "it is a thread of the kernel, which has no filters" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_caller_filtered,
	  "ptrace(2) is forbidden: by the filter that this process has, or it is somebody else's" },
	{ KERNEL_DUMP_ATTACH, EPERM, is_yama,
	  "ptrace(2) is forbidden: it is somebody else's, or /proc/sys/kernel/yama/ptrace_scope "
	  "allows descendants only" },
	{ KERNEL_DUMP_ATTACH, EPERM, NULL,
	  "ptrace(2) is forbidden: it is somebody else's, or has a privilege that this process "
	  "lacks" },

	{ KERNEL_DUMP_READ, EACCES, is_caller_filtered,
	  "who reads filters must have none, and this process has one (ptrace(2), "
	  "PTRACE_SECCOMP_GET_FILTER)" },
	{ KERNEL_DUMP_READ, EACCES, NULL,
	  "that takes CAP_SYS_ADMIN in the first user namespace; `strait dump -- PROGRAM` sees "
	  "as an ordinary user what a program installs" },
	{ KERNEL_DUMP_READ, EIO, NULL,
	  "this kernel is older than Linux 4.4, or built without CONFIG_SECCOMP_FILTER or "
	  "CONFIG_CHECKPOINT_RESTORE, and keeps no filter as it was installed" },
	{ KERNEL_DUMP_READ, EMEDIUMTYPE, NULL, "one of its filters is no classic BPF program" },
	{ KERNEL_DUMP_READ, ESRCH, NULL, "it was killed meanwhile" },
};

void kernel_dump_explain(enum kernel_dump_step step, int error, pid_t tid, struct buf *out)
{
	long tracer = step == KERNEL_DUMP_ATTACH ? status_number(tid, "\nTracerPid:") : 0;
	const char *sentence = NULL, *name;

	error = error < 0 ? -error : error;
	name = arch_errno_name(arch_native(), error);
	for (size_t i = 0; i < ARRAY_LEN(causes) && !sentence; i++)
		if (causes[i].step == step && causes[i].error == error &&
		    (!causes[i].holds || causes[i].holds(tid)))
			sentence = causes[i].sentence;
	buf_printf(out, "%s: %s",
		   step == KERNEL_DUMP_ATTACH ? "it can't be stopped" : "the kernel doesn't tell",
		   sentence ? sentence : strerror(error));
	if (tracer > 0)
		buf_printf(out, ": by process %ld", tracer);
	if (name)
		buf_printf(out, " (%s)", name);
}
