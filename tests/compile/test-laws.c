/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interp(compile(r)) = eval(r), and what the kernel and the kernel's cache of constant allows ask
 * of a program, for random rules.
 *
 * test-laws [SEED [CASES]]
 */
#include "compile/compile.h"

#include <errno.h>

#include "gen.h"
#include "tap.h"

#define CALLS 300

struct result {
	const char *broken; /* which law; NULL: none */
	uint32_t expected, got;
	struct seccomp_data call;
};

static struct result check_calls(struct gen *g, const struct rules *r, const struct cbpf_prog *p)
{
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_data call = gen_call(g, r);
		uint32_t expected = rules_eval(r, &call).ret;
		struct cbpf_run run =
			cbpf_interp(p->insns, p->len, &call, rules_order(r), NULL, NULL);

		if (run.ret != expected)
			return (struct result){ "a call is answered as the rules say", expected,
						run.ret, call };
	}
	return (struct result){ 0 };
}

static struct result check_case(uint64_t seed, size_t *len)
{
	struct arena arena;
	struct gen g = { .state = seed, .arena = &arena };
	struct sources sources = { .arena = &arena };
	struct compile_options options = { .validate = true };
	struct result result = { 0 };
	struct diags diags;
	struct cbpf_prog p;
	struct rules *r;
	size_t pc;
	int error;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &sources);
	r = gen_rules(&g);
	*len = 0;
	error = compile_rules(&arena, &diags, r, &options, &p);
	if (rules_validate(r))
		result.broken = "the generator makes valid rules";
	else if (error == -EINVAL && diags.errors == 1)
		*len = BPF_MAXINSNS + 1;
	else if (error)
		result.broken = "rules compile";
	else if (cbpf_verify(p.insns, p.len, &pc) != CBPF_OK)
		result.broken = "the kernel takes the program";
	else
		result = check_calls(&g, r, &p);
	if (!error)
		*len = p.len;
	arena_deinit(&arena);
	return result;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20240601;
	unsigned cases = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 4000;
	size_t total = 0, longest = 0, too_long = 0;
	struct result result = { 0 };
	unsigned i;

	for (i = 0; i < cases && !result.broken; i++) {
		size_t len;

		result = check_case(seed + i * UINT64_C(0x9e3779b97f4a7c15) + 1, &len);
		too_long += len > BPF_MAXINSNS;
		if (len > BPF_MAXINSNS)
			continue;
		total += len;
		longest = len > longest ? len : longest;
	}
	ok(!result.broken, "compiled programs answer as the rules do: %u cases from seed %llu", i,
	   (unsigned long long)seed);
	if (result.broken)
		note("case %u breaks: %s: expected %#x, got %#x for arch %#x nr %#x", i - 1,
		     result.broken, result.expected, result.got, result.call.arch,
		     (unsigned)result.call.nr);
	ok(too_long * 10 < cases, "hardly any case is too long to be tested");
	note("%zu instructions, the longest program has %zu, %zu too long", total, longest,
	     too_long);
	return done();
}
