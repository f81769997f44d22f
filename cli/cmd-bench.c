/* SPDX-License-Identifier: BSD-2-Clause */
/* strait bench: what filters cost, side by side. Counted exactly, then measured on this kernel. */
#include "bench.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_NO_LIVE = OPTION_OTHER };

static const struct kind {
	enum strait_cost_class class;
	const char *key, *title;
} kinds[] = {
	{ STRAIT_COST_PLAIN, "plain", "plain: always allowed" },
	{ STRAIT_COST_TESTED, "tested", "tested: allowed by its arguments" },
	{ STRAIT_COST_REFUSED, "refused", "refused: the same, other arguments" },
	{ STRAIT_COST_DENIED, "denied", "denied: never executed" },
};

static const char *const live_keys[BENCH_KINDS] = {
	[BENCH_PLAIN] = "plain",
	[BENCH_TESTED] = "tested",
	[BENCH_DENIED] = "denied",
};

/* ---- the table ---- */

#define LABEL 38
#define CELL  15

/* A cell is what NUMBER says of a column; less than 0: nothing. */
static void print_row(const struct bench *b, const char *label, int decimals,
		      double (*number)(const struct strait_cost_sum *sum),
		      enum strait_cost_class class)
{
	printf("%-*s", LABEL, label);
	for (size_t i = 0; i < b->len; i++) {
		double value = number(strait_cost_sum(b->columns[i].cost, class));

		if (value < 0)
			printf("%*s", CELL, "-");
		else
			printf("%*.*f", CELL, decimals, value);
	}
	putchar('\n');
}

static double numbers(const struct strait_cost_sum *sum)
{
	return (double)sum->numbers;
}

static double cases(const struct strait_cost_sum *sum)
{
	return (double)sum->cases;
}

static double cached(const struct strait_cost_sum *sum)
{
	return (double)sum->cached;
}

static double average(const struct strait_cost_sum *sum)
{
	return sum->average;
}

static double weighted(const struct strait_cost_sum *sum)
{
	return sum->weighted;
}

static double weighted_cached(const struct strait_cost_sum *sum)
{
	return sum->weighted_cached;
}

static double longest(const struct strait_cost_sum *sum)
{
	return sum->longest ? (double)sum->max : -1;
}

/* A file's name without folders, as much of it as there is room for. */
static void print_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	printf("  %*.*s", CELL - 2, CELL - 2, slash && slash[1] ? slash + 1 : name);
}

static bool has_cases(const struct bench *b, enum strait_cost_class class)
{
	for (size_t i = 0; i < b->len; i++)
		if (strait_cost_sum(b->columns[i].cost, class)->cases)
			return true;
	return false;
}

static void print_counts(const struct bench *b)
{
	printf("Executed instructions per call, counted; %s, all of its %.0f numbers; weights: "
	       "%s\n\n%-*s",
	       strait_abi_name(b->abi),
	       numbers(strait_cost_sum(b->columns[0].cost, STRAIT_COST_ALL)), b->weights, LABEL,
	       "");
	for (size_t i = 0; i < b->len; i++)
		print_name(b->columns[i].name);
	printf("\n%-*s", LABEL, "instructions");
	for (size_t i = 0; i < b->len; i++)
		printf("%*zu", CELL, b->columns[i].length);
	putchar('\n');
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		enum strait_cost_class class = kinds[k].class;

		if (!has_cases(b, class))
			continue;
		print_row(b, kinds[k].title, 0, numbers, class);
		if (class == STRAIT_COST_PLAIN)
			print_row(b, "  answered by the kernel's cache", 0, cached, class);
		else if (class != STRAIT_COST_DENIED)
			print_row(b, "  cases", 0, cases, class);
		print_row(b, "  average", 2, average, class);
		if (class != STRAIT_COST_REFUSED)
			print_row(b, "  average by weight", 2, weighted, class);
		print_row(b, "  maximum", 0, longest, class);
	}
	print_row(b, "all but refused, by weight", 2, weighted, STRAIT_COST_ALL);
	print_row(b, "  with the kernel's cache (5.11)", 2, weighted_cached, STRAIT_COST_ALL);
	print_row(b, "all, maximum", 0, longest, STRAIT_COST_ALL);
	for (size_t i = 0; i < b->len; i++)
		if (strait_cost_is_cut(b->columns[i].cost))
			printf("%s: some calls can end in more ways than were counted\n",
			       b->columns[i].name);
}

static void print_feature(const struct bench *b, const char *group, const char *name,
			  const char *title)
{
	const struct strait_feature *row = strait_feature_find(b->features, group, name);

	if (!row)
		return;
	printf("%s: %s", title, row->value ? row->value : "unknown");
	if (row->follows)
		printf(" (%s)", row->follows);
	putchar('\n');
}

static const char *call_name(const struct bench *b, const struct strait_cost_case *c)
{
	const struct strait_syscall *call = strait_syscall_by_nr(b->abi, (uint32_t)c->data.nr);

	return call ? strait_syscall_name(call) : "?";
}

static void print_call(const struct bench *b, const struct bench_live *live)
{
	const struct seccomp_data *data = &live->call->data;
	size_t last = 0;

	for (size_t i = 0; i < 6; i++)
		if (data->args[i])
			last = i + 1;
	printf("  %s(", call_name(b, live->call));
	for (size_t i = 0; i < last; i++)
		printf("%s%#llx", i ? ", " : "", (unsigned long long)data->args[i]);
	printf("): ");
	if (live->failure)
		printf("not measured: %s\n", live->failure);
	else if (bench_is_noisy(live))
		printf("too noisy: half of the rounds are more than %.0f %% apart\n",
		       live->spread * 100);
	else
		printf("%.0f ns, %.2f of %.0f ns without a filter\n", live->ns, live->ratio,
		       live->bare);
}

static void print_live(const struct bench *b)
{
	printf("\nMeasured on this kernel: medians of %d rounds, in each a process with the "
	       "filter follows one without",
	       BENCH_ROUNDS);
	if (b->cpu >= 0)
		printf(", on CPU %d", b->cpu);
	putchar('\n');
	print_feature(b, "cost", "jit", "JIT");
	print_feature(b, "speculation", "store_bypass", "speculative store bypass");
	for (size_t i = 0; i < b->len; i++) {
		const struct bench_column *column = &b->columns[i];

		printf("%s", column->name);
		if (column->load >= 0)
			printf(": attached in %.3f ms", column->load / 1e6);
		putchar('\n');
		for (unsigned kind = 0; kind < BENCH_KINDS; kind++) {
			printf("  %-7s", live_keys[kind]);
			if (column->live[kind].call)
				print_call(b, &column->live[kind]);
			else
				printf("  no harmless call is so%s\n",
				       kind == BENCH_DENIED ? ", by errno" : "");
		}
	}
}

/* ---- JSON ---- */

static void json_sum(struct json *j, const struct strait_cost_sum *sum, const char *key)
{
	json_open(j, key, '{');
	json_number(j, "numbers", (long long)sum->numbers);
	json_number(j, "cases", (long long)sum->cases);
	json_number(j, "cached", (long long)sum->cached);
	json_real(j, "average", sum->average);
	json_real(j, "weighted", sum->weighted);
	json_real(j, "weighted_cached", sum->weighted_cached);
	json_number(j, "max", sum->max);
	json_close(j, '}');
}

static void json_live(struct json *j, const struct bench *b, const struct bench_column *column)
{
	json_open(j, "live", '{');
	json_real(j, "attach_ns", column->load);
	for (unsigned kind = 0; kind < BENCH_KINDS; kind++) {
		const struct bench_live *live = &column->live[kind];

		if (!live->call)
			continue;
		json_open(j, live_keys[kind], '{');
		json_text(j, "call", call_name(b, live->call));
		json_open(j, "args", '[');
		for (size_t i = 0; i < 6; i++)
			json_number(j, NULL, (long long)live->call->data.args[i]);
		json_close(j, ']');
		json_text(j, "failure", live->failure);
		if (!live->failure) {
			json_real(j, "ns", live->ns);
			json_real(j, "bare_ns", live->bare);
			json_real(j, "ratio", live->ratio);
			json_real(j, "spread", live->spread);
			json_bool(j, "noisy", bench_is_noisy(live));
		}
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void json_feature(struct json *j, const struct bench *b, const char *key, const char *group,
			 const char *name)
{
	const struct strait_feature *row = strait_feature_find(b->features, group, name);

	json_text(j, key, row ? row->value : NULL);
}

static void print_json(const struct bench *b)
{
	struct json j;

	json_start(&j, stdout, false);
	json_text(&j, "abi", strait_abi_name(b->abi));
	json_text(&j, "weights", b->weights);
	if (b->is_live) {
		json_open(&j, "kernel", '{');
		json_number(&j, "rounds", BENCH_ROUNDS);
		json_number(&j, "cpu", b->cpu);
		json_feature(&j, b, "jit", "cost", "jit");
		json_feature(&j, b, "store_bypass", "speculation", "store_bypass");
		json_close(&j, '}');
	}
	json_open(&j, "filters", '[');
	for (size_t i = 0; i < b->len; i++) {
		const struct bench_column *column = &b->columns[i];

		json_open(&j, NULL, '{');
		json_text(&j, "name", column->name);
		json_number(&j, "instructions", (long long)column->length);
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			json_sum(&j, strait_cost_sum(column->cost, kinds[k].class), kinds[k].key);
		json_sum(&j, strait_cost_sum(column->cost, STRAIT_COST_ALL), "all");
		json_bool(&j, "cut", strait_cost_is_cut(column->cost));
		if (b->is_live)
			json_live(&j, b, column);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_end(&j);
}

/* ---- the command ---- */

static int count_column(const struct inputs *in, const struct bench *b, const char *path,
			struct bench_column *column)
{
	struct strait_cost_options options = {
		.size = sizeof(options),
		.abi = b->abi,
		.proof_nodes = in->compile.proof_nodes,
		.counts = in->compile.counts,
		.ncounts = in->compile.ncounts,
	};
	AUTO(report) struct strait_report *report = need_report();
	int error = inputs_filter(in, path, &column->filter);

	if (error)
		return error;
	column->name = strait_filter_name(column->filter);
	column->load = -1;
	strait_filter_insns(column->filter, &column->length);
	error = strait_cost_count(column->filter, &options, report, &column->cost);
	return error ? fail(error, report) : 0;
}

struct request {
	struct inputs in;
	const char *plot; /* NULL: none */
	bool json, no_live;
};

static int bench(const struct request *r, struct bench *b, char **paths)
{
	bool is_native = b->abi == strait_abi_native();
	int error = 0;

	for (size_t i = 0; i < b->len && !error; i++)
		error = count_column(&r->in, b, paths[i], &b->columns[i]);
	if (error)
		return error;
	b->is_live = !r->no_live && is_native;
	if (b->is_live)
		error = bench_measure(b);
	if (error)
		return error;
	if (r->json) {
		print_json(b);
	} else {
		print_counts(b);
		if (b->is_live)
			print_live(b);
		else if (!r->no_live)
			printf("\nNothing is measured: this machine is none of %s\n",
			       strait_abi_name(b->abi));
	}
	return r->plot ? bench_plot(b, r->plot) : EXIT_YES;
}

static int take_options(const struct command *self, struct request *r, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			r->plot = optarg;
		else if (id == OPTION_JSON)
			r->json = true;
		else if (id == OPTION_NO_LIVE)
			r->no_live = true;
		else if (inputs_option(&r->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct request r = { 0 };
	struct bench b = { 0 };
	int code, end;

	inputs_init(&r.in, argc);
	end = take_options(self, &r, argc, argv);
	b.abi = r.in.abi ? r.in.abi : strait_abi_native();
	b.weights = r.in.compile.ncounts ? "--profile" : "strait's mix of programs";
	b.len = (size_t)(argc - optind);
	b.columns = need_memory((size_t)argc, sizeof(*b.columns));
	if (end < 0)
		code = options_exit(end);
	else if (!b.len)
		code = options_wrong(self, "which filters?");
	else if (r.plot && strcmp(r.plot, "-") == 0)
		code = options_wrong(self, "the plot goes to a file");
	else
		code = bench(&r, &b, argv + optind);
	for (size_t i = 0; end >= 0 && i < b.len; i++) {
		strait_cost_free(b.columns[i].cost);
		strait_filter_free(b.columns[i].filter);
	}
	strait_features_free(b.features);
	free(b.columns);
	auto_inputs(&r.in);
	return code;
}

static const struct option_row options[] = {
	INPUT_ARCH("whose calls are counted, what a policy without `arch` is\nfor, and the byte "
		   "order of raw programs"),
	{ 'o', "output", "OUT", "also plot instructions per call to OUT, an SVG file" },
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ OPTION_NO_LIVE, "no-live", NULL, "count only, measure nothing" },
	INPUT_PROFILE,
	INPUT_KERNEL,
	INPUT_WEIGH,
	INPUT_SMALL,
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_bench = {
	.name = "bench",
	.run = run,
	.summary = "what filters cost a call, side by side",
	.usage = "[OPTION]... FILTER...",
	.more = "Counts how many instructions each filter executes for the calls that it always "
		"allows, tests\n"
		"and denies, and for which the kernel executes none; then measures calls under "
		"each on this\n"
		"kernel. Exits with 0, or 2 where a filter can't be read or is too large to "
		"understand.",
	.options = options,
};
