/* SPDX-License-Identifier: BSD-2-Clause */
#include "decompile/scope.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

/* What the cheapest of several writings may take to find, for one call. */
#define WORK 4000

static const char *const raw_names[] = { "arg0", "arg1", "arg2", "arg3", "arg4", "arg5" };

/* ---- variables ---- */

static struct operand raw_operand(const char *name, unsigned low, unsigned high)
{
	return (struct operand){
		.name = name, .low = (uint8_t)low, .high = (uint8_t)high, .bits = 64
	};
}

static struct operand typed_operand(const struct arch_arg *arg)
{
	bool is_split = arg->high != arg->index;

	return (struct operand){
		.name = arg->name,
		.low = (uint8_t)CBPF_ARG_LOW(arg->index),
		.high = (uint8_t)(is_split ? CBPF_ARG_LOW(arg->high) : CBPF_ARG_HIGH(arg->index)),
		.bits = arg->bits,
		.is_signed = arg->is_signed,
		.is_pointer = arg->kind == ARCH_PTR,
		.arg = arg,
	};
}

static void add_register(struct scope *s, unsigned i)
{
	struct variable *v = &s->vars[s->len++];

	v->raw = raw_operand(raw_names[i], CBPF_ARG_LOW(i), CBPF_ARG_HIGH(i));
	v->words = 1u << CBPF_ARG_LOW(i) | 1u << CBPF_ARG_HIGH(i);
}

/* prctl's second argument is called arg2 by the kernel, and what the language calls arg2 is the
 * third register. */
static bool is_raw_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(raw_names); i++)
		if (strcmp(name, raw_names[i]) == 0)
			return true;
	return false;
}

static void add_arg(struct scope *s, const struct arch_arg *arg, uint32_t used, uint32_t *taken)
{
	uint32_t halves = 1u << CBPF_ARG_LOW(arg->index) | 1u << CBPF_ARG_LOW(arg->high);
	uint32_t upper = 1u << CBPF_ARG_HIGH(arg->index) | 1u << CBPF_ARG_HIGH(arg->high);
	struct variable *v = &s->vars[s->len];

	v->arg = *arg;
	if (arg->high == arg->index) {
		add_register(s, arg->index);
		if (!is_raw_name(arg->name))
			v->typed = typed_operand(&v->arg);
		v->raw.arg = &v->arg;
		*taken |= v->words;
		return;
	}
	/* Who looks at the upper halves of its two registers sees two numbers, not one. */
	if (used & upper || is_raw_name(arg->name))
		return;
	v->typed = v->raw = typed_operand(&v->arg);
	v->words = halves;
	*taken |= halves | upper;
	s->len++;
}

void scope_init(struct scope *s, struct logic *l, const struct arch *arch,
		const struct arch_syscall *call, prove_fn fn)
{
	uint32_t used = logic_words(l, fn), taken = 0;
	struct arch_arg arg;

	*s = (struct scope){ .l = l, .arena = l->arena, .arch = arch, .call = call, .work = WORK };
	map_init(&s->sets, l->arena);
	map_init(&s->conds, l->arena);
	for (int i = 0; call && i < ARCH_ARGS_MAX && arch_arg_at(arch, call, i, &arg); i++)
		add_arg(s, &arg, used, &taken);
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		if (!(taken >> CBPF_ARG_LOW(i) & 1))
			add_register(s, i);
	s->vars[s->len].raw = raw_operand("ip", CBPF_IP_LOW, CBPF_IP_HIGH);
	s->vars[s->len++].words = 1u << CBPF_IP_LOW | 1u << CBPF_IP_HIGH;
}

const struct variable *scope_var_of_word(const struct scope *s, unsigned word)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->vars[i].words >> word & 1)
			return &s->vars[i];
	return NULL;
}

unsigned operand_word(const struct operand *o, unsigned i)
{
	return i < 32 ? o->low : o->high;
}

uint64_t operand_ones(const struct operand *o)
{
	return UINT64_MAX >> (64 - o->bits);
}

/* ---- terms ---- */

static struct term *new_term(struct scope *s, enum term_kind kind, prove_fn fn)
{
	struct term *t = arena_alloc(s->arena, sizeof(*t));

	if (!t) {
		prove_fail(s->l->space, -ENOMEM);
		return NULL;
	}
	t->kind = kind;
	t->fn = fn;
	return t;
}

const struct term *scope_constant(struct scope *s, bool value)
{
	return new_term(s, value ? TERM_ALWAYS : TERM_NEVER, value ? PROVE_TRUE : PROVE_FALSE);
}

/* Names are read at a glance, long numbers digit by digit. */
#define COST_NAME   6
#define COST_NUMBER 12
#define DIGITS_MAX  4

static unsigned cost_word(const char *word, size_t len)
{
	if (len == strlen("within") && memcmp(word, "within", len) == 0)
		return 2;
	if (!isdigit((unsigned char)*word))
		return len < COST_NAME ? (unsigned)len : COST_NAME;
	return len <= DIGITS_MAX ? (unsigned)len : COST_NUMBER;
}

static unsigned cost_text(const char *text)
{
	unsigned cost = 2;

	while (*text) {
		size_t len = 0;

		while (isalnum((unsigned char)text[len]) || text[len] == '_')
			len++;
		cost += len ? cost_word(text, len) : *text != ' ';
		text += len ? len : 1;
	}
	return cost;
}

struct term *scope_test(struct scope *s, const struct variable *v, prove_fn fn, const char *text)
{
	struct term *t = new_term(s, TERM_TEST, fn);

	if (!t)
		return NULL;
	t->text = arena_strndup(s->arena, text, strlen(text));
	t->var = v;
	t->cost = cost_text(text);
	if (t->text)
		return t;
	prove_fail(s->l->space, -ENOMEM);
	return NULL;
}

static unsigned cost_within(const struct term *t, enum term_kind around)
{
	return t->cost + (around == TERM_AND && t->kind == TERM_OR ? 2 : 0);
}

const struct term *scope_join(struct scope *s, enum term_kind kind, const struct term *a,
			      const struct term *b)
{
	enum term_kind neutral = kind == TERM_AND ? TERM_ALWAYS : TERM_NEVER;
	enum term_kind final = kind == TERM_AND ? TERM_NEVER : TERM_ALWAYS;
	struct term *t;

	if (!a || !b)
		return NULL;
	if (a->kind == neutral || b->kind == final)
		return b;
	if (b->kind == neutral || a->kind == final)
		return a;
	t = new_term(s, kind,
		     kind == TERM_AND ? logic_and(s->l, a->fn, b->fn)
				      : logic_or(s->l, a->fn, b->fn));
	if (!t)
		return NULL;
	t->left = a;
	t->right = b;
	t->cost = cost_within(a, kind) + cost_within(b, kind) + 4;
	return t;
}

/* ---- values ---- */

/* One word between two "|": a constant of the ABI, or a number. */
static bool eval_piece(const struct scope *s, struct str piece, uint64_t *value)
{
	int64_t constant;
	char *end;

	if (!piece.len)
		return false;
	if (isalpha((unsigned char)*piece.ptr) || *piece.ptr == '_') {
		if (!arch_constant(s->arch, piece, &constant))
			return false;
		*value = (uint64_t)constant;
		return true;
	}
	*value = strtoull(piece.ptr, &end, 0);
	return end == piece.ptr + piece.len;
}

/* What the policy language makes of a description; IS_NAMED: of names alone. */
static bool eval(const struct scope *s, const struct buf *text, uint64_t *value, bool *is_named)
{
	struct str rest = { text->data, text->size };
	uint64_t one;

	*value = 0;
	*is_named = true;
	while (rest.len) {
		const char *bar = memchr(rest.ptr, '|', rest.len);
		struct str piece = { rest.ptr, bar ? (size_t)(bar - rest.ptr) : rest.len };

		if (!eval_piece(s, piece, &one))
			return false;
		*is_named &= !isdigit((unsigned char)*piece.ptr) && *piece.ptr != '-';
		*value |= one;
		rest.ptr += piece.len + (bar != NULL);
		rest.len -= piece.len + (bar != NULL);
	}
	return true;
}

/* "A|B" with the spaces of the canonical layout; TEXT's bytes are the ASCII of names and numbers.
 */
static void put_spaced(const struct buf *text, struct buf *out)
{
	for (size_t i = 0; i < text->size; i++) {
		if (text->data[i] == '|')
			buf_puts(out, " | ");
		else
			buf_putc(out, text->data[i]);
	}
}

static void put_number(const struct scope *s, const struct operand *o, uint64_t value,
		       struct buf *out)
{
	bool has_names = o->arg && arch_arg_values(s->call, o->arg) == ARCH_VALUES_NAMES;
	uint64_t decimal_max = has_names || o->low == CBPF_IP_LOW ? UINT8_MAX : UINT16_MAX;

	if (o->is_signed && value >> 63)
		buf_printf(out, "%" PRId64, (int64_t)value);
	else
		buf_printf(out, value > decimal_max ? "0x%" PRIx64 : "%" PRIu64, value);
}

/* More names than this and a number besides say less than the number alone. */
#define PIECES_MAX 2

static size_t count_pieces(const struct buf *text)
{
	size_t n = 1;

	for (size_t i = 0; i < text->size; i++)
		n += text->data[i] == '|';
	return n;
}

/* Whether a description is VALUE's and better than its number; IS_NAMED: of names alone. */
static bool is_good(const struct scope *s, const struct arch_arg *arg, const struct buf *text,
		    uint64_t value, bool *is_named)
{
	uint64_t back;

	*is_named = false;
	if (!text->data || !eval(s, text, &back, is_named) || back != value) {
		*is_named = false;
		return false;
	}
	if (*is_named)
		return true;
	/* The number of an ioctl is no count. */
	if (arch_arg_values(s->call, arg) == ARCH_VALUES_NAMES && value > UINT8_MAX)
		return false;
	/* Octal is how a mode is read; a great number is best read in hexadecimal. */
	return count_pieces(text) <= PIECES_MAX &&
	       (value <= UINT16_MAX || *text->data == '0' || memchr(text->data, '|', text->size));
}

static void describe(const struct scope *s, const struct operand *o, uint64_t value,
		     struct buf *text)
{
	if (o->arg && o->arg->kind != ARCH_PTR &&
	    (value <= UINT64_MAX >> (64 - o->arg->bits) || value >> 63))
		arch_describe_arg(s->arch, s->call, o->arg, value, text);
}

bool scope_put_value(const struct scope *s, const struct operand *o, uint64_t value,
		     struct buf *out)
{
	AUTO_BUF text = { 0 };
	bool is_named;

	if (o->is_pointer && value == 0) {
		buf_puts(out, "NULL");
		return true;
	}
	describe(s, o, value, &text);
	if (is_good(s, o->arg, &text, value, &is_named))
		put_spaced(&text, out);
	else
		put_number(s, o, value, out);
	return is_named;
}

/* The bits that are tested, or in front of which "~" stands; true if all of it is names. */
static bool describe_mask(const struct scope *s, const struct operand *o, uint64_t mask,
			  struct buf *text)
{
	bool is_named = false, is_fit = false;

	if (o->arg && o->arg->kind != ARCH_PTR && mask <= UINT64_MAX >> (64 - o->arg->bits)) {
		arch_describe_mask(s->arch, s->call, o->arg, mask, text);
		is_fit = is_good(s, o->arg, text, mask, &is_named);
		/* Part of a field may be a value of it: MAP_PRIVATE. */
		if (!is_named && arch_arg_values(s->call, o->arg) == ARCH_VALUES_FLAGS) {
			text->size = 0;
			describe(s, o, mask, text);
			is_fit = is_good(s, o->arg, text, mask, &is_named);
		}
	}
	if (!is_fit) {
		text->size = 0;
		buf_printf(text, mask > 9 ? "0x%" PRIx64 : "%" PRIu64, mask);
	}
	return is_named && mask != 0;
}

void scope_put_mask(const struct scope *s, const struct operand *o, uint64_t mask, bool is_between,
		    struct buf *out)
{
	AUTO_BUF plain = { 0 };
	AUTO_BUF inverse = { 0 };
	bool is_named = describe_mask(s, o, mask, &plain);
	bool is_inverse_named = describe_mask(s, o, ~mask & operand_ones(o), &inverse), is_chain;
	bool is_inverse =
		is_named == is_inverse_named ? inverse.size + 1 < plain.size : is_inverse_named;
	const struct buf *text = is_inverse ? &inverse : &plain;

	out->failed |= plain.failed || inverse.failed;
	if (out->failed)
		return;
	is_chain = memchr(text->data, '|', text->size) != NULL;
	if (is_inverse)
		buf_putc(out, '~');
	if (is_chain && (is_inverse || is_between))
		buf_putc(out, '(');
	put_spaced(text, out);
	if (is_chain && (is_inverse || is_between))
		buf_putc(out, ')');
}

bool scope_is_field(const struct scope *s, const struct operand *o, uint64_t mask)
{
	return o->arg && mask != 0 && mask == arch_arg_field(s->call, o->arg);
}
