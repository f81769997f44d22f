/* SPDX-License-Identifier: BSD-2-Clause */
/* A sorted array, searched by halving. */
#include "trace/tasks.h"

#include <errno.h>
#include <string.h>

/* Where TID is, or would be. */
static size_t place(const struct trace_tasks *t, pid_t tid)
{
	size_t low = 0, high = t->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->v[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void trace_tasks_deinit(struct trace_tasks *t)
{
	free(t->v);
	*t = (struct trace_tasks){ 0 };
}

struct trace_task *trace_tasks_find(const struct trace_tasks *t, pid_t tid)
{
	size_t i = place(t, tid);

	return i < t->len && t->v[i].tid == tid ? &t->v[i] : NULL;
}

int trace_tasks_add(struct trace_tasks *t, pid_t tid)
{
	size_t i = place(t, tid);

	if (i < t->len && t->v[i].tid == tid)
		return 0;
	if (t->len == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct trace_task *v = reallocarray(t->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		t->v = v;
		t->room = room;
	}
	memmove(&t->v[i + 1], &t->v[i], (t->len - i) * sizeof(*t->v));
	t->v[i] = (struct trace_task){ .tid = tid };
	t->len++;
	return 0;
}

void trace_tasks_remove(struct trace_tasks *t, pid_t tid)
{
	struct trace_task *task = trace_tasks_find(t, tid);

	if (!task)
		return;
	t->len--;
	memmove(task, task + 1, (size_t)(t->v + t->len - task) * sizeof(*task));
}
