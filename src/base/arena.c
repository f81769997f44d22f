/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdio.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)16 << 10)

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

void arena_deinit(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){ .limit = a->limit };
}

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
	size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;
	struct arena_chunk *c;

	if (a->limit - a->used < size)
		return NULL;
	if (room > a->limit - a->used)
		room = size;
	c = calloc(1, sizeof(*c) + room);
	if (!c)
		return NULL;
	c->size = room;
	a->used += room;
	/* A large block goes behind the current chunk, whose rest stays in use. */
	if (room != CHUNK_SIZE && a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!c || c->size - c->used < size)
		c = add_chunk(a, size);
	if (!c)
		return NULL;
	p = (char *)c->data + c->used;
	c->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t len, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(len, size, &total))
		return NULL;
	return arena_alloc(a, total);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (copy && len)
		memcpy(copy, text, len);
	return copy;
}

char *arena_vprintf(struct arena *a, const char *format, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	text = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = arena_vprintf(a, format, ap);
	va_end(ap);
	return text;
}

void *arena_grow(struct arena *a, void *v, size_t len, size_t *cap, size_t size)
{
	size_t wider = *cap ? *cap * 2 : 8;
	void *grown;

	if (len < *cap)
		return v;
	grown = arena_array(a, wider, size);
	if (!grown)
		return NULL;
	if (len)
		memcpy(grown, v, len * size);
	*cap = wider;
	return grown;
}
