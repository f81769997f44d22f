/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/action.h"

#include <linux/seccomp.h>

/* policy/values.c: what actions take */
#define ERRNO_MAX 4095

static const struct {
	uint32_t ret;
	const char *name;
	uint32_t data_max;
	bool has_plain; /* without parentheses its data is 0 */
} actions[] = {
	{ SECCOMP_RET_ALLOW, "allow", 0, true },
	{ SECCOMP_RET_LOG, "log", 0, true },
	{ SECCOMP_RET_USER_NOTIF, "notify", 0, true },
	{ SECCOMP_RET_TRACE, "trace", SECCOMP_RET_DATA, true },
	{ SECCOMP_RET_ERRNO, "errno", ERRNO_MAX, false },
	{ SECCOMP_RET_TRAP, "trap", SECCOMP_RET_DATA, true },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread", 0, true },
	{ SECCOMP_RET_KILL_PROCESS, "kill_process", 0, true },
};

bool action_put(const struct arch *arch, uint32_t ret, struct buf *out)
{
	uint32_t data = ret & SECCOMP_RET_DATA;
	size_t i = (size_t)action_rank(ret);
	const char *name;

	if (i == ARRAY_LEN(actions) || data > actions[i].data_max)
		return false;
	buf_puts(out, actions[i].name);
	if (actions[i].has_plain && data == 0)
		return true;
	name = actions[i].ret == SECCOMP_RET_ERRNO ? arch_errno_name(arch, (int)data) : NULL;
	if (name)
		buf_printf(out, "(%s)", name);
	else
		buf_printf(out, "(%u)", data);
	return true;
}

int action_rank(uint32_t ret)
{
	size_t i = 0;

	while (i < ARRAY_LEN(actions) && actions[i].ret != (ret & SECCOMP_RET_ACTION_FULL))
		i++;
	return (int)i;
}
