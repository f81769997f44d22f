/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void buf_deinit(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

static bool make_room(struct buf *b, size_t more)
{
	size_t room = b->room ? b->room : 256;
	char *data;

	if (b->failed || more > SIZE_MAX / 4) {
		b->failed = true;
		return false;
	}
	while (room - b->size <= more)
		room *= 2;
	if (b->data && room == b->room)
		return true;
	data = realloc(b->data, room);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->room = room;
	return true;
}

void buf_add(struct buf *b, const void *bytes, size_t size)
{
	if (!make_room(b, size))
		return;
	if (size)
		memcpy(b->data + b->size, bytes, size);
	b->size += size;
	b->data[b->size] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t times)
{
	while (times--)
		buf_putc(b, c);
}

void buf_vprintf(struct buf *b, const char *format, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	if (len < 0)
		b->failed = true;
	else if (make_room(b, (size_t)len + 1)) {
		vsnprintf(b->data + b->size, (size_t)len + 1, format, again);
		b->size += (size_t)len;
	}
	va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
}

int buf_read_fd(struct buf *b, int fd, size_t limit)
{
	ssize_t n;

	do {
		if (!make_room(b, (size_t)16 << 10))
			return -ENOMEM;
		n = read(fd, b->data + b->size, (size_t)16 << 10);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			b->size += (size_t)n;
		b->data[b->size] = '\0';
		if (b->size > limit)
			return -EFBIG;
	} while (n != 0);
	return 0;
}

int buf_finish(struct buf *b, char **data, size_t *size)
{
	if (!b->failed && !b->data)
		buf_add(b, "", 0);
	if (b->failed)
		return -ENOMEM;
	*data = b->data;
	if (size)
		*size = b->size;
	*b = (struct buf){ 0 };
	return 0;
}
