/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/map.h"

#include <errno.h>

void map_init(struct map *m, struct arena *arena)
{
	*m = (struct map){ .arena = arena };
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static struct map_slot *find(const struct map *m, struct str key)
{
	size_t i = hash(key) & (m->room - 1);

	while (m->slots[i].key.ptr && !str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, struct str key)
{
	return m->room ? find(m, key)->value : NULL;
}

static int widen(struct map *m)
{
	struct map wider = *m;

	wider.room = m->room ? m->room * 2 : 16;
	wider.slots = arena_array(m->arena, wider.room, sizeof(*wider.slots));
	if (!wider.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].key.ptr)
			*find(&wider, m->slots[i].key) = m->slots[i];
	*m = wider;
	return 0;
}

int map_set(struct map *m, struct str key, void *value)
{
	struct map_slot *slot;

	if (m->len * 4 >= m->room * 3) {
		int r = widen(m);

		if (r < 0)
			return r;
	}
	slot = find(m, key);
	if (!slot->key.ptr) {
		slot->key = key;
		m->len++;
	}
	slot->value = value;
	return 0;
}
