/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The assembler: a line is `[label:] [instruction]`. The instruction is bpfc(8)'s (its operands
 * select the row of opcodes.def), a statement of seccomp-tools, a row of its listing (four numbers;
 * what follows them is for people), or `.insn code, jt, jf, k`. A line with an error still counts
 * as an instruction, so that labels stay where they are and one run shows all errors.
 */
#include "cbpf/asm.h"

#include <errno.h>

/* ---- bpfc(8) ---- */

enum form {
	FORM_NONE,
	FORM_DATA,
	FORM_LEN,
	FORM_NUMBER,
	FORM_MEM,
	FORM_X,
	FORM_A,
	FORM_LABEL,
};

/* How the text of each operand looks. */
static const enum form forms[] = {
	[CBPF_OPERAND_NONE] = FORM_NONE,      [CBPF_OPERAND_DATA] = FORM_DATA,
	[CBPF_OPERAND_LEN] = FORM_LEN,	      [CBPF_OPERAND_IMM] = FORM_NUMBER,
	[CBPF_OPERAND_MEM] = FORM_MEM,	      [CBPF_OPERAND_SHIFT] = FORM_NUMBER,
	[CBPF_OPERAND_DIVISOR] = FORM_NUMBER, [CBPF_OPERAND_X] = FORM_X,
	[CBPF_OPERAND_JUMP] = FORM_LABEL,     [CBPF_OPERAND_COND_K] = FORM_NUMBER,
	[CBPF_OPERAND_COND_X] = FORM_X,
};

static const struct {
	const char *name, *mnemonic;
	bool swapped; /* jumps when the instruction's test fails */
} aliases[] = {
	{ "ldi", "ld", false }, { "ldxi", "ldx", false }, { "jmp", "ja", false },
	{ "jne", "jeq", true }, { "jneq", "jeq", true },  { "jlt", "jge", true },
	{ "jle", "jgt", true },
};

/* bpfc(8) has them for sockets. */
static const char *const refused[] = { "ldb", "ldh", "ldxb", "mod" };

static enum form form_of(const struct cbpf_op *op)
{
	return op->code == (BPF_RET | BPF_A) ? FORM_A : forms[op->operand];
}

static const struct cbpf_op *find_op(const char *mnemonic, enum form form)
{
	const struct cbpf_op *op;

	for (size_t i = 0; (op = cbpf_op_at(i)); i++)
		if (strcmp(op->mnemonic, mnemonic) == 0 && form_of(op) == form)
			return op;
	return NULL;
}

/* The table's own spelling of a mnemonic, or NULL. */
static const char *find_mnemonic(struct str name, bool *swapped)
{
	const struct cbpf_op *op;

	*swapped = false;
	for (size_t i = 0; (op = cbpf_op_at(i)); i++)
		if (str_is(name, op->mnemonic))
			return op->mnemonic;
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		if (!str_is(name, aliases[i].name))
			continue;
		*swapped = aliases[i].swapped;
		return aliases[i].mnemonic;
	}
	return NULL;
}

static bool unknown_mnemonic(struct asm_reader *r)
{
	struct span span = cbpf_asm_span(r, r->tok);
	const struct cbpf_op *op;
	struct str_guess guess;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (!str_is(r->tok, refused[i]))
			continue;
		diag_add(r->diags, DIAG_ASM_MNEMONIC, span, "seccomp refuses `%s`", refused[i]);
		return false;
	}
	str_guess_init(&guess, r->tok);
	for (size_t i = 0; (op = cbpf_op_at(i)); i++)
		str_guess_try(&guess, op->mnemonic);
	diag_add(r->diags, DIAG_ASM_MNEMONIC, span, "no instruction `%.*s`%s%s%s", STR_ARG(r->tok),
		 guess.best ? "; did you mean `" : "", guess.best ? guess.best : "",
		 guess.best ? "`?" : "");
	return false;
}

/* Reads an operand into FORM and K. A label is left for the caller. */
static bool read_operand(struct asm_reader *r, enum form *form, uint32_t *k)
{
	bool hash = cbpf_asm_accept(r, "#");

	*form = FORM_NUMBER;
	if (hash || cbpf_asm_at_number(r)) {
		*form = cbpf_asm_accept(r, "len") ? FORM_LEN : FORM_NUMBER;
		return *form == FORM_LEN || cbpf_asm_number(r, UINT32_MAX, k);
	}
	if (str_is(r->tok, "[")) {
		*form = FORM_DATA;
		return cbpf_asm_index(r, UINT32_MAX, k);
	}
	if (cbpf_asm_accept(r, "M")) {
		*form = FORM_MEM;
		return cbpf_asm_index(r, UINT32_MAX, k);
	}
	if (cbpf_asm_accept(r, "len"))
		*form = FORM_LEN;
	else if (cbpf_asm_accept(r, "x") || cbpf_asm_accept(r, "%x"))
		*form = FORM_X;
	else if (cbpf_asm_accept(r, "a") || cbpf_asm_accept(r, "%a"))
		*form = FORM_A;
	else
		*form = r->tok.len ? FORM_LABEL : FORM_NONE;
	return true;
}

/* `, yes, no`, or `, yes` where the next instruction is the other one. */
static bool read_targets(struct asm_reader *r, bool swapped, struct asm_line *line)
{
	struct asm_target *yes = swapped ? &line->no : &line->yes;
	struct asm_target *no = swapped ? &line->yes : &line->no;

	line->jumps = true;
	if (!cbpf_asm_expect(r, ",") || !cbpf_asm_target(r, yes))
		return false;
	return !cbpf_asm_accept(r, ",") || cbpf_asm_target(r, no);
}

static bool read_instruction(struct asm_reader *r, struct asm_line *line)
{
	bool swapped;
	const char *mnemonic = find_mnemonic(r->tok, &swapped);
	const struct cbpf_op *op;
	struct str operand;
	enum form form;

	if (!mnemonic)
		return unknown_mnemonic(r);
	cbpf_asm_next(r);
	operand = r->tok;
	/* A label may look like a number. */
	if (find_op(mnemonic, FORM_LABEL)) {
		line->insn.code = BPF_JMP | BPF_JA;
		line->jumps = true;
		return cbpf_asm_target(r, &line->yes);
	}
	if (!read_operand(r, &form, &line->insn.k))
		return false;
	op = find_op(mnemonic, form);
	if (!op) {
		diag_add(r->diags, DIAG_ASM_OPERAND, cbpf_asm_span(r, operand),
			 operand.len ? "`%s` takes no such operand" : "`%s` takes an operand",
			 mnemonic);
		return false;
	}
	line->insn.code = op->code;
	if (op->operand == CBPF_OPERAND_COND_K || op->operand == CBPF_OPERAND_COND_X)
		return read_targets(r, swapped, line);
	return true;
}

/* ---- a line ---- */

/* code jt jf k, with commas between them or without. */
static bool read_fields(struct asm_reader *r, bool commas, struct asm_line *line)
{
	static const uint32_t max[] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };
	uint32_t fields[4];

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (commas && i > 0 && !cbpf_asm_expect(r, ","))
			return false;
		if (!cbpf_asm_number(r, max[i], &fields[i]))
			return false;
	}
	line->insn = (struct sock_filter){ (uint16_t)fields[0], (uint8_t)fields[1],
					   (uint8_t)fields[2], fields[3] };
	return true;
}

static bool read_line(struct asm_reader *r, struct asm_line *line)
{
	if (cbpf_asm_at_number(r))
		return read_fields(r, false, line);
	if (cbpf_asm_accept(r, ".insn")) {
		if (!read_fields(r, true, line))
			return false;
	} else if (cbpf_asm_is_statement(r)) {
		if (!cbpf_asm_statement(r, line))
			return false;
	} else if (!read_instruction(r, line)) {
		return false;
	}
	if (!r->tok.len)
		return true;
	diag_add(r->diags, DIAG_ASM_SYNTAX, cbpf_asm_span(r, r->tok),
		 "the instruction ends before `%.*s`", STR_ARG(r->tok));
	return false;
}

static void add_label(struct asm_reader *r, struct str name)
{
	struct asm_label *label = map_get(&r->labels, name);

	if (label) {
		diag_add(r->diags, DIAG_ASM_LABEL_TWICE, cbpf_asm_span(r, name),
			 "the label `%.*s` stands at two places", STR_ARG(name));
		diag_note(r->diags, cbpf_asm_span(r, label->name), "here is the other");
		return;
	}
	label = arena_alloc(r->arena, sizeof(*label));
	if (!label) {
		r->no_memory = true;
		return;
	}
	*label = (struct asm_label){ name, r->nlines };
	if (map_set(&r->labels, name, label) < 0)
		r->no_memory = true;
}

static void read_labels(struct asm_reader *r)
{
	while (cbpf_asm_is_word(r)) {
		struct asm_reader ahead = *r;

		cbpf_asm_next(&ahead);
		if (!str_is(ahead.tok, ":"))
			return;
		if (str_is(r->tok, "next"))
			diag_add(r->diags, DIAG_ASM_SYNTAX, cbpf_asm_span(r, r->tok),
				 "`next` always means the next instruction");
		else
			add_label(r, r->tok);
		cbpf_asm_next(r);
		cbpf_asm_next(r);
	}
}

/* seccomp-tools's heading: ` line  CODE  JT   JF      K`, then a rule. */
static bool is_heading(const struct asm_reader *r)
{
	struct asm_reader ahead = *r;

	return str_is(r->tok, "==") ||
	       (cbpf_asm_accept(&ahead, "line") && str_is(ahead.tok, "CODE"));
}

/* From r->pos to r->end; false: the text is too long or memory is out, so stop. */
static bool add_line(struct asm_reader *r)
{
	struct asm_line *lines, line = { 0 };

	cbpf_asm_next(r);
	if (is_heading(r))
		return true;
	read_labels(r);
	if (r->no_memory || !r->tok.len)
		return !r->no_memory;
	if (r->nlines == BPF_MAXINSNS) {
		diag_add(r->diags, DIAG_ASM_TOO_LONG, cbpf_asm_span(r, r->tok),
			 "a filter has at most %d instructions", BPF_MAXINSNS);
		return false;
	}
	lines = arena_grow(r->arena, r->lines, r->nlines, &r->lines_cap, sizeof(*lines));
	if (!lines) {
		r->no_memory = true;
		return false;
	}
	if (!read_line(r, &line))
		line = (struct asm_line){ 0 };
	r->lines = lines;
	lines[r->nlines++] = line;
	return true;
}

/* False: too long or no memory. */
static bool add_lines(struct asm_reader *r)
{
	for (size_t begin = 0; begin < r->text.len; begin = r->end + 1) {
		const char *from = r->text.ptr + begin;
		const char *newline = memchr(from, '\n', r->text.len - begin);

		r->pos = begin;
		r->end = newline ? begin + (size_t)(newline - from) : r->text.len;
		if (!add_line(r))
			return false;
	}
	return true;
}

/* ---- jumps ---- */

/* How many instructions a jump at line I skips; an error counts as none. */
static uint32_t resolve(struct asm_reader *r, const struct asm_target *target, size_t i,
			uint32_t reach)
{
	struct str name = target->label;
	const struct asm_label *label;

	if (!name.ptr)
		return 0;
	label = map_get(&r->labels, name);
	if (!label) {
		diag_add(r->diags, DIAG_ASM_LABEL_UNKNOWN, cbpf_asm_span(r, name),
			 "no label `%.*s`", STR_ARG(name));
		return 0;
	}
	if (label->line <= i) {
		diag_add(r->diags, DIAG_ASM_JUMP_BACK, cbpf_asm_span(r, name),
			 "`%.*s` is not behind the jump; BPF jumps forward only", STR_ARG(name));
		diag_note(r->diags, cbpf_asm_span(r, label->name), "the label is here");
		return 0;
	}
	if (label->line - i - 1 > reach) {
		diag_add(r->diags, DIAG_ASM_JUMP_FAR, cbpf_asm_span(r, name),
			 "`%.*s` is %zu instructions away; a conditional jump skips at most %u",
			 STR_ARG(name), label->line - i - 1, reach);
		return 0;
	}
	return (uint32_t)(label->line - i - 1);
}

static void resolve_all(struct asm_reader *r, struct cbpf_prog *prog)
{
	for (size_t i = 0; i < r->nlines; i++) {
		const struct asm_line *line = &r->lines[i];
		struct sock_filter *insn = &prog->insns[i];

		*insn = line->insn;
		if (!line->jumps)
			continue;
		if (insn->code == (BPF_JMP | BPF_JA)) {
			insn->k = resolve(r, &line->yes, i, UINT32_MAX);
			continue;
		}
		insn->jt = (uint8_t)resolve(r, &line->yes, i, UINT8_MAX);
		insn->jf = (uint8_t)resolve(r, &line->no, i, UINT8_MAX);
	}
}

int cbpf_asm(struct arena *arena, struct diags *diags, uint32_t file, struct str text,
	     struct cbpf_prog *prog)
{
	struct asm_reader r = { .arena = arena, .diags = diags, .file = file, .text = text };
	size_t errors = diags->errors;

	*prog = (struct cbpf_prog){ 0 };
	if (text.len > INT32_MAX) /* a span counts bytes in 32 bits */
		return -EFBIG;
	map_init(&r.labels, arena);
	if (!add_lines(&r))
		return r.no_memory ? -ENOMEM : -EINVAL;
	prog->insns = arena_array(arena, r.nlines, sizeof(*prog->insns));
	if (!prog->insns)
		return -ENOMEM;
	resolve_all(&r, prog);
	prog->len = r.nlines;
	if (diags->failed)
		return -ENOMEM;
	return diags->errors == errors ? 0 : -EINVAL;
}
