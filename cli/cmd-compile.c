/* SPDX-License-Identifier: BSD-2-Clause */
/* strait compile: a policy to a program that the kernel, a C compiler or a person reads. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* Longer names of C symbols are cut. */
#define SYMBOL_MAX 64

/* The policy's file name, made a C identifier. */
static void make_symbol(const char *path, char symbol[static SYMBOL_MAX])
{
	const char *slash = strrchr(path, '/'), *c = slash ? slash + 1 : path;
	size_t len = 0;

	if (!isalpha((unsigned char)*c))
		symbol[len++] = '_';
	for (; *c && *c != '.' && len < SYMBOL_MAX - 1; c++)
		symbol[len++] = isalnum((unsigned char)*c) ? *c : '_';
	symbol[len] = '\0';
}

static int write_raw(const struct strait_filter *filter, char **out, size_t *size)
{
	return strait_filter_raw(filter, out, size);
}

static int write_asm(const struct strait_filter *filter, char **out, size_t *size)
{
	return strait_filter_disasm(filter, out, size);
}

static int write_c(const struct strait_filter *filter, char **out, size_t *size)
{
	char symbol[SYMBOL_MAX];

	make_symbol(strait_filter_name(filter), symbol);
	return strait_filter_c(filter, symbol, out, size);
}

static int json_insn(struct json *j, const struct strait_filter *filter, size_t pc)
{
	const struct sock_filter *insn = &strait_filter_insns(filter, NULL)[pc];
	AUTO(string) char *text = NULL;
	const char *file;
	unsigned line;
	int error = strait_filter_disasm_at(filter, pc, &text);

	if (error)
		return error;
	json_open(j, NULL, '{');
	json_number(j, "code", insn->code);
	json_number(j, "jt", insn->jt);
	json_number(j, "jf", insn->jf);
	json_number(j, "k", insn->k);
	json_text(j, "text", text);
	if (strait_filter_place(filter, pc, &file, &line) == 0) {
		json_text(j, "file", file);
		json_number(j, "line", line);
	}
	json_close(j, '}');
	return 0;
}

static int put_json(FILE *out, const struct strait_filter *filter)
{
	const struct strait_policy *policy = strait_filter_policy(filter);
	bool big = strait_filter_order(filter) == STRAIT_ORDER_BIG;
	const struct strait_abi *abi;
	struct json j;
	size_t len;
	int error = 0;

	strait_filter_insns(filter, &len);
	json_start(&j, out, false);
	json_text(&j, "policy", strait_filter_name(filter));
	json_open(&j, "archs", '[');
	for (size_t i = 0; (abi = strait_policy_abi_at(policy, i)); i++)
		json_text(&j, NULL, strait_abi_name(abi));
	json_close(&j, ']');
	json_text(&j, "byte_order", big ? "big" : "little");
	json_open(&j, "instructions", '[');
	for (size_t pc = 0; pc < len && !error; pc++)
		error = json_insn(&j, filter, pc);
	json_close(&j, ']');
	json_end(&j);
	return error;
}

static int write_json(const struct strait_filter *filter, char **out, size_t *size)
{
	FILE *f = open_memstream(out, size);
	int error;

	if (!f)
		return -ENOMEM;
	error = put_json(f, filter);
	return fclose(f) == 0 ? error : -ENOMEM;
}

struct format {
	const char *name;
	const char *ending; /* of -o FILE */
	int (*write)(const struct strait_filter *filter, char **out, size_t *size);
	enum output_kind kind;
};

static const struct format formats[] = {
	{ "raw", ".bpf", write_raw, OUTPUT_BINARY }, /* first: the default */
	{ "c", ".c", write_c, OUTPUT_TEXT },
	{ "asm", ".asm", write_asm, OUTPUT_TEXT },
	{ "json", ".json", write_json, OUTPUT_TEXT },
};

static const struct format *format_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	complain("no format '%s'; there are raw, c, asm and json", name);
	return NULL;
}

static const struct format *format_of_file(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	for (size_t i = 0; dot && i < ARRAY_LEN(formats); i++)
		if (strcmp(dot, formats[i].ending) == 0)
			return &formats[i];
	return &formats[0];
}

static int compile(const struct inputs *in, const char *path, const char *out,
		   const struct format *format)
{
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(string) char *bytes = NULL;
	size_t size;
	int error = inputs_filter(in, path, &filter);

	if (error)
		return error;
	error = format->write(filter, &bytes, &size);
	if (error) {
		complain("%s", strerror(-error));
		return EXIT_BAD;
	}
	return output_write(out, bytes, size, format->kind);
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	const struct format *format = NULL;
	const char *out = NULL;
	int id;

	inputs_init(&in, argc);
	in.form = STRAIT_FORM_POLICY;
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			out = optarg;
		else if (id == 'f' && !(format = format_by_name(optarg)))
			return EXIT_BAD;
		else if (inputs_option(&in, id, optarg) < 0)
			return EXIT_BAD;
	}
	if (id < 0)
		return options_exit(id);
	if (argc - optind != 1)
		return options_wrong(self, "one policy, please");
	if (in.abi)
		in.policy_flags |= STRAIT_POLICY_FORCE_ABI;
	return compile(&in, argv[optind], out, format ? format : format_of_file(out));
}

static const struct option_row options[] = {
	{ 'f', "format", "FORMAT",
	  "raw: an array of struct sock_filter, what the kernel,\n"
	  "bubblewrap and crun read; c: a C source file that needs\n"
	  "no library; asm; json (else by OUT's ending: .bpf .c .asm\n.json; else raw)" },
	{ 'o', "output", "OUT", "write to OUT, whole or not at all" },
	INPUT_ARCH("for ARCH, whatever the policy's `arch` says"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_compile = {
	.name = "compile",
	.run = run,
	.summary = "a policy to a program: raw, C, assembler, JSON",
	.usage = "[OPTION]... POLICY",
	.more = "Compiles a policy and proves the program equal to it. The same policy always "
		"gives "
		"the\n"
		"same bytes. Exits with 0, or 2 where the policy has errors or a file can't be "
		"read or\n"
		"written.",
	.options = options,
};
