/* SPDX-License-Identifier: BSD-2-Clause */
/* Names: their order and the guess at a misspelt one. */
#include "base/str.h"
#include "tap.h"

static const struct {
	const char *wanted, *best, *why;
} guesses[] = {
	{ "opne", "open", "two letters swapped" },
	{ "opena", "open", "a letter too many" },
	{ "penat", "openat", "a letter missing" },
	{ "socket", "socket", "the name itself" },
	{ "sokcetpair", "socketpair", "a swap in a long name" },
	{ "xyzzy", NULL, "nothing near" },
	{ "", NULL, "an empty name" },
	{ "x", NULL, "one letter that is no name" },
};

int main(void)
{
	static const char *const names[] = { "close", "open", "openat", "socket", "socketpair" };

	for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
		struct str_guess g;

		str_guess_init(&g, str_of(guesses[i].wanted));
		for (size_t j = 0; j < ARRAY_LEN(names); j++)
			str_guess_try(&g, names[j]);
		ok(guesses[i].best ? g.best && !strcmp(g.best, guesses[i].best) : !g.best,
		   "guess at '%s': %s", guesses[i].wanted, guesses[i].why);
	}
	ok(str_cmp((struct str){ "ab", 2 }, "abc") < 0 &&
		   str_cmp((struct str){ "abc", 3 }, "ab") > 0 &&
		   str_cmp((struct str){ "ab", 2 }, "ab") == 0 &&
		   str_cmp((struct str){ NULL, 0 }, "") == 0,
	   "a prefix sorts first");
	ok(str_eq((struct str){ NULL, 0 }, str_of("")) && !str_is(str_of("a"), "b"), "equality");
	return done();
}
