/* SPDX-License-Identifier: BSD-2-Clause */
/* What trace_run() says of programs that end, are stopped, or never start. */
#include "acts.h"

#include <linux/audit.h>
#include <sys/stat.h>

#define KILL   SECCOMP_RET_KILL_PROCESS
#define THREAD SECCOMP_RET_KILL_THREAD
#define TRAP   SECCOMP_RET_TRAP
#define ERRNO  SECCOMP_RET_ERRNO
#define NOTIF  SECCOMP_RET_USER_NOTIF
#define TRACE  SECCOMP_RET_TRACE
#define LOG    SECCOMP_RET_LOG
#define ALLOW  SECCOMP_RET_ALLOW

#define OF(...)                                                                                    \
	{                                                                                          \
		NULL, __VA_ARGS__                                                                  \
	}

/* The call that is stopped in each of them is getppid. */
static const struct row {
	const char *sentence;
	struct job job;
	enum trace_end end;
	int value;
	unsigned ncalls;
	unsigned ret; /* of the last one */
	int errno_value;
} rows[] = {
	{ "an exit code passes",
	  { TRACE_REPORT_KILLED, { { 0 } }, OF("exit", "42") },
	  TRACE_EXITED,
	  42 },
	{ "an exit code passes when errnos are told",
	  { TRACE_REPORT_ALL, { { 0 } }, OF("exit", "42") },
	  TRACE_EXITED,
	  42 },
	{ "a signal passes",
	  { TRACE_REPORT_KILLED, { { 0 } }, OF("signal", "15") },
	  TRACE_SIGNALED,
	  SIGTERM },
	{ "SIGKILL passes",
	  { TRACE_REPORT_KILLED, { { 0 } }, OF("signal", "9") },
	  TRACE_SIGNALED,
	  SIGKILL },
	{ "a SIGSYS that someone sends is no filter's",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("signal", "31") },
	  TRACE_SIGNALED,
	  SIGSYS },
	{ "kill_process is told",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("call") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "kill_thread of the only thread is told",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, THREAD } }, OF("call") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  THREAD },
	{ "a trap without a handler is told",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, TRAP | 7 } }, OF("call") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  TRAP | 7 },
	{ "a trap with a handler is not",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, TRAP } }, OF("trap") },
	  TRACE_EXITED,
	  1 },
	{ "a SIGSYS that someone sends after a trap is no filter's",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, TRAP } }, OF("trap", "kill") },
	  TRACE_SIGNALED,
	  SIGSYS },
	{ "an unknown action is told as kill_process",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, 0x60000 } }, OF("call") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  0x60000 },
	{ "kill_thread of another thread is told and the program goes on",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, THREAD } }, OF("thread") },
	  TRACE_EXITED,
	  5,
	  1,
	  THREAD },
	{ "kill_process by another thread is told once",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("thread") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "of a crowd of threads the one that called is told",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("crowd") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "a killed child is told and the program sees it",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("fork") },
	  TRACE_EXITED,
	  SIGSYS,
	  1,
	  KILL },
	{ "a killed child of vfork and exec is told",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("spawn") },
	  TRACE_EXITED,
	  SIGSYS,
	  1,
	  KILL },
	{ "an exec by a second thread is followed",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("thread-exec") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "the same when errnos are told",
	  { TRACE_REPORT_ALL, { { SYS_getppid, KILL } }, OF("thread-exec") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "an errno isn't told unless asked for",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, ERRNO | 13 } }, OF("call") },
	  TRACE_EXITED,
	  13 },
	{ "an errno is told when asked for",
	  { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO | 13 } }, OF("call") },
	  TRACE_EXITED,
	  13,
	  1,
	  ERRNO | 13,
	  13 },
	{ "errno 0 answers 0",
	  { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO } }, OF("call") },
	  TRACE_EXITED,
	  100,
	  1,
	  ERRNO,
	  0 },
	{ "a notification without a listener fails with ENOSYS",
	  { TRACE_REPORT_ALL, { { SYS_getppid, NOTIF | 9 } }, OF("call") },
	  TRACE_EXITED,
	  ENOSYS,
	  1,
	  NOTIF | 9,
	  ENOSYS },
	{ "a trace fails with ENOSYS though there is a tracer",
	  { TRACE_REPORT_ALL, { { SYS_getppid, TRACE | 9 } }, OF("call") },
	  TRACE_EXITED,
	  ENOSYS,
	  1,
	  TRACE | 9,
	  ENOSYS },
	{ "a trace fails with ENOSYS and isn't told unless asked for",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, TRACE } }, OF("call") },
	  TRACE_EXITED,
	  ENOSYS },
	{ "an unknown action kills when errnos are told",
	  { TRACE_REPORT_ALL, { { SYS_getppid, 0x60000 } }, OF("call") },
	  TRACE_SIGNALED,
	  SIGKILL,
	  1,
	  0x60000 },
	{ "a trace that the program's own filter asks for fails, untold",
	  { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO | 13 } }, OF("own-trace") },
	  TRACE_EXITED,
	  ENOSYS },
	{ "the program can't have a listener when errnos are told",
	  { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO | 13 } }, OF("listen") },
	  TRACE_EXITED,
	  EBUSY },
	{ "the program can have one otherwise",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, ERRNO | 13 } }, OF("listen") },
	  TRACE_EXITED,
	  0 },
	{ "a descendant that outlives the program isn't waited for",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("daemon") },
	  TRACE_EXITED,
	  4 },
	{ "a descendant is waited for when errnos are told",
	  { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO | 13 } }, OF("daemon") },
	  TRACE_EXITED,
	  4,
	  1,
	  ERRNO | 13,
	  13 },
	{ "200 processes of 4 threads are born and die",
	  { TRACE_REPORT_KILLED, { { SYS_getppid, KILL } }, OF("stress") },
	  TRACE_EXITED,
	  0 },
	{ "the same when errnos are told",
	  { TRACE_REPORT_ALL, { { SYS_getppid, KILL } }, OF("stress") },
	  TRACE_EXITED,
	  0 },
#ifdef __x86_64__
	{ "an x32 call is told",
	  { TRACE_REPORT_KILLED, { { 0x40000000 | SYS_getppid, KILL } }, OF("x32") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "an errno answer to an x32 call is told",
	  { TRACE_REPORT_ALL, { { 0x40000000 | SYS_getppid, ERRNO | 13 } }, OF("x32") },
	  TRACE_EXITED,
	  13,
	  1,
	  ERRNO | 13,
	  13 },
	{ "an i386 call is told",
	  { TRACE_REPORT_KILLED, { { 64, KILL, AUDIT_ARCH_I386 } }, OF("i386") },
	  TRACE_SIGNALED,
	  SIGSYS,
	  1,
	  KILL },
	{ "an errno answer to an i386 call is told",
	  { TRACE_REPORT_ALL, { { 64, ERRNO | 13, AUDIT_ARCH_I386 } }, OF("i386") },
	  TRACE_EXITED,
	  13,
	  1,
	  ERRNO | 13,
	  13 },
#endif
	/* What never starts. */
	{ "a program that isn't in PATH is not found",
	  { TRACE_REPORT_KILLED, { { 0 } }, { "no-such-program" } },
	  TRACE_NOT_FOUND,
	  ENOENT },
	{ "nor is a path that doesn't exist",
	  { TRACE_REPORT_KILLED, { { 0 } }, { "/no/such/program" } },
	  TRACE_NOT_FOUND,
	  ENOENT },
	{ "nor an empty name", { TRACE_REPORT_NONE, { { 0 } }, { "" } }, TRACE_NOT_FOUND, ENOENT },
	{ "a directory can't be executed",
	  { TRACE_REPORT_KILLED, { { 0 } }, { "/tmp" } },
	  TRACE_NOT_STARTED,
	  EACCES },
	{ "nor without a tracer",
	  { TRACE_REPORT_NONE, { { 0 } }, { "/tmp" } },
	  TRACE_NOT_STARTED,
	  EACCES },
	{ "a filter that kills execve is told",
	  { TRACE_REPORT_KILLED, { { SYS_execve, KILL } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  KILL },
	{ "a filter that traps execve is told",
	  { TRACE_REPORT_KILLED, { { SYS_execve, TRAP } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  TRAP },
	{ "a filter that refuses execve is told",
	  { TRACE_REPORT_KILLED, { { SYS_execve, ERRNO | 2 } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO | 2,
	  ENOENT },
	{ "a filter that answers execve by 0 is told",
	  { TRACE_REPORT_KILLED, { { SYS_execve, ERRNO } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO,
	  0 },
	{ "a filter that refuses execve and kills exit_group is told",
	  { TRACE_REPORT_KILLED,
	    { { SYS_execve, ERRNO | 1 }, { SYS_exit_group, KILL } },
	    OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO | 1,
	  1 },
	{ "a filter that refuses execve and exit_group is told",
	  { TRACE_REPORT_KILLED,
	    { { SYS_execve, ERRNO | 1 }, { SYS_exit_group, ERRNO | 1 } },
	    OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO | 1,
	  1 },
	{ "a filter that refuses execve is told when errnos are",
	  { TRACE_REPORT_ALL, { { SYS_execve, ERRNO | 1 } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO | 1,
	  1 },
	{ "a filter that refuses execve is told without a tracer",
	  { TRACE_REPORT_NONE, { { SYS_execve, ERRNO | 1 } }, OF("exit", "0") },
	  TRACE_EXEC_STOPPED,
	  0,
	  0,
	  ERRNO | 1,
	  1 },
	{ "an older filter that kills the newer one's installation is told",
	  { TRACE_REPORT_KILLED,
	    { { SYS_seccomp, KILL }, { SYS_getppid, KILL } },
	    OF("exit", "0") },
	  TRACE_INSTALL_STOPPED,
	  0,
	  0,
	  KILL },
};

static void test_row(const struct row *row)
{
	const struct outcome *o = job_do(&row->job);
	bool told = o->result.end == TRACE_EXITED || o->result.end == TRACE_SIGNALED;
	const struct trace_stopped *call = &o->calls[0].call;
	const struct engine_verdict *verdict = told ? &call->verdict : &o->result.verdict;
	bool good = job_ended(row->end, told ? row->value : o->result.value) &&
		    o->ncalls == row->ncalls && verdict->ret == row->ret &&
		    verdict->errno_value == row->errno_value;

	if (row->end == TRACE_NOT_STARTED || row->end == TRACE_NOT_FOUND)
		good = job_ended(row->end, row->value) && o->ncalls == 0;
	if (!ok(good, "%s", row->sentence))
		note("%u calls, ret %#x, errno %d", o->ncalls, verdict->ret, verdict->errno_value);
}

static void test_call_is_exact(enum trace_report report, unsigned ret)
{
	const struct job job = { report, { { SYS_getppid, ret } }, OF("call") };
	const struct outcome *o = job_do(&job);
	const struct trace_stopped *call = &o->calls[0].call;
	static const uint64_t args[] = { UINT64_MAX, 0x123456789abcdef0, 3, 4, 5, 6 };

	ok(o->ncalls == 1 && call->data.nr == SYS_getppid && call->data.instruction_pointer &&
		   sizeof(long) == 8 && !memcmp(call->data.args, args, sizeof(args)) &&
		   call->pid == call->tid && call->pid > 0 &&
		   strncmp(o->calls[0].comm, "test-trace", 10) == 0,
	   "a call that is answered by %#x is told with its number, all bits of its arguments, and "
	   "whose it is",
	   ret);
}

#ifdef __x86_64__
static void test_i386_is_exact(enum trace_report report, unsigned ret)
{
	const struct job job = { report, { { 64, ret, AUDIT_ARCH_I386 } }, OF("i386") };
	const struct outcome *o = job_do(&job);
	const struct seccomp_data *data = &o->calls[0].call.data;

	ok(o->ncalls == 1 && data->nr == 64 && data->arch == AUDIT_ARCH_I386 &&
		   data->args[0] == UINT64_MAX && data->args[1] == 0x123456789abcdef0 &&
		   data->args[2] == 3 && data->args[3] == 4 && data->args[4] == 5,
	   "an i386 call that is answered by %#x has the whole registers for arguments, as the "
	   "filter saw them",
	   ret);
}
#endif

static void test_thread_is_named(void)
{
	const struct job job = { TRACE_REPORT_KILLED, { { SYS_getppid, THREAD } }, OF("thread") };
	const struct outcome *o = job_do(&job);

	ok(o->ncalls == 1 && o->calls[0].call.pid != o->calls[0].call.tid,
	   "a killed thread is told with its process");
}

/* Two filters for the same call: what the program sees is what the engine says. */
static void test_precedence(void)
{
	static const unsigned rets[] = { KILL,	    THREAD, TRAP,  ERRNO | 1, ERRNO | 2, NOTIF | 3,
					 TRACE | 4, LOG,    ALLOW, 0x60000,   0x7ff80000 };
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_LEN(rets) * ARRAY_LEN(rets); i++) {
		const struct job job = { TRACE_REPORT_ALL,
					 { { SYS_getppid, rets[i / ARRAY_LEN(rets)] },
					   { SYS_getppid, rets[i % ARRAY_LEN(rets)] } },
					 OF("call") };
		struct sock_filter insns[2] = { BPF_STMT(BPF_RET | BPF_K, job.rules[0].ret),
						BPF_STMT(BPF_RET | BPF_K, job.rules[1].ret) };
		const struct cbpf_prog progs[2] = { { insns, 1, NULL }, { insns + 1, 1, NULL } };
		const struct cbpf_prog *stack[2] = { &progs[0], &progs[1] };
		const struct seccomp_data data = { 0 };
		struct engine_verdict v = engine_decide(stack, 2, &data, CBPF_HOST_ORDER, 0);
		const struct outcome *o = job_do(&job);
		bool runs = v.outcome == ENGINE_RUNS || v.outcome == ENGINE_RUNS_LOGGED;
		bool fails = v.outcome == ENGINE_FAILS;
		bool good = o->result.end == (runs || fails ? TRACE_EXITED : TRACE_SIGNALED) &&
			    (!runs || o->result.value == 0) &&
			    (!fails || o->result.value == v.errno_value) && o->ncalls == !runs &&
			    (runs || (o->calls[0].call.verdict.ret == v.ret &&
				      o->calls[0].call.verdict.filter == v.filter));

		if (!good)
			note("%#x below %#x: end %d, value %d", job.rules[0].ret, job.rules[1].ret,
			     (int)o->result.end, o->result.value);
		wrong += !good;
	}
	ok(wrong == 0, "of two filters the same one wins, with or without errnos being told");
}

static void test_refused(void)
{
	const struct job job = { TRACE_REPORT_KILLED,
				 { { SYS_seccomp, ERRNO | 1 }, { SYS_getppid, KILL } },
				 OF("exit", "0") };
	const struct outcome *o = job_do(&job);

	ok(job_ended(TRACE_REFUSED, EPERM) && o->result.filter == 1,
	   "an older filter that refuses the newer one's installation is told, and nothing runs");
}

static void test_files(enum trace_report report)
{
	char set[32];
	struct job job = { report, { { 0 } }, OF("files", set) };

	snprintf(set, sizeof(set), "%lu", open_files());
	job_do(&job);
	ok(job_ended(TRACE_EXITED, 0), "the program has the same files open with report %d",
	   (int)report);
}

static void test_in_place(void)
{
	const struct job job = { TRACE_REPORT_NONE, { { SYS_getppid, ERRNO | 13 } }, OF("call") };
	int status = job_wait(job_start(&job));

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 13,
	   "without a tracer the caller becomes the program, under its filters");
}

static void test_foreign_children(void)
{
	const struct job job = { TRACE_REPORT_KILLED, { { 0 } }, OF("fork") };
	pid_t foreign = fork(), pid;
	int status;

	if (foreign == 0)
		_exit(3);
	waitid(P_PID, (id_t)foreign, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	job_reset();
	job_run(&job);
	pid = waitpid(foreign, &status, 0);
	ok(job_ended(TRACE_EXITED, 97) && pid == foreign && WEXITSTATUS(status) == 3,
	   "a child of the caller that is none of the program's is left to the caller");
}

/* One listener below is enough for trouble: src/trace/rewrite.c. */
static void test_outer_listener(void)
{
	const struct job job = { TRACE_REPORT_ALL, { { SYS_getppid, ERRNO | 13 } }, OF("call") };
	pid_t pid;

	job_reset();
	pid = fork();
	if (pid == 0) {
		if (listen_to_all() < 0)
			_exit(1);
		job_run(&job);
		_exit(0);
	}
	ok(job_wait(pid) == 0 && job_outcome->error == -EBUSY,
	   "errnos aren't told where another listens to notifications");
}

static void test_ret_a(void)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_LD | BPF_IMM, ALLOW),
				       BPF_STMT(BPF_RET | BPF_A, 0) };
	const struct cbpf_prog prog = { insns, 2, NULL }, *stack[] = { &prog };
	char *argv[] = { job_self, NULL };
	const struct trace_options options = { .stack = stack,
					       .stack_len = 1,
					       .argv = argv,
					       .envp = environ,
					       .report = TRACE_REPORT_ALL };
	struct trace_result result;

	ok(trace_run(&options, &result) == -ENOTSUP,
	   "errnos aren't told of a filter that returns A, and nothing runs");
}

static void test_search(void)
{
	char dir[] = "/tmp/strait-trace-XXXXXX", path[64], paths[128];
	const struct job found = { TRACE_REPORT_KILLED, { { 0 } }, { "strait-script" } };
	FILE *f;

	if (!mkdtemp(dir)) {
		ok(false, "a directory can be made");
		return;
	}
	snprintf(path, sizeof(path), "%s/strait-script", dir);
	snprintf(paths, sizeof(paths), "/nowhere:%s:/bin:/usr/bin", dir);
	setenv("PATH", paths, 1);
	f = fopen(path, "w");
	fputs("exit 6\n", f);
	fclose(f);
	job_do(&found);
	ok(job_ended(TRACE_NOT_STARTED, EACCES), "what is found but isn't executable is EACCES");
	chmod(path, 0755);
	job_do(&found);
	ok(job_ended(TRACE_EXITED, 6), "a script without #! is run by /bin/sh");
	unlink(path);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	bool has_i386 = false;

	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(acts); i++)
		if (strcmp(argv[1], acts[i].name) == 0)
			_exit(acts[i].act(argv)); /* no leak checker works in a tracee */
	job_self = realpath("/proc/self/exe", NULL);
#ifdef __x86_64__
	has_i386 = acts_has_i386();
#endif
	job_do(&rows[0].job);
	if (job_outcome->error == -ENOTSUP) {
		skip("this machine's registers aren't known");
		return done();
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].job.rules[0].arch != AUDIT_ARCH_I386 || has_i386)
			test_row(&rows[i]);
		else
			skip("%s: no 32-bit entry", rows[i].sentence);
	test_call_is_exact(TRACE_REPORT_KILLED, KILL);
	test_call_is_exact(TRACE_REPORT_KILLED, THREAD);
	test_call_is_exact(TRACE_REPORT_KILLED, TRAP);
	test_call_is_exact(TRACE_REPORT_ALL, ERRNO | 1);
#ifdef __x86_64__
	if (has_i386) {
		test_i386_is_exact(TRACE_REPORT_KILLED, KILL);
		test_i386_is_exact(TRACE_REPORT_KILLED, THREAD);
		test_i386_is_exact(TRACE_REPORT_ALL, ERRNO | 1);
	}
#endif
	test_thread_is_named();
	test_precedence();
	test_refused();
	test_files(TRACE_REPORT_KILLED);
	test_files(TRACE_REPORT_ALL);
	test_in_place();
	test_foreign_children();
	test_outer_listener();
	test_ret_a();
	test_search();
	return done();
}
