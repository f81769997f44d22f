/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of fields, and what happens where memory is short. The forms as a whole:
 * tests/cli/test-explain.py. */
#include "records/records.h"
#include "tap.h"

#include <errno.h>

static const struct {
	const char *text;
	unsigned base;
	bool good;
	uint64_t value;
} numbers[] = {
	{ "41", 10, true, 41 },
	{ "0041", 10, true, 41 },
	{ "c000003e", 16, true, 0xc000003e },
	{ "0xC000003E", 10, true, 0xc000003e },
	{ "-1", 10, true, UINT64_MAX },
	{ "18446744073709551615", 10, true, UINT64_MAX },
	{ "18446744073709551616", 10, false, 0 },
	{ "", 10, false, 0 },
	{ "-", 10, false, 0 },
	{ "0x", 10, false, 0 },
	{ "4f", 10, false, 0 },
	{ "4 ", 10, false, 0 },
};

static const struct {
	const char *text;
	bool decoded;
	const char *string;
} strings[] = {
	{ "\"sh\"", false, "sh" },
	{ "7368", false, "sh" },
	{ "\"7368\"", false, "7368" },
	{ "7368", true, "7368" },
	{ "736", false, "736" },
	{ "7368zz", false, "7368zz" },
	{ "dead", false, "dead" },
	{ "736800FF", false, "sh" },
	{ "(null)", false, "" },
	{ "\"\"", false, "" },
	{ "\"much too long\"", false, "much to" },
	{ "6D75636820746F6F206C", false, "much to" },
};

static void test_memory(void)
{
	static const char text[] = "type=1326 arch=c000003e syscall=41 code=0x0\n";
	struct records r;

	records_init(&r, arch_native());
	r.arena.limit = 0;
	ok(records_text(&r, text, strlen(text)) == -ENOMEM, "without memory there is no record");
	records_deinit(&r);
	records_init(&r, arch_native());
	ok(records_text(&r, text, strlen(text)) == 0 && records_text(&r, text, 20) == 0 &&
		   r.len == 1,
	   "a line counts when it ends");
	ok(records_text_end(&r) == 0 && r.len == 1 && r.groups[0]->count == 1 &&
		   r.groups[0]->line == 1,
	   "the rest of a text is a line, and this one is no record");
	records_deinit(&r);
}

int main(void)
{
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		bool good = field_number(str_of(numbers[i].text), numbers[i].base, &value);

		ok(good == numbers[i].good && (!good || value == numbers[i].value),
		   "the number '%s' in base %u", numbers[i].text, numbers[i].base);
	}
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		char out[8];

		memset(out, 'x', sizeof(out));
		field_string(str_of(strings[i].text), strings[i].decoded, out, sizeof(out));
		ok(strcmp(out, strings[i].string) == 0 && out[7] == 0, "the string %s%s",
		   strings[i].text, strings[i].decoded ? ", decoded" : "");
	}
	test_memory();
	return done();
}
