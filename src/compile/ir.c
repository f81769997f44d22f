/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making nodes. Every test is first brought into one form, so that equal meanings meet in the
 * table: no test that its own mask decides, a masked comparison with zero as IR_SET, and the
 * comparisons that a single equality can do as that equality.
 */
#include "compile/ir.h"

#include <errno.h>
#include <linux/seccomp.h>

static uint32_t hash_node(const struct ir_node *n)
{
	const uint32_t parts[] = { n->op, n->word, n->mask, n->k, n->yes, n->no };
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		h = (h ^ parts[i]) * 16777619u;
		h ^= h >> 15;
	}
	return h;
}

static bool same(const struct ir_node *a, const struct ir_node *b)
{
	return a->op == b->op && a->word == b->word && a->mask == b->mask && a->k == b->k &&
	       a->yes == b->yes && a->no == b->no;
}

/* Where N is in the table, or the free slot where it belongs. */
static ir_ref *find(const struct ir *ir, const struct ir_node *n)
{
	size_t i = hash_node(n) & (ir->slots - 1);

	while (ir->table[i] != IR_FAILED && !same(&ir->nodes[ir->table[i]], n))
		i = (i + 1) & (ir->slots - 1);
	return &ir->table[i];
}

static ir_ref fail(struct ir *ir, int status)
{
	if (!ir->status)
		ir->status = status;
	return IR_FAILED;
}

static bool grow_table(struct ir *ir)
{
	size_t slots = ir->slots ? ir->slots * 2 : 256;
	ir_ref *table = arena_array(ir->arena, slots, sizeof(*table));

	if (!table)
		return false;
	ir->table = table;
	ir->slots = slots;
	for (size_t i = 1; i < ir->len; i++)
		*find(ir, &ir->nodes[i]) = (ir_ref)i;
	return true;
}

/* The node equal to N; at most half of the table is in use. */
static ir_ref intern(struct ir *ir, const struct ir_node *n)
{
	struct ir_node *nodes;
	ir_ref *slot;

	if (!ir_charge(ir, 1))
		return IR_FAILED;
	if (ir->len * 2 >= ir->slots && !grow_table(ir))
		return fail(ir, -ENOMEM);
	slot = find(ir, n);
	if (*slot != IR_FAILED)
		return *slot;
	if (ir->len >= IR_NODES_MAX)
		return fail(ir, -E2BIG);
	nodes = arena_grow(ir->arena, ir->nodes, ir->len, &ir->room, sizeof(*nodes));
	if (!nodes)
		return fail(ir, -ENOMEM);
	ir->nodes = nodes;
	nodes[ir->len] = *n;
	return *slot = (ir_ref)ir->len++;
}

void ir_init(struct ir *ir, struct arena *arena, const struct compile_options *options)
{
	*ir = (struct ir){ .arena = arena, .options = options };
	ir->nodes = arena_grow(arena, NULL, 0, &ir->room, sizeof(*ir->nodes));
	if (!ir->nodes) {
		fail(ir, -ENOMEM);
		return;
	}
	ir->nodes[ir->len++] = (struct ir_node){ .op = IR_RET, .k = SECCOMP_RET_KILL_PROCESS };
}

bool ir_charge(struct ir *ir, size_t steps)
{
	ir->work += steps;
	if (ir->work > IR_WORK_MAX)
		fail(ir, -E2BIG);
	return !ir->status;
}

ir_ref ir_leaf(struct ir *ir, uint32_t ret, struct span span)
{
	ir_ref r = intern(ir, &(struct ir_node){ .op = IR_RET, .k = ret, .span = span });
	struct span *old;

	if (r == IR_FAILED)
		return r;
	old = &ir->nodes[r].span;
	/* What two rules return belongs to neither. */
	if (old->file != span.file || old->begin != span.begin || old->end != span.end)
		*old = (struct span){ 0 };
	return r;
}

static void exchange(struct ir_node *n)
{
	ir_ref yes = n->yes;

	n->yes = n->no;
	n->no = yes;
}

/* Brings a test into its one form. True: it is decided, always by `no`. */
static bool normalize(struct ir_node *n)
{
	if (n->op == IR_GE) {
		if (n->k > n->mask)
			return true;
		if (n->k == 0) {
			exchange(n);
			return true;
		}
		if (n->k == 1) {
			n->op = IR_EQ;
			n->k = 0;
			exchange(n);
		} else if (n->k == n->mask) {
			n->op = IR_EQ;
		}
	}
	if (n->op == IR_SET) {
		n->k &= n->mask;
		n->mask = IR_WHOLE;
		if (n->k == IR_WHOLE) {
			n->op = IR_EQ;
			n->k = 0;
			exchange(n);
		}
		return n->op == IR_SET && n->k == 0;
	}
	if (n->op != IR_EQ || n->mask == IR_WHOLE)
		return false;
	if (n->k & ~n->mask)
		return true;
	if (n->k == 0)
		exchange(n); /* (x & mask) == 0 */
	else if (n->k != n->mask || n->mask & (n->mask - 1))
		return false;
	n->op = IR_SET; /* nothing but (x & mask) != 0 is left */
	n->k = n->mask;
	n->mask = IR_WHOLE;
	return n->k == 0;
}

ir_ref ir_test(struct ir *ir, struct ir_node n)
{
	if (n.yes == n.no || normalize(&n))
		return n.no;
	return intern(ir, &n);
}

bool *ir_reachable(struct ir *ir, ir_ref root)
{
	bool *reached = arena_array(ir->arena, ir->len, sizeof(*reached));

	if (!reached) {
		fail(ir, -ENOMEM);
		return NULL;
	}
	reached[root] = true;
	for (size_t i = root; i > 0; i--) {
		if (!reached[i] || ir->nodes[i].op == IR_RET)
			continue;
		reached[ir->nodes[i].yes] = true;
		reached[ir->nodes[i].no] = true;
	}
	return reached;
}

static const char *validate_node(const struct ir_node *n, size_t i)
{
	struct ir_node copy = *n;

	if (n->op > IR_SET)
		return "a node's operation is one of enum ir_op";
	if (n->op == IR_RET)
		return n->yes || n->no ? "a leaf has no branches" : NULL;
	if (n->word >= CBPF_WORDS)
		return "a test's word is one of struct seccomp_data";
	if (n->yes >= i || n->no >= i)
		return "a node is made after its branches";
	if (n->yes == n->no)
		return "a test has different branches";
	if (normalize(&copy) || !same(&copy, n))
		return "a test is in its one form";
	return NULL;
}

const char *ir_validate(const struct ir *ir, ir_ref root)
{
	const char *broken = NULL;

	if (ir->status)
		return NULL;
	if (root >= ir->len)
		return "the root is a node";
	for (size_t i = 1; i < ir->len && !broken; i++) {
		broken = validate_node(&ir->nodes[i], i);
		if (!broken && *find(ir, &ir->nodes[i]) != i)
			broken = "equal nodes are the same";
	}
	return broken;
}
