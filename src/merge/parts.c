/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a stack never matters: whole filters, and rules that others always overrule. */
#include "merge/merge.h"

#include <errno.h>

#include "prove/space.h"

/* The statements of some rules, each once; a call is decided by number i + 1, or by none: 0. */
struct statements {
	struct span *spans;
	size_t len;
};

struct search {
	struct prove_space *space;
	struct arena *arena;
	struct merge_part *parts; /* room for all there can be */
	size_t nparts;
	bool *visited; /* by function */
};

static int by_span(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static size_t count_entries(const struct rules *rules)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->len; i++)
		n += rules->abis[i].len;
	return n;
}

static int find_statements(struct arena *arena, const struct rules *rules, struct statements *out)
{
	size_t n = 0;

	*out = (struct statements){
		arena_array(arena, count_entries(rules) + 1, sizeof(*out->spans)), 0
	};
	if (!out->spans)
		return -ENOMEM;
	for (size_t i = 0; i < rules->len; i++)
		for (size_t k = 0; k < rules->abis[i].len; k++)
			out->spans[n++] = rules->abis[i].entries[k].span;
	qsort(out->spans, n, sizeof(*out->spans), by_span);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_span(&out->spans[i], &out->spans[i - 1]) != 0)
			out->spans[out->len++] = out->spans[i];
	return 0;
}

static uint32_t number_of(const struct statements *s, struct span span)
{
	const struct span *found = bsearch(&span, s->spans, s->len, sizeof(span), by_span);

	return (uint32_t)(found - s->spans) + 1;
}

/* The rules, but each entry returns its statement's number. */
static const struct rules *numbered(struct arena *arena, const struct rules *rules,
				    const struct statements *s)
{
	struct rules *copy = rules_new(arena);

	if (!copy)
		return NULL;
	for (size_t i = 0; i < rules->len; i++) {
		if (rules_add_abi(copy, rules->abis[i].arch) != 0)
			return NULL;
		for (size_t k = 0; k < rules->abis[i].len; k++) {
			struct rules_entry e = rules->abis[i].entries[k];

			e.ret = number_of(s, e.span);
			if (rules_add(copy, i, &e) != 0)
				return NULL;
		}
	}
	copy->otherwise = copy->foreign = 0;
	return copy;
}

/* Sets SEEN[v] for each value v that FN has anywhere. */
/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
static void collect(struct search *s, prove_fn fn, bool *seen)
{
	const struct prove_node *n = prove_node_of(s->space, fn);

	if (s->visited[fn])
		return;
	s->visited[fn] = true;
	if (n->level == PROVE_LEVELS) {
		seen[n->low] = true;
		return;
	}
	collect(s, n->low, seen);
	collect(s, n->high, seen);
}

/* Adds the statements that decide calls in their filter, but whose answers the stack never gives.
 */
static int find_overruled(struct search *s, size_t filter, const struct rules *rules,
			  prove_fn meaning, prove_fn stack)
{
	struct statements all;
	const struct rules *numbers;
	bool *decides, *has_way;
	prove_fn who, agrees;
	int r = find_statements(s->arena, rules, &all);

	if (r)
		return r;
	numbers = numbered(s->arena, rules, &all);
	decides = arena_array(s->arena, all.len + 1, sizeof(*decides));
	has_way = arena_array(s->arena, all.len + 1, sizeof(*has_way));
	if (!numbers || !decides || !has_way)
		return -ENOMEM;
	r = prove_rules(s->space, numbers, &who);
	if (r)
		return r;
	agrees = prove_ite(s->space, prove_differs(s->space, meaning, stack), PROVE_FALSE, who);
	r = prove_status(s->space);
	s->visited =
		r ? NULL : arena_array(s->arena, prove_space_nodes(s->space), sizeof(*s->visited));
	if (!s->visited)
		return r ? r : -ENOMEM;
	collect(s, agrees, has_way);
	memset(s->visited, 0, prove_space_nodes(s->space) * sizeof(*s->visited));
	collect(s, who, decides);
	for (size_t i = 0; i < all.len; i++)
		if (all.spans[i].file && decides[i + 1] && !has_way[i + 1])
			s->parts[s->nparts++] = (struct merge_part){ filter, all.spans[i] };
	return 0;
}

/* What each filter's newer ones answer together; the last has none. */
static prove_fn *find_newer(struct search *s, const prove_fn *meanings, size_t len)
{
	prove_fn *newer = arena_array(s->arena, len, sizeof(*newer));

	if (!newer)
		return NULL;
	for (size_t i = len - 1; i > 0; i--)
		newer[i - 1] =
			i == len - 1 ? meanings[i] : prove_stack(s->space, newer[i], meanings[i]);
	return newer;
}

/* From the oldest on: a filter is idle if the stack without it and without the idle ones before it
 * is still the same. */
static int find_idle(struct search *s, const prove_fn *meanings, size_t len, prove_fn stack,
		     bool *idle)
{
	prove_fn *newer = find_newer(s, meanings, len), older = 0;
	bool has_older = false;

	if (!newer)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		prove_fn without = newer[i];

		/* The only one left is what all is about, even if it allows everything. */
		if (i == len - 1 && !has_older)
			break;
		if (i == len - 1)
			without = older;
		else if (has_older)
			without = prove_stack(s->space, newer[i], older);
		idle[i] = without == stack;
		if (idle[i])
			continue;
		older = has_older ? prove_stack(s->space, meanings[i], older) : meanings[i];
		has_older = true;
	}
	return prove_status(s->space);
}

int merge_parts(struct prove_space *space, struct arena *arena, const struct merge_stack *stack,
		const prove_fn *meanings, prove_fn together, struct merge_result *out)
{
	struct search s = { .space = space, .arena = prove_space_arena(space) };
	bool *idle = arena_array(s.arena, stack->len, sizeof(*idle));
	size_t room = stack->len;
	int r;

	for (size_t i = 0; i < stack->len; i++)
		room += stack->filters[i].rules ? count_entries(stack->filters[i].rules) : 0;
	s.parts = arena_array(arena, room, sizeof(*s.parts));
	if (!idle || !s.parts)
		return -ENOMEM;
	r = find_idle(&s, meanings, stack->len, together, idle);
	for (size_t i = 0; i < stack->len && !r; i++) {
		const struct rules *rules = stack->filters[i].rules;

		if (idle[i])
			s.parts[s.nparts++] = (struct merge_part){ .filter = i };
		else if (rules && stack->len > 1)
			r = find_overruled(&s, i, rules, meanings[i], together);
	}
	out->parts = s.parts;
	out->nparts = s.nparts;
	return r;
}
