/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's diagram against the interpreter, and what equality and witnesses promise. */
#include "prove/bits.h"

#include <errno.h>
#include <inttypes.h>

#include "gen.h"
#include "tap.h"

#define LEN(a) ARRAY_LEN(a)

/* ---- programs with the same meaning have the same diagram, others don't ---- */

#define LD(w)		 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * (w))
#define RET(k)		 BPF_STMT(BPF_RET | BPF_K, k)
#define ALU(op, k)	 BPF_STMT(BPF_ALU | (op) | BPF_K, k)
#define ALUX(op)	 BPF_STMT(BPF_ALU | (op) | BPF_X, 0)
#define JMP(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define JMPX(op, t, f)	 BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, t, f)
#define LDI(k)		 BPF_STMT(BPF_LD | BPF_IMM, k)
#define LDXI(k)		 BPF_STMT(BPF_LDX | BPF_IMM, k)
#define TAX		 BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define TXA		 BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define ST(k)		 BPF_STMT(BPF_ST, k)
#define STX(k)		 BPF_STMT(BPF_STX, k)
#define LDM(k)		 BPF_STMT(BPF_LD | BPF_MEM, k)
#define LDXM(k)		 BPF_STMT(BPF_LDX | BPF_MEM, k)
#define RETA		 BPF_STMT(BPF_RET | BPF_A, 0)
#define NEG		 BPF_STMT(BPF_ALU | BPF_NEG, 0)
#define END                                                                                        \
	{                                                                                          \
		.code = 0xffff                                                                     \
	}

struct pair {
	const char *name;
	bool equal;
	struct sock_filter a[12], b[12];
};

static const struct pair pairs[] = {
	{ "two ways to allow a pair of numbers are one function",
	  true,
	  { LD(0), JMP(BPF_JEQ, 3, 2, 0), JMP(BPF_JEQ, 2, 1, 0), RET(1), RET(2), END },
	  { LD(0), ALU(BPF_AND, 0xfffffffe), JMP(BPF_JEQ, 2, 0, 1), RET(2), RET(1), END } },
	{ "a test of 33 numbers differs from one of 32",
	  false,
	  { LD(0), JMP(BPF_JGT, 32, 0, 1), RET(1), RET(2), END },
	  { LD(0), JMP(BPF_JGE, 32, 0, 1), RET(1), RET(2), END } },
	{ "above 31 means 32 and up",
	  true,
	  { LD(0), JMP(BPF_JGT, 31, 0, 1), RET(1), RET(2), END },
	  { LD(0), JMP(BPF_JGE, 32, 0, 1), RET(1), RET(2), END } },
	{ "a range by subtraction is a range by two comparisons",
	  true,
	  { LD(4), ALU(BPF_SUB, 100), JMP(BPF_JGT, 20, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JGE, 100, 0, 1), JMP(BPF_JGT, 120, 0, 1), RET(1), RET(2), END } },
	{ "adding wraps around",
	  true,
	  { LD(4), ALU(BPF_ADD, 1), JMP(BPF_JEQ, 0, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JEQ, 0xffffffff, 0, 1), RET(1), RET(2), END } },
	{ "shifting left by four is multiplying by sixteen",
	  true,
	  { LD(4), ALU(BPF_LSH, 4), JMP(BPF_JEQ, 0x120, 0, 1), RET(1), RET(2), END },
	  { LD(4), ALU(BPF_MUL, 16), JMP(BPF_JEQ, 0x120, 0, 1), RET(1), RET(2), END } },
	{ "dividing by eight is shifting right by three",
	  true,
	  { LD(4), ALU(BPF_DIV, 8), JMP(BPF_JGT, 0x11, 0, 1), RET(1), RET(2), END },
	  { LD(4), ALU(BPF_RSH, 3), JMP(BPF_JGT, 0x11, 0, 1), RET(1), RET(2), END } },
	{ "dividing by ten is comparing with ten times",
	  true,
	  { LD(4), ALU(BPF_DIV, 10), JMP(BPF_JEQ, 7, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JGE, 70, 0, 1), JMP(BPF_JGE, 80, 0, 1), RET(2), RET(1), END } },
	{ "negating twice is nothing",
	  true,
	  { LD(4), NEG, NEG, JMP(BPF_JEQ, 5, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JEQ, 5, 0, 1), RET(1), RET(2), END } },
	{ "scratch memory carries a value as X does",
	  true,
	  { LD(4), ST(3), LD(6), TAX, LDM(3), ALUX(BPF_OR), JMP(BPF_JEQ, 0, 0, 1), RET(1), RET(2),
	    END },
	  { LD(4), JMP(BPF_JEQ, 0, 0, 3), LD(6), JMP(BPF_JEQ, 0, 0, 1), RET(1), RET(2), END } },
	{ "a comparison with a known X is one with a constant",
	  true,
	  { LD(4), LDXI(9), STX(1), LDXM(1), JMPX(BPF_JEQ, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JEQ, 9, 0, 1), RET(1), RET(2), END } },
	{ "an and before jset can be folded into it",
	  true,
	  { LD(4), ALU(BPF_AND, 0xf0), JMP(BPF_JSET, 0x3c, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JSET, 0x30, 0, 1), RET(1), RET(2), END } },
	{ "returning a computed value is returning each of its values",
	  true,
	  { LD(4), ALU(BPF_AND, 1), ALU(BPF_OR, SECCOMP_RET_ERRNO), RETA, END },
	  { LD(4), JMP(BPF_JSET, 1, 0, 1), RET(SECCOMP_RET_ERRNO | 1), RET(SECCOMP_RET_ERRNO),
	    END } },
	{ "the order of independent tests doesn't matter",
	  true,
	  { LD(1), JMP(BPF_JEQ, 7, 0, 2), LD(0), JMP(BPF_JEQ, 5, 1, 0), RET(1), RET(2), END },
	  { LD(0), JMP(BPF_JEQ, 5, 0, 2), LD(1), JMP(BPF_JEQ, 7, 1, 0), RET(1), RET(2), END } },
	{ "the last bit of the highest word is seen",
	  false,
	  { LD(3), JMP(BPF_JEQ, 0x80000000, 0, 1), RET(1), RET(2), END },
	  { LD(3), JMP(BPF_JEQ, 0x80000001, 0, 1), RET(1), RET(2), END } },
	{ "the data bits of a return value count",
	  false,
	  { RET(SECCOMP_RET_ERRNO | 1), END },
	  { RET(SECCOMP_RET_ERRNO | 2), END } },
	{ "division by an X of zero returns 0",
	  true,
	  { LDXI(0), LDI(5), ALUX(BPF_DIV), RET(SECCOMP_RET_ALLOW), END },
	  { RET(0), END } },
	{ "division by an unknown X asks whether it is zero",
	  true,
	  { LD(4), TAX, LDI(5), ALUX(BPF_DIV), RET(SECCOMP_RET_ALLOW), END },
	  { LD(4), JMP(BPF_JEQ, 0, 0, 1), RET(0), RET(SECCOMP_RET_ALLOW), END } },
	{ "a shift by X takes five bits of it",
	  true,
	  { LD(4), LDXI(33), ALUX(BPF_LSH), JMP(BPF_JEQ, 2, 0, 1), RET(1), RET(2), END },
	  { LD(4), ALU(BPF_LSH, 1), JMP(BPF_JEQ, 2, 0, 1), RET(1), RET(2), END } },
	{ "the length of the data is 64",
	  true,
	  { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RETA, END },
	  { RET(64), END } },
	{ "all four words of two arguments matter when they are or-ed",
	  false,
	  { LD(4), TAX, LD(5), ALUX(BPF_OR), JMP(BPF_JEQ, 0, 0, 1), RET(1), RET(2), END },
	  { LD(4), JMP(BPF_JEQ, 0, 0, 1), RET(1), RET(2), END } },
	{ "a value that is overwritten doesn't matter",
	  true,
	  { LD(4), TAX, LD(5), ST(0), LDXI(3), TXA, RETA, END },
	  { RET(3), END } },
};

static struct cbpf_prog table_prog(struct arena *arena, const struct sock_filter *insns)
{
	struct cbpf_prog p = { arena_array(arena, 12, sizeof(*insns)), 0, NULL };

	while (insns[p.len].code != 0xffff) {
		p.insns[p.len] = insns[p.len];
		p.len++;
	}
	return p;
}

static uint32_t run(const struct cbpf_prog *p, const struct seccomp_data *data)
{
	return cbpf_interp(p->insns, p->len, data, CBPF_LITTLE_ENDIAN, NULL, NULL).ret;
}

static void test_pairs(void)
{
	for (size_t i = 0; i < LEN(pairs); i++) {
		struct arena arena;
		struct prove_space *space;
		struct cbpf_prog a, b;
		struct seccomp_data data;
		prove_fn fa = 0, fb = 0;
		size_t pc;
		bool good;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
		a = table_prog(&arena, pairs[i].a);
		b = table_prog(&arena, pairs[i].b);
		good = cbpf_verify(a.insns, a.len, &pc) == CBPF_OK &&
		       cbpf_verify(b.insns, b.len, &pc) == CBPF_OK &&
		       prove_program(space, &a, CBPF_LITTLE_ENDIAN, &fa, NULL) == 0 &&
		       prove_program(space, &b, CBPF_LITTLE_ENDIAN, &fb, NULL) == 0 &&
		       (fa == fb) == pairs[i].equal;
		if (prove_witness(space, fa, fb, &data))
			good = good && !pairs[i].equal && run(&a, &data) != run(&b, &data);
		else
			good = good && pairs[i].equal;
		ok(good, "%s", pairs[i].name);
		arena_deinit(&arena);
	}
}

/* ---- random programs ---- */

/* Whether DATA, and calls like it, get the same answer from the diagram and from the interpreter.
 */
static bool diagram_is_program(const struct prove_space *space, prove_fn fn,
			       const struct cbpf_prog *p, enum cbpf_order order, struct gen *g)
{
	for (unsigned i = 0; i < 200; i++) {
		struct seccomp_data data = gen_call(g, p->insns, p->len);

		if (prove_eval(space, fn, &data) !=
		    cbpf_interp(p->insns, p->len, &data, order, NULL, NULL).ret)
			return false;
	}
	return true;
}

static void test_random(struct gen *g)
{
	unsigned wrong = 0, undecided = 0, total = 2000;

	for (unsigned i = 0; i < total; i++) {
		enum cbpf_order order = i & 1 ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
		struct arena arena;
		struct prove_space *space;
		struct sock_filter insns[GEN_LEN_MAX];
		struct cbpf_prog p = { insns, gen_prog(g, insns), NULL };
		prove_fn fn;
		int r;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, 1 << 14);
		r = prove_program(space, &p, order, &fn, NULL);
		if (r == PROVE_UNDECIDED)
			undecided++;
		else if (r != 0 || !diagram_is_program(space, fn, &p, order, g))
			wrong++;
		arena_deinit(&arena);
	}
	ok(wrong == 0,
	   "%u random programs of both byte orders return what their diagrams say, seed %" PRIu64,
	   total, g->seed);
	ok(undecided < total / 4, "few of them (%u) are too large for a small budget", undecided);
}

/* ---- rewriting keeps the function, mutation is seen ---- */

struct rewrite {
	uint16_t from, to;
	uint32_t (*k)(uint32_t k); /* the new operand */
	bool (*fits)(uint32_t k);
};

static uint32_t negated(uint32_t k)
{
	return -k;
}

static uint32_t power(uint32_t k)
{
	return 1u << k;
}

static uint32_t one_more(uint32_t k)
{
	return k + 1;
}

static uint32_t one_less(uint32_t k)
{
	return k - 1;
}

static uint32_t size(uint32_t k)
{
	(void)k;
	return sizeof(struct seccomp_data);
}

static bool always(uint32_t k)
{
	(void)k;
	return true;
}

static bool below_all_ones(uint32_t k)
{
	return k < UINT32_MAX;
}

static bool above_zero(uint32_t k)
{
	return k > 0;
}

static uint32_t all_ones(uint32_t k)
{
	(void)k;
	return UINT32_MAX;
}

static const struct rewrite rewrites[] = {
	{ BPF_ALU | BPF_ADD | BPF_K, BPF_ALU | BPF_SUB | BPF_K, negated, always },
	{ BPF_ALU | BPF_SUB | BPF_K, BPF_ALU | BPF_ADD | BPF_K, negated, always },
	{ BPF_ALU | BPF_LSH | BPF_K, BPF_ALU | BPF_MUL | BPF_K, power, always },
	{ BPF_ALU | BPF_RSH | BPF_K, BPF_ALU | BPF_DIV | BPF_K, power, always },
	{ BPF_ALU | BPF_NEG, BPF_ALU | BPF_MUL | BPF_K, all_ones, always },
	{ BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGE | BPF_K, one_more, below_all_ones },
	{ BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JGT | BPF_K, one_less, above_zero },
	{ BPF_LD | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, size, always },
};

static void rewrite(struct gen *g, struct sock_filter *insns, size_t len)
{
	for (size_t pc = 0; pc < len; pc++) {
		for (size_t i = 0; i < LEN(rewrites); i++) {
			const struct rewrite *w = &rewrites[i];

			if (insns[pc].code != w->from || !w->fits(insns[pc].k) ||
			    gen_below(g, 4) == 0)
				continue;
			insns[pc].code = w->to;
			insns[pc].k = w->k(insns[pc].k);
			break;
		}
	}
}

static void test_rewrites(struct gen *g)
{
	unsigned unequal = 0, changed = 0;

	for (unsigned i = 0; i < 1000; i++) {
		struct arena arena;
		struct prove_space *space;
		struct sock_filter a[GEN_LEN_MAX], b[GEN_LEN_MAX];
		struct cbpf_prog pa = { a, gen_prog(g, a), NULL }, pb = { b, pa.len, NULL };
		prove_fn fa, fb;

		memcpy(b, a, sizeof(a));
		rewrite(g, b, pb.len);
		changed += memcmp(a, b, pa.len * sizeof(*a)) != 0;
		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, 1 << 14);
		if (prove_program(space, &pa, CBPF_LITTLE_ENDIAN, &fa, NULL) == 0 &&
		    prove_program(space, &pb, CBPF_LITTLE_ENDIAN, &fb, NULL) == 0)
			unequal += fa != fb;
		arena_deinit(&arena);
	}
	ok(unequal == 0 && changed > 500,
	   "rewriting instructions (%u programs) keeps the diagram, seed %" PRIu64, changed,
	   g->seed);
}

/* True: the diagrams are right about whether A and B are the same. */
static bool mutant_is_judged(struct gen *g, const struct cbpf_prog *a, const struct cbpf_prog *b,
			     unsigned *differing)
{
	struct arena arena;
	struct prove_space *space;
	struct seccomp_data data;
	prove_fn fa, fb;
	bool good = true;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 14);
	if (prove_program(space, a, CBPF_LITTLE_ENDIAN, &fa, NULL) != 0 ||
	    prove_program(space, b, CBPF_LITTLE_ENDIAN, &fb, NULL) != 0)
		goto out;
	if (fa != fb) {
		++*differing;
		good = prove_witness(space, fa, fb, &data) && run(a, &data) != run(b, &data);
		goto out;
	}
	for (unsigned i = 0; i < 200 && good; i++) {
		data = gen_call(g, a->insns, a->len);
		good = run(a, &data) == run(b, &data);
	}
out:
	arena_deinit(&arena);
	return good;
}

static void test_mutants(struct gen *g)
{
	unsigned wrong = 0, differing = 0, mutants = 0;

	while (mutants < 2000) {
		struct sock_filter a[GEN_LEN_MAX], b[GEN_LEN_MAX];
		struct cbpf_prog pa = { a, gen_prog(g, a), NULL }, pb = { b, pa.len, NULL };
		size_t pc;

		memcpy(b, a, sizeof(a));
		gen_mutate(g, b, pb.len);
		if (cbpf_verify(b, pb.len, &pc) != CBPF_OK)
			continue;
		mutants++;
		wrong += !mutant_is_judged(g, &pa, &pb, &differing);
	}
	ok(wrong == 0 && differing > 200,
	   "of %u mutants %u are shown to differ by a call, the others answer a sample alike, seed "
	   "%" PRIu64,
	   mutants, differing, g->seed);
}

/* ---- the usual programs are cheap ---- */

/* What a test of a number and then of an argument leaves to the next such test must not be copied
 * for each: 680 of them, and a small budget. */
static void test_long_chain(void)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	struct cbpf_prog p = { .insns = insns };
	struct prove_space *space;
	struct arena arena;
	int r = -ENOMEM;
	prove_fn fn;

	for (unsigned i = 0; p.len + 6 <= LEN(insns); i++) {
		const struct sock_filter group[] = { LD(0), JMP(BPF_JEQ, i / 2, 0, 3),
						     LD(4 + 2 * (i % 6)),
						     JMP(BPF_JEQ, i * 7919, 0, 1), RET(i) };

		memcpy(insns + p.len, group, sizeof(group));
		p.len += LEN(group);
	}
	insns[p.len++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 18);
	if (space)
		r = prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, NULL);
	ok(r == 0, "a chain of %zu instructions takes %zu nodes", p.len,
	   space ? prove_space_nodes(space) : 0);
	arena_deinit(&arena);
}

/* A condition on one of the last words, or two joined. */
static prove_fn random_cond(struct gen *g, struct prove_space *space, unsigned first)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	unsigned word = first + gen_below(g, CBPF_WORDS - first);
	struct prove_bits a, k;
	prove_fn one, other;

	prove_bits_word(space, &a, word);
	prove_bits_constant(&k, gen_next(g) >> gen_below(g, 32));
	one = prove_bits_compare(space, ops[gen_below(g, LEN(ops))], &a, &k);
	if (gen_below(g, 2))
		return one;
	other = random_cond(g, space, first);
	return prove_ite(space, one, prove_leaf(space, gen_below(g, 3)), other);
}

static void test_word_tests(struct gen *g)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE };
	unsigned refused = 0, wrong = 0;
	struct prove_space *space;
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
	for (int i = 0; space && i < 3000; i++) {
		unsigned word = CBPF_ARG0_LOW + gen_below(g, CBPF_WORDS - CBPF_ARG0_LOW);
		struct prove_word_test t = { word, ops[gen_below(g, LEN(ops))],
					     gen_next(g) >> gen_below(g, 32) };
		prove_fn yes = random_cond(g, space, CBPF_ARG0_LOW);
		prove_fn no = random_cond(g, space, CBPF_ARG0_LOW), quick;
		struct prove_bits a, k;

		prove_bits_word(space, &a, word);
		prove_bits_constant(&k, t.k);
		if (prove_ite_word(space, &t, yes, no, &quick))
			wrong += quick !=
				 prove_ite(space, prove_bits_compare(space, t.op, &a, &k), yes, no);
		else
			refused++;
	}
	ok(space && prove_status(space) == 0 && wrong == 0 && refused > 100 && refused < 2900,
	   "the quick way to test a word gives what the general one gives (%u refused)", refused);
	arena_deinit(&arena);
}

/* ---- limits ---- */

static void test_budget(void)
{
	struct sock_filter product[] = {
		LD(4), TAX, LD(6), ALUX(BPF_MUL), JMP(BPF_JEQ, 12345, 0, 1), RET(1), RET(2)
	};
	struct sock_filter plain[] = { LD(0), JMP(BPF_JEQ, 1, 0, 1), RET(1), RET(2) };
	struct cbpf_prog p = { product, LEN(product), NULL }, q = { plain, LEN(plain), NULL };
	struct arena arena;
	struct prove_space *space;
	prove_fn fn;
	size_t pc = 99;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 14);
	ok(prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, &pc) == PROVE_UNDECIDED && pc == 3,
	   "the product of two arguments is undecided, and its instruction is named");
	ok(prove_program(space, &q, CBPF_LITTLE_ENDIAN, &fn, NULL) == PROVE_UNDECIDED,
	   "a space that ran out stays undecided");
	space = prove_space_new(&arena, 20);
	ok(prove_program(space, &q, CBPF_LITTLE_ENDIAN, &fn, NULL) == PROVE_UNDECIDED,
	   "twenty nodes aren't enough for a comparison");
	arena_deinit(&arena);
}

/* Each step doubles the number of values that A can have. */
static void test_many_states(void)
{
	struct sock_filter insns[64];
	struct cbpf_prog p = { insns, 0, NULL };
	struct arena arena;
	struct prove_space *space;
	prove_fn fn;

	insns[p.len++] = (struct sock_filter)LD(4);
	insns[p.len++] = (struct sock_filter)TAX;
	for (unsigned i = 0; i < 30; i++) {
		insns[p.len++] = (struct sock_filter)JMP(BPF_JSET, 1u << i, 0, 1);
		insns[p.len++] = (struct sock_filter)ALU(BPF_MUL, 0x9e3779b1 + 2 * i);
	}
	insns[p.len++] = (struct sock_filter)RETA;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 16);
	ok(prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, NULL) == PROVE_UNDECIDED,
	   "a program whose states double at each step ends in undecided, not in a hang");
	arena_deinit(&arena);
}

static void test_memory(struct gen *g)
{
	unsigned wrong = 0, enough = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct sock_filter insns[GEN_LEN_MAX];
		struct cbpf_prog p = { insns, gen_prog(g, insns), NULL };
		struct arena arena;
		struct prove_space *space;
		prove_fn fn;
		int r = -ENOMEM;

		arena_init(&arena, (size_t)i * 4096);
		space = prove_space_new(&arena, 1 << 13);
		if (space)
			r = prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, NULL);
		enough += r == 0;
		if (r == 0)
			wrong += !diagram_is_program(space, fn, &p, CBPF_LITTLE_ENDIAN, g);
		else
			wrong += r != -ENOMEM && r != PROVE_UNDECIDED;
		arena_deinit(&arena);
	}
	ok(wrong == 0 && enough > 20 && enough < 190,
	   "whatever the memory (enough %u times of 200), the answer is right or -ENOMEM", enough);
}

int main(int argc, char **argv)
{
	struct gen g = gen_new(argc > 1 ? strtoull(argv[1], NULL, 0) : 20260101);

	test_pairs();
	test_random(&g);
	test_rewrites(&g);
	test_mutants(&g);
	test_long_chain();
	test_word_tests(&g);
	test_budget();
	test_many_states();
	test_memory(&g);
	return done();
}
