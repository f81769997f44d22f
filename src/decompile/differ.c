/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both meanings are split by arch and nr at once. What is left of them for one call is split by the
 * pair of answers; the condition of a pair is written by cond.c. Differences that read alike are
 * one: first the calls of an ABI, then ABIs whose calls are the same.
 */
#include "decompile/differ.h"

#include <errno.h>

#include "base/map.h"
#include "decompile/cond.h"
#include "decompile/numbers.h"
#include "decompile/witness.h"

/* More different answers to one call than this are told as one difference. */
#define ANSWERS_MAX 16
/* Nobody reads about more calls and ranges of numbers of one ABI. */
#define PARTS_MAX 8192
/* A longer condition isn't read by anybody. */
#define COND_MAX ((size_t)400)

struct differ_walk {
	struct logic l;
	const struct differ_options *options;
	struct differences *out;
	struct numbers numbers;
	/* Where the walk is. */
	const struct arch *arch;
	uint32_t audit;
	const struct prove_range *range;
	size_t before;	  /* differences of the ABIs before */
	size_t parts;	  /* of the ABI so far ... */
	size_t unlike;	  /* ... and those that are answered differently */
	struct map found; /* key -> 1 + index of the difference */
};

/* One call, or numbers answered alike. */
struct spot {
	const struct numbers_part *part;
	prove_fn a, b;
};

static const char *keep(struct differ_walk *w, struct buf *text)
{
	const char *kept =
		text->failed ? NULL
			     : arena_strndup(w->l.arena, text->data ? text->data : "", text->size);

	buf_deinit(text);
	if (!kept)
		prove_fail(w->l.space, -ENOMEM);
	return kept;
}

/* ---- one pair of answers ---- */

static bool lets_happen(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

struct seeker {
	bool found;
};

static void seek_happening(void *user, uint32_t value)
{
	struct seeker *s = user;

	s->found |= lets_happen(value);
}

static bool may_happen(struct differ_walk *w, prove_fn fn)
{
	struct seeker s = { false };

	logic_leaves(&w->l, fn, seek_happening, &s);
	return s.found;
}

static enum differ_kind kind_of(uint32_t a, uint32_t b)
{
	if (lets_happen(a) == lets_happen(b))
		return DIFFER_ANSWER;
	return lets_happen(a) ? DIFFER_ONLY_A : DIFFER_ONLY_B;
}

static const char *make_cond(struct differ_walk *w, const struct spot *p, prove_fn when)
{
	struct scope *scope = arena_alloc(w->l.arena, sizeof(*scope));
	const struct term *t;
	struct buf text = { 0 };

	if (when == PROVE_TRUE)
		return NULL;
	if (!scope) {
		prove_fail(w->l.space, -ENOMEM);
		return "?";
	}
	scope_init(scope, &w->l, w->arch, p->part->call, when);
	t = cond_term(scope, when);
	if (t)
		term_print(t, &text);
	if (!t || text.size > COND_MAX) {
		buf_deinit(&text);
		return "?";
	}
	return keep(w, &text);
}

/* The call as text; NULL: nobody can make it. */
static const char *call_text(struct differ_walk *w, const struct seccomp_data *data)
{
	struct buf text = { 0 };
	int status = witness_put(w->options->native, data, &text);

	if (status > 0)
		return keep(w, &text);
	buf_deinit(&text);
	if (status < 0)
		prove_fail(w->l.space, status);
	return NULL;
}

static void set_call(struct differ_walk *w, const struct spot *p, prove_fn when,
		     struct difference *d)
{
	prove_witness(w->l.space, when, PROVE_FALSE, &d->data);
	d->data.arch = w->audit;
	d->data.nr = (int)p->part->first;
	d->call = call_text(w, &d->data);
}

static const char *action_text(struct differ_walk *w, uint32_t ret)
{
	struct buf text = { 0 };

	cbpf_describe_ret(ret, &text);
	return keep(w, &text);
}

/* ---- differences ---- */

static int add_word(struct differ_walk *w, const char ***list, size_t *len, size_t *room,
		    const char *word)
{
	const char **words = arena_grow(w->l.arena, *list, *len, room, sizeof(*words));

	if (!words || !word)
		return -ENOMEM;
	*list = words;
	words[(*len)++] = word;
	return 0;
}

static const char *part_text(struct differ_walk *w, const struct numbers_part *part)
{
	struct buf text = { 0 };

	if (part->call)
		return part->call->name;
	numbers_put(part->first, part->last, &text);
	return keep(w, &text);
}

/* What makes two calls' differences one. */
static const char *key_of(struct differ_walk *w, const struct difference *d)
{
	struct buf key = { 0 };

	buf_printf(&key, "%d %d %x %x %d %s", d->kind, d->is_also, d->a_ret, d->b_ret,
		   d->call != NULL, d->cond ? d->cond : "");
	return keep(w, &key);
}

static int append(struct differ_walk *w, const struct difference *d)
{
	struct difference *list =
		arena_grow(w->l.arena, w->out->list, w->out->len, &w->out->room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	w->out->list = list;
	list[w->out->len++] = *d;
	return 0;
}

static int add_difference(struct differ_walk *w, const struct spot *p, struct difference *d)
{
	const char *key = key_of(w, d);
	uintptr_t known;

	if (!key)
		return -ENOMEM;
	known = (uintptr_t)map_get(&w->found, str_of(key));
	if (!known) {
		if (append(w, d) < 0)
			return -ENOMEM;
		known = w->out->len;
		if (map_set(&w->found, str_of(key), (void *)known) < 0)
			return -ENOMEM;
	}
	d = &w->out->list[known - 1];
	return add_word(w, &d->calls, &d->ncalls, &d->calls_room, part_text(w, p->part));
}

static int add_pair(struct differ_walk *w, const struct spot *p, uint32_t a, uint32_t b)
{
	prove_fn when = logic_and(&w->l, logic_is(&w->l, p->a, a), logic_is(&w->l, p->b, b));
	struct difference d = { .kind = kind_of(a, b), .a_ret = a, .b_ret = b };

	if (when == PROVE_FALSE)
		return 0;
	d.cond = make_cond(w, p, when);
	d.a_action = action_text(w, a);
	d.b_action = action_text(w, b);
	d.is_also = d.cond && may_happen(w, d.kind == DIFFER_ONLY_A ? p->b : p->a);
	set_call(w, p, when, &d);
	return add_difference(w, p, &d);
}

/* ---- widths ---- */

/* The words that FN looks at: upper halves of arguments of which the kernel takes the lower ones.
 */
static uint32_t ignored_words(struct differ_walk *w, const struct arch_syscall *call)
{
	uint32_t words = 0;
	struct arch_arg arg;

	for (int i = 0; call && i < ARCH_ARGS_MAX && arch_arg_at(w->arch, call, i, &arg); i++)
		if (arg.bits < 64)
			words |= 1u << CBPF_ARG_HIGH(arg.index);
	return words;
}

/* "family, type": the arguments whose upper halves are in WORDS. */
static const char *arguments_of(struct differ_walk *w, const struct arch_syscall *call,
				uint32_t words)
{
	struct buf text = { 0 };
	struct arch_arg arg;

	for (int i = 0; i < ARCH_ARGS_MAX && arch_arg_at(w->arch, call, i, &arg); i++)
		if (words >> CBPF_ARG_HIGH(arg.index) & 1)
			buf_printf(&text, "%s%s", text.size ? ", " : "", arg.name);
	return keep(w, &text);
}

/*
 * Do A and B only differ in that one of them tests all 64 bits of arguments of which the other, as
 * the kernel, looks at the lower half? Then they agree wherever those upper halves are 0.
 */
static bool is_width(struct differ_walk *w, const struct spot *p, prove_fn differs, uint32_t *words)
{
	const struct seccomp_data zero = { 0 };
	uint32_t a = logic_words(&w->l, p->a), b = logic_words(&w->l, p->b);
	uint32_t ignored = ignored_words(w, p->part->call);

	*words = (a ^ b) & ignored;
	/* All of them in one of the two. */
	if (!*words || ((a & *words) && (b & *words)))
		return false;
	return logic_given(&w->l, differs, *words, &zero) == PROVE_FALSE;
}

static int add_width(struct differ_walk *w, const struct spot *p, prove_fn differs, uint32_t words)
{
	struct difference d = { .kind = DIFFER_WIDTH };

	d.cond = arguments_of(w, p->part->call, words);
	d.is_also = (logic_words(&w->l, p->a) & words) != 0;
	set_call(w, p, differs, &d);
	d.a_ret = prove_eval(w->l.space, p->a, &d.data);
	d.b_ret = prove_eval(w->l.space, p->b, &d.data);
	d.a_action = action_text(w, d.a_ret);
	d.b_action = action_text(w, d.b_ret);
	return add_difference(w, p, &d);
}

/* ---- one call ---- */

struct answers {
	uint32_t list[ANSWERS_MAX];
	size_t len;
	bool has_more;
};

static void add_answer(void *user, uint32_t value)
{
	struct answers *a = user;

	a->has_more = a->len == ANSWERS_MAX;
	if (!a->has_more)
		a->list[a->len++] = value;
}

/* Too many pairs: one of them stands for all. */
static int add_example(struct differ_walk *w, const struct spot *p, prove_fn differs)
{
	struct difference d = { .cond = "?" };

	set_call(w, p, differs, &d);
	d.a_ret = prove_eval(w->l.space, p->a, &d.data);
	d.b_ret = prove_eval(w->l.space, p->b, &d.data);
	d.kind = kind_of(d.a_ret, d.b_ret);
	d.a_action = action_text(w, d.a_ret);
	d.b_action = action_text(w, d.b_ret);
	return add_difference(w, p, &d);
}

static prove_fn relation(struct differ_walk *w, prove_fn a, prove_fn b)
{
	return w->options->only_looser ? prove_looser(w->l.space, a, b)
				       : prove_differs(w->l.space, a, b);
}

static int add_part(void *user, const struct numbers_part *part)
{
	struct differ_walk *w = user;
	struct spot p = { part, w->range->a, w->range->b };
	prove_fn differs = relation(w, p.a, p.b);
	struct answers a = { .len = 0 }, b = { .len = 0 };
	uint32_t words;
	int status = 0;

	if (++w->parts > PARTS_MAX)
		return DECOMPILE_UNDECIDED;
	if (differs == PROVE_FALSE)
		return prove_status(w->l.space);
	w->unlike++;
	if (is_width(w, &p, differs, &words))
		return add_width(w, &p, differs, words);
	logic_leaves(&w->l, p.a, add_answer, &a);
	logic_leaves(&w->l, p.b, add_answer, &b);
	if (a.has_more || b.has_more)
		return add_example(w, &p, differs);
	for (size_t i = 0; status == 0 && i < a.len; i++)
		for (size_t j = 0; status == 0 && j < b.len; j++)
			if (relation(w, prove_leaf(w->l.space, a.list[i]),
				     prove_leaf(w->l.space, b.list[j])) == PROVE_TRUE)
				status = add_pair(w, &p, a.list[i], b.list[j]);
	return status == 0 ? prove_status(w->l.space) : status;
}

static int add_range(void *user, const struct prove_range *range)
{
	struct differ_walk *w = user;

	w->range = range;
	return numbers_split(&w->numbers, range->first, range->last, add_part, w);
}

/* ---- ABIs ---- */

static bool same_words(const char **a, size_t a_len, const char **b, size_t b_len)
{
	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool reads_alike(const struct difference *a, const struct difference *b)
{
	return a->kind == b->kind && a->is_also == b->is_also && a->a_ret == b->a_ret &&
	       a->b_ret == b->b_ret && a->is_rest == b->is_rest &&
	       (a->call != NULL) == (b->call != NULL) && same_text(a->cond, b->cond) &&
	       (a->is_rest || same_words(a->calls, a->ncalls, b->calls, b->ncalls));
}

/* Where every call is answered differently, the most frequent difference that asks for no arguments
 * needs no list of calls: it is that of all that others don't name. */
static void mark_rest(struct differ_walk *w)
{
	struct difference *most = NULL;

	for (size_t i = w->before; i < w->out->len; i++) {
		struct difference *d = &w->out->list[i];

		if (!d->cond && d->ncalls > 1 && (!most || d->ncalls > most->ncalls))
			most = d;
	}
	if (most && w->unlike == w->parts)
		most->is_rest = true;
}

/* The differences of the last ABI join those of earlier ones that read alike. */
static int join_abi(struct differ_walk *w)
{
	size_t kept = w->before;
	int status = 0;

	mark_rest(w);
	for (size_t i = w->before; status == 0 && i < w->out->len; i++) {
		struct difference d = w->out->list[i], *same = NULL;

		for (size_t j = 0; j < w->before && !same; j++)
			if (reads_alike(&w->out->list[j], &d))
				same = &w->out->list[j];
		if (!same) {
			same = &w->out->list[kept++];
			*same = d;
		}
		status = add_word(w, &same->archs, &same->narchs, &same->archs_room, w->arch->name);
	}
	w->out->len = kept;
	w->before = kept;
	return status;
}

static int add_abi(struct differ_walk *w, const struct arch *arch, prove_fn a, prove_fn b)
{
	int status = numbers_init(&w->numbers, w->l.arena, arch);

	w->arch = arch;
	w->audit = arch->audit;
	w->parts = w->unlike = 0;
	map_init(&w->found, w->l.arena);
	if (status == 0)
		status = prove_ranges(w->l.space, a, b, CBPF_NR, add_range, w);
	return status == 0 ? join_abi(w) : status;
}

/* What A and B answer to the calls of each AUDIT_ARCH that is an ABI's. */
struct token {
	const struct arch *arch;
	prove_fn a, b;
};

struct tokens {
	struct token list[64];
	size_t len;
	bool has_unknown; /* others differ as well: `unknown` is one of them */
	struct prove_range unknown;
};

static int add_token(void *user, const struct prove_range *r)
{
	struct tokens *t = user;
	uint64_t known = 0;
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)); i++) {
		if (arch->audit < r->first || arch->audit > r->last)
			continue;
		known += arch->column != ARCH_X32;
		if (t->len < sizeof(t->list) / sizeof(t->list[0]))
			t->list[t->len++] = (struct token){ arch, r->a, r->b };
	}
	if (!t->has_unknown && r->a != r->b && known < (uint64_t)r->last - r->first + 1) {
		t->has_unknown = true;
		t->unknown = *r;
	}
	return 0;
}

/*
 * ABIs that neither filter has any answers of its own for are told once, as "others": where A and B
 * treat an ABI as they treat unknown ones, it needn't be named.
 */
static bool is_other(const struct tokens *t, size_t i)
{
	return t->has_unknown && t->list[i].a == t->unknown.a && t->list[i].b == t->unknown.b;
}

/* One difference for all of them; the example is of an ABI that a process can have, if there is
 * one.
 */
static int add_others(struct differ_walk *w, const struct tokens *t)
{
	prove_fn when = relation(w, t->unknown.a, t->unknown.b);
	struct difference d = { .is_rest = true };

	if (when == PROVE_FALSE)
		return 0;
	prove_witness(w->l.space, when, PROVE_FALSE, &d.data);
	d.data.arch = t->unknown.first;
	for (size_t i = 0; i < t->len; i++) {
		struct seccomp_data data = d.data;

		if (!is_other(t, i) || d.call)
			continue;
		data.arch = t->list[i].arch->audit;
		if (t->list[i].arch->big_endian != (w->options->order == CBPF_BIG_ENDIAN))
			continue;
		d.call = call_text(w, &data);
		if (d.call)
			d.data = data;
	}
	d.a_ret = prove_eval(w->l.space, t->unknown.a, &d.data);
	d.b_ret = prove_eval(w->l.space, t->unknown.b, &d.data);
	d.kind = kind_of(d.a_ret, d.b_ret);
	d.a_action = action_text(w, d.a_ret);
	d.b_action = action_text(w, d.b_ret);
	d.cond = when == PROVE_TRUE ? NULL : "?";
	return append(w, &d);
}

static bool same_archs(const struct difference *a, const struct difference *b)
{
	return same_words(a->archs, a->narchs, b->archs, b->narchs);
}

/* Brings differences of the same ABIs together, each with what is left of the calls last. */
static int sort_by_archs(struct differ_walk *w)
{
	size_t len = w->out->len, n = 0;
	struct difference *sorted = arena_array(w->l.arena, len, sizeof(*sorted));
	bool *taken = arena_array(w->l.arena, len, sizeof(*taken));

	if (!sorted || !taken)
		return -ENOMEM;
	for (size_t i = 0; i < 2 * len; i++) {
		const struct difference *first = &w->out->list[i / 2];

		for (size_t j = 0; j < len; j++) {
			const struct difference *d = &w->out->list[j];

			if (taken[j] || !same_archs(first, d) || d->is_rest != i % 2)
				continue;
			sorted[n++] = *d;
			taken[j] = true;
		}
	}
	w->out->list = sorted;
	w->out->len = n;
	return 0;
}

int differ(struct prove_space *space, prove_fn a, prove_fn b, const struct differ_options *options,
	   struct differences *out)
{
	struct differ_walk w = { .options = options, .out = out };
	struct tokens tokens = { .len = 0 };
	const struct arch *arch;
	int status;

	*out = (struct differences){ 0 };
	logic_init(&w.l, space, prove_space_arena(space));
	status = prove_ranges(space, a, b, CBPF_ARCH, add_token, &tokens);
	/* In the order in which ABIs are listed to people. */
	for (size_t i = 0; status == 0 && (arch = arch_at(i)); i++)
		for (size_t j = 0; status == 0 && j < tokens.len; j++)
			if (tokens.list[j].arch == arch && !is_other(&tokens, j) &&
			    tokens.list[j].a != tokens.list[j].b)
				status = add_abi(&w, arch, tokens.list[j].a, tokens.list[j].b);
	if (status == 0 && tokens.has_unknown)
		status = add_others(&w, &tokens);
	if (status == 0)
		status = sort_by_archs(&w);
	if (status == 0)
		status = prove_status(space);
	return status == PROVE_UNDECIDED ? DECOMPILE_UNDECIDED : status;
}

int differ_one(struct prove_space *space, const struct seccomp_data *data, uint32_t a_ret,
	       uint32_t b_ret, const struct differ_options *options, struct differences *out)
{
	struct differ_walk w = { .options = options, .out = out };
	struct numbers_part part = { NULL, (uint32_t)data->nr, (uint32_t)data->nr };
	struct difference d = {
		.kind = kind_of(a_ret, b_ret), .cond = "?", .a_ret = a_ret, .b_ret = b_ret
	};
	int status = 0;

	*out = (struct differences){ 0 };
	logic_init(&w.l, space, prove_space_arena(space));
	w.arch = arch_of_call(data->arch, (uint32_t)data->nr);
	d.data = *data;
	d.a_action = action_text(&w, a_ret);
	d.b_action = action_text(&w, b_ret);
	d.call = call_text(&w, data);
	if (w.arch) {
		part.call = arch_syscall_by_nr(w.arch, (uint32_t)data->nr);
		status = add_word(&w, &d.archs, &d.narchs, &d.archs_room, w.arch->name);
	}
	if (status == 0)
		status = add_word(&w, &d.calls, &d.ncalls, &d.calls_room, part_text(&w, &part));
	if (status == 0)
		status = append(&w, &d);
	return status == 0 ? prove_status(space) : status;
}
