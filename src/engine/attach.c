/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's two objections to a filter itself, in its order: the program is refused, or the
 * chain would grow past its limit. Privileges and memory are the process's affair, not the
 * engine's.
 */
#include "engine/engine.h"

#include <errno.h>

int engine_can_attach(const struct cbpf_prog *const *stack, size_t len,
		      const struct cbpf_prog *prog)
{
	size_t pc;
	size_t total;

	if (cbpf_verify(prog->insns, prog->len, &pc) != CBPF_OK)
		return -EINVAL;
	/* kernel/seccomp.c, seccomp_attach_filter(): the new program pays no overhead. */
	total = cbpf_converted_len(prog->insns, prog->len);
	for (size_t i = 0; i < len; i++)
		total += cbpf_converted_len(stack[i]->insns, stack[i]->len) + CBPF_CHAIN_OVERHEAD;
	return total > CBPF_CHAIN_LIMIT ? -ENOMEM : 0;
}
