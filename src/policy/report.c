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
