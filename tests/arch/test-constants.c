/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Named constants: values that differ between ABIs, written down from the uapi header named above
 * each group (Linux 6.1), and laws over all of them. Where the headers of every architecture are
 * installed, tools/gen-constants.py --check compares the whole table.
 */
#include "arch/arch.h"
#include "tap.h"

static const struct {
	const char *name;
	const char *archs;
	int64_t value;
} known[] = {
	/* asm-generic/fcntl.h; arch/arm, m68k, powerpc, mips, parisc: asm/fcntl.h */
	{ "O_DIRECTORY", "x86_64 i386 x32 riscv64 loongarch64 s390x s390 sh mips mips64", 0200000 },
	{ "O_DIRECTORY", "arm armeb aarch64 m68k ppc ppc64 ppc64le", 040000 },
	{ "O_DIRECTORY", "parisc parisc64", 010000 },
	{ "O_NOFOLLOW", "x86_64 mips", 0400000 },
	{ "O_NOFOLLOW", "arm aarch64 m68k ppc", 0100000 },
	{ "O_NOFOLLOW", "parisc", 0200 },
	{ "O_CREAT", "x86_64 arm ppc", 0100 },
	{ "O_CREAT", "mips mipsel64 mips64n32 parisc", 0400 },
	{ "O_NONBLOCK", "x86_64", 04000 },
	{ "O_NONBLOCK", "mips", 0200 },
	{ "O_NONBLOCK", "parisc", 0200000 },
	{ "O_CLOEXEC", "x86_64 arm mips", 02000000 },
	{ "O_CLOEXEC", "parisc", 010000000 },
	{ "O_TMPFILE", "x86_64", 020200000 },
	{ "O_TMPFILE", "arm", 020040000 },
	{ "O_LARGEFILE", "x86_64 i386", 0100000 },
	{ "O_LARGEFILE", "arm", 0400000 },
	{ "F_SETLK", "x86_64", 6 },
	{ "F_SETLK64", "i386 arm", 13 },
	{ "F_SETLK64", "mips", 34 },
	{ "F_DUPFD_CLOEXEC", "x86_64 mips parisc", 1030 },
	/* asm-generic/mman-common.h; arch/mips, parisc: asm/mman.h */
	{ "MAP_PRIVATE", "x86_64 mips parisc", 2 },
	{ "MAP_ANONYMOUS", "x86_64 arm ppc64le s390x", 0x20 },
	{ "MAP_ANONYMOUS", "mips mipsel mips64 mipsel64n32", 0x800 },
	{ "MAP_ANONYMOUS", "parisc", 0x10 },
	{ "MAP_FIXED", "x86_64 mips", 0x10 },
	{ "MAP_FIXED", "parisc parisc64", 4 },
	{ "MAP_GROWSDOWN", "x86_64", 0x100 },
	{ "MAP_GROWSDOWN", "mips", 0x1000 },
	{ "MAP_GROWSDOWN", "parisc", 0x8000 },
	{ "MAP_NORESERVE", "x86_64", 0x4000 },
	{ "MAP_NORESERVE", "mips", 0x400 },
	{ "MAP_NORESERVE", "ppc", 0x40 },
	{ "MAP_LOCKED", "ppc", 0x80 },
	{ "MAP_32BIT", "x86_64 i386 x32", 0x40 },
	{ "PROT_EXEC", "x86_64 mips parisc", 4 },
	{ "PROT_SEM", "x86_64", 8 },
	{ "PROT_SEM", "mips", 0x10 },
	{ "PROT_SAO", "ppc64", 0x10 },
	{ "PROT_BTI", "aarch64", 0x10 },
	{ "MADV_HUGEPAGE", "x86_64 mips", 14 },
	{ "MADV_HUGEPAGE", "parisc", 67 },
	/* asm-generic/ioctls.h; arch/mips, parisc, powerpc, sh: asm/ioctls.h; the encodings of
	 * asm-generic/ioctl.h and arch/mips, parisc, powerpc: asm/ioctl.h */
	{ "TCGETS", "x86_64 arm s390x m68k riscv64 sh", 0x5401 },
	{ "TCGETS", "mips mipsel64", 0x540d },
	{ "TCGETS", "ppc ppc64le", 0x402c7413 },
	{ "TCGETS", "parisc", 0x40245410 },
	{ "TCSETS", "ppc", 0x802c7414 },
	{ "TCXONC", "sh", 0x741e },
	{ "TCXONC", "x86_64", 0x540a },
	{ "TIOCGWINSZ", "x86_64 arm", 0x5413 },
	{ "TIOCGWINSZ", "mips ppc", 0x40087468 },
	{ "TIOCGWINSZ", "sh", 0x80087468 },
	{ "TIOCSTI", "x86_64", 0x5412 },
	{ "TIOCSTI", "mips", 0x5472 },
	{ "FIONREAD", "x86_64", 0x541b },
	{ "FIONREAD", "mips", 0x467f },
	{ "FIONREAD", "ppc", 0x4004667f },
	{ "FIONREAD", "sh", 0x8004667f },
	{ "FIOCLEX", "x86_64", 0x5451 },
	{ "FIOCLEX", "mips", 0x6601 },
	{ "FIOCLEX", "ppc", 0x20006601 },
	/* _IOR() of a long: linux/fs.h, asm/ioctl.h */
	{ "FS_IOC_GETFLAGS", "x86_64 aarch64 s390x", 0x80086601 },
	{ "FS_IOC_GETFLAGS", "i386 arm m68k x32 s390", 0x80046601 },
	{ "FS_IOC_GETFLAGS", "mips64 ppc64 parisc64", 0x40086601 },
	{ "FS_IOC_GETFLAGS", "mips ppc parisc mips64n32", 0x40046601 },
	{ "BLKGETSIZE64", "x86_64", 0x80081272 },
	{ "BLKGETSIZE64", "i386", 0x80041272 },
	/* asm-generic/errno.h; arch/mips, parisc: asm/errno.h */
	{ "EPERM", "x86_64 mips parisc ppc s390x", 1 },
	{ "ENOSYS", "x86_64 arm ppc", 38 },
	{ "ENOSYS", "mips mips64 mipsel64n32", 89 },
	{ "ENOSYS", "parisc parisc64", 251 },
	{ "EDEADLK", "x86_64", 35 },
	{ "EDEADLK", "mips parisc", 45 },
	{ "EDEADLOCK", "x86_64", 35 },
	{ "EDEADLOCK", "ppc", 58 },
	{ "EDEADLOCK", "mips", 56 },
	{ "ELOOP", "x86_64", 40 },
	{ "ELOOP", "mips", 90 },
	{ "ELOOP", "parisc", 249 },
	{ "ECONNREFUSED", "x86_64", 111 },
	{ "ECONNREFUSED", "mips", 146 },
	{ "EDQUOT", "x86_64", 122 },
	{ "EDQUOT", "mips", 1133 },
	/* asm/signal.h */
	{ "SIGSYS", "x86_64 arm ppc s390x", 31 },
	{ "SIGSYS", "mips mips64", 12 },
	{ "SIGSYS", "parisc", 31 },
	{ "SIGUSR1", "x86_64", 10 },
	{ "SIGUSR1", "mips parisc", 16 },
	{ "SIGCHLD", "x86_64", 17 },
	{ "SIGCHLD", "mips parisc", 18 },
	{ "SIGBUS", "x86_64", 7 },
	{ "SIGBUS", "mips parisc", 10 },
	{ "SIG_BLOCK", "x86_64 parisc", 0 },
	{ "SIG_BLOCK", "mips", 1 },
	{ "SA_RESTART", "x86_64 mips", 0x10000000 },
	{ "SA_SIGINFO", "x86_64", 4 },
	{ "SA_SIGINFO", "mips", 8 },
	{ "SA_SIGINFO", "parisc", 0x10 },
	/* asm-generic/socket.h; arch/mips, parisc: asm/socket.h; linux/net.h, linux/socket.h */
	{ "SOL_SOCKET", "x86_64", 1 },
	{ "SOL_SOCKET", "mips parisc", 0xffff },
	{ "SO_REUSEADDR", "x86_64", 2 },
	{ "SO_REUSEADDR", "mips parisc", 4 },
	{ "SO_PEERCRED", "x86_64", 17 },
	{ "SO_PEERCRED", "mips", 18 },
	{ "SO_PEERCRED", "ppc", 21 },
	{ "SO_PEERCRED", "parisc", 0x4011 },
	{ "SOCK_STREAM", "x86_64 parisc ppc", 1 },
	{ "SOCK_STREAM", "mips mipsel64 mips64n32", 2 },
	{ "SOCK_DGRAM", "x86_64", 2 },
	{ "SOCK_DGRAM", "mips", 1 },
	{ "SOCK_CLOEXEC", "x86_64", 02000000 },
	{ "SOCK_NONBLOCK", "x86_64", 04000 },
	{ "SOCK_NONBLOCK", "mips", 0200 },
	{ "AF_UNIX", "x86_64 mips", 1 },
	{ "AF_INET6", "x86_64 mips parisc", 10 },
	{ "AF_VSOCK", "x86_64", 40 },
	/* The same everywhere: linux/sched.h, prctl.h, seccomp.h, fcntl.h, stat.h, mount.h,
	   capability.h */
	{ "CLONE_NEWUSER", "x86_64 mips s390x", 0x10000000 },
	{ "CLONE_CLEAR_SIGHAND", "x86_64", 0x100000000 },
	{ "PR_SET_NO_NEW_PRIVS", "x86_64 parisc", 38 },
	{ "SECCOMP_SET_MODE_FILTER", "x86_64", 1 },
	{ "AT_FDCWD", "x86_64 i386 mips", -100 },
	{ "AT_EMPTY_PATH", "x86_64", 0x1000 },
	{ "S_ISUID", "x86_64 mips", 04000 },
	{ "MS_BIND", "x86_64", 4096 },
	{ "CAP_SYS_ADMIN", "x86_64", 21 },
	{ "PTRACE_TRACEME", "x86_64", 0 },
	{ "PTRACE_SEIZE", "x86_64 mips", 0x4206 },
	{ "NULL", "x86_64", 0 },
	{ "R_OK", "x86_64", 4 },
};

/* Names that an ABI doesn't have, though others do. */
static const struct {
	const char *arch, *name;
} absent[] = { { "aarch64", "MAP_32BIT" },  { "x86_64", "PROT_SAO" },
	       { "x86_64", "PROT_BTI" },    { "x86_64", "F_SETLK64" },
	       { "x86_64", "O_DIRECTOR" },  { "x86_64", "O_DIRECTORYY" },
	       { "x86_64", "o_directory" }, { "x86_64", "" },
	       { "x86_64", "~" },	    { "x86_64", "ARCH_CONSTANT" } };

static const struct {
	const char *arch;
	int value;
	const char *errno_name, *signal_name;
} printed[] = {
	{ "x86_64", 1, "EPERM", "SIGHUP" },   { "x86_64", 11, "EAGAIN", "SIGSEGV" },
	{ "x86_64", 35, "EDEADLK", NULL },    { "x86_64", 95, "EOPNOTSUPP", NULL },
	{ "x86_64", 38, "ENOSYS", NULL },     { "mips", 38, "EL2NSYNC", NULL },
	{ "mips", 89, "ENOSYS", NULL },	      { "parisc", 251, "ENOSYS", NULL },
	{ "mips", 12, "ENOMEM", "SIGSYS" },   { "x86_64", 12, "ENOMEM", "SIGUSR2" },
	{ "x86_64", 31, "EMLINK", "SIGSYS" }, { "x86_64", 6, "ENXIO", "SIGABRT" },
	{ "x86_64", 29, "ESPIPE", "SIGIO" },  { "x86_64", 17, "EEXIST", "SIGCHLD" },
	{ "parisc", 31, "EMLINK", "SIGSYS" }, { "x86_64", 0, NULL, NULL },
	{ "x86_64", 4095, NULL, NULL },	      { "x86_64", -1, NULL, NULL },
	{ "x86_64", 32, "EPIPE", NULL },
};

static bool is_everywhere(const char *name, const char *archs, int64_t wanted)
{
	while (*archs) {
		size_t len = strcspn(archs, " ");
		const struct arch *arch = arch_by_name((struct str){ archs, len });
		int64_t value;

		if (!arch || !arch_constant(arch, str_of(name), &value) || value != wanted)
			return false;
		archs += len + (archs[len] == ' ');
	}
	return true;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_known(void)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		ok(is_everywhere(known[i].name, known[i].archs, known[i].value),
		   "%s is %#llx on %s", known[i].name, (unsigned long long)known[i].value,
		   known[i].archs);
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		int64_t value;

		ok(!arch_constant(arch_by_name(str_of(absent[i].arch)), str_of(absent[i].name),
				  &value),
		   "%s has no '%s'", absent[i].arch, absent[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
		const struct arch *arch = arch_by_name(str_of(printed[i].arch));

		ok(is_same(arch_errno_name(arch, printed[i].value), printed[i].errno_name) &&
			   is_same(arch_signal_name(arch, printed[i].value),
				   printed[i].signal_name),
		   "%s: error and signal %d are %s and %s", printed[i].arch, printed[i].value,
		   printed[i].errno_name ? printed[i].errno_name : "nothing",
		   printed[i].signal_name ? printed[i].signal_name : "nothing");
	}
}

/* Sorted by name, each once: what the binary search stands on. */
static void test_order(void)
{
	const char *name, *before = NULL;
	size_t wrong = 0, n = 0;

	for (; (name = arch_constant_name(n)); before = name, n++) {
		wrong += before && strcmp(before, name) >= 0;
		wrong += arch_constant_find(str_of(name)) != n;
	}
	ok(n >= 1500 && wrong == 0, "%zu names are in order, and each is found", n);
	ok(arch_constant_find(str_of("~")) == n && arch_constant_find(str_of("")) == 0 &&
		   !arch_constant_name(n) && !arch_constant_name(SIZE_MAX),
	   "the order has two ends");
}

/* What a name's value is doesn't depend on how it is asked for. */
static void test_laws(const struct arch *arch)
{
	size_t have = 0, wrong = 0;
	const char *name;

	for (size_t i = 0; (name = arch_constant_name(i)); i++) {
		int64_t by_name = 0, by_row = 0;
		bool is_there = arch_constant_at(arch, i, &by_row);

		have += is_there;
		wrong += arch_constant(arch, str_of(name), &by_name) != is_there ||
			 by_name != by_row;
	}
	ok(have >= 1500 && wrong == 0, "%s has %zu constants, by name as by row", arch->name, have);
	wrong = 0;
	for (int i = -1; i < 4200; i++) {
		const char *texts[] = { arch_errno_name(arch, i), arch_signal_name(arch, i) };

		for (size_t j = 0; j < ARRAY_LEN(texts); j++) {
			int64_t value;

			wrong += texts[j] &&
				 (!arch_constant(arch, str_of(texts[j]), &value) || value != i);
		}
	}
	ok(wrong == 0, "%s: the name of an error or a signal has its number", arch->name);
}

int main(void)
{
	test_known();
	test_order();
	for (size_t i = 0; arch_at(i); i++)
		test_laws(arch_at(i));
	return done();
}
