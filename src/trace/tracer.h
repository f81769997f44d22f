/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows a program and its descendants from stop to stop. Stops are rare: births, deaths, execs
 * and signals; with REPORT_ALL refused calls as well, with REPORT_CALLS each call, twice.
 */
#ifndef STRAIT_TRACE_TRACER_H
#define STRAIT_TRACE_TRACER_H

#include "trace/launch.h"
#include "trace/tasks.h"

struct tracer {
	const struct trace_options *options;
	const volatile struct trace_progress *progress;
	pid_t main;	   /* the program */
	bool is_listening; /* options->listening() has the listener */
	bool executed;	   /* execve succeeded: it runs */
	bool ended;	   /* with `status` of waitpid(2) */
	int status;
	bool has_verdict; /* the last call before the program was executed was stopped ... */
	struct engine_verdict verdict; /* ... so */
	struct trace_tasks tasks;
	bool stopped;	     /* the program is, by a signal */
	bool stop_is_shared; /* ... and who sent it expects the tracer to stop too */
	bool continued;	     /* the tracer was, after it had stopped with the program */
	bool is_left;	     /* who outlives the program isn't waited for */
	int error;
};

/* Becomes the tracer of MAIN, which waits. 0, or -errno of ptrace(2), or -ENOMEM. */
NODISCARD int tracer_seize(struct tracer *t);
/* Until the end that REPORT asks for. -ENOMEM: the program was killed. */
NODISCARD int tracer_follow(struct tracer *t);

#define TRACE_COMM_SIZE 80 /* 15 bytes, each escaped */
/* The process and the name of a thread; without /proc a process of its own, without a name. */
pid_t trace_identify(pid_t tid, char *comm, size_t size);

#endif
