/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what is typed and writes it back in capitals, under a filter that lets it do nothing else:
 * not even read or write any memory but the two buffers that are meant for it.
 *
 *	typed-text              do it
 *	typed-text --print      show the filter
 *	typed-text --write      write it, raw, for `strait verify -` and its sisters
 *	typed-text buffer|descriptor|length|read|open
 *	                        confine yourself, then do what you must not: SIGSYS ends the program
 *
 * A filter sees the numbers that a call passes, so it can hold an address and a length against
 * constants. That is worth something only because these buffers never move.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>

#include <strait/static.h>

static char typed[512], answer[512];
static char secret[512] = "what was never meant to leave\n";

/* The calls that come here may only transfer between FD and BUFFER, from its begin. */
static void transfers(struct strait_static *f, int fd, const char *buffer, size_t size)
{
	strait_static_unless(f, strait_arg32(0, STRAIT_EQ, (unsigned)fd), "stop");
	strait_static_unless(f, strait_arg64(1, STRAIT_EQ, (uintptr_t)buffer), "stop");
	strait_static_unless(f, strait_arg64(2, STRAIT_LE, size), "stop");
	strait_static_return(f, SECCOMP_RET_ALLOW);
}

static void build(struct strait_static *f)
{
	strait_static_validate_arch(f, SECCOMP_RET_KILL_PROCESS);
	strait_static_if_call(f, SYS_read, "read");
	strait_static_if_call(f, SYS_write, "write");
	strait_static_allow(f, SYS_exit_group);
	strait_static_jump(f, "stop");

	strait_static_label(f, "read");
	transfers(f, STDIN_FILENO, typed, sizeof(typed));
	strait_static_label(f, "write");
	transfers(f, STDOUT_FILENO, answer, sizeof(answer));

	strait_static_label(f, "stop");
	strait_static_return(f, SECCOMP_RET_KILL_PROCESS);
}

/* write(2) may take a part. The rest moves to the front, since the filter knows that address only.
 */
static int write_answer(size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, answer, size);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			size -= (size_t)n;
			memmove(answer, answer + n, size);
		}
	}
	return 0;
}

static void capitalize(size_t size)
{
	for (size_t i = 0; i < size; i++)
		answer[i] = (char)toupper((unsigned char)typed[i]);
}

static int echo_in_capitals(void)
{
	for (;;) {
		ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0;
		capitalize((size_t)n);
		if (write_answer((size_t)n) < 0)
			return 1;
	}
}

/* What an attacker would try first. Each of them is the last thing that the program does. Compilers
 * know how large the buffer is that write(2) gets, but nothing of syscall(2). */
static int misbehave(const char *how)
{
	if (strcmp(how, "buffer") == 0)
		return write(STDOUT_FILENO, secret, sizeof(secret)) >= 0;
	if (strcmp(how, "descriptor") == 0)
		return write(STDERR_FILENO, answer, sizeof(answer)) >= 0;
	if (strcmp(how, "length") == 0)
		return syscall(SYS_write, STDOUT_FILENO, answer, sizeof(answer) + 1) >= 0;
	if (strcmp(how, "read") == 0)
		return read(STDIN_FILENO, secret, sizeof(secret)) >= 0;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static int fail(struct strait_static *f, int error)
{
	fprintf(stderr, "typed-text: %s\n", strait_static_explain(f, error));
	return 1;
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "--print", "--write", "buffer", "descriptor",
					     "length",	"read",	   "open" };
	const char *word = argc > 1 ? argv[1] : NULL;
	size_t known = sizeof(words) / sizeof(*words), i = 0;
	int error;

	STRAIT_STATIC(f, 64);

	while (word && i < known && strcmp(word, words[i]) != 0)
		i++;
	if (argc > 2 || i == known) {
		fputs("usage: typed-text [--print | --write | buffer | descriptor | length | read "
		      "| open]\n",
		      stderr);
		return 2;
	}
	build(&f);
	if (word && i < 2) {
		error = i == 0 ? strait_static_print(&f, stdout)
			       : strait_static_write(&f, STDOUT_FILENO);
		return error ? fail(&f, error) : 0;
	}
	/* No seccomp (-ENOSYS) is a failure like the others here: this program promises to be
	 * confined. */
	error = strait_static_install(&f, 0);
	if (error < 0)
		return fail(&f, error);
	/* From here on there is no stdio, and no end but exit_group(2): what a C library or a
	 * sanitizer does on the way to it isn't allowed. */
	return (int)syscall(SYS_exit_group, word ? misbehave(word) : echo_in_capitals());
}
