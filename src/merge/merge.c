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
	const struct merge_stack *stack;
	struct prove_space *space;
	prove_fn *meanings; /* of each filter */
	prove_fn together;
};

static int find_meanings(struct merger *m, struct merge_result *out)
{
	struct arena *arena = prove_space_arena(m->space);

	m->meanings = arena_array(arena, m->stack->len, sizeof(*m->meanings));
	if (!m->meanings)
		return -ENOMEM;
	for (size_t i = 0; i < m->stack->len; i++) {
		int r = prove_program(m->space, m->stack->filters[i].prog, m->stack->order,
				      &m->meanings[i], &out->pc);

		out->filter = i;
		if (r != 0)
			return r;
		m->together = i == 0 ? m->meanings[i]
				     : prove_stack(m->space, m->meanings[i], m->together);
	}
	out->filter = m->stack->len;
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

/* The shortest filter that decides as the whole stack does, or NULL. */
static const struct cbpf_prog *find_enough(const struct merger *m)
{
	const struct cbpf_prog *best = NULL;

	for (size_t i = 0; i < m->stack->len; i++) {
		const struct cbpf_prog *prog = m->stack->filters[i].prog;

		if (m->meanings[i] == m->together && (!best || prog->len < best->len))
			best = prog;
	}
	return best;
}

static int make_program(struct merger *m, struct cbpf_prog *out)
{
	struct compile_options options = { .validate = false };
	struct sources no_sources = { .arena = prove_space_arena(m->space) };
	const struct cbpf_prog *enough = find_enough(m);
	struct cbpf_prog made;
	struct diags unheard;
	struct ir ir;
	ir_ref root;
	int r;

	diags_init(&unheard, no_sources.arena, &no_sources);
	ir_init(&ir, no_sources.arena, &options);
	root = merge_graph(&ir, m->space, m->together);
	if (prove_status(m->space) != 0)
		return prove_status(m->space);
	r = compile_graph(&ir, root, enough ? &unheard : m->diags, m->stack->order, &options,
			  &made);
	if (enough && (r == -EINVAL || (r == 0 && enough->len < made.len)))
		return copy_program(m->arena, enough, out);
	return r ? r : copy_program(m->arena, &made, out);
}

/* The program's own diagram is the stack's, or there is a call that tells why not. */
static int prove_program_is_stack(struct merger *m, struct merge_result *out)
{
	prove_fn made;
	int r = prove_program(m->space, &out->prog, m->stack->order, &made, NULL);

	out->nodes = prove_space_nodes(m->space);
	if (r)
		return r;
	if (made == m->together)
		return PROVE_EQUAL;
	if (!prove_witness(m->space, m->together, made, &out->data))
		assert(!"different functions of one space");
	out->stack_ret = prove_eval(m->space, m->together, &out->data);
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
		r = merge_parts(m->space, m->arena, m->stack, m->meanings, m->together, out);
	return r;
}

int merge_filters(struct arena *arena, struct diags *diags, const struct merge_stack *stack,
		  size_t budget, struct merge_result *out)
{
	struct merger m = { .arena = arena, .diags = diags, .stack = stack };
	struct arena scratch;
	int r;

	assert(stack->len > 0);
	*out = (struct merge_result){ .filter = stack->len };
	arena_init(&scratch, prove_bytes(budget));
	m.space = prove_space_new(&scratch, budget);
	r = m.space ? merge(&m, out) : -ENOMEM;
	arena_deinit(&scratch);
	return r;
}
