/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * broker DIR FILE...: prints files of a directory, by a child that can't open any.
 *
 * The child is what one would distrust: a decoder, a renderer, a parser of somebody else's data. It
 * is confined to reading and writing what is open, and yet it calls plain open(2), as libraries do:
 * its filter sends that call to the parent. The parent, the broker, looks at the name, opens the
 * file itself and puts the descriptor into the child, whose open(2) returns it. For anything else
 * than a file of DIR, open(2) fails with EACCES. The call itself is never executed.
 *
 *	$ broker /usr/share/common-licenses BSD ../../../etc/passwd
 */
#include <strait/strait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What the child may do itself, and what it must ask for: to read, by a name that is looked up from
 * the working directory. sendmsg is there for the filter's listener to leave by.
 */
static const char policy[] = "default kill_process\n"
			     "allow { read write close sendmsg exit_group }\n"
			     "notify open if flags within O_CLOEXEC\n"
			     "notify openat if dfd == AT_FDCWD && flags within O_CLOEXEC\n";

/* ---- the child ---- */

/* write(2) may take less than it was given. */
static int put(const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n < 0)
			return -1;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Nothing here knows of a broker. */
static int print_file(const char *name)
{
	static const char refused[] = ": permission denied\n";
	char text[4096];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 && errno == EACCES)
		return put(name, strlen(name)) || put(refused, sizeof(refused) - 1) || 1;
	if (fd < 0)
		return 1;
	while ((n = read(fd, text, sizeof(text))) > 0)
		if (put(text, (size_t)n))
			return 1;
	close(fd);
	return n < 0;
}

/* First the listener leaves, then the work begins. */
static int child(const struct strait_filter *filter, int socket, char **files)
{
	int failed = 0;
	int listener = strait_no_new_privs(NULL);

	/* A child without its broker would wait for nobody. */
	prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
	if (listener == 0)
		listener = strait_filter_load(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL);
	/* If that failed, the broker is told why. */
	if (strait_listener_send(socket, listener) < 0 || listener < 0)
		return 2;
	/* As long as it is open here, the kernel doesn't tell that the broker has died. */
	close(listener);
	close(socket);
	for (; *files; files++)
		failed |= print_file(*files);
	return failed;
}

/* ---- the broker ---- */

/*
 * Beneath the directory, and by no symbolic link: openat2(2) sees to it, so nothing that is renamed
 * meanwhile makes a difference.
 */
static int open_beneath(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/*
 * The name is read once. Whatever the child's memory holds a moment later, the file that is opened
 * is the one that was judged. To look at the name and then let the child's own call continue would
 * be a mistake: another thread of the child could rewrite the name in between.
 */
static int answer(const struct strait_request *request, int dir)
{
	const struct seccomp_notif *call = strait_request_notif(request);
	/* open(2)'s name is its first argument, openat(2)'s the second. */
	int is_openat = call->data.nr == SYS_openat;
	char name[256];
	ssize_t len =
		strait_request_read_string(request, call->data.args[is_openat], name, sizeof(name));
	int fd, error;

	if (len < 0)
		return strait_request_fail(request, (int)-len);
	fd = open_beneath(dir, name);
	fprintf(stderr, "broker: %s: %s\n", name, fd < 0 ? "refused" : "given");
	if (fd < 0)
		return strait_request_fail(request, errno == ENOENT ? ENOENT : EACCES);
	error = strait_request_give_fd(request, fd, call->data.args[is_openat + 1] & O_CLOEXEC);
	close(fd);
	/* Its table of files may be full: that is its own affair, and it still waits. */
	return error ? strait_request_fail(request, -error) : 0;
}

/* Until nobody is left under the filter. */
static int serve(int listener, int dir)
{
	struct strait_supervisor *supervisor = NULL;
	struct strait_request *request = NULL;
	int r = strait_supervisor_new(listener, NULL, &supervisor);

	if (r == 0)
		r = strait_request_new(supervisor, &request);
	while (r == 0) {
		r = strait_supervisor_receive(supervisor, request, -1);
		/* -ENOENT: the child has died while it waited. */
		if (r == STRAIT_RECEIVED && answer(request, dir) < 0 &&
		    strait_request_is_alive(request))
			r = -EIO;
	}
	strait_request_free(request);
	strait_supervisor_free(supervisor);
	return r == STRAIT_UNUSED ? 0 : r;
}

static int run(const struct strait_filter *filter, int dir, char **files)
{
	int sockets[2], listener, status, r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	pid = fork();
	/* By its number: the sanitizers' _exit(2) does more than the filter allows. */
	if (pid == 0)
		syscall(SYS_exit_group, child(filter, sockets[1], files));
	close(sockets[1]);
	if (pid < 0)
		return -errno;
	listener = strait_listener_receive(sockets[0]);
	r = listener < 0 ? listener : serve(listener, dir);
	close(sockets[0]);
	waitpid(pid, &status, 0);
	if (r)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct strait_filter *filter = NULL;
	struct strait_report *report;
	int dir, r;

	if (argc < 3) {
		fprintf(stderr, "usage: broker DIR FILE...\n");
		return 2;
	}
	dir = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		perror(argv[1]);
		return 2;
	}
	report = strait_report_new();
	if (strait_filter_read("broker.strait", policy, sizeof(policy) - 1, NULL, report,
			       &filter)) {
		fputs(strait_report_text(report, 0, 0), stderr);
		strait_report_free(report);
		return 2;
	}
	r = run(filter, dir, argv + 2);
	if (r < 0)
		fprintf(stderr, "broker: %s\n", strerror(-r));
	strait_filter_free(filter);
	strait_report_free(report);
	return r < 0 ? 2 : r;
}
