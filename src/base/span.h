/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where something stands in a text. AST, rules, decision graph and each emitted instruction carry a
 * span, so that a diagnostic, a listing and a report of a stopped call all name the same line.
 */
#ifndef STRAIT_BASE_SPAN_H
#define STRAIT_BASE_SPAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct span {
	uint32_t file;	     /* 1 + index into sources; 0: nowhere */
	uint32_t begin, end; /* bytes of the text, half open */
};

/* "# strait: allow CODE" in a text: no warning of that code is wanted on a line. */
struct source_allow {
	struct source_allow *next;
	const char *code;
	unsigned line;	  /* the line that it speaks of, from 1 */
	struct span span; /* of the code, in the comment */
	struct str archs; /* "i386, ppc": where it is needed; empty: everywhere */
	bool is_used;	  /* it has silenced something */
};

struct source {
	const char *name; /* as diagnostics print it */
	struct str text;
	bool is_program;  /* a listing with an instruction on each line: places have its number */
	bool is_shipped;  /* comes with the library: its lines are not the reader's to change */
	struct span from; /* the include that it was read for; file 0: it is the main text */
	struct source_allow *allows;
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
	bool is_program;       /* instruction `line` - 1 of a program, not a line of a text */
	struct str text;       /* the whole line, without its newline */
	size_t offset;	       /* of the span's begin in that line, in bytes */
};

static inline struct span span_join(struct span a, struct span b)
{
	return (struct span){ a.file, a.begin, b.end };
}

/* The source of a file's number; NULL for 0. */
static inline struct source *source_at(const struct sources *s, uint32_t file)
{
	return file == 0 || file > s->len ? NULL : &s->files[file - 1];
}

/* Adds a text; NAME and TEXT are borrowed. Its number for span.file, or 0 when memory is out. */
NODISCARD uint32_t sources_add(struct sources *s, const char *name, struct str text);
/* Line and column of a span; false for a span that stands nowhere. */
bool sources_place(const struct sources *s, struct span span, struct place *place);

#endif
