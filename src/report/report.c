/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line for each trapped call, from a signal handler, with write(2) and nothing else.
 *
 * It keeps SIGSYS blocked while it runs. A trap of its own is fatal then, and that is wanted: where
 * the filter lets the handler neither print nor return, the process still ends by SIGSYS.
 */
#include <strait/sigsys-report.h>

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"
#include "trap/machine.h"
#include "trap/trap.h"

/* A thread's alternate stack may be small. */
#define LINE_MAX_SIZE 1024
/* What a line needs behind its arguments. */
#define TAIL_SIZE 192

static int report_answer, report_fd; /* atomic: they may change while handlers run */
static bool report_ready, report_went_on;

/* A 32-bit ABI passes 64 bits in two halves. */
static uint64_t report_value(const struct trap_call *call, const struct arch_arg *arg)
{
	if (arg->high == arg->index)
		return call->what.args[arg->index];
	return (call->what.args[arg->index] & 0xffffffff) | call->what.args[arg->high] << 32;
}

/* "flags=O_RDONLY|O_CLOEXEC"; what doesn't fit is a number, or only a sign that it is missing. */
static bool report_arg(struct text *out, const struct arch *arch,
		       const struct arch_syscall *syscall, const struct arch_arg *arg,
		       uint64_t value)
{
	size_t before = out->size;

	text_puts(out, arg->name);
	text_putc(out, '=');
	arch_describe_text(arch, syscall, arg, value, out);
	if (!out->cut)
		return true;
	out->size = before;
	out->cut = false;
	text_puts(out, arg->name);
	text_putc(out, '=');
	text_hex(out, value);
	if (!out->cut)
		return true;
	out->size = before;
	return false;
}

static void report_args(struct text *out, const struct arch *arch,
			const struct arch_syscall *syscall, const struct trap_call *call)
{
	struct arch_arg arg;

	for (int i = 0; arch_arg_at(arch, syscall, i, &arg); i++) {
		text_puts(out, i ? ", " : ": ");
		if (arg.index == 0 && !trap_machine_is_whole(call->context)) {
			text_puts(out, arg.name);
			text_puts(out, "=?");
		} else if (!report_arg(out, arch, syscall, &arg, report_value(call, &arg))) {
			break;
		}
	}
}

static void report_raw_args(struct text *out, const struct trap_call *call)
{
	for (size_t i = 0; i < ARCH_ARGS_MAX; i++) {
		text_puts(out, i ? ", arg" : ": arg");
		text_number(out, i, 10);
		text_putc(out, '=');
		if (i == 0 && !trap_machine_is_whole(call->context))
			text_putc(out, '?');
		else
			text_hex(out, call->what.args[i]);
	}
}

static void report_call(struct text *out, const struct trap_call *call, const struct arch *arch,
			const struct arch_syscall *syscall)
{
	text_puts(out, "strait: trapped ");
	text_puts(out, syscall ? syscall->name : "unknown");
	text_putc(out, '(');
	text_signed(out, call->what.nr);
	text_putc(out, ')');
	out->room -= TAIL_SIZE;
	if (syscall && arch_nargs(arch, syscall) >= 0)
		report_args(out, arch, syscall, call);
	else
		report_raw_args(out, call);
	out->room += TAIL_SIZE;
	if (out->cut)
		text_puts(out, "...");
	text_puts(out, " (");
	if (arch)
		text_puts(out, arch->name);
	else
		text_hex(out, call->what.arch);
	text_puts(out, ", at ");
	text_hex(out, call->what.instruction_pointer);
	if (call->data) {
		text_puts(out, ", data ");
		text_number(out, call->data, 10);
	}
	text_putc(out, ')');
}

static void report_print(const struct text *text)
{
	int fd = __atomic_load_n(&report_fd, __ATOMIC_RELAXED);
	size_t done = 0;
	long n;

	while (done < text->size) {
		/* Not write(3), which may end a thread that is to be cancelled. */
		n = syscall(SYS_write, fd, text->data + done, text->size - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return;
	}
}

/* Calls after which nothing can go on: they don't return, and their callers know it. */
static bool report_is_last(const struct arch_syscall *syscall)
{
	static const char *const last[] = { "exit", "exit_group", "rt_sigreturn", "sigreturn" };

	for (size_t i = 0; syscall && i < ARRAY_LEN(last); i++)
		if (strcmp(syscall->name, last[i]) == 0)
			return true;
	return false;
}

static void report_answered(struct text *out, int answer)
{
	const char *name = arch_errno_name(arch_native(), answer);

	text_puts(out, ": answered with ");
	if (name)
		text_puts(out, name);
	else
		text_number(out, (uint64_t)answer, 10);
	if (!__atomic_exchange_n(&report_went_on, true, __ATOMIC_RELAXED))
		text_puts(out, " (a program that ends here needs rt_sigreturn to go on)");
}

static bool report_trap(struct trap_call *call, const struct trap_handler *handler)
{
	int answer = __atomic_load_n(&report_answer, __ATOMIC_RELAXED);
	const struct arch *arch = arch_of_call(call->what.arch, (uint32_t)call->what.nr);
	const struct arch_syscall *syscall =
		arch ? arch_syscall_by_nr(arch, (uint32_t)call->what.nr) : NULL;
	char line[LINE_MAX_SIZE];
	struct text text = { .data = line, .room = sizeof(line) };

	(void)handler;
	if (report_is_last(syscall))
		answer = 0;
	report_call(&text, call, arch, syscall);
	if (answer)
		report_answered(&text, answer);
	text_putc(&text, '\n');
	report_print(&text);
	call->result = -answer;
	return answer != 0;
}

int strait_report_install(const struct strait_sigsys_options *options)
{
	const struct trap_handler handler = { .fn = report_trap };
	struct strait_sigsys_options o = { 0 };
	int error;

	if (options) {
		if (options->size < sizeof(options->size))
			return -EINVAL;
		memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	}
	if (o.answer < 0 || o.answer > 4095)
		return -EINVAL;
	__atomic_store_n(&report_answer, o.answer, __ATOMIC_RELAXED);
	__atomic_store_n(&report_fd, o.fd ? o.fd : STDERR_FILENO, __ATOMIC_RELAXED);
	if (__atomic_load_n(&report_ready, __ATOMIC_ACQUIRE))
		return 0;
	error = trap_install(&handler);
	if (!error)
		__atomic_store_n(&report_ready, true, __ATOMIC_RELEASE);
	return error;
}
