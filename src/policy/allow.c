/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "# strait: allow L020, W001 on i386: why" silences these warnings on a line: its own, or where
 * the comment stands alone, the next one that has something else than comments. `on` says for which
 * ABIs there is something to silence.
 */
#include "policy/include.h"

#include <errno.h>

#include "policy/report.h"

/* What is left of a comment. */
struct cursor {
	struct str rest;
	struct span span;
};

static void skip(struct cursor *c, size_t n)
{
	c->rest.ptr += n;
	c->rest.len -= n;
	c->span.begin += (uint32_t)n;
}

static void skip_any(struct cursor *c, const char *bytes)
{
	while (c->rest.len && strchr(bytes, c->rest.ptr[0]) && c->rest.ptr[0])
		skip(c, 1);
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	skip_any(c, " \t");
	if (c->rest.len < len || memcmp(c->rest.ptr, word, len) != 0)
		return false;
	skip(c, len);
	return true;
}

static bool is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

/* A capital letter and digits: "L020". */
static size_t code_len(struct str s)
{
	size_t n = 1;

	if (s.len == 0 || !is_between(s.ptr[0], 'A', 'Z'))
		return 0;
	while (n < s.len && is_between(s.ptr[n], '0', '9'))
		n++;
	return n > 1 ? n : 0;
}

static unsigned line_of(const struct include_context *c, struct span span)
{
	struct place place;

	return sources_place(c->sources, span, &place) ? place.line : 0;
}

static int add(struct include_context *c, struct str code, struct span span, unsigned line,
	       struct source_allow **first)
{
	enum diag_code known = diag_code_by_text(code);
	struct source_allow *a;

	if (known == DIAG_CODES || diag_code_severity(known) == DIAG_SEVERITY_ERROR) {
		report(c->diags, DIAG_ALLOW_UNKNOWN, span, "no warning has the code '%.*s'",
		       STR_ARG(code));
		return 0;
	}
	a = arena_alloc(c->arena, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct source_allow){ .next = source_at(c->sources, span.file)->allows,
				    .code = diag_code_text(known),
				    .line = line,
				    .span = span };
	source_at(c->sources, span.file)->allows = a;
	*first = *first ? *first : a;
	return 0;
}

/* The names behind `on`, up to a colon, for the allows of this comment, FIRST being the oldest. */
static void collect_archs(struct include_context *c, struct cursor *at, struct source_allow *first)
{
	struct source_allow *newest = source_at(c->sources, at->span.file)->allows;
	const char *colon = memchr(at->rest.ptr, ':', at->rest.len);
	struct str archs = { at->rest.ptr, colon ? (size_t)(colon - at->rest.ptr) : at->rest.len };

	for (struct source_allow *a = first ? newest : NULL; a; a = a == first ? NULL : a->next)
		a->archs = archs;
	for (at->rest = archs; skip_any(at, " \t,"), at->rest.len > 0;) {
		struct span span = at->span;
		size_t len = 1;

		while (len < at->rest.len && !strchr(" \t,", at->rest.ptr[len]))
			len++;
		span.end = span.begin + (uint32_t)len;
		if (!arch_by_name((struct str){ at->rest.ptr, len }))
			report(c->diags, DIAG_ALLOW_UNKNOWN, span,
			       "no architecture '%.*s'; a colon ends the list", (int)len,
			       at->rest.ptr);
		skip(at, len);
	}
}

static int collect_codes(struct include_context *c, struct cursor *at, unsigned line)
{
	struct source_allow *first = NULL;
	size_t len, n = 0;
	int r = 0;

	skip_any(at, " \t,");
	for (; r == 0 && (len = code_len(at->rest)) > 0; n++) {
		struct span span = at->span;

		span.end = span.begin + (uint32_t)len;
		r = add(c, (struct str){ at->rest.ptr, len }, span, line, &first);
		skip(at, len);
		skip_any(at, " \t,");
	}
	if (n == 0)
		report(c->diags, DIAG_ALLOW_UNKNOWN, at->span,
		       "a code is missing: # strait: allow L020");
	else if (take_word(at, "on "))
		collect_archs(c, at, first);
	return r;
}

static bool is_space(const struct token *t)
{
	return t->kind == TOKEN_NEWLINE || t->kind == TOKEN_COMMENT;
}

int allow_collect(struct include_context *c, uint32_t file, const struct token *tokens)
{
	int r = 0;

	for (const struct token *t = tokens; t->kind != TOKEN_END && r == 0; t++) {
		const struct token *on = t;
		struct cursor at = { source_at(c->sources, file)->text, t->span };

		if (t->kind != TOKEN_COMMENT)
			continue;
		at.rest.ptr += t->span.begin;
		at.rest.len = t->span.end - t->span.begin;
		if (!take_word(&at, "#") || !take_word(&at, "strait:") || !take_word(&at, "allow"))
			continue;
		if (t == tokens || is_space(t - 1))
			while (is_space(on))
				on++;
		r = collect_codes(c, &at, line_of(c, on->span));
	}
	return r;
}
