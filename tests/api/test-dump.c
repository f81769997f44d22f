/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dumps, live: what a thread has is what was installed, and what a program installs is told. The
 * program is this one, called again with what it shall install.
 */
#include <strait/strait.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char *self;

static const struct sock_filter allow[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static const struct sock_filter refuse[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int install(const struct sock_filter *insns, size_t len, unsigned flags)
{
	struct sock_fprog prog = { (unsigned short)len, (struct sock_filter *)(uintptr_t)insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static int install_both(void)
{
	return install(allow, LEN(allow), 0) ||
	       install(refuse, LEN(refuse), SECCOMP_FILTER_FLAG_LOG);
}

static bool is_program(const struct strait_filter *filter, const struct sock_filter *insns,
		       size_t len)
{
	size_t found_len;
	const struct sock_filter *found = strait_filter_insns(filter, &found_len);

	return found_len == len && memcmp(found, insns, len * sizeof(*insns)) == 0;
}

static const char *first_text(const struct strait_report *report)
{
	const struct strait_message *message = strait_report_at(report, 0);

	return message ? message->text : "";
}

/* ---- what a thread has ---- */

/* A child that has COUNT of the filters and waits. */
static pid_t confined(int count)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe(fds) || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		if ((count && install(allow, LEN(allow), 0)) ||
		    (count > 1 && install(refuse, LEN(refuse), SECCOMP_FILTER_FLAG_LOG)))
			_exit(1);
		if (write(fds[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		pid = (kill(pid, SIGKILL), waitpid(pid, NULL, 0), 0);
	close(fds[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void check_two(const struct strait_dump *dump)
{
	struct strait_stack stack = strait_dump_stack(dump);

	ok(strait_dump_mode(dump) == SECCOMP_MODE_FILTER, "the mode of a thread with filters");
	if (!ok(stack.len == 2, "all filters are there"))
		return;
	ok(is_program(stack.filters[0], allow, LEN(allow)), "the first is the oldest");
	ok(is_program(stack.filters[1], refuse, LEN(refuse)), "the second is the next");
	ok(strait_dump_logs(dump, 0) != 1, "the first doesn't log");
	ok(strait_dump_logs(dump, 1) != 0, "the second does, if the kernel tells");
	ok(strait_dump_logs(dump, 2) == -ENOENT, "there is no third");
}

static void test_thread(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_dump *dump = NULL;
	pid_t pid = confined(2);
	int error;

	if (!pid) {
		skip("no filters here");
		strait_report_free(report);
		return;
	}
	error = strait_dump_thread(pid, report, &dump);
	if (error)
		skip("filters can't be read here: %s", first_text(report));
	else
		check_two(dump);
	strait_dump_free(dump);
	end(pid);
	pid = confined(0);
	dump = NULL;
	if (!error && ok(strait_dump_thread(pid, report, &dump) == 0, "a thread without filters"))
		ok(strait_dump_stack(dump).len == 0 && strait_dump_mode(dump) == 0, "has none");
	strait_dump_free(dump);
	end(pid);
	strait_report_free(report);
}

static void test_errors(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_dump *dump;

	ok(strait_dump_thread(0, report, &dump) == -EINVAL, "0 is no thread");
	ok(strait_dump_thread(-1, report, &dump) == -EINVAL, "nor is -1");
	ok(strait_dump_thread(getpid(), report, &dump) == -EPERM &&
		   strstr(first_text(report), "this process itself"),
	   "nobody reads his own");
	strait_report_clear(report);
	ok(strait_dump_thread(0x7fffffff, report, &dump) == -ESRCH &&
		   strstr(first_text(report), "ESRCH"),
	   "a thread that isn't there");
	ok(strait_dump_thread(0x7fffffff, NULL, &dump) == -ESRCH, "without a report, too");
	strait_dump_free(NULL);
	strait_report_free(report);
}

/* ---- what a program installs ---- */

struct seen {
	size_t calls;
	bool is_allow, is_refuse, in_order;
	uint64_t ns;
};

static void installed(void *user, const struct strait_install *i)
{
	struct seen *seen = user;

	seen->in_order = i->n == seen->calls && i->ns > seen->ns;
	seen->ns = i->ns;
	seen->calls++;
	if (i->outcome != STRAIT_INSTALLED || i->pid != i->tid || i->mode != SECCOMP_MODE_FILTER ||
	    strcmp(i->syscall, "seccomp") != 0)
		return;
	if (i->n == 0)
		seen->is_allow = is_program(i->filter, allow, LEN(allow)) && !*i->flag_names;
	else
		seen->is_refuse = is_program(i->filter, refuse, LEN(refuse)) &&
				  strcmp(i->flag_names, "LOG") == 0;
}

static void test_run(void)
{
	char word[] = "install", missing[] = "/no/such/program";
	char *argv[] = { self, word, NULL }, *nobody[] = { missing, NULL };
	struct seen seen = { 0 };
	struct strait_dump_options options = {
		.size = sizeof(options),
		.argv = argv,
		.envp = environ,
		.installed = installed,
		.user = &seen,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	struct strait_report *report = strait_report_new();
	int error = strait_dump_run(&options, report, &result);

	if (error) {
		skip("no tracing here: %s", first_text(report));
	} else if (result.value == 1) {
		skip("no filters here");
	} else {
		ok(result.end == STRAIT_EXITED && result.exit_code == 42, "the exit code passes");
		ok(seen.calls == 2 && seen.in_order, "two filters, one after the other");
		ok(seen.is_allow && seen.is_refuse, "which are what was installed");
	}
	options.argv = nobody;
	ok(error || (strait_dump_run(&options, report, &result) == 0 &&
		     result.exit_code == 126 + 1 && result.end == STRAIT_NOT_FOUND),
	   "a program that isn't there");
	options.installed = NULL;
	ok(strait_dump_run(&options, report, &result) == -EINVAL, "nobody to tell is wrong");
	options = (struct strait_dump_options){ .size = 0 };
	ok(strait_dump_run(&options, report, &result) == -EINVAL, "no size is wrong");
	strait_report_free(report);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		_exit(install_both() ? 1 : 42); /* no leak checker works in a tracee */
	self = argv[0];
	test_thread();
	test_errors();
	test_run();
	return done();
}
