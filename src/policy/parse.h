/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens to AST; see parse.c for the statements and expr.c for values and conditions. */
#ifndef STRAIT_POLICY_PARSE_H
#define STRAIT_POLICY_PARSE_H

#include "policy/ast.h"

struct parser {
	struct arena *arena;
	struct diags *diags;
	const struct token *at;	    /* the next token; comments are skipped */
	const struct token *before; /* the last one taken */
	unsigned open;		    /* brackets in which newlines mean nothing */
	unsigned depth;		    /* brackets, signs and blocks around this place */
	bool nomem;
};

/* The whole text of source FILE. 0 even with errors in DIAGS: *OUT has what could be read. -ENOMEM,
 * or -EINVAL. */
NODISCARD int parse_file(struct arena *arena, struct diags *diags, uint32_t source, struct str text,
			 struct file **out);
/* A text that is one value: what `-D NAME=VALUE` gives. NULL with an error in DIAGS, or without
 * memory. */
struct value *parse_value_text(struct arena *arena, struct diags *diags, uint32_t source,
			       struct str text);

/* Whether the language itself uses this word, so that nothing can be named by it. */
bool parse_is_reserved(struct str word);

/* ---- parse.c, for expr.c: NULL or false after a mistake, which is reported ---- */
void *parse_alloc(struct parser *p, size_t size);
enum token_kind parse_peek(struct parser *p);
const struct token *parse_next(struct parser *p);
bool parse_take(struct parser *p, enum token_kind kind);
/* Takes a token of this kind, or reports that WHAT is expected. */
const struct token *parse_want(struct parser *p, enum token_kind kind, const char *what);
bool parse_take_word(struct parser *p, const char *word);
bool parse_peek_word(struct parser *p, const char *word);
bool parse_open(struct parser *p, enum token_kind bracket);
bool parse_close(struct parser *p, enum token_kind bracket, struct span opened);
bool parse_deeper(struct parser *p);
void parse_expected(struct parser *p, const char *what);
/* Whether a line begins here with a word that only a statement begins with: the bracket before it
 * was forgotten. */
bool parse_is_statement(struct parser *p);

/* ---- expr.c ---- */
struct value *parse_value(struct parser *p);
struct item *parse_items(struct parser *p);
struct cond *parse_cond(struct parser *p);

/* ---- answers.c ---- */
/* "=> ANSWER", where there is one: it is kept with the action. */
bool parse_answer(struct parser *p, struct action *a);

#endif
