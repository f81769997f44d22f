/* SPDX-License-Identifier: BSD-2-Clause */
/* Proofs in the public interface: compiling proves or refuses, and how stacks relate. */
#include <strait/strait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* ---- compiling ---- */

/* Each of the tests ties a bit of one argument to one of another, so that the first argument's
 * value must be remembered as a whole. */
#define PAIR(bit) "arg0 has " bit " && arg1 has " bit
static const char
	entangled[] = "arch x86_64\ndefault kill_process\nallow read if " PAIR("1") " ||\n" PAIR("2") " ||\n" PAIR(
		"4") " ||\n" PAIR("8") " ||\n" PAIR("16") " ||\n" PAIR("32") " ||\n" PAIR("64") "\n";

static int compile(const struct strait_compile_options *compile, struct strait_report *report)
{
	struct strait_read_options options = { .size = sizeof(options), .compile = compile };
	struct strait_filter *filter = NULL;
	int error = strait_filter_read("x.strait", entangled, strlen(entangled), &options, report,
				       &filter);

	if (!filter != (error != 0))
		return -EDOM;
	strait_filter_free(filter);
	return error;
}

static void test_compiling(void)
{
	struct strait_compile_options options = { .size = sizeof(options) };
	struct strait_report *report = strait_report_new();

	ok(compile(NULL, report) == 0 && !strait_report_at(report, 0), "a policy is proven");
	options.proof_nodes = 200;
	ok(compile(&options, report) == -EINVAL && strait_report_count(report, STRAIT_ERROR) == 1 &&
		   strcmp(strait_report_at(report, 0)->code, "F009") == 0 &&
		   strstr(strait_report_at(report, 0)->text, " 200 nodes"),
	   "what can't be proven within the limit is no filter, and the limit is named");
	ok(compile(&options, NULL) == -EINVAL, "nor without a report");
	options.flags = STRAIT_COMPILE_UNPROVEN;
	strait_report_clear(report);
	ok(compile(&options, report) == 0 && !strait_report_at(report, 0),
	   "but one that nobody wants a proof of");
	options.size = 0;
	ok(compile(&options, report) == -EINVAL, "options without a size are refused");
	strait_report_free(report);
}

/* ---- comparing ---- */

#define SOCKET	"arch x86_64\ndefault errno(EPERM)\n"
#define LOAD_NR "ld [0]\n"

static const struct {
	const char *name;
	const char *a[2], *b[2]; /* policies, or assembler text where the first word is ld or ret */
	enum strait_relation relation;
	enum strait_proof outcome;
	uint32_t a_ret, b_ret;
} comparisons[] = {
	{ "a policy is the same as itself",
	  { SOCKET "allow socket if family == AF_UNIX" },
	  { SOCKET "allow socket if family == AF_UNIX" },
	  STRAIT_SAME },
	{ "another constant makes it another",
	  { SOCKET "allow socket if family == AF_UNIX" },
	  { SOCKET "allow socket if family == AF_INET" },
	  STRAIT_SAME,
	  STRAIT_DISPROVEN,
	  SECCOMP_RET_ALLOW,
	  SECCOMP_RET_ERRNO | 1 },
	{ "a bit of an errno makes it another",
	  { "ret #0x50001\n" },
	  { "ret #0x50002\n" },
	  STRAIT_SAME,
	  STRAIT_DISPROVEN,
	  SECCOMP_RET_ERRNO | 1,
	  SECCOMP_RET_ERRNO | 2 },
	{ "which is no looser", { "ret #0x50001\n" }, { "ret #0x50002\n" }, STRAIT_NO_LOOSER },
	{ "less is no looser",
	  { SOCKET "allow socket if family == AF_UNIX" },
	  { SOCKET "allow socket" },
	  STRAIT_NO_LOOSER },
	{ "more is",
	  { SOCKET "allow socket" },
	  { SOCKET "allow socket if family == AF_UNIX" },
	  STRAIT_NO_LOOSER,
	  STRAIT_DISPROVEN,
	  SECCOMP_RET_ALLOW,
	  SECCOMP_RET_ERRNO | 1 },
	{ "a policy and a program",
	  { "arch i386\nforeign allow\ndefault allow\nerrno(1) syscall(7)" },
	  { "ld [4]\njeq #0x40000003, i386, yes\ni386: ld [0]\njeq #7, no, yes\n"
	    "yes: ret #0x7fff0000\nno: ret #0x50001\n" },
	  STRAIT_SAME },
	{ "a stack is one program",
	  { LOAD_NR "jeq #1, no, yes\nno: ret #0x50001\nyes: ret #0x7fff0000\n",
	    LOAD_NR "jeq #2, no, yes\nno: ret #0x50002\nyes: ret #0x7fff0000\n" },
	  { LOAD_NR "jeq #1, no, more\nno: ret #0x50001\nmore: jeq #2, no2, yes\n"
		    "no2: ret #0x50002\nyes: ret #0x7fff0000\n" },
	  STRAIT_SAME },
	{ "the newest wins a tie, with its data",
	  { "ret #0x50001\n", "ret #0x50002\n" },
	  { "ret #0x50001\n" },
	  STRAIT_SAME,
	  STRAIT_DISPROVEN,
	  SECCOMP_RET_ERRNO | 2,
	  SECCOMP_RET_ERRNO | 1 },
	{ "no filter allows", { NULL }, { "ret #0x7fff0000\n" }, STRAIT_SAME },
	{ "nothing is the same as nothing", { NULL }, { NULL }, STRAIT_SAME },
	{ "a filter is no looser than none", { "ret #0x7ffc0000\n" }, { NULL }, STRAIT_NO_LOOSER },
};

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static size_t read_stack(const char *const texts[2], struct strait_filter *filters[2])
{
	size_t n = 0;

	for (; n < 2 && texts[n]; n++) {
		bool is_asm = starts(texts[n], "ld ") || starts(texts[n], "ret ");

		if (strait_filter_read(is_asm ? "x.asm" : "x.strait", texts[n], strlen(texts[n]),
				       NULL, NULL, &filters[n])) {
			ok(false, "'%s' can be read", texts[n]);
			break;
		}
	}
	return n;
}

static void free_stack(struct strait_filter *filters[2])
{
	strait_filter_free(filters[0]);
	strait_filter_free(filters[1]);
}

static void test_comparing(size_t i)
{
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_filter *fa[2] = { NULL }, *fb[2] = { NULL };
	struct strait_stack a = { (const struct strait_filter *const *)fa,
				  read_stack(comparisons[i].a, fa) };
	struct strait_stack b = { (const struct strait_filter *const *)fb,
				  read_stack(comparisons[i].b, fb) };
	int error = strait_compare(&a, &b, comparisons[i].relation, NULL, NULL, &result);

	ok(error == 0 && result.outcome == comparisons[i].outcome &&
		   result.a_ret == comparisons[i].a_ret && result.b_ret == comparisons[i].b_ret &&
		   result.size == sizeof(result),
	   "%s", comparisons[i].name);
	free_stack(fa);
	free_stack(fb);
}

/* The product of two arguments has no small diagram. */
#define PRODUCT "ld [16]\ntax\nld [24]\nmul x\nret a\n"

static void test_undecided(void)
{
	static const char *const texts[] = { "ret #0x7fff0000\n", PRODUCT };
	static const char *const other[] = { "ret #0x7fff0000\n", NULL };
	struct strait_compare_options options = { sizeof(options), 1 << 14 };
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_report *report = strait_report_new();
	struct strait_filter *f[2] = { NULL }, *g[2] = { NULL };
	struct strait_stack s = { (const struct strait_filter *const *)f, read_stack(texts, f) };
	struct strait_stack t = { (const struct strait_filter *const *)g, read_stack(other, g) };
	int error = strait_compare(&s, &s, STRAIT_SAME, &options, report, &result);

	ok(error == 0 && result.outcome == STRAIT_UNDECIDED && result.stuck == STRAIT_STUCK_A &&
		   result.filter == 1 && result.pc == 3,
	   "a product of arguments is undecided, and the instruction is known");
	ok(strait_report_count(report, STRAIT_WARNING) == 1 &&
		   strcmp(strait_report_at(report, 0)->code, "F010") == 0 &&
		   strstr(strait_report_at(report, 0)->text, "instruction 3 of 'x.asm': mul x"),
	   "it is named in the report");
	error = strait_compare(&t, &s, STRAIT_SAME, &options, report, &result);
	ok(error == 0 && result.outcome == STRAIT_DISPROVEN && result.a_ret == SECCOMP_RET_ALLOW &&
		   result.b_ret != result.a_ret,
	   "a difference is found by a search nevertheless");
	free_stack(f);
	free_stack(g);
	strait_report_free(report);
}

static void test_refusals(void)
{
	static const char *const wrong[] = { "ld [0]\n", NULL };
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_report *report = strait_report_new();
	struct strait_filter *f[2] = { NULL }, *big = NULL;
	struct strait_stack s = { (const struct strait_filter *const *)f, read_stack(wrong, f) };
	struct strait_stack none = { NULL, 0 },
			    t = { (const struct strait_filter *const *)&big, 1 };

	ok(strait_compare(&s, &none, STRAIT_SAME, NULL, report, &result) == -EINVAL &&
		   strcmp(strait_report_at(report, 0)->code, "F004") == 0,
	   "what the kernel would not accept isn't compared");
	ok(strait_compare(&none, &s, STRAIT_SAME, NULL, NULL, &result) == -EINVAL,
	   "on either side");
	if (strait_filter_from_asm("x", "ret #0\n", 7, STRAIT_ORDER_BIG, NULL, &big) ||
	    strait_filter_from_asm("x", "ret #0\n", 7, STRAIT_ORDER_LITTLE, NULL, &f[1]))
		return;
	s.filters++;
	strait_report_clear(report);
	ok(strait_compare(&s, &t, STRAIT_SAME, NULL, report, &result) == -EINVAL &&
		   strcmp(strait_report_at(report, 0)->code, "F005") == 0,
	   "nor are filters of different byte orders");
	ok(strait_compare(&none, &none, (enum strait_relation)7, NULL, NULL, &result) == -EINVAL,
	   "nor by a relation that there isn't");
	free_stack(f);
	strait_filter_free(big);
	strait_report_free(report);
}

/* ---- merging ---- */

static size_t count_code(const struct strait_report *report, const char *code)
{
	const struct strait_message *m;
	size_t n = 0;

	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		n += strcmp(m->code, code) == 0;
	return n;
}

static void test_merging(void)
{
	static const char *const texts[] = { SOCKET "allow { read socket }\nerrno(EACCES) mount",
					     "arch x86_64\ndefault allow\ntrap(3) mount\n" };
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_report *report = strait_report_new();
	struct strait_filter *f[2] = { NULL }, *merged = NULL;
	struct strait_stack s = { (const struct strait_filter *const *)f, read_stack(texts, f) };
	struct strait_stack one = { (const struct strait_filter *const *)&merged, 1 };
	const struct strait_message *m;

	ok(strait_merge("both", &s, NULL, report, &merged) == 0 && merged &&
		   strcmp(strait_filter_name(merged), "both") == 0 && !strait_filter_policy(merged),
	   "a stack becomes one filter");
	ok(strait_compare(&s, &one, STRAIT_SAME, NULL, NULL, &result) == 0 &&
		   result.outcome == STRAIT_PROVEN,
	   "which is the same as the stack");
	m = strait_report_at(report, 0);
	ok(strait_report_count(report, STRAIT_WARNING) == 1 && count_code(report, "M002") == 1 &&
		   m->line == 4 && strcmp(m->file, "x.strait") == 0,
	   "a rule that is overruled is reported with its place");
	strait_filter_free(merged);
	strait_report_clear(report);
	f[0] = (strait_filter_free(f[0]), f[1]);
	ok(strait_merge("both", &s, NULL, report, &merged) == 0 &&
		   count_code(report, "M001") == 1 &&
		   strait_report_count(report, STRAIT_WARNING) == 1,
	   "of two equal filters one changes nothing");
	f[0] = NULL;
	strait_filter_free(merged);
	free_stack(f);
	strait_report_free(report);
}

static void test_not_merging(void)
{
	static const char *const texts[] = { "ret #0x7fff0000\n", PRODUCT };
	struct strait_compare_options options = { sizeof(options), 1 << 12 };
	struct strait_report *report = strait_report_new();
	struct strait_filter *f[2] = { NULL }, *merged = NULL;
	struct strait_stack s = { (const struct strait_filter *const *)f, read_stack(texts, f) };
	struct strait_stack none = { NULL, 0 };

	ok(strait_merge("x", &none, NULL, report, &merged) == -EINVAL && !merged &&
		   count_code(report, "F004") == 1,
	   "no filter at all is not merged");
	ok(strait_merge("x", &s, &options, report, &merged) == -EINVAL && !merged &&
		   count_code(report, "F009") == 1 &&
		   strstr(strait_report_at(report, 1)->text, "instruction 3 of 'x.asm': mul x"),
	   "nor what can't be proven, and the instruction is named");
	ok(strait_merge("x", &s, &options, NULL, &merged) == -EINVAL, "without a report either");
	free_stack(f);
	strait_report_free(report);
}

int main(void)
{
	test_compiling();
	for (size_t i = 0; i < LEN(comparisons); i++)
		test_comparing(i);
	test_undecided();
	test_refusals();
	test_merging();
	test_not_merging();
	return done();
}
