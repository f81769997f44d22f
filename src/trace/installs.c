/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call is kept from its entry, where its arguments are what the kernel will read, to its exit,
 * which says what became of it. Few threads are in such a call at once, so they are a list.
 */
#include "trace/installs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <time.h>

#include "arch/arch.h"
#include "kernel/proc.h"
#include "trace/tracer.h"

struct pending {
	struct pending *next;
	struct trace_install install;
	struct cbpf_prog prog;
	long before;	/* filters that the thread had, -1: not known (Linux 5.9) */
	bool is_unsure; /* `result` may be what the register held before */
	int64_t result;
};

struct watch {
	struct trace_installs *wanted;
	struct timespec start;
	struct pending *pending;
};

/* ---- the caller's memory ---- */

static int read_memory(pid_t tid, uint64_t address, void *to, size_t size)
{
	struct iovec local = { to, size };
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
	struct iovec remote = { (void *)(uintptr_t)address, size };
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

/* Who calls by such an ABI has pointers of 32 bits: kernel/seccomp.c, in_compat_syscall(). */
static bool is_compat(const struct arch *arch)
{
	return arch->register_bits == 32 || arch->column == ARCH_X32 ||
	       arch->column == ARCH_MIPS64N32;
}

/* struct sock_fprog as the caller's ABI lays it out. */
static int read_header(pid_t tid, bool compat, uint64_t address, uint16_t *len, uint64_t *insns)
{
	struct {
		uint16_t len, pad;
		uint32_t insns;
	} narrow;
	struct {
		uint16_t len, pad[3];
		uint64_t insns;
	} wide;
	int r = compat ? read_memory(tid, address, &narrow, sizeof(narrow))
		       : read_memory(tid, address, &wide, sizeof(wide));

	if (r < 0)
		return r;
	*len = compat ? narrow.len : wide.len;
	*insns = compat ? narrow.insns : wide.insns;
	return 0;
}

static int read_program(struct pending *p, bool compat, uint64_t address)
{
	uint64_t insns;
	uint16_t len;
	int r = read_header(p->install.tid, compat, address, &len, &insns);

	if (r < 0)
		return r;
	/* The kernel reads no others. */
	if (!len || len > BPF_MAXINSNS)
		return len ? -E2BIG : -EINVAL;
	p->prog.insns = calloc(len, sizeof(*p->prog.insns));
	if (!p->prog.insns)
		return -ENOMEM;
	p->prog.len = len;
	r = read_memory(p->install.tid, insns, p->prog.insns, len * sizeof(*p->prog.insns));
	if (r == 0)
		p->install.prog = &p->prog;
	return r;
}

/* ---- a call ---- */

/*
 * Of a mode and, for a filter, the address of its struct sock_fprog. False: it is another call, or
 * one that can't install anything, as libraries make to find out what a kernel knows: a filter at
 * no address, strict mode with flags or an argument (kernel/seccomp.c, do_seccomp()).
 */
static bool takes_mode(const struct arch *arch, const struct seccomp_data *data,
		       struct trace_install *install, uint64_t *address)
{
	const struct arch_syscall *call = arch_syscall_by_nr(arch, (uint32_t)data->nr);
	uint64_t mask = is_compat(arch) ? UINT32_MAX : UINT64_MAX;
	uint32_t first = (uint32_t)data->args[0];
	uint64_t second = data->args[1] & mask;

	*address = data->args[2] & mask;
	if (call && strcmp(call->name, "prctl") == 0 && first == PR_SET_SECCOMP) {
		install->mode = (int)second;
		return second == SECCOMP_MODE_STRICT || (second == SECCOMP_MODE_FILTER && *address);
	}
	if (!call || strcmp(call->name, "seccomp") != 0)
		return false;
	install->flags = (unsigned)second;
	install->mode =
		first == SECCOMP_SET_MODE_FILTER ? SECCOMP_MODE_FILTER : SECCOMP_MODE_STRICT;
	if (first == SECCOMP_SET_MODE_FILTER)
		return *address != 0;
	return first == SECCOMP_SET_MODE_STRICT && !install->flags && !*address;
}

/* How many filters a thread has, or whether it is in strict mode; -1: not known. */
static long count_in_force(pid_t tid, int mode)
{
	char path[48], text[4096];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (!kernel_read_file(path, text, sizeof(text)))
		return -1;
	if (mode == SECCOMP_MODE_FILTER)
		return kernel_line_number(text, "\nSeccomp_filters:");
	return kernel_line_number(text, "\nSeccomp:") == SECCOMP_MODE_STRICT;
}

static uint64_t now_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(now.tv_sec - start->tv_sec) * 1000000000u + (uint64_t)now.tv_nsec -
	       (uint64_t)start->tv_nsec;
}

static void on_entry(struct watch *w, pid_t tid, const struct seccomp_data *data)
{
	const struct arch *arch = arch_of_call(data->arch, (uint32_t)data->nr);
	struct trace_install install = { .tid = tid, .listener = -1 };
	struct pending *p;
	uint64_t address;

	if (!arch || !takes_mode(arch, data, &install, &address))
		return;
	p = calloc(1, sizeof(*p));
	if (!p) {
		w->wanted->untold++;
		return;
	}
	p->install = install;
	p->install.ns = now_since(&w->start);
	p->install.arch = data->arch;
	p->install.nr = data->nr;
	p->before = count_in_force(tid, install.mode);
	if (install.mode == SECCOMP_MODE_FILTER)
		p->install.unread = -read_program(p, is_compat(arch), address);
	p->next = w->pending;
	w->pending = p;
}

/* ---- what became of it ---- */

/* seccomp(2): 0; the listener's fd with NEW_LISTENER; a thread's id where TSYNC fails. */
static void judge(const struct pending *p, int64_t result, struct trace_install *out)
{
	const unsigned positive = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC;
	long after = count_in_force(out->tid, out->mode);

	if (result < 0) {
		out->outcome = TRACE_FAILED;
		out->error = (int)-result;
	} else if (p->is_unsure || (result > 0 && !(out->flags & positive))) {
		out->outcome = TRACE_FAKED;
	} else if (result > 0 && !(out->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)) {
		out->outcome = TRACE_UNSYNCED;
		out->other = (pid_t)result;
	} else if (after >= 0 && p->before >= 0 && after <= p->before) {
		out->outcome = TRACE_FAKED; /* an older filter's errno(0) looks like success */
	} else {
		out->outcome = TRACE_INSTALLED;
		if (out->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
			out->listener = (int)result;
	}
}

static void pending_free(struct pending *p)
{
	free(p->prog.insns);
	free(p);
}

/* NULL: TID is in none. */
static struct pending *find(const struct watch *w, pid_t tid)
{
	struct pending *p = w->pending;

	while (p && p->install.tid != tid)
		p = p->next;
	return p;
}

/* Takes it out of the list. */
static struct pending *take(struct watch *w, pid_t tid)
{
	struct pending **at = &w->pending, *p;

	while (*at && (*at)->install.tid != tid)
		at = &(*at)->next;
	p = *at;
	if (p)
		*at = p->next;
	return p;
}

/* RESULT: NULL where the call never returned. */
static void tell(struct watch *w, pid_t tid, const int64_t *result)
{
	struct pending *p = take(w, tid);
	char comm[TRACE_COMM_SIZE];

	if (!p)
		return;
	p->install.pid = trace_identify(tid, comm, sizeof(comm));
	p->install.comm = comm;
	if (result)
		judge(p, *result, &p->install);
	else
		p->install.outcome = TRACE_NO_RETURN;
	w->wanted->installed(w->wanted->user, &p->install);
	pending_free(p);
}

/*
 * Where an older filter traps or kills, the kernel has put the number back into the register of the
 * result (kernel/seccomp.c, syscall_rollback()) and lets the call seem to return. Which of the two
 * it was is known when the thread calls again, or has ended.
 */
static void on_return(struct watch *w, pid_t tid, int64_t result)
{
	struct pending *p = find(w, tid);

	if (!p || result != p->install.nr) {
		tell(w, tid, &result);
		return;
	}
	p->is_unsure = true;
	p->result = result;
}

static void on_leftover(struct watch *w, pid_t tid)
{
	const struct pending *p = find(w, tid);

	if (!p)
		return;
	if (p->is_unsure) {
		int64_t result = p->result;

		tell(w, tid, &result);
	} else {
		/* Of a thread that was gone when this one took its id to execute a program. */
		tell(w, tid, NULL);
	}
}

static void called(void *user, const struct trace_called *call)
{
	struct watch *w = user;

	switch (call->phase) {
	case TRACE_ENTERS:
		on_leftover(w, call->tid);
		on_entry(w, call->tid, &call->data);
		break;
	case TRACE_RETURNS:
		on_return(w, call->tid, call->result);
		break;
	case TRACE_ENDS:
		tell(w, call->tid, NULL);
		break;
	}
}

int trace_installs(struct trace_installs *t, struct trace_result *result)
{
	struct watch watch = { .wanted = t };
	const struct trace_options options = {
		.argv = t->argv,
		.envp = t->envp,
		.report = TRACE_REPORT_EVERY_CALL,
		.each_call = called,
		.user = &watch,
	};
	int r;

	clock_gettime(CLOCK_MONOTONIC, &watch.start);
	r = trace_run(&options, result);
	while (watch.pending)
		pending_free(take(&watch, watch.pending->install.tid));
	return r;
}
