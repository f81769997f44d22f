/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cheapest tree of tests over a list of intervals, by dynamic programming over all slices of it
 * (Knuth, Optimum binary search trees, 1971). The price of a tree is what its tests cost a weighted
 * mix of values, plus a price for each instruction. A slice is handled in one of three ways:
 *
 * - one `>=` cuts it;
 * - one `==` takes out a heavy value that stands alone (a lone one), and what is left no longer
 *   cares about it: how a hot number comes to the front of a tree;
 * - where all decisions but one stand at few single values, these are asked one by one, the
 *   heaviest first.
 *
 * So a state is a slice and the set of its lone values that are gone.
 */
#include "compile/tree.h"

#include <assert.h>
#include <errno.h>

/* Longer rows than this are worse than a tree. */
#define ROW_MAX 5
/* How many lone values are considered, at most; and how many states. */
#define LONE_MAX   8
#define STATES_MAX 6000u
/* How many of them may be gone on the way to one place. */
#define GONE_MAX 2

enum step { DONE, CUT, TAKE, ROW };

struct state {
	uint64_t price;
	uint16_t at; /* CUT: the first interval of the upper part; TAKE: which lone one; ROW: the
			interval whose decision is the last resort */
	uint8_t step;
};

/* The states of a slice are together, one for each set of lone values in it that are gone. */
struct slice {
	uint32_t states;
	uint8_t lone_first, lone_end; /* which lone values are in it */
	uint8_t inside;		      /* a bit for each of them */
};

struct tree {
	struct ir *ir;
	const struct tree_order *order;
	const struct interval *v;
	size_t len;
	uint64_t *sums;		 /* of the weights before an interval */
	uint8_t *lone_bit;	 /* of an interval: its bit in a set of lone ones, or 0 */
	uint16_t lone[LONE_MAX]; /* intervals, ascending */
	size_t nlone;
	struct slice *slices; /* [begin * len + end], end inclusive */
	struct state *states;
};

static struct slice *slice_at(const struct tree *t, size_t begin, size_t end)
{
	return &t->slices[begin * t->len + end];
}

/* GONE has a bit for each lone value of the list; those outside of the slice don't count. */
static struct state *state_at(const struct tree *t, size_t begin, size_t end, unsigned gone)
{
	const struct slice *s = slice_at(t, begin, end);

	return &t->states[s->states + (gone >> s->lone_first & s->inside)];
}

static bool is_single(const struct tree *t, size_t i)
{
	if (i + 1 == t->len)
		return t->v[i].first == t->order->last;
	return t->v[i + 1].first - t->v[i].first == 1;
}

static bool is_gone(const struct tree *t, size_t interval, unsigned gone)
{
	return gone & t->lone_bit[interval];
}

static uint64_t weight_of(const struct tree *t, size_t begin, size_t end, unsigned gone)
{
	const struct slice *s = slice_at(t, begin, end);
	uint64_t weight = t->sums[end + 1] - t->sums[begin];

	for (unsigned i = s->lone_first; i < s->lone_end; i++)
		if (gone >> i & 1)
			weight -= t->v[t->lone[i]].weight;
	return weight;
}

/* ---- rows ---- */

/*
 * Which intervals a row asks for, the heaviest first, if REST decides what is left; more than
 * ROW_MAX: there is no such row.
 */
static size_t row_of(const struct tree *t, size_t begin, size_t end, unsigned gone, size_t rest,
		     uint16_t asked[static ROW_MAX])
{
	size_t n = 0;

	for (size_t i = begin; i <= end; i++) {
		size_t at;

		if (t->v[i].to == t->v[rest].to || is_gone(t, i, gone))
			continue;
		if (n == ROW_MAX || !is_single(t, i))
			return ROW_MAX + 1;
		for (at = n++; at > 0 && t->v[asked[at - 1]].weight < t->v[i].weight; at--)
			asked[at] = asked[at - 1];
		asked[at] = (uint16_t)i;
	}
	return n;
}

static uint64_t row_price(const struct tree *t, uint64_t weight, const uint16_t *asked, size_t n)
{
	uint64_t price = n * t->order->insn_price;

	for (size_t i = 0; i < n; i++) {
		price += weight;
		weight -= t->v[asked[i]].weight;
	}
	return price;
}

/* In a list no two neighbours lead to one place, so one of the first two is no exception. */
static void try_rows(const struct tree *t, size_t begin, size_t end, unsigned gone, uint64_t weight,
		     struct state *best)
{
	uint16_t asked[ROW_MAX];

	for (size_t rest = begin; rest <= end && rest < begin + 3; rest++) {
		size_t n = is_gone(t, rest, gone) ? ROW_MAX + 1
						  : row_of(t, begin, end, gone, rest, asked);
		uint64_t price = n <= ROW_MAX ? row_price(t, weight, asked, n) : UINT64_MAX;

		if (price < best->price)
			*best = (struct state){ price, (uint16_t)rest, ROW };
	}
}

/* ---- states ---- */

/*
 * In a hurry, between the best cuts of the slices that are one interval shorter, as in Knuth's
 * trees: there it is a theorem, here, with the other steps beside the cuts, a good guess.
 */
static void try_cuts(const struct tree *t, size_t begin, size_t end, unsigned gone, uint64_t here,
		     struct state *best)
{
	const struct state *low = state_at(t, begin, end - 1, gone);
	const struct state *high = state_at(t, begin + 1, end, gone);
	size_t first = begin + 1, last = end;

	if (t->ir->options->quick && low->step == CUT && high->step == CUT && low->at <= high->at) {
		first = low->at;
		last = high->at;
	}
	for (size_t cut = first; cut <= last; cut++) {
		uint64_t price = here + state_at(t, begin, cut - 1, gone)->price;

		if (price >= best->price)
			return; /* what is below the cut only grows */
		price += state_at(t, cut, end, gone)->price;
		if (price < best->price)
			*best = (struct state){ price, (uint16_t)cut, CUT };
	}
}

static void try_lone(const struct tree *t, size_t begin, size_t end, unsigned gone, uint64_t here,
		     struct state *best)
{
	const struct slice *s = slice_at(t, begin, end);

	for (unsigned i = s->lone_first; i < s->lone_end; i++) {
		uint64_t price = UINT64_MAX;

		if (!(gone >> i & 1) && __builtin_popcount(gone) < GONE_MAX)
			price = here + state_at(t, begin, end, gone | 1u << i)->price;
		if (price < best->price)
			*best = (struct state){ price, (uint16_t)i, TAKE };
	}
}

/* Narrower slices are done, and of this one the states in which more is gone. */
static void decide(const struct tree *t, size_t begin, size_t end, unsigned gone)
{
	struct state best = { UINT64_MAX, 0, DONE };
	uint64_t weight = weight_of(t, begin, end, gone);

	if (end - begin <= 2 * ROW_MAX)
		try_rows(t, begin, end, gone, weight, &best);
	/* A row without a question: all that is left goes to one place. */
	if (best.price > 0) {
		try_lone(t, begin, end, gone, weight + t->order->insn_price, &best);
		try_cuts(t, begin, end, gone, weight + t->order->insn_price, &best);
	}
	assert(best.price < UINT64_MAX);
	*state_at(t, begin, end, gone) = best;
}

static bool fill(const struct tree *t)
{
	for (size_t width = 0; width < t->len; width++) {
		if (!ir_charge(t->ir, t->len * (width + 1)))
			return false;
		for (size_t begin = 0; begin + width < t->len; begin++) {
			const struct slice *s = slice_at(t, begin, begin + width);
			unsigned sets = 1u << (s->lone_end - s->lone_first);

			for (unsigned gone = sets; gone-- > 0;)
				if (width > 0 && __builtin_popcount(gone) <= GONE_MAX)
					decide(t, begin, begin + width, gone << s->lone_first);
		}
	}
	return true;
}

/* ---- making it ready ---- */

/* Numbers the states of all slices; 0: they are too many. */
static size_t lay_out(const struct tree *t)
{
	size_t n = 0;

	for (size_t begin = 0; begin < t->len; begin++) {
		size_t first = 0, end_lone;
		unsigned sets;

		while (first < t->nlone && t->lone[first] < begin)
			first++;
		end_lone = first;
		for (size_t end = begin; end < t->len; end++) {
			if (end_lone < t->nlone && t->lone[end_lone] == end)
				end_lone++;
			sets = 1u << (end_lone - first);
			*slice_at(t, begin, end) =
				(struct slice){ (uint32_t)n, (uint8_t)first, (uint8_t)end_lone,
						(uint8_t)(sets - 1) };
			n += sets;
		}
	}
	return n <= STATES_MAX || t->nlone == 0 ? n : 0;
}

/* The heaviest value that stands alone, is not chosen yet and weighs more than its share. */
static size_t next_lone(const struct tree *t)
{
	size_t best = t->len;
	uint64_t least = t->sums[t->len] / t->len;

	for (size_t i = 0; i < t->len; i++) {
		bool chosen = false;

		for (size_t k = 0; k < t->nlone; k++)
			chosen |= t->lone[k] == i;
		if (chosen || !is_single(t, i) || t->v[i].weight <= least)
			continue;
		if (best == t->len || t->v[i].weight > t->v[best].weight)
			best = i;
	}
	return best;
}

static void choose(struct tree *t, size_t interval)
{
	size_t at = t->nlone++;

	for (; at > 0 && t->lone[at - 1] > interval; at--)
		t->lone[at] = t->lone[at - 1];
	t->lone[at] = (uint16_t)interval;
}

static void unchoose(struct tree *t, size_t interval)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nlone; i++)
		if (t->lone[i] != interval)
			t->lone[n++] = t->lone[i];
	t->nlone = n;
}

static bool prepare(struct tree *t)
{
	struct arena *arena = t->ir->arena;
	size_t n, next;

	t->sums = arena_array(arena, t->len + 1, sizeof(*t->sums));
	t->lone_bit = arena_array(arena, t->len, sizeof(*t->lone_bit));
	t->slices = arena_array(arena, t->len * t->len, sizeof(*t->slices));
	if (!t->sums || !t->lone_bit || !t->slices)
		return false;
	for (size_t i = 0; i < t->len; i++)
		t->sums[i + 1] = t->sums[i] + t->v[i].weight;
	while (t->order->takes_out && t->nlone < LONE_MAX && (next = next_lone(t)) < t->len) {
		choose(t, next);
		if (lay_out(t))
			continue;
		unchoose(t, next);
		break;
	}
	for (size_t i = 0; i < t->nlone; i++)
		t->lone_bit[t->lone[i]] = (uint8_t)(1u << i);
	n = lay_out(t);
	t->states = arena_array(arena, n, sizeof(*t->states));
	return t->states != NULL;
}

/* ---- building it ---- */

static ir_ref test(const struct tree *t, enum ir_op op, const struct interval *at,
		   struct branches to)
{
	return ir_test(t->ir, (struct ir_node){ .op = op,
						.word = t->order->word,
						.mask = t->order->mask,
						.k = at->first,
						.yes = to.yes,
						.no = to.no,
						.span = at->span });
}

/* At most as deep as the list is long: TREE_MAX. */
static ir_ref build(const struct tree *t, size_t begin, size_t end, unsigned gone)
{
	const struct state *s = state_at(t, begin, end, gone);
	uint16_t asked[ROW_MAX];
	struct branches to;
	ir_ref row;
	size_t n;

	switch ((enum step)s->step) {
	case DONE:
		return t->v[begin].to;
	case CUT:
		to.yes = build(t, s->at, end, gone);
		to.no = build(t, begin, s->at - 1u, gone);
		return test(t, IR_GE, &t->v[s->at], to);
	case TAKE:
		to.yes = t->v[t->lone[s->at]].to;
		to.no = build(t, begin, end, gone | 1u << s->at);
		return test(t, IR_EQ, &t->v[t->lone[s->at]], to);
	case ROW:
		break;
	}
	row = t->v[s->at].to;
	n = row_of(t, begin, end, gone, s->at, asked);
	assert(n <= ROW_MAX); /* fill() chose it */
	while (n-- > 0)
		row = test(t, IR_EQ, &t->v[asked[n]], (struct branches){ t->v[asked[n]].to, row });
	return row;
}

ir_ref tree_build(struct ir *ir, const struct tree_order *order, const struct interval *v,
		  size_t len)
{
	struct tree t = { .ir = ir, .order = order, .v = v, .len = len };

	assert(len > 0);
	if (!prepare(&t))
		ir->status = ir->status ? ir->status : -ENOMEM;
	if (ir->status || !fill(&t))
		return IR_FAILED;
	return build(&t, 0, len - 1, 0);
}
