/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that has a name, before any rule is looked at: lets, sets and groups of all files
 * (their order doesn't matter), and the statements that only the main file may hold. A file's own
 * names come first, so that a library and its reader may both have a let RDONLY.
 */
#include "policy/resolve.h"

#include <errno.h>

#include "policy/parse.h"
#include "policy/report.h"

const struct arch *names_arch(struct resolver *r, const struct word *word)
{
	const struct arch *arch = arch_by_name(word->text), *other;
	struct str_guess guess;

	if (arch)
		return arch;
	str_guess_init(&guess, word->text);
	for (size_t i = 0; (other = arch_at(i)); i++) {
		str_guess_try(&guess, other->name);
		if (other->alias)
			str_guess_try(&guess, other->alias);
	}
	report(r->diags, DIAG_UNKNOWN_ARCH, word->span, "no architecture '%.*s'%s%s%s",
	       STR_ARG(word->text), guess.best ? "; did you mean '" : "",
	       guess.best ? guess.best : "", guess.best ? "'?" : "");
	return NULL;
}

const char *names_guess_syscall(struct str name)
{
	const struct arch_syscall *call;
	struct str_guess guess;

	str_guess_init(&guess, name);
	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		str_guess_try(&guess, call->name);
	return guess.best;
}

static bool is_kernel_name(struct str name)
{
	const struct arch *arch;
	int64_t value;

	for (size_t i = 0; (arch = arch_at(i)); i++)
		if (arch_constant(arch, name, &value))
			return true;
	return str_is(name, "NULL");
}

static bool check_new(struct resolver *r, const struct stmt *s, const struct map *map)
{
	const struct symbol *other = map_get(map, s->name);

	while (other && other->stmt->name_span.file != s->name_span.file)
		other = other->same;
	if (other) {
		if (report(r->diags, DIAG_DEFINED_TWICE, s->name_span, "'%.*s' is defined already",
			   STR_ARG(s->name)))
			diag_note(r->diags, other->stmt->name_span, "here");
		return false;
	}
	if (s->kind == STMT_GROUP)
		return true;
	if (parse_is_reserved(s->name)) {
		report(r->diags, DIAG_NAME_TAKEN, s->name_span,
		       "'%.*s' is a word of the language: choose another name", STR_ARG(s->name));
		return false;
	}
	if (s->kind == STMT_LET && is_kernel_name(s->name)) {
		report(r->diags, DIAG_NAME_TAKEN, s->name_span,
		       "'%.*s' is a constant of the kernel: choose another name", STR_ARG(s->name));
		return false;
	}
	return true;
}

static void define(struct resolver *r, const struct stmt *s)
{
	struct map *map = s->kind == STMT_LET	? &r->lets
			  : s->kind == STMT_SET ? &r->sets
						: &r->groups;
	struct symbol *symbol;

	if (!check_new(r, s, map))
		return;
	symbol = resolve_alloc(r, sizeof(*symbol));
	if (!symbol)
		return;
	*symbol = (struct symbol){ .next = r->symbols, .stmt = s, .name = s->name };
	symbol->same = map_get(map, s->name);
	symbol->text = arena_strndup(r->arena, s->name.ptr, s->name.len);
	if (!symbol->text || map_set(map, symbol->name, symbol) < 0)
		r->nomem = true;
	else
		r->symbols = symbol;
}

struct symbol *names_find(struct resolver *r, const struct map *map, struct str name,
			  struct span use)
{
	struct symbol *first = map_get(map, name);

	for (struct symbol *s = first; s; s = s->same)
		if (s->stmt->name_span.file == use.file)
			return s;
	if (!first || !first->same || use.file == 0)
		return first;
	if (report(r->diags, DIAG_DEFINED_TWICE, use, "'%.*s' means two things here",
		   STR_ARG(name))) {
		diag_note(r->diags, first->same->stmt->name_span, "defined here");
		diag_note(r->diags, first->stmt->name_span, "and here");
	}
	return NULL;
}

static void say_once(struct resolver *r, const struct file *f, const struct stmt *s,
		     const struct stmt **place)
{
	if (f != r->main) {
		report(r->diags, DIAG_MAIN_FILE_ONLY, s->span,
		       "an included file holds rules, sets, groups and lets; this is the main "
		       "file's");
		return;
	}
	if (!*place)
		*place = s;
	else if (report(r->diags, DIAG_SAID_TWICE, s->span, "this may be said once"))
		diag_note(r->diags, (*place)->span, "said here already");
}

/* As deep as includes are: POLICY_INCLUDE_DEPTH. */
static void collect_file(struct resolver *r, const struct file *f)
{
	for (const struct stmt *s = f->stmts; s; s = s->next) {
		switch (s->kind) {
		case STMT_ARCH:
			say_once(r, f, s, &r->arches);
			break;
		case STMT_DEFAULT:
			say_once(r, f, s, &r->default_);
			break;
		case STMT_FOREIGN:
			say_once(r, f, s, &r->foreign);
			break;
		case STMT_BASELINE:
			say_once(r, f, s, &r->baseline);
			break;
		case STMT_LET:
		case STMT_SET:
		case STMT_GROUP:
			define(r, s);
			break;
		case STMT_INCLUDE:
			if (s->included)
				collect_file(r, s->included);
			break;
		case STMT_ON:
		case STMT_RULE:
			break;
		}
	}
}

static void report_define(struct resolver *r, const struct policy_define *d, struct span span)
{
	struct str_guess guess;

	str_guess_init(&guess, str_of(d->name));
	for (const struct symbol *s = r->symbols; s; s = s->next)
		if (s->stmt->kind == STMT_LET)
			str_guess_try(&guess, s->text);
	report(r->diags, DIAG_UNKNOWN_DEFINE, span, "the policy has no let '%s' to override%s%s%s",
	       d->name, guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
	       guess.best ? "'?" : "");
}

static void replace_value(struct resolver *r, struct symbol *s, struct value *value)
{
	struct stmt *stmt = resolve_alloc(r, sizeof(*stmt));

	if (!stmt)
		return;
	*stmt = *s->stmt;
	stmt->value = value;
	s->stmt = stmt;
}

/* The main file's let where it has one, else those of the included files. */
static void override_let(struct resolver *r, const struct policy_define *d)
{
	const char *title = arena_printf(r->arena, "-D %s", d->name);
	uint32_t source = title ? sources_add(r->sources, title, str_of(d->value)) : 0;
	struct symbol *first = map_get(&r->lets, str_of(d->name)), *s;
	size_t errors = r->diags->errors;
	struct value *value;

	if (!source) {
		r->nomem = true;
		return;
	}
	if (!first) {
		report_define(r, d, (struct span){ source, 0, 0 });
		return;
	}
	value = parse_value_text(r->arena, r->diags, source, str_of(d->value));
	if (!value) {
		r->nomem |= r->diags->errors == errors;
		return;
	}
	for (s = first; s && s->stmt->name_span.file != r->main->source; s = s->same)
		;
	if (s)
		replace_value(r, s, value);
	for (struct symbol *i = s ? NULL : first; i; i = i->same)
		replace_value(r, i, value);
}

void names_collect(struct resolver *r)
{
	collect_file(r, r->main);
	for (size_t i = 0; i < r->options->ndefines && !r->nomem; i++)
		override_let(r, &r->options->defines[i]);
}
