/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of static.h against policies that say the same: proven equal for every call there is, on
 * either byte order; and that the proof sees a difference.
 */
#include "filter.h"

#include "policy/policy.h"
#include "prove/prove.h"

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
};

static bool read_policy(struct reading *r, const char *text)
{
	const struct arch *arch = arch_by_name(str_of(MACHINE));
	struct policy_options options = { .arch = arch, .no_files = true };

	*r = (struct reading){ 0 };
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->sources.arena = &r->arena;
	diags_init(&r->diags, &r->arena, &r->sources);
	if (policy_rules(&r->diags, &r->sources, "policy", str_of(text), &options, &r->rules) == 0)
		return true;
	for (const struct diag *d = r->diags.first; d; d = d->next)
		note("%s: %s", text, d->text);
	return false;
}

/* An enum prove_outcome, or -1: the policy or the filter isn't one. */
static int compare(struct strait_static *f, const char *text)
{
	struct reading r;
	struct cbpf_prog prog = { f->insns, 0, NULL };
	struct prove_subject filter = { .progs = &prog, .nprogs = 1 }, policy = { 0 };
	struct prove_result result;
	int outcome = -1;

	if (strait_static_resolve(f) != 0)
		note("%s", strait_static_explain(f, -EINVAL));
	prog.len = f->len;
	if (read_policy(&r, text) && !f->error && verifies(f)) {
		policy.rules = r.rules;
		outcome = prove_compare(&filter, &policy, PROVE_SAME, ORDER, PROVE_DEFAULT_BUDGET,
					&result);
	}
	arena_deinit(&r.arena);
	return outcome;
}

static long number(const char *name)
{
	return (long)arch_syscall_nr(arch_by_name(str_of(MACHINE)),
				     arch_syscall_by_name(str_of(name)));
}

/* ---- each condition ---- */

/* write is allowed where CONDITION, as static.h makes it and as the policy's text has it, holds. */
static int compare_condition(const struct strait_condition *condition, bool jump_if,
			     const char *text)
{
	char policy[256];

	STRAIT_STATIC(f, 32);

	snprintf(policy, sizeof(policy),
		 "default errno(51)\nforeign trap(17)\nallow write if %s(%s)\n", jump_if ? "" : "!",
		 text);
	strait_static_validate_arch(&f, FOREIGN);
	strait_static_if_call(&f, number("write"), "write");
	strait_static_label(&f, "no");
	strait_static_return(&f, NO);
	strait_static_label(&f, "write");
	if (jump_if)
		strait_static_if(&f, *condition, "allow");
	else
		strait_static_unless(&f, *condition, "allow");
	strait_static_return(&f, NO);
	strait_static_label(&f, "allow");
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	return compare(&f, policy);
}

static void test_condition(size_t test, bool jump_if)
{
	unsigned wrong = 0, total = 0;

	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		const char *name = tests[test].name;
		unsigned arg = (unsigned)i % 6;
		struct strait_condition c = strait_arg64(arg, tests[test].test, edges[i]);
		char text[64];

		snprintf(text, sizeof(text), "arg%u %s 0x%" PRIx64, arg, name, edges[i]);
		wrong += compare_condition(&c, jump_if, text) != PROVE_EQUAL;
		total++;
		if (edges[i] > UINT32_MAX)
			continue;
		/* write's fd is unsigned to the kernel, and has 32 bits. */
		c = strait_arg32(0, tests[test].test, edges[i]);
		snprintf(text, sizeof(text), "fd %s 0x%" PRIx64, name, edges[i]);
		wrong += compare_condition(&c, jump_if, text) != PROVE_EQUAL;
		total++;
	}
	ok(wrong == 0, "%s: %s %s, of 32 and 64 bits, means what a policy means by it: %u proofs",
	   MACHINE, jump_if ? "if" : "unless", tests[test].name, total);
}

static void test_masked(bool jump_if)
{
	unsigned wrong = 0, total = 0;

	for (size_t i = 0; i < ARRAY_LEN(edges); i++, total++) {
		uint64_t mask = edges[i], value = mask & edges[(i * 7 + 3) % ARRAY_LEN(edges)];
		struct strait_condition c = strait_masked64(3, mask, value);
		char text[96];

		snprintf(text, sizeof(text), "arg3 & 0x%" PRIx64 " == 0x%" PRIx64, mask, value);
		if (mask <= UINT32_MAX && i % 2) {
			c = strait_masked32(0, mask, value);
			snprintf(text, sizeof(text), "fd & 0x%" PRIx64 " == 0x%" PRIx64, mask,
				 value);
		}
		wrong += compare_condition(&c, jump_if, text) != PROVE_EQUAL;
	}
	ok(wrong == 0, "%s: %s masked and equal, too: %u proofs", MACHINE,
	   jump_if ? "if" : "unless", total);
}

/* ---- a whole filter ---- */

static const char whole_policy[] =
	"default   kill_process\n"
	"allow     { read close exit_group }\n"
	"log       getuid\n"
	"notify    mknodat\n"
	"trace(7)  uname\n"
	"trap(9)   fork\n"
	"kill_thread reboot\n"
	"errno(13) openat if !(flags within O_CLOEXEC|O_NOFOLLOW)\n"
	"allow     openat\n"
	"allow     write if fd == 1 && arg1 == 0x7fff12345000 && count <= 4096\n"
	"allow     write if fd == 2\n"
	"allow     socket if family == 1 && type & 0xf == 1\n";

static void whole_filter(struct strait_static *f, uint64_t size)
{
	strait_static_validate_arch(f, SECCOMP_RET_KILL_PROCESS);
	strait_static_if_call(f, number("openat"), "openat");
	strait_static_if_call(f, number("write"), "write");
	strait_static_if_call(f, number("socket"), "socket");
	strait_static_allow(f, number("read"));
	strait_static_allow(f, number("close"));
	strait_static_allow(f, number("exit_group"));
	strait_static_log(f, number("getuid"));
	strait_static_notify(f, number("mknodat"));
	strait_static_trace(f, number("uname"), 7);
	strait_static_trap(f, number("fork"), 9);
	strait_static_kill_thread(f, number("reboot"));
	strait_static_return(f, SECCOMP_RET_KILL_PROCESS);

	strait_static_label(f, "socket");
	strait_static_unless(f, strait_arg32(0, STRAIT_EQ, 1), "stop");
	strait_static_if(f, strait_masked32(1, 0xf, 1), "allow");
	strait_static_jump(f, "stop");

	strait_static_label(f, "openat");
	strait_static_if(f, strait_arg32(2, STRAIT_WITHIN, 02000000 | 0400000), "allow");
	strait_static_return(f, SECCOMP_RET_ERRNO | 13);

	strait_static_label(f, "write");
	strait_static_if(f, strait_arg32(0, STRAIT_EQ, 2), "allow");
	strait_static_unless(f, strait_arg32(0, STRAIT_EQ, 1), "stop");
	strait_static_unless(f, strait_arg64(1, STRAIT_EQ, 0x7fff12345000), "stop");
	strait_static_unless(f, strait_arg64(2, STRAIT_LE, size), "stop");
	strait_static_label(f, "allow");
	strait_static_return(f, SECCOMP_RET_ALLOW);
	strait_static_label(f, "stop");
	strait_static_return(f, SECCOMP_RET_KILL_PROCESS);
}

int main(void)
{
	STRAIT_STATIC(whole, 128);
	STRAIT_STATIC(other, 128);

	for (size_t test = 0; test < ARRAY_LEN(tests); test++) {
		test_condition(test, true);
		test_condition(test, false);
	}
	test_masked(true);
	test_masked(false);
	whole_filter(&whole, 4096);
	ok(compare(&whole, whole_policy) == PROVE_EQUAL,
	   "%s: a filter with every action and labels is its policy, proven for every call",
	   MACHINE);
	whole_filter(&other, 4097);
	ok(compare(&other, whole_policy) == PROVE_DIFFERS,
	   "%s: ... and one that takes a byte more isn't", MACHINE);
	return done();
}
