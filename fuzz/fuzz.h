/* SPDX-License-Identifier: BSD-2-Clause */
/* What several fuzzers hold against an input: a failed assert() is a finding. */
#ifndef STRAIT_FUZZ_FUZZ_H
#define STRAIT_FUZZ_FUZZ_H

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "prove/prove.h"

/* Calls near a program's constants. */
#include "prove/gen.h"

/* Proofs past this are "undecided": an input must not take seconds. */
#define FUZZ_BUDGET ((size_t)1 << 13)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline bool fuzz_same(const struct cbpf_prog *a, const struct cbpf_prog *b)
{
	return a->len == b->len &&
	       (!a->len || memcmp(a->insns, b->insns, a->len * sizeof(*a->insns)) == 0);
}

/* asm(disasm(p)) = p */
static inline void fuzz_check_text(struct arena *arena, const struct cbpf_prog *prog,
				   enum cbpf_order order)
{
	const struct cbpf_disasm_options options = { .order = order };
	struct sources sources = { .arena = arena };
	struct cbpf_prog back;
	struct diags diags;
	AUTO_BUF out = { 0 };
	int r;

	diags_init(&diags, arena, &sources);
	cbpf_disasm(prog, &options, &out);
	r = cbpf_asm(arena, &diags, 0, (struct str){ out.data, out.size }, &back);
	assert(r == 0 && fuzz_same(prog, &back));
}

/* Each diagnostic stands inside its text and can be shown. */
static inline void fuzz_check_diags(const struct diags *diags)
{
	AUTO_BUF out = { 0 };

	for (const struct diag *d = diags->first; d; d = d->next) {
		assert(d->span.begin <= d->span.end && d->span.file <= diags->sources->len);
		assert(!d->span.file ||
		       d->span.end <= diags->sources->files[d->span.file - 1].text.len);
		diag_render(diags, d, true, &out);
	}
	assert(!diags->first || out.size);
}

#endif
