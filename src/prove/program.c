/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The meaning of a program. Jumps only go forward, so two passes are enough and nothing recurses:
 *
 * Down the program, each instruction is executed in every state that reaches it, where a state is
 * what the registers and the scratch memory hold *as functions of the call*, dead ones left out.
 * Two paths that arrive with the same live state are one point from there on. Path conditions don't
 * matter here: what an impossible path returns is never asked.
 *
 * Up the program, what each point answers is put together from the answers of the points that
 * follow it. A test of an argument whose other branch goes on to test further numbers would copy
 * all that is known of those; so there, and only there, an answer is first cut down to the calls
 * that get to the point at all, as far as arch and nr tell.
 */
#include "prove/bits.h"

#include <errno.h>

#include "base/map.h"

/* What a point costs beyond the nodes that it makes: some hundred bytes and some thousand steps. */
#define POINT_WORK 256

/* A register in a set of live ones: scratch memory from bit 0, then A and X. */
#define LIVE_M(k) (1u << (k))
#define LIVE_A	  (1u << BPF_MEMWORDS)
#define LIVE_X	  (2u << BPF_MEMWORDS)

/* Values are interned: the same value has the same address. */
struct state {
	const struct prove_bits *a, *x;
	const struct prove_bits *mem[BPF_MEMWORDS];
};

/* An instruction and the state that it is executed in. */
struct point {
	struct point *next; /* of the same instruction */
	struct state state;
	struct prove_word_test test; /* IS_TEST: YES follows where it holds, ... */
	bool is_test;
	prove_fn cond;		/* ... else where this is 1; otherwise NO */
	struct point *yes, *no; /* NULL: the program ends with 0 */
	prove_fn care;		/* W->HAS_CARE: 1 for at least the calls that get here */
	prove_fn answer;	/* what the program returns from here on, to those calls */
};

struct walk {
	struct prove_space *space;
	struct arena *arena;
	const struct cbpf_prog *prog;
	enum cbpf_order order;
	struct point **points;			    /* of each instruction */
	uint32_t *live;				    /* before each instruction */
	struct map values;			    /* the 128 bytes of a value -> its address */
	const struct prove_bits *words[CBPF_WORDS]; /* NULL: not yet asked for */
	const struct prove_bits *zero;
	bool has_care;
	size_t pc; /* the instruction at work */
};

static const struct prove_bits *intern(struct walk *w, const struct prove_bits *bits)
{
	struct prove_bits *value =
		map_get(&w->values, (struct str){ (const char *)bits, sizeof(*bits) });

	if (value)
		return value;
	value = arena_alloc(w->arena, sizeof(*value));
	if (value) {
		*value = *bits;
		if (map_set(&w->values, (struct str){ (const char *)value, sizeof(*value) },
			    value) == 0)
			return value;
	}
	prove_fail(w->space, -ENOMEM);
	return w->zero;
}

static const struct prove_bits *constant(struct walk *w, uint32_t value)
{
	struct prove_bits bits;

	prove_bits_constant(&bits, value);
	return intern(w, &bits);
}

static const struct prove_bits *data_word(struct walk *w, uint32_t offset)
{
	unsigned word = cbpf_offset_word(offset, w->order);
	struct prove_bits bits;

	if (!w->words[word]) {
		prove_bits_word(w->space, &bits, word);
		w->words[word] = intern(w, &bits);
	}
	return w->words[word];
}

/* What an instruction reads, as a set of registers. */
static uint32_t reads(const struct sock_filter *insn)
{
	uint32_t operand = BPF_SRC(insn->code) == BPF_X ? LIVE_X : 0;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return BPF_MODE(insn->code) == BPF_MEM ? LIVE_M(insn->k) : 0;
	case BPF_ST:
		return LIVE_A;
	case BPF_STX:
		return LIVE_X;
	case BPF_ALU:
		return LIVE_A | operand;
	case BPF_JMP:
		return BPF_OP(insn->code) == BPF_JA ? 0 : LIVE_A | operand;
	case BPF_RET:
		return BPF_RVAL(insn->code) == BPF_A ? LIVE_A : 0;
	default: /* BPF_MISC */
		return BPF_MISCOP(insn->code) == BPF_TAX ? LIVE_A : LIVE_X;
	}
}

static uint32_t writes(const struct sock_filter *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_ALU:
		return LIVE_A;
	case BPF_LDX:
		return LIVE_X;
	case BPF_ST:
	case BPF_STX:
		return LIVE_M(insn->k);
	case BPF_MISC:
		return BPF_MISCOP(insn->code) == BPF_TAX ? LIVE_X : LIVE_A;
	default: /* BPF_JMP, BPF_RET */
		return 0;
	}
}

static void find_live(struct walk *w)
{
	for (size_t pc = w->prog->len; pc-- > 0;) {
		const struct sock_filter *insn = &w->prog->insns[pc];
		uint32_t after = 0;

		if (BPF_CLASS(insn->code) != BPF_JMP) {
			if (BPF_CLASS(insn->code) != BPF_RET)
				after = w->live[pc + 1];
		} else if (BPF_OP(insn->code) == BPF_JA) {
			after = w->live[pc + 1 + insn->k];
		} else {
			after = w->live[pc + 1 + insn->jt] | w->live[pc + 1 + insn->jf];
		}
		w->live[pc] = reads(insn) | (after & ~writes(insn));
	}
}

static bool same_state(const struct state *s, const struct state *t)
{
	return memcmp(s, t, sizeof(*s)) == 0;
}

/* The point of instruction PC in STATE; what is dead there doesn't tell two points apart. */
static struct point *reach(struct walk *w, size_t pc, const struct state *state)
{
	uint32_t live = w->live[pc];
	struct state s = { live & LIVE_A ? state->a : w->zero, live & LIVE_X ? state->x : w->zero };
	struct point *p;

	for (unsigned i = 0; i < BPF_MEMWORDS; i++)
		s.mem[i] = live & LIVE_M(i) ? state->mem[i] : w->zero;
	for (p = w->points[pc]; p && prove_spend(w->space, 1); p = p->next)
		if (same_state(&p->state, &s))
			return p;
	if (!prove_spend(w->space, POINT_WORK))
		return NULL;
	p = arena_alloc(w->arena, sizeof(*p));
	if (!p) {
		prove_fail(w->space, -ENOMEM);
		return NULL;
	}
	p->state = s;
	p->next = w->points[pc];
	w->points[pc] = p;
	return p;
}

/* X, or the constant, which is put into K. */
static const struct prove_bits *operand(const struct state *s, const struct sock_filter *insn,
					struct prove_bits *k)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return s->x;
	prove_bits_constant(k, insn->k);
	return k;
}

static const struct prove_bits *load(struct walk *w, const struct state *s,
				     const struct sock_filter *insn)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		return data_word(w, insn->k);
	case BPF_LEN:
		/* kernel/seccomp.c, seccomp_check_filter(): an immediate. */
		return constant(w, sizeof(struct seccomp_data));
	case BPF_MEM:
		return s->mem[insn->k];
	default:
		return constant(w, insn->k);
	}
}

static const struct prove_bits *compute(struct walk *w, const struct state *s,
					const struct sock_filter *insn)
{
	struct prove_bits k, result;

	prove_bits_alu(w->space, BPF_OP(insn->code), &result, s->a, operand(s, insn, &k));
	return intern(w, &result);
}

/* Executes an instruction that neither jumps nor returns. */
static void execute(struct walk *w, const struct sock_filter *insn, struct state *s)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		s->a = load(w, s, insn);
		break;
	case BPF_LDX:
		s->x = load(w, s, insn);
		break;
	case BPF_ST:
		s->mem[insn->k] = s->a;
		break;
	case BPF_STX:
		s->mem[insn->k] = s->x;
		break;
	case BPF_ALU:
		s->a = compute(w, s, insn);
		break;
	default: /* BPF_MISC */
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			s->x = s->a;
		else
			s->a = s->x;
	}
}

/* Is A a whole word and its comparison one that prove_ite_word() knows? */
static bool find_word_test(const struct walk *w, const struct sock_filter *insn, struct point *p)
{
	p->test = (struct prove_word_test){ .op = BPF_OP(insn->code), .k = insn->k };
	if (BPF_SRC(insn->code) != BPF_K || p->test.op == BPF_JSET)
		return false;
	while (p->test.word < CBPF_WORDS && w->words[p->test.word] != p->state.a)
		p->test.word++;
	return p->test.word < CBPF_WORDS;
}

static prove_fn jump_cond(struct walk *w, const struct sock_filter *insn, const struct state *s)
{
	struct prove_bits k;

	return prove_bits_compare(w->space, BPF_OP(insn->code), s->a, operand(s, insn, &k));
}

static void follow_jump(struct walk *w, size_t pc, struct point *p)
{
	const struct sock_filter *insn = &w->prog->insns[pc];

	if (BPF_OP(insn->code) == BPF_JA) {
		p->cond = PROVE_TRUE;
		p->yes = reach(w, pc + 1 + insn->k, &p->state);
		return;
	}
	p->is_test = find_word_test(w, insn, p);
	if (p->is_test) {
		p->yes = reach(w, pc + 1 + insn->jt, &p->state);
		p->no = reach(w, pc + 1 + insn->jf, &p->state);
		return;
	}
	p->cond = jump_cond(w, insn, &p->state);
	if (p->cond != PROVE_FALSE)
		p->yes = reach(w, pc + 1 + insn->jt, &p->state);
	if (p->cond != PROVE_TRUE)
		p->no = reach(w, pc + 1 + insn->jf, &p->state);
}

static void follow(struct walk *w, size_t pc, struct point *p)
{
	const struct sock_filter *insn = &w->prog->insns[pc];
	struct state s = p->state;

	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		p->answer = BPF_RVAL(insn->code) == BPF_A ? prove_bits_value(w->space, s.a)
							  : prove_leaf(w->space, insn->k);
		return;
	case BPF_JMP:
		follow_jump(w, pc, p);
		return;
	}
	p->cond = PROVE_TRUE;
	/* Division by zero returns 0: net/core/filter.c, bpf_convert_filter(). */
	if (insn->code == (BPF_ALU | BPF_DIV | BPF_X))
		p->cond = prove_bits_compare(w->space, BPF_JGT, s.x, w->zero);
	if (p->cond == PROVE_FALSE)
		return;
	execute(w, insn, &s);
	p->yes = reach(w, pc + 1, &s);
}

static prove_fn answer_of(const struct point *p)
{
	return p ? p->answer : PROVE_FALSE;
}

static int start(struct walk *w)
{
	size_t len = w->prog->len;
	struct prove_bits zero;
	struct state s;

	w->points = arena_array(w->arena, len, sizeof(struct point *));
	w->live = arena_array(w->arena, len, sizeof(*w->live));
	if (!w->points || !w->live)
		return -ENOMEM;
	map_init(&w->values, w->arena);
	prove_bits_constant(&zero, 0);
	w->zero = intern(w, &zero);
	find_live(w);
	/* The verifier lets nobody read scratch memory that isn't written; A and X start as 0. */
	s.a = s.x = w->zero;
	for (unsigned i = 0; i < BPF_MEMWORDS; i++)
		s.mem[i] = w->zero;
	reach(w, 0, &s);
	return prove_status(w->space);
}

/* Down: the points of every instruction, and what returns answer. */
static void go_down(struct walk *w)
{
	for (size_t pc = 0; pc < w->prog->len && prove_status(w->space) == 0; pc++) {
		w->pc = pc;
		for (struct point *p = w->points[pc]; p; p = p->next)
			follow(w, pc, p);
	}
}

/* Those of CARE for which COND is 1 get to P as well. */
static void add_care(struct walk *w, struct point *p, prove_fn care, prove_fn cond)
{
	prove_fn more = prove_ite(w->space, care, cond, PROVE_FALSE);

	if (p)
		p->care = prove_ite(w->space, more, PROVE_TRUE, p->care);
}

/* Down once more: whom the tests of arch and nr let through. All other tests let everybody. */
static void find_care(struct walk *w)
{
	w->has_care = true;
	w->points[0]->care = PROVE_TRUE;
	for (size_t pc = 0; pc < w->prog->len && prove_status(w->space) == 0; pc++)
		for (struct point *p = w->points[pc]; p; p = p->next) {
			prove_fn yes = PROVE_TRUE, no = PROVE_TRUE;

			if (p->is_test && p->test.word <= CBPF_ARCH) {
				yes = jump_cond(w, &w->prog->insns[pc], &p->state);
				no = prove_ite(w->space, yes, PROVE_FALSE, PROVE_TRUE);
			}
			add_care(w, p->yes, p->care, yes);
			add_care(w, p->no, p->care, no);
		}
}

static bool is_below_numbers(const struct walk *w, prove_fn fn)
{
	return prove_node_of(w->space, fn)->level > prove_level(CBPF_NR, 0);
}

/* Nothing is asked at all: most instructions. */
static bool is_certain(const struct point *p)
{
	return !p->is_test && p->cond == PROVE_TRUE;
}

static prove_fn join(struct walk *w, const struct sock_filter *insn, struct point *p)
{
	prove_fn yes = answer_of(p->yes), no = answer_of(p->no), answer;

	if (is_certain(p))
		return yes;
	if (p->is_test && prove_ite_word(w->space, &p->test, yes, no, &answer))
		return answer;
	if (p->is_test)
		p->cond = jump_cond(w, insn, &p->state);
	if (is_below_numbers(w, p->cond) &&
	    !(is_below_numbers(w, yes) && is_below_numbers(w, no))) {
		if (!w->has_care)
			find_care(w);
		yes = prove_ite(w->space, p->care, yes, PROVE_FALSE);
		no = prove_ite(w->space, p->care, no, PROVE_FALSE);
	}
	return prove_ite(w->space, p->cond, yes, no);
}

/* Up: what all others answer. */
static void go_up(struct walk *w)
{
	for (size_t pc = w->prog->len; pc-- > 0 && prove_status(w->space) == 0;) {
		if (BPF_CLASS(w->prog->insns[pc].code) == BPF_RET)
			continue;
		w->pc = pc;
		for (struct point *p = w->points[pc]; p; p = p->next)
			p->answer = join(w, &w->prog->insns[pc], p);
	}
}

int prove_program(struct prove_space *space, const struct cbpf_prog *prog, enum cbpf_order order,
		  prove_fn *out, size_t *pc)
{
	struct walk w = {
		.space = space, .arena = prove_space_arena(space), .prog = prog, .order = order
	};
	int r = prove_status(space);

	if (r == 0)
		r = start(&w);
	if (r == 0) {
		go_down(&w);
		go_up(&w);
		*out = w.points[0]->answer;
		r = prove_status(space);
	}
	if (pc)
		*pc = w.pc;
	return r;
}
