/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as assembler text. It assembles, or there is an error whose place is in the text and which
 * can be shown; what assembles comes back the same from its listing.
 */
#include "fuzz.h"

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
	assert(r == -ENOMEM || (r == 0 && !diags.errors) || (r == -EINVAL && diags.errors));
	if (r == 0)
		fuzz_check_text(&arena, &prog, CBPF_HOST_ORDER);
	fuzz_check_diags(&diags);
	arena_deinit(&arena);
	return 0;
}
