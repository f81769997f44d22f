/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strict mode: a child that factorizes numbers may read and write what is open, and end. Nothing
 * needs to be listed for that: it is the oldest mode of seccomp, and the smallest sandbox there is.
 *
 *	strict               factorize the numbers on standard input, one a line
 *	strict --exit-group  the child ends by exit_group(2), as _exit(2) of the C library does
 *	strict --open        the child opens a file, as it might after a bug
 *
 * What strict mode allows is read, write, exit and sigreturn (kernel/seccomp.c,
 * mode1_syscalls): all else is SIGKILL, exit_group(2) too. So the child keeps away from malloc,
 * stdio and exit(3), and from clocks: on x86 even the time stamp counter is taken from it. Whatever
 * it needs is made before.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum end { END_BY_EXIT, END_BY_EXIT_GROUP, END_BY_OPEN };

struct answer {
	unsigned len;
	uint64_t factors[64]; /* 2^64 has no number with more */
};

/* All of SIZE bytes; false at the other side's end. */
static int read_all(int fd, void *to, size_t size)
{
	char *at = to;

	while (size > 0) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		at += n;
		size -= (size_t)n;
	}
	return 1;
}

/* ---- the child ---- */

static void factorize(uint64_t n, struct answer *answer)
{
	answer->len = 0;
	for (uint64_t p = 2; p <= n / p; p += 1 + (p > 2))
		for (; n % p == 0; n /= p)
			answer->factors[answer->len++] = p;
	if (n > 1 || answer->len == 0)
		answer->factors[answer->len++] = n;
}

/* It takes no flags: EINVAL is the kernel's word that the mode is there. A filter around us that
 * answers every seccomp(2) with success would leave us unconfined. */
static void enter_strict_mode(void)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL) == 0 || errno != EINVAL ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL) != 0) {
		perror("strict: no strict mode here, so no number is read");
		_exit(1);
	}
}

static void crunch(int in, int out, enum end end)
{
	struct answer answer;
	uint64_t n;

	enter_strict_mode();
	while (end != END_BY_OPEN && read_all(in, &n, sizeof(n))) {
		factorize(n, &answer);
		/* Less than PIPE_BUF: never a part of it. */
		if (write(out, &answer, sizeof(answer)) < 0)
			break;
	}
	if (end == END_BY_OPEN)
		open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (end == END_BY_EXIT_GROUP)
		_exit(0);
	syscall(SYS_exit, 0);
}

/* ---- the parent ---- */

static void print_answer(uint64_t n, const struct answer *answer)
{
	printf("%" PRIu64 ":", n);
	for (unsigned i = 0; i < answer->len; i++)
		printf(" %" PRIu64, answer->factors[i]);
	putchar('\n');
}

/* One number, one answer; what comes from the child is not trusted either. */
static int feed(int to, int from)
{
	struct answer answer;
	char line[64], *end;

	while (fgets(line, sizeof(line), stdin)) {
		uint64_t n = strtoull(line, &end, 10);

		if (end == line || strcmp(end, "\n") != 0) {
			fprintf(stderr, "strict: no number: %s", line);
			return 2;
		}
		if (write(to, &n, sizeof(n)) < 0 || !read_all(from, &answer, sizeof(answer)) ||
		    answer.len > 64)
			return 1;
		print_answer(n, &answer);
	}
	return 0;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFSIGNALED(status)) {
		printf("the child was ended by signal %d (%s)\n", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
		return 1;
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int numbers[2], answers[2], result, ended;
	enum end end = END_BY_EXIT;
	pid_t child;

	if (argc == 2 && strcmp(argv[1], "--exit-group") == 0) {
		end = END_BY_EXIT_GROUP;
	} else if (argc == 2 && strcmp(argv[1], "--open") == 0) {
		end = END_BY_OPEN;
	} else if (argc > 1) {
		fputs("usage: strict [--exit-group | --open]\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(numbers, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0 ||
	    (child = fork()) < 0) {
		perror("strict");
		return 1;
	}
	if (child == 0) {
		/* Strict mode doesn't close what is open: these two are all that is left. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(numbers[1]);
		close(answers[0]);
		crunch(numbers[0], answers[1], end);
	}
	close(numbers[0]);
	close(answers[1]);
	result = feed(numbers[1], answers[0]);
	close(numbers[1]);
	ended = wait_for(child);
	return result ? result : ended;
}
