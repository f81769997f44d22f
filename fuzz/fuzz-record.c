/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a recording. Either there is an error with a place, or a recording; written it reads
 * back the same; and the policy that is made of it parses, and allows each of its calls.
 */
#include "policy/policy.h"
#include "record/record.h"

#include "fuzz.h"

static int read_text(struct arena *arena, struct str text, struct record *r)
{
	const struct record_measure none = { 0 };
	struct sources sources = { .arena = arena };
	struct diags diags;
	uint32_t file = sources_add(&sources, "fuzz", text);
	int error;

	record_init(r);
	diags_init(&diags, arena, &sources);
	error = record_read(r, &none, &diags, file, text);
	assert(error == 0 || error == -EINVAL || error == -ENOMEM || error == -E2BIG);
	assert((error == -EINVAL) == (diags.errors > 0));
	fuzz_check_diags(&diags);
	return error;
}

/* Is each call of an ABI that this machine runs? */
static bool is_ours(const struct record *r)
{
	for (size_t i = 0; i < r->len; i++) {
		const struct arch *arch = NULL;

		for (size_t k = 0; (arch = arch_compat(arch_native(), k)); k++)
			if (arch == r->calls[i].arch)
				break;
		if (!arch)
			return false;
	}
	return true;
}

static void check_policy(struct arena *arena, const struct record *r)
{
	const struct record_policy_options options = { .version = "0" };
	const struct policy_options read = { .no_files = true };
	struct sources sources = { .arena = arena };
	struct diags diags;
	struct rules *rules;
	AUTO_BUF text = { 0 };

	diags_init(&diags, arena, &sources);
	assert(record_policy(arena, &diags, r, &options, &text) == 0);
	assert(policy_rules(&diags, &sources, "made", (struct str){ text.data, text.size }, &read,
			    &rules) == 0);
	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->calls[i].len; k++) {
			const struct record_variant *v = &r->calls[i].variants[k];

			assert(!v->is_needed ||
			       rules_eval(rules, &v->data).ret == SECCOMP_RET_ALLOW);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct record first, second;
	AUTO_BUF before = { 0 };
	AUTO_BUF after = { 0 };
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	if (read_text(&arena, (struct str){ (const char *)bytes, size }, &first) == 0) {
		record_write(&first, &before);
		assert(read_text(&arena, (struct str){ before.data, before.size }, &second) == 0);
		record_write(&second, &after);
		assert(before.size == after.size &&
		       memcmp(before.data, after.data, after.size) == 0);
		record_deinit(&second);
		if (is_ours(&first))
			check_policy(&arena, &first);
	}
	record_deinit(&first);
	arena_deinit(&arena);
	return 0;
}
