/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The named constants of the uapi headers. Names stand in one text, sorted, without pointers, so
 * that nothing has to be relocated at start; a row has the value that most ABIs share, exceptions
 * the others.
 */
#include "arch/arch.h"

struct constant {
	int64_t value;
	uint32_t columns; /* set of 1u << enum arch_column that have it */
	uint32_t name;	  /* where it begins in constant_names */
};

/* The value on further columns; sorted by constant. */
struct exception {
	int64_t value;
	uint32_t columns;
	uint16_t constant;
};

#include "arch/tables/constants.inc"

static const char *name_at(size_t row)
{
	return constant_names + constants[row].name;
}

static bool value_at(size_t row, const struct arch *arch, int64_t *value)
{
	const struct constant *c = &constants[row];
	size_t begin = 0, end = ARRAY_LEN(exceptions);

	if (c->columns & 1u << arch->column) {
		*value = c->value;
		return true;
	}
	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (exceptions[middle].constant < row)
			begin = middle + 1;
		else
			end = middle;
	}
	for (; begin < ARRAY_LEN(exceptions) && exceptions[begin].constant == row; begin++) {
		if (exceptions[begin].columns & 1u << arch->column) {
			*value = exceptions[begin].value;
			return true;
		}
	}
	return false;
}

bool arch_constant(const struct arch *arch, struct str name, int64_t *value)
{
	size_t row = arch_constant_find(name);

	return row < ARRAY_LEN(constants) && str_is(name, name_at(row)) &&
	       value_at(row, arch, value);
}

const char *arch_constant_name(size_t i)
{
	return i < ARRAY_LEN(constants) ? name_at(i) : NULL;
}

size_t arch_constant_find(struct str name)
{
	size_t begin = 0, end = ARRAY_LEN(constants);

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (str_cmp(name, name_at(middle)) > 0)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

bool arch_constant_at(const struct arch *arch, size_t i, int64_t *value)
{
	return i < ARRAY_LEN(constants) && value_at(i, arch, value);
}

static const char *name_of(const struct arch *arch, const uint16_t *rows, size_t len, int wanted)
{
	int64_t value;

	for (size_t i = 0; i < len; i++)
		if (value_at(rows[i], arch, &value) && value == wanted)
			return name_at(rows[i]);
	return NULL;
}

const char *arch_errno_name(const struct arch *arch, int value)
{
	return name_of(arch, errno_names, ARRAY_LEN(errno_names), value);
}

const char *arch_signal_name(const struct arch *arch, int value)
{
	return name_of(arch, signal_names, ARRAY_LEN(signal_names), value);
}
