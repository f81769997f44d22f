/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From stop to stop, as tracer.c, but stops at calls are held until somebody answers.
 *
 * A newborn's first stop and its maker's PTRACE_EVENT_* come in either order. It is held until both
 * have come, so that its birth is told before anything else of it, with its maker. A maker that is
 * killed first tells nothing; is_orphan() finds out.
 */
#include "trace/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "arch/arch.h"
#include "kernel/proc.h"
#include "trace/regs.h"
#include "trace/stops.h"

/* How often to look for a last newborn; see is_deserted(). */
#define LOOKS 10

static void doom(struct session *s, int error)
{
	s->error = error;
	for (size_t i = 0; i < s->tasks.len; i++)
		kill(s->tasks.v[i].tid, SIGKILL);
}

static void go(const struct trace_task *task, int sig)
{
	if (task->restores)
		trace_resume_to_call(task->tid, sig);
	else
		trace_resume(task->tid, sig);
}

static void tell(struct session_event *event, enum session_kind kind, const struct trace_task *task)
{
	*event = (struct session_event){ .kind = kind, .pid = task->pid, .tid = task->tid };
}

/* ---- births ---- */

/* The process that a thread belongs to, found without /proc: tgkill(2) says no to a wrong one. */
static pid_t process_of(const struct session *s, pid_t tid)
{
	if (syscall(SYS_tgkill, tid, tid, 0) == 0)
		return tid;
	for (size_t i = 0; i < s->tasks.len; i++) {
		pid_t pid = s->tasks.v[i].pid;

		if (s->tasks.v[i].tid == pid && syscall(SYS_tgkill, pid, tid, 0) == 0)
			return pid;
	}
	return tid; /* it has ended */
}

static struct trace_task *add(struct session *s, pid_t tid)
{
	pid_t pid = process_of(s, tid);
	struct trace_task *task;

	if (trace_tasks_add(&s->tasks, tid) < 0) {
		doom(s, -ENOMEM);
		return NULL;
	}
	task = trace_tasks_find(&s->tasks, tid);
	task->pid = pid;
	return task;
}

/* A stop that is no call's and no event's; a stopped group stays so until it is continued. */
static void leave_stop(const struct trace_task *task, int sig)
{
	if (trace_signals_is_stop(sig))
		(void)ptrace(PTRACE_LISTEN, task->tid, NULL, NULL);
	else
		go(task, 0);
}

/* A child of a changed call begins with its maker's registers, and is given back its own. */
static void restore(struct trace_task *task)
{
	if (task->restores)
		(void)!trace_regs_change(task->tid, &task->changed, &task->call);
	task->restores = false;
}

static void release(struct session *s, struct trace_task *task)
{
	task->is_held = false;
	s->held--;
	restore(task);
	leave_stop(task, task->stop);
}

static void inherit(struct trace_task *task, const struct trace_task *maker)
{
	task->restores = maker->restores;
	task->call = maker->call;
	task->changed = maker->changed;
}

static bool on_birth(struct session *s, pid_t tid, struct session_event *event)
{
	struct trace_task *task, *maker;
	unsigned long born = 0;
	bool is_new, is_told;

	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &born) < 0)
		return false;
	task = trace_tasks_find(&s->tasks, (pid_t)born);
	is_new = !task && trace_is_there((pid_t)born);
	if (is_new)
		task = add(s, (pid_t)born);
	maker = trace_tasks_find(&s->tasks, tid); /* adding has moved it */
	is_told = task && (is_new || task->is_held);
	if (is_told) {
		inherit(task, maker);
		if (task->is_held)
			release(s, task);
		tell(event, SESSION_BORN, task);
		event->other = tid;
	}
	go(maker, 0);
	return is_told;
}

static bool has_process(const struct session *s, pid_t pid)
{
	for (size_t i = 0; i < s->tasks.len; i++)
		if (s->tasks.v[i].pid == pid)
			return true;
	return false;
}

/* 0: not known. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[1024];
	long parent;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!kernel_read_file(path, text, sizeof(text)))
		return 0;
	parent = kernel_line_number(text, "\nPPid:");
	/* By CLONE_PARENT it isn't its maker's child. */
	return parent > 0 && parent != getpid() ? (pid_t)parent : 0;
}

/*
 * Is the maker of a newborn that is held dead? A thread in clone(2) dies with its process or when
 * another thread of it executes a program; so does a newborn thread. Of an unknown process any
 * death counts.
 */
static bool is_orphan(const struct session *s, const struct trace_task *task)
{
	if (!task->is_held || task->pid != task->tid)
		return false;
	return task->parent ? !has_process(s, task->parent) : s->has_death;
}

static void hold(struct session *s, struct trace_task *task, int sig)
{
	task->is_held = true;
	task->stop = sig;
	task->parent = parent_of(task->tid);
	s->held++;
	s->releases = true;
}

static bool on_release(struct session *s, struct session_event *event)
{
	for (size_t i = 0; s->held && i < s->tasks.len; i++) {
		struct trace_task *task = &s->tasks.v[i];

		if (!is_orphan(s, task))
			continue;
		release(s, task);
		tell(event, SESSION_BORN, task);
		return true;
	}
	s->releases = false;
	s->has_death = false;
	return false;
}

/* What threads of PID, which are gone now, have made. */
static void disown(struct session *s, pid_t pid)
{
	for (size_t i = 0; s->held && i < s->tasks.len; i++)
		if (s->tasks.v[i].parent == pid)
			s->tasks.v[i].parent = 0;
	s->has_death = s->releases = s->held > 0;
}

/* ---- calls ---- */

static bool on_call(struct session *s, struct trace_task *task, struct session_event *event)
{
	unsigned long data = 0;
	int r = trace_regs_this_call(task->tid, &task->call);

	if (r == 0 && ptrace(PTRACE_GETEVENTMSG, task->tid, NULL, &data) < 0)
		r = -errno;
	if (r < 0) {
		if (r != -ESRCH)
			doom(s, -ENOTSUP);
		return false;
	}
	task->waits = true;
	task->restores = false;
	tell(event, SESSION_CALL, task);
	event->data = (uint16_t)data;
	event->call = task->call;
	return true;
}

/* In a syscall-exit stop. */
static void on_return(struct trace_task *task)
{
	restore(task);
	go(task, 0);
}

static bool on_exec(struct session *s, struct trace_task *task, struct session_event *event)
{
	unsigned long former = 0;
	pid_t tid = task->tid;

	if (tid == s->main)
		s->executed = true;
	(void)ptrace(PTRACE_GETEVENTMSG, tid, NULL, &former);
	/* A thread that isn't the first takes the first one's id and loses its own: ptrace(2). */
	if ((pid_t)former != tid)
		trace_tasks_remove(&s->tasks, (pid_t)former);
	disown(s, tid);
	task = trace_tasks_find(&s->tasks, tid);
	task->waits = false;
	task->restores = false; /* these are a new program's registers */
	tell(event, SESSION_EXECUTED, task);
	event->other = (pid_t)former;
	go(task, 0);
	return true;
}

/* ---- ends ---- */

static void judge(const struct session *s, pid_t tid, int status, struct trace_result *result)
{
	const struct trace_progress *progress = s->spawn.progress;

	*result = (struct trace_result){
		.end = WIFEXITED(status) ? TRACE_EXITED : TRACE_SIGNALED,
		.value = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
	};
	if (tid != s->main || s->executed)
		return;
	if (progress->failed)
		trace_launch_guess(progress, s->stack, ENGINE_TRACER, result);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		trace_launch_killed(progress, result);
}

static bool on_end(struct session *s, pid_t tid, int status, struct session_event *event)
{
	struct trace_task *task = trace_tasks_find(&s->tasks, tid);
	bool is_told = task && !task->is_held;

	if (is_told) {
		tell(event, SESSION_ENDED, task);
		judge(s, tid, status, &event->result);
	} else if (task) {
		s->held--; /* it has never run */
	}
	trace_tasks_remove(&s->tasks, tid);
	s->has_death = s->releases = s->held > 0;
	return is_told;
}

/* ---- the loop ---- */

static bool on_event(struct session *s, struct trace_task *task, int status,
		     struct session_event *event)
{
	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		return on_call(s, task, event);
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return on_birth(s, task->tid, event);
	case PTRACE_EVENT_EXEC:
		return on_exec(s, task, event);
	case PTRACE_EVENT_STOP:
		restore(task); /* of a newborn */
		leave_stop(task, WSTOPSIG(status));
		return false;
	default:
		go(task, 0);
		return false;
	}
}

static bool on_status(struct session *s, pid_t tid, int status, struct session_event *event)
{
	struct trace_task *task = trace_tasks_find(&s->tasks, tid);

	if (!WIFSTOPPED(status))
		return on_end(s, tid, status, event);
	if (!task) {
		task = add(s, tid);
		if (!task)
			return false;
		if (status >> 16 == PTRACE_EVENT_STOP) {
			hold(s, task, WSTOPSIG(status));
			return false;
		}
	}
	task->waits = false;
	if (status >> 16)
		return on_event(s, task, status, event);
	if (WSTOPSIG(status) == TRACE_CALL_STOP)
		on_return(task);
	else
		go(task, WSTOPSIG(status));
	return false;
}

/*
 * A maker that was killed has told nothing of the newborn, which is about to stop. If the thread
 * has no other children, waiting says whether there is one.
 */
static bool is_deserted(const struct session *s, int *looks)
{
	const struct timespec nap = { 0, 1000000 };

	if (!trace_has_any() || (*looks)++ == LOOKS)
		return !s->tasks.len;
	(void)nanosleep(&nap, NULL);
	return false;
}

int session_next(struct session *s, bool waits, struct session_event *event)
{
	bool interrupted = false;
	int looks = 0, status;

	if (s->tracer != (pid_t)syscall(SYS_gettid))
		return -EINVAL;
	while (!s->error) {
		pid_t tid;

		if (s->releases && on_release(s, event))
			return 1;
		tid = trace_take(&s->tasks, &status);
		if (tid > 0 && on_status(s, tid, status, event) && !s->error)
			return 1;
		if (tid > 0)
			continue;
		if (!s->tasks.len) {
			if (is_deserted(s, &looks))
				return 0;
			continue;
		}
		if (!waits || interrupted)
			return interrupted ? -EINTR : -EAGAIN;
		interrupted = false;
		switch (trace_wait(&s->tasks)) {
		case 0:
			break;
		case -EINTR:
			interrupted = true; /* by SIGCHLD, perhaps: there may be something now */
			break;
		default:
			doom(s, -ECHILD); /* somebody else has reaped them */
			break;
		}
	}
	return s->error;
}

/* ---- answers ---- */

static struct trace_task *find_waiting(struct session *s, pid_t tid)
{
	struct trace_task *task = trace_tasks_find(&s->tasks, tid);

	if (s->error || s->tracer != (pid_t)syscall(SYS_gettid))
		return NULL;
	return task && task->waits ? task : NULL;
}

/* A call that can't be answered as it should be isn't executed. */
static int answered(struct trace_task *task, int r)
{
	task->waits = false;
	if (r == 0)
		go(task, 0);
	else if (r != -ESRCH)
		kill(task->tid, SIGKILL);
	return r;
}

int session_allow(struct session *s, pid_t tid)
{
	struct trace_task *task = find_waiting(s, tid);

	return task ? answered(task, 0) : -ESRCH;
}

/* It takes all registers from a frame in memory. */
static bool is_sigreturn(const struct seccomp_data *call)
{
	const struct arch *arch = arch_of_call(call->arch, (uint32_t)call->nr);
	const struct arch_syscall *row = arch ? arch_syscall_by_nr(arch, (uint32_t)call->nr) : NULL;

	return row &&
	       (strcmp(row->name, "rt_sigreturn") == 0 || strcmp(row->name, "sigreturn") == 0);
}

int session_change(struct session *s, pid_t tid, const struct seccomp_data *call)
{
	struct trace_task *task = find_waiting(s, tid);

	if (!task)
		return -ESRCH;
	if (call->arch != task->call.arch ||
	    call->instruction_pointer != task->call.instruction_pointer)
		return -EINVAL;
	task->changed = *call;
	/* A program expects all but the result to be as it was: its compiler counts on it, and a
	 * call that a signal interrupts begins anew. */
	task->restores = memcmp(call, &task->call, sizeof(*call)) != 0 && !is_sigreturn(call);
	return answered(task, trace_regs_change(tid, &task->call, call));
}

int session_answer(struct session *s, pid_t tid, int64_t result)
{
	struct trace_task *task = find_waiting(s, tid);

	return task ? answered(task, trace_regs_answer(tid, result)) : -ESRCH;
}

/* ---- beginning and end ---- */

static int seize(struct session *s, pid_t pid)
{
	unsigned long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC |
				PTRACE_O_TRACESYSGOOD;

	if (s->follows)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the options go where an address does */
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0)
		return -errno;
	if (!add(s, pid))
		return s->error;
	return 0;
}

static void init(struct session *s, bool follows)
{
	*s = (struct session){ .tracer = (pid_t)syscall(SYS_gettid), .follows = follows };
	trace_spawn_init(&s->spawn);
	arena_init(&s->arena, ARENA_DEFAULT_LIMIT);
}

/* The caller's filters may be gone when the program's end is judged. */
static int keep_stack(struct session *s, const struct trace_options *options)
{
	struct cbpf_prog *progs = arena_array(&s->arena, options->stack_len, sizeof(*progs));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const struct cbpf_prog **list = arena_array(&s->arena, options->stack_len, sizeof(*list));

	if (!progs || !list)
		return -ENOMEM;
	for (size_t i = 0; i < options->stack_len; i++) {
		const struct cbpf_prog *from = options->stack[i];

		progs[i].len = from->len;
		progs[i].insns = arena_array(&s->arena, from->len, sizeof(*from->insns));
		if (!progs[i].insns)
			return -ENOMEM;
		memcpy(progs[i].insns, from->insns, from->len * sizeof(*from->insns));
		list[i] = &progs[i];
	}
	s->stack = list;
	return 0;
}

/* The child waits in a read(2) that can be interrupted. PTRACE_GET_SYSCALL_INFO: Linux 5.3. */
static int check_kernel(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status, r = 0;

	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return -errno;
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFSTOPPED(status))
		return -ECHILD;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the size goes where an address does */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0)
		r = errno == EIO ? -ENOTSUP : -errno;
	trace_resume(pid, 0);
	return r;
}

static int start(struct session *s, const struct trace_options *options)
{
	int r = keep_stack(s, options);

	if (r == 0)
		r = trace_launch_prepare(&s->arena, options, &s->spawn.launch);
	if (r)
		return r;
	trace_signals_hold(&s->spawn.signals);
	r = trace_spawn_fork(&s->spawn);
	trace_signals_release(&s->spawn.signals);
	if (r < 0)
		return r;
	s->main = s->spawn.pid;
	r = seize(s, s->main);
	if (r == 0)
		r = check_kernel(s->main);
	if (r == 0)
		r = trace_spawn_go(&s->spawn);
	if (r < 0) {
		trace_spawn_abandon(&s->spawn);
		trace_tasks_remove(&s->tasks, s->main);
	}
	return r;
}

int session_start(struct session *s, const struct trace_options *options, bool follows)
{
	int r;

	init(s, follows);
	r = trace_regs_known ? start(s, options) : -ENOTSUP;
	if (r)
		session_end(s);
	return r;
}

/* Without /proc nobody can tell. */
static bool has_one_thread(pid_t pid)
{
	char path[48], text[4096];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return !kernel_read_file(path, text, sizeof(text)) ||
	       kernel_line_number(text, "\nThreads:") <= 1;
}

int session_adopt(struct session *s, pid_t pid, bool follows)
{
	int r;

	init(s, follows);
	if (!trace_regs_known)
		r = -ENOTSUP;
	else
		r = has_one_thread(pid) ? seize(s, pid) : -EBUSY;
	if (r)
		session_end(s);
	return r;
}

void session_end(struct session *s)
{
	int looks = 0, status, r = 0;

	doom(s, -ECHILD);
	while (r != -ECHILD) {
		pid_t tid = trace_take(&s->tasks, &status);

		if (tid > 0 && WIFSTOPPED(status)) {
			kill(tid, SIGKILL);
			(void)!trace_tasks_add(&s->tasks, tid);
			trace_resume(tid, 0);
		} else if (tid > 0) {
			trace_tasks_remove(&s->tasks, tid);
		} else if (s->tasks.len) {
			r = trace_wait(&s->tasks);
		} else if (is_deserted(s, &looks)) {
			break;
		}
	}
	trace_spawn_deinit(&s->spawn);
	trace_tasks_deinit(&s->tasks);
	arena_deinit(&s->arena);
}
