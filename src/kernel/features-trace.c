/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace(2), as the tracer of strait run uses it. */
#include "kernel/features.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "kernel/proc.h"

enum { SEIZE, SYSCALL_INFO, GET_FILTER, HAS_FILTER };

/* Its parent may be killed. */
#define SECONDS 10

__attribute__((noreturn)) static void be_traced(int ready, bool wants_filter)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	char has_filter = wants_filter && kernel_set_no_new_privs() == 0 &&
			  kernel_install(&allow, 1, 0, NULL) == 0;

	alarm(SECONDS);
	if (write(ready, &has_filter, 1) == 1)
		pause();
	_exit(0);
}

static void look_at(pid_t pid, long *values)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(long)(PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)) <
	    0) {
		values[SEIZE] = errno;
		return;
	}
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid(pid, &status, __WALL) != pid) {
		values[SEIZE] = errno;
		return;
	}
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the size goes where an address does */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0)
		values[SYSCALL_INFO] = errno;
	if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, NULL, NULL) < 0)
		values[GET_FILTER] = errno;
}

/* False: the tracee was killed while it installed its filter. */
static bool trace_one(bool wants_filter, long *values)
{
	int fds[2], status;
	bool is_ready;
	char c = 0;
	pid_t pid;

	if (pipe(fds) < 0 || (pid = fork()) < 0) {
		values[SEIZE] = errno;
		return true;
	}
	if (pid == 0)
		be_traced(fds[1], wants_filter);
	close(fds[1]);
	is_ready = read(fds[0], &c, 1) == 1;
	close(fds[0]);
	if (is_ready)
		look_at(pid, values);
	values[HAS_FILTER] = c == 1;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		(void)ptrace(PTRACE_CONT, pid, NULL, NULL);
	return is_ready;
}

static void try_trace(const void *arg, long *values)
{
	(void)arg;
	if (!trace_one(true, values) && !trace_one(false, values))
		values[SEIZE] = ECHILD;
}

static void add_tracer(struct kernel_features *f)
{
	char text[4096];
	long tracer = -1;

	if (kernel_read_file("/proc/self/status", text, sizeof(text)))
		tracer = kernel_line_number(text, "\nTracerPid:");
	f->is_traced = tracer > 0;
	kernel_feature_add(
		f, (struct kernel_feature){
			   .group = "ptrace",
			   .name = "traced",
			   .state = tracer < 0 ? KERNEL_UNKNOWN
				    : tracer   ? KERNEL_YES
					       : KERNEL_NO,
			   .value = tracer > 0 ? kernel_text(f, "by process %ld", tracer) : NULL,
			   .how = "TracerPid in /proc/self/status",
			   .follows = tracer > 0 ? "nobody else can trace what is "
						   "started from here"
						 : NULL,
		   });
}

static const char *const yama_means[] = {
	"who may signal a process may trace it",
	"only descendants may be traced, as strait run does",
	"only CAP_SYS_PTRACE may trace",
	"nobody may trace",
};

static void add_yama(struct kernel_features *f)
{
	const char *path = "/proc/sys/kernel/yama/ptrace_scope";
	struct kernel_feature row = { .group = "ptrace", .name = "yama", .how = path };
	char text[16];
	long scope;

	if (kernel_read_file(path, text, sizeof(text))) {
		scope = kernel_line_number(text, "");
		row.state = KERNEL_YES;
		row.value = kernel_text(f, "ptrace_scope %ld", scope);
		row.follows = scope >= 0 && scope < (long)ARRAY_LEN(yama_means) ? yama_means[scope]
										: NULL;
	} else {
		row.state = errno == ENOENT ? KERNEL_NO : KERNEL_UNKNOWN;
		row.how = kernel_text(f, "%s: %s", path, kernel_errno_text(f, errno));
	}
	kernel_feature_add(f, row);
}

/* ERROR: of the request; it can't be tried on what can't be traced. */
static void add_request(struct kernel_features *f, struct kernel_feature row,
			const struct attempt *attempt, long error)
{
	const char *failure = kernel_attempt_failure(f, attempt);
	long seize = attempt->values[SEIZE];
	bool is_seize = strcmp(row.name, "seize") == 0;

	row.group = "ptrace";
	if (failure) {
		row.state = attempt->error || !is_seize ? KERNEL_UNKNOWN : KERNEL_NO;
		row.how = failure;
	} else if (seize && !is_seize) {
		row.state = KERNEL_UNKNOWN;
		row.how = kernel_text(f, "nothing can be traced to try it (%s)",
				      kernel_errno_text(f, (int)seize));
	} else {
		row.state = error ? KERNEL_NO : KERNEL_YES;
		row.how = kernel_text(f, "tried in a child: %s", kernel_errno_text(f, (int)error));
	}
	if (row.state == KERNEL_YES)
		row.follows = NULL;
	kernel_feature_add(f, row);
}

void kernel_features_trace(struct kernel_features *f)
{
	struct attempt attempt = kernel_attempt(try_trace, NULL);
	const long *v = attempt.values;

	add_tracer(f);
	add_yama(f);
	add_request(
		f,
		(struct kernel_feature){
			.name = "seize",
			.follows = "strait run works with --report=none only, and tracers don't",
		},
		&attempt, v[SEIZE]);
	add_request(f,
		    (struct kernel_feature){
			    .name = "syscall_info",
			    .follows = "the calls that filters stop can't be read (Linux 5.3 and "
				       "later have it)",
		    },
		    &attempt, v[SYSCALL_INFO]);
	/* EINVAL: it has none. */
	add_request(f,
		    (struct kernel_feature){
			    .name = "get_filter",
			    .follows = "installed filters can't be read: that takes CAP_SYS_ADMIN, "
				       "no filter of one's own, and CONFIG_CHECKPOINT_RESTORE",
		    },
		    &attempt, v[HAS_FILTER] ? v[GET_FILTER] : EINVAL);
	f->traces = attempt.is_done && !v[SEIZE] && !v[SYSCALL_INFO];
}
