/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls from text, and the decision over a stack of filters. */
#include <strait/eval.h>

#include "api/handles.h"
#include "policy/policy.h"

#include <errno.h>

static int parse_call(struct arena *arena, const char *text, const struct arch *native,
		      struct strait_report *report, struct seccomp_data *data)
{
	struct sources sources = { .arena = arena };
	struct policy_call call;
	struct diags diags;
	uint32_t file = sources_add(&sources, "<call>", str_of(text));
	int error;

	if (!file)
		return -ENOMEM;
	diags_init(&diags, arena, &sources);
	error = policy_parse_call(arena, &diags, file, str_of(text), native, &call);
	report_collect(report, &diags);
	if (!error)
		*data = call.data;
	return error;
}

int strait_call_parse(const char *text, const struct strait_abi *abi, struct strait_report *report,
		      struct seccomp_data *data)
{
	struct arena arena;
	int error;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = parse_call(&arena, text, abi ? abi_private(abi) : arch_native(), report, data);
	arena_deinit(&arena);
	return error;
}

struct stepper {
	const struct strait_eval_options *options;
	size_t filter;
};

static void step(void *user, size_t pc, uint32_t a, uint32_t x)
{
	const struct stepper *s = user;

	s->options->step(s->options->user, s->filter, pc, a, x);
}

enum cbpf_order call_order(const struct seccomp_data *data,
			   const struct strait_filter *const *stack, size_t len)
{
	const struct arch *arch = arch_of_call(data->arch, (uint32_t)data->nr);

	if (arch)
		return arch->big_endian ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
	return len ? stack[0]->order : CBPF_HOST_ORDER;
}

static struct engine_verdict decide(const struct cbpf_prog *const *progs, size_t len,
				    const struct seccomp_data *data, enum cbpf_order order,
				    const struct strait_eval_options *options)
{
	for (size_t i = len; options->step && i-- > 0;) {
		struct stepper s = { .options = options, .filter = i };

		(void)cbpf_interp(progs[i]->insns, progs[i]->len, data, order, step, &s);
	}
	return engine_decide(progs, len, data, order, options->surroundings);
}

int strait_eval(const struct strait_filter *const *stack, size_t len,
		const struct seccomp_data *data, const struct strait_eval_options *options,
		struct strait_report *report, struct strait_verdict **out)
{
	enum cbpf_order order = call_order(data, stack, len);
	const struct cbpf_prog *const *progs;
	struct strait_eval_options taken;
	struct engine_verdict answer;
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = filter_stack(&arena, stack, len, order, report, &progs);
	if (!error)
		answer = decide(progs, len, data, order, &taken);
	arena_deinit(&arena);
	return error ? error : verdict_new(stack, data, &answer, len, out);
}
