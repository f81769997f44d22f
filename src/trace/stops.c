/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * waitid(2) looks at children before tracees, so a zombie that isn't ours to reap hides all that
 * comes after it, and a wait that could sleep returns at once. Then each of our threads is asked.
 */
#include "trace/stops.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

/* The caller's other threads have children of their own. */
#define WAIT_FLAGS (__WALL | __WNOTHREAD)

pid_t trace_take(const struct trace_tasks *tasks, int *status)
{
	const int flags = WEXITED | WNOWAIT | WNOHANG | WAIT_FLAGS;
	siginfo_t info = { 0 };
	pid_t tid;

	/* Tracees' stops are told without WSTOPPED, other children's aren't: wait_task_stopped().
	 */
	while (waitid(P_ALL, 0, &info, flags) == 0 && info.si_pid) {
		if (info.si_code != CLD_TRAPPED && !trace_tasks_find(tasks, info.si_pid))
			break;
		tid = waitpid(info.si_pid, status, WNOHANG | WAIT_FLAGS);
		if (tid > 0)
			return tid;
		info.si_pid = 0; /* killed in between */
	}
	/* One of others stands in front. */
	for (size_t i = 0; info.si_pid && i < tasks->len; i++) {
		tid = waitpid(tasks->v[i].tid, status, WNOHANG | WAIT_FLAGS);
		if (tid > 0)
			return tid;
	}
	return 0;
}

int trace_wait(const struct trace_tasks *tasks)
{
	const struct timespec nap = { 0, 1000000 };
	siginfo_t info = { 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WAIT_FLAGS) < 0)
		return -errno;
	if (info.si_code == CLD_TRAPPED || trace_tasks_find(tasks, info.si_pid))
		return 0;
	return nanosleep(&nap, NULL) < 0 ? -errno : 0;
}

bool trace_has_any(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG | WAIT_FLAGS) == 0;
}

bool trace_is_there(pid_t tid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)tid, &info, WEXITED | WNOWAIT | WNOHANG | WAIT_FLAGS) == 0;
}

void trace_resume(pid_t tid, int sig)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the signal goes where an address does */
	(void)ptrace(PTRACE_CONT, tid, NULL, (void *)(long)sig);
}

void trace_resume_to_call(pid_t tid, int sig)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the signal goes where an address does */
	(void)ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)sig);
}
