/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters whose refusals come to the tracer instead. */
#ifndef STRAIT_TRACE_REWRITE_H
#define STRAIT_TRACE_REWRITE_H

#include "cbpf/cbpf.h"

/*
 * A copy in ARENA of a stack in which errno, user_notif and trace returns are all `trace`. 0,
 * -ENOMEM, -ENOTSUP: a program returns A, so its returns can't be known.
 */
NODISCARD int trace_rewrite(struct arena *arena, const struct cbpf_prog *const *stack, size_t len,
			    const struct cbpf_prog *const **rewritten);

#endif
