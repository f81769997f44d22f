/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-spawn ROUNDS -- A... -- B... [-- C...]: the time from vfork(2) to the end of each command,
 * in interleaved rounds on one CPU; prints each one's median, and what it adds to the first one's
 * (the median of the differences within a round, which the machine's mood doesn't touch).
 */
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define COMMANDS_MAX 8

extern char **environ;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double run(char **command)
{
	double start = now_us();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "bench-spawn: %s failed\n", command[0]);
		exit(1);
	}
	return now_us() - start;
}

static double median(double *v, size_t len)
{
	qsort(v, len, sizeof(*v), by_value);
	return v[len / 2];
}

int main(int argc, char **argv)
{
	char **commands[COMMANDS_MAX];
	size_t ncommands = 0, rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	double *times;
	cpu_set_t one;

	for (int i = 2; i < argc && ncommands < COMMANDS_MAX; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		commands[ncommands++] = argv + i + 1;
		argv[i] = NULL;
	}
	times = calloc(rounds * COMMANDS_MAX * 2, sizeof(*times));
	if (rounds == 0 || ncommands == 0 || !times) {
		fprintf(stderr, "usage: bench-spawn ROUNDS -- COMMAND... [-- COMMAND...]\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (size_t c = 0; c < ncommands; c++)
		run(commands[c]);
	for (size_t r = 0; r < rounds; r++)
		for (size_t c = 0; c < ncommands; c++) {
			times[c * rounds + r] = run(commands[c]);
			times[(COMMANDS_MAX + c) * rounds + r] = times[c * rounds + r] - times[r];
		}
	for (size_t c = 0; c < ncommands; c++) {
		printf("%8.0f us, %+8.0f us:", median(times + c * rounds, rounds),
		       median(times + (COMMANDS_MAX + c) * rounds, rounds));
		for (char **word = commands[c]; *word; word++)
			printf(" %s", *word);
		putchar('\n');
	}
	free(times);
	return 0;
}
