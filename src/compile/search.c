/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From "these values lead there" to a tree of tests.
 *
 * n intervals take n - 1 tests `>=`, and a balanced tree of them is about log2(n) deep. One value
 * alone between two intervals with the same decision (a point) is cheaper: one `==` takes it out
 * and joins its neighbours. So the tree is cut between intervals, rather not next to a point, and
 * where only few points with the same decision around them are left, they are asked in a row.
 */
#include <assert.h>
#include <errno.h>

#include "compile/graph.h"

/*
 * How many points are asked in a row. A longer row needs fewer tests in all, a shorter one less
 * time; large sets have to fit first.
 */
#define ROW	  3
#define ROW_LARGE 7
#define LARGE	  1024

/* Halving reaches any len in far fewer steps; see pick_cut(). */
#define DEPTH_MAX 128

struct search {
	struct ir *ir;
	uint8_t word;
	uint32_t mask;
	const struct interval *v;
	size_t len;
	size_t row;
};

void intervals_add(struct ir *ir, struct intervals *list, struct interval i)
{
	struct interval *v;

	if (list->len > 0 && list->v[list->len - 1].first == i.first)
		list->len--;
	if (list->len > 0 && list->v[list->len - 1].to == i.to)
		return;
	v = arena_grow(ir->arena, list->v, list->len, &list->room, sizeof(*v));
	if (!v) {
		ir->status = ir->status ? ir->status : -ENOMEM;
		return;
	}
	list->v = v;
	v[list->len++] = i;
}

void intervals_join_tail(struct ir *ir, struct intervals *list)
{
	ir_ref even, odd;
	uint32_t last = UINT32_MAX;
	size_t len = list->len;

	if (ir->status || len < 3)
		return;
	odd = list->v[len - 1].to;
	even = list->v[len - 2].to;
	while (len > 0) {
		const struct interval *i = &list->v[len - 1];
		bool bit = last & ARCH_X32_BIT;

		if (i->first / ARCH_X32_BIT != last / ARCH_X32_BIT || i->to != (bit ? odd : even))
			break;
		last = i->first - 1;
		len--;
	}
	if (len + 1 >= list->len)
		return;
	list->v[len].to = ir_test(ir, (struct ir_node){ .op = IR_SET,
							.word = CBPF_NR,
							.mask = IR_WHOLE,
							.k = ARCH_X32_BIT,
							.yes = odd,
							.no = even });
	list->len = len + 1;
}

static ir_ref test(const struct search *s, enum ir_op op, const struct interval *at,
		   struct branches to)
{
	return ir_test(s->ir, (struct ir_node){ .op = op,
						.word = s->word,
						.mask = s->mask,
						.k = at->first,
						.yes = to.yes,
						.no = to.no,
						.span = at->span });
}

/* Is interval i one value? The last one reaches up to the mask. */
static bool is_single(const struct search *s, size_t i)
{
	if (i + 1 == s->len)
		return s->v[i].first == s->mask;
	return s->v[i + 1].first - s->v[i].first == 1;
}

static bool is_point(const struct search *s, size_t i)
{
	return i > 0 && i + 1 < s->len && is_single(s, i) && s->v[i - 1].to == s->v[i + 1].to;
}

/*
 * Asks for every second interval from SINGLE on by `==`, if that decides the slice: all of them
 * are single, not too many, and the others lead to one place. False: it doesn't.
 */
static bool ask_in_a_row(const struct search *s, size_t begin, size_t end, size_t single,
			 ir_ref *result)
{
	size_t other = single == begin ? begin + 1 : begin;
	ir_ref no = s->v[other].to;
	size_t last = single;

	if ((end - single + 1) / 2 > s->row)
		return false;
	for (size_t i = other; i < end; i += 2)
		if (s->v[i].to != no)
			return false;
	for (size_t i = single; i < end; i += 2) {
		if (!is_single(s, i))
			return false;
		last = i;
	}
	for (size_t i = last; i >= single && i < end; i -= 2)
		no = test(s, IR_EQ, &s->v[i], (struct branches){ s->v[i].to, no });
	*result = no;
	return true;
}

/* How many tests the boundary before interval i is going to take: 1, or 0 behind a point. */
static size_t tests_before(const struct search *s, size_t i)
{
	return is_point(s, i) || !is_point(s, i - 1);
}

/*
 * Where to cut the slice so that both sides take about as many tests. A cut next to a point may
 * cost a test more, so it has to be better by a few.
 */
static size_t pick_cut(const struct search *s, size_t begin, size_t end)
{
	size_t total = 0, left = 0, best = begin + 1, best_score = SIZE_MAX;

	for (size_t i = begin + 1; i < end; i++)
		total += tests_before(s, i);
	for (size_t i = begin + 1; i < end; i++) {
		size_t here = tests_before(s, i);
		size_t right = total - left - here;
		size_t score = left > right ? left - right : right - left;

		if (is_point(s, i) || is_point(s, i - 1))
			score += 4;
		if (score < best_score) {
			best_score = score;
			best = i;
		}
		left += here;
	}
	return best;
}

static ir_ref build(const struct search *s, size_t begin, size_t end, unsigned budget)
{
	struct branches to;
	ir_ref row;
	size_t cut;

	assert(budget > 0);
	if (!ir_charge(s->ir, end - begin))
		return IR_FAILED;
	if (end - begin == 1)
		return s->v[begin].to;
	if (end - begin > 2 && (ask_in_a_row(s, begin, end, begin + 1, &row) ||
				ask_in_a_row(s, begin, end, begin, &row)))
		return row;
	cut = pick_cut(s, begin, end);
	to.yes = build(s, cut, end, budget - 1);
	to.no = build(s, begin, cut, budget - 1);
	return test(s, IR_GE, &s->v[cut], to);
}

ir_ref search_tree(struct ir *ir, unsigned word, uint32_t mask, const struct intervals *list)
{
	struct search s = {
		.ir = ir, .word = (uint8_t)word, .mask = mask, .v = list->v, .len = list->len
	};

	/* What the mask can't produce needs no test. */
	while (s.len > 1 && s.v[s.len - 1].first > mask)
		s.len--;
	if (ir->status)
		return IR_FAILED;
	assert(s.len > 0 && s.v[0].first == 0);
	s.row = s.len > LARGE ? ROW_LARGE : ROW;
	return build(&s, 0, s.len, DEPTH_MAX);
}
