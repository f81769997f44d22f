/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much it matters where a number is found.
 *
 * Since Linux 5.11 the kernel remembers which numbers a filter always allows and runs no filter for
 * them (kernel/seccomp.c, seccomp_cache_prepare_bitmap()). What is left are the calls whose
 * arguments are tested and those that are not allowed: unless all are to be weighed, these share
 * the weight. For calls that nobody counts each number weighs the same. A small share for all
 * numbers alike keeps the tree low: when a filter is attached, the kernel walks it for each.
 */
#include "compile/graph.h"

#include <errno.h>

enum class { PLAIN, TESTED, DENIED, CLASSES };

/* Hundredths of a list's weight: of each class, and of all numbers alike. */
#define SHARE_ALIKE 5
static const unsigned SHARES[][CLASSES] = {
	[COMPILE_WEIGH_EXECUTED] = { [TESTED] = 65, [DENIED] = 30 },
	[COMPILE_WEIGH_ALL] = { [PLAIN] = 88, [TESTED] = 4, [DENIED] = 3 },
};

/* What each number of a class counts for beside its count, which is in millionths of all calls. */
static const uint64_t UNCOUNTED[CLASSES] = { [PLAIN] = 100, [TESTED] = 1000, [DENIED] = 500 };

static const struct {
	const char *name;
	uint32_t count;
} MIX_ROWS[] = {
#define MIX(name, count) { #name, count },
#include "compile/mix.def"
#undef MIX
};

struct weigher {
	struct ir *ir;
	struct intervals *map;
	uint64_t sums[CLASSES];
};

static enum class class_of(const struct ir *ir, ir_ref to) {
	if (!ir_is_leaf(ir, to)) return TESTED;
	return ir->nodes[to].k == SECCOMP_RET_ALLOW ? PLAIN : DENIED;
}

/* The interval that a value is in. */
static struct interval *interval_of(const struct intervals *map, uint32_t value)
{
	size_t begin = 0, end = map->len;

	while (end - begin > 1) {
		size_t middle = begin + (end - begin) / 2;

		if (map->v[middle].first <= value)
			begin = middle;
		else
			end = middle;
	}
	return &map->v[begin];
}

/* How many of an ABI's numbers are in the i-th interval. */
static uint64_t numbers_in(const struct intervals *map, size_t i, const struct arch *arch)
{
	uint64_t first = map->v[i].first, end = (uint64_t)UINT32_MAX + 1;

	if (i + 1 < map->len)
		end = map->v[i + 1].first;
	if (first < arch->nr_base)
		first = arch->nr_base;
	if (end > arch_table_end(arch))
		end = arch_table_end(arch);
	return first < end ? end - first : 0;
}

static void add(struct weigher *w, struct interval *i, uint64_t weight)
{
	i->weight += weight;
	w->sums[class_of(w->ir, i->to)] += weight;
}

static void add_call(struct weigher *w, const struct arch *arch, const struct arch_syscall *call,
		     uint64_t millionths)
{
	int64_t nr = call ? arch_syscall_nr(arch, call) : -1;

	if (nr >= 0)
		add(w, interval_of(w->map, (uint32_t)nr), millionths);
}

static void add_counts(struct weigher *w, const struct arch *arch)
{
	const struct compile_options *o = w->ir->options;
	uint64_t all = 0;

	for (size_t i = 0; i < o->ncounts; i++)
		all += o->counts[i].count;
	for (size_t i = 0; i < o->ncounts && all > 0; i++)
		add_call(w, arch, o->counts[i].call, o->counts[i].count * 1000000 / all);
	for (size_t i = 0; i < ARRAY_LEN(MIX_ROWS) && o->ncounts == 0; i++)
		add_call(w, arch, arch_syscall_by_name(str_of(MIX_ROWS[i].name)),
			 MIX_ROWS[i].count);
}

static void add_abi(struct weigher *w, const struct arch *arch)
{
	for (size_t i = 0; i < w->map->len; i++) {
		struct interval *interval = &w->map->v[i];

		add(w, interval,
		    numbers_in(w->map, i, arch) * UNCOUNTED[class_of(w->ir, interval->to)]);
	}
	add_counts(w, arch);
}

/* From what was added up to shares of the whole. */
static void scale(struct weigher *w, const struct arch *arch)
{
	const unsigned *shares = SHARES[w->ir->options->weigh];
	uint64_t numbers = arch_table_end(arch) - arch->nr_base;

	for (size_t i = 0; i < w->map->len; i++) {
		struct interval *interval = &w->map->v[i];
		enum class c = class_of(w->ir, interval->to);
		uint64_t alike = IR_WEIGHT_ALL / 100 * SHARE_ALIKE / numbers;

		if (w->sums[c])
			interval->weight =
				interval->weight * (IR_WEIGHT_ALL / 100) / w->sums[c] * shares[c];
		interval->weight += numbers_in(w->map, i, arch) * alike;
	}
}

void weigh_numbers(struct ir *ir, uint32_t token, struct intervals *map)
{
	const struct arch *arch = arch_of_call(token, 0);
	struct weigher w = { ir, map, { 0 } };

	/* x32's numbers have the weight of the small share only. */
	if (!arch || ir->status || map->len < 2)
		return;
	add_abi(&w, arch);
	scale(&w, arch);
}
