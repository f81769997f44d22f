/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens: how numbers are spelt, where one token ends and the next begins. And the arithmetic of
 * values. */
#include "policy/lex.h"
#include "policy/number.h"
#include "text.h"

static const struct {
	const char *text;
	uint64_t value;
} numbers[] = {
	{ "0", 0 },
	{ "10", 10 },
	{ "010", 8 },
	{ "0o17", 15 },
	{ "0O17", 15 },
	{ "0x1fF", 0x1ff },
	{ "0X1", 1 },
	{ "0b101", 5 },
	{ "'a'", 'a' },
	{ "'#'", '#' },
	{ "'\\n'", '\n' },
	{ "'\\0'", 0 },
	{ "'\\x7f'", 0x7f },
	{ "'\\''", '\'' },
	{ "18446744073709551615", UINT64_MAX },
	{ "0xffffffffffffffff", UINT64_MAX },
};

static const char *const bad_numbers[] = {
	"18446744073709551616",
	"0x10000000000000000",
	"0x",
	"0b2",
	"08",
	"1_000",
	"12L",
	"''",
	"'ab'",
	"'\\q'",
	"'",
	"'\n'",
	"'\\x1'",
};

static const struct {
	const char *name, *text;
	enum token_kind kinds[12];
} splits[] = {
	{ "a range isn't a version", "1..3", { TOKEN_NUMBER, TOKEN_DOTS, TOKEN_NUMBER } },
	{ "a version isn't a range", "5.10.3", { TOKEN_VERSION } },
	{ "a version ends before '..'", "5.10..", { TOKEN_VERSION, TOKEN_DOTS } },
	{ "the longest sign counts", "<=<<<", { TOKEN_LE, TOKEN_SHIFT, TOKEN_LT } },
	{ "'&&&' is '&&' and '&'", "&&&", { TOKEN_AND_AND, TOKEN_AND } },
	{ "'!==' is '!=' and '='", "!==", { TOKEN_NE, TOKEN_ASSIGN } },
	{ "a comment ends with its line",
	  "# x\n#y",
	  { TOKEN_COMMENT, TOKEN_NEWLINE, TOKEN_COMMENT } },
	{ "a group is one token", "@io{", { TOKEN_GROUP, TOKEN_OPEN_BRACE } },
	{ "a string may hold '#'", "\"a#b\"", { TOKEN_STRING } },
	{ "CR is a space", "a\r\nb", { TOKEN_NAME, TOKEN_NEWLINE, TOKEN_NAME } },
	{ "the empty text has its end", "", { TOKEN_END } },
};

static struct token *lex(struct reading *r, struct str text)
{
	struct token *tokens;
	uint32_t file;

	reading_begin(r, ARENA_DEFAULT_LIMIT);
	file = sources_add(&r->sources, "text", text);
	r->status = lex_text(&r->arena, &r->diags, file, text, &tokens);
	return r->status == 0 ? tokens : NULL;
}

static void test_numbers(void)
{
	struct reading r;
	struct token *t;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		t = lex(&r, str_of(numbers[i].text));
		ok(t && t[0].kind == TOKEN_NUMBER && t[0].number == numbers[i].value &&
			   t[1].kind == TOKEN_END,
		   "%s is a number", numbers[i].text);
		reading_end(&r);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_numbers); i++) {
		t = lex(&r, str_of(bad_numbers[i]));
		ok(t && t[0].kind == TOKEN_BAD && r.diags.errors > 0, "bad number %zu", i);
		reading_end(&r);
	}
}

static void test_splits(void)
{
	for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
		struct reading r;
		struct token *t = lex(&r, str_of(splits[i].text));
		bool good = t != NULL;
		size_t n = 0;

		for (; good && splits[i].kinds[n] != TOKEN_END; n++)
			good = t[n].kind == splits[i].kinds[n];
		ok(good && t[n].kind == TOKEN_END, "%s", splits[i].name);
		reading_end(&r);
	}
}

static void test_nul(void)
{
	struct reading r;

	ok(!lex(&r, (struct str){ "a\0b", 3 }) && r.diags.errors == 1, "a NUL is an error");
	reading_end(&r);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;

static wide widen(const struct number *n)
{
	return n->is_negative ? (wide)(int64_t)n->bits : (wide)n->bits;
}

static bool is_number(wide w)
{
	return w >= (wide)INT64_MIN && w <= (wide)UINT64_MAX;
}

static wide apply(wide a, enum token_kind op, wide b)
{
	switch (op) {
	case TOKEN_OR:
		return a | b;
	case TOKEN_AND:
		return a & b;
	case TOKEN_XOR:
		return a ^ b;
	case TOKEN_PLUS:
		return a + b;
	case TOKEN_MINUS:
		return a - b;
	default:
		/* 2^63 times 2^63 is the most that a wide can't hold; what is out of range stays
		 * so. */
		return b < 0 || b > 63 ? (wide)UINT64_MAX + 1
		       : a > (wide)UINT64_MAX >> b || a < (wide)INT64_MIN >> b
			       ? (wide)UINT64_MAX + 1
			       : a * ((wide)1 << b);
	}
}

/* Every operator on every pair of the numbers where something begins or ends. */
static void test_arithmetic(void)
{
	static const enum token_kind ops[] = { TOKEN_OR,   TOKEN_AND,	TOKEN_XOR,
					       TOKEN_PLUS, TOKEN_MINUS, TOKEN_SHIFT };
	static const uint64_t edges[] = { 0,	     1,		 2,
					  31,	     32,	 62,
					  63,	     64,	 INT32_MAX,
					  1u << 31,  UINT32_MAX, (uint64_t)1 << 32,
					  INT64_MAX, 1ull << 63, UINT64_MAX - 1,
					  UINT64_MAX };
	unsigned wrong = 0, pairs = 0;

	for (size_t i = 0; i < 2 * ARRAY_LEN(edges); i++) {
		for (size_t j = 0; j < 2 * ARRAY_LEN(edges); j++) {
			struct number a = { edges[i / 2], i % 2 }, b = { edges[j / 2], j % 2 };

			if ((a.is_negative && !(a.bits >> 63)) ||
			    (b.is_negative && !(b.bits >> 63)))
				continue;
			for (size_t k = 0; k < ARRAY_LEN(ops); k++, pairs++) {
				wide exact = apply(widen(&a), ops[k], widen(&b));
				struct number n = a;
				bool good = number_apply(&n, ops[k], &b);

				wrong += good != is_number(exact) || (good && widen(&n) != exact);
			}
		}
	}
	ok(pairs > 1000 && wrong == 0, "64-bit arithmetic is exact or refused (%u of %u wrong)",
	   wrong, pairs);
}
#else
static void test_arithmetic(void)
{
	skip("no 128-bit integers to compare with");
}
#endif

static void test_complements(void)
{
	struct number n = { 0, false };

	number_complement(&n);
	ok(n.is_negative && n.bits == UINT64_MAX, "~0 is -1");
	n = (struct number){ 1ull << 63, false };
	number_complement(&n);
	ok(!n.is_negative && n.bits == INT64_MAX, "~0x8000000000000000 is its other 63 bits");
	n = (struct number){ UINT64_MAX, false };
	ok(!number_negate(&n), "-0xffffffffffffffff is no number");
	n = (struct number){ 1ull << 63, false };
	ok(number_negate(&n) && n.is_negative && n.bits == 1ull << 63, "-2^63 is one");
}

static void test_fits(void)
{
	static const struct {
		int64_t value;
		unsigned bits;
		bool is_signed, fits;
	} fits[] = {
		{ 0xffff, 16, false, true },	       { 0x10000, 16, false, false },
		{ -0x8000, 16, false, true },	       { -0x8001, 16, false, false },
		{ 0xffffffff, 32, false, true },       { 0xffffffff, 32, true, false },
		{ 0x7fffffff, 32, true, true },	       { INT32_MIN, 32, true, true },
		{ INT32_MIN - 1LL, 32, false, false }, { INT64_MIN, 64, true, true },
		{ INT64_MAX, 64, true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(fits); i++) {
		struct number n = number_of(fits[i].value);

		ok(number_fits(&n, fits[i].bits, fits[i].is_signed) == fits[i].fits,
		   "%lld %s %u bits%s", (long long)fits[i].value,
		   fits[i].fits ? "fits" : "doesn't fit", fits[i].bits,
		   fits[i].is_signed ? ", signed" : "");
	}
}

int main(void)
{
	test_numbers();
	test_splits();
	test_nul();
	test_arithmetic();
	test_complements();
	test_fits();
	return done();
}
