/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/diag.h"

/* Longer source lines are shown as a window around the caret. */
#define WINDOW ((size_t)160)

static const struct {
	const char *code;
	enum diag_severity severity;
	const char *meaning;
} codes[] = {
#define DIAG(name, code, severity, meaning) { code, DIAG_SEVERITY_##severity, meaning },
#include "base/diag-codes.def"
#undef DIAG
};

static const struct {
	const char *word, *color;
} severities[] = {
	[DIAG_SEVERITY_ERROR] = { "error", "\033[1;31m" },
	[DIAG_SEVERITY_WARNING] = { "warning", "\033[1;35m" },
	[DIAG_SEVERITY_NOTE] = { "note", "\033[1;36m" },
};

void diags_init(struct diags *d, struct arena *arena, const struct sources *sources)
{
	*d = (struct diags){ .arena = arena, .sources = sources };
}

bool diag_is_allowed(const struct diags *d, enum diag_code code, struct span span)
{
	const struct source *source = source_at(d->sources, span.file);
	struct place place;
	bool found = false;

	if (!source || !source->allows || !sources_place(d->sources, span, &place))
		return false;
	for (struct source_allow *a = source->allows; a; a = a->next) {
		if (a->line != place.line || strcmp(a->code, codes[code].code) != 0)
			continue;
		a->is_used = true;
		found = true;
	}
	return found;
}

static void count(struct diags *d, enum diag_severity severity)
{
	if (severity == DIAG_SEVERITY_ERROR)
		d->errors++;
	else if (severity == DIAG_SEVERITY_WARNING)
		d->warnings++;
	else
		d->notes++;
}

void diag_add(struct diags *d, enum diag_code code, struct span span, const char *format, ...)
{
	struct diag *diag;
	va_list ap;

	d->is_silent =
		codes[code].severity != DIAG_SEVERITY_ERROR && diag_is_allowed(d, code, span);
	if (d->is_silent)
		return;
	diag = arena_alloc(d->arena, sizeof(*diag));
	count(d, codes[code].severity);
	if (!diag) {
		d->failed = true;
		return;
	}
	va_start(ap, format);
	*diag = (struct diag){ .code = code,
			       .span = span,
			       .text = arena_vprintf(d->arena, format, ap) };
	va_end(ap);
	if (!diag->text) {
		d->failed = true;
		diag->text = codes[code].meaning;
	}
	if (d->last)
		d->last->next = diag;
	else
		d->first = diag;
	d->last = diag;
}

void diag_note(struct diags *d, struct span span, const char *format, ...)
{
	struct diag_note *note, **end;
	va_list ap;

	if (d->is_silent)
		return;
	note = d->last ? arena_alloc(d->arena, sizeof(*note)) : NULL;
	if (!note) {
		d->failed = true;
		return;
	}
	va_start(ap, format);
	*note = (struct diag_note){ .span = span, .text = arena_vprintf(d->arena, format, ap) };
	va_end(ap);
	if (!note->text) {
		d->failed = true;
		return;
	}
	for (end = &d->last->notes; *end; end = &(*end)->next)
		;
	*end = note;
}

enum diag_code diag_code_by_text(struct str text)
{
	unsigned code = 0;

	while (code < DIAG_CODES && !str_is(text, codes[code].code))
		code++;
	return (enum diag_code)code;
}

const char *diag_code_text(enum diag_code code)
{
	return codes[code].code;
}

enum diag_severity diag_code_severity(enum diag_code code)
{
	return codes[code].severity;
}

const char *diag_code_meaning(enum diag_code code)
{
	return codes[code].meaning;
}

/* A policy's bytes go to a terminal: what could be an escape sequence or broken UTF-8 must not. */
static void put_visible(struct buf *out, struct str text, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		buf_putc(out, c == '\t' || (c >= ' ' && c < 0x7f) ? (char)c : '?');
	}
}

static void put_source_line(struct buf *out, const struct place *p, struct span span, bool color)
{
	size_t begin = p->offset > WINDOW / 2 ? p->offset - WINDOW / 2 : 0;
	size_t end = p->text.len - begin > WINDOW ? begin + WINDOW : p->text.len;
	size_t carets = span.end > span.begin ? span.end - span.begin : 1;

	if (p->offset + carets > end)
		carets = end > p->offset ? end - p->offset : 1;
	buf_printf(out, "%5u | ", p->is_program ? p->line - 1 : p->line);
	put_visible(out, p->text, begin, end);
	buf_puts(out, "\n      | ");
	for (size_t i = begin; i < p->offset; i++)
		buf_putc(out, p->text.ptr[i] == '\t' ? '\t' : ' ');
	buf_puts(out, color ? "\033[1;32m" : "");
	buf_putc(out, '^');
	buf_fill(out, '~', carets - 1);
	buf_puts(out, color ? "\033[0m\n" : "\n");
}

/* The diagnostic itself, or one of its notes. */
static void put_item(const struct diags *d, const struct diag *diag, const struct diag_note *note,
		     bool color, struct buf *out)
{
	enum diag_severity severity = note ? DIAG_SEVERITY_NOTE : codes[diag->code].severity;
	struct span span = note ? note->span : diag->span;
	const char *text = note ? note->text : diag->text;
	struct place place;
	bool placed = sources_place(d->sources, span, &place);

	if (placed && place.is_program)
		buf_printf(out, "%s: instruction %u: ", place.file, place.line - 1);
	else if (placed)
		buf_printf(out, "%s:%u:%u: ", place.file, place.line, place.column);
	buf_puts(out, color ? severities[severity].color : "");
	buf_puts(out, severities[severity].word);
	if (!note)
		buf_printf(out, "[%s]", codes[diag->code].code);
	buf_puts(out, color ? ":\033[0m " : ": ");
	put_visible(out, str_of(text), 0, strlen(text));
	buf_putc(out, '\n');
	if (placed)
		put_source_line(out, &place, span, color);
}

void diag_render(const struct diags *d, const struct diag *diag, bool color, struct buf *out)
{
	put_item(d, diag, NULL, color, out);
	for (const struct diag_note *n = diag->notes; n; n = n->next)
		put_item(d, diag, n, color, out);
}
