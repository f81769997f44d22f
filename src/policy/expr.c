/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values and conditions. Operators of one rank make one node (ast.h); ranks are C's, but `operand &
 * mask` binds tighter than a comparison. Recursion happens in brackets and signs only, and
 * parse_deeper() counts those.
 */
#include "policy/parse.h"

#include "policy/report.h"

/* The binary operators of values, loosest first, as in C. */
static const struct rank {
	enum token_kind ops[2];
} ranks[] = {
	{ { TOKEN_OR, TOKEN_OR } },	 { { TOKEN_XOR, TOKEN_XOR } },
	{ { TOKEN_AND, TOKEN_AND } },	 { { TOKEN_SHIFT, TOKEN_SHIFT } },
	{ { TOKEN_PLUS, TOKEN_MINUS } },
};

static struct value *parse_ranked(struct parser *p, size_t rank);

static struct value *new_value(struct parser *p, enum value_kind kind, struct span span)
{
	struct value *v = parse_alloc(p, sizeof(*v));

	if (v) {
		v->kind = kind;
		v->span = span;
	}
	return v;
}

static struct value *parse_signed(struct parser *p, enum value_kind kind)
{
	struct span span = parse_next(p)->span;
	struct value *operand, *v;

	if (!parse_deeper(p))
		return NULL;
	operand = parse_ranked(p, ARRAY_LEN(ranks));
	p->depth--;
	if (!operand)
		return NULL;
	v = new_value(p, kind, span_join(span, operand->span));
	if (v)
		v->first = operand;
	return v;
}

static struct value *parse_bracketed(struct parser *p)
{
	struct span opened;
	struct value *v;

	if (!parse_open(p, TOKEN_OPEN_PAREN))
		return NULL;
	opened = p->before->span;
	v = parse_value(p);
	return v && parse_close(p, TOKEN_CLOSE_PAREN, opened) ? v : NULL;
}

static struct value *parse_primary(struct parser *p)
{
	const struct token *t;
	struct value *v;

	switch (parse_peek(p)) {
	case TOKEN_MINUS:
		return parse_signed(p, VALUE_NEGATE);
	case TOKEN_TILDE:
		return parse_signed(p, VALUE_COMPLEMENT);
	case TOKEN_OPEN_PAREN:
		return parse_bracketed(p);
	case TOKEN_NUMBER:
	case TOKEN_NAME:
		t = parse_next(p);
		v = new_value(p, t->kind == TOKEN_NAME ? VALUE_NAME : VALUE_NUMBER, t->span);
		if (v) {
			v->number = t->number;
			v->name = t->text;
		}
		return v;
	case TOKEN_STRING:
		report(p->diags, DIAG_UNEXPECTED, p->at->span,
		       "a filter sees numbers, not the memory a pointer leads to");
		return NULL;
	default:
		parse_expected(p, "a number or a constant's name");
		return NULL;
	}
}

static struct value *parse_ranked(struct parser *p, size_t rank)
{
	struct value *first, *chain, **end;

	if (rank == ARRAY_LEN(ranks))
		return parse_primary(p);
	first = parse_ranked(p, rank + 1);
	if (!first || (parse_peek(p) != ranks[rank].ops[0] && parse_peek(p) != ranks[rank].ops[1]))
		return first;
	chain = new_value(p, VALUE_CHAIN, first->span);
	if (!chain)
		return NULL;
	chain->first = first;
	end = &first->next;
	while (parse_peek(p) == ranks[rank].ops[0] || parse_peek(p) == ranks[rank].ops[1]) {
		enum token_kind op = parse_next(p)->kind;
		struct value *operand = parse_ranked(p, rank + 1);

		if (!operand)
			return NULL;
		operand->op = op;
		chain->span = span_join(chain->span, operand->span);
		*end = operand;
		end = &operand->next;
	}
	return chain;
}

struct value *parse_value(struct parser *p)
{
	return parse_ranked(p, 0);
}

/* ---- lists of values ---- */

static struct item *parse_item(struct parser *p)
{
	struct item *item = parse_alloc(p, sizeof(*item));

	if (!item)
		return NULL;
	item->first = item->last = parse_value(p);
	if (item->first && parse_take(p, TOKEN_DOTS))
		item->last = parse_value(p);
	if (!item->first || !item->last)
		return NULL;
	item->span = span_join(item->first->span, item->last->span);
	return item;
}

static bool begins_value(enum token_kind kind)
{
	return kind == TOKEN_NUMBER || kind == TOKEN_NAME || kind == TOKEN_TILDE ||
	       kind == TOKEN_OPEN_PAREN;
}

/* "{" item {"," item} "}"; a comma may be the last thing, as in C. */
struct item *parse_items(struct parser *p)
{
	struct item *items = NULL, **end = &items;
	struct span opened;

	if (!parse_open(p, TOKEN_OPEN_BRACE))
		return NULL;
	opened = p->before->span;
	do {
		if (items && (parse_peek(p) == TOKEN_CLOSE_BRACE || parse_is_statement(p)))
			break;
		*end = parse_item(p);
		if (!*end)
			return NULL;
		end = &(*end)->next;
		if (!parse_is_statement(p) && begins_value(parse_peek(p))) {
			report(p->diags, DIAG_MISSING_COMMA, p->at->span,
			       "values are separated by commas: one is missing before this");
			continue;
		}
		if (parse_is_statement(p) || !parse_take(p, TOKEN_COMMA))
			break;
	} while (true);
	return parse_close(p, TOKEN_CLOSE_BRACE, opened) ? items : NULL;
}

/* ---- conditions ---- */

static struct cond *new_cond(struct parser *p, enum cond_kind kind, struct span span)
{
	struct cond *c = parse_alloc(p, sizeof(*c));

	if (c) {
		c->kind = kind;
		c->span = span;
	}
	return c;
}

static bool parse_in(struct parser *p, struct cond *c, bool negated)
{
	const struct token *name;

	if (parse_peek(p) != TOKEN_OPEN_BRACE) {
		name = parse_want(p, TOKEN_NAME, "'{' or the name of a set");
		if (!name)
			return false;
		c->test = negated ? TEST_NOT_IN_SET : TEST_IN_SET;
		c->set = name->text;
		c->set_span = name->span;
		return true;
	}
	c->test = negated ? TEST_NOT_IN : TEST_IN;
	c->items = parse_items(p);
	return c->items != NULL;
}

static bool parse_compare(struct parser *p, struct cond *c)
{
	enum token_kind kind = parse_peek(p);

	if (kind == TOKEN_ASSIGN) {
		report(p->diags, DIAG_SPELLING, p->at->span,
		       "'=' is for let, set and group; a comparison is '=='");
		kind = TOKEN_EQ;
	}
	if (kind < TOKEN_EQ || kind > TOKEN_GE) {
		parse_expected(p, c->mask ? "a comparison or 'in'"
					  : "a comparison, 'in', 'within' or 'has'");
		return false;
	}
	parse_next(p);
	c->test = TEST_COMPARE;
	c->compare = kind;
	c->value = parse_value(p);
	return c->value != NULL;
}

static bool parse_relation(struct parser *p, struct cond *c)
{
	if (parse_take_word(p, "in"))
		return parse_in(p, c, false);
	if (parse_take_word(p, "not")) {
		if (parse_take_word(p, "in"))
			return parse_in(p, c, true);
		parse_expected(p, "'in' after 'not'");
		return false;
	}
	if (c->mask || !(parse_peek_word(p, "within") || parse_peek_word(p, "has")))
		return parse_compare(p, c);
	c->test = parse_take_word(p, "within") ? TEST_WITHIN : TEST_HAS;
	if (c->test == TEST_HAS)
		parse_next(p);
	c->value = parse_value(p);
	return c->value != NULL;
}

static struct cond *parse_test(struct parser *p)
{
	const struct token *name = parse_want(p, TOKEN_NAME, "an argument's name");
	struct cond *c = name ? new_cond(p, COND_TEST, name->span) : NULL;

	if (!c)
		return NULL;
	c->operand = name->text;
	c->operand_span = name->span;
	if (parse_take(p, TOKEN_AND)) {
		c->mask = parse_value(p);
		if (!c->mask)
			return NULL;
	}
	if (!parse_relation(p, c))
		return NULL;
	c->span = span_join(c->span, p->before->span);
	return c;
}

static struct cond *parse_unary(struct parser *p)
{
	struct span span;
	struct cond *inner, *c;

	if (parse_peek(p) == TOKEN_OPEN_PAREN) {
		if (!parse_open(p, TOKEN_OPEN_PAREN))
			return NULL;
		span = p->before->span;
		inner = parse_cond(p);
		return inner && parse_close(p, TOKEN_CLOSE_PAREN, span) ? inner : NULL;
	}
	if (parse_peek(p) != TOKEN_NOT)
		return parse_test(p);
	span = parse_next(p)->span;
	if (!parse_deeper(p))
		return NULL;
	inner = parse_unary(p);
	p->depth--;
	c = inner ? new_cond(p, COND_NOT, span_join(span, inner->span)) : NULL;
	if (c)
		c->first = inner;
	return c;
}

/* `and` and `or` are what other languages say: understood, and refused. */
static bool take_junction(struct parser *p, enum cond_kind kind)
{
	const char *sign = kind == COND_AND ? "&&" : "||", *word = kind == COND_AND ? "and" : "or";

	if (parse_take(p, kind == COND_AND ? TOKEN_AND_AND : TOKEN_OR_OR))
		return true;
	if (!parse_peek_word(p, word))
		return false;
	report(p->diags, DIAG_SPELLING, parse_next(p)->span, "'%s' is written '%s'", word, sign);
	return true;
}

static struct cond *parse_junction(struct parser *p, enum cond_kind kind)
{
	struct cond *first = kind == COND_OR ? parse_junction(p, COND_AND) : parse_unary(p);
	struct cond *c, **end;

	if (!first || !take_junction(p, kind))
		return first;
	c = new_cond(p, kind, first->span);
	if (!c)
		return NULL;
	c->first = first;
	end = &first->next;
	do {
		*end = kind == COND_OR ? parse_junction(p, COND_AND) : parse_unary(p);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	} while (take_junction(p, kind));
	c->span = span_join(c->span, p->before->span);
	return c;
}

struct cond *parse_cond(struct parser *p)
{
	return parse_junction(p, COND_OR);
}
