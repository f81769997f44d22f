/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of functions, and what a word's values lead to. */
#include "prove/space.h"

prove_fn prove_stack(struct prove_space *space, prove_fn newer, prove_fn older)
{
	return prove_apply(space, PROVE_OP_STACK, newer, older);
}

prove_fn prove_differs(struct prove_space *space, prove_fn a, prove_fn b)
{
	return prove_apply(space, PROVE_OP_DIFFERS, a, b);
}

prove_fn prove_looser(struct prove_space *space, prove_fn a, prove_fn b)
{
	return prove_apply(space, PROVE_OP_LOOSER, a, b);
}

prove_fn prove_restrict(struct prove_space *space, prove_fn fn, unsigned word, uint32_t mask,
			uint32_t value)
{
	for (unsigned bit = 0; bit < 32; bit++)
		if (mask >> bit & 1)
			fn = prove_restrict_bit(space, fn, prove_level(word, bit),
						value >> bit & 1);
	return fn;
}

struct split {
	struct prove_space *space;
	prove_visitor *visitor;
	void *user;
	uint32_t end;		    /* the first level below the word */
	struct prove_range pending; /* seen, but its neighbour may join it */
	bool is_pending;
	int status;
};

static void flush(struct split *s)
{
	if (s->is_pending && s->status == 0)
		s->status = s->visitor(s->user, &s->pending);
	s->is_pending = false;
}

static void add_range(struct split *s, const struct prove_range *r)
{
	if (s->is_pending && s->pending.a == r->a && s->pending.b == r->b) {
		s->pending.last = r->last;
		return;
	}
	flush(s);
	s->pending = *r;
	s->is_pending = true;
}

/* Visits the values of R, whose bits from LEVEL to the end of the word vary. */
/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call, 32 at most */
static void walk(struct split *s, uint32_t level, const struct prove_range *r)
{
	struct prove_range low = *r, high = *r;
	const struct prove_node *a = prove_node_of(s->space, r->a);
	const struct prove_node *b = prove_node_of(s->space, r->b);

	if (s->status != 0)
		return;
	if (a->level >= s->end && b->level >= s->end) {
		add_range(s, r);
		return;
	}
	if (!prove_spend(s->space, 1)) {
		s->status = prove_status(s->space);
		return;
	}
	low.last = r->first + (r->last - r->first) / 2;
	high.first = low.last + 1;
	if (a->level == level) {
		low.a = a->low;
		high.a = a->high;
	}
	if (b->level == level) {
		low.b = b->low;
		high.b = b->high;
	}
	walk(s, level + 1, &low);
	walk(s, level + 1, &high);
}

int prove_ranges(struct prove_space *space, prove_fn a, prove_fn b, unsigned word,
		 prove_visitor *visitor, void *user)
{
	struct split s = { .space = space, .visitor = visitor, .user = user };
	struct prove_range all = { 0, UINT32_MAX, a, b };
	uint32_t begin = prove_level(word, 31);

	s.end = begin + 32;
	s.status = prove_status(space);
	walk(&s, begin, &all);
	flush(&s);
	return s.status;
}
