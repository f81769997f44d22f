/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts: who decided, and that the rule they propose does what it promises. */
#include <strait/strait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"

#include "tap.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char policy[] =
	"arch x86_64, i386\n"
	"default kill_process\n"
	"allow { read write }\n"
	"errno(EPERM) { mkdir\n"
	"\trmdir }   # on two lines\n"
	"kill_process socket if family == AF_INET && type & 0xf == SOCK_STREAM\n"
	"allow socket if family == AF_UNIX\n"
	"trap ioctl\n"
	"log getpid\n"
	"trace ptrace\n";

static const struct {
	const char *call;
	enum strait_outcome outcome;
	enum strait_decider by;
	unsigned line;
	const char *statement;
	const char *fix; /* NULL: none */
} verdicts[] = {
	{ "read(0, 0, 1)", STRAIT_RUNS, STRAIT_BY_RULE, 3, "allow { read write }", NULL },
	{ "getpid()", STRAIT_RUNS_LOGGED, STRAIT_BY_RULE, 9, "log getpid", NULL },
	{ "rmdir(0)", STRAIT_FAILS, STRAIT_BY_RULE, 4, "errno(EPERM) { mkdir rmdir }",
	  "allow rmdir" },
	{ "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)", STRAIT_KILLS_PROCESS, STRAIT_BY_RULE, 6,
	  "kill_process socket if family == AF_INET && type & 0xf == SOCK_STREAM",
	  "allow socket if family == AF_INET && type == SOCK_STREAM|SOCK_CLOEXEC" },
	{ "socket(AF_INET6, SOCK_DGRAM, 0)", STRAIT_KILLS_PROCESS, STRAIT_BY_DEFAULT, 2,
	  "default kill_process", "allow socket if family == AF_INET6 && type == SOCK_DGRAM" },
	{ "ioctl(0, TCGETS, 0)", STRAIT_TRAPS, STRAIT_BY_RULE, 8, "trap ioctl",
	  "allow ioctl if cmd == TCGETS" },
	{ "ptrace(0, 0, 0, 0)", STRAIT_FAILS, STRAIT_BY_RULE, 10, "trace ptrace", "" },
	{ "mount(0, 0, 0, 0, 0)", STRAIT_KILLS_PROCESS, STRAIT_BY_DEFAULT, 2,
	  "default kill_process", "" },
	{ "arch=i386 mkdir(0, 0755)", STRAIT_FAILS, STRAIT_BY_RULE, 4,
	  "errno(EPERM) { mkdir rmdir }", "on i386 { allow mkdir }" },
	{ "arch=i386 mmap2(0, 0, PROT_READ, MAP_PRIVATE, 0, 0)", STRAIT_KILLS_PROCESS,
	  STRAIT_BY_DEFAULT, 2, "default kill_process",
	  "on i386 { allow mmap2 if prot == PROT_READ && flags == MAP_PRIVATE }" },
	{ "4000(1, 2)", STRAIT_KILLS_PROCESS, STRAIT_BY_DEFAULT, 2, "default kill_process", "" },
	{ "arch=x32 read(0, 0, 1)", STRAIT_KILLS_PROCESS, STRAIT_BY_FOREIGN, 0, NULL,
	  "arch x86_64, i386, x32" },
	{ "arch=aarch64 read(0, 0, 1)", STRAIT_KILLS_PROCESS, STRAIT_BY_FOREIGN, 0, NULL,
	  "arch x86_64, i386, aarch64" },
};

static struct strait_filter *compile(const char *text, struct strait_report *report)
{
	struct strait_policy_options policy_options = {
		.size = sizeof(policy_options),
		.abi = strait_abi_by_name("x86_64"),
	};
	struct strait_read_options options = {
		.size = sizeof(options),
		.form = STRAIT_FORM_POLICY,
		.policy = &policy_options,
	};
	struct strait_filter *filter = NULL;

	if (strait_filter_read("test.strait", text, strlen(text), &options, report, &filter))
		return NULL;
	return filter;
}

static struct strait_verdict *eval(const struct strait_filter *filter, const char *text)
{
	struct strait_verdict *verdict = NULL;
	struct seccomp_data data;

	if (strait_call_parse(text, strait_abi_by_name("x86_64"), NULL, &data) ||
	    strait_eval(&filter, 1, &data, NULL, NULL, &verdict))
		return NULL;
	return verdict;
}

/* The policy with what the verdict proposes, where it says. */
static char *mended(const struct strait_verdict *v)
{
	const char *at = policy, *rest;
	unsigned line = v->by == STRAIT_BY_FOREIGN ? 1 : v->by == STRAIT_BY_DEFAULT ? 3 : v->line;
	char *text = NULL;

	for (unsigned i = 1; i < line; i++)
		at = strchr(at, '\n') + 1;
	/* The arch statement is replaced, rules are added. */
	rest = v->by == STRAIT_BY_FOREIGN ? strchr(at, '\n') + 1 : at;
	if (asprintf(&text, "%.*s%s\n%s", (int)(at - policy), policy, v->fix, rest) < 0)
		return NULL;
	return text;
}

/* The law: do what the verdict proposes, and the call is allowed (or, with another ABI, decided by
 * a rule). */
static bool fix_works(const struct strait_verdict *v, const char *call)
{
	char *text = mended(v);
	struct strait_filter *filter = text ? compile(text, NULL) : NULL;
	struct strait_verdict *now = filter ? eval(filter, call) : NULL;
	bool works = now && (v->by == STRAIT_BY_FOREIGN ? now->by != STRAIT_BY_FOREIGN
							: now->outcome == STRAIT_RUNS);

	strait_verdict_free(now);
	strait_filter_free(filter);
	free(text);
	return works;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_verdicts(const struct strait_filter *filter)
{
	for (size_t i = 0; i < LEN(verdicts); i++) {
		const char *call = verdicts[i].call;
		struct strait_verdict *v = eval(filter, call);

		if (!ok(v != NULL, "%s is decided", call))
			continue;
		ok(v->outcome == verdicts[i].outcome && v->by == verdicts[i].by &&
			   v->line == verdicts[i].line && same(v->statement, verdicts[i].statement),
		   "%s is decided by line %u: %s", call, v->line,
		   v->statement ? v->statement : "(none)");
		if (!verdicts[i].fix)
			ok(!v->fix, "%s needs no other rule", call);
		else if (ok(v->fix && (!*verdicts[i].fix || same(v->fix, verdicts[i].fix)),
			    "%s would be allowed by: %s", call, v->fix ? v->fix : "(nothing)"))
			ok(fix_works(v, call), "%s is allowed by it", call);
		strait_verdict_free(v);
	}
}

/* A stack: the strictest wins, and is named. */
static void test_stack(void)
{
	const struct strait_filter *stack[2] = { compile("default allow\nerrno(EPERM) getpid\n",
							 NULL),
						 compile("default allow\ntrap getpid\n", NULL) };
	struct strait_verdict *v = NULL;
	struct seccomp_data data;

	if (strait_call_parse("getpid", strait_abi_by_name("x86_64"), NULL, &data) || !stack[0] ||
	    !stack[1]) {
		ok(false, "two policies compile");
		return;
	}
	ok(strait_eval(stack, 2, &data, NULL, NULL, &v) == 0 && v->filter == 1 &&
		   v->outcome == STRAIT_TRAPS,
	   "of two filters the stricter decides");
	strait_verdict_free(v);
	ok(strait_eval(NULL, 0, &data, NULL, NULL, &v) == 0 && v->by == STRAIT_BY_NOTHING &&
		   v->outcome == STRAIT_RUNS,
	   "without a filter the call is executed");
	strait_verdict_free(v);
	strait_filter_free((struct strait_filter *)(uintptr_t)stack[0]);
	strait_filter_free((struct strait_filter *)(uintptr_t)stack[1]);
}

static void test_refusals(void)
{
	static const struct sock_filter bad = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = NULL;
	struct strait_verdict *v = NULL;
	struct seccomp_data data = { .nr = 0,
				     .arch = strait_abi_audit(strait_abi_by_name("s390x")) };

	ok(strait_filter_from_raw("x", &bad, sizeof(bad), STRAIT_ORDER_NATIVE, report, &filter) ==
			   0 &&
		   strait_eval((const struct strait_filter *const *)&filter, 1, &data, NULL, report,
			       &v) != 0 &&
		   strcmp(strait_report_at(report, 0)->code, "F004") == 0,
	   "a program that the kernel refuses is not evaluated");
	strait_filter_free(filter);
	strait_report_clear(report);
	filter = compile("default allow\n", report);
	ok(filter &&
		   strait_eval((const struct strait_filter *const *)&filter, 1, &data, NULL, report,
			       &v) != 0 &&
		   strcmp(strait_report_at(report, 0)->code, "F005") == 0,
	   "a filter of the other byte order than the call's is not evaluated");
	strait_filter_free(filter);
	strait_report_free(report);
}

/* The prover is believed about other programs only if it sees one that is wrong. */
static void test_wrong_program(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = compile("default allow\nkill read\n", report);
	struct sock_filter wrong[16];
	size_t len = filter ? filter->prog.len : 0;

	if (!ok(len > 0 && len <= 16, "a policy compiles to a few instructions"))
		return;
	ok(filter_prove(filter, STRAIT_PROOF_NODES, report) == 0 && !strait_report_at(report, 0),
	   "its program is proven");
	memcpy(wrong, filter->prog.insns, len * sizeof(*wrong));
	for (size_t i = 0; i < len; i++)
		if (wrong[i].code == (BPF_RET | BPF_K) && wrong[i].k == SECCOMP_RET_KILL_PROCESS)
			wrong[i].k = SECCOMP_RET_ALLOW;
	filter->prog.insns = wrong;
	ok(filter_prove(filter, STRAIT_PROOF_NODES, report) == -EINVAL &&
		   strait_report_at(report, 0) &&
		   strcmp(strait_report_at(report, 0)->code, "F008") == 0,
	   "one with another answer is refused, with a call that shows it");
	strait_filter_free(filter);
	strait_report_free(report);
}

int main(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter = compile(policy, report);

	if (ok(filter != NULL, "the policy compiles"))
		test_verdicts(filter);
	else
		note("%s", strait_report_text(report, 0, 0));
	strait_filter_free(filter);
	strait_report_free(report);
	test_stack();
	test_refusals();
	test_wrong_program();
	return done();
}
