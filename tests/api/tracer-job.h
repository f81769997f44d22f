/* SPDX-License-Identifier: BSD-2-Clause */
/* One program under a tracer that answers every call in one way, and what the tracer was told. */
#ifndef STRAIT_TESTS_API_TRACER_JOB_H
#define STRAIT_TESTS_API_TRACER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strait/strait.h>

extern char **environ;
static char *self;

enum answer { ALLOW, FAIL, RETURN, CHANGE_NR, CHANGE_ARG, CHANGE_REST, NONE };

struct job {
	const char *policy;  /* NULL: trace(7) getppid */
	const char *argv[3]; /* the act and its arguments */
	enum answer answer;
	int64_t value;
	unsigned flags;
};

#define BORN_MAX 1024

struct seen {
	int error; /* of the last call of the library but next() == 0 */
	unsigned calls, born, executed, ended;
	unsigned strangers; /* events of threads whose birth wasn't told */
	unsigned makerless;
	struct strait_tracer_event call, end; /* the last call, the program's end */
	char report[256];		      /* its last message */
	pid_t main;
	pid_t alive[BORN_MAX];
	size_t nalive;
};

static pid_t *find(struct seen *seen, pid_t tid)
{
	for (size_t i = 0; i < seen->nalive; i++)
		if (seen->alive[i] == tid)
			return &seen->alive[i];
	return NULL;
}

static struct strait_filter *compile(const char *policy)
{
	struct strait_policy *read;
	struct strait_filter *filter = NULL;

	if (!policy)
		policy = "default allow\ntrace(7) getppid\n";
	if (strait_policy_read_text("policy", policy, strlen(policy), NULL, NULL, &read))
		abort();
	if (strait_filter_compile(read, NULL, NULL, &filter))
		abort();
	strait_policy_free(read);
	return filter;
}

static int start(const struct job *job, struct strait_report *report, struct strait_tracer **tracer)
{
	struct strait_filter *filter = compile(job->policy);
	const struct strait_filter *stack[] = { filter };
	char *argv[] = { self, NULL, NULL, NULL, NULL };
	const struct strait_tracer_options options = {
		.size = sizeof(options),
		.stack = stack,
		.nfilters = 1,
		.argv = argv,
		.envp = environ,
		.flags = job->flags,
	};
	int error;

	for (size_t i = 0; i < 3; i++)
		argv[i + 1] = (char *)(uintptr_t)job->argv[i];
	if (argv[1] && *argv[1] == '/') /* a program of its own */
		argv[0] = argv[1];
	error = strait_tracer_start(&options, report, tracer);
	strait_filter_free(filter);
	return error;
}

static int reply(struct strait_tracer *tracer, const struct job *job,
		 const struct strait_tracer_event *event)
{
	struct seccomp_data call = event->call;

	switch (job->answer) {
	case ALLOW:
		return strait_tracer_allow(tracer, event->tid);
	case FAIL:
		return strait_tracer_fail(tracer, event->tid, (int)job->value);
	case RETURN:
		return strait_tracer_return(tracer, event->tid, job->value);
	case CHANGE_NR:
		call.nr = (int)job->value;
		break;
	case CHANGE_ARG:
		call.args[0] = (uint64_t)job->value;
		break;
	case CHANGE_REST:
		for (int i = 2; i < 6; i++)
			call.args[i] = (uint64_t)job->value + (unsigned)i;
		break;
	case NONE:
		return 0;
	}
	return strait_tracer_change(tracer, event->tid, &call);
}

static void take(struct strait_tracer *tracer, const struct job *job, struct seen *seen,
		 const struct strait_tracer_event *event)
{
	pid_t *known;
	int r;

	if (!seen->main)
		seen->main = seen->alive[seen->nalive++] = event->tid;
	if (event->kind == STRAIT_TRACER_BORN && seen->nalive < BORN_MAX)
		seen->alive[seen->nalive++] = event->tid;
	known = find(seen, event->tid);
	seen->strangers += !known;
	switch (event->kind) {
	case STRAIT_TRACER_CALL:
		seen->calls++;
		seen->call = *event;
		r = reply(tracer, job, event);
		if (r && r != -ESRCH) {
			seen->error = r;
			strait_tracer_allow(tracer, event->tid);
		}
		break;
	case STRAIT_TRACER_BORN:
		seen->born++;
		seen->makerless += !event->other;
		break;
	case STRAIT_TRACER_EXECUTED:
		seen->executed++;
		break;
	case STRAIT_TRACER_ENDED:
		seen->ended++;
		if (event->tid == seen->main)
			seen->end = *event;
		if (known)
			*known = 0;
		break;
	}
}

static void run(struct strait_tracer *tracer, const struct job *job, struct strait_report *report,
		struct seen *seen)
{
	struct strait_tracer_event event = { .size = sizeof(event) };
	const struct strait_message *message;
	int r;

	while ((r = strait_tracer_next(tracer, 0, report, &event)) > 0 || r == -EINTR)
		if (r > 0)
			take(tracer, job, seen, &event);
	if (r)
		seen->error = r;
	message = strait_report_at(report, 0);
	if (message)
		snprintf(seen->report, sizeof(seen->report), "%s", message->text);
}

static struct seen do_job(const struct job *job)
{
	struct strait_report *report = strait_report_new();
	struct strait_tracer *tracer = NULL;
	struct seen seen = { 0 };

	seen.error = start(job, report, &tracer);
	if (seen.error) {
		const struct strait_message *message = strait_report_at(report, 0);

		snprintf(seen.report, sizeof(seen.report), "%s", message ? message->text : "");
	} else {
		run(tracer, job, report, &seen);
	}
	strait_tracer_free(tracer);
	strait_report_free(report);
	return seen;
}

#endif
