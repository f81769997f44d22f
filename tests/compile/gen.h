/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random rules, and calls that are hard for them: each constant of the rules and its neighbours, in
 * every word, so that the calls reach the corners that uniformly random ones never would.
 */
#ifndef STRAIT_TESTS_COMPILE_GEN_H
#define STRAIT_TESTS_COMPILE_GEN_H

#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

#define GEN_POOL 512

struct gen {
	uint64_t state; /* not 0 */
	struct arena *arena;
	uint64_t pool[GEN_POOL]; /* constants of the rules */
	size_t npool;
	unsigned operands; /* how many different arguments tests are about: few meet more often */
};

static const uint32_t GEN_RETS[] = {
	SECCOMP_RET_ALLOW,	    SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
	SECCOMP_RET_ERRNO | 1,	    SECCOMP_RET_ERRNO | 38,   SECCOMP_RET_LOG,
	SECCOMP_RET_TRACE | 0xffff,
};

/* xorshift64*: enough for tests, the same everywhere. */
static inline uint64_t gen_next(struct gen *g)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return g->state * UINT64_C(2685821657736338717);
}

/* Below N. */
static inline unsigned gen_below(struct gen *g, unsigned n)
{
	return (unsigned)((gen_next(g) >> 33) % n);
}

static inline bool gen_once_in(struct gen *g, unsigned n)
{
	return gen_below(g, n) == 0;
}

/* Any ABI, and often one of the three that a filter on x86-64 meets. */
static inline const struct arch *gen_arch(struct gen *g)
{
	unsigned len = 0;

	while (arch_at(len))
		len++;
	return arch_at(gen_below(g, gen_once_in(g, 3) ? 3 : len));
}

static inline uint64_t gen_remember(struct gen *g, uint64_t value)
{
	g->pool[g->npool < GEN_POOL ? g->npool++ : gen_below(g, GEN_POOL)] = value;
	return value;
}

static inline uint64_t gen_constant(struct gen *g)
{
	unsigned shift = gen_below(g, 64);

	switch (gen_below(g, 7)) {
	case 0:
	case 1:
		return gen_below(g, 6);
	case 2:
		return UINT64_C(1) << shift;
	case 3:
		return (UINT64_C(1) << shift) - 1;
	case 4:
		return ~UINT64_C(0) << shift;
	case 5:
		return (uint64_t)gen_below(g, 3) << 32 | gen_below(g, 6);
	default:
		return gen_next(g) >> shift;
	}
}

static inline struct rules_operand gen_operand(struct gen *g)
{
	static const uint8_t BITS[] = { 16, 32, 64, 64 };
	unsigned arg = gen_below(g, g->operands), low = CBPF_ARG_LOW(arg), high = low + 1;

	if (gen_once_in(g, 8)) {
		low = gen_below(g, CBPF_WORDS);
		high = low ^ 1;
	}
	if (gen_once_in(g, 4)) /* split over two arguments */
		high = CBPF_ARG_LOW((arg + 1) % 6);
	if (high == low)
		high = low ^ 1;
	return (struct rules_operand){ (uint8_t)low, (uint8_t)high, BITS[gen_below(g, 4)],
				       gen_once_in(g, 2) };
}

static inline void gen_ranges(struct gen *g, struct rules_test *t)
{
	size_t len = gen_once_in(g, 12) ? gen_below(g, 300) : gen_below(g, 6);
	struct rules_range *v = arena_array(g->arena, len + 1, sizeof(*v));

	for (size_t i = 0; v && i < len; i++) {
		int64_t a = (int64_t)gen_remember(g, gen_constant(g) + gen_below(g, 50));
		int64_t b = gen_once_in(g, 2) ? a : (int64_t)gen_remember(g, gen_constant(g));
		bool swap = t->operand.is_signed ? a > b : (uint64_t)a > (uint64_t)b;

		v[i] = swap ? (struct rules_range){ b, a } : (struct rules_range){ a, b };
	}
	t->ranges = v;
	t->nranges = v ? len : 0;
}

static inline struct rules_test gen_test(struct gen *g)
{
	struct rules_test t = { .operand = gen_operand(g), .mask = UINT64_MAX };

	if (gen_once_in(g, 3))
		t.mask = gen_remember(g, gen_constant(g));
	t.cmp = (enum rules_cmp)gen_below(g, RULES_IN + 1);
	if (t.cmp == RULES_IN)
		gen_ranges(g, &t);
	else
		t.value = gen_remember(g, gen_once_in(g, 4) ? t.mask : gen_constant(g));
	return t;
}

static inline const struct rules_cond *gen_cond(struct gen *g, unsigned depth)
{
	struct rules_cond *c = arena_alloc(g->arena, sizeof(*c));

	if (!c)
		abort();
	c->kind = depth == 0 || gen_once_in(g, 3) ? RULES_TEST
						  : (enum rules_cond_kind)gen_below(g, 4);
	if (gen_once_in(g, 20)) {
		c->kind = RULES_CONST;
		c->constant = gen_once_in(g, 2);
	} else if (c->kind == RULES_TEST) {
		c->test = gen_test(g);
	} else {
		c->left = gen_cond(g, depth - 1);
		c->right = c->kind == RULES_NOT ? NULL : gen_cond(g, depth - 1);
	}
	return c;
}

static inline uint32_t gen_number(struct gen *g, const struct arch *arch)
{
	static const uint32_t CORNERS[] = { 0,		0x3fffffff, 0x40000000, 0x7fffffff,
					    0x80000000, 0xbfffffff, 0xc0000000, 0xffffffff };

	if (gen_once_in(g, 12))
		return CORNERS[gen_below(g, ARRAY_LEN(CORNERS))];
	return arch->nr_base + gen_below(g, gen_once_in(g, 3) ? 400 : 30);
}

static inline struct rules_entry gen_entry(struct gen *g, const struct arch *arch, size_t i)
{
	uint32_t a = gen_number(g, arch), b = gen_once_in(g, 5) ? gen_number(g, arch) : a;
	struct rules_entry e = { .first = a < b ? a : b,
				 .last = a < b ? b : a,
				 .ret = GEN_RETS[gen_below(g, ARRAY_LEN(GEN_RETS))],
				 .span = { 1, (uint32_t)i, (uint32_t)i + 1 } };

	if (gen_once_in(g, 2))
		e.cond = gen_cond(g, gen_below(g, 4));
	gen_remember(g, e.first);
	gen_remember(g, e.last);
	return e;
}

static inline bool gen_has_abi(const struct rules *r, const struct arch *arch)
{
	for (size_t i = 0; i < r->len; i++)
		if (r->abis[i].arch == arch)
			return true;
	return false;
}

static inline struct rules *gen_rules(struct gen *g)
{
	struct rules *r = rules_new(g->arena);
	bool big_endian = gen_once_in(g, 3);
	unsigned wanted = 1 + gen_below(g, 3);

	g->operands = 1 + gen_below(g, 6);
	if (!r)
		abort();
	r->otherwise = GEN_RETS[gen_below(g, ARRAY_LEN(GEN_RETS))];
	r->foreign = GEN_RETS[gen_below(g, ARRAY_LEN(GEN_RETS))];
	r->otherwise_span = (struct span){ 1, 1000, 1001 };
	while (r->len < wanted) {
		const struct arch *arch = gen_arch(g);
		size_t len = gen_once_in(g, 10) ? gen_below(g, 200) : gen_below(g, 12);

		if (arch->big_endian != big_endian || gen_has_abi(r, arch))
			continue;
		if (rules_add_abi(r, arch) < 0)
			abort();
		for (size_t i = 0; i < len; i++) {
			struct rules_entry e = gen_entry(g, arch, i);

			if (rules_add(r, r->len - 1, &e) < 0)
				abort();
		}
	}
	return r;
}

/* A word of a constant, itself or just beside it, or a bit of it flipped; or garbage. */
static inline uint32_t gen_word(struct gen *g)
{
	uint64_t value = g->npool ? g->pool[gen_below(g, (unsigned)g->npool)] : 0;
	uint32_t word = (uint32_t)(gen_once_in(g, 3) ? value >> 32 : value);

	switch (gen_below(g, 8)) {
	case 0:
		return word - 1;
	case 1:
		return word + 1;
	case 2:
		return word ^ 1u << gen_below(g, 32);
	case 3:
		return gen_below(g, 4);
	case 4:
		return (uint32_t)gen_next(g);
	default:
		return word;
	}
}

static inline struct seccomp_data gen_call(struct gen *g, const struct rules *r)
{
	const struct rules_abi *abi = &r->abis[gen_below(g, (unsigned)r->len)];
	struct seccomp_data data = { 0 };
	uint32_t nr = gen_word(g);

	for (unsigned w = CBPF_IP_LOW; w < CBPF_WORDS; w++)
		cbpf_data_set_word(&data, w, gen_word(g));
	if (abi->len > 0 && !gen_once_in(g, 4))
		nr = abi->entries[gen_below(g, (unsigned)abi->len)].first;
	if (gen_once_in(g, 8))
		nr ^= ARCH_X32_BIT;
	data.nr = (int)nr;
	data.arch = abi->arch->audit;
	if (gen_once_in(g, 16))
		data.arch = gen_arch(g)->audit;
	if (gen_once_in(g, 64))
		data.arch = gen_word(g);
	return data;
}

#endif
