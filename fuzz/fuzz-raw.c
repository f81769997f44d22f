/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a program. Whatever they are, text and bytes round-trip and the verifier decides; what
 * it takes must finish in the interpreter, whose memory accesses the sanitizers watch.
 * The first byte selects the byte order; the last 64 are also the call that the program judges.
 */
#include <assert.h>
#include <string.h>

#include "cbpf/cbpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool same(const struct cbpf_prog *a, const struct cbpf_prog *b)
{
	return a->len == b->len &&
	       (!a->len || memcmp(a->insns, b->insns, a->len * sizeof(*a->insns)) == 0);
}

static void check_text(struct arena *arena, const struct cbpf_prog *prog, enum cbpf_order order)
{
	const struct cbpf_disasm_options options = { .order = order };
	struct sources sources = { 0 };
	struct cbpf_prog back;
	struct diags diags;
	AUTO_BUF out = { 0 };
	int r;

	diags_init(&diags, arena, &sources);
	cbpf_disasm(prog, &options, &out);
	r = cbpf_asm(arena, &diags, 0, (struct str){ out.data, out.size }, &back);
	assert(r == 0 && same(prog, &back));
}

static void check_run(const struct cbpf_prog *prog, enum cbpf_order order,
		      const struct seccomp_data *data)
{
	struct cbpf_run run = cbpf_interp(prog->insns, prog->len, data, order, NULL, NULL);
	const struct sock_filter *last = &prog->insns[run.last];

	assert(run.executed > 0 && run.executed <= prog->len && run.last < prog->len);
	assert(BPF_CLASS(last->code) == BPF_RET || last->code == (BPF_ALU | BPF_DIV | BPF_X));
}

static void check_verdict(const struct cbpf_prog *prog, enum cbpf_order order,
			  const struct seccomp_data *data)
{
	struct seccomp_data zeros = { 0 }, ones;
	enum cbpf_reason reason;
	AUTO_BUF out = { 0 };
	size_t pc;

	reason = cbpf_verify(prog->insns, prog->len, &pc);
	cbpf_verify_explain(prog->insns, prog->len, reason, pc, &out);
	assert(out.size && (reason == CBPF_EMPTY || pc <= prog->len));
	if (reason != CBPF_OK)
		return;
	memset(&ones, 0xff, sizeof(ones));
	assert(cbpf_converted_len(prog->insns, prog->len) > prog->len);
	check_run(prog, order, data);
	check_run(prog, order, &zeros);
	check_run(prog, order, &ones);
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
		check_text(&arena, &prog, order);
		check_verdict(&prog, order, &data);
	}
	arena_deinit(&arena);
	return 0;
}
