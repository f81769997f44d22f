/* SPDX-License-Identifier: BSD-2-Clause */
/* getopt_long(3) driven by a command's table, help from the same table, and "did you mean". */
#include "cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Column at which --help explains an option. */
#define HELP_COLUMN 26
/* Longer words aren't compared. */
#define WORD_MAX 32

static void print_lines(const char *text, int indent)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		printf("%.*s\n%*s", (int)(end - text), text, indent, "");
	puts(text);
}

static void print_option(const struct option_row *row)
{
	int column = 2;

	if (row->id < 256)
		column += printf("  -%c, ", row->id) - 2;
	else
		column += printf("      ") - 2;
	column += printf("--%s%s%s", row->name, row->arg ? "=" : "", row->arg ? row->arg : "");
	if (column + 2 > HELP_COLUMN) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", HELP_COLUMN - column, "");
	print_lines(row->help, HELP_COLUMN);
}

static void print_help(const struct command *command)
{
	static const struct option_row help = { 'h', "help", NULL, "this help" };
	const char *usage = command->usage, *end;

	for (const char *word = "usage:"; usage; word = "      ") {
		end = strchr(usage, '\n');
		printf("%s strait %s %.*s\n", word, command->name,
		       (int)(end ? (size_t)(end - usage) : strlen(usage)), usage);
		usage = end ? end + 1 : NULL;
	}
	printf("\n%s\n\n", command->more);
	for (const struct option_row *row = command->options; row->id; row++)
		print_option(row);
	print_option(&help);
}

static const char *option_name(const void *user, size_t i)
{
	const struct option_row *rows = user;

	return rows[i].id ? rows[i].name : NULL;
}

/* getopt says only that something was wrong: a short option in optopt, else a long one in the last
 * word. */
static int explain_wrong(const struct command *command, char **argv, int what)
{
	const char *word = argv[optind - 1], *near;
	char name[WORD_MAX + 1] = "";

	if (what == ':')
		return options_wrong(command, "'%s' needs an argument", word), OPTIONS_WRONG;
	if (strncmp(word, "--", 2) != 0) {
		options_wrong(command, "no option '-%c'", optopt);
		return OPTIONS_WRONG;
	}
	if (strcspn(word + 2, "=") < sizeof(name))
		memcpy(name, word + 2, strcspn(word + 2, "="));
	near = options_suggest(name, option_name, command->options);
	if (near && strcmp(near, name) == 0)
		options_wrong(command, "'--%s' takes no argument", name);
	else if (near)
		options_wrong(command, "no option '%s'; did you mean '--%s'?", word, near);
	else
		options_wrong(command, "no option '%s'", word);
	return OPTIONS_WRONG;
}

int options_next(const struct command *command, int argc, char **argv)
{
	struct option rows[OPTION_ROWS_MAX + 2] = { { 0 } };
	char letters[2 * OPTION_ROWS_MAX + 4], *l = letters;
	const struct option_row *row = command->options;
	size_t n = 0;
	int id;

	if (command->options_first)
		*l++ = '+';
	*l++ = ':';
	for (; row->id && n < OPTION_ROWS_MAX; row++) {
		rows[n++] = (struct option){ row->name, row->arg != NULL, NULL, row->id };
		if (row->id >= 256)
			continue;
		*l++ = (char)row->id;
		if (row->arg)
			*l++ = ':';
	}
	*l++ = 'h';
	*l = '\0';
	rows[n] = (struct option){ "help", no_argument, NULL, 'h' };
	opterr = 0;
	id = getopt_long(argc, argv, letters, rows, NULL);
	if (id == -1)
		return OPTIONS_END;
	if (id == '?' || id == ':')
		return explain_wrong(command, argv, id);
	if (id != 'h')
		return id;
	print_help(command);
	return OPTIONS_HELPED;
}

int options_exit(int end)
{
	return end == OPTIONS_HELPED ? EXIT_YES : EXIT_BAD;
}

int options_wrong(const struct command *command, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "strait %s: ", command->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "; see `strait %s --help`\n", command->name);
	return EXIT_BAD;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits (insert, delete, replace) between two words: Wagner and Fischer's table, one row at a time.
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1], above, before;
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		before = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			above = row[j];
			row[j] = smallest(above + 1, row[j - 1] + 1,
					  before + (a[i - 1] != b[j - 1]));
			before = above;
		}
	}
	return row[b_len];
}

const char *options_suggest(const char *word, const char *(*candidate)(const void *user, size_t i),
			    const void *user)
{
	unsigned limit = strlen(word) > 4 ? 3 : 2, found;
	const char *best = NULL, *name;

	for (size_t i = 0; (name = candidate(user, i)); i++) {
		found = distance(word, name);
		if (found >= limit)
			continue;
		limit = found;
		best = name;
	}
	return best;
}
