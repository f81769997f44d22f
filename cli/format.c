/* SPDX-License-Identifier: BSD-2-Clause */
/* The forms that a program is written in. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Longer names of C symbols are cut. */
#define SYMBOL_MAX 64

/* The file's name, made a C identifier. */
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

int format_json_insns(struct json *j, const struct strait_filter *filter)
{
	size_t len;
	int error = 0;

	strait_filter_insns(filter, &len);
	json_open(j, "instructions", '[');
	for (size_t pc = 0; pc < len && !error; pc++)
		error = json_insn(j, filter, pc);
	json_close(j, ']');
	return error;
}

static int put_json(FILE *out, const struct strait_filter *filter)
{
	const struct strait_policy *policy = strait_filter_policy(filter);
	bool big = strait_filter_order(filter) == STRAIT_ORDER_BIG;
	const struct strait_abi *abi;
	struct json j;
	int error;

	json_start(&j, out, false);
	json_text(&j, policy ? "policy" : "name", strait_filter_name(filter));
	if (policy) {
		json_open(&j, "archs", '[');
		for (size_t i = 0; (abi = strait_policy_abi_at(policy, i)); i++)
			json_text(&j, NULL, strait_abi_name(abi));
		json_close(&j, ']');
	}
	json_text(&j, "byte_order", big ? "big" : "little");
	error = format_json_insns(&j, filter);
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

static const struct format formats[] = {
	{ "raw", ".bpf", write_raw, OUTPUT_BINARY }, /* first: the default */
	{ "c", ".c", write_c, OUTPUT_TEXT },
	{ "asm", ".asm", write_asm, OUTPUT_TEXT },
	{ "json", ".json", write_json, OUTPUT_TEXT },
};

const struct format *format_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	complain("no format '%s'; there are raw, c, asm and json", name);
	return NULL;
}

const struct format *format_of_file(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	for (size_t i = 0; dot && i < ARRAY_LEN(formats); i++)
		if (strcmp(dot, formats[i].ending) == 0)
			return &formats[i];
	return &formats[0];
}

int format_write(const struct format *format, const struct strait_filter *filter, const char *path)
{
	AUTO(string) char *bytes = NULL;
	size_t size;
	int error = format->write(filter, &bytes, &size);

	if (!error)
		return output_write(path, bytes, size, format->kind);
	complain("%s", strerror(-error));
	return EXIT_BAD;
}
