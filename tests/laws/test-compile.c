/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prove(compile(r), r): for random rules, over every call there is. And the judge is awake: a
 * program that is changed by one instruction is told from its rules, with a call on which
 * interpreter and rules differ.
 *
 * test-compile [CASES [SEED]]
 */
#include "compile/compile.h"

#include "compile/gen.h"
#include "prove/prove.h"
#include "tap.h"

struct counts {
	size_t proven, undecided, wrong, too_long;
	size_t caught, same, missed;
};

/* A mutant that still verifies: its constant, or one of its jumps, is another. */
static bool mutate(struct gen *g, struct cbpf_prog *p)
{
	struct sock_filter *insn = &p->insns[gen_below(g, (unsigned)p->len)];
	size_t pc;

	switch (gen_below(g, 3)) {
	case 0:
		insn->k += gen_once_in(g, 2) ? 1 : UINT32_MAX;
		break;
	case 1:
		insn->k ^= 1u << gen_below(g, 32);
		break;
	default:
		insn->jt ^= 1;
	}
	return cbpf_verify(p->insns, p->len, &pc) == CBPF_OK;
}

static void check_mutant(struct gen *g, const struct rules *r, struct cbpf_prog *p,
			 struct counts *n)
{
	struct prove_result result;
	int outcome;

	if (!mutate(g, p))
		return;
	outcome = prove_compiled(r, p, PROVE_DEFAULT_BUDGET, &result);
	if (outcome == PROVE_DIFFERS) {
		bool confirmed =
			rules_eval(r, &result.data).ret == result.a_ret &&
			cbpf_interp(p->insns, p->len, &result.data, rules_order(r), NULL, NULL)
					.ret == result.b_ret &&
			result.a_ret != result.b_ret;

		n->caught += confirmed;
		n->missed += !confirmed;
		return;
	}
	n->undecided += outcome == PROVE_UNDECIDED;
	n->same += outcome == PROVE_EQUAL;
	for (int i = 0; i < 500 && outcome == PROVE_EQUAL; i++) {
		struct seccomp_data call = gen_call(g, r);

		n->missed += rules_eval(r, &call).ret !=
			     cbpf_interp(p->insns, p->len, &call, rules_order(r), NULL, NULL).ret;
	}
}

static void check_case(uint64_t seed, struct counts *n)
{
	struct arena arena;
	struct gen g = { .state = seed, .arena = &arena };
	struct sources sources = { .arena = &arena };
	struct compile_options options = { .validate = true };
	struct prove_result result;
	struct diags diags;
	struct cbpf_prog p;
	struct rules *r;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &sources);
	r = gen_rules(&g);
	if (compile_rules(&arena, &diags, r, &options, &p) == 0) {
		int outcome = prove_compiled(r, &p, PROVE_DEFAULT_BUDGET, &result);

		n->proven += outcome == PROVE_EQUAL;
		n->undecided += outcome == PROVE_UNDECIDED;
		n->wrong += outcome == PROVE_DIFFERS;
		for (int i = 0; i < 3; i++)
			check_mutant(&g, r, &p, n);
	} else {
		n->too_long++;
	}
	arena_deinit(&arena);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20250317;
	unsigned cases = (unsigned)amount(argc > 1 ? argv[1] : NULL, 700, 20000);
	struct counts n = { 0 };

	for (unsigned i = 0; i < cases; i++)
		check_case(seed + i * UINT64_C(0x9e3779b97f4a7c15) + 1, &n);
	note("seed %llu: %zu proven, %zu undecided, %zu too long; mutants: %zu caught, %zu the "
	     "same",
	     (unsigned long long)seed, n.proven, n.undecided, n.too_long, n.caught, n.same);
	ok(n.wrong == 0 && n.proven > 0, "compiled programs are proven to mean their rules");
	ok(n.undecided == 0, "none is undecided");
	ok(n.missed == 0 && n.caught > n.same,
	   "a changed program is told from its rules by a call that shows it, or is the same");
	return done();
}
