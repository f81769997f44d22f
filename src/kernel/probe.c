/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this kernel can do and what this thread is already under, found by looking only: questions
 * that seccomp(2) answers, calls that fail on their NULL program before anything is attached, and
 * /proc. Strict mode kills whoever asks anything at all, prctl(PR_GET_SECCOMP) included.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "kernel/proc.h"

const uint32_t kernel_actions[KERNEL_ACTIONS] = {
	SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF,
	SECCOMP_RET_TRACE,	  SECCOMP_RET_LOG,  SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_THREAD,
};

/* What Linux 3.17 had, when seccomp(2) came; SECCOMP_GET_ACTION_AVAIL came with 4.14. */
static bool is_old_action(uint32_t action)
{
	return action == SECCOMP_RET_KILL_THREAD || action == SECCOMP_RET_TRAP ||
	       action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE ||
	       action == SECCOMP_RET_ALLOW;
}

/* Each flag with those it can't come without: kernel/seccomp.c, seccomp_set_mode_filter(). */
static const struct {
	unsigned flag, with;
} flag_tests[] = {
	{ SECCOMP_FILTER_FLAG_TSYNC, 0 },
	{ SECCOMP_FILTER_FLAG_LOG, 0 },
	{ SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0 },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 },
	{ SECCOMP_FILTER_FLAG_TSYNC_ESRCH, 0 },
	{ SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_FILTER_FLAG_NEW_LISTENER },
};

static int ask(unsigned op, unsigned flags, const void *args)
{
	return syscall(SYS_seccomp, op, flags, args) < 0 ? errno : 0;
}

/* Flags are judged before the program is read, so a NULL program tells known flags from unknown. */
static bool knows_flags(unsigned flags)
{
	return ask(SECCOMP_SET_MODE_FILTER, flags, NULL) == EFAULT;
}

static uint32_t probe_actions(void)
{
	uint32_t known = 0;
	bool old = ask(SECCOMP_GET_ACTION_AVAIL, 0, &kernel_actions[6]) == EINVAL;

	for (unsigned i = 0; i < KERNEL_ACTIONS; i++) {
		bool avail = old ? is_old_action(kernel_actions[i])
				 : ask(SECCOMP_GET_ACTION_AVAIL, 0, &kernel_actions[i]) == 0;

		known |= (uint32_t)avail << i;
	}
	return known;
}

static unsigned probe_flags(void)
{
	unsigned known = 0;

	for (size_t i = 0; i < ARRAY_LEN(flag_tests); i++)
		if (knows_flags(flag_tests[i].flag | flag_tests[i].with))
			known |= flag_tests[i].flag;
	return known;
}

static void probe_thread(struct kernel_probe *probe)
{
	char status[8192];
	long mode, filters;

	probe->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1;
	if (!kernel_read_file("/proc/thread-self/status", status, sizeof(status)))
		status[0] = '\0';
	mode = kernel_line_number(status, "\nSeccomp:");
	filters = kernel_line_number(status, "\nSeccomp_filters:");
	if (!status[0])
		mode = prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L);
	/* Both exist exactly with CONFIG_SECCOMP, which CONFIG_SECCOMP_FILTER depends on. */
	probe->strict = mode >= 0 || probe->filter;
	probe->mode = mode > 0 ? (int)mode : SECCOMP_MODE_DISABLED;
	probe->filters = filters > 0 ? (unsigned)filters : 0;
}

static int probe_jit(void)
{
	char text[16];

	if (!kernel_read_file("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text)))
		return -1;
	return (int)kernel_line_number(text, "");
}

void kernel_probe(struct kernel_probe *probe)
{
	struct seccomp_notif_sizes sizes;
	struct utsname name;

	*probe = (struct kernel_probe){ .filter = knows_flags(0) };
	if (probe->filter) {
		probe->actions = probe_actions();
		probe->flags = probe_flags();
	}
	if (probe->filter && ask(SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0) {
		probe->notif_sizes[0] = sizes.seccomp_notif;
		probe->notif_sizes[1] = sizes.seccomp_notif_resp;
		probe->notif_sizes[2] = sizes.seccomp_data;
	}
	probe_thread(probe);
	probe->jit = probe_jit();
	if (uname(&name) == 0)
		memcpy(probe->release, name.release, sizeof(probe->release));
}
