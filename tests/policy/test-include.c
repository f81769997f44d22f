/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file an include finds, once, and what it says when it can't. Works in a folder of its own
 * below /tmp. */
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const folders[] = { "dir", "libs", "more" };

static const struct {
	const char *path, *text;
} files[] = {
	{ "near", "allow read\n" },
	{ "dir/near", "allow write\n" },
	{ "dir/next", "include \"near\"\n" },
	{ "libs/far", "allow lseek\n" },
	{ "more/far", "allow mmap\n" },
	{ "libs/libc", "allow fork\n" },
	{ "once", "allow read if fd == X\nlet X = 1\n" },
	{ "twice", "include \"once\"\ninclude \"./once\"\ninclude \"dir/../once\"\n" },
	{ "self", "include \"self\"\n" },
	{ "ring1", "include \"ring2\"\n" },
	{ "ring2", "include \"ring1\"\n" },
	{ "main", "include \"back\"\ndefault kill\n" },
	{ "back", "include \"main\"\n" },
	{ "broken", "allow read\nalow write\n" },
	{ "says", "foreign kill\n" },
	{ "nul", "allow \xff\n" },
	{ "tty1", "set TTY = { 1 }\nallow read if fd in TTY\n" },
	{ "tty2", "set TTY = { 2 }\nallow write if fd in TTY\n" },
};

static const struct {
	const char *name, *text, *codes;
	const char *calls; /* that are allowed, of read, write, lseek, mmap, fork */
} tests[] = {
	{ "a file next to the including one", "include \"near\"", "", "read" },
	{ "a file in a folder", "include \"dir/near\"", "", "write" },
	{ "what is next to an included file", "include \"dir/next\"", "", "write" },
	{ "the folders of the options, in their order", "include \"far\"", "", "lseek" },
	{ "a folder comes before the shipped policies", "include \"libc\"", "", "fork" },
	{ "a file twice counts once", "include \"near\"\ninclude \"near\"", "", "read" },
	{ "whatever its path", "include \"twice\"", "", "read" },
	{ "a file in itself", "include \"self\"", "P031@1:9", NULL },
	{ "a ring of files", "include \"ring1\"", "P031@1:9", NULL },
	{ "a missing file", "include \"nosuch\"", "P030@2:9", NULL },
	{ "a folder is no file", "include \"dir\"", "P030@2:9", NULL },
	{ "a device is no file", "include \"/dev/null\"", "P030@2:9", NULL },
	{ "a FIFO is no file", "include \"fifo\"", "P030@2:9", NULL },
	{ "the empty name is no file", "include \"\"", "P030@2:9", NULL },
	{ "a misspelt shipped policy", "include \"defualt\"", "P030@2:9", NULL },
	{ "a file that may not be read", "include \"secret\"", "P033@2:9", NULL },
	{ "mistakes in included files have their place", "include \"broken\"", "P009@2:1", NULL },
	{ "a statement of the main file", "include \"says\"", "P015@1:1", NULL },
	{ "bytes that are no text", "include \"nul\"", "P002@1:7", NULL },
	{ "files have names of their own", "include \"tty1\"\ninclude \"tty2\"", "", "read write" },
	{ "but which one is meant has to be clear",
	  "include \"tty1\"\ninclude \"tty2\"\nallow lseek if fd in TTY", "P023@4:22", NULL },
	{ "one's own is meant first",
	  "include \"tty1\"\ninclude \"tty2\"\nset TTY = { 0 }\nallow lseek if fd in TTY", "",
	  "read write lseek" },
};

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return false;
	fputs(text, f);
	return fclose(f) == 0;
}

/* 0, 1, 2: the first argument with which a call is tried. */
static bool is_allowed(struct reading *r, const char *name)
{
	const struct arch *arch = r->rules->abis[0].arch;
	struct seccomp_data data = { .arch = arch->audit };

	data.nr = (int)arch_syscall_nr(arch, arch_syscall_by_name(str_of(name)));
	for (data.args[0] = 0; data.args[0] < 3; data.args[0]++)
		if (rules_eval(r->rules, &data).ret == SECCOMP_RET_ALLOW)
			return true;
	return false;
}

static bool calls_match(struct reading *r, const char *calls)
{
	static const char *const names[] = { "read", "write", "lseek", "mmap", "fork" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (is_allowed(r, names[i]) != (strstr(calls, names[i]) != NULL))
			return false;
	return true;
}

static void test_file(size_t i)
{
	static const char *const dirs[] = { "libs", "more" };
	struct policy_options o = { .arch = arch_by_name(str_of("x86_64")),
				    .include_dirs = dirs,
				    .ninclude_dirs = 2 };
	struct reading r;
	char text[256];
	bool good;

	snprintf(text, sizeof(text), "default kill\n%s\n", tests[i].text);
	read_policy(&r, text, &o);
	good = strcmp(reading_codes(&r), tests[i].codes) == 0 &&
	       r.status == (tests[i].codes[0] ? -EINVAL : 0);
	if (!ok(good && (!tests[i].calls || calls_match(&r, tests[i].calls)), "%s",
		tests[i].name)) {
		note("expected %s, got %s", tests[i].codes, reading_codes(&r));
		reading_show(&r);
	}
	reading_end(&r);
}

/* A chain of N files; the last one has a rule. */
static void test_depth(unsigned n, bool good)
{
	struct policy_options o = { .arch = arch_by_name(str_of("x86_64")) };
	char path[32], text[64];
	struct reading r;

	for (unsigned i = 1; i <= n; i++) {
		snprintf(path, sizeof(path), "deep%u", i);
		snprintf(text, sizeof(text), i == n ? "allow read\n" : "include \"deep%u\"\n",
			 i + 1);
		if (!write_file(path, text))
			return;
	}
	read_policy(&r, "default kill\ninclude \"deep1\"\n", &o);
	ok(good ? r.status == 0 && is_allowed(&r, "read")
		: r.status == -EINVAL && strstr(reading_codes(&r), "P032") != NULL,
	   "%u includes within includes are %s", n, good ? "read" : "too many");
	reading_end(&r);
}

static void test_main_file(void)
{
	struct policy_options o = { .arch = arch_by_name(str_of("x86_64")) };
	struct reading r;

	reading_begin(&r, ARENA_DEFAULT_LIMIT);
	r.status = policy_rules(&r.diags, &r.sources, "main",
				str_of("include \"back\"\ndefault kill\n"), &o, &r.rules);
	ok(r.status == -EINVAL && strcmp(reading_codes(&r), "P031@1:9") == 0,
	   "the main file is known when an included one includes it");
	reading_end(&r);
	o.no_files = true;
	read_policy(&r, "default kill\ninclude \"near\"\n", &o);
	ok(r.status == -EINVAL && strcmp(reading_codes(&r), "P030@2:9") == 0,
	   "without files there are none");
	reading_end(&r);
}

static bool prepare(char *folder)
{
	bool good = mkdtemp(folder) && chdir(folder) == 0;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		good = good && mkdir(folders[i], 0700) == 0;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		good = good && write_file(files[i].path, files[i].text);
	return good && mkfifo("fifo", 0600) == 0 && write_file("secret", "") &&
	       chmod("secret", 0) == 0;
}

int main(void)
{
	char folder[] = "/tmp/strait-include-XXXXXX", command[64];

	if (!ok(prepare(folder), "there is a folder to work in"))
		return done();
	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		if (strstr(tests[i].text, "secret") && access("secret", R_OK) == 0)
			skip("this user may read any file");
		else
			test_file(i);
	}
	test_depth(POLICY_INCLUDE_DEPTH, true);
	test_depth(POLICY_INCLUDE_DEPTH + 1, false);
	test_main_file();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ok(system(command) == 0, "the folder goes away");
	return done();
}
