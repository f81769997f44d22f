/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/plan.h"

#include <errno.h>

#include "decompile/numbers.h"
#include "policy/policy.h"

/* What the parts of a policy cost beside a call's name, which costs 1. */
#define COST_CONDITION 1
#define COST_NUMBERS   2
#define COST_BASELINE  3
#define COST_OWN       4
#define COST_OWN_FIRST 8
/* No filter is older: kernel/seccomp.c, SECCOMP_MODE_FILTER. */
#define FIRST_VERSION "3.5"

/* ---- answers ---- */

struct gathering {
	struct plan *plan;
	bool too_many;
};

static void add_answer(void *user, uint32_t value)
{
	struct gathering *g = user;

	if (g->plan->nanswers == PLAN_ANSWERS_MAX)
		g->too_many = true;
	else
		g->plan->answers[g->plan->nanswers++] = value;
}

struct marking {
	const struct plan *plan;
	uint64_t answers;
};

static void mark_answer(void *user, uint32_t value)
{
	struct marking *m = user;

	for (size_t i = 0; i < m->plan->nanswers; i++)
		m->answers |= (uint64_t)(m->plan->answers[i] == value) << i;
}

/* ---- items ---- */

static int compare_versions(const void *a, const void *b)
{
	return arch_version_cmp(*(const char *const *)a, *(const char *const *)b);
}

static int find_versions(struct logic *l, struct plan *plan)
{
	const struct arch_syscall *call;
	const char **v;
	size_t n = 0, len = 0;

	while (arch_syscall_at(n))
		n++;
	v = arena_array(l->arena, n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		if (arch_version_valid(str_of(call->since)) &&
		    arch_version_cmp(call->since, FIRST_VERSION) >= 0)
			v[len++] = call->since;
	qsort(v, len, sizeof(*v), compare_versions);
	for (size_t i = 0; i < len; i++)
		if (plan->nversions == 0 || arch_version_cmp(v[plan->nversions - 1], v[i]) < 0)
			v[plan->nversions++] = v[i];
	plan->versions = v;
	return 0;
}

static int youth_of(const struct plan *plan, const struct arch *arch,
		    const struct arch_syscall *call, uint32_t nr)
{
	int youth = 0;

	if (nr >= arch_table_end(arch))
		return 0;
	while ((size_t)youth < plan->nversions && policy_is_young(call, plan->versions[youth]))
		youth++;
	return youth;
}

static int add_item(struct logic *l, const struct plan *plan, struct plan_abi *abi,
		    const struct plan_item *item)
{
	struct marking marking = { plan, 0 };
	struct plan_item *items =
		arena_grow(l->arena, abi->items, abi->len, &abi->room, sizeof(*items));

	if (!items)
		return -ENOMEM;
	abi->items = items;
	items += abi->len++;
	*items = *item;
	logic_leaves(l, item->fn, mark_answer, &marking);
	items->answers = marking.answers;
	items->is_past_table = !item->call && numbers_are_past_table(abi->arch, item->first);
	if (item->call)
		items->youth = youth_of(plan, abi->arch, item->call, item->first);
	return 0;
}

/* The ABI at work, and what is left of the program for the numbers that are split. */
struct splitting {
	struct logic *l;
	const struct plan *plan;
	struct plan_abi *abi;
	prove_fn fn;
};

static int add_part(void *user, const struct numbers_part *part)
{
	const struct splitting *s = user;

	return add_item(s->l, s->plan, s->abi,
			&(struct plan_item){ .call = part->call,
					     .first = part->first,
					     .last = part->last,
					     .fn = s->fn });
}

static int add_abi(struct logic *l, struct plan *plan, const struct shape_abi *from)
{
	struct splitting s = { .l = l, .plan = plan, .abi = &plan->abis[plan->len++] };
	struct numbers numbers;
	int status = numbers_init(&numbers, l->arena, from->arch);

	s.abi->arch = from->arch;
	for (size_t i = 0; status == 0 && i < from->len; i++) {
		s.fn = from->ranges[i].fn;
		status = numbers_split(&numbers, from->ranges[i].first, from->ranges[i].last,
				       add_part, &s);
	}
	return status;
}

/* ---- choice ---- */

/* A default, and a baseline with it: version -1 is none. */
struct choice {
	size_t otherwise, young; /* indexes of answers */
	int version;
	unsigned cost;
};

static bool is_constant(const struct plan_item *item)
{
	return (item->answers & (item->answers - 1)) == 0;
}

static bool is_baselines(const struct plan_item *item, int version)
{
	return version >= 0 && (item->is_past_table || item->youth > version);
}

static unsigned cost_item(const struct plan_item *item, size_t fallback, size_t young, int version)
{
	size_t expected = is_baselines(item, version) ? young : fallback;
	unsigned cost = item->call ? 1 : COST_NUMBERS;

	if (is_constant(item))
		return item->answers >> expected & 1 ? 0 : cost;
	return cost + (item->answers >> fallback & 1 ? 0 : COST_CONDITION);
}

static unsigned cost_abi(const struct plan_abi *abi, size_t fallback, size_t young, int version)
{
	unsigned cost = 0;

	for (size_t i = 0; i < abi->len; i++)
		cost += cost_item(&abi->items[i], fallback, young, version);
	return cost;
}

/* What numbers without a name get, those past the table (a baseline's) or the others. */
static uint64_t answers_unnamed(const struct plan_abi *abi, bool past_table)
{
	uint64_t answers = 0;

	for (size_t i = 0; i < abi->len; i++)
		if (!abi->items[i].call && abi->items[i].is_past_table == past_table &&
		    is_constant(&abi->items[i]))
			answers |= abi->items[i].answers;
	return answers;
}

/* What a fallback may be: the answer to numbers that nobody can have named. Those past the table
 * don't tell as well, for they may be a baseline's. */
static uint64_t fallbacks(const struct plan_abi *abi)
{
	uint64_t answers = answers_unnamed(abi, false);

	return answers ? answers : answers_unnamed(abi, true);
}

/* Where arguments decide about numbers without a name, they do as for the most of them. */
static void find_tail(struct plan_abi *abi)
{
	const struct plan_item *widest = NULL;

	for (size_t i = 0; i < abi->len; i++) {
		const struct plan_item *item = &abi->items[i];

		if (!item->call &&
		    (!widest || item->last - item->first > widest->last - widest->first))
			widest = item;
	}
	abi->has_tail = fallbacks(abi) == 0 && widest;
	if (abi->has_tail)
		abi->tail = widest->fn;
}

static unsigned cost_tail(const struct plan_abi *abi)
{
	unsigned cost = COST_OWN;

	for (size_t i = 0; i < abi->len; i++)
		cost += abi->items[i].fn != abi->tail;
	return cost;
}

/* The cheapest fallback of its own that an ABI can have. */
static size_t best_own(const struct plan *plan, const struct plan_abi *abi, unsigned *cost)
{
	uint64_t may = fallbacks(abi);
	size_t best = 0;

	*cost = abi->has_tail ? cost_tail(abi) : UINT32_MAX;
	for (size_t i = 0; i < plan->nanswers && !abi->has_tail; i++) {
		unsigned one = cost_abi(abi, i, 0, -1) + COST_OWN;

		if (one >= *cost || !(may >> i & 1))
			continue;
		*cost = one;
		best = i;
	}
	return best;
}

static unsigned cost_choice(const struct plan *plan, const unsigned *own, const struct choice *c)
{
	unsigned cost = c->version >= 0 ? COST_BASELINE : 0;

	for (size_t i = 0; i < plan->len; i++) {
		unsigned shared = cost_abi(&plan->abis[i], c->otherwise, c->young, c->version);

		cost += shared < own[i] ? shared : own[i];
	}
	return cost;
}

static void try_choice(const struct plan *plan, const unsigned *own, struct choice *best,
		       struct choice one)
{
	one.cost = cost_choice(plan, own, &one);
	if (one.cost < best->cost)
		*best = one;
}

static struct choice choose(const struct plan *plan, const unsigned *own)
{
	struct choice best = { .cost = UINT32_MAX };
	uint64_t past = 0, may = 0;

	for (size_t i = 0; i < plan->len; i++) {
		past |= answers_unnamed(&plan->abis[i], true);
		may |= fallbacks(&plan->abis[i]);
	}
	/* Without a baseline first: it has to earn its line. */
	for (size_t i = 0; i < plan->nanswers; i++)
		if (!may || may >> i & 1)
			try_choice(plan, own, &best, (struct choice){ i, 0, -1, 0 });
	for (size_t i = 0; i < plan->nanswers; i++)
		for (size_t j = 0; j < plan->nanswers; j++)
			for (size_t v = 0; v < plan->nversions; v++)
				if (i != j && past >> j & 1 && (!may || may >> i & 1))
					try_choice(plan, own, &best,
						   (struct choice){ i, j, (int)v, 0 });
	return best;
}

static void settle_tail(struct plan_abi *abi)
{
	abi->is_own = true;
	for (size_t i = 0; i < abi->len; i++)
		abi->items[i].is_said = abi->items[i].fn != abi->tail;
}

static void settle_abi(const struct plan *plan, struct plan_abi *abi, const struct choice *c)
{
	unsigned own_cost, cost = cost_abi(abi, c->otherwise, c->young, c->version);
	size_t own = best_own(plan, abi, &own_cost), fallback;
	int version;

	if (abi == plan->abis)
		own_cost += COST_OWN_FIRST;
	if (abi->has_tail && own_cost < cost) {
		settle_tail(abi);
		return;
	}
	abi->has_tail = false;
	abi->is_own = own_cost < cost;
	fallback = abi->is_own ? own : c->otherwise;
	version = abi->is_own ? -1 : c->version;
	abi->fallback = plan->answers[fallback];
	abi->is_closed = abi->is_own;
	for (size_t i = 0; i < abi->len; i++) {
		struct plan_item *item = &abi->items[i];

		item->is_said = cost_item(item, fallback, c->young, version) > 0;
		if (item->is_said && item->call)
			abi->is_closed = false;
	}
}

static int settle(struct logic *l, struct plan *plan)
{
	unsigned *own = arena_array(l->arena, plan->len, sizeof(*own));
	struct choice c;

	if (!own)
		return -ENOMEM;
	for (size_t i = 0; i < plan->len; i++) {
		find_tail(&plan->abis[i]);
		best_own(plan, &plan->abis[i], &own[i]);
	}
	/* The default is the first ABI's, if there is a choice. */
	own[0] += COST_OWN_FIRST;
	c = choose(plan, own);
	plan->otherwise = plan->answers[c.otherwise];
	if (c.version >= 0) {
		plan->version = plan->versions[c.version];
		plan->young = plan->answers[c.young];
	}
	for (size_t i = 0; i < plan->len; i++)
		settle_abi(plan, &plan->abis[i], &c);
	return 0;
}

int plan_make(struct logic *l, prove_fn fn, const struct shape *shape, struct plan *plan,
	      struct buf *why)
{
	struct gathering gathering = { plan, false };
	int status;

	*plan = (struct plan){ .foreign = shape->foreign };
	logic_leaves(l, fn, add_answer, &gathering);
	if (gathering.too_many) {
		buf_printf(why, "it has more than %d different answers", PLAN_ANSWERS_MAX);
		return DECOMPILE_REFUSED;
	}
	plan->abis = arena_array(l->arena, shape->len, sizeof(*plan->abis));
	status = plan->abis ? find_versions(l, plan) : -ENOMEM;
	for (size_t i = 0; status == 0 && i < shape->len; i++)
		status = add_abi(l, plan, &shape->abis[i]);
	if (status != 0)
		return status;
	return settle(l, plan);
}
