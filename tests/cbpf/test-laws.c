/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Laws that hold for every program, on random ones: any bytes at all, and ones that verify.
 *
 * test-laws [PROGRAMS [SEED]]
 */
#include <errno.h>

#include "cbpf/cbpf.h"

#include "gen.h"
#include "tap.h"

#define MAX_LEN 700

static bool same(const struct cbpf_prog *a, const struct cbpf_prog *b)
{
	return a->len == b->len && memcmp(a->insns, b->insns, a->len * sizeof(*a->insns)) == 0;
}

static bool text_round_trips(const struct cbpf_prog *prog, enum cbpf_order order)
{
	const struct cbpf_disasm_options options = { .order = order };
	struct sources sources = { 0 };
	struct cbpf_prog back;
	struct arena arena;
	struct diags diags;
	AUTO_BUF out = { 0 };
	bool round;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &sources);
	cbpf_disasm(prog, &options, &out);
	round = !out.failed &&
		cbpf_asm(&arena, &diags, 0, (struct str){ out.data, out.size }, &back) == 0 &&
		same(prog, &back);
	if (!round)
		note("%s", diags.first ? diags.first->text : "differs");
	arena_deinit(&arena);
	return round;
}

static bool bytes_round_trip(const struct cbpf_prog *prog, enum cbpf_order order)
{
	struct cbpf_prog back;
	struct arena arena;
	AUTO_BUF out = { 0 };
	bool round;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	cbpf_to_raw(prog, order, &out);
	round = out.size == 8 * prog->len &&
		cbpf_from_raw(&arena, out.data, out.size, order, &back) == 0 && same(prog, &back);
	/* The host's order is the struct's own layout. */
	if (order == CBPF_HOST_ORDER && out.size)
		round &= memcmp(out.data, prog->insns, out.size) == 0;
	arena_deinit(&arena);
	return round;
}

/* It returns, from the program's own returns or a division. */
static bool finishes(uint64_t *seed, const struct cbpf_prog *prog)
{
	for (int i = 0; i < 8; i++) {
		struct seccomp_data data;
		struct cbpf_run run;
		uint16_t code;

		gen_data(seed, &data);
		run = cbpf_interp(prog->insns, prog->len, &data, i % 2, NULL, NULL);
		if (run.executed == 0 || run.executed > prog->len || run.last >= prog->len)
			return false;
		code = prog->insns[run.last].code;
		if (BPF_CLASS(code) != BPF_RET && (code != (BPF_ALU | BPF_DIV | BPF_X) || run.ret))
			return false;
		if (code == (BPF_RET | BPF_K) && run.ret != prog->insns[run.last].k)
			return false;
	}
	return true;
}

/* The longest that bpf_convert_filter() makes of one instruction is five. */
static bool converts(const struct cbpf_prog *prog)
{
	size_t len = cbpf_converted_len(prog->insns, prog->len);

	return len > prog->len + 3 && len <= 5 * prog->len + 3;
}

static struct {
	const char *law;
	size_t broken;
} laws[] = {
	{ "asm(disasm(p)) = p for any bytes, little-endian", 0 },
	{ "asm(disasm(p)) = p for any bytes, big-endian", 0 },
	{ "from_raw(to_raw(p)) = p, little-endian", 0 },
	{ "from_raw(to_raw(p)) = p, big-endian", 0 },
	{ "asm(disasm(p)) = p for programs that verify", 0 },
	{ "what was made to verify verifies", 0 },
	{ "what verifies finishes", 0 },
	{ "what verifies converts to at most five times as much", 0 },
};

static void check_any(const struct cbpf_prog *prog)
{
	laws[0].broken += !text_round_trips(prog, CBPF_LITTLE_ENDIAN);
	laws[1].broken += !text_round_trips(prog, CBPF_BIG_ENDIAN);
	laws[2].broken += !bytes_round_trip(prog, CBPF_LITTLE_ENDIAN);
	laws[3].broken += !bytes_round_trip(prog, CBPF_BIG_ENDIAN);
}

static void check_valid(uint64_t *seed, const struct cbpf_prog *prog)
{
	size_t pc;

	laws[4].broken += !text_round_trips(prog, CBPF_HOST_ORDER);
	if (cbpf_verify(prog->insns, prog->len, &pc) != CBPF_OK) {
		laws[5].broken++;
		return;
	}
	laws[6].broken += !finishes(seed, prog);
	laws[7].broken += prog->len > 0 && !converts(prog);
}

static void check_laws(size_t programs, uint64_t seed)
{
	static struct sock_filter insns[MAX_LEN];
	struct cbpf_prog prog = { .insns = insns };
	uint64_t state = seed;

	for (size_t i = 0; i < programs; i++) {
		prog.len = gen_below(&state, i % 16 ? 40 : MAX_LEN);
		gen_garbage(&state, insns, prog.len);
		check_any(&prog);
		prog.len = 4 + gen_below(&state, i % 16 ? 40 : MAX_LEN - 4);
		gen_valid(&state, insns, prog.len);
		check_valid(&state, &prog);
	}
	for (size_t i = 0; i < ARRAY_LEN(laws); i++)
		if (!ok(laws[i].broken == 0, "%s", laws[i].law))
			note("%zu times not; seed 0x%llx", laws[i].broken,
			     (unsigned long long)seed);
}

static void check_raw_errors(void)
{
	static char bytes[8 * (BPF_MAXINSNS + 1)];
	struct cbpf_prog prog;
	struct arena arena;

	arena_init(&arena, 64 << 10);
	ok(cbpf_from_raw(&arena, bytes, 0, CBPF_BIG_ENDIAN, &prog) == 0 && prog.len == 0,
	   "no bytes are an empty program");
	ok(cbpf_from_raw(&arena, bytes, 12, CBPF_BIG_ENDIAN, &prog) == -EINVAL,
	   "half an instruction is refused");
	ok(cbpf_from_raw(&arena, bytes, 8 * BPF_MAXINSNS, CBPF_BIG_ENDIAN, &prog) == 0,
	   "4096 instructions are read");
	ok(cbpf_from_raw(&arena, bytes, 8 * (BPF_MAXINSNS + 1), CBPF_BIG_ENDIAN, &prog) == -E2BIG,
	   "4097 are refused");
	ok(cbpf_from_raw(&arena, bytes, 8 * BPF_MAXINSNS, CBPF_BIG_ENDIAN, &prog) == -ENOMEM,
	   "when memory runs out, it says so");
	arena_deinit(&arena);
}

int main(int argc, char **argv)
{
	check_laws(amount(argc > 1 ? argv[1] : NULL, 3000, 100000),
		   argc > 2 ? strtoull(argv[2], NULL, 0) : 20261123);
	check_raw_errors();
	return done();
}
