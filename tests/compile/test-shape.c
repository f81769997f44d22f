/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How programs look: exact lengths of small ones, what a typical policy costs, that nothing is
 * loaded twice, that plain allows stay provable for the kernel's cache, and what happens when a
 * program or the memory ends.
 */
#include "compile/compile.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>

#include "tap.h"

#define ALLOW  SECCOMP_RET_ALLOW
#define KILL   SECCOMP_RET_KILL_PROCESS
#define EPERM_ (SECCOMP_RET_ERRNO | 1)
#define ALL    UINT64_MAX

static const struct arch X86_64 = {
	"x86_64", "amd64", AUDIT_ARCH_X86_64, 0, ARCH_X86_64, 64, false
};
static const struct arch X32 = {
	"x32", NULL, AUDIT_ARCH_X86_64, ARCH_X32_BIT, ARCH_X32, 64, false
};
static const struct arch I386 = { "i386", NULL, AUDIT_ARCH_I386, 0, ARCH_I386, 32, false };

/* An arena, rules in it and the program made of them. */
struct made {
	struct arena arena;
	struct diags diags;
	struct rules *rules;
	struct cbpf_prog prog;
};

static void begin(struct made *m, const struct arch *arch)
{
	static const struct sources NONE;

	*m = (struct made){ 0 };
	arena_init(&m->arena, ARENA_DEFAULT_LIMIT);
	diags_init(&m->diags, &m->arena, &NONE);
	m->rules = rules_new(&m->arena);
	if (!m->rules || rules_add_abi(m->rules, arch) < 0)
		abort();
}

static void add(struct made *m, uint32_t nr, uint32_t ret, const struct rules_cond *cond)
{
	uint32_t line = (uint32_t)m->rules->abis[m->rules->len - 1].len;
	struct rules_entry e = { nr, nr, cond, ret, { 1, 100 * line, 100 * line + 9 } };

	if (rules_add(m->rules, m->rules->len - 1, &e) < 0)
		abort();
}

static int finish_for(struct made *m, struct compile_options options)
{
	options.validate = true;
	return compile_rules(&m->arena, &m->diags, m->rules, &options, &m->prog);
}

static int finish(struct made *m)
{
	return finish_for(m, (struct compile_options){ 0 });
}

static void end(struct made *m)
{
	arena_deinit(&m->arena);
}

static struct cbpf_run run(const struct made *m, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = AUDIT_ARCH_X86_64 };

	if (args)
		memcpy(data.args, args, sizeof(data.args));
	return cbpf_interp(m->prog.insns, m->prog.len, &data, CBPF_LITTLE_ENDIAN, NULL, NULL);
}

#define OPERAND(arg, bits, sign)                                                                   \
	{                                                                                          \
		CBPF_ARG_LOW(arg), CBPF_ARG_HIGH(arg), bits, sign                                  \
	}
#define COND(arg, bits, sign, mask, cmp, value)                                                    \
	{                                                                                          \
		.kind = RULES_TEST, .test = {                                                      \
			OPERAND(arg, bits, sign),                                                  \
			mask,                                                                      \
			cmp,                                                                       \
			value,                                                                     \
			NULL,                                                                      \
			0                                                                          \
		}                                                                                  \
	}

/* ---- one conditional entry: how many instructions its condition takes ---- */

static const struct rules_range THREE[] = { { 1, 1 }, { 2, 2 }, { 7, 9 } };
static const struct rules_range RUN[] = { { 4, 6 }, { 1, 3 }, { 7, 7 } };

static const struct {
	const char *name;
	struct rules_test test;
	unsigned insns; /* loads, masks and tests */
} TESTS[] = {
	{ "an int is one word", { OPERAND(0, 32, 1), ALL, RULES_EQ, 5, NULL, 0 }, 2 },
	{ "an int is at most 5", { OPERAND(0, 32, 0), ALL, RULES_LE, 5, NULL, 0 }, 2 },
	{ "a signed int is at most 5", { OPERAND(0, 32, 1), ALL, RULES_LE, 5, NULL, 0 }, 3 },
	{ "a signed int is negative", { OPERAND(0, 32, 1), ALL, RULES_LT, 0, NULL, 0 }, 2 },
	{ "a long is both words", { OPERAND(0, 64, 1), ALL, RULES_EQ, 5, NULL, 0 }, 4 },
	{ "a long is not 5", { OPERAND(0, 64, 1), ALL, RULES_NE, 5, NULL, 0 }, 4 },
	{ "a long is at most 5", { OPERAND(0, 64, 0), ALL, RULES_LE, 5, NULL, 0 }, 4 },
	{ "a long is above 2^32 + 5",
	  { OPERAND(0, 64, 0), ALL, RULES_GT, 0x100000005, NULL, 0 },
	  5 },
	{ "a long is below 2^32", { OPERAND(0, 64, 0), ALL, RULES_LT, 0x100000000, NULL, 0 }, 2 },
	{ "no bit of a mask is one jset", { OPERAND(0, 64, 0), 0x40, RULES_EQ, 0, NULL, 0 }, 2 },
	{ "a single bit is one jset", { OPERAND(0, 64, 0), 0x40, RULES_EQ, 0x40, NULL, 0 }, 2 },
	{ "two bits are masked", { OPERAND(0, 64, 0), 0x41, RULES_EQ, 0x41, NULL, 0 }, 3 },
	{ "bits in the upper half need only that",
	  { OPERAND(0, 64, 0), 0x4000000000, RULES_NE, 0, NULL, 0 },
	  2 },
	{ "16 bits are masked", { OPERAND(0, 16, 0), ALL, RULES_EQ, 5, NULL, 0 }, 3 },
	{ "a set is tests of one load", { OPERAND(0, 32, 0), ALL, RULES_IN, 0, THREE, 3 }, 5 },
	{ "neighbours in a set are one range", { OPERAND(0, 32, 0), ALL, RULES_IN, 0, RUN, 3 }, 3 },
	{ "a value outside its mask is no test",
	  { OPERAND(0, 32, 0), 6, RULES_EQ, 1, NULL, 0 },
	  0 },
};

static void test_lengths(void)
{
	for (size_t i = 0; i < ARRAY_LEN(TESTS); i++) {
		struct rules_cond cond = { .kind = RULES_TEST, .test = TESTS[i].test };
		/* ld arch, jeq, ld nr, jeq, ret, ret; without the call's test only one ret */
		size_t frame = TESTS[i].insns ? 6 : 1, len;
		struct made m;

		begin(&m, &X86_64);
		add(&m, 1, ALLOW, &cond);
		len = finish(&m) == 0 ? m.prog.len : 0;
		ok(len == frame + TESTS[i].insns, "%s: %u instructions%s", TESTS[i].name,
		   TESTS[i].insns, len == frame + TESTS[i].insns ? "" : ", not as many");
		if (len != frame + TESTS[i].insns)
			note("%zu, not %zu", len, frame + TESTS[i].insns);
		end(&m);
	}
}

/* ---- whole filters ---- */

static void test_ret_only(void)
{
	struct made m;

	begin(&m, &X86_64);
	m.rules->otherwise = m.rules->foreign = ALLOW;
	ok(finish(&m) == 0 && m.prog.len == 1, "rules that allow everything are one instruction");
	end(&m);
}

static void test_x32(void)
{
	struct made m;
	size_t same, different;

	begin(&m, &X86_64);
	add(&m, 1, ALLOW, NULL);
	same = finish(&m) == 0 ? m.prog.len : 0;
	end(&m);
	begin(&m, &X86_64);
	add(&m, 1, ALLOW, NULL);
	m.rules->otherwise = EPERM_;
	different = finish(&m) == 0 ? m.prog.len : 0;
	ok(same == 6, "x32 needs no test where the default answers it as well");
	ok(different == 9 && run(&m, 1, NULL).executed == 5 + 1,
	   "else it needs one, behind the numbers");
	end(&m);
}

static void test_merged_numbers(void)
{
	struct made m;

	begin(&m, &X86_64);
	for (uint32_t nr = 10; nr < 300; nr++)
		add(&m, nr, ALLOW, NULL);
	ok(finish(&m) == 0 && m.prog.len == 7, "300 neighbours are one interval");
	end(&m);
}

static void test_abis(void)
{
	struct seccomp_data data = { .nr = 1, .arch = AUDIT_ARCH_I386 };
	struct made m;

	begin(&m, &X86_64);
	add(&m, 1, ALLOW, NULL);
	if (rules_add_abi(m.rules, &I386) < 0)
		abort();
	add(&m, 1, ALLOW, NULL);
	ok(finish(&m) == 0 && m.prog.len == 7, "equal lists of two ABIs are one tree");
	ok(run(&m, 1, NULL).executed == 5 &&
		   cbpf_interp(m.prog.insns, m.prog.len, &data, CBPF_LITTLE_ENDIAN, NULL, NULL)
				   .executed == 6,
	   "the ABI that is listed first is asked for first");
	end(&m);
	begin(&m, &X32);
	add(&m, ARCH_X32_BIT + 1, ALLOW, NULL);
	ok(finish(&m) == 0 && run(&m, ARCH_X32_BIT + 1, NULL).ret == ALLOW &&
		   run(&m, 1, NULL).ret == KILL,
	   "x32 alone has only numbers with its bit");
	end(&m);
}

/* ---- a typical policy ---- */

static const uint16_t PLAIN[] = { 0,   1,   2,	 3,   4,   5,	7,   8,	  11,  12,  13,	 14,
				  15,  17,  18,	 20,  21,  22,	23,  24,  25,  28,  32,	 33,
				  35,  39,  42,	 43,  44,  45,	46,  47,  48,  49,  50,	 51,
				  52,  54,  55,	 60,  61,  63,	79,  96,  97,  98,  99,	 102,
				  104, 107, 108, 186, 202, 217, 218, 228, 231, 257, 262, 318 };

static const struct rules_range IOCTLS[] = { { 0x5401, 0x5401 },
					     { 0x5413, 0x5413 },
					     { 0x541b, 0x541b } };
static const struct rules_range FCNTLS[] = { { 1, 4 }, { 1030, 1030 } };
static const struct rules_cond CONDS[] = {
	COND(2, 32, true, 4, RULES_EQ, 0),
	COND(2, 32, true, 4, RULES_EQ, 0),
	{ .kind = RULES_TEST, .test = { OPERAND(1, 32, false), ALL, RULES_IN, 0, IOCTLS, 3 } },
	COND(0, 32, true, ALL, RULES_EQ, 1),
	COND(0, 64, false, 0x10000000, RULES_EQ, 0),
	{ .kind = RULES_TEST, .test = { OPERAND(1, 32, false), ALL, RULES_IN, 0, FCNTLS, 2 } },
};
static const struct {
	uint16_t nr;
	uint64_t args[6]; /* that pass */
} TESTED[] = {
	{ 9, { 0 } },  { 10, { 0 } }, { 16, { 0, 0x5413 } },
	{ 41, { 1 } }, { 56, { 0 } }, { 72, { 0, 4 } },
};

static void add_typical(struct made *m)
{
	for (size_t i = 0; i < ARRAY_LEN(PLAIN); i++)
		add(m, PLAIN[i], ALLOW, NULL);
	for (size_t i = 0; i < ARRAY_LEN(TESTED); i++)
		add(m, TESTED[i].nr, ALLOW, &CONDS[i]);
}

struct cost {
	size_t runs, sum, max;
};

static void count(struct cost *c, struct cbpf_run r)
{
	c->runs++;
	c->sum += r.executed;
	c->max = r.executed > c->max ? r.executed : c->max;
}

static void note_cost(const char *name, struct cost c)
{
	note("%s: %.2f instructions executed, at most %zu", name, (double)c.sum / (double)c.runs,
	     c.max);
}

/* What the program is to be good at, and how good: executed instructions in hundredths, on average.
 */
static const struct goal {
	const char *name;
	struct compile_options options;
	size_t len, plain, plain_max, tested, tested_max, denied;
} GOALS[] = {
	{ "executed", { 0 }, 84, 1300, 15, 1000, 12, 1000 },
	{ "all", { .weigh = COMPILE_WEIGH_ALL }, 92, 910, 13, 1500, 16, 1100 },
	{ "small", { .small = true }, 60, 1300, 15, 1100, 13, 1200 },
};

static bool is_within(struct cost c, size_t hundredths)
{
	return c.sum * 100 <= c.runs * hundredths;
}

static void test_typical(const struct goal *goal)
{
	struct compile_count counts[ARRAY_LEN(PLAIN) + ARRAY_LEN(TESTED)];
	struct compile_options options = goal->options;
	struct cost plain = { 0 }, tested = { 0 }, denied = { 0 };
	bool right = true;
	struct made m;

	begin(&m, &X86_64);
	add_typical(&m);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		uint32_t nr = i < ARRAY_LEN(PLAIN) ? PLAIN[i] : TESTED[i - ARRAY_LEN(PLAIN)].nr;

		counts[i] = (struct compile_count){ arch_syscall_by_nr(&X86_64, nr), 1 };
	}
	options.counts = counts;
	options.ncounts = ARRAY_LEN(counts);
	right = finish_for(&m, options) == 0 && m.prog.len <= goal->len;
	ok(right, "%s: 60 plain calls and 6 with tests: %zu instructions", goal->name, m.prog.len);
	for (size_t i = 0; i < ARRAY_LEN(PLAIN); i++) {
		struct cbpf_run r = run(&m, PLAIN[i], NULL);

		right &= r.ret == ALLOW;
		count(&plain, r);
	}
	for (size_t i = 0; i < ARRAY_LEN(TESTED); i++) {
		struct cbpf_run r = run(&m, TESTED[i].nr, TESTED[i].args);

		right &= r.ret == ALLOW;
		count(&tested, r);
	}
	for (uint32_t nr = 0; nr < 460; nr++) {
		struct cbpf_run r = run(&m, nr, (const uint64_t[6]){ ALL, ALL, ALL, 0, 0, 0 });

		if (r.ret == KILL)
			count(&denied, r);
	}
	ok(right, "%s: all of them are allowed", goal->name);
	ok(is_within(plain, goal->plain) && plain.max <= goal->plain_max &&
		   is_within(tested, goal->tested) && tested.max <= goal->tested_max &&
		   is_within(denied, goal->denied),
	   "%s: they take few steps", goal->name);
	note_cost("plain", plain);
	note_cost("tested", tested);
	note_cost("denied", denied);
	end(&m);
}

/* ---- spans ---- */

/* Two calls with conditions, one plain: ld arch, jeq, ld nr and three tests of it are nobody's. */
static void test_spans(void)
{
	static const struct rules_cond IS_5 = COND(0, 32, true, ALL, RULES_EQ, 5);
	static const struct rules_cond IS_6 = COND(1, 32, true, ALL, RULES_EQ, 6);
	size_t of[2] = { 0 }, none = 0, rets = 0;
	struct made m;

	begin(&m, &X86_64);
	add(&m, 1, EPERM_, &IS_5);
	add(&m, 3, ALLOW, &IS_6);
	add(&m, 5, ALLOW, NULL);
	if (finish(&m) != 0)
		abort();
	for (size_t i = 0; i < m.prog.len; i++) {
		struct span span = m.prog.spans[i];

		if (m.prog.insns[i].code == (BPF_RET | BPF_K))
			rets += m.prog.insns[i].k == EPERM_ ? span.begin == 0 && span.file == 1
							    : span.file == 0;
		else if (span.file == 0)
			none++;
		else
			of[span.begin / 100]++;
	}
	ok(of[0] == 2 && of[1] == 2, "the instructions of a condition carry its rule's span");
	ok(none == 6 && rets == 3, "what several rules share carries none");
	end(&m);
}

/* ---- the kernel's cache of constant allows: kernel/seccomp.c, seccomp_is_const_allow() ---- */

/* Does the kernel know that a number is always allowed? */
static bool is_constant_allow(const struct cbpf_prog *p, uint32_t arch, uint32_t nr)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *i = &p->insns[pc];
		bool taken;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k != 0 && i->k != 4)
				return false;
			a = i->k == 0 ? nr : arch;
			continue;
		case BPF_RET | BPF_K:
			return i->k == ALLOW;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			taken = a & i->k;
			break;
		default:
			return false;
		}
		pc += taken ? i->jt : i->jf;
	}
	return false;
}

static void test_cache(void)
{
	bool plain = true, tested = false, denied = false;
	struct made m;

	begin(&m, &X86_64);
	add_typical(&m);
	m.rules->otherwise = EPERM_;
	if (finish(&m) != 0)
		abort();
	for (size_t i = 0; i < ARRAY_LEN(PLAIN); i++)
		plain &= is_constant_allow(&m.prog, AUDIT_ARCH_X86_64, PLAIN[i]);
	for (size_t i = 0; i < ARRAY_LEN(TESTED); i++)
		tested |= is_constant_allow(&m.prog, AUDIT_ARCH_X86_64, TESTED[i].nr);
	for (uint32_t nr = 320; nr < 460; nr++)
		denied |= is_constant_allow(&m.prog, AUDIT_ARCH_X86_64, nr);
	ok(plain, "the kernel can prove each plain allow");
	ok(!tested && !denied, "and nothing else");
	end(&m);
}

/* ---- nothing is loaded twice ---- */

struct loads {
	const struct cbpf_prog *prog;
	uint32_t held; /* the offset of the raw word in A, or NOTHING_HELD */
	bool repeated;
};

#define NOTHING_HELD UINT32_MAX

static void watch(void *user, size_t pc, uint32_t a, uint32_t x)
{
	struct loads *l = user;
	const struct sock_filter *i = &l->prog->insns[pc];

	(void)a;
	(void)x;
	if (i->code == (BPF_LD | BPF_W | BPF_ABS)) {
		l->repeated |= i->k == l->held;
		l->held = i->k;
	} else if (BPF_CLASS(i->code) == BPF_ALU) {
		l->held = NOTHING_HELD;
	}
}

static void test_loads(void)
{
	struct loads l = { .held = NOTHING_HELD };
	struct made m;

	begin(&m, &X86_64);
	add_typical(&m);
	for (uint64_t i = 0; i < 40; i++) {
		struct rules_cond *c = arena_alloc(&m.arena, sizeof(*c));

		if (!c)
			abort();
		*c = (struct rules_cond)COND(i % 3, 32, false, i % 4 ? ALL : 0xff, RULES_EQ, i * 5);
		add(&m, 100, i % 2 ? ALLOW : EPERM_, c);
	}
	if (finish(&m) != 0)
		abort();
	l.prog = &m.prog;
	for (uint32_t nr = 0; nr < 320; nr++)
		for (uint64_t v = 0; v < 200; v++) {
			struct seccomp_data data = { .nr = (int)nr,
						     .arch = AUDIT_ARCH_X86_64,
						     .args = { v, v ^ 1, v + 5 } };

			l.held = NOTHING_HELD;
			cbpf_interp(m.prog.insns, m.prog.len, &data, CBPF_LITTLE_ENDIAN, watch, &l);
		}
	ok(!l.repeated, "a word that A holds is never loaded again");
	end(&m);
}

/* ---- limits ---- */

/* N values in one set, five apart. */
static void add_set(struct made *m, uint32_t nr, size_t n)
{
	struct rules_range *v = arena_array(&m->arena, n, sizeof(*v));
	struct rules_cond *c = arena_alloc(&m->arena, sizeof(*c));

	if (!v || !c)
		abort();
	for (size_t i = 0; i < n; i++)
		v[i].first = v[i].last = (int64_t)(5 * i + nr);
	*c = (struct rules_cond){ .kind = RULES_TEST,
				  .test = { OPERAND(1, 32, false), ALL, RULES_IN, 0, v, n } };
	add(m, nr, ALLOW, c);
}

static void test_large_set(void)
{
	bool right = true;
	struct made m;

	begin(&m, &X86_64);
	add_set(&m, 16, 3000);
	right = finish(&m) == 0;
	ok(right, "a set of 3,000 values fits: %zu instructions", m.prog.len);
	for (uint64_t v = 0; v < 16000 && m.prog.len; v++) {
		struct cbpf_run r = run(&m, 16, (const uint64_t[6]){ 0, v });
		bool is_in = v >= 16 && (v - 16) % 5 == 0 && (v - 16) / 5 < 3000;

		right &= r.ret == (is_in ? ALLOW : KILL) && r.executed < 32;
	}
	ok(right, "and takes few steps to answer rightly");
	end(&m);
}

static void test_many_rules(void)
{
	struct cost c = { 0 };
	bool right = true;
	struct made m;

	begin(&m, &X86_64);
	for (uint64_t i = 0; i < 500; i++) {
		struct rules_cond *cond = arena_alloc(&m.arena, sizeof(*cond));

		if (!cond)
			abort();
		*cond = (struct rules_cond)COND(1, 64, false, ALL, RULES_EQ, 3 * i);
		add(&m, 16, SECCOMP_RET_ERRNO | (uint32_t)(i % 3), cond);
	}
	right = finish(&m) == 0 && m.prog.len < 1000;
	ok(right, "500 rules about one argument: %zu instructions", m.prog.len);
	for (uint64_t v = 0; v < 1500; v++) {
		struct cbpf_run r = run(&m, 16, (const uint64_t[6]){ 0, v });

		right &= r.ret == (v % 3 ? KILL : SECCOMP_RET_ERRNO | (uint32_t)(v / 3 % 3));
		count(&c, r);
	}
	ok(right && c.max < 30, "are searched as a tree");
	note_cost("500 rules", c);
	end(&m);
}

static void test_too_long(void)
{
	const struct diag *d;
	const struct diag_note *n;
	struct made m;

	begin(&m, &X86_64);
	for (uint32_t nr = 1; nr <= 5; nr++)
		add_set(&m, 2 * nr, 300 * nr);
	ok(finish(&m) == -EINVAL && m.diags.errors == 1, "a program that is too long is an error");
	d = m.diags.first;
	n = d ? d->notes : NULL;
	ok(d && d->code == DIAG_PROGRAM_TOO_LONG && d->span.begin == 400,
	   "it is placed at the heaviest rule");
	ok(n && n->span.begin == 400 && n->next && n->next->span.begin == 300 && n->next->next &&
		   n->next->next->span.begin == 200 && !n->next->next->next,
	   "it names the three heaviest");
	end(&m);
}

/* Every number of bytes that an arena can end at, in steps of what an allocation takes at least. */
static void test_memory(void)
{
	struct compile_options options = { .validate = true };
	struct diags diags;
	struct arena arena;
	struct made m;
	bool right = true;
	size_t failures = 0;
	int r = -ENOMEM;

	begin(&m, &X86_64);
	add_typical(&m);
	for (size_t limit = 0; r == -ENOMEM; limit += 64) {
		struct cbpf_prog p;

		arena_init(&arena, limit);
		diags_init(&diags, &arena, m.diags.sources);
		r = compile_rules(&arena, &diags, m.rules, &options, &p);
		right &= r == 0 || (r == -ENOMEM && diags.errors == 0);
		failures += r == -ENOMEM;
		arena_deinit(&arena);
	}
	ok(right && r == 0 && failures > 20, "without memory it says so: %zu times", failures);
	end(&m);
}

int main(void)
{
	test_lengths();
	test_ret_only();
	test_x32();
	test_merged_numbers();
	test_abis();
	for (size_t i = 0; i < ARRAY_LEN(GOALS); i++)
		test_typical(&GOALS[i]);
	test_spans();
	test_cache();
	test_loads();
	test_large_set();
	test_many_rules();
	test_too_long();
	test_memory();
	return done();
}
