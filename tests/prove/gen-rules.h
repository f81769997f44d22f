/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random rules that validate: overlapping ranges of few numbers, and conditions with every kind of
 * operand, mask and comparison. The ABIs are stand-ins with what rules look at: token, byte order
 * and x32's column.
 */
#ifndef STRAIT_TESTS_PROVE_GEN_RULES_H
#define STRAIT_TESTS_PROVE_GEN_RULES_H

#include <linux/audit.h>

#include "rules/rules.h"

#include "gen.h"

static const struct arch little_abis[] = {
	{ .name = "x86_64",
	  .audit = AUDIT_ARCH_X86_64,
	  .column = ARCH_X86_64,
	  .register_bits = 64 },
	{ .name = "x32", .audit = AUDIT_ARCH_X86_64, .column = ARCH_X32, .register_bits = 64 },
	{ .name = "i386", .audit = AUDIT_ARCH_I386, .column = ARCH_I386, .register_bits = 32 },
};

static const struct arch big_abis[] = {
	{ .name = "s390x",
	  .audit = AUDIT_ARCH_S390X,
	  .column = ARCH_S390X,
	  .register_bits = 64,
	  .big_endian = true },
	{ .name = "s390",
	  .audit = AUDIT_ARCH_S390,
	  .column = ARCH_S390,
	  .register_bits = 32,
	  .big_endian = true },
};

static inline struct rules_operand gen_operand(struct gen *g)
{
	static const uint8_t bits[] = { 16, 32, 32, 64, 64 };
	struct rules_operand o = { .low = CBPF_ARG_LOW(gen_below(g, 3)),
				   .bits = bits[gen_below(g, ARRAY_LEN(bits))],
				   .is_signed = gen_below(g, 2) };

	if (gen_below(g, 10) == 0)
		o.low = CBPF_NR;
	o.high = o.low == CBPF_NR ? CBPF_ARCH : o.low + 1;
	/* A 64-bit value that 32-bit registers hold in two arguments. */
	if (gen_below(g, 4) == 0)
		o.high = CBPF_ARG_LOW(5);
	return o;
}

static inline uint64_t gen_value64(struct gen *g)
{
	uint64_t low = gen_value(g);

	switch (gen_below(g, 4)) {
	case 0:
		return (uint64_t)gen_value(g) << 32 | low;
	case 1:
		return (uint64_t)(int32_t)low;
	default:
		return low;
	}
}

static inline const struct rules_range *gen_ranges(struct gen *g, struct arena *arena,
						   bool is_signed, size_t len)
{
	struct rules_range *ranges = arena_array(arena, len, sizeof(*ranges));

	for (size_t i = 0; ranges && i < len; i++) {
		int64_t a = (int64_t)gen_value64(g), b = (int64_t)gen_value64(g);
		bool swap = is_signed ? a > b : (uint64_t)a > (uint64_t)b;

		ranges[i] = (struct rules_range){ swap ? b : a, swap ? a : b };
	}
	return ranges;
}

static inline const struct rules_cond *gen_cond(struct gen *g, struct arena *arena, unsigned depth)
{
	struct rules_cond *c = arena_alloc(arena, sizeof(*c));

	if (!c)
		return NULL;
	c->kind = depth == 0 ? RULES_TEST : (enum rules_cond_kind)gen_below(g, RULES_CONST + 1);
	switch (c->kind) {
	case RULES_CONST:
		c->constant = gen_below(g, 2);
		break;
	case RULES_TEST:
		c->test = (struct rules_test){
			.operand = gen_operand(g),
			.mask = gen_below(g, 3) ? UINT64_MAX : gen_value64(g),
			.cmp = (enum rules_cmp)gen_below(g, RULES_IN + 1),
			.value = gen_value64(g),
			.nranges = gen_below(g, 4),
		};
		c->test.ranges = gen_ranges(g, arena, c->test.operand.is_signed, c->test.nranges);
		break;
	default:
		c->left = gen_cond(g, arena, depth - 1);
		c->right = gen_cond(g, arena, depth - 1);
	}
	return c;
}

static inline struct rules_entry gen_entry(struct gen *g, struct arena *arena,
					   const struct arch *arch)
{
	struct rules_entry e = { .first = gen_below(g, 12), .ret = gen_ret(g) };

	e.last = e.first + (gen_below(g, 3) ? 0 : gen_below(g, 6));
	if (arch->column == ARCH_X32) {
		e.first |= ARCH_X32_BIT;
		e.last |= ARCH_X32_BIT;
	}
	if (gen_below(g, 12) == 0) {
		e.first = 0;
		e.last = UINT32_MAX;
	}
	if (gen_below(g, 5) < 3)
		e.cond = gen_cond(g, arena, 2);
	return e;
}

/* NULL: out of memory. */
static inline struct rules *gen_rules(struct gen *g, struct arena *arena, bool big_endian)
{
	const struct arch *abis = big_endian ? big_abis : little_abis;
	size_t len = big_endian ? ARRAY_LEN(big_abis) : ARRAY_LEN(little_abis);
	struct rules *r = rules_new(arena);

	if (!r)
		return NULL;
	r->otherwise = gen_ret(g);
	r->foreign = gen_ret(g);
	for (size_t i = 0; i < len; i++) {
		if (i < len - 1 && gen_below(g, 3) == 0)
			continue;
		if (rules_add_abi(r, &abis[i]) < 0)
			return NULL;
		for (size_t n = gen_below(g, 10); n > 0; n--) {
			struct rules_entry e = gen_entry(g, arena, &abis[i]);

			if (rules_add(r, r->len - 1, &e) < 0)
				return NULL;
		}
	}
	return r;
}

/* A call of one of the ABIs, mostly; its words come from the same values as those of the rules. */
static inline struct seccomp_data gen_rules_call(struct gen *g, const struct rules *r)
{
	struct seccomp_data data = { 0 };
	const struct arch *arch = r->abis[gen_below(g, (uint32_t)r->len)].arch;

	for (unsigned w = 0; w < CBPF_WORDS; w++)
		cbpf_data_set_word(&data, w, gen_value(g));
	if (gen_below(g, 10))
		cbpf_data_set_word(&data, CBPF_ARCH, arch->audit);
	if (gen_below(g, 10))
		cbpf_data_set_word(&data, CBPF_NR,
				   gen_below(g, 20) |
					   (arch->column == ARCH_X32 ? ARCH_X32_BIT : 0));
	return data;
}

#endif
