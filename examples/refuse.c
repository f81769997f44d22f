/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refuse NR ARCH ERRNO PROGRAM [ARG]...: runs a program to which one system call fails.
 *
 *	refuse 83 x86_64 30 mkdir /tmp/x		# mkdir: Read-only file system
 *
 * What to see here: a seccomp filter as the kernel takes it, with no library in between. It is an
 * array of classic BPF instructions, which read struct seccomp_data and end in an action. Four
 * things are easy to get wrong, and each is pointed at below.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a number on x86-64: the call is one of the x32 ABI. arch/x86/include/uapi/asm/unistd.h. */
#define X32_BIT 0x40000000u

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The instruction that puts one 32-bit word of struct seccomp_data into the accumulator. */
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Goes on with the next instruction if the accumulator is VALUE, else skips OTHERWISE of them. */
#define UNLESS_EQUAL(value, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise)
#define RETURN(action)		       BPF_STMT(BPF_RET | BPF_K, action)

static const struct {
	const char *name;
	uint32_t audit_arch;
} arches[] = {
	{ "x86_64", AUDIT_ARCH_X86_64 },   { "i386", AUDIT_ARCH_I386 },
	{ "aarch64", AUDIT_ARCH_AARCH64 }, { "arm", AUDIT_ARCH_ARM },
	{ "riscv64", AUDIT_ARCH_RISCV64 }, { "ppc64le", AUDIT_ARCH_PPC64LE },
	{ "s390x", AUDIT_ARCH_S390X },
};

static int refuse(uint32_t nr, uint32_t arch, uint32_t error)
{
	struct sock_filter filter[] = {
		/*
		 * 1. The architecture comes first: number 83 is mkdir on x86-64 and symlink on
		 * i386, and a 64-bit program can make i386 calls by `int $0x80`.
		 */
		LOAD(arch),
		UNLESS_EQUAL(arch, 4),
		LOAD(nr),
		/*
		 * 2. A kernel with x32 knows each call of x86-64 by a second number, with X32_BIT,
		 * under the same architecture. Without the bit both are one. On other
		 * architectures the mask keeps all bits.
		 */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
			 arch == AUDIT_ARCH_X86_64 ? ~X32_BIT : UINT32_MAX),
		UNLESS_EQUAL(nr, 1),
		/* The errno is the low 16 bits of the action. With 0, the call returns 0. */
		RETURN(SECCOMP_RET_ERRNO | error),
		/*
		 * 3. What isn't refused is allowed here, calls of other architectures too. A list
		 * of what is allowed would end in SECCOMP_RET_KILL_PROCESS instead, and treat a
		 * foreign architecture like that as well.
		 */
		RETURN(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = LEN(filter), .filter = filter };

	/*
	 * 4. Without privilege a filter needs no_new_privs: else a set-user-ID program could be
	 * made to believe that its setuid(2) had worked. It can't be undone, as the filter can't,
	 * and children inherit both.
	 */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* A number up to MAX, or the end of the program. */
static uint32_t number(const char *text, const char *what, unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno || value > max) {
		fprintf(stderr, "refuse: %s is a number up to %lu, not '%s'\n", what, max, text);
		exit(2);
	}
	return (uint32_t)value;
}

static uint32_t architecture(const char *text)
{
	for (size_t i = 0; i < LEN(arches); i++)
		if (strcmp(arches[i].name, text) == 0)
			return arches[i].audit_arch;
	/* Others by their AUDIT_ARCH_* of linux/audit.h. */
	return number(text, "an architecture without a name", UINT32_MAX);
}

int main(int argc, char **argv)
{
	uint32_t nr, arch, error;

	if (argc < 5) {
		fputs("usage: refuse NR ARCH ERRNO PROGRAM [ARG]...\n", stderr);
		return 2;
	}
	nr = number(argv[1], "NR", INT32_MAX);
	arch = architecture(argv[2]);
	error = number(argv[3], "ERRNO", 4095); /* the kernel takes a larger one for 4095 */
	if (arch == AUDIT_ARCH_X86_64)
		nr &= ~X32_BIT;
	if (refuse(nr, arch, error) != 0) {
		perror("refuse: no filter, so nothing is run");
		return 126;
	}
	/* The filter is in force: were execve(2) refused, nothing would run either. */
	execvp(argv[4], argv + 4);
	error = (uint32_t)errno;
	fprintf(stderr, "refuse: %s: %s\n", argv[4], strerror((int)error));
	return error == ENOENT ? 127 : 126;
}
