/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks, "no looser than", ranges of a word's values, and what happens where a proof is out of
 * reach. */
#include "prove/prove.h"

#include <errno.h>
#include <inttypes.h>

#include "gen.h"
#include "tap.h"

#define LD(w)		 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * (w))
#define RET(k)		 BPF_STMT(BPF_RET | BPF_K, k)
#define JMP(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define TAX		 BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define MULX		 BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0)
#define PROG(insns)                                                                                \
	{                                                                                          \
		insns, ARRAY_LEN(insns), NULL                                                      \
	}
#define STACK(progs)                                                                               \
	{                                                                                          \
		NULL, progs, ARRAY_LEN(progs)                                                      \
	}

/* ---- one answer against another ---- */

/* From what wins in a stack to what loses; FREE: 0 stops the call, 2 executes it, 1 leaves it to
 * another process. */
static const struct action {
	uint32_t action;
	int free;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, 0 }, { 0xfffe0000, 0 },
	{ SECCOMP_RET_KILL_THREAD, 0 },	 { 0x00010000, 0 },
	{ SECCOMP_RET_TRAP, 0 },	 { SECCOMP_RET_ERRNO, 0 },
	{ SECCOMP_RET_USER_NOTIF, 1 },	 { SECCOMP_RET_TRACE, 1 },
	{ SECCOMP_RET_LOG, 2 },		 { SECCOMP_RET_ALLOW, 2 },
};

/* A program that returns this and nothing else. */
static prove_fn always(struct prove_space *space, uint32_t ret)
{
	struct sock_filter insn = RET(ret);
	struct cbpf_prog p = { &insn, 1, NULL };
	prove_fn fn = PROVE_FALSE;

	return prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, NULL) == 0 ? fn : PROVE_FALSE;
}

static void test_actions(void)
{
	unsigned wrong_stack = 0, wrong_looser = 0;
	struct seccomp_data data = { 0 };
	struct arena arena;
	struct prove_space *space;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, PROVE_DEFAULT_BUDGET);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		for (size_t j = 0; j < ARRAY_LEN(actions); j++) {
			uint32_t newer = actions[i].action | 1, older = actions[j].action | 2;
			prove_fn a = always(space, newer), b = always(space, older);
			uint32_t winner = j < i ? older : newer;
			bool looser = actions[i].free > actions[j].free;

			wrong_stack += prove_eval(space, prove_stack(space, a, b), &data) != winner;
			wrong_looser +=
				prove_looser(space, a, b) != (looser ? PROVE_TRUE : PROVE_FALSE);
		}
	}
	ok(wrong_stack == 0,
	   "of two filters the stronger action wins with its data, the newer a tie");
	ok(wrong_looser == 0, "an answer is looser if it lets more happen");
	arena_deinit(&arena);
}

/* ---- random programs together ---- */

static size_t rank_of(uint32_t ret)
{
	size_t i = 0;

	while (actions[i].action != (ret & SECCOMP_RET_ACTION_FULL) && i < ARRAY_LEN(actions) - 1)
		i++;
	return i;
}

/* An unknown action kills. */
static int free_of(uint32_t ret)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			return actions[i].free;
	return 0;
}

static uint32_t run(const struct cbpf_prog *p, const struct seccomp_data *data)
{
	return cbpf_interp(p->insns, p->len, data, CBPF_LITTLE_ENDIAN, NULL, NULL).ret;
}

/* gen_prog() with constants for all answers, so that each is one of the actions above. */
static struct cbpf_prog random_prog(struct gen *g, struct sock_filter *insns)
{
	struct cbpf_prog p = { insns, gen_prog(g, insns), NULL };

	for (size_t pc = 0; pc < p.len; pc++)
		if (insns[pc].code == (BPF_RET | BPF_A))
			insns[pc].code = BPF_RET | BPF_K;
	return p;
}

static void test_stacks(struct gen *g)
{
	unsigned wrong = 0, total = 1000;

	for (unsigned i = 0; i < total; i++) {
		struct sock_filter a[GEN_LEN_MAX], b[GEN_LEN_MAX];
		struct cbpf_prog newer = random_prog(g, a), older = random_prog(g, b);
		struct arena arena;
		struct prove_space *space;
		prove_fn fa, fb, both;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		space = prove_space_new(&arena, 1 << 14);
		if (prove_program(space, &newer, CBPF_LITTLE_ENDIAN, &fa, NULL) == 0 &&
		    prove_program(space, &older, CBPF_LITTLE_ENDIAN, &fb, NULL) == 0) {
			both = prove_stack(space, fa, fb);
			for (unsigned j = 0; j < 100 && prove_status(space) == 0; j++) {
				struct seccomp_data data = gen_call(g, a, newer.len);
				uint32_t ra = run(&newer, &data), rb = run(&older, &data);

				wrong += prove_eval(space, both, &data) !=
					 (rank_of(rb) < rank_of(ra) ? rb : ra);
			}
		}
		arena_deinit(&arena);
	}
	ok(wrong == 0, "%u random stacks of two decide as the kernel does, seed %" PRIu64, total,
	   g->seed);
}

static void test_looser(struct gen *g)
{
	unsigned wrong = 0, looser = 0, no_looser = 0;

	for (unsigned i = 0; i < 1000; i++) {
		struct sock_filter a[GEN_LEN_MAX], b[GEN_LEN_MAX];
		struct cbpf_prog pa = random_prog(g, a), pb = { b, pa.len, NULL };
		struct prove_subject sa = { NULL, &pa, 1 }, sb = { NULL, &pb, 1 };
		struct prove_result result;
		size_t pc;
		int r;

		memcpy(b, a, sizeof(a));
		gen_mutate(g, b, pb.len);
		if (cbpf_verify(b, pb.len, &pc) != CBPF_OK)
			continue;
		r = prove_compare(&sa, &sb, PROVE_NO_LOOSER, CBPF_LITTLE_ENDIAN, 1 << 14, &result);
		if (r == PROVE_DIFFERS) {
			looser++;
			wrong += free_of(run(&pa, &result.data)) <= free_of(run(&pb, &result.data));
		}
		no_looser += r == PROVE_EQUAL;
		for (unsigned j = 0; r == PROVE_EQUAL && j < 100; j++) {
			struct seccomp_data data = gen_call(g, a, pa.len);

			wrong += free_of(run(&pa, &data)) > free_of(run(&pb, &data));
		}
	}
	ok(wrong == 0 && looser > 20 && no_looser > 200,
	   "a filter is looser (%u) if a call shows it, no looser (%u) if a sample agrees, seed "
	   "%" PRIu64,
	   looser, no_looser, g->seed);
}

/* ---- ranges ---- */

struct cover {
	struct prove_space *space;
	struct gen *g;
	prove_fn a, b;
	struct seccomp_data call; /* the words before this one are set */
	unsigned word;
	struct prove_range last;
	uint64_t next; /* the value that the next range must begin with */
	unsigned wrong;
};

static int check_range(void *user, const struct prove_range *r)
{
	struct cover *c = user;
	uint64_t len = (uint64_t)r->last - r->first + 1;

	c->wrong += r->first != c->next || r->last < r->first;
	c->wrong += c->next != 0 && r->a == c->last.a && r->b == c->last.b;
	for (unsigned i = 0; i < 4; i++) {
		struct seccomp_data call = c->call;
		uint32_t value =
			(uint32_t)(r->first + (i < 2 ? i * (len - 1) : gen_next(c->g) % len));

		cbpf_data_set_word(&call, c->word, value);
		c->wrong += prove_eval(c->space, c->a, &call) != prove_eval(c->space, r->a, &call);
		c->wrong += prove_eval(c->space, c->b, &call) != prove_eval(c->space, r->b, &call);
	}
	c->next += len;
	c->last = *r;
	return 0;
}

static void test_ranges(struct gen *g)
{
	unsigned wrong = 0, walked = 0, split = 0, total = 500;

	for (unsigned i = 0; i < total; i++) {
		struct sock_filter a[GEN_LEN_MAX], b[GEN_LEN_MAX];
		struct cbpf_prog pa = random_prog(g, a), pb = random_prog(g, b);
		struct cover c = { .g = g, .word = CBPF_ARCH, .call = gen_call(g, a, pa.len) };
		struct arena arena;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		c.space = prove_space_new(&arena, 1 << 14);
		if (prove_program(c.space, &pa, CBPF_LITTLE_ENDIAN, &c.a, NULL) == 0 &&
		    prove_program(c.space, &pb, CBPF_LITTLE_ENDIAN, &c.b, NULL) == 0 &&
		    prove_ranges(c.space, c.a, c.b, CBPF_ARCH, check_range, &c) == 0) {
			walked++;
			wrong += c.wrong + (c.next != (uint64_t)UINT32_MAX + 1);
			/* And the numbers, in the last of them. */
			cbpf_data_set_word(&c.call, CBPF_ARCH, c.last.first);
			split += c.last.first != 0;
			c.word = CBPF_NR;
			c.next = 0;
			c.wrong = 0;
			c.a = c.last.a;
			c.b = c.last.b;
			if (prove_ranges(c.space, c.a, c.b, CBPF_NR, check_range, &c) == 0)
				wrong += c.wrong + (c.next != (uint64_t)UINT32_MAX + 1);
		}
		arena_deinit(&arena);
	}
	ok(wrong == 0 && walked > total / 2 && split > 20,
	   "the ranges of a word (%u programs, %u split) are all of its values, in order, each "
	   "with one rest",
	   walked, split);
}

static int stop_at_second(void *user, const struct prove_range *r)
{
	unsigned *seen = user;

	(void)r;
	return ++*seen == 2 ? -EINTR : 0;
}

static void test_range_limits(void)
{
	struct sock_filter odd[] = { LD(0), JMP(BPF_JSET, 1, 0, 1), RET(1), RET(2) };
	struct cbpf_prog p = PROG(odd);
	struct arena arena;
	struct prove_space *space;
	prove_fn fn = PROVE_FALSE;
	unsigned seen = 0;
	bool good;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	space = prove_space_new(&arena, 1 << 10);
	good = prove_program(space, &p, CBPF_LITTLE_ENDIAN, &fn, NULL) == 0;
	ok(good && prove_ranges(space, fn, fn, CBPF_NR, stop_at_second, &seen) == -EINTR &&
		   seen == 2,
	   "a visitor that has seen enough stops the walk");
	seen = 2;
	ok(prove_ranges(space, fn, fn, CBPF_NR, stop_at_second, &seen) == PROVE_UNDECIDED &&
		   seen > 2,
	   "two thousand million ranges end in undecided");
	arena_deinit(&arena);
}

/* ---- whole subjects ---- */

static void test_merged(void)
{
	struct sock_filter newer[] = { LD(0), JMP(BPF_JEQ, 1, 0, 1), RET(SECCOMP_RET_ERRNO | 1),
				       RET(SECCOMP_RET_ALLOW) };
	struct sock_filter older[] = { LD(0), JMP(BPF_JGT, 1, 0, 1), RET(SECCOMP_RET_TRAP | 7),
				       RET(SECCOMP_RET_ERRNO | 2) };
	struct sock_filter merged[] = { LD(0),
					JMP(BPF_JGT, 1, 2, 0),
					JMP(BPF_JEQ, 1, 2, 0),
					RET(SECCOMP_RET_ERRNO | 2),
					RET(SECCOMP_RET_TRAP | 7),
					RET(SECCOMP_RET_ERRNO | 1) };
	struct cbpf_prog stack[] = { PROG(newer), PROG(older) },
			 turned[] = { PROG(older), PROG(newer) };
	struct cbpf_prog one[] = { PROG(merged) };
	struct prove_subject a = STACK(stack), b = STACK(one), c = STACK(turned);
	struct prove_result r;

	ok(prove_compare(&a, &b, PROVE_SAME, CBPF_LITTLE_ENDIAN, 1 << 14, &r) == PROVE_EQUAL,
	   "a stack equals the one program that decides as it does");
	ok(prove_compare(&c, &b, PROVE_SAME, CBPF_LITTLE_ENDIAN, 1 << 14, &r) == PROVE_DIFFERS &&
		   r.data.nr == 1 && r.a_ret == (SECCOMP_RET_ERRNO | 2) &&
		   r.b_ret == (SECCOMP_RET_ERRNO | 1),
	   "turned around it doesn't, and the witness is the tie");
	ok(prove_compare(&c, &b, PROVE_NO_LOOSER, CBPF_LITTLE_ENDIAN, 1 << 14, &r) == PROVE_EQUAL,
	   "yet it lets no more happen");
}

static void test_undecided(void)
{
	struct sock_filter a[] = {
		LD(4), TAX, LD(6), MULX, JMP(BPF_JGT, 12, 0, 1), RET(1), RET(2)
	};
	struct sock_filter same[] = { LD(6),  TAX,   LD(4), MULX, JMP(BPF_JGT, 12, 0, 1),
				      RET(1), RET(2) };
	struct sock_filter other[] = { LD(6),  TAX,   LD(4), MULX, JMP(BPF_JGT, 14, 0, 1),
				       RET(1), RET(2) };
	struct cbpf_prog pa = PROG(a), pb = PROG(same), pc = PROG(other);
	struct prove_subject sa = { NULL, &pa, 1 }, sb = { NULL, &pb, 1 }, sc = { NULL, &pc, 1 };
	struct prove_result r;

	ok(prove_compare(&sa, &sb, PROVE_SAME, CBPF_LITTLE_ENDIAN, 1 << 12, &r) ==
			   PROVE_UNDECIDED &&
		   r.stuck == &sa && r.pc == 3,
	   "two equal products are undecided, and the instruction is named");
	ok(prove_compare(&sa, &sc, PROVE_SAME, CBPF_LITTLE_ENDIAN, 1 << 12, &r) == PROVE_DIFFERS &&
		   run(&pa, &r.data) == r.a_ret && run(&pc, &r.data) == r.b_ret &&
		   r.a_ret != r.b_ret,
	   "of two different ones the search finds where they differ");
}

int main(int argc, char **argv)
{
	struct gen g = gen_new(argc > 1 ? strtoull(argv[1], NULL, 0) : 20260103);

	test_actions();
	test_stacks(&g);
	test_looser(&g);
	test_ranges(&g);
	test_range_limits();
	test_merged();
	test_undecided();
	return done();
}
