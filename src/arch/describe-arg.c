/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as people write them, on the heap. */
#include "arch/arch.h"

void arch_describe_arg(const struct arch *arch, const struct arch_syscall *call,
		       const struct arch_arg *arg, uint64_t value, struct buf *out)
{
	char storage[ARCH_DESCRIBE_MAX];
	struct text text = { .data = storage, .room = sizeof(storage) };

	arch_describe_text(arch, call, arg, value, &text);
	buf_add(out, text.data, text.size);
}

void arch_describe_mask(const struct arch *arch, const struct arch_syscall *call,
			const struct arch_arg *arg, uint64_t mask, struct buf *out)
{
	char storage[ARCH_DESCRIBE_MAX];
	struct text text = { .data = storage, .room = sizeof(storage) };

	arch_describe_mask_text(arch, call, arg, mask, &text);
	buf_add(out, text.data, text.size);
}
