/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why an installation failed. One errno has several causes; the rows of one errno stand from the
 * special to the general, and the first whose condition holds here and now is the one named. The
 * conditions are evaluated after the failure, by kernel_probe().
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <string.h>

#include "arch/arch.h"

struct situation {
	unsigned flags;
	struct kernel_probe probe;
};

static bool is_filtered(const struct situation *s)
{
	return s->probe.mode == SECCOMP_MODE_FILTER;
}

/* The kernel itself says EFAULT to the probe; whoever says something else is not the kernel. */
static bool is_answered(const struct situation *s)
{
	return is_filtered(s) && !s->probe.filter;
}

static bool lacks_privilege(const struct situation *s)
{
	return !s->probe.no_new_privs;
}

static bool lacks_seccomp(const struct situation *s)
{
	return !s->probe.strict;
}

static bool lacks_filters(const struct situation *s)
{
	return !s->probe.filter;
}

static bool has_unknown_flags(const struct situation *s)
{
	return s->probe.filter && s->flags & ~s->probe.flags;
}

/* kernel/seccomp.c, seccomp_set_mode_filter(): both would use the positive return value. */
static bool has_two_answers(const struct situation *s)
{
	const unsigned both = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER;

	return (s->flags & both) == both && !(s->flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
}

static bool lacks_listener_flag(const struct situation *s)
{
	return s->flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV &&
	       !(s->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

struct cause {
	enum kernel_step step;
	int error;				  /* 0: any */
	bool (*holds)(const struct situation *s); /* NULL: always */
	const char *sentence;
};

static const struct cause causes[] = {
	{ KERNEL_NO_NEW_PRIVS, EINVAL, NULL,
	  "this kernel is older than Linux 3.5, which brought no_new_privs" },
	{ KERNEL_NO_NEW_PRIVS, 0, is_filtered,
	  "a filter that is already installed answers prctl(2) in the kernel's place" },

	{ KERNEL_FILTER, 0, is_answered,
	  "a filter that is already installed answers seccomp(2) in the kernel's place" },
	{ KERNEL_FILTER, EACCES, lacks_privilege,
	  "neither is no_new_privs set nor has the process CAP_SYS_ADMIN in its user namespace" },
	{ KERNEL_FILTER, EINVAL, lacks_filters,
	  "this kernel is built without CONFIG_SECCOMP_FILTER" },
	{ KERNEL_FILTER, EINVAL, has_unknown_flags, "this kernel doesn't know the flags " },
	{ KERNEL_FILTER, EINVAL, has_two_answers,
	  "TSYNC and NEW_LISTENER go together only with TSYNC_ESRCH" },
	{ KERNEL_FILTER, EINVAL, lacks_listener_flag,
	  "WAIT_KILLABLE_RECV is only for a filter with NEW_LISTENER" },
	{ KERNEL_FILTER, EINVAL, NULL, "the kernel's verifier refuses the program" },
	{ KERNEL_FILTER, ENOMEM, NULL,
	  "the filters of one thread may have 32768 converted instructions in all, and this one "
	  "would exceed them; or memory is out" },
	{ KERNEL_FILTER, EFAULT, NULL, "the program's address can't be read" },
	{ KERNEL_FILTER, EBUSY, NULL,
	  "a filter of this process already has a listener, and there can be only one" },
	{ KERNEL_FILTER, ESRCH, NULL,
	  "another thread has a filter that the calling thread doesn't have, so TSYNC can't put "
	  "both under the new one" },
	{ KERNEL_FILTER, EMFILE, NULL, "no file descriptor is free for the listener" },
	{ KERNEL_FILTER, ENFILE, NULL, "the system has no file left for the listener" },
	{ KERNEL_FILTER, ENOSYS, NULL,
	  "this kernel is older than Linux 3.17, which brought seccomp(2), or is built without "
	  "it" },

	{ KERNEL_STRICT, 0, is_answered,
	  "a filter that is already installed answers seccomp(2) in the kernel's place" },
	{ KERNEL_STRICT, EINVAL, lacks_seccomp, "this kernel is built without CONFIG_SECCOMP" },
	{ KERNEL_STRICT, EINVAL, is_filtered,
	  "the thread already has a filter, and strict mode can't follow one" },
	{ KERNEL_STRICT, ENOSYS, NULL,
	  "this kernel is older than Linux 3.17, which brought seccomp(2), or is built without "
	  "it" },
};

static const struct cause *find_cause(enum kernel_step step, int error, const struct situation *s)
{
	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if (causes[i].step == step && (causes[i].error == error || !causes[i].error) &&
		    (!causes[i].holds || causes[i].holds(s)))
			return &causes[i];
	return NULL;
}

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ SECCOMP_FILTER_FLAG_TSYNC, "TSYNC" },
	{ SECCOMP_FILTER_FLAG_LOG, "LOG" },
	{ SECCOMP_FILTER_FLAG_SPEC_ALLOW, "SPEC_ALLOW" },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER, "NEW_LISTENER" },
	{ SECCOMP_FILTER_FLAG_TSYNC_ESRCH, "TSYNC_ESRCH" },
	{ SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "WAIT_KILLABLE_RECV" },
};

void kernel_describe_flags(unsigned flags, struct buf *out)
{
	const char *separator = "";

	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		buf_printf(out, "%s%s", separator, flag_names[i].name);
		separator = "|";
		flags &= ~flag_names[i].flag;
	}
	if (flags)
		buf_printf(out, "%s0x%x", separator, flags);
}

static const char *const steps[] = {
	[KERNEL_NO_NEW_PRIVS] = "can't set no_new_privs",
	[KERNEL_FILTER] = "can't install the filter",
	[KERNEL_STRICT] = "can't enter strict mode",
};

void kernel_explain(enum kernel_step step, int error, unsigned flags, struct buf *out)
{
	struct situation s = { .flags = flags };
	const struct cause *cause;
	const char *name;

	error = error < 0 ? -error : error;
	name = arch_errno_name(arch_native(), error);
	kernel_probe(&s.probe);
	cause = find_cause(step, error, &s);
	buf_printf(out, "%s: ", steps[step]);
	if (cause)
		buf_puts(out, cause->sentence);
	else
		buf_puts(out, strerror(error));
	if (cause && cause->holds == has_unknown_flags)
		kernel_describe_flags(flags & ~s.probe.flags, out);
	if (error == ENOMEM && s.probe.filters)
		buf_printf(out, " (%u filters are installed)", s.probe.filters);
	if (name)
		buf_printf(out, " (%s)", name);
}
