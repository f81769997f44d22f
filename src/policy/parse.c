/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements. After a mistake the rest of its statement is skipped and reading goes on with the
 * next one. A newline ends a statement unless a bracket is open or the line ends in a comma or an
 * operator; the braces of `on` hold rules, one a line, and are no such bracket.
 */
#include "policy/parse.h"

#include <errno.h>

#include "policy/policy.h"
#include "policy/report.h"

enum data { DATA_NONE, DATA_OPTIONAL, DATA_REQUIRED };

static const struct action_word {
	const char *word;
	enum action_kind kind;
	enum data data;
} actions[] = {
	{ "allow", ACTION_ALLOW, DATA_NONE },
	{ "log", ACTION_LOG, DATA_NONE },
	{ "notify", ACTION_NOTIFY, DATA_NONE },
	{ "trace", ACTION_TRACE, DATA_OPTIONAL },
	{ "errno", ACTION_ERRNO, DATA_REQUIRED },
	{ "deny", ACTION_DENY, DATA_NONE },
	{ "trap", ACTION_TRAP, DATA_OPTIONAL },
	{ "kill_thread", ACTION_KILL_THREAD, DATA_NONE },
	{ "kill_process", ACTION_KILL_PROCESS, DATA_NONE },
	{ "kill", ACTION_KILL_PROCESS, DATA_NONE },
};

static bool parse_arch(struct parser *p, struct stmt *s);
static bool parse_default(struct parser *p, struct stmt *s);
static bool parse_baseline(struct parser *p, struct stmt *s);
static bool parse_let(struct parser *p, struct stmt *s);
static bool parse_set(struct parser *p, struct stmt *s);
static bool parse_group(struct parser *p, struct stmt *s);
static bool parse_include(struct parser *p, struct stmt *s);
static bool parse_on(struct parser *p, struct stmt *s);

static const struct stmt_word {
	const char *word;
	enum stmt_kind kind;
	bool (*parse)(struct parser *p, struct stmt *s);
} statements[] = {
	{ "arch", STMT_ARCH, parse_arch },
	{ "default", STMT_DEFAULT, parse_default },
	{ "foreign", STMT_FOREIGN, parse_default },
	{ "baseline", STMT_BASELINE, parse_baseline },
	{ "let", STMT_LET, parse_let },
	{ "set", STMT_SET, parse_set },
	{ "group", STMT_GROUP, parse_group },
	{ "include", STMT_INCLUDE, parse_include },
	{ "on", STMT_ON, parse_on },
};

static const char *const other_words[] = { "if",   "in", "not",	  "within", "has",   "and",
					   "else", "or", "linux", "ip",	    "return" };

static const struct action_word *find_action(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (str_is(word, actions[i].word))
			return &actions[i];
	return NULL;
}

static const struct stmt_word *find_statement(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (str_is(word, statements[i].word))
			return &statements[i];
	return NULL;
}

bool parse_is_reserved(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(other_words); i++)
		if (str_is(word, other_words[i]))
			return true;
	return find_action(word) || find_statement(word);
}

/* ---- tokens ---- */

void *parse_alloc(struct parser *p, size_t size)
{
	void *memory = arena_alloc(p->arena, size);

	p->nomem |= !memory;
	return memory;
}

/* Whether the line may end after this token, its statement unfinished. */
static bool continues(const struct token *t)
{
	return lex_continues(t->kind) ||
	       (t->kind == TOKEN_NAME && (str_is(t->text, "in") || str_is(t->text, "within") ||
					  str_is(t->text, "has") || str_is(t->text, "not")));
}

enum token_kind parse_peek(struct parser *p)
{
	while (p->at->kind == TOKEN_COMMENT ||
	       (p->at->kind == TOKEN_NEWLINE && (p->open || continues(p->before))))
		p->at++;
	return p->at->kind;
}

const struct token *parse_next(struct parser *p)
{
	parse_peek(p);
	p->before = p->at;
	if (p->at->kind != TOKEN_END)
		p->at++;
	return p->before;
}

bool parse_take(struct parser *p, enum token_kind kind)
{
	if (parse_peek(p) != kind)
		return false;
	parse_next(p);
	return true;
}

const struct token *parse_want(struct parser *p, enum token_kind kind, const char *what)
{
	if (parse_take(p, kind))
		return p->before;
	parse_expected(p, what);
	return NULL;
}

bool parse_peek_word(struct parser *p, const char *word)
{
	return parse_peek(p) == TOKEN_NAME && str_is(p->at->text, word);
}

bool parse_take_word(struct parser *p, const char *word)
{
	if (!parse_peek_word(p, word))
		return false;
	parse_next(p);
	return true;
}

void parse_expected(struct parser *p, const char *what)
{
	enum token_kind kind = parse_peek(p);

	if (kind == TOKEN_BAD)
		return;
	if (kind >= TOKEN_NAME && kind <= TOKEN_STRING && p->at->text.len <= 40)
		report(p->diags, DIAG_UNEXPECTED, p->at->span, "expected %s, found '%.*s'", what,
		       STR_ARG(p->at->text));
	else
		report(p->diags, DIAG_UNEXPECTED, p->at->span, "expected %s, found %s", what,
		       lex_kind_text(kind));
}

bool parse_deeper(struct parser *p)
{
	if (p->depth < POLICY_NESTING_DEPTH) {
		p->depth++;
		return true;
	}
	report(p->diags, DIAG_TOO_DEEP, p->at->span, "more than %d brackets within brackets",
	       POLICY_NESTING_DEPTH);
	return false;
}

bool parse_open(struct parser *p, enum token_kind bracket)
{
	if (!parse_want(p, bracket, lex_kind_text(bracket)) || !parse_deeper(p))
		return false;
	p->open++;
	return true;
}

bool parse_close(struct parser *p, enum token_kind bracket, struct span opened)
{
	if (!parse_is_statement(p) && parse_peek(p) == bracket) {
		p->open--;
		p->depth--;
		parse_next(p);
		return true;
	}
	if (p->at->kind != TOKEN_END && !parse_is_statement(p)) {
		parse_expected(p, lex_kind_text(bracket));
		return false;
	}
	if (report(p->diags, DIAG_UNCLOSED, opened, "%s is missing: this isn't closed",
		   lex_kind_text(bracket)))
		diag_note(p->diags, p->at->span, "here at the latest");
	return false;
}

bool parse_is_statement(struct parser *p)
{
	const struct token *t = p->at;
	bool is_new_line = false;

	for (; t->kind == TOKEN_NEWLINE || t->kind == TOKEN_COMMENT; t++)
		is_new_line |= t->kind == TOKEN_NEWLINE;
	/* The list's parser may have skipped the newline already. */
	is_new_line |= t > p->before && t[-1].kind == TOKEN_NEWLINE;
	if (!is_new_line || t->kind != TOKEN_NAME || str_is(t->text, "kill"))
		return false;
	/* "set" is what section 2 of the man-pages calls an argument of sigprocmask(2). */
	if (str_is(t->text, "set") || str_is(t->text, "let"))
		return t[1].kind == TOKEN_NAME && t[2].kind == TOKEN_ASSIGN;
	return find_action(t->text) || find_statement(t->text);
}

/* ---- parts ---- */

static bool parse_action(struct parser *p, struct action *a)
{
	const struct token *name = parse_want(p, TOKEN_NAME, "an action");
	const struct action_word *word = name ? find_action(name->text) : NULL;
	struct str_guess guess;
	struct span opened;

	if (!name)
		return false;
	if (!word) {
		str_guess_init(&guess, name->text);
		for (size_t i = 0; i < ARRAY_LEN(actions); i++)
			str_guess_try(&guess, actions[i].word);
		report(p->diags, DIAG_UNKNOWN_STATEMENT, name->span, "no action '%.*s'%s%s%s",
		       STR_ARG(name->text), guess.best ? "; did you mean '" : "",
		       guess.best ? guess.best : "", guess.best ? "'?" : "");
		return false;
	}
	*a = (struct action){ .kind = word->kind, .span = name->span };
	if (word->data == DATA_NONE || parse_peek(p) != TOKEN_OPEN_PAREN) {
		if (word->data == DATA_REQUIRED)
			parse_expected(p, "'(' and an error number, as in errno(EPERM)");
		return word->data != DATA_REQUIRED;
	}
	if (!parse_open(p, TOKEN_OPEN_PAREN))
		return false;
	opened = p->before->span;
	a->data = parse_value(p);
	if (!a->data || !parse_close(p, TOKEN_CLOSE_PAREN, opened))
		return false;
	a->span = span_join(a->span, p->before->span);
	return true;
}

/* What C programmers write: allow openat(flags == 0). Its brackets are skipped, so that reading
 * goes on after them. */
static void refuse_arguments(struct parser *p, const struct token *name)
{
	unsigned nesting = 0;

	report(p->diags, DIAG_CALL_SYNTAX, p->at->span,
	       "arguments are tested after 'if': allow %.*s if ARGUMENT == VALUE",
	       STR_ARG(name->text));
	do {
		nesting += p->at->kind == TOKEN_OPEN_PAREN;
		nesting -= p->at->kind == TOKEN_CLOSE_PAREN;
		p->before = p->at++;
	} while (nesting && p->at->kind != TOKEN_NEWLINE && p->at->kind != TOKEN_END);
}

static bool parse_number_target(struct parser *p, struct target *t)
{
	struct span opened;

	if (!parse_open(p, TOKEN_OPEN_PAREN))
		return false;
	opened = p->before->span;
	t->kind = TARGET_NUMBER;
	t->number = t->last = parse_value(p);
	if (t->number && parse_take(p, TOKEN_DOTS))
		t->last = parse_value(p);
	return t->number && t->last && parse_close(p, TOKEN_CLOSE_PAREN, opened);
}

static struct target *parse_target(struct parser *p)
{
	struct target *t = parse_alloc(p, sizeof(*t));
	const struct token *name;

	if (!t)
		return NULL;
	if (parse_peek(p) == TOKEN_GROUP) {
		t->kind = TARGET_GROUP;
		t->name = parse_next(p)->text;
		t->span = p->before->span;
		return t;
	}
	name = parse_want(p, TOKEN_NAME, "a system call, '@group' or 'syscall(number)'");
	if (!name)
		return NULL;
	t->name = name->text;
	t->span = name->span;
	if (parse_peek(p) == TOKEN_OPEN_PAREN && str_is(name->text, "syscall")) {
		if (!parse_number_target(p, t))
			return NULL;
	} else if (parse_peek(p) == TOKEN_OPEN_PAREN) {
		refuse_arguments(p, name);
	} else {
		t->is_optional = parse_take(p, TOKEN_QUESTION);
	}
	t->span = span_join(t->span, p->before->span);
	return t;
}

static bool parse_target_block(struct parser *p, struct target **targets)
{
	struct span opened;

	if (!parse_open(p, TOKEN_OPEN_BRACE))
		return false;
	opened = p->before->span;
	while (!parse_is_statement(p) && parse_peek(p) != TOKEN_CLOSE_BRACE &&
	       parse_peek(p) != TOKEN_END) {
		*targets = parse_target(p);
		if (!*targets)
			return false;
		targets = &(*targets)->next;
		if (!parse_is_statement(p))
			parse_take(p, TOKEN_COMMA);
	}
	return parse_close(p, TOKEN_CLOSE_BRACE, opened);
}

static bool parse_targets(struct parser *p, struct target **targets)
{
	if (parse_peek(p) == TOKEN_OPEN_BRACE)
		return parse_target_block(p, targets);
	do {
		*targets = parse_target(p);
		if (!*targets)
			return false;
		targets = &(*targets)->next;
	} while (parse_take(p, TOKEN_COMMA));
	return true;
}

static bool parse_arches(struct parser *p, struct word **arches)
{
	const struct token *name;

	do {
		name = parse_want(p, TOKEN_NAME, "an architecture");
		if (!name)
			return false;
		*arches = parse_alloc(p, sizeof(**arches));
		if (!*arches)
			return false;
		**arches = (struct word){ .text = name->text, .span = name->span };
		arches = &(*arches)->next;
	} while (parse_take(p, TOKEN_COMMA));
	return true;
}

static bool parse_named(struct parser *p, struct stmt *s, enum token_kind kind, const char *what)
{
	const struct token *name = parse_want(p, kind, what);

	if (!name)
		return false;
	s->name = name->text;
	s->name_span = name->span;
	return parse_want(p, TOKEN_ASSIGN, "'='");
}

/* ---- statements ---- */

static bool parse_arch(struct parser *p, struct stmt *s)
{
	return parse_arches(p, &s->arches);
}

static bool parse_default(struct parser *p, struct stmt *s)
{
	return parse_action(p, &s->action) && parse_answer(p, &s->action);
}

static bool parse_baseline(struct parser *p, struct stmt *s)
{
	if (!parse_take_word(p, "linux")) {
		parse_expected(p, "'linux' and a version, as in: baseline linux 5.10");
		return false;
	}
	if (parse_peek(p) != TOKEN_VERSION && parse_peek(p) != TOKEN_NUMBER) {
		parse_expected(p, "a kernel version, as in: baseline linux 5.10");
		return false;
	}
	s->name = parse_next(p)->text;
	s->name_span = p->before->span;
	s->has_action = parse_take_word(p, "else");
	return !s->has_action || parse_default(p, s);
}

static bool parse_let(struct parser *p, struct stmt *s)
{
	if (!parse_named(p, s, TOKEN_NAME, "a name"))
		return false;
	s->value = parse_value(p);
	return s->value != NULL;
}

static bool parse_set(struct parser *p, struct stmt *s)
{
	if (!parse_named(p, s, TOKEN_NAME, "a name"))
		return false;
	s->items = parse_items(p);
	return s->items != NULL;
}

static bool parse_group(struct parser *p, struct stmt *s)
{
	return parse_named(p, s, TOKEN_GROUP,
			   "a group's name, as in: group @io = { read write }") &&
	       parse_target_block(p, &s->targets);
}

static bool parse_include(struct parser *p, struct stmt *s)
{
	const struct token *name =
		parse_want(p, TOKEN_STRING, "a file's name in quotes, as in: include \"libc\"");

	if (!name)
		return false;
	s->name = name->text;
	s->name_span = name->span;
	return true;
}

static bool parse_rule(struct parser *p, struct stmt *s)
{
	s->kind = STMT_RULE;
	if (!parse_action(p, &s->action) || !parse_targets(p, &s->targets))
		return false;
	if (parse_take_word(p, "if")) {
		s->cond = parse_cond(p);
		if (!s->cond)
			return false;
	}
	return parse_answer(p, &s->action);
}

/* To the end of a statement that couldn't be read: a newline outside of its brackets, or a word
 * that begins another. */
static void skip_statement(struct parser *p, const struct token *begin, bool in_block)
{
	unsigned nesting = p->open;

	for (p->open = 0; p->at->kind != TOKEN_END; p->before = p->at++) {
		bool opens = p->at->kind == TOKEN_OPEN_BRACE || p->at->kind == TOKEN_OPEN_PAREN;
		bool closes = p->at->kind == TOKEN_CLOSE_BRACE || p->at->kind == TOKEN_CLOSE_PAREN;

		if (p->at != begin && parse_is_statement(p))
			return;
		if (nesting == 0 && (p->at->kind == TOKEN_NEWLINE ||
				     (in_block && p->at->kind == TOKEN_CLOSE_BRACE)))
			return;
		nesting += opens;
		nesting -= closes && nesting > 0;
	}
}

static struct stmt *parse_one(struct parser *p, bool in_block);

static bool parse_rule_block(struct parser *p, struct stmt *s)
{
	struct span opened = parse_next(p)->span;
	struct stmt **end = &s->rules;

	p->depth++;
	while (!p->nomem && !report_is_full(p->diags)) {
		enum token_kind kind = parse_peek(p);

		if (kind == TOKEN_NEWLINE) {
			parse_next(p);
		} else if (kind == TOKEN_CLOSE_BRACE) {
			parse_next(p);
			p->depth--;
			return true;
		} else if (kind == TOKEN_END ||
			   (kind == TOKEN_NAME && find_statement(p->at->text))) {
			report(p->diags, DIAG_UNCLOSED, opened,
			       "'}' is missing: 'on' holds rules, up to its '}'");
			p->depth--;
			return false;
		} else {
			*end = parse_one(p, true);
			if (*end)
				end = &(*end)->next;
		}
	}
	return false;
}

static bool parse_on(struct parser *p, struct stmt *s)
{
	if (!parse_arches(p, &s->arches))
		return false;
	if (parse_peek(p) == TOKEN_OPEN_BRACE)
		return parse_rule_block(p, s);
	s->rules = parse_alloc(p, sizeof(*s->rules));
	if (!s->rules)
		return false;
	parse_peek(p);
	s->rules->span = p->at->span;
	if (!parse_rule(p, s->rules))
		return false;
	s->rules->span = span_join(s->rules->span, p->before->span);
	return true;
}

static void report_unknown(struct parser *p)
{
	struct str_guess guess;

	str_guess_init(&guess, p->at->text);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		str_guess_try(&guess, statements[i].word);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		str_guess_try(&guess, actions[i].word);
	if (str_is(p->at->text, "if"))
		report(p->diags, DIAG_UNEXPECTED, p->at->span,
		       "'if' stands on the line of its rule; lines are joined within brackets");
	else if (guess.best)
		report(p->diags, DIAG_UNKNOWN_STATEMENT, p->at->span,
		       "no statement or action '%.*s'; did you mean '%s'?", STR_ARG(p->at->text),
		       guess.best);
	else
		report(p->diags, DIAG_UNKNOWN_STATEMENT, p->at->span,
		       "no statement or action '%.*s'; a rule is: allow CALL",
		       STR_ARG(p->at->text));
}

static bool parse_body(struct parser *p, struct stmt *s, bool in_block)
{
	const struct stmt_word *word;

	if (parse_peek(p) != TOKEN_NAME) {
		parse_expected(p, "a statement");
		return false;
	}
	word = in_block ? NULL : find_statement(p->at->text);
	if (!word && !find_action(p->at->text)) {
		report_unknown(p);
		return false;
	}
	if (!word)
		return parse_rule(p, s);
	s->kind = word->kind;
	parse_next(p);
	return word->parse(p, s);
}

/* A statement, and the end of its line. NULL after a mistake. */
static struct stmt *parse_one(struct parser *p, bool in_block)
{
	struct stmt *s = parse_alloc(p, sizeof(*s));
	const struct token *begin = p->at;
	unsigned depth = p->depth;
	enum token_kind end;

	if (!s)
		return NULL;
	s->span = p->at->span;
	if (!parse_body(p, s, in_block)) {
		skip_statement(p, begin, in_block);
		p->depth = depth;
		return NULL;
	}
	s->span = span_join(s->span, p->before->span);
	end = parse_peek(p);
	if (end == TOKEN_NEWLINE || end == TOKEN_END || in_block)
		return s;
	parse_expected(p, "the end of the line");
	skip_statement(p, begin, false);
	return end == TOKEN_BAD ? NULL : s;
}

int parse_file(struct arena *arena, struct diags *diags, uint32_t source, struct str text,
	       struct file **out)
{
	struct parser p = { .arena = arena, .diags = diags };
	struct file *file = arena_alloc(arena, sizeof(*file));
	struct stmt **end;
	int r;

	if (!file)
		return -ENOMEM;
	file->source = source;
	r = lex_text(arena, diags, source, text, &file->tokens);
	if (r < 0)
		return r;
	p.at = p.before = file->tokens;
	end = &file->stmts;
	while (p.at->kind != TOKEN_END && !p.nomem && !report_is_full(diags)) {
		if (p.at->kind == TOKEN_NEWLINE || p.at->kind == TOKEN_COMMENT) {
			p.before = p.at++;
			continue;
		}
		*end = parse_one(&p, false);
		if (*end)
			end = &(*end)->next;
	}
	*out = file;
	return p.nomem || diags->failed ? -ENOMEM : 0;
}

struct value *parse_value_text(struct arena *arena, struct diags *diags, uint32_t source,
			       struct str text)
{
	struct parser p = { .arena = arena, .diags = diags };
	struct token *tokens;
	struct value *v;

	if (lex_text(arena, diags, source, text, &tokens) < 0)
		return NULL;
	p.at = p.before = tokens;
	v = parse_value(&p);
	if (v && parse_peek(&p) != TOKEN_END) {
		parse_expected(&p, "the end of the value");
		return NULL;
	}
	return v;
}
