/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stack of random filters answers to real system calls, against engine_decide() on the same
 * struct seccomp_data. Returns are errnos mostly, so that a verdict can be read off the call; a
 * `ret a` first folds all bits of A into an errno. The calls are harmless should they be allowed.
 * A division by zero kills: that too is predicted, and the next child goes on behind it.
 *
 * usage: test-verdict [stacks [seed]]
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "kernel/kernel.h"
#include "live/call.h"
#include "live/child.h"
#include "live/gen.h"
#include "tap.h"

#define FILTERS_MAX 3
#define INSNS_MAX   96
#define CALLS	    64 /* a stack */
#define DEATHS_MAX  2  /* a stack; further deadly calls are left out */

/* ---- stacks ---- */

struct stack {
	struct sock_filter insns[FILTERS_MAX][INSNS_MAX];
	struct cbpf_prog progs[FILTERS_MAX];
	const struct cbpf_prog *refs[FILTERS_MAX];
	size_t len;
};

/* So that the next filter can be installed under it. */
static const struct sock_filter guard[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* A ^= A >> 20; A ^= A >> 10; an errno of its low 12 bits. */
static const struct sock_filter fold[] = {
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 20),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 10),
	BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff),
	BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
	BPF_STMT(BPF_RET | BPF_A, 0),
};

/* Lets half of the calls through that get so far. */
static const struct sock_filter gate[] = {
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW | 3),
};

#define ENDS (ARRAY_LEN(guard) + ARRAY_LEN(gate) + ARRAY_LEN(fold))

/* Machines differ in shifts by X of 32 and more: src/cbpf/interp.c. */
static bool shifts_by_x(const struct sock_filter *insn)
{
	return insn->code == (BPF_ALU | BPF_LSH | BPF_X) ||
	       insn->code == (BPF_ALU | BPF_RSH | BPF_X);
}

static bool loads_ip(const struct sock_filter *insn)
{
	return insn->code == (BPF_LD | BPF_W | BPF_ABS) && insn->k / 8 == 1;
}

#if defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64)
#define SHIFTS_AGREE 1
#else
#define SHIFTS_AGREE 0
#endif

static bool is_portable(const struct sock_filter *insn)
{
	return (SHIFTS_AGREE || !shifts_by_x(insn)) && (CALL_IP_IS_KNOWN || !loads_ip(insn));
}

static uint32_t gen_ret(struct rng *r)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_ERRNO, SECCOMP_RET_ERRNO,	   SECCOMP_RET_ERRNO, SECCOMP_RET_ERRNO,
		SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_ERRNO,
	};

	return actions[rng_below(r, ARRAY_LEN(actions))] | rng_below(r, 4200);
}

/* An instruction whose jumps may go as far as the ends; LEFT: the instructions up to those.
 */
static struct sock_filter gen_step(struct rng *r, size_t left)
{
	struct sock_filter insn;

	if (rng_chance(r, 5))
		return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, gen_ret(r));
	do
		insn = gen_tame(r, left + 1);
	while (!is_portable(&insn) ||
	       (insn.code == (BPF_ALU | BPF_DIV | BPF_X) && rng_chance(r, 80)));
	if (insn.code == (BPF_RET | BPF_A))
		insn = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)left - 1);
	if (insn.code == (BPF_RET | BPF_K))
		insn.k = gen_ret(r);
	return insn;
}

static size_t gen_filter(struct rng *r, struct sock_filter *insns, bool guarded)
{
	size_t body = 1 + rng_below(r, rng_chance(r, 70) ? 12 : INSNS_MAX - ENDS);
	size_t len = 0;

	if (guarded) {
		memcpy(insns, guard, sizeof(guard));
		len = ARRAY_LEN(guard);
	}
	for (size_t i = 0; i < body; i++)
		insns[len++] = gen_step(r, body - i);
	if (rng_chance(r, 50)) {
		memcpy(&insns[len], gate, sizeof(gate));
		len += ARRAY_LEN(gate);
	}
	memcpy(&insns[len], fold, sizeof(fold));
	return len + ARRAY_LEN(fold);
}

static void make_stack(struct rng *r, struct stack *s)
{
	s->len = 1 + rng_below(r, FILTERS_MAX);
	for (size_t i = 0; i < s->len; i++) {
		size_t len, pc;

		do
			len = gen_filter(r, s->insns[i], i + 1 < s->len);
		while (cbpf_verify(s->insns[i], len, &pc) != CBPF_OK);
		s->progs[i] = (struct cbpf_prog){ .insns = s->insns[i], .len = len };
		s->refs[i] = &s->progs[i];
	}
}

/* ---- calls ---- */

/* Nothing happens whatever the arguments are. */
static const uint64_t numbers[] = {
	SYS_getpid,
	SYS_getppid,
	SYS_getuid,
	SYS_gettid,
	SYS_getegid,
	1000,
	4999,
#if defined(__x86_64__)
	/* The number is the register's low half: arch/x86/entry/common.c. */
	0x100000000 + SYS_getpid,
	0xffffffff00000000 + SYS_getuid,
	0xffffffff,
	0x3fffffff,
	0x40000000 + SYS_getpid,
#endif
};

struct call {
	size_t number; /* index into numbers */
	uint64_t args[6];
};

/* A constant of the stack, or next to one: what a comparison may find. */
static uint32_t gen_word(struct rng *r, const struct stack *s)
{
	const struct cbpf_prog *prog = s->refs[rng_below(r, (uint32_t)s->len)];

	if (rng_chance(r, 30))
		return gen_k(r);
	return prog->insns[rng_below(r, (uint32_t)prog->len)].k + rng_below(r, 5) / 2 - 1;
}

static void make_call(struct rng *r, const struct stack *s, struct call *call)
{
	call->number = rng_below(r, ARRAY_LEN(numbers));
	for (int i = 0; i < 6; i++)
		call->args[i] = (uint64_t)gen_word(r, s) << 32 | gen_word(r, s);
}

/* ---- the child ---- */

struct progress {
	uint64_t stack;
	size_t call;
	size_t deaths; /* of this stack's children */
	bool installed, dying;
	size_t outcomes[ENGINE_KILLS_PROCESS + 1]; /* predicted how often, and seen */
	size_t fallbacks;			   /* ENOSYS for want of tracer or listener */
	size_t olds;				   /* an older filter won */
	size_t left_out;
	/* The first disagreement, if there was one. */
	bool disagrees;
	struct engine_verdict verdict;
	struct seccomp_data data;
	long expected, value;
};

static struct progress *progress;
static uint64_t seed = 1;
static struct stack stack;
static struct call calls[CALLS];

static void make_case(uint64_t index)
{
	struct rng r = rng_at(seed, index);

	make_stack(&r, &stack);
	for (size_t i = 0; i < CALLS; i++)
		make_call(&r, &stack, &calls[i]);
}

static void count(const struct engine_verdict *verdict)
{
	progress->outcomes[verdict->outcome]++;
	progress->fallbacks += verdict->outcome == ENGINE_FAILS &&
			       (verdict->ret & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO;
	progress->olds += verdict->filter + 1 < stack.len;
}

/* Makes one call and compares; false: stop here. */
static bool try_call(const struct call *call, const long *unfiltered)
{
	struct seccomp_data data = call_data(numbers[call->number], call->args);
	struct engine_verdict verdict =
		engine_decide(stack.refs, stack.len, &data, CBPF_HOST_ORDER, 0);
	long expected, value;

	progress->dying = verdict.outcome == ENGINE_KILLS_THREAD;
	if (progress->dying && progress->deaths >= DEATHS_MAX) {
		progress->left_out++;
		return true;
	}
	count(&verdict);
	expected = verdict.outcome == ENGINE_RUNS ? unfiltered[call->number] : -verdict.errno_value;
	progress->verdict = verdict;
	progress->data = data;
	value = call_raw(numbers[call->number], call->args);
	if (value == expected && !progress->dying)
		return true;
	progress->expected = expected;
	progress->value = value;
	progress->disagrees = true;
	return false;
}

static void try_calls(void *unused)
{
	static const uint64_t zeros[6];
	long unfiltered[ARRAY_LEN(numbers)];

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		unfiltered[i] = call_raw(numbers[i], zeros);
	progress->installed = false;
	progress->dying = false;
	for (size_t i = 0; i < stack.len; i++)
		if (kernel_install(stack.progs[i].insns, stack.progs[i].len, 0, NULL))
			return;
	progress->installed = true;
	while (progress->call < CALLS && try_call(&calls[progress->call], unfiltered))
		progress->call++;
}

/* ---- the parent ---- */

/* All calls of one stack; false: it and the kernel disagree. */
static bool try_stack(uint64_t index)
{
	make_case(index);
	progress->stack = index;
	progress->deaths = 0;
	for (progress->call = 0; progress->call < CALLS; progress->call++) {
		int status = child_run(try_calls, NULL);

		if (child_finished(status))
			return progress->installed && !progress->disagrees;
		if (status == -1 || !progress->dying || !WIFSIGNALED(status) ||
		    WTERMSIG(status) != SIGSYS)
			return false;
		progress->deaths++;
	}
	return true;
}

static void print_disagreement(void)
{
	const struct seccomp_data *d = &progress->data;

	note("seed %llu, stack %llu of %zu filters, call %zu, %s: expected %ld, got %ld, ret 0x%x "
	     "of filter %zu",
	     (unsigned long long)seed, (unsigned long long)progress->stack, stack.len,
	     progress->call, progress->installed ? "installed" : "refused", progress->expected,
	     progress->value, progress->verdict.ret, progress->verdict.filter);
	note("nr 0x%x arch 0x%x ip 0x%llx", (unsigned)d->nr, d->arch,
	     (unsigned long long)d->instruction_pointer);
	for (int i = 0; i < 6; i++)
		note("arg%d 0x%llx", i, (unsigned long long)d->args[i]);
	for (size_t i = 0; i < stack.len; i++)
		for (size_t pc = 0; pc < stack.progs[i].len; pc++)
			note("%zu.%zu { 0x%02x, %u, %u, 0x%x },", i, pc, stack.insns[i][pc].code,
			     stack.insns[i][pc].jt, stack.insns[i][pc].jf, stack.insns[i][pc].k);
}

static void test_stacks(uint64_t stacks)
{
	uint64_t done_stacks = 0;

	while (done_stacks < stacks && try_stack(done_stacks))
		done_stacks++;
	if (done_stacks < stacks)
		print_disagreement();
	ok(done_stacks == stacks, "%llu stacks of random filters answer as predicted",
	   (unsigned long long)done_stacks);
	/* A comparison without variety would say little. */
	ok(progress->outcomes[ENGINE_FAILS] > stacks, "%zu calls fail with the predicted errno",
	   progress->outcomes[ENGINE_FAILS]);
	ok(progress->fallbacks > 0, "%zu of them for want of a tracer or listener",
	   progress->fallbacks);
	ok(progress->outcomes[ENGINE_RUNS] > 0, "%zu calls are executed",
	   progress->outcomes[ENGINE_RUNS]);
	ok(progress->outcomes[ENGINE_KILLS_THREAD] > 0, "%zu calls kill, as does dividing by zero",
	   progress->outcomes[ENGINE_KILLS_THREAD]);
	ok(progress->olds > 0, "%zu verdicts are an older filter's", progress->olds);
	note("%zu deadly calls were left out", progress->left_out);
}

int main(int argc, char **argv)
{
	uint64_t stacks = amount(argc > 1 ? argv[1] : NULL, 1000, 10000);
	struct kernel_probe probe;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	kernel_probe(&probe);
#ifndef CALL_AUDIT_ARCH
	probe.filter = false; /* struct seccomp_data.arch isn't known here */
#endif
	if (!probe.filter || probe.mode != SECCOMP_MODE_DISABLED || kernel_set_no_new_privs()) {
		skip("this process can't be put under filters of its own and known calls");
		return done();
	}
	progress = child_shared(sizeof(*progress));
	test_stacks(stacks);
	return done();
}
