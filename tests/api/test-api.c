/* SPDX-License-Identifier: BSD-2-Clause */
/* The public interface as its users see it: public headers only, what goes wrong included. */
#include <strait/strait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char *first_code(const struct strait_report *report)
{
	const struct strait_message *m = strait_report_at(report, 0);

	return m && m->code ? m->code : "";
}

/* ---- reading ---- */

static const struct {
	const char *name, *file, *bytes;
	size_t size;
	enum strait_form form;
	int error;
	const char *code; /* of the first message; "" for none */
} readings[] = {
	{ "a policy is read", "a.strait", "default allow\n", 14, STRAIT_FORM_GUESS, 0, "" },
	{ "a policy needs a default", "a.strait", "allow read\n", 11, STRAIT_FORM_GUESS, -EINVAL,
	  "P013" },
	{ "an empty policy is an error", "a", "", 0, STRAIT_FORM_GUESS, -EINVAL, "P013" },
	{ "a NUL byte makes it a raw program", "a", "\6\0\0\0\0\0\377\177", 8, STRAIT_FORM_GUESS, 0,
	  "" },
	{ "a NUL byte in a policy is one error", "a.strait", "default\0", 8, STRAIT_FORM_GUESS,
	  -EINVAL, "F007" },
	{ "a NUL byte in assembler text is one error", "a.asm", "ret\0", 4, STRAIT_FORM_GUESS,
	  -EINVAL, "F007" },
	{ "a truncated program is an error", "a.bpf", "\6\0\0\0\0\0\0", 7, STRAIT_FORM_GUESS,
	  -EINVAL, "F002" },
	{ "an empty program is read", "a.bpf", "", 0, STRAIT_FORM_GUESS, 0, "" },
	{ "a form that is given wins over the ending", "a.strait", "\6\0\0\0\0\0\377\177", 8,
	  STRAIT_FORM_RAW, 0, "" },
	{ "a form that doesn't exist is an error", "a", "", 0, (enum strait_form)99, -EINVAL, "" },
	{ "assembler text is read", "a.asm", "ret #0x7fff0000\n", 16, STRAIT_FORM_GUESS, 0, "" },
};

static void test_reading(void)
{
	for (size_t i = 0; i < LEN(readings); i++) {
		struct strait_read_options options = { sizeof(options), readings[i].form,
						       STRAIT_ORDER_NATIVE, NULL };
		struct strait_report *report = strait_report_new();
		struct strait_filter *filter = NULL;
		int error = strait_filter_read(readings[i].file, readings[i].bytes,
					       readings[i].size, &options, report, &filter);

		ok(error == readings[i].error && !filter == (error != 0) &&
			   strcmp(first_code(report), readings[i].code) == 0,
		   "%s", readings[i].name);
		strait_filter_free(filter);
		filter = NULL;
		error = strait_filter_read(readings[i].file, readings[i].bytes, readings[i].size,
					   &options, NULL, &filter);
		ok(error == readings[i].error, "%s, without a report too", readings[i].name);
		strait_filter_free(filter);
		strait_report_free(report);
	}
}

static void test_too_long(void)
{
	static const char bytes[(BPF_MAXINSNS + 1) * sizeof(struct sock_filter)];
	struct strait_report *report = strait_report_new();
	struct strait_filter *filter;

	ok(strait_filter_from_raw("x", bytes, sizeof(bytes), STRAIT_ORDER_NATIVE, report,
				  &filter) == -E2BIG &&
		   strcmp(first_code(report), "F003") == 0,
	   "a program of 4,097 instructions is too long");
	strait_report_free(report);
}

static void test_files(void)
{
	struct strait_report *report = strait_report_new();
	struct strait_policy *policy;
	struct strait_filter *filter;

	ok(strait_policy_read_file("/nonexistent/x", NULL, report, &policy) == -ENOENT &&
		   strcmp(first_code(report), "F001") == 0,
	   "a file that doesn't exist is said so");
	ok(strait_filter_read_file("/", NULL, report, &filter) == -EISDIR, "a folder is no filter");
	ok(strait_filter_read_file("/dev/zero", NULL, report, &filter) == -EFBIG,
	   "a file without end is not read");
	ok(strait_report_count(report, STRAIT_ERROR) == 3, "a report collects over several calls");
	strait_report_free(report);
}

/* ---- options ---- */

static void test_sizes(void)
{
	struct {
		struct strait_policy_options known;
		long unknown;
	} newer = { { .size = sizeof(newer) }, 0 };
	struct strait_policy_options none = { 0 };
	struct strait_policy *policy = NULL;
	static const char text[] = "default allow\n";

	ok(strait_policy_read_text("x", text, strlen(text), &none, NULL, &policy) == -EINVAL,
	   "options without a size are refused");
	ok(strait_policy_read_text("x", text, strlen(text), &newer.known, NULL, &policy) == 0,
	   "a newer caller's options work while it uses none of the new ones");
	strait_policy_free(policy);
	newer.unknown = 1;
	ok(strait_policy_read_text("x", text, strlen(text), &newer.known, NULL, &policy) == -E2BIG,
	   "an option that the library doesn't know is refused");
}

/* ---- reports ---- */

static void test_report(void)
{
	static const char text[] = "default allow\nallow nonsuchcall\nallow alsonone\n";
	struct strait_report *report = strait_report_new();
	struct strait_policy *policy = NULL;
	const struct strait_message *m;

	ok(strait_policy_read_text("x.strait", text, strlen(text), NULL, report, &policy) ==
		   -EINVAL,
	   "a policy with errors is not read");
	ok(strait_report_count(report, STRAIT_ERROR) == 2, "all its errors are found at once");
	m = strait_report_at(report, 1);
	ok(m && m->line == 3 && m->column == 7 && strcmp(m->file, "x.strait") == 0 &&
		   m->severity == STRAIT_ERROR,
	   "each has its place");
	ok(strstr(strait_report_text(report, 1, 0), "x.strait:3:7: error[P017]: ") != NULL &&
		   !strchr(strait_report_text(report, 1, 0), '\033'),
	   "plain text has no escape sequence");
	ok(strchr(strait_report_text(report, 1, 1), '\033') != NULL, "coloured text has");
	ok(!strait_report_at(report, 2) && !strait_report_text(report, 2, 0),
	   "past the last message there is none");
	strait_report_clear(report);
	ok(!strait_report_at(report, 0) && strait_report_count(report, STRAIT_ERROR) == 0,
	   "a cleared report is empty");
	strait_report_free(report);
	strait_report_free(NULL);
}

/* ---- what a filter is written as is read back ---- */

static const struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x12345678, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x00050001),
	BPF_STMT(BPF_RET | BPF_K, 0x7fff0000),
};

static bool same_program(const struct strait_filter *filter)
{
	size_t len;
	const struct sock_filter *insns = strait_filter_insns(filter, &len);

	return len == LEN(program) && memcmp(insns, program, sizeof(program)) == 0;
}

static void test_writing(enum strait_order order, const char *name)
{
	struct strait_filter *filter = NULL, *again = NULL;
	char *raw = NULL, *text = NULL;
	size_t raw_size = 0, size = 0;

	if (strait_filter_from_raw("x", program, sizeof(program), STRAIT_ORDER_NATIVE, NULL,
				   &filter))
		return;
	ok(strait_filter_disasm(filter, &text, &size) == 0 &&
		   strait_filter_from_asm("y", text, size, order, NULL, &again) == 0 &&
		   same_program(again),
	   "assembling what was disassembled gives the same program, %s-endian", name);
	strait_filter_free(filter);
	filter = NULL;
	ok(strait_filter_order(again) == order, "a filter keeps its byte order, %s-endian", name);
	ok(strait_filter_raw(again, &raw, &raw_size) == 0 && raw_size == sizeof(program) &&
		   strait_filter_from_raw("z", raw, raw_size, order, NULL, &filter) == 0 &&
		   same_program(filter),
	   "a raw program is read back the same, %s-endian", name);
	ok((raw[0] == 0x20) == (order == STRAIT_ORDER_LITTLE),
	   "a raw program has its machine's byte order, %s-endian", name);
	free(raw);
	free(text);
	strait_filter_free(filter);
	strait_filter_free(again);
}

static void test_c_source(void)
{
	struct strait_filter *filter = NULL;
	char *text = NULL;

	if (strait_filter_from_raw("a*/b\n.bpf", program, sizeof(program), STRAIT_ORDER_NATIVE,
				   NULL, &filter))
		return;
	ok(strait_filter_c(filter, "1x", &text, NULL) == -EINVAL &&
		   strait_filter_c(filter, "", &text, NULL) == -EINVAL &&
		   strait_filter_c(filter, "a-b", &text, NULL) == -EINVAL,
	   "C source needs an identifier");
	ok(strait_filter_c(filter, "web", &text, NULL) == 0 && strstr(text, "web_insns[]") &&
		   strstr(text, "0x12345678"),
	   "C source has the instructions");
	ok(strncmp(text, "/* a?/b?.bpf", 12) == 0, "a file's name can't end the comment");
	free(text);
	strait_filter_free(filter);
}

static void test_verify(void)
{
	struct strait_filter *filter = NULL;
	char *why = NULL;
	size_t pc = 9;

	if (strait_filter_from_raw("x", program, 3 * sizeof(program[0]), STRAIT_ORDER_NATIVE, NULL,
				   &filter))
		return;
	ok(strait_filter_verify(filter, &pc, &why) == 1 && pc == 1 && why,
	   "a jump past the end is not accepted, and named");
	free(why);
	strait_filter_free(filter);
}

/* ---- tables ---- */

static void test_tables(void)
{
	const struct strait_syscall *call;
	const struct strait_abi *abi;
	struct strait_arg arg = { .size = sizeof(arg) };
	bool names = true, numbers = true, args = true;

	for (size_t i = 0; (call = strait_syscall_at(i)); i++)
		names = names && strait_syscall_by_name(strait_syscall_name(call)) == call;
	ok(names, "each call is found by its name");
	for (size_t i = 0; (abi = strait_abi_at(i)); i++) {
		for (size_t k = 0; (call = strait_syscall_at(k)); k++) {
			int64_t nr = strait_syscall_nr(abi, call);
			int nargs = strait_syscall_nargs(abi, call), n = 0;

			if (nr < 0)
				continue;
			while (strait_syscall_arg(abi, call, (unsigned)n, &arg) == 0)
				n++;
			args = args && n == (nargs < 0 ? 0 : nargs);
			numbers = numbers && strait_syscall_by_nr(abi, (uint32_t)nr);
		}
	}
	ok(numbers, "each number of each ABI has a call");
	ok(args, "each call has as many arguments as it says");
	ok(strcmp(strait_syscall_name(strait_syscall_suggest("opne")), "open") == 0 &&
		   !strait_syscall_suggest("nothing_like_it"),
	   "a misspelt call is suggested, nonsense is not");
	ok(strait_abi_by_name("amd64") == strait_abi_by_name("x86_64") &&
		   !strait_abi_by_name("pdp11"),
	   "an ABI is found by its alias");
}

int main(void)
{
	test_reading();
	test_too_long();
	test_files();
	test_sizes();
	test_report();
	test_writing(STRAIT_ORDER_LITTLE, "little");
	test_writing(STRAIT_ORDER_BIG, "big");
	test_c_source();
	test_verify();
	test_tables();
	return done();
}
