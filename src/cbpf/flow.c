/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All jumps go forward, so nodes are made from the program's end, when those that they lead to are
 * known.
 */
#include "cbpf/flow.h"

#include <errno.h>

/* ---- nodes ---- */

static bool is_test(const struct sock_filter *insn)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	return cbpf_is_conditional(op) && insn->jt != insn->jf;
}

/* Where an instruction goes that doesn't decide. */
static size_t successor(const struct sock_filter *insn, size_t pc)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (op->operand == CBPF_OPERAND_JUMP)
		return pc + 1 + insn->k;
	return pc + 1 + (cbpf_is_conditional(op) ? insn->jt : 0);
}

static bool is_jump(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && !is_test(insn);
}

static bool is_return(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_RET;
}

/* Does it load a word, or keep some of a word's bits? */
static bool is_plain(const struct flow *f, size_t pc)
{
	const struct sock_filter *insn = &f->prog->insns[pc];

	if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
		return true;
	return insn->code == (BPF_ALU | BPF_AND | BPF_K) && f->known[pc].a != CBPF_A_UNKNOWN;
}

/* Is A set before it counts? */
static bool forgets_a(const struct sock_filter *insn)
{
	return insn->code == (BPF_LD | BPF_W | BPF_ABS) || insn->code == (BPF_RET | BPF_K);
}

/* The block from PC: its last instruction, and whether all of it before a decision is plain. */
static struct flow_node scan(const struct flow *f, const bool *is_target, size_t pc)
{
	struct flow_node node = { .is_plain = true };

	for (node.end = pc;; node.end++) {
		const struct sock_filter *insn = &f->prog->insns[node.end];

		if (is_return(insn) || is_test(insn) || is_jump(insn))
			return node;
		node.is_plain &= is_plain(f, node.end);
		if (is_target[node.end + 1])
			return node;
	}
}

/* What is known of A at the end of a block that doesn't decide is known where it goes to as well,
 * or of no use there. */
static bool leaves_no_trace(const struct flow *f, const struct flow_node *node, size_t to)
{
	const struct sock_filter *last = &f->prog->insns[node->end];
	struct cbpf_known after = cbpf_known_after(&f->known[node->end], last, f->order);
	const struct cbpf_known *there = &f->known[to];

	if (forgets_a(&f->prog->insns[to]))
		return true;
	return after.a == there->a && after.mask == there->mask;
}

static void add(struct flow *f, const bool *is_target, size_t pc)
{
	struct flow_node node = scan(f, is_target, pc);
	const struct sock_filter *last = &f->prog->insns[node.end];
	size_t to;

	f->landing[pc] = pc;
	node.tested = f->known[node.end];
	if (is_return(last)) {
		node.kind = FLOW_RETURN;
	} else if (is_test(last)) {
		node.kind = FLOW_TEST;
		node.yes = f->landing[node.end + 1 + last->jt];
		node.no = f->landing[node.end + 1 + last->jf];
	} else {
		to = successor(last, node.end);
		node.kind = FLOW_STEPS;
		node.yes = f->landing[to];
		if (node.is_plain && leaves_no_trace(f, &node, to))
			f->landing[pc] = node.yes;
	}
	f->nodes[pc] = node;
}

static void mark_targets(const struct cbpf_prog *prog, bool *is_target)
{
	is_target[0] = true;
	for (size_t pc = 0; pc < prog->len; pc++) {
		const struct sock_filter *insn = &prog->insns[pc];

		if (is_test(insn)) {
			is_target[pc + 1 + insn->jt] = true;
			is_target[pc + 1 + insn->jf] = true;
		} else if (is_jump(insn)) {
			is_target[successor(insn, pc)] = true;
		}
	}
}

int flow_init(struct flow *f, const struct cbpf_prog *prog, enum cbpf_order order)
{
	bool *is_target = calloc(prog->len + 1, sizeof(*is_target));

	*f = (struct flow){ .prog = prog, .order = order };
	f->known = cbpf_known(prog, order);
	f->nodes = calloc(prog->len + 1, sizeof(*f->nodes));
	f->landing = calloc(prog->len + 1, sizeof(*f->landing));
	if (!is_target || !f->known || !f->nodes || !f->landing) {
		free(is_target);
		flow_deinit(f);
		return -ENOMEM;
	}
	mark_targets(prog, is_target);
	for (size_t pc = prog->len; pc-- > 0;)
		if (is_target[pc] && f->known[pc].reached)
			add(f, is_target, pc);
	f->first = f->landing[0];
	free(is_target);
	return 0;
}

void flow_deinit(struct flow *f)
{
	free(f->known);
	free(f->nodes);
	free(f->landing);
	*f = (struct flow){ 0 };
}

/* ---- tests ---- */

bool flow_compares(const struct flow *f, size_t at)
{
	const struct flow_node *node = &f->nodes[at];
	uint16_t code = f->prog->insns[node->end].code;

	return node->kind == FLOW_TEST && node->is_plain && node->tested.a != CBPF_A_UNKNOWN &&
	       (code == (BPF_JMP | BPF_JEQ | BPF_K) || code == (BPF_JMP | BPF_JGT | BPF_K) ||
		code == (BPF_JMP | BPF_JGE | BPF_K));
}

size_t flow_next(const struct flow *f, size_t at, uint32_t value)
{
	const struct flow_node *node = &f->nodes[at];
	const struct sock_filter *insn = &f->prog->insns[node->end];
	bool holds = BPF_OP(insn->code) == BPF_JEQ   ? value == insn->k
		     : BPF_OP(insn->code) == BPF_JGT ? value > insn->k
						     : value >= insn->k;

	return holds ? node->yes : node->no;
}
