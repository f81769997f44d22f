/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kernel finds each argument: known places per ABI, and laws over every call of every
 * ABI. The places are those of the psABIs' argument registers and of the entry points named beside
 * the groups, all in Linux 6.1.
 */
#include "arch/arch.h"
#include "tap.h"

enum sign { UNSIGNED, SIGNED };

static const struct {
	const char *arch, *call, *arg;
	uint8_t bits;
	enum sign sign;
	uint8_t index; /* of the low half */
	uint8_t high;
} places[] = {
	/* kernel/fork.c: clone(), CONFIG_CLONE_BACKWARDS and CONFIG_CLONE_BACKWARDS2 */
	{ "x86_64", "clone", "clone_flags", 32, UNSIGNED, 0, 0 },
	{ "x86_64", "clone", "newsp", 64, UNSIGNED, 1, 1 },
	{ "x86_64", "clone", "child_tidptr", 64, UNSIGNED, 3, 3 },
	{ "x86_64", "clone", "tls", 64, UNSIGNED, 4, 4 },
	{ "x32", "clone", "tls", 64, UNSIGNED, 4, 4 },
	{ "loongarch64", "clone", "tls", 64, UNSIGNED, 4, 4 },
	{ "m68k", "clone", "tls", 32, UNSIGNED, 4, 4 },
	{ "sh", "clone", "tls", 32, UNSIGNED, 4, 4 },
	{ "i386", "clone", "clone_flags", 32, UNSIGNED, 0, 0 },
	{ "i386", "clone", "tls", 32, UNSIGNED, 3, 3 },
	{ "i386", "clone", "child_tidptr", 32, UNSIGNED, 4, 4 },
	{ "arm", "clone", "tls", 32, UNSIGNED, 3, 3 },
	{ "aarch64", "clone", "tls", 64, UNSIGNED, 3, 3 },
	{ "mips", "clone", "tls", 32, UNSIGNED, 3, 3 },
	{ "mipsel64", "clone", "tls", 64, UNSIGNED, 3, 3 },
	{ "parisc", "clone", "tls", 32, UNSIGNED, 3, 3 },
	{ "ppc64le", "clone", "tls", 64, UNSIGNED, 3, 3 },
	{ "riscv64", "clone", "tls", 64, UNSIGNED, 3, 3 },
	{ "s390x", "clone", "newsp", 64, UNSIGNED, 0, 0 },
	{ "s390x", "clone", "clone_flags", 32, UNSIGNED, 1, 1 },
	{ "s390x", "clone", "child_tidptr", 64, UNSIGNED, 3, 3 },
	{ "s390x", "clone", "tls", 64, UNSIGNED, 4, 4 },
	{ "s390", "clone", "clone_flags", 32, UNSIGNED, 1, 1 },
	/* A loff_t in one register: fs/read_write.c; x32 and n32 have 64-bit registers. */
	{ "x86_64", "pread64", "pos", 64, SIGNED, 3, 3 },
	{ "aarch64", "pread64", "pos", 64, SIGNED, 3, 3 },
	{ "s390x", "pread64", "pos", 64, SIGNED, 3, 3 },
	{ "x32", "pread64", "pos", 64, SIGNED, 3, 3 },
	{ "mips64n32", "pread64", "pos", 64, SIGNED, 3, 3 },
	/* In two, whichever come next: arch/x86/kernel/sys_ia32.c, arch/s390/kernel/compat_linux.c,
	 * arch/parisc/kernel/sys_parisc.c, m68k's stack of longs */
	{ "i386", "pread64", "pos", 64, SIGNED, 3, 4 },
	{ "m68k", "pread64", "pos", 64, SIGNED, 4, 3 },
	{ "parisc", "pread64", "pos", 64, SIGNED, 4, 3 },
	{ "s390", "pread64", "pos", 64, SIGNED, 4, 3 },
	/* From an even register: arch/arm/kernel/entry-common.S, arch/mips/kernel/linux32.c,
	 * arch/powerpc/kernel/sys_ppc32.c. sh has a register to spare: sys_sh32.c */
	{ "arm", "pread64", "pos", 64, SIGNED, 4, 5 },
	{ "armeb", "pread64", "pos", 64, SIGNED, 5, 4 },
	{ "mipsel", "pread64", "pos", 64, SIGNED, 4, 5 },
	{ "mips", "pread64", "pos", 64, SIGNED, 5, 4 },
	{ "ppc", "pread64", "pos", 64, SIGNED, 5, 4 },
	{ "shel", "pread64", "pos", 64, SIGNED, 4, 5 },
	{ "sh", "pread64", "pos", 64, SIGNED, 5, 4 },
	/* The same after one register */
	{ "x86_64", "ftruncate", "length", 64, SIGNED, 1, 1 },
	{ "i386", "ftruncate", "length", 32, SIGNED, 1, 1 },
	{ "i386", "ftruncate64", "length", 64, SIGNED, 1, 2 },
	{ "m68k", "ftruncate64", "length", 64, SIGNED, 2, 1 },
	{ "s390", "ftruncate64", "length", 64, SIGNED, 2, 1 },
	{ "parisc", "ftruncate64", "length", 64, SIGNED, 2, 1 },
	{ "shel", "ftruncate64", "length", 64, SIGNED, 1, 2 },
	{ "arm", "ftruncate64", "length", 64, SIGNED, 2, 3 },
	{ "armeb", "ftruncate64", "length", 64, SIGNED, 3, 2 },
	{ "mipsel", "ftruncate64", "length", 64, SIGNED, 2, 3 },
	{ "mips", "ftruncate64", "length", 64, SIGNED, 3, 2 },
	{ "ppc", "ftruncate64", "length", 64, SIGNED, 3, 2 },
	/* Two of them, and what comes after */
	{ "i386", "fallocate", "offset", 64, SIGNED, 2, 3 },
	{ "i386", "fallocate", "len", 64, SIGNED, 4, 5 },
	{ "arm", "fallocate", "len", 64, SIGNED, 4, 5 },
	{ "ppc", "fallocate", "len", 64, SIGNED, 5, 4 },
	{ "s390", "fallocate", "len", 64, SIGNED, 5, 4 },
	{ "i386", "sync_file_range", "nbytes", 64, SIGNED, 3, 4 },
	{ "i386", "sync_file_range", "flags", 32, UNSIGNED, 5, 5 },
	{ "arm", "arm_sync_file_range", "flags", 32, UNSIGNED, 1, 1 },
	{ "arm", "arm_sync_file_range", "nbytes", 64, SIGNED, 4, 5 },
	{ "i386", "fadvise64_64", "advice", 32, SIGNED, 5, 5 },
	{ "arm", "arm_fadvise64_64", "advice", 32, SIGNED, 1, 1 },
	{ "ppc", "fadvise64_64", "advice", 32, SIGNED, 1, 1 },
	{ "ppc", "fadvise64_64", "len", 64, SIGNED, 5, 4 },
	{ "i386", "readahead", "count", 32, UNSIGNED, 3, 3 },
	{ "arm", "readahead", "count", 32, UNSIGNED, 4, 4 },
	{ "i386", "lookup_dcookie", "cookie64", 64, UNSIGNED, 0, 1 },
	{ "x86_64", "fanotify_mark", "pathname", 64, UNSIGNED, 4, 4 },
	{ "i386", "fanotify_mark", "mask", 64, UNSIGNED, 2, 3 },
	{ "i386", "fanotify_mark", "pathname", 32, UNSIGNED, 5, 5 },
	{ "ppc", "fanotify_mark", "mask", 64, UNSIGNED, 3, 2 },
	/* umode_t; the ids of kernel/uid16.c */
	{ "x86_64", "openat", "mode", 16, UNSIGNED, 3, 3 },
	{ "x86_64", "chmod", "mode", 16, UNSIGNED, 1, 1 },
	{ "s390x", "mkdirat", "mode", 16, UNSIGNED, 2, 2 },
	{ "x86_64", "chown", "user", 32, UNSIGNED, 1, 1 },
	{ "i386", "chown", "user", 16, UNSIGNED, 1, 1 },
	{ "i386", "chown32", "user", 32, UNSIGNED, 1, 1 },
	{ "mips", "setuid", "uid", 32, UNSIGNED, 0, 0 },
	{ "sh", "setresgid", "sgid", 16, UNSIGNED, 2, 2 },
	/* int, long, size_t, pointers */
	{ "x86_64", "openat", "dfd", 32, SIGNED, 0, 0 },
	{ "x86_64", "openat", "flags", 32, SIGNED, 2, 2 },
	{ "x86_64", "openat", "filename", 64, UNSIGNED, 1, 1 },
	{ "x86_64", "read", "fd", 32, UNSIGNED, 0, 0 },
	{ "x86_64", "read", "count", 64, UNSIGNED, 2, 2 },
	{ "i386", "read", "count", 32, UNSIGNED, 2, 2 },
	{ "x86_64", "kill", "pid", 32, SIGNED, 0, 0 },
	{ "x86_64", "lseek", "offset", 64, SIGNED, 1, 1 },
	{ "i386", "lseek", "offset", 32, SIGNED, 1, 1 },
	{ "x86_64", "ioctl", "cmd", 32, UNSIGNED, 1, 1 },
	{ "x86_64", "mmap", "prot", 64, UNSIGNED, 2, 2 },
	{ "i386", "mmap2", "prot", 32, UNSIGNED, 2, 2 },
	/* One pointer to all arguments: mm/mmap.c, old_mmap(); fs/select.c, old_select() */
	{ "i386", "mmap", "arg", 32, UNSIGNED, 0, 0 },
	{ "s390x", "mmap", "arg", 64, UNSIGNED, 0, 0 },
	{ "m68k", "select", "arg", 32, UNSIGNED, 0, 0 },
	/* x32's own entry points: arch/x86/entry/syscalls/syscall_64.tbl from 512 on */
	{ "x32", "preadv", "pos", 64, SIGNED, 3, 3 },
	{ "x32", "ioctl", "arg", 32, UNSIGNED, 2, 2 },
	/* The man-pages' names */
	{ "x86_64", "openat", "dirfd", 32, SIGNED, 0, 0 },
	{ "x86_64", "openat", "pathname", 64, UNSIGNED, 1, 1 },
	{ "x86_64", "socket", "domain", 32, SIGNED, 0, 0 },
	{ "x86_64", "mmap", "length", 64, UNSIGNED, 1, 1 },
	{ "x86_64", "clone", "flags", 32, UNSIGNED, 0, 0 },
	{ "s390x", "clone", "flags", 32, UNSIGNED, 1, 1 },
	{ "i386", "clone", "child_tid", 32, UNSIGNED, 4, 4 },
};

static const struct {
	const char *arch, *call;
	int nargs;
} counts[] = {
	{ "x86_64", "read", 3 },
	{ "x86_64", "getpid", 0 },
	{ "x86_64", "mmap", 6 },
	{ "i386", "mmap", 1 },
	{ "i386", "mmap2", 6 },
	{ "i386", "pread64", 4 },
	{ "i386", "fallocate", 4 },
	{ "x86_64", "pipe", 1 },
	{ "mips", "pipe", 0 },
	{ "x86_64", "fadvise64", 4 },
	{ "mips", "fadvise64", 3 }, /* advice is on the stack */
	{ "mips64", "fadvise64", 4 },
	{ "s390", "fadvise64_64", 1 },
	{ "mips", "sync_file_range", 3 }, /* flags is on the stack */
	{ "i386", "sync_file_range", 4 },
	{ "x32", "preadv", 4 },
	{ "x86_64", "preadv", 5 },
};

/* Names that a call doesn't have, though others or other ABIs do. */
static const struct {
	const char *arch, *call, *arg;
} absent[] = {
	{ "x86_64", "read", "flags" },	   { "x86_64", "openat", "" },
	{ "x86_64", "openat", "dirf" },	   { "x86_64", "openat", "dirfdd" },
	{ "i386", "mmap", "prot" },	   { "mips", "pipe", "fildes" },
	{ "mips", "fadvise64", "advice" }, { "sh", "pread64", "dummy" },
};

static void test_places(void)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct arch *arch = arch_by_name(str_of(places[i].arch));
		const struct arch_syscall *call = arch_syscall_by_name(str_of(places[i].call));
		struct arch_arg a;

		ok(arch && call && arch_syscall_nr(arch, call) >= 0 &&
			   arch_arg_by_name(arch, call, str_of(places[i].arg), &a) &&
			   a.bits == places[i].bits && a.is_signed == places[i].sign &&
			   a.index == places[i].index && a.high == places[i].high,
		   "%s: %s's %s is %u bits, %s, in %u:%u", places[i].arch, places[i].call,
		   places[i].arg, places[i].bits, places[i].sign ? "signed" : "unsigned",
		   places[i].high, places[i].index);
	}
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		ok(arch_nargs(arch_by_name(str_of(counts[i].arch)),
			      arch_syscall_by_name(str_of(counts[i].call))) == counts[i].nargs,
		   "%s: %s has %d arguments", counts[i].arch, counts[i].call, counts[i].nargs);
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		struct arch_arg a;

		ok(!arch_arg_by_name(arch_by_name(str_of(absent[i].arch)),
				     arch_syscall_by_name(str_of(absent[i].call)),
				     str_of(absent[i].arg), &a),
		   "%s: %s has no argument '%s'", absent[i].arch, absent[i].call, absent[i].arg);
	}
}

/* How many rules an argument breaks; USED is the registers of those before it. */
static size_t wrong_in(const struct arch *arch, const struct arch_arg *a, unsigned *used)
{
	unsigned first = a->index < a->high ? a->index : a->high;
	bool is_pair = a->index != a->high;
	size_t wrong = 0;

	wrong += a->index >= ARCH_ARGS_MAX || a->high >= ARCH_ARGS_MAX;
	wrong += is_pair != (a->bits > arch->register_bits);
	wrong += is_pair && (a->index > a->high) != arch->big_endian;
	wrong += is_pair && a->index + a->high != 2 * first + 1;
	wrong +=
		is_pair && first % 2 &&
		(arch->column == ARCH_ARM || arch->column == ARCH_MIPS || arch->column == ARCH_PPC);
	/* In order, and no register twice. */
	wrong += (*used >> first) != 0;
	*used |= 1u << a->index | 1u << a->high;
	return wrong;
}

static void test_call(const struct arch *arch, const struct arch_syscall *call, size_t *args,
		      size_t *wrong)
{
	int n = arch_nargs(arch, call);
	struct arch_arg a, again;
	unsigned used = 0;

	for (int i = 0; i < n; i++) {
		if (!arch_arg_at(arch, call, i, &a)) {
			++*wrong;
			continue;
		}
		++*args;
		*wrong += wrong_in(arch, &a, &used);
		*wrong += !arch_arg_by_name(arch, call, str_of(a.name), &again) ||
			  again.index != a.index;
	}
	*wrong += arch_arg_at(arch, call, n < 0 ? 0 : n, &a) || arch_arg_at(arch, call, -1, &a);
}

static void test_laws(const struct arch *arch)
{
	const struct arch_syscall *call;
	size_t args = 0, wrong = 0;

	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		if (arch_syscall_nr(arch, call) >= 0)
			test_call(arch, call, &args, &wrong);
	ok(args > 800 && wrong == 0,
	   "%s: %zu arguments stand one after another in six registers, halves in its order, and "
	   "each is found by its name",
	   arch->name, args);
}

int main(void)
{
	test_places();
	for (size_t i = 0; arch_at(i); i++)
		test_laws(arch_at(i));
	return done();
}
