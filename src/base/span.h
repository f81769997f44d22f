/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where something stands in a text. AST, rules, decision graph and each emitted instruction carry a
 * span, so that a diagnostic, a listing and a report of a stopped call all name the same line.
 */
#ifndef STRAIT_BASE_SPAN_H
#define STRAIT_BASE_SPAN_H

#include "base/arena.h"
#include "base/str.h"

struct span {
	uint32_t file;	     /* 1 + index into sources; 0: nowhere */
	uint32_t begin, end; /* bytes of the text, half open */
};

struct source {
	const char *name; /* as diagnostics print it */
	struct str text;
};

struct sources {
	struct arena *arena;
	struct source *files;
	size_t len;
	size_t room;
};

struct place {
	const char *file;
	unsigned line, column; /* from 1; columns count characters, not bytes */
	struct str text;       /* the whole line, without its newline */
	size_t offset;	       /* of the span's begin in that line, in bytes */
};

static inline struct span span_join(struct span a, struct span b)
{
	return (struct span){ a.file, a.begin, b.end };
}

/* Adds a text; NAME and TEXT are borrowed. Its number for span.file, or 0 when memory is out. */
NODISCARD uint32_t sources_add(struct sources *s, const char *name, struct str text);
/* Line and column of a span; false for a span that stands nowhere. */
bool sources_place(const struct sources *s, struct span span, struct place *place);

#endif
