/* SPDX-License-Identifier: BSD-2-Clause */
/* From the filters to a program, and back to a diagram to see that nothing went wrong. */
#include "merge/merge.h"

#include <assert.h>
#include <errno.h>

#include "compile/graph.h"
#include "prove/space.h"

struct merger {
	struct arena *arena; /* of what is handed out */
	struct diags *diags;
	const struct merge_filter *filters;
	size_t len;
	enum cbpf_order order;
	struct prove_space *space;
	prove_fn *meanings; /* of each filter */
	prove_fn stack;
};

static int find_meanings(struct merger *m, struct merge_result *out)
{
	struct arena *arena = prove_space_arena(m->space);

	m->meanings = arena_array(arena, m->len, sizeof(*m->meanings));
	if (!m->meanings)
		return -ENOMEM;
	for (size_t i = 0; i < m->len; i++) {
		int r = prove_program(m->space, m->filters[i].prog, m->order, &m->meanings[i],
				      &out->pc);

		out->filter = i;
		if (r != 0)
			return r;
		m->stack =
			i == 0 ? m->meanings[i] : prove_stack(m->space, m->meanings[i], m->stack);
	}
	out->filter = m->len;
	return prove_status(m->space);
}

static int copy_program(struct arena *arena, const struct cbpf_prog *from, struct cbpf_prog *to)
{
	*to = (struct cbpf_prog){ arena_array(arena, from->len, sizeof(*to->insns)), from->len,
				  NULL };
	if (!to->insns)
		return -ENOMEM;
	memcpy(to->insns, from->insns, from->len * sizeof(*to->insns));
	return 0;
}

/* If one filter alone decides as the stack does, it may be the shorter program. */
static int take_shortest(struct merger *m, const struct cbpf_prog *made, struct cbpf_prog *out)
{
	const struct cbpf_prog *best = made;

	for (size_t i = 0; i < m->len; i++)
		if (m->meanings[i] == m->stack && (!best || m->filters[i].prog->len < best->len))
			best = m->filters[i].prog;
	return best ? copy_program(m->arena, best, out) : -EINVAL;
}

static int make_program(struct merger *m, struct cbpf_prog *out)
{
	struct arena *arena = prove_space_arena(m->space);
	struct compile_options options = { .validate = false };
	struct cbpf_prog made;
	struct ir ir;
	ir_ref root;
	int r;

	ir_init(&ir, arena);
	root = merge_graph(&ir, m->space, m->stack);
	if (prove_status(m->space) != 0)
		return prove_status(m->space);
	r = compile_graph(&ir, root, m->diags, m->order, &options, &made);
	return r ? r : take_shortest(m, &made, out);
}

/* The program's own diagram is the stack's, or there is a call that tells why not. */
static int prove_program_is_stack(struct merger *m, struct merge_result *out)
{
	prove_fn made;
	int r = prove_program(m->space, &out->prog, m->order, &made, NULL);

	out->nodes = prove_space_nodes(m->space);
	if (r)
		return r;
	if (made == m->stack)
		return PROVE_EQUAL;
	if (!prove_witness(m->space, m->stack, made, &out->data))
		assert(!"different functions of one space");
	out->stack_ret = prove_eval(m->space, m->stack, &out->data);
	out->prog_ret = prove_eval(m->space, made, &out->data);
	return PROVE_DIFFERS;
}

static int merge(struct merger *m, struct merge_result *out)
{
	int r = find_meanings(m, out);

	if (!r)
		r = make_program(m, &out->prog);
	if (!r)
		r = prove_program_is_stack(m, out);
	if (!r)
		r = merge_parts(m->space, m->arena, m->filters, m->meanings, m->len, m->stack, out);
	return r;
}

int merge_stack(struct arena *arena, struct diags *diags, const struct merge_filter *filters,
		size_t len, enum cbpf_order order, size_t budget, struct merge_result *out)
{
	struct merger m = { arena, diags, filters, len, order, NULL, NULL, 0 };
	struct arena scratch;
	int r;

	assert(len > 0);
	*out = (struct merge_result){ .filter = len };
	arena_init(&scratch, prove_bytes(budget));
	m.space = prove_space_new(&scratch, budget);
	r = m.space ? merge(&m, out) : -ENOMEM;
	arena_deinit(&scratch);
	return r;
}
