/* SPDX-License-Identifier: BSD-2-Clause */
/* What a supervisor answers: "=> return 0", behind a rule of `notify`, read and resolved. */
#include <limits.h>

#include "policy/parse.h"
#include "policy/report.h"
#include "policy/resolve.h"

enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_ERRNO, TAKES_PATHS };

#define ANSWER_CALLS_MAX 4

static const struct answer_word {
	const char *word;
	enum rules_answer_kind kind;
	enum takes takes;
	const char *calls[ANSWER_CALLS_MAX]; /* that it is for; none: any */
} words[] = {
	{ "return", RULES_ANSWER_RETURN, TAKES_VALUE, { NULL } },
	{ "errno", RULES_ANSWER_ERRNO, TAKES_ERRNO, { NULL } },
	{ "log_and_continue", RULES_ANSWER_CONTINUE, TAKES_NOTHING, { NULL } },
	{ "open_beneath", RULES_ANSWER_OPEN_BENEATH, TAKES_PATHS, { "open", "openat", "creat" } },
	{ "make_node", RULES_ANSWER_MAKE_NODE, TAKES_PATHS, { "mknod", "mknodat" } },
};

/* ---- reading ---- */

static const struct answer_word *find_word(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(name, words[i].word))
			return &words[i];
	return NULL;
}

static void report_word(struct parser *p, const struct token *name)
{
	struct str_guess guess;

	str_guess_init(&guess, name->text);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		str_guess_try(&guess, words[i].word);
	if (guess.best)
		report(p->diags, DIAG_UNKNOWN_ANSWER, name->span,
		       "no answer '%.*s'; did you mean '%s'?", STR_ARG(name->text), guess.best);
	else
		report(p->diags, DIAG_UNKNOWN_ANSWER, name->span,
		       "no answer '%.*s'; there are return, errno, log_and_continue, open_beneath "
		       "and make_node",
		       STR_ARG(name->text));
}

static bool parse_path(struct parser *p, struct word **out)
{
	const struct token *path = parse_want(
		p, TOKEN_STRING, "a file's name in quotes, as in: open_beneath(\"/usr\")");

	if (!path)
		return false;
	if (path->text.len == 0 || path->text.ptr[0] != '/' || path->text.len >= PATH_MAX) {
		report(p->diags, DIAG_ANSWER_PATH, path->span,
		       path->text.len >= PATH_MAX ? "no file's name is as long"
						  : "the name of a file here begins with '/'");
		return false;
	}
	*out = parse_alloc(p, sizeof(**out));
	if (!*out)
		return false;
	**out = (struct word){ .text = path->text, .span = path->span };
	return true;
}

static bool parse_paths(struct parser *p, struct answer *a)
{
	struct word **end = &a->paths;

	do {
		if (!parse_path(p, end))
			return false;
		end = &(*end)->next;
	} while (parse_take(p, TOKEN_COMMA));
	return true;
}

static bool parse_data(struct parser *p, struct answer *a, enum takes takes)
{
	struct span opened;

	if (takes == TAKES_NOTHING)
		return true;
	if (takes == TAKES_VALUE) {
		a->value = parse_value(p);
		return a->value != NULL;
	}
	if (!parse_open(p, TOKEN_OPEN_PAREN))
		return false;
	opened = p->before->span;
	if (takes == TAKES_ERRNO)
		a->value = parse_value(p);
	else if (!parse_paths(p, a))
		return false;
	return (takes == TAKES_PATHS || a->value) && parse_close(p, TOKEN_CLOSE_PAREN, opened);
}

bool parse_answer(struct parser *p, struct action *a)
{
	const struct answer_word *word;
	const struct token *name;
	struct span arrow;

	if (!parse_take(p, TOKEN_ARROW))
		return true;
	arrow = p->before->span;
	name = parse_want(p, TOKEN_NAME, "an answer, as in: notify getuid => return 0");
	if (!name)
		return false;
	word = find_word(name->text);
	if (!word) {
		report_word(p, name);
		return false;
	}
	a->answer = parse_alloc(p, sizeof(*a->answer));
	if (!a->answer)
		return false;
	*a->answer = (struct answer){ .kind = word->kind };
	if (!parse_data(p, a->answer, word->takes))
		return false;
	a->answer->span = span_join(name->span, p->before->span);
	if (a->kind != ACTION_NOTIFY)
		report(p->diags, DIAG_ANSWER_ACTION, arrow,
		       "nobody is asked here: an answer belongs to 'notify'");
	return true;
}

/* ---- resolving ---- */

static bool resolve_value(struct resolver *r, const struct answer *from, struct rules_answer *to)
{
	bool is_errno = from->kind == RULES_ANSWER_ERRNO;
	struct number n;

	if (!value_eval(r, from->value, &n))
		return false;
	to->value = (int64_t)n.bits;
	if (is_errno && (n.is_negative || n.bits < 1 || n.bits > 4095))
		report(r->diags, DIAG_VALUE_RANGE, from->value->span,
		       "an answer's errno is 1 to 4095; 'return 0' is success");
	else if (!is_errno && (n.is_negative || n.bits > INT64_MAX))
		report(r->diags, DIAG_VALUE_RANGE, from->value->span,
		       "a call returns 0 or more; it fails by errno(...)");
	else
		return true;
	return false;
}

static bool resolve_paths(struct resolver *r, const struct answer *from, struct rules_answer *to)
{
	const char **paths;
	size_t n = 0;

	for (const struct word *w = from->paths; w; w = w->next)
		to->npaths++;
	paths = resolve_alloc(r, to->npaths * sizeof(*paths));
	if (!paths)
		return false;
	for (const struct word *w = from->paths; w; w = w->next) {
		paths[n] = arena_strndup(r->arena, w->text.ptr, w->text.len);
		r->nomem |= !paths[n++];
	}
	to->paths = paths;
	return !r->nomem;
}

bool answer_resolve(struct resolver *r, const struct action *a, const struct rules_answer **out)
{
	struct rules_answer *answer;

	*out = NULL;
	if (!a->answer || a->kind != ACTION_NOTIFY)
		return true;
	answer = resolve_alloc(r, sizeof(*answer));
	if (!answer)
		return false;
	*answer = (struct rules_answer){ .kind = a->answer->kind, .span = a->answer->span };
	*out = answer;
	if (a->answer->value)
		return resolve_value(r, a->answer, answer);
	return !a->answer->paths || resolve_paths(r, a->answer, answer);
}

static void report_unfit(struct resolver *r, const struct answer *a, const struct answer_word *word,
			 const struct arch_syscall *call)
{
	if (call && strcmp(call->name, "openat2") == 0 && word->kind == RULES_ANSWER_OPEN_BENEATH)
		report(r->diags, DIAG_ANSWER_CALL, a->span,
		       "openat2 asks for a resolution of its own: with errno(ENOSYS) libraries "
		       "take openat, which open_beneath answers");
	else
		report(r->diags, DIAG_ANSWER_CALL, a->span, "%s is for %s%s%s%s%s, not for %s",
		       word->word, word->calls[0], word->calls[2] ? ", " : " and ", word->calls[1],
		       word->calls[2] ? " and " : "", word->calls[2] ? word->calls[2] : "",
		       call ? call->name : "calls that have no name");
}

bool answer_fits(struct resolver *r, const struct action *a, const struct arch_syscall *call)
{
	const struct answer_word *word = words;

	if (!a->answer)
		return true;
	while (word->kind != a->answer->kind)
		word++;
	if (!word->calls[0])
		return true;
	for (size_t i = 0; call && i < ANSWER_CALLS_MAX && word->calls[i]; i++)
		if (strcmp(call->name, word->calls[i]) == 0)
			return true;
	report_unfit(r, a->answer, word, call);
	return false;
}
