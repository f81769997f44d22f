/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps from rules to instructions, in their order: lower.c (numbers), condition.c (tests) and
 * search.c (trees) make the graph, pass-*.c improve it, layout.c puts it in a line, emit.c
 * writes it down. merge/ makes a graph of its own and has the rest done here.
 */
#ifndef STRAIT_COMPILE_GRAPH_H
#define STRAIT_COMPILE_GRAPH_H

#include "compile/compile.h"
#include "compile/ir.h"

/* ---- lower.c ---- */

ir_ref lower_rules(struct ir *ir, const struct rules *rules);

/* ---- condition.c ---- */

struct branches {
	ir_ref yes, no;
};

/* SPAN is the rule's. */
ir_ref condition_lower(struct ir *ir, const struct rules_cond *cond, struct span span,
		       struct branches to);

/* ---- search.c ---- */

/* Values from `first` up to the next interval's are decided by `to`. */
struct interval {
	uint32_t first;
	ir_ref to;
	struct span span; /* of the tests that find it */
	uint64_t weight;  /* how often its values are asked for; 0: it isn't known */
};

struct intervals {
	struct interval *v; /* ascending, the first begins at 0 */
	size_t len, room;
};

/* Appends; at the same `first` it replaces, with the same `to` as the one before it merges. */
void intervals_add(struct ir *ir, struct intervals *list, struct interval i);
/*
 * Where the last of the list go to two places by turns, as x32's bit is 0 or 1: one test of that
 * bit decides them instead of three of the number.
 */
void intervals_join_tail(struct ir *ir, struct intervals *list);
/*
 * The cheapest tree of tests of word & mask, by the weights of the intervals; where none has one,
 * single values are taken for likelier than ranges.
 */
ir_ref search_tree(struct ir *ir, unsigned word, uint32_t mask, const struct intervals *list);

/* ---- weigh.c ---- */

/* Sets the weights of a map of the numbers of an ABI's token. */
void weigh_numbers(struct ir *ir, uint32_t token, struct intervals *map);

/* ---- pass-*.c: each returns the new root ---- */

ir_ref pass_known(struct ir *ir, ir_ref root);
ir_ref pass_switch(struct ir *ir, ir_ref root);

/* ---- compile.c ---- */

/* All that follows, for a graph that somebody made. As compile_rules(). */
NODISCARD int compile_graph(struct ir *ir, ir_ref root, struct diags *diags, enum cbpf_order order,
			    const struct compile_options *options, struct cbpf_prog *prog);

/* ---- layout.c ---- */

/* Where a node can be entered: whoever comes with the word in A skips its load. */
enum layout_entry { LAYOUT_LOAD, LAYOUT_MASK, LAYOUT_TEST, LAYOUT_ENTRIES };

/* An item's number times LAYOUT_ENTRIES, plus an enum layout_entry. */
typedef uint32_t layout_ref;

/* A leaf's `ret`, or a test with what it needs before it. */
struct layout_item {
	ir_ref node;
	bool load, mask;
	layout_ref yes, no;
};

struct layout {
	struct layout_item *items; /* the program's last one first */
	size_t len, room;
	size_t size; /* instructions, about: long jumps are the builder's */
};

/* 0 or -ENOMEM. */
NODISCARD int layout_graph(struct ir *ir, ir_ref root, struct layout *out);

/* ---- emit.c ---- */

/* As prog_finish(). */
NODISCARD int emit_layout(const struct ir *ir, const struct layout *layout, enum cbpf_order order,
			  struct cbpf_prog *prog, size_t *len);

#endif
