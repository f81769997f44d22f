/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report collects what the library has to say about its input: errors, warnings and notes, each
 * with a permanent code, a place in a file and notes. It is self-contained: it outlives the
 * policies and filters it speaks about, and one report can serve any number of calls.
 *
 * Every function that takes a report also takes NULL for it; then only the return value tells of a
 * failure.
 */
#ifndef STRAIT_REPORT_H
#define STRAIT_REPORT_H

#include <stddef.h>

#include <strait/export.h>

STRAIT_BEGIN

struct strait_report;

enum strait_severity {
	STRAIT_ERROR,
	STRAIT_WARNING,
	STRAIT_NOTE,
};

/* One message. Only the library makes these; fields may be added at the end. */
struct strait_message {
	enum strait_severity severity;
	const char *code; /* "P017"; permanent. NULL in a note */
	const char *text; /* a sentence, without place and code */
	const char *file; /* as it was named to the library; NULL: the message has no place */
	unsigned line;	  /* from 1; 0 without a place */
	unsigned column;  /* from 1, in characters; 0 without a place */
	const struct strait_message *notes; /* other places that belong to this one, and advice */
	size_t nnotes;
	/* The instruction of FILE, a raw program or assembler text, that it is about, from 0; then
	 * there is no line. -1: it has no such place. */
	int instruction;
};

/* An empty report, or NULL when memory is out. */
STRAIT_EXPORT STRAIT_NODISCARD struct strait_report *strait_report_new(void);
/* Frees a report with all its messages; NULL is fine. */
STRAIT_EXPORT void strait_report_free(struct strait_report *report);
/* Forgets all messages. */
STRAIT_EXPORT void strait_report_clear(struct strait_report *report);

/* How many messages of a severity there are; what belongs to another message, in its `notes`, isn't
 * counted. */
STRAIT_EXPORT size_t strait_report_count(const struct strait_report *report,
					 enum strait_severity severity);
/* The i-th message in the order they were found; NULL past the last. Valid until the report is
 * cleared or freed. */
STRAIT_EXPORT const struct strait_message *strait_report_at(const struct strait_report *report,
							    size_t i);
/*
 * The i-th message as a person reads it: "file:line:col: error[CODE]: text", the source line, a
 * caret, the notes, each line ended by a newline; with terminal colours if COLOR isn't 0. Bytes
 * that could steer a terminal are masked. NULL past the last message.
 */
STRAIT_EXPORT const char *strait_report_text(const struct strait_report *report, size_t i,
					     int color);

STRAIT_END

#endif
