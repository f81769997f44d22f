/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording's text: written and read back it is the same; what is wrong is said. */
#include "record/given.h"

static const struct {
	const char *name, *text;
	bool is_good;
} texts[] = {
	{ "an empty recording is one", "# strait recording 1\n", true },
	{ "counts, ABI and values", "# strait recording 1\nopenat 2 x86_64 flags=0x241\n", true },
	{ "any value, libc, comments and blank lines",
	  "# strait recording 1\n# mine\n\nioctl 1 x86_64 cmd=any libc\n", true },
	{ "two recordings, one after the other",
	  "# strait recording 1\nread 1 x86_64\n# strait recording 1\nread 2 i386\n", true },
	{ "a number for a call, and for an ABI", "# strait recording 1\n999 1 0x1234\n", true },
	{ "a last line without its end", "# strait recording 1\nread 1 x86_64", true },
	{ "runs that differ in bytes that no comment may have",
	  "# strait recording 1\n# run a\001\n# run a\002\n", true },
	{ "nothing is no recording", "", false },
	{ "a profile is no recording", "read 1\n", false },
	{ "a count is needed", "# strait recording 1\nread\n", false },
	{ "a count isn't 0", "# strait recording 1\nread 0 x86_64\n", false },
	{ "a count isn't negative", "# strait recording 1\nread -1 x86_64\n", false },
	{ "a count can't overflow", "# strait recording 1\nread 18446744073709551615 x86_64\n",
	  false },
	{ "the ABI is needed", "# strait recording 1\nread 1\n", false },
	{ "the call has to be there", "# strait recording 1\nreed 1 x86_64\n", false },
	{ "... on that ABI", "# strait recording 1\nopen 1 aarch64\n", false },
	{ "an argument has to be kept", "# strait recording 1\nread 1 x86_64 fd=1\n", false },
	{ "an argument comes once", "# strait recording 1\nioctl 1 x86_64 cmd=1 cmd=2\n", false },
	{ "a value has to fit", "# strait recording 1\nioctl 1 x86_64 cmd=0x100000000\n", false },
	{ "a value has to be one", "# strait recording 1\nioctl 1 x86_64 cmd=\n", false },
	{ "no other words", "# strait recording 1\nread 1 x86_64 musl\n", false },
};

static int read_into(struct record *r, const char *text)
{
	const struct record_measure none = { 0 };
	struct sources sources;
	struct arena arena;
	struct diags diags;
	uint32_t file;
	int error;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	file = sources_add(&sources, "recording", str_of(text));
	error = record_read(r, &none, &diags, file, str_of(text));
	if (error && !diags.errors)
		error = 1; /* nobody is told why */
	arena_deinit(&arena);
	return error;
}

/* Written and read back it is the same. */
static bool is_lasting(const struct record *r)
{
	struct record again;
	AUTO_BUF before = { 0 };
	AUTO_BUF after = { 0 };
	bool same;

	record_init(&again);
	record_write(r, &before);
	same = !read_into(&again, before.data);
	record_write(&again, &after);
	same = same && strcmp(before.data, after.data) == 0;
	if (!same)
		note("%s\n%s", before.data, after.data);
	record_deinit(&again);
	return same;
}

static bool is_kept(const char *calls)
{
	const struct record_measure none = { 0 };
	struct record first, second;
	AUTO_BUF text = { 0 };
	bool same;

	record_init(&first);
	record_init(&second);
	given_calls(&first, &none, calls);
	if (record_add_run(&first, "2026-11-25 cat 'a\nread 1 x86_64'"))
		return false;
	record_write(&first, &text);
	/* A second time counts are added. */
	same = is_lasting(&first) && !read_into(&second, text.data) &&
	       !read_into(&second, text.data) && second.len == first.len &&
	       second.calls[0].variants[0].count == 2 * first.calls[0].variants[0].count;
	record_deinit(&first);
	record_deinit(&second);
	return same;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct record r;
		int error;

		record_init(&r);
		error = read_into(&r, texts[i].text);
		ok(texts[i].is_good ? error == 0 && is_lasting(&r) : error == -EINVAL, "%s",
		   texts[i].name);
		record_deinit(&r);
	}
	ok(is_kept("openat(0, 0, O_RDWR); socket(AF_INET, 1); arch=i386 fcntl64(1, F_GETLK64); "
		   "999(1); "
		   "read(0)"),
	   "what is written is read back, and a line of a program's name is no line of it");
	return done();
}
