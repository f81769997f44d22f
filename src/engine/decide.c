/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/seccomp.c: seccomp_run_filters() picks the winner, __seccomp_filter() says what becomes of
 * the call. An action that the kernel doesn't know kills the process, should it win.
 */
#include "engine/engine.h"

#include <errno.h>

/* include/linux/err.h: a larger value could not be told from a pointer; __seccomp_filter() clamps.
 */
#define ERRNO_MAX 4095

struct action {
	uint32_t action;
	enum engine_outcome outcome;
	unsigned needs; /* enum engine_surroundings; without it the call fails with ENOSYS */
};

static const struct action actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, ENGINE_KILLS_PROCESS, 0 },
	{ SECCOMP_RET_KILL_THREAD, ENGINE_KILLS_THREAD, 0 },
	{ SECCOMP_RET_TRAP, ENGINE_TRAPS, 0 },
	{ SECCOMP_RET_ERRNO, ENGINE_FAILS, 0 },
	{ SECCOMP_RET_USER_NOTIF, ENGINE_NOTIFIES, ENGINE_LISTENER },
	{ SECCOMP_RET_TRACE, ENGINE_TRACED, ENGINE_TRACER },
	{ SECCOMP_RET_LOG, ENGINE_RUNS_LOGGED, 0 },
	{ SECCOMP_RET_ALLOW, ENGINE_RUNS, 0 },
};

static const struct action *find_action(uint32_t ret)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			return &actions[i];
	return &actions[0];
}

/* ACTION_ONLY() of kernel/seccomp.c. The sign bit makes KILL_PROCESS the smallest of all. */
static int32_t precedence(uint32_t ret)
{
	return (int32_t)(ret & SECCOMP_RET_ACTION_FULL);
}

static void set_outcome(struct engine_verdict *verdict, unsigned surroundings)
{
	const struct action *action = find_action(verdict->ret);

	verdict->outcome = action->outcome;
	verdict->data = verdict->ret & SECCOMP_RET_DATA;
	if (action->outcome == ENGINE_FAILS)
		verdict->errno_value = verdict->data > ERRNO_MAX ? ERRNO_MAX : verdict->data;
	if ((action->needs & surroundings) != action->needs) {
		verdict->outcome = ENGINE_FAILS;
		verdict->errno_value = ENOSYS;
	}
}

struct engine_verdict engine_decide(const struct cbpf_prog *const *stack, size_t len,
				    const struct seccomp_data *data, enum cbpf_order order,
				    unsigned surroundings)
{
	struct engine_verdict verdict = { .ret = SECCOMP_RET_ALLOW };

	/*
	 * The kernel starts from ALLOW instead of the newest filter's answer. Nothing is greater
	 * than ALLOW, so that is the same, but for which filter is named when all allow.
	 */
	for (size_t i = len; i-- > 0;) {
		struct cbpf_run run =
			cbpf_interp(stack[i]->insns, stack[i]->len, data, order, NULL, NULL);

		verdict.executed += run.executed;
		if (precedence(run.ret) >= precedence(verdict.ret) && i + 1 < len)
			continue;
		verdict.ret = run.ret;
		verdict.filter = i;
		verdict.pc = run.last;
	}
	set_outcome(&verdict, surroundings);
	return verdict;
}
