/* SPDX-License-Identifier: BSD-2-Clause */
/* From a diagram to calls: one for each path to a leaf. */
#include "cost/cost.h"

#include <errno.h>

#include "prove/space.h"

/* Ways of one number and class that are counted, until there are CASES_MAX of all numbers; then as
 * few as WAYS_MIN. */
#define WAYS_MAX  4096
#define WAYS_MIN  16
#define CASES_MAX ((size_t)1 << 16)
/* Nodes that are gone through to find those of one number. */
#define STEPS_MAX ((size_t)1 << 19)
#define STEPS_MIN ((size_t)1 << 12)
/* A block of at most 2^FREE_MAX values of a word is counted value by value. */
#define FREE_MAX 4

struct walk {
	const struct cost_ways *ways;
	struct seccomp_data data;
	uint32_t asked[CBPF_WORDS]; /* the bits on the path */
	enum cost_class yes, no;    /* of calls that are executed and of those that aren't */
	size_t found[COST_CLASSES], most, steps, most_steps;
	bool is_cached;
	int error;
};

static bool is_executed(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static void add_case(struct walk *w, enum cost_class class, const struct seccomp_data *data)
{
	const struct cost_question *q = w->ways->question;
	struct cost *cost = w->ways->cost;
	enum cbpf_order order = q->arch->big_endian ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
	struct cbpf_run run;
	struct cost_case *list;

	if (w->found[class]++ >= w->most) {
		cost->is_cut = true;
		return;
	}
	list = arena_grow(w->ways->arena, cost->cases, cost->len, &cost->room, sizeof(*list));
	if (!list) {
		w->error = -ENOMEM;
		return;
	}
	run = cbpf_interp(q->prog->insns, q->prog->len, data, order, NULL, NULL);
	cost->cases = list;
	list[cost->len++] = (struct cost_case){ class, run.executed, run.ret, w->is_cached, *data };
}

struct free_bit {
	unsigned word, bit;
};

/* The bits that the path leaves open in words of which it has asked for nearly all. */
static size_t find_free(const struct walk *w, struct free_bit *bits)
{
	size_t len = 0;

	for (unsigned word = CBPF_IP_LOW; word < CBPF_WORDS; word++) {
		uint32_t open = ~w->asked[word];

		if ((size_t)__builtin_popcount(open) > FREE_MAX - len)
			continue;
		for (; open; open &= open - 1)
			bits[len++] = (struct free_bit){ word, (unsigned)__builtin_ctz(open) };
	}
	return len;
}

static void add_path(struct walk *w, uint32_t ret)
{
	enum cost_class class = is_executed(ret) ? w->yes : w->no;
	struct free_bit bits[FREE_MAX];
	size_t len = find_free(w, bits);

	for (uint32_t value = 0; value < 1u << len && !w->error; value++) {
		struct seccomp_data data = w->data;

		for (size_t i = 0; i < len; i++)
			cbpf_data_set_word(&data, bits[i].word,
					   cbpf_data_word(&data, bits[i].word) |
						   (value >> i & 1) << bits[i].bit);
		add_case(w, class, &data);
	}
}

/* Is nothing left to find where EXECUTED is what is left of the question? */
static bool is_enough(struct walk *w, prove_fn executed)
{
	bool yes = executed != PROVE_FALSE && w->found[w->yes] < w->most;
	bool no = executed != PROVE_TRUE && w->found[w->no] < w->most;

	if (w->error)
		return true;
	if ((yes || no) && w->steps++ < w->most_steps)
		return false;
	w->ways->cost->is_cut = true;
	return true;
}

/* EXECUTED is 1 where FN executes the call: it asks for no bit before FN does.
 * NOLINTNEXTLINE(misc-no-recursion): as deep as a call has bits */
static void walk(struct walk *w, prove_fn fn, prove_fn executed)
{
	const struct prove_node n = *prove_node_of(w->ways->space, fn);
	const struct prove_node e = *prove_node_of(w->ways->space, executed);
	bool is_same = e.level == n.level;
	unsigned word;
	uint32_t bit, value;

	if (is_enough(w, executed))
		return;
	if (n.level == PROVE_LEVELS) {
		add_path(w, n.low);
		return;
	}
	word = prove_level_word(n.level);
	bit = 1u << (31 - n.level % 32);
	value = cbpf_data_word(&w->data, word);
	w->asked[word] |= bit;
	walk(w, n.low, is_same ? e.low : executed);
	cbpf_data_set_word(&w->data, word, value | bit);
	walk(w, n.high, is_same ? e.high : executed);
	cbpf_data_set_word(&w->data, word, value);
	w->asked[word] &= ~bit;
}

int cost_add_ways(const struct cost_ways *ways, prove_fn fn, uint32_t nr)
{
	const struct cost_question *q = ways->question;
	prove_fn asks = prove_leaf(ways->space, SECCOMP_RET_TRACE);
	/* Only what runs the call is looser than a question to a tracer. */
	prove_fn executed = prove_looser(ways->space, fn, asks);
	struct walk w = {
		.ways = ways,
		.data = { .nr = (int)nr, .arch = q->arch->audit },
		.yes = executed == PROVE_TRUE ? COST_PLAIN : COST_TESTED,
		.no = executed == PROVE_FALSE ? COST_DENIED : COST_REFUSED,
		.most = ways->cost->len < CASES_MAX ? WAYS_MAX : WAYS_MIN,
		.most_steps = ways->cost->len < CASES_MAX ? STEPS_MAX : STEPS_MIN,
	};
	size_t pc;

	w.is_cached =
		cbpf_has_cache(q->arch) && cbpf_is_const_allow(q->prog, nr, q->arch->audit, &pc);
	if (prove_status(ways->space) == 0)
		walk(&w, fn, executed);
	return w.error;
}
