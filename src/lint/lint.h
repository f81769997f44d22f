/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is suspicious about a filter, by what it means: prove/'s diagram of it is asked, so that a
 * finding is a theorem about every call there is, and holds for programs of unknown origin as for
 * policies. What the text of a policy says twice or in vain is found in its rules, by the same
 * means.
 *
 * A finding is a diagnostic with a code of letter L (base/diag-codes.def); strait-lints(7) has a
 * section for each.
 */
#ifndef STRAIT_LINT_LINT_H
#define STRAIT_LINT_LINT_H

#include "prove/prove.h"

struct lint_filter {
	const struct cbpf_prog *prog; /* verifies */
	const struct rules *rules;    /* what it was compiled from; NULL: not known */
	const struct diags
		*said; /* what was said of the rules before: it isn't repeated; or NULL */
	/*
	 * Where its findings go. Their places are in the texts that the rules' spans point into, or
	 * without rules in the listing, a source of lint_listing().
	 */
	struct diags *diags;
	uint32_t listing;
};

/* The program as a source: instruction N is its line N + 1. Its number, or 0 when memory is out. */
NODISCARD uint32_t lint_listing(struct sources *sources, const char *name,
				const struct cbpf_prog *prog);

/*
 * Looks at a stack of filters, the oldest first: at each one's rules and instructions, at what all
 * of them together mean, at their length. ARCH: what programs that look at no architecture are for;
 * NULL: this machine's. 0; PROVE_UNDECIDED, and a note in the diagnostics, where something was too
 * large to be decided; -ENOMEM.
 */
NODISCARD int lint_stack(struct arena *arena, const struct lint_filter *filters, size_t len,
			 enum cbpf_order order, const struct arch *arch);

/* Adds a warning for each `strait: allow` of the main text, the first source, that silenced nothing
 * for ABIs that it is meant for. */
void lint_allows(struct diags *diags, const struct rules *rules);

#endif
