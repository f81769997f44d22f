/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of the rows, and what their authors share. */
#include "kernel/features.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>

#include "arch/arch.h"
#include "kernel/proc.h"

static void (*const sections[])(struct kernel_features *f) = {
	kernel_features_filter,	 kernel_features_notify,      kernel_features_trace,
	kernel_features_process, kernel_features_abi,	      kernel_features_cost,
	kernel_features_around,	 kernel_features_speculation, kernel_features_calls,
};

void kernel_feature_add(struct kernel_features *f, struct kernel_feature row)
{
	struct kernel_feature *v = arena_grow(&f->arena, f->v, f->len, &f->room, sizeof(*v));

	if (!v) {
		f->failed = true;
		return;
	}
	f->v = v;
	f->v[f->len++] = row;
}

const char *kernel_text(struct kernel_features *f, const char *format, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, format);
	text = arena_vprintf(&f->arena, format, ap);
	va_end(ap);
	f->failed |= !text;
	return text ? text : "";
}

const char *kernel_errno_text(struct kernel_features *f, int error)
{
	const char *name = arch_errno_name(arch_native(), error);

	if (!error)
		return "success";
	return name ? name : kernel_text(f, "errno %d", error);
}

const char *kernel_attempt_failure(struct kernel_features *f, const struct attempt *attempt)
{
	const char *name = arch_signal_name(arch_native(), attempt->signal);

	if (attempt->is_done)
		return NULL;
	if (attempt->error)
		return kernel_text(f, "no child can be made to try it (%s)",
				   kernel_errno_text(f, attempt->error));
	if (attempt->signal == SIGSYS)
		return "a filter kills the child that tries it";
	return kernel_text(f, "%s ended the child that tried it", name ? name : "something");
}

/* struct kernel_probe fits the words that an attempt hands over. */
_Static_assert(sizeof(struct kernel_probe) <= ATTEMPT_VALUES * sizeof(long), "it fits");

static void try_probe(const void *arg, long *values)
{
	struct kernel_probe probe;

	(void)arg;
	kernel_probe(&probe);
	memcpy(values, &probe, sizeof(probe));
}

/* What can be known without a call that a filter could mind. */
static void probe_files(struct kernel_probe *probe)
{
	struct utsname name;
	char text[4096];

	*probe = (struct kernel_probe){ .jit = -1 };
	if (uname(&name) == 0)
		memcpy(probe->release, name.release, sizeof(probe->release));
	if (!kernel_read_file("/proc/thread-self/status", text, sizeof(text)))
		return;
	probe->mode = (int)kernel_line_number(text, "\nSeccomp:");
	probe->strict = probe->mode >= 0;
	probe->filters = (unsigned)kernel_line_number(text, "\nSeccomp_filters:");
	probe->no_new_privs = kernel_line_number(text, "\nNoNewPrivs:") == 1;
}

int kernel_features(struct kernel_features *f)
{
	struct attempt attempt;

	*f = (struct kernel_features){ 0 };
	arena_init(&f->arena, ARENA_DEFAULT_LIMIT);
	/* In a child, as a filter may kill who calls seccomp(2). */
	attempt = kernel_attempt(try_probe, NULL);
	f->probe_failure = kernel_attempt_failure(f, &attempt);
	if (f->probe_failure)
		probe_files(&f->probe);
	else
		memcpy(&f->probe, attempt.values, sizeof(f->probe));
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		sections[i](f);
	return f->failed ? -ENOMEM : 0;
}

void kernel_features_deinit(struct kernel_features *f)
{
	arena_deinit(&f->arena);
}
