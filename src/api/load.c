/* SPDX-License-Identifier: BSD-2-Clause */
/* Installing. Nothing here may allocate while there is no report: both functions are called between
 * fork and exec. */
#include <strait/load.h>

#include "api/handles.h"
#include "kernel/kernel.h"

#include <errno.h>

static void explain(struct strait_report *report, enum kernel_step step, int error, unsigned flags)
{
	AUTO_BUF text = { 0 };

	if (!report)
		return;
	kernel_explain(step, error, flags, &text);
	report_error(report, DIAG_NOT_INSTALLED, "%s", text.data ? text.data : strerror(error));
}

int strait_no_new_privs(struct strait_report *report)
{
	int error = kernel_set_no_new_privs();

	if (error)
		explain(report, KERNEL_NO_NEW_PRIVS, -error, 0);
	return error;
}

int strait_filter_load(const struct strait_filter *filter, unsigned flags,
		       struct strait_report *report)
{
	int result;

	if (filter->order != CBPF_HOST_ORDER) {
		report_error(report, DIAG_WRONG_ORDER,
			     "'%s' is for machines of the other byte order", filter->name);
		return -EINVAL;
	}
	result = kernel_install(filter->prog.insns, filter->prog.len, flags, NULL);
	if (result < 0)
		explain(report, KERNEL_FILTER, -result, flags);
	return result;
}

void strait_kernel_probe(struct strait_kernel *kernel)
{
	struct strait_kernel out = { 0 };
	struct kernel_probe probe;

	kernel_probe(&probe);
	out.has_filters = probe.filter;
	out.has_strict = probe.strict;
	out.mode = probe.mode;
	out.no_new_privs = probe.no_new_privs;
	out.filters = probe.filters;
	out.flags = probe.flags;
	out.jit = probe.jit;
	_Static_assert(sizeof(out.release) == sizeof(probe.release), "one size");
	memcpy(out.release, probe.release, sizeof(out.release));
	options_out(kernel, &out, sizeof(out));
}
