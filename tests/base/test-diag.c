/* SPDX-License-Identifier: BSD-2-Clause */
/* Places in texts, and diagnostics as people see them. */
#include "base/diag.h"
#include "tap.h"

#define TEXT "one\ntwo\xc3\xa9 three\n\tfour"

static const struct {
	uint32_t begin;
	unsigned line, column;
	const char *why;
} places[] = {
	{ 0, 1, 1, "the first byte" },
	{ 3, 1, 4, "a newline belongs to its line" },
	{ 4, 2, 1, "the byte after it begins the next" },
	{ 10, 2, 6, "a column counts characters, not bytes" },
	{ 17, 3, 2, "a tab is one character" },
	{ sizeof(TEXT) - 1, 3, 6, "the end of the text" },
};

static void test_places(const struct sources *s, uint32_t file)
{
	struct place p;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct span span = { file, places[i].begin, places[i].begin };

		ok(sources_place(s, span, &p) && p.line == places[i].line &&
			   p.column == places[i].column,
		   "place: %s", places[i].why);
	}
	ok(!sources_place(s, (struct span){ 0, 0, 0 }, &p), "no file is nowhere");
	ok(!sources_place(s, (struct span){ file + 1, 0, 0 }, &p), "an unknown file is nowhere");
}

static void test_render(struct diags *d, uint32_t file)
{
	AUTO_BUF out = { 0 };
	AUTO_BUF color = { 0 };

	diag_add(d, DIAG_UNKNOWN_SYSCALL, (struct span){ file, 10, 15 }, "no \033[1m '%s'", "x");
	diag_note(d, (struct span){ file, 17, 21 }, "here");
	diag_note(d, (struct span){ 0 }, "advice");
	diag_render(d, d->first, false, &out);
	ok(d->errors == 1 && d->warnings == 0, "an error is counted");
	if (!ok(!strcmp(out.data, "web.strait:2:6: error[P017]: no ?[1m 'x'\n"
				  "    2 | two?? three\n"
				  "      |       ^~~~~\n"
				  "web.strait:3:2: note: here\n"
				  "    3 | \tfour\n"
				  "      | \t^~~~\n"
				  "note: advice\n"),
		"a diagnostic shows place, code, line and caret, its notes, and no escape "
		"sequence"))
		note("%s", out.data);
	diag_render(d, d->first, true, &color);
	ok(strstr(color.data, "\033[") && strstr(color.data, "P017"), "with colour on request");
}

static void test_memory(const struct sources *s)
{
	size_t bad = 0;

	for (size_t limit = 0; limit < 6000; limit += 100) {
		struct arena a;
		struct diags d;

		arena_init(&a, limit);
		diags_init(&d, &a, s);
		diag_add(&d, DIAG_UNKNOWN_SYSCALL, (struct span){ 0 }, "%s", "text");
		diag_note(&d, (struct span){ 0 }, "%s", "note");
		bad += !d.failed && (d.errors != 1 || !d.first->notes);
		arena_deinit(&a);
	}
	ok(bad == 0, "without memory a diagnostic is remembered as failed, never lost");
}

int main(void)
{
	struct arena a;
	struct sources s = { 0 };
	struct diags d;
	uint32_t file;

	arena_init(&a, ARENA_DEFAULT_LIMIT);
	s.arena = &a;
	file = sources_add(&s, "web.strait", str_of(TEXT));
	diags_init(&d, &a, &s);
	test_places(&s, file);
	test_render(&d, file);
	test_memory(&s);
	arena_deinit(&a);
	return done();
}
