/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compiler with a fault gives nobody a wrong filter. plant-faults.py builds one in which each of
 * its faults can be switched on; strait_filter_compile() then refuses (F008), or what it makes is
 * right nevertheless. Each fault is met by at least one policy.
 */
#include <strait/strait.h>

#include "faults.h"

#include <errno.h>

#include "api/handles.h"
#include "arch/arch.h"
#include "compile/compile.h"
#include "compile/gen.h"
#include "policy/policy.h"
#include "tap.h"

/* Calls on which a filter of a faulty compiler is tried. */
#define SAMPLE 100

extern unsigned compile_fault;
unsigned compile_fault; /* the one that is switched on; 0: none */

/* Five of ten values; a list of more than TREE_MAX intervals. */
#define TEN(n) #n "1, " #n "3, " #n "5, " #n "7, " #n "9, "
#define FIFTY  TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9) TEN(10)
#define HUNDRED                                                                                    \
	FIFTY TEN(21) TEN(22) TEN(23) TEN(24) TEN(25) TEN(26) TEN(27) TEN(28) TEN(29) TEN(30)

/* What the shipped policies lack. Each is for an ABI of its own, if it says so. */
static const char *const policies[] = {
	"arch x86_64, x32, i386\ndefault errno(ENOSYS)\nforeign kill_thread\nallow read\n"
	"on x32 { errno(EPERM) { write open } }\nallow write\n",
	"arch x86_64, i386\ndefault log\nallow { read write }\nerrno(3) getpid\n",
	"arch s390x\ndefault kill_process\nallow lseek if arg1 == 0x100000002\nerrno(5) open\n",
	"arch x86_64\ndefault kill_process\nallow lseek if offset < -5 || offset > 0x300000003\n"
	"errno(1) mmap if arg1 > 0x100000000 && arg1 <= 0x500000005\n"
	"allow mmap if arg1 & 0xff00000000 == 0x1200000000 && !(arg2 == 3)\n",
	"arch x86_64\ndefault kill_process\nallow ioctl if cmd in { 1, 3, 5..9, 20, 22, 40..41, 43 "
	"}\n"
	"allow fcntl if arg1 >= 7 && arg1 < 12 && arg1 != 9\nallow dup2 if arg0 in { 4, 6..7, 9 "
	"}\n",
	"arch x86_64\ndefault kill_process\nallow chmod if mode < 0x8001\nallow kill if pid < 0\n"
	"allow socket if type & 0xf == 1 && type & 0xff < 0x81\nallow mkdir if mode & 0xf == 0xf\n"
	"allow umask if mask & 0x30 != 0 && mask & 0x10 == 0\n",
	"arch x86_64\ndefault kill_process\n"
	"allow read if arg0 == 1 && arg1 == 2\nerrno(1) read if arg0 == 1\nerrno(3) read if arg1 "
	"== 2\n"
	"allow write if arg0 & 6 != 0 && arg0 & 4 != 0\nerrno(1) write if arg0 & 4 == 0 && arg0 & "
	"2 == 0\n"
	"allow close if arg0 & 0xf == 3\nerrno(1) close if arg0 == 3\nerrno(5) close if arg0 & "
	"0xff == 3\n",
	"arch x86_64\ndefault kill_process\n"
	"allow read if arg0 > 5 && arg0 < 9\nerrno(1) read if arg0 < 20 && arg0 > 7\n"
	"allow write if arg0 < 5 && arg1 == 0\nerrno(3) write if arg0 == 4\nerrno(5) write if arg0 "
	"== 5\n"
	"errno(7) write if arg0 == 6\nerrno(8) write if arg0 > 7\nerrno(9) write if arg0 & 0xfff > "
	"3\n",
	"arch x86_64\ndefault kill_process\nerrno(2) lseek if offset in { -5 .. 7 }\n"
	"allow close if arg0 & 0xf == 3\nallow dup if arg0 & 0xff == 3\n"
	"allow read if arg0 == 3\nerrno(1) read if arg0 == 20\nerrno(3) read if arg0 & 0xff == 7\n"
	"errno(5) read if arg0 == 50\nerrno(7) read if arg0 & 0xfff == 70\nerrno(9) read if arg0 "
	"== 90\n",
	"arch x86_64\ndefault kill_process\nallow ioctl if cmd in { " HUNDRED "1000 }\n",
	"arch x86_64\ndefault allow\nerrno(1) read if arg0 & 3 != 0\nerrno(2) write if arg0 & 4 != "
	"0\n"
	"errno(1) open if arg0 == 0x10 && arg1 & 0x10 == 0\nerrno(7) close if arg0 == 1\n"
	"errno(7) dup if arg1 == 1\nerrno(7) dup2 if arg2 == 1\nerrno(2) creat if arg0 & 8 != 0\n",
};

struct counts {
	size_t caught, right, wrong;
};

/* Is what was made right on a sample all the same? */
static bool is_right(struct gen *g, const struct strait_filter *filter)
{
	const struct rules *rules = filter->policy->rules;

	for (int i = 0; i < SAMPLE; i++) {
		struct seccomp_data call = gen_call(g, rules);
		uint32_t ret = cbpf_interp(filter->prog.insns, filter->prog.len, &call,
					   filter->order, NULL, NULL)
				       .ret;

		if (ret != rules_eval(rules, &call).ret)
			return false;
	}
	return true;
}

static void check_compile(struct gen *g, struct strait_policy *policy, struct counts *n)
{
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter;
	const struct strait_message *m;
	int error = strait_filter_compile(policy, NULL, report, &filter);

	m = strait_report_at(report, 0);
	if (error == 0)
		*(is_right(g, filter) ? &n->right : &n->wrong) += 1;
	else
		*(error == -EINVAL && m && strcmp(m->code, "F008") == 0 ? &n->caught : &n->wrong) +=
			1;
	if (error == 0)
		strait_filter_free(filter);
	strait_report_free(report);
}

static struct strait_policy *read_policy(const char *text, size_t size, const struct arch *arch)
{
	struct strait_policy_options options = {
		.size = sizeof(options),
		.abi = abi_public(arch),
		.flags = STRAIT_POLICY_NO_FILES,
	};
	struct strait_policy *policy = NULL;

	if (strait_policy_read_text("x.strait", text, size, &options, NULL, &policy))
		ok(false, "'%.*s' can be read", (int)size, text);
	return policy;
}

static struct strait_policy *read_shipped(const char *name, const struct arch *arch)
{
	struct str text = policy_shipped(str_of(name));
	struct strait_policy *policy;
	char *whole = NULL;
	bool has_default = memmem(text.ptr, text.len, "\ndefault", 8);
	int size = asprintf(&whole, "%s%.*s", has_default ? "" : "default kill_process\n",
			    STR_ARG(text));

	policy = size < 0 ? NULL : read_policy(whole, (size_t)size, arch);
	free(whole);
	return policy;
}

/* The constants of the policy's rules are what calls are made of. */
static void fill_pool(struct gen *g, const struct rules *rules)
{
	g->npool = 0;
	for (size_t i = 0; i < rules->len; i++)
		for (size_t k = 0; k < rules->abis[i].len; k++)
			gen_remember(g, rules->abis[i].entries[k].first);
	for (unsigned i = 0; i < 60; i++)
		gen_remember(g, i % 2 ? i : (uint64_t)i << 32 | i);
}

static void check_policy(struct gen *g, struct strait_policy *policy, struct counts *counts)
{
	if (!policy)
		return;
	fill_pool(g, policy->rules);
	for (compile_fault = 0; compile_fault <= ARRAY_LEN(faults); compile_fault++)
		check_compile(g, policy, &counts[compile_fault]);
	compile_fault = 0;
	strait_policy_free(policy);
}

int main(void)
{
	static struct counts counts[ARRAY_LEN(faults) + 1];
	static const char *const archs[] = { "x86_64", "i386", "s390x" };
	struct gen g = { .state = 20260303 };
	size_t caught = 0;

	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		check_policy(&g, read_policy(policies[i], strlen(policies[i]), arch_native()),
			     counts);
	for (size_t i = 0; policy_shipped_at(i); i++)
		for (size_t k = 0; k < ARRAY_LEN(archs); k++)
			check_policy(
				&g,
				read_shipped(policy_shipped_at(i), arch_by_name(str_of(archs[k]))),
				counts);
	ok(counts[0].caught == 0 && counts[0].wrong == 0 && counts[0].right > 10,
	   "without a fault all %zu policies compile", counts[0].right);
	for (size_t i = 1; i <= ARRAY_LEN(faults); i++) {
		ok(counts[i].wrong == 0 && counts[i].caught > 0, "caught: %s (%zu times)",
		   faults[i - 1], counts[i].caught);
		caught += counts[i].caught;
	}
	note("%zu faults, %zu wrong programs caught before emission", ARRAY_LEN(faults), caught);
	return done();
}
