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

/* Ranges, sorted by their first numbers. */
struct numbers {
	struct numbers_range {
		uint32_t first, last;
	} * list;
	size_t len;
};

static int compare_ranges(const void *a, const void *b)
{
	const struct numbers_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* The numbers that rules of this ABI name. */
static bool collect_named(struct resolver *r, struct numbers *named)
{
	const struct rules_abi *abi = &r->rules->abis[r->abi];

	named->len = 0;
	named->list = arena_array(r->arena, abi->len + 1, sizeof(*named->list));
	if (!named->list) {
		r->nomem = true;
		return false;
	}
	for (size_t i = 0; i < abi->len; i++)
		named->list[named->len++] =
			(struct numbers_range){ abi->entries[i].first, abi->entries[i].last };
	qsort(named->list, named->len, sizeof(*named->list), compare_ranges);
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
		struct numbers_range n = named->list[i];

		if (n.last < first || n.first > last)
			continue;
		if (n.first > first)
			add_range(r, first, n.first - 1, a);
		if (n.last >= last)
			return;
		first = n.last + 1;
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
		    policy_is_young(call, version))
			young.list[young.len++] =
				(struct numbers_range){ (uint32_t)nr, (uint32_t)nr };
	}
	qsort(young.list, young.len, sizeof(*young.list), compare_ranges);
	for (size_t i = 0; i < young.len; i++) {
		if (i + 1 < young.len && young.list[i + 1].first - young.list[i].first <= 1)
			continue;
		add_unnamed(r, named, young.list[begin].first, young.list[i].first, a);
		begin = i + 1;
	}
}

bool policy_is_young(const struct arch_syscall *call, const char *version)
{
	return arch_version_cmp(call->since, version) > 0;
}

/* The last number that the kernel takes for one of this ABI's. */
static uint32_t last_number(const struct arch *arch)
{
	if (arch->column == ARCH_X86_64)
		return ARCH_X32_BIT - 1;
	return arch->column == ARCH_X32 ? 2 * ARCH_X32_BIT - 1 : UINT32_MAX;
}

bool policy_past_table(const struct arch *arch, size_t i, uint32_t *first, uint32_t *last)
{
	bool has_private = arch->column == ARCH_ARM;

	if (i > has_private)
		return false;
	*first = i ? ARM_PRIVATE_END : arch_table_end(arch);
	*last = has_private && !i ? ARM_PRIVATE - 1 : last_number(arch);
	return true;
}

void baseline_resolve(struct resolver *r)
{
	const struct stmt *s = r->baseline;
	const struct action enosys = { .kind = ACTION_ERRNO, .span = s->span };
	const struct action *action = s->has_action ? &s->action : &enosys;
	uint32_t first, last;
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
	for (size_t i = 0; policy_past_table(r->arch, i, &first, &last); i++)
		add_unnamed(r, &named, first, last, &a);
}
