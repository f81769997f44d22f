/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a program that somebody wants to read as a policy. What the kernel would take becomes
 * text that is proven to mean the same, or is refused with a sentence; and compared with a program
 * that differs in one instruction, each difference comes with a call that both answer as it says.
 * The first byte selects the byte order and whether one ABI's calls are all that count.
 */
#include "decompile/differ.h"
#include "fuzz.h"

static void check_text(struct prove_space *space, prove_fn fn,
		       const struct decompile_options *options)
{
	AUTO_BUF out = { 0 };
	AUTO_BUF why = { 0 };
	int status = decompile(space, fn, options, &out, &why);

	assert(status >= 0 && status != DECOMPILE_WRONG);
	assert((status == DECOMPILE_DONE) == (out.size > 0));
	assert(status != DECOMPILE_REFUSED || why.size > 0);
}

static void check_differences(struct prove_space *space, prove_fn a, prove_fn b,
			      enum cbpf_order order)
{
	struct differ_options options = { .order = order, .native = arch_native() };
	struct differences found;
	int status = differ(space, a, b, &options, &found);

	assert(status == 0 || status == DECOMPILE_UNDECIDED);
	if (status != 0)
		return;
	assert((a == b) == (found.len == 0));
	for (size_t i = 0; i < found.len; i++) {
		const struct difference *d = &found.list[i];

		assert(prove_eval(space, a, &d->data) == d->a_ret);
		assert(prove_eval(space, b, &d->data) == d->b_ret);
		assert(d->a_ret != d->b_ret && d->a_action && d->b_action);
	}
}

static void check(struct arena *arena, const struct cbpf_prog *prog,
		  const struct decompile_options *options, uint8_t change)
{
	struct prove_space *space = prove_space_new(arena, FUZZ_BUDGET);
	struct sock_filter *last = &prog->insns[change % prog->len];
	prove_fn a, b;
	size_t pc;

	assert(space);
	if (prove_program(space, prog, options->order, &a, NULL) != 0)
		return;
	check_text(space, a, options);
	last->k ^= 1;
	if (prove_status(space) == 0 && cbpf_verify(prog->insns, prog->len, &pc) == CBPF_OK &&
	    prove_program(space, prog, options->order, &b, NULL) == 0)
		check_differences(space, a, b, options->order);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct decompile_options options = { .order = CBPF_LITTLE_ENDIAN };
	struct cbpf_prog prog;
	struct arena arena;
	size_t pc;

	if (size < 2)
		return 0;
	if (bytes[0] & 1)
		options.order = CBPF_BIG_ENDIAN;
	if (bytes[0] & 2)
		options.only = arch_by_name(str_of(bytes[0] & 1 ? "s390x" : "x86_64"));
	arena_init(&arena, decompile_bytes(FUZZ_BUDGET));
	if (cbpf_from_raw(&arena, bytes + 2, size - 2, options.order, &prog) == 0 && prog.len > 0 &&
	    cbpf_verify(prog.insns, prog.len, &pc) == CBPF_OK)
		check(&arena, &prog, &options, bytes[1]);
	arena_deinit(&arena);
	return 0;
}
