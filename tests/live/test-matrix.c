/* SPDX-License-Identifier: BSD-2-Clause */
/* Each action in each situation: what becomes of the call, as the process itself or its parent sees
 * it. */
#include "live/says.h"

static const struct {
	const char *name;
	uint32_t ret;
	int sig;     /* what ends the process, or 0 */
	long result; /* else what the call returns; 1: it is executed */
} actions[] = {
	{ "kill_process", SECCOMP_RET_KILL_PROCESS, SIGSYS, 0 },
	{ "kill_thread", SECCOMP_RET_KILL_THREAD, SIGSYS, 0 },
	{ "trap", SECCOMP_RET_TRAP, SIGSYS, 0 },
	{ "errno", SECCOMP_RET_ERRNO | EBADMSG, 0, -EBADMSG },
	{ "notify", SECCOMP_RET_USER_NOTIF, 0, -ENOSYS },
	{ "trace", SECCOMP_RET_TRACE, 0, -ENOSYS },
	{ "log", SECCOMP_RET_LOG, 0, 1 },
	{ "allow", SECCOMP_RET_ALLOW, 0, 1 },
};

static size_t current;
static char self[4096];

/* 0: the call ended as it should. */
static int judge(void)
{
	long r = says_call();

	return actions[current].result == 1 ? r <= 0 : r != actions[current].result;
}

static int attach(void)
{
	return says_answer(CALL, actions[current].ret, 0);
}

static int alone(void)
{
	return attach() || judge();
}

static void *judge_in_thread(void *result)
{
	*(int *)result = judge();
	return NULL;
}

/* A thread that is killed alone leaves the 9, and SIGSYS to the process, which makes the call as
 * well. */
static int in_thread(void)
{
	pthread_t thread;
	int result = 9;

	if (attach() || pthread_create(&thread, NULL, judge_in_thread, &result))
		return 1;
	pthread_join(thread, NULL);
	return result == 9 ? judge() : result;
}

/* Passes on how the child ended. */
static int in_child(void)
{
	int status;
	pid_t pid;

	if (attach())
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(judge());
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int after_exec(void)
{
	char word[8];

	snprintf(word, sizeof(word), "%zu", current);
	if (!attach())
		execl(self, self, word, NULL);
	return 1;
}

static int under_newer_allow(void)
{
	return attach() || says_answer(CALL, SECCOMP_RET_ALLOW, 0) || judge();
}

static int over_older_allow(void)
{
	return says_answer(CALL, SECCOMP_RET_ALLOW, 0) || attach() || judge();
}

static int twice(void)
{
	return attach() || attach() || judge();
}

static const struct {
	const char *name;
	int (*shown)(void);
} situations[] = {
	{ "in the only thread", alone },
	{ "in another thread", in_thread },
	{ "in a child of fork", in_child },
	{ "after execve", after_exec },
	{ "under a newer filter that allows", under_newer_allow },
	{ "over an older filter that allows", over_older_allow },
	{ "in two filters", twice },
};

int main(int argc, char **argv)
{
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size <= 0)
		return 1;
	if (argc == 2) {
		current = strtoul(argv[1], NULL, 10);
		return current < LEN(actions) ? judge() : 1;
	}
	for (current = 0; current < LEN(actions); current++) {
		for (size_t i = 0; i < LEN(situations); i++) {
			int status = says_status(situations[i].shown), sig = actions[current].sig;

			ok(sig ? says_died_of(status, sig) : says_exited(status, 0), "%s %s: %s",
			   actions[current].name, situations[i].name,
			   sig				  ? "ends it by SIGSYS"
			   : actions[current].result == 1 ? "the call is executed"
							  : "the call fails");
		}
	}
	return done();
}
