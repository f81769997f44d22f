/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every Linux ABI looks like to seccomp: its AUDIT_ARCH token, byte order and word, its system
 * calls by name and number, each call's typed arguments, and the named constants of its uapi
 * headers. All of it is const data.
 *
 * An ABI is what a policy's `arch` names: x86_64 and x32 share a token and differ by bit 30 of the
 * number.
 */
#ifndef STRAIT_ARCH_ARCH_H
#define STRAIT_ARCH_ARCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/text.h"

/* arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT */
#define ARCH_X32_BIT 0x40000000u
/* A system call has at most six arguments on every ABI: struct seccomp_data, linux/seccomp.h. */
#define ARCH_ARGS_MAX 6

/* The columns of the number table: one an ABI family; twins of the other byte order share it. */
enum arch_column {
	ARCH_I386,
	ARCH_X86_64,
	ARCH_X32,
	ARCH_ARM,
	ARCH_AARCH64,
	ARCH_LOONGARCH64,
	ARCH_M68K,
	ARCH_MIPS,
	ARCH_MIPS64,
	ARCH_MIPS64N32,
	ARCH_PARISC,
	ARCH_PARISC64,
	ARCH_PPC,
	ARCH_PPC64,
	ARCH_RISCV64,
	ARCH_S390,
	ARCH_S390X,
	ARCH_SH,
	ARCH_COLUMNS
};

struct arch {
	const char *name;  /* in lower case, after linux/audit.h's token: "x86_64", "mipsel64n32" */
	const char *alias; /* another name in use ("amd64", "arm64"), or NULL */
	uint32_t audit;	   /* AUDIT_ARCH_*; x32 has x86_64's */
	uint32_t nr_base;  /* added to the table's offsets: 0x40000000, 4000, 5000, 6000 or 0 */
	uint8_t column;	   /* enum arch_column */
	uint8_t register_bits; /* 32 or 64: how much of a register a long argument is */
	bool big_endian;
};

/* How the kernel declares an argument. What it ignores of the register, a test ignores too. */
enum arch_kind {
	ARCH_S32,
	ARCH_U32,
	ARCH_U16,   /* umode_t and the old 16-bit ids: the low 16 bits */
	ARCH_SLONG, /* the ABI's word */
	ARCH_ULONG,
	ARCH_S64,
	ARCH_U64,
	ARCH_PTR,
};

struct arch_param {
	const char *name;
	const char *alias; /* section 2 of the man-pages' name where it differs, or NULL */
	uint8_t kind;	   /* enum arch_kind */
};

/* One argument of one call on one ABI: where its bits are in struct seccomp_data's args. */
struct arch_arg {
	const char *name;
	uint8_t kind; /* enum arch_kind */
	uint8_t bits; /* 16, 32 or 64: how many of them the kernel looks at */
	bool is_signed;
	uint8_t index; /* 0..5; of the low half where the argument is split over two registers */
	uint8_t high;  /* of the high half; == index where it is not split */
};

/* A call on any ABI. Rows are sorted by name; a row's address identifies the call. */
struct arch_syscall {
	const char *name;
	const char *since;	       /* "5.6", "old", or "" where unknown */
	int32_t offsets[ARCH_COLUMNS]; /* the number less the ABI's base; -1: not there */
	/* nparams of them, in the order of most ABIs; NULL: unknown */
	const struct arch_param *params;
	int8_t nparams; /* -1: unknown, the call has only arg0..arg5 */
};

/* All ABIs, in the order they are listed to people; NULL past the last. */
const struct arch *arch_at(size_t i);
/* By name or alias, NULL if there is none. */
const struct arch *arch_by_name(struct str name);
/* The ABI that a call with this token and number belongs to (the number tells x32 from x86_64), or
 * NULL. */
const struct arch *arch_of_call(uint32_t audit, uint32_t nr);
/* The ABI this library was built for. */
const struct arch *arch_native(void);
/* The i-th ABI that can run on a kernel whose native ABI is ARCH, itself first (x86_64: x86_64,
 * i386, x32); NULL past the last. */
const struct arch *arch_compat(const struct arch *arch, size_t i);

/* The i-th call of the table, NULL past the last. */
const struct arch_syscall *arch_syscall_at(size_t i);
const struct arch_syscall *arch_syscall_by_name(struct str name);
/* The call with this number (base included) on this ABI, or NULL. */
const struct arch_syscall *arch_syscall_by_nr(const struct arch *arch, uint32_t nr);
/* The number (base included) of a call, or -1 where the ABI doesn't have it. */
int64_t arch_syscall_nr(const struct arch *arch, const struct arch_syscall *call);
/* One more than the highest number in the ABI's contiguous table; arm's private calls at 0xf0000
 * are not in it. */
uint32_t arch_table_end(const struct arch *arch);
/* Compares two kernel versions "5.10", "6.12.3"; "old" is older than any, "" (unknown) is equal to
 * "old". <0, 0, >0. */
int arch_version_cmp(const char *a, const char *b);
bool arch_version_valid(struct str version);

/* How many arguments a call has on an ABI (split ones counted once), or -1 where the signature is
 * unknown. */
int arch_nargs(const struct arch *arch, const struct arch_syscall *call);
/* The i-th of them. */
bool arch_arg_at(const struct arch *arch, const struct arch_syscall *call, int i,
		 struct arch_arg *arg);
/* By the kernel's or the man-pages' name; false where the call has none of that name. */
bool arch_arg_by_name(const struct arch *arch, const struct arch_syscall *call, struct str name,
		      struct arch_arg *arg);

/* A named constant's value on an ABI; negative ones are sign-extended. False where the ABI has none
 * of that name. */
bool arch_constant(const struct arch *arch, struct str name, int64_t *value);
/* The i-th constant's name, NULL past the last: for suggestions and listings. */
const char *arch_constant_name(size_t i);
/* Where in that sorted order NAME is or would be, and the i-th constant's value: to go through the
 * names of a family. */
size_t arch_constant_find(struct str name);
bool arch_constant_at(const struct arch *arch, size_t i, int64_t *value);
/* "EPERM" for 1 on most ABIs; NULL where the number has no name. */
const char *arch_errno_name(const struct arch *arch, int value);
/* "SIGSYS"; NULL where the number has no name. */
const char *arch_signal_name(const struct arch *arch, int value);
/*
 * An argument's value as a person would write it: "O_WRONLY|O_CREAT|0x8", "AF_INET6", "AT_FDCWD",
 * "-1", "0x7ffe1000". Which constants belong to which argument of which call is a table
 * (families.def); without one: by kind.
 */
void arch_describe_arg(const struct arch *arch, const struct arch_syscall *call,
		       const struct arch_arg *arg, uint64_t value, struct buf *out);
/* What an argument's value is written with. */
enum arch_style {
	ARCH_STYLE_PLAIN, /* no constants: a number, a descriptor, a mode, an address, a signal */
	ARCH_STYLE_NAMED, /* one constant */
	ARCH_STYLE_FLAGS, /* flags */
	ARCH_STYLE_MIXED, /* one constant in some of its bits, flags in the others */
};
/* FIELD: the bits of the constant, 0 for flags. */
enum arch_style arch_arg_style(const struct arch_syscall *call, const struct arch_arg *arg,
			       uint32_t *field);
/* The same in a signal handler. No value of any argument is longer than ARCH_DESCRIBE_MAX bytes. */
#define ARCH_DESCRIBE_MAX 512
void arch_describe_text(const struct arch *arch, const struct arch_syscall *call,
			const struct arch_arg *arg, uint64_t value, struct text *out);
/* How an argument's values are made of constants. */
enum arch_values {
	ARCH_VALUES_NUMBERS, /* not at all: a descriptor, a size, a mode */
	ARCH_VALUES_NAMES,   /* each has a name: AF_UNIX */
	ARCH_VALUES_FLAGS,   /* of bits: O_CLOEXEC|O_NOCTTY; some may be a number: O_ACCMODE */
};

enum arch_values arch_arg_values(const struct arch_syscall *call, const struct arch_arg *arg);
/* The bits of flags that are a number with names: O_ACCMODE's; 0: none. */
uint64_t arch_arg_field(const struct arch_syscall *call, const struct arch_arg *arg);
/*
 * The same as arch_describe_arg() for bits that are tested together: "CLONE_NEWNS|CLONE_NEWUSER",
 * "O_ACCMODE", "07000", "0xf". A name of a single value ("AF_UNIX") is no name of bits.
 */
void arch_describe_mask(const struct arch *arch, const struct arch_syscall *call,
			const struct arch_arg *arg, uint64_t mask, struct buf *out);
void arch_describe_mask_text(const struct arch *arch, const struct arch_syscall *call,
			     const struct arch_arg *arg, uint64_t mask, struct text *out);

#endif
