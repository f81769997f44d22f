/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds and parses what a policy includes. */
#ifndef STRAIT_POLICY_INCLUDE_H
#define STRAIT_POLICY_INCLUDE_H

#include "policy/ast.h"
#include "policy/policy.h"

struct include_context {
	struct arena *arena;
	struct diags *diags;
	struct sources *sources;
	const struct policy_options *options;
	struct loaded *loaded; /* every file so far */
};

/*
 * Parses TEXT and all that it includes. A file is included once: where it is named again, nothing
 * happens. 0 even with errors in the diagnostics, or -ENOMEM.
 */
NODISCARD int include_main(struct include_context *c, const char *name, struct str text,
			   struct file **out);

/* allow.c: the comments "# strait: allow CODE" of a file, for its source. 0 or -ENOMEM. */
NODISCARD int allow_collect(struct include_context *c, uint32_t file, const struct token *tokens);

#endif
