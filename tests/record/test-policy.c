/* SPDX-License-Identifier: BSD-2-Clause */
/* From calls to the lines of a policy. */
#include "record/given.h"

static const struct {
	const char *name, *calls, *line;
} generalized[] = {
	{ "descriptors, addresses and sizes are free", "write(1, 0x1000, 5); write(2, 0x2000, 7)",
	  "allow write" },
	{ "plain calls stand in one group", "write(1, 0, 0); lseek(1, 0, SEEK_END); fsync(1)",
	  "allow { write lseek fsync }" },
	{ "one command is compared", "ioctl(1, TCGETS)", "allow ioctl if cmd == TCGETS" },
	{ "several commands are a set, each once",
	  "ioctl(1, TIOCGWINSZ); ioctl(1, TCGETS); ioctl(0, TCGETS)",
	  "allow ioctl if cmd in { TCGETS, TIOCGWINSZ }" },
	{ "a command without a name is a number", "ioctl(1, 0xabcdef01)",
	  "allow ioctl if cmd == 0xabcdef01" },
	{ "flags that were seen are joined",
	  "openat(AT_FDCWD, 0, O_WRONLY|O_CREAT); openat(AT_FDCWD, 0, O_WRONLY|O_TRUNC)",
	  "allow openat if flags within O_WRONLY | O_CREAT | O_TRUNC" },
	{ "ways of access are joined by name",
	  "openat(AT_FDCWD, 0, O_WRONLY); openat(AT_FDCWD, 0, O_RDWR|O_APPEND)",
	  "allow openat if flags within O_WRONLY | O_RDWR | O_APPEND" },
	{ "flags that libc's rules allow are theirs",
	  "openat(AT_FDCWD, 0, O_RDONLY); openat(AT_FDCWD, 0, O_RDWR)",
	  "allow openat if flags within O_RDWR" },
	{ "no flag is 0", "unshare(0)", "allow unshare if unshare_flags == 0" },
	{ "a flag without a name is a number", "unshare(0x1)",
	  "allow unshare if unshare_flags within 0x1" },
	{ "a child's signal is among clone's flags", "clone(CLONE_CHILD_SETTID|SIGCHLD)",
	  "allow clone if clone_flags within SIGCHLD | CLONE_CHILD_SETTID" },
	{ "family and type are compared", "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC)",
	  "allow socket if family == AF_UNIX && type == SOCK_STREAM | SOCK_CLOEXEC" },
	{ "families with the same types share a rule",
	  "socket(AF_INET, SOCK_STREAM); socket(AF_INET6, SOCK_STREAM)",
	  "allow socket if family in { AF_INET, AF_INET6 } && type == SOCK_STREAM" },
	{ "what wasn't seen together isn't allowed together",
	  "socket(AF_UNIX, SOCK_STREAM); socket(AF_INET, SOCK_DGRAM)",
	  "allow socket if family == AF_INET && type == SOCK_DGRAM" },
	{ "what libc refuses is allowed before it", "clone3(0, 0)", "allow clone3" },
	{ "a call without a name has its number", "500(1)", "allow syscall(500)" },
	{ "an address is free even where its name is that of a number", "get_mempolicy(0x1000)",
	  "allow get_mempolicy" },
	{ "a negative value has its sign", "prctl(-1)", "allow prctl if option == -1" },
};

static int write_text(const struct record *r, const struct record_policy_options *options,
		      struct buf *out)
{
	struct sources sources;
	struct arena arena;
	struct diags diags;
	int error;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	error = record_policy(&arena, &diags, r, options, out);
	arena_deinit(&arena);
	return error;
}

/* The text's rules in ARENA, or NULL. */
static const struct rules *read_text(struct arena *arena, struct sources *sources, const char *text)
{
	struct policy_options options = { .arch = arch_by_name(str_of("x86_64")) };
	struct rules *rules = NULL;
	struct diags diags;

	*sources = (struct sources){ .arena = arena };
	diags_init(&diags, arena, sources);
	if (policy_rules(&diags, sources, "learned", str_of(text), &options, &rules)) {
		AUTO_BUF why = { 0 };

		diag_render(&diags, diags.first, false, &why);
		note("%s", why.data);
		return NULL;
	}
	return rules;
}

static bool allows_all(const char *text, const struct record *r)
{
	struct sources sources;
	struct arena arena;
	const struct rules *rules;
	bool all;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	rules = read_text(&arena, &sources, text);
	all = rules != NULL;
	for (size_t i = 0; all && i < r->len; i++)
		for (size_t k = 0; k < r->calls[i].len; k++)
			all &= rules_eval(rules, &r->calls[i].variants[k].data).ret ==
			       SECCOMP_RET_ALLOW;
	arena_deinit(&arena);
	return all;
}

static void test_generalized(const struct record_measure *measure)
{
	const struct record_policy_options options = { .version = "0" };

	for (size_t i = 0; i < ARRAY_LEN(generalized); i++) {
		AUTO_BUF text = { 0 };
		struct record r;

		record_init(&r);
		given_calls(&r, measure, generalized[i].calls);
		if (!ok(!write_text(&r, &options, &text) &&
				has_line(text.data, generalized[i].line),
			"%s", generalized[i].name))
			note("%s", text.data ? text.data : "no text");
		ok(text.data && allows_all(text.data, &r), "... and what was recorded is allowed");
		record_deinit(&r);
	}
}

static void test_appended(const struct record_measure *libc)
{
	static const char base[] =
		"default kill_process\nallow { write }\nallow ioctl if cmd == TCGETS";
	struct record_policy_options options = { .version = "0", .base = str_of(base) };
	struct record_measure measure = *libc;
	AUTO_BUF text = { 0 };
	struct sources sources;
	struct arena arena;
	struct record r;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	measure.policy = options.rules = read_text(&arena, &sources, base);
	record_init(&r);
	given_calls(&r, &measure, "write(1); ioctl(1, TCGETS)");
	ok(!write_text(&r, &options, &text) && strcmp(text.data, base) == 0,
	   "where nothing is lacking the policy stays as it is, byte for byte");
	buf_deinit(&text);
	text = (struct buf){ 0 };
	given_calls(&r, &measure, "ioctl(1, TIOCGWINSZ); lseek(0)");
	ok(!write_text(&r, &options, &text) && strncmp(text.data, base, strlen(base)) == 0 &&
		   has_line(text.data, "allow ioctl if cmd == TIOCGWINSZ") &&
		   has_line(text.data, "allow lseek"),
	   "what is lacking is added at its end");
	ok(allows_all(text.data, &r), "... and all is allowed then");
	record_deinit(&r);
	arena_deinit(&arena);
}

static void test_width(const struct record_measure *measure)
{
	const struct record_policy_options options = { .version = "0" };
	AUTO_BUF text = { 0 };
	struct record r;
	size_t widest = 0;

	record_init(&r);
	for (uint64_t nr = 0; nr < 450; nr++) {
		struct seccomp_data data = { .nr = (int)nr,
					     .arch = arch_by_name(str_of("x86_64"))->audit };

		for (unsigned bit = 0; bit < 31; bit++) {
			for (int i = 0; i < ARCH_ARGS_MAX; i++)
				data.args[i] = UINT64_C(1) << bit;
			if (record_add(&r, measure, &data, 1))
				ok(false, "a call is recorded");
		}
	}
	if (!ok(!write_text(&r, &options, &text) && allows_all(text.data, &r),
		"every call with each bit in each argument makes a policy that allows them"))
		note("%s", text.data);
	for (const char *line = text.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t width = 0;

		for (const char *c = line; c < end; c++)
			width += *c == '\t' ? 8 : 1;
		widest = width > widest ? width : widest;
	}
	ok(widest <= 100, "no line of it is wider than 100 columns: %zu", widest);
	record_deinit(&r);
}

static void test_families(const struct record_measure *measure)
{
	const struct record_policy_options options = { .version = "0" };
	AUTO_BUF text = { 0 };
	struct record r;

	record_init(&r);
	given_calls(&r, measure, "openat(0, 0, O_WRONLY); poll(0); unlink(0)");
	ok(!record_complete(&r, measure->libc) && !write_text(&r, &options, &text) &&
		   has_line(text.data, "allow open if flags within O_WRONLY") &&
		   has_line(text.data, "allow { poll ppoll }") &&
		   has_line(text.data, "allow { unlink unlinkat }") &&
		   !strstr(text.data, "openat2"),
	   "a family is completed, with the same flags, and not by openat2");
	record_deinit(&r);
}

int main(void)
{
	struct record_measure measure = { 0 };
	struct arena arena;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	if (strcmp(arch_native()->name, "x86_64") != 0) {
		skip("calls here are x86_64's, and sets are this machine's");
		return done();
	}
	if (!ok(!record_set(&arena, "libc", &measure.libc), "libc's rules are read"))
		return done();
	test_generalized(&measure);
	test_appended(&measure);
	test_width(&measure);
	test_families(&measure);
	arena_deinit(&arena);
	return done();
}
