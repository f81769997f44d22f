/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/decompile.h"

#include <errno.h>

#include "decompile/text.h"
#include "policy/policy.h"

_Static_assert((int)DECOMPILE_UNDECIDED == (int)PROVE_UNDECIDED, "prove/'s outcome is passed on");

size_t decompile_bytes(size_t nodes)
{
	size_t bytes;

	return __builtin_mul_overflow(prove_bytes(nodes), (size_t)4, &bytes) ? SIZE_MAX : bytes;
}

/* FN for the calls of one ABI; all others are killed. */
static prove_fn only_calls_of(struct prove_space *space, const struct arch *arch, prove_fn fn)
{
	prove_fn others = prove_leaf(space, SECCOMP_RET_KILL_PROCESS);
	prove_fn x32 = prove_bit(space, CBPF_NR, 30);

	if (arch->column == ARCH_X32)
		fn = prove_ite(space, x32, fn, others);
	if (arch->column == ARCH_X86_64)
		fn = prove_ite(space, x32, others, fn);
	for (unsigned i = 0; i < 32; i++)
		fn = arch->audit >> i & 1
			     ? prove_ite(space, prove_bit(space, CBPF_ARCH, i), fn, others)
			     : prove_ite(space, prove_bit(space, CBPF_ARCH, i), others, fn);
	return fn;
}

/* Reads the text back: what does it mean? */
static int read_back(struct prove_space *space, struct str text, prove_fn *fn)
{
	struct arena *arena = prove_space_arena(space);
	const struct policy_options options = { .no_files = true };
	struct sources sources = { .arena = arena };
	struct rules *rules;
	struct diags diags;
	int status;

	diags_init(&diags, arena, &sources);
	status = policy_rules(&diags, &sources, "<decompiled>", text, &options, &rules);
	if (status != 0)
		return status == -EINVAL ? DECOMPILE_WRONG : status;
	status = prove_rules(space, rules, fn);
	return status == PROVE_UNDECIDED ? DECOMPILE_UNDECIDED : status;
}

static int format(struct prove_space *space, const struct buf *text, struct buf *out)
{
	struct arena *arena = prove_space_arena(space);
	struct sources sources = { .arena = arena };
	struct diags diags;
	int status;

	diags_init(&diags, arena, &sources);
	status = policy_format(arena, &diags, &sources, "<decompiled>",
			       (struct str){ text->data, text->size }, out);
	return status == -EINVAL ? DECOMPILE_WRONG : status;
}

/* Writes the plan and reads it back. */
static int write_proven(struct logic *l, prove_fn fn, const struct plan *plan,
			enum text_sharing sharing, struct buf *out, struct buf *why)
{
	prove_fn back = PROVE_FALSE;
	AUTO_BUF text = { 0 };
	int status = text_write(l, plan, sharing, &text, why);

	if (status == 0)
		status = prove_status(l->space);
	if (status == 0)
		status = format(l->space, &text, out);
	if (status == 0)
		status = read_back(l->space, (struct str){ out->data, out->size }, &back);
	return status == 0 && back != fn ? DECOMPILE_WRONG : status;
}

int decompile(struct prove_space *space, prove_fn fn, const struct decompile_options *options,
	      struct buf *out, struct buf *why)
{
	struct logic logic;
	struct shape shape;
	struct plan plan;
	int status;

	if (options->only)
		fn = only_calls_of(space, options->only, fn);
	logic_init(&logic, space, prove_space_arena(space));
	status = shape_find(&logic, fn, options->order, &shape, why);
	if (status == 0)
		status = plan_make(&logic, fn, &shape, &plan, why);
	if (status == 0)
		status = write_proven(&logic, fn, &plan, TEXT_SHARED, out, why);
	if (status == DECOMPILE_WRONG) {
		out->size = 0;
		status = write_proven(&logic, fn, &plan, TEXT_APART, out, why);
	}
	if (status != 0)
		out->size = 0;
	return prove_status(space) == PROVE_UNDECIDED ? DECOMPILE_UNDECIDED : status;
}
