/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which signals the program got already: those of si_code SI_KERNEL that the kernel sends to a
 * whole process group (tty_signal_session_leader(), isig() in drivers/tty, kernel/exit.c). A signal
 * that a process sent to the group can't be told from one sent to the tracer; the program gets it
 * twice then, as two pending ones of a kind are one.
 */
#include "trace/signals.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static const int of_terminal[] = { SIGINT,  SIGQUIT, SIGTSTP,  SIGTTIN,
				   SIGTTOU, SIGCONT, SIGWINCH, SIGHUP };

void trace_signals_hold(struct trace_signals *s)
{
	/* With SIG_IGN or SA_NOCLDSTOP no stop would be told: ptrace_stop(). */
	const struct sigaction chld = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &s->mask);
	sigaction(SIGCHLD, &chld, &s->chld);
}

void trace_signals_release(const struct trace_signals *s)
{
	sigaction(SIGCHLD, &s->chld, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

void trace_signals_inherit(const struct trace_signals *s)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	struct sigaction now;

	sigaction(SIGCHLD, &s->chld, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(sig, &normal, NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

int trace_signals_wait(siginfo_t *info, const struct timespec *timeout)
{
	sigset_t all;

	sigfillset(&all);
	while (sigtimedwait(&all, info, timeout) < 0)
		if (errno != EINTR) /* the caller itself was stopped and continued */
			return -errno;
	return 0;
}

static bool is_of_terminal(int sig)
{
	for (size_t i = 0; i < ARRAY_LEN(of_terminal); i++)
		if (of_terminal[i] == sig)
			return true;
	return false;
}

void trace_signals_forward(const siginfo_t *info, pid_t pid)
{
	/* A hangup comes to the session's leader first, and then perhaps to the group. */
	bool leader = info->si_signo == SIGHUP && getsid(0) == getpid();

	if (info->si_code > 0 && is_of_terminal(info->si_signo) && !leader)
		return;
	/* By the caller's own doing: SIGPIPE while it writes a report. */
	if (info->si_code <= 0 && info->si_pid == getpid())
		return;
	if (info->si_code == SI_QUEUE)
		sigqueue(pid, info->si_signo, info->si_value);
	else
		kill(pid, info->si_signo);
}

bool trace_signals_is_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

void trace_signals_stop_self(int sig)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	struct sigaction old;
	sigset_t one;

	if (sig != SIGSTOP)
		sigaction(sig, &normal, &old);
	sigemptyset(&one);
	sigaddset(&one, sig);
	kill(getpid(), sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	sigprocmask(SIG_BLOCK, &one, NULL);
	if (sig != SIGSTOP)
		sigaction(sig, &old, NULL);
}
