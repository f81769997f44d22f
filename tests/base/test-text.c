/* SPDX-License-Identifier: BSD-2-Clause */
/* Names: their order and the guess at a misspelt one. Text in memory that doesn't grow. */
#include "base/str.h"
#include "base/text.h"
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

static void test_numbers(void)
{
	static const struct {
		uint64_t value;
		const char *decimal, *hex, *octal, *with_sign;
	} numbers[] = {
		{ 0, "0", "0x0", "0", "0" },
		{ 10, "10", "0xa", "12", "10" },
		{ INT64_MAX, "9223372036854775807", "0x7fffffffffffffff", "777777777777777777777",
		  "9223372036854775807" },
		{ (uint64_t)INT64_MIN, "9223372036854775808", "0x8000000000000000",
		  "1000000000000000000000", "-9223372036854775808" },
		{ UINT64_MAX, "18446744073709551615", "0xffffffffffffffff",
		  "1777777777777777777777", "-1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		char storage[128], wanted[128];
		struct text text = { .data = storage, .room = sizeof(storage) };

		text_number(&text, numbers[i].value, 10);
		text_putc(&text, ' ');
		text_hex(&text, numbers[i].value);
		text_putc(&text, ' ');
		text_number(&text, numbers[i].value, 8);
		text_putc(&text, ' ');
		text_signed(&text, (int64_t)numbers[i].value);
		snprintf(wanted, sizeof(wanted), "%s %s %s %s", numbers[i].decimal, numbers[i].hex,
			 numbers[i].octal, numbers[i].with_sign);
		ok(str_is((struct str){ text.data, text.size }, wanted) && !text.cut,
		   "text: %s in each base", numbers[i].decimal);
	}
}

static void test_cut(void)
{
	char storage[4] = "....";
	struct text text = { .data = storage, .room = 3 };

	text_puts(&text, "ab");
	text_puts(&text, "cd");
	ok(text.size == 2 && text.cut, "text: what doesn't fit is left out whole");
	text_putc(&text, 'e');
	ok(text.size == 3 && memcmp(storage, "abe.", 4) == 0, "text: up to its end, not past it");
	text_putc(&text, 'f');
	ok(text.size == 3 && storage[3] == '.', "text: a full one stays as it is");
}

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
	test_numbers();
	test_cut();
	return done();
}
