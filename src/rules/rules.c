/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making rules, and finding the list that a call belongs to.
 */
#include "rules/rules.h"

#include <assert.h>
#include <errno.h>

struct rules *rules_new(struct arena *arena)
{
	struct rules *r = arena_alloc(arena, sizeof(*r));

	if (!r)
		return NULL;
	r->arena = arena;
	/* Whoever forgets to say it gets the answer that can't hurt; zero would kill one thread. */
	r->otherwise = SECCOMP_RET_KILL_PROCESS;
	r->foreign = SECCOMP_RET_KILL_PROCESS;
	return r;
}

int rules_add_abi(struct rules *r, const struct arch *arch)
{
	struct rules_abi *abis = arena_grow(r->arena, r->abis, r->len, &r->room, sizeof(*abis));

	if (!abis)
		return -ENOMEM;
	r->abis = abis;
	abis[r->len++] = (struct rules_abi){ .arch = arch };
	return 0;
}

int rules_add(struct rules *r, size_t abi, const struct rules_entry *entry)
{
	struct rules_entry *entries;
	struct rules_abi *a;

	assert(abi < r->len);
	a = &r->abis[abi];
	entries = arena_grow(r->arena, a->entries, a->len, &a->room, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	a->entries = entries;
	entries[a->len++] = *entry;
	return 0;
}

enum cbpf_order rules_order(const struct rules *r)
{
	return r->abis[0].arch->big_endian ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
}

/* x32 has x86_64's token: arch/x86/include/asm/syscall.h, syscall_get_arch(). */
static bool takes_number(const struct arch *arch, uint32_t nr)
{
	switch (arch->column) {
	case ARCH_X32:
		return nr & ARCH_X32_BIT;
	case ARCH_X86_64:
		return !(nr & ARCH_X32_BIT);
	default:
		return true;
	}
}

const struct rules_abi *rules_abi_of_call(const struct rules *r, uint32_t audit, uint32_t nr)
{
	for (size_t i = 0; i < r->len; i++) {
		const struct arch *arch = r->abis[i].arch;

		if (arch->audit == audit && takes_number(arch, nr))
			return &r->abis[i];
	}
	return NULL;
}

bool rules_have_answers(const struct rules *r)
{
	if (r->otherwise_answer || r->foreign_answer)
		return true;
	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->abis[i].len; k++)
			if (r->abis[i].entries[k].answer)
				return true;
	return false;
}
