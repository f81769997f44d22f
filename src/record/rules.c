/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program is recorded under: its policy, except that who has no rule comes to the tracer. */
#include "record/record.h"

#include <errno.h>

static bool executes(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

/* Rules that ask somebody: the program would meet another one here. */
static const struct rules_entry *find_question(const struct rules *r)
{
	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->abis[i].len; k++) {
			uint32_t action = r->abis[i].entries[k].ret & SECCOMP_RET_ACTION_FULL;

			if (action == SECCOMP_RET_TRACE || action == SECCOMP_RET_USER_NOTIF)
				return &r->abis[i].entries[k];
		}
	return NULL;
}

static int check(struct diags *diags, const struct rules *rules)
{
	const struct rules_entry *question = find_question(rules);

	if (executes(rules->otherwise))
		diag_add(diags, DIAG_UNLEARNABLE, rules->otherwise_span,
			 "what has no rule is executed by this default: nothing is to be learned");
	else if (question)
		diag_add(diags, DIAG_UNLEARNABLE, question->span,
			 "a program can't be recorded under a rule that asks a tracer or a "
			 "supervisor");
	else
		return 0;
	return -EINVAL;
}

/* Does a rule of the I-th ABI decide, rather than the tracer? */
static bool decides(const struct rules_entry *entry, size_t i, enum record_look look)
{
	if (look == RECORD_LOOK_FOREIGN)
		return i == 0 || !executes(entry->ret);
	return look == RECORD_LOOK_LACKING;
}

int record_rules(struct arena *arena, struct diags *diags, const struct rules *rules,
		 enum record_look look, struct rules **out)
{
	struct rules *r = rules_new(arena);
	int error = check(diags, rules);

	if (error)
		return error;
	if (!r)
		return -ENOMEM;
	*out = r;
	for (size_t i = 0; i < rules->len; i++) {
		if (rules_add_abi(r, rules->abis[i].arch))
			return -ENOMEM;
		for (size_t k = 0; k < rules->abis[i].len; k++)
			if (decides(&rules->abis[i].entries[k], i, look) &&
			    rules_add(r, i, &rules->abis[i].entries[k]))
				return -ENOMEM;
	}
	r->otherwise = r->foreign = SECCOMP_RET_TRACE;
	return 0;
}
