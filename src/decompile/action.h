/* SPDX-License-Identifier: BSD-2-Clause */
/* Return values as the policy language's actions. */
#ifndef STRAIT_DECOMPILE_ACTION_H
#define STRAIT_DECOMPILE_ACTION_H

#include "arch/arch.h"

/* "allow", "errno(ENOSYS)" by the ABI's numbers, "trap(3)"; false where no action returns RET. */
bool action_put(const struct arch *arch, uint32_t ret, struct buf *out);
/* In the order a policy lists them: the more happens, the earlier. */
int action_rank(uint32_t ret);

#endif
