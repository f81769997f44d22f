/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The diagrams' store. Every node is interned in one hash table, so that equality is identity; a
 * lossy cache remembers the operations already done. Nodes are numbers, children have smaller
 * numbers than their parents, nothing is ever freed before the arena.
 *
 * The recursions below go one level down with each call, so that they are PROVE_LEVELS deep at
 * most.
 */
#include "prove/space.h"

#include <errno.h>

#define FIRST_ROOM 4096u
/* Node numbers stay below what marks an operation in a cache key. */
#define OP_KEY(op)    (0xffffff00u | (unsigned)(op))
#define RESTRICT_KEY  0xffffffffu /* no prove_op has it */
#define BUDGET_MAX    ((size_t)1 << 30)
#define WORK_PER_NODE 16

/* (f, g, h) -> result: prove_ite(), or with an OP_KEY or the RESTRICT_KEY in h: prove_apply() or
 * prove_restrict_bit(). All zero: empty. */
struct memo {
	prove_fn f, g, h, result;
};

struct prove_space {
	struct arena *arena;
	struct prove_node *nodes;
	uint32_t len, room; /* room: a power of two */
	prove_fn *slots;    /* 2 * room of them; 0: free. Node 0 needs no slot: it is made first. */
	struct memo *memos; /* room / 2 of them: fresh pages cost more than repeated work */
	prove_fn bits[PROVE_LEVELS]; /* the conditions that are one bit; 0: not yet asked for */
	size_t budget;		     /* in nodes */
	size_t work;		     /* that may still be done */
	int status;
};

/* Which place a word has in the order: arch and nr decide most; a value's high half comes before
 * its low one, so that 64-bit comparisons read it from the top. */
static const uint8_t word_place[CBPF_WORDS] = {
	[CBPF_ARCH] = 0,	 [CBPF_NR] = 1,		  [CBPF_ARG_HIGH(0)] = 2,
	[CBPF_ARG_LOW(0)] = 3,	 [CBPF_ARG_HIGH(1)] = 4,  [CBPF_ARG_LOW(1)] = 5,
	[CBPF_ARG_HIGH(2)] = 6,	 [CBPF_ARG_LOW(2)] = 7,	  [CBPF_ARG_HIGH(3)] = 8,
	[CBPF_ARG_LOW(3)] = 9,	 [CBPF_ARG_HIGH(4)] = 10, [CBPF_ARG_LOW(4)] = 11,
	[CBPF_ARG_HIGH(5)] = 12, [CBPF_ARG_LOW(5)] = 13,  [CBPF_IP_HIGH] = 14,
	[CBPF_IP_LOW] = 15,
};

uint32_t prove_level(unsigned word, unsigned bit)
{
	return 32u * word_place[word] + (31 - bit);
}

unsigned prove_level_word(uint32_t level)
{
	unsigned word = 0;

	while (word_place[word] != level / 32)
		word++;
	return word;
}

const struct prove_node *prove_node_of(const struct prove_space *space, prove_fn fn)
{
	return &space->nodes[fn];
}

size_t prove_space_nodes(const struct prove_space *space)
{
	return space->len;
}

struct arena *prove_space_arena(struct prove_space *space)
{
	return space->arena;
}

int prove_status(const struct prove_space *space)
{
	return space->status;
}

void prove_fail(struct prove_space *space, int status)
{
	if (space->status == 0)
		space->status = status;
}

bool prove_spend(struct prove_space *space, size_t n)
{
	if (space->status != 0)
		return false;
	if (space->work < n) {
		prove_fail(space, PROVE_UNDECIDED);
		return false;
	}
	space->work -= n;
	return true;
}

/* Mixes three words; the multipliers are odd 64-bit numbers without a pattern (from pi's digits).
 */
static uint32_t mix(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = (a | (uint64_t)b << 32) * UINT64_C(0x243f6a8885a308d3);

	h = (h ^ h >> 29 ^ c) * UINT64_C(0x13198a2e03707345);
	return (uint32_t)(h >> 32);
}

static bool same_node(const struct prove_node *n, uint32_t level, prove_fn low, prove_fn high)
{
	return n->level == level && n->low == low && n->high == high;
}

/* The slot of a node: its number is there, or the slot is free. */
static prove_fn *find_slot(const struct prove_space *space, uint32_t level, prove_fn low,
			   prove_fn high)
{
	uint32_t mask = 2 * space->room - 1;
	uint32_t i = mix(low, high, level) & mask;

	while (space->slots[i] && !same_node(&space->nodes[space->slots[i]], level, low, high))
		i = (i + 1) & mask;
	return &space->slots[i];
}

/* Makes tables for ROOM nodes and moves the nodes over; the memos start afresh. */
static int set_room(struct prove_space *space, uint32_t room)
{
	struct prove_node *nodes = arena_array(space->arena, room, sizeof(*nodes));
	prove_fn *slots = arena_array(space->arena, 2 * (size_t)room, sizeof(*slots));
	struct memo *memos = arena_array(space->arena, room / 2, sizeof(*memos));

	if (!nodes || !slots || !memos)
		return -ENOMEM;
	if (space->len > 0)
		memcpy(nodes, space->nodes, space->len * sizeof(*nodes));
	space->nodes = nodes;
	space->slots = slots;
	space->memos = memos;
	space->room = room;
	for (prove_fn i = 1; i < space->len; i++) {
		const struct prove_node *n = &nodes[i];

		*find_slot(space, n->level, n->low, n->high) = i;
	}
	return 0;
}

/* The number of the node with these fields. */
static prove_fn intern(struct prove_space *space, uint32_t level, prove_fn low, prove_fn high)
{
	prove_fn *slot = find_slot(space, level, low, high);

	if (*slot)
		return *slot;
	if (space->status != 0)
		return PROVE_FALSE;
	if (space->len >= space->budget) {
		prove_fail(space, PROVE_UNDECIDED);
		return PROVE_FALSE;
	}
	if (space->len == space->room) {
		if (set_room(space, 2 * space->room) < 0) {
			prove_fail(space, -ENOMEM);
			return PROVE_FALSE;
		}
		slot = find_slot(space, level, low, high);
	}
	space->nodes[space->len] = (struct prove_node){ level, low, high };
	*slot = space->len;
	return space->len++;
}

static prove_fn make(struct prove_space *space, uint32_t level, prove_fn low, prove_fn high)
{
	return low == high ? low : intern(space, level, low, high);
}

/* Tables double, and keep what they grew out of: 28 bytes a node, twice over, and what programs
 * take. */
size_t prove_bytes(size_t budget)
{
	size_t bytes;

	if (__builtin_mul_overflow(budget, (size_t)128, &bytes))
		return SIZE_MAX;
	return bytes < ARENA_DEFAULT_LIMIT ? ARENA_DEFAULT_LIMIT : bytes;
}

struct prove_space *prove_space_new(struct arena *arena, size_t budget)
{
	struct prove_space *space = arena_alloc(arena, sizeof(*space));

	if (!space)
		return NULL;
	space->arena = arena;
	space->budget = budget < BUDGET_MAX ? budget : BUDGET_MAX;
	space->work = WORK_PER_NODE * space->budget;
	if (set_room(space, FIRST_ROOM) < 0)
		return NULL;
	/* PROVE_FALSE and PROVE_TRUE, which the budget does not count. */
	space->nodes[0] = (struct prove_node){ PROVE_LEVELS, 0, 0 };
	space->nodes[1] = (struct prove_node){ PROVE_LEVELS, 1, 0 };
	space->len = 2;
	*find_slot(space, PROVE_LEVELS, 1, 0) = 1;
	return space;
}

prove_fn prove_leaf(struct prove_space *space, uint32_t value)
{
	return value == 0 ? PROVE_FALSE : intern(space, PROVE_LEVELS, value, 0);
}

prove_fn prove_bit(struct prove_space *space, unsigned word, unsigned bit)
{
	uint32_t level = prove_level(word, bit);

	if (!space->bits[level])
		space->bits[level] = intern(space, level, PROVE_FALSE, PROVE_TRUE);
	return space->bits[level];
}

/* What is left of FN once the bit of LEVEL, no lower than FN's own, is known. */
static prove_fn branch(const struct prove_space *space, prove_fn fn, uint32_t level, bool high)
{
	const struct prove_node *n = &space->nodes[fn];

	if (n->level != level)
		return fn;
	return high ? n->high : n->low;
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t m = a < b ? a : b;

	return m < c ? m : c;
}

static struct memo *find_memo(const struct prove_space *space, prove_fn f, prove_fn g, prove_fn h)
{
	return &space->memos[mix(f, g, h) & (space->room / 2 - 1)];
}

static bool is_memo(const struct memo *m, prove_fn f, prove_fn g, prove_fn h)
{
	return m->f == f && m->g == g && m->h == h;
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
prove_fn prove_ite(struct prove_space *space, prove_fn cond, prove_fn yes, prove_fn no)
{
	const struct prove_node *nodes = space->nodes;
	uint32_t level, below;
	struct memo *memo;
	prove_fn low, high, result;

	if (cond == PROVE_TRUE || yes == no)
		return yes;
	if (cond == PROVE_FALSE)
		return no;
	if (yes == PROVE_TRUE && no == PROVE_FALSE)
		return cond;
	level = nodes[cond].level;
	below = min3(PROVE_LEVELS, nodes[yes].level, nodes[no].level);
	/* One bit above both: the node itself. Most of the work is of this kind. */
	if (level < below && nodes[cond].low == PROVE_FALSE && nodes[cond].high == PROVE_TRUE)
		return make(space, level, no, yes);
	memo = find_memo(space, cond, yes, no);
	if (is_memo(memo, cond, yes, no))
		return memo->result;
	if (!prove_spend(space, 1))
		return PROVE_FALSE;
	if (below < level)
		level = below;
	low = prove_ite(space, branch(space, cond, level, false), branch(space, yes, level, false),
			branch(space, no, level, false));
	high = prove_ite(space, branch(space, cond, level, true), branch(space, yes, level, true),
			 branch(space, no, level, true));
	result = make(space, level, low, high);
	/* Looked up again, for the tables may have grown. */
	*find_memo(space, cond, yes, no) = (struct memo){ cond, yes, no, result };
	return result;
}

/*
 * Only one path through the word's bits is K's own; where a value leaves it, YES or NO is known.
 * So: down along K, keeping what is left at each exit, then up.
 */
bool prove_ite_word(struct prove_space *space, const struct prove_word_test *t, prove_fn yes,
		    prove_fn no, prove_fn *out)
{
	uint32_t begin = prove_level(t->word, 31), i;
	prove_fn exits[32], answer;

	if (space->nodes[yes].level < begin || space->nodes[no].level < begin)
		return false;
	for (i = 0; i < 32 && yes != no; i++) {
		bool bit = t->k << i >> 31;
		/* A value that has 0 here where K has 1 is smaller. */
		bool exit_yes = t->op != BPF_JEQ && !bit;

		exits[i] = branch(space, exit_yes ? yes : no, begin + i, !bit);
		yes = branch(space, yes, begin + i, bit);
		no = branch(space, no, begin + i, bit);
	}
	answer = t->op == BPF_JGT ? no : yes;
	while (i-- > 0)
		answer = t->k << i >> 31 ? make(space, begin + i, exits[i], answer)
					 : make(space, begin + i, answer, exits[i]);
	*out = answer;
	return true;
}

/* kernel/seccomp.c, seccomp_run_filters(): the least action as a signed number; the newer filter,
 * seen first, wins a tie. */
static uint32_t op_stack(uint32_t newer, uint32_t older)
{
	int32_t a = (int32_t)(newer & SECCOMP_RET_ACTION_FULL);
	int32_t b = (int32_t)(older & SECCOMP_RET_ACTION_FULL);

	return b < a ? older : newer;
}

static uint32_t op_differs(uint32_t a, uint32_t b)
{
	return a != b;
}

/* 0: the call is stopped, 1: another process decides, 2: it is executed. An unknown action kills.
 */
static int freedom(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return 2;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return 1;
	default:
		return 0;
	}
}

static uint32_t op_looser(uint32_t a, uint32_t b)
{
	return freedom(a) > freedom(b);
}

static uint32_t op_or(uint32_t a, uint32_t b)
{
	return a | b;
}

static const struct {
	uint32_t (*leaves)(uint32_t a, uint32_t b);
	bool same_is_itself; /* op(a, a) is a, else 0 */
} ops[] = {
	[PROVE_OP_STACK] = { op_stack, true },
	[PROVE_OP_DIFFERS] = { op_differs, false },
	[PROVE_OP_LOOSER] = { op_looser, false },
	[PROVE_OP_OR] = { op_or, true },
};

uint32_t prove_op_value(enum prove_op op, uint32_t a, uint32_t b)
{
	return ops[op].leaves(a, b);
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
prove_fn prove_apply(struct prove_space *space, enum prove_op op, prove_fn a, prove_fn b)
{
	const struct prove_node *na = &space->nodes[a], *nb = &space->nodes[b];
	uint32_t level = na->level < nb->level ? na->level : nb->level;
	struct memo *memo;
	prove_fn low, high, result;

	if (a == b)
		return ops[op].same_is_itself ? a : PROVE_FALSE;
	if (level == PROVE_LEVELS)
		return prove_leaf(space, ops[op].leaves(na->low, nb->low));
	memo = find_memo(space, a, b, OP_KEY(op));
	if (is_memo(memo, a, b, OP_KEY(op)))
		return memo->result;
	if (!prove_spend(space, 1))
		return PROVE_FALSE;
	low = prove_apply(space, op, branch(space, a, level, false),
			  branch(space, b, level, false));
	high = prove_apply(space, op, branch(space, a, level, true), branch(space, b, level, true));
	result = make(space, level, low, high);
	*find_memo(space, a, b, OP_KEY(op)) = (struct memo){ a, b, OP_KEY(op), result };
	return result;
}

/* NOLINTNEXTLINE(misc-no-recursion): one level down with each call */
prove_fn prove_restrict_bit(struct prove_space *space, prove_fn fn, uint32_t level, bool high)
{
	const struct prove_node *n = &space->nodes[fn];
	uint32_t key = 2 * level + high, own = n->level;
	struct memo *memo;
	prove_fn below, above, result;

	if (own > level)
		return fn;
	if (own == level)
		return high ? n->high : n->low;
	memo = find_memo(space, fn, key, RESTRICT_KEY);
	if (is_memo(memo, fn, key, RESTRICT_KEY))
		return memo->result;
	if (!prove_spend(space, 1))
		return PROVE_FALSE;
	/* N moves when the tables grow. */
	above = n->high;
	below = prove_restrict_bit(space, n->low, level, high);
	above = prove_restrict_bit(space, above, level, high);
	result = make(space, own, below, above);
	*find_memo(space, fn, key, RESTRICT_KEY) = (struct memo){ fn, key, RESTRICT_KEY, result };
	return result;
}

uint32_t prove_eval(const struct prove_space *space, prove_fn fn, const struct seccomp_data *data)
{
	uint32_t words[CBPF_WORDS];

	for (unsigned w = 0; w < CBPF_WORDS; w++)
		words[word_place[w]] = cbpf_data_word(data, w);
	while (space->nodes[fn].level < PROVE_LEVELS) {
		const struct prove_node *n = &space->nodes[fn];
		uint32_t bit = words[n->level / 32] >> (31 - n->level % 32) & 1;

		fn = bit ? n->high : n->low;
	}
	return space->nodes[fn].low;
}

bool prove_witness(const struct prove_space *space, prove_fn a, prove_fn b,
		   struct seccomp_data *data)
{
	uint32_t words[CBPF_WORDS] = { 0 };

	if (a == b)
		return false;
	/* Where two diagrams are different nodes, those of one branch are different again. */
	for (;;) {
		uint32_t level_a = space->nodes[a].level, level_b = space->nodes[b].level;
		uint32_t level = level_a < level_b ? level_a : level_b;
		prove_fn low_a = branch(space, a, level, false);
		prove_fn low_b = branch(space, b, level, false);

		if (level == PROVE_LEVELS)
			break;
		if (low_a == low_b) {
			a = branch(space, a, level, true);
			b = branch(space, b, level, true);
			words[level / 32] |= 1u << (31 - level % 32);
			continue;
		}
		a = low_a;
		b = low_b;
	}
	*data = (struct seccomp_data){ 0 };
	for (unsigned w = 0; w < CBPF_WORDS; w++)
		cbpf_data_set_word(data, w, words[word_place[w]]);
	return true;
}
