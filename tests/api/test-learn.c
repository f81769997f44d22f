/* SPDX-License-Identifier: BSD-2-Clause */
/* strait_learn() and recordings by their contract. */
#include <strait/strait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static struct strait_policy *policy_of(const char *text)
{
	struct strait_policy *policy = NULL;

	return strait_policy_read_text("p", text, strlen(text), NULL, NULL, &policy) ? NULL
										     : policy;
}

static size_t count_calls(const struct strait_recording *r)
{
	size_t n = 0;
	char *call;

	for (; strait_recording_call_at(r, n, &call) == 0; n++)
		free(call);
	return n;
}

static int run(struct strait_recording *r, unsigned flags, int *code)
{
	char program[] = "/bin/echo", arg[] = "-n";
	char *argv[] = { program, arg, NULL };
	struct strait_learn_options options = {
		.size = sizeof(options), .argv = argv, .envp = environ, .flags = flags
	};
	struct strait_run_result result = { .size = sizeof(result) };
	int error = strait_learn(r, &options, NULL, &result);

	*code = result.exit_code;
	return error;
}

static char *policy_text(struct strait_recording *r, const char *default_action)
{
	struct strait_recording_policy_options options = { .size = sizeof(options),
							   .default_action = default_action };
	char *text = NULL;

	return strait_recording_policy(r, "learned", &options, NULL, &text, NULL) ? NULL : text;
}

static void test_run(void)
{
	struct strait_recording *r = NULL, *copy = NULL;
	char *text = NULL, *again = NULL, *policy;
	size_t size, n;
	int code;

	if (!ok(!strait_recording_new(NULL, NULL, &r) && count_calls(r) == 0, "it begins empty"))
		return;
	ok(run(r, STRAIT_LEARN_EXACT | STRAIT_LEARN_NEWS, &code) == -EINVAL,
	   "all calls and new calls only: not both");
	switch (run(r, STRAIT_LEARN_EXACT, &code)) {
	case 0:
		break;
	case -ENOTSUP:
	case -EPERM:
		skip("no program can be traced here");
		strait_recording_free(r);
		return;
	default:
		ok(false, "a program is recorded");
	}
	n = count_calls(r);
	ok(code == 0, "a program is recorded, and its exit code told");
	ok(run(r, STRAIT_LEARN_NEWS, &code) == 0 && code == 0 && count_calls(r) == n,
	   "the second time nothing is new");
	ok(!strait_recording_text(r, &text, &size) && !strait_recording_new(NULL, NULL, &copy) &&
		   !strait_recording_read(copy, "r", text, size, NULL) &&
		   !strait_recording_text(copy, &again, NULL) && strcmp(text, again) == 0,
	   "its text read back is the same");
	ok(strait_recording_read(copy, "r", "read", 4, NULL) == -EINVAL, "other text isn't read");
	policy = policy_text(r, NULL);
	ok(policy && strstr(policy, "default kill_process\n"), "a policy is written");
	free(policy);
	policy = policy_text(copy, "errno(EPERM)");
	ok(policy && strstr(policy, "default errno(EPERM)\n"), "with another default if asked for");
	free(policy);
	ok(!policy_text(r, "log") && !policy_text(r, "allow\nallow mount"),
	   "none whose default lets all happen");
	free(text);
	free(again);
	strait_recording_free(r);
	strait_recording_free(copy);
}

static void test_policies(void)
{
	static const char text[] = "default kill_process\ninclude \"libc\"\nallow write\n";
	struct strait_policy *good = policy_of(text), *open = policy_of("default allow\n"),
			     *asks = policy_of("default kill\nnotify mount\n");
	struct strait_recording *r = NULL;
	char *out;
	int code;

	ok(strait_recording_new(open, NULL, &r) == -EINVAL, "nothing is added to a deny list");
	ok(strait_recording_new(asks, NULL, &r) == -EINVAL, "nor where a supervisor is asked");
	if (!ok(!strait_recording_new(good, NULL, &r), "to others it is"))
		return;
	strait_policy_free(good);
	ok(run(r, STRAIT_LEARN_EXACT, &code) == -EINVAL, "what a policy allows isn't stopped");
	out = policy_text(r, NULL);
	ok(out && strcmp(out, text) == 0, "where nothing is lacking its text is as it was");
	free(out);
	strait_recording_free(r);
	strait_policy_free(open);
	strait_policy_free(asks);
	strait_recording_free(NULL);
}

int main(void)
{
	test_run();
	test_policies();
	return done();
}
