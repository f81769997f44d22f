/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings about what is accepted and surely not meant. A rule is resolved once for each call and
 * ABI, so a warning waits until all of them agree: `open` on x86_64 may be reached where that of
 * i386 is not.
 */
#include "policy/resolve.h"

#include "policy/report.h"

/* So many conditions of one call are compared with a new one; beyond, a repeated one goes
 * unnoticed. */
#define SEEN_MAX 64

struct seen {
	struct seen *next;
	const struct rules_cond *cond;
	const struct rules_answer *answer;
	uint32_t ret;
	struct span span;
};

struct number_seen {
	uint32_t nr; /* the key */
	struct seen *first;
	size_t len;
};

/* ---- conditions ---- */

static enum lint_truth truth_if(bool always, bool never)
{
	return always ? LINT_ALWAYS : never ? LINT_NEVER : LINT_OPEN;
}

/* The least and the greatest number that (operand & mask) can be, as the operand is signed or not.
 */
static void bounds(const struct rules_test *t, uint64_t mask, struct rules_range *range)
{
	uint64_t top = (uint64_t)1 << (t->operand.bits - 1);

	if (t->operand.is_signed && (mask & top)) {
		range->first = (int64_t)-top;
		range->last = (int64_t)(mask & ~top);
	} else {
		range->first = 0;
		range->last = (int64_t)mask;
	}
}

static enum lint_truth test_range(const struct rules_test *t, const struct rules_range *all,
				  const struct rules_range *r)
{
	if (t->operand.is_signed)
		return truth_if(r->first <= all->first && r->last >= all->last,
				r->first > all->last || r->last < all->first);
	return truth_if((uint64_t)r->first <= (uint64_t)all->first &&
				(uint64_t)r->last >= (uint64_t)all->last,
			(uint64_t)r->first > (uint64_t)all->last ||
				(uint64_t)r->last < (uint64_t)all->first);
}

/* A value of the operand below (-1), within (0) or past (1) what it can be, and whether it is the
 * bound itself. */
static enum lint_truth test_order(const struct rules_test *t, const struct rules_range *all,
				  int64_t value)
{
	bool under_first =
		t->operand.is_signed ? value < all->first : (uint64_t)value < (uint64_t)all->first;
	bool over_last =
		t->operand.is_signed ? value > all->last : (uint64_t)value > (uint64_t)all->last;
	bool is_first = value == all->first, is_last = value == all->last;

	switch (t->cmp) {
	case RULES_LT:
		return truth_if(over_last, under_first || is_first);
	case RULES_LE:
		return truth_if(over_last || is_last, under_first);
	case RULES_GT:
		return truth_if(under_first, over_last || is_last);
	default:
		return truth_if(under_first || is_first, over_last);
	}
}

enum lint_truth lint_test(const struct rules_test *t)
{
	uint64_t ones = UINT64_MAX >> (64 - t->operand.bits), mask = t->mask & ones;
	struct rules_range all;
	enum lint_truth truth;
	bool all_never = true;
	int64_t value = (int64_t)t->value;

	bounds(t, mask, &all);
	if (t->operand.is_signed && t->value > ones >> 1)
		value = (int64_t)(t->value | ~ones);
	switch (t->cmp) {
	case RULES_EQ:
	case RULES_NE:
		if (t->value & ~mask)
			return t->cmp == RULES_EQ ? LINT_NEVER : LINT_ALWAYS;
		if (mask == 0)
			return t->cmp == RULES_EQ ? LINT_ALWAYS : LINT_NEVER;
		return LINT_OPEN;
	case RULES_IN:
		for (size_t i = 0; i < t->nranges; i++) {
			truth = test_range(t, &all, &t->ranges[i]);
			if (truth == LINT_ALWAYS)
				return LINT_ALWAYS;
			all_never &= truth == LINT_NEVER;
		}
		return all_never ? LINT_NEVER : LINT_OPEN;
	default:
		return test_order(t, &all, value);
	}
}

static bool tests_equal(const struct rules_test *a, const struct rules_test *b)
{
	if (a->operand.low != b->operand.low || a->operand.high != b->operand.high ||
	    a->operand.bits != b->operand.bits || a->operand.is_signed != b->operand.is_signed ||
	    a->mask != b->mask || a->cmp != b->cmp || a->nranges != b->nranges)
		return false;
	if (a->cmp != RULES_IN)
		return a->value == b->value;
	for (size_t i = 0; i < a->nranges; i++)
		if (a->ranges[i].first != b->ranges[i].first ||
		    a->ranges[i].last != b->ranges[i].last)
			return false;
	return true;
}

/* Written alike, that is; what is equal in other ways is for the prover. As deep as conditions are.
 */
static bool conds_equal(const struct rules_cond *a, const struct rules_cond *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case RULES_TEST:
		return tests_equal(&a->test, &b->test);
	case RULES_CONST:
		return a->constant == b->constant;
	case RULES_NOT:
		return conds_equal(a->left, b->left);
	default:
		return conds_equal(a->left, b->left) && conds_equal(a->right, b->right);
	}
}

/* ---- rules ---- */

static struct number_seen *find_seen(struct resolver *r, uint32_t nr)
{
	struct str key = { (const char *)&nr, sizeof(nr) };
	struct number_seen *n = map_get(&r->seen, key);

	if (n)
		return n;
	n = resolve_alloc(r, sizeof(*n));
	if (!n)
		return NULL;
	n->nr = nr;
	key.ptr = (const char *)&n->nr;
	if (map_set(&r->seen, key, n) < 0) {
		r->nomem = true;
		return NULL;
	}
	return n;
}

void lint_entry(struct resolver *r, const struct rules_entry *entry, struct target *top)
{
	struct number_seen *n;
	struct seen *s;

	/* Ranges of numbers are for those without a name; they aren't compared. */
	if (entry->first != entry->last) {
		top->is_reached = true;
		return;
	}
	n = find_seen(r, entry->first);
	if (!n)
		return;
	for (s = n->first; s; s = s->next) {
		if (s->cond && !(entry->cond && conds_equal(s->cond, entry->cond)))
			continue;
		/* The first place is the one to show. */
		if (!top->is_shadowed) {
			top->shadow = s->span;
			top->is_repeated = true;
		}
		top->is_shadowed = true;
		top->is_repeated &= s->ret == entry->ret && s->answer == entry->answer &&
				    (s->cond != NULL) == (entry->cond != NULL);
		return;
	}
	top->is_reached = true;
	if (n->len == SEEN_MAX && entry->cond)
		return;
	s = resolve_alloc(r, sizeof(*s));
	if (!s)
		return;
	*s = (struct seen){ n->first, entry->cond, entry->answer, entry->ret, top->span };
	n->first = s;
	n->len++;
}

static void report_target(struct resolver *r, const struct target *t)
{
	bool added;

	if (t->is_reached || !t->is_shadowed)
		return;
	if (t->is_repeated)
		added = report(r->diags, DIAG_DUPLICATE_RULE, t->span,
			       "an earlier rule says the same");
	else
		added = report(r->diags, DIAG_UNREACHABLE, t->span,
			       "no call gets here: an earlier rule decides all of them");
	if (added)
		diag_note(r->diags, t->shadow, "the earlier rule");
}

static void report_cond(struct resolver *r, const struct cond *c)
{
	if (c->kind != COND_TEST) {
		for (const struct cond *i = c->first; i; i = i->next)
			report_cond(r, i);
		return;
	}
	if (c->was_always && !c->was_open && !c->was_never)
		report(r->diags, DIAG_ALWAYS_TRUE, c->span, "this is always true");
	if (c->was_never && !c->was_open && !c->was_always)
		report(r->diags, DIAG_NEVER_TRUE, c->span, "this is never true");
}

/* What a shipped policy repeats is not its reader's to change. */
static void report_stmts(struct resolver *r, const struct stmt *stmts)
{
	for (const struct stmt *s = stmts; s; s = s->next) {
		if (s->kind == STMT_INCLUDE && s->included && !s->included->is_shipped)
			report_stmts(r, s->included->stmts);
		if (s->kind == STMT_ON)
			report_stmts(r, s->rules);
		if (s->kind != STMT_RULE)
			continue;
		for (const struct target *t = s->targets; t; t = t->next)
			report_target(r, t);
		if (s->cond)
			report_cond(r, s->cond);
	}
}

void lint_report(struct resolver *r)
{
	report_stmts(r, r->main->stmts);
	/* A library may define more than its reader needs. */
	for (const struct symbol *s = r->symbols; s; s = s->next)
		if (!s->is_used && s->stmt->name_span.file == r->main->source)
			report(r->diags, DIAG_UNUSED, s->stmt->name_span, "nothing uses '%s'",
			       s->text);
}
