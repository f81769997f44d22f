/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ABIs themselves. One row each of linux/audit.h's tokens that a column of the number table
 * has, twins of the other byte order included; aarch64 big-endian has aarch64's token, so a filter
 * can't tell it and it has no row.
 */
#include "arch/arch.h"

#include <elf.h>

/* linux/audit.h: __AUDIT_ARCH_64BIT, __AUDIT_ARCH_LE, __AUDIT_ARCH_CONVENTION_MIPS64_N32; the rest
 * is ELF's machine. */
#define WORD64 0x80000000u
#define LITTLE 0x40000000u
#define N32    0x20000000u
/* Younger than the elf.h of some C libraries. */
#define MACHINE_LOONGARCH 258
#define MACHINE_RISCV	  243

enum { LE, BE }; /* struct arch: big_endian */

/* In the order of struct arch: name, alias, audit, nr_base, column, register_bits, big_endian. */
static const struct arch archs[] = {
	{ "x86_64", "amd64", EM_X86_64 | WORD64 | LITTLE, 0, ARCH_X86_64, 64, LE },
	{ "i386", "x86", EM_386 | LITTLE, 0, ARCH_I386, 32, LE },
	{ "x32", NULL, EM_X86_64 | WORD64 | LITTLE, ARCH_X32_BIT, ARCH_X32, 64, LE },
	{ "aarch64", "arm64", EM_AARCH64 | WORD64 | LITTLE, 0, ARCH_AARCH64, 64, LE },
	{ "arm", "armhf", EM_ARM | LITTLE, 0, ARCH_ARM, 32, LE },
	{ "armeb", NULL, EM_ARM, 0, ARCH_ARM, 32, BE },
	{ "loongarch64", "loong64", MACHINE_LOONGARCH | WORD64 | LITTLE, 0, ARCH_LOONGARCH64, 64,
	  LE },
	{ "m68k", NULL, EM_68K, 0, ARCH_M68K, 32, BE },
	{ "mips", NULL, EM_MIPS, 4000, ARCH_MIPS, 32, BE },
	{ "mipsel", NULL, EM_MIPS | LITTLE, 4000, ARCH_MIPS, 32, LE },
	{ "mips64", NULL, EM_MIPS | WORD64, 5000, ARCH_MIPS64, 64, BE },
	{ "mipsel64", "mips64el", EM_MIPS | WORD64 | LITTLE, 5000, ARCH_MIPS64, 64, LE },
	{ "mips64n32", "mipsn32", EM_MIPS | WORD64 | N32, 6000, ARCH_MIPS64N32, 64, BE },
	{ "mipsel64n32", "mipsn32el", EM_MIPS | WORD64 | LITTLE | N32, 6000, ARCH_MIPS64N32, 64,
	  LE },
	{ "parisc", "hppa", EM_PARISC, 0, ARCH_PARISC, 32, BE },
	{ "parisc64", "hppa64", EM_PARISC | WORD64, 0, ARCH_PARISC64, 64, BE },
	{ "ppc", "powerpc", EM_PPC, 0, ARCH_PPC, 32, BE },
	{ "ppc64", "powerpc64", EM_PPC64 | WORD64, 0, ARCH_PPC64, 64, BE },
	{ "ppc64le", "ppc64el", EM_PPC64 | WORD64 | LITTLE, 0, ARCH_PPC64, 64, LE },
	{ "riscv64", NULL, MACHINE_RISCV | WORD64 | LITTLE, 0, ARCH_RISCV64, 64, LE },
	{ "s390", NULL, EM_S390, 0, ARCH_S390, 32, BE },
	{ "s390x", NULL, EM_S390 | WORD64, 0, ARCH_S390X, 64, BE },
	{ "sh", "sheb", EM_SH, 0, ARCH_SH, 32, BE },
	{ "shel", "sh4", EM_SH | LITTLE, 0, ARCH_SH, 32, LE },
};

/*
 * Which columns' programs a 64-bit kernel runs besides its own, in its own byte order. x32 and n32
 * have no kernel of their own: theirs is the 64-bit one.
 */
static const struct {
	uint8_t native;
	uint8_t other;
} guests[] = {
	{ ARCH_X86_64, ARCH_I386 },	 { ARCH_X86_64, ARCH_X32 },
	{ ARCH_X32, ARCH_X86_64 },	 { ARCH_X32, ARCH_I386 },
	{ ARCH_AARCH64, ARCH_ARM },	 { ARCH_MIPS64, ARCH_MIPS },
	{ ARCH_MIPS64, ARCH_MIPS64N32 }, { ARCH_MIPS64N32, ARCH_MIPS64 },
	{ ARCH_MIPS64N32, ARCH_MIPS },	 { ARCH_PARISC64, ARCH_PARISC },
	{ ARCH_PPC64, ARCH_PPC },	 { ARCH_S390X, ARCH_S390 },
};

#if defined(__x86_64__) && defined(__ILP32__)
#define NATIVE_COLUMN ARCH_X32
#elif defined(__x86_64__)
#define NATIVE_COLUMN ARCH_X86_64
#elif defined(__i386__)
#define NATIVE_COLUMN ARCH_I386
#elif defined(__aarch64__)
#define NATIVE_COLUMN ARCH_AARCH64
#elif defined(__arm__)
#define NATIVE_COLUMN ARCH_ARM
#elif defined(__loongarch64)
#define NATIVE_COLUMN ARCH_LOONGARCH64
#elif defined(__m68k__)
#define NATIVE_COLUMN ARCH_M68K
#elif defined(__mips__) && defined(_ABIN32) && _MIPS_SIM == _ABIN32
#define NATIVE_COLUMN ARCH_MIPS64N32
#elif defined(__mips64)
#define NATIVE_COLUMN ARCH_MIPS64
#elif defined(__mips__)
#define NATIVE_COLUMN ARCH_MIPS
#elif defined(__hppa__) && defined(__LP64__)
#define NATIVE_COLUMN ARCH_PARISC64
#elif defined(__hppa__)
#define NATIVE_COLUMN ARCH_PARISC
#elif defined(__powerpc64__)
#define NATIVE_COLUMN ARCH_PPC64
#elif defined(__powerpc__)
#define NATIVE_COLUMN ARCH_PPC
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_COLUMN ARCH_RISCV64
#elif defined(__s390x__)
#define NATIVE_COLUMN ARCH_S390X
#elif defined(__s390__)
#define NATIVE_COLUMN ARCH_S390
#elif defined(__sh__)
#define NATIVE_COLUMN ARCH_SH
#else
#error "no table for this architecture"
#endif

static const struct arch *find(uint8_t column, bool big_endian)
{
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		if (archs[i].column == column && archs[i].big_endian == big_endian)
			return &archs[i];
	return NULL;
}

const struct arch *arch_at(size_t i)
{
	return i < ARRAY_LEN(archs) ? &archs[i] : NULL;
}

const struct arch *arch_by_name(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		if (str_is(name, archs[i].name) || (archs[i].alias && str_is(name, archs[i].alias)))
			return &archs[i];
	return NULL;
}

const struct arch *arch_of_call(uint32_t audit, uint32_t nr)
{
	const struct arch *x32 = find(ARCH_X32, LE);

	if (audit == x32->audit && nr & ARCH_X32_BIT)
		return x32;
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		if (archs[i].audit == audit)
			return &archs[i];
	return NULL;
}

const struct arch *arch_native(void)
{
	return find(NATIVE_COLUMN, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

const struct arch *arch_compat(const struct arch *arch, size_t i)
{
	const struct arch *guest;

	if (i == 0)
		return arch;
	for (size_t g = 0; g < ARRAY_LEN(guests); g++) {
		guest = guests[g].native == arch->column ? find(guests[g].other, arch->big_endian)
							 : NULL;
		if (guest && --i == 0)
			return guest;
	}
	return NULL;
}
