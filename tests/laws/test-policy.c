/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shipped policies on every ABI: they resolve without a word, compile, verify and are proven, and
 * so are they after fmt, which changes nothing of their meaning.
 */
#include <errno.h>

#include "compile/compile.h"
#include "policy/policy.h"
#include "prove/prove.h"
#include "tap.h"

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
	struct cbpf_prog prog;
};

static void show(const struct diags *diags)
{
	AUTO_BUF out = { 0 };

	for (const struct diag *d = diags->first; d; d = d->next)
		diag_render(diags, d, false, &out);
	if (out.size > 0)
		note("%s", out.data);
}

static int read_policy(struct reading *r, const char *name, struct str text,
		       const struct arch *arch)
{
	struct policy_options options = { .arch = arch, .no_files = true, .forced_arch = true };

	*r = (struct reading){ 0 };
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->sources.arena = &r->arena;
	diags_init(&r->diags, &r->arena, &r->sources);
	return policy_rules(&r->diags, &r->sources, name, text, &options, &r->rules);
}

static bool compiles(struct reading *r, const char *name, const struct arch *arch)
{
	struct compile_options options = { .validate = true };
	struct prove_result result;
	const char *flaw = rules_validate(r->rules);
	size_t pc;
	int outcome;

	if (flaw || compile_rules(&r->arena, &r->diags, r->rules, &options, &r->prog) != 0) {
		note("%s on %s: %s", name, arch->name, flaw ? flaw : "does not compile");
		return false;
	}
	outcome = prove_compiled(r->rules, &r->prog, PROVE_DEFAULT_BUDGET, &result);
	if (outcome != PROVE_EQUAL)
		note("%s on %s: prover says %d", name, arch->name, outcome);
	return outcome == PROVE_EQUAL && cbpf_verify(r->prog.insns, r->prog.len, &pc) == CBPF_OK;
}

/* Included ones have no default of their own: they get one here. */
static struct str whole(struct arena *arena, const char *name)
{
	struct str text = policy_shipped(str_of(name));
	char *with;

	if (memmem(text.ptr, text.len, "\ndefault", 8))
		return text;
	with = arena_printf(arena, "default kill_process\nbaseline linux 5.10\n%.*s",
			    STR_ARG(text));
	return str_of(with);
}

static void check_policy(const char *name)
{
	struct reading formatted, plain;
	struct arena arena;
	struct str text;
	size_t abis = 0, silent = 0, proven = 0, same = 0;
	const struct arch *arch;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	text = whole(&arena, name);
	for (; (arch = arch_at(abis)); abis++) {
		AUTO_BUF out = { 0 };

		if (read_policy(&plain, name, text, arch) == 0) {
			silent += !plain.diags.first;
			proven += compiles(&plain, name, arch);
		}
		if (abis == 0 || plain.diags.first)
			show(&plain.diags);
		if (policy_format(&plain.arena, &plain.diags, &plain.sources, name, text, &out) ==
			    0 &&
		    read_policy(&formatted, name, (struct str){ out.data, out.size }, arch) == 0) {
			struct prove_result result;

			same += compiles(&formatted, name, arch) &&
				prove_compiled(plain.rules, &formatted.prog, PROVE_DEFAULT_BUDGET,
					       &result) == PROVE_EQUAL;
			arena_deinit(&formatted.arena);
		}
		arena_deinit(&plain.arena);
	}
	ok(silent == abis, "%s: nothing to say about it on %zu of %zu ABIs", name, silent, abis);
	ok(proven == abis, "%s: compiled and proven on %zu of %zu ABIs", name, proven, abis);
	ok(same == abis, "%s: means the same after fmt on %zu of %zu ABIs", name, same, abis);
	arena_deinit(&arena);
}

int main(void)
{
	const char *name;

	for (size_t i = 0; (name = policy_shipped_at(i)); i++)
		check_policy(name);
	return done();
}
