/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash map from byte strings to pointers, in an arena. Keys are borrowed; nothing is ever
 * removed. */
#ifndef STRAIT_BASE_MAP_H
#define STRAIT_BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct map_slot {
	struct str key; /* ptr NULL: free */
	void *value;
};

struct map {
	struct arena *arena;
	struct map_slot *slots;
	size_t len;
	size_t room; /* a power of two, or 0 */
};

void map_init(struct map *m, struct arena *arena);
/* The value kept under KEY, or NULL. */
void *map_get(const struct map *m, struct str key);
/* Sets KEY's value, which is not NULL; 0 or -ENOMEM. */
NODISCARD int map_set(struct map *m, struct str key, void *value);

#endif
