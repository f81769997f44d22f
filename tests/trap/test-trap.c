/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped calls on the running kernel: what the handler sees, what the program sees after it, and
 * how a process ends whose trap nobody answers. Each case is a child; it tells what it saw in
 * shared memory.
 */
#include "trap/trap.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "live/call.h"
#include "live/child.h"
#include "tap.h"
#include "trap/filter.h"

/* man/strait-trap.3.scd, BUGS */
#if defined(__s390x__)
#define FIRST_IS_LOST 1
#else
#define FIRST_IS_LOST 0
#endif

static struct seen {
	bool ready, returned, trapped;
	int traps, others, depth;
	struct seccomp_data what;
	unsigned data;
	int64_t value;
	bool right;
} * seen;

static int64_t answer_value;

/* ---- handlers ---- */

static bool answer(struct trap_call *call, const struct trap_handler *handler)
{
	(void)handler;
	seen->trapped = true;
	seen->traps++;
	seen->what = call->what;
	seen->data = call->data;
	call->result = answer_value;
	return true;
}

static bool decline(struct trap_call *call, const struct trap_handler *handler)
{
	(void)call, (void)handler;
	seen->trapped = true;
	seen->traps++;
	return false;
}

static int install_handler(trap_fn *fn, bool nodefer)
{
	const struct trap_handler handler = { .fn = fn, .nodefer = nodefer };

	return trap_install(&handler);
}

static int64_t getppid_raw(void)
{
	return call_raw(SYS_getppid, (uint64_t[6]){ 0 });
}

/* ---- what is seen, and what comes back ---- */

struct call {
	const char *name;
	uint64_t nr;
	uint64_t args[6];
	unsigned data;
	int64_t answer;
};

static const struct call calls[] = {
	{ "getppid", SYS_getppid, { 1, 2, 3, 4, 5, 6 }, 0, 0 },
	{ "an unknown number", 12345, { 0 }, 1, 42 },
	{ "every argument's whole register",
	  1000,
	  { UINT64_MAX, 0x8000000000000000, 0xfedcba9876543210, 0xffffffff, 0x100000000,
	    0x80000000 },
	  0xffff,
	  -1 },
	{ "a first argument like an interrupted call's result", 1001, { (uint64_t)-4 }, 7, -EINTR },
#if !defined(__s390x__) /* whose numbers have 16 bits */
	{ "the largest number", 0x7fffffff, { 0 }, 9, -4095 },
	{ "a negative number", 0x80000000, { 9 }, 9, 1 },
	{ "-1 for a number", 0xffffffff, { 8 }, 9, 77 },
	{ "-2 for a number", 0xfffffffe, { 8 }, 9, 78 },
#endif
#if __SIZEOF_LONG__ == 8
	{ "a number with a dirty upper half", 0xdead0000000003e9, { 8 }, 9, 78 },
	{ "a large result", 1002, { 0 }, 9, INT64_MAX },
	{ "the largest error", 1002, { 0 }, 9, -4096 },
#endif
#if defined(__x86_64__)
	{ "an x32 number", 0x40000000, { 1, 2, 3 }, 3, -ENOSYS },
	{ "an x32 number of its own", 0x40000207, { 1, 2, 3 }, 3, 5 },
#endif
};

static void make_call(void *arg)
{
	const struct call *c = arg;

	answer_value = c->answer;
	if (install_handler(answer, false) || !filter_some(c->data))
		return;
	seen->ready = true;
	seen->value = call_raw(c->nr, c->args);
	seen->returned = true;
}

static void test_calls(void)
{
	for (size_t i = 0; i < LEN(calls); i++) {
		const struct call *c = &calls[i];
		struct seccomp_data wanted = call_data(c->nr, c->args);
		int status;

		memset(seen, 0, sizeof(*seen));
		status = child_run(make_call, (void *)(uintptr_t)c);
		ok(child_finished(status) && seen->traps == 1 && seen->data == c->data,
		   "%s: trapped once, with its data", c->name);
		if (!wanted.instruction_pointer)
			wanted.instruction_pointer = seen->what.instruction_pointer;
		if (FIRST_IS_LOST)
			wanted.args[0] = seen->what.args[0] = 0;
		ok(memcmp(&seen->what, &wanted, sizeof(wanted)) == 0,
		   "%s: number, ABI, address and arguments are those that the filter saw", c->name);
		ok(seen->returned && seen->value == (long)c->answer, "%s: the answer is the result",
		   c->name);
	}
}

#if defined(__x86_64__)

/* int $0x80 with six arguments: rbp is the sixth, so it is saved, below the red zone. */
static long call_i386(uint32_t nr, const uint64_t args[6])
{
	register const uint64_t *r8 __asm__("r8") = args;
	long result;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpush %%rbp\n\t"
			 "mov 0(%%r8), %%rbx\n\tmov 8(%%r8), %%rcx\n\tmov 16(%%r8), %%rdx\n\t"
			 "mov 24(%%r8), %%rsi\n\tmov 32(%%r8), %%rdi\n\tmov 40(%%r8), %%rbp\n\t"
			 "int $0x80\n\tpop %%rbp\n\tlea 128(%%rsp), %%rsp"
			 : "=a"(result), "+r"(r8)
			 : "0"((uint64_t)nr)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r9", "r10", "r11", "memory");
	return result;
}

static const uint64_t i386_args[6] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 };

static void make_i386_call(void *arg)
{
	answer_value = *(int *)arg;
	if (install_handler(answer, false) || !filter_some(5))
		return;
	seen->ready = true;
	seen->value = call_i386(NR_I386_GETPPID, i386_args);
	seen->returned = true;
}

static void i386_declined(void *unused)
{
	(void)unused;
	if (install_handler(decline, false) || !filter_some(5))
		return;
	seen->ready = true;
	call_i386(NR_I386_GETPPID, i386_args);
	seen->returned = true;
}

static void test_i386_entry(void)
{
	int value = -EBADF, status;

	if (call_i386(20 /* getpid */, i386_args) != getpid()) {
		skip("no i386 calls on this kernel");
		return;
	}
	memset(seen, 0, sizeof(*seen));
	status = child_run(make_i386_call, &value);
	ok(child_finished(status) && seen->traps == 1 && seen->what.arch == AUDIT_ARCH_I386 &&
		   seen->what.nr == NR_I386_GETPPID && seen->data == 5,
	   "int $0x80: number, ABI and data");
	ok(memcmp(seen->what.args, i386_args, sizeof(i386_args)) == 0, "int $0x80: six arguments");
	ok(seen->returned && seen->value == -EBADF, "int $0x80: the answer is the result");
	memset(seen, 0, sizeof(*seen));
	status = child_run(i386_declined, NULL);
	ok(seen->traps == 1 && !seen->returned && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
	   "int $0x80: a call that nobody answers ends the process by SIGSYS");
}

#endif

/* ---- how it ends ---- */

#define TRAPPED (-1)

struct ending {
	const char *name;
	void (*run)(void);
	int signal; /* 0: the child came to its end; TRAPPED: by a trapping instruction before it */
	int traps;
};

static const int no_calls[1] = { -1 };

static void everything_trapped(void)
{
	seen->ready =
		!install_handler(decline, false) && filter_only(SECCOMP_RET_TRAP, no_calls, 0);
	getppid_raw();
}

static void nothing_but_errno(void)
{
	const struct sock_filter insns[] = { LOAD(nr), UNLESS(SYS_getppid, 1),
					     RET(SECCOMP_RET_TRAP),
					     RET(SECCOMP_RET_ERRNO | EPERM) };

	seen->ready = !install_handler(decline, false) && filter_install(insns, LEN(insns));
	getppid_raw();
}

/* It ends where it began even if the same call from another address would be executed. */
static void by_address(void)
{
	const struct sock_filter insns[] = { LOAD(nr),
					     UNLESS(SYS_getppid, 3),
					     LOAD(instruction_pointer),
					     UNLESS(call_ip(), 1),
					     RET(SECCOMP_RET_TRAP),
					     RET(SECCOMP_RET_ALLOW) };

	seen->ready = !install_handler(decline, false) &&
		      (!CALL_IP_IS_KNOWN || filter_install(insns, LEN(insns)));
	if (CALL_IP_IS_KNOWN)
		getppid_raw();
	else
		raise(SIGSYS);
}

static void all_but_the_call(void)
{
	seen->ready = !install_handler(decline, false) && filter_some(0);
	getppid_raw();
}

static void return_refused(void)
{
	seen->ready = !install_handler(answer, false) && filter_only(SECCOMP_RET_TRAP, no_calls, 0);
	getppid_raw();
}

static void blocked(void)
{
	sigset_t set;

	sigfillset(&set);
	seen->ready = !install_handler(answer, false) && filter_some(0) &&
		      !sigprocmask(SIG_BLOCK, &set, NULL);
	getppid_raw();
}

static void unblocked_by_install(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	seen->ready = !install_handler(answer, false) && filter_some(0);
	getppid_raw();
}

static bool calls_itself(struct trap_call *call, const struct trap_handler *handler)
{
	(void)handler;
	seen->traps++;
	call->result = 0;
	if (call->what.args[1])
		call->result =
			1 + call_raw(SYS_getppid, (uint64_t[6]){ 0, call->what.args[1] - 1 });
	return true;
}

static void nested_deferred(void)
{
	seen->ready = !install_handler(calls_itself, false) && filter_some(0);
	call_raw(SYS_getppid, (uint64_t[6]){ 0, 3 });
}

static void nested_nodefer(void)
{
	seen->ready = !install_handler(calls_itself, true) && filter_some(0);
	seen->right = call_raw(SYS_getppid, (uint64_t[6]){ 0, 20 }) == 20;
}

static void nodefer_declined(void)
{
	seen->ready = !install_handler(decline, true) && filter_some(0);
	getppid_raw();
}

/* A filter that traps rt_sigprocmask leaves a handler that runs unblocked no way to SIGSYS. */
static void nodefer_everything_trapped(void)
{
	seen->ready = !install_handler(decline, true) && filter_only(SECCOMP_RET_TRAP, no_calls, 0);
	getppid_raw();
}

static void nodefer_lied_to(void)
{
	seen->ready = !install_handler(decline, true) &&
		      filter_one(SYS_rt_sigprocmask, SECCOMP_RET_ERRNO) && filter_some(0);
	getppid_raw();
}

static struct sigaction ours;

static void foreign(int signal, siginfo_t *info, void *context)
{
	ours.sa_sigaction(signal, info, context);
}

/* A handler that unblocked SIGSYS and then calls ours: the second visit ends it. */
static void under_foreign_nodefer(void)
{
	const struct sigaction action = { .sa_sigaction = foreign,
					  .sa_flags = SA_SIGINFO | SA_NODEFER };

	seen->ready = !install_handler(decline, false) && !sigaction(SIGSYS, &action, &ours) &&
		      filter_some(0);
	getppid_raw();
}

static void sent(void)
{
	seen->ready = !install_handler(answer, false);
	raise(SIGSYS);
}

static void sent_and_cut_off(void)
{
	const int allowed[] = { SYS_tgkill, SYS_getpid, SYS_gettid };

	seen->ready = !install_handler(answer, false) &&
		      filter_only(SECCOMP_RET_TRAP, allowed, LEN(allowed));
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSYS);
}

static void sent_and_ignored(void)
{
	signal(SIGSYS, SIG_IGN);
	seen->ready = !install_handler(answer, false);
	raise(SIGSYS);
}

static void trapped_and_ignored(void)
{
	signal(SIGSYS, SIG_IGN);
	seen->ready = !install_handler(decline, false) && filter_some(0);
	getppid_raw();
}

static void plain_other(int signal)
{
	seen->others += signal == SIGSYS;
}

static void other(int signal, siginfo_t *info, void *context)
{
	seen->others += signal == SIGSYS && info && context;
	seen->data = (unsigned)info->si_code;
}

static void chained_plain(void)
{
	signal(SIGSYS, plain_other);
	seen->ready = !install_handler(answer, false);
	raise(SIGSYS);
	seen->right = seen->others == 1;
}

static void chained(void)
{
	const struct sigaction action = { .sa_sigaction = other, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
	seen->ready = !install_handler(decline, true) && filter_some(0);
	getppid_raw();
	seen->right = seen->others == 1 && seen->data == 1 /* SYS_SECCOMP */;
}

static void on_user(int signal)
{
	(void)signal;
	seen->value = getppid_raw();
}

static void from_a_handler(void)
{
	answer_value = 31;
	signal(SIGUSR1, on_user);
	seen->ready = !install_handler(answer, false) && filter_some(0);
	raise(SIGUSR1);
	seen->right = seen->value == 31;
}

static bool interrupted(struct trap_call *call, const struct trap_handler *handler)
{
	(void)handler;
	if (!seen->traps++)
		raise(SIGUSR1);
	seen->depth = seen->traps;
	call->result = 3;
	return true;
}

/* The signal waits until the handler is done, so its own trapped call is a trap of its own. */
static void interrupted_by_a_signal(void)
{
	signal(SIGUSR1, on_user);
	seen->ready = !install_handler(interrupted, false) && filter_some(0);
	seen->right = getppid_raw() == 3 && seen->value == 3 && seen->depth == 2;
}

static bool spoils_errno(struct trap_call *call, const struct trap_handler *handler)
{
	(void)handler;
	seen->traps++;
	errno = ENOTTY;
	call->result = 0;
	return true;
}

static void keeps_errno(void)
{
	seen->ready = !install_handler(spoils_errno, false) && filter_some(0);
	errno = ELOOP;
	syscall(SYS_getppid);
	seen->right = errno == ELOOP;
}

static char stack[1 << 16];

static bool looks_at_stack(struct trap_call *call, const struct trap_handler *handler)
{
	char here;

	(void)handler, (void)call;
	seen->traps++;
	seen->right = (uintptr_t)&here - (uintptr_t)stack < sizeof(stack);
	return true;
}

static void on_its_stack(void)
{
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

	seen->ready = !sigaltstack(&alternate, NULL) && !install_handler(looks_at_stack, false) &&
		      filter_some(0);
	getppid_raw();
}

static void twice(void)
{
	seen->ready = !install_handler(answer, false);
	seen->right = install_handler(decline, false) == -EBUSY;
}

static void in_vfork_child(void)
{
	volatile bool right = false;
	pid_t pid;
	int status;

	answer_value = 12;
	seen->ready = !install_handler(answer, false) && filter_some(0);
	pid = vfork();
	if (pid == 0) {
		right = getppid_raw() == 12;
		_exit(3);
	}
	seen->right = right && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 &&
		      getppid_raw() == 12;
}

static const struct ending endings[] = {
	{ "a declined trap under a filter that allows no call at all", everything_trapped, SIGSYS,
	  1 },
	{ "a declined trap under a filter that refuses all else", nothing_but_errno,
	  FIRST_IS_LOST ? TRAPPED : SIGSYS, 1 },
	{ "a declined trap that depends on the call's address", by_address, SIGSYS,
	  CALL_IP_IS_KNOWN },
	{ "a declined trap under a filter that allows all else", all_but_the_call, SIGSYS, 1 },
	{ "an answered trap where rt_sigreturn is trapped", return_refused, SIGSYS, 1 },
	{ "a trap while SIGSYS is blocked", blocked, SIGSYS, 0 },
	{ "installing unblocks SIGSYS", unblocked_by_install, 0, 1 },
	{ "a trapped call in the handler without NODEFER", nested_deferred, SIGSYS, 1 },
	{ "twenty trapped calls on top of each other with NODEFER", nested_nodefer, 0, 21 },
	{ "a declined trap with NODEFER", nodefer_declined, SIGSYS, 1 },
	{ "a declined trap with NODEFER, rt_sigprocmask trapped", nodefer_everything_trapped,
	  TRAPPED, 1 },
	{ "a declined trap with NODEFER, rt_sigprocmask said to succeed", nodefer_lied_to, TRAPPED,
	  1 },
	{ "a declined trap under another's handler with NODEFER", under_foreign_nodefer, SIGSYS,
	  2 - FIRST_IS_LOST },
	{ "a SIGSYS that is sent", sent, SIGSYS, 0 },
	{ "a SIGSYS that is sent under a tight filter", sent_and_cut_off, SIGSYS, 0 },
	{ "a SIGSYS that is sent and was ignored", sent_and_ignored, 0, 0 },
	{ "a declined trap where SIGSYS was ignored", trapped_and_ignored, SIGSYS, 1 },
	{ "a SIGSYS that is sent reaches an earlier handler", chained_plain, 0, 0 },
	{ "a declined trap reaches an earlier handler", chained, 0, 1 },
	{ "a trapped call in another signal's handler", from_a_handler, 0, 1 },
	{ "a signal during the handler", interrupted_by_a_signal, 0, 2 },
	{ "errno is kept", keeps_errno, 0, 1 },
	{ "the alternate stack is used", on_its_stack, 0, 1 },
	{ "the second handler is refused", twice, 0, 0 },
	{ "a trap in the child of vfork", in_vfork_child, 0, 2 },
};

static void run_ending(void *arg)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	const struct ending *e = arg;

	/* A sanitizer's is too small for handlers on top of each other. */
	sigaltstack(&none, NULL);
	e->run();
	seen->returned = true;
}

static void test_endings(void)
{
	for (size_t i = 0; i < LEN(endings); i++) {
		const struct ending *e = &endings[i];
		bool returns = e->signal == 0, good;
		int status;

		memset(seen, 0, sizeof(*seen));
		/* Cases that only need to come back have nothing else to check. */
		seen->right = e->run == unblocked_by_install || e->run == sent_and_ignored;
		status = child_run(run_ending, (void *)(uintptr_t)e);
		if (returns)
			good = child_finished(status) && seen->returned && seen->right;
		else if (e->signal == TRAPPED)
			good = child_finished(status) && !seen->returned;
		else
			good = WIFSIGNALED(status) && WTERMSIG(status) == e->signal &&
			       !seen->returned;
		ok(good && seen->traps == e->traps, "%s", e->name);
		if (!good || seen->traps != e->traps)
			note("status %#x, traps %d, returned %d, right %d", (unsigned)status,
			     seen->traps, seen->returned, seen->right);
	}
}

/* ---- the registers that are left of it ---- */

#if defined(__x86_64__) && !defined(__ILP32__)

static void declined_and_watched(void *arg)
{
	(void)arg;
	child_settle();
	if (install_handler(decline, false) || ptrace(PTRACE_TRACEME, 0, 0, 0))
		_exit(1);
	raise(SIGSTOP);
	if (!filter_only(SECCOMP_RET_TRAP, no_calls, 0))
		_exit(1);
	call_raw(SYS_getppid, (uint64_t[6]){ 1, 2, 3, 4, 5, 6 });
	_exit(1);
}

/* Goes on to a stop with this event; signals are handed on. */
static bool watch_until(pid_t pid, unsigned event, int *status)
{
	int signal = 0;

	for (;;) {
		if (ptrace(PTRACE_CONT, pid, NULL, signal) || waitpid(pid, status, 0) != pid ||
		    !WIFSTOPPED(*status))
			return false;
		if ((unsigned)*status >> 16 == event)
			return true;
		signal = WSTOPSIG(*status);
		if (signal == SIGSYS) {
			struct user_regs_struct regs;

			/* The signal that the handler gets, and then the fatal one. */
			ptrace(PTRACE_GETREGS, pid, NULL, &regs);
			seen->depth++;
			if (seen->depth == 1)
				seen->value = (int64_t)regs.rsp;
		}
	}
}

static void test_registers(void)
{
	struct user_regs_struct regs = { 0 };
	int status;
	pid_t pid;

	memset(seen, 0, sizeof(*seen));
	pid = fork();
	if (pid == 0)
		declined_and_watched(NULL);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)) {
		skip("no ptrace here");
		return;
	}
	ok(watch_until(pid, PTRACE_EVENT_EXIT, &status) &&
		   !ptrace(PTRACE_GETREGS, pid, NULL, &regs) && seen->depth == 2,
	   "a declined trap: two SIGSYS, the second ends the process");
	ok(regs.rip == call_ip() && (int)regs.orig_rax == SYS_getppid &&
		   (int64_t)regs.rsp == seen->value,
	   "a declined trap: it ends at the call, on the stack of its caller");
	ok(regs.rdi == 1 && regs.rsi == 2 && regs.rdx == 3 && regs.r10 == 4 && regs.r8 == 5 &&
		   regs.r9 == 6,
	   "a declined trap: it ends with the call's arguments");
	ptrace(PTRACE_CONT, pid, NULL, 0);
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
	   "a declined trap: the wait status is SIGSYS");
}

#endif

/* ---- many at once ---- */

#define THREADS 16
#define ROUNDS	2000

static bool sums(struct trap_call *call, const struct trap_handler *handler)
{
	(void)handler;
	call->result = 0;
	for (size_t i = FIRST_IS_LOST; i < 6; i++)
		call->result = call->result * 3 + (int64_t)call->what.args[i];
	return true;
}

static void *many_calls(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	for (uint64_t i = 1; i <= ROUNDS; i++) {
		uint64_t args[6] = { i & 3, i, seed ^ i, seed + i, 7, seed };
		uint64_t wanted = 0;

		for (size_t j = FIRST_IS_LOST; j < 6; j++)
			wanted = wanted * 3 + args[j];
		if (call_raw(SYS_getppid, args) != (long)wanted)
			return NULL;
	}
	return arg;
}

static void many_threads(void *arg)
{
	pthread_t threads[THREADS];
	uintptr_t right = 0;
	void *value;

	(void)arg;
	if (install_handler(sums, false) || !filter_some(0))
		return;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, many_calls, (void *)(i + 1));
	for (uintptr_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &value);
		right += value == (void *)(i + 1);
	}
	seen->traps = (int)right;
}

static void test_threads(void)
{
	memset(seen, 0, sizeof(*seen));
	ok(child_finished(child_run(many_threads, NULL)) && seen->traps == THREADS,
	   "%d threads with %d trapped calls each: each got its own answers", THREADS, ROUNDS);
}

static void can_filter(void *arg)
{
	(void)arg;
	seen->ready = filter_some(0);
}

int main(void)
{
	seen = child_shared(sizeof(*seen));
	child_run(can_filter, NULL);
	if (!seen->ready) {
		skip("no filters on this kernel");
		return done();
	}
	test_calls();
#if defined(__x86_64__)
	test_i386_entry();
#endif
	test_endings();
#if defined(__x86_64__) && !defined(__ILP32__)
	test_registers();
#endif
	test_threads();
	return done();
}
