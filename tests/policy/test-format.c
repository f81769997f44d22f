/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout: what it looks like, and its laws: format(format(x)) = format(x), and rules(format(x)) =
 * rules(x). */
#include "text.h"

static const struct {
	const char *name, *text, *formatted;
} tests[] = {
	{ "nothing is nothing", "", "" },
	{ "blank lines alone are nothing", "\n\n  \n", "" },
	{ "a comment alone", "\n\n # a  \n\n\n", "# a\n" },
	{ "spaces are single", "allow   read  ,write", "allow read, write\n" },
	{ "spaces at the end go", "allow read  \t\r\n", "allow read\n" },
	{ "one blank line is kept", "allow read\n\n\n\nallow write\n",
	  "allow read\n\nallow write\n" },
	{ "no blank line is added", "allow read\nallow write\n", "allow read\nallow write\n" },
	{ "a comment behind a rule", "allow read    # why", "allow read # why\n" },
	{ "a comment before a rule", "   # why\nallow read", "# why\nallow read\n" },
	{ "braces have spaces inside", "allow {read write}", "allow { read write }\n" },
	{ "lines in braces are kept", "allow { read\nwrite\n\n}", "allow {\n\tread\n\twrite\n}\n" },
	{ "comments in braces are kept", "allow { # a\n# b\nread # c\n}",
	  "allow { # a\n\t# b\n\tread # c\n}\n" },
	{ "operators have spaces", "let A=1|2&~3<<-4-5", "let A = 1 | 2 & ~3 << -4 - 5\n" },
	{ "a range has none", "set S={1 .. 2}", "set S = { 1..2 }\n" },
	{ "actions cling to their data", "errno (EPERM) read\ntrap ( 1 ) write",
	  "errno(EPERM) read\ntrap(1) write\n" },
	{ "calls by number", "allow syscall ( 1 )", "allow syscall(1)\n" },
	{ "ranges of numbers", "allow syscall (1 .. 2)", "allow syscall(1..2)\n" },
	{ "the '?' clings to its name", "allow read ?", "allow read?\n" },
	{ "brackets of conditions", "allow read if( fd==1||!( fd==2 ) )",
	  "allow read if (fd == 1 || !(fd == 2))\n" },
	{ "a signed number after a word", "allow read if fd within -1",
	  "allow read if fd within -1\n" },
	{ "broken lines are joined", "allow read if fd == 1 ||\n  fd == 2",
	  "allow read if fd == 1 || fd == 2\n" },
	{ "but for a comment", "allow read if fd == 1 || # a\nfd == 2",
	  "allow read if fd == 1 || # a\n\t\tfd == 2\n" },
	{ "answers cling to their data",
	  "notify open=>open_beneath ( \"/usr\",\"/etc\" )\nnotify mknod   => make_node( "
	  "\"/dev/null\")",
	  "notify open => open_beneath(\"/usr\", \"/etc\")\n"
	  "notify mknod => make_node(\"/dev/null\")\n" },
	{ "an answer's number, and its sign",
	  "notify getuid=>return   -1\nnotify read if fd==1=>errno (EIO)",
	  "notify getuid => return -1\nnotify read if fd == 1 => errno(EIO)\n" },
	{ "broken answers are joined", "default notify =>\n log_and_continue",
	  "default notify => log_and_continue\n" },
	{ "a long answer is broken after a comma",
	  "notify { open openat creat } => open_beneath(\"/usr/share/aaaaaaaaaaaaaaaaaaaaaaa\", "
	  "\"/usr/share/bbbbbbbbbbbbbbbbbb\")",
	  "notify { open openat creat } => open_beneath(\"/usr/share/aaaaaaaaaaaaaaaaaaaaaaa\",\n"
	  "\t\t\"/usr/share/bbbbbbbbbbbbbbbbbb\")\n" },
	{ "'on' on a line", "on i386{allow read}", "on i386 { allow read }\n" },
	{ "'on' on lines", "on i386{\n\nallow read\n\n# a\nallow write}",
	  "on i386 {\n\tallow read\n\n\t# a\n\tallow write\n}\n" },
	{ "'on' with two rules", "on i386 { allow read allow write }",
	  "on i386 {\n\tallow read\n\tallow write\n}\n" },
	{ "'on' with one rule's own braces", "on i386 allow {\nread }",
	  "on i386 allow {\n\tread\n}\n" },
	{ "a long list is broken at the width",
	  "allow { aaaaaaaaaaaaaaaaaaaa? bbbbbbbbbbbbbbbbbbbbbbbbb? cccccccccccccccccccccccccc? "
	  "dddddddddddddddddddd? }",
	  "allow {\n\taaaaaaaaaaaaaaaaaaaa? bbbbbbbbbbbbbbbbbbbbbbbbb? "
	  "cccccccccccccccccccccccccc?\n"
	  "\tdddddddddddddddddddd?\n}\n" },
	{ "a long condition is broken after an operator",
	  "allow read if fd == 1111111111111111111 || fd == 2222222222222222222 || fd == 333333333 "
	  "|| fd == 44444",
	  "allow read if fd == 1111111111111111111 || fd == 2222222222222222222 || fd == 333333333 "
	  "||"
	  "\n\t\tfd == 44444\n" },
};

static bool format(struct reading *r, struct str text, struct buf *out)
{
	return policy_format(&r->arena, &r->diags, &r->sources, "text", text, out) == 0;
}

static struct str bytes(const struct buf *b)
{
	return (struct str){ b->size ? b->data : "", b->size };
}

static void test_layout(void)
{
	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		AUTO_BUF once = { 0 };
		AUTO_BUF twice = { 0 };
		struct reading r;
		bool good;

		reading_begin(&r, ARENA_DEFAULT_LIMIT);
		good = format(&r, str_of(tests[i].text), &once) &&
		       str_is(bytes(&once), tests[i].formatted);
		if (!ok(good, "%s", tests[i].name)) {
			note("got: %s", once.size ? once.data : "");
			reading_show(&r);
		}
		ok(format(&r, bytes(&once), &twice) && str_eq(bytes(&once), bytes(&twice)),
		   "and stays so");
		reading_end(&r);
	}
}

static bool conds_alike(const struct rules_cond *a, const struct rules_cond *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	if (a->kind != RULES_TEST)
		return conds_alike(a->left, b->left) &&
		       (a->kind == RULES_NOT || conds_alike(a->right, b->right));
	return a->test.mask == b->test.mask && a->test.cmp == b->test.cmp &&
	       a->test.value == b->test.value && a->test.nranges == b->test.nranges &&
	       memcmp(&a->test.operand, &b->test.operand, sizeof(a->test.operand)) == 0;
}

static bool rules_alike(const struct rules *a, const struct rules *b)
{
	if (a->len != b->len || a->otherwise != b->otherwise || a->foreign != b->foreign)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		if (a->abis[i].arch != b->abis[i].arch || a->abis[i].len != b->abis[i].len)
			return false;
		for (size_t k = 0; k < a->abis[i].len; k++) {
			const struct rules_entry *x = &a->abis[i].entries[k];
			const struct rules_entry *y = &b->abis[i].entries[k];

			if (x->first != y->first || x->last != y->last || x->ret != y->ret ||
			    !conds_alike(x->cond, y->cond))
				return false;
		}
	}
	return true;
}

/* The text, once as it is and once in its layout. */
static void test_meaning(const char *name, const char *text)
{
	AUTO_BUF once = { 0 };
	AUTO_BUF twice = { 0 };
	struct reading a, b;

	read_policy(&a, text, NULL);
	ok(format(&a, str_of(text), &once), "%s has a layout", name);
	ok(format(&a, bytes(&once), &twice) && str_eq(bytes(&once), bytes(&twice)),
	   "the layout of %s is its own layout", name);
	read_policy(&b, once.size ? once.data : "", NULL);
	if (!ok(a.status == 0 && b.status == 0 && rules_alike(a.rules, b.rules),
		"the layout of %s means what it means", name)) {
		reading_show(&a);
		reading_show(&b);
	}
	reading_end(&a);
	reading_end(&b);
}

/* One rule, with random conditions and random breaks where the language ignores them. */
static void add_cond(struct buf *out, uint64_t *seed, unsigned depth)
{
	static const char *const tests_of_read[] = {
		"fd == 1",
		"count & ~7 != 1 + 2",
		"fd in {1, 2 .. 4,\n5 # five\n}",
		"fd not in{ -1 }",
		"fd within -8",
		"count has 1|\n2",
		"arg3 >= (1<<4) - 1",
		"buf != NULL",
	};
	unsigned pick;

	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	pick = (unsigned)(*seed >> 33);
	if (depth == 0 || pick % 5 < 2) {
		buf_puts(out, tests_of_read[pick / 5 % ARRAY_LEN(tests_of_read)]);
		return;
	}
	if (pick % 5 == 4)
		buf_puts(out, "! (");
	else
		buf_putc(out, '(');
	add_cond(out, seed, depth - 1);
	buf_puts(out, pick % 2 ? "||\n" : " && # a\n# b\n");
	add_cond(out, seed, depth - 1);
	buf_puts(out, pick % 7 ? ")" : "\n )");
}

static void test_random(void)
{
	uint64_t seed = 20240229;
	char name[64];

	for (unsigned i = 0; i < 60; i++) {
		AUTO_BUF text = { 0 };

		snprintf(name, sizeof(name), "condition %u of seed 20240229", i);
		buf_puts(&text, "default kill\non x86_64 { allow read if ");
		add_cond(&text, &seed, 4);
		buf_puts(&text, i % 2 ? "}\n" : "\n\n # end\n}");
		test_meaning(name, text.data);
	}
}

static void test_refused(void)
{
	AUTO_BUF out = { 0 };
	struct reading r;

	reading_begin(&r, ARENA_DEFAULT_LIMIT);
	ok(!format(&r, str_of("alow read"), &out) && out.size == 0 && r.diags.errors == 1,
	   "what can't be read has no layout");
	ok(format(&r, str_of("allow nosuchcall if x == NOSUCH"), &out),
	   "names that nobody knows have one");
	reading_end(&r);
}

int main(void)
{
	const char *name;

	test_layout();
	test_random();
	test_refused();
	for (size_t i = 0; (name = policy_shipped_at(i)); i++) {
		AUTO_BUF text = { 0 };
		struct str shipped = policy_shipped(str_of(name));

		if (!memmem(shipped.ptr, shipped.len, "\ndefault ", 9))
			buf_puts(&text, "default kill\n");
		buf_add(&text, shipped.ptr, shipped.len);
		test_meaning(name, text.data);
	}
	return done();
}
