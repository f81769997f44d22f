/* SPDX-License-Identifier: BSD-2-Clause */
/* A verdict as the predicate of a sentence whose subject is the call. */
#include "engine/engine.h"

#include <string.h>

#include "arch/arch.h"

static const char *const predicates[] = {
	[ENGINE_RUNS] = "is executed",
	[ENGINE_RUNS_LOGGED] = "is logged and executed",
	[ENGINE_FAILS] = "fails with ",
	[ENGINE_TRAPS] = "raises SIGSYS",
	[ENGINE_TRACED] = "stops for the tracer",
	[ENGINE_NOTIFIES] = "waits for the supervisor's answer",
	[ENGINE_KILLS_THREAD] = "kills the thread",
	[ENGINE_KILLS_PROCESS] = "kills the process",
};

static const char *failure_cause(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_TRACE:
		return ", because no tracer asks for seccomp's events";
	case SECCOMP_RET_USER_NOTIF:
		return ", because nobody listens for notifications";
	default:
		return "";
	}
}

static void describe_failure(const struct engine_verdict *verdict, struct buf *out)
{
	int value = verdict->errno_value;
	const char *name = arch_errno_name(arch_native(), value);

	if (value == 0) {
		buf_puts(out, "is skipped and returns 0");
		return;
	}
	buf_puts(out, predicates[ENGINE_FAILS]);
	if (name)
		buf_printf(out, "%s (%s)", name, strerror(value));
	else
		buf_printf(out, "errno %d", value);
	buf_puts(out, failure_cause(verdict->ret));
}

static bool is_unknown_action(const struct engine_verdict *verdict)
{
	return verdict->outcome == ENGINE_KILLS_PROCESS &&
	       (verdict->ret & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_KILL_PROCESS;
}

void engine_describe(const struct engine_verdict *verdict, struct buf *out)
{
	if (verdict->outcome == ENGINE_FAILS) {
		describe_failure(verdict, out);
		return;
	}
	buf_puts(out, predicates[verdict->outcome]);
	if (verdict->outcome == ENGINE_TRAPS || verdict->outcome == ENGINE_TRACED)
		buf_printf(out, " with data %u", verdict->data);
	if (is_unknown_action(verdict))
		buf_printf(out, ", because no kernel knows the action 0x%x",
			   verdict->ret & SECCOMP_RET_ACTION_FULL);
}
