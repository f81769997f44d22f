/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording as text: strait-learn(1), RECORDINGS. A line is a call's name, how often, its ABI,
 * and the values of the arguments that are kept, so that its first two words are what `--profile`
 * takes. Recordings that stand one after the other are their sum.
 */
#include "record/record.h"

#include <ctype.h>
#include <errno.h>

#define FIRST_LINE "# strait recording 1"
#define RUN	   "# run "
#define PARTIAL	   "# partial"
#define COVERED	   "libc"

/* ---- writing ---- */

static void write_variant(const struct record_call *call, const struct record_variant *variant,
			  struct buf *out)
{
	struct arch_arg arg;

	if (call->row)
		buf_puts(out, call->row->name);
	else
		buf_printf(out, "%u", call->nr);
	buf_printf(out, " %llu ", (unsigned long long)variant->count);
	if (call->arch)
		buf_puts(out, call->arch->name);
	else
		buf_printf(out, "0x%x", call->audit);
	for (int i = 0; i < ARCH_ARGS_MAX; i++) {
		if (!(call->tested & 1u << i) || !arch_arg_at(call->arch, call->row, i, &arg))
			continue;
		if (call->any & 1u << i)
			buf_printf(out, " %s=any", arg.name);
		else
			buf_printf(out, " %s=0x%llx", arg.name,
				   (unsigned long long)variant->values[i]);
	}
	buf_puts(out, variant->is_covered ? " " COVERED "\n" : "\n");
}

void record_write(const struct record *r, struct buf *out)
{
	buf_puts(out, FIRST_LINE "\n");
	for (size_t i = 0; i < r->nruns; i++)
		buf_printf(out, RUN "%s\n", r->runs[i]);
	buf_puts(out, r->is_partial ? PARTIAL "\n" : "");
	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->calls[i].len; k++)
			if (r->calls[i].variants[k].count)
				write_variant(&r->calls[i], &r->calls[i].variants[k], out);
}

/* ---- reading ---- */

struct reader {
	struct record *record;
	const struct record_measure *measure;
	struct diags *diags;
	uint32_t file;
	const char *start; /* of the text */
	struct str line;   /* what is left of it */
};

/* What one line says. */
struct line {
	struct record_variant variant;
	uint8_t any;
	const struct arch *arch;
	const struct arch_syscall *row;
};

static int wrong(const struct reader *r, struct str at, const char *why)
{
	struct span span = { r->file, (uint32_t)(at.ptr - r->start),
			     (uint32_t)(at.ptr - r->start + at.len) };

	diag_add(r->diags, DIAG_RECORDING, span, "%s", why);
	return -EINVAL;
}

static struct str next_word(struct str *line)
{
	struct str word;

	while (line->len && *line->ptr == ' ') {
		line->ptr++;
		line->len--;
	}
	word = (struct str){ line->ptr, 0 };
	while (word.len < line->len && word.ptr[word.len] != ' ')
		word.len++;
	line->ptr += word.len;
	line->len -= word.len;
	return word;
}

/* A word that is a number up to MAX, decimal or 0x. */
static bool take_number(struct str word, uint64_t max, uint64_t *out)
{
	char text[32], *end;

	if (!word.len || word.len >= sizeof(text) || !isdigit((unsigned char)*word.ptr))
		return false;
	memcpy(text, word.ptr, word.len);
	text[word.len] = '\0';
	errno = 0;
	*out = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	return !*end && !errno && *out <= max;
}

static int take_call(const struct reader *r, struct str name, struct str abi, struct line *l)
{
	struct seccomp_data *data = &l->variant.data;
	uint64_t number, audit;
	int64_t nr;

	l->arch = arch_by_name(abi);
	if (l->arch)
		data->arch = l->arch->audit;
	else if (take_number(abi, UINT32_MAX, &audit))
		data->arch = (uint32_t)audit;
	else
		return wrong(r, abi, "no ABI of that name");
	if (take_number(name, UINT32_MAX, &number)) {
		data->nr = (int)(uint32_t)number;
	} else {
		l->row = arch_syscall_by_name(name);
		nr = l->arch && l->row ? arch_syscall_nr(l->arch, l->row) : -1;
		if (nr < 0)
			return wrong(r, name, "no system call of that name on that ABI");
		data->nr = (int)nr;
	}
	l->arch = arch_of_call(data->arch, (uint32_t)data->nr);
	l->row = l->arch ? arch_syscall_by_nr(l->arch, (uint32_t)data->nr) : NULL;
	return 0;
}

static int find_arg(const struct line *l, struct str name, struct arch_arg *arg)
{
	for (int i = 0; l->row && arch_arg_at(l->arch, l->row, i, arg); i++)
		if (str_is(name, arg->name))
			return record_judge(l->row, arg) == RECORD_FREE ? -1 : i;
	return -1;
}

/* "flags=0x241", "cmd=any", "libc" */
static int take_value(const struct reader *r, struct str word, struct line *l, unsigned *seen)
{
	const char *equals = memchr(word.ptr, '=', word.len);
	struct str name, text;
	struct arch_arg arg;
	uint64_t value = 0;
	int i;

	if (str_is(word, COVERED)) {
		l->variant.is_covered = true;
		return 0;
	}
	if (!equals)
		return wrong(r, word, "this is neither ARGUMENT=VALUE nor libc");
	name = (struct str){ word.ptr, (size_t)(equals - word.ptr) };
	text = (struct str){ equals + 1, word.len - name.len - 1 };
	i = find_arg(l, name, &arg);
	if (i < 0 || *seen & 1u << i)
		return wrong(r, name, "the call has no such argument, or it isn't kept");
	*seen |= 1u << i;
	if (str_is(text, "any"))
		l->any |= (uint8_t)(1u << i);
	else if (!take_number(text, arg.bits == 64 ? UINT64_MAX : (UINT64_C(1) << arg.bits) - 1,
			      &value))
		return wrong(r, text, "no number, or one that the argument can't be");
	l->variant.values[i] = value;
	record_set_value(&arg, value, &l->variant.data);
	return 0;
}

static bool is_executed(const struct rules *rules, const struct seccomp_data *data)
{
	uint32_t action = rules_eval(rules, data).ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

/* What isn't said of an argument that is kept is not known: it can be any. */
static uint8_t unsaid(const struct line *l, unsigned seen)
{
	struct arch_arg arg;
	uint8_t any = 0;

	for (int i = 0; l->row && arch_arg_at(l->arch, l->row, i, &arg); i++)
		if (record_judge(l->row, &arg) != RECORD_FREE && !(seen & 1u << i))
			any |= (uint8_t)(1u << i);
	return any;
}

static int take_line(struct reader *r)
{
	struct str name = next_word(&r->line), count = next_word(&r->line),
		   abi = next_word(&r->line);
	struct line l = { .row = NULL };
	const struct rules *policy = r->measure->policy;
	unsigned seen = 0;
	int error;

	if (!name.len)
		return 0;
	if (!take_number(count, UINT64_MAX / RECORD_CALLS_MAX, &l.variant.count) ||
	    !l.variant.count)
		return wrong(r, count, "how often? A line is NAME COUNT ABI [ARGUMENT=VALUE]...");
	error = take_call(r, name, abi, &l);
	for (struct str word; !error && (word = next_word(&r->line)).len;)
		error = take_value(r, word, &l, &seen);
	if (error)
		return error;
	l.any |= unsaid(&l, seen);
	/* Of what is kept of a call that libc allows, the rest may be what libc looks at. */
	l.variant.is_needed = !l.variant.is_covered;
	if (policy && policy != r->measure->libc)
		l.variant.is_needed = l.any || !is_executed(policy, &l.variant.data);
	return record_add_variant(r->record, &l.variant.data, l.any, &l.variant);
}

static bool begins(struct str line, const char *with)
{
	return line.len >= strlen(with) && memcmp(line.ptr, with, strlen(with)) == 0;
}

static int take_comment(struct reader *r)
{
	size_t skip = strlen(RUN);
	char *run;
	int error;

	if (str_is(r->line, PARTIAL))
		r->record->is_partial = true;
	if (!begins(r->line, RUN))
		return 0;
	run = strndup(r->line.ptr + skip, r->line.len - skip);
	error = run ? record_add_run(r->record, run) : -ENOMEM;
	free(run);
	return error;
}

int record_read(struct record *r, const struct record_measure *measure, struct diags *diags,
		uint32_t file, struct str text)
{
	struct reader reader = {
		.record = r, .measure = measure, .diags = diags, .file = file, .start = text.ptr
	};
	int error = 0;

	if (!begins(text, FIRST_LINE "\n"))
		return wrong(&reader, (struct str){ text.ptr, 0 },
			     "a recording begins with the line \"" FIRST_LINE "\"");
	while (text.len && !error) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) : text.len;

		reader.line = (struct str){ text.ptr, len };
		error = len && *text.ptr == '#' ? take_comment(&reader) : take_line(&reader);
		text.ptr += len + (end != NULL);
		text.len -= len + (end != NULL);
	}
	return error;
}
