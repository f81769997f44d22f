/* SPDX-License-Identifier: BSD-2-Clause */
/* Public names for what notify/ has, and a program under a policy with answers. */
#include <strait/supervisor.h>

#include "api/handles.h"
#include "kernel/kernel.h"
#include "notify/memory.h"
#include "notify/pool.h"

#include <errno.h>
#include <stdio.h>

#define WORKERS 4

struct strait_supervisor {
	struct notify_listener listener;
};

struct strait_request {
	struct notify_request request;
};

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_CAN_ADD_FD, NOTIFY_ADDFD);
SAME(STRAIT_CAN_GIVE_FD, NOTIFY_ADDFD_SEND);
SAME(STRAIT_HAS_SYNC_WAKE_UP, NOTIFY_SYNC_WAKE_UP);
SAME(STRAIT_RECEIVED, NOTIFY_RECEIVED);
SAME(STRAIT_NONE_CAME, NOTIFY_NONE);
SAME(STRAIT_STOPPED, NOTIFY_STOPPED);
SAME(STRAIT_UNUSED, NOTIFY_UNUSED);

int strait_listener_send(int socket, int listener)
{
	return kernel_send_fd(socket, listener);
}

int strait_listener_receive(int socket)
{
	return kernel_receive_fd(socket);
}

int strait_listener_take(pid_t pid, int listener)
{
	return kernel_take_fd(pid, listener);
}

int strait_supervisor_new(int listener, struct strait_report *report,
			  struct strait_supervisor **out)
{
	struct strait_supervisor *supervisor = calloc(1, sizeof(*supervisor));
	int error = supervisor ? notify_open(&supervisor->listener, listener) : -ENOMEM;

	if (!error) {
		*out = supervisor;
		return 0;
	}
	free(supervisor);
	report_error(report, DIAG_NO_LISTENER, "can't supervise: %s",
		     error == -EINVAL ? "the file descriptor is no listener of seccomp's"
				      : strerror(-error));
	return error;
}

void strait_supervisor_free(struct strait_supervisor *supervisor)
{
	if (!supervisor)
		return;
	notify_close(&supervisor->listener);
	free(supervisor);
}

unsigned strait_supervisor_features(const struct strait_supervisor *supervisor)
{
	return supervisor->listener.features;
}

int strait_supervisor_fd(const struct strait_supervisor *supervisor)
{
	return supervisor->listener.fd;
}

void strait_supervisor_stop(const struct strait_supervisor *supervisor)
{
	notify_stop(&supervisor->listener);
}

int strait_request_new(struct strait_supervisor *supervisor, struct strait_request **out)
{
	struct strait_request *request = calloc(1, sizeof(*request));

	if (!request || notify_request_init(&request->request, &supervisor->listener)) {
		free(request);
		return -ENOMEM;
	}
	*out = request;
	return 0;
}

void strait_request_free(struct strait_request *request)
{
	if (!request)
		return;
	notify_request_deinit(&request->request);
	free(request);
}

int strait_supervisor_receive(struct strait_supervisor *supervisor, struct strait_request *request,
			      int timeout)
{
	if (request->request.listener != &supervisor->listener)
		return -EINVAL;
	return notify_receive(&supervisor->listener, &request->request, timeout);
}

const struct seccomp_notif *strait_request_notif(const struct strait_request *request)
{
	return request->request.notif;
}

int strait_request_describe(const struct strait_request *request, char **out)
{
	AUTO_BUF text = { 0 };

	call_describe(&request->request.notif->data, CALL_ARGS_ALL, &text);
	return buf_finish(&text, out, NULL);
}

int strait_request_is_alive(const struct strait_request *request)
{
	return notify_is_alive(&request->request);
}

int strait_request_read(const struct strait_request *request, uint64_t address, void *out,
			size_t size)
{
	return notify_read(&request->request, address, out, size);
}

ssize_t strait_request_read_string(const struct strait_request *request, uint64_t address,
				   char *out, size_t size)
{
	return notify_read_string(&request->request, address, out, size);
}

int strait_request_write(const struct strait_request *request, uint64_t address, const void *bytes,
			 size_t size)
{
	return notify_write(&request->request, address, bytes, size);
}

int strait_request_add_fd(const struct strait_request *request, int fd, int at, unsigned flags)
{
	return notify_add_fd(&request->request, fd, at, flags);
}

int strait_request_return(const struct strait_request *request, int64_t value)
{
	return notify_return(&request->request, value);
}

int strait_request_fail(const struct strait_request *request, int error)
{
	return notify_fail(&request->request, error);
}

int strait_request_continue(const struct strait_request *request)
{
	return notify_continue(&request->request);
}

int strait_request_give_fd(const struct strait_request *request, int fd, unsigned flags)
{
	return notify_give_fd(&request->request, fd, flags);
}

/* ---- a program under a policy with answers ---- */

struct supervision {
	const struct strait_supervise_options *options;
	struct strait_report *report;
	struct notify_answers *answers;
	struct notify_listener listener; /* where there is a pool */
	bool is_killable;		 /* it came with WAIT_KILLABLE_RECV */
	struct notify_pool *pool;
	pthread_mutex_t telling;
};

/* The thread's name; "" where it is gone. */
static void read_comm(pid_t tid, char *comm, size_t size)
{
	char path[sizeof("/proc/4294967295/comm")];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", (unsigned)tid);
	file = fopen(path, "re");
	if (!file || !fgets(comm, (int)size, file))
		comm[0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void tell(struct supervision *s, const struct notify_request *r,
		 const struct notify_done *done, enum strait_answer answer)
{
	const struct cbpf_prog *prog = &s->options->filter->prog;
	struct engine_verdict decided =
		engine_decide(&prog, 1, &r->notif->data, CBPF_HOST_ORDER, ENGINE_LISTENER);
	struct strait_verdict *verdict;
	struct notify_caller caller;
	char comm[64];
	struct strait_answered told = {
		.pid = (pid_t)r->notif->pid,
		.tid = (pid_t)r->notif->pid,
		.comm = comm,
		.answer = answer,
		.error = done->error,
		.path = done->has_path ? done->path : NULL,
	};

	if (verdict_new(&s->options->filter, &r->notif->data, &decided, 1, &verdict))
		return;
	told.verdict = verdict;
	if (notify_caller_read(r, &caller) == 0) {
		told.pid = caller.pid;
		notify_caller_free(&caller);
	}
	read_comm(told.tid, comm, sizeof(comm));
	pthread_mutex_lock(&s->telling);
	s->options->answered(s->options->user, &told);
	pthread_mutex_unlock(&s->telling);
	strait_verdict_free(verdict);
}

static void on_answer(void *user, const struct notify_request *r, const struct notify_done *done)
{
	if (!done->answer)
		return;
	if (done->answer->kind == RULES_ANSWER_CONTINUE)
		tell(user, r, done, STRAIT_ANSWER_CONTINUED);
	else if (done->answer->npaths && (done->error == EACCES || done->error == EPERM))
		tell(user, r, done, STRAIT_ANSWER_REFUSED);
}

static void on_stopped(void *user, const struct strait_stopped *call)
{
	struct supervision *s = user;

	pthread_mutex_lock(&s->telling);
	s->options->stopped(s->options->user, call);
	pthread_mutex_unlock(&s->telling);
}

static int listening(void *user, int fd)
{
	struct supervision *s = user;
	struct notify_pool_options options = {
		.listener = &s->listener,
		.answers = s->answers,
		.workers = s->options->workers ? s->options->workers : WORKERS,
		.told = s->options->answered ? on_answer : NULL,
		.user = s,
	};
	int error = notify_open(&s->listener, fd);

	s->listener.is_killable = s->is_killable;
	if (error) {
		close(fd);
	} else if (notify_answers_need(s->answers) & ~s->listener.features) {
		error = -ENOTSUP;
		notify_close(&s->listener);
	} else {
		error = notify_pool_start(&options, &s->pool);
		if (error)
			notify_close(&s->listener);
	}
	if (error)
		report_error(s->report, DIAG_NO_LISTENER, "can't supervise: %s",
			     error == -ENOTSUP ? "open_beneath needs Linux 5.9, which hands files "
						 "to those who wait"
					       : strerror(-error));
	return error;
}

static int find_answers(struct supervision *s)
{
	const struct strait_policy *policy = s->options->filter->policy;
	struct diags diags;
	struct arena arena;
	int error;

	if (!policy) {
		report_error(s->report, DIAG_NO_ANSWER,
			     "'%s' is no policy: nothing says what the supervisor answers",
			     s->options->filter->name);
		return -EINVAL;
	}
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &policy->sources);
	error = notify_answers_new(policy->rules, &diags, &s->answers);
	report_collect(s->report, &diags);
	arena_deinit(&arena);
	return error;
}

static int supervise(struct supervision *s, struct strait_run_result *result)
{
	const struct strait_supervise_options *o = s->options;
	struct run_supervision supervision = { .listening = listening, .user = s };
	struct strait_run_options options = {
		.size = sizeof(options),
		.stack = &o->filter,
		.nfilters = 1,
		.argv = o->argv,
		.envp = o->envp,
		.tell = STRAIT_TELL_KILLED,
		.flags = o->flags,
		.stopped = o->stopped ? on_stopped : NULL,
		.user = s,
	};
	struct kernel_probe probe;

	kernel_probe(&probe);
	if (!(probe.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)) {
		report_error(s->report, DIAG_NO_LISTENER,
			     "this kernel has no listeners: Linux 5.0 is needed");
		return -ENOTSUP;
	}
	/* Without it a file may be opened twice where a signal comes in between. */
	supervision.flags = probe.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	s->is_killable = supervision.flags != 0;
	return run_program(&options, &supervision, s->report, result);
}

int strait_supervise(const struct strait_supervise_options *options, struct strait_report *report,
		     struct strait_run_result *result)
{
	struct strait_supervise_options taken;
	struct supervision s = { .options = &taken, .report = report };
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (!taken.filter || !taken.argv || !taken.argv[0] || !taken.envp)
		return -EINVAL;
	error = find_answers(&s);
	if (error)
		return error;
	pthread_mutex_init(&s.telling, NULL);
	error = supervise(&s, result);
	if (s.pool) {
		notify_pool_end(s.pool);
		notify_close(&s.listener);
	}
	pthread_mutex_destroy(&s.telling);
	notify_answers_free(s.answers);
	return error;
}
