/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each call's rules become a text without the call's name. Where all ABIs that have the call share
 * that text, the rules are written once; else those that share it get an `on`. Equal texts mean the
 * right thing on each ABI, for each was made for it. Calls with the same rules on the same ABIs
 * are written together.
 */
#include "decompile/text.h"

#include <assert.h>
#include <errno.h>

#include "base/map.h"
#include "decompile/action.h"
#include "decompile/clauses.h"
#include "decompile/numbers.h"

/* No condition that somebody will read is longer. */
#define COND_MAX ((size_t)16 << 10)
/* What doesn't fit a line reads better as several rules, one for each way to match. */
#define LINE_MAX ((size_t)72)

/* The rules of a call. */
struct body {
	const char *key; /* all of them as one text */
	struct body_rule {
		const char *action, *cond; /* cond "": always */
		int rank;
	} * rules;
	size_t len, room;
};

/* Calls with the same rules on the same ABIs. */
struct group {
	uint32_t abis; /* a set of indexes of plan.abis; ALL_ABIS: no `on` is needed */
	const struct body *body;
	struct buf targets;
};

#define ALL_ABIS UINT32_MAX

struct writer {
	struct logic *l;
	const struct plan *plan;
	struct buf *out, *why;
	struct group *groups;
	size_t len, room;
	bool shares;		    /* rules stand once for all ABIs that have them */
	size_t rows;		    /* of the table of calls */
	const struct body **bodies; /* of ABI i's call in row j: [i * rows + j] */
	struct map known;	    /* key -> body */
	struct map found;	    /* struct asked -> body */
};

/* ---- one call's rules ---- */

static const char *keep(struct writer *w, struct buf *text)
{
	const char *kept =
		text->failed ? NULL
			     : arena_strndup(w->l->arena, text->data ? text->data : "", text->size);

	buf_deinit(text);
	return kept;
}

static int refuse_call(struct writer *w, const struct arch *arch, const struct plan_item *item,
		       const char *what)
{
	if (item->call)
		buf_printf(w->why, "%s on %s: %s", item->call->name, arch->name, what);
	else
		buf_printf(w->why, "number %u on %s: %s", item->first, arch->name, what);
	return DECOMPILE_REFUSED;
}

static int add_rule(struct writer *w, struct body *body, const char *action,
		    const struct term *cond, int rank)
{
	struct body_rule *rules =
		arena_grow(w->l->arena, body->rules, body->len, &body->room, sizeof(*rules));
	struct buf text = { 0 };
	size_t size;

	if (!rules)
		return -ENOMEM;
	body->rules = rules;
	if (cond)
		term_print(cond, &text);
	size = text.size;
	rules[body->len] = (struct body_rule){ action, keep(w, &text), rank };
	if (!rules[body->len++].cond)
		return -ENOMEM;
	return size > COND_MAX ? DECOMPILE_REFUSED : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the term */
static int add_alternatives(struct writer *w, struct body *body, const char *action,
			    const struct term *cond, int rank)
{
	int status;

	if (!cond || cond->kind != TERM_OR)
		return add_rule(w, body, action, cond, rank);
	status = add_alternatives(w, body, action, cond->left, rank);
	return status == 0 ? add_alternatives(w, body, action, cond->right, rank) : status;
}

static int put_clause(struct writer *w, const struct arch *arch, const struct clause *c,
		      struct body *body)
{
	struct buf action = { 0 };
	AUTO_BUF cond = { 0 };
	const char *kept;

	if (!action_put(arch, c->ret, &action)) {
		buf_deinit(&action);
		buf_printf(w->why, "no action of a policy returns 0x%08x", c->ret);
		return DECOMPILE_REFUSED;
	}
	kept = keep(w, &action);
	if (!kept)
		return -ENOMEM;
	if (c->cond)
		term_print(c->cond, &cond);
	if (cond.size > LINE_MAX)
		return add_alternatives(w, body, kept, c->cond, action_rank(c->ret));
	return add_rule(w, body, kept, c->cond, action_rank(c->ret));
}

/* The body with these rules, which is the same for the same rules. */
static const struct body *intern(struct writer *w, struct body *body)
{
	struct buf key = { 0 };
	const struct body *same;
	struct body *kept;

	for (size_t i = 0; i < body->len; i++)
		buf_printf(&key, "%s\t%s\n", body->rules[i].action, body->rules[i].cond);
	body->key = keep(w, &key);
	if (!body->key)
		return NULL;
	same = map_get(&w->known, str_of(body->key));
	if (same)
		return same;
	kept = arena_alloc(w->l->arena, sizeof(*kept));
	if (!kept)
		return NULL;
	*kept = *body;
	return map_set(&w->known, str_of(kept->key), kept) == 0 ? kept : NULL;
}

/* What decides how a call's rules are written. */
struct asked {
	const struct arch *arch;
	const struct arch_syscall *call;
	prove_fn fn;
	bool has_fallback;
	uint32_t fallback;
};

/* FALLBACK as for clauses_find(). */
static int make_body(struct writer *w, const struct plan_abi *abi, const struct plan_item *item,
		     const uint32_t *fallback, struct body *body)
{
	struct clauses *clauses = arena_alloc(w->l->arena, sizeof(*clauses));
	struct scope *scope = arena_alloc(w->l->arena, sizeof(*scope));
	int status = 0;

	if (!clauses || !scope)
		return -ENOMEM;
	scope_init(scope, w->l, abi->arch, item->call, item->fn);
	if (!clauses_find(scope, item->fn, fallback, clauses)) {
		if (prove_status(w->l->space) != 0)
			return prove_status(w->l->space);
		return refuse_call(w, abi->arch, item,
				   "no condition that is short enough to read says when");
	}
	/* Named, so that the baseline has no say. */
	assert(clauses->len || fallback);
	if (clauses->len == 0)
		clauses->list[clauses->len++] = (struct clause){ NULL, *fallback };
	for (size_t i = 0; status == 0 && i < clauses->len; i++)
		status = put_clause(w, abi->arch, &clauses->list[i], body);
	if (status == DECOMPILE_REFUSED && w->why->size == 0)
		return refuse_call(w, abi->arch, item,
				   "its condition is too long for anybody to read");
	return status;
}

/* Many numbers have the same rules: each is thought about once. */
static int find_body(struct writer *w, const struct plan_abi *abi, const struct plan_item *item,
		     const struct body **out)
{
	struct asked *asked = arena_alloc(w->l->arena, sizeof(*asked));
	struct body *body = arena_alloc(w->l->arena, sizeof(*body));
	struct str key = { (const char *)asked, sizeof(*asked) };
	int status;

	if (!asked || !body)
		return -ENOMEM;
	asked->arch = abi->arch;
	/* Without conditions, all calls are alike. */
	asked->call = item->answers & (item->answers - 1) ? item->call : NULL;
	asked->fn = item->fn;
	asked->has_fallback = !abi->has_tail;
	asked->fallback = abi->fallback;
	*out = map_get(&w->found, key);
	if (*out)
		return 0;
	status = make_body(w, abi, item, abi->has_tail ? NULL : &abi->fallback, body);
	if (status != 0)
		return status;
	*out = intern(w, body);
	if (!*out)
		return -ENOMEM;
	return map_set(&w->found, key, (void *)(uintptr_t)*out);
}

/* ---- groups ---- */

static struct group *find_group(struct writer *w, uint32_t abis, const struct body *body)
{
	struct group *groups;

	for (size_t i = 0; i < w->len; i++)
		if (w->groups[i].abis == abis && w->groups[i].body == body)
			return &w->groups[i];
	groups = arena_grow(w->l->arena, w->groups, w->len, &w->room, sizeof(*groups));
	if (!groups)
		return NULL;
	w->groups = groups;
	groups[w->len] = (struct group){ .abis = abis, .body = body };
	return &groups[w->len++];
}

/* The place for one more target of these rules, or NULL. */
static struct buf *targets_of(struct writer *w, uint32_t abis, const struct body *body)
{
	struct group *g = find_group(w, abis, body);

	return g ? &g->targets : NULL;
}

static uint32_t set_of(const struct writer *w, size_t abi)
{
	return w->plan->len == 1 ? ALL_ABIS : 1u << abi;
}

static void put_range(struct buf *out, uint32_t first, uint32_t last)
{
	if (out->size)
		buf_putc(out, ' ');
	numbers_put(first, last, out);
}

static int add_numbers(struct writer *w, size_t abi, const struct plan_item *item)
{
	const struct body *body;
	struct buf *targets;
	int status = find_body(w, &w->plan->abis[abi], item, &body);

	if (status != 0)
		return status;
	targets = targets_of(w, set_of(w, abi), body);
	if (targets)
		put_range(targets, item->first, item->last);
	return targets && !targets->failed ? 0 : -ENOMEM;
}

static size_t row_of(const struct arch_syscall *call)
{
	return (size_t)(call - arch_syscall_at(0));
}

/* The rules of every call of every ABI. */
static int find_bodies(struct writer *w)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < w->plan->len; i++) {
		const struct plan_abi *abi = &w->plan->abis[i];

		for (size_t j = 0; status == 0 && j < abi->len; j++) {
			const struct plan_item *item = &abi->items[j];

			if (item->is_said && item->call)
				status = find_body(w, abi, item,
						   &w->bodies[i * w->rows + row_of(item->call)]);
		}
	}
	return status;
}

/* The ABIs that have BODY for the call, or ALL_ABIS if none that has the call differs. */
static uint32_t sharers(const struct writer *w, const struct arch_syscall *call,
			const struct body *body)
{
	uint32_t abis = 0;
	bool all = true;

	for (size_t i = 0; i < w->plan->len; i++) {
		if (w->plan->abis[i].is_closed && w->shares)
			continue;
		if (w->bodies[i * w->rows + row_of(call)] == body)
			abis |= 1u << i;
		else if (arch_syscall_nr(w->plan->abis[i].arch, call) >= 0)
			all = false;
	}
	if (!w->shares)
		return abis & -abis;
	return all ? ALL_ABIS : abis;
}

static int add_call(struct writer *w, const struct arch_syscall *call)
{
	uint32_t done = 0;
	int status = 0;

	for (size_t i = 0; status == 0 && i < w->plan->len; i++) {
		const struct body *body = w->bodies[i * w->rows + row_of(call)];
		struct buf *targets;
		uint32_t abis;

		if (!body || done >> i & 1)
			continue;
		abis = sharers(w, call, body);
		done |= abis;
		targets = targets_of(w, abis, body);
		if (targets)
			buf_printf(targets, targets->size ? " %s" : "%s", call->name);
		status = targets && !targets->failed ? 0 : -ENOMEM;
	}
	return status;
}

/* What the rule for all numbers of a closed ABI leaves out gets the default without a word. */
static bool is_defaults(const struct writer *w, const struct plan_abi *abi,
			const struct plan_item *item)
{
	const struct prove_node *node = prove_node_of(w->l->space, item->fn);

	return abi->is_closed && node->level == PROVE_LEVELS && node->low == w->plan->otherwise;
}

/* Numbers without a name are the ABI's own. */
static int add_all_numbers(struct writer *w)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < w->plan->len; i++) {
		const struct plan_abi *abi = &w->plan->abis[i];

		for (size_t j = 0; status == 0 && j < abi->len; j++)
			if (abi->items[j].is_said && !abi->items[j].call &&
			    !is_defaults(w, abi, &abi->items[j]))
				status = add_numbers(w, i, &abi->items[j]);
	}
	return status;
}

/* ---- statements ---- */

static void put_targets(struct writer *w, const struct buf *targets)
{
	const char *format = memchr(targets->data, ' ', targets->size) ? " { %s }" : " %s";

	if (targets->data)
		buf_printf(w->out, format, targets->data);
}

static void put_group(struct writer *w, const struct group *g, bool in_block)
{
	for (size_t i = 0; i < g->body->len; i++) {
		const struct body_rule *rule = &g->body->rules[i];

		if (in_block)
			buf_putc(w->out, '\t');
		buf_puts(w->out, rule->action);
		put_targets(w, &g->targets);
		if (*rule->cond)
			buf_printf(w->out, " if %s", rule->cond);
		buf_putc(w->out, '\n');
	}
}

static bool is_plain(const struct group *g)
{
	return g->body->len == 1 && !*g->body->rules[0].cond;
}

/* Plain rules come first, the more generous ones before the others; then conditions, as found. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int rank;

	if (is_plain(x) != is_plain(y))
		return is_plain(x) ? -1 : 1;
	rank = is_plain(x) ? x->body->rules[0].rank - y->body->rules[0].rank : 0;
	return rank ? rank : strcmp(x->targets.data, y->targets.data);
}

static void put_on(struct writer *w, uint32_t abis)
{
	const char *before = "on ";

	for (size_t i = 0; i < w->plan->len; i++) {
		if (!(abis >> i & 1))
			continue;
		buf_printf(w->out, "%s%s", before, w->plan->abis[i].arch->name);
		before = ", ";
	}
}

/* The groups of one set of ABIs, which are neighbours after sorting. */
static void put_groups(struct writer *w, const struct group *groups, size_t len)
{
	bool is_shared = groups->abis == ALL_ABIS;
	bool is_block = !is_shared && (len > 1 || groups->body->len > 1);

	buf_putc(w->out, '\n');
	if (!is_shared) {
		put_on(w, groups->abis);
		buf_puts(w->out, is_block ? " {\n" : " ");
	}
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && !is_plain(&groups[i]) && is_plain(&groups[i - 1]))
			buf_putc(w->out, '\n');
		put_group(w, &groups[i], is_block);
	}
	if (is_block)
		buf_puts(w->out, "}\n");
}

/* Sorts groups by their ABIs, shared rules first, in the order of the first ABI that they are on.
 */
static int compare_sets(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int first_x = __builtin_ctz(x->abis), first_y = __builtin_ctz(y->abis);

	if (x->abis == y->abis)
		return compare_groups(a, b);
	if (x->abis == ALL_ABIS || y->abis == ALL_ABIS)
		return x->abis == ALL_ABIS ? -1 : 1;
	return first_x != first_y ? first_x - first_y : x->abis < y->abis ? -1 : 1;
}

static void put_all_groups(struct writer *w)
{
	size_t begin = 0;

	if (w->len)
		qsort(w->groups, w->len, sizeof(*w->groups), compare_sets);
	for (size_t i = 1; i <= w->len; i++) {
		if (i < w->len && w->groups[i].abis == w->groups[begin].abis)
			continue;
		put_groups(w, &w->groups[begin], i - begin);
		begin = i;
	}
}

/* The ranges of numbers between the items that are said to get something else. */
static void put_numbers_left(const struct plan_abi *abi, struct buf *out)
{
	uint32_t first, last;

	for (size_t i = 0; numbers_range(abi->arch, i, &first, &last); i++) {
		uint64_t next = first;

		for (size_t j = 0; j < abi->len; j++) {
			const struct plan_item *item = &abi->items[j];

			if (!item->is_said || item->first < next || item->first > last)
				continue;
			if (item->first > next)
				put_range(out, (uint32_t)next, item->first - 1);
			next = (uint64_t)item->last + 1;
		}
		if (next <= last)
			put_range(out, (uint32_t)next, last);
	}
}

/* The rules of an ABI's tail, or the one rule that is its fallback. */
static int own_body(struct writer *w, const struct plan_abi *abi, struct body *body)
{
	const struct plan_item item = { .fn = abi->tail };
	const struct clause fallback = { NULL, abi->fallback };

	if (abi->has_tail)
		return make_body(w, abi, &item, &w->plan->otherwise, body);
	return put_clause(w, abi->arch, &fallback, body);
}

/* What an ABI answers to all numbers that no other rule is about, where that isn't the default. */
static int put_own(struct writer *w, size_t i)
{
	const struct plan_abi *abi = &w->plan->abis[i];
	struct body body = { 0 };
	struct group group = { .abis = set_of(w, i), .body = &body };
	uint32_t first, last;
	int status = own_body(w, abi, &body);

	if (abi->is_closed)
		put_numbers_left(abi, &group.targets);
	for (size_t j = 0; !abi->is_closed && numbers_range(abi->arch, j, &first, &last); j++)
		put_range(&group.targets, first, last);
	if (status == 0)
		put_groups(w, &group, 1);
	if (group.targets.failed)
		status = -ENOMEM;
	buf_deinit(&group.targets);
	return status;
}

static int put_owns(struct writer *w, bool closed)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < w->plan->len; i++)
		if (w->plan->abis[i].is_own && w->plan->abis[i].is_closed == closed)
			status = put_own(w, i);
	return status;
}

/* One statement answers on all ABIs, by a name that means the same on each, or else by a number. */
static int put_answer(struct writer *w, uint32_t ret)
{
	AUTO_BUF text = { 0 };
	AUTO_BUF other = { 0 };

	if (!action_put(w->plan->abis[0].arch, ret, &text)) {
		buf_printf(w->why, "no action of a policy returns 0x%08x", ret);
		return DECOMPILE_REFUSED;
	}
	for (size_t i = 1; i < w->plan->len; i++) {
		other.size = 0;
		action_put(w->plan->abis[i].arch, ret, &other);
		if (text.failed || other.failed)
			return -ENOMEM;
		if (text.size == other.size && memcmp(text.data, other.data, text.size) == 0)
			continue;
		buf_printf(w->out, "errno(%u)", ret & SECCOMP_RET_DATA);
		return 0;
	}
	buf_add(w->out, text.data, text.size);
	return text.failed ? -ENOMEM : 0;
}

static bool is_enosys(const struct plan *plan)
{
	for (size_t i = 0; i < plan->len; i++) {
		AUTO_BUF text = { 0 };

		if (!action_put(plan->abis[i].arch, plan->young, &text) || text.failed ||
		    strcmp(text.data, "errno(ENOSYS)") != 0)
			return false;
	}
	return true;
}

static int put_head(struct writer *w)
{
	const struct plan *plan = w->plan;
	int status;

	for (size_t i = 0; i < plan->len; i++)
		buf_printf(w->out, "%s%s", i ? ", " : "arch ", plan->abis[i].arch->name);
	buf_puts(w->out, "\ndefault ");
	status = put_answer(w, plan->otherwise);
	buf_putc(w->out, '\n');
	if (status == 0 && plan->foreign != SECCOMP_RET_KILL_PROCESS) {
		buf_puts(w->out, "foreign ");
		status = put_answer(w, plan->foreign);
		buf_putc(w->out, '\n');
	}
	if (status != 0 || !plan->version)
		return status;
	buf_printf(w->out, "baseline linux %s", plan->version);
	if (!is_enosys(plan)) {
		buf_puts(w->out, " else ");
		status = put_answer(w, plan->young);
	}
	buf_putc(w->out, '\n');
	return status;
}

static int write_all(struct writer *w)
{
	const struct arch_syscall *call;
	int status = put_head(w);

	if (status == 0)
		status = find_bodies(w);
	for (size_t i = 0; status == 0 && (call = arch_syscall_at(i)); i++)
		status = add_call(w, call);
	if (status == 0)
		status = add_all_numbers(w);
	if (status != 0)
		return status;
	status = put_owns(w, true);
	put_all_groups(w);
	if (status == 0)
		status = put_owns(w, false);
	return status == 0 && w->out->failed ? -ENOMEM : status;
}

int text_write(struct logic *l, const struct plan *plan, enum text_sharing sharing, struct buf *out,
	       struct buf *why)
{
	struct writer w = {
		.l = l, .plan = plan, .out = out, .why = why, .shares = sharing == TEXT_SHARED
	};
	int status;

	while (arch_syscall_at(w.rows))
		w.rows++;
	map_init(&w.known, l->arena);
	map_init(&w.found, l->arena);
	w.bodies = arena_array(l->arena, plan->len * w.rows, sizeof(*w.bodies));
	if (!w.bodies)
		return -ENOMEM;
	status = write_all(&w);
	for (size_t i = 0; i < w.len; i++)
		buf_deinit(&w.groups[i].targets);
	return status;
}
