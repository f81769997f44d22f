/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line an instruction: label, instruction in bpfc(8)'s spelling, comment. What that spelling
 * can't express (an unknown opcode, a field that is set and unused, a jump out of the program) is
 * written as `.insn code, jt, jf, k`, so that assembling gives back every program.
 *
 * The comments come from one forward pass that carries what is certain on every path to an
 * instruction: which word of struct seccomp_data A holds, and which AUDIT_ARCH was tested for. An
 * unknown one is left out, never guessed.
 */
#include "cbpf/cbpf.h"

#include <stdio.h>

#include "arch/arch.h"

#define COMMENT_COLUMN 34
#define A_UNKNOWN      CBPF_WORDS /* A holds no word as it was loaded */
#define DECIMAL_LIMIT  4096	  /* numbers below are counts and call numbers: in decimal */
#define SHARED_ERRNOS  34	  /* asm-generic/errno-base.h: the same on every architecture */

struct knowledge {
	bool reached;
	unsigned a;	/* enum cbpf_word or A_UNKNOWN */
	uint32_t audit; /* AUDIT_ARCH_* or 0 */
};

static bool is_conditional(const struct cbpf_op *op)
{
	return op->operand == CBPF_OPERAND_COND_K || op->operand == CBPF_OPERAND_COND_X;
}

static bool uses_k(const struct cbpf_op *op)
{
	switch (op->operand) {
	case CBPF_OPERAND_NONE:
	case CBPF_OPERAND_LEN:
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_COND_X:
		return false;
	default:
		return true;
	}
}

/* The row whose spelling says all of INSN; NULL where there is none. */
static const struct cbpf_op *spelling(const struct sock_filter *insn)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (!op || (!is_conditional(op) && (insn->jt || insn->jf)) || (!uses_k(op) && insn->k))
		return NULL;
	return op;
}

static bool jumps_inside(const struct cbpf_op *op, const struct sock_filter *insn, size_t pc,
			 size_t len)
{
	size_t left = len - pc - 1;

	if (op->operand == CBPF_OPERAND_JUMP)
		return insn->k < left;
	return !is_conditional(op) || (insn->jt < left && insn->jf < left);
}

static void put_number(struct buf *out, uint32_t k)
{
	buf_printf(out, k < DECIMAL_LIMIT ? "#%u" : "#0x%x", k);
}

static void put_raw(const struct sock_filter *insn, struct buf *out)
{
	buf_printf(out, ".insn 0x%04x, %u, %u, 0x%x", insn->code, insn->jt, insn->jf, insn->k);
}

static void put_operand(enum cbpf_operand operand, const struct sock_filter *insn, size_t pc,
			struct buf *out)
{
	switch (operand) {
	case CBPF_OPERAND_NONE:
		if (insn->code == (BPF_RET | BPF_A))
			buf_puts(out, " a");
		break;
	case CBPF_OPERAND_DATA:
		buf_printf(out, " [%u]", insn->k);
		break;
	case CBPF_OPERAND_LEN:
		buf_puts(out, " #len");
		break;
	case CBPF_OPERAND_MEM:
		buf_printf(out, " M[%u]", insn->k);
		break;
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_COND_X:
		buf_puts(out, " x");
		break;
	case CBPF_OPERAND_JUMP:
		buf_printf(out, " L%zu", pc + 1 + insn->k);
		break;
	default:
		buf_putc(out, ' ');
		put_number(out, insn->k);
	}
	if (operand == CBPF_OPERAND_COND_K || operand == CBPF_OPERAND_COND_X)
		buf_printf(out, ", L%zu, L%zu", pc + 1 + insn->jt, pc + 1 + insn->jf);
}

void cbpf_disasm_insn(const struct sock_filter *insn, size_t pc, struct buf *out)
{
	const struct cbpf_op *op = spelling(insn);

	if (!op) {
		put_raw(insn, out);
		return;
	}
	buf_puts(out, op->mnemonic);
	put_operand(op->operand, insn, pc, out);
}

/* ---- return values ---- */

static const struct {
	const char *name;
	uint32_t action;
	bool has_data;
} actions[] = {
	{ "kill_process", SECCOMP_RET_KILL_PROCESS, false },
	{ "kill_thread", SECCOMP_RET_KILL_THREAD, false },
	{ "trap", SECCOMP_RET_TRAP, true },
	{ "errno", SECCOMP_RET_ERRNO, true },
	{ "notify", SECCOMP_RET_USER_NOTIF, false },
	{ "trace", SECCOMP_RET_TRACE, true },
	{ "log", SECCOMP_RET_LOG, false },
	{ "allow", SECCOMP_RET_ALLOW, false },
};

static void put_errno(const struct arch *arch, uint32_t data, struct buf *out)
{
	const char *name = NULL;

	if (data && (arch || data <= SHARED_ERRNOS))
		name = arch_errno_name(arch ? arch : arch_native(), (int)data);
	/* kernel/seccomp.c, __seccomp_filter(): MAX_ERRNO is the cap. */
	if (data > 4095)
		buf_printf(out, "errno(4095), from %u", data);
	else if (name)
		buf_printf(out, "errno(%s)", name);
	else
		buf_printf(out, "errno(%u)", data);
}

/* ARCH: whose error numbers; NULL: only the ones that all architectures share have names. */
static void describe_ret(const struct arch *arch, uint32_t ret, struct buf *out)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL, data = ret & SECCOMP_RET_DATA;

	if (action == SECCOMP_RET_ERRNO) {
		put_errno(arch, data, out);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (actions[i].action != action)
			continue;
		buf_puts(out, actions[i].name);
		if (data)
			buf_printf(out, actions[i].has_data ? "(%u)" : ", data %u ignored", data);
		return;
	}
	buf_printf(out, "unknown action 0x%x", action);
}

void cbpf_describe_ret(uint32_t ret, struct buf *out)
{
	describe_ret(arch_native(), ret, out);
}

/* ---- comments ---- */

static void put_word(unsigned word, struct buf *out)
{
	static const char *const names[] = { "nr", "arch", "ip low", "ip high" };

	if (word < ARRAY_LEN(names))
		buf_puts(out, names[word]);
	else
		buf_printf(out, "arg%u %s", (word - CBPF_ARG0_LOW) / 2, word & 1 ? "high" : "low");
}

static const struct arch *arch_of_audit(uint32_t audit)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_at(i)); i++)
		if (arch->audit == audit)
			return arch;
	return NULL;
}

static void put_compared(const struct knowledge *known, const struct sock_filter *insn,
			 struct buf *out)
{
	const struct arch *arch;
	const struct arch_syscall *call;

	if (known->a == CBPF_ARCH && BPF_OP(insn->code) == BPF_JEQ) {
		arch = arch_of_audit(insn->k);
		if (arch)
			buf_puts(out, arch->name);
	}
	if (known->a != CBPF_NR || !known->audit || BPF_OP(insn->code) == BPF_JSET)
		return;
	arch = arch_of_call(known->audit, insn->k);
	call = arch ? arch_syscall_by_nr(arch, insn->k) : NULL;
	if (call)
		buf_puts(out, call->name);
}

static void put_meaning(const struct knowledge *known, const struct sock_filter *insn,
			enum cbpf_order order, struct buf *out)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (!op)
		return;
	if (op->operand == CBPF_OPERAND_DATA && insn->k < sizeof(struct seccomp_data) &&
	    insn->k % 4 == 0)
		put_word(cbpf_offset_word(insn->k, order), out);
	else if (op->operand == CBPF_OPERAND_COND_K && known->reached)
		put_compared(known, insn, out);
	else if (insn->code == (BPF_RET | BPF_K))
		describe_ret(known->audit ? arch_of_audit(known->audit) : NULL, insn->k, out);
}

static void put_place(const struct sources *sources, struct span span, struct buf *out)
{
	struct place place;

	if (!sources_place(sources, span, &place))
		return;
	buf_puts(out, out->size ? " [" : "[");
	/* A file name may have any byte; the comment must stay on its line. */
	for (const char *c = place.file; *c; c++)
		buf_putc(out, (unsigned char)*c < ' ' ? '?' : *c);
	buf_printf(out, ":%u]", place.line);
}

/* ---- what is certain ---- */

static void learn(struct knowledge *at, const struct knowledge *known)
{
	if (!at->reached) {
		*at = *known;
		return;
	}
	if (at->a != known->a)
		at->a = A_UNKNOWN;
	if (at->audit != known->audit)
		at->audit = 0;
}

/* Hands what is known at PC to where the instruction goes. */
static void pass_on(struct knowledge *all, const struct sock_filter *insn, size_t pc, size_t len,
		    enum cbpf_order order)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);
	struct knowledge known = all[pc];

	if (!known.reached || !op || BPF_CLASS(insn->code) == BPF_RET ||
	    !jumps_inside(op, insn, pc, len))
		return;
	if (op->operand == CBPF_OPERAND_JUMP) {
		learn(&all[pc + 1 + insn->k], &known);
		return;
	}
	if (is_conditional(op)) {
		learn(&all[pc + 1 + insn->jf], &known);
		if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) && known.a == CBPF_ARCH)
			known.audit = insn->k;
		learn(&all[pc + 1 + insn->jt], &known);
		return;
	}
	if (op->effect == CBPF_EFFECT_A)
		known.a = op->operand == CBPF_OPERAND_DATA && insn->k < sizeof(struct seccomp_data)
				  ? cbpf_offset_word(insn->k, order)
				  : A_UNKNOWN;
	if (pc + 1 < len)
		learn(&all[pc + 1], &known);
}

/* One line: the label right-aligned to WIDTH digits, the instruction, a comment if there is one. */
static void put_line(const struct cbpf_prog *prog, size_t pc, int width, const struct buf *comment,
		     struct buf *out)
{
	const struct sock_filter *insn = &prog->insns[pc];
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);
	size_t begin = out->size;
	char label[24];

	snprintf(label, sizeof(label), "L%zu", pc);
	buf_printf(out, "%*s: ", width + 1, label);
	if (op && !jumps_inside(op, insn, pc, prog->len))
		put_raw(insn, out);
	else
		cbpf_disasm_insn(insn, pc, out);
	if (comment->size) {
		while (!out->failed && out->size - begin < COMMENT_COLUMN)
			buf_putc(out, ' ');
		buf_printf(out, " ; %s", comment->data);
	}
	buf_putc(out, '\n');
}

void cbpf_disasm(const struct cbpf_prog *prog, const struct cbpf_disasm_options *options,
		 struct buf *out)
{
	struct knowledge *all = calloc(prog->len + 1, sizeof(*all));
	AUTO_BUF comment = { 0 };
	int width = snprintf(NULL, 0, "%zu", prog->len ? prog->len - 1 : 0);

	if (!all) {
		out->failed = true;
		return;
	}
	all[0] = (struct knowledge){ .reached = true, .a = A_UNKNOWN };
	for (size_t pc = 0; pc < prog->len; pc++) {
		comment.size = 0;
		put_meaning(&all[pc], &prog->insns[pc], options->order, &comment);
		if (options->sources && prog->spans)
			put_place(options->sources, prog->spans[pc], &comment);
		put_line(prog, pc, width, &comment, out);
		pass_on(all, &prog->insns[pc], pc, prog->len, options->order);
	}
	out->failed |= comment.failed;
	free(all);
}
