/* SPDX-License-Identifier: BSD-2-Clause */
/* Structs that cross the library's border and may be older or newer on the other side. */
#include "api/handles.h"

#include <errno.h>
#include <string.h>

int options_in(void *to, size_t size, const void *from)
{
	const unsigned char *bytes = from;
	size_t theirs = 0;

	memset(to, 0, size);
	if (!from)
		return 0;
	memcpy(&theirs, from, sizeof(theirs));
	if (theirs < sizeof(theirs))
		return -EINVAL;
	for (size_t i = size; i < theirs; i++)
		if (bytes[i])
			return -E2BIG;
	memcpy(to, from, theirs < size ? theirs : size);
	return 0;
}

void options_out(void *to, const void *from, size_t size)
{
	size_t theirs;

	memcpy(&theirs, to, sizeof(theirs));
	if (theirs < sizeof(theirs))
		return;
	if (size > theirs)
		size = theirs;
	memcpy((char *)to + sizeof(theirs), (const char *)from + sizeof(theirs),
	       size - sizeof(theirs));
}
