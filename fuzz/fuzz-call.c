/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as the call text of `strait eval`. Either there is an error with a place, or a call; that
 * call written with its registers is read back the same, and as `strait run` describes it, it is
 * read back with the same arguments.
 */
#include "api/handles.h"
#include "policy/policy.h"

#include "fuzz.h"

static int read_call(struct arena *arena, struct str text, struct policy_call *call)
{
	struct sources sources = { .arena = arena };
	struct diags diags;
	uint32_t file = sources_add(&sources, "fuzz", text);
	int r;

	diags_init(&diags, arena, &sources);
	r = policy_parse_call(arena, &diags, file, text, arch_by_name(str_of("x86_64")), call);
	assert(r == 0 || r == -EINVAL || r == -ENOMEM);
	assert(r == -ENOMEM || (r == -EINVAL) == (diags.errors > 0));
	fuzz_check_diags(&diags);
	return r;
}

static void check_registers(struct arena *arena, const struct policy_call *call)
{
	struct policy_call again;
	AUTO_BUF text = { 0 };

	buf_printf(&text, "arch=%s %u(", call->arch->name, (unsigned)call->data.nr);
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		buf_printf(&text, "%sarg%u=0x%llx", i ? ", " : "", i,
			   (unsigned long long)call->data.args[i]);
	buf_printf(&text, ") ip=%llu", (unsigned long long)call->data.instruction_pointer);
	assert(read_call(arena, (struct str){ text.data, text.size }, &again) == 0);
	assert(again.arch == call->arch && again.call == call->call);
	assert(memcmp(&again.data, &call->data, sizeof(call->data)) == 0);
}

static uint64_t value_of(const struct seccomp_data *data, const struct arch_arg *arg)
{
	uint64_t value = data->args[arg->index];

	if (arg->high != arg->index)
		value = data->args[arg->high] << 32 | (uint32_t)value;
	return value & UINT64_MAX >> (64 - arg->bits);
}

static void check_description(struct arena *arena, const struct policy_call *call)
{
	struct policy_call again;
	struct arch_arg arg;
	AUTO_BUF text = { 0 };

	if (!call->call)
		return;
	buf_printf(&text, "arch=%s ", call->arch->name);
	call_describe(&call->data, CALL_ARGS_ALL, &text);
	assert(read_call(arena, (struct str){ text.data, text.size }, &again) == 0);
	assert(again.call == call->call);
	for (int i = 0; arch_arg_at(call->arch, call->call, i, &arg); i++)
		assert(value_of(&call->data, &arg) == value_of(&again.data, &arg));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct str text = { (const char *)bytes, size };
	struct policy_call call;
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	if (read_call(&arena, text, &call) == 0) {
		check_registers(&arena, &call);
		check_description(&arena, &call);
	}
	arena_deinit(&arena);
	return 0;
}
