/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a policy answers, carried out. Which rule decided isn't told to a listener, so the rules are
 * evaluated again on the request's registers. That is sound: the request holds a copy of the very
 * struct seccomp_data that the filter was run on (kernel/seccomp.c,
 * seccomp_do_user_notification()), which nobody can change, and the filter is proven equal to the
 * rules.
 *
 * A decision that looks at memory never ends in the call being executed.
 */
#ifndef STRAIT_NOTIFY_ANSWERS_H
#define STRAIT_NOTIFY_ANSWERS_H

#include "base/diag.h"
#include "notify/files.h"
#include "rules/rules.h"

struct notify_answers; /* of one policy, with the files it names; const once it is made */

/*
 * Finds the files. 0; -EINVAL with errors in DIAGS: a rule of `notify` has no answer, or a file
 * can't be used; -ENOMEM. RULES are borrowed.
 */
NODISCARD int notify_answers_new(const struct rules *rules, struct diags *diags,
				 struct notify_answers **out);
void notify_answers_free(struct notify_answers *answers);
/* The features (enum notify_feature) that they need. */
unsigned notify_answers_need(const struct notify_answers *answers);
/* NULL: the filter wouldn't have asked. */
const struct rules_answer *notify_answers_find(const struct notify_answers *answers,
					       const struct seccomp_data *data);
/* Does carrying it out touch files, so that it may take long? */
bool notify_answer_is_slow(const struct rules_answer *answer);

/* What is done about a request. */
struct notify_done {
	const struct rules_answer *answer; /* NULL: there is none, and the call fails with ENOSYS */
	int error;			   /* the call fails with it; 0: it doesn't */
	bool is_answered;		   /* by the file that it was given, ... */
	bool has_path;			   /* the caller named a file */
	char path[PATH_MAX];		   /* as it was read */
};

/* Does what the answer says, short of answering. The calling thread has called
 * notify_ids_init(OWN). */
void notify_act(const struct notify_answers *answers, const struct notify_request *r,
		const struct rules_answer *answer, const struct notify_ids *own,
		struct notify_done *done);
/* Answers, where that wasn't done yet. */
void notify_answer(const struct notify_request *r, const struct notify_done *done);

#endif
