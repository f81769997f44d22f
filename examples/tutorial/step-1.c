/* SPDX-License-Identifier: BSD-2-Clause */
/* drip, step 1: a program that trusts its input. docs/tutorial.md tells the story. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '!')
			run(line + 1);
		else
			drip(line);
	}
	return 0;
}
