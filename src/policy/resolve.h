/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From AST to rules, once for each ABI: resolve.c walks the statements, values.c evaluates
 * expressions, conds.c makes tests, targets.c finds calls, baseline.c adds the calls that are too
 * young, lint.c warns.
 */
#ifndef STRAIT_POLICY_RESOLVE_H
#define STRAIT_POLICY_RESOLVE_H

#include "base/map.h"
#include "policy/ast.h"
#include "policy/number.h"
#include "policy/policy.h"

/* A let that is made of lets that are made of lets ... */
#define RESOLVE_LET_DEPTH 32

/* What let, set and group define. */
struct symbol {
	struct symbol *next;
	struct symbol *same; /* of another file, with this name */
	const struct stmt *stmt;
	struct str name;
	const char *text; /* the same with a NUL */
	bool is_used;
	bool is_busy; /* being evaluated: to meet it again is a cycle */
	/* let: its value on ABI number abi_of_number - 1; 0: not evaluated yet. */
	size_t abi_of_number;
	struct number number;
	/* group: the rule that has expanded it last. */
	uint64_t rule;
};

struct resolver {
	struct arena *arena;
	struct diags *diags;
	struct sources *sources;
	const struct policy_options *options;
	struct file *main;
	struct map lets, sets, groups;
	struct symbol *symbols;					   /* the latest first */
	const struct stmt *arches, *default_, *foreign, *baseline; /* NULL: not said */
	struct rules *rules;

	/* Where the walk is. */
	size_t abi;
	const struct arch *arch;
	uint64_t rule; /* counts the rules met */
	unsigned let_depth;
	struct map seen; /* lint.c: number -> the entries for it so far */
	bool nomem;
};

void *resolve_alloc(struct resolver *r, size_t size);

/* names.c: what the files define and say, and the options' overrides */
void names_collect(struct resolver *r);
/*
 * What NAME means in the file that USE stands in: what that file itself defines, or else the only
 * one that any file does. NULL if there is none, or (with an error) if there are several. USE of no
 * file finds any.
 */
struct symbol *names_find(struct resolver *r, const struct map *map, struct str name,
			  struct span use);
/* The nearest name of a call, or NULL. */
const char *names_guess_syscall(struct str name);
/* By name or alias, NULL and an error where there is none. */
const struct arch *names_arch(struct resolver *r, const struct word *word);

/* values.c: false and an error where there is no value */
bool value_eval(struct resolver *r, const struct value *v, struct number *out);
/* SECCOMP_RET_* with its data. */
bool value_action(struct resolver *r, const struct action *a, uint32_t *ret);

/* answers.c: what the action's answer is on this ABI, NULL where it has none; false after an error
 */
bool answer_resolve(struct resolver *r, const struct action *a, const struct rules_answer **out);
/* Whether a call (NULL: any, or a number without a name) can have this answer; else an error. */
bool answer_fits(struct resolver *r, const struct action *a, const struct arch_syscall *call);

/* conds.c: the condition for one call (NULL: a number without a name); NULL after an error */
const struct rules_cond *cond_resolve(struct resolver *r, struct cond *c,
				      const struct arch_syscall *call);

/* targets.c */
void targets_check(struct resolver *r, const struct target *targets);
void targets_resolve(struct resolver *r, struct stmt *rule);

/* baseline.c */
void baseline_resolve(struct resolver *r);

/* lint.c */
enum lint_truth { LINT_OPEN, LINT_ALWAYS, LINT_NEVER };

enum lint_truth lint_test(const struct rules_test *t);
/* Remembers an entry, and whether an earlier one decides all of its calls. */
void lint_entry(struct resolver *r, const struct rules_entry *entry, struct target *top);
/* The warnings, when every ABI has been walked. */
void lint_report(struct resolver *r);

#endif
