/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/clauses.h"

#include "decompile/cond.h"

/* Up to so many answers, every order is tried. */
#define ORDERED_MAX 3
/* What a rule costs beside its condition. */
#define RULE_COST 16

struct answers {
	uint32_t list[CLAUSES_MAX];
	size_t len;
	bool too_many;
};

static void add_answer(void *user, uint32_t value)
{
	struct answers *a = user;

	if (a->len == CLAUSES_MAX)
		a->too_many = true;
	else
		a->list[a->len++] = value;
}

/* What is looked for, and the best so far. */
struct search {
	struct scope *s;
	prove_fn fn;
	uint32_t last;	  /* what is answered where no rule of the list matches */
	bool is_fallback; /* ... without a rule for it */
	struct clauses best;
	bool found;
};

/* One rule for each answer of the list, in that order. A rule may match what an earlier one took.
 */
static bool in_order(const struct search *x, const struct answers *a, struct clauses *out)
{
	struct logic *l = x->s->l;
	prove_fn taken = PROVE_FALSE;

	*out = (struct clauses){ 0 };
	for (size_t i = 0; i < a->len; i++) {
		prove_fn lower = logic_is(l, x->fn, a->list[i]);
		prove_fn upper = logic_or(l, lower, taken);
		const struct term *t = cond_term_between(x->s, lower, upper);

		if (!t || out->len == CLAUSES_MAX)
			return false;
		out->list[out->len++] = (struct clause){ t, a->list[i] };
		out->cost += t->cost + RULE_COST;
		taken = upper;
	}
	if (x->is_fallback)
		return true;
	if (out->len == CLAUSES_MAX)
		return false;
	out->list[out->len++] = (struct clause){ NULL, x->last };
	out->cost += RULE_COST;
	return true;
}

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t t = *a;

	*a = *b;
	*b = t;
}

/* All orders of the answers from FIRST on. */
/* NOLINTNEXTLINE(misc-no-recursion): ORDERED_MAX deep */
static void try_orders(struct search *x, struct answers *a, size_t first)
{
	struct clauses one;

	if (first + 1 >= a->len || a->len > ORDERED_MAX) {
		if (!in_order(x, a, &one) || (x->found && x->best.cost <= one.cost))
			return;
		x->best = one;
		x->found = true;
		return;
	}
	for (size_t i = first; i < a->len; i++) {
		swap(&a->list[first], &a->list[i]);
		try_orders(x, a, first + 1);
		swap(&a->list[first], &a->list[i]);
	}
}

static bool take_out(struct answers *a, uint32_t value)
{
	for (size_t i = 0; i < a->len; i++) {
		if (a->list[i] != value)
			continue;
		a->list[i] = a->list[--a->len];
		return true;
	}
	return false;
}

bool clauses_find(struct scope *s, prove_fn fn, const uint32_t *fallback, struct clauses *out)
{
	struct search x = { .s = s, .fn = fn };
	struct answers all = { 0 }, others;

	logic_leaves(s->l, fn, add_answer, &all);
	if (all.too_many)
		return false;
	others = all;
	x.is_fallback = fallback && take_out(&others, *fallback);
	if (x.is_fallback) {
		x.last = *fallback;
		try_orders(&x, &others, 0);
	}
	for (size_t i = 0; !x.is_fallback && i < all.len; i++) {
		others = all;
		take_out(&others, all.list[i]);
		x.last = all.list[i];
		try_orders(&x, &others, 0);
	}
	*out = x.best;
	return x.found && prove_status(s->l->space) == 0;
}
