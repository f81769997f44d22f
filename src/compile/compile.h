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

/* Which calls' way through the program counts. */
enum compile_weigh {
	COMPILE_WEIGH_EXECUTED, /* those for which Linux 5.11 and later run the filter at all */
	COMPILE_WEIGH_ALL,	/* all of them, as older kernels run it for each */
};

/* How often a call is made, in any unit. */
struct compile_count {
	const struct arch_syscall *call;
	uint32_t count;
};

struct compile_options {
	bool validate; /* check the graph after every pass (tests, debug builds) */
	bool quick;    /* half a millisecond less for the compiler, a little more for each call */
	bool small;    /* the fewest instructions, however long the way through them is */
	enum compile_weigh weigh;
	const struct compile_count *counts; /* ncounts of them; none: mix.def */
	size_t ncounts;
};

/*
 * 0 with a program that verifies and whose instructions carry spans. -EINVAL with errors in DIAGS:
 * past the kernel's 4,096 instructions, naming the rules that weigh most. -ENOMEM.
 */
NODISCARD int compile_rules(struct arena *arena, struct diags *diags, const struct rules *rules,
			    const struct compile_options *options, struct cbpf_prog *prog);

#endif
