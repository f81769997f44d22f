/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as assembler text. It assembles, or there is an error whose place is in the text and which
 * can be shown; what assembles comes back the same from its listing.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cbpf/cbpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_listing(struct arena *arena, const struct sources *sources,
			  const struct cbpf_prog *prog)
{
	const struct cbpf_disasm_options options = { .order = CBPF_HOST_ORDER };
	struct cbpf_prog back;
	struct diags diags;
	AUTO_BUF out = { 0 };
	int r;

	diags_init(&diags, arena, sources);
	cbpf_disasm(prog, &options, &out);
	r = cbpf_asm(arena, &diags, 0, (struct str){ out.data, out.size }, &back);
	assert(r == 0 && back.len == prog->len);
	assert(!prog->len || !memcmp(back.insns, prog->insns, prog->len * sizeof(*prog->insns)));
}

static void check_errors(const struct diags *diags, size_t size)
{
	AUTO_BUF out = { 0 };

	assert(diags->errors && diags->first);
	for (const struct diag *d = diags->first; d; d = d->next) {
		assert(d->span.begin <= d->span.end && d->span.end <= size);
		diag_render(diags, d, true, &out);
	}
	assert(out.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct str text = { (const char *)bytes, size };
	struct cbpf_prog prog;
	struct arena arena;
	struct sources sources;
	struct diags diags;
	uint32_t file;
	int r;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	file = sources_add(&sources, "fuzz", text);
	r = cbpf_asm(&arena, &diags, file, text, &prog);
	assert(r == 0 || r == -EINVAL);
	if (r == 0)
		check_listing(&arena, &sources, &prog);
	else
		check_errors(&diags, size);
	arena_deinit(&arena);
	return 0;
}
