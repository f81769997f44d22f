/* SPDX-License-Identifier: BSD-2-Clause */
/* Assembler and disassembler: each spelling, each error with its place, the listing and its
 * comments. */
#include <errno.h>

#include "cbpf/cbpf.h"

#include "tap.h"

#define MAX_INSNS 8
#define S(code, k)                                                                                 \
	{                                                                                          \
		code, 0, 0, k                                                                      \
	}
#define J(code, k, jt, jf)                                                                         \
	{                                                                                          \
		BPF_JMP | (code), jt, jf, k                                                        \
	}
#define LOAD(k)	   S(BPF_LD | BPF_W | BPF_ABS, k)
#define RET(k)	   S(BPF_RET | BPF_K, k)
#define RET_A	   S(BPF_RET | BPF_A, 0)
#define HOST(word) LOAD(cbpf_word_offset(word, CBPF_HOST_ORDER))

/* ---- spellings ---- */

struct spelling {
	const char *text;
	struct sock_filter insns[MAX_INSNS];
	size_t len;
};

static const struct spelling spellings[] = {
	/* bpfc(8) */
	{ "ld [4]", { LOAD(4) }, 1 },
	{ "ld [0x3c]", { LOAD(60) }, 1 },
	{ "ld #7", { S(BPF_LD | BPF_IMM, 7) }, 1 },
	{ "ldi #0b101", { S(BPF_LD | BPF_IMM, 5) }, 1 },
	{ "ldi 7", { S(BPF_LD | BPF_IMM, 7) }, 1 },
	{ "ld #-1", { S(BPF_LD | BPF_IMM, UINT32_MAX) }, 1 },
	{ "ld M[3]", { S(BPF_LD | BPF_MEM, 3) }, 1 },
	{ "ld #len", { S(BPF_LD | BPF_LEN, 0) }, 1 },
	{ "ld len", { S(BPF_LD | BPF_LEN, 0) }, 1 },
	{ "ldx #7", { S(BPF_LDX | BPF_IMM, 7) }, 1 },
	{ "ldxi #7", { S(BPF_LDX | BPF_IMM, 7) }, 1 },
	{ "ldx M[15]", { S(BPF_LDX | BPF_MEM, 15) }, 1 },
	{ "ldx #len", { S(BPF_LDX | BPF_LEN, 0) }, 1 },
	{ "st M[1]", { S(BPF_ST, 1) }, 1 },
	{ "stx M[1]", { S(BPF_STX, 1) }, 1 },
	{ "add #1\nsub x\nmul %x", { S(0x04, 1), S(0x1c, 0), S(0x2c, 0) }, 3 },
	{ "and #0xffffffff", { S(BPF_ALU | BPF_AND | BPF_K, UINT32_MAX) }, 1 },
	{ "lsh #31\nrsh x\nneg", { S(0x64, 31), S(0x7c, 0), S(0x84, 0) }, 3 },
	{ "tax\ntxa", { S(0x07, 0), S(0x87, 0) }, 2 },
	{ "ret #0x7fff0000", { RET(0x7fff0000) }, 1 },
	{ "ret a\nret %a", { RET_A, RET_A }, 2 },
	{ "jmp end\nret #0\nend: ret #1", { S(0x05, 1), RET(0), RET(1) }, 3 },
	{ "ja 2\n2: ret #1", { S(0x05, 0), RET(1) }, 2 },
	{ "jeq #1, a, b\na:ret #0\nb:\nret #1", { J(BPF_JEQ, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jgt x, b\nret #0\nb: ret #1", { J(BPF_JGT | BPF_X, 0, 1, 0), RET(0), RET(1) }, 3 },
	{ "jne #1, b\nret #0\nb: ret #1", { J(BPF_JEQ, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jneq #1,b\nret #0\nb: ret #1", { J(BPF_JEQ, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jlt #1, b\nret #0\nb: ret #1", { J(BPF_JGE, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jle #1, b\nret #0\nb: ret #1", { J(BPF_JGT, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jlt #1, b, next\nret #0\nb: ret #1", { J(BPF_JGE, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "jset #1, next, b\nret #0\nb: ret #1", { J(BPF_JSET, 1, 0, 1), RET(0), RET(1) }, 3 },
	{ "", { { 0 } }, 0 },
	{ " ; ld [0]\n# ld [0]\n\t\r\nld [0] ; x\nret a # y", { LOAD(0), RET_A }, 2 },
	{ "l1: l2: ret a", { RET_A }, 1 },
	{ ".insn 0xffff, 255, 1, 0xffffffff", { { 0xffff, 255, 1, UINT32_MAX } }, 1 },

	/* seccomp-tools */
	{ "A = sys_number\nA = arch", { LOAD(0), LOAD(4) }, 2 },
	{ "A = data[8]", { LOAD(8) }, 1 },
	{ "A = len\nX = len", { S(0x80, 0), S(0x81, 0) }, 2 },
	{ "A = 5\nX = 6", { S(BPF_LD, 5), S(BPF_LDX, 6) }, 2 },
	{ "A = -1\nA = -A", { S(BPF_LD, UINT32_MAX), S(0x84, 0) }, 2 },
	{ "A = X\nX = A", { S(0x87, 0), S(0x07, 0) }, 2 },
	{ "A = mem[1]\nX = mem[2]", { S(BPF_LD | BPF_MEM, 1), S(BPF_LDX | BPF_MEM, 2) }, 2 },
	{ "mem[3] = A\nmem[4] = X", { S(BPF_ST, 3), S(BPF_STX, 4) }, 2 },
	{ "A += 1\nA -= X\nA *= 2", { S(0x04, 1), S(0x1c, 0), S(0x24, 2) }, 3 },
	{ "A /= 1\nA &= X\nA |= 2", { S(0x34, 1), S(0x5c, 0), S(0x44, 2) }, 3 },
	{ "A ^= 1\nA <<= X\nA >>= 2", { S(0xa4, 1), S(0x6c, 0), S(0x74, 2) }, 3 },
	{ "return ALLOW\nreturn KILL\nreturn KILL_PROCESS",
	  { RET(0x7fff0000), RET(0), RET(0x80000000) },
	  3 },
	{ "return ERRNO(1)\nreturn TRAP\nreturn TRACE(2)",
	  { RET(0x50001), RET(0x30000), RET(0x7ff00002) },
	  3 },
	{ "return LOG\nreturn USER_NOTIF\nreturn A\nreturn 0x7fff0000",
	  { RET(0x7ffc0000), RET(0x7fc00000), RET_A, RET(0x7fff0000) },
	  4 },
	{ "A == ARCH_X86_64 ? next : x\nreturn A\nx: return A",
	  { J(BPF_JEQ, 0xc000003e, 0, 1), RET_A, RET_A },
	  3 },
	{ "A != AUDIT_ARCH_I386 ? next : x\nreturn A\nx: return A",
	  { J(BPF_JEQ, 0x40000003, 1, 0), RET_A, RET_A },
	  3 },
	{ "A >= X ? x : next\nreturn A\nx: return A",
	  { J(BPF_JGE | BPF_X, 0, 1, 0), RET_A, RET_A },
	  3 },
	{ "A < 3 ? x : next\nreturn A\nx: return A", { J(BPF_JGE, 3, 0, 1), RET_A, RET_A }, 3 },
	{ "A <= 3 ? x : next\nreturn A\nx: return A", { J(BPF_JGT, 3, 0, 1), RET_A, RET_A }, 3 },
	{ "A > 3 ? x : next\nreturn A\nx: return A", { J(BPF_JGT, 3, 1, 0), RET_A, RET_A }, 3 },
	{ "A & 3 ? x : next\nreturn A\nx: return A", { J(BPF_JSET, 3, 1, 0), RET_A, RET_A }, 3 },
	{ "A == x86_64.execve ? x : x\nx: return A", { J(BPF_JEQ, 59, 0, 0), RET_A }, 2 },
	{ "A == i386.execve ? x : x\nx: return A", { J(BPF_JEQ, 11, 0, 0), RET_A }, 2 },
	{ "if (A != 0x40000000) goto 0002\nreturn A\n0002: return A",
	  { J(BPF_JEQ, 0x40000000, 0, 1), RET_A, RET_A },
	  3 },
	{ "if (A == X) goto y else goto x\nx: return A\ny: return A",
	  { J(BPF_JEQ | BPF_X, 0, 1, 0), RET_A, RET_A },
	  3 },
	{ "if (!(A & 0x10)) goto y\nx: return A\ny: return A",
	  { J(BPF_JSET, 0x10, 0, 1), RET_A, RET_A },
	  3 },
	{ "goto y\njump y\ny: return A", { S(0x05, 1), S(0x05, 0), RET_A }, 3 },
	{ " line  CODE  JT   JF      K\n=================================\n"
	  " 0000: 0x20 0x00 0x00 0x00000004  A = arch\n"
	  " 0001: 0x15 0x00 0x01 0xc000003e  if (A != ARCH_X86_64) goto 0003\n"
	  " 0002: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n"
	  " 0003: 0x06 0x00 0x00 0x00000000  return KILL\n",
	  { LOAD(4), J(BPF_JEQ, 0xc000003e, 0, 1), RET(0x7fff0000), RET(0) },
	  4 },
};

struct text {
	struct arena arena;
	struct sources sources;
	struct diags diags;
};

static void text_init(struct text *t, size_t limit)
{
	arena_init(&t->arena, limit);
	t->sources = (struct sources){ .arena = &t->arena };
	diags_init(&t->diags, &t->arena, &t->sources);
}

static bool assembles(const char *text, const struct sock_filter *insns, size_t len)
{
	struct cbpf_prog prog;
	struct text t;
	bool same;

	text_init(&t, ARENA_DEFAULT_LIMIT);
	same = cbpf_asm(&t.arena, &t.diags, 0, str_of(text), &prog) == 0 && prog.len == len &&
	       (!len || memcmp(prog.insns, insns, len * sizeof(*insns)) == 0);
	if (!same && t.diags.first)
		note("%s", t.diags.first->text);
	arena_deinit(&t.arena);
	return same;
}

/* The text's first line, for a test's name. */
static int line_len(const char *text)
{
	return (int)strcspn(text, "\n");
}

static void check_spellings(void)
{
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		ok(assembles(spellings[i].text, spellings[i].insns, spellings[i].len),
		   "`%.*s` assembles", line_len(spellings[i].text), spellings[i].text);
}

static void check_host_order(void)
{
	const struct spelling host[] = {
		{ "A = args[0]", { HOST(CBPF_ARG_LOW(0)) }, 1 },
		{ "A = args[5] >> 32", { HOST(CBPF_ARG_HIGH(5)) }, 1 },
		{ "A = args_h[2]", { HOST(CBPF_ARG_HIGH(2)) }, 1 },
		{ "A = instruction_pointer", { HOST(CBPF_IP_LOW) }, 1 },
		{ "A = instruction_pointer >> 32", { HOST(CBPF_IP_HIGH) }, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(host); i++)
		ok(assembles(host[i].text, host[i].insns, host[i].len),
		   "`%s` loads at the host's offset", host[i].text);
}

/* ---- errors ---- */

static const struct {
	const char *text;
	enum diag_code code;
	const char *at; /* what the span covers */
	size_t errors;
} errors[] = {
	{ "ld", DIAG_ASM_OPERAND, "", 1 },
	{ "lda [4]", DIAG_ASM_MNEMONIC, "lda", 1 },
	{ "ldh [4]", DIAG_ASM_MNEMONIC, "ldh", 1 },
	{ "mod #3", DIAG_ASM_MNEMONIC, "mod", 1 },
	{ "LD [4]", DIAG_ASM_MNEMONIC, "LD", 1 },
	{ "ld [x + 4]", DIAG_ASM_SYNTAX, "x", 1 },
	{ "ld [4", DIAG_ASM_SYNTAX, "", 1 },
	{ "ld [4] 5", DIAG_ASM_SYNTAX, "5", 1 },
	{ "ld x", DIAG_ASM_OPERAND, "x", 1 },
	{ "ret x", DIAG_ASM_OPERAND, "x", 1 },
	{ "ret", DIAG_ASM_OPERAND, "", 1 },
	{ "st #3", DIAG_ASM_OPERAND, "#", 1 },
	{ "neg x", DIAG_ASM_OPERAND, "x", 1 },
	{ "tax a", DIAG_ASM_OPERAND, "a", 1 },
	{ "ja", DIAG_ASM_SYNTAX, "", 1 },
	{ "jeq #1", DIAG_ASM_SYNTAX, "", 1 },
	{ "jeq a, l\nl: ret a", DIAG_ASM_OPERAND, "a", 1 },
	{ "ld #0x100000000", DIAG_ASM_NUMBER, "0x100000000", 1 },
	{ "ld #99999999999999999999999", DIAG_ASM_NUMBER, "99999999999999999999999", 1 },
	{ "ld #-0x80000001", DIAG_ASM_NUMBER, "0x80000001", 1 },
	{ "ld #010", DIAG_ASM_NUMBER, "010", 1 },
	{ "ld #0x", DIAG_ASM_NUMBER, "0x", 1 },
	{ "ld #0b12", DIAG_ASM_NUMBER, "0b12", 1 },
	{ "ld #12f", DIAG_ASM_NUMBER, "12f", 1 },
	{ ".insn 0x10000, 0, 0, 0", DIAG_ASM_NUMBER, "0x10000", 1 },
	{ ".insn 0, 256, 0, 0", DIAG_ASM_NUMBER, "256", 1 },
	{ ".insn 0, 0, 0", DIAG_ASM_SYNTAX, "", 1 },
	{ "0x20 0x00 0x100 0", DIAG_ASM_NUMBER, "0x100", 1 },
	{ "ja nowhere\nret a", DIAG_ASM_LABEL_UNKNOWN, "nowhere", 1 },
	{ "jeq #1, p, q\nret a", DIAG_ASM_LABEL_UNKNOWN, "p", 2 },
	{ "l: ret a\nl: ret a", DIAG_ASM_LABEL_TWICE, "l", 1 },
	{ "l: ja l", DIAG_ASM_JUMP_BACK, "l", 1 },
	{ "l: ret a\nja l", DIAG_ASM_JUMP_BACK, "l", 1 },
	{ "next: ret a", DIAG_ASM_SYNTAX, "next", 1 },
	{ "return DENY", DIAG_ASM_NAME, "DENY", 1 },
	{ "return ERRNO(65536)", DIAG_ASM_NUMBER, "65536", 1 },
	{ "return ERRNO(1", DIAG_ASM_SYNTAX, "", 1 },
	{ "A == ARCH_PDP11 ? next : next", DIAG_ASM_NAME, "ARCH_PDP11", 1 },
	{ "A == i386.opne ? next : next", DIAG_ASM_NAME, "i386.opne", 1 },
	{ "A == pdp11.open ? next : next", DIAG_ASM_NAME, "pdp11.open", 1 },
	{ "A = args[6]", DIAG_ASM_NUMBER, "6", 1 },
	{ "A = args[0] >> 16", DIAG_ASM_OPERAND, "16", 1 },
	{ "A = args_h[0] >> 32", DIAG_ASM_SYNTAX, ">>", 1 },
	{ "A == 1 ? next", DIAG_ASM_SYNTAX, "", 1 },
	{ "A % 1", DIAG_ASM_SYNTAX, "%", 1 },
	{ "if (A == 1) return A", DIAG_ASM_SYNTAX, "return", 1 },
	{ "if (X == 1) goto next", DIAG_ASM_SYNTAX, "X", 1 },
	{ "if (!A & 1) goto next", DIAG_ASM_SYNTAX, "A", 1 },
	{ "mem[0] = 5", DIAG_ASM_SYNTAX, "5", 1 },
	{ "ld é", DIAG_ASM_OPERAND, "é", 1 },
	{ "foo\nbar\nld [0]\nja baz", DIAG_ASM_MNEMONIC, "foo", 3 },
};

static void check_errors(void)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		const char *text = errors[i].text;
		struct cbpf_prog prog;
		const struct diag *d;
		struct text t;
		int r;

		text_init(&t, ARENA_DEFAULT_LIMIT);
		r = cbpf_asm(&t.arena, &t.diags, 3, str_of(text), &prog);
		d = t.diags.first;
		if (!ok(r == -EINVAL && t.diags.errors == errors[i].errors &&
				d->code == errors[i].code && d->span.file == 3 &&
				d->span.end <= strlen(text) &&
				str_is((struct str){ text + d->span.begin,
						     d->span.end - d->span.begin },
				       errors[i].at),
			"`%.*s` is refused at `%s`", line_len(text), text, errors[i].at))
			note("%d, %zu errors, %s", r, t.diags.errors, d ? d->text : "");
		arena_deinit(&t.arena);
	}
}

/* TIMES times "ld [0]" between HEAD and TAIL. */
static void put_loads(struct buf *b, const char *head, size_t times, const char *tail)
{
	buf_puts(b, head);
	while (times--)
		buf_puts(b, "ld [0]\n");
	buf_puts(b, tail);
}

static const struct {
	const char *name, *head;
	size_t times;
	const char *tail;
	enum diag_code code; /* DIAG_CODES: none */
} long_texts[] = {
	{ "a conditional jump over 255", "jeq #1, l\n", 255, "l: ret a", DIAG_CODES },
	{ "a conditional jump over 256", "jeq #1, l\n", 256, "l: ret a", DIAG_ASM_JUMP_FAR },
	{ "its other target over 256", "jeq #1, next, l\n", 256, "l: ret a", DIAG_ASM_JUMP_FAR },
	{ "a ja over 4094", "ja l\n", 4094, "l: ret a", DIAG_CODES },
	{ "4097 instructions", "ja l\n", 4095, "l: ret a", DIAG_ASM_TOO_LONG },
};

static void check_long(void)
{
	for (size_t i = 0; i < ARRAY_LEN(long_texts); i++) {
		bool refused = long_texts[i].code != DIAG_CODES;
		AUTO_BUF text = { 0 };
		struct cbpf_prog prog;
		struct text t;
		int r;

		text_init(&t, ARENA_DEFAULT_LIMIT);
		put_loads(&text, long_texts[i].head, long_texts[i].times, long_texts[i].tail);
		r = cbpf_asm(&t.arena, &t.diags, 0, (struct str){ text.data, text.size }, &prog);
		ok(refused ? r == -EINVAL && t.diags.errors == 1 &&
				     t.diags.first->code == long_texts[i].code
			   : r == 0 && prog.len == long_texts[i].times + 2,
		   "%s: %s", long_texts[i].name, refused ? "refused" : "assembled");
		arena_deinit(&t.arena);
	}
}

static void check_memory(void)
{
	AUTO_BUF text = { 0 };
	unsigned failed = 0, other = 0;
	int r = -ENOMEM;

	put_loads(&text, "k: l: jeq #1, m\n m: jeq #1, n\n n: o: p:", 2000, "ret a");
	for (size_t limit = 0; r == -ENOMEM && limit < 4 << 20; limit += 512) {
		struct cbpf_prog prog;
		struct text t;

		text_init(&t, limit);
		r = cbpf_asm(&t.arena, &t.diags, 0, (struct str){ text.data, text.size }, &prog);
		failed += r == -ENOMEM;
		other += r != -ENOMEM && r != 0;
		arena_deinit(&t.arena);
	}
	ok(r == 0 && failed > 10 && other == 0, "whenever memory runs out, the assembler says so");
}

/* ---- the listing ---- */

static const struct {
	const char *name;
	enum cbpf_order order;
	struct sock_filter insns[MAX_INSNS];
	size_t len;
	const char *text;
} listings[] = {
	{ "calls have names once the architecture is known",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(4), J(BPF_JEQ, 0xc000003e, 0, 4), LOAD(0), J(BPF_JEQ, 59, 0, 1), RET(0x50026),
	    RET(0x7fff0000), RET(0x80000000) },
	  7,
	  "L0: ld [4]                         ; arch\n"
	  "L1: jeq #0xc000003e, L2, L6        ; x86_64\n"
	  "L2: ld [0]                         ; nr\n"
	  "L3: jeq #59, L4, L5                ; execve\n"
	  "L4: ret #0x50026                   ; errno(ENOSYS)\n"
	  "L5: ret #0x7fff0000                ; allow\n"
	  "L6: ret #0x80000000                ; kill_process\n" },
	{ "where paths of two architectures meet, they have none",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(4), J(BPF_JEQ, 0xc000003e, 1, 0), J(BPF_JEQ, 0x40000003, 0, 2), LOAD(0),
	    J(BPF_JEQ, 59, 0, 0), RET(0x50026) },
	  6,
	  "L0: ld [4]                         ; arch\n"
	  "L1: jeq #0xc000003e, L3, L2        ; x86_64\n"
	  "L2: jeq #0x40000003, L3, L5        ; i386\n"
	  "L3: ld [0]                         ; nr\n"
	  "L4: jeq #59, L5, L5\n"
	  "L5: ret #0x50026                   ; errno(38)\n" },
	{ "an untested architecture gives no names",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(0), J(BPF_JEQ, 59, 0, 0), RET_A },
	  3,
	  "L0: ld [0]                         ; nr\n"
	  "L1: jeq #59, L2, L2\n"
	  "L2: ret a\n" },
	{ "a number that was changed is no call",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(4), J(BPF_JEQ, 0xc000003e, 0, 2), LOAD(0), S(BPF_ALU | BPF_AND, 255),
	    J(BPF_JEQ, 59, 0, 0), RET(0) },
	  6,
	  "L0: ld [4]                         ; arch\n"
	  "L1: jeq #0xc000003e, L2, L4        ; x86_64\n"
	  "L2: ld [0]                         ; nr\n"
	  "L3: and #255\n"
	  "L4: jeq #59, L5, L5\n"
	  "L5: ret #0                         ; kill_thread\n" },
	{ "where A differs between paths, a number is no call",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(4), J(BPF_JEQ, 0xc000003e, 0, 4), LOAD(0), J(BPF_JEQ, 59, 0, 1), LOAD(16),
	    J(BPF_JEQ, 59, 0, 0), RET(0x7fff0000) },
	  7,
	  "L0: ld [4]                         ; arch\n"
	  "L1: jeq #0xc000003e, L2, L6        ; x86_64\n"
	  "L2: ld [0]                         ; nr\n"
	  "L3: jeq #59, L4, L5                ; execve\n"
	  "L4: ld [16]                        ; arg0 low\n"
	  "L5: jeq #59, L6, L6\n"
	  "L6: ret #0x7fff0000                ; allow\n" },
	{ "words have names",
	  CBPF_LITTLE_ENDIAN,
	  { LOAD(8), LOAD(12), LOAD(16), LOAD(60), S(BPF_LD | BPF_LEN, 0) },
	  5,
	  "L0: ld [8]                         ; ip low\n"
	  "L1: ld [12]                        ; ip high\n"
	  "L2: ld [16]                        ; arg0 low\n"
	  "L3: ld [60]                        ; arg5 high\n"
	  "L4: ld #len\n" },
	{ "on big-endian the halves swap",
	  CBPF_BIG_ENDIAN,
	  { LOAD(8), LOAD(16) },
	  2,
	  "L0: ld [8]                         ; ip high\n"
	  "L1: ld [16]                        ; arg0 high\n" },
	{ "what has no spelling is written as it is",
	  CBPF_LITTLE_ENDIAN,
	  { S(0x28, 6),
	    { BPF_RET | BPF_A, 0, 0, 1 },
	    { BPF_MISC | BPF_TAX, 1, 0, 0 },
	    S(0x05, 2),
	    J(BPF_JEQ, 1, 0, 1),
	    RET_A },
	  6,
	  "L0: .insn 0x0028, 0, 0, 0x6\n"
	  "L1: .insn 0x0016, 0, 0, 0x1\n"
	  "L2: .insn 0x0007, 1, 0, 0x0\n"
	  "L3: .insn 0x0005, 0, 0, 0x2\n"
	  "L4: .insn 0x0015, 0, 1, 0x1\n"
	  "L5: ret a\n" },
};

static void check_listings(void)
{
	for (size_t i = 0; i < ARRAY_LEN(listings); i++) {
		const struct cbpf_disasm_options options = { .order = listings[i].order };
		struct sock_filter insns[MAX_INSNS];
		const struct cbpf_prog prog = { .insns = insns, .len = listings[i].len };
		AUTO_BUF out = { 0 };

		memcpy(insns, listings[i].insns, sizeof(insns));
		cbpf_disasm(&prog, &options, &out);
		if (!ok(out.size && strcmp(out.data, listings[i].text) == 0, "%s",
			listings[i].name))
			note("\n%s", out.data ? out.data : "");
	}
}

static void check_places(void)
{
	struct sock_filter insns[] = { LOAD(0), RET_A };
	struct span spans[] = { { 1, 3, 4 }, { 0, 0, 0 } };
	const struct cbpf_prog prog = { insns, 2, spans };
	struct cbpf_disasm_options options = { .order = CBPF_LITTLE_ENDIAN };
	AUTO_BUF out = { 0 };
	struct text t;

	text_init(&t, ARENA_DEFAULT_LIMIT);
	ok(sources_add(&t.sources, "we\nb.strait", str_of("a\nb c\n")) == 1, "a source is added");
	options.sources = &t.sources;
	cbpf_disasm(&prog, &options, &out);
	ok(out.size && strcmp(out.data, "L0: ld [0]                         ; nr [we?b.strait:2]\n"
					"L1: ret a\n") == 0,
	   "an instruction names its policy line, whatever the file is called");
	arena_deinit(&t.arena);
}

static const struct {
	uint32_t ret;
	const char *text;
} returns[] = {
	{ 0x7fff0000, "allow" },
	{ 0x7fff0001, "allow, data 1 ignored" },
	{ 0x7ffc0000, "log" },
	{ 0x7ff00000, "trace" },
	{ 0x7ff00007, "trace(7)" },
	{ 0x7fc00000, "notify" },
	{ 0x00050000, "errno(0)" },
	{ 0x00050001, "errno(EPERM)" },
	{ 0x00050fff, "errno(4095)" },
	{ 0x00051000, "errno(4095), from 4096" },
	{ 0x00030000, "trap" },
	{ 0x00030003, "trap(3)" },
	{ 0x00000000, "kill_thread" },
	{ 0x80000000, "kill_process" },
	{ 0x00010002, "unknown action 0x10000" },
	{ 0xffffffff, "unknown action 0xffff0000" },
};

static void check_returns(void)
{
	for (size_t i = 0; i < ARRAY_LEN(returns); i++) {
		AUTO_BUF out = { 0 };

		cbpf_describe_ret(returns[i].ret, &out);
		ok(out.size && strcmp(out.data, returns[i].text) == 0, "0x%08x is \"%s\"",
		   returns[i].ret, returns[i].text);
	}
}

int main(void)
{
	check_spellings();
	check_host_order();
	check_errors();
	check_long();
	check_memory();
	check_listings();
	check_places();
	check_returns();
	return done();
}
