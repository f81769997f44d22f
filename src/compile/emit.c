/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a layout down, first instruction first. Each item gets a label at each of its entries.
 */
#include <errno.h>

#include "cbpf/prog.h"
#include "compile/graph.h"

static const uint16_t JUMPS[] = {
	[IR_EQ] = BPF_JMP | BPF_JEQ | BPF_K,
	[IR_GE] = BPF_JMP | BPF_JGE | BPF_K,
	[IR_SET] = BPF_JMP | BPF_JSET | BPF_K,
};

/* An item's labels begin with the LAYOUT_LOAD one. */
static void emit_item(struct prog *p, const struct ir *ir, const struct layout_item *item,
		      const prog_label *all, const prog_label *own)
{
	const struct ir_node *n = &ir->nodes[item->node];

	prog_at(p, n->span);
	prog_label_here(p, own[LAYOUT_LOAD]);
	if (n->op == IR_RET) {
		prog_ret(p, n->k);
		return;
	}
	if (item->load)
		prog_load(p, n->word);
	prog_label_here(p, own[LAYOUT_MASK]);
	if (item->mask)
		prog_insn(p, BPF_ALU | BPF_AND | BPF_K, n->mask);
	prog_label_here(p, own[LAYOUT_TEST]);
	prog_jump_if(p, JUMPS[n->op], n->k, all[item->yes], all[item->no]);
}

int emit_layout(const struct ir *ir, const struct layout *layout, enum cbpf_order order,
		struct cbpf_prog *prog, size_t *len)
{
	struct prog *p = prog_new(ir->arena, order);
	prog_label *labels = arena_array(ir->arena, layout->len * LAYOUT_ENTRIES, sizeof(*labels));

	if (!p || !labels)
		return -ENOMEM;
	for (size_t i = 0; i < layout->len * LAYOUT_ENTRIES; i++)
		labels[i] = prog_label_new(p);
	for (size_t i = layout->len; i-- > 0;)
		emit_item(p, ir, &layout->items[i], labels, &labels[i * LAYOUT_ENTRIES]);
	return prog_finish(p, prog, len);
}
