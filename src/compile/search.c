/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From "these values lead there" to a tree of tests: the cheapest one (tree.c) where the list is
 * short enough for that, and else one that halves the list until its pieces are.
 */
#include "compile/tree.h"

#include <assert.h>
#include <errno.h>

/* Pieces of a list that is too long as a whole, or that nobody knows the weights of. */
#define PIECE 32

/* What an instruction costs beside a list's weight; lists over LARGE have to fit first. */
#define LARGE	    1024
#define PRICE	    (IR_WEIGHT_ALL / 128)
#define PRICE_LARGE IR_WEIGHT_ALL

/* Halving reaches any length in far fewer steps. */
#define DEPTH_MAX 64

struct search {
	struct ir *ir;
	uint8_t word;
	uint32_t mask;
	const struct interval *v;
	size_t len;
	uint64_t insn_price;
	bool is_weighed;
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

/* Is it one value between two intervals that lead to one place? */
static bool is_point(const struct search *s, size_t i)
{
	return i > 0 && i + 1 < s->len && s->v[i + 1].first - s->v[i].first == 1 &&
	       s->v[i - 1].to == s->v[i + 1].to;
}

static ir_ref build_piece(const struct search *s, size_t begin, size_t end)
{
	const struct tree_order order = {
		.word = s->word,
		.mask = s->mask,
		.last = end < s->len ? s->v[end].first - 1 : s->mask,
		.insn_price = s->insn_price,
		.takes_out = s->is_weighed && !s->ir->options->quick,
	};

	return tree_build(s->ir, &order, s->v + begin, end - begin);
}

/* Cut next to a point, it would take two tests instead of one `==`. */
static ir_ref build(const struct search *s, size_t begin, size_t end, unsigned budget)
{
	size_t cut = begin + (end - begin) / 2;
	ir_ref yes, no;

	assert(budget > 0);
	if (end - begin <= PIECE)
		return build_piece(s, begin, end);
	if (is_point(s, cut) || is_point(s, cut - 1))
		cut += !is_point(s, cut + 1) || is_point(s, cut - 1);
	yes = build(s, cut, end, budget - 1);
	no = build(s, begin, cut, budget - 1);
	return ir_test(s->ir, (struct ir_node){ .op = IR_GE,
						.word = s->word,
						.mask = s->mask,
						.k = s->v[cut].first,
						.yes = yes,
						.no = no,
						.span = s->v[cut].span });
}

/* Whoever names a value expects it. */
static bool weigh_alike(struct search *s)
{
	struct interval *v = arena_array(s->ir->arena, s->len, sizeof(*v));
	uint64_t part = IR_WEIGHT_ALL / (s->len * 4);

	if (!v) {
		s->ir->status = s->ir->status ? s->ir->status : -ENOMEM;
		return false;
	}
	for (size_t i = 0; i < s->len; i++) {
		v[i] = s->v[i];
		v[i].weight =
			i + 1 < s->len && v[i].first + 1 == s->v[i + 1].first ? 4 * part : part;
	}
	s->v = v;
	return true;
}

ir_ref search_tree(struct ir *ir, unsigned word, uint32_t mask, const struct intervals *list)
{
	struct search s = { .ir = ir,
			    .word = (uint8_t)word,
			    .mask = mask,
			    .v = list->v,
			    .len = list->len,
			    .insn_price = ir->options->small ? PRICE_LARGE : PRICE };
	uint64_t weight = 0;

	/* What the mask can't produce needs no test. */
	while (s.len > 1 && s.v[s.len - 1].first > mask)
		s.len--;
	if (ir->status)
		return IR_FAILED;
	assert(s.len > 0 && s.v[0].first == 0);
	for (size_t i = 0; i < s.len; i++)
		weight += s.v[i].weight;
	s.is_weighed = weight > 0;
	if (!weight && !weigh_alike(&s))
		return IR_FAILED;
	if (s.len <= (s.is_weighed && !ir->options->quick ? TREE_MAX : PIECE))
		return build_piece(&s, 0, s.len);
	if (s.len > LARGE)
		s.insn_price = PRICE_LARGE;
	return build(&s, 0, s.len, DEPTH_MAX);
}
