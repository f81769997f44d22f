/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a program. Whatever they are, text and bytes round-trip and the verifier decides; what
 * it takes must finish in the interpreter, whose memory accesses the sanitizers watch, and mean to
 * the prover what the interpreter does. The first byte selects the byte order; the last 64 are also
 * the call that the program judges.
 */
#include "fuzz.h"

#define CALLS 32

static uint32_t run(const struct cbpf_prog *prog, enum cbpf_order order,
		    const struct seccomp_data *data)
{
	struct cbpf_run run = cbpf_interp(prog->insns, prog->len, data, order, NULL, NULL);
	const struct sock_filter *last = &prog->insns[run.last];

	assert(run.executed > 0 && run.executed <= prog->len && run.last < prog->len);
	assert(BPF_CLASS(last->code) == BPF_RET || last->code == (BPF_ALU | BPF_DIV | BPF_X));
	return run.ret;
}

static void check_meaning(struct arena *arena, const struct cbpf_prog *prog, enum cbpf_order order,
			  const struct seccomp_data *data)
{
	struct prove_space *space = prove_space_new(arena, FUZZ_BUDGET);
	struct gen g = gen_new(prog->len);
	prove_fn meaning;
	int proven;

	if (!space)
		return;
	proven = prove_program(space, prog, order, &meaning, NULL);
	assert(proven == 0 || proven == PROVE_UNDECIDED || proven == -ENOMEM);
	assert(proven || prove_eval(space, meaning, data) == run(prog, order, data));
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_data call = gen_call(&g, prog->insns, prog->len);
		uint32_t answer = run(prog, order, &call);

		assert(proven || prove_eval(space, meaning, &call) == answer);
	}
}

static void check_graph(const struct cbpf_prog *prog, enum cbpf_order order)
{
	struct cbpf_dot_options options = { .name = "x", .order = order };
	AUTO_BUF grouped = { 0 };
	AUTO_BUF each = { 0 };

	assert(cbpf_dot(prog, &options, &grouped) == 0);
	options.each_test = true;
	assert(cbpf_dot(prog, &options, &each) == 0);
}

static void check_verdict(struct arena *arena, const struct cbpf_prog *prog, enum cbpf_order order,
			  const struct seccomp_data *data)
{
	enum cbpf_reason reason;
	AUTO_BUF out = { 0 };
	size_t pc;

	reason = cbpf_verify(prog->insns, prog->len, &pc);
	cbpf_verify_explain(prog->insns, prog->len, reason, pc, &out);
	assert(out.size && (reason == CBPF_EMPTY || pc <= prog->len));
	if (reason != CBPF_OK)
		return;
	assert(cbpf_converted_len(prog->insns, prog->len) > prog->len);
	run(prog, order, &(struct seccomp_data){ 0 });
	check_graph(prog, order);
	check_meaning(arena, prog, order, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	enum cbpf_order order = size && bytes[0] & 1 ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
	struct seccomp_data data = { 0 };
	struct cbpf_prog prog;
	struct arena arena;
	AUTO_BUF raw = { 0 };

	if (size < 1)
		return 0;
	if (size > sizeof(data))
		memcpy(&data, bytes + size - sizeof(data), sizeof(data));
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	if (cbpf_from_raw(&arena, bytes + 1, size - 1, order, &prog) == 0) {
		cbpf_to_raw(&prog, order, &raw);
		assert(raw.size == size - 1 &&
		       (!raw.size || !memcmp(raw.data, bytes + 1, raw.size)));
		fuzz_check_text(&arena, &prog, order);
		check_verdict(&arena, &prog, order, &data);
	}
	arena_deinit(&arena);
	return 0;
}
