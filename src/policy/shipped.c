/* SPDX-License-Identifier: BSD-2-Clause */
/* The policies of policies/, built into the library: tools/embed-policies.py writes the rows. */
#include "policy/policy.h"

static const struct {
	const char *name;
	const char *text;
} shipped[] = {
#include "policy/shipped.inc"
};

struct str policy_shipped(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(shipped); i++)
		if (str_is(name, shipped[i].name))
			return str_of(shipped[i].text);
	return (struct str){ NULL, 0 };
}

const char *policy_shipped_at(size_t i)
{
	return i < ARRAY_LEN(shipped) ? shipped[i].name : NULL;
}
