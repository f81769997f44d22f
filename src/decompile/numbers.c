/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/numbers.h"

#include <errno.h>

#include "policy/policy.h"

static int compare_named(const void *a, const void *b)
{
	const struct numbers_call *x = a, *y = b;

	return (x->nr > y->nr) - (x->nr < y->nr);
}

int numbers_init(struct numbers *n, struct arena *arena, const struct arch *arch)
{
	const struct arch_syscall *call;
	size_t room = 0;

	while (arch_syscall_at(room))
		room++;
	*n = (struct numbers){ .arch = arch };
	n->calls = arena_array(arena, room, sizeof(*n->calls));
	if (!n->calls)
		return -ENOMEM;
	for (size_t i = 0; (call = arch_syscall_at(i)); i++) {
		int64_t nr = arch_syscall_nr(arch, call);

		if (nr >= 0)
			n->calls[n->len++] = (struct numbers_call){ (uint32_t)nr, call };
	}
	qsort(n->calls, n->len, sizeof(*n->calls), compare_named);
	return 0;
}

bool numbers_range(const struct arch *arch, size_t i, uint32_t *first, uint32_t *last)
{
	bool is_x86 = arch->column == ARCH_X86_64 || arch->column == ARCH_X32;
	uint32_t base = arch->column == ARCH_X32 ? ARCH_X32_BIT : 0;

	if (i > is_x86)
		return false;
	*first = is_x86 ? base + (uint32_t)i * 2 * ARCH_X32_BIT : 0;
	*last = is_x86 ? *first + ARCH_X32_BIT - 1 : UINT32_MAX;
	return true;
}

bool numbers_are_past_table(const struct arch *arch, uint32_t nr)
{
	uint32_t first, last;

	for (size_t i = 0; policy_past_table(arch, i, &first, &last); i++)
		if (first <= nr && nr <= last)
			return true;
	return false;
}

/* The numbers of FIRST to LAST have no names; some may be a baseline's, some not. */
static int split_unnamed(const struct numbers *n, struct numbers_part left,
			 numbers_visitor *visitor, void *user)
{
	uint32_t first, last;
	int status = 0;

	for (size_t i = 0; status == 0 && policy_past_table(n->arch, i, &first, &last); i++) {
		const uint32_t cuts[] = { first, last + 1 };

		for (size_t j = 0; status == 0 && j < ARRAY_LEN(cuts); j++) {
			struct numbers_part part = left;

			if (cuts[j] <= left.first || cuts[j] > left.last)
				continue;
			part.last = cuts[j] - 1;
			left.first = cuts[j];
			status = visitor(user, &part);
		}
	}
	return status == 0 ? visitor(user, &left) : status;
}

/* The first of the calls whose number is NR or more. */
static size_t find_call(const struct numbers *n, uint32_t nr)
{
	size_t begin = 0, end = n->len;

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (n->calls[middle].nr < nr)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

/* FIRST to LAST are the ABI's own. */
static int split_own(const struct numbers *n, struct numbers_part left, numbers_visitor *visitor,
		     void *user)
{
	int status = 0;

	for (size_t i = find_call(n, left.first);
	     status == 0 && i < n->len && n->calls[i].nr <= left.last; i++) {
		uint32_t nr = n->calls[i].nr;
		struct numbers_part part = { NULL, left.first, nr - 1 };

		if (nr > left.first)
			status = split_unnamed(n, part, visitor, user);
		if (status == 0) {
			part = (struct numbers_part){ n->calls[i].call, nr, nr };
			status = visitor(user, &part);
		}
		if (nr == left.last)
			return status;
		left.first = nr + 1;
	}
	return status == 0 ? split_unnamed(n, left, visitor, user) : status;
}

int numbers_split(const struct numbers *n, uint32_t first, uint32_t last, numbers_visitor *visitor,
		  void *user)
{
	uint32_t own_first, own_last;
	int status = 0;

	for (size_t i = 0; status == 0 && numbers_range(n->arch, i, &own_first, &own_last); i++) {
		struct numbers_part part = { NULL, first > own_first ? first : own_first,
					     last < own_last ? last : own_last };

		if (part.first <= part.last)
			status = split_own(n, part, visitor, user);
	}
	return status;
}

void numbers_put(uint32_t first, uint32_t last, struct buf *out)
{
	if (first == last)
		buf_printf(out, first < NUMBERS_DECIMAL ? "syscall(%u)" : "syscall(0x%x)", first);
	else
		buf_printf(out,
			   last < NUMBERS_DECIMAL    ? "syscall(%u..%u)"
			   : first < NUMBERS_DECIMAL ? "syscall(%u..0x%x)"
						     : "syscall(0x%x..0x%x)",
			   first, last);
}
