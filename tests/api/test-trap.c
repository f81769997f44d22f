/* SPDX-License-Identifier: BSD-2-Clause */
/* <strait/trap.h> as its users see it; tests/trap has what the handler does. */
#include <strait/strait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "live/child.h"
#include "tap.h"

static struct seen {
	bool ready, right;
	struct strait_trap_call call;
} * seen;

static const char policy[] = "default allow\ntrap(77) getppid\n";

static bool confined(void)
{
	struct strait_filter *filter = NULL;
	bool done = !strait_filter_read("p.strait", policy, strlen(policy), NULL, NULL, &filter) &&
		    !strait_no_new_privs(NULL) && !strait_filter_load(filter, 0, NULL);

	strait_filter_free(filter);
	return done;
}

static long call_getppid(void)
{
	return syscall(SYS_getppid, 1L, 2L, 3L, 4L, 5L, 6L);
}

static bool call_is_right(const struct strait_trap_call *call)
{
	return call->nr == SYS_getppid && call->arch == strait_abi_audit(strait_abi_native()) &&
	       call->address && call->args[0] == 1 && call->args[5] == 6 && call->data == 77 &&
	       call->result == -ENOSYS && call->siginfo && call->context;
}

static enum strait_trap_then handler(struct strait_trap_call *call, void *user)
{
	seen->call = *call;
	call->result = *(int *)user;
	return *(int *)user ? STRAIT_TRAP_ANSWER : STRAIT_TRAP_DECLINE;
}

static void answered(void *arg)
{
	const struct strait_trap_options options = { .size = sizeof(options),
						     .handler = handler,
						     .user = arg };

	seen->ready = !strait_trap_install(&options, NULL) && confined();
	seen->right = call_getppid() == *(int *)arg && call_is_right(&seen->call) &&
		      seen->call.size == sizeof(seen->call);
}

static void own_handler(int signal, siginfo_t *info, void *context)
{
	/* As an older program sees it: there is no more room than up to `data`. */
	struct strait_trap_call call = { .size = offsetof(struct strait_trap_call, data),
					 .data = 5 };

	(void)signal;
	if (info->si_code != 1 /* SYS_SECCOMP */) {
		seen->right = strait_trap_read(info, context, &call) == -ENOENT;
		return;
	}
	seen->right &=
		!strait_trap_read(info, context, &call) && call.data == 5 && call.args[5] == 6;
	call.size = sizeof(call);
	seen->right &= !strait_trap_read(info, context, &call) && call_is_right(&call);
	call.result = 4711;
	strait_trap_answer(&call);
}

static void read_by_hand(void *arg)
{
	const struct sigaction action = { .sa_sigaction = own_handler, .sa_flags = SA_SIGINFO };

	(void)arg;
	sigaction(SIGSYS, &action, NULL);
	seen->ready = confined();
	raise(SIGSYS);
	seen->right &= call_getppid() == 4711;
}

static struct strait_report *report;

static bool refused(const void *options, int error)
{
	int got;

	strait_report_clear(report);
	got = strait_trap_install(options, report);
	return got == error && strait_report_count(report, STRAIT_ERROR) == 1 &&
	       strcmp(strait_report_at(report, 0)->code, "T001") == 0;
}

static void refusals(void *arg)
{
	struct {
		struct strait_trap_options now;
		long later;
	} newer = { .now = { .size = sizeof(newer), .handler = handler, .user = arg }, .later = 1 };
	struct strait_trap_options options = { .size = sizeof(options), .flags = 1 };

	seen->right = refused(NULL, -EINVAL) && refused(&options, -EINVAL);
	options.handler = handler;
	options.flags = 2;
	seen->right &= refused(&options, -EINVAL) && refused(&newer, -E2BIG);
	newer.later = 0;
	seen->right &= !strait_trap_install(&newer.now, NULL) && refused(&newer, -EBUSY);
	seen->ready = true;
}

static void case_is(const char *name, void (*run)(void *arg), int value)
{
	int status;

	memset(seen, 0, sizeof(*seen));
	status = child_run(run, &value);
	if (!seen->ready)
		skip("%s: no filters on this kernel, or no such machine", name);
	else
		ok(child_finished(status) && seen->right, "%s", name);
}

int main(void)
{
	int status, no = 0;

	seen = child_shared(sizeof(*seen));
	report = strait_report_new();
	case_is("a handler's answer is the call's result", answered, 42);
	case_is("a handler of one's own reads and answers", read_by_hand, 0);
	case_is("what can't be installed is said", refusals, 0);
	memset(seen, 0, sizeof(*seen));
	status = child_run(answered, &no);
	ok(!seen->ready || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS),
	   "what a handler declines ends by SIGSYS");
	strait_report_free(report);
	return done();
}
