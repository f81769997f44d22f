/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report copies what it is told, rendered and all: diagnostics point into the text of a policy
 * that may be gone when somebody reads the report.
 */
#include <strait/report.h>

#include "api/handles.h"

#include <stdarg.h>

struct item {
	struct strait_message message;
	const char *rendered[2]; /* plain, coloured */
};

struct strait_report {
	struct arena arena;
	struct item *items;
	size_t len, room;
	size_t errors, warnings, notes; /* may be more than items, when memory was out */
};

struct strait_report *strait_report_new(void)
{
	struct strait_report *report = calloc(1, sizeof(*report));

	if (report)
		arena_init(&report->arena, ARENA_DEFAULT_LIMIT);
	return report;
}

void strait_report_free(struct strait_report *report)
{
	if (!report)
		return;
	arena_deinit(&report->arena);
	free(report);
}

void strait_report_clear(struct strait_report *report)
{
	arena_deinit(&report->arena);
	*report = (struct strait_report){ .arena = report->arena };
}

size_t strait_report_count(const struct strait_report *report, enum strait_severity severity)
{
	if (severity == STRAIT_ERROR)
		return report->errors;
	return severity == STRAIT_WARNING ? report->warnings : report->notes;
}

const struct strait_message *strait_report_at(const struct strait_report *report, size_t i)
{
	return i < report->len ? &report->items[i].message : NULL;
}

const char *strait_report_text(const struct strait_report *report, size_t i, int color)
{
	return i < report->len ? report->items[i].rendered[color != 0] : NULL;
}

static const char *copy(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

/* False when memory is out. */
static bool set_place(struct arena *arena, struct strait_message *m, const struct sources *sources,
		      struct span span)
{
	struct place place;

	m->instruction = -1;
	if (!sources_place(sources, span, &place))
		return true;
	m->file = copy(arena, place.file);
	if (place.is_program) {
		m->instruction = (int)place.line - 1;
		return m->file != NULL;
	}
	m->line = place.line;
	m->column = place.column;
	return m->file != NULL;
}

static bool copy_notes(struct arena *arena, struct strait_message *m, const struct diags *diags,
		       const struct diag *diag)
{
	struct strait_message *notes;
	size_t len = 0, i = 0;

	for (const struct diag_note *n = diag->notes; n; n = n->next)
		len++;
	notes = arena_array(arena, len, sizeof(*notes));
	if (!notes)
		return false;
	for (const struct diag_note *n = diag->notes; n; n = n->next, i++) {
		notes[i] = (struct strait_message){ .severity = STRAIT_NOTE,
						    .text = copy(arena, n->text) };
		if (!notes[i].text || !set_place(arena, &notes[i], diags->sources, n->span))
			return false;
	}
	m->notes = notes;
	m->nnotes = len;
	return true;
}

static bool render(struct arena *arena, struct item *item, const struct diags *diags,
		   const struct diag *diag)
{
	for (int color = 0; color < 2; color++) {
		AUTO_BUF text = { 0 };

		diag_render(diags, diag, color, &text);
		if (text.failed)
			return false;
		item->rendered[color] = arena_strndup(arena, text.data, text.size);
		if (!item->rendered[color])
			return false;
	}
	return true;
}

static const enum strait_severity severities[] = {
	[DIAG_SEVERITY_ERROR] = STRAIT_ERROR,
	[DIAG_SEVERITY_WARNING] = STRAIT_WARNING,
	[DIAG_SEVERITY_NOTE] = STRAIT_NOTE,
};

static void add_item(struct strait_report *report, const struct diags *diags,
		     const struct diag *diag)
{
	struct item item = { 0 };
	struct strait_message *m = &item.message;
	struct item *items;

	m->severity = severities[diag_code_severity(diag->code)];
	m->code = diag_code_text(diag->code);
	m->text = copy(&report->arena, diag->text);
	if (!m->text || !set_place(&report->arena, m, diags->sources, diag->span) ||
	    !copy_notes(&report->arena, m, diags, diag) ||
	    !render(&report->arena, &item, diags, diag))
		return;
	items = arena_grow(&report->arena, report->items, report->len, &report->room, sizeof(item));
	if (!items)
		return;
	report->items = items;
	items[report->len++] = item;
}

void report_collect(struct strait_report *report, const struct diags *diags)
{
	if (!report)
		return;
	report->errors += diags->errors;
	report->warnings += diags->warnings;
	report->notes += diags->notes;
	for (const struct diag *d = diags->first; d; d = d->next)
		add_item(report, diags, d);
}

void report_error(struct strait_report *report, enum diag_code code, const char *format, ...)
{
	struct sources sources = { 0 };
	AUTO_BUF text = { 0 };
	struct arena arena;
	struct diags diags;
	va_list ap;

	if (!report)
		return;
	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &sources);
	diag_add(&diags, code, (struct span){ 0 }, "%s",
		 text.failed || !text.data ? diag_code_meaning(code) : text.data);
	report_collect(report, &diags);
	arena_deinit(&arena);
}
