/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules -> decision graph (ir.h, lower.c) -> passes (pass-*.c) -> layout and emission (emit.c) ->
 * cBPF.
 */
#ifndef STRAIT_COMPILE_COMPILE_H
#define STRAIT_COMPILE_COMPILE_H

#include "base/diag.h"
#include "cbpf/cbpf.h"
#include "rules/rules.h"

struct compile_options {
	bool validate; /* check the graph after every pass (tests, debug builds) */
};

/*
 * 0 with a program that verifies and whose instructions carry spans. -EINVAL with errors in DIAGS:
 * past the kernel's 4,096 instructions, naming the rules that weigh most. -ENOMEM.
 */
NODISCARD int compile_rules(struct arena *arena, struct diags *diags, const struct rules *rules,
			    const struct compile_options *options, struct cbpf_prog *prog);

#endif
