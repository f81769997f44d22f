/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PTRACE_GET_SYSCALL_INFO tells a call's ABI and address in every stop, but its number and
 * arguments only in system-call and seccomp stops; for whom a filter kills the registers are
 * read. The kernel has put the first argument back before it kills the process (kernel/seccomp.c,
 * syscall_rollback()), and has not touched it yet where only the thread dies.
 */
#include "trace/regs.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/uio.h>
#include <sys/user.h>

/* Where struct seccomp_data's parts are in an ABI's registers. */
struct layout {
	uint32_t arch;
	uint8_t args[6];
};

#if defined(__x86_64__)
/*
 * Calls of all three ABIs are seen in the 64-bit registers; asm/syscall.h, which of them. A filter
 * sees all 64 bits of them even where a 64-bit program enters by int $0x80.
 */
static const struct layout layouts[] = {
	{ AUDIT_ARCH_X86_64, { RDI, RSI, RDX, R10, R8, R9 } },
	{ AUDIT_ARCH_I386, { RBX, RCX, RDX, RSI, RDI, RBP } },
};
#define RESULT RAX
#define NR     ORIG_RAX
#define KNOWN  true
#elif defined(__i386__)
static const struct layout layouts[] = {
	{ AUDIT_ARCH_I386, { EBX, ECX, EDX, ESI, EDI, EBP } },
};
#define RESULT EAX
#define NR     ORIG_EAX
#define KNOWN  true
#else
#define KNOWN false /* nothing is read, so nothing wrong is said */
#endif

const bool trace_regs_known = KNOWN;

#if KNOWN

static int syscall_info(pid_t tid, struct __ptrace_syscall_info *info)
{
	memset(info, 0, sizeof(*info));
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the size goes where an address does */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(*info), info) < 0)
		return -errno;
	return 0;
}

static const struct layout *layout_of(uint32_t arch)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (layouts[i].arch == arch)
			return &layouts[i];
	return NULL;
}

int trace_regs_last_call(pid_t tid, struct seccomp_data *data)
{
	unsigned long regs[sizeof(struct user_regs_struct) / sizeof(long)];
	struct __ptrace_syscall_info info;
	const struct layout *layout;
	int r = syscall_info(tid, &info);

	if (r < 0)
		return r;
	if (ptrace(PTRACE_GETREGS, tid, NULL, regs) < 0)
		return -errno;
	*data = (struct seccomp_data){
		.nr = (int)regs[NR],
		.arch = info.arch,
		.instruction_pointer = info.instruction_pointer,
	};
	layout = layout_of(info.arch);
	/* -1: interrupted outside of a call. A call with the number -1 can't be told from that. */
	if (!layout || data->nr == -1)
		return -ENODATA;
	for (size_t i = 0; i < ARRAY_LEN(layout->args); i++)
		data->args[i] = regs[layout->args[i]];
	return 0;
}

int trace_regs_this_call(pid_t tid, struct seccomp_data *data)
{
	struct __ptrace_syscall_info info;
	int r = syscall_info(tid, &info);

	if (r < 0)
		return r;
	if (info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return -ENODATA;
	*data = (struct seccomp_data){
		.nr = (int)info.seccomp.nr,
		.arch = info.arch,
		.instruction_pointer = info.instruction_pointer,
	};
	memcpy(data->args, info.seccomp.args, sizeof(data->args));
	return 0;
}

int trace_regs_stop(pid_t tid, struct seccomp_data *data, int64_t *result)
{
	struct __ptrace_syscall_info info;
	int r = syscall_info(tid, &info);

	if (r < 0)
		return r == -EIO ? -ENOTSUP : r;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		*result = info.exit.rval;
		return TRACE_REGS_EXIT;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return -ENOTSUP;
	*data = (struct seccomp_data){
		.nr = (int)info.entry.nr,
		.arch = info.arch,
		.instruction_pointer = info.instruction_pointer,
	};
	memcpy(data->args, info.entry.args, sizeof(data->args));
	return TRACE_REGS_ENTRY;
}

static int poke(pid_t tid, size_t reg, long value)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): offset and value go where addresses do */
	if (ptrace(PTRACE_POKEUSER, tid, (void *)(reg * sizeof(long)), (void *)value) < 0)
		return -errno;
	return 0;
}

int trace_regs_answer(pid_t tid, int64_t result)
{
	/* A negative number skips the call and leaves the result: kernel/seccomp.c, `skip`. */
	int r = poke(tid, NR, -1);

	return r < 0 ? r : poke(tid, RESULT, (long)result);
}

int trace_regs_change(pid_t tid, const struct seccomp_data *from, const struct seccomp_data *to)
{
	const struct layout *layout = layout_of(from->arch);
	int r = from->nr != to->nr ? poke(tid, NR, to->nr) : 0;

	if (!layout)
		return -ENOTSUP;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(layout->args); i++)
		if (from->args[i] != to->args[i])
			r = poke(tid, layout->args[i], (long)to->args[i]);
	return r;
}

#else

int trace_regs_last_call(pid_t tid, struct seccomp_data *data)
{
	(void)tid, (void)data;
	return -ENOTSUP;
}

int trace_regs_this_call(pid_t tid, struct seccomp_data *data)
{
	(void)tid, (void)data;
	return -ENOTSUP;
}

int trace_regs_stop(pid_t tid, struct seccomp_data *data, int64_t *result)
{
	(void)tid, (void)data, (void)result;
	return -ENOTSUP;
}

int trace_regs_answer(pid_t tid, int64_t result)
{
	(void)tid, (void)result;
	return -ENOTSUP;
}

int trace_regs_change(pid_t tid, const struct seccomp_data *from, const struct seccomp_data *to)
{
	(void)tid, (void)from, (void)to;
	return -ENOTSUP;
}

#endif
