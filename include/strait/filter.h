/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A filter: a classic BPF program for seccomp, compiled from a policy or read as it is. It is
 * immutable.
 *
 * A compiled filter keeps its policy's text and rules, so that every answer it gives can be traced
 * to a line.
 */
#ifndef STRAIT_FILTER_H
#define STRAIT_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/policy.h>
#include <strait/report.h>

STRAIT_BEGIN

struct strait_filter;

/* The byte order of the machine that a program is meant for. */
enum strait_order {
	STRAIT_ORDER_NATIVE, /* this machine's */
	STRAIT_ORDER_LITTLE,
	STRAIT_ORDER_BIG,
};

/* What bytes are, for strait_filter_read(). */
enum strait_form {
	STRAIT_FORM_GUESS, /* by the name's ending (.bpf, .asm, .strait), else raw if there is a NUL
			      byte, else policy */
	STRAIT_FORM_POLICY,
	STRAIT_FORM_RAW, /* an array of struct sock_filter */
	STRAIT_FORM_ASM,
};

/* ---- making one ---- */

/*
 * How large a proof may become, unless an options struct says otherwise, in nodes of its decision
 * diagrams. A Docker-sized profile takes 2^13. All of this limit is less than 100 MB and about a
 * second.
 */
#define STRAIT_PROOF_NODES ((size_t)1 << 20)

enum strait_compile_flags {
	/*
	 * Leave out the proof that the program means what the policy says: for those who load
	 * thousands of filters whose policies were compiled and proven before, by the same version
	 * of the library. Nothing else stands between a bug in the compiler and the kernel.
	 */
	STRAIT_COMPILE_UNPROVEN = 1,
	/* The fewest instructions, however long the way through them is. */
	STRAIT_COMPILE_SMALL = 2,
	/* Don't spend half a millisecond on the best way for a few calls: for filters that are made
	 * for one start of a program. */
	STRAIT_COMPILE_QUICK = 4,
};

/* Which calls' way through the program is to be short. */
enum strait_weigh {
	/*
	 * Those for which the kernel runs it at all. Since Linux 5.11 the kernel remembers which
	 * numbers a filter always allows (kernel/seccomp.c, seccomp_cache_prepare_bitmap()), so
	 * that only calls with tested arguments and calls that are not allowed cost anything.
	 */
	STRAIT_WEIGH_EXECUTED,
	/* All: for older kernels. */
	STRAIT_WEIGH_ALL,
};

/* How often a program makes a call, in any unit. */
struct strait_count {
	const char *name;
	uint32_t count;
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_compile_options). */
struct strait_compile_options {
	size_t size;
	unsigned flags;	    /* STRAIT_COMPILE_* */
	size_t proof_nodes; /* 0: STRAIT_PROOF_NODES */
	enum strait_weigh weigh;
	const struct strait_count *counts; /* none: those of a mix of programs in common use */
	size_t ncounts;
};

/*
 * Compiles a policy, and keeps a share of it. What it makes is accepted by every kernel that has
 * seccomp filters, and proven: it answers to every struct seccomp_data there is exactly what the
 * policy says. 0; -ENOMEM; -EINVAL, no filter, and an error in the report:
 *
 * - C001: it needs more than the kernel's 4,096 instructions; the rules that weigh most are named.
 * - F009: the proof needs more than proof_nodes. Conditions that tie bits of many arguments to
 *   each other can do that.
 * - F008: program and policy differ. This is a bug in the library; the error names a call.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_filter_compile(struct strait_policy *policy, const struct strait_compile_options *options,
		      struct strait_report *report, struct strait_filter **out);
/*
 * Reads an array of struct sock_filter in the given byte order. Whether the kernel would accept it
 * isn't asked here (strait_filter_verify()); an empty one is read. 0; -EINVAL: not a multiple of
 * eight bytes; -E2BIG: over 4,096 instructions (linux/bpf_common.h, BPF_MAXINSNS); -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_from_raw(const char *name, const void *bytes,
							  size_t size, enum strait_order order,
							  struct strait_report *report,
							  struct strait_filter **out);
/* Reads assembler text, as strait_filter_disasm() writes it and in the spellings of bpfc(8) and of
 * seccomp-tools. 0; -EINVAL with errors in the report; -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_from_asm(const char *name, const char *text,
							  size_t size, enum strait_order order,
							  struct strait_report *report,
							  struct strait_filter **out);

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_read_options). */
struct strait_read_options {
	size_t size;
	enum strait_form form;
	enum strait_order order; /* of raw programs and assembler text */
	const struct strait_policy_options *policy;
	const struct strait_compile_options *compile;
};

/* Reads a policy (and compiles it), a raw program or assembler text. Returns what those functions
 * return. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_read(const char *name, const void *bytes,
						      size_t size,
						      const struct strait_read_options *options,
						      struct strait_report *report,
						      struct strait_filter **out);
/* The same for a file; also the errno of open(2) or read(2), with an error in the report. */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_filter_read_file(const char *path, const struct strait_read_options *options,
			struct strait_report *report, struct strait_filter **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_filter_free(struct strait_filter *filter);

/* ---- looking at it ---- */

STRAIT_EXPORT const char *strait_filter_name(const struct strait_filter *filter);
/* The policy that it was compiled from, NULL for others; it lives as long as the filter. */
STRAIT_EXPORT const struct strait_policy *strait_filter_policy(const struct strait_filter *filter);
/* STRAIT_ORDER_LITTLE or STRAIT_ORDER_BIG. */
STRAIT_EXPORT enum strait_order strait_filter_order(const struct strait_filter *filter);
/* Its instructions, in this machine's byte order, and, if LEN isn't NULL, how many there are. */
STRAIT_EXPORT const struct sock_filter *strait_filter_insns(const struct strait_filter *filter,
							    size_t *len);
/* The place in the policy that an instruction comes from: 0 with *FILE and *LINE set; -ENOENT where
 * it has none. */
STRAIT_EXPORT int strait_filter_place(const struct strait_filter *filter, size_t pc,
				      const char **file, unsigned *line);

/*
 * Would the kernel accept it? Decides as seccomp(2) does: net/core/filter.c, bpf_check_classic();
 * kernel/seccomp.c, seccomp_check_filter(). 0: yes; 1: no, with the instruction at fault in *PC
 * and, if WHY isn't NULL, a sentence in *WHY; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_verify(const struct strait_filter *filter,
							size_t *pc, char **why);

/* ---- writing it ---- */

/* The array of struct sock_filter in the filter's byte order: what the kernel, bubblewrap and crun
 * read. 0 or -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_raw(const struct strait_filter *filter, char **out,
						     size_t *size);
/* Assembler text, one line an instruction; strait_filter_from_asm() reads back the same program. 0
 * or -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_disasm(const struct strait_filter *filter,
							char **out, size_t *size);
/* One instruction of it, without number and comment. 0; -ENOENT past the last; -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_disasm_at(const struct strait_filter *filter,
							   size_t pc, char **out);
/*
 * C source: a static const array of struct sock_filter and a struct sock_fprog around it that need
 * nothing but linux/filter.h. SYMBOL is the prefix of both names, a C identifier (-EINVAL
 * otherwise). The same filter always gives the same bytes. 0 or -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_c(const struct strait_filter *filter,
						   const char *symbol, char **out, size_t *size);

enum strait_dot_flags {
	STRAIT_DOT_EACH_TEST = 1, /* a node for each test */
};

/*
 * The program's decisions as a graph, in the language of graphviz' dot(1): tests in words, coloured
 * leaves for the answers, policy lines as tooltips. Tests of one word that follow each other are
 * one node, whose edges name the calls or numbers that take them. FLAGS are STRAIT_DOT_*. The same
 * filter always gives the same bytes. 0; -EINVAL with an error in the report: the kernel would not
 * accept the program, so it has no graph; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_filter_dot(const struct strait_filter *filter,
						     unsigned flags, struct strait_report *report,
						     char **out, size_t *size);

STRAIT_END

#endif
