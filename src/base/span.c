/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/span.h"

uint32_t sources_add(struct sources *s, const char *name, struct str text)
{
	struct source *files = arena_grow(s->arena, s->files, s->len, &s->room, sizeof(*files));

	if (!files)
		return 0;
	s->files = files;
	files[s->len] = (struct source){ .name = name, .text = text };
	return (uint32_t)++s->len;
}

bool sources_place(const struct sources *s, struct span span, struct place *place)
{
	const struct source *file;
	size_t line_begin = 0, line_end;
	unsigned line = 1, column = 1;

	if (span.file == 0 || span.file > s->len)
		return false;
	file = &s->files[span.file - 1];
	if (span.begin > file->text.len)
		span.begin = (uint32_t)file->text.len;
	for (size_t i = 0; i < span.begin; i++) {
		if (file->text.ptr[i] == '\n') {
			line++;
			line_begin = i + 1;
		}
	}
	line_end = line_begin;
	while (line_end < file->text.len && file->text.ptr[line_end] != '\n')
		line_end++;
	/* Bytes 10xxxxxx continue a character (RFC 3629), so they don't count as columns. */
	for (size_t i = line_begin; i < span.begin; i++)
		column += ((unsigned char)file->text.ptr[i] & 0xc0) != 0x80;
	*place = (struct place){ .file = file->name,
				 .line = line,
				 .column = column,
				 .is_program = file->is_program,
				 .text = { file->text.ptr + line_begin, line_end - line_begin },
				 .offset = span.begin - line_begin };
	return true;
}
