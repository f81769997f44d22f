/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of static.h under the running kernel: every condition answers as it should, and every way
 * that installing can end has its code and its sentence.
 */
#include "filter.h"

#include <pthread.h>
#include <sys/resource.h>

#include "live/call.h"
#include "live/child.h"

struct report {
	long values[4];
	char text[256];
};

static struct report *report;

static void keep(struct strait_static *f, int error)
{
	report->values[0] = error;
	snprintf(report->text, sizeof(report->text), "%s", strait_static_explain(f, error));
}

/* A filter that answers one call and allows the others. */
static void answer_one(struct strait_static *f, long nr, uint32_t ret)
{
	strait_static_validate_arch(f, SECCOMP_RET_KILL_PROCESS);
	strait_static_answer(f, nr, ret);
	strait_static_return(f, SECCOMP_RET_ALLOW);
}

/* ---- conditions ---- */

struct conditions {
	size_t test;
	unsigned bits;
	unsigned wrong, total;
};

static struct strait_condition condition(const struct conditions *cs, size_t i)
{
	if (cs->bits == 64)
		return strait_arg64(0, tests[cs->test].test, edges[i]);
	return strait_arg32(0, tests[cs->test].test, (uint32_t)edges[i]);
}

/* getppid(2) ignores its arguments: the second says which condition the first is held against. */
static void run_conditions(void *arg)
{
	static const char *const names[] = { "0",  "1",	 "2",  "3",  "4",  "5",	 "6",
					     "7",  "8",	 "9",  "10", "11", "12", "13",
					     "14", "15", "16", "17", "18", "19", "20",
					     "21", "22", "23", "24", "25", "26", "27" };
	struct conditions *cs = arg;

	STRAIT_STATIC(f, 512);

	_Static_assert(ARRAY_LEN(names) == ARRAY_LEN(edges), "a name each");
	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	strait_static_if_call(&f, SYS_getppid, "getppid");
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	strait_static_label(&f, "getppid");
	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		strait_static_if(&f, strait_arg32(1, STRAIT_EQ, i), names[i]);
	strait_static_return(&f, SECCOMP_RET_ERRNO | 99);
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		strait_static_label(&f, names[i]);
		strait_static_if(&f, condition(cs, i), "holds");
		strait_static_return(&f, SECCOMP_RET_ERRNO | 50);
	}
	strait_static_label(&f, "holds");
	strait_static_return(&f, SECCOMP_RET_ERRNO | 49);
	if (strait_static_install(&f, 0) != 0)
		child_end();
	for (size_t i = 0; i < ARRAY_LEN(edges) * ARRAY_LEN(edges); i++) {
		const uint64_t args[6] = { edges[i % ARRAY_LEN(edges)], i / ARRAY_LEN(edges) };
		struct strait_condition c = condition(cs, i / ARRAY_LEN(edges));
		struct seccomp_data data = call_data(SYS_getppid, args);

		cs->wrong += call_raw(SYS_getppid, args) != (holds(&c, &data) ? -49 : -50);
		cs->total++;
	}
}

static void test_conditions(void)
{
	struct conditions *cs = child_shared(sizeof(*cs));

	for (size_t test = 0; test < ARRAY_LEN(tests); test++) {
		for (unsigned bits = 32; bits <= 64; bits += 32) {
			*cs = (struct conditions){ .test = test, .bits = bits };
			child_run(run_conditions, cs);
			ok(cs->wrong == 0 && cs->total == ARRAY_LEN(edges) * ARRAY_LEN(edges),
			   "the kernel agrees on arg%u %s value for %u pairs", bits,
			   tests[test].name, cs->total);
		}
	}
}

/* ---- how installing ends ---- */

static void installs(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	keep(&f, strait_static_install(&f, 0));
	report->values[1] = syscall(SYS_getppid) < 0 ? errno : 0;
	report->values[2] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	report->values[3] = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
}

static void installs_with_listener(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_USER_NOTIF);
	report->values[0] = strait_static_install(&f, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	close((int)report->values[0]);
	report->values[1] = syscall(SYS_getppid) < 0 ? errno : 0;
}

static void second_listener(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_USER_NOTIF);
	report->values[1] = strait_static_install(&f, SECCOMP_FILTER_FLAG_NEW_LISTENER) >= 0;
	keep(&f, strait_static_install(&f, SECCOMP_FILTER_FLAG_NEW_LISTENER));
}

static void no_descriptor(void *unused)
{
	const struct rlimit none = { 0, 0 };

	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_USER_NOTIF);
	report->values[1] = setrlimit(RLIMIT_NOFILE, &none) == 0;
	keep(&f, strait_static_install(&f, SECCOMP_FILTER_FLAG_NEW_LISTENER));
}

static void unknown_flag(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	keep(&f, strait_static_install(&f, 1u << 20));
	report->values[1] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

static void flags_that_clash(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	keep(&f, strait_static_install(&f, SECCOMP_FILTER_FLAG_TSYNC |
						   SECCOMP_FILTER_FLAG_NEW_LISTENER));
	report->values[1] = 1;
}

static void no_privilege(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	report->values[1] = geteuid() != 0 || syscall(SYS_setresuid, 65534, 65534, 65534) == 0;
	keep(&f, strait_static_attach(&f, 0));
}

static void too_long_together(void *unused)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	static struct strait_static_mark marks[BPF_MAXINSNS];
	struct strait_static f;
	int error = 0;

	(void)unused;
	strait_static_init(&f, insns, marks, BPF_MAXINSNS);
	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	while (f.len < BPF_MAXINSNS - 2)
		strait_static_answer(&f, 5000, SECCOMP_RET_ALLOW);
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	for (int i = 0; i < 10 && error == 0; i++)
		error = strait_static_install(&f, 0);
	report->values[1] = 1;
	keep(&f, error);
}

static void under_filter(long nr, uint32_t ret)
{
	STRAIT_STATIC(outer, 16);
	STRAIT_STATIC(inner, 16);

	answer_one(&outer, nr, ret);
	report->values[1] = strait_static_install(&outer, 0) == 0;
	answer_one(&inner, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	keep(&inner, strait_static_install(&inner, 0));
}

static void without_seccomp(void *unused)
{
	(void)unused;
	under_filter(SYS_seccomp, SECCOMP_RET_ERRNO | ENOSYS);
}

static void with_lying_seccomp(void *unused)
{
	(void)unused;
	under_filter(SYS_seccomp, SECCOMP_RET_ERRNO);
}

static void with_no_filters(void *unused)
{
	(void)unused;
	under_filter(SYS_seccomp, SECCOMP_RET_ERRNO | EINVAL);
}

static void with_lying_prctl(void *unused)
{
	(void)unused;
	under_filter(SYS_prctl, SECCOMP_RET_ERRNO);
}

static void forbidden_seccomp(void *unused)
{
	(void)unused;
	under_filter(SYS_seccomp, SECCOMP_RET_ERRNO | EPERM);
}

static const struct {
	const char *name;
	void (*run)(void *unused);
	int error;
	const char *sentence;
} failures[] = {
	{ "a second listener", second_listener, EBUSY, "has a listener" },
	{ "no descriptor left", no_descriptor, EMFILE, "no file descriptor" },
	{ "an unknown flag", unknown_flag, EOPNOTSUPP, "not with these flags" },
	{ "flags that don't go together", flags_that_clash, EOPNOTSUPP, "flags together" },
	{ "no privilege", no_privilege, EACCES, "CAP_SYS_ADMIN" },
	{ "too many instructions in all", too_long_together, ENOMEM, "too long together" },
	{ "a kernel without seccomp(2)", without_seccomp, ENOSYS, "no seccomp here" },
	{ "a kernel without filters", with_no_filters, ENOSYS, "no seccomp here" },
	{ "a filter that answers seccomp(2) with 0", with_lying_seccomp, ENOSYS,
	  "answers in its place" },
	{ "a filter that answers prctl(2) with 0", with_lying_prctl, EACCES, "could not be set" },
	{ "a filter that forbids seccomp(2)", forbidden_seccomp, EPERM, "not permitted" },
};

static void test_installing(void)
{
	*report = (struct report){ .values = { -1 } };
	ok(child_finished(child_run(installs, NULL)) && report->values[0] == 0 &&
		   report->values[1] == 77,
	   "an installed filter answers");
	ok(report->values[2] == 1 && report->values[3] == SECCOMP_MODE_FILTER,
	   "... and no_new_privs is set");
	*report = (struct report){ .values = { -1 } };
	child_run(installs_with_listener, NULL);
	ok(report->values[0] >= 0 && report->values[1] == ENOSYS,
	   "with NEW_LISTENER the descriptor comes back, without which notify is ENOSYS");
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		*report = (struct report){ .values = { 1 } };
		child_run(failures[i].run, NULL);
		ok(report->values[0] == -failures[i].error && report->values[1] == 1 &&
			   strstr(report->text, failures[i].sentence),
		   "%s is %d: %s", failures[i].name, failures[i].error, report->text);
	}
}

/* ---- threads ---- */

struct other {
	pthread_barrier_t barrier;
	bool has_filter;
	long tid;
};

static void *other_thread(void *arg)
{
	struct other *other = arg;

	STRAIT_STATIC(f, 16);

	answer_one(&f, SYS_getpgid, SECCOMP_RET_ERRNO | 78);
	other->tid = syscall(SYS_gettid);
	if (other->has_filter && strait_static_install(&f, 0) != 0)
		child_end();
	pthread_barrier_wait(&other->barrier);
	pthread_barrier_wait(&other->barrier);
	report->values[1] = syscall(SYS_getppid) < 0 ? errno : 0;
	return NULL;
}

static void synchronizes(void *arg)
{
	struct other other = { .has_filter = *(bool *)arg };
	pthread_t thread;

	STRAIT_STATIC(f, 16);

	pthread_barrier_init(&other.barrier, NULL, 2);
	if (pthread_create(&thread, NULL, other_thread, &other))
		child_end();
	pthread_barrier_wait(&other.barrier);
	answer_one(&f, SYS_getppid, SECCOMP_RET_ERRNO | 77);
	keep(&f, strait_static_install(&f, SECCOMP_FILTER_FLAG_TSYNC));
	report->values[2] = f.thread == other.tid;
	pthread_barrier_wait(&other.barrier);
	pthread_join(thread, NULL);
	report->values[3] = 1;
}

static void test_threads(void)
{
	bool has_filter = false;

	*report = (struct report){ .values = { -1 } };
	child_run(synchronizes, &has_filter);
	ok(report->values[0] == 0 && report->values[1] == 77 && report->values[3],
	   "TSYNC puts the other thread under the filter");
	has_filter = true;
	*report = (struct report){ .values = { -1 } };
	child_run(synchronizes, &has_filter);
	ok(report->values[0] == -ESRCH && report->values[2] == 1 && report->values[3] &&
		   strstr(report->text, "thread "),
	   "a thread that can't be synchronized is told: %s", report->text);
	ok(report->values[1] == 0, "... and stays without the filter");
}

/* ---- the actions that end ---- */

static void killed(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	answer_one(&f, SYS_getppid, SECCOMP_RET_KILL_PROCESS);
	if (strait_static_install(&f, 0) == 0)
		syscall(SYS_getppid);
}

#ifdef __x86_64__
static void killed_as_x32(void *unused)
{
	STRAIT_STATIC(f, 16);

	(void)unused;
	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	if (strait_static_install(&f, 0) == 0)
		syscall(SYS_getppid | 0x40000000);
}
#endif

static void test_killed(void)
{
	int status = child_run(killed, NULL);

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "a call that kills ends the process");
#ifdef __x86_64__
	status = child_run(killed_as_x32, NULL);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "a call of x32 is foreign");
#endif
}

int main(void)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == 0 || errno != EFAULT ||
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		skip("this process can't be put under filters of its own");
		return done();
	}
	report = child_shared(sizeof(*report));
	test_conditions();
	test_installing();
	test_threads();
	test_killed();
	return done();
}
