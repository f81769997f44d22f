/* SPDX-License-Identifier: BSD-2-Clause */
/* What a recording keeps, and how it stays small. */
#include "record/given.h"

static const struct record_call *find(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->len; i++)
		if (r->calls[i].row && strcmp(r->calls[i].row->name, name) == 0)
			return &r->calls[i];
	return NULL;
}

int main(void)
{
	const struct record_measure none = { 0 };
	const struct record_call *call;
	struct seccomp_data data;
	struct record r;
	int error = 0;

	record_init(&r);
	given_calls(&r, &none,
		    "write(1); ioctl(3, TCGETS); write(2); ioctl(4, TIOCGWINSZ); write(1)");
	call = find(&r, "write");
	ok(call && call->len == 1 && call->variants[0].count == 3,
	   "calls that differ in what isn't kept are one, counted");
	call = find(&r, "ioctl");
	ok(call && call->len == 2, "commands are kept apart");

	data = given_call("ioctl(1, 0)");
	for (uint64_t i = 0; i < 10 * RECORD_VARIANTS_MAX && !error; i++) {
		data.args[1] = i << 32 | i; /* the kernel looks at the low half */
		error = record_add(&r, &none, &data, 1);
	}
	call = find(&r, "ioctl");
	ok(!error && call && call->len == 1 && call->any == 2 &&
		   call->variants[0].count == 10 * RECORD_VARIANTS_MAX + 2,
	   "an argument with too many values becomes any, and no call is lost");

	data = given_call("socket(AF_UNIX, 0)");
	for (uint64_t i = 0; i < 2 * RECORD_VARIANTS_MAX && !error; i++) {
		data.args[0] = 1 + (i & 1);
		data.args[1] = i;
		error = record_add(&r, &none, &data, 1);
	}
	call = find(&r, "socket");
	ok(!error && call && call->len == 2 && call->any == 2,
	   "it is the argument with most values; the others are kept");

	for (uint32_t i = 0; !error && i <= RECORD_CALLS_MAX; i++) {
		data = (struct seccomp_data){ .nr = (int)(5000 + i), .arch = 0x1234 };
		error = record_add(&r, &none, &data, 1);
	}
	ok(error == -E2BIG && r.len == RECORD_CALLS_MAX, "made-up numbers end in an error");
	record_deinit(&r);
	return done();
}
