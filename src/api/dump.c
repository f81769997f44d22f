/* SPDX-License-Identifier: BSD-2-Clause */
/* Other programs' filters: kernel/dump.c and trace/installs.c find them, this makes filters of
 * them. */
#include <strait/dump.h>

#include "api/handles.h"
#include "kernel/dump.h"
#include "kernel/kernel.h"
#include "trace/installs.h"

#include <errno.h>
#include <stdio.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_INSTALLED, TRACE_INSTALLED);
SAME(STRAIT_INSTALL_FAILED, TRACE_FAILED);
SAME(STRAIT_INSTALL_UNSYNCED, TRACE_UNSYNCED);
SAME(STRAIT_INSTALL_FAKED, TRACE_FAKED);
SAME(STRAIT_INSTALL_NO_RETURN, TRACE_NO_RETURN);

struct strait_dump {
	struct arena arena;
	struct kernel_dump found;
	struct strait_filter **filters;
	size_t len;
};

/* "ID.N" */
static int make_filter(pid_t id, size_t n, const struct cbpf_prog *prog, struct strait_filter **out)
{
	char name[48];

	snprintf(name, sizeof(name), "%d.%zu", (int)id, n);
	return strait_filter_from_raw(name, prog->insns, prog->len * sizeof(*prog->insns),
				      STRAIT_ORDER_NATIVE, NULL, out);
}

/* ---- what a thread has ---- */

static int make_filters(struct strait_dump *dump, pid_t tid)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	dump->filters = arena_array(&dump->arena, dump->found.len, sizeof(*dump->filters));
	if (!dump->filters)
		return -ENOMEM;
	for (; dump->len < dump->found.len; dump->len++) {
		int error = make_filter(tid, dump->len, &dump->found.filters[dump->len].prog,
					&dump->filters[dump->len]);

		if (error)
			return error;
	}
	return 0;
}

static int look(struct strait_dump *dump, pid_t tid, struct strait_report *report)
{
	enum kernel_dump_step step;
	AUTO_BUF why = { 0 };
	int error = kernel_dump(&dump->arena, tid, &dump->found, &step);

	if (!error)
		return make_filters(dump, tid);
	if (error == -ENOMEM)
		return error;
	kernel_dump_explain(step, error, tid, &why);
	report_error(report, DIAG_NOT_DUMPED, "the filters of process %d are not known: %s",
		     (int)tid, why.data ? why.data : strerror(-error));
	return error;
}

int strait_dump_thread(pid_t tid, struct strait_report *report, struct strait_dump **out)
{
	struct strait_dump *dump;
	int error;

	/* wait(2) has other meanings for them. */
	if (tid <= 0)
		return -EINVAL;
	dump = calloc(1, sizeof(*dump));
	if (!dump)
		return -ENOMEM;
	arena_init(&dump->arena, ARENA_DEFAULT_LIMIT);
	error = look(dump, tid, report);
	if (error)
		strait_dump_free(dump);
	else
		*out = dump;
	return error;
}

void strait_dump_free(struct strait_dump *dump)
{
	if (!dump)
		return;
	for (size_t i = 0; i < dump->len; i++)
		strait_filter_free(dump->filters[i]);
	arena_deinit(&dump->arena);
	free(dump);
}

int strait_dump_mode(const struct strait_dump *dump)
{
	return dump->found.mode;
}

struct strait_stack strait_dump_stack(const struct strait_dump *dump)
{
	return (struct strait_stack){
		.filters = (const struct strait_filter *const *)dump->filters,
		.len = dump->len,
	};
}

int strait_dump_logs(const struct strait_dump *dump, size_t i)
{
	if (i >= dump->len || !dump->found.filters[i].has_flags)
		return -ENOENT;
	return (dump->found.filters[i].flags & SECCOMP_FILTER_FLAG_LOG) != 0;
}

/* ---- what a program installs ---- */

struct run {
	const struct strait_dump_options *options;
	size_t n, untold;
};

static void installed(void *user, const struct trace_install *seen)
{
	struct run *run = user;
	const struct arch *arch = arch_of_call(seen->arch, (uint32_t)seen->nr);
	struct strait_filter *filter = NULL;
	AUTO_BUF flags = { 0 };
	struct strait_install told = {
		.n = run->n,
		.ns = seen->ns,
		.pid = seen->pid,
		.tid = seen->tid,
		.comm = seen->comm,
		.syscall = arch_syscall_by_nr(arch, (uint32_t)seen->nr)->name,
		.abi = arch->name,
		.mode = seen->mode,
		.flags = seen->flags,
		.unread = seen->unread,
		.outcome = (enum strait_install_outcome)seen->outcome,
		.error = seen->error,
		.other = seen->other,
		.listener = seen->listener,
	};

	if (seen->unread == ENOMEM ||
	    (seen->prog && make_filter(seen->pid, run->n, seen->prog, &filter))) {
		run->untold++;
		return;
	}
	kernel_describe_flags(seen->flags, &flags);
	told.flag_names = flags.data ? flags.data : "";
	told.filter = filter;
	run->n++;
	run->options->installed(run->options->user, &told);
	strait_filter_free(filter);
}

static int finish(const struct run *run, const struct trace_result *traced,
		  struct strait_report *report, struct strait_run_result *result)
{
	const struct ending end = { .program = run->options->argv[0] };
	struct strait_run_result out = {
		.end = (enum strait_end)traced->end,
		.value = traced->value,
		.exit_code = ending_exit_code(traced),
	};

	ending_report(&end, traced, report);
	if (run->untold)
		report_error(report, DIAG_NOT_TOLD,
			     "memory was out: %zu installations were not told", run->untold);
	options_out(result, &out, sizeof(out));
	return 0;
}

int strait_dump_run(const struct strait_dump_options *options, struct strait_report *report,
		    struct strait_run_result *result)
{
	struct strait_dump_options taken;
	struct run run = { .options = &taken };
	struct trace_installs installs = { .installed = installed, .user = &run };
	struct trace_result traced;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (!taken.argv || !taken.argv[0] || !taken.envp || !taken.installed)
		return -EINVAL;
	installs.argv = taken.argv;
	installs.envp = taken.envp;
	error = trace_installs(&installs, &traced);
	run.untold += installs.untold;
	if (!error)
		return finish(&run, &traced, report, result);
	report_error(report, DIAG_NOT_TRACED, "'%s' can't be run and watched: %s", taken.argv[0],
		     error == -ENOTSUP ? "not on this machine or kernel" : why_not_traced(error));
	return error;
}
