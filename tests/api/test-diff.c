/* SPDX-License-Identifier: BSD-2-Clause */
/* <strait/decompile.h> and <strait/diff.h>: what callers rely on beyond what the command shows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <strait/strait.h>

#include "tap.h"

#define HEAD "arch x86_64\ndefault kill_process\n"

static const struct sock_filter no_arch[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static struct strait_filter *read_policy(const char *text)
{
	struct strait_filter *filter = NULL;

	if (strait_filter_read("x.strait", text, strlen(text), NULL, NULL, &filter))
		note("can't read %s", text);
	return filter;
}

static struct strait_stack stack_of(struct strait_filter **filter)
{
	return (struct strait_stack){ (const struct strait_filter *const *)filter, 1 };
}

static bool says(const struct strait_report *report, const char *code, const char *words)
{
	const struct strait_message *m = strait_report_at(report, 0);

	return m && strcmp(m->code, code) == 0 && strstr(m->text, words);
}

/* ---- decompile ---- */

static void test_text(void)
{
	struct strait_filter *filter = read_policy(HEAD "allow read if fd == 1\n");
	struct strait_stack stack = stack_of(&filter);
	char *text = NULL;
	size_t size = 0;

	ok(strait_decompile(&stack, NULL, NULL, &text, &size) == 0 && size == strlen(text) &&
		   strstr(text, "allow read if fd == 1\n"),
	   "a filter becomes a text and its size, without options and report");
	free(text);
	ok(strait_decompile(&stack, NULL, NULL, &text, NULL) == 0, "nobody need ask for the size");
	free(text);
	strait_filter_free(filter);
}

static void test_nothing(void)
{
	const struct strait_stack none = { 0 };
	char *text = NULL;

	ok(strait_decompile(&none, NULL, NULL, &text, NULL) == 0 &&
		   strstr(text, "default allow\nforeign allow\n"),
	   "no filter at all is a policy that allows everything");
	free(text);
}

static void test_refusal(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_decompile_options options = { .size = sizeof(options) };
	struct strait_filter *filter = NULL;
	struct strait_stack stack = stack_of(&filter);
	char *text = NULL;

	ok(strait_filter_from_raw("ctf", no_arch, sizeof(no_arch), STRAIT_ORDER_NATIVE, NULL,
				  &filter) == 0 &&
		   strait_decompile(&stack, NULL, report, &text, NULL) == 1 && !text,
	   "a program that no policy describes is no error of the caller's");
	ok(says(report, "D001", "'ctf'"), "the report says why");
	options.only = strait_abi_by_name("x86_64");
	ok(strait_decompile(&stack, &options, NULL, &text, NULL) == 0 &&
		   strstr(text, "kill_process execve\n"),
	   "for one ABI's calls it has a policy");
	free(text);
	text = NULL;
	options = (struct strait_decompile_options){ .size = sizeof(options), .proof_nodes = 10 };
	strait_report_clear(report);
	ok(strait_decompile(&stack, &options, report, &text, NULL) == -E2BIG && !text &&
		   says(report, "F009", "10 nodes"),
	   "a proof past its limit is no proof");
	options.size = 0;
	ok(strait_decompile(&stack, &options, report, &text, NULL) == -EINVAL,
	   "options have a size");
	strait_filter_free(filter);
	strait_report_free(report);
}

/* ---- diff ---- */

static void test_fields(void)
{
	struct strait_filter *a = read_policy(HEAD "allow socket if family == AF_UNIX\n");
	struct strait_filter *b =
		read_policy(HEAD "allow socket if family in { AF_UNIX, AF_VSOCK }\n");
	struct strait_stack stacks[] = { stack_of(&a), stack_of(&b) };
	struct strait_diff *diff = NULL;
	const struct strait_difference *d;

	ok(strait_diff(&stacks[0], &stacks[1], STRAIT_SAME, NULL, NULL, &diff) == 0 &&
		   diff->outcome == STRAIT_DISPROVEN && diff->is_complete && diff->len == 1,
	   "one more value is one difference");
	d = diff ? diff->list : NULL;
	ok(d && d->kind == STRAIT_ONLY_B && d->nabis == 1 && strcmp(d->abis[0], "x86_64") == 0 &&
		   d->ncalls == 1 && strcmp(d->calls[0], "socket") == 0 &&
		   strcmp(d->cond, "family == AF_VSOCK") == 0,
	   "it has its architecture, call and condition");
	ok(d && d->data.nr == 41 && d->data.args[0] == 40 && d->a_ret == SECCOMP_RET_KILL_PROCESS &&
		   d->b_ret == SECCOMP_RET_ALLOW && strcmp(d->a_action, "kill_process") == 0,
	   "and a call with both answers");
	strait_diff_free(diff);
	ok(strait_diff(&stacks[0], &stacks[1], STRAIT_NO_LOOSER, NULL, NULL, &diff) == 0 &&
		   diff->outcome == STRAIT_PROVEN && diff->len == 0,
	   "A lets nothing more happen");
	strait_diff_free(diff);
	strait_filter_free(a);
	strait_filter_free(b);
}

static void test_options(void)
{
	struct strait_filter *a = read_policy(HEAD "allow read\n");
	struct strait_stack stack = stack_of(&a);
	const struct strait_stack none = { 0 };
	struct strait_diff_options options = { .size = sizeof(options),
					       .abi = strait_abi_by_name("x86_64") };
	struct strait_diff *diff = NULL;

	ok(strait_diff(&none, &none, STRAIT_SAME, &options, NULL, &diff) == 0 &&
		   diff->outcome == STRAIT_PROVEN,
	   "two empty stacks are equal");
	strait_diff_free(diff);
	ok(strait_diff(&none, &stack, STRAIT_SAME, &options, NULL, &diff) == 0 && diff->len == 3 &&
		   diff->list[0].ncalls > 300 && diff->list[0].kind == STRAIT_ONLY_A &&
		   diff->list[1].ncalls == 0 && diff->list[1].nabis == 1 &&
		   diff->list[2].ncalls == 0 && diff->list[2].nabis == 0,
	   "an empty one allows all other calls, and every call of other ABIs");
	strait_diff_free(diff);
	ok(strait_diff(&none, &stack, (enum strait_relation)7, NULL, NULL, &diff) == -EINVAL,
	   "there is no third relation");
	options.size = 0;
	ok(strait_diff(&none, &stack, STRAIT_SAME, &options, NULL, &diff) == -EINVAL,
	   "options have a size");
	strait_diff_free(NULL);
	strait_filter_free(a);
}

int main(void)
{
	test_text();
	test_nothing();
	test_refusal();
	test_fields();
	test_options();
	return done();
}
