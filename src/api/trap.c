/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of trap/. All but strait_trap_install() runs in signal handlers. */
#include <strait/trap.h>

#include "api/handles.h"
#include "trap/machine.h"
#include "trap/trap.h"

#include <errno.h>

static struct strait_trap_call public_call(const struct trap_call *call)
{
	struct strait_trap_call out = {
		.size = sizeof(out),
		.nr = call->what.nr,
		.arch = call->what.arch,
		.address = call->what.instruction_pointer,
		.data = call->data,
		.result = call->result,
		.siginfo = call->info,
		.context = call->context,
	};

	_Static_assert(sizeof(out.args) == sizeof(call->what.args), "six arguments");
	memcpy(out.args, call->what.args, sizeof(out.args));
	return out;
}

static bool ask(struct trap_call *call, const struct trap_handler *handler)
{
	strait_trap_fn *given = (strait_trap_fn *)(void *)handler->given;
	struct strait_trap_call shown = public_call(call);
	enum strait_trap_then then = given(&shown, handler->user);

	call->result = shown.result;
	return then == STRAIT_TRAP_ANSWER;
}

int strait_trap_install(const struct strait_trap_options *options, struct strait_report *report)
{
	struct strait_trap_options o;
	struct trap_handler handler = { .fn = ask };
	int error = options_in(&o, sizeof(o), options);

	if (!error && (!o.handler || o.flags & ~(unsigned)STRAIT_TRAP_NODEFER))
		error = -EINVAL;
	if (!error) {
		handler.given = (void (*)(void))o.handler;
		handler.user = o.user;
		handler.nodefer = o.flags & STRAIT_TRAP_NODEFER;
		error = trap_install(&handler);
	}
	if (error == -EBUSY)
		report_error(report, DIAG_NO_HANDLER,
			     "this process has a handler for SIGSYS by strait already");
	else if (error == -ENOTSUP)
		report_error(report, DIAG_NO_HANDLER,
			     "this strait doesn't know the machine's registers");
	else if (error)
		report_error(report, DIAG_NO_HANDLER, "no handler for SIGSYS: %s",
			     strerror(-error));
	return error;
}

int strait_trap_read(void *siginfo, void *context, struct strait_trap_call *call)
{
	struct strait_trap_call out;
	struct trap_call read;

	if (!trap_machine_known)
		return -ENOTSUP;
	if (!trap_read(siginfo, context, &read))
		return -ENOENT;
	out = public_call(&read);
	options_out(call, &out, sizeof(out));
	return 0;
}

void strait_trap_answer(const struct strait_trap_call *call)
{
	trap_machine_answer(call->context, call->address, call->result);
}
