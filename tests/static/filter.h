/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of static.h share: running a filter by the interpreter, and what a condition
 * means, said the slow way. Each test is built once for a little-endian machine (x86_64, with x32's
 * bit) and once for a big-endian one (s390x), see meson.build.
 */
#ifndef STRAIT_TESTS_STATIC_FILTER_H
#define STRAIT_TESTS_STATIC_FILTER_H

#include <strait/static.h>

#include <inttypes.h>

#include "base/macros.h"
#include "cbpf/cbpf.h"
#include "tap.h"

#define ORDER	(STRAIT_STATIC_BIG_ENDIAN ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN)
#define MACHINE (STRAIT_STATIC_BIG_ENDIAN ? "s390x" : "x86_64")

/* What filters answer here: different from each other, and from what an accident returns. */
#define FOREIGN (SECCOMP_RET_TRAP | 0x11)
#define YES	(SECCOMP_RET_TRACE | 0x22)
#define NO	(SECCOMP_RET_ERRNO | 0x33)

/* What F answers; it is resolved. */
__attribute__((unused)) static uint32_t answer(const struct strait_static *f,
					       const struct seccomp_data *data)
{
	return cbpf_interp(f->insns, f->len, data, ORDER, NULL, NULL).ret;
}

/* The kernel would take it. */
__attribute__((unused)) static bool verifies(const struct strait_static *f)
{
	size_t pc;

	return cbpf_verify(f->insns, f->len, &pc) == CBPF_OK;
}

__attribute__((unused)) static bool holds(const struct strait_condition *c,
					  const struct seccomp_data *data)
{
	uint64_t all = c->bits == 32 ? UINT32_MAX : UINT64_MAX;
	uint64_t a = (c->is_nr ? (uint32_t)data->nr : data->args[c->arg]) & all;
	uint64_t value = c->value & all, mask = c->mask & all;

	switch (c->test) {
	case STRAIT_EQ:
		return a == value;
	case STRAIT_NE:
		return a != value;
	case STRAIT_LT:
		return a < value;
	case STRAIT_LE:
		return a <= value;
	case STRAIT_GT:
		return a > value;
	case STRAIT_GE:
		return a >= value;
	case STRAIT_WITHIN:
		return (a & ~value & all) == 0;
	case STRAIT_MASKED:
		return (a & mask) == value;
	}
	return false;
}

/* Values at which a comparison of two halves can go wrong, and some with no pattern. */
static const uint64_t edges[] = {
	0,
	1,
	2,
	0x7ffffffe,
	0x7fffffff,
	0x80000000,
	0x80000001,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x1ffffffff,
	0x200000000,
	0x7fffffff00000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0x8000000000000001,
	0x80000000ffffffff,
	0xffffffff00000000,
	0xffffffff00000001,
	0xffffffff7fffffff,
	0xffffffff80000000,
	0xfffffffffffffffe,
	0xffffffffffffffff,
	0x123456789abcdef0,
	0x9abcdef012345678,
	0x5555555555555555,
	0xaaaaaaaaaaaaaaaa,
};

static const struct {
	enum strait_test test;
	const char *name;
} tests[] = {
	{ STRAIT_EQ, "==" }, { STRAIT_NE, "!=" }, { STRAIT_LT, "<" },	       { STRAIT_LE, "<=" },
	{ STRAIT_GT, ">" },  { STRAIT_GE, ">=" }, { STRAIT_WITHIN, "within" },
};

#endif
