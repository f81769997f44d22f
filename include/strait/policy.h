/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy: text that says what a program may do, read and resolved. It is immutable once it is
 * read.
 */
#ifndef STRAIT_POLICY_H
#define STRAIT_POLICY_H

#include <stddef.h>

#include <strait/arch.h>
#include <strait/export.h>
#include <strait/report.h>

STRAIT_BEGIN

struct strait_policy;

/* Overrides a `let` of the policy. */
struct strait_define {
	const char *name;
	const char *value; /* a value of the policy language: "O_CLOEXEC|1" */
};

enum strait_policy_flags {
	/* `abi` replaces the policy's own `arch` statement. */
	STRAIT_POLICY_FORCE_ABI = 1,
	/* `include` finds shipped policies only: for text that isn't trusted to name files. */
	STRAIT_POLICY_NO_FILES = 2,
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_policy_options). */
struct strait_policy_options {
	size_t size;
	const struct strait_abi
		*abi; /* what a policy without `arch` is for; NULL: the library's own */
	const char *const *include_dirs; /* sought after the including file's own folder, before
					    shipped policies */
	size_t ninclude_dirs;
	const struct strait_define *defines;
	size_t ndefines;
	unsigned flags; /* STRAIT_POLICY_* */
};

/*
 * Reads a policy and all that it includes. NAME is what messages call it and next to what its
 * includes are sought. 0 with a new policy in *OUT (there may be warnings in the report); -EINVAL
 * with at least one error in the report, all of the text's errors at once; -ENOMEM. TEXT is copied.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_policy_read_text(const char *name, const char *text, size_t size,
			const struct strait_policy_options *options, struct strait_report *report,
			struct strait_policy **out);
/* The same for a file; also the errno of open(2) or read(2), with an error in the report. */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_policy_read_file(const char *path, const struct strait_policy_options *options,
			struct strait_report *report, struct strait_policy **out);
/* Filters keep what they need of a policy: it can be freed once it is compiled. NULL is fine. */
STRAIT_EXPORT void strait_policy_free(struct strait_policy *policy);

STRAIT_EXPORT const char *strait_policy_name(const struct strait_policy *policy);
/* The i-th ABI that the policy is for; NULL past the last. */
STRAIT_EXPORT const struct strait_abi *strait_policy_abi_at(const struct strait_policy *policy,
							    size_t i);

/*
 * The canonical layout of a policy's text; comments and includes stay. 0 with *OUT and, if not
 * NULL, *OUT_SIZE; -EINVAL with errors in the report where the text doesn't parse; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_policy_format(const char *name, const char *text,
							size_t size, struct strait_report *report,
							char **out, size_t *out_size);

/* The i-th policy that comes with the library; NULL past the last. */
STRAIT_EXPORT const char *strait_policy_shipped_at(size_t i);
/* Its text and, if SIZE isn't NULL, the text's size in bytes; NULL if there is none of that name.
 * Not NUL-terminated. */
STRAIT_EXPORT const char *strait_policy_shipped(const char *name, size_t *size);

STRAIT_END

#endif
