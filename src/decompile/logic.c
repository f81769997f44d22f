/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks over diagrams. Each goes one level down with each call and meets a node once: what it
 * became is kept in an array over all nodes, which a stamp empties.
 */
#include "decompile/logic.h"

#include <errno.h>

void logic_init(struct logic *l, struct prove_space *space, struct arena *arena)
{
	*l = (struct logic){ .space = space, .arena = arena };
	for (unsigned place = 0; place < CBPF_WORDS; place++)
		l->word_at[place] = (uint8_t)prove_level_word(32 * place);
}

prove_fn logic_not(struct logic *l, prove_fn a)
{
	return prove_ite(l->space, a, PROVE_FALSE, PROVE_TRUE);
}

prove_fn logic_and(struct logic *l, prove_fn a, prove_fn b)
{
	return prove_ite(l->space, a, b, PROVE_FALSE);
}

prove_fn logic_or(struct logic *l, prove_fn a, prove_fn b)
{
	return prove_ite(l->space, a, PROVE_TRUE, b);
}

prove_fn logic_minus(struct logic *l, prove_fn a, prove_fn b)
{
	return prove_ite(l->space, b, PROVE_FALSE, a);
}

bool logic_implies(struct logic *l, prove_fn a, prove_fn b)
{
	return logic_minus(l, a, b) == PROVE_FALSE;
}

prove_fn logic_same(struct logic *l, prove_fn a, prove_fn b)
{
	return logic_not(l, prove_differs(l->space, a, b));
}

prove_fn logic_is(struct logic *l, prove_fn fn, uint32_t value)
{
	return logic_same(l, fn, prove_leaf(l->space, value));
}

/* ---- walks ---- */

/* False where memory is out. */
static bool begin_walk(struct logic *l)
{
	size_t nodes = prove_space_nodes(l->space);

	if (nodes > l->room) {
		size_t room = l->room ? 2 * l->room : 4096;

		while (room < nodes)
			room *= 2;
		l->became = arena_array(l->arena, room, sizeof(*l->became));
		l->stamps = arena_array(l->arena, room, sizeof(*l->stamps));
		l->room = l->became && l->stamps ? room : 0;
		l->stamp = 0;
		if (!l->room) {
			prove_fail(l->space, -ENOMEM);
			return false;
		}
	}
	l->stamp++;
	return prove_status(l->space) == 0;
}

static bool is_done(const struct logic *l, prove_fn fn)
{
	return l->stamps[fn] == l->stamp;
}

/* A walk's step is work as well, so that the budget bounds the time of all that is tried. */
static prove_fn finish(struct logic *l, prove_fn fn, prove_fn became)
{
	prove_spend(l->space, 1);
	l->stamps[fn] = l->stamp;
	l->became[fn] = became;
	return became;
}

static prove_fn bit_of_level(struct logic *l, uint32_t level)
{
	return prove_bit(l->space, l->word_at[level / 32], 31 - level % 32);
}

static bool has_word(const struct logic *l, uint32_t words, uint32_t level)
{
	return words >> l->word_at[level / 32] & 1;
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
static prove_fn exists(struct logic *l, prove_fn fn, uint32_t kept)
{
	struct prove_node node = *prove_node_of(l->space, fn);
	prove_fn low, high;

	if (node.level == PROVE_LEVELS)
		return fn;
	if (is_done(l, fn))
		return l->became[fn];
	low = exists(l, node.low, kept);
	high = exists(l, node.high, kept);
	if (has_word(l, kept, node.level))
		return finish(l, fn, prove_ite(l->space, bit_of_level(l, node.level), high, low));
	return finish(l, fn, logic_or(l, low, high));
}

prove_fn logic_exists(struct logic *l, prove_fn a, uint32_t kept)
{
	return begin_walk(l) ? exists(l, a, kept) : PROVE_FALSE;
}

prove_fn logic_forall(struct logic *l, prove_fn a, uint32_t kept)
{
	return logic_not(l, logic_exists(l, logic_not(l, a), kept));
}

/* Words whose values are known. */
struct given {
	uint32_t words;
	uint32_t values[CBPF_WORDS];
};

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
static prove_fn substitute(struct logic *l, prove_fn fn, const struct given *g)
{
	struct prove_node node = *prove_node_of(l->space, fn);
	prove_fn low, high;
	uint32_t value;

	if (node.level == PROVE_LEVELS)
		return fn;
	if (is_done(l, fn))
		return l->became[fn];
	if (has_word(l, g->words, node.level)) {
		value = g->values[l->word_at[node.level / 32]] >> (31 - node.level % 32) & 1;
		return finish(l, fn, substitute(l, value ? node.high : node.low, g));
	}
	low = substitute(l, node.low, g);
	high = substitute(l, node.high, g);
	return finish(l, fn, prove_ite(l->space, bit_of_level(l, node.level), high, low));
}

/* All bits in one walk: prove_restrict() takes one for each, which is too much where it is done for
 * every sort of values. */
prove_fn logic_given(struct logic *l, prove_fn fn, uint32_t given, const struct seccomp_data *data)
{
	struct given g = { .words = given };

	for (unsigned word = 0; word < CBPF_WORDS; word++)
		g.values[word] = cbpf_data_word(data, word);
	return begin_walk(l) ? substitute(l, fn, &g) : PROVE_FALSE;
}

/* ---- looking ---- */

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
static void support(struct logic *l, prove_fn fn, uint32_t bits[static CBPF_WORDS])
{
	const struct prove_node *node = prove_node_of(l->space, fn);

	if (node->level == PROVE_LEVELS || is_done(l, fn))
		return;
	finish(l, fn, fn);
	bits[l->word_at[node->level / 32]] |= 1u << (31 - node->level % 32);
	support(l, node->low, bits);
	support(l, node->high, bits);
}

void logic_support(struct logic *l, prove_fn fn, uint32_t bits[static CBPF_WORDS])
{
	memset(bits, 0, CBPF_WORDS * sizeof(*bits));
	if (begin_walk(l))
		support(l, fn, bits);
}

uint32_t logic_words(struct logic *l, prove_fn fn)
{
	uint32_t bits[CBPF_WORDS], words = 0;

	logic_support(l, fn, bits);
	for (unsigned word = 0; word < CBPF_WORDS; word++)
		words |= (uint32_t)(bits[word] != 0) << word;
	return words;
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
static void leaves(struct logic *l, prove_fn fn, void (*visitor)(void *, uint32_t), void *user)
{
	const struct prove_node *node = prove_node_of(l->space, fn);

	if (is_done(l, fn))
		return;
	finish(l, fn, fn);
	if (node->level == PROVE_LEVELS) {
		visitor(user, node->low);
		return;
	}
	leaves(l, node->low, visitor, user);
	leaves(l, node->high, visitor, user);
}

void logic_leaves(struct logic *l, prove_fn fn, void (*visitor)(void *user, uint32_t value),
		  void *user)
{
	if (begin_walk(l))
		leaves(l, fn, visitor, user);
}
