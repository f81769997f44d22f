/* SPDX-License-Identifier: BSD-2-Clause */
/* What the public handles are made of, and the small things that all of src/api shares. */
#ifndef STRAIT_API_HANDLES_H
#define STRAIT_API_HANDLES_H

#include <strait/strait.h>

#include "arch/arch.h"
#include "base/diag.h"
#include "cbpf/cbpf.h"
#include "engine/engine.h"
#include "prove/prove.h"
#include "rules/rules.h"
#include "trace/trace.h"

/* A policy is shared by whoever read it and the filters made of it; only `users` ever changes. */
struct strait_policy {
	unsigned users; /* atomic */
	struct arena arena;
	struct sources sources;
	struct rules *rules;
	struct diags said; /* the warnings there were */
	const char *name;
};

struct strait_filter {
	struct arena arena;
	struct cbpf_prog prog;
	enum cbpf_order order;
	const char *name;
	struct strait_policy *policy; /* a share of it, or NULL */
};

/* Public names for constant data of arch/. */
static inline const struct strait_abi *abi_public(const struct arch *arch)
{
	return (const struct strait_abi *)(const void *)arch;
}

static inline const struct arch *abi_private(const struct strait_abi *abi)
{
	return (const struct arch *)(const void *)abi;
}

/* ---- report.c ---- */

/* Copies diagnostics into a report, which may be NULL. */
void report_collect(struct strait_report *report, const struct diags *diags);
/* One error without a place. */
void report_error(struct strait_report *report, enum diag_code code, const char *format, ...)
	PRINTF(3, 4);

/* ---- policy.c ---- */

struct strait_policy *policy_share(struct strait_policy *policy);
/* Policies and assembler text have no NUL byte: -EINVAL with one error, not one for each byte of a
 * program. */
NODISCARD int text_check(const char *name, struct str text, struct strait_report *report);
/* Reads a file whole: 0, or the errno with an error in the report. */
NODISCARD int file_read(const char *path, struct strait_report *report, struct buf *out);

/* ---- filter.c ---- */

/* A filter without a program yet; NULL: no memory. */
struct strait_filter *filter_new(const char *name, enum cbpf_order order);
/* Is it a program that the kernel of that byte order would take? 0; -EINVAL with an error in the
 * report; -ENOMEM. */
NODISCARD int filter_check(const struct strait_filter *filter, enum cbpf_order order,
			   struct strait_report *report);
/* 0: the program means what its policy says; -EINVAL with an error in the report; -ENOMEM. What
 * strait_filter_compile() asks before it returns. */
NODISCARD int filter_prove(const struct strait_filter *filter, size_t nodes,
			   struct strait_report *report);
/*
 * Would the kernel of that byte order take these filters, one after the other? 0 with PROGS (LEN of
 * them, in the arena); -EINVAL with an error in the report; -ENOMEM.
 */
NODISCARD int filter_stack(struct arena *arena, const struct strait_filter *const *stack,
			   size_t len, enum cbpf_order order, struct strait_report *report,
			   const struct cbpf_prog *const **progs);

/* ---- compare.c ---- */

/* The stack as the prover takes it, in the arena. 0; -EINVAL with an error in the report; -ENOMEM.
 */
NODISCARD int stack_take(struct arena *arena, const struct strait_stack *stack,
			 enum cbpf_order order, struct strait_report *report,
			 struct prove_subject *out);

/* ---- eval.c ---- */

/* A call's byte order; where no ABI has its token, the filters'. */
enum cbpf_order call_order(const struct seccomp_data *data,
			   const struct strait_filter *const *stack, size_t len);

/* ---- verdict.c ---- */

/* Bit i: argument i of a call is known. */
#define CALL_ARGS_ALL 0x3fu

/* "socket(AF_INET, SOCK_STREAM, 0)"; "socket(AF_INET, ?, ?)"; "socket" where no argument is known.
 */
void call_describe(const struct seccomp_data *data, unsigned args_known, struct buf *out);
/* The smallest rule that allows such a call, tried on it; for its ABI only if ON. False: none. */
bool call_fix(const struct seccomp_data *data, unsigned args_known, bool on, struct buf *out);

/* Where a statement stands, and its text on one line; all NULL and 0 where it stands nowhere. */
struct statement {
	const char *file;
	unsigned line, column;
	const char *text;
};

/* 0 or -ENOMEM; the texts are in the arena. */
NODISCARD int statement_at(struct arena *arena, const struct sources *sources, struct span span,
			   struct statement *out);

/* Puts an answer into words. 0 or -ENOMEM. */
NODISCARD int verdict_new(const struct strait_filter *const *stack, const struct seccomp_data *data,
			  const struct engine_verdict *answer, size_t len,
			  struct strait_verdict **out);
/* The same of a call with arguments that nobody knows and nothing looks at: words and fix leave
 * them out. */
NODISCARD int verdict_new_partly(const struct strait_filter *const *stack, size_t len,
				 const struct seccomp_data *data, unsigned args_known,
				 const struct engine_verdict *answer, struct strait_verdict **out);

/* ---- run.c ---- */

/* What supervisor.c adds to strait_run(): see struct trace_options. */
struct run_supervision {
	int (*listening)(void *user, int fd);
	unsigned flags; /* SECCOMP_FILTER_FLAG_* of the listener */
	void *user;
};

NODISCARD int run_program(const struct strait_run_options *options,
			  const struct run_supervision *supervision, struct strait_report *report,
			  struct strait_run_result *result);

/* What is known of a program that was run. */
struct ending {
	const char *program;
	const char *filter; /* the name of the one that result->filter means; NULL: there is none */
	unsigned flags;	    /* SECCOMP_FILTER_FLAG_* of the installation */
};

/* Words for an end at which nothing was executed; none for other ends. */
void ending_report(const struct ending *end, const struct trace_result *result,
		   struct strait_report *report);
/* What a shell would say. */
int ending_exit_code(const struct trace_result *result);
/* The errors of trace/ have narrower meanings than strerror(3) knows. */
const char *why_not_traced(int error);

/* ---- options.c ---- */

/*
 * Copies a caller's struct, which begins with its size, to one of SIZE bytes; what the caller's
 * lacks is zero. 0; -EINVAL for no size at all; -E2BIG if the caller's is newer and uses a field
 * that this library doesn't know: as the kernel's copy_struct_from_user().
 */
NODISCARD int options_in(void *to, size_t size, const void *from);
/* Copies a struct of SIZE bytes to the caller's, as much of it as there is room for; the caller's
 * size stays. */
void options_out(void *to, const void *from, size_t size);

#endif
