/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baseline linux V`: the calls that are younger than V and that no rule names. Programs ask for a
 * new call and fall back to an old one when they get ENOSYS, so that is what a policy from the days
 * of V has to answer; numbers past the end of the table are younger than any V.
 */
#include "policy/resolve.h"

#include <errno.h>

#include "policy/report.h"

/* arch/arm/include/uapi/asm/unistd.h: __ARM_NR_BASE and the page of numbers at it, old and private
 * to arm. */
#define ARM_PRIVATE	0xf0000u
#define ARM_PRIVATE_END 0xf1000u

struct numbers {
	uint32_t *list;
	size_t len;
};

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The numbers that rules of this ABI name, sorted. */
static bool collect_named(struct resolver *r, struct numbers *named)
{
	const struct rules_abi *abi = &r->rules->abis[r->abi];

	named->len = 0;
	named->list = arena_array(r->arena, abi->len + 1, sizeof(*named->list));
	if (!named->list) {
		r->nomem = true;
		return false;
	}
	/* Up to here each entry is a single number: targets.c. */
	for (size_t i = 0; i < abi->len; i++)
		named->list[named->len++] = abi->entries[i].first;
	qsort(named->list, named->len, sizeof(*named->list), compare_numbers);
	return true;
}

/* What a number without a rule gets. */
struct young_answer {
	uint32_t ret;
	const struct rules_answer *answer;
};

static void add_range(struct resolver *r, uint32_t first, uint32_t last,
		      const struct young_answer *a)
{
	struct rules_entry entry = {
		.first = first,
		.last = last,
		.ret = a->ret,
		.span = r->baseline->span,
		.answer = a->answer,
	};

	if (rules_add(r->rules, r->abi, &entry) < 0)
		r->nomem = true;
}

/* FIRST to LAST without the named numbers. */
static void add_unnamed(struct resolver *r, const struct numbers *named, uint32_t first,
			uint32_t last, const struct young_answer *a)
{
	for (size_t i = 0; i < named->len && first <= last; i++) {
		uint32_t nr = named->list[i];

		if (nr < first || nr > last)
			continue;
		if (nr > first)
			add_range(r, first, nr - 1, a);
		if (nr == last)
			return;
		first = nr + 1;
	}
	add_range(r, first, last, a);
}

static void add_young(struct resolver *r, const struct numbers *named, const char *version,
		      const struct young_answer *a)
{
	const struct arch_syscall *call;
	struct numbers young = { 0 };
	size_t begin = 0, n = 0;

	while (arch_syscall_at(n))
		n++;
	young.list = arena_array(r->arena, n + 1, sizeof(*young.list));
	if (!young.list) {
		r->nomem = true;
		return;
	}
	for (size_t i = 0; (call = arch_syscall_at(i)); i++) {
		int64_t nr = arch_syscall_nr(r->arch, call);

		if (nr >= 0 && nr < (int64_t)arch_table_end(r->arch) &&
		    arch_version_cmp(call->since, version) > 0)
			young.list[young.len++] = (uint32_t)nr;
	}
	qsort(young.list, young.len, sizeof(*young.list), compare_numbers);
	for (size_t i = 0; i < young.len; i++) {
		if (i + 1 < young.len && young.list[i + 1] - young.list[i] <= 1)
			continue;
		add_unnamed(r, named, young.list[begin], young.list[i], a);
		begin = i + 1;
	}
}

/* The last number that the kernel takes for one of this ABI's. */
static uint32_t last_number(const struct arch *arch)
{
	if (arch->column == ARCH_X86_64)
		return ARCH_X32_BIT - 1;
	return arch->column == ARCH_X32 ? 2 * ARCH_X32_BIT - 1 : UINT32_MAX;
}

void baseline_resolve(struct resolver *r)
{
	const struct stmt *s = r->baseline;
	const struct action enosys = { .kind = ACTION_ERRNO, .span = s->span };
	const struct action *action = s->has_action ? &s->action : &enosys;
	uint32_t end = arch_table_end(r->arch), last = last_number(r->arch);
	struct young_answer a;
	struct numbers named;
	const char *version;

	if (!arch_version_valid(s->name)) {
		report(r->diags, DIAG_BAD_VERSION, s->name_span,
		       "'%.*s' is no kernel version such as 5.10", STR_ARG(s->name));
		return;
	}
	version = arena_strndup(r->arena, s->name.ptr, s->name.len);
	r->nomem |= !version;
	if (!version || !value_action(r, action, &a.ret) || !answer_fits(r, action, NULL) ||
	    !answer_resolve(r, action, &a.answer) || !collect_named(r, &named))
		return;
	add_young(r, &named, version, &a);
	if (r->arch->column == ARCH_ARM) {
		add_unnamed(r, &named, end, ARM_PRIVATE - 1, &a);
		end = ARM_PRIVATE_END;
	}
	add_unnamed(r, &named, end, last, &a);
}
