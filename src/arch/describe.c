/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values as people write them. A row of families.def says which constants an argument is made of: a
 * number with a name, flags, or a field that is a number among flags. Bits without a name are added
 * in hexadecimal, so nothing is hidden. Fit for a signal handler.
 */
#include "arch/arch.h"

enum style { FD, OCTAL, SIGNAL, NAMES, CLONE };

#define ENUM UINT32_MAX

struct family {
	const char *call;
	const char *arg;
	enum style style;
	uint32_t field;
	const char *of_field;
	const char *flags;
	const char *skipped;
};

static const struct family families[] = {
#define FAMILY(call, arg, style, field, of_field, flags, skipped)                                  \
	{ call, arg, style, field, of_field, flags, skipped },
#include "arch/families.def"
#undef FAMILY
};

/* What a search among constants looks for. */
struct search {
	const struct arch *arch;
	const struct family *family;
	uint64_t mask;	/* the argument's bits */
	uint64_t value; /* of the field, or the flags that are left */
	const char *best;
	uint64_t best_value;
};

typedef void try_fn(struct search *s, const char *name, uint64_t value);

static const struct family *family_of(const struct arch_syscall *call, const char *arg)
{
	const struct family *any = NULL;

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (strcmp(families[i].arg, arg) != 0)
			continue;
		if (strcmp(families[i].call, call->name) == 0)
			return &families[i];
		if (strcmp(families[i].call, "*") == 0)
			any = &families[i];
	}
	return any;
}

/* The next entry of a list of names; false at its end. */
static bool next_entry(const char **list, struct str *entry)
{
	size_t len;

	*list += strspn(*list, " ");
	len = strcspn(*list, " ");
	*entry = (struct str){ *list, len };
	*list += len;
	return len > 0;
}

static bool is_prefix(struct str entry)
{
	return entry.ptr[entry.len - 1] == '_';
}

static bool matches(struct str entry, const char *name)
{
	return is_prefix(entry) ? strncmp(name, entry.ptr, entry.len) == 0 : str_is(entry, name);
}

static bool is_skipped(const struct family *family, const char *name)
{
	const char *list = family->skipped;
	struct str entry;

	while (next_entry(&list, &entry))
		if (matches(entry, name))
			return true;
	return false;
}

/* Shows TRY each constant of a list that the ABI has. */
static void search_list(struct search *s, const char *list, try_fn *try)
{
	struct str entry;
	const char *name;
	int64_t value;

	while (next_entry(&list, &entry)) {
		size_t i = arch_constant_find(entry);

		for (; (name = arch_constant_name(i)) && matches(entry, name); i++)
			if (!is_skipped(s->family, name) && arch_constant_at(s->arch, i, &value))
				try(s, name, (uint64_t)value & s->mask);
	}
}

/* Shows TRY what the family's lists leave out. */
static void search_skipped(struct search *s, try_fn *try)
{
	const char *list = s->family->skipped;
	struct str entry;
	int64_t value;

	while (next_entry(&list, &entry)) {
		size_t i = arch_constant_find(entry);

		if (arch_constant_name(i) && str_is(entry, arch_constant_name(i)) &&
		    arch_constant_at(s->arch, i, &value))
			try(s, arch_constant_name(i), (uint64_t)value & s->mask);
	}
}

static void try_number(struct search *s, const char *name, uint64_t value)
{
	if (!s->best && value == s->value)
		s->best = name;
}

/* The flag with most bits, so that O_SYNC comes before the O_DSYNC in it; the lowest of those. */
static void try_flag(struct search *s, const char *name, uint64_t value)
{
	int more;

	if (value == 0 || value & ~s->value || value & s->family->field)
		return;
	more = __builtin_popcountll(value) - __builtin_popcountll(s->best_value);
	if (!s->best || more > 0 || (more == 0 && value < s->best_value)) {
		s->best = name;
		s->best_value = value;
	}
}

static void add_part(struct text *out, size_t start, const char *text)
{
	if (out->size > start)
		text_putc(out, '|');
	text_puts(out, text);
}

static void add_rest(struct text *out, size_t start, uint64_t rest)
{
	if (out->size > start)
		text_putc(out, '|');
	text_hex(out, rest);
}

static void add_number(const struct arch_arg *arg, uint64_t value, struct text *out)
{
	if (arg->kind == ARCH_PTR)
		text_hex(out, value);
	else if (arg->is_signed)
		text_signed(out, arg->bits == 64 ? (int64_t)value : (int32_t)value);
	else if (value > UINT16_MAX)
		text_hex(out, value);
	else
		text_number(out, value, 10);
}

static void add_flags(struct search *s, struct text *out, size_t start)
{
	while (s->value) {
		s->best = NULL;
		s->best_value = 0;
		search_list(s, s->family->flags, try_flag);
		if (!s->best)
			break;
		add_part(out, start, s->best);
		s->value &= ~s->best_value;
	}
	if (s->value)
		add_rest(out, start, s->value);
}

static void add_names(struct search *s, const struct arch_arg *arg, struct text *out)
{
	size_t start = out->size;
	uint64_t whole = s->value, field = whole & s->family->field, flags = whole & ~field;

	s->value = field;
	if (s->family->style == CLONE)
		s->best = field ? arch_signal_name(s->arch, (int)field) : NULL;
	else if (field || s->family->field || !whole)
		search_list(s, s->family->of_field, try_number);
	if (s->best)
		add_part(out, start, s->best);
	else if (s->family->field == ENUM && !flags)
		add_number(arg, whole, out);
	else if (field)
		add_rest(out, start, field);
	s->value = flags;
	add_flags(s, out, start);
	if (out->size == start)
		text_putc(out, '0');
}

static void add_fd(const struct arch *arch, uint64_t value, struct text *out)
{
	int64_t cwd;

	/* The same on every ABI: linux/fcntl.h. */
	if (arch_constant(arch, str_of("AT_FDCWD"), &cwd) && (int32_t)value == cwd)
		text_puts(out, "AT_FDCWD");
	else
		text_signed(out, (int32_t)value);
}

enum arch_style arch_arg_style(const struct arch_syscall *call, const struct arch_arg *arg,
			       uint32_t *field)
{
	const struct family *family = arg->name ? family_of(call, arg->name) : NULL;

	*field = 0;
	if (!family || (family->style != NAMES && family->style != CLONE))
		return ARCH_STYLE_PLAIN;
	*field = family->field;
	if (family->field == ENUM)
		return ARCH_STYLE_NAMED;
	return family->field ? ARCH_STYLE_MIXED : ARCH_STYLE_FLAGS;
}

void arch_describe_text(const struct arch *arch, const struct arch_syscall *call,
			const struct arch_arg *arg, uint64_t value, struct text *out)
{
	uint64_t mask = arg->bits == 64 ? UINT64_MAX : (UINT64_C(1) << arg->bits) - 1;
	const struct family *family = arg->name ? family_of(call, arg->name) : NULL;
	struct search search = {
		.arch = arch, .family = family, .mask = mask, .value = value & mask
	};
	const char *name;

	value &= mask;
	if (!family) {
		add_number(arg, value, out);
	} else if (family->style == FD) {
		add_fd(arch, value, out);
	} else if (family->style == OCTAL) {
		text_puts(out, value ? "0" : "");
		text_number(out, value, 8);
	} else if (family->style == SIGNAL) {
		name = arch_signal_name(arch, (int)value);
		if (name)
			text_puts(out, name);
		else
			add_number(arg, value, out);
	} else {
		add_names(&search, arg, out);
	}
}

enum arch_values arch_arg_values(const struct arch_syscall *call, const struct arch_arg *arg)
{
	const struct family *family = arg->name ? family_of(call, arg->name) : NULL;

	if (!family || family->style == FD || family->style == OCTAL)
		return ARCH_VALUES_NUMBERS;
	return family->field == ENUM || family->style == SIGNAL ? ARCH_VALUES_NAMES
								: ARCH_VALUES_FLAGS;
}

uint64_t arch_arg_field(const struct arch_syscall *call, const struct arch_arg *arg)
{
	const struct family *family = arg->name ? family_of(call, arg->name) : NULL;

	return family && family->style != SIGNAL && family->field != ENUM ? family->field : 0;
}

/* The name of all of a field's bits: the family's lists skip it, for it is no value. */
static void try_field(struct search *s, const char *name, uint64_t value)
{
	if (value == s->family->field)
		s->best = name;
}

static void add_mask(struct search *s, uint64_t mask, struct text *out)
{
	uint64_t field = mask & s->family->field;
	size_t start = out->size;

	if (field == s->family->field && field)
		search_skipped(s, try_field);
	if (s->best)
		add_part(out, start, s->best);
	else if (field)
		add_rest(out, start, field);
	s->value = mask & ~field;
	add_flags(s, out, start);
	if (out->size == start)
		text_putc(out, '0');
}

void arch_describe_mask_text(const struct arch *arch, const struct arch_syscall *call,
			     const struct arch_arg *arg, uint64_t mask, struct text *out)
{
	uint64_t ones = UINT64_MAX >> (64 - arg->bits);
	const struct family *family = arg->name ? family_of(call, arg->name) : NULL;
	struct search search = { .arch = arch, .family = family, .mask = ones };

	mask &= ones;
	if (family && family->style == OCTAL) {
		text_puts(out, mask ? "0" : "");
		text_number(out, mask, 8);
	} else if (family && (family->style == NAMES || family->style == CLONE) &&
		   family->field != ENUM) {
		add_mask(&search, mask, out);
	} else if (mask > 9) {
		text_hex(out, mask);
	} else {
		text_number(out, mask, 10);
	}
}
