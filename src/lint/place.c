/* SPDX-License-Identifier: BSD-2-Clause */
/* Where findings stand, and how calls are written in them. */
#include "lint/context.h"

#include "engine/engine.h"

/* ---- places ---- */

uint32_t lint_listing(struct sources *sources, const char *name, const struct cbpf_prog *prog)
{
	AUTO_BUF text = { 0 };
	const char *kept;
	uint32_t file;

	for (size_t pc = 0; pc < prog->len; pc++) {
		cbpf_disasm_insn(&prog->insns[pc], pc, &text);
		buf_putc(&text, '\n');
	}
	kept = text.failed ? NULL
			   : arena_strndup(sources->arena, text.data ? text.data : "", text.size);
	file = kept ? sources_add(sources, name, (struct str){ kept, text.size }) : 0;
	if (file)
		source_at(sources, file)->is_program = true;
	return file;
}

struct lint_place lint_at_instruction(const struct lint *l, size_t filter, size_t pc)
{
	const struct lint_filter *f = &l->filters[filter];
	struct lint_place place = { .filter = filter };
	const char *text, *end;

	if (f->rules) {
		if (f->prog->spans)
			place.span = f->prog->spans[pc];
		return place;
	}
	text = source_at(f->diags->sources, f->listing)->text.ptr;
	place.span = (struct span){ .file = f->listing };
	for (; pc > 0; pc--) {
		end = strchr(text + place.span.begin, '\n');
		place.span.begin = (uint32_t)(end + 1 - text);
	}
	end = strchr(text + place.span.begin, '\n');
	place.span.end = (uint32_t)(end - text);
	return place;
}

struct lint_place lint_decider(const struct lint *l, const struct seccomp_data *data)
{
	struct engine_verdict verdict = engine_decide(l->progs, l->len, data, l->order, 0);
	const struct lint_filter *f = &l->filters[verdict.filter];
	struct lint_place place = { .filter = verdict.filter };
	struct rules_verdict rule;

	if (!f->rules)
		return lint_at_instruction(l, verdict.filter, verdict.pc);
	rule = rules_eval(f->rules, data);
	place.is_default = !rule.entry;
	place.span = rule.entry && rule.entry->target.file ? rule.entry->target : rule.span;
	return place;
}

/* ---- saying it ---- */

/* The include of the reader's own text that the span has come from. */
static struct span settle(const struct diags *d, struct span span)
{
	const struct source *source;

	while ((source = source_at(d->sources, span.file)) && source->is_shipped &&
	       source->from.file)
		span = source->from;
	return span;
}

static bool is_said(const struct diags *d, enum diag_code code, struct span span, const char *text)
{
	for (const struct diag *i = d->first; i; i = i->next)
		if (i->code == code && i->span.file == span.file && i->span.begin == span.begin &&
		    strcmp(i->text, text) == 0)
			return true;
	return false;
}

bool lint_say(struct lint *l, const struct lint_place *place, enum diag_code code,
	      const char *format, ...)
{
	struct diags *d = l->filters[place->filter].diags;
	struct span span = settle(d, place->span);
	const char *text;
	va_list ap;

	/* Conditions of a space that has failed mean nothing; a length needs none. */
	if ((prove_status(l->space) != 0 && code != DIAG_LINT_CHAIN) ||
	    diag_is_allowed(d, code, place->span))
		return false;
	va_start(ap, format);
	text = arena_vprintf(l->arena, format, ap);
	va_end(ap);
	if (!text) {
		d->failed = true;
		return false;
	}
	if (is_said(d, code, span, text))
		return false;
	diag_add(d, code, span, "%s", text);
	if (span.file != place->span.file)
		diag_note(d, place->span, "decided here");
	l->diags = d;
	l->filter = place->filter;
	return !d->is_silent && !d->failed;
}

void lint_note(struct lint *l, const struct lint_place *place, const char *format, ...)
{
	struct span span = { 0 };
	const char *text;
	va_list ap;

	/* The texts of another filter of the stack are in other sources. */
	if (place && place->filter == l->filter)
		span = place->span;
	va_start(ap, format);
	text = arena_vprintf(l->arena, format, ap);
	va_end(ap);
	if (text)
		diag_note(l->diags, span, "%s", text);
	else
		l->diags->failed = true;
}

/* ---- words ---- */

const char *lint_call_text(struct lint *l, const struct lint_view *view,
			   const struct seccomp_data *data)
{
	const struct arch_syscall *call = arch_syscall_by_nr(view->arch, (uint32_t)data->nr);
	AUTO_BUF text = { 0 };
	const char *kept, *join = "";

	buf_printf(&text, "arch=%s ", view->arch->name);
	if (call)
		buf_puts(&text, call->name);
	else
		buf_printf(&text, "%u", (unsigned)data->nr);
	buf_putc(&text, '(');
	/* Whole registers: what the kernel ignores of them may be the point. */
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++) {
		if (!data->args[i])
			continue;
		buf_printf(&text, "%sarg%u=0x%llx", join, i, (unsigned long long)data->args[i]);
		join = ", ";
	}
	buf_putc(&text, ')');
	kept = text.failed ? NULL : arena_strndup(l->arena, text.data, text.size);
	return kept ? kept : "?";
}

const char *lint_names(struct lint *l, const char *const *names, size_t len)
{
	size_t shown = len > LINT_NAMES ? LINT_NAMES - 1 : len;
	AUTO_BUF text = { 0 };
	const char *kept;

	for (size_t i = 0; i < shown; i++) {
		const char *join = i == 0 ? "" : i + 1 == len ? " and " : ", ";

		buf_printf(&text, "%s%s", join, names[i]);
	}
	if (len > shown)
		buf_printf(&text, " and %zu more", len - shown);
	kept = text.failed ? NULL : arena_strndup(l->arena, text.data ? text.data : "", text.size);
	return kept ? kept : "?";
}
