/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ns per call on this kernel. Each figure is from a child of its own, as a filter can't be taken
 * off again; the children of a round follow each other, so that whatever slows the machine down for
 * a while slows all of them down.
 */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A child's figure is that of its fastest batch: nothing makes a call faster than it is. */
#define BATCHES 5
#define BATCH	400
#define SECONDS 10

/*
 * Calls that do nothing in a process without file descriptors and with all other arguments 0,
 * whether a filter is there or not: they ask, or they fail. In the order in which they are tried.
 */
static const char *const plain[] = {
	"getppid", "getpid", "getuid", "gettid", "geteuid", "getgid", "getegid",
	"getpgrp", "lseek",  "close",  "read",	 "write",   "fstat",
};
static const char *const tested[] = {
	"personality", "ioctl",	     "fcntl",	  "mprotect", "madvise", "mmap",
	"getsockopt",  "setsockopt", "prlimit64", "prctl",    "futex",	 "socket",
};
static const char *const denied[] = {
	"keyctl",	   "add_key",	     "request_key", "bpf",
	"perf_event_open", "mount",	     "umount2",	    "swapoff",
	"swapon",	   "chroot",	     "pivot_root",  "setns",
	"delete_module",   "io_uring_setup", "userfaultfd", "settimeofday",
	"personality",	   "clone3",	     "openat2",	    "faccessat2",
	"socket",	   "bind",	     "connect",	    "getppid",
	"getpgrp",
};
static const struct {
	enum strait_cost_class class;
	const char *const *names;
	size_t len;
} kinds[BENCH_KINDS] = {
	[BENCH_PLAIN] = { STRAIT_COST_PLAIN, plain, ARRAY_LEN(plain) },
	[BENCH_TESTED] = { STRAIT_COST_TESTED, tested, ARRAY_LEN(tested) },
	[BENCH_DENIED] = { STRAIT_COST_DENIED, denied, ARRAY_LEN(denied) },
};

/* ---- which calls ---- */

/* Memory of no size is no memory. */
static bool is_harmless(const char *name, const struct seccomp_data *data)
{
	static const char *const sized[] = { "mprotect", "madvise", "mmap" };

	for (size_t i = 0; i < ARRAY_LEN(sized); i++)
		if (strcmp(name, sized[i]) == 0)
			return data->args[1] == 0;
	return true;
}

static const struct strait_cost_case *find_case(const struct bench *b, size_t column, unsigned kind,
						const char *name)
{
	const struct strait_syscall *call = strait_syscall_by_name(name);
	int64_t nr = call ? strait_syscall_nr(b->abi, call) : -1;
	const struct strait_cost_case *c;

	for (size_t i = 0; (c = strait_cost_case_at(b->columns[column].cost, i)); i++) {
		bool is_errno = (c->ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;

		if (nr < 0 || c->data.nr != nr || c->kind != kinds[kind].class ||
		    (kind == BENCH_DENIED && !is_errno) || !is_harmless(name, &c->data))
			continue;
		return c;
	}
	return NULL;
}

/* The first call that all filters have of that kind, or else each one's first. */
static void choose(struct bench *b, unsigned kind)
{
	for (size_t n = 0; n < kinds[kind].len; n++) {
		size_t found = 0;

		for (size_t i = 0; i < b->len; i++)
			found += find_case(b, i, kind, kinds[kind].names[n]) != NULL;
		for (size_t i = 0; i < b->len; i++) {
			struct bench_live *live = &b->columns[i].live[kind];

			if (found == b->len || !live->call) {
				const struct strait_cost_case *c =
					find_case(b, i, kind, kinds[kind].names[n]);

				live->call = c ? c : live->call;
			}
		}
		if (found == b->len)
			return;
	}
}

/* ---- one child ---- */

/* One call under one filter, or under none. */
struct unit {
	const struct strait_filter *filter; /* NULL: none */
	const struct seccomp_data *data;
	double ns[BENCH_ROUNDS], load[BENCH_ROUNDS];
	const char *failure;
};

/* What the child writes to memory that is shared. */
struct shot {
	bool is_done;
	int error; /* -errno of installing the filter */
	double ns, load;
};

static double now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_batch(const struct seccomp_data *d)
{
	double begin = now();

	for (int n = 0; n < BATCH; n++)
		(void)syscall(d->nr, d->args[0], d->args[1], d->args[2], d->args[3], d->args[4],
			      d->args[5]);
	return (now() - begin) / BATCH;
}

static void settle(int cpu)
{
	/* fs/coredump.c: 0 stops no pipe; 1 stops both the pipe and the file. */
	const struct rlimit no_core = { 1, 1 }, no_files = { 0, 0 };
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	cpu_set_t set;

	/* Where a filter lets nobody exit, _exit(2) ends by a signal. */
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &normal, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_NOFILE, &no_files);
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	alarm(SECONDS);
	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* Never returns. */
static void shoot(const struct unit *u, int cpu, struct shot *shot)
{
	double begin, ns, best = 0;

	settle(cpu);
	if (u->filter) {
		shot->error = strait_no_new_privs(NULL);
		begin = now();
		if (!shot->error)
			shot->error = strait_filter_load(u->filter, 0, NULL);
		shot->load = now() - begin;
	}
	for (int i = 0; i < BATCHES; i++) {
		ns = time_batch(u->data);
		best = i == 0 || ns < best ? ns : best;
	}
	shot->ns = best;
	shot->is_done = true;
	_exit(0);
}

static void take_shot(struct unit *u, size_t round, int cpu, struct shot *shot)
{
	pid_t pid;

	if (u->failure)
		return;
	*shot = (struct shot){ 0 };
	pid = fork();
	if (pid == 0)
		shoot(u, cpu, shot);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		u->failure = "there is no process to measure in";
	else if (shot->error)
		u->failure = "this kernel doesn't take the filter";
	else if (!shot->is_done)
		u->failure = "the filter ends who measures";
	else if (shot->ns <= 0)
		u->failure = "the filter stops the clock";
	u->ns[round] = shot->ns;
	u->load[round] = shot->load;
}

/* ---- rounds ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which PART quarters of them are. */
static double quartile(const double *values, size_t part)
{
	double sorted[BENCH_ROUNDS];

	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, BENCH_ROUNDS, sizeof(*sorted), by_value);
	return sorted[(BENCH_ROUNDS - 1) * part / 4];
}

static void sum_up(struct bench_live *live, const struct unit *bare, const struct unit *with)
{
	double ratios[BENCH_ROUNDS];

	live->failure = with->failure ? with->failure : bare->failure;
	if (live->failure)
		return;
	for (size_t i = 0; i < BENCH_ROUNDS; i++)
		ratios[i] = with->ns[i] / bare->ns[i];
	live->bare = quartile(bare->ns, 2);
	live->ns = quartile(with->ns, 2);
	live->ratio = quartile(ratios, 2);
	live->spread = (quartile(with->ns, 3) - quartile(with->ns, 1)) / live->ns;
}

bool bench_is_noisy(const struct bench_live *live)
{
	return live->spread > BENCH_SPREAD_MAX;
}

/* A CPU that we may use; -1: it can't be told. */
static int pick_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
			if (CPU_ISSET((size_t)cpu, &set))
				return cpu;
	return -1;
}

/* Two for each kind of a column: bare, with the filter. */
static size_t make_units(const struct bench *b, struct unit *units)
{
	size_t len = 0;

	for (size_t i = 0; i < b->len; i++)
		for (unsigned kind = 0; kind < BENCH_KINDS; kind++) {
			const struct strait_cost_case *c = b->columns[i].live[kind].call;

			if (!c)
				continue;
			units[len++] = (struct unit){ .data = &c->data };
			units[len++] =
				(struct unit){ .filter = b->columns[i].filter, .data = &c->data };
		}
	return len;
}

static void take_results(struct bench *b, const struct unit *u)
{
	for (size_t i = 0; i < b->len; i++) {
		struct bench_column *column = &b->columns[i];

		for (unsigned kind = 0; kind < BENCH_KINDS; kind++) {
			if (!column->live[kind].call)
				continue;
			sum_up(&column->live[kind], &u[0], &u[1]);
			if (!u[1].failure && column->load < 0)
				column->load = quartile(u[1].load, 2);
			u += 2;
		}
	}
}

int bench_measure(struct bench *b)
{
	struct unit *units = need_memory(2 * BENCH_KINDS * b->len, sizeof(*units));
	struct shot *shot = mmap(NULL, sizeof(*shot), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t len;

	if (shot == MAP_FAILED || strait_features_look(&b->features) < 0) {
		complain("nothing is measured: %s", strerror(ENOMEM));
		free(units);
		return EXIT_BAD;
	}
	b->cpu = pick_cpu();
	for (unsigned kind = 0; kind < BENCH_KINDS; kind++)
		choose(b, kind);
	len = make_units(b, units);
	fflush(stdout);
	for (size_t round = 0; round < BENCH_ROUNDS; round++)
		for (size_t i = 0; i < len; i++)
			take_shot(&units[i], round, b->cpu, shot);
	take_results(b, units);
	munmap(shot, sizeof(*shot));
	free(units);
	return 0;
}
