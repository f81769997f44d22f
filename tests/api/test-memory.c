/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out, at each allocation in turn: every road through the interface then ends in
 * -ENOMEM, or in the same answer as with memory, and leaves nothing behind. Never in another
 * answer.
 */
#include <strait/strait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* Sanitizers have an allocator of their own. */
#if defined(__SANITIZE_ADDRESS__)
#define CAN_FAIL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_FAIL 0
#endif
#endif
#if !defined(CAN_FAIL) && defined(__GLIBC__)
#define CAN_FAIL 1
#elif !defined(CAN_FAIL)
#define CAN_FAIL 0
#endif

#if CAN_FAIL
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t len, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static unsigned long allocations, fails_at; /* 0: none */
static long alive;

static bool fails(void)
{
	return ++allocations == fails_at;
}

void *malloc(size_t size)
{
	void *p = fails() ? NULL : __libc_malloc(size);

	alive += p != NULL;
	return p;
}

void *calloc(size_t len, size_t size)
{
	void *p = fails() ? NULL : __libc_calloc(len, size);

	alive += p != NULL;
	return p;
}

void *realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __libc_realloc(p, size);

	alive += !p && q;
	return q;
}

void free(void *p)
{
	alive -= p != NULL;
	__libc_free(p);
}

static const char policy[] = "default kill_process\n"
			     "let NAME = 1|2\n"
			     "set FEW = { 1, 2, 4..9 }\n"
			     "allow { read write }\n"
			     "errno(EPERM) openat if flags & NAME == 1 || mode in FEW\n";
static const char wrong[] = "allow nonsuch\nerrno(x) read\n";
static const char assembler[] = "ld [0]\njeq #1, yes, no\nyes: ret #0\nno: ret #0x7fff0000\n";

struct road {
	const char *name;
	int (*walk)(void); /* -ENOMEM or the same as ever */
};

static int decide(const struct strait_filter *filter, struct strait_report *report)
{
	struct strait_verdict *verdict = NULL;
	struct seccomp_data data;
	int answer = strait_call_parse("openat(AT_FDCWD, 0, O_WRONLY)", NULL, report, &data);

	if (!answer)
		answer = strait_eval(&filter, 1, &data, NULL, report, &verdict);
	if (!answer)
		answer = (int)verdict->outcome;
	strait_verdict_free(verdict);
	return answer;
}

static int evaluate(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	int answer = strait_filter_read("x.strait", policy, strlen(policy), NULL, report, &filter);

	if (!answer)
		answer = decide(filter, report);
	strait_filter_free(filter);
	strait_report_free(report);
	return answer;
}

static int write_all(void)
{
	struct strait_filter *filter = NULL;
	char *raw = NULL, *text = NULL, *c = NULL;
	size_t size;
	int answer = strait_filter_read("x.strait", policy, strlen(policy), NULL, NULL, &filter);

	if (!answer)
		answer = strait_filter_raw(filter, &raw, &size);
	if (!answer)
		answer = strait_filter_disasm(filter, &text, &size);
	if (!answer)
		answer = strait_filter_c(filter, "x", &c, &size);
	free(raw);
	free(text);
	free(c);
	strait_filter_free(filter);
	return answer;
}

static int read_wrong(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_policy *read = NULL;
	int answer = strait_policy_read_text("x", wrong, strlen(wrong), NULL, report, &read);

	strait_policy_free(read);
	strait_report_free(report);
	return answer;
}

static int assemble(void)
{
	struct strait_filter *filter = NULL;
	int answer = strait_filter_from_asm("x", assembler, strlen(assembler), STRAIT_ORDER_NATIVE,
					    NULL, &filter);
	size_t pc;

	if (!answer)
		answer = strait_filter_verify(filter, &pc, NULL);
	strait_filter_free(filter);
	return answer;
}

/* Silenced and not, and a note at an instruction. */
static int lint(void)
{
	static const char text[] = "arch x86_64\ndefault allow\ndeny ptrace # strait: allow L027\n"
				   "deny mount\nkill_thread { swapon swapoff }\n";
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	int answer = strait_filter_read("x.strait", text, strlen(text), NULL, NULL, &filter);

	if (!answer) {
		const struct strait_filter *stack = filter;

		answer = strait_lint(&stack, 1, NULL, report);
	}
	if (!answer && report && strait_report_count(report, STRAIT_WARNING) != 1)
		answer = 1;
	strait_filter_free(filter);
	strait_report_free(report);
	return answer;
}

static int read_stack(const char *text, struct strait_filter **filter, struct strait_stack *stack)
{
	*stack = (struct strait_stack){ (const struct strait_filter *const *)filter, 1 };
	return strait_filter_read("x.strait", text, strlen(text), NULL, NULL, filter);
}

static int decompile(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	struct strait_stack stack;
	char *text = NULL;
	int answer = read_stack(policy, &filter, &stack);

	if (!answer)
		answer = strait_decompile(&stack, NULL, report, &text, NULL);
	free(text);
	strait_filter_free(filter);
	strait_report_free(report);
	return answer;
}

static int compare(void)
{
	static const char a_text[] = "default kill\nallow socket if family == 1\nallow read\n";
	static const char b_text[] = "default kill\nallow socket if arg0 == 1\nlog read\n";
	struct strait_filter *a = NULL, *b = NULL;
	struct strait_diff *diff = NULL;
	struct strait_stack a_stack, b_stack;
	int answer = read_stack(a_text, &a, &a_stack);

	if (!answer)
		answer = read_stack(b_text, &b, &b_stack);
	if (!answer)
		answer = strait_diff(&a_stack, &b_stack, STRAIT_SAME, NULL, NULL, &diff);
	if (!answer)
		answer = diff->outcome == STRAIT_DISPROVEN && diff->len == 2 ? 0 : 1;
	strait_diff_free(diff);
	strait_filter_free(a);
	strait_filter_free(b);
	return answer;
}

static int format(void)
{
	char *text = NULL;
	int answer = strait_policy_format("x", policy, strlen(policy), NULL, &text, NULL);

	free(text);
	return answer;
}

static void count(void *user, const struct strait_stopped *call)
{
	*(int *)user += strcmp(call->verdict->syscall, "exit_group") == 0;
}

static bool says(const struct strait_report *report, const char *code)
{
	const struct strait_message *first = report ? strait_report_at(report, 0) : NULL;

	return first && strcmp(first->code, code) == 0;
}

/* A call that is stopped is told, or the report says that memory was out for it. */
static int run_killed(void)
{
	static const char text[] = "default allow\nkill exit_group\n";
	char program[] = "/bin/true", *argv[] = { program, NULL }, *envp[] = { NULL };
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	int told = 0;
	struct strait_run_options options = {
		.size = sizeof(options),
		.stack = (const struct strait_filter *const *)&filter,
		.nfilters = 1,
		.argv = argv,
		.envp = envp,
		.tell = STRAIT_TELL_KILLED,
		.stopped = count,
		.user = &told,
	};
	struct strait_run_result result = { .size = sizeof(result) };
	int answer = strait_filter_read("x.strait", text, strlen(text), NULL, report, &filter);

	if (!answer)
		answer = strait_run(&options, report, &result);
	if (!answer)
		answer = result.exit_code;
	if (answer == 128 + SIGSYS && !told)
		answer = says(report, "R006") ? -ENOMEM : 0;
	strait_verdict_free(result.verdict);
	strait_filter_free(filter);
	strait_report_free(report);
	return answer;
}

static int relate(void)
{
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_filter *filters[2] = { NULL, NULL }, *merged = NULL;
	struct strait_report *report = strait_report_new();
	struct strait_stack one = { (const struct strait_filter *const *)filters, 1 };
	struct strait_stack both = { one.filters, 2 };
	int answer =
		strait_filter_read("x.strait", policy, strlen(policy), NULL, report, &filters[0]);

	if (!answer)
		answer = strait_filter_from_asm("x", assembler, strlen(assembler),
						STRAIT_ORDER_NATIVE, report, &filters[1]);
	if (!answer)
		answer = strait_compare(&one, &both, STRAIT_SAME, NULL, report, &result);
	if (!answer)
		answer = strait_merge("both", &both, NULL, report, &merged);
	strait_filter_free(merged);
	strait_filter_free(filters[0]);
	strait_filter_free(filters[1]);
	strait_report_free(report);
	return answer ? answer : (int)result.outcome;
}

static int explain(void)
{
	static const char text[] = "type=1326 arch=c000003e syscall=257 code=0x50000\n"
				   "syscall=openat arch=x86_64 a2=1\n";
	struct strait_filter *filter = NULL;
	struct strait_records *records = strait_records_new(NULL);
	struct strait_explanation *x = NULL;
	int answer = strait_filter_read("x.strait", policy, strlen(policy), NULL, NULL, &filter);
	int seen = 0;

	if (!answer)
		answer = records ? strait_records_add(records, text, strlen(text), NULL) : -ENOMEM;
	for (size_t i = 0; !answer && strait_records_at(records, i); i++) {
		answer = strait_explain(strait_records_at(records, i),
					(const struct strait_filter *const *)&filter, 1, NULL, &x);
		if (!answer)
			seen = 10 * seen + (int)x->how + (int)x->nsuspects + 1;
		strait_explanation_free(x);
		x = NULL;
	}
	strait_records_free(records);
	strait_filter_free(filter);
	return answer ? answer : seen;
}

static const struct road roads[] = {
	{ "reading, compiling and evaluating a policy", evaluate },
	{ "writing a filter in all forms", write_all },
	{ "reading a policy with errors", read_wrong },
	{ "assembling", assemble },
	{ "formatting", format },
	{ "linting", lint },
	{ "comparing and merging", relate },
	{ "decompiling", decompile },
	{ "telling differences", compare },
	{ "explaining records", explain },
};

/* A report without memory is no report, and must not matter. */
static void walk(const struct road *road)
{
	int usual = road->walk(), answer;
	unsigned long n = 0, others = 0, leaks = 0, last;
	long before = alive;

	do {
		n++;
		allocations = 0;
		fails_at = n;
		answer = road->walk();
		last = allocations;
		fails_at = 0;
		others += answer != usual && answer != -ENOMEM;
		leaks += alive != before;
	} while (last >= n);
	ok(usual != -ENOMEM && n > 2, "%s makes %lu allocations", road->name, n - 1);
	ok(others == 0, "%s gives no other answer when one of them fails", road->name);
	ok(leaks == 0, "%s leaves nothing behind", road->name);
}

int main(void)
{
	strait_report_free(strait_report_new());
	if (!allocations) {
		skip("valgrind is in the way: it has an allocator of its own");
		return done();
	}
	for (size_t i = 0; i < sizeof(roads) / sizeof(roads[0]); i++)
		walk(&roads[i]);
	if (run_killed() == 128 + SIGSYS)
		walk(&(struct road){ "running a program that is killed", run_killed });
	else
		skip("no program can be run and watched here");
	return done();
}
#else
int main(void)
{
	skip("this libc or sanitizer has an allocator that can't be replaced");
	return done();
}
#endif
