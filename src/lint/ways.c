/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One door is shut, another leads to the same room. Which calls do the same work is a table,
 * ways.def; whether a filter shuts the one and leaves the other open is asked of its meaning.
 */
#include "lint/context.h"

#include <errno.h>

/* Ways of one row, and the calls of a way that needs several. */
#define WAYS_MAX 8

enum mode { RESTRICTED, CONDITIONAL, DENIED, UNLISTED, ALLOWED };

static const struct way {
	enum diag_code code;
	enum mode mode;
	const char *restricted, *ways;
} ways[] = {
#define WAY(code, mode, restricted, ways) { DIAG_LINT_##code, mode, restricted, ways },
#include "lint/ways.def"
#undef WAY
};

static const struct {
	enum diag_code code;
	const char *text;
} advice[] = {
	{ DIAG_LINT_OPEN,
	  "restrict all of them; openat2's flags are behind a pointer: errno(ENOSYS) "
	  "openat2, and libraries fall back to openat" },
	{ DIAG_LINT_CLONE,
	  "clone3's flags are behind a pointer: errno(ENOSYS) clone3, and libraries "
	  "fall back to clone" },
	{ DIAG_LINT_URING, "a filter sees nothing of what io_uring is asked for: "
			   "errno(ENOSYS) { io_uring_setup io_uring_enter io_uring_register }" },
	{ DIAG_LINT_TIOCLINUX, "stop both: deny ioctl if cmd in { TIOCSTI, TIOCLINUX }" },
	{ DIAG_LINT_PROT_EXEC, "stop PROT_EXEC, and SHM_EXEC, in all of them" },
	{ DIAG_LINT_MOUNT, "stop them as well" },
	{ DIAG_LINT_SETNS,
	  "stop 0 as well: it joins whatever kind of namespace the descriptor is of" },
	{ DIAG_LINT_PTRACE, "stop them as well: they read and write memory and descriptors of the "
			    "same processes" },
	{ DIAG_LINT_MULTIPLEXER,
	  "its arguments are behind a pointer, so that it can only be stopped "
	  "as a whole" },
	{ DIAG_LINT_TWIN, "give them the same rule" },
	{ DIAG_LINT_SUCCESSOR, "allow it as well" },
};

/* A call, maybe with some bits of an argument fixed. */
struct item {
	struct str text;
	const struct arch_syscall *call;
	uint32_t nr;
	prove_fn whole, fn; /* what the call answers; the same with the bits fixed */
	struct arch_arg arg;
	uint64_t mask, value; /* mask 0: no argument */
};

/* ---- items ---- */

/* Takes the first word off REST; false at its end. */
static bool next_word(struct str *rest, char separator, struct str *word)
{
	size_t begin = 0, end;

	while (begin < rest->len && rest->ptr[begin] == separator)
		begin++;
	for (end = begin; end < rest->len && rest->ptr[end] != separator;)
		end++;
	*word = (struct str){ rest->ptr + begin, end - begin };
	*rest = (struct str){ rest->ptr + end, rest->len - end };
	return word->len > 0;
}

static bool find_value(const struct arch *arch, struct str name, int64_t *value)
{
	*value = 0;
	return str_is(name, "0") || arch_constant(arch, name, value);
}

static bool fix_argument(struct lint *l, const struct lint_view *view, struct str text,
			 struct item *item)
{
	const char *end = text.ptr + text.len, *op = text.ptr;
	uint64_t ones;
	int64_t value;
	bool is_flag;

	while (op < end && *op != '=' && *op != '&')
		op++;
	is_flag = *op == '&';
	if (!arch_arg_by_name(view->arch, item->call,
			      (struct str){ text.ptr, (size_t)(op - text.ptr) }, &item->arg))
		return false;
	op += is_flag ? 1 : 2;
	if (!find_value(view->arch, (struct str){ op, (size_t)(end - op) }, &value))
		return false;
	/* Bits that the kernel ignores are 0, as everybody leaves them who has nothing to hide. */
	ones = item->arg.bits == 64 ? UINT64_MAX : (UINT64_C(1) << item->arg.bits) - 1;
	item->value = (uint64_t)value & ones;
	item->mask = is_flag ? item->value | ~ones : UINT64_MAX;
	item->fn = prove_restrict(l->space, item->whole, (unsigned)CBPF_ARG_LOW(item->arg.index),
				  (uint32_t)item->mask, (uint32_t)item->value);
	item->fn = prove_restrict(l->space, item->fn, (unsigned)CBPF_ARG_HIGH(item->arg.index),
				  (uint32_t)(item->mask >> 32), (uint32_t)(item->value >> 32));
	return true;
}

/* False where the ABI doesn't have it. */
static bool find_item(struct lint *l, const struct lint_view *view, struct str text,
		      struct item *item)
{
	const char *dot = memchr(text.ptr, '.', text.len);
	size_t len = dot ? (size_t)(dot - text.ptr) : text.len;

	*item = (struct item){ .text = text,
			       .call = arch_syscall_by_name((struct str){ text.ptr, len }) };
	if (!lint_call(l, view, item->call, &item->nr, &item->whole))
		return false;
	item->fn = item->whole;
	return !dot || fix_argument(l, view, (struct str){ dot + 1, text.len - len - 1 }, item);
}

/* A call of the item for which the condition isn't 0. */
static bool item_witness(const struct lint *l, const struct lint_view *view,
			 const struct item *item, prove_fn cond, struct seccomp_data *data)
{
	unsigned i = item->arg.index;

	if (!lint_witness(l, view, item->nr, cond, data))
		return false;
	data->args[i] = (data->args[i] & ~item->mask) | item->value;
	return true;
}

/* "ioctl with cmd == TIOCSTI", "mprotect with PROT_EXEC in prot" */
static const char *item_text(struct lint *l, const struct item *item)
{
	const char *name = item->call->name, *text = name, *constant;

	if (item->mask) {
		constant = item->text.ptr + strlen(name) + 1 + strlen(item->arg.name);
		if (*constant == '&')
			text = arena_printf(l->arena, "%s with %.*s in %s", name,
					    (int)(item->text.ptr + item->text.len - constant - 1),
					    constant + 1, item->arg.name);
		else
			text = arena_printf(l->arena, "%s with %s == %.*s", name, item->arg.name,
					    (int)(item->text.ptr + item->text.len - constant - 2),
					    constant + 2);
	}
	return text ? text : name;
}

/* ---- modes ---- */

static bool is_restricted(struct lint *l, const struct lint_view *view, const struct item *item,
			  enum mode mode)
{
	prove_fn executed = lint_executed(l, item->fn);
	bool on_purpose = lint_is_purpose(l, view, item->whole);

	switch (mode) {
	case RESTRICTED:
		return on_purpose && (!item->mask || executed == PROVE_FALSE);
	case CONDITIONAL:
		return executed != PROVE_TRUE && executed != PROVE_FALSE;
	case DENIED:
		return on_purpose && executed == PROVE_FALSE;
	case UNLISTED:
		return executed != PROVE_TRUE;
	default:
		return executed == PROVE_TRUE;
	}
}

/* ---- a row ---- */

struct finding {
	struct lint *l;
	const struct lint_view *view;
	const struct way *row;
	struct item from;	    /* what is restricted */
	struct item open[WAYS_MAX]; /* what leads to the same */
	size_t len;
};

/* Whether all calls of a way ("io_uring_setup+io_uring_enter") are open; the last one speaks for
 * them. */
static bool is_open(struct lint *l, const struct lint_view *view, struct str way, struct item *item)
{
	struct str word;

	while (next_word(&way, '+', &word))
		if (!find_item(l, view, word, item) || lint_executed(l, item->fn) != PROVE_TRUE)
			return false;
	return true;
}

static void find_open(struct finding *f)
{
	struct str list = str_of(f->row->ways), word;

	while (next_word(&list, ' ', &word) && f->len < WAYS_MAX)
		if (!str_eq(word, f->from.text) && is_open(f->l, f->view, word, &f->open[f->len]))
			f->len++;
}

/*
 * Where the restriction stands: what stops the call, or where that is only what becomes of the
 * rest, the rule that executes it for some arguments, or the way's own rule.
 */
static struct lint_place find_place(const struct finding *f)
{
	prove_fn executed = lint_executed(f->l, f->from.fn);
	struct lint_place place = { .is_default = true };
	struct seccomp_data data;

	if (item_witness(f->l, f->view, &f->from,
			 prove_ite(f->l->space, executed, PROVE_FALSE, PROVE_TRUE), &data))
		place = lint_decider(f->l, &data);
	if (place.is_default && item_witness(f->l, f->view, &f->from, executed, &data))
		place = lint_decider(f->l, &data);
	if (place.is_default && f->len &&
	    item_witness(f->l, f->view, &f->open[0], PROVE_TRUE, &data))
		place = lint_decider(f->l, &data);
	return place;
}

static void add_advice(struct lint *l, enum diag_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(advice); i++)
		if (advice[i].code == code)
			lint_note(l, NULL, "%s", advice[i].text);
}

/* The sentence itself; false where it isn't wanted. */
static bool say_both(const struct finding *f, const struct lint_place *place, const char *open)
{
	const char *what = item_text(f->l, &f->from);
	const char *how = lint_executed(f->l, f->from.fn) == PROVE_FALSE ? "stopped" : "restricted";

	if (f->row->code == DIAG_LINT_URING)
		return lint_say(f->l, place, f->row->code,
				"%s is %s, but io_uring is allowed, and executes it unseen", what,
				how);
	return lint_say(f->l, place, f->row->code,
			"%s is %s, but %s %s allowed whatever %s %sarguments are", what, how, open,
			f->len > 1 ? "are" : "is", f->len > 1 ? "their" : "its",
			f->open[0].mask ? "other " : "");
}

static void say_open(const struct finding *f)
{
	const char *names[WAYS_MAX];
	struct lint_place place = find_place(f), way;
	struct seccomp_data data;

	for (size_t i = 0; i < f->len; i++)
		names[i] = item_text(f->l, &f->open[i]);
	if (!say_both(f, &place, lint_names(f->l, names, f->len)))
		return;
	if (item_witness(f->l, f->view, &f->open[0], PROVE_TRUE, &data)) {
		way = lint_decider(f->l, &data);
		if (way.span.begin != place.span.begin || way.filter != place.filter)
			lint_note(f->l, &way, "%s is allowed here", names[0]);
	}
	if (f->l->nviews > 1)
		lint_note(f->l, NULL, "on %s", f->view->arch->name);
	add_advice(f->l, f->row->code);
}

/* The call is allowed, its successors are only missing. */
static void look_at_successors(struct finding *f)
{
	struct str list = str_of(f->row->ways), word;
	const char *name = NULL;
	struct seccomp_data data;
	struct lint_place place;

	while (next_word(&list, ' ', &word)) {
		struct item item;

		if (!find_item(f->l, f->view, word, &item))
			continue;
		if (lint_executed(f->l, item.fn) != PROVE_FALSE ||
		    lint_is_purpose(f->l, f->view, item.fn))
			return;
		name = name ? name : item.call->name;
	}
	if (!name || !item_witness(f->l, f->view, &f->from, PROVE_TRUE, &data))
		return;
	place = lint_decider(f->l, &data);
	if (!lint_say(f->l, &place, f->row->code,
		      "%s is allowed, %s is not: C libraries call that one for the same",
		      f->from.call->name, name))
		return;
	if (f->l->nviews > 1)
		lint_note(f->l, NULL, "on %s", f->view->arch->name);
	add_advice(f->l, f->row->code);
}

static void look_at_row(struct lint *l, const struct lint_view *view, const struct way *row)
{
	struct finding f = { .l = l, .view = view, .row = row };
	struct str list = str_of(row->restricted), word;

	/* One sentence about a row is enough. */
	while (f.len == 0 && next_word(&list, ' ', &word)) {
		if (!find_item(l, view, word, &f.from) ||
		    !is_restricted(l, view, &f.from, row->mode))
			continue;
		if (row->mode == ALLOWED) {
			look_at_successors(&f);
			return;
		}
		find_open(&f);
		if (f.len)
			say_open(&f);
	}
}

void lint_ways(struct lint *l)
{
	for (size_t i = 0; i < l->nviews; i++)
		for (size_t j = 0; j < ARRAY_LEN(ways); j++)
			look_at_row(l, &l->views[i], &ways[j]);
}
