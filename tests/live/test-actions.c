/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel does with a call under each stack of actions, seen from outside, compared with
 * engine_decide(): every single action, every pair, and triples; alone, under a tracer, and with a
 * listener on one of the filters.
 *
 * The call is made in a second thread, which tells a killed thread from a killed process.
 */
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>

#include "engine/engine.h"
#include "kernel/kernel.h"
#include "live/call.h"
#include "live/child.h"
#include "tap.h"

#define FILTERS_MAX 3
#define NO_LISTENER FILTERS_MAX

struct setting {
	uint32_t rets[FILTERS_MAX]; /* what each filter answers to getppid, the oldest first */
	size_t len;
	size_t listener; /* the filter that has one, or NO_LISTENER */
	bool traced;
};

/* What was seen; shared with the child. */
struct seen {
	bool ready, returned, trapped, notified, stopped, finished;
	bool trap_details; /* all of siginfo but the data was right */
	unsigned data;
	long value;
};

static struct seen *seen;

static const uint64_t no_args[6];

/* ---- in the child ---- */

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen->trap_details = signal == SIGSYS && info->si_code == 1 /* SYS_SECCOMP */ &&
			     info->si_syscall == SYS_getppid &&
			     (!CALL_IP_IS_KNOWN || (uintptr_t)info->si_call_addr == call_ip());
#ifdef CALL_AUDIT_ARCH
	seen->trap_details &= info->si_arch == CALL_AUDIT_ARCH;
#endif
	seen->data = (unsigned)info->si_errno;
	seen->trapped = true;
}

static int install(uint32_t ret, unsigned flags)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ret),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return kernel_install(insns, ARRAY_LEN(insns), flags, NULL);
}

static void *call_thread(void *unused)
{
	(void)unused;
	seen->value = call_raw(SYS_getppid, no_args);
	seen->returned = true;
	return NULL;
}

/* Answers one notification with ENOTUNIQ, should there be one before the thread is gone. */
static void supervise(int listener, pthread_t thread)
{
	struct pollfd fd = { .fd = listener, .events = POLLIN };
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp response = { .error = -ENOTUNIQ };

	while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
		if (poll(&fd, 1, 1) != 1 || !(fd.revents & POLLIN))
			continue;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
			continue;
		seen->notified = request.data.nr == SYS_getppid;
		response.id = request.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

static void call_under(void *arg)
{
	const struct setting *s = arg;
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	int listener = -1;
	pthread_t thread;

	if (sigaction(SIGSYS, &action, NULL) || kernel_set_no_new_privs())
		return;
	for (size_t i = 0; i < s->len; i++) {
		bool listens = i == s->listener;
		int ret = install(s->rets[i], listens ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);

		if (ret < 0)
			return;
		if (listens)
			listener = ret;
	}
	seen->ready = true;
	if (pthread_create(&thread, NULL, call_thread, NULL))
		return;
	if (listener >= 0)
		supervise(listener, thread);
	else
		pthread_join(thread, NULL);
	seen->finished = true;
}

/* ---- in the parent ---- */

static void on_stop(pid_t tid, int status)
{
	int event = status >> 16;
	unsigned long message = 0;

	if (event == PTRACE_EVENT_SECCOMP) {
		ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message);
		seen->stopped = true;
		seen->data = (unsigned)message;
	}
	ptrace(PTRACE_CONT, tid, NULL, event ? NULL : (void *)(long)WSTOPSIG(status));
}

/* As child_run(), under a tracer. -1: tracing isn't possible here. */
static int traced_run(void (*run)(void *arg), void *arg)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int gate[2];
	int status;
	pid_t pid, tid;

	if (pipe(gate) || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		char c;

		child_settle();
		if (read(gate[0], &c, 1) == 1)
			run(arg);
		child_end();
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	if (pid > 0 && write(gate[1], "", 1) != 1)
		kill(pid, SIGKILL);
	close(gate[0]);
	close(gate[1]);
	while (pid > 0 && (tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			on_stop(tid, status);
		else if (tid == pid)
			return status;
	}
	return -1;
}

static enum engine_outcome seen_outcome(int status, int *error)
{
	*error = 0;
	if (seen->stopped)
		return ENGINE_TRACED;
	if (seen->notified)
		return ENGINE_NOTIFIES;
	if (seen->trapped)
		return ENGINE_TRAPS;
	if (seen->finished && !seen->returned)
		return ENGINE_KILLS_THREAD;
	if (!seen->finished && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return ENGINE_KILLS_PROCESS;
	*error = (int)-seen->value;
	return seen->value == getpid() ? ENGINE_RUNS : ENGINE_FAILS;
}

static struct engine_verdict predict(const struct setting *s)
{
	struct sock_filter insns[FILTERS_MAX];
	struct cbpf_prog progs[FILTERS_MAX];
	const struct cbpf_prog *stack[FILTERS_MAX];
	struct seccomp_data data = call_data(SYS_getppid, no_args);
	struct engine_verdict verdict;
	unsigned surroundings = s->traced ? ENGINE_TRACER : 0;

	for (size_t i = 0; i < s->len; i++) {
		insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, s->rets[i]);
		progs[i] = (struct cbpf_prog){ .insns = &insns[i], .len = 1 };
		stack[i] = &progs[i];
	}
	verdict = engine_decide(stack, s->len, &data, CBPF_HOST_ORDER,
				surroundings | ENGINE_LISTENER);
	if (verdict.outcome == ENGINE_NOTIFIES && verdict.filter != s->listener)
		verdict = engine_decide(stack, s->len, &data, CBPF_HOST_ORDER, surroundings);
	/* From outside a logged call looks as one that isn't. */
	if (verdict.outcome == ENGINE_RUNS_LOGGED)
		verdict.outcome = ENGINE_RUNS;
	return verdict;
}

enum agreement { AGREES, DISAGREES, NOT_HERE };

/* Whether the kernel and the engine agree; a disagreement is printed. */
static enum agreement compare(struct setting *s)
{
	struct engine_verdict verdict = predict(s);
	enum engine_outcome outcome;
	int error, status;
	bool agrees;

	*seen = (struct seen){ 0 };
	status = s->traced ? traced_run(call_under, s) : child_run(call_under, s);
	if (status == -1 || !seen->ready)
		return NOT_HERE;
	outcome = seen_outcome(status, &error);
	agrees = outcome == verdict.outcome;
	if (outcome == ENGINE_FAILS)
		agrees &= error == verdict.errno_value;
	if (outcome == ENGINE_TRAPS || outcome == ENGINE_TRACED)
		agrees &= seen->data == verdict.data;
	if (outcome == ENGINE_TRAPS)
		agrees &= seen->trap_details;
	if (!agrees)
		note("stack 0x%08x 0x%08x 0x%08x (%zu), listener %zu, %s: kernel %d/%d/%u, engine "
		     "%d/%d/%u",
		     s->rets[0], s->rets[1], s->rets[2], s->len, s->listener,
		     s->traced ? "traced" : "free", outcome, error, seen->data, verdict.outcome,
		     verdict.errno_value, verdict.data);
	return agrees ? AGREES : DISAGREES;
}

/* ---- what is compared ---- */

static const uint32_t actions[] = {
	SECCOMP_RET_KILL_PROCESS | 3,
	0x80010000,
	SECCOMP_RET_KILL_THREAD | 5,
	0x00010000,
	SECCOMP_RET_TRAP | 65535,
	SECCOMP_RET_TRAP,
	SECCOMP_RET_ERRNO,
	SECCOMP_RET_ERRNO | 1,
	SECCOMP_RET_ERRNO | 4095,
	SECCOMP_RET_ERRNO | 4096,
	SECCOMP_RET_USER_NOTIF | 8,
	SECCOMP_RET_TRACE | 40000,
	SECCOMP_RET_LOG | 2,
	0x7ffe0000,
	SECCOMP_RET_ALLOW | 9,
	SECCOMP_RET_ALLOW,
};

#define ACTIONS ARRAY_LEN(actions)

struct tally {
	size_t counts[3]; /* by enum agreement */
};

static void compare_listeners(struct setting s, struct tally *tally)
{
	for (s.listener = 0; s.listener <= s.len; s.listener++) {
		struct setting each = s;

		if (s.listener == s.len)
			each.listener = NO_LISTENER;
		tally->counts[compare(&each)]++;
	}
}

static void report(const struct tally *tally, const char *sentence)
{
	if (tally->counts[NOT_HERE] && !tally->counts[AGREES] && !tally->counts[DISAGREES]) {
		skip("%s: not possible here", sentence);
		return;
	}
	ok(!tally->counts[DISAGREES] && !tally->counts[NOT_HERE], "%s (%zu comparisons)", sentence,
	   tally->counts[AGREES]);
}

static void test_stacks(bool traced)
{
	struct tally singles = { 0 }, pairs = { 0 }, triples = { 0 };

	for (size_t i = 0; i < ACTIONS; i++)
		compare_listeners((struct setting){ { actions[i] }, 1, 0, traced }, &singles);
	report(&singles, traced ? "each action under a tracer" : "each action");
	for (size_t i = 0; i < ACTIONS * ACTIONS; i++)
		compare_listeners(
			(struct setting){
				{ actions[i % ACTIONS], actions[i / ACTIONS] }, 2, 0, traced },
			&pairs);
	report(&pairs, traced ? "each pair of actions under a tracer" : "each pair of actions");
	/* A stride coprime to their number samples all positions. */
	for (size_t i = 0; i < ACTIONS * ACTIONS * ACTIONS; i += 37)
		compare_listeners(
			(struct setting){ { actions[i % ACTIONS], actions[i / ACTIONS % ACTIONS],
					    actions[i / ACTIONS / ACTIONS] },
					  3,
					  0,
					  traced },
			&triples);
	report(&triples, traced ? "triples of actions under a tracer" : "triples of actions");
}

/* ---- ways to die ---- */

enum manner { NO_HANDLER, IGNORED, BLOCKED };

struct death {
	uint32_t ret;
	enum manner manner;
};

static void die(void *arg)
{
	const struct death *d = arg;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	if (d->manner == IGNORED)
		signal(SIGSYS, SIG_IGN);
	if (d->manner == BLOCKED)
		sigprocmask(SIG_BLOCK, &set, NULL);
	if (kernel_set_no_new_privs() || install(d->ret, 0))
		return;
	call_raw(SYS_getppid, no_args);
}

static void test_deaths(void)
{
	static const struct {
		const char *name;
		struct death death;
	} rows[] = {
		{ "trap without a handler dies of SIGSYS", { SECCOMP_RET_TRAP, NO_HANDLER } },
		{ "trap with SIGSYS ignored dies of it", { SECCOMP_RET_TRAP, IGNORED } },
		{ "trap with SIGSYS blocked dies of it", { SECCOMP_RET_TRAP, BLOCKED } },
		{ "kill_process dies of SIGSYS though ignored",
		  { SECCOMP_RET_KILL_PROCESS, IGNORED } },
		{ "kill_thread of the only thread dies of SIGSYS",
		  { SECCOMP_RET_KILL_THREAD, NO_HANDLER } },
		{ "kill_thread of the only thread dies though blocked",
		  { SECCOMP_RET_KILL_THREAD, BLOCKED } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct death death = rows[i].death;
		int status = child_run(die, &death);

		ok(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s",
		   rows[i].name);
	}
}

static void close_listener(void *unused)
{
	struct pollfd fd = { .events = POLLIN };
	pthread_t thread;

	(void)unused;
	if (kernel_set_no_new_privs())
		return;
	fd.fd = install(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (fd.fd < 0 || pthread_create(&thread, NULL, call_thread, NULL))
		return;
	seen->ready = poll(&fd, 1, 10000) == 1;
	close(fd.fd);
	pthread_join(thread, NULL);
	seen->finished = true;
}

static void test_closed_listener(void)
{
	*seen = (struct seen){ 0 };
	child_run(close_listener, NULL);
	ok(seen->ready && seen->finished && seen->value == -ENOSYS,
	   "a listener that is closed while the call waits makes it ENOSYS");
}

int main(void)
{
	struct kernel_probe probe;

	kernel_probe(&probe);
	if (!probe.filter || probe.mode != SECCOMP_MODE_DISABLED ||
	    probe.actions != (1u << KERNEL_ACTIONS) - 1) {
		skip("this kernel doesn't have all actions, or there is a filter already");
		return done();
	}
	seen = child_shared(sizeof(*seen));
	test_stacks(false);
	test_stacks(true);
	test_deaths();
	test_closed_listener();
	return done();
}
