/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps go forward only, so one pass from the last item to the first settles everything: when an
 * item is met, all that lies between it and its targets already has its final size. Places are
 * therefore kept as heights, the number of instructions from a place to the program's end.
 *
 * A conditional jump that can't reach its label goes to the nearest `ja` to that label; where none
 * is near, it gets its own right behind it, and earlier jumps share that one.
 */
#include "cbpf/prog.h"

#include <assert.h>
#include <errno.h>

#define REACH UINT8_MAX /* jt and jf are u8: linux/filter.h, struct sock_filter */

enum item_kind { ITEM_PLAIN, ITEM_JUMP, ITEM_BRANCH };

struct item {
	enum item_kind kind;
	struct sock_filter insn;
	struct span span;
	prog_label yes, no; /* of a jump both are the same */
	uint32_t size;	    /* instructions it becomes: 0 for a jump to what follows, at most 3 */
	uint32_t ja[2];	    /* K of each `ja` behind a branch */
};

struct label {
	bool placed;
	size_t item;	 /* stands before this one */
	uint32_t height; /* instructions from the label to the end; 0: not met yet */
	uint32_t hop;	 /* height of the nearest `ja` to the label; 0: none yet */
};

struct prog {
	struct arena *arena;
	enum cbpf_order order;
	struct span span;
	int error;
	struct item *items;
	size_t nitems, items_cap;
	struct label *labels;
	size_t nlabels, labels_cap;
};

struct prog *prog_new(struct arena *arena, enum cbpf_order order)
{
	struct prog *p = arena_alloc(arena, sizeof(*p));

	if (p)
		*p = (struct prog){ .arena = arena, .order = order };
	return p;
}

static void fail(struct prog *p, int error)
{
	if (!p->error)
		p->error = error;
}

void prog_at(struct prog *p, struct span span)
{
	p->span = span;
}

prog_label prog_label_new(struct prog *p)
{
	struct label *labels;

	if (p->error)
		return 0;
	labels = arena_grow(p->arena, p->labels, p->nlabels, &p->labels_cap, sizeof(*labels));
	if (!labels) {
		fail(p, -ENOMEM);
		return 0;
	}
	p->labels = labels;
	labels[p->nlabels] = (struct label){ 0 };
	return (prog_label)p->nlabels++;
}

void prog_label_here(struct prog *p, prog_label label)
{
	if (p->error)
		return;
	if (label >= p->nlabels || p->labels[label].placed) {
		fail(p, -EINVAL);
		return;
	}
	p->labels[label].placed = true;
	p->labels[label].item = p->nitems;
}

static void add(struct prog *p, struct item item)
{
	struct item *items;

	if (p->error)
		return;
	items = arena_grow(p->arena, p->items, p->nitems, &p->items_cap, sizeof(*items));
	if (!items) {
		fail(p, -ENOMEM);
		return;
	}
	p->items = items;
	item.span = p->span;
	items[p->nitems++] = item;
}

void prog_insn(struct prog *p, uint16_t code, uint32_t k)
{
	assert(BPF_CLASS(code) != BPF_JMP);
	add(p, (struct item){ .kind = ITEM_PLAIN, .insn = { .code = code, .k = k } });
}

void prog_load(struct prog *p, unsigned word)
{
	prog_insn(p, BPF_LD | BPF_W | BPF_ABS, cbpf_word_offset(word, p->order));
}

void prog_ret(struct prog *p, uint32_t ret)
{
	prog_insn(p, BPF_RET | BPF_K, ret);
}

void prog_jump(struct prog *p, prog_label to)
{
	add(p,
	    (struct item){ .kind = ITEM_JUMP, .insn.code = BPF_JMP | BPF_JA, .yes = to, .no = to });
}

void prog_jump_if(struct prog *p, uint16_t code, uint32_t k, prog_label yes, prog_label no)
{
	assert(BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA);
	if (yes == no) {
		prog_jump(p, yes);
		return;
	}
	add(p,
	    (struct item){
		    .kind = ITEM_BRANCH, .insn = { .code = code, .k = k }, .yes = yes, .no = no });
}

/* A jump's label stands behind the jump and before an instruction. */
static bool label_is_good(const struct prog *p, prog_label label, size_t item)
{
	return label < p->nlabels && p->labels[label].placed && p->labels[label].item > item &&
	       p->labels[label].item < p->nitems;
}

static bool labels_are_good(const struct prog *p)
{
	for (size_t i = 0; i < p->nitems; i++)
		if (p->items[i].kind != ITEM_PLAIN &&
		    !(label_is_good(p, p->items[i].yes, i) && label_is_good(p, p->items[i].no, i)))
			return false;
	return true;
}

/* The height that a jump with NEXT below it goes to for LABEL: the label, a `ja` to it, or 0. */
static uint32_t reach(const struct label *label, uint32_t next)
{
	if (next - label->height <= REACH)
		return label->height;
	if (label->hop && next - label->hop <= REACH)
		return label->hop;
	return 0;
}

/* The K of a `ja` to LABEL at HEIGHT; later ones to the same label, which stand before it, can use
 * it. */
static uint32_t jump_from(struct label *label, uint32_t height)
{
	label->hop = height;
	return height - 1 - label->height;
}

static void settle_branch(struct item *item, struct label *yes, struct label *no, uint32_t below)
{
	uint32_t own = 0; /* the branch's own `ja`s, which push the labels further away */
	uint32_t to_yes, to_no;

	if (yes->height == below && no->height == below)
		return;
	for (;;) {
		uint32_t missing;

		to_yes = reach(yes, below + own);
		to_no = reach(no, below + own);
		missing = !to_yes + !to_no;
		if (missing == own)
			break;
		own = missing;
	}
	item->size = 1 + own;
	if (!to_yes) {
		to_yes = below + own;
		item->ja[0] = jump_from(yes, to_yes);
	}
	if (!to_no) {
		to_no = below + 1;
		item->ja[own - 1] = jump_from(no, to_no);
	}
	item->insn.jt = (uint8_t)(below + own - to_yes);
	item->insn.jf = (uint8_t)(below + own - to_no);
}

/* An item with BELOW instructions after it. */
static void settle(struct prog *p, struct item *item, uint32_t below)
{
	item->size = item->kind == ITEM_PLAIN;
	if (item->kind == ITEM_JUMP) {
		struct label *to = &p->labels[item->yes];

		if (to->height != below) {
			item->size = 1;
			item->insn.k = jump_from(to, below + 1);
		}
	} else if (item->kind == ITEM_BRANCH) {
		settle_branch(item, &p->labels[item->yes], &p->labels[item->no], below);
	}
}

/* The labels before each item as lists: first[i], then next[label]; 0 ends one, so they hold label
 * + 1. */
struct label_lists {
	prog_label *first, *next;
};

static int list_labels(struct prog *p, struct label_lists *lists)
{
	lists->first = arena_array(p->arena, p->nitems + 1, sizeof(prog_label));
	lists->next = arena_array(p->arena, p->nlabels + 1, sizeof(prog_label));
	if (!lists->first || !lists->next)
		return -ENOMEM;
	for (size_t i = 0; i < p->nlabels; i++) {
		const struct label *label = &p->labels[i];

		if (!label->placed)
			continue;
		lists->next[i] = lists->first[label->item];
		lists->first[label->item] = (prog_label)i + 1;
	}
	return 0;
}

/* Gives every item its size and its offsets; the length of it all, or -ENOMEM. */
static int64_t settle_all(struct prog *p)
{
	struct label_lists lists;
	uint32_t height = 0;
	int r = list_labels(p, &lists);

	if (r < 0)
		return r;
	for (size_t i = p->nitems; i-- > 0;) {
		settle(p, &p->items[i], height);
		height += p->items[i].size;
		for (prog_label l = lists.first[i]; l; l = lists.next[l - 1]) {
			p->labels[l - 1].height = height;
			p->labels[l - 1].hop = 0;
		}
	}
	return height;
}

static void emit(const struct item *item, struct cbpf_prog *out)
{
	for (uint32_t i = 0; i < item->size; i++) {
		out->spans[out->len] = item->span;
		out->insns[out->len++] = i == 0 ? item->insn
						: (struct sock_filter){ .code = BPF_JMP | BPF_JA,
									.k = item->ja[i - 1] };
	}
}

int prog_finish(struct prog *p, struct cbpf_prog *out, size_t *len)
{
	int64_t total;

	*out = (struct cbpf_prog){ 0 };
	if (len)
		*len = 0;
	if (p->error)
		return p->error;
	if (!labels_are_good(p))
		return -EINVAL;
	total = settle_all(p);
	if (total < 0)
		return (int)total;
	if (len)
		*len = (size_t)total;
	if (total > BPF_MAXINSNS)
		return -E2BIG;
	out->insns = arena_array(p->arena, (size_t)total, sizeof(*out->insns));
	out->spans = arena_array(p->arena, (size_t)total, sizeof(*out->spans));
	if (!out->insns || !out->spans) {
		*out = (struct cbpf_prog){ 0 };
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->nitems; i++)
		emit(&p->items[i], out);
	return 0;
}
