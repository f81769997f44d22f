/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing byte buffer on the heap. It fails once: after an allocation fails, additions do nothing
 * and buf_finish() says -ENOMEM. The bytes are always followed by a NUL.
 */
#ifndef STRAIT_BASE_BUF_H
#define STRAIT_BASE_BUF_H

#include <stdbool.h>
#include <stdarg.h>

#include "base/macros.h"

struct buf {
	char *data;
	size_t size; /* bytes in use, the NUL not counted */
	size_t room;
	bool failed;
};

#define AUTO_BUF AUTO(buf_deinit) struct buf

void buf_deinit(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t size);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t times);
void buf_vprintf(struct buf *b, const char *format, va_list ap) PRINTF(2, 0);
void buf_printf(struct buf *b, const char *format, ...) PRINTF(2, 3);
/* Reads FD to its end; -EFBIG past LIMIT bytes, or the errno of read(2). */
NODISCARD int buf_read_fd(struct buf *b, int fd, size_t limit);
/* Moves the bytes to the caller, who frees them; -ENOMEM if any addition failed. SIZE may be NULL.
 */
NODISCARD int buf_finish(struct buf *b, char **data, size_t *size);

static inline void auto_buf_deinit(struct buf *b)
{
	buf_deinit(b);
}

#endif
