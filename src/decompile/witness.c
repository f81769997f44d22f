/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/witness.h"

#include <errno.h>

#include "policy/policy.h"

struct call {
	const struct arch *arch;
	const struct arch_syscall *call; /* NULL: a number without a name */
	const struct seccomp_data *data;
};

/* 1 if TEXT is read as DATA, 0 if not, -ENOMEM. */
static int reads_back(const struct arch *native, const struct buf *text,
		      const struct seccomp_data *data)
{
	struct str call_text = { text->data, text->size };
	struct sources sources;
	struct policy_call call;
	struct arena arena;
	struct diags diags;
	uint32_t file;
	int status = -ENOMEM;

	if (text->failed || !text->data)
		return -ENOMEM;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	file = sources_add(&sources, "<call>", call_text);
	if (file)
		status = policy_parse_call(&arena, &diags, file, call_text, native, &call);
	arena_deinit(&arena);
	if (status == -ENOMEM)
		return status;
	return status == 0 && memcmp(&call.data, data, sizeof(*data)) == 0;
}

static void put_head(const struct call *c, const struct arch *native, struct buf *out)
{
	if (c->arch != native)
		buf_printf(out, "arch=%s ", c->arch->name);
	if (c->call)
		buf_puts(out, c->call->name);
	else
		buf_printf(out, "0x%x", (uint32_t)c->data->nr);
}

static void put_ip(const struct call *c, struct buf *out)
{
	if (c->data->instruction_pointer)
		buf_printf(out, " ip=0x%llx", (unsigned long long)c->data->instruction_pointer);
}

static uint64_t value_of(const struct call *c, const struct arch_arg *arg)
{
	if (arg->high == arg->index)
		return c->data->args[arg->index];
	return (c->data->args[arg->index] & UINT32_MAX) | c->data->args[arg->high] << 32;
}

/* Is the last argument whose register isn't 0 before the I-th? Those behind needn't be written. */
static bool is_rest_zero(const struct call *c, int i, int n)
{
	struct arch_arg arg;

	for (; i < n && arch_arg_at(c->arch, c->call, i, &arg); i++)
		if (value_of(c, &arg))
			return false;
	return true;
}

/* Every argument by its constants. */
static void put_described(const struct call *c, struct buf *out)
{
	int n = arch_nargs(c->arch, c->call);
	struct arch_arg arg;

	buf_putc(out, '(');
	for (int i = 0; i < n && !is_rest_zero(c, i, n); i++) {
		buf_puts(out, i ? ", " : "");
		if (arch_arg_at(c->arch, c->call, i, &arg))
			arch_describe_arg(c->arch, c->call, &arg, value_of(c, &arg), out);
	}
	buf_putc(out, ')');
}

/* Registers as they are, those that aren't 0. */
static void put_registers(const struct call *c, struct buf *out)
{
	const char *before = "";

	buf_putc(out, '(');
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++) {
		if (!c->data->args[i])
			continue;
		buf_printf(out, "%sarg%u=0x%llx", before, i, (unsigned long long)c->data->args[i]);
		before = ", ";
	}
	buf_putc(out, ')');
}

int witness_put(const struct arch *native, const struct seccomp_data *data, struct buf *out)
{
	struct call c = { .arch = arch_of_call(data->arch, (uint32_t)data->nr), .data = data };
	AUTO_BUF text = { 0 };
	int status;

	if (!c.arch)
		return 0;
	c.call = arch_syscall_by_nr(c.arch, (uint32_t)data->nr);
	put_head(&c, native, &text);
	if (c.call && arch_nargs(c.arch, c.call) >= 0)
		put_described(&c, &text);
	put_ip(&c, &text);
	status = reads_back(native, &text, data);
	if (status == 0) {
		text.size = 0;
		put_head(&c, native, &text);
		put_registers(&c, &text);
		put_ip(&c, &text);
		status = reads_back(native, &text, data);
	}
	if (status > 0)
		buf_add(out, text.data, text.size);
	return out->failed ? -ENOMEM : status;
}
