/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What seccomp can do here, found out at run time, and the best filter that can be had from it.
 *
 * Nothing is looked up by kernel version: distributions backport, and containers take away. Each
 * feature is asked for in a way that can't succeed, and how the kernel fails tells whether it knows
 * the feature. What asks can itself be under a filter, so an answer that no kernel gives counts as
 * no.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <strait/static.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

/* The errno of seccomp(2), 0 for success. */
static int ask(unsigned operation, unsigned long flags, void *args)
{
	return syscall(SYS_seccomp, operation, flags, args) < 0 ? errno : 0;
}

static bool say(const char *feature, bool has, const char *how)
{
	printf("%-20s %-4s %s\n", feature, has ? "yes" : "no", how);
	return has;
}

/* ---- modes ---- */

/* Flags are judged before the program is read: an address that can't be one is the last obstacle.
 */
static bool knows_flags(unsigned long flags)
{
	return ask(SECCOMP_SET_MODE_FILTER, flags, NULL) == EFAULT;
}

/* The way to filters before Linux 3.17 had seccomp(2), and where a container hides that. */
static bool has_prctl_filters(void)
{
	return prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, 0L, 0L, 0L) < 0 && errno == EFAULT;
}

struct ways {
	bool seccomp, prctl;
};

static struct ways detect_modes(void)
{
	struct ways ways;

	/* It takes neither flags nor arguments, and says EINVAL to flags before anything happens.
	 */
	say("strict mode",
	    ask(SECCOMP_SET_MODE_STRICT, 1, NULL) == EINVAL ||
		    prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) >= 0,
	    "flags for strict mode: EINVAL");
	ways.seccomp = say("filters", knows_flags(0), "a NULL program for seccomp(2): EFAULT");
	ways.prctl =
		say("filters by prctl", has_prctl_filters(), "a NULL program for prctl(2): EFAULT");
	say("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) >= 0,
	    "PR_GET_NO_NEW_PRIVS answers");
	return ways;
}

/* ---- actions ---- */

static const struct action {
	const char *name;
	uint32_t action;
	bool old; /* Linux 3.17 had it; GET_ACTION_AVAIL came with 4.14 */
} actions[] = {
	{ "kill_process", SECCOMP_RET_KILL_PROCESS, false },
	{ "kill_thread", SECCOMP_RET_KILL_THREAD, true },
	{ "trap", SECCOMP_RET_TRAP, true },
	{ "errno", SECCOMP_RET_ERRNO, true },
	{ "user_notif", SECCOMP_RET_USER_NOTIF, false },
	{ "trace", SECCOMP_RET_TRACE, true },
	{ "log", SECCOMP_RET_LOG, false },
	{ "allow", SECCOMP_RET_ALLOW, true },
};

/* A kernel takes filters with actions that it doesn't know, and kills where they are returned. So
 * this must be asked before. Whoever knows even an action that there isn't, is not the kernel. */
static bool has_action(const struct action *action)
{
	uint32_t ret = action->action, nonsense = 0x12340000;
	bool can_ask = ask(SECCOMP_GET_ACTION_AVAIL, 0, &nonsense) == EOPNOTSUPP;

	return can_ask ? ask(SECCOMP_GET_ACTION_AVAIL, 0, &ret) == 0 : action->old;
}

static uint32_t first_of(uint32_t wanted, uint32_t fallback)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (actions[i].action == wanted)
			return has_action(&actions[i]) ? wanted : fallback;
	return fallback;
}

static void detect_actions(void)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		say(actions[i].name, has_action(&actions[i]), "SECCOMP_GET_ACTION_AVAIL");
}

/* ---- flags, notifications ---- */

static const struct flag {
	const char *name;
	unsigned long flag, with; /* WITH: what it is refused without */
} flags[] = {
	{ "TSYNC", SECCOMP_FILTER_FLAG_TSYNC, 0 },
	{ "LOG", SECCOMP_FILTER_FLAG_LOG, 0 },
	{ "SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0 },
	{ "NEW_LISTENER", SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 },
	{ "TSYNC_ESRCH", SECCOMP_FILTER_FLAG_TSYNC_ESRCH, 0 },
	{ "WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	  SECCOMP_FILTER_FLAG_NEW_LISTENER },
};

static unsigned long detect_flags(void)
{
	unsigned long known = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (say(flags[i].name, knows_flags(flags[i].flag | flags[i].with),
			"the flag with a NULL program: EFAULT"))
			known |= flags[i].flag;
	return known;
}

static void detect_sizes(void)
{
	struct seccomp_notif_sizes sizes = { 0 };

	/* A supervisor allocates these, never its own sizeof: later kernels have longer ones. */
	if (say("notification sizes",
		ask(SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 && sizes.seccomp_notif,
		"SECCOMP_GET_NOTIF_SIZES"))
		printf("%-20s %u %u %u\n", "", sizes.seccomp_notif, sizes.seccomp_notif_resp,
		       sizes.seccomp_data);
}

/* ---- the best that can be had ---- */

/* Confines the whole process where the kernel can, else this thread, which is the only one. */
static int install(struct strait_static *f, struct ways ways, unsigned long known)
{
	struct sock_fprog program;
	unsigned use = 0;

	if (known & SECCOMP_FILTER_FLAG_TSYNC)
		use |= SECCOMP_FILTER_FLAG_TSYNC;
	/* SPEC_ALLOW would leave out a mitigation (Spectre v4) that Linux before 5.16 turns on with
	 * a filter. It is for programs that run no foreign code; this one makes no use of it. */
	if (known & SECCOMP_FILTER_FLAG_LOG)
		use |= SECCOMP_FILTER_FLAG_LOG;
	if (ways.seccomp)
		return strait_static_install(f, use);
	if (!ways.prctl)
		return -ENOSYS;
	if (strait_static_resolve(f) < 0)
		return f->error;
	program.len = (unsigned short)f->len;
	program.filter = f->insns;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ||
	    prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, &program, 0L, 0L) < 0)
		return -errno;
	return 0;
}

static void build(struct strait_static *f)
{
	/* KILL_PROCESS came with 4.14: before, the thread is the best. */
	uint32_t stop = first_of(SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD);
	/* LOG came with 4.14: before, what should be noted is executed without a note. */
	uint32_t note = first_of(SECCOMP_RET_LOG, SECCOMP_RET_ALLOW);

	strait_static_validate_arch(f, stop);
	strait_static_answer(f, SYS_reboot, stop);
	strait_static_answer(f, SYS_personality, note);
	strait_static_errno(f, SYS_socket, EACCES);
	strait_static_return(f, SECCOMP_RET_ALLOW);
}

/* A filter that an outer one pretended to install is none: what was forbidden is tried. */
static int check_confined(void)
{
	if (syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EACCES) {
		puts("the filter does not answer");
		return EXIT_FAILURE;
	}
	puts("the filter answers: no sockets from here on");
	return EXIT_SUCCESS;
}

int main(void)
{
	unsigned long known = 0;
	struct ways ways;
	int error;

	STRAIT_STATIC(f, 32);

	ways = detect_modes();
	if (ways.seccomp) {
		known = detect_flags();
		detect_sizes();
	}
	detect_actions();
	build(&f);
	error = install(&f, ways, known);
	if (error == -ENOSYS) {
		/* The caller's decision: a program whose last wall this was stops here. This one
		 * has nothing to hide and says that it goes on. */
		puts("no filter can be installed: going on without one");
		return EXIT_SUCCESS;
	}
	if (error < 0) {
		printf("no filter: %s\n", strait_static_explain(&f, error));
		return EXIT_FAILURE;
	}
	return check_confined();
}
