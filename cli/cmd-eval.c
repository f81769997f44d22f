/* SPDX-License-Identifier: BSD-2-Clause */
/* strait eval: what happens to a call. */
#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_TRACE = OPTION_OTHER, OPTION_TRACER, OPTION_LISTENER };

struct eval {
	const struct inputs *in;
	const char **paths; /* of the filters, the oldest first */
	struct strait_filter **stack;
	size_t len;
	unsigned surroundings;
	bool trace;
	struct json json; /* out NULL: for people */
};

static void step(void *user, size_t filter, size_t pc, uint32_t a, uint32_t x)
{
	struct eval *e = user;
	AUTO(string) char *text = NULL;
	const char *file;
	unsigned line;

	if (strait_filter_disasm_at(e->stack[filter], pc, &text))
		return;
	if (e->json.out) {
		json_open(&e->json, NULL, '{');
		json_text(&e->json, "filter", strait_filter_name(e->stack[filter]));
		json_number(&e->json, "instruction", (long long)pc);
		json_text(&e->json, "text", text);
		json_number(&e->json, "a", a);
		json_number(&e->json, "x", x);
		json_close(&e->json, '}');
		return;
	}
	printf("  %s %4zu: %-32s A=0x%-8x X=0x%-8x", strait_filter_name(e->stack[filter]), pc, text,
	       a, x);
	if (strait_filter_place(e->stack[filter], pc, &file, &line) == 0)
		printf(" %s:%u", file, line);
	putchar('\n');
}

/* 0 or -errno. With --trace the steps are printed on the way. */
static int decide(struct eval *e, const struct seccomp_data *data, struct strait_report *report,
		  struct strait_verdict **verdict)
{
	struct strait_eval_options options = {
		.size = sizeof(options),
		.surroundings = e->surroundings,
		.step = e->trace ? step : NULL,
		.user = e,
	};
	int error;

	if (e->json.out && e->trace)
		json_open(&e->json, "trace", '[');
	error = strait_eval((const struct strait_filter *const *)e->stack, e->len, data, &options,
			    report, verdict);
	if (e->json.out && e->trace)
		json_close(&e->json, ']');
	return error;
}

static int eval_one(struct eval *e, const char *text)
{
	AUTO(report) struct strait_report *report = need_report();
	AUTO(verdict) struct strait_verdict *v = NULL;
	struct seccomp_data data;
	int error = strait_call_parse(text, e->in->abi, report, &data);

	if (error)
		return fail(error, report);
	if (e->json.out)
		json_open(&e->json, NULL, '{');
	error = decide(e, &data, report, &v);
	if (!error && e->json.out)
		verdict_json(v, &e->json);
	if (e->json.out)
		json_close(&e->json, '}');
	if (error)
		return fail(error, report);
	if (!e->json.out) {
		printf("%s on %s %s\n", v->call, v->abi ? v->abi : "an unknown architecture",
		       v->text);
		verdict_print(v, stdout);
	}
	return v->outcome == STRAIT_RUNS || v->outcome == STRAIT_RUNS_LOGGED ? EXIT_YES : EXIT_NO;
}

static int eval_all(struct eval *e, char **calls, int n)
{
	int code = EXIT_YES, one;

	for (size_t i = 0; i < e->len; i++)
		if (inputs_filter(e->in, e->paths[i], &e->stack[i]))
			return EXIT_BAD;
	if (e->json.out) {
		json_start(&e->json, stdout, false);
		json_open(&e->json, "calls", '[');
	}
	for (int i = 0; i < n; i++) {
		one = eval_one(e, calls[i]);
		code = one > code ? one : code;
	}
	if (e->json.out) {
		json_close(&e->json, ']');
		json_end(&e->json);
	}
	return code;
}

static int take_options(const struct command *self, struct eval *e, struct inputs *in, int argc,
			char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'p')
			e->paths[e->len++] = optarg;
		else if (id == OPTION_TRACE)
			e->trace = true;
		else if (id == OPTION_TRACER)
			e->surroundings |= STRAIT_WITH_TRACER;
		else if (id == OPTION_LISTENER)
			e->surroundings |= STRAIT_WITH_LISTENER;
		else if (id == OPTION_JSON)
			e->json.out = stdout;
		else if (inputs_option(in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	AUTO(inputs) struct inputs in;
	struct eval e = { .in = &in };
	int code, end;

	inputs_init(&in, argc);
	e.paths = need_memory((size_t)argc, sizeof(*e.paths));
	e.stack = need_memory((size_t)argc, sizeof(*e.stack));
	end = take_options(self, &e, &in, argc, argv);
	if (end == OPTIONS_END && e.len == 0 && optind < argc)
		e.paths[e.len++] = argv[optind++];
	if (end < 0)
		code = options_exit(end);
	else if (optind >= argc)
		code = options_wrong(self, e.len ? "which call?" : "which filter?");
	else
		code = eval_all(&e, argv + optind, argc - optind);
	for (size_t i = 0; i < e.len; i++)
		strait_filter_free(e.stack[i]);
	free(e.stack);
	free(e.paths);
	return code;
}

static const struct option_row options[] = {
	{ 'p', "policy", "FILTER", "a filter; several are a stack, the oldest first" },
	{ OPTION_TRACE, "trace", NULL, "show each executed instruction, with A and X before it" },
	{ OPTION_TRACER, "tracer", NULL, "as if a tracer asked for seccomp's events" },
	{ OPTION_LISTENER, "listener", NULL, "as if somebody listened for notifications" },
	INPUT_ARCH("the calls' architecture and that of policies without\n`arch` (else this "
		   "machine's)"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_eval = {
	.name = "eval",
	.run = run,
	.summary = "what happens to a call under a filter",
	.usage = "[OPTION]... FILTER CALL...\n[OPTION]... -p FILTER... CALL...",
	.more = "A call is 'openat(AT_FDCWD, 0, O_RDWR)', '59' or 'arch=i386 11(0,0,0)'; arguments "
		"that\n"
		"aren't given are 0. Says what the kernel would do and which line of which filter "
		"decides.\n"
		"Exits with 0 if all calls are executed, 1 if one is not, 2 for bad input.",
	.options = options,
};
