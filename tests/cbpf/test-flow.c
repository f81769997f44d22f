/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program's graph of decisions goes where the interpreter goes: through the same tests, to the
 * same answer, and what a comparison is said to compare is what decides it.
 *
 * test-flow [PROGRAMS [SEED]]
 */
#include "cbpf/flow.h"

#include "gen.h"
#include "tap.h"

#define MAX_LEN 60
#define CALLS	16

struct path {
	bool visited[MAX_LEN + 1];
};

static void visit(void *user, size_t pc, uint32_t a, uint32_t x)
{
	struct path *path = user;

	(void)a, (void)x;
	path->visited[pc] = true;
}

/* Its target in the program, which was visited if it is the way that was taken. */
static bool took_yes(const struct flow *f, const struct path *path, size_t end)
{
	const struct sock_filter *insn = &f->prog->insns[end];
	size_t yes = end + 1 + insn->jt, no = end + 1 + insn->jf, first = yes < no ? yes : no;

	/* The nearer one may be passed on the way to the other, never the other way round. */
	return path->visited[first] ? first == yes : first != yes;
}

/* NULL: all is well; else what isn't. */
static const char *follow(const struct flow *f, const struct seccomp_data *data)
{
	struct path path = { { false } };
	struct cbpf_run run =
		cbpf_interp(f->prog->insns, f->prog->len, data, f->order, visit, &path);
	size_t at = f->first;

	for (;;) {
		const struct flow_node *node = &f->nodes[at];
		bool yes;

		if (node->kind == FLOW_NONE)
			return "an edge leads to no node";
		if (run.last <= node->end)
			break;
		if (node->kind == FLOW_RETURN)
			return "the graph ends too early";
		if (!path.visited[node->end])
			return "the graph passes what wasn't executed";
		yes = node->kind == FLOW_STEPS || took_yes(f, &path, node->end);
		if (flow_compares(f, at)) {
			uint32_t word = cbpf_data_word(data, node->tested.a) & node->tested.mask;

			if (flow_next(f, at, word) != (yes ? node->yes : node->no))
				return "a comparison compares something else";
		}
		at = yes ? node->yes : node->no;
	}
	/* A division by zero ends it before the node's last instruction. */
	return run.last >= at ? NULL : "the graph ends elsewhere";
}

static const char *check(uint64_t *seed, const struct cbpf_prog *prog, enum cbpf_order order)
{
	const struct cbpf_dot_options options = { .name = "x", .order = order };
	const char *wrong = NULL;
	AUTO_BUF once = { 0 };
	AUTO_BUF twice = { 0 };
	struct flow flow;

	if (flow_init(&flow, prog, order))
		return "no memory";
	for (int i = 0; i < CALLS && !wrong; i++) {
		struct seccomp_data data;

		gen_data(seed, &data);
		wrong = follow(&flow, &data);
	}
	flow_deinit(&flow);
	if (cbpf_dot(prog, &options, &once) || cbpf_dot(prog, &options, &twice))
		return "it can't be drawn";
	if (once.size != twice.size || memcmp(once.data, twice.data, once.size) != 0)
		return "two drawings of it differ";
	return wrong;
}

/* Mostly loads and comparisons, of few words: what filters are made of. */
static void gen_filter(uint64_t *seed, struct sock_filter *insns, size_t len)
{
	gen_valid(seed, insns, len);
	for (size_t i = GEN_MEMORY; i < len - 1; i++) {
		static const uint16_t codes[] = {
			BPF_LD | BPF_W | BPF_ABS,  BPF_JMP | BPF_JEQ | BPF_K,
			BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGE | BPF_K,
			BPF_JMP | BPF_JGT | BPF_K, BPF_ALU | BPF_AND | BPF_K,
			BPF_RET | BPF_K,
		};

		insns[i] = (struct sock_filter){
			.code = codes[gen_below(seed, (uint32_t)ARRAY_LEN(codes))]
		};
		gen_operand(seed, &insns[i], (uint32_t)(len - i - 1));
		if (insns[i].code == (BPF_LD | BPF_W | BPF_ABS))
			insns[i].k = 4 * gen_below(seed, 3);
		else if (BPF_CLASS(insns[i].code) == BPF_JMP)
			insns[i].jt %= 8, insns[i].jf %= 8;
	}
	for (size_t i = GEN_MEMORY; i < len - 1; i++) {
		size_t left = len - 1 - i;

		if (BPF_CLASS(insns[i].code) == BPF_JMP) {
			insns[i].jt %= left;
			insns[i].jf %= left;
		}
	}
}

static void test_laws(unsigned long programs, uint64_t seed, bool filters)
{
	const char *wrong = NULL;
	unsigned long i, drawn = 0;

	for (i = 0; i < programs && !wrong; i++) {
		struct sock_filter insns[MAX_LEN];
		struct cbpf_prog prog = { .insns = insns };
		uint64_t start = seed;
		size_t pc;

		prog.len = GEN_MEMORY + 1 + gen_below(&seed, MAX_LEN - GEN_MEMORY);
		(filters ? gen_filter : gen_valid)(&seed, insns, prog.len);
		if (cbpf_verify(insns, prog.len, &pc) != CBPF_OK)
			continue;
		drawn++;
		wrong = check(&seed, &prog, i & 1 ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN);
		if (wrong)
			note("%s: seed 0x%llx", wrong, (unsigned long long)start);
	}
	ok(!wrong && drawn > programs / 2, "%lu graphs of random %s go where the programs go",
	   drawn, filters ? "filters" : "programs");
}

/* ---- texts ---- */

static bool has(const struct sock_filter *insns, size_t len, bool each_test, const char *text)
{
	const struct cbpf_dot_options options = { .name = "a \"name\" \\ \n",
						  .order = CBPF_LITTLE_ENDIAN,
						  .each_test = each_test };
	struct cbpf_prog prog = { .insns = (struct sock_filter *)(uintptr_t)insns, .len = len };
	AUTO_BUF out = { 0 };
	bool found = cbpf_dot(&prog, &options, &out) == 0 && strstr(out.data, text);

	if (!found)
		note("%s", out.data ? out.data : "nothing");
	return found;
}

#define LD(offset)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define JEQ(k, jt, jf)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf)
#define JGE(k, jt, jf)	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, k, jt, jf)
#define JSET(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, jt, jf)
#define AND(k)		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k)
#define RET(k)		BPF_STMT(BPF_RET | BPF_K, k)
#define ALLOW		RET(0x7fff0000)
#define KILL		RET(0x80000000)

static const struct row {
	const char *sentence;
	struct sock_filter insns[12];
	bool each_test;
	const char *text;
} rows[] = {
	{ "one answer is one leaf", { ALLOW }, false, "n0 [label=\"allow\"" },
	{ "also with each test", { ALLOW }, true, "n0 [label=\"allow\"" },
	{ "a name can't end the text",
	  { ALLOW },
	  false,
	  "label=\"a \\\"name\\\" \\\\ ?: 1 instruction\"" },
	{ "a number has the call's name",
	  { LD(4), JEQ(0xc000003e, 0, 3), LD(0), JGE(59, 0, 1), ALLOW, KILL },
	  false,
	  "nr >= 59 (execve)?" },
	{ "without an architecture it has none",
	  { LD(0), JGE(59, 0, 1), ALLOW, KILL },
	  false,
	  "nr >= 59?" },
	{ "an architecture has its name",
	  { LD(4), JEQ(0xc000003e, 0, 1), ALLOW, KILL },
	  false,
	  "arch == x86_64?" },
	{ "bits are bits", { LD(32), JSET(3, 0, 1), ALLOW, KILL }, false, "arg2 low & 0x3?" },
	{ "a mask is said",
	  { LD(32), AND(3), JEQ(2, 0, 1), ALLOW, KILL },
	  false,
	  "arg2 low & 0x3 == 2?" },
	{ "comparisons of one word are one node",
	  { LD(4), JEQ(0xc000003e, 0, 5), LD(0), JEQ(0, 2, 0), JEQ(1, 1, 0), JEQ(60, 0, 1), ALLOW,
	    KILL },
	  false,
	  "n2 -> n6 [label=\"read, write, exit\"]" },
	{ "but not where each is wanted",
	  { LD(4), JEQ(0xc000003e, 0, 5), LD(0), JEQ(0, 2, 0), JEQ(1, 1, 0), JEQ(60, 0, 1), ALLOW,
	    KILL },
	  true,
	  "nr == 60 (exit)?" },
	{ "numbers in a row",
	  { LD(16), JGE(5, 0, 3), JGE(10, 2, 0), ALLOW, KILL, KILL },
	  false,
	  "[label=\"5 to 9\"]" },
	{ "a tested call names its argument",
	  { LD(4), JEQ(0xc000003e, 0, 5), LD(0), JEQ(41, 0, 3), LD(16), JEQ(1, 0, 1), ALLOW, KILL },
	  false,
	  "family (arg0) == AF_UNIX?" },
	{ "what isn't simple is listed",
	  { LD(16), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD(24), BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
	    JEQ(7, 0, 1), ALLOW, KILL },
	  false,
	  "mul x\\lA == 7?" },
	{ "an answer that is computed",
	  { LD(16), BPF_STMT(BPF_RET | BPF_A, 0) },
	  false,
	  "answers arg0 low" },
	{ "a division by zero is an answer",
	  { LD(16), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
	    ALLOW },
	  false,
	  "div x (X is 0: kill_thread)\\lallow" },
	{ "what is never reached isn't there",
	  { BPF_STMT(BPF_JMP | BPF_JA, 1), KILL, ALLOW },
	  false,
	  "=10];\n\tn2 [label=\"allow\"" },
};

static size_t length(const struct row *row)
{
	size_t len = ARRAY_LEN(row->insns);

	while (len && !row->insns[len - 1].code)
		len--;
	return len;
}

/* Of a comparison a number: as many instructions as there can be. */
static void test_longest(void)
{
	size_t len = BPF_MAXINSNS;
	struct sock_filter *insns = calloc(len, sizeof(*insns));

	if (!insns)
		abort();
	insns[0] = (struct sock_filter)LD(0);
	for (size_t i = 1; i < len - 2; i += 2) {
		insns[i] = (struct sock_filter)JEQ((uint32_t)(3 * i), 0, 1);
		insns[i + 1] = (struct sock_filter)RET(0x50000 + (uint32_t)i % 7);
	}
	insns[len - 1] = insns[len - 2] = insns[len - 3] = (struct sock_filter)ALLOW;
	ok(has(insns, len, false, "which call?"), "the longest program is drawn");
	ok(has(insns, len, true, "nr == 3?"), "also with each test");
	free(insns);
}

int main(int argc, char **argv)
{
	unsigned long programs = amount(argc > 1 ? argv[1] : NULL, 20000, 2000000);
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ok(has(rows[i].insns, length(&rows[i]), rows[i].each_test, rows[i].text), "%s",
		   rows[i].sentence);
	test_longest();
	test_laws(programs, seed, false);
	test_laws(programs, seed, true);
	return done();
}
