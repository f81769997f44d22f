/* SPDX-License-Identifier: BSD-2-Clause */
/* TAP for Meson: ok(cond, "sentence"), skip("why"), and done() as main's return value. A test's
 * name is a sentence. */
#ifndef STRAIT_TESTS_TAP_H
#define STRAIT_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool passed, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	tap_failed += !passed;
	fflush(stdout);
	return passed;
}

__attribute__((format(printf, 1, 2), unused)) static void skip(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("ok %d # SKIP ", ++tap_count);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
}

__attribute__((format(printf, 1, 2), unused)) static void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("# ");
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
}

/* How much a random test does: what is asked for by hand (argv, NULL past its end), or the usual,
 * or with STRAIT_TEST_LONG (make verify-long) more. */
__attribute__((unused)) static unsigned long amount(const char *asked, unsigned long usual,
						    unsigned long more)
{
	if (asked)
		return strtoul(asked, NULL, 0);
	return getenv("STRAIT_TEST_LONG") ? more : usual;
}

__attribute__((unused)) static int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
