/* SPDX-License-Identifier: BSD-2-Clause */
#include "prove/bits.h"

#include <assert.h>

void prove_bits_constant(struct prove_bits *out, uint32_t value)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = value >> i & 1 ? PROVE_TRUE : PROVE_FALSE;
}

void prove_bits_word(struct prove_space *space, struct prove_bits *out, unsigned word)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = prove_bit(space, word, i);
}

static prove_fn b_not(struct prove_space *space, prove_fn a)
{
	return prove_ite(space, a, PROVE_FALSE, PROVE_TRUE);
}

static prove_fn b_and(struct prove_space *space, prove_fn a, prove_fn b)
{
	return prove_ite(space, a, b, PROVE_FALSE);
}

static prove_fn b_or(struct prove_space *space, prove_fn a, prove_fn b)
{
	return prove_ite(space, a, PROVE_TRUE, b);
}

static prove_fn b_xor(struct prove_space *space, prove_fn a, prove_fn b)
{
	/* Nothing to ask where B is a constant: `b_and` and `b_or` get that from prove_ite(). */
	if (b == PROVE_FALSE)
		return a;
	return prove_ite(space, a, b_not(space, b), b);
}

/* A ripple-carry adder; returns the carry out of the highest bit. */
static prove_fn add(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		    const struct prove_bits *b, prove_fn carry)
{
	for (unsigned i = 0; i < 32; i++) {
		prove_fn either = b_xor(space, a->bit[i], b->bit[i]);
		prove_fn both = a->bit[i];

		out->bit[i] = b_xor(space, either, carry);
		carry = prove_ite(space, either, carry, both);
	}
	return carry;
}

/* A + ~B + 1; the carry out says that A >= B. */
static prove_fn subtract(struct prove_space *space, struct prove_bits *out,
			 const struct prove_bits *a, const struct prove_bits *b)
{
	struct prove_bits inverse;

	for (unsigned i = 0; i < 32; i++)
		inverse.bit[i] = b_not(space, b->bit[i]);
	return add(space, out, a, &inverse, PROVE_TRUE);
}

/* YES where COND, else NO, bit by bit. */
static void choose(struct prove_space *space, struct prove_bits *out, prove_fn cond,
		   const struct prove_bits *yes, const struct prove_bits *no)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = prove_ite(space, cond, yes->bit[i], no->bit[i]);
}

static void shift_left(struct prove_bits *out, const struct prove_bits *a, unsigned n)
{
	for (unsigned i = 32; i-- > 0;)
		out->bit[i] = i >= n ? a->bit[i - n] : PROVE_FALSE;
}

static void shift_right(struct prove_bits *out, const struct prove_bits *a, unsigned n)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = i + n < 32 ? a->bit[i + n] : PROVE_FALSE;
}

typedef void operation(struct prove_space *space, struct prove_bits *out,
		       const struct prove_bits *a, const struct prove_bits *b);

static void do_add(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	add(space, out, a, b, PROVE_FALSE);
}

static void do_sub(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	subtract(space, out, a, b);
}

static void do_and(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = b_and(space, a->bit[i], b->bit[i]);
}

static void do_or(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		  const struct prove_bits *b)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = b_or(space, a->bit[i], b->bit[i]);
}

static void do_xor(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	for (unsigned i = 0; i < 32; i++)
		out->bit[i] = b_xor(space, a->bit[i], b->bit[i]);
}

static void do_neg(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	struct prove_bits zero;

	(void)b;
	prove_bits_constant(&zero, 0);
	subtract(space, out, &zero, a);
}

/* Shift and add. */
static void do_mul(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	struct prove_bits sum;

	prove_bits_constant(&sum, 0);
	for (unsigned i = 0; i < 32 && prove_status(space) == 0; i++) {
		struct prove_bits part;

		if (b->bit[i] == PROVE_FALSE)
			continue;
		shift_left(&part, a, i);
		for (unsigned j = 0; j < 32; j++)
			part.bit[j] = b_and(space, part.bit[j], b->bit[i]);
		add(space, &sum, &sum, &part, PROVE_FALSE);
	}
	*out = sum;
}

/*
 * Long division: the rest takes the next bit of A and gives up B where it can. The rest is below B
 * before, so with the bit that is shifted out of it, it is below 2 * B, and one subtraction modulo
 * 2^32 is enough.
 */
static void do_div(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	struct prove_bits rest, less, quotient;

	prove_bits_constant(&rest, 0);
	prove_bits_constant(&quotient, 0);
	for (unsigned i = 32; i-- > 0 && prove_status(space) == 0;) {
		prove_fn over = rest.bit[31];

		shift_left(&rest, &rest, 1);
		rest.bit[0] = a->bit[i];
		quotient.bit[i] = b_or(space, over, subtract(space, &less, &rest, b));
		choose(space, &rest, quotient.bit[i], &less, &rest);
	}
	*out = quotient;
}

/* By 0 to 31, the count's low five bits: cbpf/interp.c. */
static void do_lsh(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	struct prove_bits value = *a, moved;

	for (unsigned i = 0; i < 5; i++) {
		shift_left(&moved, &value, 1u << i);
		choose(space, &value, b->bit[i], &moved, &value);
	}
	*out = value;
}

static void do_rsh(struct prove_space *space, struct prove_bits *out, const struct prove_bits *a,
		   const struct prove_bits *b)
{
	struct prove_bits value = *a, moved;

	for (unsigned i = 0; i < 5; i++) {
		shift_right(&moved, &value, 1u << i);
		choose(space, &value, b->bit[i], &moved, &value);
	}
	*out = value;
}

void prove_bits_alu(struct prove_space *space, uint16_t op, struct prove_bits *out,
		    const struct prove_bits *a, const struct prove_bits *b)
{
	/* By BPF_OP >> 4: linux/bpf_common.h. */
	static operation *const operations[16] = {
		[BPF_ADD >> 4] = do_add, [BPF_SUB >> 4] = do_sub, [BPF_MUL >> 4] = do_mul,
		[BPF_DIV >> 4] = do_div, [BPF_OR >> 4] = do_or,	  [BPF_AND >> 4] = do_and,
		[BPF_LSH >> 4] = do_lsh, [BPF_RSH >> 4] = do_rsh, [BPF_NEG >> 4] = do_neg,
		[BPF_XOR >> 4] = do_xor,
	};

	assert(op >> 4 < 16 && operations[op >> 4]);
	operations[op >> 4](space, out, a, b);
}

/*
 * From the lowest bit up, the answer so far is kept where a bit pair doesn't decide. Each row says
 * what a pair decides: the answer for a = 1, b = 0 and for a = 0, b = 1; jset is decided by a pair
 * of ones instead.
 */
prove_fn prove_bits_compare(struct prove_space *space, uint16_t op, const struct prove_bits *a,
			    const struct prove_bits *b)
{
	prove_fn answer = op == BPF_JEQ || op == BPF_JGE ? PROVE_TRUE : PROVE_FALSE;
	prove_fn above = op == BPF_JEQ ? PROVE_FALSE : PROVE_TRUE;

	for (unsigned i = 0; i < 32; i++) {
		prove_fn one, zero;

		if (op == BPF_JSET) {
			one = b_or(space, b->bit[i], answer);
			zero = answer;
		} else {
			one = prove_ite(space, b->bit[i], answer, above);
			zero = prove_ite(space, b->bit[i], PROVE_FALSE, answer);
		}
		answer = prove_ite(space, a->bit[i], one, zero);
	}
	return answer;
}

prove_fn prove_bits_value(struct prove_space *space, const struct prove_bits *a)
{
	prove_fn value = PROVE_FALSE;

	for (unsigned i = 0; i < 32; i++) {
		prove_fn part =
			prove_ite(space, a->bit[i], prove_leaf(space, 1u << i), PROVE_FALSE);

		value = prove_apply(space, PROVE_OP_OR, value, part);
	}
	return value;
}
