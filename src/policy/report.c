/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. An error is left out only where an equal one, or REPORT_MAX others, are in the
 * list. */
#include "policy/report.h"

static bool is_known(const struct diags *d, enum diag_code code, struct span span)
{
	for (const struct diag *i = d->first; i; i = i->next)
		if (i->code == code && i->span.file == span.file && i->span.begin == span.begin &&
		    i->span.end == span.end)
			return true;
	return false;
}

bool report_is_full(const struct diags *d)
{
	return d->errors > REPORT_MAX || d->failed;
}

bool report_is_new(const struct diags *d, enum diag_code code, struct span span)
{
	if (diag_code_severity(code) == DIAG_SEVERITY_ERROR ? d->errors > REPORT_MAX
							    : d->warnings >= REPORT_MAX)
		return false;
	return !is_known(d, code, span);
}

bool report(struct diags *d, enum diag_code code, struct span span, const char *format, ...)
{
	char *text;
	va_list ap;

	if (!report_is_new(d, code, span))
		return false;
	if (diag_code_severity(code) == DIAG_SEVERITY_ERROR && d->errors == REPORT_MAX) {
		diag_add(d, DIAG_TOO_MANY_ERRORS, span,
			 "more than %d errors: the rest is not shown", REPORT_MAX);
		return false;
	}
	va_start(ap, format);
	text = arena_vprintf(d->arena, format, ap);
	va_end(ap);
	diag_add(d, code, span, "%s", text ? text : diag_code_meaning(code));
	if (!text)
		d->failed = true;
	return !d->failed;
}

static bool is_before(struct span a, struct span b)
{
	if (a.file != b.file)
		return a.file != 0 && (b.file == 0 || a.file < b.file);
	return a.begin < b.begin;
}

/* By insertion: REPORT_MAX keeps the list short, and most of it is in order. */
void report_sort(struct diags *d, size_t kept)
{
	struct diag **head = &d->first, *next, *i;

	while (kept-- && *head)
		head = &(*head)->next;
	i = *head;
	*head = NULL;
	for (; i; i = next) {
		struct diag **place = head;

		next = i->next;
		while (*place && !is_before(i->span, (*place)->span))
			place = &(*place)->next;
		i->next = *place;
		*place = i;
	}
	for (i = d->first; i; i = i->next)
		d->last = i;
}
