/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * merge(stack) decides as the stack: on the interpreter, for random rules' programs and random
 * programs. That it is proven as well is the function's own business; here nothing is left to it.
 */
#include "merge/merge.h"

#include <errno.h>

#include "compile/compile.h"
#include "compile/gen.h"
#include "tap.h"

#define FILTERS_MAX 4

struct counts {
	size_t merged, too_long, undecided, wrong, longer;
	size_t insns, longest, idle, overruled;
};

/* kernel/seccomp.c, seccomp_run_filters(), once more. */
static uint32_t run_stack(const struct merge_filter *filters, size_t len, enum cbpf_order order,
			  const struct seccomp_data *data)
{
	uint32_t ret = 0;

	for (size_t i = len; i-- > 0;) {
		const struct cbpf_prog *p = filters[i].prog;
		uint32_t one = cbpf_interp(p->insns, p->len, data, order, NULL, NULL).ret;

		if (i == len - 1 || (int32_t)(one & SECCOMP_RET_ACTION_FULL) <
					    (int32_t)(ret & SECCOMP_RET_ACTION_FULL))
			ret = one;
	}
	return ret;
}

static bool is_idle(const struct merge_result *r, size_t filter)
{
	for (size_t i = 0; i < r->nparts; i++)
		if (r->parts[i].filter == filter && r->parts[i].span.file == 0)
			return true;
	return false;
}

static bool is_overruled(const struct merge_result *r, size_t filter, struct span span)
{
	for (size_t i = 0; i < r->nparts; i++)
		if (r->parts[i].filter == filter && r->parts[i].span.file &&
		    memcmp(&r->parts[i].span, &span, sizeof(span)) == 0)
			return true;
	return false;
}

/* A call on which the program, or what is said about the stack's parts, is wrong. */
static bool is_wrong(const struct merge_filter *filters, size_t len, enum cbpf_order order,
		     const struct merge_result *r, const struct seccomp_data *data)
{
	uint32_t ret = run_stack(filters, len, order, data);
	struct merge_filter busy[FILTERS_MAX];
	size_t nbusy = 0;

	for (size_t i = 0; i < len; i++) {
		struct rules_verdict v;

		if (!is_idle(r, i))
			busy[nbusy++] = filters[i];
		if (!filters[i].rules)
			continue;
		v = rules_eval(filters[i].rules, data);
		if (v.entry && is_overruled(r, i, v.span) && v.ret == ret)
			return true;
	}
	return nbusy == 0 || run_stack(busy, nbusy, order, data) != ret ||
	       cbpf_interp(r->prog.insns, r->prog.len, data, order, NULL, NULL).ret != ret;
}

static void check_stack(struct gen *g, struct merge_filter *filters, size_t len,
			enum cbpf_order order, struct counts *n)
{
	struct sources sources = { .arena = g->arena };
	struct merge_result r;
	struct diags diags;
	size_t longest = 0, pc;
	int outcome;

	diags_init(&diags, g->arena, &sources);
	outcome = merge_filters(g->arena, &diags, &(struct merge_stack){ filters, len, order },
				PROVE_DEFAULT_BUDGET, &r);
	if (outcome == -EINVAL && diags.errors == 1) {
		n->too_long++;
		return;
	}
	n->undecided += outcome == PROVE_UNDECIDED;
	n->wrong += outcome != 0 && outcome != PROVE_UNDECIDED;
	if (outcome != 0)
		return;
	n->merged++;
	n->wrong += cbpf_verify(r.prog.insns, r.prog.len, &pc) != CBPF_OK;
	for (size_t i = 0; i < len; i++)
		longest = filters[i].prog->len > longest ? filters[i].prog->len : longest;
	n->longer += r.prog.len > longest;
	n->longest += longest;
	n->insns += r.prog.len;
	for (size_t i = 0; i < r.nparts; i++) {
		n->idle += r.parts[i].span.file == 0;
		n->overruled += r.parts[i].span.file != 0;
	}
	for (int i = 0; i < 400; i++) {
		struct seccomp_data call = gen_call(g, filters[i % len].rules);

		n->wrong += is_wrong(filters, len, order, &r, &call);
	}
}

/* Rules of one byte order, compiled. */
static bool make_filter(struct gen *g, struct merge_filter *filter, enum cbpf_order *order)
{
	struct sources sources = { .arena = g->arena };
	struct cbpf_prog *prog = arena_alloc(g->arena, sizeof(*prog));
	struct compile_options options = { .validate = true };
	struct diags diags;
	struct rules *rules;

	diags_init(&diags, g->arena, &sources);
	do
		rules = gen_rules(g);
	while (*order != (enum cbpf_order)2 && rules_order(rules) != *order);
	*order = rules_order(rules);
	*filter = (struct merge_filter){ prog, rules };
	return prog && compile_rules(g->arena, &diags, rules, &options, prog) == 0;
}

static void check_case(uint64_t seed, struct counts *n)
{
	struct arena arena;
	struct gen g = { .state = seed, .arena = &arena };
	struct merge_filter filters[FILTERS_MAX];
	enum cbpf_order order = (enum cbpf_order)2; /* any */
	size_t len = 1 + gen_below(&g, FILTERS_MAX);

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	for (size_t i = 0; i < len; i++)
		if (!make_filter(&g, &filters[i], &order))
			len = i;
	if (len > 0)
		check_stack(&g, filters, len, order, n);
	arena_deinit(&arena);
}

/* Three filters that each test one argument for 1,500 values: no program has room for all. */
static void test_too_long(void)
{
	static struct sock_filter insns[3][3002];
	struct cbpf_prog progs[3];
	struct merge_filter filters[3];
	struct sources sources;
	struct merge_result r;
	struct arena arena;
	struct diags diags;
	int outcome;

	for (unsigned i = 0; i < 3; i++) {
		struct sock_filter *insn = insns[i];

		*insn++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 8 * i);
		for (unsigned k = 0; k < 1500; k++) {
			*insn++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k * 7919,
							       0, 1);
			*insn++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							       SECCOMP_RET_ERRNO | i);
		}
		*insn = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		progs[i] = (struct cbpf_prog){ insns[i], ARRAY_LEN(insns[i]), NULL };
		filters[i] = (struct merge_filter){ &progs[i], NULL };
	}
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	outcome =
		merge_filters(&arena, &diags, &(struct merge_stack){ filters, 3, CBPF_HOST_ORDER },
			      PROVE_DEFAULT_BUDGET, &r);
	ok(outcome == -EINVAL && diags.errors == 1 && diags.first->code == DIAG_PROGRAM_TOO_LONG,
	   "a stack that no program can hold is an error: %s",
	   diags.first ? diags.first->text : "");
	progs[2].insns = (struct sock_filter[]){ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP) };
	progs[2].len = 1;
	outcome =
		merge_filters(&arena, &diags, &(struct merge_stack){ filters, 3, CBPF_HOST_ORDER },
			      PROVE_DEFAULT_BUDGET, &r);
	ok(outcome == 0 && r.prog.len == 1 && r.nparts == 2 && diags.errors == 1,
	   "unless its newest filter decides it all");
	arena_deinit(&arena);
}

int main(int argc, char **argv)
{
	bool is_long = getenv("STRAIT_TEST_LONG");
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20260214;
	unsigned cases = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : is_long ? 20000 : 400;
	struct counts n = { 0 };

	for (unsigned i = 0; i < cases; i++)
		check_case(seed + i * UINT64_C(0x9e3779b97f4a7c15) + 1, &n);
	note("seed %llu: %zu merged, %zu too long, %zu undecided; %zu instructions where the "
	     "longest filters had %zu; %zu stacks became longer; %zu idle filters, %zu overruled "
	     "rules",
	     (unsigned long long)seed, n.merged, n.too_long, n.undecided, n.insns, n.longest,
	     n.longer, n.idle, n.overruled);
	ok(n.wrong == 0 && n.merged > 0,
	   "one program decides as the stack, and what never matters never does");
	ok(n.undecided == 0, "none is undecided");
	test_too_long();
	ok(n.idle > 0 && n.overruled > 0, "some parts never matter");
	return done();
}
