/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Privilege separation, as sshd does it: two processes, and what is dangerous apart from what is
 * powerful. The child reads what strangers send and has no rights at all; the monitor has the
 * rights and reads nothing but small requests of a fixed form, each of which it judges anew.
 *
 *	privsep DIR                   answer the lines `show NAME` with the files in DIR
 *	privsep --taken-over HOW DIR  the child runs an attacker's code instead of its parser, HOW:
 *	    file, socket, program, kill   what it was never meant to do: the filter ends it
 *	    write                         to a descriptor that isn't its output: the same
 *	    ask                           the monitor, for a file outside: the monitor ends it
 *
 * Files go to the child as open descriptors. It can't open, connect, execute or signal anything:
 *the filter is a policy, below, which libstrait compiles and loads.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <strait/filter.h>
#include <strait/load.h>
#include <strait/policy.h>
#include <strait/report.h>

#define NOBODY 65534

/* The C library of 32-bit x86 and s390 sends by socketcall(2), whose arguments are in memory, where
 * no filter sees which descriptor they name. 16 and 17 are sending and receiving (linux/net.h). */
static const char policy_text[] =
	"default kill_process\n"
	"let MONITOR = 0\n"
	"allow { read close exit_group }\n"
	"allow write if fd == 1\n"
	"allow sendmsg if fd == MONITOR\n"
	"allow recvmsg if fd == MONITOR && flags within MSG_CMSG_CLOEXEC\n"
	"on i386, s390 allow socketcall if call in { 16, 17 }\n";

/* All that the child can ask for: the file of this name. The answer is a byte, with the file's
 * descriptor or without. */
struct request {
	char name[64]; /* with its NUL */
};

/* ---- one message, perhaps with a descriptor ---- */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static ssize_t send_message(int socket, const void *data, size_t size, int fd)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, 0);
}

/* The message's size, 0 at the other side's end. *FD is -1 without a descriptor. */
static ssize_t receive_message(int socket, void *data, size_t size, int *fd)
{
	union control control;
	struct iovec part = { .iov_base = data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	do {
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

/* ---- the child: no rights, and everything that is complicated ---- */

/* Not _exit(2), before which a sanitizer does what the filter doesn't allow. */
static void end_child(int code)
{
	syscall(SYS_exit_group, code);
}

static void say(const char *text)
{
	(void)!write(STDOUT_FILENO, text, strlen(text));
}

static void copy_to_output(int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(STDOUT_FILENO, bytes + done, (size_t)(n - done));

			if (written < 0)
				return;
			done += written;
		}
}

static void show(int monitor, const char *name)
{
	struct request request = { 0 };
	char answer;
	int fd = -1;

	if (strlen(name) >= sizeof(request.name)) {
		say("the name is too long\n");
		return;
	}
	memcpy(request.name, name, strlen(name));
	if (send_message(monitor, &request, sizeof(request), -1) < 0 ||
	    receive_message(monitor, &answer, 1, &fd) <= 0)
		end_child(1);
	if (fd < 0) {
		say("there is no such file\n");
		return;
	}
	copy_to_output(fd);
	close(fd);
}

/* The place where bugs would be: it handles what strangers send. */
static void parse(int monitor)
{
	char line[256];
	size_t len = 0;

	while (read(STDIN_FILENO, &line[len], 1) == 1) {
		if (line[len] != '\n' && len < sizeof(line) - 1) {
			len++;
			continue;
		}
		line[len] = '\0';
		len = 0;
		if (strncmp(line, "show ", 5) == 0)
			show(monitor, line + 5);
		else
			say("please: show NAME\n");
	}
}

/* What somebody does who found such a bug. */
static void attack(int monitor, const char *how, pid_t parent)
{
	const struct request request = { "../secret" };
	char *const program[] = { (char[]){ "/bin/sh" }, NULL };
	char answer;
	int fd;

	if (strcmp(how, "file") == 0)
		open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	else if (strcmp(how, "socket") == 0)
		socket(AF_INET, SOCK_STREAM, 0);
	else if (strcmp(how, "program") == 0)
		execv(program[0], program);
	else if (strcmp(how, "kill") == 0)
		kill(parent, SIGKILL);
	else if (strcmp(how, "write") == 0)
		(void)!write(STDERR_FILENO, "hello\n", 6);
	else if (send_message(monitor, &request, sizeof(request), -1) > 0 &&
		 receive_message(monitor, &answer, 1, &fd) > 0 && fd >= 0)
		copy_to_output(fd);
	say("the attack went through\n");
}

static int drop_rights(const struct strait_filter *filter, struct strait_report *report)
{
	/* Whoever is nobody already has nothing to drop. */
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			       setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return -errno;
	/* Its memory isn't readable for its like, and it doesn't outlive its monitor. */
	if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) < 0 ||
	    prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) < 0)
		return -errno;
	return strait_no_new_privs(report) < 0 ? -EACCES : strait_filter_load(filter, 0, report);
}

/* ---- the monitor: all rights, and little that can go wrong ---- */

static void print_report(const struct strait_report *report)
{
	for (size_t i = 0; strait_report_at(report, i); i++)
		fputs(strait_report_text(report, i, 0), stderr);
}

/* NULL with the reason on standard error. */
static struct strait_filter *make_filter(int monitor_fd, struct strait_report *report)
{
	struct strait_policy *policy = NULL;
	struct strait_filter *filter = NULL;
	char number[16];
	const struct strait_define monitor = { "MONITOR", number };
	const struct strait_policy_options options = { .size = sizeof(options),
						       .defines = &monitor,
						       .ndefines = 1 };

	snprintf(number, sizeof(number), "%d", monitor_fd);
	if (strait_policy_read_text("privsep", policy_text, strlen(policy_text), &options, report,
				    &policy) < 0 ||
	    strait_filter_compile(policy, NULL, report, &filter) < 0)
		print_report(report);
	strait_policy_free(policy);
	return filter;
}

/* The parser never asks for such a name: whoever does is not the parser any more. */
static bool is_sane(const struct request *request)
{
	return memchr(request->name, '\0', sizeof(request->name)) && request->name[0] &&
	       request->name[0] != '.' && !strchr(request->name, '/');
}

static int open_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat stat;

	if (fd >= 0 && (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Until the child ends: true; or asks for what it must not. */
static bool serve(int child, int dir)
{
	struct request request;
	ssize_t n;
	int fd;

	while ((n = receive_message(child, &request, sizeof(request), &fd)) > 0) {
		if (fd >= 0)
			close(fd);
		if (n != sizeof(request) || !is_sane(&request))
			return false;
		fd = open_file(dir, request.name);
		/* Where the child has gone, the next request is its end. */
		send_message(child, "", 1, fd);
		if (fd >= 0)
			close(fd);
	}
	return true;
}

static int tell_end(pid_t child, bool honest)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (!honest)
		fputs("privsep: the child asked for what its parser never would: ended\n", stderr);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		fputs("privsep: the child made a call that its filter doesn't allow: ended\n",
		      stderr);
	else if (WIFSIGNALED(status))
		fprintf(stderr, "privsep: the child was ended by signal %d\n", WTERMSIG(status));
	return honest && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void run_child(int monitor, const struct strait_filter *filter, const char *how,
		      pid_t parent)
{
	struct strait_report *report = strait_report_new();

	if (drop_rights(filter, report) < 0) {
		fputs("privsep: the child can't be confined, so it does nothing\n", stderr);
		print_report(report);
		_exit(1);
	}
	if (how)
		attack(monitor, how, parent);
	else
		parse(monitor);
	end_child(0);
}

/* What is asked for on the command line; false where that can't be. */
static bool read_arguments(int argc, char **argv, const char **how)
{
	static const char *const known[] = { "file", "socket", "program", "kill", "write", "ask" };

	*how = argc == 4 && strcmp(argv[1], "--taken-over") == 0 ? argv[2] : NULL;
	for (size_t i = 0; *how && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(*how, known[i]) == 0)
			return true;
	return argc == 2 && argv[1][0] != '-';
}

int main(int argc, char **argv)
{
	struct strait_report *report;
	struct strait_filter *filter;
	const char *how;
	int dir, ends[2];
	pid_t child, self = getpid();
	bool honest;

	if (!read_arguments(argc, argv, &how)) {
		fputs("usage: privsep [--taken-over file|socket|program|kill|write|ask] DIR\n",
		      stderr);
		return 2;
	}
	dir = open(argv[argc - 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		perror(argv[argc - 1]);
		return 2;
	}
	report = strait_report_new();
	filter = make_filter(ends[1], report);
	child = filter ? fork() : -1;
	if (child == 0) {
		close(dir);
		close(ends[0]);
		run_child(ends[1], filter, how, self);
	}
	close(ends[1]);
	strait_filter_free(filter);
	strait_report_free(report);
	if (child < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	honest = serve(ends[0], dir);
	if (!honest)
		kill(child, SIGKILL);
	return tell_end(child, honest);
}
