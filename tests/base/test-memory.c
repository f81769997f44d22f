/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas, buffers and maps: what they keep, and that they fail once and then stay failed. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "tap.h"

static void test_arena(void)
{
	struct arena a;
	char *first, *second, *text;
	bool aligned = true, zeroed = true;
	int *v = NULL;
	size_t cap = 0, bad = 0;

	arena_init(&a, ARENA_DEFAULT_LIMIT);
	first = arena_alloc(&a, 1);
	second = arena_alloc(&a, 1 << 20);
	for (size_t i = 1; i < 200; i++) {
		char *p = arena_alloc(&a, i);

		aligned = aligned && p && (uintptr_t)p % _Alignof(max_align_t) == 0;
		for (size_t j = 0; p && j < i; j++)
			zeroed = zeroed && p[j] == 0;
		memset(p, 0xff, i);
	}
	ok(first && second && aligned, "memory of an arena is aligned for any type");
	ok(zeroed && second[(1 << 20) - 1] == 0, "it is zeroed, also in a chunk of its own");
	for (int i = 0; i < 10000; i++) {
		v = arena_grow(&a, v, (size_t)i, &cap, sizeof(*v));
		v[i] = i;
	}
	for (int i = 0; i < 10000; i++)
		bad += v[i] != i;
	ok(bad == 0 && cap >= 10000, "an array that grows keeps its elements");
	ok(!arena_array(&a, SIZE_MAX / 2, 4), "a size that overflows is out of memory");
	text = arena_strndup(&a, "strait and narrow", 6);
	ok(text && strcmp(text, "strait") == 0, "a copied string ends in NUL");
	text = arena_printf(&a, "%s %d", "a", 1);
	ok(text && strcmp(text, "a 1") == 0, "printf into an arena");
	arena_deinit(&a);

	arena_init(&a, 4096);
	ok(!arena_alloc(&a, 8192), "past its limit an arena is out of memory");
	arena_deinit(&a);
}

static void test_buf(void)
{
	AUTO_BUF b = { 0 };
	AUTO_BUF file = { 0 };
	AUTO_BUF failed = { 0 };
	char *data;
	size_t size;
	int fds[2];

	buf_puts(&b, "12");
	buf_printf(&b, "%s%d", "34", 5);
	buf_fill(&b, '.', 1000);
	buf_putc(&b, '!');
	ok(b.size == 1006 && !memcmp(b.data, "12345.", 6) && b.data[1005] == '!' && !b.data[1006],
	   "a buffer grows and always ends in NUL");
	if (pipe(fds) == 0 && write(fds[1], "0123456789", 10) == 10 && close(fds[1]) == 0) {
		ok(buf_read_fd(&file, fds[0], 9) == -EFBIG, "a file past the limit is refused");
		close(fds[0]);
	}
	ok(buf_read_fd(&file, -1, 9) == -EBADF, "read(2)'s error is passed on");
	failed.failed = true;
	buf_puts(&failed, "more");
	ok(failed.size == 0 && buf_finish(&failed, &data, &size) == -ENOMEM,
	   "after a failure additions do nothing and finish says -ENOMEM");
	ok(buf_finish(&b, &data, &size) == 0 && size == 1006 && !b.data,
	   "finish moves the bytes to the caller");
	free(data);
}

static void test_map(void)
{
	struct arena a;
	struct map m;
	static char keys[5000][8];
	size_t bad = 0;

	arena_init(&a, ARENA_DEFAULT_LIMIT);
	map_init(&m, &a);
	ok(!map_get(&m, str_of("x")), "an empty map has nothing");
	for (int i = 0; i < 5000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		bad += map_set(&m, str_of(keys[i]), keys[i]) != 0;
	}
	bad += map_set(&m, str_of("k7"), keys[8]) != 0;
	for (int i = 0; i < 5000; i++)
		bad += map_get(&m, str_of(keys[i])) != keys[i == 7 ? 8 : i];
	ok(bad == 0 && !map_get(&m, str_of("k5000")),
	   "a map finds what was set last, and only that");
	ok(map_set(&m, (struct str){ "", 0 }, &m) == 0 && map_get(&m, str_of("")) == &m,
	   "the empty string is a key like any other");
	arena_deinit(&a);
}

int main(void)
{
	test_arena();
	test_buf();
	test_map();
	return done();
}
