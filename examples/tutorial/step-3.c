/* SPDX-License-Identifier: BSD-2-Clause */
/* drip, step 3: the reporter says what the guess has missed. docs/tutorial.md tells the story. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <strait/sigsys-report.h>
#include <strait/strait.h>

static const char policy[] = "default trap\n"
			     "allow { read write nanosleep exit_group rt_sigreturn }\n"
			     "allow { brk mmap munmap }\n";

static void confine(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	const char *text;

	if (strait_filter_read("drip.strait", policy, strlen(policy), NULL, report, &filter) ||
	    strait_no_new_privs(report) || strait_filter_load(filter, 0, report)) {
		for (size_t i = 0; (text = strait_report_text(report, i, 0)); i++)
			fputs(text, stderr);
		exit(1);
	}
	strait_filter_free(filter);
	strait_report_free(report);
}

/* While the policy is being written: say what is trapped and, if asked, go on after it. */
static void watch(void)
{
	const struct strait_sigsys_options options = {
		.size = sizeof(options),
		.answer = getenv("DRIP_GO_ON") ? ENOSYS : 0,
	};

	if (strait_report_install(&options))
		exit(1);
}

/* Somebody thought that this was handy. */
static void run(char *command)
{
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	wait(NULL);
}

static void drip(char *line)
{
	const struct timespec breath = { .tv_nsec = 1000000 };

	for (char *c = line; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	fputs(line, stdout);
	fflush(stdout);
	nanosleep(&breath, NULL);
}

int main(void)
{
	char line[256];

	watch();
	confine();
	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '!')
			run(line + 1);
		else
			drip(line);
	}
	return 0;
}
