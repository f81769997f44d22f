/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random rules and programs. What is decompiled is proven or refused with a sentence; no difference
 * is missed, and each comes with a call that shows it.
 */
#include <errno.h>
#include <inttypes.h>

#include "../prove/gen-rules.h"
#include "decompile/differ.h"
#include "tap.h"

struct outcome {
	unsigned done, refused, undecided, wrong, silent;
};

static void count(struct outcome *o, int status, const struct buf *out, const struct buf *why)
{
	o->done += status == DECOMPILE_DONE;
	o->refused += status == DECOMPILE_REFUSED;
	o->undecided += status == DECOMPILE_UNDECIDED;
	o->wrong += status < 0 || status == DECOMPILE_WRONG;
	o->silent += (status == DECOMPILE_DONE && !out->size) ||
		     (status == DECOMPILE_REFUSED && !why->size);
}

static void note_wrong(int status, const struct buf *out, uint64_t seed)
{
	if (status == DECOMPILE_WRONG || status < 0)
		note("seed %" PRIu64 ": outcome %d of:\n%s", seed, status,
		     out->data ? out->data : "");
}

static void test_random_rules(uint64_t seed, unsigned total)
{
	struct gen g = gen_new(seed);
	struct outcome o = { 0 };

	for (unsigned i = 0; i < total; i++) {
		struct decompile_options options = { .order = i & 1 ? CBPF_BIG_ENDIAN
								    : CBPF_LITTLE_ENDIAN };
		struct arena arena;
		struct prove_space *space;
		struct rules *rules;
		AUTO_BUF out = { 0 };
		AUTO_BUF why = { 0 };
		prove_fn fn;
		int status;

		arena_init(&arena, decompile_bytes(PROVE_DEFAULT_BUDGET));
		space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
		rules = gen_rules(&g, &arena, i & 1);
		status = prove_rules(space, rules, &fn);
		if (status == 0)
			status = decompile(space, fn, &options, &out, &why);
		count(&o, status, &out, &why);
		note_wrong(status, &out, i);
		arena_deinit(&arena);
	}
	note("%u done, %u refused, %u undecided", o.done, o.refused, o.undecided);
	ok(o.wrong == 0, "%u random rules become a proven policy or are refused, seed %" PRIu64,
	   total, seed);
	ok(o.silent == 0, "nothing is empty, and no refusal is silent");
	ok(o.done > total / 2, "most become a policy: %u", o.done);
}

static void test_random_programs(uint64_t seed, unsigned total)
{
	struct gen g = gen_new(seed);
	struct outcome o = { 0 };

	for (unsigned i = 0; i < total; i++) {
		struct decompile_options options = {
			.order = CBPF_HOST_ORDER,
			/* Few random programs look at the architecture. */
			.only = i % 4 ? arch_native() : NULL,
		};
		struct sock_filter insns[GEN_LEN_MAX];
		struct cbpf_prog prog = { .insns = insns, .len = gen_prog(&g, insns) };
		struct arena arena;
		struct prove_space *space;
		AUTO_BUF out = { 0 };
		AUTO_BUF why = { 0 };
		prove_fn fn;
		int status;

		arena_init(&arena, decompile_bytes(PROVE_DEFAULT_BUDGET));
		space = prove_space_new(&arena, 1 << 18);
		status = prove_program(space, &prog, CBPF_HOST_ORDER, &fn, NULL);
		if (status == PROVE_UNDECIDED)
			status = DECOMPILE_UNDECIDED;
		if (status == 0)
			status = decompile(space, fn, &options, &out, &why);
		count(&o, status, &out, &why);
		note_wrong(status, &out, i);
		arena_deinit(&arena);
	}
	note("%u done, %u refused, %u undecided", o.done, o.refused, o.undecided);
	ok(o.wrong == 0, "%u random programs become a proven policy or are refused, seed %" PRIu64,
	   total, seed);
	ok(o.silent == 0, "nothing is empty, and no refusal is silent");
	ok(o.done > total / 8, "some become a policy: %u", o.done);
}

struct budgets_seen {
	unsigned tried, undecided, wrong;
};

static void try_budget(struct gen *g, size_t budget, struct budgets_seen *seen)
{
	struct decompile_options options = { .order = CBPF_LITTLE_ENDIAN };
	struct differ_options asked = { .native = arch_native() };
	struct differences found;
	struct arena arena;
	struct prove_space *space;
	AUTO_BUF out = { 0 };
	AUTO_BUF why = { 0 };
	prove_fn fn;
	int status;

	arena_init(&arena, decompile_bytes(PROVE_DEFAULT_BUDGET));
	space = prove_space_new(&arena, budget);
	status = prove_rules(space, gen_rules(g, &arena, false), &fn);
	if (status == 0)
		status = decompile(space, fn, &options, &out, &why);
	seen->tried++;
	seen->undecided += status == DECOMPILE_UNDECIDED;
	seen->wrong +=
		status < 0 || status == DECOMPILE_WRONG || (status != DECOMPILE_DONE && out.size);
	if (status == DECOMPILE_DONE || status == DECOMPILE_REFUSED)
		seen->wrong += differ(space, fn, PROVE_FALSE, &asked, &found) < 0;
	arena_deinit(&arena);
}

/* Wherever the budget runs out, that is the answer, and nothing of what was begun is used. */
static void test_budgets(uint64_t seed, unsigned total)
{
	struct budgets_seen seen = { 0 };
	struct gen g = gen_new(seed);

	for (unsigned i = 0; i < total; i++) {
		struct gen again = g;
		size_t step = 20;

		for (size_t budget = 200; budget < 40000; budget += step) {
			again = g;
			try_budget(&again, budget, &seen);
			step += step / 8;
		}
		g = again;
	}
	ok(seen.undecided > seen.tried / 8 && seen.undecided < seen.tried,
	   "%u of %u budgets are too small, seed %" PRIu64, seen.undecided, seen.tried, seed);
	ok(seen.wrong == 0, "no budget gives a wrong answer or half a text");
}

/* ---- differences ---- */

static bool names_call(const struct difference *d, const struct arch *arch, uint32_t nr)
{
	const struct arch_syscall *call = arch_syscall_by_nr(arch, nr);
	bool has_arch = d->narchs == 0;

	for (size_t i = 0; i < d->narchs; i++)
		has_arch |= strcmp(d->archs[i], arch->name) == 0;
	if (!has_arch || d->is_rest || !call)
		return has_arch;
	for (size_t i = 0; i < d->ncalls; i++)
		if (strcmp(d->calls[i], call->name) == 0)
			return true;
	return false;
}

/* Is there a difference of this call and with these answers? */
static bool is_told(const struct differences *all, const struct seccomp_data *data, uint32_t a,
		    uint32_t b)
{
	const struct arch *arch = arch_of_call(data->arch, (uint32_t)data->nr);

	for (size_t i = 0; i < all->len; i++) {
		const struct difference *d = &all->list[i];

		if (!arch && d->narchs == 0)
			return true;
		if (arch && names_call(d, arch, (uint32_t)data->nr) &&
		    ((d->a_ret == a && d->b_ret == b) || d->kind == DIFFER_WIDTH ||
		     (d->cond && strcmp(d->cond, "?") == 0)))
			return true;
	}
	return false;
}

struct differences_seen {
	unsigned pairs, differing, unshown, untold;
};

static void compare(struct gen *g, struct differences_seen *seen, const struct rules *a,
		    const struct rules *b)
{
	struct differ_options options = { .order = rules_order(a), .native = arch_native() };
	struct prove_space *space = prove_space_new(a->arena, PROVE_DEFAULT_BUDGET);
	struct differences found;
	prove_fn fa, fb;

	if (prove_rules(space, a, &fa) != 0 || prove_rules(space, b, &fb) != 0 ||
	    differ(space, fa, fb, &options, &found) != 0) {
		seen->untold++;
		return;
	}
	seen->pairs++;
	seen->differing += found.len > 0;
	seen->untold += (fa == fb) != (found.len == 0);
	for (size_t i = 0; i < found.len; i++) {
		const struct difference *d = &found.list[i];

		seen->unshown += rules_eval(a, &d->data).ret != d->a_ret ||
				 rules_eval(b, &d->data).ret != d->b_ret || d->a_ret == d->b_ret;
	}
	for (unsigned i = 0; i < 500; i++) {
		struct seccomp_data data = gen_rules_call(g, a);
		uint32_t a_ret = rules_eval(a, &data).ret, b_ret = rules_eval(b, &data).ret;

		if (a_ret != b_ret && !is_told(&found, &data, a_ret, b_ret)) {
			note("untold: arch 0x%x nr %d: 0x%x, 0x%x", data.arch, data.nr, a_ret,
			     b_ret);
			seen->untold++;
		}
	}
}

static void test_differences(uint64_t seed, unsigned total)
{
	struct differences_seen seen = { 0 };
	struct gen g = gen_new(seed);

	for (unsigned i = 0; i < total; i++) {
		struct gen again = g;
		struct arena arena;
		struct rules *a, *b;
		struct rules_abi *abi;

		arena_init(&arena, decompile_bytes(PROVE_DEFAULT_BUDGET));
		a = gen_rules(&again, &arena, i & 1);
		b = gen_rules(&g, &arena, i & 1);
		abi = &b->abis[gen_below(&g, (uint32_t)b->len)];
		if (abi->len && gen_below(&g, 8))
			abi->entries[gen_below(&g, (uint32_t)abi->len)] =
				gen_entry(&g, &arena, abi->arch);
		compare(&g, &seen, a, b);
		arena_deinit(&arena);
	}
	ok(seen.pairs == total && seen.differing > total / 4,
	   "%u of %u changed rules differ, seed %" PRIu64, seen.differing, total, seed);
	ok(seen.unshown == 0, "each difference's call is answered as it says");
	ok(seen.untold == 0, "none is missed where sampled calls differ, none is invented");
}

int main(void)
{
	test_random_rules(1, 60);
	test_random_programs(2, 400);
	test_budgets(4, 12);
	test_differences(3, 80);
	return done();
}
