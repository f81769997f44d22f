/* SPDX-License-Identifier: BSD-2-Clause */
/* Attempts: what a child that tries something tells however it ends; and the table's own laws. */
#include "kernel/features.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

static void leave_values(const void *arg, long *values)
{
	values[0] = *(const long *)arg;
	values[ATTEMPT_VALUES - 1] = getpid();
}

static void be_trapped(const void *arg, long *values)
{
	(void)arg;
	values[0] = 1;
	__builtin_trap();
}

static void be_killed(const void *arg, long *values)
{
	const struct sock_filter kill_all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);

	(void)arg;
	values[0] = kernel_set_no_new_privs();
	values[1] = kernel_install(&kill_all, 1, 0, NULL);
	values[2] = syscall(SYS_getppid);
}

static void leave_early(const void *arg, long *values)
{
	(void)arg;
	values[0] = 5;
	_exit(3);
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught = 1;
}

static void raise_usr1(const void *arg, long *values)
{
	(void)arg;
	values[0] = raise(SIGUSR1);
}

static void test_attempts(struct kernel_features *f)
{
	long number = 0x123456789;
	struct attempt a = kernel_attempt(leave_values, &number);

	ok(a.is_done && !a.error && !a.signal && a.values[0] == number &&
		   a.values[ATTEMPT_VALUES - 1] != getpid() && !kernel_attempt_failure(f, &a),
	   "an attempt tells its values, and is made by another process");
	a = kernel_attempt(be_trapped, NULL);
	ok(!a.is_done && (a.signal == SIGILL || a.signal == SIGTRAP) && a.values[0] == 1 &&
		   kernel_attempt_failure(f, &a),
	   "one that dies tells what it had, and the signal");
	a = kernel_attempt(be_killed, NULL);
	if (a.values[0] == 0 && a.signal != SIGSYS)
		note("signal %d, values %ld %ld", a.signal, a.values[0], a.values[1]);
	ok(!a.is_done && a.signal == SIGSYS &&
		   strstr(kernel_attempt_failure(f, &a), "a filter kills"),
	   "one that a filter kills is said to be");
	a = kernel_attempt(leave_early, NULL);
	ok(!a.is_done && !a.signal && a.values[0] == 5 && kernel_attempt_failure(f, &a),
	   "one that exits has come to no end");
	signal(SIGUSR1, on_signal);
	a = kernel_attempt(raise_usr1, NULL);
	signal(SIGUSR1, SIG_DFL);
	ok(a.signal == SIGUSR1 && !caught, "the caller's handlers don't run in it");
	ok(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD, "none leaves a zombie");
}

static bool are_different(const struct kernel_feature *a, const struct kernel_feature *b)
{
	return strcmp(a->group, b->group) != 0 || strcmp(a->name, b->name) != 0;
}

static void test_table(const struct kernel_features *f)
{
	bool good = f->len > 0;
	size_t groups = 1, kinds = 1;

	for (size_t i = 0; i < f->len; i++) {
		good = good && f->v[i].how && *f->v[i].how;
		for (size_t k = 0; k < i; k++)
			good = good && are_different(&f->v[i], &f->v[k]);
		groups += i && strcmp(f->v[i].group, f->v[i - 1].group) != 0;
	}
	for (size_t i = 1; i < f->len; i++) {
		bool is_new = true;

		for (size_t k = 0; k < i; k++)
			is_new = is_new && strcmp(f->v[i].group, f->v[k].group) != 0;
		kinds += is_new;
	}
	ok(good, "each row has a name of its own, and says how it is known");
	ok(groups == kinds, "rows of a group stand together");
}

static void test_nothing_changes(void)
{
	struct kernel_probe before, after;
	struct kernel_features f;
	int r;

	kernel_probe(&before);
	r = kernel_features(&f);
	kernel_probe(&after);
	ok(r == 0 && before.filters == after.filters && before.mode == after.mode &&
		   before.no_new_privs == after.no_new_privs,
	   "looking installs nothing");
	if (r == 0)
		test_table(&f);
	ok(f.probe_failure || f.probe.flags == before.flags, "and finds what the probe finds");
	kernel_features_deinit(&f);
}

int main(void)
{
	struct kernel_features f = { 0 };

	arena_init(&f.arena, ARENA_DEFAULT_LIMIT);
	test_attempts(&f);
	kernel_features_deinit(&f);
	test_nothing_changes();
	return done();
}
