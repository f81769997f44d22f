/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Assembler text as tokens: words (names, numbers, `%x`, `.insn`) and signs. `;` begins a comment
 * anywhere. `#` does so too, except where an immediate follows it, as in `#0x10` and `#len`, and
 * the line has begun.
 */
#include "cbpf/asm.h"

#include <stdio.h>

/* Longer signs first, so that `>>=` isn't read as `>`. */
static const char *const signs[] = {
	"<<=", ">>=", "==", "!=", ">=", "<=", "<<", ">>", "+=", "-=", "*=", "/=", "&=", "|=", "^=",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '%';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_line_begin(const struct asm_reader *r, size_t pos)
{
	while (pos > 0 && is_space(r->text.ptr[pos - 1]))
		pos--;
	return pos == 0 || r->text.ptr[pos - 1] == '\n';
}

static bool begins_comment(const struct asm_reader *r, size_t pos)
{
	const char *c = r->text.ptr + pos;
	size_t left = r->end - pos;

	if (*c == ';')
		return true;
	if (*c != '#')
		return false;
	if (left < 2 || is_line_begin(r, pos))
		return true;
	return !is_digit(c[1]) && c[1] != '-' && c[1] != '+' &&
	       (left < 4 || memcmp(c + 1, "len", 3) != 0);
}

static size_t sign_len(const char *c, size_t left)
{
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		len = strlen(signs[i]);

		if (len <= left && memcmp(c, signs[i], len) == 0)
			return len;
	}
	/* A character beyond ASCII stays whole in the diagnostic. */
	for (len = 1; (unsigned char)c[0] >= 0x80 && len < left; len++)
		if ((unsigned char)c[len] < 0x80)
			break;
	return len;
}

void cbpf_asm_next(struct asm_reader *r)
{
	const char *text = r->text.ptr;
	size_t begin;

	while (r->pos < r->end && is_space(text[r->pos]))
		r->pos++;
	begin = r->pos;
	if (begin == r->end || begins_comment(r, begin)) {
		r->pos = r->end;
	} else if (is_letter(text[begin]) || is_digit(text[begin])) {
		while (r->pos < r->end && (is_letter(text[r->pos]) || is_digit(text[r->pos])))
			r->pos++;
		r->tok = (struct str){ text + begin, r->pos - begin };
		return;
	} else {
		r->pos += sign_len(text + begin, r->end - begin);
		r->tok = (struct str){ text + begin, r->pos - begin };
		return;
	}
	r->tok = (struct str){ text + begin, 0 };
}

struct span cbpf_asm_span(const struct asm_reader *r, struct str part)
{
	uint32_t begin = (uint32_t)(part.ptr - r->text.ptr);

	return (struct span){ r->file, begin, begin + (uint32_t)part.len };
}

bool cbpf_asm_is_word(const struct asm_reader *r)
{
	return r->tok.len && (is_letter(*r->tok.ptr) || is_digit(*r->tok.ptr));
}

bool cbpf_asm_at_number(const struct asm_reader *r)
{
	return r->tok.len && (is_digit(*r->tok.ptr) || str_is(r->tok, "-") || str_is(r->tok, "+"));
}

bool cbpf_asm_accept(struct asm_reader *r, const char *text)
{
	if (!str_is(r->tok, text))
		return false;
	cbpf_asm_next(r);
	return true;
}

static bool found(struct asm_reader *r, const char *wanted)
{
	struct span span = cbpf_asm_span(r, r->tok);

	if (r->tok.len)
		diag_add(r->diags, DIAG_ASM_SYNTAX, span, "%s expected, not `%.*s`", wanted,
			 STR_ARG(r->tok));
	else
		diag_add(r->diags, DIAG_ASM_SYNTAX, span, "%s expected before the line ends",
			 wanted);
	return false;
}

bool cbpf_asm_expect(struct asm_reader *r, const char *text)
{
	char wanted[16];

	if (cbpf_asm_accept(r, text))
		return true;
	snprintf(wanted, sizeof(wanted), "`%s`", text);
	return found(r, wanted);
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Decimal, 0x or 0b. A further leading zero is refused: C and Python read it differently. */
static bool parse_number(struct str s, uint32_t *value)
{
	uint64_t sum = 0;
	unsigned base = 10;

	if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x')
		base = 16;
	else if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'b')
		base = 2;
	else if (s.len > 1 && s.ptr[0] == '0')
		return false;
	for (size_t i = base == 10 ? 0 : 2; i < s.len; i++) {
		unsigned digit = (unsigned)digit_value(s.ptr[i]);

		if (digit >= base)
			return false;
		sum = sum * base + digit;
		if (sum > UINT32_MAX)
			return false;
	}
	*value = (uint32_t)sum;
	return true;
}

bool cbpf_asm_number(struct asm_reader *r, uint32_t max, uint32_t *value)
{
	bool negative = str_is(r->tok, "-");

	if (negative || str_is(r->tok, "+"))
		cbpf_asm_next(r);
	if (!cbpf_asm_at_number(r) || !is_digit(*r->tok.ptr))
		return found(r, "a number");
	if (!parse_number(r->tok, value) || *value > max ||
	    (negative && (max != UINT32_MAX || *value > (uint32_t)INT32_MIN))) {
		diag_add(r->diags, DIAG_ASM_NUMBER, cbpf_asm_span(r, r->tok),
			 "`%.*s` is no number from 0 to %u", STR_ARG(r->tok), max);
		return false;
	}
	if (negative)
		*value = -*value;
	cbpf_asm_next(r);
	return true;
}

bool cbpf_asm_index(struct asm_reader *r, uint32_t max, uint32_t *value)
{
	return cbpf_asm_expect(r, "[") && cbpf_asm_number(r, max, value) && cbpf_asm_expect(r, "]");
}

bool cbpf_asm_target(struct asm_reader *r, struct asm_target *target)
{
	if (!cbpf_asm_is_word(r))
		return found(r, "a label");
	target->label = str_is(r->tok, "next") ? (struct str){ 0 } : r->tok;
	cbpf_asm_next(r);
	return true;
}
