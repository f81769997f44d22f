/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracers, live: what a program under a tracer sees, and what the tracer is told of it. The tracer
 * of each row answers every call in the row's way and counts.
 */
#include <strait/strait.h>

#include <sys/prctl.h>

#include "tap.h"
#include "tracer-acts.h"
#include "tracer-job.h"

/* ---- the table ---- */

#define OF(...)                                                                                    \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define POLICY(rules) "default allow\n" rules "\n"

static const struct row {
	const char *sentence;
	struct job job;
	enum strait_end end;
	int value;
	unsigned calls;
} rows[] = {
	{ "an exit code passes", { NULL, OF("exit", "42"), ALLOW }, STRAIT_EXITED, 42, 0 },
	{ "a call that is allowed runs", { NULL, OF("call"), ALLOW }, STRAIT_EXITED, 0, 1 },
	{ "a call that fails has the errno", { NULL, OF("call"), FAIL, 13 }, STRAIT_EXITED, 13, 1 },
	{ "errno 0 returns 0", { NULL, OF("long", "0"), FAIL, 0 }, STRAIT_EXITED, 0, 1 },
	{ "the largest errno is 4095",
	  { NULL, OF("long", "-1"), FAIL, 4095 },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "a larger one is refused, and the call still waits",
	  { NULL, OF("call"), FAIL, 4096 },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "a call that is answered has the result",
	  { NULL, OF("call"), RETURN, 1234 },
	  STRAIT_EXITED,
	  1,
	  1 },
	{ "a negative result is an errno", { NULL, OF("call"), RETURN, -5 }, STRAIT_EXITED, 5, 1 },
	{ "another number makes it another call",
	  { NULL, OF("getpid"), CHANGE_NR, SYS_getpid },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "a negative number fails with ENOSYS",
	  { NULL, OF("call"), CHANGE_NR, -1 },
	  STRAIT_EXITED,
	  ENOSYS,
	  1 },
	{ "without a change EBADF is the answer to dup(63)",
	  { POLICY("trace dup"), OF("dup"), ALLOW },
	  STRAIT_EXITED,
	  EBADF,
	  1 },
	{ "another argument is the one that counts",
	  { POLICY("trace dup"), OF("dup"), CHANGE_ARG, 0 },
	  STRAIT_EXITED,
	  0,
	  1 },
	/* The filters again. */
	{ "a call that is traced, too, is executed untold",
	  { POLICY("trace getppid, getpgid"), OF("call"), CHANGE_NR, SYS_getpgid },
	  STRAIT_EXITED,
	  ESRCH, /* getpgid(-1) */
	  1 },
	{ "a call that the filters kill is killed",
	  { POLICY("trace getppid\nkill getuid"), OF("call"), CHANGE_NR, SYS_getuid },
	  STRAIT_SIGNALED,
	  SIGSYS,
	  1 },
	{ "a call that the filters refuse is refused",
	  { POLICY("trace getppid\nerrno(EXDEV) getuid"), OF("call"), CHANGE_NR, SYS_getuid },
	  STRAIT_EXITED,
	  EXDEV,
	  1 },
	{ "a call that the filters trap is trapped",
	  { POLICY("trace getppid\ntrap getuid"), OF("call"), CHANGE_NR, SYS_getuid },
	  STRAIT_SIGNALED,
	  SIGSYS,
	  1 },
	{ "an argument that the filters refuse is refused",
	  { POLICY("errno(EXDEV) dup if fildes == 0\ntrace dup"), OF("dup"), CHANGE_ARG, 0 },
	  STRAIT_EXITED,
	  EXDEV,
	  1 },
	/* Children. */
	{ "a child by fork is followed", { NULL, OF("fork"), FAIL, 13 }, STRAIT_EXITED, 13, 1 },
	{ "a child by vfork is followed", { NULL, OF("vfork"), FAIL, 13 }, STRAIT_EXITED, 13, 1 },
	{ "a child by posix_spawn is followed",
	  { NULL, OF("spawn"), FAIL, 13 },
	  STRAIT_EXITED,
	  13,
	  1 },
	{ "a child by clone is followed", { NULL, OF("clone"), FAIL, 13 }, STRAIT_EXITED, 13, 1 },
	{ "a thread is followed", { NULL, OF("thread"), FAIL, 13 }, STRAIT_EXITED, 13, 1 },
	{ "a thread that executes a program is followed",
	  { NULL, OF("thread-exec"), FAIL, 13 },
	  STRAIT_EXITED,
	  13,
	  1 },
	{ "a child that outlives the program is followed",
	  { NULL, OF("daemon"), FAIL, 13 },
	  STRAIT_EXITED,
	  4,
	  1 },
	{ "a child isn't followed where that isn't wanted, and finds no tracer",
	  { NULL, OF("fork"), FAIL, 13, STRAIT_TRACER_ALONE },
	  STRAIT_EXITED,
	  ENOSYS,
	  0 },
	{ "nor is a thread",
	  { NULL, OF("thread"), FAIL, 13, STRAIT_TRACER_ALONE },
	  STRAIT_EXITED,
	  ENOSYS,
	  0 },
	{ "each call of a crowd is told, and answered",
	  { NULL, OF("crowd"), RETURN, 1234 },
	  STRAIT_EXITED,
	  0,
	  CROWD_TOTAL },
	/* Signals. */
	{ "a signal ends the program", { NULL, OF("kill"), ALLOW }, STRAIT_SIGNALED, SIGTERM, 1 },
	{ "signals reach their handlers, SIGTRAP too",
	  { NULL, OF("signals"), ALLOW },
	  STRAIT_EXITED,
	  20,
	  10 },
	{ "a program that is stopped is continued",
	  { NULL, OF("stop"), FAIL, 13 },
	  STRAIT_EXITED,
	  13,
	  2 },
	/* What never starts. */
	{ "an execve that the filters kill",
	  { POLICY("kill execve"), OF("call"), ALLOW },
	  STRAIT_EXEC_STOPPED,
	  0,
	  0 },
	{ "an execve that the filters refuse",
	  { POLICY("errno(EXDEV) execve"), OF("call"), ALLOW },
	  STRAIT_EXEC_STOPPED,
	  0,
	  0 },
	{ "an execve that the tracer refuses",
	  { POLICY("trace execve"), OF("call"), FAIL, EXDEV },
	  STRAIT_NOT_STARTED,
	  EXDEV,
	  1 },
	{ "an execve that the tracer allows is a start",
	  { POLICY("trace execve"), OF("exit", "5"), ALLOW },
	  STRAIT_EXITED,
	  5,
	  1 },
	{ "a file that can't be executed",
	  { NULL, OF("/etc/passwd"), ALLOW },
	  STRAIT_NOT_STARTED,
	  EACCES,
	  0 },
#if defined(__x86_64__) && !defined(__ILP32__)
	{ "all 64 bits of a result are the program's",
	  { NULL, OF("long", "0x123456789abcdef0"), RETURN, 0x123456789abcdef0 },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "changed arguments are put back when the call returns",
	  { NULL, OF("registers"), CHANGE_REST, 100 },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "a child of a changed clone has its maker's arguments",
	  { POLICY("trace clone"), OF("registers-fork"), CHANGE_REST, 100 },
	  STRAIT_EXITED,
	  0,
	  1 },
	{ "a changed call that a signal interrupts begins anew as it was, and is told again",
	  { POLICY("trace read if fd == 63"), OF("restart"), CHANGE_ARG, 0 },
	  STRAIT_EXITED,
	  0,
	  2 },
	{ "an x32 call is told",
	  { "arch x86_64, x32\ndefault allow\non x32 trace getppid\n", OF("x32"), RETURN, 1234 },
	  STRAIT_EXITED,
	  1,
	  1 },
	{ "an i386 call is told, and answered",
	  { "arch x86_64, i386\ndefault allow\non i386 trace getppid\n", OF("i386"), RETURN, 1234 },
	  STRAIT_EXITED,
	  1,
	  1 },
	{ "an i386 call fails with the errno",
	  { "arch x86_64, i386\ndefault allow\non i386 trace getppid\n", OF("i386"), FAIL, 13 },
	  STRAIT_EXITED,
	  13,
	  1 },
	{ "an i386 call becomes another one: 20 is getpid",
	  { "arch x86_64, i386\ndefault allow\non i386 trace getppid\n", OF("i386"), CHANGE_NR,
	    20 },
	  STRAIT_EXITED,
	  2,
	  1 },
#endif
};

static bool needs_i386(const struct row *row)
{
	return row->job.argv[0] && strcmp(row->job.argv[0], "i386") == 0;
}

static bool has_i386(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(act_i386(NULL));
	}
	return child_code(pid) == 0;
#else
	return false;
#endif
}

static void test_row(const struct row *row)
{
	struct seen seen = do_job(&row->job);
	bool starts = row->end == STRAIT_EXITED || row->end == STRAIT_SIGNALED;
	bool refused = row->job.answer == FAIL && row->job.value > 4095;
	bool good = seen.end.end == row->end && seen.calls == row->calls && !seen.strangers &&
		    !seen.makerless && (starts || seen.report[0]) && starts == !seen.report[0] &&
		    seen.error == (refused ? -EINVAL : 0);

	if (row->end != STRAIT_EXEC_STOPPED)
		good = good && seen.end.value == row->value;
	/* Each thread that was told of ends; an exec by another thread ends one untold. */
	if (good && strcmp(row->job.argv[0], "thread-exec") != 0)
		good = seen.ended == seen.born + 1;
	if (!ok(good, "%s", row->sentence))
		note("error %d, end %d, value %d, %u calls, %u born, %u ended, %u strangers, %s",
		     seen.error, (int)seen.end.end, seen.end.value, seen.calls, seen.born,
		     seen.ended, seen.strangers, seen.report);
}

/* ---- what is told ---- */

static void test_call_is_exact(void)
{
	const struct job job = { POLICY("trace(65535) getppid"), OF("call"), ALLOW };
	static const uint64_t args[] = { UINT64_MAX, 0x123456789abcdef0, 3, 4, 5, 6 };
	struct seen seen = do_job(&job);
	const struct strait_tracer_event *call = &seen.call;

	ok(seen.calls == 1 && call->call.nr == SYS_getppid && call->call.instruction_pointer &&
		   call->call.arch == strait_abi_audit(strait_abi_native()) &&
		   call->data == 65535 && call->pid == call->tid && call->pid == seen.main,
	   "a call is told with its number, architecture, address, data and thread");
	if (sizeof(long) == 8)
		ok(!memcmp(call->call.args, args, sizeof(args)),
		   "... and all bits of its arguments");
}

static void test_thread_is_told(void)
{
	const struct job job = { NULL, OF("thread"), ALLOW };
	struct seen seen = do_job(&job);

	ok(seen.call.pid == seen.main && seen.call.tid != seen.main && seen.born == 1,
	   "a thread's call is told with its process");
}

static void test_exec_is_told(void)
{
	const struct job job = { NULL, OF("thread-exec"), ALLOW };
	struct seen seen = do_job(&job);

	ok(seen.executed == 2 && seen.call.tid == seen.main && seen.end.value == 0,
	   "a thread that executes a program takes the first one's id, and its own is gone");
}

/* ---- answers that come late ---- */

static void test_waiting_calls_are_independent(void)
{
	const struct job job = { POLICY("trace(1) getppid\ntrace(2) getpgid"), OF("waiting-exec"),
				 NONE };
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	pid_t waiting[3] = { 0 }, executes = 0;
	unsigned calls = 0, gone = 0;
	bool executed = false;
	int r = start(&job, NULL, &tracer);

	while (!r && strait_tracer_next(tracer, 0, NULL, &event) > 0) {
		executed |= event.kind == STRAIT_TRACER_EXECUTED && event.other != event.tid;
		if (event.kind != STRAIT_TRACER_CALL)
			continue;
		if (executed) /* the new program's */
			strait_tracer_return(tracer, event.tid, 1234);
		else if (event.data == 2)
			executes = event.tid;
		else if (calls < LEN(waiting))
			waiting[calls++] = event.tid;
		if (executes && calls == LEN(waiting))
			strait_tracer_allow(tracer, executes);
	}
	for (unsigned i = 0; !r && i < calls; i++)
		gone += strait_tracer_allow(tracer, waiting[i]) == -ESRCH;
	ok(!r && executed && calls == LEN(waiting) && gone == calls && event.end == STRAIT_EXITED &&
		   event.value == 1,
	   "while calls wait others go on, and who waits is killed by an exec as ever");
	if (!r)
		strait_tracer_free(tracer);
}

static void test_twice(void)
{
	const struct job job = { NULL, OF("call"), NONE };
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	struct seccomp_data call;
	int r[6] = { start(&job, NULL, &tracer) };

	if (r[0]) {
		ok(false, "a tracer starts");
		return;
	}
	do
		r[0] = strait_tracer_next(tracer, 0, NULL, &event);
	while (r[0] > 0 && event.kind != STRAIT_TRACER_CALL);
	call = event.call;
	call.arch ^= 1;
	r[1] = strait_tracer_change(tracer, event.tid, &call);
	call = event.call;
	call.instruction_pointer++;
	r[2] = strait_tracer_change(tracer, event.tid, &call);
	r[3] = strait_tracer_next(tracer, STRAIT_TRACER_NOWAIT, NULL, &event);
	r[4] = strait_tracer_fail(tracer, event.tid, EXDEV);
	r[5] = strait_tracer_fail(tracer, event.tid, EACCES);
	ok(r[1] == -EINVAL && r[2] == -EINVAL,
	   "a call's architecture and address can't be changed");
	ok(r[3] == -EAGAIN, "without waiting there is no event while a call waits");
	while (strait_tracer_next(tracer, 0, NULL, &event) > 0)
		;
	ok(r[4] == 0 && r[5] == -ESRCH && event.value == EXDEV, "a call is answered once");
	ok(strait_tracer_next(tracer, 0, NULL, &event) == 0, "after the end there is no event");
	strait_tracer_free(tracer);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_interrupted(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct job job = { NULL, OF("call"), NONE };
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	int r = start(&job, NULL, &tracer);

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL); /* for each stop */
	if (!r) {
		do
			r = strait_tracer_next(tracer, 0, NULL, &event);
		while (r > 0 || r == -EINTR ? event.kind != STRAIT_TRACER_CALL : false);
		ualarm(20000, 20000);
		r = strait_tracer_next(tracer, 0, NULL, &event);
		ualarm(0, 0);
		strait_tracer_free(tracer);
	}
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	ok(r == -EINTR, "a signal handler interrupts the wait");
}

/* ---- the tracer's own process ---- */

static void test_own_children(void)
{
	const struct job job = { NULL, OF("fork"), FAIL, 13 };
	siginfo_t info;
	struct seen seen;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(3);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	seen = do_job(&job);
	ok(seen.end.value == 13 && seen.calls == 1 && waitpid(pid, &status, 0) == pid &&
		   WEXITSTATUS(status) == 3,
	   "a child of the caller that is none of the tracer's is left to the caller");
}

static void test_ignored_sigchld(void)
{
	const struct job job = { NULL, OF("fork"), FAIL, 13 };
	struct seen seen;

	signal(SIGCHLD, SIG_IGN);
	seen = do_job(&job);
	signal(SIGCHLD, SIG_DFL);
	/* The program inherits the disposition, so its own child leaves no zombie to wait for. */
	ok(seen.calls == 1 && seen.end.end == STRAIT_EXITED && seen.ended == 2,
	   "a caller that ignores SIGCHLD loses no event");
}

static void *other_thread(void *arg)
{
	struct strait_tracer_event event = { .size = sizeof(event) };

	return (void *)(long)strait_tracer_next(arg, STRAIT_TRACER_NOWAIT, NULL, &event);
}

static void test_other_thread(void)
{
	const struct job job = { NULL, OF("call"), ALLOW };
	struct strait_tracer *tracer;
	void *r = NULL;
	pthread_t thread;

	if (start(&job, NULL, &tracer))
		abort();
	if (pthread_create(&thread, NULL, other_thread, tracer) == 0)
		pthread_join(thread, &r);
	ok((long)r == -EINVAL, "another thread can't use it");
	strait_tracer_free(tracer);
	ok(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD,
	   "a tracer that is freed leaves nobody");
}

static void test_reaped_elsewhere(void)
{
	const struct job job = { NULL, OF("exit", "0"), ALLOW };
	struct strait_report *report = strait_report_new();
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	int r = start(&job, report, &tracer);

	if (!r) {
		if (strait_tracer_next(tracer, 0, report, &event) == 1) /* it executes */
			waitpid(event.pid, NULL, __WALL);
		r = strait_tracer_next(tracer, 0, report, &event);
		strait_tracer_free(tracer);
	}
	ok(r == -ECHILD && strait_report_at(report, 0), "who waits for the tracer's tasks is told");
	strait_report_free(report);
}

/* ---- the end of a tracer ---- */

static char *dir;

/* In a process of its own: traces act_mkdir up to the call, says so, and waits to be ended. */
static void trace_mkdir(int ready, bool by_thread)
{
	const struct job job = { POLICY("trace mkdir, mkdirat"), OF("mkdir", dir), NONE };
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;

	if (start(&job, NULL, &tracer))
		_exit(1);
	while (strait_tracer_next(tracer, 0, NULL, &event) > 0)
		if (event.kind == STRAIT_TRACER_CALL)
			break;
	if (write(ready, &event.tid, sizeof(event.tid)) != sizeof(event.tid))
		_exit(1);
	if (!by_thread)
		for (;;)
			pause();
}

static void *thread_traces(void *arg)
{
	trace_mkdir(*(int *)arg, true);
	return NULL; /* and with the thread goes its tracer */
}

static void test_death(bool by_thread)
{
	int fds[2], status = 0;
	pid_t tracer, program = 0;

	if (pipe(fds) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) < 0)
		abort();
	tracer = fork();
	if (tracer == 0) {
		pthread_t thread;

		if (!by_thread)
			trace_mkdir(fds[1], false);
		if (pthread_create(&thread, NULL, thread_traces, &fds[1]) == 0)
			pthread_join(thread, NULL);
		for (;;)
			pause();
	}
	ok(read(fds[0], &program, sizeof(program)) == sizeof(program) && program > 0,
	   "a program waits in a call");
	if (by_thread) /* it is the tracer's process' to reap; see that it is gone */
		for (int i = 0; i < 500 && kill(program, 0) == 0 && access(dir, F_OK) < 0; i++)
			usleep(10000);
	kill(tracer, SIGKILL);
	waitpid(tracer, &status, 0);
	ok(waitpid(program, &status, __WALL) == program && WIFSIGNALED(status) &&
		   WTERMSIG(status) == SIGKILL && access(dir, F_OK) < 0,
	   "the tracer's %s ends, and the program is killed without the call",
	   by_thread ? "thread" : "process");
	close(fds[0]);
	close(fds[1]);
	prctl(PR_SET_CHILD_SUBREAPER, 0L, 0L, 0L, 0L);
}

static void test_free(void)
{
	const struct job job = { POLICY("trace mkdir, mkdirat"), OF("mkdir", dir), NONE };
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;

	if (start(&job, NULL, &tracer))
		abort();
	while (strait_tracer_next(tracer, 0, NULL, &event) > 0)
		if (event.kind == STRAIT_TRACER_CALL)
			break;
	strait_tracer_free(tracer);
	ok(kill(event.pid, 0) < 0 && errno == ESRCH && access(dir, F_OK) < 0,
	   "a freed tracer's program is killed without the call");
	strait_tracer_free(NULL);
}

/* Nobody is left stopped, and every end of who was born is told. */
static void test_massacre(void)
{
	const struct job job = { NULL, OF("massacre"), FAIL, 13 };
	struct strait_report *report = strait_report_new();
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	unsigned born = 1, ended = 0, wrong = 0;
	int value = -1;
	pid_t program = 0;
	int r = start(&job, report, &tracer);

	while (!r && (r = strait_tracer_next(tracer, 0, report, &event)) > 0) {
		r = 0;
		program = program ? program : event.tid;
		born += event.kind == STRAIT_TRACER_BORN;
		ended += event.kind == STRAIT_TRACER_ENDED;
		if (event.kind == STRAIT_TRACER_ENDED && event.tid == program)
			value = event.value;
		if (event.kind == STRAIT_TRACER_CALL)
			wrong += strait_tracer_fail(tracer, event.tid, 13) == -EINVAL;
	}
	ok(!r && value == 0 && born == ended && born > 60 && !wrong &&
		   waitpid(-1, NULL, __WALL | WNOHANG) < 0,
	   "of processes that are killed while they make others each one's end is told");
	note("%u born, %u ended", born, ended);
	strait_tracer_free(tracer);
	strait_report_free(report);
}

/* ---- adopting ---- */

static pid_t waiting_child(int fds[2], const struct strait_filter *filter)
{
	char call[] = "call", *args[] = { self, call, NULL };
	pid_t pid;
	char c;

	if (pipe(fds) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1 || strait_no_new_privs(NULL) ||
	    strait_filter_load(filter, 0, NULL))
		_exit(98);
	execv(self, args);
	_exit(97);
}

static void test_adopt(void)
{
	const struct job job = { NULL, OF(NULL), FAIL, 13 };
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = compile(NULL);
	struct strait_tracer *tracer = NULL;
	struct seen seen = { 0 };
	int fds[2];
	pid_t pid = waiting_child(fds, filter);

	seen.error = strait_tracer_adopt(pid, 0, report, &tracer);
	if (!seen.error && write(fds[1], "", 1) == 1)
		run(tracer, &job, report, &seen);
	ok(!seen.error && seen.main == pid && seen.calls == 1 && seen.end.value == 13,
	   "a child is adopted, loads its filters itself, and its calls are told");
	ok(strait_tracer_adopt(pid, 0, report, &tracer) == -ESRCH, "a process that is gone is not");
	ok(strait_tracer_adopt(0, 0, NULL, &tracer) == -EINVAL &&
		   strait_tracer_adopt(-1, 0, NULL, &tracer) == -EINVAL,
	   "nor what is no process");
	ok(strait_tracer_adopt(getpid(), 0, NULL, &tracer) == -EPERM, "nor the caller itself");
	strait_tracer_free(tracer);
	strait_filter_free(filter);
	strait_report_free(report);
	close(fds[0]);
	close(fds[1]);
}

static void *thread_waits(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void test_adopt_threads(void)
{
	struct strait_tracer *tracer;
	int fds[2], r;
	pthread_t thread;
	pid_t pid;
	char c = 0;

	if (pipe(fds) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (pthread_create(&thread, NULL, thread_waits, NULL) || write(fds[1], "x", 1) != 1)
			_exit(97);
		thread_waits(NULL);
	}
	r = read(fds[0], &c, 1) == 1 ? strait_tracer_adopt(pid, 0, NULL, &tracer) : 0;
	ok(r == -EBUSY && kill(pid, 0) == 0,
	   "a process with two threads isn't adopted, and goes on");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
}

static void test_not_started(void)
{
	const struct job missing = { NULL, OF("/no/such/program"), ALLOW };
	struct strait_tracer_options options = { .size = sizeof(options) };
	char name[] = "no-such-program", *argv[] = { name, NULL };
	struct strait_report *report = strait_report_new();
	struct strait_tracer *tracer;
	struct seen seen = do_job(&missing);

	ok(seen.end.end == STRAIT_NOT_FOUND && seen.report[0],
	   "a path without a program is said so");
	ok(strait_tracer_start(&options, NULL, &tracer) == -EINVAL, "a program is needed");
	options.argv = argv;
	options.envp = environ;
	setenv("PATH", "/bin:/usr/bin", 1); /* others' folders may be unreadable */
	ok(strait_tracer_start(&options, report, &tracer) == -ENOENT && strait_report_at(report, 0),
	   "a name that isn't in PATH is said so");
	options.install_flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	ok(strait_tracer_start(&options, NULL, &tracer) == -EINVAL, "a listener has nobody");
	strait_report_free(report);
}

/* An older filter traces the installation of a newer one. */
static void test_stack(void)
{
	struct strait_filter *filters[] = { compile(POLICY("trace(1) seccomp")),
					    compile(POLICY("trace(2) getppid")) };
	char call[] = "call", *argv[] = { self, call, NULL };
	const struct strait_tracer_options options = {
		.size = sizeof(options),
		.stack = (const struct strait_filter *const *)filters,
		.nfilters = 2,
		.argv = argv,
		.envp = environ,
	};
	struct strait_tracer_event event = { .size = sizeof(event) };
	struct strait_tracer *tracer;
	unsigned by[3] = { 0 };
	int r = strait_tracer_start(&options, NULL, &tracer);

	strait_filter_free(filters[0]);
	strait_filter_free(filters[1]);
	while (!r && strait_tracer_next(tracer, 0, NULL, &event) > 0)
		if (event.kind == STRAIT_TRACER_CALL && event.data < 3) {
			by[event.data]++;
			strait_tracer_allow(tracer, event.tid);
		}
	ok(!r && by[1] == 2 && by[2] == 1 && event.end == STRAIT_EXITED && event.value == 0,
	   "a filter that traces the installation of the next one is asked, and the data tell "
	   "which");
	if (!r)
		strait_tracer_free(tracer);
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/strait-tracer-XXXXXX", inside[sizeof(path) + 4];
	const struct job first = { NULL, OF("exit", "0"), ALLOW };
	bool has_entry;

	for (size_t i = 0; argc > 1 && i < LEN(acts); i++)
		if (strcmp(argv[1], acts[i].name) == 0)
			_exit(acts[i].act(argv)); /* no leak checker works in a tracee */
	self = realpath("/proc/self/exe", NULL);
	alarm(300);
	switch (do_job(&first).error) {
	case -ENOTSUP:
		skip("not on this machine or kernel");
		return done();
	case -EPERM:
		skip("ptrace(2) is forbidden here");
		return done();
	}
	has_entry = has_i386();
	for (size_t i = 0; i < LEN(rows); i++)
		if (needs_i386(&rows[i]) && !has_entry)
			skip("%s: no 32-bit entry", rows[i].sentence);
		else
			test_row(&rows[i]);
	if (!mkdtemp(path))
		abort();
	snprintf(inside, sizeof(inside), "%s/in", path);
	dir = inside;
	test_call_is_exact();
	test_thread_is_told();
	test_exec_is_told();
	test_waiting_calls_are_independent();
	test_twice();
	test_interrupted();
	test_own_children();
	test_ignored_sigchld();
	test_other_thread();
	test_reaped_elsewhere();
	test_death(false);
	test_death(true);
	test_free();
	test_massacre();
	test_adopt();
	test_adopt_threads();
	test_not_started();
	test_stack();
	rmdir(path);
	free(self);
	return done();
}
