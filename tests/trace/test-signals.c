/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals and job control through trace_run(), as if it weren't there; and what becomes of the
 * program where the tracer is killed.
 */
#include "job.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>

/* ---- programs; they write their pid to the file that argv[2] names when they are ready ---- */

static volatile sig_atomic_t got, continued;

static void count(int sig)
{
	if (sig == SIGCONT)
		continued = 1;
	else
		got++;
}

static void say_ready(char **argv)
{
	pid_t pid = getpid();

	(void)!write(atoi(argv[2]), &pid, sizeof(pid));
}

/* Exits with the number of SIGTERMs, SIGINTs and SIGWINCHs, and 16 more if it was continued. */
static int act_count(char **argv)
{
	const struct timespec while_more_come = { 0, 50000000 };
	sigset_t none, all;

	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGTERM, count);
	signal(SIGINT, count);
	signal(SIGWINCH, count);
	signal(SIGCONT, count);
	say_ready(argv);
	while (!got)
		sigsuspend(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	nanosleep(&while_more_come, NULL);
	return got + 16 * continued;
}

static int act_value(char **argv)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	say_ready(argv);
	sigwaitinfo(&set, &info);
	return info.si_code == SI_QUEUE ? info.si_value.sival_int : 99;
}

static int act_inherit(char **argv)
{
	int wrong = 0;

	(void)argv;
	for (int sig = 1; sig < NSIG; sig++) {
		bool ignored = sig == SIGINT || sig == SIGCHLD;
		struct sigaction now;

		if (sigaction(sig, NULL, &now) == 0)
			wrong += (now.sa_handler == SIG_IGN) != ignored;
	}
	for (int sig = 1; sig < NSIG; sig++) {
		sigset_t mask;

		sigprocmask(SIG_BLOCK, NULL, &mask);
		wrong += sigismember(&mask, sig) != (sig == SIGUSR1);
	}
	return wrong;
}

static int act_stop(char **argv)
{
	say_ready(argv);
	raise(SIGSTOP);
	return 3;
}

static int act_pause(char **argv)
{
	say_ready(argv);
	for (;;)
		pause();
	return 0;
}

/* The refused call, over and over: it would be seen at the pipe. */
static int act_write(char **argv)
{
	char text[] = "executed";
	const struct iovec iov = { text, sizeof(text) };

	say_ready(argv);
	for (;;)
		syscall(SYS_writev, atoi(argv[2]), &iov, 1L);
	return 0;
}

static const struct act {
	const char *name;
	int (*act)(char **argv);
} acts[] = {
	{ "count", act_count }, { "value", act_value }, { "inherit", act_inherit },
	{ "stop", act_stop },	{ "pause", act_pause }, { "write", act_write },
};

/* ---- the tracer and its program ---- */

struct pair {
	pid_t tracer, program;
	int pipe; /* at which the program lives */
};

static pid_t read_pid(int fd)
{
	pid_t pid = -1;

	return read(fd, &pid, sizeof(pid)) == sizeof(pid) ? pid : -1;
}

static struct pair start(enum trace_report report, const char *act)
{
	struct job job = { report, { { SYS_writev, SECCOMP_RET_ERRNO | 1 } }, { NULL, act } };
	struct pair pair = { -1, -1, -1 };
	char fd[16];
	int ends[2];

	if (pipe(ends))
		abort();
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	snprintf(fd, sizeof(fd), "%d", ends[1]);
	job.argv[2] = fd;
	pair.tracer = job_start(&job);
	close(ends[1]);
	pair.pipe = ends[0];
	pair.program = read_pid(pair.pipe);
	return pair;
}

static void finish(const struct pair *pair)
{
	job_wait(pair->tracer);
	close(pair->pipe);
}

static void test_forwarded(enum trace_report report)
{
	struct pair pair = start(report, "count");

	kill(pair.tracer, SIGTERM);
	finish(&pair);
	ok(job_ended(TRACE_EXITED, 1), "SIGTERM sent to the tracer comes to the program, report %d",
	   (int)report);
}

static void test_value_forwarded(void)
{
	struct pair pair = start(TRACE_REPORT_KILLED, "value");

	sigqueue(pair.tracer, SIGRTMIN, (union sigval){ .sival_int = 77 });
	finish(&pair);
	ok(job_ended(TRACE_EXITED, 77), "a queued signal comes with its value");
}

static void test_inherited(enum trace_report report)
{
	const struct job job = { report, { { 0 } }, { NULL, "inherit" } };
	int status;
	pid_t pid;

	job_reset();
	pid = fork();
	if (pid == 0) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_SETMASK, &set, NULL);
		signal(SIGINT, SIG_IGN);
		signal(SIGCHLD, SIG_IGN);
		signal(SIGTERM, count);
		job_run(&job);
		_exit(sigprocmask(SIG_SETMASK, NULL, &set) || !sigismember(&set, SIGUSR1) ||
		      sigismember(&set, SIGTERM) || signal(SIGCHLD, SIG_DFL) != SIG_IGN);
	}
	status = job_wait(pid);
	ok(status == 0 && (report == TRACE_REPORT_NONE || job_ended(TRACE_EXITED, 0)),
	   "what is ignored or blocked stays so, in the program and in the caller, report %d",
	   (int)report);
}

static void test_stops_itself(void)
{
	struct pair pair = start(TRACE_REPORT_KILLED, "stop");
	int status = 0;
	bool stopped = waitpid(pair.tracer, &status, WUNTRACED) == pair.tracer &&
		       WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;

	kill(pair.tracer, SIGCONT);
	finish(&pair);
	ok(stopped && job_ended(TRACE_EXITED, 3),
	   "a program that stops itself stops the tracer, and goes on with it");
}

/* The state letter in /proc/PID/stat. */
static char state(pid_t pid)
{
	char path[32], letter = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return letter;
	if (fscanf(f, "%*d (%*[^)]) %c", &letter) != 1)
		letter = '?';
	fclose(f);
	return letter;
}

static bool reaches(pid_t pid, char letter)
{
	const struct timespec pause_time = { 0, 1000000 };

	for (int i = 0; i < 5000; i++) {
		if (state(pid) == letter)
			return true;
		nanosleep(&pause_time, NULL);
	}
	return false;
}

static void test_is_stopped_alone(void)
{
	struct pair pair = start(TRACE_REPORT_KILLED, "count");
	bool stopped, alone;
	int status;

	kill(pair.program, SIGSTOP);
	stopped = reaches(pair.program, 't');
	alone = waitpid(pair.tracer, &status, WUNTRACED | WNOHANG) == 0;
	kill(pair.program, SIGCONT);
	kill(pair.program, SIGTERM);
	finish(&pair);
	ok(stopped && alone && job_ended(TRACE_EXITED, 1 + 16),
	   "who stops the program alone can continue it alone");
}

static void test_tracer_killed(enum trace_report report)
{
	struct pair pair = start(report, "pause");
	char byte;
	bool gone;

	kill(pair.tracer, SIGKILL);
	gone = read(pair.pipe, &byte, 1) == 0;
	finish(&pair);
	ok(gone, "a killed tracer takes the program along, report %d", (int)report);
}

static void test_refused_call_is_never_executed(void)
{
	size_t executed = 0;

	for (int i = 0; i < 20; i++) {
		const struct timespec pause_time = { 0, 100000 * i };
		struct pair pair = start(TRACE_REPORT_ALL, "write");
		char text[64];
		ssize_t n;

		nanosleep(&pause_time, NULL);
		kill(pair.tracer, SIGKILL);
		while ((n = read(pair.pipe, text, sizeof(text))) > 0)
			executed += (size_t)n;
		finish(&pair);
	}
	ok(executed == 0, "no refused call is executed when the tracer is killed meanwhile");
}

/* ---- a terminal and a shell ---- */

struct terminal {
	int master;
	int to_test[2]; /* the shell's sentences */
};

struct sentence {
	int status; /* of the tracer */
	char state; /* of the program then */
};

/* In the shell: the job in the foreground; what it did is written for the test. */
static void tell_status(const struct terminal *term, pid_t job)
{
	struct sentence sentence = { .status = -1 };

	waitpid(job, &sentence.status, WUNTRACED);
	sentence.state = state(job_outcome->notes[0]);
	(void)!write(term->to_test[1], &sentence, sizeof(sentence));
}

static void shell(const struct terminal *term)
{
	struct job job = { TRACE_REPORT_KILLED, { { 0 } }, { NULL, "count" } };
	char fd[16];
	pid_t pid;
	int slave;

	setsid();
	slave = open(ptsname(term->master), O_RDWR); /* becomes the controlling terminal */
	signal(SIGTTOU, SIG_IGN);
	snprintf(fd, sizeof(fd), "%d", term->to_test[1]);
	job.argv[2] = fd;
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(slave, getpid());
		signal(SIGTTOU, SIG_DFL);
		job_run(&job);
		_exit(0);
	}
	setpgid(pid, pid);
	tell_status(term, pid);
	tcsetpgrp(slave, getpgrp());
	/* "fg" */
	tcsetpgrp(slave, pid);
	kill(-pid, SIGCONT);
	tell_status(term, pid);
	_exit(0);
}

static struct sentence read_sentence(const struct terminal *term)
{
	struct pollfd ready = { term->to_test[0], POLLIN, 0 };
	struct sentence sentence = { .status = -1 };

	if (poll(&ready, 1, 30000) == 1 &&
	    read(term->to_test[0], &sentence, sizeof(sentence)) != sizeof(sentence))
		sentence.status = -1;
	return sentence;
}

static void test_terminal(void)
{
	struct terminal term = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
	struct sentence said;
	pid_t pid, program;

	if (term.master < 0 || grantpt(term.master) || unlockpt(term.master)) {
		skip("no terminals here");
		return;
	}
	if (pipe(term.to_test))
		abort();
	fcntl(term.to_test[0], F_SETFD, FD_CLOEXEC);
	job_reset();
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		shell(&term);
	program = read_pid(term.to_test[0]);
	job_outcome->notes[0] = program;
	(void)!write(term.master, "\x1a", 1);
	said = read_sentence(&term);
	ok(WIFSTOPPED(said.status) && WSTOPSIG(said.status) == SIGTSTP && said.state == 't',
	   "the terminal's stop stops the program, and the shell sees the tracer stopped by it");
	ok(reaches(program, 'S'), "the shell continues both");
	(void)!write(term.master, "\x03", 1);
	said = read_sentence(&term);
	ok(said.status == 0 && job_ended(TRACE_EXITED, 1 + 16),
	   "the terminal's interrupt comes to the program once, and the tracer outlives it");
	kill(pid, SIGKILL);
	job_wait(pid);
	close(term.master);
	close(term.to_test[0]);
	close(term.to_test[1]);
}

static void test_window(void)
{
	struct pair pair = start(TRACE_REPORT_KILLED, "count");

	/* Sent by a process to the tracer alone, it is no terminal's. */
	kill(pair.tracer, SIGWINCH);
	finish(&pair);
	ok(job_ended(TRACE_EXITED, 1), "a terminal's signal that a process sends is handed on");
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(acts); i++)
		if (strcmp(argv[1], acts[i].name) == 0)
			_exit(acts[i].act(argv)); /* no leak checker works in a tracee */
	alarm(120);
	job_self = realpath("/proc/self/exe", NULL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* nohup(1), for one, ignores some */
	test_inherited(TRACE_REPORT_NONE);
	test_inherited(TRACE_REPORT_KILLED);
	if (job_outcome->error == -ENOTSUP) {
		skip("this machine's registers aren't known");
		return done();
	}
	test_inherited(TRACE_REPORT_ALL);
	test_forwarded(TRACE_REPORT_KILLED);
	test_forwarded(TRACE_REPORT_ALL);
	test_value_forwarded();
	test_window();
	test_stops_itself();
	test_is_stopped_alone();
	test_tracer_killed(TRACE_REPORT_KILLED);
	test_tracer_killed(TRACE_REPORT_ALL);
	test_refused_call_is_never_executed();
	test_terminal();
	return done();
}
