/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * There are several ways to write a set, and which is the shortest shows only when they have been
 * tried:
 *
 *   - the ranges of its values, or of those that it lacks;
 *   - the same for the bits that it depends on, if those are not all of them;
 *   - bits that all its values share, apart from the rest; or that all the others share;
 *   - single values that don't fit the rest's pattern, apart;
 *   - split by one bit. That always works, and reads worst.
 */
#include "decompile/set.h"

#include <assert.h>
#include <errno.h>

/* More items of an `in` don't fit any page; they are told another way, or not at all. */
#define RUNS_MAX 256
/* Ways within ways; set_bits() alone goes on for as many bits as there are. */
#define DEPTH_MAX 4
/* Up to so many neighbours are listed rather than written as a range. */
#define LIST_MAX       2
#define NAMED_LIST_MAX 8
/* Up to so many values are listed even if a mask says the same. */
#define LIST_SHORT 4
/* Strange values to take apart. */
#define STRANGE_MAX 8
/* What an item of an `in` costs at least: a digit, or two names of flags, and what is between. */
#define ITEM_COST      3
#define FLAG_ITEM_COST 15
/* A term that costs more than this and its operand's name is worth another try. */
#define LONG_COST 36
/* More than a list of several names. */
#define RANGE_COST 30
/* Of fewer last bits, a lonely value among them is no strange one. */
#define STRANGE_BITS 4

struct maker {
	struct scope *s;
	const struct variable *v;
	const struct operand *o;
	prove_fn fn;
	uint64_t bits; /* that it depends on */
	enum arch_values values;
	unsigned depth;
};

static const struct term *find(struct scope *s, const struct variable *v, prove_fn fn,
			       unsigned depth);

/* ---- the bits of an operand ---- */

static uint64_t operand_support(struct logic *l, const struct operand *o, prove_fn fn)
{
	uint32_t bits[CBPF_WORDS];

	logic_support(l, fn, bits);
	if (o->bits < 64)
		return bits[o->low];
	return bits[o->low] | (uint64_t)bits[o->high] << 32;
}

static prove_fn operand_bit(const struct maker *m, unsigned i)
{
	return prove_bit(m->s->l->space, operand_word(m->o, i), i % 32);
}

/* FN where bit I is VALUE. */
static prove_fn bit_given(const struct maker *m, prove_fn fn, unsigned i, bool value)
{
	return prove_restrict_bit(m->s->l->space, fn, prove_level(operand_word(m->o, i), i % 32),
				  value);
}

/* Where the operand's bits in MASK are those of VALUE. */
static prove_fn bits_are(const struct maker *m, uint64_t mask, uint64_t value)
{
	prove_fn fn = PROVE_TRUE;

	for (unsigned i = 0; i < m->o->bits; i++) {
		if (!(mask >> i & 1))
			continue;
		fn = prove_ite(m->s->l->space, operand_bit(m, i), value >> i & 1 ? fn : PROVE_FALSE,
			       value >> i & 1 ? PROVE_FALSE : fn);
	}
	return fn;
}

/* Whether there are values of the bits outside of KEPT for which FN is 1. */
static prove_fn bits_exist(const struct maker *m, prove_fn fn, uint64_t kept)
{
	for (unsigned i = 0; i < m->o->bits; i++)
		if (!(kept >> i & 1) && m->bits >> i & 1)
			fn = logic_or(m->s->l, bit_given(m, fn, i, false),
				      bit_given(m, fn, i, true));
	return fn;
}

/* ---- runs: a set as ranges, in the operand's order ---- */

struct run {
	uint64_t first, last; /* sign-extended if the operand is signed */
};

struct runs {
	const struct maker *m;
	struct run *list;
	size_t len, room;
	bool failed; /* more than RUNS_MAX */
};

static void add_run(struct runs *r, uint64_t first, uint64_t last)
{
	struct run *list;

	if (r->len && r->list[r->len - 1].last + 1 == first) {
		r->list[r->len - 1].last = last;
		return;
	}
	list = r->len < RUNS_MAX
		       ? arena_grow(r->m->s->arena, r->list, r->len, &r->room, sizeof(*list))
		       : NULL;
	r->failed |= !list;
	if (!list && r->len < RUNS_MAX)
		prove_fail(r->m->s->l->space, -ENOMEM);
	if (!list)
		return;
	r->list = list;
	list[r->len++] = (struct run){ first, last };
}

/* Adds the values of FN whose bits from BIT up are those of BASE. */
/* NOLINTNEXTLINE(misc-no-recursion): one bit with each call */
static void walk(struct runs *r, prove_fn fn, unsigned bit, uint64_t base)
{
	const struct operand *o = r->m->o;
	uint64_t high;
	bool is_sign;

	if (fn == PROVE_FALSE || r->failed)
		return;
	if (fn == PROVE_TRUE) {
		add_run(r, base, base | (bit ? UINT64_MAX >> (64 - bit) : 0));
		return;
	}
	assert(bit > 0);
	bit--;
	is_sign = o->is_signed && bit == o->bits - 1u;
	high = is_sign ? base | UINT64_MAX << bit : base | UINT64_C(1) << bit;
	if (is_sign)
		walk(r, bit_given(r->m, fn, bit, true), bit, high);
	walk(r, bit_given(r->m, fn, bit, false), bit, base);
	if (!is_sign)
		walk(r, bit_given(r->m, fn, bit, true), bit, high);
}

/* Splits FN at all of the operand's bits. */
static void find_runs(const struct maker *m, prove_fn fn, struct runs *r)
{
	const struct operand *o = m->o;

	assert(o->bits >= 16);
	*r = (struct runs){ .m = m };
	/* The values without a sign come second, and all of them at once would be one range that
	 * wraps. */
	if (fn == PROVE_TRUE && o->is_signed)
		add_run(r, UINT64_MAX << (o->bits - 1), UINT64_MAX >> (65 - o->bits));
	else
		walk(r, fn, o->bits, 0);
}

/* A set and what is not in it; the same for the bits that it depends on. */
struct found_runs {
	struct runs in, out;
	bool has_mask; /* the rest is set */
	struct runs masked_in, masked_out;
};

/* ---- tests as text ---- */

static struct term *make_test(const struct maker *m, prove_fn fn, struct buf *text)
{
	struct term *t = NULL;

	if (text->data && !text->failed)
		t = scope_test(m->s, m->v, fn, text->data);
	else
		prove_fail(m->s->l->space, -ENOMEM);
	buf_deinit(text);
	return t;
}

static void put_operand(const struct maker *m, uint64_t mask, struct buf *out)
{
	buf_puts(out, m->o->name);
	if (mask == operand_ones(m->o))
		return;
	buf_puts(out, " & ");
	scope_put_mask(m->s, m->o, mask, true, out);
}

static const struct term *compare(const struct maker *m, prove_fn fn, uint64_t mask, const char *op,
				  uint64_t value)
{
	struct buf text = { 0 };

	put_operand(m, mask, &text);
	buf_printf(&text, " %s ", op);
	/* Of bits that are no number of their own, none is 0. */
	if (value == 0 && mask != operand_ones(m->o) && !scope_is_field(m->s, m->o, mask))
		buf_putc(&text, '0');
	else
		scope_put_value(m->s, m->o, value, &text);
	return make_test(m, fn, &text);
}

static uint64_t least(const struct operand *o)
{
	return o->is_signed ? UINT64_MAX << (o->bits - 1) : 0;
}

static uint64_t greatest(const struct operand *o)
{
	return operand_ones(o) >> o->is_signed;
}

/* "A, B" where each of a few neighbours has a name. */
static bool put_named(const struct maker *m, const struct run *r, struct buf *out)
{
	AUTO_BUF list = { 0 };

	if (r->last - r->first >= NAMED_LIST_MAX)
		return false;
	for (uint64_t value = r->first;; value++) {
		if (!scope_put_value(m->s, m->o, value, &list))
			return false;
		if (value == r->last)
			break;
		buf_puts(&list, ", ");
	}
	buf_add(out, list.data, list.size);
	return true;
}

static void put_run(const struct maker *m, const struct run *r, struct buf *out)
{
	if (put_named(m, r, out))
		return;
	scope_put_value(m->s, m->o, r->first, out);
	if (r->first == r->last)
		return;
	buf_puts(out, r->last - r->first < LIST_MAX ? ", " : "..");
	scope_put_value(m->s, m->o, r->last, out);
}

/* NULL if even the shortest items would cost more than LIMIT. */
static const struct term *in_runs(const struct maker *m, uint64_t mask, const char *in,
				  const struct runs *r, unsigned limit)
{
	struct buf text = { 0 };
	unsigned ranges = 0;
	struct term *t;

	if (r->failed ||
	    r->len * (m->values == ARCH_VALUES_FLAGS ? FLAG_ITEM_COST : ITEM_COST) >= limit)
		return NULL;
	put_operand(m, mask, &text);
	buf_printf(&text, " %s { ", in);
	for (size_t i = 0; i < r->len; i++) {
		buf_puts(&text, i ? ", " : "");
		put_run(m, &r->list[i], &text);
		ranges += r->list[i].last - r->list[i].first >= NAMED_LIST_MAX;
	}
	buf_puts(&text, " }");
	t = make_test(m, m->fn, &text);
	/* A range of what has names is a guess at what is in it. */
	if (t && m->values == ARCH_VALUES_NAMES)
		t->cost += ranges * RANGE_COST;
	return t;
}

/* Of two neighbours the rounder number is the bound that somebody meant. */
static const struct term *bound(const struct maker *m, const char *strict, const char *loose,
				uint64_t inner, uint64_t outer)
{
	bool is_inner =
		inner == 0 || (outer != 0 && __builtin_ctzll(inner) > __builtin_ctzll(outer) + 2);

	return is_inner ? compare(m, m->fn, operand_ones(m->o), loose, inner)
			: compare(m, m->fn, operand_ones(m->o), strict, outer);
}

/* One range: a value, one of the comparisons, or an `in`. */
static const struct term *one_run(const struct maker *m, const struct runs *r)
{
	const struct run *run = &r->list[0];

	if (run->first == run->last)
		return compare(m, m->fn, operand_ones(m->o), "==", run->first);
	/* Names in a row are listed, not compared. */
	if (m->values == ARCH_VALUES_NAMES && run->last - run->first < NAMED_LIST_MAX)
		return in_runs(m, operand_ones(m->o), "in", r, UINT32_MAX);
	if (run->first == least(m->o))
		return bound(m, "<", "<=", run->last, run->last + 1);
	if (run->last == greatest(m->o))
		return bound(m, ">", ">=", run->first, run->first - 1);
	return in_runs(m, operand_ones(m->o), "in", r, UINT32_MAX);
}

/* ---- the ways ---- */

/* One range of values, or all but one: nothing reads better. */
static const struct term *by_range(const struct maker *m, const struct runs *in,
				   const struct runs *out)
{
	if (!in->failed && in->len == 1 && in->list[0].first == in->list[0].last)
		return one_run(m, in);
	if (!out->failed && out->len == 1 && out->list[0].first == out->list[0].last)
		return compare(m, m->fn, operand_ones(m->o), "!=", out->list[0].first);
	return !in->failed && in->len == 1 ? one_run(m, in) : NULL;
}

/* The values, or those that aren't, as a list. */
static const struct term *by_list(const struct maker *m, uint64_t mask, const struct runs *in,
				  const struct runs *out, const struct term *best)
{
	unsigned limit = best ? best->cost : UINT32_MAX;

	best = term_better(best, in_runs(m, mask, "in", in, limit));
	limit = best ? best->cost : UINT32_MAX;
	return term_better(best, in_runs(m, mask, "not in", out, limit));
}

static const struct term *within(const struct maker *m, prove_fn fn, uint64_t value)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s within ", m->o->name);
	scope_put_mask(m->s, m->o, value, false, &text);
	return make_test(m, fn, &text);
}

static const struct term *has(const struct maker *m, prove_fn fn, uint64_t value)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s has ", m->o->name);
	scope_put_mask(m->s, m->o, value, false, &text);
	return make_test(m, fn, &text);
}

/* Of two ways to say which bits are 0, the one that names the fewer. */
static const struct term *without_tilde(const struct term *a, const struct term *b)
{
	if (a && b && !strchr(a->text, '~') != !strchr(b->text, '~'))
		return strchr(a->text, '~') ? b : a;
	return term_better(a, b);
}

/* (operand & MASK) == VALUE */
static const struct term *masked_value(const struct maker *m, uint64_t mask, uint64_t value)
{
	struct scope *s = m->s;
	uint64_t zeros = mask & ~value;
	const struct term *t;

	/* Alone, a flag is there or not. */
	if (value == mask)
		return has(m, m->fn, mask);
	t = compare(m, m->fn, mask, "==", value);
	if (scope_is_field(s, m->o, mask))
		return t;
	if (value == 0)
		return without_tilde(t, within(m, m->fn, ~mask & operand_ones(m->o)));
	return term_better(t,
			   scope_join(s, TERM_AND,
				      within(m, bits_are(m, zeros, 0), ~zeros & operand_ones(m->o)),
				      has(m, bits_are(m, value, value), value)));
}

static const struct term *masked_not_value(const struct maker *m, uint64_t mask, uint64_t value)
{
	return compare(m, m->fn, mask, "!=", value);
}

/* The values of (operand & bits), where those aren't all bits of the operand. */
static void find_masked_runs(const struct maker *m, struct runs *in, struct runs *out)
{
	struct logic *l = m->s->l;
	prove_fn rest_is_zero = bits_are(m, operand_ones(m->o) & ~m->bits, 0);

	find_runs(m, logic_and(l, m->fn, rest_is_zero), in);
	find_runs(m, logic_minus(l, rest_is_zero, m->fn), out);
}

/* One value of the bits, or all but one. */
static const struct term *by_mask(const struct maker *m, const struct runs *in,
				  const struct runs *out)
{
	if (!in->failed && in->len == 1 && in->list[0].first == in->list[0].last)
		return masked_value(m, m->bits, in->list[0].first & operand_ones(m->o));
	if (!out->failed && out->len == 1 && out->list[0].first == out->list[0].last)
		return masked_not_value(m, m->bits, out->list[0].first & operand_ones(m->o));
	return NULL;
}

/* The bits that all values of FN share, and what is left without them. */
static uint64_t shared_bits(const struct maker *m, prove_fn fn, uint64_t *value, prove_fn *rest)
{
	uint64_t shared = 0;

	*value = 0;
	*rest = fn;
	for (unsigned i = 0; i < m->o->bits; i++) {
		prove_fn low, high;

		if (!(m->bits >> i & 1))
			continue;
		low = bit_given(m, *rest, i, false);
		high = bit_given(m, *rest, i, true);
		if (low != PROVE_FALSE && high != PROVE_FALSE)
			continue;
		shared |= UINT64_C(1) << i;
		*value |= (uint64_t)(low == PROVE_FALSE) << i;
		*rest = low == PROVE_FALSE ? high : low;
	}
	return shared;
}

/* The product of what FN says of each of the blocks, joined by KIND; IS_OTHERS: FN is what the set
 * is not. */
static const struct term *join_blocks(const struct maker *m, prove_fn fn, const uint64_t *blocks,
				      size_t len, bool is_others)
{
	const struct term *t = scope_constant(m->s, !is_others);

	for (size_t i = 0; i < len; i++) {
		prove_fn part = bits_exist(m, fn, blocks[i]);

		t = scope_join(m->s, is_others ? TERM_OR : TERM_AND, t,
			       find(m->s, m->v, is_others ? logic_not(m->s->l, part) : part,
				    m->depth + 1));
	}
	return t;
}

/*
 * Are bits I and J of different blocks? In a product of two parts of which one has I and the other
 * J, if (0,0) and (1,1) are possible, so are (0,1) and (1,0).
 */
static bool is_apart(const struct maker *m, prove_fn fn, unsigned i, unsigned j)
{
	struct logic *l = m->s->l;
	prove_fn low = bit_given(m, fn, i, false), high = bit_given(m, fn, i, true);

	return logic_and(l, bit_given(m, low, j, false), bit_given(m, high, j, true)) ==
	       logic_and(l, bit_given(m, low, j, true), bit_given(m, high, j, false));
}

/* Adds to a block all bits that belong to one of its own. */
static uint64_t grow_block(const struct maker *m, prove_fn fn, uint64_t left, unsigned first)
{
	uint64_t block = UINT64_C(1) << first, seen = 0;

	while (block & ~seen) {
		unsigned i = (unsigned)__builtin_ctzll(block & ~seen);

		seen |= UINT64_C(1) << i;
		for (unsigned j = 0; j < m->o->bits; j++)
			if ((left & ~block) >> j & 1 && !is_apart(m, fn, i, j))
				block |= UINT64_C(1) << j;
	}
	return block;
}

/*
 * The set as a product of tests on different bits, or (IS_OTHERS) as a sum: what the others have in
 * common, turned round.
 */
static const struct term *by_blocks(const struct maker *m, bool is_others)
{
	struct logic *l = m->s->l;
	prove_fn fn = is_others ? logic_not(l, m->fn) : m->fn, product, rest;
	uint64_t blocks[64], value, left;
	size_t len = 0;

	blocks[len] = shared_bits(m, fn, &value, &rest);
	left = m->bits & ~blocks[len];
	len += blocks[len] != 0;
	product = len ? bits_exist(m, fn, blocks[0]) : PROVE_TRUE;
	while (left) {
		blocks[len] = grow_block(m, rest, left, (unsigned)__builtin_ctzll(left));
		left &= ~blocks[len];
		product = logic_and(l, product, bits_exist(m, fn, blocks[len]));
		len++;
	}
	if (len < 2 || product != fn)
		return NULL;
	return join_blocks(m, fn, blocks, len, is_others);
}

static const struct term *split_at(const struct maker *m, unsigned i)
{
	struct scope *s = m->s;
	struct logic *l = s->l;
	prove_fn low = bit_given(m, m->fn, i, false), high = bit_given(m, m->fn, i, true);
	uint64_t mask = UINT64_C(1) << i;
	const struct term *yes = find(s, m->v, bits_are(m, mask, mask), m->depth);
	const struct term *no = find(s, m->v, bits_are(m, mask, 0), m->depth);

	/* Where one half has all of the other, the bit matters for one of them only. */
	if (logic_implies(l, low, high))
		return scope_join(s, TERM_OR, find(s, m->v, low, m->depth + 1),
				  scope_join(s, TERM_AND, yes, find(s, m->v, high, m->depth + 1)));
	if (logic_implies(l, high, low))
		return scope_join(s, TERM_OR, find(s, m->v, high, m->depth + 1),
				  scope_join(s, TERM_AND, no, find(s, m->v, low, m->depth + 1)));
	return scope_join(s, TERM_OR,
			  scope_join(s, TERM_AND, yes, find(s, m->v, high, m->depth + 1)),
			  scope_join(s, TERM_AND, no, find(s, m->v, low, m->depth + 1)));
}

static const struct term *by_bit(const struct maker *m)
{
	for (unsigned i = m->o->bits; i-- > 0;)
		if (m->bits >> i & 1)
			return split_at(m, i);
	return NULL;
}

/* ---- strange values ---- */

/* Values whose answer is that of nearly none around them. */
struct strange {
	const struct maker *m;
	uint64_t values[STRANGE_MAX];
	size_t len;
	size_t steps;
};

/* Is FN, which may depend on the operand's bits below BIT, true (or where IS_HOLE: false) for one
 * value of them alone? */
static bool is_lonely(const struct maker *m, prove_fn fn, unsigned bit, bool is_hole,
		      uint64_t *value)
{
	prove_fn others = is_hole ? PROVE_TRUE : PROVE_FALSE;

	while (bit-- > 0) {
		prove_fn low, high;

		if (!(m->bits >> bit & 1))
			continue;
		low = bit_given(m, fn, bit, false);
		high = bit_given(m, fn, bit, true);
		if (low != others && high != others)
			return false;
		*value |= (uint64_t)(low == others) << bit;
		fn = low == others ? high : low;
	}
	return fn == (is_hole ? PROVE_FALSE : PROVE_TRUE);
}

/* NOLINTNEXTLINE(misc-no-recursion): one bit with each call */
static void seek_strange(struct strange *g, prove_fn fn, unsigned bit, uint64_t base, bool is_hole)
{
	uint64_t value = base;
	prove_fn low, high;

	if (fn == PROVE_FALSE || fn == PROVE_TRUE || bit < STRANGE_BITS || g->len == STRANGE_MAX ||
	    g->steps == 0)
		return;
	g->steps--;
	if (is_lonely(g->m, fn, bit, is_hole, &value)) {
		g->values[g->len++] = value;
		return;
	}
	bit--;
	low = bit_given(g->m, fn, bit, false);
	high = bit_given(g->m, fn, bit, true);
	if (!(g->m->bits >> bit & 1))
		seek_strange(g, fn, bit, base, is_hole);
	/* What doesn't look at a bit treats at least two values alike. */
	if (low == high)
		return;
	seek_strange(g, low, bit, base, is_hole);
	seek_strange(g, high, bit, base | UINT64_C(1) << bit, is_hole);
}

/* The values that are (IS_HOLE: aren't) in the set against the rest of it. */
static const struct term *without_strange(const struct maker *m, bool is_hole)
{
	struct logic *l = m->s->l;
	struct strange g = { .m = m, .steps = 500 };
	prove_fn values = PROVE_FALSE;

	seek_strange(&g, m->fn, m->o->bits, 0, is_hole);
	if (g.len == 0 || g.len == STRANGE_MAX)
		return NULL;
	for (size_t i = 0; i < g.len; i++)
		values = logic_or(l, values, bits_are(m, m->bits, g.values[i]));
	if (is_hole)
		return scope_join(m->s, TERM_AND,
				  find(m->s, m->v, logic_not(l, values), m->depth + 1),
				  find(m->s, m->v, logic_or(l, m->fn, values), m->depth + 1));
	return scope_join(m->s, TERM_OR, find(m->s, m->v, values, m->depth + 1),
			  find(m->s, m->v, logic_minus(l, m->fn, values), m->depth + 1));
}

/* ---- all together ---- */

/* The argument's own name stands for it if the set looks at none of the bits that the kernel
 * ignores. */
static const struct operand *choose_operand(struct scope *s, const struct variable *v, prove_fn fn)
{
	uint32_t bits[CBPF_WORDS];
	const struct operand *o = &v->typed;
	uint64_t seen;

	if (!o->name)
		return &v->raw;
	if (v->raw.name == o->name)
		return o;
	logic_support(s->l, fn, bits);
	seen = bits[v->raw.low] | (uint64_t)bits[v->raw.high] << 32;
	if (seen & ~operand_ones(o))
		return &v->raw;
	return o;
}

/* A pointer may be compared with NULL; other tests need its raw value. */
static bool is_null_test(const struct maker *m, prove_fn fn)
{
	prove_fn null = bits_are(m, operand_ones(m->o), 0);

	return fn == null || fn == logic_not(m->s->l, null);
}

/* The ways that make several tests of it. */
static const struct term *by_parts(const struct maker *m, const struct term *best)
{
	best = term_better(best, by_blocks(m, false));
	best = term_better(best, by_blocks(m, true));
	if (best && best->cost < strlen(m->o->name) + LONG_COST)
		return best;
	best = term_better(best, without_strange(m, false));
	return term_better(best, without_strange(m, true));
}

/* Few values are listed, whatever bits they share. */
static bool is_short_list(const struct runs *r)
{
	if (r->failed || r->len > LIST_SHORT)
		return false;
	for (size_t i = 0; i < r->len; i++)
		if (r->list[i].first != r->list[i].last)
			return false;
	return true;
}

/* The ways that make one test of it and that nothing else reads better than. */
static const struct term *by_one_test(const struct maker *m, const struct found_runs *r)
{
	const struct term *t = by_range(m, &r->in, &r->out);
	bool is_listed = m->values == ARCH_VALUES_NAMES;

	/* What is made of flags says so. */
	if (t && (m->values != ARCH_VALUES_FLAGS || is_short_list(&r->in) ||
		  is_short_list(&r->out) || !r->has_mask))
		return t;
	t = NULL;
	/* Bits of an address mean as little. */
	if (m->o->arg && m->o->arg->kind == ARCH_PTR)
		is_listed = true;
	else if (m->values == ARCH_VALUES_NUMBERS)
		is_listed = is_short_list(&r->in) || is_short_list(&r->out);
	/* Values that have names are listed if they can be; bits of them mean nothing. */
	if (is_listed)
		t = by_list(m, operand_ones(m->o), &r->in, &r->out, t);
	if (!t && r->has_mask)
		t = by_mask(m, &r->masked_in, &r->masked_out);
	return t ? t : by_range(m, &r->in, &r->out);
}

static const struct term *seek(struct maker *m)
{
	struct found_runs r = { .has_mask = m->bits != operand_ones(m->o) };
	const struct term *best;

	if (m->o->arg)
		m->values = arch_arg_values(m->s->call, m->o->arg);
	find_runs(m, m->fn, &r.in);
	find_runs(m, logic_not(m->s->l, m->fn), &r.out);
	if (r.has_mask)
		find_masked_runs(m, &r.masked_in, &r.masked_out);
	best = by_one_test(m, &r);
	if (best)
		return best;
	if (m->depth < DEPTH_MAX && m->s->work > 0) {
		m->s->work--;
		best = by_parts(m, best);
	}
	best = by_list(m, operand_ones(m->o), &r.in, &r.out, best);
	if (r.has_mask)
		best = by_list(m, m->bits, &r.masked_in, &r.masked_out, best);
	if (best && (best->cost < strlen(m->o->name) + LONG_COST || m->depth >= DEPTH_MAX))
		return best;
	return term_better(best, by_bit(m));
}

static struct str key_of(const prove_fn *fn)
{
	return (struct str){ (const char *)fn, sizeof(*fn) };
}

static void remember(struct scope *s, prove_fn fn, const struct term *t)
{
	prove_fn *key = arena_alloc(s->arena, sizeof(*key));

	if (!key) {
		prove_fail(s->l->space, -ENOMEM);
		return;
	}
	*key = fn;
	if (map_set(&s->sets, key_of(key), (void *)(uintptr_t)t) < 0)
		prove_fail(s->l->space, -ENOMEM);
}

static const struct term *find(struct scope *s, const struct variable *v, prove_fn fn,
			       unsigned depth)
{
	struct maker m = { .s = s, .v = v, .fn = fn, .depth = depth };
	const struct term *t;

	if (prove_status(s->l->space) != 0)
		return NULL;
	if (fn == PROVE_FALSE || fn == PROVE_TRUE)
		return scope_constant(s, fn == PROVE_TRUE);
	t = map_get(&s->sets, key_of(&fn));
	if (t)
		return t;
	m.o = choose_operand(s, v, fn);
	if (m.o->is_pointer && !is_null_test(&m, fn))
		m.o = &v->raw;
	m.bits = operand_support(s->l, m.o, fn);
	t = seek(&m);
	if (t)
		remember(s, fn, t);
	return t;
}

const struct term *set_term(struct scope *s, const struct variable *v, prove_fn fn)
{
	return find(s, v, fn, 0);
}

/* All values that have the bits that FN's values share. */
static prove_fn widen(struct scope *s, const struct variable *v, prove_fn fn)
{
	struct maker m = { .s = s, .v = v, .o = choose_operand(s, v, fn), .fn = fn };
	uint64_t value, shared;
	prove_fn rest;

	m.bits = operand_support(s->l, m.o, fn);
	shared = shared_bits(&m, fn, &value, &rest);
	return bits_are(&m, shared, value);
}

const struct term *set_term_between(struct scope *s, const struct variable *v, prove_fn lower,
				    prove_fn upper)
{
	struct logic *l = s->l;
	const struct term *t = find(s, v, upper, 0);
	prove_fn wide, narrow;

	if (lower == upper)
		return t;
	t = term_better(t, find(s, v, lower, 0));
	if (lower == PROVE_FALSE || upper == PROVE_TRUE)
		return t;
	wide = widen(s, v, lower);
	narrow = logic_not(l, widen(s, v, logic_not(l, upper)));
	if (logic_implies(l, wide, upper))
		t = term_better(t, find(s, v, wide, 0));
	if (logic_implies(l, lower, narrow))
		t = term_better(t, find(s, v, narrow, 0));
	return t;
}
