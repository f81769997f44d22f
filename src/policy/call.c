/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system call as a person writes it, to the struct seccomp_data that the kernel would make of it:
 *
 *	call = ["arch" "=" ARCH] (NAME | NUMBER) ["(" [argument {"," argument}] ")"] ["ip" "="
 *value] argument = [NAME "="] value
 *
 * Arguments have the call's own widths, as in a policy; arg0= to arg5= set whole registers.
 */
#include "policy/policy.h"

#include <errno.h>

#include "policy/parse.h"
#include "policy/report.h"
#include "policy/resolve.h"

struct call_parser {
	struct parser p;
	struct resolver r; /* without names of a policy's own */
	struct policy_call *call;
	unsigned given; /* registers that have a value: 1 << index */
};

static bool take_setting(struct call_parser *c, const char *name)
{
	if (!parse_peek_word(&c->p, name) || c->p.at[1].kind != TOKEN_ASSIGN)
		return false;
	parse_next(&c->p);
	parse_next(&c->p);
	return true;
}

static bool parse_number(struct call_parser *c, struct number *n, struct span *span)
{
	struct value *v = parse_value(&c->p);

	if (!v || !value_eval(&c->r, v, n))
		return false;
	*span = v->span;
	return true;
}

static bool bad(struct call_parser *c, struct span span, const char *text)
{
	report(c->r.diags, DIAG_BAD_CALL, span, "%s", text);
	return false;
}

/* ---- which call ---- */

static bool find_number(struct call_parser *c)
{
	struct policy_call *call = c->call;
	struct number n;
	struct span span;
	uint32_t nr;

	if (!parse_number(c, &n, &span))
		return false;
	if (!number_fits(&n, 32, false))
		return bad(c, span, "a system call's number has 32 bits");
	nr = (uint32_t)n.bits;
	if (call->arch->column == ARCH_X32 && !(nr & ARCH_X32_BIT))
		return bad(c, span, "x32's numbers have bit 30 set: add 0x40000000");
	call->data.nr = (int)nr;
	if (arch_of_call(call->arch->audit, nr))
		call->arch = arch_of_call(call->arch->audit, nr);
	call->call = arch_syscall_by_nr(call->arch, nr);
	return true;
}

static bool find_name(struct call_parser *c)
{
	const struct token *name = parse_want(&c->p, TOKEN_NAME, "a system call");
	const struct arch_syscall *call = name ? arch_syscall_by_name(name->text) : NULL;
	const char *guess;
	int64_t nr;

	if (!name)
		return false;
	if (!call) {
		guess = names_guess_syscall(name->text);
		report(c->r.diags, DIAG_UNKNOWN_SYSCALL, name->span, "no system call '%.*s'%s%s%s",
		       STR_ARG(name->text), guess ? "; did you mean '" : "", guess ? guess : "",
		       guess ? "'?" : "");
		return false;
	}
	nr = arch_syscall_nr(c->call->arch, call);
	if (nr < 0) {
		report(c->r.diags, DIAG_BAD_CALL, name->span, "%s has no system call '%s'",
		       c->call->arch->name, call->name);
		return false;
	}
	c->call->call = call;
	c->call->data.nr = (int)nr;
	return true;
}

/* ---- its arguments ---- */

static bool set_register(struct call_parser *c, unsigned index, uint64_t value, struct span span)
{
	if (c->given & 1u << index)
		return bad(c, span, "this argument has a value already");
	c->given |= 1u << index;
	if (c->call->arch->register_bits == 32)
		value = (uint32_t)value;
	c->call->data.args[index] = value;
	return true;
}

/* A negative int fills its register as C callers do: with its sign. */
static bool set_argument(struct call_parser *c, const struct arch_arg *arg, const struct number *n,
			 struct span span)
{
	uint64_t value = n->bits;

	if (!number_fits(n, arg->bits, false)) {
		report(c->r.diags, DIAG_VALUE_RANGE, span,
		       "'%s' has %u bits; arg%u= sets the whole register", arg->name, arg->bits,
		       arg->index);
		return false;
	}
	if (n->is_negative && !arg->is_signed)
		value &= UINT64_MAX >> (64 - arg->bits);
	if (arg->high != arg->index && !set_register(c, arg->high, value >> 32, span))
		return false;
	return set_register(c, arg->index, arg->high != arg->index ? (uint32_t)value : value, span);
}

static bool is_register(struct str name)
{
	return name.len == 4 && memcmp(name.ptr, "arg", 3) == 0 && name.ptr[3] >= '0' &&
	       name.ptr[3] < '0' + ARCH_ARGS_MAX;
}

static bool parse_argument(struct call_parser *c, int position)
{
	const struct arch *arch = c->call->arch;
	const struct arch_syscall *call = c->call->call;
	int n = call ? arch_nargs(arch, call) : -1;
	const struct token *name = NULL;
	struct arch_arg arg;
	struct number value;
	struct span span;

	if (parse_peek(&c->p) == TOKEN_NAME && c->p.at[1].kind == TOKEN_ASSIGN) {
		name = parse_next(&c->p);
		parse_next(&c->p);
	}
	if (!parse_number(c, &value, &span))
		return false;
	if (name && is_register(name->text))
		return set_register(c, (unsigned)(name->text.ptr[3] - '0'), value.bits, span);
	if (name && !(call && arch_arg_by_name(arch, call, name->text, &arg)))
		return bad(c, name->span,
			   "the call has no argument of that name; arg0 to arg5 are the registers");
	if (name)
		return set_argument(c, &arg, &value, span);
	if (position >= (n < 0 ? ARCH_ARGS_MAX : n))
		return bad(c, span, "the call has fewer arguments");
	if (n < 0)
		return set_register(c, (unsigned)position, value.bits, span);
	return arch_arg_at(arch, call, position, &arg) && set_argument(c, &arg, &value, span);
}

static bool parse_arguments(struct call_parser *c)
{
	struct span opened;
	int position = 0;

	if (parse_peek(&c->p) != TOKEN_OPEN_PAREN)
		return true;
	if (!parse_open(&c->p, TOKEN_OPEN_PAREN))
		return false;
	opened = c->p.before->span;
	if (parse_peek(&c->p) != TOKEN_CLOSE_PAREN) {
		do {
			if (!parse_argument(c, position++))
				return false;
		} while (parse_take(&c->p, TOKEN_COMMA));
	}
	return parse_close(&c->p, TOKEN_CLOSE_PAREN, opened);
}

static bool parse_whole(struct call_parser *c)
{
	struct number ip = { 0 };
	enum token_kind kind;
	struct span span;

	if (take_setting(c, "arch")) {
		const struct token *name = parse_want(&c->p, TOKEN_NAME, "an architecture");
		struct word word = { .text = name ? name->text : str_of(""),
				     .span = name ? name->span : (struct span){ 0 } };

		c->call->arch = name ? names_arch(&c->r, &word) : NULL;
		if (!c->call->arch)
			return false;
		c->r.arch = c->call->arch;
	}
	kind = parse_peek(&c->p);
	if (!(kind == TOKEN_NUMBER || kind == TOKEN_MINUS ? find_number(c) : find_name(c)))
		return false;
	if (!parse_arguments(c))
		return false;
	if (take_setting(c, "ip")) {
		if (!parse_number(c, &ip, &span))
			return false;
		if (ip.is_negative)
			return bad(c, span, "an address isn't negative");
	}
	c->call->data.instruction_pointer = ip.bits;
	c->call->data.arch = c->call->arch->audit;
	while (parse_take(&c->p, TOKEN_NEWLINE))
		;
	return parse_want(&c->p, TOKEN_END, "the end of the call") != NULL;
}

int policy_parse_call(struct arena *arena, struct diags *diags, uint32_t file, struct str text,
		      const struct arch *native, struct policy_call *call)
{
	struct call_parser c = { .p = { .arena = arena, .diags = diags },
				 .r = { .arena = arena, .diags = diags, .arch = native },
				 .call = call };
	struct token *tokens;
	int r = lex_text(arena, diags, file, text, &tokens);
	bool good;

	if (r < 0)
		return r;
	*call = (struct policy_call){ .arch = native };
	c.p.at = c.p.before = tokens;
	good = parse_whole(&c);
	if (c.p.nomem || c.r.nomem || diags->failed)
		return -ENOMEM;
	return good ? 0 : -EINVAL;
}
