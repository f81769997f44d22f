/* SPDX-License-Identifier: BSD-2-Clause */
/* Every condition with every pair of edge values, against what it means said the slow way. */
#include "filter.h"

/* An argument among others that hold something else in both halves. */
static struct seccomp_data call_with(unsigned arg, uint64_t value)
{
	struct seccomp_data data = { .nr = 7, .arch = STRAIT_STATIC_ARCH };

	data.instruction_pointer = ~value;
	for (unsigned i = 0; i < 6; i++)
		data.args[i] = i == arg ? value : ~value - i;
	return data;
}

/* How many edge values get the wrong answer from a filter with this condition. */
static unsigned wrong_answers(const struct strait_condition *c, bool jump_if)
{
	unsigned wrong = 0;

	STRAIT_STATIC(f, 32);

	strait_static_validate_arch(&f, FOREIGN);
	if (jump_if)
		strait_static_if(&f, *c, "yes");
	else
		strait_static_unless(&f, *c, "no");
	if (jump_if)
		strait_static_return(&f, NO);
	strait_static_label(&f, "yes");
	strait_static_return(&f, YES);
	if (!jump_if) {
		strait_static_label(&f, "no");
		strait_static_return(&f, NO);
	}
	if (strait_static_resolve(&f) != 0 || !verifies(&f)) {
		note("%s", strait_static_explain(&f, -EINVAL));
		return ARRAY_LEN(edges);
	}
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		struct seccomp_data data = call_with(c->arg, edges[i]);

		wrong += answer(&f, &data) != (holds(c, &data) ? YES : NO);
	}
	return wrong;
}

static bool is_32(uint64_t value)
{
	return value <= UINT32_MAX || value >= (uint64_t)INT32_MIN;
}

static void test_compare(size_t test, unsigned bits, bool jump_if)
{
	unsigned wrong = 0, total = 0;

	for (unsigned arg = 0; arg < 6; arg++) {
		for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
			struct strait_condition c =
				bits == 64 ? strait_arg64(arg, tests[test].test, edges[i])
					   : strait_arg32(arg, tests[test].test, edges[i]);

			if (bits == 32 && !is_32(edges[i]))
				continue;
			wrong += wrong_answers(&c, jump_if);
			total += ARRAY_LEN(edges);
		}
	}
	ok(wrong == 0 && total >= 6 * 11 * ARRAY_LEN(edges),
	   "%s: %s arg%u %s value: right for %u pairs of values in all arguments", MACHINE,
	   jump_if ? "if" : "unless", bits, tests[test].name, total);
}

static void test_masked(unsigned bits, bool jump_if)
{
	unsigned wrong = 0, total = 0;

	for (size_t m = 0; m < ARRAY_LEN(edges); m++) {
		for (size_t v = 0; v < ARRAY_LEN(edges); v++) {
			unsigned arg = (unsigned)(m + v) % 6;
			uint64_t value = edges[v] & edges[m];
			struct strait_condition c = bits == 64
							    ? strait_masked64(arg, edges[m], value)
							    : strait_masked32(arg, edges[m], value);

			if (bits == 32 && (!is_32(edges[m]) || !is_32(value)))
				continue;
			wrong += wrong_answers(&c, jump_if);
			total += ARRAY_LEN(edges);
		}
	}
	ok(wrong == 0 && total > 5000, "%s: %s arg%u & mask == value: right for %u triples",
	   MACHINE, jump_if ? "if" : "unless", bits, total);
}

static void test_number(size_t test, bool jump_if)
{
	static const long numbers[] = { 0, 1, 6, 7, 8, 59, 1023, 0x3fffffff };
	unsigned wrong = 0, total = 0;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		STRAIT_STATIC(f, 32);

		strait_static_validate_arch(&f, FOREIGN);
		if (jump_if)
			strait_static_if(&f, strait_nr(tests[test].test, numbers[i]), "there");
		else
			strait_static_unless(&f, strait_nr(tests[test].test, numbers[i]), "there");
		strait_static_return(&f, jump_if ? NO : YES);
		strait_static_label(&f, "there");
		strait_static_return(&f, jump_if ? YES : NO);
		wrong += strait_static_resolve(&f) != 0;
		for (size_t j = 0; !f.error && j < ARRAY_LEN(numbers); j++, total++) {
			struct strait_condition c = strait_nr(tests[test].test, numbers[i]);
			struct seccomp_data data = { .nr = (int)numbers[j],
						     .arch = STRAIT_STATIC_ARCH };

			wrong += answer(&f, &data) != (holds(&c, &data) ? YES : NO);
		}
	}
	ok(wrong == 0 && total == ARRAY_LEN(numbers) * ARRAY_LEN(numbers),
	   "%s: %s nr %s value: right for %u pairs", MACHINE, jump_if ? "if" : "unless",
	   tests[test].name, total);
}

/* What the upper half decides leaves that half in A; the next test is of the lower one. */
static void test_after_64(void)
{
	struct seccomp_data data = { .arch = STRAIT_STATIC_ARCH };

	STRAIT_STATIC(f, 32);

	strait_static_validate_arch(&f, FOREIGN);
	strait_static_if(&f, strait_arg64(0, STRAIT_EQ, 1), "no");
	strait_static_if(&f, strait_arg32(0, STRAIT_EQ, 7), "yes");
	strait_static_label(&f, "no");
	strait_static_return(&f, NO);
	strait_static_label(&f, "yes");
	strait_static_return(&f, YES);
	data.args[0] = 0x200000007;
	ok(strait_static_resolve(&f) == 0 && answer(&f, &data) == YES,
	   "%s: a test of 32 bits after one of 64 that the upper half decided", MACHINE);
}

/* ---- architecture and number ---- */

static void test_arch(void)
{
	static const struct {
		const char *name;
		uint32_t arch;
		uint32_t nr;
		bool foreign_to_x86_64, foreign_to_s390x;
	} calls[] = {
		{ "x86_64's read", AUDIT_ARCH_X86_64, 0, false, true },
		{ "x32's read", AUDIT_ARCH_X86_64, 0x40000000, true, true },
		{ "x32's own call", AUDIT_ARCH_X86_64, 0x40000200, true, true },
		{ "number -1", AUDIT_ARCH_X86_64, 0xffffffff, true, true },
		{ "a number with the highest bit alone", AUDIT_ARCH_X86_64, 0x80000000, false,
		  true },
		{ "i386's number 0", AUDIT_ARCH_I386, 0, true, true },
		{ "s390x's number 0", AUDIT_ARCH_S390X, 0, true, false },
		{ "s390x's number with bit 30", AUDIT_ARCH_S390X, 0x40000000, true, false },
		{ "s390's number 0", AUDIT_ARCH_S390, 0, true, true },
		{ "no architecture at all", 0, 0, true, true },
	};

	STRAIT_STATIC(f, 8);

	strait_static_validate_arch(&f, FOREIGN);
	strait_static_return(&f, YES);
	ok(strait_static_resolve(&f) == 0 && verifies(&f), "%s: the check of the architecture",
	   MACHINE);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		struct seccomp_data data = { .nr = (int)calls[i].nr, .arch = calls[i].arch };
		bool foreign = STRAIT_STATIC_BIG_ENDIAN ? calls[i].foreign_to_s390x
							: calls[i].foreign_to_x86_64;

		ok(answer(&f, &data) == (foreign ? FOREIGN : YES), "%s: %s is %s", MACHINE,
		   calls[i].name, foreign ? "foreign" : "examined");
	}
}

static void test_answers(void)
{
	static const uint32_t expected[] = {
		SECCOMP_RET_ALLOW,	  SECCOMP_RET_LOG,
		SECCOMP_RET_ERRNO | 4095, SECCOMP_RET_TRAP | 0xffff,
		SECCOMP_RET_TRACE | 5,	  SECCOMP_RET_USER_NOTIF,
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_ERRNO,	  0x12345678,
	};

	STRAIT_STATIC(f, 64);

	strait_static_validate_arch(&f, FOREIGN);
	strait_static_allow(&f, 0);
	strait_static_log(&f, 1);
	strait_static_errno(&f, 2, 4095);
	strait_static_trap(&f, 3, 0xffff);
	strait_static_trace(&f, 4, 5);
	strait_static_notify(&f, 5);
	strait_static_kill_process(&f, 6);
	strait_static_kill_thread(&f, 7);
	strait_static_errno(&f, 8, 0);
	strait_static_answer(&f, 9, 0x12345678);
	strait_static_return(&f, NO);
	ok(strait_static_resolve(&f) == 0 && verifies(&f), "%s: every action for one call",
	   MACHINE);
	for (unsigned nr = 0; nr <= ARRAY_LEN(expected); nr++) {
		struct seccomp_data data = { .nr = (int)nr, .arch = STRAIT_STATIC_ARCH };
		uint32_t wanted = nr < ARRAY_LEN(expected) ? expected[nr] : NO;

		ok(answer(&f, &data) == wanted, "%s: number %u gets 0x%x", MACHINE, nr, wanted);
	}
	ok(f.insns[f.len - 1].code == (BPF_RET | BPF_K) &&
		   f.len == 27 - 2 * STRAIT_STATIC_BIG_ENDIAN,
	   "%s: a call that is answered costs two instructions: %u in all", MACHINE, f.len);
}

int main(void)
{
	for (size_t test = 0; test < ARRAY_LEN(tests); test++) {
		for (unsigned bits = 32; bits <= 64; bits += 32) {
			test_compare(test, bits, true);
			test_compare(test, bits, false);
		}
		test_number(test, true);
		test_number(test, false);
	}
	for (unsigned bits = 32; bits <= 64; bits += 32) {
		test_masked(bits, true);
		test_masked(bits, false);
	}
	test_after_64();
	test_arch();
	test_answers();
	return done();
}
