/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a function of several variables to tests of one each. What is looked for is any function
 * between a lower and an upper one; the room between them comes from what other parts of the
 * condition say already, and is what makes terms short.
 *
 * A variable that doesn't matter within that room is dropped. One that is independent of the others
 * becomes an operand of && (x in S && rest) or of || (x in S || rest). Otherwise the values of one
 * variable are sorted by what they leave of the function, and each sort becomes a product; what all
 * values leave goes apart. That is Minato and Morreale's irredundant sum of products (1988, 1993)
 * with variables of many values, each product's rest written the same way again.
 */
#include "decompile/cond.h"

#include <errno.h>

#include "decompile/set.h"

/* More sorts of values than this can't be told in a condition that anybody reads. */
#define CELLS_MAX 64
/* Parts within parts. */
#define DEPTH_MAX 24

struct problem {
	struct scope *s;
	prove_fn lower, upper;
	uint32_t words; /* that either looks at */
	unsigned depth;
};

/* Some values of a variable, and what they leave of the problem. */
struct cell {
	prove_fn values;
	prove_fn lower, upper;
	bool is_covered;
};

struct cells {
	struct cell list[CELLS_MAX];
	size_t len;
};

static const struct term *find(struct scope *s, prove_fn lower, prove_fn upper, unsigned depth);

static uint32_t all_but(uint32_t words)
{
	return ~words & ((1u << CBPF_WORDS) - 1);
}

/* ---- a variable apart ---- */

/* Leaves out what doesn't matter. */
static void drop_variables(struct problem *p)
{
	struct logic *l = p->s->l;

	for (size_t i = p->s->len; i-- > 0;) {
		uint32_t words = p->s->vars[i].words;
		prove_fn lower, upper;

		if (!(p->words & words))
			continue;
		lower = logic_exists(l, p->lower, all_but(words));
		upper = logic_forall(l, p->upper, all_but(words));
		if (!logic_implies(l, lower, upper))
			continue;
		p->lower = lower;
		p->upper = upper;
	}
	p->words = logic_words(l, p->lower) | logic_words(l, p->upper);
}

/* x in S && rest: if S, the values for which anything is left, says all there is to say of x. */
static const struct term *as_product(const struct problem *p, const struct variable *v)
{
	struct logic *l = p->s->l;
	prove_fn values = logic_exists(l, p->lower, v->words), upper, lower;
	const struct term *rest, *test;

	if (values == PROVE_TRUE)
		return NULL;
	lower = logic_exists(l, p->lower, all_but(v->words));
	upper = logic_forall(l, logic_or(l, p->upper, logic_not(l, values)), all_but(v->words));
	if (!logic_implies(l, lower, upper))
		return NULL;
	rest = find(p->s, lower, upper, p->depth + 1);
	if (!rest)
		return NULL;
	upper = logic_forall(l, logic_or(l, p->upper, logic_not(l, rest->fn)), v->words);
	test = set_term_between(p->s, v, values, upper);
	return scope_join(p->s, TERM_AND, test, rest);
}

/* x in S || rest: if S, the values for which nothing else matters, is all there is to say of x. */
static const struct term *as_sum(const struct problem *p, const struct variable *v)
{
	struct logic *l = p->s->l;
	prove_fn values = logic_forall(l, p->upper, v->words), upper, lower;
	const struct term *rest, *test;

	if (values == PROVE_FALSE)
		return NULL;
	lower = logic_exists(l, logic_minus(l, p->lower, values), all_but(v->words));
	upper = logic_forall(l, p->upper, all_but(v->words));
	if (!logic_implies(l, lower, upper))
		return NULL;
	rest = find(p->s, lower, upper, p->depth + 1);
	if (!rest)
		return NULL;
	lower = logic_exists(l, logic_minus(l, p->lower, rest->fn), v->words);
	test = set_term_between(p->s, v, lower, values);
	return scope_join(p->s, TERM_OR, test, rest);
}

static const struct term *apart(const struct problem *p)
{
	for (size_t i = 0; i < p->s->len; i++) {
		const struct variable *v = &p->s->vars[i];
		const struct term *t;

		if (!(p->words & v->words))
			continue;
		t = as_product(p, v);
		if (!t)
			t = as_sum(p, v);
		if (t)
			return t;
	}
	return NULL;
}

/* ---- by the values of one variable ---- */

/* Sorts the values of V by what they leave; false where there are too many sorts. */
static bool find_cells(const struct problem *p, const struct variable *v, struct cells *c)
{
	struct logic *l = p->s->l;
	prove_fn left = PROVE_TRUE;
	struct seccomp_data data;

	c->len = 0;
	while (prove_witness(l->space, left, PROVE_FALSE, &data)) {
		struct cell *cell = &c->list[c->len];
		prove_fn same;

		if (c->len == CELLS_MAX || prove_status(l->space) != 0)
			return false;
		cell->lower = logic_given(l, p->lower, v->words, &data);
		cell->upper = logic_given(l, p->upper, v->words, &data);
		same = logic_and(l, logic_same(l, p->lower, cell->lower),
				 logic_same(l, p->upper, cell->upper));
		cell->values = logic_and(l, left, logic_forall(l, same, v->words));
		cell->is_covered = false;
		left = logic_minus(l, left, cell->values);
		c->len++;
	}
	return true;
}

/* What can be said without V. */
static prove_fn common_upper(const struct problem *p, const struct cells *c)
{
	prove_fn upper = PROVE_TRUE;

	for (size_t i = 0; i < c->len; i++)
		upper = logic_and(p->s->l, upper, c->list[i].upper);
	return upper;
}

/*
 * One product, x in S && rest: the rest of cell FIRST, widened to what other cells need as long as
 * one rest fits all; S may have the values of every cell that the rest is right for.
 */
static const struct term *cover(const struct problem *p, const struct variable *v, struct cells *c,
				size_t first, prove_fn common)
{
	struct logic *l = p->s->l;
	prove_fn lower = PROVE_FALSE, upper = PROVE_TRUE, needed = PROVE_FALSE, free = PROVE_FALSE;
	const struct term *rest, *test;

	for (size_t i = first; i < c->len; i++) {
		struct cell *cell = &c->list[i];
		prove_fn low = logic_or(l, lower, logic_minus(l, cell->lower, common));
		prove_fn high = logic_and(l, upper, cell->upper);

		if (cell->is_covered || !logic_implies(l, low, high))
			continue;
		lower = low;
		upper = high;
		needed = logic_or(l, needed, cell->values);
		cell->is_covered = true;
	}
	rest = find(p->s, lower, upper, p->depth + 1);
	if (!rest)
		return NULL;
	for (size_t i = 0; i < c->len; i++) {
		struct cell *cell = &c->list[i];

		if (logic_implies(l, rest->fn, cell->upper))
			free = logic_or(l, free, cell->values);
		if (!cell->is_covered && logic_implies(l, cell->values, free) &&
		    logic_implies(l, logic_minus(l, cell->lower, common), rest->fn)) {
			needed = logic_or(l, needed, cell->values);
			cell->is_covered = true;
		}
	}
	test = set_term_between(p->s, v, needed, free);
	return scope_join(p->s, TERM_AND, test, rest);
}

/* The cells' parts that need V, then what is left. */
static const struct term *by_values(const struct problem *p, const struct variable *v)
{
	struct logic *l = p->s->l;
	struct cells *c = arena_alloc(p->s->arena, sizeof(*c));
	const struct term *sum = scope_constant(p->s, false);
	prove_fn common, left;

	if (!c)
		prove_fail(l->space, -ENOMEM);
	if (!c || !find_cells(p, v, c))
		return NULL;
	common = common_upper(p, c);
	for (size_t i = 0; i < c->len; i++)
		if (logic_implies(l, c->list[i].lower, common))
			c->list[i].is_covered = true;
	for (size_t i = 0; sum && i < c->len; i++)
		if (!c->list[i].is_covered)
			sum = scope_join(p->s, TERM_OR, sum, cover(p, v, c, i, common));
	if (!sum)
		return NULL;
	left = logic_exists(l, logic_minus(l, p->lower, sum->fn), all_but(v->words));
	return scope_join(p->s, TERM_OR, sum, find(p->s, left, common, p->depth + 1));
}

/* ---- the other way round ---- */

/* A term for what T is not: && and || change places, and each set becomes the other values. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the term */
static const struct term *negate(struct scope *s, const struct term *t)
{
	switch (t->kind) {
	case TERM_NEVER:
	case TERM_ALWAYS:
		return scope_constant(s, t->kind == TERM_NEVER);
	case TERM_TEST:
		return set_term(s, t->var, logic_not(s->l, t->fn));
	case TERM_AND:
	case TERM_OR:
		return scope_join(s, t->kind == TERM_AND ? TERM_OR : TERM_AND, negate(s, t->left),
				  negate(s, t->right));
	}
	return NULL;
}

/* ---- all together ---- */

static const struct variable *only_variable(const struct problem *p)
{
	for (size_t i = 0; i < p->s->len; i++)
		if (!(p->words & all_but(p->s->vars[i].words)))
			return &p->s->vars[i];
	return NULL;
}

static const struct term *seek(struct problem *p)
{
	const struct variable *v;
	const struct term *best = NULL, *t;

	drop_variables(p);
	if (p->lower == PROVE_FALSE || p->upper == PROVE_TRUE)
		return scope_constant(p->s, p->lower != PROVE_FALSE);
	v = only_variable(p);
	if (v)
		return set_term_between(p->s, v, p->lower, p->upper);
	best = apart(p);
	if (best)
		return best;
	for (size_t i = 0; i < p->s->len; i++) {
		v = &p->s->vars[i];
		if (!(p->words & v->words) || (best && p->s->work == 0))
			continue;
		p->s->work -= p->s->work > 0;
		t = by_values(p, v);
		best = term_better(best, t);
	}
	return best;
}

struct key {
	prove_fn lower, upper;
};

static void remember(struct scope *s, const struct key *k, const struct term *t)
{
	struct key *key = arena_alloc(s->arena, sizeof(*key));

	if (key) {
		*key = *k;
		if (map_set(&s->conds, (struct str){ (const char *)key, sizeof(*key) },
			    (void *)(uintptr_t)t) == 0)
			return;
	}
	prove_fail(s->l->space, -ENOMEM);
}

static const struct term *find(struct scope *s, prove_fn lower, prove_fn upper, unsigned depth)
{
	struct problem p = { .s = s, .lower = lower, .upper = upper, .depth = depth };
	struct key key = { lower, upper };
	const struct term *t;

	if (depth > DEPTH_MAX || prove_status(s->l->space) != 0)
		return NULL;
	t = map_get(&s->conds, (struct str){ (const char *)&key, sizeof(key) });
	if (t)
		return t;
	p.words = logic_words(s->l, lower) | logic_words(s->l, upper);
	t = seek(&p);
	if (t)
		remember(s, &key, t);
	return t;
}

/* Of a term that was made past the budget, no part means anything. */
static const struct term *sound(const struct scope *s, const struct term *t)
{
	return prove_status(s->l->space) == 0 ? t : NULL;
}

const struct term *cond_term_between(struct scope *s, prove_fn lower, prove_fn upper)
{
	struct logic *l = s->l;
	const struct term *t = find(s, lower, upper, 0), *other;

	if (!t || t->kind == TERM_TEST)
		return sound(s, t);
	/* Some conditions are short as what they exclude. */
	other = find(s, logic_not(l, upper), logic_not(l, lower), 0);
	return sound(s, other ? term_better(t, negate(s, other)) : t);
}

const struct term *cond_term(struct scope *s, prove_fn fn)
{
	return cond_term_between(s, fn, fn);
}
