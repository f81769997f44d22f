/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines from text, and equal records into groups. */
#include "records/records.h"

#include <errno.h>

void records_init(struct records *r, const struct arch *assumed)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	map_init(&r->index, &r->arena);
	r->assumed = assumed;
}

void records_deinit(struct records *r)
{
	buf_deinit(&r->rest);
	arena_deinit(&r->arena);
}

/* What makes two records one: all but which process it was and where in its memory. */
static void make_key(const struct record *record, struct record *key)
{
	memcpy(key, record, sizeof(*key));
	key->pid = 0;
	key->known &= ~(unsigned)RECORD_PIDS_DIFFER;
	key->data.instruction_pointer = 0;
}

int records_add(struct records *r, const struct record *record)
{
	struct record_group *group;
	struct record key;
	char *kept;

	make_key(record, &key);
	group = map_get(&r->index, (struct str){ (const char *)&key, sizeof(key) });
	if (group) {
		if (group->record.pid != record->pid)
			group->record.known |= RECORD_PIDS_DIFFER;
		group->count++;
		return 0;
	}
	if (r->len == RECORDS_MAX) {
		r->untold++;
		return 0;
	}
	group = arena_alloc(&r->arena, sizeof(*group));
	kept = arena_strndup(&r->arena, (const char *)&key, sizeof(key));
	if (!group || !kept)
		return -ENOMEM;
	memcpy(&group->record, record, sizeof(*record));
	group->count = 1;
	group->line = r->line;
	r->groups[r->len++] = group;
	return map_set(&r->index, (struct str){ kept, sizeof(key) }, group);
}

static int take_line(struct records *r, struct str line)
{
	struct record record;

	return record_from_line(line, r->assumed, &record) ? records_add(r, &record) : 0;
}

/* An entry's text may have several lines. */
static int take_entry(struct records *r, struct str text)
{
	int error = 0;

	while (text.len && !error) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) : text.len;

		error = take_line(r, (struct str){ text.ptr, len });
		text = (struct str){ text.ptr + len + !!end, text.len - len - !!end };
	}
	return error;
}

static int end_line(struct records *r)
{
	struct str line = { r->rest.data, r->rest.size };
	AUTO_BUF entry = { 0 };
	int error;

	r->line++;
	if (line.len && record_from_json(line, &entry))
		error = entry.failed ? -ENOMEM
				     : take_entry(r, (struct str){ entry.data, entry.size });
	else
		error = line.len ? take_line(r, line) : 0;
	r->rest.size = 0;
	return error;
}

int records_text(struct records *r, const char *bytes, size_t size)
{
	while (size) {
		const char *end = memchr(bytes, '\n', size);
		size_t len = end ? (size_t)(end - bytes) : size;
		size_t room = RECORDS_LINE_MAX - r->rest.size;
		int error;

		buf_add(&r->rest, bytes, len < room ? len : room);
		if (r->rest.failed)
			return -ENOMEM;
		error = end ? end_line(r) : 0;
		if (error)
			return error;
		bytes += len + !!end;
		size -= len + !!end;
	}
	return 0;
}

int records_text_end(struct records *r)
{
	int error = r->rest.size ? end_line(r) : 0;

	r->line = 0;
	return error;
}
