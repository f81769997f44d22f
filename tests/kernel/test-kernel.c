/* SPDX-License-Identifier: BSD-2-Clause */
/* Installing in forked children: what succeeds, every errno that can be caused, and its sentence.
 */
#include "kernel/kernel.h"

#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "live/child.h"
#include "tap.h"

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter allow[] = { ALLOW };

/* Answers one system call with an errno and allows the others. */
static int answer(int nr, unsigned error)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		ALLOW,
	};

	return kernel_install(insns, ARRAY_LEN(insns), 0, NULL);
}

/* ---- what a child tells ---- */

struct report {
	long values[4];
	char text[512];
};

static struct report *report;

static void keep_text(struct buf *b)
{
	snprintf(report->text, sizeof(report->text), "%s", b->data ? b->data : "");
	buf_deinit(b);
}

/* ---- failures ---- */

static struct sock_filter many[BPF_MAXINSNS + 1];

static bool prepare_nothing(void)
{
	return true;
}

static bool prepare_nobody(void)
{
	return geteuid() == 0 && syscall(SYS_setresuid, 65534, 65534, 65534) == 0;
}

static bool prepare_listener(void)
{
	return kernel_install(allow, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL) >= 0;
}

static bool prepare_no_fd(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

static bool prepare_answered_0(void)
{
	return answer(SYS_seccomp, 0) == 0;
}

static bool prepare_answered_eperm(void)
{
	return answer(SYS_seccomp, EPERM) == 0;
}

static bool prepare_answered_einval(void)
{
	return answer(SYS_seccomp, EINVAL) == 0;
}

static bool prepare_answered_eacces(void)
{
	return answer(SYS_seccomp, EACCES) == 0;
}

static bool prepare_full_chain(void)
{
	int ret = 0;

	for (int i = 0; i < 10 && ret == 0; i++)
		ret = kernel_install(many, BPF_MAXINSNS, 0, NULL);
	return ret == -ENOMEM;
}

static const struct {
	const char *name;
	bool (*prepare)(void);
	const struct sock_filter *insns;
	size_t len;
	unsigned flags;
	int error;
	const char *sentence;
} failures[] = {
	{ "an empty program", prepare_nothing, allow, 0, 0, EINVAL, "verifier refuses" },
	{ "4097 instructions", prepare_nothing, many, 4097, 0, EINVAL, "verifier refuses" },
	{ "a length that would wrap to 1", prepare_nothing, allow, 65537, 0, EINVAL,
	  "verifier refuses" },
	{ "a program without return", prepare_nothing, many, 4095, 0, EINVAL, "verifier refuses" },
	{ "a program that can't be read", prepare_nothing, (const struct sock_filter *)8, 1, 0,
	  EFAULT, "address can't be read" },
	{ "an unknown flag", prepare_nothing, allow, 1, 1u << 20 | SECCOMP_FILTER_FLAG_LOG, EINVAL,
	  "doesn't know the flags 0x100000 (EINVAL)" },
	{ "a listener and a tid", prepare_nothing, allow, 1,
	  SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, EINVAL,
	  "only with TSYNC_ESRCH" },
	{ "killable waits without a listener", prepare_nothing, allow, 1,
	  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, EINVAL, "WAIT_KILLABLE_RECV" },
	{ "a second listener", prepare_listener, allow, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, EBUSY,
	  "already has a listener" },
	{ "no fd for the listener", prepare_no_fd, allow, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	  EMFILE, "no file descriptor is free" },
	{ "a full chain", prepare_full_chain, many, 4096, 0, ENOMEM, "(7 filters are installed)" },
	{ "success that a filter invents", prepare_answered_0, allow, 1, 0, ENOSYS,
	  "answers seccomp(2) in the kernel's place" },
	{ "a filter's EPERM", prepare_answered_eperm, allow, 1, 0, EPERM,
	  "answers seccomp(2) in the kernel's place" },
	{ "a filter's EINVAL", prepare_answered_einval, allow, 1, 0, EINVAL,
	  "answers seccomp(2) in the kernel's place" },
	{ "a filter's EACCES", prepare_answered_eacces, allow, 1, 0, EACCES,
	  "answers seccomp(2) in the kernel's place" },
};

static void fail_install(void *arg)
{
	size_t i = *(size_t *)arg;
	struct buf text = { 0 };

	if (kernel_set_no_new_privs() || !failures[i].prepare())
		child_end();
	report->values[0] =
		kernel_install(failures[i].insns, failures[i].len, failures[i].flags, NULL);
	kernel_explain(KERNEL_FILTER, (int)report->values[0], failures[i].flags, &text);
	keep_text(&text);
}

static void test_failures(void)
{
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		*report = (struct report){ 0 };
		if (!child_finished(child_run(fail_install, &i))) {
			ok(false, "%s: the child ends by itself", failures[i].name);
			continue;
		}
		ok(report->values[0] == -failures[i].error, "%s is %s (got %ld)", failures[i].name,
		   strerrorname_np(failures[i].error), report->values[0]);
		ok(strstr(report->text, failures[i].sentence), "... said as: %s", report->text);
	}
}

static void lack_privilege(void *unused)
{
	struct buf text = { 0 };

	(void)unused;
	if (!prepare_nobody())
		child_end();
	report->values[0] = kernel_install(allow, 1, 0, NULL);
	kernel_explain(KERNEL_FILTER, (int)report->values[0], 0, &text);
	keep_text(&text);
	report->values[1] = kernel_set_no_new_privs();
	report->values[2] = kernel_install(allow, 1, 0, NULL);
}

static void test_privilege(void)
{
	if (geteuid() != 0) {
		skip("dropping privileges needs root");
		return;
	}
	*report = (struct report){ 0 };
	ok(child_finished(child_run(lack_privilege, NULL)) && report->values[0] == -EACCES,
	   "neither no_new_privs nor CAP_SYS_ADMIN is EACCES");
	ok(strstr(report->text, "neither is no_new_privs set"), "... said as: %s", report->text);
	ok(report->values[1] == 0 && report->values[2] == 0, "no_new_privs is enough");
}

/* ---- threads ---- */

struct threads {
	pthread_barrier_t barrier;
	bool diverges;
	int tid;
	long answer;
};

static void *other_thread(void *arg)
{
	struct threads *t = arg;

	t->tid = (int)syscall(SYS_gettid);
	if (t->diverges && kernel_install(allow, 1, 0, NULL))
		child_end();
	pthread_barrier_wait(&t->barrier);
	pthread_barrier_wait(&t->barrier);
	t->answer = syscall(SYS_getppid) < 0 ? errno : 0;
	return NULL;
}

static void synchronize(void *arg)
{
	static const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
		ALLOW,
	};
	unsigned flags = *(unsigned *)arg;
	struct threads t = { .diverges = flags & 1u << 31 };
	struct buf text = { 0 };
	pthread_t thread = 0;
	int tid = 0;

	flags &= ~(1u << 31);
	pthread_barrier_init(&t.barrier, NULL, 2);
	if (kernel_set_no_new_privs() || pthread_create(&thread, NULL, other_thread, &t))
		child_end();
	pthread_barrier_wait(&t.barrier);
	report->values[0] = kernel_install(insns, ARRAY_LEN(insns), flags, &tid);
	report->values[1] = tid && tid == t.tid;
	pthread_barrier_wait(&t.barrier);
	pthread_join(thread, NULL);
	report->values[2] = t.answer;
	report->values[3] = 1;
	kernel_explain(KERNEL_FILTER, (int)report->values[0], flags, &text);
	keep_text(&text);
}

static void test_threads(void)
{
	unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;

	*report = (struct report){ 0 };
	child_run(synchronize, &flags);
	ok(report->values[3] && report->values[0] == 0 && report->values[2] == 77,
	   "TSYNC puts the other thread under the filter");
	flags |= 1u << 31;
	*report = (struct report){ 0 };
	child_run(synchronize, &flags);
	ok(report->values[3] && report->values[0] == -ESRCH && report->values[1] == 1,
	   "TSYNC names the thread that can't be synchronized");
	ok(strstr(report->text, "another thread has a filter"), "... said as: %s", report->text);
	ok(report->values[2] == 0, "... which stays without the filter");
	flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	*report = (struct report){ 0 };
	child_run(synchronize, &flags);
	ok(report->values[3] && report->values[0] == -ESRCH && report->values[1] == 0,
	   "with TSYNC_ESRCH no thread is named");
}

/* ---- no_new_privs and strict mode ---- */

static void invent_no_new_privs(void *unused)
{
	struct buf text = { 0 };

	(void)unused;
	if (kernel_set_no_new_privs() || answer(SYS_prctl, 0))
		child_end();
	report->values[0] = kernel_set_no_new_privs();
	kernel_explain(KERNEL_NO_NEW_PRIVS, (int)report->values[0], 0, &text);
	keep_text(&text);
}

static void strict_after_filter(void *unused)
{
	struct buf text = { 0 };

	(void)unused;
	if (kernel_set_no_new_privs() || kernel_install(allow, 1, 0, NULL))
		child_end();
	report->values[0] = kernel_strict();
	kernel_explain(KERNEL_STRICT, (int)report->values[0], 0, &text);
	keep_text(&text);
}

static void invent_strict(void *unused)
{
	struct buf text = { 0 };

	(void)unused;
	if (kernel_set_no_new_privs() || answer(SYS_seccomp, 0))
		child_end();
	report->values[0] = kernel_strict();
	kernel_explain(KERNEL_STRICT, (int)report->values[0], 0, &text);
	keep_text(&text);
}

static void go_strict(void *unused)
{
	(void)unused;
	report->values[0] = kernel_strict();
	report->values[1] = 1;
	syscall(SYS_getppid);
	report->values[1] = 2;
}

static void test_modes(void)
{
	int status;

	*report = (struct report){ 0 };
	ok(child_finished(child_run(invent_no_new_privs, NULL)) && report->values[0] == -ENOSYS,
	   "no_new_privs that a filter invents is ENOSYS");
	ok(strstr(report->text, "answers prctl(2)"), "... said as: %s", report->text);
	ok(child_finished(child_run(strict_after_filter, NULL)) && report->values[0] == -EINVAL,
	   "strict mode after a filter is EINVAL");
	ok(strstr(report->text, "already has a filter"), "... said as: %s", report->text);
	ok(child_finished(child_run(invent_strict, NULL)) && report->values[0] == -ENOSYS,
	   "strict mode that a filter invents is ENOSYS");
	ok(strstr(report->text, "answers seccomp(2)"), "... said as: %s", report->text);
	*report = (struct report){ 0 };
	status = child_run(go_strict, NULL);
	ok(report->values[0] == 0 && report->values[1] == 1 && WIFSIGNALED(status) &&
		   WTERMSIG(status) == SIGKILL,
	   "strict mode kills at the first forbidden call");
}

/* ---- the chain's limit ---- */

static void stack_allows(void *unused)
{
	(void)unused;
	if (kernel_set_no_new_privs())
		child_end();
	while ((report->values[1] = kernel_install(allow, 1, 0, NULL)) == 0)
		report->values[0]++;
	report->values[2] = 1;
}

static void test_chain(void)
{
	*report = (struct report){ 0 };
	child_run(stack_allows, NULL);
	ok(report->values[2] && report->values[0] == 3641 && report->values[1] == -ENOMEM,
	   "ret allow stacks 3641 times, then ENOMEM (got %ld, %ld)", report->values[0],
	   report->values[1]);
}

/* ---- the probe ---- */

static const struct {
	uint32_t action;
	const char *name; /* in /proc/sys/kernel/seccomp/actions_avail */
} action_names[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill_process" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "user_notif" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

static bool probe_has(const struct kernel_probe *p, uint32_t action)
{
	for (unsigned i = 0; i < KERNEL_ACTIONS; i++)
		if (kernel_actions[i] == action)
			return p->actions >> i & 1;
	return false;
}

static bool list_has(char *list, const char *name)
{
	AUTO(free) char *copy = strdup(list);
	char *save = NULL;

	for (char *word = strtok_r(copy, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		if (strcmp(word, name) == 0)
			return true;
	return false;
}

static void test_probe_actions(const struct kernel_probe *p)
{
	FILE *file = fopen("/proc/sys/kernel/seccomp/actions_avail", "re");
	char list[256];

	if (!file || !fgets(list, sizeof(list), file)) {
		skip("this kernel doesn't list its actions");
	} else {
		for (size_t i = 0; i < ARRAY_LEN(action_names); i++)
			ok(probe_has(p, action_names[i].action) ==
				   list_has(list, action_names[i].name),
			   "the probe and the kernel's list agree on %s", action_names[i].name);
	}
	if (file)
		fclose(file);
}

static void use_flag(void *arg)
{
	unsigned flags = *(unsigned *)arg;

	if (kernel_set_no_new_privs())
		child_end();
	if (flags == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	report->values[0] = kernel_install(allow, 1, flags, NULL);
	report->values[1] = fcntl((int)report->values[0], F_GETFD);
}

static void test_probe_flags(const struct kernel_probe *p)
{
	const unsigned listeners =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

	for (unsigned flag = 1; flag <= 1u << 7; flag <<= 1) {
		bool works;

		*report = (struct report){ .values = { -1 } };
		child_run(use_flag, &flag);
		works = flag & listeners ? report->values[1] == FD_CLOEXEC : report->values[0] == 0;
		ok(works == ((p->flags & flag) != 0), "flag 0x%x %s, as the probe says", flag,
		   works ? "works" : "doesn't work");
	}
}

static void probe_stack(void *arg)
{
	struct kernel_probe *p = arg;

	if (kernel_set_no_new_privs() || kernel_install(allow, 1, 0, NULL) ||
	    kernel_install(allow, 1, 0, NULL))
		child_end();
	kernel_probe(p);
}

static bool probes_equal(const struct kernel_probe *a, const struct kernel_probe *b)
{
	return a->filter == b->filter && a->strict == b->strict && a->actions == b->actions &&
	       a->flags == b->flags && a->filters == b->filters && a->mode == b->mode &&
	       a->no_new_privs == b->no_new_privs && a->jit == b->jit;
}

static void test_probe(const struct kernel_probe *p)
{
	struct kernel_probe *inner = child_shared(sizeof(*inner));
	struct kernel_probe again;
	int before = dup(0);
	int after;

	close(before);
	kernel_probe(&again);
	after = dup(0);
	close(after);
	ok(probes_equal(p, &again) && before == after, "probing changes nothing");
	ok(p->release[0], "the kernel has a release: %s", p->release);
	ok(p->notif_sizes[0] == 0 ||
		   (p->notif_sizes[0] >= 80 && p->notif_sizes[1] >= 24 && p->notif_sizes[2] >= 64),
	   "notifications are at least as large as in Linux 5.0");
	child_run(probe_stack, inner);
	ok(inner->mode == SECCOMP_MODE_FILTER && inner->no_new_privs &&
		   (inner->filters == 0 || inner->filters == p->filters + 2),
	   "under two filters the probe sees them");
	ok(inner->flags == p->flags && inner->actions == p->actions,
	   "... and the same kernel as before");
}

int main(void)
{
	struct kernel_probe probe;

	kernel_probe(&probe);
	if (!probe.filter || probe.mode != SECCOMP_MODE_DISABLED) {
		skip("this process can't be put under filters of its own");
		return done();
	}
	report = child_shared(sizeof(*report));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	many[BPF_MAXINSNS - 1] = (struct sock_filter)ALLOW;
	test_failures();
	test_privilege();
	test_threads();
	test_modes();
	test_chain();
	test_probe_actions(&probe);
	test_probe_flags(&probe);
	test_probe(&probe);
	return done();
}
