/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy text to tokens. Spaces are gone, newlines and comments are tokens: the parser decides
 * which newlines end a statement, the formatter puts comments back where they stood.
 */
#ifndef STRAIT_POLICY_LEX_H
#define STRAIT_POLICY_LEX_H

#include "base/diag.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_COMMENT,
	TOKEN_NAME,
	TOKEN_GROUP, /* "@io": the text without its "@" */
	TOKEN_NUMBER,
	TOKEN_VERSION, /* "5.10" */
	TOKEN_STRING,  /* its text is what stands between the quotes */
	TOKEN_OPEN_BRACE,
	TOKEN_CLOSE_BRACE,
	TOKEN_OPEN_PAREN,
	TOKEN_CLOSE_PAREN,
	TOKEN_COMMA,
	TOKEN_QUESTION,
	TOKEN_DOTS,
	TOKEN_ASSIGN,
	TOKEN_ARROW,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_AND_AND,
	TOKEN_OR_OR,
	TOKEN_NOT,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_XOR,
	TOKEN_SHIFT,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_TILDE,
	TOKEN_BAD, /* already reported */
};

struct token {
	enum token_kind kind;
	struct span span;
	struct str text;
	uint64_t number;
};

/*
 * All tokens of source FILE, a TOKEN_END last. What isn't a token is a diagnostic and a TOKEN_BAD.
 * 0 or -ENOMEM, or -EINVAL for a text that is too large or isn't UTF-8 text at all.
 */
NODISCARD int lex_text(struct arena *arena, struct diags *diags, uint32_t file, struct str text,
		       struct token **tokens);
/* Whether a line that ends in this token goes on in the next one. */
bool lex_continues(enum token_kind kind);
/* A token as a message names it: "'=='", "the end of the line". */
const char *lex_kind_text(enum token_kind kind);

#endif
