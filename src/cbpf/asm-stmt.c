/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The statements of seccomp-tools: `A = sys_number`, `A == 0x3 ? ok : next`,
 * `if (A != 0x40000000) goto 0005`, `return ERRNO(1)`. Like there, a call's bare name is the
 * number on the machine that assembles; `i386.write` is another's. Halves of 64-bit fields are at
 * the machine's offsets.
 */
#include "cbpf/asm.h"

#include "arch/arch.h"

static bool read_goto(struct asm_reader *r, struct asm_line *line)
{
	line->insn.code = BPF_JMP | BPF_JA;
	line->jumps = true;
	return cbpf_asm_target(r, &line->yes);
}

/* ---- values ---- */

static bool name_is(struct str upper, const char *lower)
{
	return upper.len == strlen(lower) && strncasecmp(upper.ptr, lower, upper.len) == 0;
}

static bool without_prefix(struct str *s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (s->len <= len || memcmp(s->ptr, prefix, len) != 0)
		return false;
	*s = (struct str){ s->ptr + len, s->len - len };
	return true;
}

/* ARCH_X86_64 and AUDIT_ARCH_X86_64 */
static bool arch_value(struct str name, uint32_t *value)
{
	const struct arch *arch;

	if (!without_prefix(&name, "AUDIT_ARCH_") && !without_prefix(&name, "ARCH_"))
		return false;
	for (size_t i = 0; (arch = arch_at(i)); i++) {
		if (name_is(name, arch->name)) {
			*value = arch->audit;
			return true;
		}
	}
	return false;
}

/* write, i386.write */
static bool call_value(struct str name, uint32_t *value)
{
	const char *dot = memchr(name.ptr, '.', name.len);
	const struct arch *arch = arch_native();
	const struct arch_syscall *call;
	int64_t nr;

	if (dot) {
		size_t len = (size_t)(dot - name.ptr);

		arch = arch_by_name((struct str){ name.ptr, len });
		name = (struct str){ dot + 1, name.len - len - 1 };
	}
	call = arch ? arch_syscall_by_name(name) : NULL;
	nr = call ? arch_syscall_nr(arch, call) : -1;
	*value = (uint32_t)nr;
	return nr >= 0;
}

static bool read_value(struct asm_reader *r, uint32_t *value)
{
	if (cbpf_asm_at_number(r) || !cbpf_asm_is_word(r))
		return cbpf_asm_number(r, UINT32_MAX, value);
	if (!arch_value(r->tok, value) && !call_value(r->tok, value)) {
		diag_add(r->diags, DIAG_ASM_NAME, cbpf_asm_span(r, r->tok),
			 "`%.*s` is no architecture and no system call", STR_ARG(r->tok));
		return false;
	}
	cbpf_asm_next(r);
	return true;
}

static bool accept_a(struct asm_reader *r)
{
	return cbpf_asm_accept(r, "A") || cbpf_asm_accept(r, "a");
}

static bool accept_x(struct asm_reader *r)
{
	return cbpf_asm_accept(r, "X") || cbpf_asm_accept(r, "x");
}

static bool at_memory(const struct asm_reader *r)
{
	return str_is(r->tok, "mem") || str_is(r->tok, "M");
}

static bool read_memory(struct asm_reader *r, uint16_t code, struct asm_line *line)
{
	cbpf_asm_next(r);
	line->insn.code = code;
	return cbpf_asm_index(r, UINT32_MAX, &line->insn.k);
}

/* X, or a value into k; CODE is the instruction with BPF_K. */
static bool read_x_or_value(struct asm_reader *r, uint16_t code, struct asm_line *line)
{
	line->insn.code = code;
	if (!accept_x(r))
		return read_value(r, &line->insn.k);
	line->insn.code |= BPF_X;
	return true;
}

/* ---- A = ... ---- */

static const struct {
	const char *name;
	uint8_t word, indices; /* indices 0: no [n] follows */
	bool wide;	       /* `>> 32` may follow and means the high half */
} fields[] = {
	{ "sys_number", CBPF_NR, 0, false },
	{ "arch", CBPF_ARCH, 0, false },
	{ "instruction_pointer", CBPF_IP_LOW, 0, true },
	{ "args", CBPF_ARG0_LOW, 6, true },
	{ "args_h", CBPF_ARG0_HIGH, 6, false },
};

static bool read_field(struct asm_reader *r, size_t i, struct asm_line *line)
{
	uint32_t index = 0, shift = 32;
	unsigned word = fields[i].word;

	cbpf_asm_next(r);
	if (fields[i].indices && !cbpf_asm_index(r, fields[i].indices - 1u, &index))
		return false;
	word += 2 * index;
	if (fields[i].wide && cbpf_asm_accept(r, ">>")) {
		struct span span = cbpf_asm_span(r, r->tok);

		if (!cbpf_asm_number(r, 32, &shift))
			return false;
		if (shift != 32) {
			diag_add(r->diags, DIAG_ASM_OPERAND, span,
				 "a load takes the low half or, `>> 32`, the high half");
			return false;
		}
		word++;
	}
	line->insn.code = BPF_LD | BPF_W | BPF_ABS;
	line->insn.k = cbpf_word_offset(word, CBPF_HOST_ORDER);
	return true;
}

static bool read_load(struct asm_reader *r, struct asm_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_is(r->tok, fields[i].name))
			return read_field(r, i, line);
	if (at_memory(r))
		return read_memory(r, BPF_LD | BPF_MEM, line);
	if (cbpf_asm_accept(r, "data")) {
		line->insn.code = BPF_LD | BPF_W | BPF_ABS;
		return cbpf_asm_index(r, UINT32_MAX, &line->insn.k);
	}
	if (cbpf_asm_accept(r, "len")) {
		line->insn.code = BPF_LD | BPF_W | BPF_LEN;
		return true;
	}
	if (accept_x(r)) {
		line->insn.code = BPF_MISC | BPF_TXA;
		return true;
	}
	line->insn.code = BPF_LD | BPF_IMM;
	return read_value(r, &line->insn.k);
}

/* `A = -A`; `A = -1` is a load. */
static bool at_negation(const struct asm_reader *r)
{
	struct asm_reader ahead = *r;

	return cbpf_asm_accept(&ahead, "-") && accept_a(&ahead);
}

static const struct {
	const char *sign;
	uint16_t op;
} assignments[] = {
	{ "+=", BPF_ADD }, { "-=", BPF_SUB },  { "*=", BPF_MUL },
	{ "/=", BPF_DIV }, { "&=", BPF_AND },  { "|=", BPF_OR },
	{ "^=", BPF_XOR }, { "<<=", BPF_LSH }, { ">>=", BPF_RSH },
};

static bool read_assignment(struct asm_reader *r, struct asm_line *line)
{
	if (cbpf_asm_accept(r, "=")) {
		if (!at_negation(r))
			return read_load(r, line);
		cbpf_asm_next(r);
		cbpf_asm_next(r);
		line->insn.code = BPF_ALU | BPF_NEG;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(assignments); i++)
		if (cbpf_asm_accept(r, assignments[i].sign))
			return read_x_or_value(r, BPF_ALU | assignments[i].op, line);
	return cbpf_asm_expect(r, "=");
}

/* ---- comparisons ---- */

static const struct {
	const char *sign;
	uint16_t op;
	bool swapped; /* the instruction tests the opposite */
} comparisons[] = {
	{ "==", BPF_JEQ, false }, { "!=", BPF_JEQ, true }, { ">=", BPF_JGE, false },
	{ ">", BPF_JGT, false },  { "<=", BPF_JGT, true }, { "<", BPF_JGE, true },
	{ "&", BPF_JSET, false },
};

static bool at_comparison(const struct asm_reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(comparisons); i++)
		if (str_is(r->tok, comparisons[i].sign))
			return true;
	return false;
}

/* From the sign on. Flips SWAPPED where the instruction tests the opposite. */
static bool read_comparison(struct asm_reader *r, struct asm_line *line, bool *swapped)
{
	for (size_t i = 0; i < ARRAY_LEN(comparisons); i++) {
		if (!cbpf_asm_accept(r, comparisons[i].sign))
			continue;
		*swapped ^= comparisons[i].swapped;
		line->jumps = true;
		return read_x_or_value(r, BPF_JMP | comparisons[i].op, line);
	}
	return cbpf_asm_expect(r, "==");
}

static void swap_if(struct asm_line *line, bool swapped)
{
	struct asm_target yes = line->yes;

	if (!swapped)
		return;
	line->yes = line->no;
	line->no = yes;
}

/* == K ? yes : no */
static bool read_choice(struct asm_reader *r, struct asm_line *line)
{
	bool swapped = false;

	if (!read_comparison(r, line, &swapped) || !cbpf_asm_expect(r, "?") ||
	    !cbpf_asm_target(r, &line->yes) || !cbpf_asm_expect(r, ":") ||
	    !cbpf_asm_target(r, &line->no))
		return false;
	swap_if(line, swapped);
	return true;
}

/* A == K), behind `if (` or `if (!(` */
static bool read_condition(struct asm_reader *r, struct asm_line *line, bool *swapped)
{
	if (!accept_a(r))
		return cbpf_asm_expect(r, "A");
	return read_comparison(r, line, swapped) && cbpf_asm_expect(r, ")");
}

/* (A == K) goto yes [else goto no] */
static bool read_if(struct asm_reader *r, struct asm_line *line)
{
	bool swapped = false, negated;

	if (!cbpf_asm_expect(r, "("))
		return false;
	negated = cbpf_asm_accept(r, "!");
	if (negated && !cbpf_asm_expect(r, "("))
		return false;
	swapped = negated;
	if (!read_condition(r, line, &swapped) || (negated && !cbpf_asm_expect(r, ")")) ||
	    !cbpf_asm_expect(r, "goto") || !cbpf_asm_target(r, &line->yes))
		return false;
	if (cbpf_asm_accept(r, "else") &&
	    (!cbpf_asm_expect(r, "goto") || !cbpf_asm_target(r, &line->no)))
		return false;
	swap_if(line, swapped);
	return true;
}

/* ---- return ---- */

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{ "ALLOW", SECCOMP_RET_ALLOW },
	{ "LOG", SECCOMP_RET_LOG },
	{ "TRACE", SECCOMP_RET_TRACE },
	{ "USER_NOTIF", SECCOMP_RET_USER_NOTIF },
	{ "ERRNO", SECCOMP_RET_ERRNO },
	{ "TRAP", SECCOMP_RET_TRAP },
	{ "KILL", SECCOMP_RET_KILL_THREAD },
	{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
};

static bool read_action(struct asm_reader *r, uint32_t action, struct asm_line *line)
{
	uint32_t data = 0;

	cbpf_asm_next(r);
	if (cbpf_asm_accept(r, "(") &&
	    (!cbpf_asm_number(r, SECCOMP_RET_DATA, &data) || !cbpf_asm_expect(r, ")")))
		return false;
	line->insn.k = action | data;
	return true;
}

static bool read_return(struct asm_reader *r, struct asm_line *line)
{
	if (accept_a(r)) {
		line->insn.code = BPF_RET | BPF_A;
		return true;
	}
	line->insn.code = BPF_RET | BPF_K;
	if (cbpf_asm_at_number(r))
		return cbpf_asm_number(r, UINT32_MAX, &line->insn.k);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (str_is(r->tok, actions[i].name))
			return read_action(r, actions[i].action, line);
	diag_add(r->diags, DIAG_ASM_NAME, cbpf_asm_span(r, r->tok),
		 "`%.*s` is no action: ALLOW, LOG, TRACE, USER_NOTIF, ERRNO(n), TRAP, "
		 "KILL_THREAD, KILL_PROCESS",
		 STR_ARG(r->tok));
	return false;
}

/* ---- statements ---- */

static bool read_a(struct asm_reader *r, struct asm_line *line)
{
	return at_comparison(r) ? read_choice(r, line) : read_assignment(r, line);
}

static bool read_x(struct asm_reader *r, struct asm_line *line)
{
	if (!cbpf_asm_expect(r, "="))
		return false;
	if (at_memory(r))
		return read_memory(r, BPF_LDX | BPF_MEM, line);
	if (accept_a(r)) {
		line->insn.code = BPF_MISC | BPF_TAX;
		return true;
	}
	if (cbpf_asm_accept(r, "len")) {
		line->insn.code = BPF_LDX | BPF_W | BPF_LEN;
		return true;
	}
	line->insn.code = BPF_LDX | BPF_IMM;
	return read_value(r, &line->insn.k);
}

static bool read_store(struct asm_reader *r, struct asm_line *line)
{
	if (!cbpf_asm_index(r, UINT32_MAX, &line->insn.k) || !cbpf_asm_expect(r, "="))
		return false;
	line->insn.code = accept_x(r) ? BPF_STX : BPF_ST;
	return line->insn.code == BPF_STX || accept_a(r) || cbpf_asm_expect(r, "A");
}

static const struct {
	const char *word;
	bool (*read)(struct asm_reader *r, struct asm_line *line);
} statements[] = {
	{ "A", read_a },	   { "a", read_a },	  { "X", read_x },
	{ "x", read_x },	   { "mem", read_store }, { "if", read_if },
	{ "return", read_return }, { "goto", read_goto }, { "jump", read_goto },
};

bool cbpf_asm_is_statement(const struct asm_reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (str_is(r->tok, statements[i].word))
			return true;
	return false;
}

bool cbpf_asm_statement(struct asm_reader *r, struct asm_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (cbpf_asm_accept(r, statements[i].word))
			return statements[i].read(r, line);
	return cbpf_asm_expect(r, "A");
}
