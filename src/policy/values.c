/* SPDX-License-Identifier: BSD-2-Clause */
/* What a value is on the resolver's ABI. A let is evaluated once an ABI, when it is first used. */
#include "policy/resolve.h"

#include "policy/report.h"

/* seccomp keeps 16 bits of data (SECCOMP_RET_DATA); the kernel cuts an errno down to MAX_ERRNO,
 * linux/err.h. */
#define DATA_MAX  0xffff
#define ERRNO_MAX 4095

static const struct {
	uint32_t ret;
	uint32_t max; /* of the data; 0: it has none */
} answers[] = {
	[ACTION_ALLOW] = { SECCOMP_RET_ALLOW, 0 },
	[ACTION_LOG] = { SECCOMP_RET_LOG, 0 },
	[ACTION_NOTIFY] = { SECCOMP_RET_USER_NOTIF, 0 },
	[ACTION_TRACE] = { SECCOMP_RET_TRACE, DATA_MAX },
	[ACTION_ERRNO] = { SECCOMP_RET_ERRNO, ERRNO_MAX },
	[ACTION_DENY] = { SECCOMP_RET_ERRNO, ERRNO_MAX },
	[ACTION_TRAP] = { SECCOMP_RET_TRAP, DATA_MAX },
	[ACTION_KILL_THREAD] = { SECCOMP_RET_KILL_THREAD, 0 },
	[ACTION_KILL_PROCESS] = { SECCOMP_RET_KILL_PROCESS, 0 },
};

static void report_constant(struct resolver *r, const struct value *v)
{
	struct str_guess guess;
	const struct arch *other;
	const char *name;
	int64_t value;

	for (size_t i = 0; (other = arch_at(i)); i++) {
		if (!arch_constant(other, v->name, &value))
			continue;
		report(r->diags, DIAG_CONSTANT_ELSEWHERE, v->span,
		       "no constant '%.*s' on %s, while %s has it: such a rule stands in 'on %s { "
		       "}'",
		       STR_ARG(v->name), r->arch->name, other->name, other->name);
		return;
	}
	if (map_get(&r->sets, v->name)) {
		report(r->diags, DIAG_UNKNOWN_CONSTANT, v->span,
		       "'%.*s' is a set: it can stand after 'in' only", STR_ARG(v->name));
		return;
	}
	if (!report_is_new(r->diags, DIAG_UNKNOWN_CONSTANT, v->span))
		return;
	str_guess_init(&guess, v->name);
	for (const struct symbol *s = r->symbols; s; s = s->next)
		if (s->stmt->kind == STMT_LET)
			str_guess_try(&guess, s->text);
	for (size_t i = 0; (name = arch_constant_name(i)); i++)
		str_guess_try(&guess, name);
	report(r->diags, DIAG_UNKNOWN_CONSTANT, v->span, "no let and no constant '%.*s'%s%s%s",
	       STR_ARG(v->name), guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
	       guess.best ? "'?" : "");
}

static bool eval_let(struct resolver *r, const struct value *v, struct symbol *s,
		     struct number *out)
{
	bool good;

	s->is_used = true;
	if (s->abi_of_number == r->abi + 1) {
		*out = s->number;
		return true;
	}
	if (s->is_busy || r->let_depth == RESOLVE_LET_DEPTH) {
		if (report(r->diags, s->is_busy ? DIAG_DEFINITION_CYCLE : DIAG_TOO_DEEP, v->span,
			   s->is_busy ? "'%.*s' is defined by itself"
				      : "'%.*s' is a let of lets of lets ...",
			   STR_ARG(s->name)))
			diag_note(r->diags, s->stmt->name_span, "defined here");
		return false;
	}
	s->is_busy = true;
	r->let_depth++;
	good = value_eval(r, s->stmt->value, &s->number);
	r->let_depth--;
	s->is_busy = false;
	if (good)
		s->abi_of_number = r->abi + 1;
	*out = s->number;
	return good;
}

static bool eval_name(struct resolver *r, const struct value *v, struct number *out)
{
	struct symbol *s = names_find(r, &r->lets, v->name, v->span);
	int64_t value;

	if (s)
		return eval_let(r, v, s, out);
	if (map_get(&r->lets, v->name))
		return false;
	*out = (struct number){ 0 };
	if (str_is(v->name, "NULL"))
		return true;
	if (!arch_constant(r->arch, v->name, &value)) {
		report_constant(r, v);
		return false;
	}
	*out = number_of(value);
	return true;
}

static bool report_overflow(struct resolver *r, struct span span)
{
	report(r->diags, DIAG_VALUE_OVERFLOW, span,
	       "the result is no 64-bit number; a shift's distance is 0 to 63");
	return false;
}

static bool eval_chain(struct resolver *r, const struct value *v, struct number *out)
{
	struct number operand;

	if (!value_eval(r, v->first, out))
		return false;
	for (const struct value *i = v->first->next; i; i = i->next) {
		if (!value_eval(r, i, &operand))
			return false;
		if (!number_apply(out, i->op, &operand))
			return report_overflow(r, span_join(v->first->span, i->span));
	}
	return true;
}

bool value_eval(struct resolver *r, const struct value *v, struct number *out)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		*out = (struct number){ v->number, false };
		return true;
	case VALUE_NAME:
		return eval_name(r, v, out);
	case VALUE_NEGATE:
		if (!value_eval(r, v->first, out))
			return false;
		return number_negate(out) || report_overflow(r, v->span);
	case VALUE_COMPLEMENT:
		if (!value_eval(r, v->first, out))
			return false;
		number_complement(out);
		return true;
	case VALUE_CHAIN:
		return eval_chain(r, v, out);
	}
	return false;
}

/* EPERM is 1 everywhere, ENOSYS differs; both are in every ABI's table. */
static bool named_errno(struct resolver *r, const char *name, struct span span, struct number *out)
{
	struct value v = { .kind = VALUE_NAME, .span = span, .name = str_of(name) };

	return eval_name(r, &v, out);
}

bool value_action(struct resolver *r, const struct action *a, uint32_t *ret)
{
	struct number data = { 0 };
	uint32_t max = answers[a->kind].max;

	*ret = answers[a->kind].ret;
	if (a->kind == ACTION_DENY || (a->kind == ACTION_ERRNO && !a->data)) {
		if (!named_errno(r, a->kind == ACTION_DENY ? "EPERM" : "ENOSYS", a->span, &data))
			return false;
	} else if (!a->data) {
		return true;
	} else if (!value_eval(r, a->data, &data)) {
		return false;
	}
	if (data.is_negative || data.bits > max) {
		report(r->diags, DIAG_VALUE_RANGE, a->data ? a->data->span : a->span,
		       a->kind == ACTION_ERRNO ? "an errno is 0 to %u; -EPERM is written EPERM"
					       : "the data of this action is 0 to %u",
		       max);
		return false;
	}
	if (a->kind == ACTION_ERRNO && data.bits == 0)
		report(r->diags, DIAG_ERRNO_ZERO, a->span,
		       "errno 0: the call isn't made, and the program is told that it succeeded");
	*ret |= (uint32_t)data.bits;
	return true;
}
