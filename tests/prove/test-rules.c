/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules' diagram against rules_eval(), and hand-written programs against their rules. */
#include "prove/prove.h"

#include <errno.h>
#include <inttypes.h>

#include "gen-rules.h"
#include "tap.h"

/* ---- random rules ---- */

static void test_random(struct gen *g)
{
	unsigned wrong = 0, total = 3000;

	for (unsigned i = 0; i < total; i++) {
		struct arena arena;
		struct prove_space *space;
		struct rules *rules;
		prove_fn fn;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
		rules = gen_rules(g, &arena, i & 1);
		if (rules_validate(rules) || prove_rules(space, rules, &fn) != 0) {
			wrong++;
			arena_deinit(&arena);
			continue;
		}
		for (unsigned j = 0; j < 300; j++) {
			struct seccomp_data data = gen_rules_call(g, rules);

			wrong += prove_eval(space, fn, &data) != rules_eval(rules, &data).ret;
		}
		arena_deinit(&arena);
	}
	ok(wrong == 0, "%u random rules answer what their diagrams say, seed %" PRIu64, total,
	   g->seed);
}

/* Fixing bits of a word gives what the whole function answers with those bits. */
static void test_restricted(struct gen *g)
{
	unsigned wrong = 0, total = 1000;

	for (unsigned i = 0; i < total; i++) {
		unsigned word = gen_below(g, CBPF_WORDS);
		uint32_t mask = (uint32_t)gen_value64(g), value = (uint32_t)gen_value64(g);
		struct arena arena;
		struct prove_space *space;
		struct rules *rules;
		prove_fn fn, fixed;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
		rules = gen_rules(g, &arena, i & 1);
		wrong += prove_rules(space, rules, &fn) != 0;
		fixed = prove_restrict(space, fn, word, mask, value);
		for (unsigned j = 0; j < 100; j++) {
			struct seccomp_data data = gen_rules_call(g, rules);
			uint32_t any = prove_eval(space, fixed, &data);

			cbpf_data_set_word(&data, word,
					   (cbpf_data_word(&data, word) & ~mask) | (value & mask));
			wrong += any != prove_eval(space, fn, &data) ||
				 any != prove_eval(space, fixed, &data);
		}
		wrong += prove_status(space) != 0;
		arena_deinit(&arena);
	}
	ok(wrong == 0, "%u functions with some bits fixed", total);
}

/* Two lists of rules that differ in one entry: the calls found are such that the two answer
 * differently. */
static void test_changed(struct gen *g)
{
	unsigned wrong = 0, differing = 0, total = 1000;

	for (unsigned i = 0; i < total; i++) {
		struct arena arena;
		struct prove_result result;
		struct prove_subject a = { 0 }, b = { 0 };
		struct rules *rules, *changed;
		struct gen again = *g;
		struct rules_abi *abi;
		int r;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		rules = gen_rules(&again, &arena, i & 1);
		changed = gen_rules(g, &arena, i & 1);
		abi = &changed->abis[gen_below(g, (uint32_t)changed->len)];
		if (abi->len > 0)
			abi->entries[gen_below(g, (uint32_t)abi->len)] =
				gen_entry(g, &arena, abi->arch);
		a.rules = rules;
		b.rules = changed;
		r = prove_compare(&a, &b, PROVE_SAME, rules_order(rules), PROVE_DEFAULT_BUDGET,
				  &result);
		differing += r == PROVE_DIFFERS;
		wrong += r != PROVE_DIFFERS && r != PROVE_EQUAL;
		if (r == PROVE_DIFFERS)
			wrong += result.a_ret == result.b_ret ||
				 rules_eval(rules, &result.data).ret != result.a_ret ||
				 rules_eval(changed, &result.data).ret != result.b_ret;
		for (unsigned j = 0; r == PROVE_EQUAL && j < 300; j++) {
			struct seccomp_data data = gen_rules_call(g, rules);

			wrong += rules_eval(rules, &data).ret != rules_eval(changed, &data).ret;
		}
		arena_deinit(&arena);
	}
	ok(wrong == 0 && differing > total / 4 && differing < total,
	   "of %u pairs of rules %u are shown to differ, the others answer a sample alike, seed "
	   "%" PRIu64,
	   total, differing, g->seed);
}

/* ---- programs written by hand ---- */

#define LD(w)		 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * (w))
#define RET(k)		 BPF_STMT(BPF_RET | BPF_K, k)
#define ALU(op, k)	 BPF_STMT(BPF_ALU | (op) | BPF_K, k)
#define JMP(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define ALLOW		 RET(SECCOMP_RET_ALLOW)
#define DENY		 RET(SECCOMP_RET_ERRNO | 1)
#define KILL		 RET(SECCOMP_RET_KILL_PROCESS)
#define X86		 LD(1), JMP(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0), KILL
#define NATIVE		 X86, LD(0), JMP(BPF_JGE, ARCH_X32_BIT, 0, 1), KILL

#define LOW(n, width, sign)                                                                        \
	.operand = { .low = CBPF_ARG_LOW(n),                                                       \
		     .high = CBPF_ARG_HIGH(n),                                                     \
		     .bits = width,                                                                \
		     .is_signed = sign },                                                          \
	.mask = UINT64_MAX

static const struct by_hand {
	const char *name;
	bool equal;
	struct rules_test
		test; /* of number 5, which is allowed where it holds; others are denied */
	struct sock_filter insns[24];
	size_t len;
} by_hand[] = {
#define INSNS(...)                                                                                 \
	.insns = { __VA_ARGS__ },                                                                  \
	.len = sizeof((struct sock_filter[]){ __VA_ARGS__ }) / sizeof(struct sock_filter)
	{ .name = "killing all numbers from x32's bit up, also those without the bit,",
	  .equal = false,
	  .test = { LOW(0, 32, false), .cmp = RULES_EQ, .value = 7 },
	  INSNS(NATIVE, JMP(BPF_JEQ, 5, 0, 2), LD(4), JMP(BPF_JEQ, 7, 1, 0), DENY, ALLOW) },
	{ .name = "killing odd numbers together with x32's",
	  .equal = false,
	  .test = { LOW(0, 32, false), .cmp = RULES_EQ, .value = 7 },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT | 1, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 2),
		LD(4), JMP(BPF_JEQ, 7, 1, 0), DENY, ALLOW) },
	{ .name = "an equality of 32 bits",
	  .equal = true,
	  .test = { LOW(0, 32, false), .cmp = RULES_EQ, .value = 7 },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 2), LD(4),
		JMP(BPF_JEQ, 7, 1, 0), DENY, ALLOW) },
	{ .name = "an equality of 64 bits",
	  .equal = true,
	  .test = { LOW(1, 64, false), .cmp = RULES_EQ, .value = UINT64_C(0x100000007) },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 4), LD(7),
		JMP(BPF_JEQ, 1, 0, 2), LD(6), JMP(BPF_JEQ, 7, 1, 0), DENY, ALLOW) },
	{ .name = "an equality of 64 bits that forgets the upper half",
	  .equal = false,
	  .test = { LOW(1, 64, false), .cmp = RULES_EQ, .value = UINT64_C(0x7) },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 2), LD(6),
		JMP(BPF_JEQ, 7, 1, 0), DENY, ALLOW) },
	{ .name = "a signed comparison of 32 bits",
	  .equal = true,
	  .test = { LOW(0, 32, true), .cmp = RULES_LT, .value = 3 },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 3), LD(4),
		ALU(BPF_XOR, 0x80000000), JMP(BPF_JGE, 0x80000003, 0, 1), DENY, ALLOW) },
	{ .name = "an unsigned comparison where the rules are signed",
	  .equal = false,
	  .test = { LOW(0, 32, true), .cmp = RULES_LT, .value = 3 },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 2), LD(4),
		JMP(BPF_JGE, 3, 0, 1), DENY, ALLOW) },
	{ .name = "a comparison of 64 bits, half by half",
	  .equal = true,
	  .test = { LOW(0, 64, false), .cmp = RULES_GT, .value = UINT64_C(0x200000009) },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 5), LD(5),
		JMP(BPF_JGT, 2, 4, 0), JMP(BPF_JEQ, 2, 0, 2), LD(4), JMP(BPF_JGT, 9, 1, 0), DENY,
		ALLOW) },
	{ .name = "16 bits by a shift",
	  .equal = true,
	  .test = { LOW(0, 16, false), .cmp = RULES_LE, .value = 0777 },
	  INSNS(X86, LD(0), JMP(BPF_JSET, ARCH_X32_BIT, 0, 1), KILL, JMP(BPF_JEQ, 5, 0, 3), LD(4),
		ALU(BPF_LSH, 16), JMP(BPF_JGT, 0777 << 16 | 0xffff, 0, 1), DENY, ALLOW) },
};

/* Number 5 is allowed where the test holds; everything else of x86-64 is denied, all else killed.
 */
static struct rules *rules_by_hand(struct arena *arena, const struct rules_cond *cond)
{
	struct rules *r = rules_new(arena);
	struct rules_entry e = { .first = 5, .last = 5, .cond = cond, .ret = SECCOMP_RET_ALLOW };

	if (!r || rules_add_abi(r, &little_abis[0]) < 0 || rules_add(r, 0, &e) < 0)
		return NULL;
	r->otherwise = SECCOMP_RET_ERRNO | 1;
	r->foreign = SECCOMP_RET_KILL_PROCESS;
	return r;
}

static void test_by_hand(void)
{
	for (size_t i = 0; i < ARRAY_LEN(by_hand); i++) {
		struct sock_filter insns[24];
		struct cbpf_prog p = { insns, by_hand[i].len, NULL };
		struct rules_cond cond = { .kind = RULES_TEST, .test = by_hand[i].test };
		struct prove_result result;
		struct arena arena;
		struct rules *rules;
		size_t pc;
		int r;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		memcpy(insns, by_hand[i].insns, sizeof(insns));
		rules = rules_by_hand(&arena, &cond);
		r = cbpf_verify(insns, p.len, &pc) == CBPF_OK
			    ? prove_compiled(rules, &p, PROVE_DEFAULT_BUDGET, &result)
			    : -EINVAL;
		ok(r == (by_hand[i].equal ? PROVE_EQUAL : PROVE_DIFFERS) &&
			   (r == PROVE_EQUAL ||
			    rules_eval(rules, &result.data).ret == result.a_ret),
		   "%s %s its rule", by_hand[i].name, by_hand[i].equal ? "means" : "differs from");
		arena_deinit(&arena);
	}
}

/* ---- limits ---- */

/* Thousands of terms, deep on the left: each is another value of one argument. */
static void test_long_chain(void)
{
	struct arena arena;
	struct prove_space *space;
	struct rules_cond *chain = NULL;
	struct rules *rules;
	struct seccomp_data data = { .nr = 5, .arch = AUDIT_ARCH_X86_64 };
	prove_fn fn = 0;
	bool good;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
	for (unsigned i = 0; i < 5000; i++) {
		struct rules_cond *pair = arena_array(&arena, 2, sizeof(*pair));

		pair[0] = (struct rules_cond){
			.kind = RULES_TEST,
			.test = { LOW(0, 64, false), .cmp = RULES_EQ, .value = 7 * i },
		};
		pair[1] = (struct rules_cond){ .kind = RULES_OR, .left = chain, .right = pair };
		chain = chain ? &pair[1] : &pair[0];
	}
	rules = rules_by_hand(&arena, chain);
	good = prove_rules(space, rules, &fn) == 0;
	data.args[0] = 7 * 4999;
	good = good && prove_eval(space, fn, &data) == SECCOMP_RET_ALLOW;
	data.args[0]++;
	good = good && prove_eval(space, fn, &data) == (SECCOMP_RET_ERRNO | 1);
	ok(good, "a condition of 5,000 terms is within the budget");
	arena_deinit(&arena);
}

/* Each level uses the one below twice, so that there are 2^40 paths. */
static void test_shared(void)
{
	struct arena arena;
	struct prove_space *space;
	struct rules_cond levels[41] = {
		{ .kind = RULES_TEST, .test = { LOW(0, 32, false), .cmp = RULES_EQ, .value = 1 } },
	};
	prove_fn fn;
	int r;

	for (unsigned i = 1; i < ARRAY_LEN(levels); i++)
		levels[i] = (struct rules_cond){ .kind = i & 1 ? RULES_AND : RULES_OR,
						 .left = &levels[i - 1],
						 .right = &levels[i - 1] };
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 14);
	r = prove_rules(space, rules_by_hand(&arena, &levels[40]), &fn);
	ok(r == PROVE_UNDECIDED,
	   "a condition that shares its parts forty times over ends in undecided");
	arena_deinit(&arena);
}

static void test_memory(struct gen *g)
{
	unsigned wrong = 0, enough = 0, total = 200;

	for (unsigned i = 0; i < total; i++) {
		struct arena arena, limited;
		struct prove_space *space;
		struct rules *rules;
		prove_fn fn;
		int r = -ENOMEM;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		arena_init(&limited, (size_t)i * 4096);
		rules = gen_rules(g, &arena, i & 1);
		space = prove_space_new(&limited, PROVE_DEFAULT_BUDGET);
		if (space)
			r = prove_rules(space, rules, &fn);
		enough += r == 0;
		for (unsigned j = 0; r == 0 && j < 100; j++) {
			struct seccomp_data data = gen_rules_call(g, rules);

			wrong += prove_eval(space, fn, &data) != rules_eval(rules, &data).ret;
		}
		wrong += r != 0 && r != -ENOMEM;
		arena_deinit(&limited);
		arena_deinit(&arena);
	}
	ok(wrong == 0 && enough > 20 && enough < total,
	   "whatever the memory (enough %u times of %u), the answer is right or -ENOMEM", enough,
	   total);
}

int main(int argc, char **argv)
{
	struct gen g = gen_new(argc > 1 ? strtoull(argv[1], NULL, 0) : 20260102);

	test_random(&g);
	test_restricted(&g);
	test_changed(&g);
	test_by_hand();
	test_long_chain();
	test_shared();
	test_memory(&g);
	return done();
}
