/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls are put together from the constants that the filters themselves compare each word with,
 * their neighbours, and random bits: where two filters differ, it is mostly at the edge of a test
 * of one of them.
 */
#include "prove/search.h"

#include <assert.h>
#include <errno.h>

/* Instructions and entries that may be looked at, and calls tried. */
#define STEPS_MAX ((size_t)1 << 26)
#define CALLS_MAX ((size_t)1 << 17)

/* What a word is compared with. */
struct pool {
	uint32_t *values;
	size_t len, room;
};

struct search {
	struct arena *arena;
	struct pool pools[CBPF_WORDS];
	uint64_t random;
	bool failed;
};

static void add(struct search *s, unsigned word, uint32_t value)
{
	struct pool *p = &s->pools[word];
	uint32_t *values = arena_grow(s->arena, p->values, p->len, &p->room, sizeof(*values));

	if (!values) {
		s->failed = true;
		return;
	}
	p->values = values;
	p->values[p->len++] = value;
}

/* A constant is taken to be about the word loaded last, in the order of the text. */
static void add_program(struct search *s, const struct cbpf_prog *p, enum cbpf_order order)
{
	unsigned word = CBPF_NR;

	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *insn = &p->insns[pc];

		if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
			word = cbpf_offset_word(insn->k, order);
		else if (BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == BPF_ALU)
			add(s, word, insn->k);
	}
}

static void add_value(struct search *s, const struct rules_operand *o, uint64_t value)
{
	add(s, o->low, (uint32_t)value);
	if (o->bits == 64)
		add(s, o->high, (uint32_t)(value >> 32));
}

static void add_test(struct search *s, const struct rules_test *t)
{
	add_value(s, &t->operand, t->mask);
	if (t->cmp != RULES_IN)
		add_value(s, &t->operand, t->value);
	else
		for (size_t i = 0; i < t->nranges; i++) {
			add_value(s, &t->operand, (uint64_t)t->ranges[i].first);
			add_value(s, &t->operand, (uint64_t)t->ranges[i].last);
		}
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as RULES_DEPTH_MAX, on the right side only */
static void add_cond(struct search *s, const struct rules_cond *cond, unsigned depth)
{
	assert(depth > 0);
	for (; cond && !s->failed; cond = cond->left) {
		if (cond->kind == RULES_TEST)
			add_test(s, &cond->test);
		if (cond->kind == RULES_TEST || cond->kind == RULES_CONST)
			return;
		if (cond->kind == RULES_AND || cond->kind == RULES_OR)
			add_cond(s, cond->right, depth - 1);
	}
}

static void add_rules(struct search *s, const struct rules *rules)
{
	for (size_t i = 0; i < rules->len; i++) {
		const struct rules_abi *abi = &rules->abis[i];

		add(s, CBPF_ARCH, abi->arch->audit);
		for (size_t j = 0; j < abi->len; j++) {
			add(s, CBPF_NR, abi->entries[j].first);
			add(s, CBPF_NR, abi->entries[j].last);
			add_cond(s, abi->entries[j].cond, RULES_DEPTH_MAX);
		}
	}
}

/* Takes the constants of a subject; returns what running it costs at most. */
static size_t add_subject(struct search *s, const struct prove_subject *subject,
			  enum cbpf_order order)
{
	size_t cost = 1;

	if (subject->rules) {
		add_rules(s, subject->rules);
		for (size_t i = 0; i < subject->rules->len; i++)
			cost += subject->rules->abis[i].len;
		return cost;
	}
	for (size_t i = 0; i < subject->nprogs; i++) {
		add_program(s, &subject->progs[i], order);
		cost += subject->progs[i].len;
	}
	return cost;
}

/* Marsaglia's xorshift64. */
static uint32_t draw(struct search *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 32);
}

static uint32_t draw_word(struct search *s, const struct pool *p)
{
	uint32_t how = draw(s) % 8, value = draw(s);

	if (p->len > 0 && how < 6)
		return p->values[value % p->len] + (how == 4) - (how == 5);
	if (how == 6)
		return value;
	return how & 1 ? 0 : 1u << value % 32;
}

int prove_search(struct arena *arena, const struct prove_subject *const subjects[2],
		 enum prove_op op, enum cbpf_order order, struct seccomp_data *data)
{
	struct search s = { .arena = arena, .random = 0x9e3779b97f4a7c15 };
	size_t cost = add_subject(&s, subjects[0], order) + add_subject(&s, subjects[1], order);
	size_t calls = STEPS_MAX / cost < CALLS_MAX ? STEPS_MAX / cost : CALLS_MAX;

	if (s.failed)
		return -ENOMEM;
	for (size_t i = 0; i < calls; i++) {
		struct seccomp_data call = { 0 };

		for (unsigned w = 0; w < CBPF_WORDS; w++)
			cbpf_data_set_word(&call, w, draw_word(&s, &s.pools[w]));
		if (prove_op_value(op, prove_run_subject(subjects[0], &call, order),
				   prove_run_subject(subjects[1], &call, order))) {
			*data = call;
			return 1;
		}
	}
	return 0;
}
