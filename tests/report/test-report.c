/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reporter on the running kernel: the very lines that it prints, under filters that leave it
 * little, and how the process ends.
 */
#include <strait/sigsys-report.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "live/call.h"
#include "live/child.h"
#include "tap.h"
#include "trap/filter.h"

static struct seen {
	bool ready, returned, right;
	int64_t value;
} * seen;

static char output[1 << 20];

struct child {
	void (*run)(void *arg);
	void *arg;
	int pipe[2];
};

static void with_pipe(void *arg)
{
	const struct child *c = arg;

	dup2(c->pipe[1], STDERR_FILENO);
	close(c->pipe[0]);
	close(c->pipe[1]);
	c->run(c->arg);
	seen->returned = true;
}

static void *read_all(void *arg)
{
	int fd = *(int *)arg;
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, output + size, sizeof(output) - 1 - size)) > 0)
		size += (size_t)n;
	output[size] = '\0';
	return NULL;
}

/* Runs it in a child; `output` is what it printed to standard error. AddressSanitizer would call
 * the kernel where the child ends. */
NO_ASAN static int run(void (*fn)(void *arg), void *arg)
{
	struct child c = { .run = fn, .arg = arg };
	pthread_t reader;
	int status = -1;
	pid_t pid;

	memset(seen, 0, sizeof(*seen));
	if (pipe2(c.pipe, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		child_settle();
		with_pipe(&c);
		child_end();
	}
	close(c.pipe[1]);
	pthread_create(&reader, NULL, read_all, &c.pipe[0]);
	waitpid(pid, &status, 0);
	pthread_join(reader, NULL);
	close(c.pipe[0]);
	return status;
}

static bool ended_by_sigsys(int status)
{
	return status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static int install(int answer)
{
	const struct strait_sigsys_options options = { .size = sizeof(options), .answer = answer };

	return strait_report_install(&options);
}

static const int only_write[] = { SYS_write };
static const int to_go_on[] = { SYS_write, SYS_rt_sigreturn };

/* ---- the line ---- */

struct line {
	uint32_t nr;
	uint64_t args[6];
	unsigned data;
	const char *text; /* up to the address */
};

#if defined(__x86_64__) && !defined(__ILP32__)

static const struct line lines[] = {
	{ SYS_getppid, { 0 }, 0, "getppid(110) (x86_64, at " },
	{ SYS_openat,
	  { (uint64_t)AT_FDCWD, 0x1234, O_WRONLY | O_CREAT | O_CLOEXEC, 0644 },
	  0,
	  "openat(257): dfd=AT_FDCWD, filename=0x1234, flags=O_WRONLY|O_CREAT|O_CLOEXEC, mode=0644 "
	  "(x86_64, at " },
	{ SYS_openat,
	  { 0xdead0000ffffff9c, 0, 0xdead000000000000, 0 },
	  0,
	  "openat(257): dfd=AT_FDCWD, filename=0x0, flags=O_RDONLY, mode=0 (x86_64, at " },
	{ SYS_socket,
	  { 2, 1, 6 },
	  0,
	  "socket(41): family=AF_INET, type=SOCK_STREAM, protocol=6 (x86_64, at " },
	{ SYS_kill, { (uint64_t)-1, 9 }, 0, "kill(62): pid=-1, sig=SIGKILL (x86_64, at " },
	{ SYS_clone,
	  { CLONE_VM | CLONE_FS | SIGCHLD, 1, 2, 3, 4 },
	  0,
	  "clone(56): clone_flags=SIGCHLD|CLONE_VM|CLONE_FS, newsp=1, parent_tidptr=0x2, "
	  "child_tidptr=0x3, tls=4 (x86_64, at " },
	{ SYS_getppid, { 0 }, 65535, "getppid(110) (x86_64, at " },
	{ 4000,
	  { 1, 2, UINT64_MAX, 4, 5, 6 },
	  0,
	  "unknown(4000): arg0=0x1, arg1=0x2, arg2=0xffffffffffffffff, arg3=0x4, arg4=0x5, "
	  "arg5=0x6 "
	  "(x86_64, at " },
	{ 0x7fffffff,
	  { 0 },
	  0,
	  "unknown(2147483647): arg0=0x0, arg1=0x0, arg2=0x0, arg3=0x0, arg4=0x0, arg5=0x0 (x32, "
	  "at " },
	{ 0xffffffff,
	  { 0 },
	  0,
	  "unknown(-1): arg0=0x0, arg1=0x0, arg2=0x0, arg3=0x0, arg4=0x0, arg5=0x0 (x32, at " },
	{ 0x40000000 | 110, { 0 }, 0, "getppid(1073741934) (x32, at " },
	{ 0x40000000 | 0x208,
	  { 1, 2, 3 },
	  0,
	  "execve(1073742344): filename=0x1, argv=0x2, envp=0x3 (x32, at " },
};

static void make_line(void *arg)
{
	const struct line *line = arg;

	seen->ready = !strait_report_install(NULL) &&
		      filter_only(SECCOMP_RET_TRAP | line->data, only_write, LEN(only_write));
	call_raw(line->nr, line->args);
}

static void test_lines(void)
{
	char wanted[1024];

	for (size_t i = 0; i < LEN(lines); i++) {
		const struct line *line = &lines[i];
		int status = run(make_line, (void *)(uintptr_t)line), n;

		n = snprintf(wanted, sizeof(wanted), "strait: trapped %s0x%llx", line->text,
			     (unsigned long long)call_ip());
		n += line->data ? snprintf(wanted + n, sizeof(wanted) - (size_t)n, ", data %u",
					   line->data)
				: 0;
		snprintf(wanted + n, sizeof(wanted) - (size_t)n, ")\n");
		if (!ok(ended_by_sigsys(status) && !seen->returned && strcmp(output, wanted) == 0,
			"%s...): printed under a filter that leaves only write, and SIGSYS",
			line->text))
			note("status %#x: %s", (unsigned)status, output);
	}
}

static void make_i386_line(void *arg)
{
	long result;

	(void)arg;
	seen->ready = !strait_report_install(NULL) &&
		      filter_only(SECCOMP_RET_TRAP, only_write, LEN(only_write));
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(5L), "b"(0x10L), "c"((long)(O_RDWR | O_EXCL)), "d"(0600L)
			 : "memory", "r8", "r9", "r10", "r11");
	seen->value = result;
}

static void test_i386(void)
{
	static const char wanted[] = "strait: trapped open(5): filename=0x10, "
				     "flags=O_RDWR|O_EXCL, mode=0600 (i386, at 0x";
	long pid;
	int status;

	__asm__ volatile("int $0x80" : "=a"(pid) : "0"(20L) : "memory", "r8", "r9", "r10", "r11");
	if (pid != getpid()) {
		skip("no i386 calls on this kernel");
		return;
	}
	status = run(make_i386_line, NULL);
	ok(ended_by_sigsys(status) && strncmp(output, wanted, strlen(wanted)) == 0,
	   "int $0x80 in a 64-bit program is named as i386's");
}

#endif

/* ---- every number, every bit ---- */

#define NUMBERS 600

static bool leave_out(unsigned nr)
{
#if defined(__x86_64__)
	/* uretprobe and uprobe: new kernels run no filter for them. */
	if (nr == 335 || nr == 336)
		return true;
#endif
#ifdef SYS_sigreturn
	if (nr == SYS_sigreturn)
		return true;
#endif
	return nr == SYS_write || nr == SYS_rt_sigreturn || nr == SYS_exit || nr == SYS_exit_group;
}

static void make_all(void *arg)
{
	const uint64_t ones[6] = { UINT64_MAX, UINT64_MAX, UINT64_MAX,
				   UINT64_MAX, UINT64_MAX, UINT64_MAX };

	(void)arg;
	seen->ready = !install(ENOSYS) && filter_only(SECCOMP_RET_TRAP, to_go_on, LEN(to_go_on));
	seen->right = true;
	for (unsigned nr = 0; nr < NUMBERS; nr++)
		if (!leave_out(nr) && call_raw(nr, ones) != -ENOSYS)
			seen->right = false;
}

static void test_all(void)
{
	int status = run(make_all, NULL);
	const char *line = output;
	char wanted[128];
	unsigned bad = 0;

	for (unsigned nr = 0; nr < NUMBERS; nr++) {
		const struct arch_syscall *call = arch_syscall_by_nr(arch_native(), nr);
		const char *end = strchr(line, '\n');

		if (leave_out(nr))
			continue;
		snprintf(wanted, sizeof(wanted), "strait: trapped %s(%u)",
			 call ? call->name : "unknown", nr);
		if (!end || end - line >= 1024 || strncmp(line, wanted, strlen(wanted)) != 0 ||
		    !memmem(line, (size_t)(end - line), ": answered with ENOSYS", 22)) {
			note("%u: %.200s", nr, line);
			bad++;
			break;
		}
		line = end + 1;
	}
	ok(child_finished(status) && seen->right, "%d calls in one run, all answered", NUMBERS);
	ok(!bad && !*line, "a line for each, of less than 1024 bytes, with all bits set");
}

/* ---- how it goes on, and how it ends ---- */

struct ending {
	const char *name;
	void (*run)(void);
	bool sigsys;	     /* otherwise the child comes to its end */
	const char *printed; /* how the output begins; "": there is none */
};

static void nothing_allowed(void)
{
	seen->ready = !strait_report_install(NULL) && filter_only(SECCOMP_RET_TRAP, only_write, 0);
	syscall(SYS_getppid);
}

__attribute__((unused)) static void write_refused(void)
{
	const struct sock_filter insns[] = { LOAD(nr), UNLESS(SYS_getppid, 1),
					     RET(SECCOMP_RET_TRAP),
					     RET(SECCOMP_RET_ERRNO | EPERM) };

	seen->ready = !strait_report_install(NULL) && filter_install(insns, LEN(insns));
	syscall(SYS_getppid);
}

static void nobody_reads(void)
{
	int fds[2];

	seen->ready = !pipe(fds) && !close(fds[0]) && dup2(fds[1], STDERR_FILENO) >= 0 &&
		      !strait_report_install(NULL) &&
		      filter_only(SECCOMP_RET_TRAP, only_write, LEN(only_write));
	syscall(SYS_getppid);
}

static void no_return_allowed(void)
{
	seen->ready =
		!install(ENOSYS) && filter_only(SECCOMP_RET_TRAP, only_write, LEN(only_write));
	syscall(SYS_getppid);
}

NO_ASAN static void exit_trapped(void)
{
	seen->ready = !install(ENOSYS) && filter_only(SECCOMP_RET_TRAP, to_go_on, LEN(to_go_on));
	_exit(0);
}

static void goes_on(void)
{
	seen->ready = !install(EPERM) && filter_only(SECCOMP_RET_TRAP, to_go_on, LEN(to_go_on));
	errno = 0;
	seen->right = syscall(SYS_getppid) == -1 && errno == EPERM;
	seen->right &= syscall(SYS_getuid) == -1 && errno == EPERM;
}

static void changed_options(void)
{
	const struct strait_sigsys_options bad = { .size = sizeof(bad), .answer = 4096 };
	const struct strait_sigsys_options none = { .size = 0 };

	seen->right =
		strait_report_install(&bad) == -EINVAL && strait_report_install(&none) == -EINVAL;
	seen->ready =
		!install(EPERM) && !install(ENOTTY) && filter_one(SYS_getppid, SECCOMP_RET_TRAP);
	seen->right &= syscall(SYS_getppid) == -1 && errno == ENOTTY;
}

static void elsewhere(void)
{
	struct strait_sigsys_options options = { .size = sizeof(options), .answer = EPERM };
	char text[16] = "";
	int fds[2];

	seen->ready = !pipe(fds);
	options.fd = fds[1];
	seen->ready &=
		!strait_report_install(&options) && filter_one(SYS_getppid, SECCOMP_RET_TRAP);
	seen->right = syscall(SYS_getppid) == -1 && read(fds[0], text, 15) == 15 &&
		      strcmp(text, "strait: trapped") == 0;
}

static void on_user(int signal)
{
	(void)signal;
	syscall(SYS_getppid);
}

/* A trapped call in a signal's handler that interrupted a trapped call's caller. */
static void in_a_handler(void)
{
	signal(SIGUSR1, on_user);
	seen->ready = !install(EPERM) && filter_one(SYS_getppid, SECCOMP_RET_TRAP);
	raise(SIGUSR1);
	raise(SIGUSR1);
	seen->right = true;
}

static void two_filters(void)
{
	seen->ready = !install(0) && filter_one(SYS_getppid, SECCOMP_RET_TRAP | 4) &&
		      filter_only(SECCOMP_RET_TRAP | 5, only_write, LEN(only_write));
	syscall(SYS_getppid);
}

static void sent(void)
{
	seen->ready = !strait_report_install(NULL);
	raise(SIGSYS);
}

static const struct ending endings[] = {
	{ "a filter that allows nothing: no line, and SIGSYS", nothing_allowed, true, "" },
#if !defined(__s390x__) /* man/strait-trap.3.scd, BUGS */
	{ "a filter that refuses write: no line, and SIGSYS", write_refused, true, "" },
#endif
	{ "nobody reads what is printed: SIGSYS, not SIGPIPE", nobody_reads, true, "" },
	{ "going on without rt_sigreturn: the line says what is missing, and SIGSYS",
	  no_return_allowed, true, "strait: trapped getppid(" },
	{ "going on ends at a trapped exit_group", exit_trapped, true,
	  "strait: trapped exit_group(" },
	{ "going on over two calls", goes_on, false, "strait: trapped getppid(" },
	{ "options can be changed, bad ones are refused", changed_options, false,
	  "strait: trapped getppid(" },
	{ "printing elsewhere", elsewhere, false, "" },
	{ "a trapped call in a signal's handler", in_a_handler, false, "strait: trapped getppid(" },
	{ "two filters: one line, with the data of the newer", two_filters, true,
	  "strait: trapped getppid(" },
	{ "a SIGSYS that is sent isn't reported", sent, true, "" },
};

static void run_ending(void *arg)
{
	((const struct ending *)arg)->run();
}

static void test_endings(void)
{
	for (size_t i = 0; i < LEN(endings); i++) {
		const struct ending *e = &endings[i];
		int status = run(run_ending, (void *)(uintptr_t)e);
		bool ended = e->sigsys ? ended_by_sigsys(status) && !seen->returned
				       : child_finished(status) && seen->right;
		bool printed = *e->printed ? strncmp(output, e->printed, strlen(e->printed)) == 0
					   : !*output;

		if (!ok(ended && printed, "%s", e->name))
			note("status %#x, right %d: %s", (unsigned)status, seen->right, output);
		if (e->run == no_return_allowed)
			ok(strstr(output, "needs rt_sigreturn to go on"), "the hint is printed");
		if (e->run == goes_on)
			ok(strstr(output, "getuid(") && strstr(output, "answered with EPERM"),
			   "the second call is printed as well");
		if (e->run == two_filters)
			ok(strstr(output, ", data 5)"), "the newer filter's data");
	}
}

/* ---- threads ---- */

#define THREADS 8
#define ROUNDS	100

static void *many_calls(void *arg)
{
	uint64_t args[6] = { 0, 0, 0, 0, 0, (uintptr_t)arg };

	for (; args[1] < ROUNDS; args[1]++)
		if (call_raw(4000, args) != -ENOSYS)
			seen->right = false;
	return NULL;
}

static void many_threads(void *arg)
{
	pthread_t threads[THREADS];

	(void)arg;
	seen->right = !install(ENOSYS) && filter_one(4000, SECCOMP_RET_TRAP);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, many_calls, (void *)i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void test_threads(void)
{
	unsigned next[THREADS] = { 0 }, bad = 0, n, thread;
	int status = run(many_threads, NULL);

	for (const char *line = output; *line; line = strchr(line, '\n') + 1) {
		if (sscanf(line,
			   "strait: trapped unknown(4000): arg0=%*[^,], arg1=%x, arg2=0x0, "
			   "arg3=0x0, "
			   "arg4=0x0, arg5=%x (",
			   &n, &thread) != 2 ||
		    thread >= THREADS || n != next[thread]++)
			bad++;
		if (!strchr(line, '\n'))
			break;
	}
	for (size_t i = 0; i < THREADS; i++)
		bad += next[i] != ROUNDS;
	ok(child_finished(status) && seen->right && !bad,
	   "%d threads with %d trapped calls each: every line is whole and there is one a call",
	   THREADS, ROUNDS);
}

static void can_filter(void *arg)
{
	(void)arg;
	seen->ready = filter_some(0);
}

int main(void)
{
	seen = child_shared(sizeof(*seen));
	child_run(can_filter, NULL);
	if (!seen->ready) {
		skip("no filters on this kernel");
		return done();
	}
#if defined(__x86_64__) && !defined(__ILP32__)
	test_lines();
	test_i386();
#endif
	test_all();
	test_endings();
	test_threads();
	return done();
}
