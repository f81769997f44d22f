/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is suspicious about a filter: holes that its author can't have meant, calls that every
 * program needs and that it stops, rules that do nothing. Findings are messages of a report with
 * codes that begin with L; strait-lints(7) explains each.
 *
 * They are found in what the filter means for all calls there can be, so they hold for programs of
 * unknown origin as for policies. Nothing is installed or executed.
 */
#ifndef STRAIT_LINT_H
#define STRAIT_LINT_H

#include <strait/filter.h>

STRAIT_BEGIN

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_lint_options). */
struct strait_lint_options {
	size_t size;
	/* What a raw program that looks at no architecture is for; NULL: the library's own. */
	const struct strait_abi *abi;
};

/*
 * Looks at a stack of LEN filters, the oldest first, at least one: each for itself, what all of
 * them together do to a call, and how much of the kernel's limit they take. Findings go to the
 * report, those of one filter in the order of their lines: warnings, and notes for what may well be
 * meant. A policy's line is silenced by the comment "# strait: allow CODE" on it or alone above it;
 * one that silences nothing is a warning (W008), unless the filter is one of several.
 *
 * What strait_policy_read_text() and its like have warned of already is not repeated. 0: all was
 * looked at, which says nothing about how much was found; 1: something was too large to be decided,
 * and a note (L099) says so; -EINVAL with an error in the report: the kernel would not accept the
 * stack, or its filters are for machines of both byte orders; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_lint(const struct strait_filter *const *stack, size_t len,
					       const struct strait_lint_options *options,
					       struct strait_report *report);

STRAIT_END

#endif
