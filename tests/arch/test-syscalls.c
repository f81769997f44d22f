/* SPDX-License-Identifier: BSD-2-Clause */
/* The ABIs and their calls: known numbers, and laws that hold for every row. */
#include "arch/arch.h"
#include "tap.h"

/* From each architecture's asm/unistd.h; offsets checked together with the ABI's base. */
static const struct {
	const char *arch;
	uint32_t audit;
	int64_t read, openat;
} known[] = {
	{ "x86_64", 0xc000003e, 0, 257 },
	{ "i386", 0x40000003, 3, 295 },
	{ "x32", 0xc000003e, 0x40000000, 0x40000101 },
	{ "aarch64", 0xc00000b7, 63, 56 },
	{ "arm", 0x40000028, 3, 322 },
	{ "armeb", 0x00000028, 3, 322 },
	{ "loongarch64", 0xc0000102, 63, 56 },
	{ "m68k", 0x00000004, 3, 288 },
	{ "mips", 0x00000008, 4003, 4288 },
	{ "mipsel", 0x40000008, 4003, 4288 },
	{ "mips64", 0x80000008, 5000, 5247 },
	{ "mipsel64", 0xc0000008, 5000, 5247 },
	{ "mips64n32", 0xa0000008, 6000, 6251 },
	{ "mipsel64n32", 0xe0000008, 6000, 6251 },
	{ "parisc", 0x0000000f, 3, 275 },
	{ "parisc64", 0x8000000f, 3, 275 },
	{ "ppc", 0x00000014, 3, 286 },
	{ "ppc64", 0x80000015, 3, 286 },
	{ "ppc64le", 0xc0000015, 3, 286 },
	{ "riscv64", 0xc00000f3, 63, 56 },
	{ "s390", 0x00000016, 3, 288 },
	{ "s390x", 0x80000016, 3, 288 },
	{ "sh", 0x0000002a, 3, 295 },
	{ "shel", 0x4000002a, 3, 295 },
};

static void test_known(void)
{
	const struct arch_syscall *read = arch_syscall_by_name(str_of("read"));
	const struct arch_syscall *openat = arch_syscall_by_name(str_of("openat"));
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct arch *arch = arch_by_name(str_of(known[i].arch));

		ok(arch && arch->audit == known[i].audit &&
			   arch_syscall_nr(arch, read) == known[i].read &&
			   arch_syscall_nr(arch, openat) == known[i].openat,
		   "%s has its token and its numbers of read and openat", known[i].arch);
		ok(arch && arch_of_call(arch->audit, (uint32_t)known[i].read) == arch,
		   "a call with %s's token and number is its", known[i].arch);
	}
	while (arch_at(len))
		len++;
	ok(len == ARRAY_LEN(known), "every ABI is in this table");
}

/* Number and name say the same, on every ABI. */
static void test_round_trip(const struct arch *arch)
{
	const struct arch_syscall *call;
	size_t len = 0, wrong = 0;

	for (size_t i = 0; (call = arch_syscall_at(i)); i++) {
		int64_t nr = arch_syscall_nr(arch, call);

		if (nr < 0)
			continue;
		len++;
		wrong += arch_syscall_by_nr(arch, (uint32_t)nr) != call;
		wrong += arch_of_call(arch->audit, (uint32_t)nr) != arch;
	}
	ok(len > 300 && wrong == 0, "%s: each of %zu numbers leads back to its call", arch->name,
	   len);
	ok(!arch_syscall_by_nr(arch, arch->nr_base - 1) && !arch_syscall_by_nr(arch, UINT32_MAX) &&
		   !arch_syscall_by_nr(arch, arch_table_end(arch)),
	   "%s: there is no call around its table", arch->name);
	ok(arch_syscall_by_nr(arch, arch_table_end(arch) - 1) != NULL,
	   "%s: the table ends with a call", arch->name);
	ok(arch_compat(arch, 0) == arch, "%s: a kernel runs its own ABI", arch->name);
}

static void test_order(void)
{
	const struct arch_syscall *call, *before = NULL;
	size_t wrong = 0, names = 0;

	for (size_t i = 0; (call = arch_syscall_at(i)); before = call, i++) {
		wrong += before && strcmp(before->name, call->name) >= 0;
		names += arch_syscall_by_name(str_of(call->name)) == call;
		wrong += call->nparams < -1 || call->nparams > ARCH_ARGS_MAX ||
			 (call->nparams > 0) != (call->params != NULL);
		wrong += strcmp(call->since, "") && strcmp(call->since, "old") &&
			 strcmp(call->since, "2.4.8.1") && /* syscalls(2) on arm's own */
			 !arch_version_valid(str_of(call->since));
	}
	ok(wrong == 0, "calls are sorted by name, each once, with a version and its parameters");
	ok(names > 500, "each is found by its name");
	ok(!arch_syscall_by_name(str_of("opena")) && !arch_syscall_by_name(str_of("openatt")) &&
		   !arch_syscall_by_name(str_of("")) && !arch_syscall_by_name(str_of("~")),
	   "no other name is found");
}

static void test_arch_names(void)
{
	static const char *const kernels[][3] = {
		{ "x86_64", "i386", "x32" },
		{ "aarch64", "arm", NULL },
		{ "mipsel64", "mipsel", "mipsel64n32" },
		{ "mips64", "mips", "mips64n32" },
		{ "ppc64", "ppc", NULL },
		{ "ppc64le", NULL, NULL },
		{ "s390x", "s390", NULL },
		{ "riscv64", NULL, NULL },
	};

	ok(arch_by_name(str_of("amd64")) == arch_by_name(str_of("x86_64")), "amd64 is x86_64");
	ok(arch_by_name(str_of("x86")) == arch_by_name(str_of("i386")), "x86 is i386");
	ok(!arch_by_name(str_of("x86_6")) && !arch_by_name(str_of("")), "no other name is found");
	ok(!arch_of_call(0x12345678, 0), "an unknown token has no ABI");
	ok(arch_native() && arch_native()->register_bits >= sizeof(void *) * 8,
	   "the native ABI has our pointers");
	for (size_t i = 0; i < ARRAY_LEN(kernels); i++) {
		const struct arch *arch = arch_by_name(str_of(kernels[i][0]));

		for (size_t j = 1; j < 3; j++) {
			const struct arch *guest = arch_compat(arch, j);

			ok(kernels[i][j] ? guest && !strcmp(guest->name, kernels[i][j]) : !guest,
			   "%s's kernel runs %s as its number %zu", arch->name,
			   kernels[i][j] ? kernels[i][j] : "nothing", j);
		}
	}
}

static void test_versions(void)
{
	static const struct {
		const char *a, *b;
		int order;
	} pairs[] = {
		{ "5.9", "5.10", -1 }, { "5.10", "5.10.0", 0 }, { "6.12.3", "6.12", 1 },
		{ "old", "1.0", -1 },  { "", "old", 0 },	{ "2.6.39", "3.0", -1 },
		{ "7.1", "6.99", 1 },  { "old", "0.0", 0 },
	};
	static const char *const valid[] = { "5.10", "6.12.3", "2.6.39" };
	static const char *const invalid[] = { "",	   "5",	  "5.",	 ".5",	      "5..1",
					       "5.10.3.4", "5.x", "old", "5.1000000", "5.1 " };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		ok(arch_version_cmp(pairs[i].a, pairs[i].b) == pairs[i].order &&
			   arch_version_cmp(pairs[i].b, pairs[i].a) == -pairs[i].order,
		   "'%s' and '%s' compare as %d", pairs[i].a, pairs[i].b, pairs[i].order);
	for (size_t i = 0; i < ARRAY_LEN(valid); i++)
		ok(arch_version_valid(str_of(valid[i])), "'%s' is a version", valid[i]);
	for (size_t i = 0; i < ARRAY_LEN(invalid); i++)
		ok(!arch_version_valid(str_of(invalid[i])), "'%s' is no version", invalid[i]);
}

static void test_guess(void)
{
	const struct arch_syscall *call;
	struct str_guess guess;

	str_guess_init(&guess, str_of("opne"));
	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		str_guess_try(&guess, call->name);
	ok(guess.best && !strcmp(guess.best, "open"), "who writes opne is asked about open");
}

/* What a signal handler's buffer must hold: flags are longest with all bits set. */
static void test_longest(const struct arch *arch)
{
	static const uint64_t values[] = { UINT64_MAX, ~UINT64_C(0xff), INT64_MAX,
					   0x7fffffff, 0xfffffff0,	0 };
	const struct arch_syscall *call;
	struct arch_arg arg;
	unsigned cut = 0;

	for (size_t i = 0; (call = arch_syscall_at(i)); i++) {
		for (int j = 0; arch_arg_at(arch, call, j, &arg); j++) {
			for (size_t v = 0; v < ARRAY_LEN(values); v++) {
				char storage[ARCH_DESCRIBE_MAX];
				struct text text = { .data = storage, .room = sizeof(storage) };

				arch_describe_text(arch, call, &arg, values[v], &text);
				cut += text.cut || !text.size;
			}
		}
	}
	ok(!cut, "%s: no argument's value is longer than ARCH_DESCRIBE_MAX", arch->name);
}

int main(void)
{
	test_known();
	for (size_t i = 0; arch_at(i); i++)
		test_round_trip(arch_at(i));
	for (size_t i = 0; arch_at(i); i++)
		test_longest(arch_at(i));
	test_order();
	test_arch_names();
	test_versions();
	test_guess();
	return done();
}
