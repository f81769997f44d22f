/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rewritten stack sends a call to the tracer exactly where the original one answers it by
 * errno, user_notif or trace; all else stays as it was.
 *
 * Why: the winner is the smallest action as a signed number (kernel/seccomp.c,
 * seccomp_run_filters()). The rewriting maps every action between ERRNO and TRACE, both included,
 * to TRACE, and leaves the others. That map keeps the order: what was smaller is not greater
 * afterwards. So the smallest of the mapped actions is the map of the smallest, whatever filter
 * it comes from, and the original winner with its data is then what engine_decide() says. Actions
 * that the kernel doesn't know and that lie between the two are mapped along, else they would
 * begin to win over a mapped ERRNO; they kill, and the tracer has to.
 *
 * Filters that are not in the stack may stand below and above it. Of their actions only a
 * user_notif, whose listener lets the call continue, could win over the TRACE where it lost to
 * the ERRNO, and execute what the policy forbids. Hence run.c's guard against listeners.
 */
#include "trace/rewrite.h"

#include <errno.h>
#include <string.h>

static bool goes_to_tracer(uint32_t ret)
{
	int32_t action = (int32_t)(ret & SECCOMP_RET_ACTION_FULL);

	return action >= (int32_t)SECCOMP_RET_ERRNO && action <= (int32_t)SECCOMP_RET_TRACE;
}

static int rewrite(struct arena *arena, const struct cbpf_prog *from, struct cbpf_prog *to)
{
	*to = (struct cbpf_prog){ .insns = arena_array(arena, from->len, sizeof(*to->insns)),
				  .len = from->len };
	if (!to->insns)
		return -ENOMEM;
	memcpy(to->insns, from->insns, from->len * sizeof(*to->insns));
	for (size_t i = 0; i < to->len; i++) {
		struct sock_filter *insn = &to->insns[i];

		if (insn->code == (BPF_RET | BPF_A))
			return -ENOTSUP;
		if (insn->code == (BPF_RET | BPF_K) && goes_to_tracer(insn->k))
			insn->k = SECCOMP_RET_TRACE;
	}
	return 0;
}

int trace_rewrite(struct arena *arena, const struct cbpf_prog *const *stack, size_t len,
		  const struct cbpf_prog *const **rewritten)
{
	struct cbpf_prog *progs = arena_array(arena, len, sizeof(*progs));
	const struct cbpf_prog **list = arena_array(arena, len, sizeof(*list));

	if (len && (!progs || !list))
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		int r = rewrite(arena, stack[i], &progs[i]);

		if (r < 0)
			return r;
		list[i] = &progs[i];
	}
	*rewritten = list;
	return 0;
}
