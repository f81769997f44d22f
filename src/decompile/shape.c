/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/shape.h"

#include <errno.h>

#include "decompile/numbers.h"

/* A program that tests arch or nr in more ways than this does arithmetic on it. */
#define TOKENS_MAX 256
#define RANGES_MAX 16384

/* Values of a word with what is left of a function, as prove_ranges() shows them. */
struct list {
	struct arena *arena;
	struct shape_range *ranges;
	size_t len, room, max;
};

static int add_range(void *user, const struct prove_range *r)
{
	struct list *list = user;
	struct shape_range *ranges;

	if (list->len == list->max)
		return DECOMPILE_REFUSED;
	ranges = arena_grow(list->arena, list->ranges, list->len, &list->room, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	list->ranges = ranges;
	ranges[list->len++] = (struct shape_range){ r->first, r->last, r->a };
	return 0;
}

/* 0, DECOMPILE_REFUSED where there are more than MAX, -ENOMEM, PROVE_UNDECIDED. */
static int split(struct logic *l, prove_fn fn, unsigned word, size_t max, struct list *list)
{
	int status;

	*list = (struct list){ .arena = l->arena, .max = max };
	status = prove_ranges(l->space, fn, fn, word, add_range, list);
	return status == PROVE_UNDECIDED ? DECOMPILE_UNDECIDED : status;
}

/* ---- arch ---- */

static bool is_constant(const struct logic *l, prove_fn fn)
{
	return prove_node_of(l->space, fn)->level == PROVE_LEVELS;
}

/* Whether some AUDIT_ARCH in the range is no ABI's, and one such. */
static bool has_unknown(const struct shape_range *r, uint32_t *example)
{
	uint64_t value = r->first;

	for (; value <= r->last; value++) {
		const struct arch *arch;
		size_t i = 0;

		while ((arch = arch_at(i)) && arch->audit != value)
			i++;
		if (!arch) {
			*example = (uint32_t)value;
			return true;
		}
	}
	return false;
}

/* How calls of ABIs that aren't listed are answered: all alike, or there is no such policy. */
static int find_foreign(const struct logic *l, const struct list *tokens, uint32_t *foreign,
			struct buf *why)
{
	bool is_known = false;
	uint32_t example;

	for (size_t i = 0; i < tokens->len; i++) {
		const struct shape_range *r = &tokens->ranges[i];

		if (!has_unknown(r, &example))
			continue;
		if (!is_constant(l, r->fn)) {
			buf_printf(why,
				   "it doesn't stop calls of other architectures (AUDIT_ARCH "
				   "0x%08x, say) but judges them by numbers and arguments, which "
				   "no policy does; --only ARCH (only in struct "
				   "strait_decompile_options) tells what it does with those of one",
				   example);
			return DECOMPILE_REFUSED;
		}
		if (is_known && prove_node_of(l->space, r->fn)->low != *foreign) {
			buf_printf(why,
				   "calls of unknown architectures are answered in several ways: "
				   "AUDIT_ARCH 0x%08x differs from others",
				   example);
			return DECOMPILE_REFUSED;
		}
		is_known = true;
		*foreign = prove_node_of(l->space, r->fn)->low;
	}
	return 0;
}

/* ---- nr ---- */

static int add_numbers(struct logic *l, struct shape_abi *abi, const struct shape_range *r)
{
	uint32_t first, last;

	for (size_t i = 0; numbers_range(abi->arch, i, &first, &last); i++) {
		struct shape_range part = *r;
		struct shape_range *ranges;

		if (part.last < first || part.first > last)
			continue;
		if (part.first < first)
			part.first = first;
		if (part.last > last)
			part.last = last;
		ranges = arena_grow(l->arena, abi->ranges, abi->len, &abi->room, sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		abi->ranges = ranges;
		ranges[abi->len++] = part;
	}
	return 0;
}

static bool is_foreign(const struct logic *l, const struct shape *shape,
		       const struct shape_abi *abi)
{
	for (size_t i = 0; i < abi->len; i++)
		if (!is_constant(l, abi->ranges[i].fn) ||
		    prove_node_of(l->space, abi->ranges[i].fn)->low != shape->foreign)
			return false;
	return true;
}

/* Adds the ABI unless all of its calls are answered as foreign ones are. */
static int add_abi(struct logic *l, const struct arch *arch, const struct list *numbers,
		   struct shape *shape)
{
	struct shape_abi abi = { .arch = arch };
	struct shape_abi *abis;
	int status = 0;

	for (size_t i = 0; i < numbers->len && status == 0; i++)
		status = add_numbers(l, &abi, &numbers->ranges[i]);
	if (status != 0 || is_foreign(l, shape, &abi))
		return status;
	abis = arena_grow(l->arena, shape->abis, shape->len, &shape->room, sizeof(*abis));
	if (!abis)
		return -ENOMEM;
	shape->abis = abis;
	abis[shape->len++] = abi;
	return 0;
}

static int add_arch(struct logic *l, const struct arch *arch, prove_fn fn, struct shape *shape,
		    struct buf *why)
{
	struct list numbers;
	int status = split(l, fn, CBPF_NR, RANGES_MAX, &numbers);

	if (status == DECOMPILE_REFUSED)
		buf_printf(why,
			   "it sorts %s's system calls into more than %d ranges: it computes with "
			   "their numbers",
			   arch->name, RANGES_MAX);
	return status == 0 ? add_abi(l, arch, &numbers, shape) : status;
}

/* ---- all together ---- */

static const struct shape_range *range_of(const struct list *list, uint32_t value)
{
	for (size_t i = 0; i < list->len; i++)
		if (list->ranges[i].first <= value && value <= list->ranges[i].last)
			return &list->ranges[i];
	return NULL;
}

/* A filter that answers alike everywhere still is one for some ABI. */
static const struct arch *any_arch(enum cbpf_order order)
{
	const struct arch *arch = arch_native();

	for (size_t i = 0; arch && arch->big_endian != (order == CBPF_BIG_ENDIAN); i++)
		arch = arch_at(i);
	return arch;
}

int shape_find(struct logic *l, prove_fn fn, enum cbpf_order order, struct shape *shape,
	       struct buf *why)
{
	struct list tokens;
	const struct arch *arch;
	int status = split(l, fn, CBPF_ARCH, TOKENS_MAX, &tokens);

	*shape = (struct shape){ 0 };
	if (status == DECOMPILE_REFUSED)
		buf_printf(why, "it sorts architectures into more than %d ranges", TOKENS_MAX);
	if (status == 0)
		status = find_foreign(l, &tokens, &shape->foreign, why);
	for (size_t i = 0; status == 0 && (arch = arch_at(i)); i++)
		status = add_arch(l, arch, range_of(&tokens, arch->audit)->fn, shape, why);
	for (size_t i = 0; status == 0 && i < shape->len; i++) {
		arch = shape->abis[i].arch;
		if (arch->big_endian == (order == CBPF_BIG_ENDIAN))
			continue;
		buf_printf(why,
			   "it has answers of its own for %s, which is %s-endian, and is read as a "
			   "program for %s-endian machines: no policy is for both",
			   arch->name, arch->big_endian ? "big" : "little",
			   arch->big_endian ? "little" : "big");
		status = DECOMPILE_REFUSED;
	}
	if (status != 0 || shape->len > 0)
		return status;
	/* is_foreign() holds for every ABI: list one nevertheless. */
	shape->abis = arena_alloc(l->arena, sizeof(*shape->abis));
	if (!shape->abis)
		return -ENOMEM;
	shape->abis[0].arch = any_arch(order);
	shape->len = 1;
	return add_numbers(
		l, &shape->abis[0],
		&(struct shape_range){ 0, UINT32_MAX, prove_leaf(l->space, shape->foreign) });
}
