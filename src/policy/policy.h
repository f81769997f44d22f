/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy text (docs/policy-reference.md) to rules, and to canonical text.
 *
 * parse.c makes an AST of one file; include.c finds the files it includes; resolve.c turns names
 * into numbers, per ABI; format.c prints an AST. Every mistake is a diagnostic, and parsing goes on
 * after it.
 */
#ifndef STRAIT_POLICY_POLICY_H
#define STRAIT_POLICY_POLICY_H

#include "base/diag.h"
#include "rules/rules.h"

/* Past this a text is refused before it is lexed. */
#define POLICY_SIZE_MAX ((size_t)4 << 20)
/* Includes within includes; brackets within brackets. */
#define POLICY_INCLUDE_DEPTH 16
#define POLICY_NESTING_DEPTH 64

struct policy_define {
	const char *name;
	const char *value; /* an expression of the language: "O_CLOEXEC|1" */
};

struct policy_options {
	const struct arch *arch;	 /* what "native" is; NULL: arch_native() */
	const char *const *include_dirs; /* after the including file's own folder, before the
					    shipped policies */
	size_t ninclude_dirs;
	const struct policy_define
		*defines; /* override a `let` of the main file or an included one */
	size_t ndefines;
	bool no_files;	  /* includes find shipped policies only: for fuzzers and for text from
			     elsewhere */
	bool forced_arch; /* `arch` of the options replaces the policy's own `arch` statement:
			     compile -a */
};

/*
 * Reads TEXT, found in the file NAME (diagnostics print it, includes are sought next to it), and
 * all that it includes. 0 with *RULES set (warnings may be in DIAGS); -EINVAL with at least one
 * error in DIAGS; -ENOMEM. The rules are in diags->arena.
 * SOURCES must be diags->sources; files are added to it.
 */
NODISCARD int policy_rules(struct diags *diags, struct sources *sources, const char *name,
			   struct str text, const struct policy_options *options,
			   struct rules **rules);

/*
 * The canonical layout of TEXT, comments and include statements kept, nothing resolved. Idempotent,
 * and means the same. -EINVAL with errors in DIAGS where the text doesn't parse.
 */
NODISCARD int policy_format(struct arena *arena, struct diags *diags, struct sources *sources,
			    const char *name, struct str text, struct buf *out);

/* A call as a person writes it: "openat(AT_FDCWD, 0, O_RDWR)", "59", "arch=i386 11(0,0,0)",
 * "read(fd=3) ip=0x1000". */
struct policy_call {
	const struct arch *arch;
	const struct arch_syscall *call; /* NULL: a number without a name */
	struct seccomp_data data;
};

/* NATIVE is the ABI where the text names none. Arguments that aren't given are 0; a split argument
 * fills both registers. */
NODISCARD int policy_parse_call(struct arena *arena, struct diags *diags, uint32_t file,
				struct str text, const struct arch *native,
				struct policy_call *call);

/*
 * What `baseline linux VERSION` speaks of unless a rule names it: the calls that are younger ...
 */
bool policy_is_young(const struct arch_syscall *call, const char *version);
/* ... and the numbers past the ABI's table: the i-th range of them, false past the last. */
bool policy_past_table(const struct arch *arch, size_t i, uint32_t *first, uint32_t *last);

/* A shipped policy's text by name ("libc", "default"), ptr NULL if there is none of that name. */
struct str policy_shipped(struct str name);
/* The i-th shipped policy's name, NULL past the last. */
const char *policy_shipped_at(size_t i);

#endif
