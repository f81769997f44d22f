/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole way: a policy's text, compiled and installed, against rules_eval() on real calls with
 * edge values in every argument. What an allowed call returns is measured first, without the
 * filter; all calls fail or do nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compile/compile.h"
#include "kernel/kernel.h"
#include "live/call.h"
#include "live/child.h"
#include "live/gen.h"
#include "policy/policy.h"
#include "tap.h"

#define CALLS 1500

static const struct {
	const char *name;
	const char *text;
} policies[] = {
	{ "names and numbers", "default errno(11)\n"
			       "allow { getppid lseek }\n"
			       "errno(12) syscall(5000)\n"
			       "errno(0) ioctl\n" },
	{ "the first rule that matches decides", "default allow\n"
						 "errno(21) lseek if whence == 1\n"
						 "allow lseek if whence <= 2\n"
						 "errno(22) lseek if fd == -1\n"
						 "errno(23) lseek\n"
						 "errno(24) { getppid ioctl }\n" },
	{ "32-bit arguments ignore the upper half",
	  "default allow\n"
	  "errno(31) ioctl if fd == -1 && cmd == 0x80000000\n"
	  "errno(32) ioctl if fd == 9999 || cmd > 0x7fffffff\n"
	  "errno(33) fcntl if cmd == 1\n" },
	{ "signed arguments compare signed", "default allow\n"
					     "errno(41) lseek if fd >= 0\n"
					     "errno(42) lseek if offset < -1\n"
					     "errno(43) lseek if offset < 0\n"
					     "errno(44) lseek if offset > 0x7fffffff\n" },
	{ "masks, within and has", "default allow\n"
				   "errno(51) openat if flags within 0x80000000\n"
				   "errno(52) openat if flags has 3\n"
				   "errno(53) openat if flags & 2 == 2\n"
				   "errno(54) openat if mode & 1 != 0\n" },
	{ "ranges and sets",
	  "default allow\n"
	  "errno(61) ioctl if cmd in { 0, 2 .. 4, 0xffffffff }\n"
	  "errno(62) lseek if offset not in { -1, 0 .. 0x7fffffff, 0x100000000 }\n"
	  "errno(63) fcntl if cmd in { 0x7ffffffe .. 0xffffffff }\n" },
	{ "raw arguments have 64 bits",
	  "default allow\n"
	  "errno(71) syscall(5000) if arg5 >= 0x100000000 && arg5 < 0x200000000\n"
	  "errno(72) syscall(5000) if arg4 == 0xffffffffffffffff\n"
	  "errno(73) syscall(5000) if arg3 & 0xffffffff00000000 == 0x100000000\n"
	  "errno(74) syscall(5000) if !(arg2 == 0 || arg1 == 0)\n"
	  "errno(75) getppid if arg0 > 0xffffffff\n" },
	{ "foreign calls", "default allow\n"
			   "foreign errno(81)\n"
			   "errno(82) getppid\n" },
};

/* Their first argument, where they have one, is a file descriptor, which is never open here. */
static const uint64_t numbers[] = {
	SYS_getppid,
	SYS_lseek,
	SYS_ioctl,
	SYS_fcntl,
	SYS_openat,
	5000,
	5001,
#if defined(__x86_64__)
	0x40000000 + SYS_getppid,
	0x40000000 + 5000,
#endif
};

static const uint64_t fds[] = {
	9999, 0xffffffff, UINT64_MAX, 0x10000270f, 0x7fffffff, 0x80000000, 0xffffffff0000270f,
};

static const uint64_t values[] = {
	0,
	1,
	2,
	3,
	4,
	5,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x7ffffffe,
	0x100000000,
	0x100000001,
	0x180000000,
	0x1ffffffff,
	0x200000000,
	0x8000000000000000,
	0x7fffffffffffffff,
	UINT64_MAX,
	UINT64_MAX - 1,
	0xffffffff00000000,
	0xffffffff80000000,
};

struct call {
	uint64_t nr, args[6];
};

struct outcome {
	bool installed, finished;
	long unfiltered[CALLS], filtered[CALLS];
};

static struct call calls[CALLS];
static struct outcome *outcome;

static void make_calls(void)
{
	struct rng r = rng_at(1, 0);

	for (size_t i = 0; i < CALLS; i++) {
		calls[i].nr = numbers[rng_below(&r, ARRAY_LEN(numbers))];
		calls[i].args[0] = fds[rng_below(&r, ARRAY_LEN(fds))];
		for (int j = 1; j < 6; j++)
			calls[i].args[j] = values[rng_below(&r, ARRAY_LEN(values))];
	}
}

struct compiled {
	struct rules *rules;
	struct cbpf_prog prog;
};

/* Whether the call can't be made, for its answer would be a death. */
static bool is_deadly(const struct rules *rules, const struct call *call)
{
	struct seccomp_data data = call_data(call->nr, call->args);
	uint32_t action = rules_eval(rules, &data).ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD;
}

static void make_all_calls(void *arg)
{
	const struct compiled *compiled = arg;
	const struct cbpf_prog *prog = &compiled->prog;

	for (size_t i = 0; i < CALLS; i++)
		outcome->unfiltered[i] = call_raw(calls[i].nr, calls[i].args);
	if (kernel_install(prog->insns, prog->len, 0, NULL))
		return;
	outcome->installed = true;
	for (size_t i = 0; i < CALLS; i++)
		if (!is_deadly(compiled->rules, &calls[i]))
			outcome->filtered[i] = call_raw(calls[i].nr, calls[i].args);
	outcome->finished = true;
}

/* The policies here have only allow and errno, and kill_process for foreign calls. */
static long expected(uint32_t ret, long unfiltered)
{
	return ret == SECCOMP_RET_ALLOW ? unfiltered : -(long)(ret & SECCOMP_RET_DATA);
}

static size_t count_disagreements(const struct rules *rules, size_t *refused)
{
	size_t disagreements = 0;

	*refused = 0;
	for (size_t i = 0; i < CALLS; i++) {
		struct seccomp_data data = call_data(calls[i].nr, calls[i].args);
		uint32_t ret = rules_eval(rules, &data).ret;

		if (is_deadly(rules, &calls[i]))
			continue;
		*refused += ret != SECCOMP_RET_ALLOW;
		if (outcome->filtered[i] == expected(ret, outcome->unfiltered[i]))
			continue;
		if (disagreements++ == 0)
			note("call 0x%llx (0x%llx, 0x%llx, 0x%llx): rules 0x%x, kernel %ld, "
			     "unfiltered %ld",
			     (unsigned long long)calls[i].nr, (unsigned long long)calls[i].args[0],
			     (unsigned long long)calls[i].args[1],
			     (unsigned long long)calls[i].args[2], ret, outcome->filtered[i],
			     outcome->unfiltered[i]);
	}
	return disagreements;
}

static void print_diags(const struct diags *diags)
{
	AUTO_BUF text = { 0 };
	char *save = NULL;

	for (const struct diag *d = diags->first; d; d = d->next)
		diag_render(diags, d, false, &text);
	for (char *line = text.data ? strtok_r(text.data, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		note("%s", line);
}

static void test_policy(const char *name, const char *text)
{
	const struct policy_options options = { .no_files = true };
	const struct compile_options compiling = { .validate = true };
	struct arena arena;
	struct sources sources = { .arena = &arena };
	struct diags diags;
	struct compiled compiled = { 0 };
	size_t disagreements, refused;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	diags_init(&diags, &arena, &sources);
	if (policy_rules(&diags, &sources, name, str_of(text), &options, &compiled.rules) ||
	    compile_rules(&arena, &diags, compiled.rules, &compiling, &compiled.prog)) {
		print_diags(&diags);
		ok(false, "%s: compiles", name);
	} else {
		*outcome = (struct outcome){ 0 };
		child_run(make_all_calls, &compiled);
		disagreements = count_disagreements(compiled.rules, &refused);
		ok(outcome->installed && outcome->finished && !disagreements && refused > 0 &&
			   refused < CALLS,
		   "%s: %d calls, %zu of them not allowed, %zu disagreements", name, CALLS, refused,
		   disagreements);
	}
	arena_deinit(&arena);
}

int main(void)
{
	struct kernel_probe probe;

	kernel_probe(&probe);
#ifndef CALL_AUDIT_ARCH
	probe.filter = false; /* struct seccomp_data.arch isn't known here */
#endif
	if (!probe.filter || probe.mode != SECCOMP_MODE_DISABLED || kernel_set_no_new_privs()) {
		skip("this process can't be put under filters of its own and known calls");
		return done();
	}
	outcome = child_shared(sizeof(*outcome));
	make_calls();
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		test_policy(policies[i].name, policies[i].text);
	return done();
}
