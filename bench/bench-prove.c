/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-prove [POLICY...] [-- A B]: what the proof adds to compiling the shipped policies and these
 * files; then what comparing takes, of a program as long as the kernel's limit with itself and of A
 * with B: median times, and the most memory that was in use at once.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <strait/strait.h>

#define ROUNDS 101

/* ---- the linker sends the library's allocations here (-Wl,--wrap) ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t len, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t len, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static size_t in_use, peak;

static void *count(void *p)
{
	in_use += malloc_usable_size(p);
	if (in_use > peak)
		peak = in_use;
	return p;
}

void *__wrap_malloc(size_t size)
{
	return count(__real_malloc(size));
}

void *__wrap_calloc(size_t len, size_t size)
{
	return count(__real_calloc(len, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	in_use -= malloc_usable_size(p);
	return count(__real_realloc(p, size));
}

void __wrap_free(void *p)
{
	in_use -= malloc_usable_size(p);
	__real_free(p);
}

/* ---- measuring ---- */

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

/* Median time in ms of ROUNDS calls of WORK, and the most memory in KiB that one has at once. */
static double measure(void (*work)(const void *what), const void *what, size_t *kib)
{
	static double times[ROUNDS];
	size_t before = in_use;

	peak = in_use;
	for (int i = 0; i < ROUNDS; i++) {
		times[i] = now_ms();
		work(what);
		times[i] = now_ms() - times[i];
	}
	*kib = (peak - before) / 1024;
	qsort(times, ROUNDS, sizeof(times[0]), by_value);
	return times[ROUNDS / 2];
}

static void die(const char *what)
{
	fprintf(stderr, "bench-prove: %s\n", what);
	exit(1);
}

/* ---- policies ---- */

struct compilation {
	struct strait_policy *policy;
	struct strait_compile_options options;
	size_t len;
};

static void compile(const void *what)
{
	const struct compilation *c = what;
	struct strait_filter *filter;

	if (strait_filter_compile(c->policy, &c->options, NULL, &filter))
		die("it doesn't compile");
	strait_filter_free(filter);
}

static void bench_policy(const char *name)
{
	struct compilation c = { .options = { .size = sizeof(c.options) } };
	const char *slash = strrchr(name, '/'), *text;
	struct strait_filter *filter;
	double with, without;
	size_t size, kib, kib_without;
	char *whole = NULL;
	int n;

	text = slash ? NULL : strait_policy_shipped(name, &size);
	/* Those to include have no default. */
	n = text ? asprintf(&whole, "%s%.*s",
			    memmem(text, size, "\ndefault", 8) ? "" : "default kill_process\n",
			    (int)size, text)
		 : 0;
	if (n < 0 || (text ? strait_policy_read_text(name, whole, (size_t)n, NULL, NULL, &c.policy)
			   : strait_policy_read_file(name, NULL, NULL, &c.policy)) != 0)
		die("a policy can't be read");
	if (strait_filter_compile(c.policy, NULL, NULL, &filter))
		die("it doesn't compile");
	strait_filter_insns(filter, &c.len);
	strait_filter_free(filter);
	with = measure(compile, &c, &kib);
	c.options.flags = STRAIT_COMPILE_UNPROVEN;
	without = measure(compile, &c, &kib_without);
	printf("%-16s %5zu insns  compile %6.3f ms %5zu KiB  proven as well %6.3f ms %5zu KiB\n",
	       slash ? slash + 1 : name, c.len, without, kib_without, with, kib);
	strait_policy_free(c.policy);
	free(whole);
}

/* ---- programs ---- */

struct pair {
	struct strait_stack a, b;
	struct strait_comparison result;
};

static void compare(const void *what)
{
	struct pair *p = (struct pair *)(size_t)what;

	if (strait_compare(&p->a, &p->b, STRAIT_SAME, NULL, NULL, &p->result))
		die("two filters can't be compared");
}

static void bench_pair(const char *title, const struct strait_filter *a,
		       const struct strait_filter *b)
{
	static const char *const outcomes[] = { "the same", "different", "undecided" };
	struct pair p = { { &a, 1 }, { &b, 1 }, { .size = sizeof(p.result) } };
	size_t kib, len_a, len_b;
	double time = measure(compare, &p, &kib);

	strait_filter_insns(a, &len_a);
	strait_filter_insns(b, &len_b);
	printf("%s: %zu and %zu insns, %s: %.3f ms, %zu nodes, %zu KiB\n", title, len_a, len_b,
	       outcomes[p.result.outcome], time, p.result.nodes, kib);
}

/* As many instructions as the kernel takes: tests of a number and an argument, and an errno. */
static void bench_longest(void)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	struct strait_filter *filter;
	size_t n = 0;

	for (unsigned i = 0; n + 6 <= BPF_MAXINSNS; i++) {
		insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
		insns[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i / 2, 0, 3);
		insns[n++] =
			(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 8 * (i % 6));
		insns[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i * 7919, 0, 1);
		insns[n++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | i % 100);
	}
	while (n < BPF_MAXINSNS)
		insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (strait_filter_from_raw("longest", insns, sizeof(insns), STRAIT_ORDER_NATIVE, NULL,
				   &filter))
		die("the longest program can't be read");
	bench_pair("the longest program and itself", filter, filter);
	strait_filter_free(filter);
}

int main(int argc, char **argv)
{
	struct strait_filter *a, *b;
	int i = 1;

	for (size_t k = 0; strait_policy_shipped_at(k); k++)
		bench_policy(strait_policy_shipped_at(k));
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		bench_policy(argv[i]);
	bench_longest();
	if (i + 3 != argc)
		return 0;
	if (strait_filter_read_file(argv[i + 1], NULL, NULL, &a) ||
	    strait_filter_read_file(argv[i + 2], NULL, NULL, &b))
		die("a filter can't be read");
	bench_pair(argv[i + 2], a, b);
	strait_filter_free(a);
	strait_filter_free(b);
	return 0;
}
