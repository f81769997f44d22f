/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of trace_run() in a child, as the command would do it, and what it said, in memory that
 * is shared with the test. The programs that are run are the test binary itself: act(name).
 */
#ifndef STRAIT_TESTS_TRACE_JOB_H
#define STRAIT_TESTS_TRACE_JOB_H

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "trace/trace.h"

#define JOB_CALLS 64

/* A filter: RET for this call, else ALLOW. */
struct rule {
	unsigned nr, ret;
	unsigned arch; /* 0: any */
};

struct job {
	enum trace_report report;
	struct rule rules[4]; /* the oldest first; nr 0: no more */
	const char *argv[6];  /* [0] NULL: the test itself, acting as [1] */
	unsigned flags;
};

struct seen {
	struct trace_stopped call;
	char comm[80];
};

struct outcome {
	int error; /* of trace_run() */
	struct trace_result result;
	unsigned ncalls;
	struct seen calls[JOB_CALLS];
	pid_t notes[1]; /* for a test's own use */
};

extern char **environ;
static char *job_self;
static struct outcome *job_outcome;

static void job_stopped(void *user, const struct trace_stopped *call)
{
	struct outcome *outcome = user;
	struct seen *seen = &outcome->calls[outcome->ncalls % JOB_CALLS];

	seen->call = *call;
	strncpy(seen->comm, call->comm, sizeof(seen->comm) - 1);
	outcome->ncalls++;
}

/* Runs JOB in the calling process. */
static void job_run(const struct job *job)
{
	struct sock_filter insns[4][6];
	struct cbpf_prog progs[4];
	const struct cbpf_prog *stack[4];
	char *argv[7] = { job_self };
	struct trace_options options = {
		.stack = stack,
		.flags = job->flags,
		.argv = argv,
		.envp = environ,
		.report = job->report,
		.stopped = job_stopped,
		.user = job_outcome,
	};

	for (size_t i = 0; i < 4 && job->rules[i].nr; i++) {
		const struct rule *rule = &job->rules[i];
		const struct sock_filter code[6] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->arch, 0, rule->arch ? 3 : 0),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->nr, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, rule->ret),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};

		memcpy(insns[i], code, sizeof(code));
		progs[i] = (struct cbpf_prog){ .insns = insns[i], .len = 6 };
		stack[i] = &progs[i];
		options.stack_len++;
	}
	for (size_t i = 0; i < 6; i++)
		if (job->argv[i])
			argv[i] = (char *)(uintptr_t)job->argv[i];
	job_outcome->error = trace_run(&options, &job_outcome->result);
}

static void job_reset(void)
{
	if (!job_outcome)
		job_outcome = mmap(NULL, sizeof(*job_outcome), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job_outcome == MAP_FAILED)
		abort();
	memset(job_outcome, 0, sizeof(*job_outcome));
}

/* Starts a process that runs JOB and exits with 0. */
__attribute__((unused)) static pid_t job_start(const struct job *job)
{
	pid_t pid;

	job_reset();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60); /* is handed on to the program, which ends the run */
		job_run(job);
		_exit(0);
	}
	return pid;
}

static int job_wait(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

__attribute__((unused)) static const struct outcome *job_do(const struct job *job)
{
	job_wait(job_start(job));
	return job_outcome;
}

static bool job_ended(enum trace_end end, int value)
{
	const struct outcome *o = job_outcome;

	if (o->error == 0 && o->result.end == end && o->result.value == value)
		return true;
	note("trace_run() = %d, end %d, value %d, %u calls", o->error, (int)o->result.end,
	     o->result.value, o->ncalls);
	return false;
}

#endif
