/* SPDX-License-Identifier: BSD-2-Clause */
/* What the builder refuses, each with its code and a sentence; and that nothing gets round it. */
#include "filter.h"

#include <fcntl.h>
#include <signal.h>

#define HEAD(f) strait_static_validate_arch(f, FOREIGN)
#define TAIL(f) strait_static_return(f, NO)

/* ---- each refusal ---- */

static void two_labels(struct strait_static *f)
{
	HEAD(f);
	strait_static_label(f, "twice");
	strait_static_allow(f, 1);
	strait_static_label(f, "twice");
	TAIL(f);
}

static void missing_if(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg32(0, STRAIT_EQ, 1), "nowhere");
	TAIL(f);
}

static void missing_unless(struct strait_static *f)
{
	HEAD(f);
	strait_static_unless(f, strait_arg64(0, STRAIT_GE, 1), "nowhere");
	TAIL(f);
}

static void missing_jump(struct strait_static *f)
{
	HEAD(f);
	strait_static_jump(f, "nowhere");
	strait_static_label(f, "somewhere");
	TAIL(f);
}

static void backward_if(struct strait_static *f)
{
	HEAD(f);
	strait_static_label(f, "before");
	strait_static_if_call(f, 3, "before");
	TAIL(f);
}

static void backward_jump(struct strait_static *f)
{
	HEAD(f);
	strait_static_label(f, "before");
	strait_static_allow(f, 3);
	strait_static_jump(f, "before");
}

static void label_at_end(struct strait_static *f)
{
	HEAD(f);
	strait_static_if_call(f, 3, "the end");
	TAIL(f);
	strait_static_label(f, "the end");
}

static void no_name(struct strait_static *f)
{
	HEAD(f);
	strait_static_if_call(f, 3, NULL);
	TAIL(f);
}

static void no_label_name(struct strait_static *f)
{
	HEAD(f);
	strait_static_label(f, NULL);
	TAIL(f);
}

static void empty(struct strait_static *f)
{
	(void)f;
}

static void only_head(struct strait_static *f)
{
	HEAD(f);
}

static void no_head(struct strait_static *f)
{
	strait_static_allow(f, 1);
	TAIL(f);
}

static void label_before_head(struct strait_static *f)
{
	strait_static_label(f, "first");
	HEAD(f);
	TAIL(f);
}

static void head_late(struct strait_static *f)
{
	TAIL(f);
	HEAD(f);
}

static void two_heads(struct strait_static *f)
{
	HEAD(f);
	HEAD(f);
	TAIL(f);
}

static void no_return(struct strait_static *f)
{
	HEAD(f);
	strait_static_allow(f, 1);
}

static void ends_with_test(struct strait_static *f)
{
	HEAD(f);
	strait_static_unless(f, strait_arg32(5, STRAIT_EQ, 1), "x");
}

static void unreached(struct strait_static *f)
{
	HEAD(f);
	TAIL(f);
	strait_static_allow(f, 1);
	TAIL(f);
}

static void unreached_after_jump(struct strait_static *f)
{
	HEAD(f);
	strait_static_jump(f, "on");
	TAIL(f);
	strait_static_label(f, "on");
	TAIL(f);
}

static void after_resolve(struct strait_static *f)
{
	HEAD(f);
	TAIL(f);
	if (strait_static_resolve(f) == 0)
		strait_static_allow(f, 1);
}

static void label_after_resolve(struct strait_static *f)
{
	HEAD(f);
	TAIL(f);
	if (strait_static_resolve(f) == 0)
		strait_static_label(f, "late");
}

static void seventh_argument(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg32((unsigned)-1, STRAIT_EQ, 1), "x");
}

static void number_as_argument(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg64(6, STRAIT_EQ, 1), "x");
}

static void unknown_test(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg64(0, (enum strait_test)8, 1), "x");
	strait_static_label(f, "x");
	TAIL(f);
}

static void wide_value(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg32(4, STRAIT_LE, 0x100000000), "x");
}

static void wide_negative(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_arg32(4, STRAIT_EQ, (uint64_t)INT32_MIN - 1), "x");
}

static void wide_mask(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_masked32(4, 0xf00000000, 0), "x");
}

static void outside_mask(struct strait_static *f)
{
	HEAD(f);
	strait_static_if(f, strait_masked64(4, 0xf0, 0x11), "x");
}

static void negative_number(struct strait_static *f)
{
	HEAD(f);
	strait_static_allow(f, -1);
}

static void wide_number(struct strait_static *f)
{
	HEAD(f);
	if (sizeof(long) == 8)
		strait_static_if_call(f, (long)0x100000000, "x");
	else
		strait_static_if_call(f, -5, "x");
}

static void large_errno(struct strait_static *f)
{
	HEAD(f);
	strait_static_errno(f, 3, 4096);
}

static void large_trap(struct strait_static *f)
{
	HEAD(f);
	strait_static_trap(f, 3, 0x10000);
}

static void large_trace(struct strait_static *f)
{
	HEAD(f);
	strait_static_trace(f, 3, 0x10000);
}

static void no_room(struct strait_static *f)
{
	HEAD(f);
	for (long i = 0; i < 20; i++)
		strait_static_allow(f, i);
	TAIL(f);
}

static void no_room_for_marks(struct strait_static *f)
{
	static const char *const names[] = { "1",  "2",	 "3",  "4",  "5",  "6",	 "7",  "8",  "9",
					     "10", "11", "12", "13", "14", "15", "16", "17", "18",
					     "19", "20", "21", "22", "23", "24", "25", "26" };

	HEAD(f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		strait_static_label(f, names[i]);
	TAIL(f);
}

static const struct {
	const char *name;
	void (*build)(struct strait_static *f);
	int error;
	const char *sentence;
} refusals[] = {
	{ "a label twice", two_labels, -EINVAL, "two labels \"twice\"" },
	{ "a test's label is missing", missing_if, -EINVAL, "no label \"nowhere\"" },
	{ "a negated test's label is missing", missing_unless, -EINVAL, "no label \"nowhere\"" },
	{ "a jump's label is missing", missing_jump, -EINVAL, "no label \"nowhere\"" },
	{ "a test jumps back", backward_if, -EINVAL, "label \"before\"" },
	{ "a jump goes back", backward_jump, -EINVAL, "label \"before\"" },
	{ "a label behind the last instruction", label_at_end, -EINVAL, "label \"the end\"" },
	{ "a jump to a label without name", no_name, -EINVAL, "has a name" },
	{ "a label without name", no_label_name, -EINVAL, "has a name" },
	{ "nothing at all", empty, -EINVAL, "strait_static_return()" },
	{ "nothing but the architecture", only_head, -EINVAL, "strait_static_return()" },
	{ "no check of the architecture", no_head, -EINVAL, "strait_static_validate_arch()" },
	{ "a label before it", label_before_head, -EINVAL, "strait_static_validate_arch()" },
	{ "something else before it", head_late, -EINVAL, "strait_static_validate_arch()" },
	{ "the check twice", two_heads, -EINVAL, "already validated" },
	{ "no return at the end", no_return, -EINVAL, "strait_static_return()" },
	{ "a test at the end", ends_with_test, -EINVAL, "strait_static_return()" },
	{ "instructions behind a return", unreached, -EINVAL, "nothing reaches" },
	{ "instructions behind a jump", unreached_after_jump, -EINVAL, "nothing reaches" },
	{ "a call after resolving", after_resolve, -EINVAL, "is resolved" },
	{ "a label after resolving", label_after_resolve, -EINVAL, "strait_static_resolve()" },
	{ "argument -1", seventh_argument, -EINVAL, "no argument 4294967295" },
	{ "argument 6", number_as_argument, -EINVAL, "no argument 6" },
	{ "a test that isn't one", unknown_test, -EINVAL, "no test 8" },
	{ "33 bits for 32", wide_value, -EINVAL, "0x100000000 doesn't fit" },
	{ "a negative value of 33 bits", wide_negative, -EINVAL, "0xffffffff7fffffff doesn't fit" },
	{ "a mask of 36 bits for 32", wide_mask, -EINVAL, "0xf00000000 doesn't fit" },
	{ "a value outside its mask", outside_mask, -EINVAL, "argument 4 & 0xf0 is never 0x11" },
	{ "a negative number", negative_number, -EINVAL, "-1 is no system-call number" },
	{ "a number of 33 bits", wide_number, -EINVAL, "is no system-call number" },
	{ "errno 4096", large_errno, -EINVAL, "call 3: 4096 is more than 4095" },
	{ "65536 for a trap", large_trap, -EINVAL, "call 3: 65536 is more than 65535" },
	{ "65536 for a tracer", large_trace, -EINVAL, "call 3: 65536 is more than 65535" },
	{ "no room for instructions", no_room, -E2BIG, "25 there is room for" },
	{ "no room for labels", no_room_for_marks, -E2BIG, "at label \"26\"" },
};

/* The failure is in all that uses the filter, later calls don't cover it, and nothing is written.
 */
static bool stays_refused(struct strait_static *f, int error)
{
	char text[8] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	int ends[2] = { -1, -1 };
	bool good = pipe2(ends, O_NONBLOCK) == 0;

	strait_static_label(f, "another one");
	strait_static_return(f, SECCOMP_RET_ALLOW);
	good = good && strait_static_print(f, out) == error;
	good = good && strait_static_write(f, ends[1]) == error;
	good = good && strait_static_install(f, 0) == error && strait_static_attach(f, 0) == error;
	good = good && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
	good = good && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0;
	fclose(out);
	good = good && !text[0] && read(ends[0], text, 1) < 0;
	close(ends[0]);
	close(ends[1]);
	return good;
}

static void test_refusals(void)
{
	bool bare = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 &&
		    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const char *sentence;
		int error;

		STRAIT_STATIC(f, 25);

		refusals[i].build(&f);
		error = strait_static_resolve(&f);
		sentence = strait_static_explain(&f, error);
		ok(error == refusals[i].error && strstr(sentence, refusals[i].sentence),
		   "%s: %s: %s", MACHINE, refusals[i].name, sentence);
		if (!bare)
			skip("this process is under a filter or no_new_privs already");
		else
			ok(stays_refused(&f, error), "%s: ... and so it stays", MACHINE);
	}
}

/* ---- x32's numbers, lengths, the first failure ---- */

static void test_x32(void)
{
	STRAIT_STATIC(f, 25);

	HEAD(&f);
	strait_static_allow(&f, 0x40000001);
	TAIL(&f);
	if (STRAIT_STATIC_BIG_ENDIAN || STRAIT_S_IS_X32)
		ok(strait_static_resolve(&f) == 0, "%s: bit 30 of a number means nothing", MACHINE);
	else
		ok(strait_static_resolve(&f) == -EINVAL && strstr(f.message, "x32"),
		   "%s: a number of x32: %s", MACHINE, f.message);
}

static void test_first(void)
{
	STRAIT_STATIC(f, 25);

	HEAD(&f);
	strait_static_errno(&f, 3, 5000);
	strait_static_jump(&f, "nowhere");
	strait_static_allow(&f, -1);
	ok(strait_static_resolve(&f) == -EINVAL && strstr(f.message, "5000"),
	   "%s: of several failures the first is told: %s", MACHINE, f.message);
}

static void test_length(unsigned allows, bool fits)
{
	static struct sock_filter insns[5000];
	static struct strait_static_mark marks[5000];
	struct strait_static f;

	strait_static_init(&f, insns, marks, 5000);
	HEAD(&f);
	for (unsigned i = 0; i < allows; i++)
		strait_static_allow(&f, (long)i);
	strait_static_label(&f, "end");
	while (f.len < BPF_MAXINSNS - 1 && fits)
		strait_static_if_call(&f, 5000, "return");
	strait_static_label(&f, "return");
	TAIL(&f);
	if (fits)
		ok(strait_static_resolve(&f) == 0 && f.len == BPF_MAXINSNS && verifies(&f),
		   "%s: 4096 instructions are taken", MACHINE);
	else
		ok(strait_static_resolve(&f) == -E2BIG && strstr(f.message, "4096"),
		   "%s: more aren't: %s", MACHINE, f.message);
}

/* A long name is cut, not the memory behind it. */
static void test_long_name(void)
{
	char name[1000];

	STRAIT_STATIC(f, 25);

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	HEAD(&f);
	strait_static_jump(&f, name);
	strait_static_label(&f, "y");
	TAIL(&f);
	ok(strait_static_resolve(&f) == -EINVAL && strlen(f.message) < sizeof(f.message),
	   "%s: the sentence about a long name is cut", MACHINE);
}

/* ---- write ---- */

static void test_write(void)
{
	struct sock_filter read_back[25];
	int ends[2] = { -1, -1 };
	ssize_t size;

	STRAIT_STATIC(f, 25);

	HEAD(&f);
	strait_static_unless(&f, strait_arg32(3, STRAIT_WITHIN, 7), "no");
	strait_static_return(&f, YES);
	strait_static_label(&f, "no");
	TAIL(&f);
	if (pipe(ends) != 0)
		return;
	ok(strait_static_write(&f, ends[1]) == 0, "%s: a filter is written", MACHINE);
	size = read(ends[0], read_back, sizeof(read_back));
	ok(size == (ssize_t)(f.len * sizeof(*f.insns)) &&
		   memcmp(read_back, f.insns, (size_t)size) == 0,
	   "%s: ... as the array that it is", MACHINE);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	ok(strait_static_write(&f, ends[1]) == -EPIPE, "%s: ... not where nobody reads", MACHINE);
	close(ends[1]);
	ok(strait_static_write(&f, -1) == -EBADF, "%s: ... nor to no file", MACHINE);
}

int main(void)
{
	test_refusals();
	test_x32();
	test_first();
	test_length(2000, true);
	test_length(2100, false);
	test_long_name();
	test_write();
	return done();
}
