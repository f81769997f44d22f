/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canonical layout. It is made of the text's own tokens, in their order: only spaces and
 * newlines change, and those only where the language ignores them, so the meaning can't. The tree
 * says where statements begin and end.
 *
 * Braces stay on one line if they were and fit; else their lines are indented, and kept. What is
 * too long elsewhere is broken after an operator or a comma. Each choice looks only at what the
 * output shows again, hence format(format(x)) is format(x).
 */
#include "policy/policy.h"

#include <errno.h>

#include "policy/parse.h"
#include "policy/report.h"

#define WIDTH	  100
#define TAB_WIDTH 8

struct formatter {
	struct buf *out;
	const struct token *at;	    /* the next token to print */
	const struct token *before; /* the last one printed on this line, NULL at its begin */
	unsigned newlines;	    /* of the text, since the last token */
	unsigned column;
	bool is_block_begin; /* no blank line here */
};

/* ---- spaces ---- */

static bool is_word(const struct token *t, const char *word)
{
	return t->kind == TOKEN_NAME && str_is(t->text, word);
}

/* Whether a value may end in this token, so that "-" after it is a difference. */
static bool ends_value(const struct token *t)
{
	if (t->kind == TOKEN_NAME)
		return !is_word(t, "in") && !is_word(t, "within") && !is_word(t, "has") &&
		       !is_word(t, "return");
	return t->kind == TOKEN_NUMBER || t->kind == TOKEN_CLOSE_PAREN;
}

/* The token before T in the text; the first token has none, and is never asked. */
static const struct token *previous(const struct token *t)
{
	do
		t--;
	while (t->kind == TOKEN_NEWLINE || t->kind == TOKEN_COMMENT);
	return t;
}

static bool is_prefix(const struct token *t)
{
	return t->kind == TOKEN_NOT || t->kind == TOKEN_TILDE ||
	       (t->kind == TOKEN_MINUS && !ends_value(previous(t)));
}

static bool is_spaced(const struct token *before, const struct token *t)
{
	if (before->kind == TOKEN_OPEN_PAREN || before->kind == TOKEN_DOTS || is_prefix(before))
		return false;
	if (t->kind == TOKEN_OPEN_PAREN)
		return !is_word(before, "errno") && !is_word(before, "trap") &&
		       !is_word(before, "trace") && !is_word(before, "syscall") &&
		       !is_word(before, "open_beneath") && !is_word(before, "make_node");
	return t->kind != TOKEN_CLOSE_PAREN && t->kind != TOKEN_COMMA &&
	       t->kind != TOKEN_QUESTION && t->kind != TOKEN_DOTS;
}

static unsigned token_width(const struct token *t)
{
	return t->span.end - t->span.begin;
}

static bool is_layout(const struct token *t)
{
	return t->kind == TOKEN_NEWLINE || t->kind == TOKEN_COMMENT;
}

/* How wide the tokens from BEGIN to END (not included) are on one line. */
static unsigned flat_width(const struct token *begin, const struct token *end)
{
	const struct token *before = NULL;
	unsigned width = 0;

	for (const struct token *t = begin; t < end; t++) {
		if (is_layout(t))
			continue;
		width += token_width(t) + (before && is_spaced(before, t));
		before = t;
	}
	return width;
}

static bool has_layout(const struct token *begin, const struct token *end)
{
	for (const struct token *t = begin; t < end; t++)
		if (is_layout(t))
			return true;
	return false;
}

/* ---- lines ---- */

static void put_newline(struct formatter *f, unsigned indent)
{
	buf_putc(f->out, '\n');
	buf_fill(f->out, '\t', indent);
	f->column = indent * TAB_WIDTH;
	f->before = NULL;
}

/* Begins the line of a statement or of a comment of its own; one blank line is kept. */
static void begin_line(struct formatter *f, unsigned indent)
{
	if (f->newlines > 1 && !f->is_block_begin)
		buf_putc(f->out, '\n');
	if (f->out->size > 0)
		put_newline(f, indent);
	f->newlines = 0;
	f->is_block_begin = false;
}

static void put_token(struct formatter *f, const struct token *t, struct str text)
{
	struct str shown = t->kind == TOKEN_COMMENT ? t->text : text;

	while (shown.len && strchr(" \t\r", shown.ptr[shown.len - 1]))
		shown.len--;
	if (f->before && (t->kind == TOKEN_COMMENT || is_spaced(f->before, t))) {
		buf_putc(f->out, ' ');
		f->column++;
	}
	buf_add(f->out, shown.ptr, shown.len);
	f->column += (unsigned)shown.len;
	f->before = t;
}

/* The token's bytes; a string's and a group's text is without their marks. */
static struct str token_text(const struct token *t)
{
	if (t->kind == TOKEN_STRING || t->kind == TOKEN_GROUP)
		return (struct str){ t->text.ptr - 1, token_width(t) };
	return t->text;
}

/* Comments and newlines between statements. */
static void put_layout(struct formatter *f, unsigned indent)
{
	for (; is_layout(f->at); f->at++) {
		if (f->at->kind == TOKEN_NEWLINE) {
			f->newlines++;
			continue;
		}
		if (f->newlines || !f->before)
			begin_line(f, indent);
		put_token(f, f->at, f->at->text);
		f->is_block_begin = false;
	}
}

/* ---- statements ---- */

static const struct token *find_close(const struct token *open, const struct token *end)
{
	unsigned nesting = 0;

	for (const struct token *t = open; t < end; t++) {
		nesting += t->kind == TOKEN_OPEN_BRACE;
		nesting -= t->kind == TOKEN_CLOSE_BRACE;
		if (nesting == 0)
			return t;
	}
	return end;
}

static bool is_junction(const struct token *t)
{
	return t->kind == TOKEN_AND_AND || t->kind == TOKEN_OR_OR;
}

/*
 * How much room T needs on its line: itself and what clings to it, or all of a test after "&&".
 * Newlines of the text count in a block only: elsewhere they won't be there the next time.
 */
static unsigned unit_width(const struct formatter *f, const struct token *end, bool in_block)
{
	const struct token *before = f->at;
	bool is_test = f->before && is_junction(f->before);
	unsigned width = token_width(before);

	for (const struct token *t = before + 1; t < end; t++) {
		if (t->kind == TOKEN_COMMENT || (t->kind == TOKEN_NEWLINE && in_block))
			break;
		if (t->kind == TOKEN_NEWLINE)
			continue;
		if (is_test ? is_junction(before) || before->kind == TOKEN_OPEN_BRACE
			    : is_spaced(before, t))
			break;
		width += token_width(t) + is_spaced(before, t);
		before = t;
	}
	return width;
}

static bool may_break_after(const struct token *t)
{
	return lex_continues(t->kind) && !is_prefix(t) && t->kind != TOKEN_ASSIGN &&
	       t->kind != TOKEN_DOTS;
}

/* One token of a statement; the lines within BLOCK, its braces, are kept. */
static void put_in_statement(struct formatter *f, const struct token *end, unsigned indent,
			     const struct token *block_end)
{
	const struct token *t = f->at;
	unsigned inner = block_end ? indent + 1 : indent + 2;
	bool is_full = f->before && f->column + 1 + unit_width(f, end, block_end != NULL) > WIDTH &&
		       f->before->kind != TOKEN_COMMENT;

	if (f->before && t == block_end)
		put_newline(f, indent);
	else if (f->before && (f->before->kind == TOKEN_COMMENT || (block_end && f->newlines)))
		put_newline(f, inner);
	else if (f->before && f->newlines && t->kind == TOKEN_COMMENT)
		put_newline(f, inner);
	else if (is_full && t->kind != TOKEN_COMMENT && is_spaced(f->before, t) &&
		 (block_end || may_break_after(f->before)))
		put_newline(f, inner);
	put_token(f, t, token_text(t));
	f->newlines = 0;
}

static void put_statement(struct formatter *f, const struct token *end, unsigned indent)
{
	const struct token *block_end = NULL, *close;

	for (; f->at < end; f->at++) {
		if (f->at->kind == TOKEN_NEWLINE) {
			f->newlines++;
			continue;
		}
		put_in_statement(f, end, indent, block_end);
		if (f->at == block_end)
			block_end = NULL;
		if (f->at->kind != TOKEN_OPEN_BRACE || block_end)
			continue;
		close = find_close(f->at, end);
		if (!has_layout(f->at, close) &&
		    f->column + flat_width(f->at, close + 1) - 1 <= WIDTH)
			continue;
		block_end = close;
		/* A comment behind the brace stays there. */
		if (f->at[1].kind != TOKEN_COMMENT)
			f->newlines = 1;
	}
}

static const struct token *statement_end(const struct token *t, const struct stmt *s)
{
	while (t->kind != TOKEN_END && t->span.begin < s->span.end)
		t++;
	return t;
}

static void put_one(struct formatter *f, const struct stmt *s, unsigned indent);

static void put_on(struct formatter *f, const struct stmt *s, const struct token *end,
		   unsigned indent)
{
	const struct token *open = f->at;

	while (open < end && open->kind != TOKEN_OPEN_BRACE)
		open++;
	put_statement(f, open, indent);
	if (open == end)
		return;
	put_token(f, open, token_text(open));
	f->at = open + 1;
	f->is_block_begin = true;
	for (const struct stmt *i = s->rules; i; i = i->next) {
		put_layout(f, indent + 1);
		put_one(f, i, indent + 1);
	}
	put_layout(f, indent + 1);
	put_newline(f, indent);
	put_token(f, f->at, token_text(f->at));
	f->at++;
	f->newlines = 0;
}

/* Whether the rules of `on ARCH { }` get lines of their own. */
static bool is_tall(const struct formatter *f, const struct stmt *s, const struct token *end)
{
	const struct token *open = f->at, *rule;

	while (open < end && open->kind != TOKEN_OPEN_BRACE)
		open++;
	if (open == end || !s->rules)
		return open != end && has_layout(open, end);
	for (rule = open + 1; rule < end && is_layout(rule); rule++)
		;
	/* "on ARCH allow { read }": the brace is the rule's own. */
	if (rule->span.begin != s->rules->span.begin)
		return false;
	return s->rules->next || has_layout(open, end) ||
	       f->column + flat_width(f->at, end) > WIDTH;
}

/* Two levels at most: rules of `on`. */
static void put_one(struct formatter *f, const struct stmt *s, unsigned indent)
{
	const struct token *end = statement_end(f->at, s);

	begin_line(f, indent);
	if (s->kind == STMT_ON && is_tall(f, s, end))
		put_on(f, s, end, indent);
	else
		put_statement(f, end, indent);
	f->newlines = 0;
}

int policy_format(struct arena *arena, struct diags *diags, struct sources *sources,
		  const char *name, struct str text, struct buf *out)
{
	uint32_t source = sources_add(sources, name, text);
	struct formatter f = { .out = out, .is_block_begin = true };
	size_t errors = diags->errors;
	struct file *file;
	int r;

	if (!source)
		return -ENOMEM;
	r = parse_file(arena, diags, source, text, &file);
	if (r < 0)
		return diags->failed ? -ENOMEM : r;
	if (diags->errors > errors)
		return -EINVAL;
	f.at = file->tokens;
	for (const struct stmt *s = file->stmts; s; s = s->next) {
		put_layout(&f, 0);
		put_one(&f, s, 0);
	}
	put_layout(&f, 0);
	if (out->size)
		buf_putc(out, '\n');
	return out->failed ? -ENOMEM : 0;
}
