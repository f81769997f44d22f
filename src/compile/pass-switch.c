/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns what tests one word again and again into a search tree: hundreds of rules about one
 * argument are a chain of tests in the policy's order, yet together just a map from values to
 * places.
 *
 * A region is a node and all nodes that test the same word & mask and are reached through the
 * region only. The number and the token are left alone: lower.c has already chosen their order.
 */
#include <errno.h>

#include "compile/graph.h"

/* Up to here the policy's own order is as good. */
#define REGION_MIN 4

struct regions {
	struct ir *ir;
	ir_ref *home; /* the region that a node is in, named by its first node */
	size_t *size; /* of the region with that first node */
	bool *reached;
};

static bool is_switch(const struct ir_node *n)
{
	return (n->op == IR_EQ || n->op == IR_GE) && n->word >= CBPF_IP_LOW;
}

/* A jump from FROM to TO keeps TO in FROM's region, or makes it the first of its own. */
static void meet(struct regions *g, ir_ref from, ir_ref to)
{
	const struct ir_node *a = &g->ir->nodes[from], *b = &g->ir->nodes[to];
	bool joins = is_switch(a) && is_switch(b) && a->word == b->word && a->mask == b->mask;
	ir_ref home = joins ? g->home[from] : to;

	g->home[to] = !g->reached[to] || g->home[to] == home ? home : to;
	g->reached[to] = true;
}

static void find_regions(struct regions *g, ir_ref root)
{
	g->reached[root] = true;
	g->home[root] = root;
	for (ir_ref i = root; i > 0; i--) {
		const struct ir_node *n = &g->ir->nodes[i];

		if (!g->reached[i] || n->op == IR_RET)
			continue;
		g->size[g->home[i]]++;
		meet(g, i, n->yes);
		meet(g, i, n->no);
	}
}

/* Values from first to last that have come as far as a node. */
struct piece {
	uint32_t first, last;
	ir_ref at;
	struct span span;
};

struct pieces {
	struct piece *v;
	size_t len, room;
};

static void push(struct ir *ir, struct pieces *stack, struct piece p)
{
	struct piece *v;

	if (p.first > p.last)
		return;
	v = arena_grow(ir->arena, stack->v, stack->len, &stack->room, sizeof(*v));
	if (!v) {
		ir->status = ir->status ? ir->status : -ENOMEM;
		return;
	}
	stack->v = v;
	v[stack->len++] = p;
}

/* Sends the values of a piece through its node: lower ones end on top of the stack. */
static void divide(struct ir *ir, struct pieces *stack, struct piece p)
{
	struct ir_node n = ir->nodes[p.at];
	struct piece low = { p.first, p.last, n.no, n.span };
	struct piece equal = { n.k, n.k, n.yes, n.span };
	struct piece high = { p.first, p.last, n.op == IR_GE ? n.yes : n.no, n.span };

	if (n.op == IR_EQ && (n.k < p.first || n.k > p.last)) {
		push(ir, stack, low);
		return;
	}
	if (high.first < n.k + (n.op == IR_EQ))
		high.first = n.k + (n.op == IR_EQ);
	if (n.op == IR_GE || n.k < UINT32_MAX)
		push(ir, stack, high);
	if (n.op == IR_EQ)
		push(ir, stack, equal);
	if (low.last >= n.k)
		low.last = n.k - 1;
	if (n.k > 0)
		push(ir, stack, low);
}

/* Which values leave the region at HEAD for where. */
static void map_region(const struct regions *g, ir_ref head, const ir_ref *now,
		       struct intervals *map)
{
	struct ir *ir = g->ir;
	struct pieces stack = { 0 };

	push(ir, &stack, (struct piece){ .last = ir->nodes[head].mask, .at = head });
	while (stack.len > 0 && ir_charge(ir, 1)) {
		struct piece p = stack.v[--stack.len];

		if (g->home[p.at] == head)
			divide(ir, &stack, p);
		else
			intervals_add(ir, map, (struct interval){ p.first, now[p.at], p.span });
	}
}

ir_ref pass_switch(struct ir *ir, ir_ref root)
{
	size_t len = (size_t)root + 1;
	struct regions g = { ir, arena_array(ir->arena, len, sizeof(*g.home)),
			     arena_array(ir->arena, len, sizeof(*g.size)),
			     arena_array(ir->arena, len, sizeof(*g.reached)) };
	ir_ref *now = arena_array(ir->arena, len, sizeof(*now));

	if (!g.home || !g.size || !g.reached || !now) {
		ir->status = -ENOMEM;
		return root;
	}
	find_regions(&g, root);
	for (ir_ref i = 1; i < len && !ir->status; i++) {
		struct ir_node n = ir->nodes[i];
		struct intervals map = { 0 };

		now[i] = i;
		if (!g.reached[i] || n.op == IR_RET)
			continue;
		if (g.size[g.home[i]] >= REGION_MIN) {
			if (g.home[i] != i)
				continue; /* Only its region's first node is left. */
			map_region(&g, i, now, &map);
			now[i] = search_tree(ir, n.word, n.mask, &map);
			continue;
		}
		n.yes = now[n.yes];
		n.no = now[n.no];
		now[i] = ir_test(ir, n);
	}
	return now[root];
}
