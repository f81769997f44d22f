/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seccomp filters written in C, with no library behind them: this header is all there is. It
 * compiles as C99 and as C++11, with gcc and clang. See strait-static(3).
 *
 *	STRAIT_STATIC(f, 64);
 *
 *	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
 *	strait_static_allow(&f, SYS_read);
 *	strait_static_errno(&f, SYS_openat, EACCES);
 *	strait_static_if_call(&f, SYS_write, "write");
 *	strait_static_label(&f, "stop");
 *	strait_static_return(&f, SECCOMP_RET_KILL_PROCESS);
 *
 *	strait_static_label(&f, "write");
 *	strait_static_unless(&f, strait_arg32(0, STRAIT_EQ, STDOUT_FILENO), "refuse");
 *	strait_static_unless(&f, strait_arg64(2, STRAIT_LE, 4096), "refuse");
 *	strait_static_return(&f, SECCOMP_RET_ALLOW);
 *	strait_static_label(&f, "refuse");
 *	strait_static_return(&f, SECCOMP_RET_ERRNO | EBADF);
 *
 *	error = strait_static_install(&f, 0);
 *	if (error < 0)
 *		fprintf(stderr, "%s\n", strait_static_explain(&f, error));
 *
 * A filter is a list of instructions, run from the top for each system call until one returns. The
 * functions append to it in the order they are called. The first failure stays: later calls do
 * nothing, and what comes last (resolve, install, print, write) returns it, so nothing needs to be
 * checked in between. A filter with a failure is never installed.
 *
 * It is one file, so that a source tree can have a copy of it. Names that begin with strait_s_ or
 * STRAIT_S_ are its own.
 *
 * A filter has one owner and is used by one thread at a time. Nothing is allocated: the memory is
 * the caller's. Label names are kept as pointers and compared as text; they must live until the
 * filter is resolved, which string literals do.
 */
#ifndef STRAIT_STATIC_H
#define STRAIT_STATIC_H

#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -std=c99 alone hides it: unistd.h of glibc and musl. */
#if !defined(__cplusplus) && !defined(_GNU_SOURCE) && !defined(_DEFAULT_SOURCE) &&                 \
	!defined(_BSD_SOURCE)
extern long syscall(long number, ...);
#endif

/* ---- what the filter is for ---- */

/*
 * The AUDIT_ARCH_* of linux/audit.h that a call of this program carries, and whether the high half
 * of a 64-bit argument comes first. Both can be defined before this header is included, to test a
 * filter that is meant for another machine; system-call numbers and errnos are still this one's.
 * _MIPS_SIM is 1 for o32, 2 for n32, 3 for n64: arch/mips/include/uapi/asm/sgidefs.h.
 */
#ifndef STRAIT_STATIC_ARCH
#if defined(__x86_64__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && !defined(__ILP32__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define STRAIT_STATIC_ARCH AUDIT_ARCH_RISCV64
#elif defined(__riscv) && __riscv_xlen == 32
#define STRAIT_STATIC_ARCH AUDIT_ARCH_RISCV32
#elif defined(__loongarch__) && defined(AUDIT_ARCH_LOONGARCH64) && __loongarch_grlen == 64
#define STRAIT_STATIC_ARCH AUDIT_ARCH_LOONGARCH64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_PPC64
#elif defined(__powerpc__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_PPC
#elif defined(__s390x__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_S390X
#elif defined(__s390__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_S390
#elif defined(__mips__) && defined(__MIPSEB__) && _MIPS_SIM == 1
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPS
#elif defined(__mips__) && defined(__MIPSEL__) && _MIPS_SIM == 1
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && defined(__MIPSEB__) && _MIPS_SIM == 2
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPS64N32
#elif defined(__mips__) && defined(__MIPSEL__) && _MIPS_SIM == 2
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPSEL64N32
#elif defined(__mips__) && defined(__MIPSEB__) && _MIPS_SIM == 3
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPS64
#elif defined(__mips__) && defined(__MIPSEL__) && _MIPS_SIM == 3
#define STRAIT_STATIC_ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__hppa__) && !defined(__LP64__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_PARISC
#elif defined(__sh__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define STRAIT_STATIC_ARCH AUDIT_ARCH_SHEL
#elif defined(__sh__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_SH
#elif defined(__m68k__)
#define STRAIT_STATIC_ARCH AUDIT_ARCH_M68K
#else
#error "strait/static.h doesn't know this architecture: define STRAIT_STATIC_ARCH as its AUDIT_ARCH_*"
#endif
#endif

#ifndef STRAIT_STATIC_BIG_ENDIAN
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define STRAIT_STATIC_BIG_ENDIAN 1
#else
#define STRAIT_STATIC_BIG_ENDIAN 0
#endif
#endif

/* The bit of the number that tells x32 calls from x86-64's, which have the same AUDIT_ARCH:
 * arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT. */
#define STRAIT_S_X32_BIT 0x40000000u
#if STRAIT_STATIC_ARCH == AUDIT_ARCH_X86_64
#define STRAIT_S_HAS_X32 1
#else
#define STRAIT_S_HAS_X32 0
#endif
#if defined(__x86_64__) && defined(__ILP32__)
#define STRAIT_S_IS_X32 1
#else
#define STRAIT_S_IS_X32 0
#endif

/* ---- the filter ---- */

/* A label, or a jump to one. */
struct strait_static_mark {
	const char *name;
	unsigned short at;   /* the instruction */
	unsigned short to;   /* a jump: the mark of its label, once resolved */
	unsigned short kind; /* what of the instruction goes to the label */
};

struct strait_static {
	/* Once strait_static_resolve() has returned 0: a program as struct sock_fprog takes it. */
	struct sock_filter *insns;
	unsigned len;

	/* After install or attach returned -ESRCH: the thread that has another filter, 0: not told.
	 */
	int thread;

	/* The rest is the header's own. */
	int error; /* the first failure, -errno */
	unsigned room, nmarks, loaded, validated, ended, resolved;
	struct strait_static_mark *marks;
	char message[256];
};

/*
 * Declares a filter NAME in this block, with ROOM for so many instructions and for as many labels
 * and jumps to labels together. An answered call takes two instructions, a test two to six; the
 * kernel takes 4,096 at most (linux/bpf_common.h, BPF_MAXINSNS). 24 bytes of stack each.
 */
#define STRAIT_STATIC(name, room)                                                                  \
	struct sock_filter name##_insns[room];                                                     \
	struct strait_static_mark name##_marks[room];                                              \
	struct strait_static name;                                                                 \
	strait_static_init(&name, name##_insns, name##_marks, room)

/* The same over memory of the caller's: ROOM elements in both arrays, which must outlive F. */
static inline void strait_static_init(struct strait_static *f, struct sock_filter *insns,
				      struct strait_static_mark *marks, unsigned room)
{
	memset(f, 0, sizeof(*f));
	f->insns = insns;
	f->marks = marks;
	f->room = room < USHRT_MAX ? room : USHRT_MAX;
}

/* ---- appending, for the functions below ---- */

#define STRAIT_S_NOTHING_LOADED (~0u)

enum strait_s_kind { STRAIT_S_LABEL, STRAIT_S_JA, STRAIT_S_JT, STRAIT_S_JF };

__attribute__((format(printf, 3, 4))) static inline void
strait_s_fail(struct strait_static *f, int error, const char *format, ...)
{
	va_list ap;

	if (f->error)
		return;
	f->error = error;
	va_start(ap, format);
	vsnprintf(f->message, sizeof(f->message), format, ap);
	va_end(ap);
}

static inline void strait_s_add(struct strait_static *f, unsigned code, unsigned jt, unsigned jf,
				uint32_t k)
{
	struct sock_filter *insn;

	if (f->error)
		return;
	if (!f->validated)
		strait_s_fail(f, -EINVAL,
			      "strait_static_validate_arch() comes first: a number means "
			      "nothing without its architecture");
	else if (f->resolved)
		strait_s_fail(f, -EINVAL, "the filter is resolved: nothing can be added");
	else if (f->ended)
		strait_s_fail(f, -EINVAL,
			      "nothing reaches instruction %u: the one before it returns or "
			      "jumps, and no label stands here",
			      f->len);
	else if (f->len >= BPF_MAXINSNS)
		strait_s_fail(f, -E2BIG, "more than the kernel's %d instructions", BPF_MAXINSNS);
	else if (f->len >= f->room)
		strait_s_fail(f, -E2BIG, "more instructions than the %u there is room for",
			      f->room);
	if (f->error)
		return;
	insn = &f->insns[f->len++];
	insn->code = (unsigned short)code;
	insn->jt = (unsigned char)jt;
	insn->jf = (unsigned char)jf;
	insn->k = k;
	f->ended = BPF_CLASS(code) == BPF_RET || code == (BPF_JMP | BPF_JA);
}

/* The label NAME among the marks, or nmarks where it isn't. */
static inline unsigned strait_s_find(const struct strait_static *f, const char *name)
{
	unsigned i;

	for (i = 0; i < f->nmarks; i++)
		if (f->marks[i].kind == STRAIT_S_LABEL && strcmp(f->marks[i].name, name) == 0)
			break;
	return i;
}

static inline void strait_s_mark(struct strait_static *f, const char *name, enum strait_s_kind kind,
				 unsigned at)
{
	unsigned placed;

	if (!f->validated || f->resolved || !name)
		strait_s_fail(f, -EINVAL,
			      "a label has a name, and stands after "
			      "strait_static_validate_arch() and before strait_static_resolve()");
	if (f->error)
		return;
	placed = strait_s_find(f, name);
	if (placed < f->nmarks && kind == STRAIT_S_LABEL)
		strait_s_fail(f, -EINVAL, "there are two labels \"%s\"", name);
	else if (placed < f->nmarks)
		strait_s_fail(f, -EINVAL,
			      "label \"%s\" at instruction %u stands before the jump to it at %u: "
			      "filters go forward only",
			      name, (unsigned)f->marks[placed].at, at);
	else if (f->nmarks >= f->room)
		strait_s_fail(f, -E2BIG,
			      "at label \"%s\": more labels and jumps to them than the %u "
			      "there is room for",
			      name, f->room);
	if (f->error)
		return;
	f->marks[f->nmarks].name = name;
	f->marks[f->nmarks].at = (unsigned short)at;
	f->marks[f->nmarks].to = 0;
	f->marks[f->nmarks].kind = (unsigned short)kind;
	f->nmarks++;
}

/* A holds the word at OFFSET of struct seccomp_data. What comes by a jump is seen at a label, where
 * nothing is taken for loaded. */
static inline void strait_s_load(struct strait_static *f, unsigned offset)
{
	if (f->loaded == offset)
		return;
	strait_s_add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
	f->loaded = offset;
}

/* ---- architecture, returns, labels ---- */

/*
 * The first thing in each filter: calls of other architectures get FOREIGN (SECCOMP_RET_*, with its
 * data), and so do x32's on x86-64. An architecture's numbers are its own, so a filter that allows
 * foreign calls stops nobody.
 */
static inline void strait_static_validate_arch(struct strait_static *f, uint32_t foreign)
{
	unsigned is_x32 = STRAIT_S_IS_X32;

	if (f->len)
		strait_s_fail(f, -EINVAL, "the architecture is already validated");
	f->validated = 1;
	f->loaded = STRAIT_S_NOTHING_LOADED;
	strait_s_load(f, offsetof(struct seccomp_data, arch));
	strait_s_add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, STRAIT_STATIC_ARCH);
	strait_s_add(f, BPF_RET | BPF_K, 0, 0, foreign);
	f->ended = 0;
	strait_s_load(f, offsetof(struct seccomp_data, nr));
	if (!STRAIT_S_HAS_X32)
		return;
	strait_s_add(f, BPF_JMP | BPF_JSET | BPF_K, is_x32, !is_x32, STRAIT_S_X32_BIT);
	strait_s_add(f, BPF_RET | BPF_K, 0, 0, foreign);
	f->ended = 0;
}

/* Whatever comes here gets RET: SECCOMP_RET_* with its data. Each way through a filter ends with a
 * return. An action that the kernel doesn't know kills the process. */
static inline void strait_static_return(struct strait_static *f, uint32_t ret)
{
	strait_s_add(f, BPF_RET | BPF_K, 0, 0, ret);
}

/* The next instruction has this name. Each name once; what stands before may run into it. */
static inline void strait_static_label(struct strait_static *f, const char *name)
{
	strait_s_mark(f, name, STRAIT_S_LABEL, f->len);
	f->loaded = STRAIT_S_NOTHING_LOADED;
	f->ended = 0;
}

/* Goes on at LABEL, which comes later; however far that is. */
static inline void strait_static_jump(struct strait_static *f, const char *label)
{
	strait_s_add(f, BPF_JMP | BPF_JA, 0, 0, 0);
	strait_s_mark(f, label, STRAIT_S_JA, f->len - 1);
}

/* ---- conditions ---- */

/* Values are unsigned, as filters compare: -1 is the largest. `fd >= 0` is STRAIT_LE, INT_MAX. */
enum strait_test {
	STRAIT_EQ,
	STRAIT_NE,
	STRAIT_LT,
	STRAIT_LE,
	STRAIT_GT,
	STRAIT_GE,
	STRAIT_WITHIN, /* no bit outside the value is set: argument & ~value == 0 */
	STRAIT_MASKED, /* made by strait_masked32() and strait_masked64() */
};

/* Made by the functions that follow. */
struct strait_condition {
	enum strait_test test;
	unsigned is_nr; /* of the number; else: */
	unsigned arg;	/* 0..5 */
	unsigned bits;	/* 32: the low half of the argument; 64 */
	uint64_t mask, value;
};

static inline struct strait_condition strait_s_condition(enum strait_test test, unsigned arg,
							 unsigned bits, uint64_t mask,
							 uint64_t value)
{
	struct strait_condition c;

	c.test = test;
	c.is_nr = 0;
	c.arg = arg;
	c.bits = bits;
	c.mask = mask;
	c.value = value;
	return c;
}

/*
 * The low 32 bits of argument ARG, 0 to 5, against VALUE. It is the right one for an argument that
 * the kernel declares as int or unsigned (fd, flags, mode): the kernel ignores the upper half, so a
 * test of all 64 bits could be evaded with garbage there. VALUE has 32 bits, or is negative and has
 * 32 as a signed number (AT_FDCWD).
 */
static inline struct strait_condition strait_arg32(unsigned arg, enum strait_test test,
						   uint64_t value)
{
	return strait_s_condition(test, arg, 32, ~(uint64_t)0, value);
}

/*
 * All 64 bits: for pointers, sizes, unsigned long, off_t on 64-bit machines. On 32-bit machines the
 * upper half is 0, and what has 64 bits there is in two arguments. A pointer is only an address:
 * what is at it can change after the test.
 */
static inline struct strait_condition strait_arg64(unsigned arg, enum strait_test test,
						   uint64_t value)
{
	return strait_s_condition(test, arg, 64, ~(uint64_t)0, value);
}

/* (argument & MASK) == VALUE; VALUE has no bit outside MASK. */
static inline struct strait_condition strait_masked32(unsigned arg, uint64_t mask, uint64_t value)
{
	return strait_s_condition(STRAIT_MASKED, arg, 32, mask, value);
}

static inline struct strait_condition strait_masked64(unsigned arg, uint64_t mask, uint64_t value)
{
	return strait_s_condition(STRAIT_MASKED, arg, 64, mask, value);
}

/* The number of the call. */
static inline struct strait_condition strait_nr(enum strait_test test, long nr)
{
	struct strait_condition c = strait_arg32(0, test, (uint64_t)nr);

	c.is_nr = 1;
	return c;
}

/* Fits in 32 bits, as a signed or an unsigned number. */
static inline int strait_s_fits32(uint64_t value)
{
	return value <= UINT32_MAX || value >= (uint64_t)INT32_MIN;
}

/* The bits of VALUE that the condition looks at. */
static inline uint64_t strait_s_cut(const struct strait_condition *c, uint64_t value)
{
	return c->bits == 32 ? (uint32_t)value : value;
}

static inline void strait_s_check_nr(struct strait_static *f, uint64_t nr)
{
	if (nr > UINT32_MAX)
		strait_s_fail(f, -EINVAL, "%lld is no system-call number", (long long)nr);
	else if (STRAIT_S_HAS_X32 && ((nr & STRAIT_S_X32_BIT) != 0) != STRAIT_S_IS_X32)
		strait_s_fail(f, -EINVAL,
			      "number 0x%llx is of the other of x86-64 and x32, whose calls "
			      "are foreign",
			      (unsigned long long)nr);
}

static inline void strait_s_check(struct strait_static *f, const struct strait_condition *c)
{
	if ((unsigned)c->test > STRAIT_MASKED)
		strait_s_fail(f, -EINVAL, "there is no test %u", (unsigned)c->test);
	else if (c->is_nr)
		strait_s_check_nr(f, c->value);
	else if (c->arg > 5)
		strait_s_fail(f, -EINVAL, "there is no argument %u: they are 0 to 5", c->arg);
	else if (c->bits == 32 && (!strait_s_fits32(c->value) || !strait_s_fits32(c->mask)))
		strait_s_fail(f, -EINVAL,
			      "0x%llx doesn't fit in the 32 bits that are tested of argument "
			      "%u",
			      (unsigned long long)(strait_s_fits32(c->value) ? c->mask : c->value),
			      c->arg);
	else if (c->test == STRAIT_MASKED && strait_s_cut(c, c->value & ~c->mask))
		strait_s_fail(f, -EINVAL,
			      "argument %u & 0x%llx is never 0x%llx, which has bits outside "
			      "the mask",
			      c->arg, (unsigned long long)c->mask, (unsigned long long)c->value);
}

/* ---- a test, half by half ---- */

/* Where a branch leads: jt and jf hold these until the whole test stands. */
enum strait_s_way { STRAIT_S_ON, STRAIT_S_YES, STRAIT_S_NO };

static inline void strait_s_branch(struct strait_static *f, unsigned op, uint32_t k,
				   enum strait_s_way yes, enum strait_s_way no)
{
	strait_s_add(f, BPF_JMP | op | BPF_K, yes, no, k);
}

static inline void strait_s_load_half(struct strait_static *f, const struct strait_condition *c,
				      unsigned high)
{
	unsigned offset = offsetof(struct seccomp_data, nr);

	if (!c->is_nr)
		offset = (unsigned)offsetof(struct seccomp_data, args) + 8 * c->arg +
			 4 * (high ^ STRAIT_STATIC_BIG_ENDIAN);
	strait_s_load(f, offset);
	if (c->test == STRAIT_MASKED) {
		strait_s_add(f, BPF_ALU | BPF_AND | BPF_K, 0, 0,
			     (uint32_t)(high ? c->mask >> 32 : c->mask));
		f->loaded = STRAIT_S_NOTHING_LOADED;
	}
}

/* NE, LT and LE are EQ, GE and GT with the outcome turned round: only those stand here. */
static inline void strait_s_test_high(struct strait_static *f, const struct strait_condition *c,
				      enum strait_test test)
{
	uint32_t value = (uint32_t)(c->value >> 32);

	strait_s_load_half(f, c, 1);
	if (test == STRAIT_WITHIN) {
		strait_s_branch(f, BPF_JSET, ~value, STRAIT_S_NO, STRAIT_S_ON);
		return;
	}
	if (test == STRAIT_GT || test == STRAIT_GE)
		strait_s_branch(f, BPF_JGT, value, STRAIT_S_YES, STRAIT_S_ON);
	strait_s_branch(f, BPF_JEQ, value, STRAIT_S_ON, STRAIT_S_NO);
}

static inline void strait_s_test_low(struct strait_static *f, const struct strait_condition *c,
				     enum strait_test test)
{
	uint32_t value = (uint32_t)c->value;
	unsigned op = test == STRAIT_GT ? BPF_JGT : test == STRAIT_GE ? BPF_JGE : BPF_JEQ;

	strait_s_load_half(f, c, 0);
	if (test == STRAIT_WITHIN)
		strait_s_branch(f, BPF_JSET, ~value, STRAIT_S_NO, STRAIT_S_YES);
	else
		strait_s_branch(f, op, value, STRAIT_S_YES, STRAIT_S_NO);
}

/* What one side of a branch holds as a way becomes a jump to the label or past the test. */
static inline void strait_s_settle(struct strait_static *f, unsigned char *side,
				   enum strait_s_kind kind, unsigned pc, unsigned to_label,
				   const char *label)
{
	if (*side == to_label) {
		strait_s_mark(f, label, kind, pc);
		*side = 0;
	} else if (*side != STRAIT_S_ON) {
		*side = (unsigned char)(f->len - pc - 1);
	}
}

static inline void strait_s_test(struct strait_static *f, const struct strait_condition *c,
				 unsigned jump_if, const char *label)
{
	enum strait_test test = c->test;
	unsigned pc = f->len;
	struct sock_filter *insn;

	strait_s_check(f, c);
	if (test == STRAIT_NE || test == STRAIT_LT || test == STRAIT_LE) {
		test = test == STRAIT_NE ? STRAIT_EQ : test == STRAIT_LT ? STRAIT_GE : STRAIT_GT;
		jump_if = !jump_if;
	}
	if (c->bits == 64)
		strait_s_test_high(f, c, test);
	strait_s_test_low(f, c, test);
	if (c->bits == 64) /* where the upper half has decided, A still holds it */
		f->loaded = STRAIT_S_NOTHING_LOADED;
	for (; !f->error && pc < f->len; pc++) {
		unsigned to_label = jump_if ? STRAIT_S_YES : STRAIT_S_NO;

		insn = &f->insns[pc];
		if (BPF_CLASS(insn->code) != BPF_JMP)
			continue;
		strait_s_settle(f, &insn->jt, STRAIT_S_JT, pc, to_label, label);
		strait_s_settle(f, &insn->jf, STRAIT_S_JF, pc, to_label, label);
	}
}

/* Goes on at LABEL where the condition holds, else with what comes next. */
static inline void strait_static_if(struct strait_static *f, struct strait_condition condition,
				    const char *label)
{
	strait_s_test(f, &condition, 1, label);
}

/* Goes on at LABEL where the condition doesn't hold, else with what comes next. */
static inline void strait_static_unless(struct strait_static *f, struct strait_condition condition,
					const char *label)
{
	strait_s_test(f, &condition, 0, label);
}

/* ---- whole calls ---- */

/* NR is a number of <sys/syscall.h>: SYS_read. Goes on at LABEL if it is the call's. */
static inline void strait_static_if_call(struct strait_static *f, long nr, const char *label)
{
	strait_static_if(f, strait_nr(STRAIT_EQ, nr), label);
}

/* The call gets RET, whatever its arguments are. */
static inline void strait_static_answer(struct strait_static *f, long nr, uint32_t ret)
{
	struct strait_condition c = strait_nr(STRAIT_EQ, nr);

	strait_s_check(f, &c);
	strait_s_load_half(f, &c, 0);
	strait_s_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)nr);
	strait_s_add(f, BPF_RET | BPF_K, 0, 0, ret);
	f->ended = 0;
}

/* With the data that an action carries, 0 to LIMIT. */
static inline void strait_s_answer_data(struct strait_static *f, long nr, uint32_t action,
					unsigned data, unsigned limit)
{
	if (data > limit)
		strait_s_fail(f, -EINVAL, "call %ld: %u is more than %u", nr, data, limit);
	strait_static_answer(f, nr, action | data);
}

/* It is executed. */
static inline void strait_static_allow(struct strait_static *f, long nr)
{
	strait_static_answer(f, nr, SECCOMP_RET_ALLOW);
}

/* It is executed, and logged where /proc/sys/kernel/seccomp/actions_logged has "log". */
static inline void strait_static_log(struct strait_static *f, long nr)
{
	strait_static_answer(f, nr, SECCOMP_RET_LOG);
}

/* It isn't executed and fails with ERROR, 1 to 4095; with 0 it returns 0. */
static inline void strait_static_errno(struct strait_static *f, long nr, unsigned error)
{
	strait_s_answer_data(f, nr, SECCOMP_RET_ERRNO, error, 4095);
}

/* The thread gets SIGSYS with DATA, 0 to 65535, in si_errno. */
static inline void strait_static_trap(struct strait_static *f, long nr, unsigned data)
{
	strait_s_answer_data(f, nr, SECCOMP_RET_TRAP, data, SECCOMP_RET_DATA);
}

/* A tracer is asked and gets DATA, 0 to 65535; without one it fails with ENOSYS. */
static inline void strait_static_trace(struct strait_static *f, long nr, unsigned data)
{
	strait_s_answer_data(f, nr, SECCOMP_RET_TRACE, data, SECCOMP_RET_DATA);
}

/* The holder of the listener is asked (SECCOMP_FILTER_FLAG_NEW_LISTENER); without one it fails with
 * ENOSYS. */
static inline void strait_static_notify(struct strait_static *f, long nr)
{
	strait_static_answer(f, nr, SECCOMP_RET_USER_NOTIF);
}

/* The process ends as by SIGSYS. */
static inline void strait_static_kill_process(struct strait_static *f, long nr)
{
	strait_static_answer(f, nr, SECCOMP_RET_KILL_PROCESS);
}

/* The thread ends; the others go on, without what it had locked. */
static inline void strait_static_kill_thread(struct strait_static *f, long nr)
{
	strait_static_answer(f, nr, SECCOMP_RET_KILL_THREAD);
}

/* ---- resolving ---- */

static inline void strait_s_check_end(struct strait_static *f)
{
	unsigned i;

	for (i = 0; i < f->nmarks; i++)
		if (f->marks[i].kind == STRAIT_S_LABEL && f->marks[i].at == f->len)
			strait_s_fail(f, -EINVAL, "nothing stands after label \"%s\"",
				      f->marks[i].name);
	if (!f->ended)
		strait_s_fail(f, -EINVAL,
			      "the filter runs past its end: it ends with "
			      "strait_static_return()");
}

static inline void strait_s_find_labels(struct strait_static *f)
{
	unsigned i, to;

	for (i = 0; i < f->nmarks; i++) {
		if (f->marks[i].kind == STRAIT_S_LABEL)
			continue;
		to = strait_s_find(f, f->marks[i].name);
		if (to == f->nmarks)
			strait_s_fail(f, -EINVAL,
				      "there is no label \"%s\", where instruction %u jumps",
				      f->marks[i].name, (unsigned)f->marks[i].at);
		f->marks[i].to = (unsigned short)to;
	}
}

/* Opens a gap of one instruction at PC. What leads over it, or to what stood there, leads one
 * further; the sides with a mark get their offset in the end. */
static inline void strait_s_insert(struct strait_static *f, unsigned pc)
{
	unsigned i;

	for (i = 0; i < pc; i++) {
		struct sock_filter *insn = &f->insns[i];

		if (BPF_CLASS(insn->code) != BPF_JMP)
			continue;
		insn->jt = (unsigned char)(insn->jt + (i + 1 + insn->jt >= pc));
		insn->jf = (unsigned char)(insn->jf + (i + 1 + insn->jf >= pc));
	}
	memmove(&f->insns[pc + 1], &f->insns[pc], (f->len - pc) * sizeof(*f->insns));
	f->len++;
	for (i = 0; i < f->nmarks; i++)
		f->marks[i].at = (unsigned short)(f->marks[i].at + (f->marks[i].at >= pc));
}

/* A conditional jump reaches 255 instructions. Where its label is further away, it jumps to a `ja`
 * behind it, which reaches all. */
static inline void strait_s_extend(struct strait_static *f, struct strait_static_mark *jump)
{
	unsigned limit = f->room < BPF_MAXINSNS ? f->room : BPF_MAXINSNS, pc = jump->at;
	struct sock_filter *insn = &f->insns[pc];

	if (f->len >= limit) {
		strait_s_fail(f, -E2BIG,
			      "label \"%s\" is out of reach of instruction %u (255), and of "
			      "%u instructions none is left to jump on from",
			      jump->name, pc, limit);
		return;
	}
	strait_s_insert(f, pc + 1);
	if (jump->kind == STRAIT_S_JT)
		insn->jt = 0;
	else
		insn->jf = 0;
	insn++;
	insn->code = BPF_JMP | BPF_JA;
	insn->jt = insn->jf = 0;
	jump->kind = STRAIT_S_JA;
	jump->at = (unsigned short)(pc + 1);
}

static inline unsigned strait_s_distance(const struct strait_static *f,
					 const struct strait_static_mark *jump)
{
	return f->marks[jump->to].at - jump->at - 1u;
}

/* Each extension pushes labels away, which can put others out of reach. */
static inline void strait_s_extend_all(struct strait_static *f)
{
	unsigned i, before;

	do {
		before = f->len;
		for (i = 0; i < f->nmarks && !f->error; i++) {
			unsigned kind = f->marks[i].kind;

			if ((kind == STRAIT_S_JT || kind == STRAIT_S_JF) &&
			    strait_s_distance(f, &f->marks[i]) > 255)
				strait_s_extend(f, &f->marks[i]);
		}
	} while (f->len != before);
}

/*
 * Makes a program of it: every jump gets its offset. Labels may come in any order. 0, also when it
 * is done already; or the first failure, with a sentence in strait_static_explain():
 *   -EINVAL  a mistake in the filter: a label that is missing, there twice, or before a jump to it
 *            (named in the sentence); no architecture check; an end without return; an argument,
 *            value or number that can't be;
 *   -E2BIG   more instructions, or labels and jumps to them, than there is room for.
 */
static inline int strait_static_resolve(struct strait_static *f)
{
	unsigned i;

	if (f->error || f->resolved)
		return f->error;
	strait_s_check_end(f);
	strait_s_find_labels(f);
	strait_s_extend_all(f);
	if (f->error)
		return f->error;
	for (i = 0; i < f->nmarks; i++) {
		const struct strait_static_mark *m = &f->marks[i];
		struct sock_filter *insn = &f->insns[m->at];

		if (m->kind == STRAIT_S_JA)
			insn->k = strait_s_distance(f, m);
		else if (m->kind == STRAIT_S_JT)
			insn->jt = (unsigned char)strait_s_distance(f, m);
		else if (m->kind == STRAIT_S_JF)
			insn->jf = (unsigned char)strait_s_distance(f, m);
	}
	f->resolved = 1;
	return 0;
}

/* ---- installing ---- */

static inline int strait_s_seccomp(unsigned operation, unsigned flags, void *args)
{
	long ret = syscall(SYS_seccomp, (unsigned long)operation, (unsigned long)flags, args);

	return ret < 0 ? -errno : (int)ret;
}

/* 0 where the kernel takes filters with FLAGS. Flags are judged before the program is read:
 * kernel/seccomp.c, seccomp_set_mode_filter(). A success with no program at all comes from a filter
 * that answers in the kernel's place. */
static inline int strait_s_probe(unsigned flags)
{
	int error = strait_s_seccomp(SECCOMP_SET_MODE_FILTER, flags, NULL);

	if (error == -EFAULT)
		return 0;
	if (error == -EINVAL && flags &&
	    strait_s_seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL) == -EFAULT)
		return -EOPNOTSUPP;
	return error == -EINVAL || error >= 0 ? -ENOSYS : error;
}

/*
 * Resolves the filter and puts the calling thread under it, with FLAGS: SECCOMP_FILTER_FLAG_*. 0,
 * or the listener's file descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER; what the kernel takes it
 * can't be made to forget. Or -errno, and nothing is installed:
 *   -ENOSYS      there is no seccomp here: whether to go on without it is the caller's decision;
 *   -EOPNOTSUPP  there is, but not with these flags, or not with these flags together;
 *   -EACCES      neither no_new_privs nor CAP_SYS_ADMIN;
 *   -EINVAL, -E2BIG  see strait_static_resolve(); or the kernel refuses the program;
 *   -ESRCH       SECCOMP_FILTER_FLAG_TSYNC: another thread has a filter that this one doesn't have,
 *                f->thread without SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
 *   -EBUSY       a filter of this thread has a listener already;
 *   -ENOMEM      the thread's filters are too long together (kernel/seccomp.c, MAX_INSNS_PER_PATH);
 *   -EMFILE, -ENFILE  no descriptor for the listener.
 * Async-signal-safe once the filter is resolved.
 */
static inline int strait_static_attach(struct strait_static *f, unsigned flags)
{
	struct sock_fprog program;
	int ret = strait_static_resolve(f);

	f->thread = 0;
	if (ret == 0)
		ret = strait_s_probe(flags);
	if (ret != 0)
		return ret;
	program.len = (unsigned short)f->len;
	program.filter = f->insns;
	ret = strait_s_seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
	if (ret <= 0 || flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return ret;
	f->thread = ret;
	return -ESRCH;
}

/*
 * The same after PR_SET_NO_NEW_PRIVS, which no set-user-ID program that is executed later gets
 * round, and without which only CAP_SYS_ADMIN may install filters. It stays set where the filter is
 * refused, but not where there is no seccomp: -ENOSYS and -EOPNOTSUPP leave all as it was.
 */
static inline int strait_static_install(struct strait_static *f, unsigned flags)
{
	int error = strait_static_resolve(f);

	if (error == 0)
		error = strait_s_probe(flags);
	if (error != 0)
		return error;
	/* A filter could answer the first with 0, but not the second with 1. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
		return -EACCES;
	return strait_static_attach(f, flags);
}

/* A sentence about ERROR, which a function of this header has just returned for F. Valid until the
 * next call with F. */
static inline const char *strait_static_explain(struct strait_static *f, int error)
{
	if (f->error)
		return f->message;
	switch (error < 0 ? -error : 0) {
	case 0:
		return "nothing failed";
	case ENOSYS:
		return "there is no seccomp here: the kernel is older than Linux 3.17 or built "
		       "without CONFIG_SECCOMP_FILTER, or a filter that is already installed "
		       "answers in its place";
	case EOPNOTSUPP:
		return "the kernel has seccomp, but not with these flags, or not with these flags "
		       "together";
	case EACCES:
		return "no_new_privs is not set or could not be set, and the process has no "
		       "CAP_SYS_ADMIN in its user namespace";
	case EINVAL:
		return "the kernel refuses the program";
	case EBUSY:
		return "a filter of this thread already has a listener";
	case ENOMEM:
		return "memory is out, or the filters of this thread would be too long together";
	case EMFILE:
		return "the process has no file descriptor left for the listener";
	case ENFILE:
		return "the system has no file left for the listener";
	case ESRCH:
		if (!f->thread)
			return "another thread has a filter that the calling thread doesn't have";
		snprintf(f->message, sizeof(f->message),
			 "thread %d has a filter that the calling thread doesn't have", f->thread);
		return f->message;
	default:
		return strerror(-error);
	}
}

/* ---- looking at it ---- */

static inline void strait_s_print_ret(uint32_t ret, FILE *out)
{
	static const struct {
		uint32_t action;
		const char *name;
	} names[] = {
		{ SECCOMP_RET_KILL_PROCESS, "kill_process" },
		{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
		{ SECCOMP_RET_TRAP, "trap" },
		{ SECCOMP_RET_ERRNO, "errno" },
		{ SECCOMP_RET_USER_NOTIF, "notify" },
		{ SECCOMP_RET_TRACE, "trace" },
		{ SECCOMP_RET_LOG, "log" },
		{ SECCOMP_RET_ALLOW, "allow" },
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			fprintf(out, "\t; %s", names[i].name);
	if (ret & SECCOMP_RET_DATA)
		fprintf(out, "(%u)", ret & SECCOMP_RET_DATA);
}

static inline void strait_s_print_load(uint32_t offset, FILE *out)
{
	if (offset == offsetof(struct seccomp_data, nr))
		fprintf(out, "\t; nr");
	else if (offset == offsetof(struct seccomp_data, arch))
		fprintf(out, "\t; arch");
	else
		fprintf(out, "\t; arg%u %s", offset / 8 - 2,
			offset / 4 % 2 == STRAIT_STATIC_BIG_ENDIAN ? "low" : "high");
}

static inline void strait_s_print_insn(const struct sock_filter *insn, unsigned pc, FILE *out)
{
	const char *name = "jset";

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		fprintf(out, "ld [%u]", insn->k);
		strait_s_print_load(insn->k, out);
		return;
	case BPF_ALU:
		fprintf(out, "and #0x%x", insn->k);
		return;
	case BPF_RET:
		fprintf(out, "ret #0x%x", insn->k);
		strait_s_print_ret(insn->k, out);
		return;
	default:
		break;
	}
	if (BPF_OP(insn->code) == BPF_JA) {
		fprintf(out, "ja L%u", pc + 1 + insn->k);
		return;
	}
	if (BPF_OP(insn->code) == BPF_JEQ)
		name = "jeq";
	else if (BPF_OP(insn->code) == BPF_JGT)
		name = "jgt";
	else if (BPF_OP(insn->code) == BPF_JGE)
		name = "jge";
	fprintf(out, "%s #0x%x, L%u, L%u", name, insn->k, pc + 1 + insn->jt, pc + 1 + insn->jf);
}

/* A label's name is the caller's and stays on its line. */
static inline void strait_s_print_label(const char *name, FILE *out)
{
	fputs("; ", out);
	for (; *name; name++)
		putc((unsigned char)*name < ' ' ? '?' : *name, out);
	fputs(":\n", out);
}

/*
 * Resolves the filter and prints it, an instruction a line, the labels between them: what
 * `strait asm` reads. 0; see strait_static_resolve(); -EIO where OUT has failed.
 */
static inline int strait_static_print(struct strait_static *f, FILE *out)
{
	int error = strait_static_resolve(f);
	unsigned pc, i;

	if (error)
		return error;
	for (pc = 0; pc < f->len; pc++) {
		for (i = 0; i < f->nmarks; i++)
			if (f->marks[i].kind == STRAIT_S_LABEL && f->marks[i].at == pc)
				strait_s_print_label(f->marks[i].name, out);
		fprintf(out, "L%u:\t", pc);
		strait_s_print_insn(&f->insns[pc], pc, out);
		putc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}

/*
 * Resolves the filter and writes it to FD as it is in memory, an array of struct sock_filter: what
 * the kernel takes, and what `strait verify`, `check`, `eval`, `disasm` and `diff` read as a .bpf
 * file. 0; see strait_static_resolve(); -errno of write(2).
 */
static inline int strait_static_write(struct strait_static *f, int fd)
{
	const char *bytes = (const char *)f->insns;
	int error = strait_static_resolve(f);
	size_t left = f->len * sizeof(*f->insns);

	if (error)
		return error;
	while (left > 0) {
		ssize_t n = write(fd, bytes, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

#endif
