/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of one file as a tree. Names are still names: what they stand for depends on the ABI
 * (resolve.h).
 *
 * "a | b | c" is one node with three operands, so that the tree is never deeper than its brackets.
 */
#ifndef STRAIT_POLICY_AST_H
#define STRAIT_POLICY_AST_H

#include "policy/lex.h"
#include "rules/rules.h"

enum value_kind {
	VALUE_NUMBER,
	VALUE_NAME,
	VALUE_NEGATE,	  /* -first */
	VALUE_COMPLEMENT, /* ~first */
	VALUE_CHAIN,	  /* first, then each one's `op` with the next, from the left */
};

struct value {
	enum value_kind kind;
	struct span span;
	uint64_t number;
	struct str name;
	struct value *first;
	struct value *next; /* in the chain that this is an operand of */
	enum token_kind op; /* what joins this operand to those before it */
};

/* One value or an inclusive range of them. */
struct item {
	struct item *next;
	struct value *first, *last; /* the same one where it isn't a range */
	struct span span;
};

enum test_kind {
	TEST_COMPARE,
	TEST_IN,
	TEST_NOT_IN,
	TEST_IN_SET,
	TEST_NOT_IN_SET,
	TEST_WITHIN,
	TEST_HAS
};

enum cond_kind { COND_TEST, COND_NOT, COND_AND, COND_OR };

struct cond {
	enum cond_kind kind;
	struct span span;
	struct cond *first; /* of the operands */
	struct cond *next;  /* in the condition that this is an operand of */

	/* COND_TEST */
	enum test_kind test;
	struct str operand;
	struct span operand_span;
	struct value *mask; /* or NULL */
	enum token_kind compare;
	struct value *value;
	struct item *items;
	struct str set;
	struct span set_span;
	/* What the test came to for the calls and ABIs seen so far: a warning needs all of them to
	 * agree. */
	bool was_always, was_never, was_open;
};

enum target_kind { TARGET_NAME, TARGET_GROUP, TARGET_NUMBER };

struct target {
	struct target *next;
	enum target_kind kind;
	struct span span;
	struct str name;
	bool is_optional;	     /* "NAME?" */
	struct value *number, *last; /* an inclusive range; the same one where it is a number */
	/* For the warnings: whether any call gets here, and the rule that keeps the others away. */
	bool is_reached, is_shadowed, is_repeated;
	struct span shadow;
};

enum action_kind {
	ACTION_ALLOW,
	ACTION_LOG,
	ACTION_NOTIFY,
	ACTION_TRACE,
	ACTION_ERRNO,
	ACTION_DENY, /* errno(EPERM) */
	ACTION_TRAP,
	ACTION_KILL_THREAD,
	ACTION_KILL_PROCESS,
};

/* A name and where it stands: an architecture of a list, a file's name. */
struct word {
	struct word *next;
	struct str text;
	struct span span;
};

/* "=> return 0" */
struct answer {
	enum rules_answer_kind kind;
	struct span span;
	struct value *value; /* return, errno */
	struct word *paths;  /* open_beneath, make_node */
};

struct action {
	enum action_kind kind;
	struct span span;
	struct value *data;    /* or NULL */
	struct answer *answer; /* notify; or NULL. A rule's stands behind its condition. */
};

enum stmt_kind {
	STMT_ARCH,
	STMT_DEFAULT,
	STMT_FOREIGN,
	STMT_BASELINE,
	STMT_LET,
	STMT_SET,
	STMT_GROUP,
	STMT_INCLUDE,
	STMT_ON,
	STMT_RULE,
};

struct stmt {
	struct stmt *next;
	enum stmt_kind kind;
	struct span span;
	struct word *arches;  /* arch, on */
	struct action action; /* default, foreign, baseline, rule */
	bool has_action;      /* baseline: "else" was written */
	struct str name;      /* let, set, group, include's string, baseline's version */
	struct span name_span;
	struct value *value;	/* let */
	struct item *items;	/* set */
	struct target *targets; /* group, rule */
	struct cond *cond;	/* rule; or NULL */
	struct stmt *rules;	/* on */
	struct file *included;	/* include: set by include.c; NULL where the file is in already */
};

struct file {
	uint32_t source;
	bool is_shipped;
	struct token *tokens;
	struct stmt *stmts;
};

#endif
