/* SPDX-License-Identifier: BSD-2-Clause */
/* What each action does to the call, the thread and the process; and what wins where several
 * filters answer. */
#include "live/says.h"

/* ---- kill ---- */

static void *call_in_thread(void *unused)
{
	(void)unused;
	says_call();
	return NULL;
}

static int *flag;

static int kill_process_in_thread(void)
{
	pthread_t thread;

	if (says_answer(CALL, SECCOMP_RET_KILL_PROCESS, 0) ||
	    pthread_create(&thread, NULL, call_in_thread, NULL))
		return 1;
	pthread_join(thread, NULL);
	return 0;
}

static int kill_process_ends_all(void)
{
	return !says_died_of(says_status(kill_process_in_thread), SIGSYS);
}

static int mkdir_killed(void)
{
	return says_answer(SYS_mkdirat, SECCOMP_RET_KILL_PROCESS, 0) ||
	       mkdirat(AT_FDCWD, "d", 0700);
}

static int killed_call_is_not_executed(void)
{
	char folder[] = "/tmp/strait-says-XXXXXX";
	int status, r;

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	status = says_status(mkdir_killed);
	r = !(says_died_of(status, SIGSYS) && access("d", F_OK) < 0);
	rmdir("d");
	rmdir(folder);
	return r;
}

static void handler(int sig)
{
	(void)sig;
	*flag = 1;
}

static int kill_process_guarded(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	signal(SIGSYS, handler);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return says_answer(CALL, SECCOMP_RET_KILL_PROCESS, 0) || says_call() < 0;
}

static int kill_process_is_not_caught(void)
{
	flag = says_shared(sizeof(*flag));
	return !(says_died_of(says_status(kill_process_guarded), SIGSYS) && !*flag);
}

static int kill_thread_spares_others(void)
{
	pthread_t thread;

	if (says_answer(CALL, SECCOMP_RET_KILL_THREAD, 0) ||
	    pthread_create(&thread, NULL, call_in_thread, NULL))
		return 1;
	pthread_join(thread, NULL);
	return 0;
}

static int kill_thread_alone(void)
{
	return says_answer(CALL, SECCOMP_RET_KILL_THREAD, 0) || says_call() < 0;
}

static int kill_thread_ends_last(void)
{
	return !says_died_of(says_status(kill_thread_alone), SIGSYS);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *die_locked(void *unused)
{
	pthread_mutex_lock(&mutex);
	says_call();
	return unused;
}

static int kill_thread_keeps_locks(void)
{
	pthread_t thread;

	if (says_answer(CALL, SECCOMP_RET_KILL_THREAD, 0) ||
	    pthread_create(&thread, NULL, die_locked, NULL))
		return 1;
	pthread_join(thread, NULL);
	return pthread_mutex_trylock(&mutex) != EBUSY;
}

/* ---- trap ---- */

static siginfo_t caught;
static pid_t caught_by;
static uintptr_t caught_ip;
static long answer_with;
static bool answers;

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)sig;
	caught = *info;
	caught_by = (pid_t)syscall(SYS_gettid);
#if defined(__x86_64__)
	caught_ip = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
	if (answers)
		u->uc_mcontext.gregs[REG_RAX] = answer_with;
#elif defined(__aarch64__)
	caught_ip = u->uc_mcontext.pc;
	if (answers)
		u->uc_mcontext.regs[0] = (unsigned long)answer_with;
#else
	(void)u;
#endif
}

static int trap(uint32_t data)
{
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	return sigaction(SIGSYS, &action, NULL) || says_answer(CALL, SECCOMP_RET_TRAP | data, 0);
}

static int trap_tells(void)
{
	if (trap(0xbeef))
		return 1;
	says_call();
	return !(caught.si_signo == SIGSYS && caught.si_code == 1 /* SYS_SECCOMP */ &&
		 caught.si_errno == 0xbeef && caught.si_syscall == CALL && caught.si_arch &&
		 caught.si_call_addr);
}

static int trap_ip_is_after(void)
{
	if (trap(0))
		return 1;
	says_call();
	if (!caught_ip)
		return SAYS_SKIP;
	return caught_ip != (uintptr_t)caught.si_call_addr;
}

static int trap_result_is_handlers(void)
{
	if (trap(0))
		return 1;
	answers = true;
	answer_with = 12345;
	if (says_call() == -ENOSYS && !caught_ip)
		return SAYS_SKIP;
	if (syscall(CALL) != 12345)
		return 1;
	answer_with = -EIO;
	return says_call() != -EIO;
}

static int trap_result_is_not_enosys(void)
{
#if defined(__x86_64__)
	/* What stood in the register when the call was made: its number. */
	return trap(0) || says_call() != CALL;
#else
	return SAYS_SKIP;
#endif
}

static int trap_unhandled(void)
{
	return says_answer(CALL, SECCOMP_RET_TRAP, 0) || says_call() < 0;
}

static int trap_ignored(void)
{
	signal(SIGSYS, SIG_IGN);
	return trap_unhandled();
}

static int trap_blocked(void)
{
	sigset_t set;

	signal(SIGSYS, handler);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return trap_unhandled();
}

static int trap_without_handler_kills(void)
{
	flag = says_shared(sizeof(*flag));
	return !(says_died_of(says_status(trap_unhandled), SIGSYS) &&
		 says_died_of(says_status(trap_ignored), SIGSYS) &&
		 says_died_of(says_status(trap_blocked), SIGSYS) && !*flag);
}

static void *note_thread(void *tid)
{
	*(pid_t *)tid = (pid_t)syscall(SYS_gettid);
	says_call();
	return NULL;
}

static int trap_is_the_threads(void)
{
	pthread_t thread;
	pid_t tid;

	if (trap(0) || pthread_create(&thread, NULL, note_thread, &tid))
		return 1;
	pthread_join(thread, NULL);
	return !(caught_by == tid && tid != getpid());
}

static volatile int depth, deepest;

static void on_nested(int sig)
{
	(void)sig;
	if (++depth > deepest)
		deepest = depth;
	if (depth < 3)
		says_call();
	depth--;
}

static int trap_nests(void)
{
	struct sigaction action = { .sa_handler = on_nested, .sa_flags = SA_NODEFER };

	if (sigaction(SIGSYS, &action, NULL) || says_answer(CALL, SECCOMP_RET_TRAP, 0))
		return 1;
	says_call();
	return deepest != 3;
}

static int trap_in_handler_call(void)
{
	struct sigaction action = { .sa_handler = on_nested };

	return sigaction(SIGSYS, &action, NULL) || says_answer(CALL, SECCOMP_RET_TRAP, 0) ||
	       says_call() < 0;
}

static int trap_in_handler_kills(void)
{
	return !says_died_of(says_status(trap_in_handler_call), SIGSYS);
}

/* ---- errno, log, allow, unknown ---- */

static int errno_is_data(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | ENOTTY, 0) || says_call() != -ENOTTY;
}

static int errno_zero_is_success(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO, 0) || says_call() != 0;
}

static int errno_is_clamped(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | 0xffff, 0) || says_call() != -4095;
}

static int errno_is_not_executed(void)
{
	int fds[2];

	if (pipe(fds) || says_answer(SYS_close, SECCOMP_RET_ERRNO | EPERM, 0))
		return 1;
	return !(close(fds[0]) < 0 && errno == EPERM && write(fds[1], "", 1) == 1);
}

static int log_executes(void)
{
	pid_t parent = getppid();

	return says_answer(CALL, SECCOMP_RET_LOG, 0) || says_call() != parent;
}

static int allow_ignores_data(void)
{
	pid_t parent = getppid();

	return says_answer(CALL, SECCOMP_RET_ALLOW | 0xffff, 0) || says_call() != parent;
}

static int unknown_action(void)
{
	return says_answer(CALL, 0x00010000, 0) || says_call() < 0;
}

static int unknown_kills(void)
{
	return !says_died_of(says_status(unknown_action), SIGSYS);
}

/* ---- several filters ---- */

/* The strongest first: each wins over all behind it. What it does to CALL: a signal's number, or
 * the result. */
static const uint32_t order[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
				  SECCOMP_RET_TRAP,	    SECCOMP_RET_ERRNO | EBADMSG,
				  SECCOMP_RET_USER_NOTIF,   SECCOMP_RET_TRACE,
				  SECCOMP_RET_LOG,	    SECCOMP_RET_ALLOW };
static uint32_t older, newer;

static int stack_of_two(void)
{
	struct sigaction action = { .sa_handler = handler };
	long r;

	sigaction(SIGSYS, &action, NULL);
	if (says_answer(CALL, older, 0) || says_answer(CALL, newer, 0))
		return 9;
	*flag = 0;
	r = says_call();
	return *flag ? 1 : r == -EBADMSG ? 2 : r == -ENOSYS ? 3 : r > 0 ? 4 : 5;
}

/* What the winner shows: trace and user_notif both fail with ENOSYS where nobody answers. */
static int shows(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_TRAP:
		return 1;
	case SECCOMP_RET_ERRNO:
		return 2;
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_TRACE:
		return 3;
	default:
		return 4;
	}
}

static int strongest_wins(void)
{
	int wrong = 0;

	flag = says_shared(sizeof(*flag));
	for (size_t i = 0; i < LEN(order); i++) {
		for (size_t j = 0; j < LEN(order); j++) {
			uint32_t winner = order[i < j ? i : j];
			int status;

			older = order[i];
			newer = order[j];
			status = says_status(stack_of_two);
			if (winner == SECCOMP_RET_KILL_PROCESS || winner == SECCOMP_RET_KILL_THREAD)
				wrong += !says_died_of(status, SIGSYS);
			else
				wrong += !says_exited(status, shows(winner));
		}
	}
	return wrong;
}

static int newest_of_equals(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | EBADMSG, 0) ||
	       says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0) || says_call() != -EIO;
}

static int data_is_no_rank(void)
{
	/* 0xffff is a larger number than 1, and not a weaker answer. */
	return says_answer(CALL, SECCOMP_RET_ERRNO | 1, 0) ||
	       says_answer(CALL, SECCOMP_RET_ERRNO | 0xffff, 0) || says_call() != -4095;
}

static int nothing_is_loosened(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | EPERM, 0) ||
	       says_answer(CALL, SECCOMP_RET_ALLOW, 0) || says_call() != -EPERM;
}

static int filters_obey_filters(void)
{
	if (says_answer(SYS_seccomp, SECCOMP_RET_ERRNO | EPERM, 0) ||
	    says_answer(SYS_prctl, SECCOMP_RET_ERRNO | EACCES, 0) != -EPERM)
		return 1;
	return 0;
}

static int stack_has_an_end(void)
{
	const struct sock_filter allow[] = { RET(SECCOMP_RET_ALLOW) };
	int n = 0, r;

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	while ((r = says_attach(allow, 1, 0)) == 0)
		n++;
	note("%d filters of one instruction each", n);
	/* 32768 instructions, four more for each older filter, as the kernel has translated them.
	 */
	return !(r == -ENOMEM && n > 2000 && n < 8192);
}

static const struct says rows[] = {
	{ "kill_process ends the process with all its threads, and whoever waits sees that SIGSYS "
	  "did it",
	  kill_process_ends_all },
	{ "a call that is answered by kill is not executed", killed_call_is_not_executed },
	{ "kill_process can't be caught, blocked or ignored", kill_process_is_not_caught },
	{ "kill_thread ends the calling thread, and the others go on", kill_thread_spares_others },
	{ "kill_thread of the only thread ends the process, and whoever waits sees that SIGSYS did "
	  "it",
	  kill_thread_ends_last },
	{ "a thread that kill_thread ends keeps the locks that it held", kill_thread_keeps_locks },
	{ "trap sends SIGSYS with SYS_SECCOMP in si_code, its data in si_errno, and the call's "
	  "number, "
	  "ABI and address in si_syscall, si_arch and si_call_addr",
	  trap_tells },
	{ "a handler of trap is entered with the program counter behind the call, at si_call_addr",
	  trap_ip_is_after },
	{ "the handler's change of the result register is what the call returns",
	  trap_result_is_handlers },
	{ "a handler that leaves the result register alone leaves the call's number there on "
	  "x86-64",
	  trap_result_is_not_enosys },
	{ "trap kills the process where SIGSYS has no handler, is ignored or is blocked",
	  trap_without_handler_kills },
	{ "trap's signal comes to the thread that made the call", trap_is_the_threads },
	{ "a handler with SA_NODEFER may be trapped again", trap_nests },
	{ "a handler without SA_NODEFER that is trapped again is killed", trap_in_handler_kills },
	{ "errno makes the call fail with its data", errno_is_data },
	{ "errno with data 0 makes the call return 0", errno_zero_is_success },
	{ "errno's data above 4095 counts as 4095", errno_is_clamped },
	{ "a call that is answered by errno is not executed", errno_is_not_executed },
	{ "log executes the call", log_executes },
	{ "allow executes the call, whatever its data is", allow_ignores_data },
	{ "an action that the kernel doesn't know kills the process", unknown_kills },
	{ "of several filters' answers the strongest wins, whichever filter is newer",
	  strongest_wins },
	{ "of equal actions the newest filter's data is taken", newest_of_equals },
	{ "data doesn't count for the order", data_is_no_rank },
	{ "a newer filter's allow doesn't lift what an older one says", nothing_is_loosened },
	{ "installing a filter is a call that older filters see", filters_obey_filters },
	{ "filters can be stacked until they have 32768 instructions as the kernel counts them, "
	  "then "
	  "seccomp fails with ENOMEM",
	  stack_has_an_end },
};

int main(int argc, char **argv)
{
	return says_main(argc, argv, rows, LEN(rows));
}
