/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls as people write them, on x86_64 where they don't say: the registers, or the mistake. */
#include "text.h"

#define X86_64 0xc000003eu
#define I386   0x40000003u

static const struct {
	const char *text, *arch, *call;
	uint32_t nr;
	uint64_t args[ARCH_ARGS_MAX];
	uint64_t ip;
} calls[] = {
	{ "openat(AT_FDCWD, 0, O_RDWR)", "x86_64", "openat", 257, { (uint64_t)-100, 0, 2 }, 0 },
	{ "openat(dfd=AT_FDCWD, flags=2)", "x86_64", "openat", 257, { (uint64_t)-100, 0, 2 }, 0 },
	{ "openat(dirfd=3)", "x86_64", "openat", 257, { 3 }, 0 },
	{ "openat", "x86_64", "openat", 257, { 0 }, 0 },
	{ "openat()", "x86_64", "openat", 257, { 0 }, 0 },
	{ "59", "x86_64", "execve", 59, { 0 }, 0 },
	{ "99999(1, 2)", "x86_64", NULL, 99999, { 1, 2 }, 0 },
	{ "arch=i386 11(0,0,0)", "i386", "execve", 11, { 0 }, 0 },
	{ "read(fd=3) ip=0x1000", "x86_64", "read", 0, { 3 }, 0x1000 },
	{ "read ip=1\n", "x86_64", "read", 0, { 0 }, 1 },
	{ "arch=x32 read(3)", "x32", "read", 0x40000000, { 3 }, 0 },
	{ "0x40000001", "x32", "write", 0x40000001, { 0 }, 0 },
	{ "lseek(1, -1)", "x86_64", "lseek", 8, { 1, UINT64_MAX }, 0 },
	{ "arch=i386 lseek(1, -1)", "i386", "lseek", 19, { 1, UINT32_MAX }, 0 },
	{ "personality(0xffffffff)", "x86_64", "personality", 135, { UINT32_MAX }, 0 },
	{ "personality(-1)", "x86_64", "personality", 135, { UINT32_MAX }, 0 },
	{ "chmod(0, -1)", "x86_64", "chmod", 90, { 0, 0xffff }, 0 },
	{ "read(arg0=0x100000003)", "x86_64", "read", 0, { 0x100000003 }, 0 },
	{ "arch=i386 pread64(3, 0, 4, 0x123456789)",
	  "i386",
	  "pread64",
	  180,
	  { 3, 0, 4, 0x23456789, 1 },
	  0 },
	/* The kernel's calling convention of arm puts 64-bit arguments into even registers. */
	{ "arch=arm pread64(3, 0, 4, 0x123456789)",
	  "arm",
	  "pread64",
	  180,
	  { 3, 0, 4, 0, 0x23456789, 1 },
	  0 },
	{ "read(1|2, 0, 1 << 12)", "x86_64", "read", 0, { 3, 0, 4096 }, 0 },
};

static const struct {
	const char *text, *codes;
} mistakes[] = {
	{ "", "P005@1:1" },
	{ "opne(1)", "P017@1:1" },
	{ "read junk", "P005@1:6" },
	{ "read(1", "P006@1:5" },
	{ "read(1,)", "P005@1:8" },
	{ "openat(\"/etc/passwd\")", "P005@1:8" },
	{ "openat(1,2,3,4,5)", "P039@1:16" },
	{ "read(fd=0x100000003)", "P025@1:9" },
	{ "read(nosuch=1)", "P039@1:6" },
	{ "write(1, fd=1)", "P039@1:13" },
	{ "read(NOSUCH)", "P019@1:6" },
	{ "arch=nosuch read", "P016@1:6" },
	{ "arch=x32 0", "P039@1:10" },
	{ "socketcall", "P039@1:1" },
	{ "0x100000000", "P039@1:1" },
	{ "read(1) ip", "P005@1:9" },
	{ "read ip=-1", "P039@1:9" },
	{ "read(1\001)", "P002@1:7" },
};

static int parse(struct reading *r, const char *text, struct policy_call *call)
{
	uint32_t file;

	reading_begin(r, ARENA_DEFAULT_LIMIT);
	file = sources_add(&r->sources, "call", str_of(text));
	return policy_parse_call(&r->arena, &r->diags, file, str_of(text),
				 arch_by_name(str_of("x86_64")), call);
}

int main(void)
{
	struct policy_call c;
	struct reading r;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct arch *arch = arch_by_name(str_of(calls[i].arch));
		bool good = parse(&r, calls[i].text, &c) == 0 && c.arch == arch &&
			    c.data.arch == arch->audit && (uint32_t)c.data.nr == calls[i].nr &&
			    c.data.instruction_pointer == calls[i].ip &&
			    memcmp(c.data.args, calls[i].args, sizeof(c.data.args)) == 0 &&
			    !c.call == !calls[i].call &&
			    (!c.call || strcmp(c.call->name, calls[i].call) == 0);

		if (!ok(good, "call %zu has its registers: %.*s", i,
			(int)strcspn(calls[i].text, "\n"), calls[i].text))
			reading_show(&r);
		reading_end(&r);
	}
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		int status = parse(&r, mistakes[i].text, &c);

		if (!ok(status == -EINVAL && strcmp(reading_codes(&r), mistakes[i].codes) == 0,
			"mistake %zu is %s", i, mistakes[i].codes))
			reading_show(&r);
		reading_end(&r);
	}
	return done();
}
