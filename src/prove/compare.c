/* SPDX-License-Identifier: BSD-2-Clause */
/* Two filters in any shape: proven to be in a relation, or a call that shows they aren't, confirmed
 * by running both. */
#include "prove/search.h"

#include <assert.h>
#include <errno.h>

static enum prove_op op_of(enum prove_relation relation)
{
	return relation == PROVE_SAME ? PROVE_OP_DIFFERS : PROVE_OP_LOOSER;
}

uint32_t prove_run_subject(const struct prove_subject *s, const struct seccomp_data *data,
			   enum cbpf_order order)
{
	uint32_t ret = 0;

	if (s->rules)
		return rules_eval(s->rules, data).ret;
	for (size_t i = 0; i < s->nprogs; i++) {
		const struct cbpf_prog *p = &s->progs[i];
		uint32_t older = cbpf_interp(p->insns, p->len, data, order, NULL, NULL).ret;

		ret = i == 0 ? older : prove_op_value(PROVE_OP_STACK, ret, older);
	}
	return ret;
}

int prove_meaning(struct prove_space *space, const struct prove_subject *s, enum cbpf_order order,
		  prove_fn *out, size_t *prog, size_t *pc)
{
	int r;

	assert(s->rules || s->nprogs);
	if (s->rules)
		return prove_rules(space, s->rules, out);
	for (size_t i = 0; i < s->nprogs; i++) {
		prove_fn older;

		*prog = i;
		r = prove_program(space, &s->progs[i], order, &older, pc);
		if (r != 0)
			return r;
		*out = i == 0 ? older : prove_stack(space, *out, older);
	}
	return prove_status(space);
}

/* The condition under which the relation fails, or -ENOMEM or PROVE_UNDECIDED. */
static int find_failures(struct prove_space *space, const struct prove_subject *const subjects[2],
			 enum prove_relation relation, enum cbpf_order order,
			 struct prove_result *result, prove_fn pair[2])
{
	for (unsigned i = 0; i < 2; i++) {
		int r;

		result->stuck = subjects[i];
		r = prove_meaning(space, subjects[i], order, &pair[i], &result->prog, &result->pc);
		if (r != 0)
			return r;
	}
	result->stuck = NULL;
	/* For equality, the two functions themselves are what a witness tells apart. */
	if (relation == PROVE_SAME)
		return 0;
	pair[0] = prove_looser(space, pair[0], pair[1]);
	pair[1] = PROVE_FALSE;
	return prove_status(space);
}

/* A difference that was found is run before anybody hears of it. */
static int confirm(const struct prove_subject *const subjects[2], enum prove_relation relation,
		   enum cbpf_order order, struct prove_result *result)
{
	result->a_ret = prove_run_subject(subjects[0], &result->data, order);
	result->b_ret = prove_run_subject(subjects[1], &result->data, order);
	assert(prove_op_value(op_of(relation), result->a_ret, result->b_ret));
	return PROVE_DIFFERS;
}

static int compare(struct arena *arena, const struct prove_subject *const subjects[2],
		   enum prove_relation relation, enum cbpf_order order, size_t budget,
		   struct prove_result *result)
{
	struct prove_space *space = prove_space_new(arena, budget);
	prove_fn pair[2] = { PROVE_FALSE, PROVE_FALSE };
	int r;

	if (!space)
		return -ENOMEM;
	r = find_failures(space, subjects, relation, order, result, pair);
	result->nodes = prove_space_nodes(space);
	if (r == PROVE_UNDECIDED) {
		r = prove_search(arena, subjects, op_of(relation), order, &result->data);
		if (r <= 0)
			return r < 0 ? r : PROVE_UNDECIDED;
		return confirm(subjects, relation, order, result);
	}
	if (r < 0)
		return r;
	if (!prove_witness(space, pair[0], pair[1], &result->data))
		return PROVE_EQUAL;
	return confirm(subjects, relation, order, result);
}

int prove_compare(const struct prove_subject *a, const struct prove_subject *b,
		  enum prove_relation relation, enum cbpf_order order, size_t budget,
		  struct prove_result *result)
{
	const struct prove_subject *const subjects[] = { a, b };
	struct arena arena;
	int r;

	*result = (struct prove_result){ 0 };
	arena_init(&arena, prove_bytes(budget));
	r = compare(&arena, subjects, relation, order, budget, result);
	arena_deinit(&arena);
	return r;
}

int prove_compiled(const struct rules *rules, const struct cbpf_prog *prog, size_t budget,
		   struct prove_result *result)
{
	const struct prove_subject a = { .rules = rules }, b = { .progs = prog, .nprogs = 1 };

	return prove_compare(&a, &b, PROVE_SAME, rules_order(rules), budget, result);
}
