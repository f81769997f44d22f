/* SPDX-License-Identifier: BSD-2-Clause */
/* Every operation of a listener, and what becomes of it when either side dies, signals come, or
 * many do it at once. The kernel is the other side. */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "target.h"

/* ---- answers ---- */

static int asks_once(volatile long *out)
{
	out[0] = ask_for(1, 0x1234567L, -3);
	return 0;
}

enum way { RETURN, FAIL, CONTINUE };

static const struct {
	const char *name;
	enum way way;
	long value, result;
} answers[] = {
	{ "a value is what the call returns", RETURN, 4711, 4711 },
	{ "0 is a value", RETURN, 0, 0 },
	{ "an errno is what the call fails with", FAIL, EACCES, -EACCES },
	{ "4095 is an errno", FAIL, 4095, -4095 },
	{ "a call that continues is executed", CONTINUE, 0, -1 },
};

static int answer(const struct notify_request *r, enum way way, long value)
{
	if (way == RETURN)
		return notify_return(r, value);
	return way == FAIL ? notify_fail(r, (int)value) : notify_continue(r);
}

static void test_answers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		long result = answers[i].way == CONTINUE ? (long)getpid() : answers[i].result;
		struct target t;
		int r = -1;

		if (!target_start(&t, 0, asks_once)) {
			ok(false, "%s", answers[i].name);
			continue;
		}
		if (target_asks(&t))
			r = answer(&t.request, answers[i].way, answers[i].value);
		target_end(&t);
		ok(r == 0 && t.out[0] == result, "%s", answers[i].name);
		target_free(&t);
	}
}

static void test_request(void)
{
	const struct seccomp_notif *n;
	struct target t;

	if (!target_start(&t, 0, asks_once) || !target_asks(&t))
		return;
	n = t.request.notif;
	ok((pid_t)n->pid == t.pid && n->data.nr == SYS_getppid && n->data.args[0] == 1 &&
		   n->data.args[2] == (uint64_t)-3,
	   "a request names its caller, its call and the arguments");
	ok(notify_is_alive(&t.request), "its caller waits");
	ok(notify_fail(&t.request, 0) == -EINVAL && notify_fail(&t.request, 4096) == -EINVAL &&
		   notify_fail(&t.request, -1) == -EINVAL &&
		   notify_return(&t.request, -1) == -EINVAL,
	   "what would turn a failure into a success, or back, is refused");
	ok(notify_return(&t.request, 1) == 0, "the first answer counts");
	ok(notify_return(&t.request, 2) < 0 && t.out[0] != 2, "there is no second one");
	ok(target_exits(&t, 0), "the caller goes on");
}

/* ---- memory ---- */

static char *two_pages; /* the second can't be read */

static int asks_with_memory(volatile long *out)
{
	static char word[] = "a word", room[16] = "untouched";
	char *last = two_pages + 4096 - 6;

	memcpy(last, "tail\0x", 6);
	ask_for((long)word, (long)last, (long)room);
	out[0] = memcmp(room, "written by other", 16) == 0;
	memset(two_pages, 'x', 4096);
	ask_for((long)two_pages, (long)(two_pages + 4096), 0);
	out[1] = two_pages[0] == 'x';
	return 0;
}

static void look_at_first(struct target *t)
{
	const struct seccomp_data *d = &t->request.notif->data;
	char text[64];

	ok(notify_read(&t->request, d->args[0], text, 7) == 0 && strcmp(text, "a word") == 0,
	   "bytes are read");
	ok(notify_read_string(&t->request, d->args[0], text, sizeof(text)) == 6 &&
		   strcmp(text, "a word") == 0,
	   "a string is read to its NUL");
	ok(notify_read_string(&t->request, d->args[0], text, 7) == 6,
	   "its NUL may be the last byte there is room for");
	ok(notify_read_string(&t->request, d->args[0], text, 6) == -ENAMETOOLONG,
	   "but must be among them");
	ok(notify_read_string(&t->request, d->args[1], text, sizeof(text)) == 4,
	   "a string may end right before what can't be read");
	ok(notify_read(&t->request, d->args[1], text, 6) == 0 &&
		   notify_read(&t->request, d->args[1], text, 7) == -EFAULT,
	   "bytes may not reach into it");
	ok(notify_write(&t->request, d->args[2], "written by other", 16) == 0, "bytes are written");
	ok(notify_return(&t->request, 0) == 0, "memory is not an answer yet");
}

static void look_at_second(struct target *t)
{
	const struct seccomp_data *d = &t->request.notif->data;
	char text[8192];

	ok(notify_read_string(&t->request, d->args[0], text, sizeof(text)) == -EFAULT,
	   "a string that runs into what can't be read is a fault");
	ok(notify_read_string(&t->request, d->args[0], text, 4096) == -ENAMETOOLONG,
	   "one that is too long before that is too long");
	ok(notify_read(&t->request, d->args[1], text, 1) == -EFAULT, "no byte of it is read");
	ok(notify_read(&t->request, 0, text, 1) == -EFAULT &&
		   notify_read(&t->request, UINT64_MAX, text, 1) == -EFAULT &&
		   notify_read(&t->request, UINT64_MAX - 2, text, 8) == -EFAULT &&
		   notify_read(&t->request, 0x8000000000000000, text, 8) == -EFAULT,
	   "nor are addresses that nobody has");
	ok(notify_write(&t->request, 8, "x", 1) == -EFAULT &&
		   notify_write(&t->request, UINT64_MAX - 2, "xxxx", 4) == -EFAULT,
	   "or written");
	ok(notify_return(&t->request, 0) == 0, "and the caller gets its answer");
}

static void test_memory(void)
{
	struct target t;

	two_pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (two_pages == MAP_FAILED || mprotect(two_pages + 4096, 4096, PROT_NONE) < 0)
		abort();
	if (!target_start(&t, 0, asks_with_memory))
		return;
	if (target_asks(&t))
		look_at_first(&t);
	if (target_asks(&t))
		look_at_second(&t);
	target_end(&t);
	ok(t.out[0] == 1 && t.out[1] == 1, "the caller sees what was written, and only that");
	target_free(&t);
}

/* ---- files ---- */

static int asks_for_file(volatile long *out)
{
	struct rlimit few = { 0, 0 };
	long fd = ask_for(0, 0, 0);
	char byte = 0;

	out[0] = fd;
	out[1] = read((int)fd, &byte, 1) == 1 && byte == 'x';
	out[2] = fcntl((int)fd, F_GETFD);
	out[3] = ask_for(0, 0, 0);
	out[4] = fcntl(77, F_GETFD);
	setrlimit(RLIMIT_NOFILE, &few);
	out[5] = ask_for(0, 0, 0);
	return 0;
}

static void test_files(void)
{
	struct target t;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], "x", 1) != 1)
		abort();
	if (!target_start(&t, 0, asks_for_file) || !target_asks(&t))
		return;
	if (!(t.listener.features & NOTIFY_ADDFD)) {
		skip("this kernel adds no file descriptors");
		kill(t.pid, SIGKILL);
		target_end(&t);
		return;
	}
	ok(notify_give_fd(&t.request, 1000000, O_CLOEXEC) == -EBADF, "a file that isn't there");
	ok(notify_give_fd(&t.request, ends[0], O_CLOEXEC | O_APPEND) == -EINVAL,
	   "flags that aren't one's of a file descriptor");
	ok(notify_give_fd(&t.request, ends[0], O_CLOEXEC) == 0, "a file is given as the answer");
	if (target_asks(&t))
		ok(notify_add_fd(&t.request, ends[0], 77, 0) == 77 &&
			   notify_return(&t.request, 5) == 0,
		   "a file is added at a number, and the answer is another");
	if (target_asks(&t))
		ok(notify_give_fd(&t.request, ends[0], 0) == -EMFILE &&
			   notify_fail(&t.request, EMFILE) == 0,
		   "the caller's own limit holds, and the request waits for another answer");
	target_end(&t);
	ok(t.out[0] > 2 && t.out[1], "the caller gets the number of a file that it can read");
	ok(t.out[2] == FD_CLOEXEC, "it is closed on exec as was said");
	ok(t.out[3] == 5 && t.out[4] == 0, "the other is where it was to be, and stays on exec");
	ok(t.out[5] == -EMFILE, "the caller over its limit fails with EMFILE");
	target_free(&t);
	close(ends[0]);
	close(ends[1]);
}

/* ---- deaths ---- */

static void test_caller_dies(void)
{
	struct target t;
	char byte;

	if (!target_start(&t, 0, asks_once) || !target_asks(&t))
		return;
	kill(t.pid, SIGKILL);
	target_end(&t);
	ok(!notify_is_alive(&t.request), "a caller that was killed after its request doesn't wait");
	ok(notify_read(&t.request, (uintptr_t)&byte, &byte, 1) == -ENOENT &&
		   notify_read_string(&t.request, (uintptr_t)&byte, &byte, 1) == -ENOENT &&
		   notify_write(&t.request, (uintptr_t)&byte, "x", 1) == -ENOENT,
	   "its memory is not to be had");
	ok(notify_return(&t.request, 1) == -ENOENT && notify_fail(&t.request, 1) == -ENOENT &&
		   notify_continue(&t.request) == -ENOENT &&
		   (notify_give_fd(&t.request, 0, 0) == -ENOENT ||
		    !(t.listener.features & NOTIFY_ADDFD)),
	   "there is nobody to answer");
	ok(notify_receive(&t.listener, &t.request, 60000) == NOTIFY_UNUSED,
	   "nobody is left under the filter");
	target_free(&t);
}

/* Two calls that nobody receives; the first one's caller dies. */
static int two_ask(volatile long *out)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)ask_for(1, 0, 0));
	wait_asleep(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	out[1] = 1;
	return ask_for(2, 0, 0) == 9 ? 0 : 1;
}

static void test_caller_dies_early(void)
{
	struct target t;

	if (!target_start(&t, 0, two_ask))
		return;
	while (!t.out[1])
		rest_ms(1);
	ok(target_asks(&t) && t.request.notif->data.args[0] == 2,
	   "a request whose caller died unreceived is passed over");
	ok(notify_return(&t.request, 9) == 0 && target_exits(&t, 0), "the next one is answered");
}

static int asks_twice(volatile long *out)
{
	out[0] = ask_for(0, 0, 0);
	out[1] = ask_for(0, 0, 0);
	return 0;
}

static void test_supervisor_closes(void)
{
	struct target t;

	if (!target_start(&t, 0, asks_twice) || !target_asks(&t))
		return;
	close(t.listener.fd);
	t.listener.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	target_end(&t);
	ok(t.out[0] == -ENOSYS, "a call that waits when its supervisor goes fails with ENOSYS");
	ok(t.out[1] == -ENOSYS, "later ones do too");
	target_free(&t);
}

/* The supervisor is a process of its own, which is killed with a request in its hands. */
static void test_supervisor_dies(void)
{
	struct target t;
	pid_t supervisor;
	int ends[2];
	char byte;

	if (!target_start(&t, 0, asks_twice) || pipe2(ends, O_CLOEXEC) < 0)
		return;
	supervisor = fork();
	if (supervisor == 0) {
		if (target_asks(&t))
			(void)!write(ends[1], "x", 1);
		for (;;)
			pause();
	}
	close(t.listener.fd);
	t.listener.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ok(read(ends[0], &byte, 1) == 1, "another process is the supervisor");
	kill(supervisor, SIGKILL);
	waitpid(supervisor, NULL, 0);
	target_end(&t);
	ok(t.out[0] == -ENOSYS && t.out[1] == -ENOSYS,
	   "when it is killed, calls fail with ENOSYS: nothing is executed");
	target_free(&t);
	close(ends[0]);
	close(ends[1]);
}

/* ---- signals ---- */

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static int asks_with_handler(volatile long *out)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	out[1] = 1;
	out[0] = ask_for(0, 0, 0);
	out[2] = handled;
	return 0;
}

static void test_signal(void)
{
	uint64_t first;
	struct target t;

	if (!target_start(&t, 0, asks_with_handler) || !target_asks(&t))
		return;
	first = t.request.notif->id;
	kill(t.pid, SIGUSR1);
	for (int i = 0; i < 5000 && notify_is_alive(&t.request); i++)
		rest_ms(1);
	ok(notify_return(&t.request, 1) == -ENOENT, "a signal takes the caller out of its call");
	ok(target_asks(&t) && t.request.notif->id != first,
	   "the call is restarted, and asks in a new request");
	ok(notify_return(&t.request, 2) == 0, "which is answered");
	target_end(&t);
	ok(t.out[0] == 2 && t.out[2] == 1, "the program sees one call, and its signal");
	target_free(&t);
}

static void test_killable(void)
{
	struct kernel_probe probe;
	struct target t;

	kernel_probe(&probe);
	if (!(probe.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)) {
		skip("this kernel has no WAIT_KILLABLE_RECV");
		return;
	}
	if (!target_start(&t, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, asks_with_handler) ||
	    !target_asks(&t))
		return;
	kill(t.pid, SIGUSR1);
	rest_ms(50);
	ok(notify_is_alive(&t.request),
	   "with WAIT_KILLABLE_RECV a signal waits for a received request's answer");
	ok(notify_return(&t.request, 7) == 0, "which is given");
	target_end(&t);
	ok(t.out[0] == 7 && t.out[2] == 1, "then the signal is handled");
	target_free(&t);
	if (!target_start(&t, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, asks_with_handler) ||
	    !target_asks(&t))
		return;
	kill(t.pid, SIGKILL);
	target_end(&t);
	ok(notify_return(&t.request, 7) == -ENOENT, "one that kills does not wait");
	target_free(&t);
}

/* The supervisor is hit by a timer all the time. */
static void test_signals_here(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
	struct target t;
	int fd = eventfd(0, EFD_CLOEXEC), r = -1, given = -1;
	bool asked;

	if (!target_start(&t, 0, asks_twice))
		return;
	handled = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	asked = target_asks(&t);
	if (asked && t.listener.features & NOTIFY_ADDFD)
		given = notify_give_fd(&t.request, fd, 0);
	else if (asked)
		given = notify_return(&t.request, 3);
	if (target_asks(&t))
		r = notify_return(&t.request, 4);
	ok(notify_receive(&t.listener, &t.request, 60000) == NOTIFY_UNUSED, "it ends");
	for (int i = 0; i < 1000 && !handled; i++)
		rest_ms(1);
	setitimer(ITIMER_REAL, &never, NULL);
	ok(handled > 0 && given == 0 && r == 0, "signals don't end the supervisor's calls");
	target_end(&t);
	ok(t.out[0] > 2 && t.out[1] == 4, "nor do they lose a file or an answer");
	target_free(&t);
	close(fd);
}

/* ---- waiting ---- */

static int waits(volatile long *out)
{
	while (!out[0])
		rest_ms(1);
	return ask_for(0, 0, 0) == 1 ? 0 : 1;
}

static void test_waiting(void)
{
	struct pollfd p = { .events = POLLIN };
	struct target t;

	if (!target_start(&t, 0, waits))
		return;
	p.fd = t.listener.fd;
	ok(notify_receive(&t.listener, &t.request, 0) == NOTIFY_NONE &&
		   notify_receive(&t.listener, &t.request, 5) == NOTIFY_NONE,
	   "where nobody asks, a wait ends in time");
	ok(poll(&p, 1, 0) == 0, "the listener isn't readable then");
	t.out[0] = 1;
	ok(poll(&p, 1, 60000) == 1 && p.revents == POLLIN, "it is when somebody asks");
	ok(notify_receive(&t.listener, &t.request, 0) == NOTIFY_RECEIVED, "the request is there");
	notify_stop(&t.listener);
	ok(notify_receive(&t.listener, &t.request, -1) == NOTIFY_STOPPED &&
		   notify_receive(&t.listener, &t.request, 0) == NOTIFY_STOPPED,
	   "who was told to stop receives nothing more");
	ok(notify_return(&t.request, 1) == 0, "what it has it can answer");
	target_end(&t);
	ok(poll(&p, 1, 60000) == 1 && p.revents & POLLHUP,
	   "the end of the last caller is a hangup");
	target_free(&t);
}

/* ---- many ---- */

#define WORKERS 8
#define TARGETS 12
#define CALLS	200

static int asks_often(volatile long *out)
{
	(void)out;
	for (int i = 0; i < TARGETS - 1; i++)
		if (fork() == 0)
			break;
	for (long i = 0; i < CALLS; i++)
		if (ask_for(i, getpid(), 0) != i * 3 + (long)getpid() * 1000)
			_exit(1);
	for (int status; wait(&status) > 0;)
		if (status)
			_exit(1);
	_exit(0);
}

static void *work(void *arg)
{
	struct notify_listener *l = arg;
	struct notify_request r;
	long served = 0;
	int got = notify_request_init(&r, l);

	while (got == 0 && (got = notify_receive(l, &r, 60000)) == NOTIFY_RECEIVED) {
		const __u64 *args = r.notif->data.args;

		served += notify_return(&r, (int64_t)(args[0] * 3 + args[1] * 1000)) == 0;
	}
	notify_request_deinit(&r);
	return (void *)(got == NOTIFY_UNUSED ? served : -1000000);
}

static void test_many(void)
{
	pthread_t threads[WORKERS];
	long served = 0;
	struct target t;

	if (!target_start(&t, 0, asks_often))
		return;
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, &t.listener);
	for (int i = 0; i < WORKERS; i++) {
		void *one;

		pthread_join(threads[i], &one);
		served += (long)one;
	}
	ok(served == TARGETS * CALLS, "%d threads answer %d processes: %ld answers", WORKERS,
	   TARGETS, served);
	ok(target_exits(&t, 0), "each caller gets its own");
}

/* ---- the way of a listener ---- */

static int installs(volatile long *out)
{
	out[0] = target_install(0);
	if (out[0] < 0)
		return 99;
	return ask_for(0, 0, 0) == 6 ? 0 : 1;
}

static void test_taken(void)
{
	struct notify_listener l;
	struct notify_request r;
	volatile long *out =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int fd = -1, status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		_exit(installs(out));
	}
	for (int i = 0; i < 5000 && !out[0]; i++)
		rest_ms(1);
	fd = kernel_take_fd(pid, (int)out[0]);
	if (fd == -ENOSYS || fd == -EPERM) {
		skip("no pidfd_getfd(2) here");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return;
	}
	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "a listener is taken from its process");
	ok(notify_open(&l, fd) == 0 && notify_request_init(&r, &l) == 0 &&
		   notify_receive(&l, &r, 60000) == NOTIFY_RECEIVED && notify_return(&r, 6) == 0,
	   "and works");
	waitpid(pid, &status, 0);
	ok(status == 0, "its process gets the answer");
	ok(kernel_take_fd(pid, 3) == -ESRCH, "a process that is gone has none");
	notify_request_deinit(&r);
	notify_close(&l);
}

static void test_transfer(void)
{
	struct notify_listener l;
	int sockets[2], fd = eventfd(0, EFD_CLOEXEC), got;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		abort();
	ok(notify_open(&l, fd) == -EINVAL && notify_open(&l, -1) == -EBADF &&
		   notify_open(&l, sockets[0]) == -EINVAL,
	   "other files are no listeners");
	ok(kernel_send_fd(sockets[0], fd) == 0, "a file is sent");
	got = kernel_receive_fd(sockets[1]);
	ok(got >= 0 && fcntl(got, F_GETFD) == FD_CLOEXEC, "and received, closed on exec");
	ok(kernel_send_fd(sockets[0], -EACCES) == 0 && kernel_receive_fd(sockets[1]) == -EACCES,
	   "an error is sent and received");
	ok(write(sockets[0], "\1\0\0\0", 4) == 4 && kernel_receive_fd(sockets[1]) == -EBADMSG,
	   "what is no error is none");
	close(sockets[0]);
	ok(kernel_receive_fd(sockets[1]) == -EPIPE && kernel_send_fd(sockets[1], fd) == -EPIPE,
	   "the other end's end is an error");
	close(sockets[1]);
	close(fd);
	close(got);
}

int main(void)
{
	struct kernel_probe probe;
	struct target t;

	kernel_probe(&probe);
	test_transfer();
	if (!(probe.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)) {
		skip("this kernel has no listeners");
		return done();
	}
	if (!target_start(&t, 0, asks_once)) {
		skip("no listener is to be had: one is above us");
		return done();
	}
	note("features 0x%x", t.listener.features);
	ok(target_asks(&t) && notify_return(&t.request, 0) == 0 && target_exits(&t, 0),
	   "a call is answered");
	test_answers();
	test_request();
	test_memory();
	test_files();
	test_caller_dies();
	test_caller_dies_early();
	test_supervisor_closes();
	test_supervisor_dies();
	test_signal();
	test_killable();
	test_signals_here();
	test_waiting();
	test_many();
	test_taken();
	return done();
}
