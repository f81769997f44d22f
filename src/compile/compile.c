/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the steps, and says which rules are to blame when the result is too long for the kernel.
 */
#include "compile/compile.h"

#include <assert.h>
#include <errno.h>

#include "compile/graph.h"

static const struct {
	const char *name;
	ir_ref (*run)(struct ir *ir, ir_ref root);
} PASSES[] = {
	{ "known", pass_known },
	{ "switch", pass_switch },
	{ "known", pass_known },
};

/* How many rules the error about a long program names. */
#define BLAMED 3

struct weight {
	struct span span;
	size_t insns;
};

static int by_span(const void *a, const void *b)
{
	const struct span *x = &((const struct weight *)a)->span;
	const struct span *y = &((const struct weight *)b)->span;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* One weight a rule, in the text's order; NULL: no memory. */
static struct weight *weigh_rules(const struct ir *ir, const struct layout *layout, size_t *len)
{
	struct weight *w = arena_array(ir->arena, layout->len, sizeof(*w));
	size_t n = 0;

	*len = 0;
	if (!w)
		return NULL;
	for (size_t i = 0; i < layout->len; i++) {
		const struct layout_item *item = &layout->items[i];
		struct span span = ir->nodes[item->node].span;

		if (span.file)
			w[n++] = (struct weight){ span, 1u + item->load + item->mask };
	}
	qsort(w, n, sizeof(*w), by_span);
	for (size_t i = 0; i < n; i++) {
		if (*len > 0 && by_span(&w[*len - 1], &w[i]) == 0)
			w[*len - 1].insns += w[i].insns;
		else
			w[(*len)++] = w[i];
	}
	return w;
}

/* Moves the heaviest weight to the front. */
static void pull_heaviest(struct weight *w, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (w[i].insns > w[0].insns) {
			struct weight t = w[0];

			w[0] = w[i];
			w[i] = t;
		}
}

static int report_length(struct diags *diags, const struct ir *ir, const struct layout *layout,
			 size_t total)
{
	size_t len;
	struct weight *w = weigh_rules(ir, layout, &len);

	if (!w)
		return -ENOMEM;
	pull_heaviest(w, len);
	diag_add(diags, DIAG_PROGRAM_TOO_LONG, len > 0 ? w[0].span : (struct span){ 0 },
		 "the filter takes %zu instructions, and the kernel loads at most %d", total,
		 BPF_MAXINSNS);
	for (size_t i = 0; i < BLAMED && i < len; i++) {
		pull_heaviest(w + i, len - i);
		diag_note(diags, w[i].span, "this rule takes %zu of them", w[i].insns);
	}
	return diags->failed ? -ENOMEM : -EINVAL;
}

/* The rules were so many or so entangled that the graph's budget ended before there was a length.
 */
static int report_budget(struct diags *diags)
{
	diag_add(diags, DIAG_PROGRAM_TOO_LONG, (struct span){ 0 },
		 "the rules are too many, or overlap too much, for a filter of %d instructions",
		 BPF_MAXINSNS);
	return diags->failed ? -ENOMEM : -EINVAL;
}

static ir_ref run_passes(struct ir *ir, ir_ref root, bool validate)
{
	assert(!validate || !ir_validate(ir, root));
	for (size_t i = 0; i < ARRAY_LEN(PASSES) && !ir->status; i++) {
		root = PASSES[i].run(ir, root);
		assert(!validate || !ir_validate(ir, root));
	}
	return root;
}

int compile_graph(struct ir *ir, ir_ref root, struct diags *diags, enum cbpf_order order,
		  const struct compile_options *options, struct cbpf_prog *prog)
{
	struct layout layout;
	size_t len = 0;
	int r;

	*prog = (struct cbpf_prog){ 0 };
	root = run_passes(ir, root, options->validate);
	if (ir->status)
		return ir->status == -E2BIG ? report_budget(diags) : ir->status;
	r = layout_graph(ir, root, &layout);
	if (r < 0)
		return r;
	r = emit_layout(ir, &layout, order, prog, &len);
	assert(r != -EINVAL); /* the layout has a place for each label, behind its jumps */
	return r == -E2BIG ? report_length(diags, ir, &layout, len) : r;
}

int compile_rules(struct arena *arena, struct diags *diags, const struct rules *rules,
		  const struct compile_options *options, struct cbpf_prog *prog)
{
	struct ir ir;

	assert(!options->validate || !rules_validate(rules));
	ir_init(&ir, arena, options);
	return compile_graph(&ir, lower_rules(&ir, rules), diags, rules_order(rules), options,
			     prog);
}
