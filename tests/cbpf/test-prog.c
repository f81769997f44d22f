/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The builder: what it emits for jumps near and far, its failures, and that what it builds does
 * what the items say, against a walk over the items themselves.
 */
#include "cbpf/prog.h"

#include <errno.h>

#include "gen.h"
#include "tap.h"

#define JEQ (BPF_JMP | BPF_JEQ | BPF_K)

/* A jump over DISTANCE loads, to YES on true and to what follows on false, or the other way. */
static int jump_over(struct arena *arena, size_t distance, bool on_true, struct cbpf_prog *out)
{
	struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
	prog_label far = prog_label_new(p), near = prog_label_new(p);

	prog_jump_if(p, JEQ, 1, on_true ? far : near, on_true ? near : far);
	prog_label_here(p, near);
	for (size_t i = 0; i < distance; i++)
		prog_load(p, CBPF_NR);
	prog_label_here(p, far);
	prog_ret(p, SECCOMP_RET_ALLOW);
	return prog_finish(p, out, NULL);
}

static void check_reach(struct arena *arena)
{
	for (int on_true = 0; on_true < 2; on_true++) {
		const char *field = on_true ? "jt" : "jf";
		struct cbpf_prog out;

		ok(!jump_over(arena, 255, on_true, &out) && out.len == 257 &&
			   (on_true ? out.insns[0].jt : out.insns[0].jf) == 255,
		   "%s reaches over 255 instructions", field);
		ok(!jump_over(arena, 256, on_true, &out) && out.len == 259 &&
			   out.insns[1].code == (BPF_JMP | BPF_JA) && out.insns[1].k == 256 &&
			   (on_true ? out.insns[0].jt : out.insns[0].jf) == 0 &&
			   (on_true ? out.insns[0].jf : out.insns[0].jt) == 1,
		   "%s reaches over 256 with a ja", field);
	}
}

/* Both targets 255 away would reach, but the ja for one pushes the other out. */
static void check_push(struct arena *arena)
{
	struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
	prog_label yes = prog_label_new(p), no = prog_label_new(p);
	struct cbpf_prog out;
	int r;

	prog_jump_if(p, JEQ, 1, yes, no);
	for (int i = 0; i < 255; i++)
		prog_load(p, CBPF_NR);
	prog_label_here(p, yes);
	prog_ret(p, 1);
	prog_label_here(p, no);
	prog_ret(p, 2);
	r = prog_finish(p, &out, NULL);
	ok(!r && out.len == 260 && out.insns[0].jt == 0 && out.insns[0].jf == 1 &&
		   out.insns[1].k == 256 && out.insns[2].k == 256,
	   "a ja that pushes the other target out of reach gets it one too");
}

static void check_sharing(struct arena *arena)
{
	struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
	prog_label end = prog_label_new(p);
	struct cbpf_prog out;
	size_t len;

	for (uint32_t i = 0; i < 600; i++) {
		prog_label next = prog_label_new(p);

		prog_jump_if(p, JEQ, i, end, next);
		prog_label_here(p, next);
	}
	prog_ret(p, 1);
	prog_label_here(p, end);
	prog_ret(p, 2);
	ok(!prog_finish(p, &out, &len) && len == out.len && len == 602 + 2,
	   "600 jumps to one label share two ja");
}

/* LEN loads between two jumps to a far label; only the second one's ja can be near. */
static size_t length_with_two(struct arena *arena, size_t len)
{
	struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
	prog_label end = prog_label_new(p);
	struct cbpf_prog out;

	for (int i = 0; i < 2; i++) {
		prog_label next = prog_label_new(p);

		prog_jump_if(p, JEQ, 1, end, next);
		prog_label_here(p, next);
		for (size_t j = 0; j < (i ? 256 : len); j++)
			prog_load(p, CBPF_NR);
	}
	prog_label_here(p, end);
	prog_ret(p, 1);
	return prog_finish(p, &out, NULL) ? 0 : out.len;
}

static void check_sharing_reach(struct arena *arena)
{
	ok(length_with_two(arena, 254) == 2 + 254 + 256 + 1 + 1, "a ja 255 away is shared");
	ok(length_with_two(arena, 255) == 2 + 255 + 256 + 1 + 2, "one 256 away isn't");
}

static void check_unneeded(struct arena *arena)
{
	struct prog *p = prog_new(arena, CBPF_BIG_ENDIAN);
	prog_label a = prog_label_new(p), b = prog_label_new(p), c = prog_label_new(p);
	struct cbpf_prog out;

	prog_label_new(p); /* never used, never placed */
	prog_jump_if(p, JEQ, 1, a, b);
	prog_label_here(p, a);
	prog_jump(p, b);
	prog_label_here(p, b);
	prog_jump_if(p, JEQ, 2, c, c);
	prog_label_here(p, c);
	prog_load(p, CBPF_ARG0_LOW);
	prog_insn(p, BPF_RET | BPF_A, 0);
	ok(!prog_finish(p, &out, NULL) && out.len == 2, "jumps to what follows are left out");
	ok(out.insns[0].k == 20, "a load takes the offset of the program's byte order");
}

static void check_spans(struct arena *arena)
{
	struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
	prog_label end = prog_label_new(p), next = prog_label_new(p);
	struct cbpf_prog out;

	prog_at(p, (struct span){ 1, 10, 20 });
	prog_jump_if(p, JEQ, 1, end, next);
	prog_at(p, (struct span){ 1, 30, 40 });
	prog_label_here(p, next);
	for (int i = 0; i < 300; i++)
		prog_load(p, CBPF_NR);
	prog_label_here(p, end);
	prog_ret(p, 1);
	ok(!prog_finish(p, &out, NULL) && out.spans[0].begin == 10 && out.spans[1].begin == 10 &&
		   out.spans[2].begin == 30,
	   "an instruction carries its span, a ja its jump's");
}

static void never_placed(struct prog *p)
{
	prog_jump(p, prog_label_new(p));
	prog_ret(p, 0);
}

static void placed_twice(struct prog *p)
{
	prog_label label = prog_label_new(p);

	prog_jump(p, label);
	prog_label_here(p, label);
	prog_ret(p, 0);
	prog_label_here(p, label);
	prog_ret(p, 0);
}

static void jumps_back(struct prog *p)
{
	prog_label label = prog_label_new(p);

	prog_label_here(p, label);
	prog_load(p, CBPF_NR);
	prog_jump(p, label);
	prog_ret(p, 0);
}

static void jumps_to_itself(struct prog *p)
{
	prog_label label = prog_label_new(p);

	prog_label_here(p, label);
	prog_jump(p, label);
	prog_ret(p, 0);
}

static void jumps_out(struct prog *p)
{
	prog_label label = prog_label_new(p);

	prog_ret(p, 0);
	prog_jump(p, label);
	prog_label_here(p, label);
}

static void no_such_label(struct prog *p)
{
	prog_jump(p, 7);
	prog_ret(p, 0);
}

static const struct {
	const char *name;
	void (*build)(struct prog *p);
} bugs[] = {
	{ "a label that is never placed", never_placed },
	{ "a label placed twice", placed_twice },
	{ "a jump back", jumps_back },
	{ "a jump to itself", jumps_to_itself },
	{ "a jump to behind the last instruction", jumps_out },
	{ "a label that nobody made", no_such_label },
};

static void check_bugs(struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_LEN(bugs); i++) {
		struct prog *p = prog_new(arena, CBPF_HOST_ORDER);
		struct cbpf_prog out;

		bugs[i].build(p);
		ok(prog_finish(p, &out, NULL) == -EINVAL && !out.insns, "%s is refused",
		   bugs[i].name);
	}
}

static void check_limit(struct arena *arena)
{
	struct cbpf_prog out;
	struct prog *p;
	size_t len;

	ok(!jump_over(arena, BPF_MAXINSNS - 3, true, &out) && out.len == BPF_MAXINSNS,
	   "4096 instructions are built");
	ok(jump_over(arena, BPF_MAXINSNS - 2, true, &out) == -E2BIG, "4097 aren't");
	p = prog_new(arena, CBPF_HOST_ORDER);
	for (int i = 0; i < 5000; i++)
		prog_ret(p, 0);
	ok(prog_finish(p, &out, &len) == -E2BIG && len == 5000 && !out.insns,
	   "too long a program's length is told");
}

/* ---- against the items themselves ---- */

#define MAX_ITEMS 1500

struct item {
	enum { LOAD, BRANCH, JUMP, RETURN } kind;
	uint16_t code;
	uint32_t k;	/* a word, a number, a return value */
	size_t yes, no; /* items */
};

static void random_items(uint64_t *seed, struct item *items, size_t len)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	for (size_t i = 0; i < len; i++) {
		uint32_t left = (uint32_t)(len - i - 1), kind = gen_below(seed, 16);
		uint32_t reach = gen_below(seed, 3) && left > 8 ? 8 : left;

		items[i] = (struct item){ .kind = RETURN, .k = (uint32_t)i };
		if (left == 0 || kind == 0)
			continue;
		items[i].yes = i + 1 + gen_below(seed, reach);
		items[i].no = gen_below(seed, 2) ? i + 1 : i + 1 + gen_below(seed, left);
		items[i].code = BPF_JMP | ops[gen_below(seed, 4)];
		items[i].kind = kind < 5 ? LOAD : kind < 7 ? JUMP : BRANCH;
		items[i].k = items[i].kind == LOAD ? gen_below(seed, CBPF_WORDS) : gen_number(seed);
	}
}

static bool is_true(const struct item *item, uint32_t a)
{
	switch (BPF_OP(item->code)) {
	case BPF_JEQ:
		return a == item->k;
	case BPF_JGT:
		return a > item->k;
	case BPF_JGE:
		return a >= item->k;
	default:
		return a & item->k;
	}
}

static uint32_t walk(const struct item *items, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0;;) {
		const struct item *item = &items[i];

		switch (item->kind) {
		case LOAD:
			a = cbpf_data_word(data, item->k);
			i++;
			break;
		case BRANCH:
			i = is_true(item, a) ? item->yes : item->no;
			break;
		case JUMP:
			i = item->yes;
			break;
		case RETURN:
			return item->k;
		}
	}
}

static int build(struct arena *arena, const struct item *items, size_t len, enum cbpf_order order,
		 struct cbpf_prog *out)
{
	struct prog *p = prog_new(arena, order);
	prog_label labels[MAX_ITEMS] = { 0 };

	for (size_t i = 0; i < len; i++)
		labels[i] = prog_label_new(p);
	for (size_t i = 0; i < len; i++) {
		const struct item *item = &items[i];

		prog_label_here(p, labels[i]);
		if (item->kind == LOAD)
			prog_load(p, item->k);
		else if (item->kind == BRANCH)
			prog_jump_if(p, item->code, item->k, labels[item->yes], labels[item->no]);
		else if (item->kind == JUMP)
			prog_jump(p, labels[item->yes]);
		else
			prog_ret(p, item->k);
	}
	return prog_finish(p, out, NULL);
}

static bool agrees(uint64_t *seed, const struct item *items, size_t len, enum cbpf_order order)
{
	struct cbpf_prog out;
	struct arena arena;
	bool agree;
	size_t pc;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	agree = build(&arena, items, len, order, &out) == 0 &&
		cbpf_verify(out.insns, out.len, &pc) == CBPF_OK;
	for (int i = 0; agree && i < 50; i++) {
		struct seccomp_data data;

		gen_data(seed, &data);
		agree = cbpf_interp(out.insns, out.len, &data, order, NULL, NULL).ret ==
			walk(items, &data);
	}
	arena_deinit(&arena);
	return agree;
}

static void check_random(uint64_t seed)
{
	static struct item items[MAX_ITEMS];
	uint64_t state = seed;
	size_t bad = 0;

	for (int i = 0; i < 400; i++) {
		size_t len = 1 + gen_below(&state, i % 4 ? 60 : MAX_ITEMS);

		random_items(&state, items, len);
		bad += !agrees(&state, items, len, i % 2);
	}
	if (!ok(bad == 0, "400 random programs do what their items say"))
		note("%zu don't; seed 0x%llx", bad, (unsigned long long)seed);
}

static void check_memory(void)
{
	static struct item items[MAX_ITEMS];
	uint64_t seed = 1;
	unsigned failed = 0, other = 0;
	int r = -ENOMEM;

	random_items(&seed, items, MAX_ITEMS);
	for (size_t limit = 4 << 10; r == -ENOMEM && limit < 8 << 20; limit += 4 << 10) {
		struct cbpf_prog out;
		struct arena arena;

		arena_init(&arena, limit);
		r = build(&arena, items, MAX_ITEMS, CBPF_HOST_ORDER, &out);
		failed += r == -ENOMEM && !out.insns && !out.spans;
		other += r != -ENOMEM && r != 0;
		arena_deinit(&arena);
	}
	ok(r == 0 && failed > 10 && other == 0, "whenever memory runs out, it says so");
}

int main(int argc, char **argv)
{
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	check_reach(&arena);
	check_push(&arena);
	check_sharing(&arena);
	check_sharing_reach(&arena);
	check_unneeded(&arena);
	check_spans(&arena);
	check_bugs(&arena);
	check_limit(&arena);
	check_random(argc > 1 ? strtoull(argv[1], NULL, 0) : 20261123);
	check_memory();
	arena_deinit(&arena);
	return done();
}
