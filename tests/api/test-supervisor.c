/* SPDX-License-Identifier: BSD-2-Clause */
/* Supervision as the library's users see it: public headers only. What the kernel does is the
 * matter of tests/notify. */
#include <strait/strait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

extern char **environ;
static char *self;

static const char *first_code(const struct strait_report *report)
{
	const struct strait_message *m = strait_report_at(report, 0);

	return m && m->code ? m->code : "";
}

static struct strait_filter *compile(const char *text)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;

	if (strait_filter_read("test.strait", text, strlen(text), NULL, report, &filter))
		note("%s", strait_report_text(report, 0, 0));
	strait_report_free(report);
	return filter;
}

/* ---- a supervisor of one's own ---- */

static int send_listener(int socket, const struct strait_filter *filter)
{
	int fd = strait_no_new_privs(NULL);

	if (fd == 0)
		fd = strait_filter_load(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL);
	return strait_listener_send(socket, fd) < 0 || fd < 0 ? -1 : 0;
}

/* Three calls: its exit code says which of them came out wrong. */
static int ask(int socket, const struct strait_filter *filter)
{
	static const char word[] = "hello";
	char room[8] = "";
	long fd;
	char byte;

	alarm(60);
	if (send_listener(socket, filter) < 0)
		return 99;
	if (syscall(SYS_getppid, word, room) != 5 || strcmp(room, "world") != 0)
		return 1;
	fd = syscall(SYS_getppid, 0, 0);
	if (fd < 0 || read((int)fd, &byte, 1) != 1)
		return 2;
	if (syscall(SYS_getppid, 0, 0) != -1 || errno != EACCES)
		return 4;
	return syscall(SYS_getppid, 0, 0) > 0 ? 0 : 8;
}

static bool answer_first(struct strait_request *request)
{
	const struct seccomp_notif *n = strait_request_notif(request);
	char text[16], *call = NULL;
	bool good = strait_request_describe(request, &call) == 0 && strcmp(call, "getppid()") == 0;

	free(call);
	return ok(strait_request_read_string(request, n->data.args[0], text, sizeof(text)) == 5 &&
			  strcmp(text, "hello") == 0 &&
			  strait_request_read(request, n->data.args[0], text, 2) == 0,
		  "a caller's string is read") &&
	       ok(strait_request_write(request, n->data.args[1], "world", 6) == 0,
		  "its memory is written") &&
	       ok(good && strait_request_is_alive(request) == 1, "its call has words") &&
	       strait_request_return(request, 5) == 0;
}

static void answer_all(struct strait_supervisor *s, struct strait_request *request)
{
	bool can_give = strait_supervisor_features(s) & STRAIT_CAN_ADD_FD;
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	ok(strait_supervisor_receive(s, request, 60000) == STRAIT_RECEIVED && answer_first(request),
	   "a value is returned");
	ok(strait_supervisor_receive(s, request, 60000) == STRAIT_RECEIVED &&
		   (can_give ? strait_request_give_fd(request, fd, 0)
			     : strait_request_fail(request, ENOSYS)) == 0,
	   "a file is given");
	ok(strait_supervisor_receive(s, request, 60000) == STRAIT_RECEIVED &&
		   strait_request_fail(request, EACCES) == 0,
	   "an errno is given");
	ok(strait_supervisor_receive(s, request, 60000) == STRAIT_RECEIVED &&
		   strait_request_continue(request) == 0,
	   "a call continues");
	ok(strait_supervisor_receive(s, request, 60000) == STRAIT_UNUSED, "nobody is left");
	strait_supervisor_stop(s);
	ok(strait_supervisor_receive(s, request, -1) == STRAIT_STOPPED, "it is stopped");
	close(fd);
}

static void test_own(void)
{
	struct strait_filter *filter = compile("default allow\nnotify getppid\n");
	struct strait_supervisor *supervisor = NULL;
	struct strait_request *request = NULL;
	int sockets[2], listener, status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(ask(sockets[1], filter));
	close(sockets[1]);
	listener = strait_listener_receive(sockets[0]);
	if (listener < 0) {
		skip("no listener is to be had here");
		waitpid(pid, NULL, 0);
	} else if (ok(strait_supervisor_new(listener, NULL, &supervisor) == 0 &&
			      strait_supervisor_fd(supervisor) == listener &&
			      strait_request_new(supervisor, &request) == 0,
		      "a supervisor is made of a listener")) {
		answer_all(supervisor, request);
		waitpid(pid, &status, 0);
		ok(status == 0, "the caller got all of it: 0x%x", (unsigned)status);
	}
	strait_request_free(request);
	strait_supervisor_free(supervisor);
	strait_filter_free(filter);
	close(sockets[0]);
}

static void test_no_listener(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_supervisor *supervisor = NULL;
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	ok(strait_supervisor_new(fd, report, &supervisor) == -EINVAL &&
		   strcmp(first_code(report), "N007") == 0 && !supervisor,
	   "another file is no listener: N007");
	ok(fcntl(fd, F_GETFD) >= 0, "and stays the caller's");
	ok(strait_supervisor_new(-1, NULL, &supervisor) == -EBADF, "nor is none");
	strait_supervisor_free(NULL);
	strait_request_free(NULL);
	close(fd);
	strait_report_free(report);
}

/* ---- a policy's answers ---- */

struct told {
	int continued, refused, stopped;
	char path[64], call[64];
};

static void on_answered(void *user, const struct strait_answered *a)
{
	struct told *told = user;

	if (a->answer == STRAIT_ANSWER_CONTINUED)
		told->continued++;
	else
		told->refused++;
	if (a->path && a->error == EACCES && strcmp(a->path, "/strait-none") == 0)
		snprintf(told->path, sizeof(told->path), "%s", a->path);
	if (a->verdict->outcome == STRAIT_NOTIFIES && a->verdict->line)
		snprintf(told->call, sizeof(told->call), "%s", a->verdict->syscall);
}

static void on_stopped(void *user, const struct strait_stopped *call)
{
	struct told *told = user;

	told->stopped += call->verdict->outcome == STRAIT_KILLS_PROCESS;
}

static int supervise(const char *policy, const char *act, struct told *told,
		     struct strait_report *report, struct strait_run_result *result)
{
	struct strait_filter *filter = compile(policy);
	char *argv[] = { self, (char *)(uintptr_t)act, NULL };
	struct strait_supervise_options options = {
		.size = sizeof(options),
		.filter = filter,
		.argv = argv,
		.envp = environ,
		.stopped = on_stopped,
		.answered = on_answered,
		.user = told,
	};
	int error = filter ? strait_supervise(&options, report, result) : -EINVAL;

	strait_filter_free(filter);
	return error;
}

/* What this program does as another. */
static int act(const char *what)
{
	if (strcmp(what, "ids") == 0)
		return syscall(SYS_getuid) == 7 && syscall(SYS_getppid) == getppid() &&
				       syscall(SYS_getgid) == -1 && errno == EDOM
			       ? 11
			       : 12;
	if (strcmp(what, "open") == 0)
		return open("/strait-none", O_RDONLY) < 0 && errno == EACCES ? 13 : 14;
	return (int)syscall(SYS_getuid);
}

static void test_supervise(void)
{
	struct strait_run_result result = { .size = sizeof(result) };
	struct strait_report *report = strait_report_new();
	struct told told = { 0 };
	int error = supervise("default allow\nnotify getuid => return 7\nnotify getgid => "
			      "errno(EDOM)\nnotify getppid => log_and_continue\n",
			      "ids", &told, report, &result);

	if (error || result.end == STRAIT_REFUSED) {
		skip("no program can be supervised here: %s",
		     error ? strerror(-error) : strerror(result.value));
		strait_report_free(report);
		return;
	}
	ok(result.end == STRAIT_EXITED && result.exit_code == 11, "a program gets its answers");
	ok(told.continued == 2 && strcmp(told.call, "getppid") == 0 && told.refused == 0,
	   "who asked to be logged is told");
	error = supervise(
		"default allow\nnotify { open openat } => open_beneath(\"/usr\", "
		"\"/lib\", \"/lib64\", \"/etc\", \"/proc\", \"/sys\", \"/dev\", \"/tmp\")\n",
		"open", &told, report, &result);
	ok(error == 0 && result.exit_code == 13 && told.refused > 0 &&
		   strcmp(told.path, "/strait-none") == 0,
	   "a file that is refused is told by its name");
	memset(&told, 0, sizeof(told));
	error = supervise("default allow\nkill getuid\nnotify execve => log_and_continue\n", "die",
			  &told, report, &result);
	ok(error == 0 && result.end == STRAIT_SIGNALED && result.value == SIGSYS &&
		   told.continued == 1 && told.stopped == 1,
	   "execve itself may be asked about, and a killed call is told");
	error = supervise("default allow\nnotify execve => errno(EXDEV)\n", "die", &told, report,
			  &result);
	ok(error == 0 && result.exit_code == 126 && strait_report_count(report, STRAIT_ERROR) == 1,
	   "an execve that is refused is no program");
	strait_verdict_free(result.verdict);
	strait_report_free(report);
}

static void test_refused(void)
{
	static const struct {
		const char *name, *policy, *code;
	} refused[] = {
		{ "an answer is missing", "default allow\nnotify getuid\n", "N006" },
		{ "a device that is none",
		  "default allow\nnotify mknod => make_node(\"/proc/version\")\n", "N008" },
	};
	struct strait_run_result result = { .size = sizeof(result) };
	char *argv[] = { self, NULL };
	struct strait_filter *filter = compile("default allow\nnotify getuid => return 1\n");
	const struct strait_filter *stack[] = { filter };
	struct strait_run_options run = { .size = sizeof(run),
					  .stack = stack,
					  .nfilters = 1,
					  .argv = argv,
					  .envp = environ,
					  .tell = STRAIT_TELL_NONE };
	struct strait_report *report = strait_report_new();
	struct told told = { 0 };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		strait_report_clear(report);
		ok(supervise(refused[i].policy, "ids", &told, report, &result) == -EINVAL &&
			   strcmp(first_code(report), refused[i].code) == 0,
		   "%s: nothing is executed", refused[i].name);
	}
	strait_report_clear(report);
	ok(strait_run(&run, report, &result) == -EINVAL && strcmp(first_code(report), "N005") == 0,
	   "strait_run() refuses a policy with answers");
	strait_filter_free(filter);
	strait_report_free(report);
}

static void test_raw(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	struct strait_run_result result = { .size = sizeof(result) };
	char *argv[] = { self, NULL };
	struct strait_supervise_options options = { .size = sizeof(options),
						    .argv = argv,
						    .envp = environ };

	if (strait_filter_from_raw("raw", &allow, sizeof(allow), STRAIT_ORDER_NATIVE, report,
				   &filter))
		abort();
	options.filter = filter;
	ok(strait_supervise(&options, report, &result) == -EINVAL &&
		   strcmp(first_code(report), "N006") == 0,
	   "a raw program has no answers");
	options.argv = NULL;
	ok(strait_supervise(&options, NULL, &result) == -EINVAL, "no program is no program");
	strait_filter_free(filter);
	strait_report_free(report);
}

int main(int argc, char **argv)
{
	self = argv[0];
	/* No leak check: LeakSanitizer wants to be the only tracer. */
	if (argc > 1)
		_exit(act(argv[1]));
	test_no_listener();
	test_own();
	test_refused();
	test_raw();
	test_supervise();
	return done();
}
