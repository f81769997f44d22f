/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of ways: every name in it is one. */
#include "arch/arch.h"
#include "tap.h"

static const struct {
	const char *restricted, *ways;
} rows[] = {
#define WAY(code, mode, restricted, ways) { restricted, ways },
#include "lint/ways.def"
#undef WAY
};

static bool has_value(const struct arch *arch, struct str name)
{
	int64_t value;

	return str_is(name, "0") || arch_constant(arch, name, &value);
}

/* "prot&PROT_EXEC" of a call, on some ABI that has the call. */
static bool is_argument(const struct arch_syscall *call, const char *text)
{
	size_t arg = strcspn(text, "=&"), op = text[arg] == '&' ? 1 : 2;
	const struct arch *arch;
	struct arch_arg found;

	for (size_t i = 0; (arch = arch_at(i)); i++)
		if (arch_syscall_nr(arch, call) >= 0 &&
		    arch_arg_by_name(arch, call, (struct str){ text, arg }, &found) &&
		    has_value(arch, str_of(text + arg + op)))
			return true;
	return false;
}

static void check_item(const char *text)
{
	const char *dot = strchr(text, '.');
	size_t len = dot ? (size_t)(dot - text) : strlen(text);
	const struct arch_syscall *call = arch_syscall_by_name((struct str){ text, len });

	ok(call && (!dot || is_argument(call, dot + 1)), "%s", text);
}

static void check_list(const char *list)
{
	char *copy = strdup(list), *rest = copy;

	for (char *word = strtok_r(rest, " +", &rest); word; word = strtok_r(NULL, " +", &rest))
		check_item(word);
	free(copy);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check_list(rows[i].restricted);
		check_list(rows[i].ways);
	}
	return done();
}
