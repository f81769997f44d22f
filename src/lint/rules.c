/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a policy's rules say in vain. A rule stands for an entry with each call and ABI, and is
 * spoken of only where all of them agree.
 *
 * For each number: an entry whose condition leaves nothing once the earlier ones have had theirs is
 * unreachable. From the last to the first, an entry is redundant if on its calls those behind it,
 * the redundant ones left out, answer the same; so all that is called redundant can go at once.
 */
#include "lint/context.h"

#include <assert.h>
#include <errno.h>

#include "base/map.h"

/* What came of all entries of one target, or of one condition. */
struct state {
	struct state *next;
	struct span span; /* the key */
	size_t len;	  /* entries, or times that the condition was met */
	/* How many of them are ... */
	size_t unreachable, redundant, by_default;
	size_t always, never;
	/* One of the rules that make it so. */
	struct span because;
};

struct group_entry {
	const struct rules_entry *e;
	prove_fn cond, region; /* region: what earlier entries leave of it */
	bool is_kept;	       /* reached, and not redundant */
};

struct rules_lint {
	struct lint *l;
	size_t filter;
	const struct lint_filter *f;
	struct map targets, conds;
	struct state *first_target, *first_cond;
	struct group_entry *group;
	size_t len;
};

/* ---- states ---- */

static struct state *state_of(struct rules_lint *r, struct map *map, struct state **first,
			      struct span span)
{
	struct str key = { (const char *)&span, sizeof(span) };
	struct state *s = map_get(map, key);

	if (s)
		return s;
	s = arena_alloc(r->l->arena, sizeof(*s));
	if (s) {
		*s = (struct state){ .next = *first, .span = span };
		key.ptr = (const char *)&s->span;
		if (map_set(map, key, s) == 0) {
			*first = s;
			return s;
		}
	}
	prove_fail(r->l->space, -ENOMEM);
	return NULL;
}

static struct state *target_state(struct rules_lint *r, const struct rules_entry *e)
{
	return state_of(r, &r->targets, &r->first_target, e->target.file ? e->target : e->span);
}

/* Shipped policies are not the reader's to change. */
static bool is_readers(const struct rules_lint *r, struct span span)
{
	const struct source *source = source_at(r->f->diags->sources, span.file);

	return source && !source->is_shipped;
}

/* ---- conditions ---- */

static void meet_cond(struct rules_lint *r, const struct rules_cond *c, prove_fn fn)
{
	struct state *s = state_of(r, &r->conds, &r->first_cond, c->span);

	if (!s)
		return;
	s->len++;
	s->always += fn == PROVE_TRUE;
	s->never += fn == PROVE_FALSE;
}

/* A condition that is decided speaks for its parts. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as conditions are on their right side */
static void walk_cond(struct rules_lint *r, const struct rules_cond *c, unsigned depth)
{
	assert(depth > 0);
	for (; prove_spend(r->l->space, 1); c = c->left) {
		prove_fn fn = prove_cond(r->l->space, c);

		meet_cond(r, c, fn);
		if (fn == PROVE_TRUE || fn == PROVE_FALSE || c->kind == RULES_TEST ||
		    c->kind == RULES_CONST)
			return;
		if (c->kind != RULES_NOT)
			walk_cond(r, c->right, depth - 1);
	}
}

/* ---- one number ---- */

/* The entry from BEGIN to before END that decides a call of CONDITION; NULL: none does. */
static const struct rules_entry *decider(struct rules_lint *r, prove_fn condition, size_t begin,
					 size_t end)
{
	struct seccomp_data data;

	if (!prove_witness(r->l->space, condition, PROVE_FALSE, &data))
		return NULL;
	for (size_t i = begin; i < end; i++) {
		const struct group_entry *g = &r->group[i];

		if (g->is_kept && (!g->e->cond || rules_eval_cond(g->e->cond, &data)))
			return g->e;
	}
	return NULL;
}

static void mark_unreachable(struct rules_lint *r, size_t i)
{
	struct group_entry *g = &r->group[i];
	struct state *s = target_state(r, g->e);
	const struct rules_entry *earlier;

	g->is_kept = false;
	if (!s)
		return;
	/* A condition that never holds is another finding. */
	if (g->cond == PROVE_FALSE)
		return;
	s->unreachable++;
	earlier = s->because.file ? NULL : decider(r, g->cond, 0, i);
	if (earlier)
		s->because = earlier->span;
}

static void look_forward(struct rules_lint *r)
{
	struct prove_space *space = r->l->space;
	prove_fn taken = PROVE_FALSE;

	for (size_t i = 0; i < r->len; i++) {
		struct group_entry *g = &r->group[i];
		struct state *s = target_state(r, g->e);

		if (s)
			s->len++;
		g->cond = g->e->cond ? prove_cond(space, g->e->cond) : PROVE_TRUE;
		g->region = prove_ite(space, taken, PROVE_FALSE, g->cond);
		g->is_kept = true;
		if (g->region == PROVE_FALSE)
			mark_unreachable(r, i);
		taken = prove_ite(space, taken, PROVE_TRUE, g->cond);
	}
}

static void mark_redundant(struct rules_lint *r, size_t i, prove_fn later)
{
	struct group_entry *g = &r->group[i];
	struct state *s = target_state(r, g->e);
	prove_fn said = prove_ite(r->l->space, g->region, later, PROVE_FALSE);
	const struct rules_entry *e;

	g->is_kept = false;
	if (!s)
		return;
	s->redundant++;
	s->by_default += said == PROVE_FALSE;
	e = decider(r, said, i + 1, r->len);
	if (e && !s->because.file)
		s->because = e->span;
}

static void look_back(struct rules_lint *r)
{
	struct prove_space *space = r->l->space;
	prove_fn answer = prove_leaf(space, r->f->rules->otherwise), later = PROVE_FALSE;

	for (size_t i = r->len; i-- > 0;) {
		struct group_entry *g = &r->group[i];
		prove_fn ret = prove_leaf(space, g->e->ret);

		if (!g->is_kept)
			continue;
		if (prove_ite(space, g->region, answer, ret) == ret) {
			mark_redundant(r, i, later);
			continue;
		}
		answer = prove_ite(space, g->cond, ret, answer);
		later = prove_ite(space, g->cond, PROVE_TRUE, later);
	}
}

/* ---- a list ---- */

static int by_number(const void *a, const void *b)
{
	const struct rules_entry *x = ((const struct group_entry *)a)->e;
	const struct rules_entry *y = ((const struct group_entry *)b)->e;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Ranges that overlap without being equal don't come from policies; nothing is said of them. */
static bool stands_alone(const struct group_entry *all, size_t n, size_t begin, size_t end,
			 uint64_t covered)
{
	if (begin > 0 && all[begin].e->first < covered)
		return false;
	return end == n || all[end].e->first > all[begin].e->last;
}

static void look_at_abi(struct rules_lint *r, const struct rules_abi *abi)
{
	struct group_entry *all = arena_array(r->l->arena, abi->len, sizeof(*all));
	uint64_t covered = 0; /* one past the last number so far */
	size_t begin, end;

	if (!all) {
		prove_fail(r->l->space, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < abi->len; i++)
		all[i].e = &abi->entries[i];
	if (abi->len)
		qsort(all, abi->len, sizeof(*all), by_number);
	for (begin = 0; begin < abi->len && prove_status(r->l->space) == 0; begin = end) {
		const struct rules_entry *e = all[begin].e;

		for (end = begin; end < abi->len && all[end].e->first == e->first &&
				  all[end].e->last == e->last;)
			end++;
		r->group = all + begin;
		r->len = end - begin;
		look_forward(r);
		if (stands_alone(all, abi->len, begin, end, covered))
			look_back(r);
		covered = (uint64_t)e->last + 1 > covered ? (uint64_t)e->last + 1 : covered;
	}
}

/* ---- what is said ---- */

/* Has it been said of SPAN or a part of it, or was it silenced, under the code that the reading of
 * the policy has for it? */
static bool was_said(const struct rules_lint *r, enum diag_code code, struct span span)
{
	for (const struct diag *d = r->f->said ? r->f->said->first : NULL; d; d = d->next)
		if (d->code == code && d->span.file == span.file && d->span.begin >= span.begin &&
		    d->span.end <= span.end)
			return true;
	return diag_is_allowed(r->f->diags, code, span);
}

static void say_redundant(struct rules_lint *r, const struct state *s,
			  const struct lint_place *place)
{
	struct lint_place because = { .filter = r->filter, .span = s->because };

	if (s->by_default == s->redundant && s->unreachable == 0) {
		lint_say(r->l, place, DIAG_LINT_DEFAULT,
			 "the default answers the same: without this the filter is no other");
		return;
	}
	if (!lint_say(r->l, place, DIAG_LINT_REDUNDANT,
		      "without this the filter is no other: what follows answers the same"))
		return;
	if (because.span.file)
		lint_note(r->l, &because, "a rule that does");
}

static void say_target(struct rules_lint *r, const struct state *s)
{
	struct lint_place place = { .filter = r->filter, .span = s->span };
	struct lint_place because = { .filter = r->filter, .span = s->because };

	if (!is_readers(r, s->span) || s->unreachable + s->redundant < s->len)
		return;
	if (s->redundant) {
		say_redundant(r, s, &place);
		return;
	}
	if (was_said(r, DIAG_UNREACHABLE, s->span) || was_said(r, DIAG_DUPLICATE_RULE, s->span))
		return;
	if (lint_say(r->l, &place, DIAG_LINT_UNREACHABLE,
		     "no call gets here: earlier rules decide all of them") &&
	    because.span.file)
		lint_note(r->l, &because, "one of them");
}

static void say_cond(struct rules_lint *r, const struct state *s)
{
	struct lint_place place = { .filter = r->filter, .span = s->span };

	if (!is_readers(r, s->span) || was_said(r, DIAG_ALWAYS_TRUE, s->span) ||
	    was_said(r, DIAG_NEVER_TRUE, s->span))
		return;
	if (s->always == s->len && lint_say(r->l, &place, DIAG_LINT_ALWAYS, "this always holds"))
		lint_note(r->l, NULL, "leave it out, or test what is meant");
	if (s->never == s->len && lint_say(r->l, &place, DIAG_LINT_NEVER, "this never holds"))
		lint_note(r->l, NULL, "no value of the arguments fulfils all of it");
}

/* The list is the latest first. */
static struct state *reversed(struct state *list)
{
	struct state *out = NULL, *next;

	for (; list; list = next) {
		next = list->next;
		list->next = out;
		out = list;
	}
	return out;
}

void lint_rules(struct lint *l, size_t filter)
{
	struct rules_lint r = { .l = l, .filter = filter, .f = &l->filters[filter] };
	const struct rules *rules = r.f->rules;

	map_init(&r.targets, l->arena);
	map_init(&r.conds, l->arena);
	for (size_t i = 0; rules && i < rules->len; i++) {
		look_at_abi(&r, &rules->abis[i]);
		for (size_t j = 0; j < rules->abis[i].len; j++)
			if (rules->abis[i].entries[j].cond)
				walk_cond(&r, rules->abis[i].entries[j].cond, RULES_DEPTH_MAX);
	}
	for (struct state *s = reversed(r.first_cond); s; s = s->next)
		say_cond(&r, s);
	for (struct state *s = reversed(r.first_target); s; s = s->next)
		say_target(&r, s);
}
