/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether rules are what rules.h says they are. The sentences are for whoever made the rules: a
 * failure is a bug in a reader of policies, never a policy author's.
 */
#include "rules/rules.h"

static const char *validate_operand(const struct rules_operand *o)
{
	if (o->bits != 16 && o->bits != 32 && o->bits != 64)
		return "an operand has 16, 32 or 64 bits";
	if (o->low >= CBPF_WORDS)
		return "an operand's low word is a word of struct seccomp_data";
	if (o->bits != 64)
		return NULL;
	if (o->high >= CBPF_WORDS)
		return "an operand's high word is a word of struct seccomp_data";
	return o->high == o->low ? "an operand's words are different" : NULL;
}

static const char *validate_test(const struct rules_test *t)
{
	const char *broken = validate_operand(&t->operand);

	if (broken)
		return broken;
	if (t->cmp > RULES_IN)
		return "a comparison is one of enum rules_cmp";
	if (t->cmp != RULES_IN)
		return NULL;
	if (t->nranges > 0 && !t->ranges)
		return "a test of ranges has them";
	for (size_t i = 0; i < t->nranges; i++) {
		const struct rules_range *r = &t->ranges[i];

		if (t->operand.is_signed ? r->first > r->last
					 : (uint64_t)r->first > (uint64_t)r->last)
			return "a range's first value isn't past its last";
	}
	return NULL;
}

/* Left in a loop, right by recursion: as eval_cond() in eval.c, which is why the depth matters. */
static const char *validate_cond(const struct rules_cond *cond, unsigned budget)
{
	const char *broken;

	if (budget == 0)
		return "a condition isn't deeper on the right than RULES_DEPTH_MAX";
	for (; cond; cond = cond->left) {
		switch (cond->kind) {
		case RULES_TEST:
			return validate_test(&cond->test);
		case RULES_CONST:
			return NULL;
		case RULES_NOT:
			break;
		case RULES_AND:
		case RULES_OR:
			broken = validate_cond(cond->right, budget - 1);
			if (broken)
				return broken;
			break;
		default:
			return "a condition is one of enum rules_cond_kind";
		}
	}
	return "a condition has its operands";
}

static const char *validate_answer(const struct rules_answer *a, uint32_t ret)
{
	if (!a)
		return NULL;
	if ((ret & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_USER_NOTIF)
		return "an answer comes with SECCOMP_RET_USER_NOTIF";
	switch (a->kind) {
	case RULES_ANSWER_RETURN:
		return a->value < 0 && a->value >= -4095 ? "what is returned is no error" : NULL;
	case RULES_ANSWER_ERRNO:
		return a->value < 1 || a->value > 4095 ? "an answer's errno is 1 to 4095" : NULL;
	case RULES_ANSWER_CONTINUE:
		return NULL;
	case RULES_ANSWER_OPEN_BENEATH:
	case RULES_ANSWER_MAKE_NODE:
		return a->npaths ? NULL : "an answer about files names one";
	}
	return "an answer is one of enum rules_answer_kind";
}

static const char *validate_entry(const struct rules_entry *e)
{
	const char *broken = validate_answer(e->answer, e->ret);

	if (broken)
		return broken;
	if (e->first > e->last)
		return "an entry's first number isn't past its last";
	return e->cond ? validate_cond(e->cond, RULES_DEPTH_MAX) : NULL;
}

static const char *validate_abi(const struct rules *r, size_t i)
{
	const struct rules_abi *abi = &r->abis[i];
	const char *broken = NULL;

	if (!abi->arch)
		return "each list has its ABI";
	if (abi->arch->big_endian != r->abis[0].arch->big_endian)
		return "all ABIs have one byte order";
	for (size_t j = 0; j < i; j++)
		if (r->abis[j].arch == abi->arch)
			return "all ABIs are different";
	for (size_t j = 0; j < abi->len && !broken; j++)
		broken = validate_entry(&abi->entries[j]);
	return broken;
}

const char *rules_validate(const struct rules *r)
{
	const char *broken = NULL;

	if (r->len == 0)
		return "there is at least one ABI";
	broken = validate_answer(r->otherwise_answer, r->otherwise);
	if (!broken)
		broken = validate_answer(r->foreign_answer, r->foreign);
	for (size_t i = 0; i < r->len && !broken; i++)
		broken = validate_abi(r, i);
	return broken;
}
