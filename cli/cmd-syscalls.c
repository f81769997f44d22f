/* SPDX-License-Identifier: BSD-2-Clause */
/* strait syscalls: names, numbers and arguments. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	const struct strait_abi *abi; /* NULL: not given */
	struct json json;	      /* out NULL: for people */
};

static const struct strait_abi *abi_of(const struct listing *l)
{
	return l->abi ? l->abi : strait_abi_native();
}

/* Arguments are listed as the ABI has them, or another one where this one lacks the call. */
static const struct strait_abi *abi_with(const struct listing *l, const struct strait_syscall *call)
{
	const struct strait_abi *abi = abi_of(l);

	for (size_t i = 0; abi && strait_syscall_nr(abi, call) < 0; i++)
		abi = strait_abi_at(i);
	return abi ? abi : abi_of(l);
}

static void print_args(const struct strait_abi *abi, const struct strait_syscall *call)
{
	struct strait_arg arg = { .size = sizeof(arg) };
	int nargs = strait_syscall_nargs(abi, call);

	if (nargs < 0) {
		fputs("(arg0 .. arg5)", stdout);
		return;
	}
	putchar('(');
	for (unsigned i = 0; strait_syscall_arg(abi, call, i, &arg) == 0; i++) {
		printf("%s%s %s", i ? ", " : "", arg.kind, arg.name);
		if (arg.alias)
			printf("|%s", arg.alias);
	}
	putchar(')');
}

static void json_args(struct json *j, const struct strait_abi *abi,
		      const struct strait_syscall *call)
{
	struct strait_arg arg = { .size = sizeof(arg) };

	if (strait_syscall_nargs(abi, call) < 0) {
		json_text(j, "args", NULL);
		return;
	}
	json_open(j, "args", '[');
	for (unsigned i = 0; strait_syscall_arg(abi, call, i, &arg) == 0; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", arg.name);
		if (arg.alias)
			json_text(j, "alias", arg.alias);
		json_text(j, "kind", arg.kind);
		json_number(j, "bits", arg.bits);
		json_number(j, "index", arg.index);
		if (arg.high != arg.index)
			json_number(j, "high", arg.high);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_call(struct listing *l, const struct strait_syscall *call)
{
	const struct strait_abi *abi;
	struct json *j = &l->json;

	json_open(j, NULL, '{');
	json_text(j, "name", strait_syscall_name(call));
	json_text(j, "since", strait_syscall_since(call));
	json_open(j, "numbers", '{');
	for (size_t i = 0; (abi = strait_abi_at(i)); i++)
		if (strait_syscall_nr(abi, call) >= 0 && (!l->abi || abi == l->abi))
			json_number(j, strait_abi_name(abi), strait_syscall_nr(abi, call));
	json_close(j, '}');
	json_args(j, abi_with(l, call), call);
	json_close(j, '}');
}

/* One line of the table. */
static void print_row(const struct listing *l, const struct strait_syscall *call)
{
	printf("%10lld  %s", (long long)strait_syscall_nr(abi_of(l), call),
	       strait_syscall_name(call));
	print_args(abi_of(l), call);
	putchar('\n');
}

/* All there is to know of one. */
static void print_call(const struct listing *l, const struct strait_syscall *call)
{
	const char *since = strait_syscall_since(call);
	const struct strait_abi *abi;

	fputs(strait_syscall_name(call), stdout);
	print_args(abi_with(l, call), call);
	printf("\n  %-14s %s\n", "since", *since ? since : "unknown");
	for (size_t i = 0; (abi = strait_abi_at(i)); i++)
		if (strait_syscall_nr(abi, call) >= 0 && (!l->abi || abi == l->abi))
			printf("  %-14s %lld\n", strait_abi_name(abi),
			       (long long)strait_syscall_nr(abi, call));
}

struct row {
	const struct strait_syscall *call;
	int64_t nr;
};

static int by_nr(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->nr > y->nr) - (x->nr < y->nr);
}

/* All calls of an ABI, by number. */
static void list(struct listing *l)
{
	const struct strait_syscall *call;
	struct row *rows;
	size_t len = 0, n = 0;

	while (strait_syscall_at(len))
		len++;
	rows = need_memory(len, sizeof(*rows));
	for (size_t i = 0; (call = strait_syscall_at(i)); i++)
		if (strait_syscall_nr(abi_of(l), call) >= 0)
			rows[n++] = (struct row){ call, strait_syscall_nr(abi_of(l), call) };
	qsort(rows, n, sizeof(*rows), by_nr);
	for (size_t i = 0; i < n; i++) {
		if (l->json.out)
			json_call(l, rows[i].call);
		else
			print_row(l, rows[i].call);
	}
	free(rows);
}

static const struct strait_syscall *find(const struct listing *l, const char *word)
{
	const struct strait_syscall *call;
	unsigned long nr;
	char *end;

	if (*word < '0' || *word > '9') {
		call = strait_syscall_by_name(word);
		if (call)
			return call;
		call = strait_syscall_suggest(word);
		if (call)
			complain("no system call '%s'; did you mean '%s'?", word,
				 strait_syscall_name(call));
		else
			complain("no system call '%s'", word);
		return NULL;
	}
	nr = strtoul(word, &end, 0);
	call = *end || nr > UINT32_MAX ? NULL : strait_syscall_by_nr(abi_of(l), (uint32_t)nr);
	if (!call)
		complain("no system call has the number %s on %s", word,
			 strait_abi_name(abi_of(l)));
	return call;
}

static int look_up(struct listing *l, char **words, int n)
{
	const struct strait_syscall *call;
	int code = EXIT_YES;

	for (int i = 0; i < n; i++) {
		call = find(l, words[i]);
		if (!call)
			code = EXIT_NO;
		else if (l->json.out)
			json_call(l, call);
		else
			print_call(l, call);
	}
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	struct listing l = { 0 };
	bool json = false;
	int id, code = EXIT_YES;

	inputs_init(&in, argc);
	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == OPTION_JSON)
			json = true;
		else if (inputs_option(&in, id, optarg) < 0)
			return EXIT_BAD;
	}
	if (id < 0)
		return options_exit(id);
	l.abi = in.abi;
	if (json) {
		json_start(&l.json, stdout, false);
		json_text(&l.json, "arch", strait_abi_name(abi_of(&l)));
		json_open(&l.json, "syscalls", '[');
	}
	if (optind == argc)
		list(&l);
	else
		code = look_up(&l, argv + optind, argc - optind);
	if (json) {
		json_close(&l.json, ']');
		json_end(&l.json);
	}
	return code;
}

static const struct option_row options[] = {
	INPUT_ARCH("of this architecture only; numbers are sought there"),
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_syscalls = {
	.name = "syscalls",
	.run = run,
	.summary = "numbers on every architecture, arguments, since which kernel",
	.usage = "[OPTION]... [NAME|NUMBER]...",
	.more = "Without an argument: all calls of this machine or of ARCH. Arguments are shown "
		"as\n"
		"kind and name, with the man-pages' name where it is another one; policies take "
		"both.\n"
		"Exits with 0, 1 if there is no such call, 2 for bad usage.",
	.options = options,
};
