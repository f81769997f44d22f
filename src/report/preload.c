/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reporter for programs that don't know of it: it installs itself when it is loaded.
 * STRAIT_REPORT_CONTINUE is the errno to answer with, by name or number.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <strait/sigsys-report.h>

#include "arch/arch.h"

static int preload_errno(const char *text)
{
	int value;

	for (value = 1; value <= 4095; value++) {
		const char *name = arch_errno_name(arch_native(), value);

		if (name && strcmp(name, text) == 0)
			return value;
	}
	for (value = 0; *text >= '0' && *text <= '9' && value <= 4095; text++)
		value = value * 10 + (*text - '0');
	return !*text && value >= 1 && value <= 4095 ? value : -1;
}

/* The variable's value, or NULL; getenv(3) has no environment yet where glibc lets us go first. */
static const char *preload_wanted(char *const *environment)
{
	static const char name[] = "STRAIT_REPORT_CONTINUE=";

	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, sizeof(name) - 1) == 0)
			return *environment + sizeof(name) - 1;
	return NULL;
}

static void preload_say(const char *problem)
{
	char line[128];
	struct text text = { .data = line, .room = sizeof(line) };

	text_puts(&text, "strait: ");
	text_puts(&text, problem);
	text_putc(&text, '\n');
	if (write(STDERR_FILENO, text.data, text.size) < 0)
		return;
}

static void preload(char *const *environment)
{
	struct strait_sigsys_options options = { .size = sizeof(options) };
	const char *wanted = preload_wanted(environment);
	int error = errno;

	if (wanted && *wanted) {
		options.answer = preload_errno(wanted);
		if (options.answer < 0) {
			preload_say("STRAIT_REPORT_CONTINUE is no errno: calls that are trapped "
				    "end the program");
			options.answer = 0;
		}
	}
	if (strait_report_install(&options))
		preload_say("the reporter can't be installed: nothing will be reported");
	errno = error;
}

#ifdef __GLIBC__
static void __attribute__((constructor)) preload_main(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv;
	preload(envp);
}
#else
static void __attribute__((constructor)) preload_main(void)
{
	preload(environ);
}
#endif
