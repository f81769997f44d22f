/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arena: everything that one compilation allocates, freed whole.
 *
 * An arena has a limit in bytes, so that adversarial input ends in -ENOMEM and not in the machine's
 * memory, and so that a test can make any allocation the one that fails.
 */
#ifndef STRAIT_BASE_ARENA_H
#define STRAIT_BASE_ARENA_H

#include <stdarg.h>

#include "base/macros.h"

/* Far above what any policy of sane size needs; a runaway input stops here. */
#define ARENA_DEFAULT_LIMIT ((size_t)256 << 20)

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;		    /* bytes handed to chunks so far */
	size_t limit;		    /* no chunk is added past this many bytes */
};

void arena_init(struct arena *a, size_t limit);
void arena_deinit(struct arena *a);

/* Zeroed memory aligned for any type, or NULL when memory or the limit is exhausted. */
NODISCARD void *arena_alloc(struct arena *a, size_t size);
NODISCARD void *arena_array(struct arena *a, size_t len, size_t size);
/* A NUL-terminated copy of LEN bytes. */
NODISCARD char *arena_strndup(struct arena *a, const char *text, size_t len);
NODISCARD char *arena_vprintf(struct arena *a, const char *format, va_list ap) PRINTF(2, 0);
NODISCARD char *arena_printf(struct arena *a, const char *format, ...) PRINTF(2, 3);

/*
 * Grows an array kept in an arena: returns an array with room for len + 1 elements (V itself where
 * it has it), or NULL. CAP is updated. The old array stays in the arena; doubling keeps the waste
 * below the array's own size.
 */
NODISCARD void *arena_grow(struct arena *a, void *v, size_t len, size_t *cap, size_t size);

#endif
