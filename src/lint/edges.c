/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a filter's view of a call and the kernel's part: the architecture that gives the number its
 * meaning, x32's bit, the bits of a register that the kernel ignores, memory behind a pointer.
 */
#include "lint/context.h"

/* ---- the architecture ---- */

/* How many of the values from FIRST to LAST some ABI has for its token. */
static uint64_t known_tokens(uint32_t first, uint32_t last)
{
	const struct arch *arch;
	uint64_t n = 0;

	/* x32 has x86_64's. */
	for (size_t i = 0; (arch = arch_at(i)); i++)
		n += arch->column != ARCH_X32 && arch->audit >= first && arch->audit <= last;
	return n;
}

static void look_at_tokens(struct lint *l)
{
	for (size_t i = 0; i < l->ntokens; i++) {
		const struct lint_range *r = &l->tokens[i];
		prove_fn executed = lint_executed(l, r->fn);
		struct seccomp_data data;
		struct lint_place place;

		if ((uint64_t)r->last - r->first + 1 == known_tokens(r->first, r->last) ||
		    !prove_witness(l->space, executed, PROVE_FALSE, &data))
			continue;
		data.arch = r->first;
		place = lint_decider(l, &data);
		if (lint_say(
			    l, &place, DIAG_LINT_NO_ARCH,
			    "this executes calls of any architecture: number %u is another call on "
			    "each",
			    (unsigned)data.nr))
			lint_note(l, NULL,
				  "end every path on which arch is none that is meant with a kill");
		return;
	}
}

/* ---- an argument ---- */

struct question {
	struct lint *l;
	const struct lint_view *view;
	const struct arch_syscall *call;
	uint32_t nr;
	struct arch_arg arg;
};

/* FN where the argument's register has 0 in the bits that the kernel ignores. */
static prove_fn as_meant(const struct question *q, prove_fn fn)
{
	uint32_t low = q->arg.bits < 32 ? ~((1u << q->arg.bits) - 1) : 0;

	fn = prove_restrict(q->l->space, fn, (unsigned)CBPF_ARG_LOW(q->arg.index), low, 0);
	if (q->arg.bits < 64)
		fn = prove_restrict(q->l->space, fn, (unsigned)CBPF_ARG_HIGH(q->arg.index),
				    UINT32_MAX, 0);
	return fn;
}

/* The same for all arguments of a call. */
static prove_fn all_as_meant(struct question *q, prove_fn fn)
{
	for (int n = 0; arch_arg_at(q->view->arch, q->call, n, &q->arg); n++)
		fn = as_meant(q, fn);
	return fn;
}

/* ---- x32 ---- */

struct x32_holes {
	const char *names[LINT_NAMES];
	size_t len;
	struct seccomp_data data; /* the first one */
};

static void look_at_x32_call(struct lint *l, const struct lint_view *view, const struct arch *x32,
			     const struct arch_syscall *call, struct x32_holes *holes)
{
	int64_t twin = arch_syscall_nr(x32, call);
	struct question q = { .l = l, .view = view, .call = call };
	struct seccomp_data data;
	prove_fn fn, fn32, looser;

	if (twin < 0 || !lint_call(l, view, call, &q.nr, &fn))
		return;
	/* x32's half of a filter may be right where the other one is evaded: that is L012. */
	fn = all_as_meant(&q, fn);
	fn32 = all_as_meant(&q, lint_number(l, view->fn, (uint32_t)twin));
	looser = prove_looser(l->space, fn32, fn);
	if (!lint_witness(l, view, (uint32_t)twin, looser, &data))
		return;
	if (holes->len < LINT_NAMES)
		holes->names[holes->len] = call->name;
	if (holes->len++ == 0)
		holes->data = data;
}

/* Calls of x86_64's view that get further with the bit than without. */
static void look_at_x32(struct lint *l, const struct lint_view *view)
{
	const struct arch *x32 = arch_by_name(str_of("x32"));
	struct x32_holes holes = { .len = 0 };
	const struct arch_syscall *call;
	struct lint_place place;

	if (view->arch->column != ARCH_X86_64 || lint_is_listed(l, x32))
		return;
	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		look_at_x32_call(l, view, x32, call, &holes);
	if (!holes.len)
		return;
	place = lint_decider(l, &holes.data);
	/* A policy that executes what is foreign to it, which is L010. */
	if (place.is_default)
		return;
	if (!lint_say(l, &place, DIAG_LINT_X32,
		      "with x32's bit 0x40000000 in the number this lets through what is stopped "
		      "without it: %s",
		      lint_names(l, holes.names, holes.len)))
		return;
	lint_note(l, NULL, "a call: %s", lint_call_text(l, view, &holes.data));
	lint_note(l, NULL, "stop numbers from 0x40000000 on, or give x32 rules of its own");
}

/* ---- arguments ---- */

/* Does a test of an entry for the number look at one of the argument's registers? */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as conditions are on their right side */
static bool tests_argument(const struct rules_cond *c, const struct arch_arg *arg)
{
	for (; c; c = c->left) {
		const struct rules_operand *o = &c->test.operand;

		switch (c->kind) {
		case RULES_TEST:
			return o->low == CBPF_ARG_LOW(arg->index) ||
			       o->low == CBPF_ARG_HIGH(arg->index);
		case RULES_CONST:
			return false;
		case RULES_NOT:
			break;
		case RULES_AND:
		case RULES_OR:
			if (tests_argument(c->right, arg))
				return true;
		}
	}
	return false;
}

/* The rule of the call that tests the argument; or else what decides the call. */
static struct lint_place tester(const struct lint *l, const struct seccomp_data *data,
				const struct arch_arg *arg)
{
	struct lint_place place = lint_decider(l, data);
	const struct rules *rules = l->filters[place.filter].rules;
	const struct rules_abi *abi =
		rules ? rules_abi_of_call(rules, data->arch, (uint32_t)data->nr) : NULL;

	for (size_t i = 0; abi && i < abi->len; i++) {
		const struct rules_entry *e = &abi->entries[i];

		if ((uint32_t)data->nr < e->first || (uint32_t)data->nr > e->last || !e->cond ||
		    !tests_argument(e->cond, arg))
			continue;
		place.span = e->target.file ? e->target : e->span;
		return place;
	}
	return place;
}

/* On a 64-bit ABI, garbage in ignored bits must not get a call further. */
static void look_at_width(const struct question *q, prove_fn fn)
{
	struct lint *l = q->l;
	prove_fn meant, evades;
	struct seccomp_data data, twin;
	struct lint_place place;
	uint64_t ones;

	if (q->arg.bits >= q->view->arch->register_bits)
		return;
	meant = as_meant(q, fn);
	evades = prove_looser(l->space, fn, meant);
	if (!lint_witness(l, q->view, q->nr, evades, &data))
		return;
	ones = (UINT64_C(1) << q->arg.bits) - 1;
	twin = data;
	twin.args[q->arg.index] &= ones;
	place = tester(l, &twin, &q->arg);
	if (!lint_say(l, &place, DIAG_LINT_WIDE,
		      "the kernel takes %u bits of %s's %s and ignores the others, which here "
		      "decide: "
		      "with garbage in them a call gets further",
		      q->arg.bits, q->call->name, q->arg.name))
		return;
	lint_note(l, NULL, "stopped: %s; not stopped: %s", lint_call_text(l, q->view, &twin),
		  lint_call_text(l, q->view, &data));
	lint_note(l, NULL, "test '%s' by its name, or its low %u bits only", q->arg.name,
		  q->arg.bits);
}

/* 1 where the pointer is NULL, else 0. */
static prove_fn is_null(const struct question *q)
{
	struct prove_space *space = q->l->space;
	prove_fn null = PROVE_TRUE;

	for (unsigned bit = 0; bit < q->arg.bits; bit++) {
		unsigned word = (unsigned)(bit < 32 ? CBPF_ARG_LOW(q->arg.index)
						    : CBPF_ARG_HIGH(q->arg.index));

		null = prove_ite(space, prove_bit(space, word, bit % 32), PROVE_FALSE, null);
	}
	return null;
}

static prove_fn at_pointer(const struct question *q, prove_fn fn, uint32_t value)
{
	fn = prove_restrict(q->l->space, fn, (unsigned)CBPF_ARG_LOW(q->arg.index), UINT32_MAX,
			    value);
	if (q->arg.bits < 64)
		return fn;
	return prove_restrict(q->l->space, fn, (unsigned)CBPF_ARG_HIGH(q->arg.index), UINT32_MAX,
			      0);
}

/* Whatever a pointer is tested for but NULL says nothing about what the kernel will find there. */
static void look_at_pointer(const struct question *q, prove_fn fn)
{
	struct lint *l = q->l;
	prove_fn meant, differs;
	struct seccomp_data data;
	struct lint_place place;

	if (q->arg.kind != ARCH_PTR || q->arg.high != q->arg.index)
		return;
	/* 32-bit ABIs have nothing in the upper half. */
	fn = as_meant(q, fn);
	meant = prove_ite(l->space, is_null(q), at_pointer(q, fn, 0), at_pointer(q, fn, 1));
	differs = prove_differs(l->space, fn, meant);
	if (!lint_witness(l, q->view, q->nr, differs, &data))
		return;
	place = tester(l, &data, &q->arg);
	if (!lint_say(
		    l, &place, DIAG_LINT_POINTER,
		    "%s's %s is a pointer, and its value decides: the program chooses it, and what "
		    "is there can change after the test",
		    q->call->name, q->arg.name))
		return;
	lint_note(l, NULL, "a call: %s", lint_call_text(l, q->view, &data));
	lint_note(l, NULL,
		  "only NULL is worth a test; Landlock or a mount namespace restrict paths, a "
		  "supervisor can read memory");
}

static void look_at_arguments(struct lint *l, const struct lint_view *view)
{
	struct question q = { .l = l, .view = view };

	for (size_t i = 0; (q.call = arch_syscall_at(i)); i++) {
		prove_fn fn;

		if (!lint_call(l, view, q.call, &q.nr, &fn) ||
		    prove_node_of(l->space, fn)->level == PROVE_LEVELS)
			continue;
		for (int n = 0; arch_arg_at(view->arch, q.call, n, &q.arg); n++) {
			look_at_width(&q, fn);
			look_at_pointer(&q, fn);
		}
	}
}

void lint_edges(struct lint *l)
{
	look_at_tokens(l);
	for (size_t i = 0; i < l->nviews; i++) {
		look_at_x32(l, &l->views[i]);
		look_at_arguments(l, &l->views[i]);
	}
}
