/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search in PATH looks at files instead of trying execve on each, as most policies will allow
 * execve and some stop the rest. Calls after the first filter go through syscall(3), all of them
 * from one address, so that the tracer knows the execve's instruction pointer from a later call.
 */
#include "trace/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "arch/arch.h"
#include "kernel/kernel.h"

static const char *path_of(char *const *envp)
{
	for (; *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return "/bin:/usr/bin"; /* execvp(3) */
}

/* 0, ENOENT or EACCES. */
static int is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == EACCES ? EACCES : ENOENT;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return EACCES;
	return 0;
}

static int seek(struct arena *arena, const char *name, const char *dirs, const char **path)
{
	int found = ENOENT;

	if (!*name)
		return ENOENT;
	*path = name;
	if (strchr(name, '/'))
		return 0; /* execve will tell */
	for (;;) {
		size_t len = strcspn(dirs, ":");
		/* An empty entry is the working directory. */
		const char *slash = len ? "/" : "";
		char *candidate = arena_printf(arena, "%.*s%s%s", (int)len, dirs, slash, name);
		int r;

		if (!candidate)
			return -ENOMEM;
		*path = candidate;
		r = is_program(candidate);
		if (r == 0)
			return 0;
		if (r == EACCES)
			found = EACCES;
		if (!dirs[len])
			return found;
		dirs += len + 1;
	}
}

int trace_launch_prepare(struct arena *arena, const struct trace_options *options,
			 struct trace_launch *launch)
{
	static char shell[] = "/bin/sh";
	struct cbpf_prog *filters;
	size_t argc = 0;
	char **argv;
	int r;

	*launch = (struct trace_launch){
		.argv = options->argv,
		.envp = options->envp,
		.filters_len = options->stack_len,
		.flags = options->flags,
		.keeps_privs = options->report == TRACE_REPORT_EVERY_CALL,
	};
	if (options->listening)
		launch->newest_flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | options->listener_flags;
	r = seek(arena, options->argv[0], path_of(options->envp), &launch->path);
	if (r)
		return r;
	while (options->argv[argc])
		argc++;
	argv = arena_array(arena, argc + 2, sizeof(*argv));
	filters = arena_array(arena, options->stack_len, sizeof(*filters));
	if (!argv || (!filters && options->stack_len))
		return -ENOMEM;
	argv[0] = shell;
	argv[1] = arena_strndup(arena, launch->path, strlen(launch->path));
	if (!argv[1])
		return -ENOMEM;
	memcpy(&argv[2], &options->argv[1], (argc - 1) * sizeof(*argv));
	for (size_t i = 0; i < options->stack_len; i++)
		filters[i] = *options->stack[i];
	launch->shell_argv = argv;
	launch->filters = filters;
	return 0;
}

static void fail(volatile struct trace_progress *progress, int error)
{
	progress->error = error;
	progress->failed = true;
}

/* The errno; a filter may answer 0. */
static int exec(volatile struct trace_progress *progress, const char *path, char *const *argv,
		char *const *envp)
{
	progress->exec_args[0] = (uintptr_t)path;
	progress->exec_args[1] = (uintptr_t)argv;
	progress->exec_args[2] = (uintptr_t)envp;
	/* All six arguments, as a filter may look at those that execve doesn't have. */
	return syscall(SYS_execve, path, argv, envp, 0L, 0L, 0L) < 0 ? errno : 0;
}

void trace_launch_exec(const struct trace_launch *launch, volatile struct trace_progress *progress)
{
	int r;

	progress->stage = TRACE_STAGE_NO_NEW_PRIVS;
	r = launch->keeps_privs ? 0 : kernel_set_no_new_privs();
	if (r < 0) {
		fail(progress, -r);
		return;
	}
	progress->stage = TRACE_STAGE_FILTER;
	for (size_t i = 0; i < launch->filters_len; i++) {
		const struct cbpf_prog *filter = &launch->filters[i];
		unsigned more = i + 1 == launch->filters_len ? launch->newest_flags : 0;

		r = kernel_install(filter->insns, filter->len, launch->flags | more, NULL);
		if (r < 0) {
			fail(progress, -r);
			return;
		}
		progress->installed = i + 1;
		if (more)
			progress->listener = r;
	}
	progress->stage = TRACE_STAGE_EXEC;
	r = exec(progress, launch->path, launch->argv, launch->envp);
	if (r == ENOEXEC)
		r = exec(progress, "/bin/sh", launch->shell_argv, launch->envp);
	fail(progress, r);
}

struct seccomp_data trace_launch_execve(const volatile struct trace_progress *progress,
					uint32_t arch, uint64_t ip)
{
	return (struct seccomp_data){
		.nr = SYS_execve,
		.arch = arch,
		.instruction_pointer = ip,
		.args = { progress->exec_args[0], progress->exec_args[1], progress->exec_args[2] },
	};
}

void trace_launch_judge(const volatile struct trace_progress *progress,
			const struct engine_verdict *verdict, struct trace_result *result)
{
	result->filter = progress->installed;
	if (verdict)
		result->verdict = *verdict;
	if (progress->stage == TRACE_STAGE_EXEC && verdict) {
		result->end = TRACE_EXEC_STOPPED;
		return;
	}
	result->value = progress->error;
	if (progress->stage == TRACE_STAGE_EXEC) {
		result->end = result->value == ENOENT ? TRACE_NOT_FOUND : TRACE_NOT_STARTED;
		return;
	}
	result->end = progress->failed ? TRACE_REFUSED : TRACE_INSTALL_STOPPED;
	result->step = progress->stage == TRACE_STAGE_FILTER ? KERNEL_FILTER : KERNEL_NO_NEW_PRIVS;
}

void trace_launch_guess(const volatile struct trace_progress *progress,
			const struct cbpf_prog *const *stack, unsigned surroundings,
			struct trace_result *result)
{
	struct seccomp_data data = trace_launch_execve(progress, arch_native()->audit, 0);
	struct engine_verdict verdict =
		engine_decide(stack, progress->installed, &data, CBPF_HOST_ORDER, surroundings);
	bool is_it = progress->stage == TRACE_STAGE_EXEC && verdict.outcome == ENGINE_FAILS &&
		     verdict.errno_value == progress->error;

	trace_launch_judge(progress, is_it ? &verdict : NULL, result);
}

void trace_launch_killed(const volatile struct trace_progress *progress,
			 struct trace_result *result)
{
	result->filter = progress->installed;
	result->end =
		progress->stage == TRACE_STAGE_EXEC ? TRACE_EXEC_STOPPED : TRACE_INSTALL_STOPPED;
}
