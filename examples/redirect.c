/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the program writes to standard error appears on standard output, though nothing in it was
 * changed and both descriptors stay what they are: the filter traps writes to descriptor 2, and the
 * handler makes another call, which the filter allows, in their place.
 *
 *     $ ./redirect 2>/dev/null
 *     to standard output
 *     to standard error
 *     and in two parts
 *     redirect: no such thing: No such file or directory
 *     a failed write still fails: Bad address
 *
 * This is plumbing, not protection: a program that duplicates descriptor 2 gets around it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <strait/strait.h>

/* All calls by which Linux writes to a descriptor without an offset. */
static const char policy[] = "default allow\n"
			     "trap { write writev } if fd == 2\n";

/*
 * Runs in the signal handler. The call is the trapped one with one argument changed. A handler that
 * needed the very call that its filter traps would have to ask somebody else to make it.
 */
static enum strait_trap_then to_stdout(struct strait_trap_call *call, void *user)
{
	long written;

	(void)user;
	if (call->nr != SYS_write && call->nr != SYS_writev)
		return STRAIT_TRAP_DECLINE;
	written = syscall(call->nr, STDOUT_FILENO, call->args[1], call->args[2]);
	call->result = written < 0 ? -errno : written;
	return STRAIT_TRAP_ANSWER;
}

/* The handler first, so that there is no time at which a trap has none. */
static int confine(struct strait_report *report)
{
	const struct strait_trap_options trap = { .size = sizeof(trap), .handler = to_stdout };
	struct strait_filter *filter = NULL;
	int error = strait_trap_install(&trap, report);

	if (!error)
		error = strait_filter_read("redirect.strait", policy, strlen(policy), NULL, report,
					   &filter);
	if (!error)
		error = strait_no_new_privs(report);
	if (!error)
		error = strait_filter_load(filter, 0, report);
	strait_filter_free(filter);
	return error;
}

int main(void)
{
	struct strait_report *report = strait_report_new();
	char first[] = "and in ", second[] = "two parts\n";
	struct iovec parts[] = { { first, 7 }, { second, 10 } };
	const char *text;

	if (!report || confine(report)) {
		for (size_t i = 0; (text = strait_report_text(report, i, 0)); i++)
			fputs(text, stderr);
		return 1;
	}
	strait_report_free(report);

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("to standard output\n");
	fprintf(stderr, "to standard error\n");
	if (writev(STDERR_FILENO, parts, 2) != 17)
		return 1;
	errno = ENOENT;
	perror("redirect: no such thing");
	if (syscall(SYS_write, STDERR_FILENO, NULL, 1) == -1)
		printf("a failed write still fails: %s\n", strerror(errno));
	return 0;
}
