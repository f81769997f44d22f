/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A context's registers without seccomp, so that it also runs where the kernel is an emulator: a
 * thread that sends itself a signal is interrupted right behind the call that sent it, with all of
 * that call's registers but the result's.
 */
#include "trap/machine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "live/call.h"
#include "tap.h"

#if defined(__x86_64__) || defined(__i386__)
/* The number's register, not the first argument's, takes the result. */
#define RESULT_BEFORE SYS_rt_tgsigqueueinfo
#else
#define RESULT_BEFORE getpid()
#endif

static struct {
	siginfo_t info; /* what is sent */
	struct seccomp_data call;
	int64_t answer;
	bool again;
	volatile unsigned visits;
} test;

static uint64_t pc_of(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__i386__)
	return (uint32_t)context->uc_mcontext.gregs[REG_EIP];
#elif defined(__aarch64__)
	return context->uc_mcontext.pc;
#elif defined(__arm__)
	return context->uc_mcontext.arm_pc;
#elif defined(__riscv)
	return context->uc_mcontext.__gregs[REG_PC];
#elif defined(__powerpc64__)
	return context->uc_mcontext.gp_regs[32];
#elif defined(__s390x__)
	return context->uc_mcontext.psw.addr;
#else
	(void)context;
	return 0;
#endif
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	uint64_t pc = pc_of(context);

	(void)signal, (void)info;
	if (test.visits++)
		return;
	test.call.arch = 0;
#ifdef CALL_AUDIT_ARCH
	test.call.arch = CALL_AUDIT_ARCH;
#endif
	trap_machine_args(context, &test.call);
	if (test.again) {
		trap_machine_answer(context, pc, RESULT_BEFORE);
		trap_machine_again(context, pc);
	}
	trap_machine_answer(context, pc, test.answer);
}

#define FIFTH UINT64_C(0x8765432112345678)
#define SIXTH UINT64_C(0xfedcba9876543210)

/* rt_tgsigqueueinfo() takes four arguments; the kernel leaves the other registers alone. */
static long send(void)
{
	long result;

	errno = 0;
	result = syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), SIGUSR1, &test.info,
			 (long)FIFTH, (long)SIXTH);
	return result == -1 ? -errno : result;
}

static void test_answers(void)
{
	static const int64_t answers[] = { 0, 1, -1, -ENOSYS, -4095, -4096, INT32_MAX, INT32_MIN };

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		test.visits = 0;
		test.answer = answers[i];
		ok(send() == (long)answers[i] && test.visits == 1,
		   "the program sees %ld as the call's result", (long)answers[i]);
	}
}

static void test_args(void)
{
	const uint64_t wanted[6] = {
		(uint64_t)getpid(),    (uint64_t)syscall(SYS_gettid), SIGUSR1,
		(uintptr_t)&test.info, (unsigned long)FIFTH,	      (unsigned long)SIXTH
	};
	size_t first = RESULT_BEFORE == getpid() ? 1 : 0; /* what the result has overwritten */

	test.visits = 0;
	send();
	for (size_t i = first; i < 6; i++)
		ok(test.call.args[i] == wanted[i], "argument %zu is %#llx", i,
		   (unsigned long long)test.call.args[i]);
}

/*
 * The call is made a second time without the handler's end in between, so the signal that it sends
 * is blocked, and still pending when the call returns to its caller.
 */
static void test_again(void)
{
	sigset_t blocked, pending;
	long result;

	test.visits = 0;
	test.again = true;
	result = send();
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigpending(&pending);
	ok(result == 0 && test.visits == 1, "back at the call: it is made again and returns");
	ok(sigismember(&blocked, SIGUSR1) == 1,
	   "back at the call: the mask is still the handler's");
	ok(sigismember(&pending, SIGUSR1) == 1, "back at the call: it was made with its arguments");
	sigemptyset(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	ok(test.visits == 2, "back at the call: the signal comes when it is unblocked");
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	if (!trap_machine_known) {
		skip("this machine's registers aren't known");
		return done();
	}
	sigaction(SIGUSR1, &action, NULL);
	test.info.si_code = SI_QUEUE;
	test.info.si_signo = SIGUSR1;
	test_args();
	test_answers();
	test_again();
	return done();
}
