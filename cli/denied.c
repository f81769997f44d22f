/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the calls that were stopped to a patch of the policies.
 *
 * Each call is decided anew by the policies as they are by then. If it is still stopped, the rule
 * that would allow it is tried at each place where it can stand; it stays where the policy then
 * compiles and allows the call. So nothing is proposed that has not been seen to work, and a call
 * that an earlier rule covers already adds none.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* More different calls aren't looked at: each may take some compilations. */
#define DENIED_MAX 256

struct line {
	char *text; /* with its newline, but for the last one of some files */
	bool added;
};

struct patched {
	struct line *lines;
	size_t len;
	struct strait_filter *filter;
	const char *path;
	bool is_file; /* a policy that can be changed */
};

struct denied {
	const struct inputs *in;
	struct patched *filters; /* the oldest first */
	size_t len;
	char *calls[DENIED_MAX]; /* as strait_call_parse() takes them */
	size_t ncalls;
	size_t untold;
};

/* ---- the policies' texts ---- */

static char *copy(const char *text, size_t size)
{
	char *new = need_memory(size + 1, 1);

	memcpy(new, text, size);
	return new;
}

static void split(struct patched *p, const struct text *text)
{
	const char *at = text->bytes, *end = text->bytes + text->size;
	size_t len = 1;

	for (size_t i = 0; i < text->size; i++)
		len += text->bytes[i] == '\n';
	p->lines = need_memory(len, sizeof(*p->lines));
	while (at < end) {
		const char *next = memchr(at, '\n', (size_t)(end - at));

		next = next ? next + 1 : end;
		p->lines[p->len++].text = copy(at, (size_t)(next - at));
		at = next;
	}
}

/* The text with RULE before line AT (from 0), or at the end. */
static void join(const struct patched *p, const char *rule, size_t at, struct text *out)
{
	FILE *f = open_memstream(&out->bytes, &out->size);

	out->name = p->path;
	if (!f)
		return;
	for (size_t i = 0; i <= p->len; i++) {
		if (i == at)
			fprintf(f, "%s\n", rule);
		if (i < p->len)
			fputs(p->lines[i].text, f);
	}
	if (fclose(f) != 0)
		out->size = 0;
}

static void insert(struct patched *p, const char *rule, size_t at)
{
	struct line *lines = need_memory(p->len + 1, sizeof(*lines));
	size_t size = strlen(rule);

	memcpy(lines, p->lines, at * sizeof(*lines));
	memcpy(lines + at + 1, p->lines + at, (p->len - at) * sizeof(*lines));
	free(p->lines);
	lines[at] = (struct line){ need_memory(size + 2, 1), true };
	memcpy(lines[at].text, rule, size);
	lines[at].text[size] = '\n';
	p->lines = lines;
	p->len++;
}

struct denied *denied_new(const struct inputs *in, const char *const *paths, size_t len)
{
	struct denied *d = need_memory(1, sizeof(*d));

	d->in = in;
	d->filters = need_memory(len, sizeof(*d->filters));
	d->len = len;
	for (size_t i = 0; i < len; i++) {
		AUTO(report) struct strait_report *report = need_report();
		AUTO(text) struct text text = { 0 };
		struct patched *p = &d->filters[i];

		p->path = paths[i];
		if (strcmp(paths[i], "-") == 0) {
			complain("--explain-denied reads the policies twice: '-' can't be");
			denied_free(d);
			return NULL;
		}
		if (inputs_read(paths[i], &text) ||
		    inputs_text_filter(in, &text, report, &p->filter)) {
			complain("can't read '%s' a second time", paths[i]);
			denied_free(d);
			return NULL;
		}
		p->is_file = strait_filter_policy(p->filter) && !text.is_shipped;
		if (p->is_file)
			split(p, &text);
	}
	return d;
}

void denied_free(struct denied *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->len; i++) {
		for (size_t k = 0; k < d->filters[i].len; k++)
			free(d->filters[i].lines[k].text);
		free(d->filters[i].lines);
		strait_filter_free(d->filters[i].filter);
	}
	for (size_t i = 0; i < d->ncalls; i++)
		free(d->calls[i]);
	free(d->filters);
	free(d);
}

void denied_add(struct denied *d, const struct strait_verdict *v)
{
	char *call = NULL;

	if (!v->abi || asprintf(&call, "arch=%s %s", v->abi, v->call) < 0) {
		d->untold++;
		return;
	}
	for (size_t i = 0; i < d->ncalls; i++)
		if (strcmp(d->calls[i], call) == 0) {
			free(call);
			return;
		}
	if (d->ncalls < DENIED_MAX) {
		d->calls[d->ncalls++] = call;
		return;
	}
	d->untold++;
	free(call);
}

/* ---- where a rule works ---- */

static bool runs(const struct strait_verdict *v)
{
	return v->outcome == STRAIT_RUNS || v->outcome == STRAIT_RUNS_LOGGED;
}

static struct strait_verdict *decide(const struct strait_filter *const *stack, size_t len,
				     const struct seccomp_data *data)
{
	struct strait_verdict *v = NULL;

	return strait_eval(stack, len, data, NULL, NULL, &v) ? NULL : v;
}

/* Does the policy allow the call with RULE there? Then the rule stays. */
static bool try_at(const struct denied *d, struct patched *p, const char *rule, size_t at,
		   const struct seccomp_data *data)
{
	AUTO(filter) struct strait_filter *filter = NULL;
	AUTO(verdict) struct strait_verdict *v = NULL;
	AUTO(report) struct strait_report *report = need_report();
	AUTO(text) struct text text = { 0 };
	struct strait_filter *old;

	join(p, rule, at, &text);
	if (!text.size || inputs_text_filter(d->in, &text, report, &filter))
		return false;
	v = decide((const struct strait_filter *const *)&filter, 1, data);
	if (!v || !runs(v))
		return false;
	insert(p, rule, at);
	old = p->filter;
	p->filter = filter;
	filter = old;
	return true;
}

/* The first line that includes a file, or the number of lines. */
static size_t first_include(const struct patched *p)
{
	size_t i = 0;

	while (i < p->len &&
	       strncmp(p->lines[i].text + strspn(p->lines[i].text, " \t"), "include", 7) != 0)
		i++;
	return i;
}

/*
 * Before the rule that decided, or where that stands in another file, before all those; what no
 * rule decides may be allowed anywhere: at the end, or where that can't be, before `default`.
 */
static bool place(const struct denied *d, struct patched *p, const struct strait_verdict *v,
		  const struct seccomp_data *data)
{
	bool here = v->file && strcmp(v->file, p->path) == 0 && v->line && v->line <= p->len;
	bool has_end = p->len && strchr(p->lines[p->len - 1].text, '\n');

	if (v->by == STRAIT_BY_DEFAULT && has_end && try_at(d, p, v->fix, p->len, data))
		return true;
	if (here && try_at(d, p, v->fix, v->line - 1, data))
		return true;
	return v->by == STRAIT_BY_RULE && first_include(p) < p->len &&
	       try_at(d, p, v->fix, first_include(p), data);
}

static void give_up(const struct strait_verdict *v, const struct patched *p)
{
	complain("no patch for %s on %s: %s", v->call, v->abi ? v->abi : "an unknown architecture",
		 !p->is_file		      ? "what decided is no policy in a file"
		 : !v->fix		      ? "no rule would allow it"
		 : v->by == STRAIT_BY_FOREIGN ? "the policy isn't for this architecture"
					      : "no place was found where a rule allows it");
	verdict_print(v, stderr);
}

/* Until all filters allow the call: each may need a rule. */
static void solve(const struct denied *d, const char *call)
{
	const struct strait_filter **stack = need_memory(d->len, sizeof(*stack));
	struct seccomp_data data;
	bool going = strait_call_parse(call, NULL, NULL, &data) == 0;

	if (!going)
		complain("no patch for %s: it can't be read back", call);
	for (size_t round = 0; going && round <= d->len; round++) {
		AUTO(verdict) struct strait_verdict *v = NULL;

		for (size_t i = 0; i < d->len; i++)
			stack[i] = d->filters[i].filter;
		v = decide(stack, d->len, &data);
		if (!v || runs(v))
			break;
		going = d->filters[v->filter].is_file && v->fix && v->by != STRAIT_BY_FOREIGN &&
			place(d, &d->filters[v->filter], v, &data);
		if (!going)
			give_up(v, &d->filters[v->filter]);
	}
	free(stack);
}

/* ---- the diff: lines are only ever added ---- */

#define CONTEXT 3

/* The first line past I that is further than the context from an added one. */
static size_t hunk_end(const struct patched *p, size_t i)
{
	size_t last = i;

	for (; i < p->len && i <= last + 2 * (size_t)CONTEXT; i++)
		if (p->lines[i].added)
			last = i;
	return last + 1 + CONTEXT < p->len ? last + 1 + CONTEXT : p->len;
}

static void print_hunk(const struct patched *p, size_t begin, size_t end, size_t old_line,
		       FILE *out)
{
	size_t added = 0;

	for (size_t i = begin; i < end; i++)
		added += p->lines[i].added;
	/* Of no lines the one before is named. */
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", end - begin - added ? old_line : old_line - 1,
		end - begin - added, begin + 1, end - begin);
	for (size_t i = begin; i < end; i++) {
		const char *text = p->lines[i].text;

		fprintf(out, "%c%s", p->lines[i].added ? '+' : ' ', text);
		if (!strchr(text, '\n'))
			fputs("\n\\ No newline at end of file\n", out);
	}
}

static void print_diff(const struct patched *p, FILE *out)
{
	size_t before = 0; /* lines added so far */
	bool begun = false;

	for (size_t i = 0; i < p->len;) {
		size_t begin = i > CONTEXT ? i - CONTEXT : 0, end;

		if (!p->lines[i].added) {
			i++;
			continue;
		}
		if (!begun)
			fprintf(out, "--- %s\n+++ %s\n", p->path, p->path);
		begun = true;
		end = hunk_end(p, i);
		print_hunk(p, begin, end, begin + 1 - before, out);
		for (; i < end; i++)
			before += p->lines[i].added;
	}
}

int denied_write(struct denied *d, const char *file)
{
	AUTO(string) char *text = NULL;
	size_t size = 0;
	FILE *out;

	for (size_t i = 0; i < d->ncalls; i++)
		solve(d, d->calls[i]);
	if (d->untold)
		complain("no patch for %zu more", d->untold);
	out = open_memstream(&text, &size);
	if (!out)
		return EXIT_BAD;
	for (size_t i = 0; i < d->len; i++)
		print_diff(&d->filters[i], out);
	if (fclose(out) != 0)
		return EXIT_BAD;
	return output_write(file, text, size, OUTPUT_TEXT);
}
