/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a policy, for x86_64 and for another ABI that the text's length selects. Either there
 * are errors, each with a place in the text; or the rules are valid, their program verifies,
 * answers as they do, is proven and listed. Formatting changes neither meaning nor errors, and
 * nothing more the second time.
 */
#include "compile/compile.h"
#include "policy/policy.h"

#include "fuzz.h"

#define CALLS 32

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
	struct cbpf_prog prog; /* len 0: none */
	int status;
};

static void begin(struct reading *r)
{
	*r = (struct reading){ 0 };
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->sources.arena = &r->arena;
	diags_init(&r->diags, &r->arena, &r->sources);
}

static void read_text(struct reading *r, struct str text, const struct arch *arch)
{
	const struct policy_options options = { .arch = arch, .no_files = true };
	const struct compile_options all = { .validate = true };
	int error;

	begin(r);
	r->status = policy_rules(&r->diags, &r->sources, "fuzz", text, &options, &r->rules);
	assert(r->status == 0 || r->status == -EINVAL || r->status == -ENOMEM);
	assert((r->status == -EINVAL) == (r->diags.errors > 0) || r->status == -ENOMEM);
	if (r->status == 0) {
		assert(!rules_validate(r->rules));
		error = compile_rules(&r->arena, &r->diags, r->rules, &all, &r->prog);
		assert(error == 0 || error == -EINVAL || error == -ENOMEM);
		if (error)
			r->prog.len = 0;
	}
	fuzz_check_diags(&r->diags);
}

static void check_program(struct reading *r)
{
	const struct prove_subject rules = { .rules = r->rules };
	const struct prove_subject prog = { .progs = &r->prog, .nprogs = 1 };
	enum cbpf_order order = rules_order(r->rules);
	struct gen g = gen_new(r->prog.len);
	struct prove_result result;
	size_t pc;

	assert(cbpf_verify(r->prog.insns, r->prog.len, &pc) == CBPF_OK);
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_data call = gen_call(&g, r->prog.insns, r->prog.len);

		call.arch = r->rules->abis[(size_t)i % r->rules->len].arch->audit;
		assert(rules_eval(r->rules, &call).ret ==
		       cbpf_interp(r->prog.insns, r->prog.len, &call, order, NULL, NULL).ret);
	}
	assert(prove_compare(&rules, &prog, PROVE_SAME, order, FUZZ_BUDGET, &result) !=
	       PROVE_DIFFERS);
	fuzz_check_text(&r->arena, &r->prog, order);
}

/* The same codes in the same order. */
static bool is_same_trouble(const struct diags *a, const struct diags *b)
{
	const struct diag *i = a->first, *j = b->first;

	while (i && j && i->code == j->code) {
		i = i->next;
		j = j->next;
	}
	return !i && !j;
}

static void check_format(const struct reading *r, struct str text, const struct arch *arch)
{
	struct reading again, formatted;
	AUTO_BUF once = { 0 };
	AUTO_BUF twice = { 0 };
	int status;

	begin(&again);
	status = policy_format(&again.arena, &again.diags, &again.sources, "fuzz", text, &once);
	assert(status == 0 || (status == -EINVAL && r->status != 0) || status == -ENOMEM);
	if (status == 0 && r->status != -ENOMEM) {
		const struct str canonical = { once.data ? once.data : "", once.size };

		status = policy_format(&again.arena, &again.diags, &again.sources, "once",
				       canonical, &twice);
		assert(status == -ENOMEM ||
		       (status == 0 && once.size == twice.size &&
			!memcmp(canonical.ptr, twice.data ? twice.data : "", once.size)));
		read_text(&formatted, canonical, arch);
		assert(formatted.status == r->status || formatted.status == -ENOMEM);
		assert(formatted.status == -ENOMEM ||
		       (is_same_trouble(&r->diags, &formatted.diags) &&
			fuzz_same(&r->prog, &formatted.prog)));
		arena_deinit(&formatted.arena);
	}
	arena_deinit(&again.arena);
}

static void check(struct str text, const struct arch *arch)
{
	struct reading r;

	read_text(&r, text, arch);
	if (r.prog.len)
		check_program(&r);
	check_format(&r, text, arch);
	arena_deinit(&r.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct str text = { (const char *)bytes, size };
	size_t abis = 0;

	while (arch_at(abis))
		abis++;
	check(text, arch_by_name(str_of("x86_64")));
	check(text, arch_at(size % abis));
	return 0;
}
