/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See lex.h. The bytes are checked first, as a whole: from then on every byte is printable ASCII, a
 * tab, a newline or part of valid UTF-8, and UTF-8 may stand in comments and strings only.
 */
#include "policy/lex.h"

#include <errno.h>

#include "policy/policy.h"
#include "policy/report.h"

struct lexer {
	struct arena *arena;
	struct diags *diags;
	uint32_t file;
	struct str text;
	size_t at;
	struct token *tokens;
	size_t len, room;
};

/* The longest spelling first, so that "<=" isn't "<" and "=". */
static const struct {
	const char *text;
	enum token_kind kind;
} signs[] = {
	{ "&&", TOKEN_AND_AND },    { "||", TOKEN_OR_OR },	{ "==", TOKEN_EQ },
	{ "!=", TOKEN_NE },	    { "<=", TOKEN_LE },		{ ">=", TOKEN_GE },
	{ "<<", TOKEN_SHIFT },	    { "=>", TOKEN_ARROW },	{ "..", TOKEN_DOTS },
	{ "{", TOKEN_OPEN_BRACE },  { "}", TOKEN_CLOSE_BRACE }, { "(", TOKEN_OPEN_PAREN },
	{ ")", TOKEN_CLOSE_PAREN }, { ",", TOKEN_COMMA },	{ "?", TOKEN_QUESTION },
	{ "=", TOKEN_ASSIGN },	    { "<", TOKEN_LT },		{ ">", TOKEN_GT },
	{ "!", TOKEN_NOT },	    { "&", TOKEN_AND },		{ "|", TOKEN_OR },
	{ "^", TOKEN_XOR },	    { "+", TOKEN_PLUS },	{ "-", TOKEN_MINUS },
	{ "~", TOKEN_TILDE },
};

static const char *const kind_texts[] = {
	[TOKEN_END] = "the end of the text",
	[TOKEN_NEWLINE] = "the end of the line",
	[TOKEN_COMMENT] = "a comment",
	[TOKEN_NAME] = "a name",
	[TOKEN_GROUP] = "a group",
	[TOKEN_NUMBER] = "a number",
	[TOKEN_VERSION] = "a version",
	[TOKEN_STRING] = "a string",
	[TOKEN_OPEN_BRACE] = "'{'",
	[TOKEN_CLOSE_BRACE] = "'}'",
	[TOKEN_OPEN_PAREN] = "'('",
	[TOKEN_CLOSE_PAREN] = "')'",
	[TOKEN_COMMA] = "','",
	[TOKEN_QUESTION] = "'?'",
	[TOKEN_DOTS] = "'..'",
	[TOKEN_ASSIGN] = "'='",
	[TOKEN_ARROW] = "'=>'",
	[TOKEN_EQ] = "'=='",
	[TOKEN_NE] = "'!='",
	[TOKEN_LT] = "'<'",
	[TOKEN_LE] = "'<='",
	[TOKEN_GT] = "'>'",
	[TOKEN_GE] = "'>='",
	[TOKEN_AND_AND] = "'&&'",
	[TOKEN_OR_OR] = "'||'",
	[TOKEN_NOT] = "'!'",
	[TOKEN_AND] = "'&'",
	[TOKEN_OR] = "'|'",
	[TOKEN_XOR] = "'^'",
	[TOKEN_SHIFT] = "'<<'",
	[TOKEN_PLUS] = "'+'",
	[TOKEN_MINUS] = "'-'",
	[TOKEN_TILDE] = "'~'",
	[TOKEN_BAD] = "something else",
};

const char *lex_kind_text(enum token_kind kind)
{
	return kind_texts[kind];
}

bool lex_continues(enum token_kind kind)
{
	return kind == TOKEN_COMMA || (kind >= TOKEN_DOTS && kind <= TOKEN_TILDE);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static struct span span_from(const struct lexer *l, size_t begin)
{
	return (struct span){ l->file, (uint32_t)begin, (uint32_t)l->at };
}

static char peek(const struct lexer *l, size_t ahead)
{
	return l->text.len - l->at > ahead ? l->text.ptr[l->at + ahead] : '\0';
}

/* ---- bytes ---- */

/* The length of the UTF-8 character at I: RFC 3629, no overlong form, no surrogate; 0 if there is
 * none. */
static size_t utf8_len(struct str text, size_t i)
{
	const unsigned char *p = (const unsigned char *)text.ptr + i;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (len == 0 || p[0] > 0xf4 || text.len - i < len)
		return 0;
	for (size_t k = 1; k < len; k++)
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static int check_bytes(struct lexer *l)
{
	size_t before = l->diags->errors;

	if (l->text.len > POLICY_SIZE_MAX) {
		report(l->diags, DIAG_TEXT_SIZE, (struct span){ l->file, 0, 0 },
		       "%zu bytes are more than a policy may have (%zu)", l->text.len,
		       POLICY_SIZE_MAX);
		return -EINVAL;
	}
	for (size_t i = 0, len; i < l->text.len && !report_is_full(l->diags); i += len) {
		unsigned char c = (unsigned char)l->text.ptr[i];
		struct span span = { l->file, (uint32_t)i, (uint32_t)i + 1 };

		len = utf8_len(l->text, i);
		if (len == 0) {
			report(l->diags, DIAG_TEXT_BYTE, span, "byte 0x%02x is not UTF-8 text", c);
			len = 1;
		} else if ((c < ' ' && !strchr("\t\n\r", c)) || c == '\0' || c == 0x7f) {
			report(l->diags, DIAG_TEXT_BYTE, span, "control character 0x%02x", c);
		}
	}
	return l->diags->errors > before ? -EINVAL : 0;
}

/* ---- numbers, characters, strings ---- */

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : 99;
}

/* "5.10", "6.12.3"; but "1..3" is a range. */
static enum token_kind lex_version(struct lexer *l, struct token *t)
{
	size_t begin = l->at;

	while (is_digit(peek(l, 0)) || (peek(l, 0) == '.' && is_digit(peek(l, 1))))
		l->at++;
	t->text = (struct str){ l->text.ptr + begin, l->at - begin };
	return TOKEN_VERSION;
}

static bool is_version(const struct lexer *l)
{
	size_t i = 0;

	while (is_digit(peek(l, i)))
		i++;
	return peek(l, i) == '.' && is_digit(peek(l, i + 1));
}

static enum token_kind lex_number(struct lexer *l, struct token *t)
{
	size_t begin = l->at, end = l->at, i = l->at;
	unsigned base = 10;
	bool overflow = false;

	while (end < l->text.len && is_word(l->text.ptr[end]))
		end++;
	if (l->text.ptr[i] == '0' && end - i > 1) {
		char c = (char)(l->text.ptr[i + 1] | 0x20);

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		i += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	l->at = end;
	if (i == end) {
		report(l->diags, DIAG_BAD_NUMBER, span_from(l, begin), "a number without digits");
		return TOKEN_BAD;
	}
	for (; i < end; i++) {
		unsigned digit = digit_value(l->text.ptr[i]);

		if (digit >= base) {
			report(l->diags, DIAG_BAD_NUMBER, span_from(l, begin),
			       "'%c' is no digit of a number in base %u", l->text.ptr[i], base);
			return TOKEN_BAD;
		}
		overflow |= __builtin_mul_overflow(t->number, base, &t->number);
		overflow |= __builtin_add_overflow(t->number, digit, &t->number);
	}
	if (overflow) {
		report(l->diags, DIAG_BAD_NUMBER, span_from(l, begin),
		       "the number needs more than 64 bits");
		return TOKEN_BAD;
	}
	return TOKEN_NUMBER;
}

static bool lex_escape(struct lexer *l, uint64_t *value)
{
	static const char names[] = "abfnrtv0\\'\"", values[] = "\a\b\f\n\r\t\v\0\\'\"";
	const char *found = peek(l, 0) ? strchr(names, peek(l, 0)) : NULL;
	unsigned high = digit_value(peek(l, 1)), low = high < 16 ? digit_value(peek(l, 2)) : 99;

	if (found) {
		*value = (unsigned char)values[found - names];
		l->at++;
		return true;
	}
	if (peek(l, 0) != 'x' || low >= 16)
		return false;
	*value = high * 16 + low;
	l->at += 3;
	return true;
}

/* A character constant is a number, as in C: 'a'. */
static enum token_kind lex_char(struct lexer *l, struct token *t)
{
	size_t begin = l->at++;
	bool good = true;

	if (peek(l, 0) == '\\') {
		l->at++;
		good = lex_escape(l, &t->number);
	} else {
		t->number = (unsigned char)peek(l, 0);
		good = t->number >= ' ' && t->number < 0x7f && t->number != '\'';
		l->at += good;
	}
	if (good && peek(l, 0) == '\'') {
		l->at++;
		return TOKEN_NUMBER;
	}
	while (l->at < l->text.len && is_word(peek(l, 0)))
		l->at++;
	l->at += peek(l, 0) == '\'';
	report(l->diags, DIAG_BAD_STRING, span_from(l, begin),
	       "between ' and ' stands one ASCII character or escape; a string has \"");
	return TOKEN_BAD;
}

/* File names need no escapes, so a string has none; one that could pass for an escape is refused.
 */
static enum token_kind lex_string(struct lexer *l, struct token *t)
{
	size_t begin = l->at++;
	bool escaped = false;

	while (l->at < l->text.len && peek(l, 0) != '"' && peek(l, 0) != '\n')
		escaped |= l->text.ptr[l->at++] == '\\';
	t->text = (struct str){ l->text.ptr + begin + 1, l->at - begin - 1 };
	if (peek(l, 0) != '"') {
		report(l->diags, DIAG_BAD_STRING, span_from(l, begin),
		       "the string isn't closed on its line");
		return TOKEN_BAD;
	}
	l->at++;
	if (escaped) {
		report(l->diags, DIAG_BAD_STRING, span_from(l, begin), "a string has no escapes");
		return TOKEN_BAD;
	}
	return TOKEN_STRING;
}

/* ---- the rest ---- */

static enum token_kind lex_word(struct lexer *l, struct token *t, enum token_kind kind)
{
	size_t begin = l->at;

	while (l->at < l->text.len && is_word(l->text.ptr[l->at]))
		l->at++;
	t->text = (struct str){ l->text.ptr + begin, l->at - begin };
	return kind;
}

static enum token_kind lex_sign(struct lexer *l)
{
	size_t begin = l->at, len;

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		len = strlen(signs[i].text);
		if (l->text.len - l->at >= len &&
		    memcmp(l->text.ptr + l->at, signs[i].text, len) == 0) {
			l->at += len;
			return signs[i].kind;
		}
	}
	len = utf8_len(l->text, l->at);
	l->at += len;
	report(l->diags, DIAG_TEXT_BYTE, span_from(l, begin),
	       len > 1 ? "a character outside ASCII stands in comments and file names only"
		       : "'%c' has no meaning in a policy",
	       l->text.ptr[begin]);
	return TOKEN_BAD;
}

static enum token_kind lex_one(struct lexer *l, struct token *t)
{
	char c = l->text.ptr[l->at];

	if (c == '\n') {
		l->at++;
		return TOKEN_NEWLINE;
	}
	if (c == '#') {
		size_t begin = l->at;

		while (l->at < l->text.len && l->text.ptr[l->at] != '\n')
			l->at++;
		t->text = (struct str){ l->text.ptr + begin, l->at - begin };
		return TOKEN_COMMENT;
	}
	if (is_digit(c))
		return is_version(l) ? lex_version(l, t) : lex_number(l, t);
	if (is_word(c))
		return lex_word(l, t, TOKEN_NAME);
	if (c == '@' && is_word(peek(l, 1))) {
		l->at++;
		return lex_word(l, t, TOKEN_GROUP);
	}
	if (c == '"')
		return lex_string(l, t);
	return c == '\'' ? lex_char(l, t) : lex_sign(l);
}

static void skip_spaces(struct lexer *l)
{
	while (l->at < l->text.len && strchr(" \t\r", l->text.ptr[l->at]))
		l->at++;
}

int lex_text(struct arena *arena, struct diags *diags, uint32_t file, struct str text,
	     struct token **tokens)
{
	struct lexer l = { .arena = arena, .diags = diags, .file = file, .text = text };
	int r = check_bytes(&l);
	struct token *t;

	if (r < 0)
		return r;
	do {
		skip_spaces(&l);
		t = arena_grow(arena, l.tokens, l.len, &l.room, sizeof(*t));
		if (!t)
			return -ENOMEM;
		l.tokens = t;
		t = &t[l.len++];
		t->span.begin = (uint32_t)l.at;
		if (l.at < text.len)
			t->kind = lex_one(&l, t);
		t->span = span_from(&l, t->span.begin);
		if (!t->text.ptr)
			t->text = (struct str){ text.ptr + t->span.begin,
						t->span.end - t->span.begin };
	} while (t->kind != TOKEN_END);
	*tokens = l.tokens;
	return 0;
}
