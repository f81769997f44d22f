/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interp(compile(r)) = eval(r), and the kernel takes it, for random rules of every ABI: on calls at
 * each boundary of each constant in them, and on random ones near to them.
 *
 * test-laws [CASES [SEED]]
 */
#include "compile/compile.h"

#include <errno.h>

#include "gen.h"
#include "tap.h"

#define CALLS 200 /* random ones a case, besides those at boundaries */

struct result {
	const char *broken; /* which law; NULL: none */
	uint32_t expected, got;
	struct seccomp_data call;
};

struct counts {
	size_t calls;
	size_t abis[64]; /* cases with each ABI */
};

struct subject {
	struct gen *g;
	const struct rules *rules;
	const struct cbpf_prog *prog;
	size_t calls;
	struct result result;
};

static void try_call(struct subject *s, const struct seccomp_data *call)
{
	enum cbpf_order order = rules_order(s->rules);
	uint32_t expected = rules_eval(s->rules, call).ret;
	uint32_t got = cbpf_interp(s->prog->insns, s->prog->len, call, order, NULL, NULL).ret;

	s->calls++;
	if (got != expected && !s->result.broken)
		s->result = (struct result){ "a call is answered as the rules say", expected, got,
					     *call };
}

/* A call that gets to the entry's condition, unless an earlier entry takes it. */
static struct seccomp_data call_of(struct subject *s, const struct rules_abi *abi, uint32_t nr)
{
	struct seccomp_data call = gen_call(s->g, s->rules);

	call.arch = abi->arch->audit;
	call.nr = (int)nr;
	return call;
}

/* VALUE, the one before and the one after, as what TEST compares. */
static void try_value(struct subject *s, const struct rules_abi *abi, uint32_t nr,
		      const struct rules_test *test, uint64_t value)
{
	for (int delta = -1; delta <= 1; delta++) {
		struct seccomp_data call = call_of(s, abi, nr);
		uint64_t given =
			((value + (uint64_t)delta) & test->mask) | (gen_next(s->g) & ~test->mask);

		cbpf_data_set_word(&call, test->operand.low, (uint32_t)given);
		if (test->operand.bits == 64)
			cbpf_data_set_word(&call, test->operand.high, (uint32_t)(given >> 32));
		try_call(s, &call);
	}
}

static void try_cond(struct subject *s, const struct rules_abi *abi, uint32_t nr,
		     const struct rules_cond *cond)
{
	switch (cond->kind) {
	case RULES_AND:
	case RULES_OR:
		try_cond(s, abi, nr, cond->right);
		try_cond(s, abi, nr, cond->left);
		break;
	case RULES_NOT:
		try_cond(s, abi, nr, cond->left);
		break;
	case RULES_TEST:
		if (cond->test.cmp != RULES_IN)
			try_value(s, abi, nr, &cond->test, cond->test.value);
		for (size_t i = 0; cond->test.cmp == RULES_IN && i < cond->test.nranges; i++) {
			try_value(s, abi, nr, &cond->test, (uint64_t)cond->test.ranges[i].first);
			try_value(s, abi, nr, &cond->test, (uint64_t)cond->test.ranges[i].last);
		}
		break;
	case RULES_CONST:
		break;
	}
}

static void try_entry(struct subject *s, const struct rules_abi *abi, const struct rules_entry *e)
{
	const uint32_t numbers[] = { e->first - 1, e->first, e->last, e->last + 1 };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct seccomp_data call = call_of(s, abi, numbers[i]);

		try_call(s, &call);
	}
	if (e->cond)
		try_cond(s, abi, e->first, e->cond);
}

static struct result check_calls(struct gen *g, const struct rules *r, const struct cbpf_prog *p,
				 size_t *calls)
{
	struct subject s = { .g = g, .rules = r, .prog = p };

	for (size_t i = 0; i < r->len; i++)
		for (size_t j = 0; j < r->abis[i].len; j++)
			try_entry(&s, &r->abis[i], &r->abis[i].entries[j]);
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_data call = gen_call(g, r);

		try_call(&s, &call);
	}
	*calls += s.calls;
	return s.result;
}

static void count_abis(const struct rules *r, size_t *cases)
{
	for (size_t i = 0; i < r->len; i++)
		for (size_t abi = 0; arch_at(abi); abi++)
			cases[abi] += arch_at(abi) == r->abis[i].arch;
}

static struct result check_case(uint64_t seed, struct counts *n, size_t *len)
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
		result = check_calls(&g, r, &p, &n->calls);
	if (!error) {
		*len = p.len;
		count_abis(r, n->abis);
	}
	arena_deinit(&arena);
	return result;
}

static void print(const struct result *result, unsigned i)
{
	note("case %u breaks: %s: expected %#x, got %#x for arch %#x nr %#x", i, result->broken,
	     result->expected, result->got, result->call.arch, (unsigned)result->call.nr);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240601;
	unsigned cases = (unsigned)amount(argc > 1 ? argv[1] : NULL, 2000, 50000);
	size_t total = 0, longest = 0, too_long = 0, fewest = SIZE_MAX;
	struct result result = { 0 };
	struct counts n = { 0 };
	unsigned i;

	for (i = 0; i < cases && !result.broken; i++) {
		size_t len;

		result = check_case(seed + i * UINT64_C(0x9e3779b97f4a7c15) + 1, &n, &len);
		too_long += len > BPF_MAXINSNS;
		if (len > BPF_MAXINSNS)
			continue;
		total += len;
		longest = len > longest ? len : longest;
	}
	ok(!result.broken,
	   "compiled programs answer as the rules do: %zu calls in %u cases from seed %llu",
	   n.calls, i, (unsigned long long)seed);
	if (result.broken)
		print(&result, i - 1);
	for (size_t abi = 0; arch_at(abi); abi++)
		fewest = n.abis[abi] < fewest ? n.abis[abi] : fewest;
	ok(fewest > cases / 100, "every ABI is in %zu cases at least", fewest);
	ok(too_long * 10 < cases, "hardly any case is too long to be tested");
	note("%zu instructions, the longest program has %zu, %zu too long", total, longest,
	     too_long);
	return done();
}
