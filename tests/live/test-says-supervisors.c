/* SPDX-License-Identifier: BSD-2-Clause */
/* What trace and user_notif hand to another process, and what never comes to a filter. */
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <sys/auxv.h>
#include <time.h>

#include "live/says.h"

/* ---- trace ---- */

static int untraced(void)
{
	return says_answer(CALL, SECCOMP_RET_TRACE | 7, 0) || says_call() != -ENOSYS;
}

/* What the tracer does at PTRACE_EVENT_SECCOMP. */
struct tracer {
	unsigned long options;
	void (*on_event)(struct tracer *t, pid_t pid);
	int events;
	unsigned long data;
	bool entries_first; /* it asks for PTRACE_SYSCALL stops and acts on them */
};

/* Runs SHOWN traced; its wait status. */
static int traced(struct tracer *t, int (*shown)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(shown());
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(t->options | PTRACE_O_EXITKILL));
	for (;;) {
		ptrace(t->entries_first ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return status;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			t->events++;
			ptrace(PTRACE_GETEVENTMSG, pid, NULL, &t->data);
			if (t->on_event && !t->entries_first)
				t->on_event(t, pid);
		} else if (t->entries_first && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			t->on_event(t, pid);
		}
	}
}

static int tracer_without_option(void)
{
	struct tracer t = { 0 };

	return !(says_exited(traced(&t, untraced), 0) && t.events == 0);
}

static int trace_once(void)
{
	return says_answer(CALL, SECCOMP_RET_TRACE | 0xcafe, 0) || says_call() < 0;
}

static int tracer_is_told(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESECCOMP };

	return !(says_exited(traced(&t, trace_once), 0) && t.events == 1 && t.data == 0xcafe);
}

#ifdef __x86_64__
#include <sys/reg.h>

static void set_reg(pid_t pid, int reg, long value)
{
	ptrace(PTRACE_POKEUSER, pid, (void *)(sizeof(long) * (size_t)reg), (void *)value);
}

static void skip_with_77(struct tracer *t, pid_t pid)
{
	(void)t;
	set_reg(pid, ORIG_RAX, -1);
	set_reg(pid, RAX, 77);
}

static int trace_expects_77(void)
{
	return says_answer(CALL, SECCOMP_RET_TRACE, 0) || says_call() != 77;
}

static int tracer_skips(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESECCOMP, .on_event = skip_with_77 };

	return !says_exited(traced(&t, trace_expects_77), 0);
}

static void make_gettid(struct tracer *t, pid_t pid)
{
	(void)t;
	set_reg(pid, ORIG_RAX, SYS_gettid);
}

static int trace_expects_tid(void)
{
	return says_answer(CALL, SECCOMP_RET_TRACE, 0) || says_call() != getpid();
}

static int tracer_changes(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESECCOMP, .on_event = make_gettid };

	return !says_exited(traced(&t, trace_expects_tid), 0);
}

static int gettid_is_refused(void)
{
	return says_answer(SYS_gettid, SECCOMP_RET_ERRNO | EIO, 0) ||
	       says_answer(CALL, SECCOMP_RET_TRACE, 0) || says_call() != -EIO;
}

static int changed_call_is_filtered(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESECCOMP, .on_event = make_gettid };

	return !says_exited(traced(&t, gettid_is_refused), 0);
}

static int gettid_is_traced_too(void)
{
	return says_answer(SYS_gettid, SECCOMP_RET_TRACE, 0) ||
	       says_answer(CALL, SECCOMP_RET_TRACE, 0) || says_call() != getpid();
}

static int second_trace_is_allow(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESECCOMP, .on_event = make_gettid };

	return !(says_exited(traced(&t, gettid_is_traced_too), 0) && t.events == 1);
}

static void hide_getppid(struct tracer *t, pid_t pid)
{
	(void)t;
	if (ptrace(PTRACE_PEEKUSER, pid, (void *)(sizeof(long) * ORIG_RAX), NULL) == SYS_getppid)
		set_reg(pid, ORIG_RAX, SYS_gettid);
}

static int filtered_tid(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0) || says_call() != getpid();
}

static int entry_stop_is_first(void)
{
	struct tracer t = { .options = PTRACE_O_TRACESYSGOOD,
			    .on_event = hide_getppid,
			    .entries_first = true };

	return !says_exited(traced(&t, filtered_tid), 0);
}
#else
static int skipped(void)
{
	return SAYS_SKIP;
}
#define tracer_skips		 skipped
#define tracer_changes		 skipped
#define changed_call_is_filtered skipped
#define second_trace_is_allow	 skipped
#define entry_stop_is_first	 skipped
#endif

static int killed(void)
{
	return says_answer(CALL, SECCOMP_RET_KILL_PROCESS, 0) || says_call() < 0;
}

static int tracer_sees_only_the_exit(void)
{
	int status = -1, exits = 0, others = 0;
	unsigned long end = 0;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(killed());
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       (void *)(long)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
	for (;;) {
		ptrace(PTRACE_CONT, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
			exits++;
			ptrace(PTRACE_GETEVENTMSG, pid, NULL, &end);
		} else {
			others++;
		}
	}
	return !(exits == 1 && others == 0 && (end & 0x7f) == SIGSYS &&
		 says_died_of(status, SIGSYS));
}

/* ---- user_notif ---- */

static int unlistened(void)
{
	return says_answer(CALL, SECCOMP_RET_USER_NOTIF, 0) || says_call() != -ENOSYS;
}

/* A child that has installed a listener's filter, and made ready for its call. */
struct target {
	pid_t pid;
	int listener;
};

static int pass_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &msg, 0) == 1 ? 0 : -1;
}

static int take_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(socket, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static struct target target(int (*shown)(void), unsigned flags)
{
	struct target t = { .listener = -1 };
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		abort();
	t.pid = fork();
	if (t.pid == 0) {
		int fd = says_answer(CALL, SECCOMP_RET_USER_NOTIF,
				     SECCOMP_FILTER_FLAG_NEW_LISTENER | flags);

		alarm(60);
		if (fd < 0 || pass_fd(sockets[1], fd))
			_exit(SAYS_SKIP);
		close(fd);
		close(sockets[0]);
		close(sockets[1]);
		_exit(shown());
	}
	close(sockets[1]);
	t.listener = take_fd(sockets[0]);
	close(sockets[0]);
	return t;
}

static int end_of(struct target t)
{
	int status = -1;

	waitpid(t.pid, &status, 0);
	return status;
}

static struct seccomp_notif receive(int listener)
{
	struct seccomp_notif n = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n))
		n.id = 0;
	return n;
}

static int answer(int listener, uint64_t id, int64_t val, int error, unsigned flags)
{
	struct seccomp_notif_resp r = { .id = id, .val = val, .error = error, .flags = flags };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r) ? -errno : 0;
}

static int expects_4711(void)
{
	return says_call() != 4711;
}

static int expects_eio(void)
{
	return says_call() != -EIO;
}

static int expects_enosys(void)
{
	return says_call() != -ENOSYS;
}

static int expects_parent(void)
{
	return says_call() <= 1;
}

static int supervisor_answers(void)
{
	struct target a = target(expects_4711, 0), b = target(expects_eio, 0);

	if (a.listener < 0)
		return SAYS_SKIP;
	answer(a.listener, receive(a.listener).id, 4711, 0, 0);
	answer(b.listener, receive(b.listener).id, 0, -EIO, 0);
	return !(says_exited(end_of(a), 0) && says_exited(end_of(b), 0));
}

static int supervisor_is_told(void)
{
	struct target t = target(expects_4711, 0);
	struct seccomp_notif n;

	if (t.listener < 0)
		return SAYS_SKIP;
	n = receive(t.listener);
	answer(t.listener, n.id, 4711, 0, 0);
	return !(n.pid == (uint32_t)t.pid && n.data.nr == CALL && n.data.arch &&
		 n.data.instruction_pointer && says_exited(end_of(t), 0));
}

static int supervisor_continues(void)
{
	struct target t = target(expects_parent, 0);
	struct seccomp_notif n;

	if (t.listener < 0)
		return SAYS_SKIP;
	n = receive(t.listener);
	if (answer(t.listener, n.id, 1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE) != -EINVAL)
		return 1;
	answer(t.listener, n.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	return !says_exited(end_of(t), 0);
}

static int listener_closed(void)
{
	struct target before = target(expects_enosys, 0), waiting = target(expects_enosys, 0);

	if (before.listener < 0)
		return SAYS_SKIP;
	close(before.listener);
	receive(waiting.listener);
	close(waiting.listener);
	return !(says_exited(end_of(before), 0) && says_exited(end_of(waiting), 0));
}

static int dead_is_known(void)
{
	struct target t = target(expects_4711, 0);
	struct seccomp_notif n;
	bool was_valid;

	if (t.listener < 0)
		return SAYS_SKIP;
	n = receive(t.listener);
	was_valid = ioctl(t.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id) == 0;
	kill(t.pid, SIGKILL);
	end_of(t);
	return !(was_valid && ioctl(t.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id) < 0 &&
		 errno == ENOENT && answer(t.listener, n.id, 0, 0, 0) == -ENOENT);
}

static int second_listener(void)
{
	int fd = says_answer(CALL, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (fd < 0)
		return SAYS_SKIP;
	if (says_answer(SYS_getpgid, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER) !=
	    -EBUSY)
		return 1;
	close(fd);
	return says_answer(SYS_getpgid, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER) <
	       0;
}

static int forks_then_calls(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(expects_4711());
	return !(waitpid(pid, &status, 0) == pid && says_exited(status, 0));
}

static int fork_has_the_listener(void)
{
	struct target t = target(forks_then_calls, 0);
	struct seccomp_notif n;

	if (t.listener < 0)
		return SAYS_SKIP;
	n = receive(t.listener);
	answer(t.listener, n.id, 4711, 0, 0);
	return !(n.pid != (uint32_t)t.pid && says_exited(end_of(t), 0));
}

static short polled(int fd, int milliseconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, milliseconds) == 1 ? p.revents : 0;
}

static int listener_polls(void)
{
	struct target t = target(expects_4711, 0);
	short waiting, received, gone;
	struct seccomp_notif n;

	if (t.listener < 0)
		return SAYS_SKIP;
	waiting = polled(t.listener, 10000);
	n = receive(t.listener);
	received = polled(t.listener, 10000);
	answer(t.listener, n.id, 4711, 0, 0);
	if (!says_exited(end_of(t), 0))
		return 1;
	gone = polled(t.listener, 10000);
	return !((waiting & POLLIN) && (received & POLLOUT) && !(received & POLLIN) &&
		 (gone & POLLHUP));
}

static int expects_descriptor(void)
{
	long fd = says_call();
	struct stat st;

	return !(fd == 100 && fstat((int)fd, &st) == 0 && S_ISCHR(st.st_mode));
}

static int descriptor_is_added(void)
{
	struct target t = target(expects_descriptor, 0);
	struct seccomp_notif_addfd add = {
		.flags = SECCOMP_ADDFD_FLAG_SEND | SECCOMP_ADDFD_FLAG_SETFD, .newfd = 100
	};
	int r;

	if (t.listener < 0)
		return SAYS_SKIP;
	add.id = receive(t.listener).id;
	add.srcfd = (uint32_t)open("/dev/null", O_RDONLY);
	r = ioctl(t.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (r < 0 && errno == EINVAL) {
		kill(t.pid, SIGKILL);
		return SAYS_SKIP; /* no SEND before Linux 5.14 */
	}
	return !(r == 100 && says_exited(end_of(t), 0));
}

static int expects_replaced(void)
{
	struct stat st;

	/* Where standard input was, there is the supervisor's descriptor. */
	return !(says_call() == 0 && fstat(0, &st) == 0 && S_ISCHR(st.st_mode) &&
		 fcntl(0, F_GETFD) == FD_CLOEXEC);
}

static int descriptor_replaces(void)
{
	struct seccomp_notif_addfd add = { .flags = SECCOMP_ADDFD_FLAG_SETFD,
					   .newfd = 0,
					   .newfd_flags = O_CLOEXEC };
	struct target t;
	int fds[2];

	/* The child's standard input is a pipe, whatever the test's is. */
	if (pipe(fds) || dup2(fds[0], 0) < 0)
		return 1;
	t = target(expects_replaced, 0);
	if (t.listener < 0)
		return SAYS_SKIP;
	add.id = receive(t.listener).id;
	add.srcfd = (uint32_t)open("/dev/null", O_RDONLY);
	if (ioctl(t.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) != 0)
		return 1;
	answer(t.listener, add.id, 0, 0, 0);
	return !says_exited(end_of(t), 0);
}

static int sizes_are_told(void)
{
	struct seccomp_notif_sizes sizes = { 0 };

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		return SAYS_SKIP;
	return !(sizes.seccomp_notif >= sizeof(struct seccomp_notif) &&
		 sizes.seccomp_notif_resp >= sizeof(struct seccomp_notif_resp) &&
		 sizes.seccomp_data >= sizeof(struct seccomp_data));
}

struct reader {
	pthread_t thread;
	int listener;
	struct seccomp_notif n;
};

static void *reader_main(void *arg)
{
	struct reader *r = arg;

	r->n = receive(r->listener);
	answer(r->listener, r->n.id, 4711, 0, 0);
	return NULL;
}

static int forks_two(void)
{
	int status, wrong = 0;

	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			_exit(expects_4711());
	while (wait(&status) > 0)
		wrong += !says_exited(status, 0);
	return wrong;
}

static int readers_share(void)
{
	struct target t = target(forks_two, 0);
	struct reader readers[2] = { { .listener = t.listener }, { .listener = t.listener } };

	if (t.listener < 0)
		return SAYS_SKIP;
	for (int i = 0; i < 2; i++)
		pthread_create(&readers[i].thread, NULL, reader_main, &readers[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(readers[i].thread, NULL);
	return !(readers[0].n.id != readers[1].n.id && says_exited(end_of(t), 0));
}

/* What a supervisor in a pid namespace of its own, which doesn't see the target, is told. */
static int pid_elsewhere(void)
{
	struct target t = target(expects_4711, 0);
	int status;
	pid_t pid;

	if (t.listener < 0)
		return SAYS_SKIP;
	if (unshare(CLONE_NEWPID)) {
		kill(t.pid, SIGKILL);
		return SAYS_SKIP;
	}
	pid = fork();
	if (pid == 0) {
		struct seccomp_notif n = receive(t.listener);

		answer(t.listener, n.id, 4711, 0, 0);
		_exit(n.pid != 0);
	}
	waitpid(pid, &status, 0);
	return !(says_exited(status, 0) && says_exited(end_of(t), 0));
}

static int *interrupted;

static void on_usr1(int sig)
{
	(void)sig;
	++*interrupted;
}

static int calls_interrupted(void)
{
	struct sigaction action = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	return expects_4711();
}

/* Waits until the process sleeps, or an own time has passed. */
static void wait_for(const int *value)
{
	const struct timespec tick = { 0, 1000000 };

	for (int i = 0; i < 10000 && !__atomic_load_n(value, __ATOMIC_SEQ_CST); i++)
		nanosleep(&tick, NULL);
}

static int signal_restarts(void)
{
	struct target t;
	struct seccomp_notif first, second;

	interrupted = says_shared(sizeof(*interrupted));
	t = target(calls_interrupted, 0);
	if (t.listener < 0)
		return SAYS_SKIP;
	first = receive(t.listener);
	kill(t.pid, SIGUSR1);
	second = receive(t.listener); /* the handler has run, and the call is made once more */
	answer(t.listener, second.id, 4711, 0, 0);
	return !(first.id && second.id && first.id != second.id && *interrupted == 1 &&
		 answer(t.listener, first.id, 0, 0, 0) == -ENOENT && says_exited(end_of(t), 0));
}

static int killable_waits(void)
{
	const struct timespec moment = { 0, 50000000 };
	struct target t;
	struct seccomp_notif n;
	int before;

	interrupted = says_shared(sizeof(*interrupted));
	t = target(calls_interrupted, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (t.listener < 0)
		return SAYS_SKIP;
	n = receive(t.listener);
	kill(t.pid, SIGUSR1);
	nanosleep(&moment, NULL);
	before = *interrupted;
	if (answer(t.listener, n.id, 4711, 0, 0))
		return 1;
	wait_for(interrupted);
	return !(before == 0 && says_exited(end_of(t), 0) && *interrupted == 1);
}

static int killable_before_received(void)
{
	struct target t;
	struct seccomp_notif n;

	interrupted = says_shared(sizeof(*interrupted));
	t = target(calls_interrupted, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (t.listener < 0)
		return SAYS_SKIP;
	polled(t.listener, 10000); /* it waits, and nobody has received it */
	kill(t.pid, SIGUSR1);
	wait_for(interrupted);
	if (*interrupted != 1)
		return 1;
	n = receive(t.listener);
	answer(t.listener, n.id, 4711, 0, 0);
	return !says_exited(end_of(t), 0);
}

static int killable_is_killed(void)
{
	struct target t = target(expects_4711, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (t.listener < 0)
		return SAYS_SKIP;
	receive(t.listener);
	kill(t.pid, SIGKILL);
	return !says_died_of(end_of(t), SIGKILL);
}

static int buffer_must_be_zero(void)
{
	struct target t = target(expects_4711, 0);
	struct seccomp_notif n = { .id = 1 };
	int r;

	if (t.listener < 0)
		return SAYS_SKIP;
	r = ioctl(t.listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0 ? errno : 0;
	answer(t.listener, receive(t.listener).id, 4711, 0, 0);
	return !(r == EINVAL && says_exited(end_of(t), 0));
}

/* ---- the log ---- */

/* AUDIT_NLGRP_READLOG; CAP_AUDIT_READ. -1: not here. */
static int audit_socket(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct timeval limit = { .tv_sec = 2 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return -1;
	return fd;
}

static int logged(void)
{
	return says_answer(CALL, SECCOMP_RET_LOG, 0) || says_call() < 0;
}

static int log_is_audited(void)
{
	char text[9000], pid[32], nr[32];
	int fd = audit_socket(), child;
	ssize_t size;
	FILE *f = fopen("/proc/sys/kernel/seccomp/actions_logged", "r");

	if (fd < 0 || !f || !fgets(text, sizeof(text), f) || !strstr(text, "log"))
		return SAYS_SKIP;
	child = fork();
	if (child == 0)
		_exit(logged());
	waitpid(child, NULL, 0);
	snprintf(pid, sizeof(pid), " pid=%d ", child);
	snprintf(nr, sizeof(nr), " syscall=%d ", (int)CALL);
	while ((size = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[size] = '\0';
		if (size > 16 && strstr(text + 16, pid) && strstr(text + 16, nr) &&
		    strstr(text + 16, "code=0x7ffc0000"))
			return 0;
	}
	return SAYS_SKIP; /* audit is off, or has its own mind about rates */
}

/* ---- what comes to no filter ---- */

static int vdso_under_filter(void)
{
	struct timespec t;

	if (!getauxval(AT_SYSINFO_EHDR))
		return SAYS_SKIP;
	if (says_answer(SYS_clock_gettime, SECCOMP_RET_ERRNO | EIO, 0))
		return 1;
	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t) >= 0 || errno != EIO)
		return 1;
	/* Where the clock source can't be read in user space the vDSO makes the call itself. */
	return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? 0 : SAYS_SKIP;
}

#ifdef __x86_64__
#define VSYSCALL_TIME 0xffffffffff600400UL

static long vsyscall_time(void)
{
	long (*function)(long *) = (long (*)(long *))VSYSCALL_TIME;

	return function(NULL);
}

static int vsyscall_works(void)
{
	return vsyscall_time() <= 0;
}

static uintptr_t trapped_at;

static void on_vsyscall(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	trapped_at = (uintptr_t)info->si_call_addr;
}

static int vsyscall_is_filtered(void)
{
	struct sigaction action = { .sa_sigaction = on_vsyscall, .sa_flags = SA_SIGINFO };

	if (!says_exited(says_status(vsyscall_works), 0))
		return SAYS_SKIP;
	sigaction(SIGSYS, &action, NULL);
	if (says_answer(SYS_time, SECCOMP_RET_TRAP, 0))
		return 1;
	vsyscall_time();
	return (trapped_at & ~0xc00UL) != 0xffffffffff600000UL;
}
#else
#define vsyscall_is_filtered skipped
#endif

struct ring {
	int fd;
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static int ring_new(struct ring *r)
{
	r->fd = (int)syscall(SYS_io_uring_setup, 4, &r->params);
	if (r->fd < 0)
		return -1;
	r->sq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQES);
	return r->sq == MAP_FAILED || r->cq == MAP_FAILED || r->sqes == MAP_FAILED ? -1 : 0;
}

/* The result of opening /dev/null through the ring. */
static int ring_open(struct ring *r)
{
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(r->cq + r->params.cq_off.cqes);

	r->sqes[0] = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
					    .fd = AT_FDCWD,
					    .addr = (uintptr_t) "/dev/null",
					    .open_flags = O_RDONLY };
	((unsigned *)(r->sq + r->params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(r->sq + r->params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	return cqes[0].res;
}

static int io_uring_passes(void)
{
	struct ring ring = { 0 };

	if (ring_new(&ring))
		return SAYS_SKIP;
	if (says_answer(SYS_openat, SECCOMP_RET_ERRNO | EIO, 0) ||
	    syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) >= 0)
		return 1;
	return ring_open(&ring) < 0;
}

static const struct says rows[] = {
	{ "trace without a tracer fails with ENOSYS", untraced },
	{ "so it does with a tracer that has not set PTRACE_O_TRACESECCOMP",
	  tracer_without_option },
	{ "a tracer with PTRACE_O_TRACESECCOMP gets PTRACE_EVENT_SECCOMP, and the data by "
	  "PTRACE_GETEVENTMSG",
	  tracer_is_told },
	{ "a tracer that sets the number to -1 skips the call, and the result register is what it "
	  "returns",
	  tracer_skips },
	{ "a tracer that sets another number makes another call", tracer_changes },
	{ "the filters look at a call that the tracer has changed once more",
	  changed_call_is_filtered },
	{ "a second trace of the same call counts as allow", second_trace_is_allow },
	{ "a tracer's stop at a call's entry comes before the filters, which see what it has "
	  "changed",
	  entry_stop_is_first },
	{ "of a process that is killed a tracer sees PTRACE_EVENT_EXIT, and no stop for SIGSYS",
	  tracer_sees_only_the_exit },
	{ "notify without a listener fails with ENOSYS", unlistened },
	{ "a call whose listener is closed fails with ENOSYS, also one that waits already",
	  listener_closed },
	{ "a supervisor is told the process, the number, the ABI and the address",
	  supervisor_is_told },
	{ "a supervisor's value or error is what the call returns", supervisor_answers },
	{ "a supervisor can let the call continue, and then says neither value nor error",
	  supervisor_continues },
	{ "the buffer for a notification must be zeroed, else EINVAL", buffer_must_be_zero },
	{ "a notification of a process that has died is no longer valid, and an answer fails with "
	  "ENOENT",
	  dead_is_known },
	{ "a second listener in one chain of filters fails with EBUSY until the first is closed",
	  second_listener },
	{ "a child's calls come to its parent's listener", fork_has_the_listener },
	{ "a listener polls as readable while a call waits, writable while one is being answered, "
	  "and "
	  "hung up when nobody has the filter any more",
	  listener_polls },
	{ "a supervisor can put a descriptor into the process, under a number of its choice, and "
	  "answer "
	  "with it",
	  descriptor_is_added },
	{ "such a descriptor takes the place of an open one, and O_CLOEXEC can be asked for",
	  descriptor_replaces },
	{ "SECCOMP_GET_NOTIF_SIZES tells how large the kernel's structures are", sizes_are_told },
	{ "several readers of one listener get a call each", readers_share },
	{ "the process is 0 to a supervisor whose pid namespace doesn't have it", pid_elsewhere },
	{ "a signal to a process that waits for a supervisor makes its call start anew",
	  signal_restarts },
	{ "with WAIT_KILLABLE_RECV a signal waits until the call is answered", killable_waits },
	{ "with WAIT_KILLABLE_RECV a signal before the call is received is handled at once",
	  killable_before_received },
	{ "with WAIT_KILLABLE_RECV SIGKILL doesn't wait", killable_is_killed },
	{ "log writes a record to the audit log, where it is on and actions_logged has log",
	  log_is_audited },
	{ "what the vDSO answers comes to no filter", vdso_under_filter },
	{ "a vsyscall is filtered, and a trap's si_call_addr is its entry", vsyscall_is_filtered },
	{ "what io_uring does comes to no filter, but its own calls do", io_uring_passes },
};

int main(int argc, char **argv)
{
	return says_main(argc, argv, rows, LEN(rows));
}
