/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions for one call on one ABI. What an argument's name means (which words, how wide, signed
 * or not) is the call's business, so each call of a rule gets a condition of its own.
 */
#include "policy/resolve.h"

#include "policy/report.h"

struct operand {
	struct rules_operand words;
	bool is_pointer;
	uint64_t max; /* all its bits */
};

static const enum rules_cmp comparisons[] = {
	[TOKEN_EQ] = RULES_EQ, [TOKEN_NE] = RULES_NE, [TOKEN_LT] = RULES_LT,
	[TOKEN_LE] = RULES_LE, [TOKEN_GT] = RULES_GT, [TOKEN_GE] = RULES_GE,
};

/* ---- operands ---- */

/* An ABI on which the call has an argument of that name. */
static const struct arch *arch_with_arg(const struct arch_syscall *call, struct str name)
{
	const struct arch *arch;
	struct arch_arg arg;

	for (size_t i = 0; (arch = arch_at(i)); i++)
		for (int k = 0; arch_arg_at(arch, call, k, &arg); k++)
			if (str_is(name, arg.name))
				return arch;
	return NULL;
}

static void report_argument(struct resolver *r, const struct cond *c,
			    const struct arch_syscall *call)
{
	struct str_guess guess;
	struct arch_arg arg;
	AUTO_BUF names = { 0 };
	int n = call ? arch_nargs(r->arch, call) : -1;
	const struct arch *elsewhere;
	int64_t value;

	if (!report_is_new(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span))
		return;
	str_guess_init(&guess, c->operand);
	for (int i = 0; i < n && arch_arg_at(r->arch, call, i, &arg); i++) {
		buf_printf(&names, "%s%s", i ? ", " : "", arg.name);
		str_guess_try(&guess, arg.name);
	}
	if (arch_constant(r->arch, c->operand, &value) || map_get(&r->lets, c->operand))
		report(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span,
		       "'%.*s' is a constant: the argument stands on the left of a comparison",
		       STR_ARG(c->operand));
	else if (n < 0)
		report(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span,
		       "the arguments of %s have no known names: use arg0 to arg5",
		       call ? call->name : "a number");
	else if (n == 0)
		report(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span, "%s has no arguments",
		       call->name);
	else if ((elsewhere = arch_with_arg(call, c->operand)))
		report(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span,
		       "on %s, %s has no argument '%.*s' but (%s): a rule for %s and its like "
		       "stands in 'on %s { }'",
		       r->arch->name, call->name, STR_ARG(c->operand), names.data ? names.data : "",
		       elsewhere->name, elsewhere->name);
	else
		report(r->diags, DIAG_UNKNOWN_ARGUMENT, c->operand_span,
		       "%s has no argument '%.*s', it has (%s)%s%s%s", call->name,
		       STR_ARG(c->operand), names.data ? names.data : "",
		       guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
		       guess.best ? "'?" : "");
}

static struct rules_operand raw_operand(unsigned low, unsigned high)
{
	return (struct rules_operand){ .low = (uint8_t)low, .high = (uint8_t)high, .bits = 64 };
}

static struct rules_operand arg_operand(const struct arch_arg *arg)
{
	struct rules_operand o = { .low = (uint8_t)CBPF_ARG_LOW(arg->index),
				   .bits = arg->bits,
				   .is_signed = arg->is_signed };

	/* A split argument's halves are the low words of two registers. */
	if (arg->bits == 64)
		o.high = (uint8_t)(arg->high == arg->index ? CBPF_ARG_HIGH(arg->index)
							   : CBPF_ARG_LOW(arg->high));
	return o;
}

static bool find_operand(struct resolver *r, const struct cond *c, const struct arch_syscall *call,
			 struct operand *o)
{
	struct str name = c->operand;
	struct arch_arg arg;

	*o = (struct operand){ 0 };
	if (str_is(name, "ip")) {
		o->words = raw_operand(CBPF_IP_LOW, CBPF_IP_HIGH);
	} else if (name.len == 4 && memcmp(name.ptr, "arg", 3) == 0 && name.ptr[3] >= '0' &&
		   name.ptr[3] < '0' + ARCH_ARGS_MAX) {
		o->words = raw_operand((unsigned)CBPF_ARG_LOW(name.ptr[3] - '0'),
				       (unsigned)CBPF_ARG_HIGH(name.ptr[3] - '0'));
	} else if (call && arch_arg_by_name(r->arch, call, name, &arg)) {
		o->words = arg_operand(&arg);
		o->is_pointer = arg.kind == ARCH_PTR;
	} else {
		report_argument(r, c, call);
		return false;
	}
	o->max = UINT64_MAX >> (64 - o->words.bits);
	return true;
}

/* ---- values of tests ---- */

/* The bits that V has in the operand. IS_ORDERED: it must be one of the operand's own numbers, as
 * far as its sign goes. */
static bool eval_bits(struct resolver *r, const struct cond *c, const struct operand *o,
		      const struct value *v, bool is_ordered, uint64_t *bits)
{
	struct number n;

	if (!value_eval(r, v, &n))
		return false;
	if (!number_fits(&n, o->words.bits, is_ordered && o->words.is_signed)) {
		report(r->diags, DIAG_VALUE_RANGE, v->span,
		       "%s0x%llx doesn't fit '%.*s': %u bits%s", n.is_negative ? "-" : "",
		       (unsigned long long)(n.is_negative ? -n.bits : n.bits), STR_ARG(c->operand),
		       o->words.bits,
		       o->words.is_signed && is_ordered ? ", compared as a signed number" : "");
		return false;
	}
	*bits = n.bits & o->max;
	return true;
}

/* Masks are bits, not numbers: ~0x80000000 is a mask of 32 bits, though no negative number of 32
 * bits. */
static bool eval_mask(struct resolver *r, const struct cond *c, const struct operand *o,
		      const struct value *v, uint64_t *bits)
{
	struct number n;

	if (!value_eval(r, v, &n))
		return false;
	if (!n.is_negative || ~n.bits > o->max)
		return eval_bits(r, c, o, v, false, bits);
	*bits = n.bits & o->max;
	return true;
}

/* The operand's number with these bits, as struct rules_range keeps it. */
static int64_t extend(const struct operand *o, uint64_t bits)
{
	if (o->words.is_signed && bits > o->max >> 1)
		bits |= ~o->max;
	return (int64_t)bits;
}

static bool eval_range(struct resolver *r, const struct cond *c, const struct operand *o,
		       const struct item *item, struct rules_range *range)
{
	bool is_range = item->first != item->last;
	uint64_t first, last;

	if (!eval_bits(r, c, o, item->first, is_range, &first) ||
	    !eval_bits(r, c, o, item->last, is_range, &last))
		return false;
	*range = (struct rules_range){ extend(o, first), extend(o, last) };
	if (o->words.is_signed ? range->first <= range->last : first <= last)
		return true;
	report(r->diags, DIAG_EMPTY_RANGE, item->span, "the range ends before it begins%s",
	       o->words.is_signed ? "" : " (as unsigned numbers)");
	return false;
}

static const struct item *find_items(struct resolver *r, const struct cond *c)
{
	struct symbol *set;
	struct str_guess guess;

	if (c->test == TEST_IN || c->test == TEST_NOT_IN)
		return c->items;
	set = names_find(r, &r->sets, c->set, c->set_span);
	if (set) {
		set->is_used = true;
		return set->stmt->items;
	}
	if (map_get(&r->sets, c->set))
		return NULL;
	if (!report_is_new(r->diags, DIAG_UNKNOWN_SET, c->set_span))
		return NULL;
	str_guess_init(&guess, c->set);
	for (const struct symbol *s = r->symbols; s; s = s->next)
		if (s->stmt->kind == STMT_SET)
			str_guess_try(&guess, s->text);
	if (guess.best)
		report(r->diags, DIAG_UNKNOWN_SET, c->set_span, "no set '%.*s'; did you mean '%s'?",
		       STR_ARG(c->set), guess.best);
	else
		report(r->diags, DIAG_UNKNOWN_SET, c->set_span,
		       "no set '%.*s'; a single value is tested with '==' or 'in { %.*s }'",
		       STR_ARG(c->set), STR_ARG(c->set));
	return NULL;
}

static bool eval_ranges(struct resolver *r, const struct cond *c, const struct operand *o,
			struct rules_test *t)
{
	const struct item *items = find_items(r, c);
	struct rules_range *ranges;
	bool good = true;
	size_t n = 0;

	if (!items)
		return false;
	for (const struct item *i = items; i; i = i->next)
		n++;
	ranges = arena_array(r->arena, n, sizeof(*ranges));
	if (!ranges) {
		r->nomem = true;
		return false;
	}
	t->cmp = RULES_IN;
	t->ranges = ranges;
	t->nranges = n;
	for (const struct item *i = items; i; i = i->next)
		good &= eval_range(r, c, o, i, ranges++);
	return good;
}

static bool check_pointer(struct resolver *r, const struct cond *c, uint64_t bits)
{
	if (c->test == TEST_COMPARE && (c->compare == TOKEN_EQ || c->compare == TOKEN_NE) &&
	    !c->mask && bits == 0)
		return true;
	if (report(r->diags, DIAG_POINTER_TEST, c->span,
		   "'%.*s' is a pointer: it can be compared with NULL (== or !=), nothing else",
		   STR_ARG(c->operand)))
		diag_note(
			r->diags, (struct span){ 0 },
			"what it points to can change after the test, and a filter can't see it: "
			"Landlock or a mount namespace restrict paths, 'notify' asks a supervisor; "
			"arg0 to arg5 are the raw values");
	return false;
}

/* ---- tests ---- */

static bool eval_test(struct resolver *r, const struct cond *c, const struct operand *o,
		      struct rules_test *t)
{
	bool is_ordered = c->test == TEST_COMPARE && c->compare >= TOKEN_LT;

	*t = (struct rules_test){ .operand = o->words, .mask = UINT64_MAX };
	if (c->mask && !eval_mask(r, c, o, c->mask, &t->mask))
		return false;
	if (c->test == TEST_COMPARE) {
		if (!eval_bits(r, c, o, c->value, is_ordered, &t->value))
			return false;
	} else if (c->test == TEST_WITHIN || c->test == TEST_HAS) {
		if (!eval_mask(r, c, o, c->value, &t->value))
			return false;
	} else if (!o->is_pointer && !eval_ranges(r, c, o, t)) {
		return false;
	}
	if (o->is_pointer && !check_pointer(r, c, t->value))
		return false;
	if (c->test == TEST_COMPARE)
		t->cmp = comparisons[c->compare];
	if (c->test == TEST_WITHIN) {
		t->mask = ~t->value & o->max;
		t->value = 0;
	}
	if (c->test == TEST_HAS)
		t->mask = t->value;
	return true;
}

static struct rules_cond *new_cond(struct resolver *r, enum rules_cond_kind kind, struct span span)
{
	struct rules_cond *c = resolve_alloc(r, sizeof(*c));

	if (c) {
		c->kind = kind;
		c->span = span;
	}
	return c;
}

static const struct rules_cond *negate(struct resolver *r, const struct rules_cond *inner,
				       struct span span)
{
	struct rules_cond *c = inner ? new_cond(r, RULES_NOT, span) : NULL;

	if (c)
		c->left = inner;
	return c;
}

static const struct rules_cond *resolve_test(struct resolver *r, struct cond *c,
					     const struct arch_syscall *call)
{
	struct rules_cond *test = new_cond(r, RULES_TEST, c->span);
	bool is_negated = c->test == TEST_NOT_IN || c->test == TEST_NOT_IN_SET;
	enum lint_truth truth;
	struct operand o;

	if (!test || !find_operand(r, c, call, &o) || !eval_test(r, c, &o, &test->test))
		return NULL;
	truth = lint_test(&test->test);
	c->was_open |= truth == LINT_OPEN;
	c->was_always |= truth == (is_negated ? LINT_NEVER : LINT_ALWAYS);
	c->was_never |= truth == (is_negated ? LINT_ALWAYS : LINT_NEVER);
	return is_negated ? negate(r, test, c->span) : test;
}

/*
 * The LEN operands as a balanced tree: as deep as its length's logarithm. A text of POLICY_SIZE_MAX
 * has no room for more than 2^15 operands in each of POLICY_NESTING_DEPTH brackets, so
 * RULES_DEPTH_MAX is out of reach.
 */
static const struct rules_cond *balance(struct resolver *r, enum rules_cond_kind kind,
					const struct rules_cond **operands, size_t len)
{
	struct rules_cond *c;

	if (len == 1)
		return operands[0];
	c = new_cond(r, kind, (struct span){ 0 });
	if (!c)
		return NULL;
	c->left = balance(r, kind, operands, len / 2);
	c->right = balance(r, kind, operands + len / 2, len - len / 2);
	if (!c->left || !c->right)
		return NULL;
	c->span = span_join(c->left->span, c->right->span);
	return c;
}

static const struct rules_cond *resolve_junction(struct resolver *r, struct cond *c,
						 const struct arch_syscall *call)
{
	const struct rules_cond **operands;
	bool good = true;
	size_t n = 0;

	for (const struct cond *i = c->first; i; i = i->next)
		n++;
	operands = arena_array(r->arena, n, sizeof(*operands));
	r->nomem |= !operands;
	if (!operands)
		return NULL;
	n = 0;
	for (struct cond *i = c->first; i; i = i->next) {
		operands[n] = cond_resolve(r, i, call);
		good &= operands[n++] != NULL;
	}
	return good ? balance(r, c->kind == COND_AND ? RULES_AND : RULES_OR, operands, n) : NULL;
}

/* As deep as the text's brackets: POLICY_NESTING_DEPTH. */
const struct rules_cond *cond_resolve(struct resolver *r, struct cond *c,
				      const struct arch_syscall *call)
{
	if (c->kind == COND_TEST)
		return resolve_test(r, c, call);
	if (c->kind == COND_NOT)
		return negate(r, cond_resolve(r, c->first, call), c->span);
	return resolve_junction(r, c, call);
}
