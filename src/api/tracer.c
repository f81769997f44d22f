/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracers: trace/session.c does it; this takes options and puts failures into words. */
#include <strait/tracer.h>

#include "api/handles.h"
#include "trace/session.h"

#include <errno.h>

/* A larger error could not be told from a pointer: include/linux/err.h. */
#define ERRNO_MAX 4095

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_TRACER_CALL, SESSION_CALL);
SAME(STRAIT_TRACER_BORN, SESSION_BORN);
SAME(STRAIT_TRACER_EXECUTED, SESSION_EXECUTED);
SAME(STRAIT_TRACER_ENDED, SESSION_ENDED);

struct strait_tracer {
	struct session session;
	struct arena arena;
	const char *program; /* NULL: adopted */
	const char **filters;
	size_t nfilters;
	unsigned install_flags;
};

static struct strait_tracer *tracer_new(void)
{
	struct strait_tracer *tracer = calloc(1, sizeof(*tracer));

	if (tracer)
		arena_init(&tracer->arena, ARENA_DEFAULT_LIMIT);
	return tracer;
}

static void drop(struct strait_tracer *tracer)
{
	arena_deinit(&tracer->arena);
	free(tracer);
}

void strait_tracer_free(struct strait_tracer *tracer)
{
	if (!tracer)
		return;
	session_end(&tracer->session);
	drop(tracer);
}

static const char *keep(struct strait_tracer *tracer, const char *text)
{
	return arena_strndup(&tracer->arena, text, strlen(text));
}

/* What a report will call them. */
static int keep_names(struct strait_tracer *tracer, const struct strait_tracer_options *options)
{
	tracer->install_flags = options->install_flags;
	tracer->program = keep(tracer, options->argv[0]);
	tracer->filters = arena_array(&tracer->arena, options->nfilters, sizeof(*tracer->filters));
	if (!tracer->program || !tracer->filters)
		return -ENOMEM;
	for (size_t i = 0; i < options->nfilters; i++) {
		tracer->filters[i] = keep(tracer, options->stack[i]->name);
		if (!tracer->filters[i])
			return -ENOMEM;
		tracer->nfilters++;
	}
	return 0;
}

static void report_ending(const struct strait_tracer *tracer, const struct trace_result *result,
			  struct strait_report *report)
{
	const struct ending end = {
		.program = tracer->program,
		.filter =
			result->filter < tracer->nfilters ? tracer->filters[result->filter] : NULL,
		.flags = tracer->install_flags,
	};

	ending_report(&end, result, report);
}

static int start(struct strait_tracer *tracer, const struct strait_tracer_options *options,
		 struct strait_report *report)
{
	struct trace_options wanted = {
		.stack_len = options->nfilters,
		.flags = options->install_flags,
		.argv = options->argv,
		.envp = options->envp,
	};
	struct trace_result result = { .end = TRACE_NOT_FOUND };
	int error = filter_stack(&tracer->arena, options->stack, options->nfilters, CBPF_HOST_ORDER,
				 report, &wanted.stack);

	if (!error)
		error = keep_names(tracer, options);
	if (error)
		return error;
	error = session_start(&tracer->session, &wanted, !(options->flags & STRAIT_TRACER_ALONE));
	if (error > 0) { /* as execvp(3) would fail */
		result.end = error == ENOENT ? TRACE_NOT_FOUND : TRACE_NOT_STARTED;
		result.value = error;
		report_ending(tracer, &result, report);
	} else if (error) {
		report_error(report, DIAG_NOT_TRACED, "'%s' can't be traced: %s", tracer->program,
			     why_not_traced(error));
	}
	return error > 0 ? -error : error;
}

int strait_tracer_start(const struct strait_tracer_options *options, struct strait_report *report,
			struct strait_tracer **out)
{
	struct strait_tracer_options taken;
	struct strait_tracer *tracer;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	/* Nobody would answer a listener. */
	if (!taken.argv || !taken.argv[0] || !taken.envp || taken.flags & ~STRAIT_TRACER_ALONE ||
	    taken.install_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return -EINVAL;
	tracer = tracer_new();
	error = tracer ? start(tracer, &taken, report) : -ENOMEM;
	if (!error)
		*out = tracer;
	else if (tracer)
		drop(tracer);
	return error;
}

int strait_tracer_adopt(pid_t pid, unsigned flags, struct strait_report *report,
			struct strait_tracer **out)
{
	struct strait_tracer *tracer;
	int error;

	/* kill(2) and wait(2) have other meanings for them. */
	if (pid <= 0 || flags & ~STRAIT_TRACER_ALONE)
		return -EINVAL;
	tracer = tracer_new();
	if (!tracer)
		return -ENOMEM;
	error = session_adopt(&tracer->session, pid, !(flags & STRAIT_TRACER_ALONE));
	if (!error) {
		*out = tracer;
		return 0;
	}
	report_error(report, DIAG_NOT_TRACED, "process %d can't be traced: %s", (int)pid,
		     error == -EBUSY ? "it has more than one thread" : why_not_traced(error));
	drop(tracer);
	return error;
}

static void report_failure(int error, struct strait_report *report)
{
	if (error == -ECHILD)
		report_error(report, DIAG_NOT_TRACED,
			     "what was traced has been waited for elsewhere");
	else
		report_error(report, DIAG_NOT_TRACED, "tracing failed: %s", why_not_traced(error));
}

int strait_tracer_next(struct strait_tracer *tracer, unsigned flags, struct strait_report *report,
		       struct strait_tracer_event *event)
{
	struct session_event seen;
	struct strait_tracer_event out;
	int r;

	if (flags & ~STRAIT_TRACER_NOWAIT)
		return -EINVAL;
	r = session_next(&tracer->session, !(flags & STRAIT_TRACER_NOWAIT), &seen);
	if (r < 0 && r != -EAGAIN && r != -EINTR)
		report_failure(r, report);
	if (r <= 0)
		return r;
	if (seen.kind == SESSION_ENDED)
		report_ending(tracer, &seen.result, report);
	out = (struct strait_tracer_event){
		.kind = (enum strait_tracer_kind)seen.kind,
		.pid = seen.pid,
		.tid = seen.tid,
		.other = seen.other,
		.data = seen.data,
		.call = seen.call,
		.end = (enum strait_end)seen.result.end,
		.value = seen.result.value,
	};
	options_out(event, &out, sizeof(out));
	return 1;
}

int strait_tracer_allow(struct strait_tracer *tracer, pid_t tid)
{
	return session_allow(&tracer->session, tid);
}

int strait_tracer_change(struct strait_tracer *tracer, pid_t tid, const struct seccomp_data *call)
{
	return session_change(&tracer->session, tid, call);
}

int strait_tracer_return(struct strait_tracer *tracer, pid_t tid, int64_t value)
{
	return session_answer(&tracer->session, tid, value);
}

int strait_tracer_fail(struct strait_tracer *tracer, pid_t tid, int error)
{
	if (error < 0 || error > ERRNO_MAX)
		return -EINVAL;
	return session_answer(&tracer->session, tid, -error);
}
