/* SPDX-License-Identifier: BSD-2-Clause */
/* All numbers of an ABI, and what their cases come to. */
#include "cost/cost.h"

#include <errno.h>

static const struct {
	const char *name;
	uint32_t count;
} MIX_ROWS[] = {
#define MIX(name, count) { #name, count },
#include "compile/mix.def"
#undef MIX
};

static void weigh(uint64_t *weights, const struct arch *arch, const struct arch_syscall *call,
		  uint64_t count)
{
	int64_t nr = call ? arch_syscall_nr(arch, call) : -1;

	if (nr >= arch->nr_base && nr < arch_table_end(arch))
		weights[nr - arch->nr_base] += count;
}

/* How often each number is called, in any unit. */
static uint64_t *find_weights(struct arena *arena, const struct cost_question *q)
{
	const struct arch *arch = q->arch;
	size_t len = arch_table_end(arch) - arch->nr_base;
	uint64_t *weights = arena_array(arena, len, sizeof(*weights));

	if (!weights)
		return NULL;
	memset(weights, 0, len * sizeof(*weights));
	for (size_t i = 0; i < q->ncounts; i++)
		weigh(weights, arch, q->counts[i].call, q->counts[i].count);
	for (size_t i = 0; i < ARRAY_LEN(MIX_ROWS) && q->ncounts == 0; i++)
		weigh(weights, arch, arch_syscall_by_name(str_of(MIX_ROWS[i].name)),
		      MIX_ROWS[i].count);
	return weights;
}

/* What is added up before it is divided. */
struct total {
	double executed;	     /* of all cases */
	double weighted, with_cache; /* times the weight of their numbers */
	double weight;
};

static void add_case(const struct cost *cost, size_t i, struct cost_sum *sum, struct total *total)
{
	if (sum->cases++ == 0 || cost->cases[i].executed > cost->cases[sum->longest].executed)
		sum->longest = i;
	total->executed += cost->cases[i].executed;
}

/* The cases of a number and class share its weight. */
static void add_number(struct cost_sum *sum, struct total *total, const struct cost_case *c,
		       double average, double weight)
{
	sum->numbers++;
	sum->cached += c->is_cached;
	total->weight += weight;
	total->weighted += weight * average;
	total->with_cache += c->is_cached ? 0 : weight * average;
}

static void divide(struct cost_sum *sum, const struct total *total)
{
	sum->average = sum->cases ? total->executed / (double)sum->cases : -1;
	sum->weighted = total->weight > 0 ? total->weighted / total->weight : -1;
	sum->weighted_cached = total->weight > 0 ? total->with_cache / total->weight : -1;
}

/* The cases from BEGIN to END are those of one number. */
static void sum_number(struct cost *cost, size_t begin, size_t end, double weight,
		       struct total *totals)
{
	double executed[COST_CLASSES] = { 0 };
	size_t cases[COST_CLASSES] = { 0 };

	for (size_t i = begin; i < end; i++) {
		enum cost_class class = cost->cases[i].class;

		executed[class] += cost->cases[i].executed;
		cases[class]++;
		add_case(cost, i, &cost->sums[class], &totals[class]);
		add_case(cost, i, &cost->sums[COST_CLASSES], &totals[COST_CLASSES]);
	}
	for (size_t class = 0; class < COST_CLASSES; class ++) {
		double average;

		if (!cases[class])
			continue;
		average = executed[class] / (double)cases[class];
		add_number(&cost->sums[class], &totals[class], &cost->cases[begin], average,
			   weight);
		/* Programs mostly make the calls that they are allowed to make. */
		if (class != COST_REFUSED)
			add_number(&cost->sums[COST_CLASSES], &totals[COST_CLASSES],
				   &cost->cases[begin], average, weight);
	}
}

static int count_all(const struct cost_ways *ways, prove_fn fn, const uint64_t *weights)
{
	const struct arch *arch = ways->question->arch;
	struct total totals[COST_CLASSES + 1] = { 0 };
	struct cost *cost = ways->cost;

	for (uint32_t nr = arch->nr_base; nr < arch_table_end(arch); nr++) {
		size_t begin = cost->len;
		int error = cost_add_ways(
			ways, prove_restrict(ways->space, fn, CBPF_NR, UINT32_MAX, nr), nr);

		if (error)
			return error;
		sum_number(cost, begin, cost->len, (double)weights[nr - arch->nr_base], totals);
	}
	for (size_t class = 0; class <= COST_CLASSES; class ++)
		divide(&cost->sums[class], &totals[class]);
	return prove_status(ways->space);
}

static int count_in(struct prove_space *space, struct arena *arena,
		    const struct cost_question *question, struct cost *out, size_t *pc)
{
	struct cost_ways ways = { arena, space, out, question };
	const struct arch *arch = question->arch;
	enum cbpf_order order = arch->big_endian ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
	uint64_t *weights = find_weights(arena, question);
	prove_fn fn;
	int r;

	if (!weights)
		return -ENOMEM;
	r = prove_program(space, question->prog, order, &fn, pc);
	if (r)
		return r;
	return count_all(&ways, prove_restrict(space, fn, CBPF_ARCH, UINT32_MAX, arch->audit),
			 weights);
}

int cost_count(struct arena *arena, const struct cost_question *question, struct cost *out,
	       size_t *pc)
{
	struct prove_space *space;
	struct arena scratch;
	int r = -ENOMEM;

	*out = (struct cost){ 0 };
	*pc = question->prog->len - 1;
	arena_init(&scratch, prove_bytes(question->budget));
	space = prove_space_new(&scratch, question->budget);
	if (space)
		r = count_in(space, arena, question, out, pc);
	arena_deinit(&scratch);
	return r;
}
