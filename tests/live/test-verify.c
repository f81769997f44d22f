/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cbpf_verify() against seccomp(2): every opcode there can be, then random programs. A child offers
 * programs to the kernel until one is accepted that may answer the next call; it notes that in
 * shared memory and ends without a system call. The next child goes on behind it.
 *
 * usage: test-verify [count [seed]]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "kernel/kernel.h"
#include "live/child.h"
#include "live/gen.h"
#include "tap.h"

#define REASONS (CBPF_NO_RETURN + 1)

typedef size_t program_maker(uint64_t index, struct sock_filter *insns);

struct progress {
	uint64_t next; /* the program to offer next */
	uint64_t count;
	program_maker *make;
	size_t reasons[REASONS]; /* what cbpf_verify() said how often */
	size_t disagreements;
	uint64_t first; /* the first disagreement: its index ... */
	int error;	/* ... and what the kernel said */
};

static struct progress *progress;
static uint64_t seed = 1;

/* The kernel's answer, with no library in between that could have an opinion. */
static int offer(const struct sock_filter *insns, size_t len)
{
	const struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)(uintptr_t)insns,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? errno : 0;
}

/* Few and short enough to stay far from the limit of the chain. */
#define ACCEPTED_MAX	8
#define ACCEPTED_LENGTH 256

static void offer_until_accepted(void *unused)
{
	static struct sock_filter insns[BPF_MAXINSNS + 1];
	int accepted = 0;

	(void)unused;
	while (progress->next < progress->count && accepted < ACCEPTED_MAX) {
		size_t len = progress->make(progress->next, insns);
		size_t pc;
		enum cbpf_reason reason = cbpf_verify(insns, len, &pc);
		int error = offer(insns, len);

		progress->reasons[reason]++;
		if (error != (reason == CBPF_OK ? 0 : EINVAL) && !progress->disagreements++) {
			progress->first = progress->next;
			progress->error = error;
		}
		progress->next++;
		if (error)
			continue;
		accepted++;
		if (len > ACCEPTED_LENGTH || !gen_is_calm(insns, len))
			return;
	}
}

static void print_disagreement(void)
{
	static struct sock_filter insns[BPF_MAXINSNS + 1];
	size_t len = progress->make(progress->first, insns);
	size_t pc;
	enum cbpf_reason reason = cbpf_verify(insns, len, &pc);

	note("seed %llu, program %llu of %zu instructions: the kernel says %s, we say %d at %zu",
	     (unsigned long long)seed, (unsigned long long)progress->first, len,
	     progress->error ? strerrorname_np(progress->error) : "ok", reason, pc);
	for (size_t i = 0; i < len && i < 64; i++)
		note("  { 0x%04x, %u, %u, 0x%x },", insns[i].code, insns[i].jt, insns[i].jf,
		     insns[i].k);
}

static void compare(const char *name, program_maker *make, uint64_t count)
{
	size_t accepted;

	*progress = (struct progress){ .count = count, .make = make };
	while (progress->next < count) {
		uint64_t before = progress->next;

		if (!child_finished(child_run(offer_until_accepted, NULL)) ||
		    progress->next == before)
			break;
	}
	accepted = progress->reasons[CBPF_OK];
	if (progress->disagreements)
		print_disagreement();
	ok(progress->next == count && progress->disagreements == 0,
	   "%s: %llu programs, %zu accepted, %zu disagreements", name, (unsigned long long)count,
	   accepted, progress->disagreements);
}

/* ---- every opcode ---- */

static size_t make_opcode(uint64_t index, struct sock_filter *insns)
{
	insns[0] = (struct sock_filter){ .code = (uint16_t)index, .k = 0 };
	insns[1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return 2;
}

/* Not zero, where a divisor must not be; no load has a whole word there. */
static size_t make_opcode_k1(uint64_t index, struct sock_filter *insns)
{
	make_opcode(index, insns);
	insns[0].k = 1;
	insns[2] = insns[1];
	return 3;
}

static size_t make_last_opcode(uint64_t index, struct sock_filter *insns)
{
	insns[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	insns[1] = (struct sock_filter){ .code = (uint16_t)index, .k = 1 };
	return 2;
}

/* ---- every offset, shift, divisor, cell and distance around its limit ---- */

static size_t make_operand(uint64_t index, struct sock_filter *insns)
{
	size_t len = 70;
	uint32_t k = (uint32_t)(index % 80);

	for (size_t i = 0; i < len; i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	/* Cells below 8 are written. */
	for (uint32_t i = 0; i < 8; i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_ST, i);
	insns[8] = (struct sock_filter){ .code = cbpf_op_at(index / 80)->code,
					 .jt = (uint8_t)k,
					 .jf = (uint8_t)(index & 1 ? k : 0),
					 .k = k };
	return len;
}

static size_t make_random(uint64_t index, struct sock_filter *insns)
{
	struct rng r = rng_at(seed, index);

	return gen_program(&r, insns);
}

static const char *const reasons[REASONS] = {
	[CBPF_OK] = "are accepted",
	[CBPF_EMPTY] = "are empty",
	[CBPF_TOO_LONG] = "are too long",
	[CBPF_UNKNOWN_OPCODE] = "have an unknown opcode",
	[CBPF_NOT_IN_SECCOMP] = "have an opcode that seccomp refuses",
	[CBPF_LOAD_RANGE] = "load past the data",
	[CBPF_LOAD_ALIGN] = "load half words",
	[CBPF_DIVISOR_ZERO] = "divide by constant zero",
	[CBPF_SHIFT_RANGE] = "shift by a constant out of range",
	[CBPF_MEM_RANGE] = "have no such scratch memory",
	[CBPF_MEM_UNSET] = "read scratch memory that isn't written",
	[CBPF_JUMP_RANGE] = "jump past the end",
	[CBPF_NO_RETURN] = "don't return at the end",
};

/* A comparison that never meets a reason says nothing about it. */
static void test_random(uint64_t count)
{
	compare("random programs", make_random, count);
	for (int i = 0; i < REASONS; i++)
		ok(progress->reasons[i] > 0 || count < 4000, "of the random programs %zu %s",
		   progress->reasons[i], reasons[i]);
}

int main(int argc, char **argv)
{
	uint64_t count = amount(argc > 1 ? argv[1] : NULL, 8000, 100000);
	struct kernel_probe probe;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	kernel_probe(&probe);
	if (!probe.filter || probe.mode != SECCOMP_MODE_DISABLED || kernel_set_no_new_privs()) {
		skip("this process can't be put under filters of its own");
		return done();
	}
	progress = child_shared(sizeof(*progress));
	compare("every opcode", make_opcode, 65536);
	/* No opcode has a bit above the eighth, as the comparison before has shown. */
	compare("every opcode with operand 1", make_opcode_k1, 512);
	compare("every opcode at the end", make_last_opcode, 512);
	compare("every operand around its limits", make_operand, GEN_OPS * 80);
	test_random(count);
	return done();
}
