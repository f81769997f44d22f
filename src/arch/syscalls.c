/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls by name and by number, and the versions of kernels: bisection of generated const
 * tables. */
#include "arch/arch.h"

#include "arch/tables/syscalls.inc"

const struct arch_syscall *arch_syscall_at(size_t i)
{
	return i < ARRAY_LEN(calls) ? &calls[i] : NULL;
}

const struct arch_syscall *arch_syscall_by_name(struct str name)
{
	size_t begin = 0, end = ARRAY_LEN(calls);

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;
		int order = str_cmp(name, calls[middle].name);

		if (order == 0)
			return &calls[middle];
		if (order < 0)
			end = middle;
		else
			begin = middle + 1;
	}
	return NULL;
}

const struct arch_syscall *arch_syscall_by_nr(const struct arch *arch, uint32_t nr)
{
	size_t begin = by_number_begin[arch->column], end = by_number_begin[arch->column + 1];
	uint32_t offset = nr - arch->nr_base;

	if (nr < arch->nr_base)
		return NULL;
	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;
		const struct arch_syscall *call = &calls[by_number[middle]];
		uint32_t found = (uint32_t)call->offsets[arch->column];

		if (found == offset)
			return call;
		if (offset < found)
			end = middle;
		else
			begin = middle + 1;
	}
	return NULL;
}

int64_t arch_syscall_nr(const struct arch *arch, const struct arch_syscall *call)
{
	int32_t offset = call->offsets[arch->column];

	return offset < 0 ? -1 : (int64_t)arch->nr_base + offset;
}

uint32_t arch_table_end(const struct arch *arch)
{
	return arch->nr_base + table_end[arch->column];
}

/* One decimal field of a version and the dot after it; a missing one is 0. */
static unsigned long take_field(const char **version)
{
	unsigned long value = 0;

	for (; **version >= '0' && **version <= '9'; ++*version)
		value = value * 10 + (unsigned long)(**version - '0');
	if (**version == '.')
		++*version;
	return value;
}

int arch_version_cmp(const char *a, const char *b)
{
	/* "old" and "" have no digit, so every field of theirs is 0. */
	while ((*a >= '0' && *a <= '9') || (*b >= '0' && *b <= '9')) {
		unsigned long x = take_field(&a), y = take_field(&b);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

bool arch_version_valid(struct str version)
{
	size_t fields = 0, digits = 0;

	for (size_t i = 0; i < version.len; i++) {
		char c = version.ptr[i];

		if (c >= '0' && c <= '9') {
			/* Five digits can't overflow, and are more than any kernel has had. */
			if (++digits > 5)
				return false;
			fields += digits == 1;
		} else if (c != '.' || digits == 0) {
			return false;
		} else {
			digits = 0;
		}
	}
	return digits && fields >= 2 && fields <= 3;
}
