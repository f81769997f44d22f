/* SPDX-License-Identifier: BSD-2-Clause */
/* strait diff: what two filters answer differently. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SUBSET = OPTION_OTHER };

/* Where a list of names is broken. */
#define WIDTH 100

/* The filters on one side, the oldest first. */
struct side {
	const char **paths;
	struct strait_filter **filters;
	size_t len;
};

struct diff {
	struct inputs in;
	struct side sides[2];
	enum strait_relation relation;
	struct json json; /* out NULL: for people */
};

/* ---- for people ---- */

/* "open, openat, creat" */
static int print_names(const char *const *names, size_t len, int column, int indent)
{
	for (size_t i = 0; i < len; i++) {
		int width = (int)strlen(names[i]) + (i + 1 < len);

		if (i && column + 1 + width > WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (i) {
			putchar(' ');
			column++;
		}
		printf("%s%s", names[i], i + 1 < len ? "," : "");
		column += width;
	}
	return column;
}

static bool same_abis(const struct strait_difference *a, const struct strait_difference *b)
{
	if (a->nabis != b->nabis)
		return false;
	for (size_t i = 0; i < a->nabis; i++)
		if (strcmp(a->abis[i], b->abis[i]) != 0)
			return false;
	return true;
}

static void print_difference(const struct strait_difference *d, bool has_others)
{
	int column = 2;

	fputs("  ", stdout);
	if (d->ncalls)
		column = print_names(d->calls, d->ncalls, column, 4);
	else
		column += printf(has_others ? "every other call" : "every call");
	/* A long list of calls gets the sentence on a line of its own. */
	if (d->ncalls > 1 && column + 2 + (int)strlen(d->text) > WIDTH)
		printf(":\n    %s\n", d->text);
	else
		printf(": %s\n", d->text);
	if (d->call)
		printf("      %s\n", d->call);
	else
		puts("      (no process can make such a call)");
}

/* Does another difference name calls of the same ABIs? */
static bool has_others(const struct strait_diff *diff, const struct strait_difference *d)
{
	for (size_t i = 0; i < diff->len; i++)
		for (size_t j = 0; j < diff->list[i].nabis; j++)
			for (size_t k = 0; &diff->list[i] != d && k < d->nabis; k++)
				if (strcmp(diff->list[i].abis[j], d->abis[k]) == 0)
					return true;
	return false;
}

static void print_diff(const struct strait_diff *diff)
{
	for (size_t i = 0; i < diff->len; i++) {
		const struct strait_difference *d = &diff->list[i];

		if (i == 0 || !same_abis(d, d - 1)) {
			if (d->nabis)
				print_names(d->abis, d->nabis, 0, 0);
			else
				fputs("other architectures", stdout);
			putchar('\n');
		}
		print_difference(d, has_others(diff, d));
	}
	if (diff->len && !diff->is_complete)
		puts("There may be other differences: what the filters mean is too large to tell.");
}

static void print_equal(const struct diff *d)
{
	if (d->relation == STRAIT_SAME)
		puts("A and B answer every call alike");
	else
		puts("A lets nothing happen that B stops");
}

/* ---- for programs ---- */

static void json_names(struct json *j, const char *key, const char *const *names, size_t len)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < len; i++)
		json_text(j, NULL, names[i]);
	json_close(j, ']');
}

static void json_difference(struct json *j, const struct strait_difference *d)
{
	static const char *const kinds[] = {
		[STRAIT_ONLY_A] = "only_a",
		[STRAIT_ONLY_B] = "only_b",
		[STRAIT_ANSWERS_DIFFER] = "answers",
		[STRAIT_WIDTHS_DIFFER] = "widths",
	};

	json_open(j, NULL, '{');
	json_text(j, "kind", kinds[d->kind]);
	json_text(j, "text", d->text);
	json_names(j, "archs", d->abis, d->nabis);
	json_names(j, "calls", d->calls, d->ncalls);
	json_text(j, "cond", d->cond);
	json_text(j, "call", d->call);
	json_text(j, "a", d->a_action);
	json_text(j, "b", d->b_action);
	json_number(j, "a_ret", d->a_ret);
	json_number(j, "b_ret", d->b_ret);
	json_close(j, '}');
}

static void json_diff(struct diff *d, const struct strait_diff *diff)
{
	struct json *j = &d->json;

	json_start(j, stdout, false);
	json_text(j, "relation", d->relation == STRAIT_SAME ? "same" : "subset");
	json_text(j, "outcome",
		  diff->outcome == STRAIT_PROVEN      ? "holds"
		  : diff->outcome == STRAIT_DISPROVEN ? "fails"
						      : "undecided");
	json_bool(j, "complete", diff->is_complete);
	json_open(j, "differences", '[');
	for (size_t i = 0; i < diff->len; i++)
		json_difference(j, &diff->list[i]);
	json_close(j, ']');
	json_end(j);
}

/* ---- the command ---- */

static int read_side(const struct diff *d, struct side *side)
{
	for (size_t i = 0; i < side->len; i++)
		if (inputs_filter(&d->in, side->paths[i], &side->filters[i]))
			return EXIT_BAD;
	return 0;
}

static int answer(struct diff *d)
{
	struct strait_diff_options options = { .size = sizeof(options),
					       .proof_nodes = d->in.compile.proof_nodes,
					       .abi = d->in.abi };
	AUTO(report) struct strait_report *report = need_report();
	struct strait_stack stacks[2];
	enum strait_proof outcome;
	struct strait_diff *diff;
	int error;

	for (unsigned i = 0; i < 2; i++) {
		if (read_side(d, &d->sides[i]))
			return EXIT_BAD;
		stacks[i].filters = (const struct strait_filter *const *)d->sides[i].filters;
		stacks[i].len = d->sides[i].len;
	}
	error = strait_diff(&stacks[0], &stacks[1], d->relation, &options, report, &diff);
	if (error)
		return fail(error, report);
	print_report(report);
	outcome = diff->outcome;
	if (d->json.out)
		json_diff(d, diff);
	else if (outcome == STRAIT_PROVEN)
		print_equal(d);
	else
		print_diff(diff);
	strait_diff_free(diff);
	if (outcome == STRAIT_UNDECIDED)
		return EXIT_BAD;
	return outcome == STRAIT_PROVEN ? EXIT_YES : EXIT_NO;
}

static int take_options(const struct command *self, struct diff *d, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'A' || id == 'B') {
			struct side *side = &d->sides[id - 'A'];

			side->paths[side->len++] = optarg;
		} else if (id == OPTION_SUBSET) {
			d->relation = STRAIT_NO_LOOSER;
		} else if (id == OPTION_JSON) {
			d->json.out = stdout;
		} else if (inputs_option(&d->in, id, optarg) < 0) {
			return OPTIONS_WRONG;
		}
	}
	return id;
}

/* Sides that no option names are the arguments, in their order. */
static bool take_arguments(struct diff *d, char **argv, int n)
{
	for (unsigned i = 0; i < 2; i++) {
		if (d->sides[i].len)
			continue;
		if (n-- == 0)
			return false;
		d->sides[i].paths[d->sides[i].len++] = *argv++;
	}
	return n == 0;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct diff d = { .relation = STRAIT_SAME };
	int code, end;

	inputs_init(&d.in, argc);
	for (unsigned i = 0; i < 2; i++) {
		d.sides[i].paths = need_memory((size_t)argc, sizeof(*d.sides[i].paths));
		d.sides[i].filters = need_memory((size_t)argc, sizeof(*d.sides[i].filters));
	}
	end = take_options(self, &d, argc, argv);
	if (end < 0)
		code = options_exit(end);
	else if (!take_arguments(&d, argv + optind, argc - optind))
		code = options_wrong(self, "two filters, or two stacks of them, please");
	else
		code = answer(&d);
	for (unsigned i = 0; i < 2; i++) {
		for (size_t j = 0; j < d.sides[i].len; j++)
			strait_filter_free(d.sides[i].filters[j]);
		free(d.sides[i].filters);
		free(d.sides[i].paths);
	}
	auto_inputs(&d.in);
	return code;
}

static const struct option_row options[] = {
	{ 'A', "first", "FILTER", "a filter of A; several are a stack, the oldest first" },
	{ 'B', "second", "FILTER", "a filter of B" },
	{ OPTION_SUBSET, "subset", NULL, "does A let nothing happen that B stops?" },
	INPUT_ARCH("what a policy without `arch` is for (else this machine), and\nwhose calls are "
		   "written without `arch=`"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_diff = {
	.name = "diff",
	.run = run,
	.summary = "what two filters answer differently, proven",
	.usage = "[OPTION]... A B\n[OPTION]... -A FILTER... -B FILTER...",
	.more = "Says for which calls and arguments A and B, each a filter or a stack of them, "
		"answer\n"
		"differently, with a call for each that `strait eval` confirms. Exits with 0 if "
		"they answer\n"
		"every call alike (--subset: if A lets nothing happen that B stops), which is a "
		"proof; 1 if\n"
		"not; 2 for bad input, or where it can't be told.",
	.options = options,
};
