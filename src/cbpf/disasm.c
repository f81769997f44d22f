/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line an instruction: label, instruction in bpfc(8)'s spelling, comment. What that spelling
 * can't express (an unknown opcode, a field that is set and unused, a jump out of the program) is
 * written as `.insn code, jt, jf, k`, so that assembling gives back every program.
 *
 * The comments come from what is certain on every path to an instruction (known.h). What isn't is
 * left out.
 */
#include "cbpf/cbpf.h"

#include <stdio.h>

#include "cbpf/known.h"

#define COMMENT_COLUMN 34
#define DECIMAL_LIMIT  4096 /* numbers below are counts and call numbers: in decimal */
#define SHARED_ERRNOS  34   /* asm-generic/errno-base.h: the same on every architecture */

bool cbpf_is_conditional(const struct cbpf_op *op)
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

	if (!op || (!cbpf_is_conditional(op) && (insn->jt || insn->jf)) || (!uses_k(op) && insn->k))
		return NULL;
	return op;
}

bool cbpf_jumps_inside(const struct cbpf_op *op, const struct sock_filter *insn, size_t pc,
		       size_t len)
{
	size_t left = len - pc - 1;

	if (op->operand == CBPF_OPERAND_JUMP)
		return insn->k < left;
	return !cbpf_is_conditional(op) || (insn->jt < left && insn->jf < left);
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

void cbpf_describe_ret_of(const struct arch *arch, uint32_t ret, struct buf *out)
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
	cbpf_describe_ret_of(arch_native(), ret, out);
}

/* ---- comments ---- */

/* A jset's bits are no number that has a name. */
static void put_compared(const struct cbpf_known *known, const struct sock_filter *insn,
			 struct buf *out)
{
	uint8_t test = BPF_OP(insn->code);
	const char *name = NULL;

	if (test != BPF_JSET && (known->a != CBPF_ARCH || test == BPF_JEQ))
		name = cbpf_known_name(known, insn->k);
	if (name)
		buf_puts(out, name);
}

static void put_meaning(const struct cbpf_known *known, const struct sock_filter *insn,
			enum cbpf_order order, struct buf *out)
{
	const struct cbpf_op *op = cbpf_op_by_code(insn->code);

	if (!op)
		return;
	if (op->operand == CBPF_OPERAND_DATA && insn->k < sizeof(struct seccomp_data) &&
	    insn->k % 4 == 0)
		cbpf_describe_word(cbpf_offset_word(insn->k, order), out);
	else if (op->operand == CBPF_OPERAND_COND_K && known->reached)
		put_compared(known, insn, out);
	else if (insn->code == (BPF_RET | BPF_K))
		cbpf_describe_ret_of(cbpf_known_arch(known), insn->k, out);
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
	if (op && !cbpf_jumps_inside(op, insn, pc, prog->len))
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
	struct cbpf_known *all = cbpf_known(prog, options->order);
	AUTO_BUF comment = { 0 };
	int width = snprintf(NULL, 0, "%zu", prog->len ? prog->len - 1 : 0);

	if (!all) {
		out->failed = true;
		return;
	}
	for (size_t pc = 0; pc < prog->len; pc++) {
		comment.size = 0;
		put_meaning(&all[pc], &prog->insns[pc], options->order, &comment);
		if (options->sources && prog->spans)
			put_place(options->sources, prog->spans[pc], &comment);
		put_line(prog, pc, width, &comment, out);
	}
	out->failed |= comment.failed;
	free(all);
}
