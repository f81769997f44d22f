/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, and the end of what was acquired. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void complain(const char *format, ...)
{
	va_list ap;

	fputs("strait: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

bool has_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	/* no-color.org: "when present and not an empty string" */
	return !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0) &&
	       isatty(STDERR_FILENO);
}

void print_report(const struct strait_report *report)
{
	const char *text;
	bool color = has_color();

	/* What has no file to begin with is told apart from what a program under strait says. */
	for (size_t i = 0; (text = strait_report_text(report, i, color)); i++)
		fprintf(stderr, "%s%s", strait_report_at(report, i)->file ? "" : "strait: ", text);
}

void auto_report(struct strait_report **report)
{
	strait_report_free(*report);
}

void auto_filter(struct strait_filter **filter)
{
	strait_filter_free(*filter);
}

void auto_policy(struct strait_policy **policy)
{
	strait_policy_free(*policy);
}

void auto_verdict(struct strait_verdict **verdict)
{
	strait_verdict_free(*verdict);
}

void auto_string(char **string)
{
	free(*string);
}

static void *check_memory(void *p)
{
	if (!p) {
		complain("out of memory");
		exit(EXIT_BAD);
	}
	return p;
}

void *need_memory(size_t len, size_t size)
{
	return check_memory(calloc(len ? len : 1, size));
}

struct strait_report *need_report(void)
{
	return check_memory(strait_report_new());
}

int fail(int error, const struct strait_report *report)
{
	print_report(report);
	if (!strait_report_at(report, 0))
		complain("%s", strerror(-error));
	return EXIT_BAD;
}
