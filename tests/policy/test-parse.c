/* SPDX-License-Identifier: BSD-2-Clause */
/* Every mistake has its code and its place, and doesn't hide the next one. Each text follows
 * "default kill\n". */
#include "text.h"

static const struct {
	const char *name, *text, *codes;
} tests[] = {
	{ "nothing but a default is a policy", "", "" },
	{ "a statement ends at its newline", "allow read\nallow write", "" },
	{ "a line that ends in a comma goes on", "allow read,\n write", "" },
	{ "a line that ends in an operator goes on", "allow read if fd ==\n 1 ||\nfd == 2", "" },
	{ "a line that ends in 'in' goes on", "allow read if fd in\n { 1 }", "" },
	{ "a line goes on in brackets", "allow { read\n write\n\n}", "" },
	{ "comments stand anywhere", "# a\nallow { # b\n read # c\n # d\n} # e", "" },
	{ "'kill' is a call in a list", "allow {\nkill\ntgkill }", "" },
	{ "'kill' is an action on a line", "kill fork", "" },
	{ "a list may end in a comma", "allow { read, write, }", "" },
	{ "rules of 'on' stand on lines of their own", "on i386 {\nallow read\nallow write\n}",
	  "" },
	{ "rules of 'on' stand on one line", "on i386, x32 { allow read allow write }", "" },
	{ "'on' takes one rule without braces", "on x86_64 allow read if fd == 1", "" },
	{ "operators have C's ranks", "allow read if fd == 1|2^3&4<<5+6-7", "" },
	{ "signs stack up", "allow read if fd == - - ~ - 1", "" },
	{ "a NOT applies to a whole test", "allow read if !fd == 1", "" },

	{ "answers stand behind rules of notify",
	  "notify getuid => return 0\nnotify read if fd == 1 => errno(EIO)\n"
	  "notify write => log_and_continue\nnotify { open } => open_beneath(\"/usr\",\n \"/etc\")",
	  "" },
	{ "a line that ends in '=>' goes on", "notify getuid =>\n return 1 +\n 2\nallow read", "" },
	{ "answers in 'on'", "on x86_64 { notify getuid => return 0 allow read }", "" },
	{ "baseline and foreign may have answers",
	  "foreign notify => errno(EPERM)\nbaseline linux 5.10 else notify => return 0", "" },
	{ "'return' is no name", "let return = 1", "P024@2:5" },
	{ "an answer is missing", "notify getuid =>", "P005@2:17" },
	{ "an unknown answer", "notify getuid => retrun 0\nnotify write => 3",
	  "N001@2:18 P005@3:17" },
	{ "an answer of another action", "allow getuid => return 0", "N002@2:14" },
	{ "an answer of another default", "foreign allow => return 0", "N002@2:15" },
	{ "return without a value", "notify getuid => return", "P005@2:24" },
	{ "errno without brackets", "notify getuid => errno EPERM", "P005@2:24" },
	{ "a value for log_and_continue", "notify getuid => log_and_continue(1)", "P005@2:34" },
	{ "a file's name without quotes", "notify open => open_beneath(usr)", "P005@2:29" },
	{ "no file's name", "notify open => open_beneath()", "P005@2:29" },
	{ "a comma without a file's name", "notify open => open_beneath(\"/usr\",)", "P005@2:36" },
	{ "a relative file's name", "notify open => open_beneath(\"/usr\", \"etc\", \"\")",
	  "N004@2:37" },
	{ "a bracket of an answer that isn't closed",
	  "notify open => open_beneath(\"/usr\"\nallow read", "P006@2:28" },
	{ "two answers", "notify getuid => return 0 => return 1", "P005@2:27" },
	{ "an answer before the condition", "notify read => return 0 if fd == 1", "P005@2:25" },

	{ "an unknown statement", "alow read", "P009@2:1" },
	{ "an unknown action of default", "foreign bye", "P009@2:9" },
	{ "both of two mistakes", "alow read\nallow write if\nallow lseek if fd 3",
	  "P009@2:1 P005@3:15 P005@4:19" },
	{ "a statement that begins with a number", "3", "P005@2:1" },
	{ "a stray bracket", "allow read\n}\nallow write }", "P005@3:1 P005@4:13" },
	{ "'=' for '=='", "allow read if fd = 1", "P010@2:18" },
	{ "'and' for '&&', 'or' for '||'", "allow read if fd == 1 and fd == 2 or fd == 3",
	  "P010@2:23 P010@2:35" },
	{ "a missing '}' of a list", "allow { read write\nallow lseek", "P006@2:7" },
	{ "a missing '}' of a set", "set X = { 1, 2\nallow read if fd in X", "P006@2:9 P022@3:21" },
	{ "a missing '}' at the end", "allow { read", "P006@2:7" },
	{ "a missing '}' of 'on'", "on i386 {\n allow read\nlet X = 1\nallow read if fd == X",
	  "P006@2:9" },
	{ "a missing ')'", "allow read if (fd == 1\nallow write", "P006@2:15" },
	{ "a missing comma", "allow read if fd in { 1 2 }", "P011@2:25" },
	{ "arguments in parentheses", "allow read(fd == 1)\nallow blah", "P012@2:11 P017@3:7" },
	{ "'if' on the next line", "allow read\nif fd == 1", "P005@3:1" },
	{ "errno without a number", "errno read", "P005@2:7" },
	{ "a number for allow", "allow(3) read", "P005@2:6" },
	{ "a rule without a call", "allow", "P005@2:6" },
	{ "a baseline without a version", "baseline linux", "P005@2:15" },
	{ "a baseline of something else", "baseline windows 5", "P005@2:10" },
	{ "an include without quotes", "include libc", "P005@2:9" },
	{ "a condition without a comparison", "allow read if fd", "P005@2:17" },
	{ "'not' without 'in'", "allow read if fd not 3", "P005@2:22" },
	{ "a mask before 'has'", "allow read if fd & 3 has 1", "P005@2:22" },
	{ "an empty set", "set X = { }", "P005@2:11" },
	{ "two rules on a line", "allow read allow write", "P005@2:12" },
	{ "a string for a value", "allow open if filename == \"/etc\"", "P005@2:27" },
	{ "a string that isn't closed", "include \"libc", "P004@2:9" },
	{ "a character that isn't closed", "allow read if fd == 'a", "P004@2:21" },
	{ "a number past 64 bits", "allow read if fd == 0x10000000000000000", "P003@2:21" },
	{ "a number with letters", "allow read if fd == 12abc", "P003@2:21" },
	{ "an octal number with a 9", "allow read if fd == 019", "P003@2:21" },
	{ "a sign without a meaning", "allow read; allow write", "P002@2:11" },
	{ "a control character", "allow read\001", "P002@2:11" },
	{ "broken UTF-8", "allow read # \xc3(", "P002@2:14" },
	{ "a surrogate is no UTF-8", "# \xed\xa0\x80", "P002@2:3 P002@2:4 P002@2:4" },
	{ "an overlong form is no UTF-8", "# \xc0\xaf", "P002@2:3 P002@2:4" },
	{ "columns count characters", "allow read # \xc3\xa4\nalow read # \xc3\xa4 ", "P009@3:1" },
	{ "a letter outside ASCII",
	  "allow r\xc3\xa4"
	  "d",
	  "P002@2:8" },
};

static void test_table(void)
{
	struct reading r;
	char text[512];

	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		const char *codes;

		snprintf(text, sizeof(text), "default kill\n%s", tests[i].text);
		read_policy(&r, text, NULL);
		codes = reading_codes(&r);
		if (!ok(strcmp(codes, tests[i].codes) == 0 &&
				r.status == (tests[i].codes[0] ? -EINVAL : 0),
			"%s", tests[i].name)) {
			note("expected %s, got %s", tests[i].codes, codes);
			reading_show(&r);
		}
		reading_end(&r);
	}
}

/* N copies of OPEN, then MIDDLE, then N copies of CLOSE. */
static void test_nesting(const char *before, const char *open, const char *middle,
			 const char *close, const char *name)
{
	static const struct {
		unsigned depth;
		bool good;
	} depths[] = { { 10, true }, { POLICY_NESTING_DEPTH, true }, { 100000, false } };
	struct reading r;

	for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
		AUTO_BUF text = { 0 };

		buf_puts(&text, before);
		for (unsigned k = 0; k < depths[i].depth; k++)
			buf_puts(&text, open);
		buf_puts(&text, middle);
		for (unsigned k = 0; k < depths[i].depth; k++)
			buf_puts(&text, close);
		read_policy(&r, text.data, NULL);
		ok((r.status == 0) == depths[i].good, "%u %s", depths[i].depth, name);
		if (!depths[i].good)
			ok(strstr(reading_codes(&r), "P007") != NULL, "which says so");
		reading_end(&r);
	}
}

static void test_long_chains(void)
{
	AUTO_BUF text = { 0 };
	struct reading r;

	buf_puts(&text, "default kill\nallow read if fd == 0");
	for (unsigned i = 1; i < 50000; i++)
		buf_printf(&text, " || fd == %u", i);
	buf_puts(&text, "\nallow write if fd == 0");
	for (unsigned i = 1; i < 50000; i++)
		buf_puts(&text, "|1");
	read_policy(&r, text.data, NULL);
	ok(r.status == 0 && !rules_validate(r.rules), "50000 operators in a row aren't deep");
	reading_end(&r);
}

static void test_many_errors(void)
{
	AUTO_BUF text = { 0 };
	struct reading r;

	for (unsigned i = 0; i < 5000; i++)
		buf_puts(&text, "alow read\n");
	read_policy(&r, text.data, NULL);
	ok(r.status == -EINVAL && r.diags.errors == 1001, "after 1000 errors the rest isn't shown");
	ok(r.diags.last->code == DIAG_TOO_MANY_ERRORS, "and the last one says so");
	reading_end(&r);
}

static void test_size(void)
{
	AUTO_BUF text = { 0 };
	struct reading r;

	buf_puts(&text, "default kill\n");
	buf_fill(&text, '#', POLICY_SIZE_MAX - text.size);
	read_policy(&r, text.data, NULL);
	ok(r.status == 0, "the largest text is read");
	reading_end(&r);
	buf_putc(&text, '#');
	read_policy(&r, text.data, NULL);
	ok(r.status == -EINVAL && strcmp(reading_codes(&r), "P001@1:1") == 0, "a larger one isn't");
	reading_end(&r);
}

int main(void)
{
	test_table();
	test_nesting("default kill\nallow read if ", "(", "fd == 1", ")", "brackets of conditions");
	test_nesting("default kill\nallow read if fd == ", "(", "1", ")", "brackets of values");
	test_nesting("default kill\nallow read if ", "!", "fd == 1", "", "negations");
	test_nesting("default kill\nallow read if fd == ", "~", "1", "", "complements");
	test_long_chains();
	test_many_errors();
	test_size();
	return done();
}
