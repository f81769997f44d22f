/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision over a stack of filters, as tables; tests/live compares the same with the kernel. */
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

#define STACK_MAX 4

/* A stack of programs that return constants, the oldest first. */
struct stack {
	struct sock_filter insns[STACK_MAX];
	struct cbpf_prog progs[STACK_MAX];
	const struct cbpf_prog *refs[STACK_MAX];
	size_t len;
};

static void push(struct stack *s, uint32_t ret)
{
	s->insns[s->len] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ret);
	s->progs[s->len] = (struct cbpf_prog){ .insns = &s->insns[s->len], .len = 1 };
	s->refs[s->len] = &s->progs[s->len];
	s->len++;
}

static struct engine_verdict decide(const struct stack *s, unsigned surroundings)
{
	const struct seccomp_data data = { .nr = 39 };

	return engine_decide(s->refs, s->len, &data, CBPF_HOST_ORDER, surroundings);
}

#define BOTH (ENGINE_TRACER | ENGINE_LISTENER)

static const struct {
	const char *name;
	uint32_t ret;
	unsigned surroundings;
	enum engine_outcome outcome;
	uint16_t data;
	int errno_value;
	const char *words;
} single[] = {
	{ "allow executes", SECCOMP_RET_ALLOW, 0, ENGINE_RUNS, 0, 0, "is executed" },
	{ "allow ignores its data", SECCOMP_RET_ALLOW | 7, 0, ENGINE_RUNS, 7, 0, "is executed" },
	{ "log executes", SECCOMP_RET_LOG, 0, ENGINE_RUNS_LOGGED, 0, 0, "is logged and executed" },
	{ "errno 1 fails", SECCOMP_RET_ERRNO | 1, 0, ENGINE_FAILS, 1, 1,
	  "fails with EPERM (Operation not permitted)" },
	{ "errno 0 skips the call and returns 0", SECCOMP_RET_ERRNO, BOTH, ENGINE_FAILS, 0, 0,
	  "is skipped and returns 0" },
	{ "errno 4095 is the largest", SECCOMP_RET_ERRNO | 4095, 0, ENGINE_FAILS, 4095, 4095,
	  "fails with errno 4095" },
	{ "errno 4096 is clamped", SECCOMP_RET_ERRNO | 4096, 0, ENGINE_FAILS, 4096, 4095,
	  "fails with errno 4095" },
	{ "errno 65535 is clamped", SECCOMP_RET_ERRNO | 65535, 0, ENGINE_FAILS, 65535, 4095,
	  "fails with errno 4095" },
	{ "trap raises SIGSYS with its data", SECCOMP_RET_TRAP | 65535, 0, ENGINE_TRAPS, 65535, 0,
	  "raises SIGSYS with data 65535" },
	{ "trace stops for a tracer", SECCOMP_RET_TRACE | 9, ENGINE_TRACER, ENGINE_TRACED, 9, 0,
	  "stops for the tracer with data 9" },
	{ "trace without a tracer is ENOSYS", SECCOMP_RET_TRACE | 9, ENGINE_LISTENER, ENGINE_FAILS,
	  9, ENOSYS,
	  "fails with ENOSYS (Function not implemented), because no tracer asks for seccomp's "
	  "events" },
	{ "notify asks a listener", SECCOMP_RET_USER_NOTIF, ENGINE_LISTENER, ENGINE_NOTIFIES, 0, 0,
	  "waits for the supervisor's answer" },
	{ "notify without a listener is ENOSYS", SECCOMP_RET_USER_NOTIF | 2, ENGINE_TRACER,
	  ENGINE_FAILS, 2, ENOSYS,
	  "fails with ENOSYS (Function not implemented), because nobody listens for "
	  "notifications" },
	{ "kill_thread kills the thread", SECCOMP_RET_KILL_THREAD, BOTH, ENGINE_KILLS_THREAD, 0, 0,
	  "kills the thread" },
	{ "kill_thread with data is no other action", SECCOMP_RET_KILL_THREAD | 5, 0,
	  ENGINE_KILLS_THREAD, 5, 0, "kills the thread" },
	{ "kill_process kills the process", SECCOMP_RET_KILL_PROCESS, BOTH, ENGINE_KILLS_PROCESS, 0,
	  0, "kills the process" },
	{ "an unknown positive action kills the process", 0x10000, BOTH, ENGINE_KILLS_PROCESS, 0, 0,
	  "kills the process, because no kernel knows the action 0x10000" },
	{ "an unknown action just below allow kills the process", 0x7ffe0003, 0,
	  ENGINE_KILLS_PROCESS, 3, 0,
	  "kills the process, because no kernel knows the action 0x7ffe0000" },
	{ "an unknown negative action kills the process", 0xffff0000, 0, ENGINE_KILLS_PROCESS, 0, 0,
	  "kills the process, because no kernel knows the action 0xffff0000" },
};

static void test_single(void)
{
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		struct stack s = { .len = 0 };
		struct engine_verdict v;
		AUTO_BUF words = { 0 };

		push(&s, single[i].ret);
		v = decide(&s, single[i].surroundings);
		ok(v.ret == single[i].ret && v.outcome == single[i].outcome &&
			   v.data == single[i].data && v.errno_value == single[i].errno_value &&
			   v.filter == 0 && v.pc == 0 && v.executed == 1,
		   "%s", single[i].name);
		engine_describe(&v, &words);
		ok(words.data && strcmp(words.data, single[i].words) == 0, "... said as: %s",
		   words.data);
	}
}

/* All that a filter can return, the winner before the loser; unknown actions have their place. */
static const uint32_t ranked[] = {
	SECCOMP_RET_KILL_PROCESS,
	0x80010000,
	0xffff0000,
	SECCOMP_RET_KILL_THREAD,
	0x00010000,
	SECCOMP_RET_TRAP,
	0x00040000,
	SECCOMP_RET_ERRNO,
	SECCOMP_RET_USER_NOTIF,
	SECCOMP_RET_TRACE,
	SECCOMP_RET_LOG,
	0x7ffe0000,
	SECCOMP_RET_ALLOW,
};

#define RANKS ARRAY_LEN(ranked)

/* Which of the stack wins: the smallest rank, of equals the newest. */
static size_t winner(const size_t *ranks, size_t len)
{
	size_t best = len - 1;

	for (size_t i = len; i-- > 0;)
		if (ranks[i] < ranks[best])
			best = i;
	return best;
}

static bool wins(const size_t *ranks, size_t len)
{
	struct stack s = { .len = 0 };
	struct engine_verdict v;
	size_t expected = winner(ranks, len);

	for (size_t i = 0; i < len; i++)
		push(&s, ranked[ranks[i]] | (uint32_t)(100 + i));
	v = decide(&s, BOTH);
	return v.filter == expected && v.ret == (ranked[ranks[expected]] | (100 + expected)) &&
	       v.data == 100 + expected && v.executed == len;
}

static void test_precedence(void)
{
	bool triples = true;

	for (size_t i = 0; i < RANKS; i++)
		for (size_t j = 0; j < RANKS; j++)
			ok(wins((size_t[]){ i, j }, 2), "0x%08x under 0x%08x: %s wins", ranked[i],
			   ranked[j], i < j ? "the older" : "the newer");
	for (size_t n = 0; n < RANKS * RANKS * RANKS; n++)
		triples &= wins((size_t[]){ n % RANKS, n / RANKS % RANKS, n / RANKS / RANKS }, 3);
	ok(triples, "of any three filters the most severe wins, of equals the newest");
}

static void test_no_filter(void)
{
	struct engine_verdict v = decide(&(struct stack){ .len = 0 }, 0);

	ok(v.outcome == ENGINE_RUNS && v.filter == 0 && v.executed == 0 &&
		   v.ret == SECCOMP_RET_ALLOW,
	   "without a filter the call is executed");
}

static void test_place(void)
{
	struct sock_filter old[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 39, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 11),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter new[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
	};
	const struct cbpf_prog progs[] = { { .insns = old, .len = 4 }, { .insns = new, .len = 2 } };
	const struct cbpf_prog *const refs[] = { &progs[0], &progs[1] };
	struct seccomp_data data = { .nr = 39 };
	struct engine_verdict v = engine_decide(refs, 2, &data, CBPF_HOST_ORDER, 0);

	ok(v.filter == 0 && v.pc == 2 && v.executed == 5 && v.errno_value == 11,
	   "the verdict names the older filter, its instruction, and all that was executed");
	data.nr = 40;
	v = engine_decide(refs, 2, &data, CBPF_HOST_ORDER, 0);
	ok(v.filter == 1 && v.pc == 1 && v.executed == 5 && v.outcome == ENGINE_RUNS_LOGGED,
	   "another call, another winner");
}

static void test_order(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 2),
	};
	const struct cbpf_prog prog = { .insns = insns, .len = 4 };
	const struct cbpf_prog *const refs[] = { &prog };
	const struct seccomp_data data = { .args = { 5 } };

	ok(engine_decide(refs, 1, &data, CBPF_LITTLE_ENDIAN, 0).errno_value == 1,
	   "offset 16 is an argument's low word on little-endian machines");
	ok(engine_decide(refs, 1, &data, CBPF_BIG_ENDIAN, 0).errno_value == 2,
	   "... and its high word on big-endian ones");
}

/* A program of LEN instructions that converts to LEN + 4. */
static void fill(struct sock_filter *insns, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	insns[len - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

static void test_attach(void)
{
	static struct sock_filter longest[BPF_MAXINSNS + 1], top[BPF_MAXINSNS];
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_filter invalid = BPF_STMT(BPF_LD | BPF_IMM, 0);
	const struct cbpf_prog one = { .insns = &allow, .len = 1 };
	const struct cbpf_prog bad = { .insns = &invalid, .len = 1 };
	const struct cbpf_prog big = { .insns = longest, .len = BPF_MAXINSNS };
	const struct cbpf_prog bigger = { .insns = longest, .len = BPF_MAXINSNS + 1 };
	struct cbpf_prog rest = { .insns = top };
	const struct cbpf_prog *stack[4000];
	size_t len = 0;

	while (len < ARRAY_LEN(stack) && engine_can_attach(stack, len, &one) == 0)
		stack[len++] = &one;
	ok(len == 3641, "ret allow stacks 3641 times");
	ok(engine_can_attach(stack, len, &one) == -ENOMEM, "then it is ENOMEM");
	ok(engine_can_attach(stack, len, &bad) == -EINVAL,
	   "a refused program is EINVAL before ENOMEM");
	fill(longest, BPF_MAXINSNS + 1);
	ok(engine_can_attach(NULL, 0, &bigger) == -EINVAL, "4097 instructions are EINVAL");
	fill(longest, BPF_MAXINSNS);
	ok(engine_can_attach(NULL, 0, &big) == 0, "4096 instructions are accepted");
	for (len = 0; len < 7; len++)
		stack[len] = &big;
	/* 32768 - 7 * (4096 + 4 + 4) = 4040 converted instructions are left. */
	rest.len = 4036;
	fill(top, rest.len);
	ok(engine_can_attach(stack, len, &rest) == 0, "the chain may be as long as its limit");
	rest.len = 4037;
	fill(top, rest.len);
	ok(engine_can_attach(stack, len, &rest) == -ENOMEM, "and no longer");
}

int main(void)
{
	test_single();
	test_no_filter();
	test_precedence();
	test_place();
	test_order();
	test_attach();
	return done();
}
