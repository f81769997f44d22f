/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learns what programs call, and writes a policy that allows it.
 *
 * A recording is told of the calls of programs that are run, their threads and children, and keeps
 * what a policy would test: for each call and ABI the values of flags, commands, families; not of
 * descriptors, addresses, sizes. It stays small whatever is run. Its text is described in
 * strait-learn(1), "RECORDINGS".
 *
 * A recording belongs to one thread at a time.
 */
#ifndef STRAIT_LEARN_H
#define STRAIT_LEARN_H

#include <stddef.h>
#include <stdint.h>

#include <strait/export.h>
#include <strait/policy.h>
#include <strait/report.h>
#include <strait/run.h>

STRAIT_BEGIN

struct strait_recording;

/*
 * What is asked of the recording is what POLICY doesn't allow, so that it can be added to that
 * policy; NULL: what the shipped `libc` doesn't allow. The policy may be freed. 0; -EINVAL with an
 * error in the report: it lets everything else happen by default, or has rules that ask a tracer or
 * a supervisor; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_recording_new(struct strait_policy *policy,
							struct strait_report *report,
							struct strait_recording **out);
/* NULL is fine. */
STRAIT_EXPORT void strait_recording_free(struct strait_recording *recording);

enum strait_learn_flags {
	/*
	 * Stop at every call. Else what the policy, or the shipped `libc`, answers is left to it:
	 * what it allows costs nothing and isn't counted, and what it refuses is refused. Not with
	 * a policy.
	 */
	STRAIT_LEARN_EXACT = 1,
	/* Leave what the recording knows to it: only what strait_recording_policy() would not allow
	 * is stopped and counted. Not with EXACT. */
	STRAIT_LEARN_NEWS = 2,
};

/* Zero in any field means the default. `size` is sizeof(struct strait_learn_options). */
struct strait_learn_options {
	size_t size;
	char *const *argv; /* NULL-terminated; argv[0] is sought in PATH as execvp(3) does */
	char *const *envp; /* its environment, with the PATH to seek in; not NULL */
	unsigned flags;	   /* STRAIT_LEARN_* */
	/* A program is executed whose file would give it other ids or capabilities, which
	 * no_new_privs withholds. PATH is valid during the call. NULL: nobody is told. */
	void (*privileged)(void *user, const char *path);
	void *user;
};

/*
 * Runs a program, traced, and adds its calls to the recording. All its descendants are waited for;
 * if the caller dies, so do they. The caller has one thread.
 *
 * 0 with *RESULT, as strait_run(); ends at which nothing was executed leave an error in the report.
 * -errno with an error in the report: it can't be traced, and was not run; -ENOMEM and -E2BIG (more
 * than 4,096 different calls) also where it was run, and not all of it is in the recording.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_learn(struct strait_recording *recording,
						const struct strait_learn_options *options,
						struct strait_report *report,
						struct strait_run_result *result);

/* Adds a recording's text, which NAME is the file of. 0; -EINVAL with errors in the report, and
 * then what came before the first is added; -ENOMEM; -E2BIG. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_recording_read(struct strait_recording *recording,
							 const char *name, const char *text,
							 size_t size, struct strait_report *report);
/* The recording's text. 0 or -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_recording_text(const struct strait_recording *recording,
							 char **out, size_t *size);
/*
 * The calls that the policy lacks, in the order in which they were first seen:
 * "openat(flags=O_WRONLY|O_CREAT)". 0 with *OUT, the caller's; -ENOENT past the last; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_recording_call_at(const struct strait_recording *recording, size_t i, char **out);

enum strait_recording_policy_flags {
	/* With a call also its older and younger forms: open and openat, poll and ppoll. Not those
	 * that take their flags from memory (openat2, clone3). */
	STRAIT_RECORDING_FAMILIES = 1,
	/* Comments say how often each call was made. */
	STRAIT_RECORDING_COUNTS = 2,
};

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_recording_policy_options). */
struct strait_recording_policy_options {
	size_t size;
	unsigned flags;		    /* STRAIT_RECORDING_* */
	const char *default_action; /* of a new policy; NULL: kill_process */
};

/*
 * Writes a policy that allows the calls of the recording: a new one that includes `libc`, or the
 * recording's policy with rules added at its end, all else of its text being as it was. Before it
 * is given out, it is read, compiled, proven, and tried on each call of the recording. NAME is the
 * file that it is meant for: includes are sought next to it.
 *
 * 0 with *OUT and *OUT_SIZE; -EINVAL with an error in the report: what it would be doesn't allow
 * all that was recorded (a rule of the policy refuses it, the policy isn't for an ABI), or the
 * default action is none; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int
strait_recording_policy(struct strait_recording *recording, const char *name,
			const struct strait_recording_policy_options *options,
			struct strait_report *report, char **out, size_t *out_size);

STRAIT_END

#endif
