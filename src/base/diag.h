/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnostics: what a policy's author did wrong. Each has a permanent code (diag-codes.def), a
 * place, a text and any number of notes that point at further places. Parsing goes on after an
 * error, so one run shows them all.
 */
#ifndef STRAIT_BASE_DIAG_H
#define STRAIT_BASE_DIAG_H

#include "base/buf.h"
#include "base/span.h"

enum diag_severity { DIAG_SEVERITY_ERROR, DIAG_SEVERITY_WARNING, DIAG_SEVERITY_NOTE };

enum diag_code {
#define DIAG(name, code, severity, meaning) DIAG_##name,
#include "base/diag-codes.def"
#undef DIAG
	DIAG_CODES
};

struct diag_note {
	struct diag_note *next;
	struct span span;
	const char *text;
};

struct diag {
	struct diag *next;
	enum diag_code code;
	struct span span;
	const char *text;
	struct diag_note *notes;
};

struct diags {
	struct arena *arena;
	const struct sources *sources;
	struct diag *first, *last;
	size_t errors, warnings, notes; /* diagnostics of each severity */
	bool is_silent;			/* the last one was not wanted: neither are its notes */
	bool failed; /* memory ran out while a diagnostic was made: counts as an error */
};

void diags_init(struct diags *d, struct arena *arena, const struct sources *sources);
/*
 * Adds a diagnostic; the code says how severe it is. What is no error is left out where the line
 * has a `# strait: allow` for the code.
 */
void diag_add(struct diags *d, enum diag_code code, struct span span, const char *format, ...)
	PRINTF(4, 5);
/* Adds a note to the last diagnostic: another place that belongs to it, or (span 0) advice. */
void diag_note(struct diags *d, struct span span, const char *format, ...) PRINTF(3, 4);

/* All of them, errors, warnings and notes. */
static inline size_t diags_len(const struct diags *d)
{
	return d->errors + d->warnings + d->notes;
}

/* The code with that text, or DIAG_CODES. */
enum diag_code diag_code_by_text(struct str text);
/* Whether the line of SPAN has an allow for the code; it counts as used then. */
bool diag_is_allowed(const struct diags *d, enum diag_code code, struct span span);

/* "P017" */
const char *diag_code_text(enum diag_code code);
enum diag_severity diag_code_severity(enum diag_code code);
/* One line about the code in general. */
const char *diag_code_meaning(enum diag_code code);

/* "file:line:col: error[P017]: text", the source line, a caret, the notes. */
void diag_render(const struct diags *d, const struct diag *diag, bool color, struct buf *out);

#endif
