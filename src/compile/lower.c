/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From rules to a graph: which ABI, which number, which conditions.
 *
 * A test of the ABI's token comes first, in the order the policy lists them. For each token one
 * map over all 2^32 numbers says what decides which; neighbours with the same decision are one
 * interval of it, and a search tree finds the interval. x32's bit needs no test of its own: its
 * numbers are a part of the map.
 */
#include <errno.h>

#include "compile/graph.h"

static const struct span NOWHERE;

/* x86_64 and x32 by turns; to all other ABIs these are just four pieces of one list. */
static const struct {
	uint32_t first, last;
} PARTS[] = {
	{ 0, ARCH_X32_BIT - 1 },
	{ ARCH_X32_BIT, 2 * ARCH_X32_BIT - 1 },
	{ 2 * ARCH_X32_BIT, 3 * ARCH_X32_BIT - 1 },
	{ 3 * ARCH_X32_BIT, UINT32_MAX },
};

struct start {
	uint32_t first; /* number */
	size_t entry;
};

/* Walks over the numbers, with the entries that are about the one at hand. */
struct sweep {
	struct ir *ir;
	const struct rules *rules;
	const struct rules_entry *entries;
	struct start *starts; /* by number */
	size_t nstarts, next;
	size_t *active; /* indexes of entries, in the policy's order */
	size_t nactive;
};

static int by_first(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

static bool sweep_init(struct sweep *s, const struct rules_abi *abi)
{
	struct ir *ir = s->ir;

	s->entries = abi->entries;
	s->starts = arena_array(ir->arena, abi->len + 1, sizeof(*s->starts));
	s->active = arena_array(ir->arena, abi->len + 1, sizeof(*s->active));
	if (!s->starts || !s->active) {
		ir->status = -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < abi->len; i++)
		s->starts[s->nstarts++] = (struct start){ abi->entries[i].first, i };
	qsort(s->starts, s->nstarts, sizeof(*s->starts), by_first);
	return true;
}

static void activate(struct sweep *s, size_t entry)
{
	size_t i = s->nactive;

	for (; i > 0 && s->active[i - 1] > entry; i--)
		s->active[i] = s->active[i - 1];
	s->active[i] = entry;
	ir_charge(s->ir, s->nactive++ - i);
}

/* Makes `active` what is about NR, and returns the last number that nothing changes before. */
static uint32_t advance(struct sweep *s, uint32_t nr)
{
	uint32_t last = UINT32_MAX;
	size_t kept = 0;

	while (s->next < s->nstarts && s->starts[s->next].first <= nr && !s->ir->status)
		activate(s, s->starts[s->next++].entry);
	if (s->next < s->nstarts)
		last = s->starts[s->next].first - 1;
	ir_charge(s->ir, s->nactive + 1);
	for (size_t i = 0; i < s->nactive; i++) {
		uint32_t end = s->entries[s->active[i]].last;

		if (end < nr)
			continue;
		if (end < last)
			last = end;
		s->active[kept++] = s->active[i];
	}
	s->nactive = kept;
	return last;
}

static ir_ref decide(const struct sweep *s)
{
	const struct rules *r = s->rules;
	size_t n = 0;
	ir_ref to;

	while (n < s->nactive && s->entries[s->active[n]].cond)
		n++;
	/* The first one without a condition hides those behind it and the default. */
	if (n < s->nactive) {
		const struct rules_entry *e = &s->entries[s->active[n]];

		to = ir_leaf(s->ir, e->ret, e->span);
	} else {
		to = ir_leaf(s->ir, r->otherwise, r->otherwise_span);
	}
	while (n-- > 0) {
		const struct rules_entry *e = &s->entries[s->active[n]];
		ir_ref yes = ir_leaf(s->ir, e->ret, e->span);

		to = condition_lower(s->ir, e->cond, e->span, (struct branches){ yes, to });
	}
	return to;
}

/* Adds the numbers of a part, which all belong to one list, or to none. */
static void map_part(struct ir *ir, const struct rules *r, uint32_t token, size_t part,
		     struct intervals *map)
{
	const struct rules_abi *abi = rules_abi_of_call(r, token, PARTS[part].first);
	struct sweep s = { .ir = ir, .rules = r };
	uint32_t nr = PARTS[part].first;

	if (!abi) {
		ir_ref to = ir_leaf(ir, r->foreign, r->foreign_span);

		intervals_add(ir, map, (struct interval){ nr, to, NOWHERE, 0 });
		return;
	}
	if (!sweep_init(&s, abi))
		return;
	for (;;) {
		uint32_t last = advance(&s, nr);

		intervals_add(ir, map, (struct interval){ nr, decide(&s), NOWHERE, 0 });
		if (ir->status || last >= PARTS[part].last)
			return;
		nr = last + 1;
	}
}

static ir_ref lower_token(struct ir *ir, const struct rules *r, uint32_t token)
{
	struct intervals map = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(PARTS); i++)
		map_part(ir, r, token, i, &map);
	intervals_join_tail(ir, &map);
	weigh_numbers(ir, token, &map);
	return search_tree(ir, CBPF_NR, IR_WHOLE, &map);
}

/* Did an ABI before the i-th have its token? */
static bool is_repeated(const struct rules *r, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (r->abis[j].arch->audit == r->abis[i].arch->audit)
			return true;
	return false;
}

ir_ref lower_rules(struct ir *ir, const struct rules *r)
{
	ir_ref to = ir_leaf(ir, r->foreign, r->foreign_span);

	for (size_t i = r->len; i-- > 0 && !ir->status;) {
		uint32_t token = r->abis[i].arch->audit;

		if (is_repeated(r, i))
			continue;
		to = ir_test(ir, (struct ir_node){ .op = IR_EQ,
						   .word = CBPF_ARCH,
						   .mask = IR_WHOLE,
						   .k = token,
						   .yes = lower_token(ir, r, token),
						   .no = to });
	}
	return to;
}
