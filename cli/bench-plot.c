/* SPDX-License-Identifier: BSD-2-Clause */
/* The plot: a bar for each filter and kind of call, as long as a call executes instructions, and a
 * line to the longest. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define LEFT   190.0 /* of the bars: names stand there */
#define WIDTH  760.0
#define RIGHT  90.0 /* figures stand there */
#define BAR    16.0
#define GAP    6.0
#define HEADER 48.0
#define SHADES 6
/* What there is room for. */
#define NAME_MAX_SHOWN 26

static const char *const colors[SHADES] = { "#3465a4", "#c17d11", "#4e9a06",
					    "#a40000", "#75507b", "#555753" };
static const struct {
	enum strait_cost_class class;
	const char *title;
} groups[] = {
	{ STRAIT_COST_PLAIN, "plain: allowed, whatever the arguments are" },
	{ STRAIT_COST_TESTED, "tested: allowed with these arguments" },
	{ STRAIT_COST_REFUSED, "refused: the same calls with other arguments" },
	{ STRAIT_COST_DENIED, "denied: never executed" },
};

/* XML 1.0 has no control characters, not even escaped. */
static void put_xml(FILE *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (strchr("&<>\"", *c))
			fprintf(out, "&#%d;", *c);
		else
			fputc(*c < 0x20 || *c >= 0x7f ? '?' : *c, out);
	}
}

static void put_text(FILE *out, double x, double y, const char *anchor, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	put_xml(out, text);
	fputs("</text>\n", out);
}

static double put_bar(FILE *out, const struct bench *b, size_t i, enum strait_cost_class class,
		      double y, double scale)
{
	const struct strait_cost_sum *sum = strait_cost_sum(b->columns[i].cost, class);
	double middle = y + BAR / 2.0, end = LEFT + sum->max * scale;
	const char *slash = strrchr(b->columns[i].name, '/');
	char figures[64], name[NAME_MAX_SHOWN + 1];

	snprintf(name, sizeof(name), "%s", slash && slash[1] ? slash + 1 : b->columns[i].name);
	put_text(out, LEFT - 8, y + BAR - 4, "end", name);
	if (!sum->cases) {
		put_text(out, LEFT + 4, y + BAR - 4, "start", "none");
		return y + BAR + GAP;
	}
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
		LEFT, y, sum->average * scale, BAR, colors[i % SHADES]);
	fprintf(out,
		"<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv%.1f\" stroke=\"%s\" stroke-width=\"2\"/>\n",
		LEFT, middle, end, end, y, BAR, colors[i % SHADES]);
	snprintf(figures, sizeof(figures), "%.1f, at most %u", sum->average, sum->max);
	put_text(out, end + 6, y + BAR - 4, "start", figures);
	return y + BAR + GAP;
}

static void put_plot(FILE *out, const struct bench *b)
{
	const size_t ngroups = ARRAY_LEN(groups);
	double y = HEADER, most = 1, scale;
	double height = HEADER + (double)ngroups * ((double)b->len * (BAR + GAP) + BAR + 3 * GAP);

	for (size_t i = 0; i < b->len; i++) {
		double max = strait_cost_sum(b->columns[i].cost, STRAIT_COST_ALL)->max;

		most = max > most ? max : most;
	}
	scale = (WIDTH - LEFT - RIGHT - 30) / most;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		WIDTH, height, WIDTH, height);
	fprintf(out, "<text x=\"8\" y=\"24\" font-size=\"15\">Instructions that the kernel "
		     "executes for a call: average and longest, ");
	put_xml(out, strait_abi_name(b->abi));
	fputs("</text>\n", out);
	for (size_t g = 0; g < ngroups; g++) {
		put_text(out, 8, y + BAR - 4, "start", groups[g].title);
		y += BAR + GAP;
		for (size_t i = 0; i < b->len; i++)
			y = put_bar(out, b, i, groups[g].class, y, scale);
		y += 2 * GAP;
	}
	fputs("</svg>\n", out);
}

int bench_plot(const struct bench *b, const char *path)
{
	AUTO(string) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out)
		put_plot(out, b);
	if (!out || fclose(out) != 0) {
		complain("can't write '%s': out of memory", path);
		return EXIT_BAD;
	}
	return output_write(path, text, size, OUTPUT_TEXT);
}
