/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The evaluator against sentences about numbers, written out by hand: it is what everything else is
 * tested against, so nothing here is computed the way it computes.
 */
#include "rules/rules.h"

#include <linux/audit.h>

#include "tap.h"

#define ALL UINT64_MAX

static const struct rules_operand U16 = { CBPF_ARG_LOW(1), 0, 16, false };
static const struct rules_operand U32 = { CBPF_ARG_LOW(1), 0, 32, false };
static const struct rules_operand S32 = { CBPF_ARG_LOW(1), 0, 32, true };
static const struct rules_operand U64 = { CBPF_ARG_LOW(1), CBPF_ARG_HIGH(1), 64, false };
static const struct rules_operand S64 = { CBPF_ARG_LOW(1), CBPF_ARG_HIGH(1), 64, true };
static const struct rules_operand S16 = { CBPF_ARG_LOW(1), 0, 16, true };
/* A 64-bit value that a 32-bit ABI passes in two registers: argument 2 is its low half. */
static const struct rules_operand PAIR = { CBPF_ARG_LOW(2), CBPF_ARG_LOW(1), 64, false };

/* Which comparisons with `value` hold, as a string of their symbols. */
static const struct {
	const char *name;
	const struct rules_operand *operand;
	uint64_t mask, value, arg1, arg2;
	const char *holds; /* of = ! < { > } : eq ne lt le gt ge */
} COMPARISONS[] = {
	{ "equal numbers", &U32, ALL, 5, 5, 0, "={}" },
	{ "one below", &U32, ALL, 5, 4, 0, "!<{" },
	{ "one above", &U32, ALL, 5, 6, 0, "!>}" },
	{ "nothing is below an unsigned zero", &U32, ALL, 0, 0, 0, "={}" },
	{ "an unsigned -1 is the highest", &U32, ALL, 0x7fffffff, 0xffffffff, 0, "!>}" },
	{ "a signed -1 is below zero", &S32, ALL, 0, 0xffffffff, 0, "!<{" },
	{ "the lowest int is below the highest", &S32, ALL, 0x7fffffff, 0x80000000, 0, "!<{" },
	{ "the highest int is above the lowest", &S32, ALL, 0x80000000, 0x7fffffff, 0, "!>}" },
	{ "-1 is above -2", &S32, ALL, (uint64_t)-2, 0xffffffff, 0, "!>}" },
	{ "an int's upper half is garbage", &S32, ALL, 5, 0xdeadbeef00000005, 0, "={}" },
	{ "a value's upper half is cut off", &U32, ALL, 0x100000005, 5, 0, "={}" },
	{ "a 64-bit value has its upper half", &U64, ALL, 5, 0x100000005, 0, "!>}" },
	{ "high words count before low ones", &U64, ALL, 0x1ffffffff, 0x200000000, 0, "!>}" },
	{ "low words count when high ones are equal", &U64, ALL, 0x200000001, 0x200000000, 0,
	  "!<{" },
	{ "an unsigned long -1 is the highest", &U64, ALL, 1, UINT64_MAX, 0, "!>}" },
	{ "a signed long -1 is below one", &S64, ALL, 1, UINT64_MAX, 0, "!<{" },
	{ "the lowest long is below -1", &S64, ALL, UINT64_MAX, UINT64_C(1) << 63, 0, "!<{" },
	{ "a 16-bit value ends at bit 15", &U16, ALL, 7, 0xffff0007, 0, "={}" },
	{ "a 16-bit -1 is positive without a sign", &U16, ALL, 7, 0xffff, 0, "!>}" },
	{ "a 16-bit -1 is negative with one", &S16, ALL, 7, 0xffff, 0, "!<{" },
	{ "a mask hides the other bits", &U32, 0xf0, 0x30, 0x3f, 0, "={}" },
	{ "a masked value is compared as it is", &U32, 0xf0, 0x30, 0x2f, 0, "!<{" },
	{ "a value outside its mask is never equal", &U32, 0xf0, 0x31, 0x31, 0, "!<{" },
	{ "a mask without the sign leaves positive numbers", &S32, 0x7fffffff, 0, 0xffffffff, 0,
	  "!>}" },
	{ "a mask of the sign leaves the lowest number", &S32, 0x80000000, 0, 0xffffffff, 0,
	  "!<{" },
	{ "a mask's bits past the operand are ignored", &U32, 0xff00000001, 1, 0xff00000003, 0,
	  "={}" },
	{ "a mask of the upper half", &U64, 0xff00000000, 0x300000000, 0x3deadbeef, 0, "={}" },
	{ "two registers make one value", &PAIR, ALL, 0x100000002, 1, 2, "={}" },
	{ "the registers' upper halves are garbage", &PAIR, ALL, 0x100000002, 0x900000001,
	  0x900000002, "={}" },
	{ "the high register counts first", &PAIR, ALL, 0x100000002, 2, 1, "!>}" },
};

static const char SYMBOLS[] = "=!<{>}";

static struct seccomp_data call(uint32_t arch, uint32_t nr, uint64_t arg1, uint64_t arg2)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	data.args[1] = arg1;
	data.args[2] = arg2;
	return data;
}

static void test_comparisons(void)
{
	for (size_t i = 0; i < ARRAY_LEN(COMPARISONS); i++) {
		struct seccomp_data data = call(0, 0, COMPARISONS[i].arg1, COMPARISONS[i].arg2);
		bool right = true;

		for (enum rules_cmp cmp = RULES_EQ; cmp < RULES_IN; cmp++) {
			struct rules_cond c = {
				.kind = RULES_TEST,
				.test = { .operand = *COMPARISONS[i].operand,
					  .mask = COMPARISONS[i].mask,
					  .cmp = cmp,
					  .value = COMPARISONS[i].value },
			};
			bool wanted = strchr(COMPARISONS[i].holds, SYMBOLS[cmp]);

			right &= rules_eval_cond(&c, &data) == wanted;
		}
		ok(right, "%s", COMPARISONS[i].name);
	}
}

static const struct rules_range FEW[] = { { 3, 5 }, { 9, 9 }, { -4, -2 } };
static const struct rules_range HIGH[] = { { -4, -2 }, { 0x100000000, INT64_MAX } };

static const struct {
	const char *name;
	const struct rules_operand *operand;
	const struct rules_range *ranges;
	size_t len;
	uint64_t arg1;
	bool holds;
} SETS[] = {
	{ "no value is in the empty set", &U32, FEW, 0, 3, false },
	{ "a range has its first value", &U32, FEW, 3, 3, true },
	{ "a range has its last value", &U32, FEW, 3, 5, true },
	{ "a range hasn't the value below", &U32, FEW, 3, 2, false },
	{ "a range hasn't the value above", &U32, FEW, 3, 6, false },
	{ "a single value is a range", &U32, FEW, 3, 9, true },
	{ "a signed value is in a negative range", &S32, FEW, 3, 0xfffffffd, true },
	{ "a signed 16-bit value is in a negative range", &S16, FEW, 3, 0xfffd, true },
	{ "an unsigned int is in no negative range", &U32, FEW, 3, 0xfffffffd, false },
	{ "an unsigned long has the bits of one", &U64, HIGH, 2, UINT64_MAX - 2, true },
	{ "a signed long is in a negative range", &S64, HIGH, 2, UINT64_MAX - 2, true },
	{ "no int is in a range of longs", &S32, HIGH, 2, 0x100000000, false },
	{ "a long is in a range of longs", &S64, HIGH, 2, 0x100000000, true },
};

static void test_sets(void)
{
	for (size_t i = 0; i < ARRAY_LEN(SETS); i++) {
		struct seccomp_data data = call(0, 0, SETS[i].arg1, 0);
		struct rules_cond c = {
			.kind = RULES_TEST,
			.test = { .operand = *SETS[i].operand,
				  .mask = ALL,
				  .cmp = RULES_IN,
				  .ranges = SETS[i].ranges,
				  .nranges = SETS[i].len },
		};

		ok(rules_eval_cond(&c, &data) == SETS[i].holds, "%s", SETS[i].name);
	}
}

static void test_connectives(void)
{
	static const struct rules_cond TRUE = { .kind = RULES_CONST, .constant = true };
	static const struct rules_cond FALSE = { .kind = RULES_CONST };
	static const struct rules_cond *const BOTH[] = { &FALSE, &TRUE };
	struct seccomp_data data = { 0 };
	bool and = true, or = true, not = true;

	for (int i = 0; i < 4; i++) {
		bool a = i & 1, b = i & 2;
		struct rules_cond c = { .kind = RULES_AND, .left = BOTH[a], .right = BOTH[b] };
		struct rules_cond no = { .kind = RULES_NOT, .left = &c };

		and &= rules_eval_cond(&c, &data) == (i == 3);
		not &= rules_eval_cond(&no, &data) == (i != 3);
		c.kind = RULES_OR;
		or &= rules_eval_cond(&c, &data) == (i != 0);
		not &= rules_eval_cond(&no, &data) == (i == 0);
	}
	ok(and, "&& holds if both sides do");
	ok(or, "|| holds if a side does");
	ok(not, "! holds if its side doesn't");
}

/* A chain of a hundred thousand terms, which no recursion to the left would survive. */
static void test_long_chain(struct arena *arena)
{
	static const struct rules_cond TRUE = { .kind = RULES_CONST, .constant = true };
	static const struct rules_cond FALSE = { .kind = RULES_CONST };
	const struct rules_cond *chain = &TRUE, *last = &FALSE;
	struct seccomp_data data = { 0 };

	for (int i = 0; i < 100000; i++) {
		struct rules_cond *c = arena_alloc(arena, sizeof(*c));

		if (!c)
			abort();
		*c = (struct rules_cond){ .kind = RULES_AND, .left = chain, .right = &TRUE };
		chain = c;
	}
	ok(rules_eval_cond(chain, &data), "a chain may be as long as it likes");
	ok(!rules_eval_cond(&(struct rules_cond){ .kind = RULES_AND, .left = chain, .right = last },
			    &data),
	   "the last term of a chain counts");
}

static const struct arch X86_64 = {
	"x86_64", "amd64", AUDIT_ARCH_X86_64, 0, ARCH_X86_64, 64, false
};
static const struct arch X32 = {
	"x32", NULL, AUDIT_ARCH_X86_64, ARCH_X32_BIT, ARCH_X32, 64, false
};
static const struct arch I386 = { "i386", NULL, AUDIT_ARCH_I386, 0, ARCH_I386, 32, false };
static const struct arch S390X = { "s390x", NULL, AUDIT_ARCH_S390X, 0, ARCH_S390X, 64, true };

enum { LIST = 1, DEFAULT, FOREIGN };

static const struct {
	const char *name;
	const struct arch *abis[2];
	uint32_t token, nr;
	int belongs; /* LIST: to the first ABI; LIST + 10: to the second */
} CALLS[] = {
	{ "a listed number is decided by its entry", { &X86_64 }, AUDIT_ARCH_X86_64, 7, LIST },
	{ "an entry's last number is its own", { &X86_64 }, AUDIT_ARCH_X86_64, 8, LIST },
	{ "the next number is the default's", { &X86_64 }, AUDIT_ARCH_X86_64, 9, DEFAULT },
	{ "another token is foreign", { &X86_64 }, AUDIT_ARCH_I386, 7, FOREIGN },
	{ "x32's bit is foreign where only x86_64 is listed",
	  { &X86_64 },
	  AUDIT_ARCH_X86_64,
	  ARCH_X32_BIT | 7,
	  FOREIGN },
	{ "-1 has x32's bit", { &X86_64 }, AUDIT_ARCH_X86_64, UINT32_MAX, FOREIGN },
	{ "numbers without the bit are foreign where only x32 is listed",
	  { &X32 },
	  AUDIT_ARCH_X86_64,
	  7,
	  FOREIGN },
	{ "x32's numbers have the bit", { &X32 }, AUDIT_ARCH_X86_64, ARCH_X32_BIT | 7, LIST },
	{ "with both listed a number belongs to x86_64",
	  { &X32, &X86_64 },
	  AUDIT_ARCH_X86_64,
	  7,
	  LIST + 10 },
	{ "with both listed the bit still is x32's",
	  { &X86_64, &X32 },
	  AUDIT_ARCH_X86_64,
	  ARCH_X32_BIT | 7,
	  LIST + 10 },
	{ "bit 31 alone doesn't make a number foreign",
	  { &X86_64 },
	  AUDIT_ARCH_X86_64,
	  0x80000007,
	  DEFAULT },
	{ "bit 30 means nothing to other ABIs", { &I386 }, AUDIT_ARCH_I386, ARCH_X32_BIT, DEFAULT },
	{ "a second ABI has its own list", { &X86_64, &I386 }, AUDIT_ARCH_I386, 7, LIST + 10 },
};

/* Rules where each list has numbers 7 and 8, and says whose it is by its errno. */
static struct rules *two_lists(struct arena *arena, const struct arch *const abis[2])
{
	struct rules *r = rules_new(arena);

	if (!r)
		abort();
	r->otherwise = SECCOMP_RET_ERRNO | DEFAULT;
	r->foreign = SECCOMP_RET_ERRNO | FOREIGN;
	for (size_t i = 0; i < 2 && abis[i]; i++) {
		struct rules_entry e = { .first = abis[i]->nr_base + 7,
					 .last = abis[i]->nr_base + 8,
					 .ret = SECCOMP_RET_ERRNO | (LIST + 10 * (uint32_t)i) };

		if (rules_add_abi(r, abis[i]) < 0 || rules_add(r, i, &e) < 0)
			abort();
	}
	return r;
}

static void test_lists(struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_LEN(CALLS); i++) {
		struct rules *r = two_lists(arena, CALLS[i].abis);
		struct seccomp_data data = call(CALLS[i].token, CALLS[i].nr, 0, 0);

		ok(!rules_validate(r) && rules_eval(r, &data).ret ==
						 (SECCOMP_RET_ERRNO | (uint32_t)CALLS[i].belongs),
		   "%s", CALLS[i].name);
	}
}

static void test_first_match(struct arena *arena)
{
	static const struct rules_cond IS_5 = {
		.kind = RULES_TEST,
		.test = { { CBPF_ARG_LOW(1), 0, 32, false }, ALL, RULES_EQ, 5, NULL, 0 },
	};
	const struct arch *const abis[2] = { &X86_64 };
	struct rules *r = two_lists(arena, abis);
	struct rules_entry e = { 20, 20, &IS_5, SECCOMP_RET_LOG, { 1, 2, 3 } };
	struct seccomp_data five = call(AUDIT_ARCH_X86_64, 20, 5, 0);
	struct seccomp_data six = call(AUDIT_ARCH_X86_64, 20, 6, 0);
	struct rules_verdict v;

	if (rules_add(r, 0, &e) < 0)
		abort();
	ok(rules_eval(r, &six).ret == r->otherwise && !rules_eval(r, &six).entry,
	   "an entry whose condition doesn't hold leaves the call to the default");
	e = (struct rules_entry){ 0, 30, NULL, SECCOMP_RET_ALLOW, { 1, 4, 5 } };
	if (rules_add(r, 0, &e) < 0)
		abort();
	v = rules_eval(r, &five);
	ok(v.ret == SECCOMP_RET_LOG && v.span.begin == 2 && v.entry == &r->abis[0].entries[1],
	   "the first entry that matches decides, and is named");
	ok(rules_eval(r, &six).ret == SECCOMP_RET_ALLOW, "then comes the next one");
}

static void test_new(struct arena *arena)
{
	struct rules *r = rules_new(arena);

	ok(r && r->otherwise == SECCOMP_RET_KILL_PROCESS && r->foreign == SECCOMP_RET_KILL_PROCESS,
	   "new rules kill");
	ok(r && rules_validate(r), "rules without an ABI aren't valid");
	ok(r && rules_add_abi(r, &X86_64) == 0 && !rules_validate(r) &&
		   rules_order(r) == CBPF_LITTLE_ENDIAN,
	   "rules with one are, and have its byte order");
	ok(r && rules_add_abi(r, &S390X) == 0 && rules_validate(r), "two byte orders aren't valid");
}

static const struct {
	const char *name;
	struct rules_entry entry;
	struct rules_test test;
} INVALID[] = {
	{ "an entry that ends before it begins", { .first = 2, .last = 1 }, { { 0, 0, 32, 0 } } },
	{ "an operand of 8 bits", { 0 }, { { 0, 0, 8, 0 } } },
	{ "a low word past the struct", { 0 }, { { CBPF_WORDS, 0, 32, 0 } } },
	{ "a high word past the struct", { 0 }, { { 0, CBPF_WORDS, 64, 0 } } },
	{ "one word as both halves", { 0 }, { { 4, 4, 64, 0 } } },
	{ "no such comparison", { 0 }, { { 0, 0, 32, 0 }, ALL, (enum rules_cmp)7, 0, NULL, 0 } },
	{ "ranges that aren't there", { 0 }, { { 0, 0, 32, 0 }, ALL, RULES_IN, 0, NULL, 1 } },
	{ "a range that ends before it begins",
	  { 0 },
	  { { 0, 0, 32, 0 }, ALL, RULES_IN, 0, &(const struct rules_range){ 2, 1 }, 1 } },
	{ "an unsigned range that ends before it begins",
	  { 0 },
	  { { 0, 0, 32, 0 }, ALL, RULES_IN, 0, &(const struct rules_range){ -1, 1 }, 1 } },
};

static void test_validate(struct arena *arena)
{
	const struct arch *const abis[2] = { &X86_64 };

	for (size_t i = 0; i < ARRAY_LEN(INVALID); i++) {
		struct rules *r = two_lists(arena, abis);
		struct rules_cond c = { .kind = RULES_TEST, .test = INVALID[i].test };
		struct rules_entry e = INVALID[i].entry;

		e.cond = &c;
		ok(!rules_validate(r) && rules_add(r, 0, &e) == 0 && rules_validate(r),
		   "invalid: %s", INVALID[i].name);
	}
}

int main(void)
{
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	test_comparisons();
	test_sets();
	test_connectives();
	test_long_chain(&arena);
	test_lists(&arena);
	test_first_match(&arena);
	test_new(&arena);
	test_validate(&arena);
	arena_deinit(&arena);
	return done();
}
