/* SPDX-License-Identifier: BSD-2-Clause */
/* strait graph: the decisions of a filter, drawn. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTION_EACH_TEST = OPTION_OTHER };

enum form { FORM_BY_ENDING, FORM_DOT, FORM_SVG };

struct graph {
	struct inputs in;
	const char *out;
	enum form form;
	unsigned flags;
};

/* ---- graphviz ---- */

/* 0 or an errno. */
static int spawn(FILE *in, FILE *out, pid_t *pid)
{
	static char program[] = "dot", form[] = "-Tsvg";
	char *const argv[] = { program, form, NULL };
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
	if (!error)
		error = posix_spawnp(pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* 0 with *SVG; ENOENT: there is no dot here; other errno; -1: it failed, and has said why. */
static int draw_files(const char *text, size_t size, FILE *in, FILE *out, char **svg,
		      size_t *svg_size)
{
	int status, error;
	long end;
	pid_t pid;

	if (fwrite(text, 1, size, in) != size || fflush(in) || fseek(in, 0, SEEK_SET))
		return errno;
	error = spawn(in, out, &pid);
	if (error)
		return error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ENOENT : -1;
	if (fseek(out, 0, SEEK_END) || (end = ftell(out)) < 0 || fseek(out, 0, SEEK_SET))
		return errno;
	*svg_size = (size_t)end;
	*svg = need_memory(*svg_size + 1, 1);
	return fread(*svg, 1, *svg_size, out) == *svg_size ? 0 : EIO;
}

static int draw(const char *text, size_t size, char **svg, size_t *svg_size)
{
	FILE *in = tmpfile(), *out = tmpfile();
	int error = in && out ? draw_files(text, size, in, out, svg, svg_size) : errno;

	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return error;
}

/* ---- files ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

/* x.svg to x.dot; others get .dot behind. */
static char *dot_path(const char *path)
{
	size_t len = strlen(path) - (ends_with(path, ".svg") ? 4 : 0);
	size_t room = len + sizeof(".dot");
	char *other = need_memory(room, 1);

	snprintf(other, room, "%.*s.dot", (int)len, path);
	return other;
}

/* Without dot its text is worth having. */
static int write_instead(const struct graph *g, const char *text, size_t size)
{
	AUTO(string) char *path = NULL;

	if (!g->out || strcmp(g->out, "-") == 0) {
		complain("graphviz' dot isn't installed, so there is no SVG; -f dot writes what "
			 "it would read");
		return EXIT_NO;
	}
	path = dot_path(g->out);
	if (output_write(path, text, size, OUTPUT_TEXT))
		return EXIT_BAD;
	complain("graphviz' dot isn't installed, so there is no SVG; %s is what it would read",
		 path);
	return EXIT_NO;
}

static int write_graph(const struct graph *g, const char *text, size_t size)
{
	AUTO(string) char *svg = NULL;
	size_t svg_size = 0;
	int error;

	if (g->form == FORM_DOT)
		return output_write(g->out, text, size, OUTPUT_TEXT);
	error = draw(text, size, &svg, &svg_size);
	if (!error)
		return output_write(g->out, svg, svg_size, OUTPUT_TEXT);
	if (error == ENOENT)
		return write_instead(g, text, size);
	complain("graphviz' dot failed%s%s", error > 0 ? ": " : "",
		 error > 0 ? strerror(error) : "");
	return EXIT_BAD;
}

static int graph(struct graph *g, const char *path)
{
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(report) struct strait_report *report = need_report();
	AUTO(string) char *text = NULL;
	size_t size;
	int error = inputs_filter(&g->in, path, &filter);

	if (error)
		return error;
	error = strait_filter_dot(filter, g->flags, report, &text, &size);
	return error ? fail(error, report) : write_graph(g, text, size);
}

/* ---- the command ---- */

static int take_form(struct graph *g, const char *word)
{
	g->form = strcmp(word, "dot") == 0 ? FORM_DOT : FORM_SVG;
	if (g->form == FORM_DOT || strcmp(word, "svg") == 0)
		return 0;
	complain("no format '%s'; there are dot and svg", word);
	return OPTIONS_WRONG;
}

static int take_options(const struct command *self, struct graph *g, int argc, char **argv)
{
	int id;

	while ((id = options_next(self, argc, argv)) > 0) {
		if (id == 'o')
			g->out = optarg;
		else if (id == OPTION_EACH_TEST)
			g->flags |= STRAIT_DOT_EACH_TEST;
		else if (id == 'f' && take_form(g, optarg))
			return OPTIONS_WRONG;
		else if (inputs_option(&g->in, id, optarg) < 0)
			return OPTIONS_WRONG;
	}
	if (g->form == FORM_BY_ENDING)
		g->form = g->out && ends_with(g->out, ".svg") ? FORM_SVG : FORM_DOT;
	return id;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct graph g = { 0 };
	int code, end;

	inputs_init(&g.in, argc);
	end = take_options(self, &g, argc, argv);
	if (end < 0)
		code = options_exit(end);
	else if (argc - optind != 1)
		code = options_wrong(self, "one filter, please");
	else
		code = graph(&g, argv[optind]);
	auto_inputs(&g.in);
	return code;
}

static const struct option_row options[] = {
	{ 'f', "format", "FORMAT",
	  "dot: text for graphviz; svg: drawn by graphviz' dot (else\nby OUT's ending: .svg; else "
	  "dot)" },
	OUTPUT_FILE,
	{ OPTION_EACH_TEST, "each-test", NULL,
	  "a node for each test; else tests of one word that follow\neach other are one" },
	INPUT_ARCH("what a policy without `arch` is for, and the byte order\nof raw programs"),
	INPUT_DEFINE,
	INPUT_INCLUDE,
	INPUT_FROM,
	INPUT_ORDER,
	INPUT_PROOF_NODES,
	{ 0 },
};

const struct command cmd_graph = {
	.name = "graph",
	.run = run,
	.summary = "the decisions of a filter, drawn",
	.usage = "[OPTION]... FILTER",
	.more = "Writes the graph of what a filter tests, in words, and of what it answers then. "
		"An SVG takes\n"
		"graphviz; where that isn't installed, the text for it is written instead, to "
		"OUT.dot.\n"
		"Exits with 0; 1 where the SVG can't be drawn for lack of graphviz; 2 where FILTER "
		"is none.",
	.options = options,
};
