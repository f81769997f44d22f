/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process's handler for SIGSYS.
 *
 * A call that nobody answers must end the process as though there were no handler: wait status,
 * core file and registers. Under a filter that allows next to nothing no system call helps with
 * that, so none is made. The kernel blocks SIGSYS while the handler runs, and a trap that is
 * blocked is fatal (kernel/signal.c, force_sig_info_to_task()). A filter is a function of number,
 * ABI, arguments and address, and later filters can only be stricter. So going back to the same
 * instruction with the same registers is certain to end the process there, and never executes the
 * call.
 */
#include "trap/trap.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trap/machine.h"

/* asm-generic/siginfo.h: SYS_SECCOMP, which some C libraries don't have. */
#define CODE_SECCOMP 1
/* The kernel's signal sets have 64 bits. */
#define SET_SIZE 8

static struct trap_handler installed;
static struct sigaction previous;
static bool taken; /* atomic */

/* The address is a mark as well: only cant_block() looks for it. */
static const unsigned long only_sigsys[SET_SIZE / sizeof(long)] = { 1ul << (SIGSYS - 1) };

bool trap_read(siginfo_t *info, ucontext_t *context, struct trap_call *call)
{
	if (info->si_code != CODE_SECCOMP)
		return false;
	*call = (struct trap_call){
		.what = {
			.nr = info->si_syscall,
			.arch = info->si_arch,
			.instruction_pointer = (uintptr_t)info->si_call_addr,
		},
		.data = (unsigned)info->si_errno & SECCOMP_RET_DATA,
		.result = -ENOSYS,
		.info = info,
		.context = context,
	};
	trap_machine_args(context, &call->what);
	return true;
}

/* SIGSYS isn't blocked, and a filter traps the call that would block it: nothing is left but
 * another signal. */
NO_ASAN static void __attribute__((noreturn)) give_up(void)
{
	for (;;)
		__builtin_trap();
}

NO_ASAN static void block_sigsys(void)
{
	unsigned long before[SET_SIZE / sizeof(long)] = { 0 };

	/* Twice: the first has blocked nothing if a filter answers with errno 0. */
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, only_sigsys, NULL, SET_SIZE);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, only_sigsys, before, SET_SIZE);
	if (!(before[0] & only_sigsys[0]))
		give_up();
}

static bool cant_block(const struct trap_call *call)
{
	return call->what.nr == SYS_rt_sigprocmask && call->what.args[1] == (uintptr_t)only_sigsys;
}

/* Without a way back, or for a SIGSYS that somebody has sent. These calls change nothing unless
 * they end the process, and where a filter stops one it ends as well: SIGSYS is blocked. */
NO_ASAN static void __attribute__((noreturn)) end_here(void)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(SIGSYS, &action, NULL);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSYS);
	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, only_sigsys, NULL, SET_SIZE);
	give_up();
}

NO_ASAN static void __attribute__((noreturn)) end_trapped(const struct trap_call *call)
{
	/* One word for a call's place; a handler for SIGSYS that is not ours may have unblocked
	 * SIGSYS and then called us, and only a second visit shows it. */
	static unsigned long last;
	unsigned long here =
		(uintptr_t)call->context ^ (unsigned long)call->what.instruction_pointer;

	if (installed.nodefer || __atomic_exchange_n(&last, here, __ATOMIC_RELAXED) == here)
		block_sigsys();
	if (!trap_machine_is_whole(call->context))
		end_here();
	trap_machine_again(call->context, call->what.instruction_pointer);
}

/* What would have happened without us. CALL is NULL where seccomp isn't the cause. */
NO_ASAN static void pass_on(siginfo_t *info, void *context, const struct trap_call *call)
{
	bool ignored = previous.sa_handler == SIG_IGN;

	if (previous.sa_handler == SIG_DFL || ignored) {
		/* A trap that is ignored is fatal all the same. */
		if (call)
			end_trapped(call);
		if (!ignored)
			end_here();
		return;
	}
	if (installed.nodefer && !(previous.sa_flags & SA_NODEFER))
		block_sigsys();
	if (previous.sa_flags & SA_SIGINFO)
		previous.sa_sigaction(SIGSYS, info, context);
	else
		previous.sa_handler(SIGSYS);
}

NO_ASAN static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	struct trap_call call;
	int error = errno;

	(void)signal;
	if (!trap_read(info, context, &call))
		pass_on(info, context, NULL);
	else if (cant_block(&call))
		give_up();
	else if (installed.fn(&call, &installed))
		trap_machine_answer(context, call.what.instruction_pointer, call.result);
	else
		pass_on(info, context, &call);
	errno = error;
}

int trap_install(const struct trap_handler *handler)
{
	struct sigaction action = {
		.sa_sigaction = on_sigsys,
		.sa_flags =
			SA_SIGINFO | SA_ONSTACK | SA_RESTART | (handler->nodefer ? SA_NODEFER : 0),
	};
	sigset_t set;

	if (!trap_machine_known)
		return -ENOTSUP;
	if (__atomic_exchange_n(&taken, true, __ATOMIC_ACQ_REL))
		return -EBUSY;
	/*
	 * Another signal's handler that runs on top of ours and makes a trapped call would be the
	 * end, so all are blocked, those that sigfillset(3) spares for the C library included.
	 */
	memset(&action.sa_mask, 0xff, sizeof(action.sa_mask));
	if (handler->nodefer)
		sigdelset(&action.sa_mask, SIGSYS);
	installed = *handler;
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	/* Known before the first trap can ask for it. */
	if (sigaction(SIGSYS, NULL, &previous) || sigaction(SIGSYS, &action, NULL)) {
		int error = errno;

		__atomic_store_n(&taken, false, __ATOMIC_RELEASE);
		return -error;
	}
	return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
