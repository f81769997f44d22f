/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-compile NAME...: reads, compiles and emits shipped policies, in this process, and prints
 * for each the median and best time of each step, the instructions, and how much memory the heap
 * grew. The first round is printed by itself: that is what a command that runs once pays.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <strait/strait.h>

#define ROUNDS 201

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct times {
	double read, compile, emit, all;
};

static int once(const char *name, const char *text, size_t size, struct times *t, size_t *len,
		size_t *heap)
{
	struct strait_policy *policy = NULL;
	struct strait_filter *filter = NULL;
	char *raw = NULL;
	size_t raw_size = 0;
	double start = now_ms(), read, compiled;
	int r = strait_policy_read_text(name, text, size, NULL, NULL, &policy);

	read = now_ms();
	if (r == 0)
		r = strait_filter_compile(policy, NULL, NULL, &filter);
	compiled = now_ms();
	if (r == 0)
		r = strait_filter_raw(filter, &raw, &raw_size);
	t->all = now_ms() - start;
	t->read = read - start;
	t->compile = compiled - read;
	t->emit = t->all - (compiled - start);
	*len = raw_size / 8;
	*heap = mallinfo2().uordblks + mallinfo2().hblkhd;
	free(raw);
	strait_filter_free(filter);
	strait_policy_free(policy);
	return r;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static int bench(const char *name)
{
	static double read[ROUNDS], compile[ROUNDS], emit[ROUNDS], all[ROUNDS];
	size_t size, len = 0, heap = 0, before = mallinfo2().uordblks + mallinfo2().hblkhd;
	const char *text = strait_policy_shipped(name, &size);
	char *whole = NULL;
	struct times t, first = { 0 };
	int n;

	if (!text) {
		fprintf(stderr, "bench-compile: no shipped policy '%s'\n", name);
		return 1;
	}
	/* Those to include have no default. */
	if (!memmem(text, size, "\ndefault", 8)) {
		n = asprintf(&whole, "default kill_process\n%.*s", (int)size, text);
		if (n < 0)
			return 1;
		text = whole;
		size = (size_t)n;
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (once(name, text, size, &t, &len, &heap) != 0) {
			fprintf(stderr, "bench-compile: %s doesn't compile\n", name);
			free(whole);
			return 1;
		}
		if (i == 0)
			first = t;
		read[i] = t.read;
		compile[i] = t.compile;
		emit[i] = t.emit;
		all[i] = t.all;
	}
	free(whole);
	printf("%-12s %5zu insns  read %.3f  compile %.3f  emit %.3f  all %.3f ms (first time "
	       "%.3f)  heap %zu KiB\n",
	       name, len, median(read), median(compile), median(emit), median(all), first.all,
	       (heap - before) / 1024);
	return 0;
}

/* Not getrusage(2)'s: that one begins with what the process was before execve(2). */
static void print_peak(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			printf("peak resident set of all of this: %s",
			       line + strspn(line, "VmHWM: \t"));
	if (status)
		fclose(status);
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= bench(argv[i]);
	for (size_t i = 0; argc == 1 && strait_policy_shipped_at(i); i++)
		failed |= bench(strait_policy_shipped_at(i));
	print_peak();
	return failed;
}
