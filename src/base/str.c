/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#define LONGEST_GUESS 48

int str_cmp(struct str a, const char *b)
{
	size_t len = strlen(b);
	int order = a.len && len ? memcmp(a.ptr, b, a.len < len ? a.len : len) : 0;

	if (order)
		return order;
	return (a.len > len) - (a.len < len);
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * The optimal string alignment distance if it is below LIMIT, else LIMIT; rows of the usual table,
 * three of them for the swap. Two rows without a value below LIMIT have none below them.
 */
static unsigned distance(struct str a, const char *b, size_t b_len, unsigned limit)
{
	unsigned rows[3][LONGEST_GUESS + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *spare;
	unsigned least_above = 0;

	for (size_t j = 0; j <= b_len; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned least = (unsigned)i;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned differs = a.ptr[i - 1] != b[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b[j - 2] &&
			    a.ptr[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
			least = row[j] < least ? row[j] : least;
		}
		if (least >= limit && least_above >= limit)
			return limit;
		least_above = least;
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b_len];
}

void str_guess_init(struct str_guess *g, struct str wanted)
{
	/* A third of the name may be wrong, never more than three letters: further away is another
	 * word. */
	unsigned far = (unsigned)(wanted.len + 2) / 3;

	*g = (struct str_guess){ .wanted = wanted, .distance = far > 3 ? 4 : far + 1 };
}

void str_guess_try(struct str_guess *g, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned d;

	if (g->wanted.len > LONGEST_GUESS || len > LONGEST_GUESS ||
	    len + g->distance <= g->wanted.len || g->wanted.len + g->distance <= len)
		return;
	d = distance(g->wanted, candidate, len, g->distance);
	if (d < g->distance) {
		g->distance = d;
		g->best = candidate;
	}
}
