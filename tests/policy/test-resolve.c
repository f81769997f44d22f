/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy means: text and a call, and the answer by rules_eval(). And the mistakes that only
 * names can make. */
#include "text.h"

#define ALLOW  SECCOMP_RET_ALLOW
#define LOG    SECCOMP_RET_LOG
#define KILL   SECCOMP_RET_KILL_PROCESS
#define ERR(n) (SECCOMP_RET_ERRNO | (n))
#define D      "default kill\n"
#define D86    "arch x86_64, i386\n" D

static const struct {
	const char *name, *text, *call;
	uint32_t ret;
} meanings[] = {
	{ "what no rule names is the default's", D "allow read", "write", KILL },
	{ "what a rule names is the rule's", D "allow read", "read", ALLOW },
	{ "the first rule decides", D "log read\nallow read", "read", LOG },
	{ "a rule without a match passes on", D "log read if fd == 1\nallow read", "read(2)",
	  ALLOW },
	{ "a list names each of its calls", D "allow { read write }", "write", ALLOW },
	{ "a call by number", D "allow syscall(1)", "write", ALLOW },
	{ "a number without a name", D "allow syscall(1000)", "1000", ALLOW },
	{ "a range of numbers", D "allow syscall(999..1001)", "1001", ALLOW },
	{ "ends where it says", D "allow syscall(999..1001)", "1002", KILL },
	{ "a range has calls with names", D "allow syscall(0..1)", "write", ALLOW },
	{ "all numbers of an ABI", D86 "on i386 allow syscall(0..0xffffffff)",
	  "arch=i386 0xffffffff", ALLOW },
	{ "an unknown name with '?' is nothing", D "allow nosuchcall?, read", "read", ALLOW },
	{ "a known name with '?' is itself", D "allow read?", "read", ALLOW },
	{ "a call that only others have is skipped", D "allow socketcall, read", "read", ALLOW },
	{ "a group is its calls", D "group @g = { read write }\nallow @g", "write", ALLOW },
	{ "a group of groups", D "allow @h\ngroup @h = { @g }\ngroup @g = { read }", "read",
	  ALLOW },
	{ "an i386 call isn't x86_64's", D86 "on i386 allow read", "read", KILL },
	{ "an i386 call is i386's", D86 "on i386 allow read", "arch=i386 read", ALLOW },
	{ "without 'on' a rule is everybody's", D86 "allow read", "arch=i386 read", ALLOW },
	{ "an ABI that isn't listed is foreign", D "allow read", "arch=i386 read", KILL },
	{ "foreign says what happens to it", D "foreign log\nallow read", "arch=i386 read", LOG },
	{ "x32 is foreign", D "foreign log\nallow read", "arch=x32 read", LOG },
	{ "x32 unless listed", "arch x86_64, x32\n" D "allow read", "arch=x32 read", ALLOW },

	{ "log", D "log read", "read", LOG },
	{ "notify", D "notify read", "read", SECCOMP_RET_USER_NOTIF },
	{ "trace", D "trace read", "read", SECCOMP_RET_TRACE },
	{ "trace with data", D "trace(0xffff) read", "read", SECCOMP_RET_TRACE | 0xffff },
	{ "trap with data", D "trap(7) read", "read", SECCOMP_RET_TRAP | 7 },
	{ "errno by name", D "errno(ENOSYS) read", "read", ERR(38) },
	{ "errno by number", D "errno(4095) read", "read", ERR(4095) },
	{ "deny is EPERM", D "deny read", "read", ERR(1) },
	{ "kill is kill_process", "default allow\nkill read", "read", KILL },
	{ "kill_thread", D "kill_thread read", "read", SECCOMP_RET_KILL_THREAD },

	{ "an int's upper half is ignored", D "allow read if fd == 3", "read(arg0=0x100000003)",
	  ALLOW },
	{ "arg0 is all 64 bits", D "allow read if arg0 == 3", "read(arg0=0x100000003)", KILL },
	{ "a size_t is all 64 bits", D "allow read if count == 3", "read(arg2=0x100000003)", KILL },
	{ "umode_t is 16 bits", D "allow chmod if mode == 0644", "chmod(arg1=0xabc101a4)", ALLOW },
	{ "an int compares signed", D "allow openat if dfd < 0", "openat(-100)", ALLOW },
	{ "an int compares signed in ranges", D "allow openat if dfd in { -100..-1 }", "openat(-1)",
	  ALLOW },
	{ "an unsigned int doesn't", D "allow ioctl if cmd > 0x7fffffff", "ioctl(0,0x80000000)",
	  ALLOW },
	{ "an int equals its bits", D "allow openat if dfd == 0xffffffff", "openat(-1)", ALLOW },
	{ "an unsigned int equals -1", D "allow personality if personality == -1",
	  "personality(0xffffffff)", ALLOW },
	{ "AT_FDCWD is -100", D "allow openat if dfd == AT_FDCWD", "openat(-100)", ALLOW },
	{ "the man-page's name is an alias", D "allow openat if dirfd == 5", "openat(5)", ALLOW },
	{ "NULL is no address", D "allow mmap if addr == NULL", "mmap(0)", ALLOW },
	{ "an address isn't NULL", D "allow open if filename != NULL", "open(0)", KILL },
	{ "ip is the instruction pointer", D "allow read if ip >= 0x1000", "read() ip=0x1000",
	  ALLOW },
	{ "ip is 64 bits", D "allow read if ip < 0x1000", "read() ip=0x100000000", KILL },

	{ "a mask binds tighter than '=='", D "allow socket if type & 0xf == 1",
	  "socket(1,0x80001)", ALLOW },
	{ "within: no bit outside", D "allow openat if flags within 3", "openat(0,0,4)", KILL },
	{ "within: any bit inside", D "allow openat if flags within 3", "openat(0,0,2)", ALLOW },
	{ "within looks at 32 bits", D "allow openat if flags within 3", "openat(arg2=0x100000002)",
	  ALLOW },
	{ "has: all of the bits", D "allow openat if flags has 3", "openat(0,0,7)", ALLOW },
	{ "has: not some of them", D "allow openat if flags has 3", "openat(0,0,5)", KILL },
	{ "in a list", D "allow read if fd in { 1, 5..7 }", "read(6)", ALLOW },
	{ "a range has both of its ends", D "allow read if fd in { 5..7 }", "read(7)", ALLOW },
	{ "not in a list", D "allow read if fd not in { 1, 5..7 }", "read(6)", KILL },
	{ "in a set", D "set S = { 1, 3 }\nallow read if fd in S", "read(3)", ALLOW },
	{ "a masked value in a list", D "allow socket if type & 0xf in { 1, 2 }", "socket(1,0x802)",
	  ALLOW },
	{ "&& binds tighter than ||", D "allow read if fd == 1 || fd == 2 && count == 3", "read(1)",
	  ALLOW },
	{ "brackets bind tighter", D "allow read if (fd == 1 || fd == 2) && count == 3", "read(1)",
	  KILL },
	{ "a negation", D "allow read if !(fd == 1 || fd == 2)", "read(2)", KILL },

	{ "a let is its value", D "let X = Y << 2\nlet Y = 1\nallow read if fd == X", "read(4)",
	  ALLOW },
	{ "operators as in C", D "allow read if fd == 1 + 2 << 1 | 8 & 12 ^ 4", "read(14)", ALLOW },
	{ "differences from the left", D "allow read if fd == 10 - 3 - 2", "read(5)", ALLOW },
	{ "a 64-bit mask", D "allow read if arg1 & ~0x8000000000000000 == 1",
	  "read(arg1=0x8000000000000001)", ALLOW },
	{ "a 32-bit mask", D "allow ioctl if cmd & ~0x80000000 == 1", "ioctl(0,0x80000001)",
	  ALLOW },

	{ "a split argument: both halves", D86 "allow pread64 if pos == 0x100000002",
	  "arch=i386 pread64(0,0,0,0x100000002)", ALLOW },
	{ "a split argument: the high half counts", D86 "allow pread64 if pos == 2",
	  "arch=i386 pread64(0,0,0,0x100000002)", KILL },

	{ "a young call is ENOSYS", D "baseline linux 5.10", "fchmodat2", ERR(38) },
	{ "a call of that version isn't young", D "baseline linux 6.6", "fchmodat2", KILL },
	{ "an old one is the default's", D "baseline linux 5.10", "read", KILL },
	{ "a young call that is named", D "baseline linux 5.10\nallow fchmodat2", "fchmodat2",
	  ALLOW },
	{ "named with a condition is named", D "baseline linux 5.10\nallow fchmodat2 if dfd == 1",
	  "fchmodat2(2)", KILL },
	{ "a number past the table is young", D "baseline linux 5.10", "5000", ERR(38) },
	{ "the last of x86_64's numbers", D "baseline linux 5.10", "0x3fffffff", ERR(38) },
	{ "a named number past the table", D "baseline linux 5.10\nallow syscall(5000)", "5000",
	  ALLOW },
	{ "a named range past the table", D "baseline linux 5.10\nallow syscall(5000..5002)",
	  "5001", ALLOW },
	{ "what follows a named range", D "baseline linux 5.10\nallow syscall(5000..5002)", "5003",
	  ERR(38) },
	{ "its neighbour is young", D "baseline linux 5.10\nallow syscall(5000)", "5001", ERR(38) },
	{ "another answer", D "baseline linux 5.10 else log", "fchmodat2", LOG },
};

#define N "default notify => return 99\n"

/* The answer to a call; KIND -1: none. */
static const struct {
	const char *name, *text, *call;
	int kind, value;
	const char *path; /* the last one */
} answers[] = {
	{ "a rule's answer", D "notify read => return 1", "read", RULES_ANSWER_RETURN, 1, NULL },
	{ "an answer is a value", D "let X = 3\nnotify read => return X | 4", "read",
	  RULES_ANSWER_RETURN, 7, NULL },
	{ "an errno has its ABI's value", D "notify read => errno(EACCES)", "read",
	  RULES_ANSWER_ERRNO, 13, NULL },
	{ "a call that goes on", D "notify read => log_and_continue", "read", RULES_ANSWER_CONTINUE,
	  0, NULL },
	{ "files", D "notify open, openat => open_beneath(\"/usr\", \"/etc/ssl\")", "openat",
	  RULES_ANSWER_OPEN_BENEATH, 0, "/etc/ssl" },
	{ "devices", D "notify mknod => make_node(\"/dev/null\")", "mknod", RULES_ANSWER_MAKE_NODE,
	  0, "/dev/null" },
	{ "the condition chooses",
	  D "notify read if fd == 1 => return 1\nnotify read if fd == 2 => return 2", "read(2)",
	  RULES_ANSWER_RETURN, 2, NULL },
	{ "no answer", D "notify read", "read", -1, 0, NULL },
	{ "another action's call has none", N "allow read", "read", -1, 0, NULL },
	{ "the default's answer", N "allow read", "write", RULES_ANSWER_RETURN, 99, NULL },
	{ "foreign's answer", D "foreign notify => return 98", "arch=i386 read",
	  RULES_ANSWER_RETURN, 98, NULL },
	{ "the baseline's answer", D "baseline linux 5.0 else notify => return 97", "openat2",
	  RULES_ANSWER_RETURN, 97, NULL },
	{ "a number beyond the table is the baseline's",
	  D "baseline linux 5.0 else notify => return 97", "100000", RULES_ANSWER_RETURN, 97,
	  NULL },
	{ "one ABI's answer", D86 "on i386 notify read => return 5\nnotify read => return 6",
	  "arch=i386 read", RULES_ANSWER_RETURN, 5, NULL },
};

static bool is_answer(struct reading *r, size_t i)
{
	struct policy_call call;
	const struct rules_answer *a;

	if (r->status || rules_validate(r->rules) ||
	    policy_parse_call(&r->arena, &r->diags, 0, str_of(answers[i].call),
			      arch_by_name(str_of("x86_64")), &call))
		return false;
	a = rules_eval(r->rules, &call.data).answer;
	if (answers[i].kind < 0)
		return a == NULL;
	return a && (int)a->kind == answers[i].kind && a->value == answers[i].value &&
	       (answers[i].path == NULL) == (a->npaths == 0) &&
	       (a->npaths == 0 || strcmp(a->paths[a->npaths - 1], answers[i].path) == 0) &&
	       rules_have_answers(r->rules);
}

static void test_answers(void)
{
	struct reading r;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		read_policy(&r, answers[i].text, NULL);
		if (!ok(is_answer(&r, i), "%s", answers[i].name))
			reading_show(&r);
		reading_end(&r);
	}
}

static const struct {
	const char *name, *text, *codes;
} mistakes[] = {
	{ "no default", "allow read", "P013@1:1" },
	{ "an answer that isn't the call's", D "notify read => open_beneath(\"/\")", "N003@2:16" },
	{ "an answer that isn't one of the calls'",
	  D "notify { mknod mkdir mknodat } => make_node(\"/\")", "N003@2:35" },
	{ "openat2 has a resolution of its own", D "notify openat2 => open_beneath(\"/\")",
	  "N003@2:19" },
	{ "an answer about files for a number without a name",
	  D "notify syscall(1000) => open_beneath(\"/\")", "N003@2:25" },
	{ "an answer about files for all calls", "default notify => open_beneath(\"/\")",
	  "N003@1:19" },
	{ "and for young ones", D "baseline linux 4.0 else notify => make_node(\"/\")",
	  "N003@2:35" },
	{ "an answer that succeeds by errno", D "notify read => errno(0)", "P025@2:22" },
	{ "an errno that is none", D "notify read => errno(4096)", "P025@2:22" },
	{ "a negative errno", D "notify read => errno(-1)", "P025@2:22" },
	{ "an answer that fails by return", D "notify read => return -1", "P025@2:23" },
	{ "an answer past 63 bits", D "notify read => return 1 << 63", "P025@2:23" },
	{ "an unknown constant in an answer", D "notify read => errno(EPRM)", "P019@2:22" },
	{ "an answer nobody gets to", D "notify read => return 1\nnotify read => return 2",
	  "W001@3:8" },
	{ "two defaults", D "default allow", "P014@2:1" },
	{ "an unknown call", D "allow opne", "P017@2:7" },
	{ "an unknown call of another architecture's rules", D "on i386 allow opne", "P017@2:15" },
	{ "an unknown call of an unused group", D "group @g = { opne }", "P017@2:14" },
	{ "an unknown argument", D "allow read if pos == 1", "P018@2:15" },
	{ "one of two calls hasn't the argument", D "allow read, mmap if fd == 1 && buf == NULL",
	  "P018@2:32" },
	{ "an argument of a number without a name", D "allow syscall(1000) if fd == 1",
	  "P018@2:24" },
	{ "the constant first", D "allow openat if AT_FDCWD == dfd", "P018@2:17" },
	{ "an unknown constant", D "allow read if fd == NOSUCH", "P019@2:21" },
	{ "a set for a value", D "set S = { 1 }\nallow read if fd == S", "P019@3:21" },
	{ "an unknown group", D "allow @nosuch", "P021@2:7" },
	{ "an unknown set", D "allow read if fd in S", "P022@2:21" },
	{ "a let twice", D "let A = 1\nlet A = 2\nallow read if fd == A", "P023@3:5" },
	{ "a let with a word's name", D "let within = 1", "P024@2:5" },
	{ "a let with a constant's name", D "let O_RDWR = 1", "P024@2:5" },
	{ "a value past 32 bits", D "allow read if fd == 0x100000000", "P025@2:21" },
	{ "a value below 32 bits", D "allow read if fd == -0x80000001", "P025@2:21" },
	{ "an order past the sign", D "allow read if fd < 0x80000000", "" },
	{ "an order past an int's sign", D "allow openat if dfd < 0x80000000", "P025@2:23" },
	{ "a mask past 16 bits", D "allow chmod if mode & 0x10000 == 0", "P025@2:23" },
	{ "an errno past 4095", D "errno(4096) read", "P025@2:7" },
	{ "a negative errno", D "errno(-1) read", "P025@2:7" },
	{ "data past 16 bits", D "trap(0x10000) read", "P025@2:6" },
	{ "a number past 32 bits", D "allow syscall(0x100000000)", "P025@2:15" },
	{ "a sum past 64 bits", D "allow read if arg0 == 0xffffffffffffffff + 1", "P026@2:23" },
	{ "a shift by 64", D "allow read if arg0 == 1 << 64", "P026@2:23" },
	{ "a pointer's value", D "allow open if filename == 1", "P027@2:15" },
	{ "a pointer's order", D "allow open if filename > 0", "P027@2:15" },
	{ "a pointer in a list", D "allow open if filename in { 0 }", "P027@2:15" },
	{ "a pointer's bits", D "allow open if filename & 1 == 0", "P027@2:15" },
	{ "both byte orders", "arch x86_64, s390x\n" D, "P028@1:14" },
	{ "an unknown architecture", "arch i387\n" D, "P016@1:6" },
	{ "an unknown architecture of 'on'", D "on i387 allow read", "P016@2:4" },
	{ "a let of itself", D "let A = B\nlet B = A\nallow read if fd == A", "P034@3:9" },
	{ "a group of itself", D "group @g = { @g }\nallow @g", "P034@2:14" },
	{ "a range backwards", D "allow read if fd in { 3..1 }", "P036@2:23" },
	{ "a range that ends before it begins", D "allow syscall(2..1)", "P036@2:7" },
	{ "a range past 32 bits", D "allow syscall(1..0x100000000)", "P025@2:18" },
	{ "a range of x86_64's and of x32's", D "allow syscall(1..0x40000001)", "P037@2:7" },
	{ "a range has no argument's name", D "allow syscall(0..1) if fd == 1", "P018@2:24" },
	{ "an x32 number without x32", D "allow syscall(0x40000001)", "P037@2:15" },
	{ "a default that differs", "arch mips, mips64\ndefault errno(ENOSYS)", "" },
	{ "an included default", D "include \"default\"", NULL },
	{ "no such file", D "include \"nosuch\"", "P030@2:9" },

	{ "a rule after an unconditional one", D "log read\nallow read", "W001@3:7" },
	{ "a condition after an unconditional rule", D "log read\nallow read if fd == 1",
	  "W001@3:7" },
	{ "a condition twice", D "log read if fd == 1\nallow read if fd == 1", "W001@3:7" },
	{ "a rule twice", D "allow read\nallow read", "W004@3:7" },
	{ "a call twice in a list", D "allow { read read }", "W004@2:14" },
	{ "a rule twice, on each of two ABIs", D86 "allow read\nallow read", "W004@4:7" },
	{ "reached on one ABI is reached", D86 "on i386 log read\nallow read", "" },
	{ "a group with a call that is named before",
	  D "log read\ngroup @g = { read write }\nallow @g", "" },
	{ "a group that is named before", D "log read\ngroup @g = { read }\nallow @g", "W001@4:7" },
	{ "an unsigned number below 0", D "allow read if fd < 0", "W003@2:15" },
	{ "an unsigned number from 0", D "allow read if fd >= 0", "W002@2:15" },
	{ "a signed one from 0", D "allow openat if dfd >= 0", "" },
	{ "a bit outside of the mask", D "allow read if fd & 3 == 4", "W003@2:15" },
	{ "a mask of 0", D "allow read if fd & 0 == 0", "W002@2:15" },
	{ "more than the mask", D "allow read if fd & 3 > 3", "W003@2:15" },
	{ "not in all there is", D "allow chmod if mode not in { 0..0xffff }", "W003@2:16" },
	{ "always on i386 only", D86 "allow read if count <= 0xffffffff", "" },
	{ "an unused let", D "let A = 1", "W005@2:5" },
	{ "an unused set", D "set A = { 1 }", "W005@2:5" },
	{ "an unused group", D "group @a = { read }", "W005@2:7" },
	{ "errno 0", D "errno(0) read", "W006@2:1" },
};

static void test_meaning(size_t i)
{
	const struct arch *native = arch_by_name(str_of("x86_64"));
	struct rules_verdict v = { 0 };
	struct policy_call call;
	struct reading r;
	bool good;

	read_policy(&r, meanings[i].text, NULL);
	good = r.status == 0 && !rules_validate(r.rules);
	if (good) {
		uint32_t file = sources_add(&r.sources, "call", str_of(meanings[i].call));

		good = policy_parse_call(&r.arena, &r.diags, file, str_of(meanings[i].call), native,
					 &call) == 0;
	}
	if (good)
		v = rules_eval(r.rules, &call.data);
	if (!ok(good && v.ret == meanings[i].ret, "%s", meanings[i].name)) {
		note("expected %#x, got %#x", meanings[i].ret, v.ret);
		reading_show(&r);
	}
	reading_end(&r);
}

static void test_mistake(size_t i)
{
	struct reading r;
	const char *codes, *wanted = mistakes[i].codes;
	bool is_error;

	read_policy(&r, mistakes[i].text, NULL);
	codes = reading_codes(&r);
	is_error = strpbrk(codes, "PN") != NULL;
	if (!ok((wanted ? strcmp(codes, wanted) == 0 : strstr(codes, "P015") != NULL) &&
			r.status == (is_error ? -EINVAL : 0),
		"%s", mistakes[i].name)) {
		note("expected %s, got %s", wanted ? wanted : "P015", codes);
		reading_show(&r);
	}
	reading_end(&r);
}

static uint32_t answer(const struct policy_options *options, const char *text, const char *what)
{
	struct rules_verdict v = { 0 };
	struct policy_call call;
	struct reading r;

	read_policy(&r, text, options);
	if (r.status == 0 &&
	    policy_parse_call(&r.arena, &r.diags, sources_add(&r.sources, "call", str_of(what)),
			      str_of(what), options->arch, &call) == 0)
		v = rules_eval(r.rules, &call.data);
	reading_end(&r);
	return v.ret;
}

static void test_options(void)
{
	static const struct policy_define three[] = { { "X", "1|2" } }, wrong[] = { { "Y", "1" } },
					  broken[] = { { "X", "1 |" } };
	struct policy_options o = { .arch = arch_by_name(str_of("i386")), .no_files = true };
	const char *text = D "let X = 5\nallow read if fd == X";
	struct reading r;

	ok(answer(&o, D "allow read", "read") == ALLOW, "the given ABI is what a policy is for");
	o.arch = arch_by_name(str_of("x86_64"));
	ok(answer(&o, "arch i386\n" D "allow read", "read") == KILL, "unless it says another");
	o.forced_arch = true;
	ok(answer(&o, "arch i386\n" D "allow read", "read") == ALLOW, "unless that is overruled");
	o.defines = three;
	o.ndefines = 1;
	ok(answer(&o, text, "read(3)") == ALLOW, "-D overrides a let");
	o.defines = wrong;
	read_policy(&r, text, &o);
	ok(strcmp(reading_codes(&r), "P035@1:1") == 0, "-D of no let is an error");
	reading_end(&r);
	o.defines = broken;
	read_policy(&r, text, &o);
	ok(strcmp(reading_codes(&r), "P005@1:4") == 0, "-D of no value is an error");
	reading_end(&r);
}

/* Every shipped policy, on every ABI: a warning in one is a mistake, too. */
static void test_shipped(void)
{
	const struct arch *arch;
	struct policy_options o = { .no_files = true, .forced_arch = true };
	struct reading r;
	const char *name;

	for (size_t i = 0; (name = policy_shipped_at(i)); i++) {
		struct str text = policy_shipped(str_of(name));
		bool good = true;

		for (size_t k = 0; (arch = arch_at(k)); k++) {
			AUTO_BUF whole = { 0 };

			o.arch = arch;
			if (!memmem(text.ptr, text.len, "\ndefault ", 9))
				buf_puts(&whole, D);
			buf_add(&whole, text.ptr, text.len);
			read_policy(&r, whole.data, &o);
			if (r.status || r.diags.first) {
				good = false;
				note("on %s:", arch->name);
				reading_show(&r);
			}
			reading_end(&r);
		}
		ok(good, "the shipped policy %s is good on every architecture", name);
	}
	ok(!policy_shipped(str_of("nosuch")).ptr, "there is no shipped policy 'nosuch'");
}

int main(void)
{
	test_answers();
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		test_meaning(i);
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++)
		test_mistake(i);
	test_options();
	test_shipped();
	return done();
}
