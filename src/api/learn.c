/* SPDX-License-Identifier: BSD-2-Clause */
/* Learning: trace/ runs the program, record/ keeps what it called and writes the policy. */
#include <strait/learn.h>

#include "api/handles.h"
#include "compile/compile.h"
#include "policy/policy.h"
#include "record/record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

struct strait_recording {
	struct arena arena;
	struct record record;
	struct record_measure measure;
	struct strait_policy *policy; /* a share, or NULL */
};

/* A program that is being recorded. */
struct learning {
	struct strait_recording *recording;
	const struct strait_learn_options *options;
	int error; /* what could not be kept */
};

/* ---- making one ---- */

/* What diagnostics of a policy that was read already point into. */
static struct sources *sources_of(struct strait_recording *r, struct sources *own)
{
	*own = (struct sources){ .arena = &r->arena };
	return r->policy ? &r->policy->sources : own;
}

static void take_base(const struct strait_recording *r, struct record_policy_options *options)
{
	if (!r->policy)
		return;
	/* Of its sources the first is the policy itself. */
	options->base = r->policy->sources.files[0].text;
	options->rules = r->policy->rules;
}

/* The rules of a policy that allows what is recorded already, all in ARENA. */
static int known_rules(const struct strait_recording *r, struct arena *arena,
		       const struct rules **out)
{
	struct record_policy_options options = { .version = strait_version() };
	struct policy_options policy = { .ndefines = 0 };
	struct sources sources = { .arena = arena };
	struct rules *rules = NULL;
	AUTO_BUF text = { 0 };
	struct diags diags;
	char *copy;
	int error;

	take_base(r, &options);
	diags_init(&diags, arena, &sources);
	error = record_policy(arena, &diags, &r->record, &options, &text);
	if (error)
		return error;
	copy = arena_strndup(arena, text.data, text.size);
	if (!copy)
		return -ENOMEM;
	error = policy_rules(&diags, &sources, r->policy ? r->policy->name : "learned",
			     (struct str){ copy, text.size }, &policy, &rules);
	*out = rules;
	return error;
}

/* The rules that programs run under. */
static int base_rules(struct strait_recording *r, unsigned flags, struct strait_report *report,
		      struct rules **out)
{
	const struct rules *rules = r->policy ? r->policy->rules : r->measure.libc;
	enum record_look look = r->policy ? RECORD_LOOK_LACKING : RECORD_LOOK_FOREIGN;
	struct sources own;
	struct diags diags;
	int error = 0;

	if (flags & STRAIT_LEARN_EXACT)
		look = RECORD_LOOK_ALL;
	if (flags & STRAIT_LEARN_NEWS) {
		look = RECORD_LOOK_LACKING;
		error = known_rules(r, &r->arena, &rules);
	}
	if (error)
		return error;
	diags_init(&diags, &r->arena, sources_of(r, &own));
	error = record_rules(&r->arena, &diags, rules, look, out);
	report_collect(report, &diags);
	return error;
}

static int init(struct strait_recording *r, struct strait_policy *policy,
		struct strait_report *report)
{
	struct rules *tried;
	int error;

	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	record_init(&r->record);
	if (policy) {
		r->policy = policy_share(policy);
		r->measure.policy = policy->rules;
	}
	error = record_set(&r->arena, "libc", &r->measure.libc);
	return error ? error : base_rules(r, 0, report, &tried);
}

int strait_recording_new(struct strait_policy *policy, struct strait_report *report,
			 struct strait_recording **out)
{
	struct strait_recording *r = calloc(1, sizeof(*r));
	int error = r ? init(r, policy, report) : -ENOMEM;

	if (error) {
		strait_recording_free(r);
		return error;
	}
	*out = r;
	return 0;
}

void strait_recording_free(struct strait_recording *r)
{
	if (!r)
		return;
	record_deinit(&r->record);
	strait_policy_free(r->policy);
	arena_deinit(&r->arena);
	free(r);
}

/* ---- running ---- */

static void called(void *user, pid_t tid, const struct seccomp_data *call)
{
	struct learning *l = user;
	int error = record_add(&l->recording->record, &l->recording->measure, call, 1);

	(void)tid;
	if (error && !l->error)
		l->error = error;
}

/* linux/capability.h: file capabilities are this attribute. */
static bool is_privileged(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	return st.st_mode & S_ISUID || (st.st_mode & S_ISGID && st.st_mode & S_IXGRP) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

static void executed(void *user, pid_t tid)
{
	struct learning *l = user;
	char link[32], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)tid);
	if (!l->options->privileged || !is_privileged(link))
		return;
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return;
	path[len] = '\0';
	l->options->privileged(l->options->user, path);
}

static void put_word(const char *word, struct buf *out)
{
	bool plain = *word && !word[strcspn(word, " \t\n'\"\\$&|;<>()*?")];

	buf_putc(out, ' ');
	if (plain) {
		buf_puts(out, word);
		return;
	}
	buf_putc(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *word);
	buf_putc(out, '\'');
}

static int note_run(struct record *record, char *const *argv)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };
	AUTO_BUF text = { 0 };

	(void)localtime_r(&now, &tm);
	buf_printf(&text, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	for (; *argv; argv++)
		put_word(*argv, &text);
	return text.failed ? -ENOMEM : record_add_run(record, text.data);
}

static int finish(struct learning *l, const struct trace_result *traced,
		  struct strait_report *report, struct strait_run_result *result)
{
	const struct ending end = { .program = l->options->argv[0], .filter = "the recorder" };
	struct strait_run_result out = {
		.end = (enum strait_end)traced->end,
		.value = traced->value,
		.exit_code = ending_exit_code(traced),
	};

	ending_report(&end, traced, report);
	options_out(result, &out, sizeof(out));
	if (l->error == -E2BIG)
		report_error(report, DIAG_RECORDING,
			     "more than %d different calls: the recording is not complete",
			     RECORD_CALLS_MAX);
	if (!l->error && (traced->end == TRACE_EXITED || traced->end == TRACE_SIGNALED))
		l->error = note_run(&l->recording->record, l->options->argv);
	return l->error;
}

static int learn(struct learning *l, struct arena *arena, struct strait_report *report,
		 struct strait_run_result *result)
{
	struct strait_recording *r = l->recording;
	struct compile_options quick = { .quick = true };
	struct cbpf_prog prog;
	const struct cbpf_prog *stack[] = { &prog };
	struct trace_options options = {
		.stack = stack,
		.stack_len = 1,
		.argv = l->options->argv,
		.envp = l->options->envp,
		.report = TRACE_REPORT_CALLS,
		.called = called,
		.executed = executed,
		.user = l,
	};
	struct trace_result traced = { 0 };
	struct sources own;
	struct diags diags;
	struct rules *rules;
	int error = base_rules(r, l->options->flags, report, &rules);

	if (error)
		return error;
	diags_init(&diags, arena, sources_of(r, &own));
	error = compile_rules(arena, &diags, rules, &quick, &prog);
	report_collect(report, &diags);
	if (error)
		return error;
	r->record.is_partial |= r->policy != NULL;
	error = trace_run(&options, &traced);
	if (!error)
		return finish(l, &traced, report, result);
	report_error(report, DIAG_NOT_TRACED, "'%s' can't be run and recorded: %s",
		     l->options->argv[0], why_not_traced(error));
	return error;
}

int strait_learn(struct strait_recording *recording, const struct strait_learn_options *options,
		 struct strait_report *report, struct strait_run_result *result)
{
	struct strait_learn_options taken;
	struct learning l = { .recording = recording, .options = &taken };
	struct arena arena;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (!taken.argv || !taken.argv[0] || !taken.envp ||
	    (taken.flags & STRAIT_LEARN_EXACT &&
	     (recording->policy || taken.flags & STRAIT_LEARN_NEWS)))
		return -EINVAL;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = learn(&l, &arena, report, result);
	arena_deinit(&arena);
	return error;
}

/* ---- texts ---- */

static int read_text(struct strait_recording *r, struct arena *arena, const char *name,
		     struct str text, struct strait_report *report)
{
	struct sources sources = { .arena = arena };
	struct diags diags;
	uint32_t file = sources_add(&sources, name, text);
	int error;

	if (!file)
		return -ENOMEM;
	diags_init(&diags, arena, &sources);
	error = record_read(&r->record, &r->measure, &diags, file, text);
	report_collect(report, &diags);
	return error;
}

int strait_recording_read(struct strait_recording *recording, const char *name, const char *text,
			  size_t size, struct strait_report *report)
{
	int error = text_check(name, (struct str){ text, size }, report);
	struct arena arena;

	if (error)
		return error;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	error = read_text(recording, &arena, name, (struct str){ text, size }, report);
	arena_deinit(&arena);
	return error;
}

int strait_recording_text(const struct strait_recording *recording, char **out, size_t *size)
{
	AUTO_BUF text = { 0 };

	record_write(&recording->record, &text);
	return buf_finish(&text, out, size);
}

int strait_recording_call_at(const struct strait_recording *recording, size_t i, char **out)
{
	const struct record *r = &recording->record;
	const struct record_variant *next = NULL;
	const struct record_call *of = NULL;
	uint64_t after = 0;
	AUTO_BUF text = { 0 };

	/* The i-th by serial: a few hundred of a few hundred. */
	for (size_t n = 0; n <= i; n++) {
		next = NULL;
		for (size_t k = 0; k < r->len; k++)
			for (size_t v = 0; v < r->calls[k].len; v++) {
				const struct record_variant *variant = &r->calls[k].variants[v];

				if (!variant->is_needed || variant->serial < after ||
				    (next && next->serial < variant->serial))
					continue;
				next = variant;
				of = &r->calls[k];
			}
		if (!next)
			return -ENOENT;
		after = next->serial + 1;
	}
	record_describe(of, next, &text);
	return buf_finish(&text, out, NULL);
}

/* ---- the policy ---- */

static bool is_executed(const struct strait_filter *filter, const struct seccomp_data *data)
{
	const struct cbpf_prog *stack[] = { &filter->prog };
	struct engine_verdict verdict = engine_decide(stack, 1, data, CBPF_HOST_ORDER, 0);

	return verdict.outcome == ENGINE_RUNS || verdict.outcome == ENGINE_RUNS_LOGGED;
}

static void report_refused(const struct record_call *call, const struct record_variant *variant,
			   const struct strait_filter *filter, struct strait_report *report)
{
	const struct strait_filter *stack[] = { filter };
	struct strait_verdict *verdict = NULL;
	AUTO_BUF text = { 0 };

	record_describe(call, variant, &text);
	if (strait_eval(stack, 1, &variant->data, NULL, NULL, &verdict))
		verdict = NULL;
	report_error(report, DIAG_NOT_LEARNT,
		     "the policy would not allow %s (%s), which was recorded: %s%s%s",
		     text.data ? text.data : "a call", call->arch ? call->arch->name : "no ABI",
		     verdict && verdict->file ? verdict->file : filter->name,
		     verdict && verdict->statement ? ": " : "",
		     verdict && verdict->statement ? verdict->statement : "");
	strait_verdict_free(verdict);
}

/* Each recorded call, by the compiled program; what a policy of the caller's allowed already may
 * have hung on arguments that aren't kept. */
static int replay(const struct strait_recording *recording, const struct strait_filter *filter,
		  struct strait_report *report)
{
	const struct record *r = &recording->record;

	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->calls[i].len; k++) {
			const struct record_variant *variant = &r->calls[i].variants[k];

			if ((recording->policy && !variant->is_needed) ||
			    is_executed(filter, &variant->data))
				continue;
			report_refused(&r->calls[i], variant, filter, report);
			return -EINVAL;
		}
	return 0;
}

static bool is_open(const struct strait_filter *filter)
{
	uint32_t action = filter->policy->rules->otherwise & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static int check(const struct strait_recording *r, const char *name, const struct buf *text,
		 struct strait_report *report)
{
	struct strait_report *said = strait_report_new();
	struct strait_policy *policy;
	struct strait_filter *filter;
	int error = said ? 0 : -ENOMEM;

	if (error)
		return error;
	/* The author's warnings are not news here. */
	error = strait_policy_read_text(name, text->data, text->size, NULL, said, &policy);
	if (!error) {
		error = strait_filter_compile(policy, NULL, said, &filter);
		strait_policy_free(policy);
	}
	if (error == -EINVAL)
		(void)!strait_policy_read_text(name, text->data, text->size, NULL, report, &policy);
	strait_report_free(said);
	if (error)
		return error;
	if (is_open(filter)) {
		report_error(report, DIAG_UNLEARNABLE,
			     "by this default what was not recorded would be executed as well");
		error = -EINVAL;
	}
	if (!error)
		error = replay(r, filter, report);
	strait_filter_free(filter);
	return error;
}

static int write_policy(struct strait_recording *r, struct record_policy_options *options,
			struct strait_report *report, struct buf *out)
{
	struct sources own;
	struct arena arena;
	struct diags diags;
	int error;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, sources_of(r, &own));
	error = record_policy(&arena, &diags, &r->record, options, out);
	report_collect(report, &diags);
	arena_deinit(&arena);
	return error;
}

int strait_recording_policy(struct strait_recording *recording, const char *name,
			    const struct strait_recording_policy_options *options,
			    struct strait_report *report, char **out, size_t *out_size)
{
	struct strait_recording_policy_options taken;
	struct record_policy_options o = { .version = strait_version() };
	AUTO_BUF written = { 0 };
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	o.default_action = taken.default_action;
	o.counts = taken.flags & STRAIT_RECORDING_COUNTS;
	take_base(recording, &o);
	if (taken.flags & STRAIT_RECORDING_FAMILIES)
		error = record_complete(&recording->record,
					o.rules ? o.rules : recording->measure.libc);
	if (!error)
		error = write_policy(recording, &o, report, &written);
	if (!error)
		error = check(recording, name, &written, report);
	return error ? error : buf_finish(&written, out, out_size);
}
