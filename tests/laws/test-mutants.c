/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the judge awake? Programs compiled from shipped policies and from random rules, changed by one
 * instruction: its operation, its constant by one, or the target of a jump. The prover tells each
 * from the original by a call that the interpreter confirms, or says that they are the same; then
 * they must agree on calls made of all constants of both and their neighbours.
 *
 * test-mutants [SEED [MUTANTS]]
 */
#include "compile/compile.h"

#include <errno.h>

#include "compile/gen.h"
#include "policy/policy.h"
#include "prove/prove.h"
#include "tap.h"

/* Calls on which two programs that are said to be the same are tried. */
#define SAMPLE 1000
#define POOL   4096

struct counts {
	size_t mutants, differ, same, undecided, outside;
	size_t missed; /* a witness that shows nothing, or the same but for a call */
};

struct original {
	struct cbpf_prog prog;
	enum cbpf_order order;
};

/* ---- originals ---- */

static bool compile(struct arena *arena, const struct rules *rules, struct original *out)
{
	struct sources sources = { .arena = arena };
	struct compile_options options = { .validate = true };
	struct diags diags;

	diags_init(&diags, arena, &sources);
	out->order = rules_order(rules);
	return compile_rules(arena, &diags, rules, &options, &out->prog) == 0;
}

static bool compile_shipped(struct arena *arena, const char *name, const struct arch *arch,
			    struct original *out)
{
	struct policy_options options = { .arch = arch, .no_files = true, .forced_arch = true };
	struct sources sources = { .arena = arena };
	struct str text = policy_shipped(str_of(name));
	struct diags diags;
	struct rules *rules;

	if (!memmem(text.ptr, text.len, "\ndefault", 8))
		text = str_of(arena_printf(arena, "default kill_process\n%.*s", STR_ARG(text)));
	diags_init(&diags, arena, &sources);
	return policy_rules(&diags, &sources, name, text, &options, &rules) == 0 &&
	       compile(arena, rules, out);
}

/* ---- mutants ---- */

/* Another operation of the same class, which takes the same operands as well as may be. */
static void change_operation(struct gen *g, struct sock_filter *insn)
{
	const struct cbpf_op *op;
	unsigned n = 0;

	while (cbpf_op_at(n))
		n++;
	op = cbpf_op_at(gen_below(g, n));
	if (BPF_CLASS(op->code) == BPF_CLASS(insn->code) || gen_once_in(g, 8))
		insn->code = op->code;
}

static void change_target(struct gen *g, struct sock_filter *insn)
{
	uint8_t *byte = gen_once_in(g, 2) ? &insn->jt : &insn->jf;

	if (insn->code == (BPF_JMP | BPF_JA))
		insn->k += gen_once_in(g, 2) ? 1 : UINT32_MAX;
	else if (gen_once_in(g, 3))
		*byte = (uint8_t)gen_next(g);
	else
		*byte += gen_once_in(g, 2) ? 1 : UINT8_MAX;
}

/* A changed program that the kernel would accept. */
static void mutate(struct gen *g, const struct cbpf_prog *from, struct cbpf_prog *to)
{
	size_t pc;

	do {
		struct sock_filter *insn;

		memcpy(to->insns, from->insns, from->len * sizeof(*from->insns));
		insn = &to->insns[gen_below(g, (unsigned)from->len)];
		switch (gen_below(g, 3)) {
		case 0:
			change_operation(g, insn);
			break;
		case 1:
			insn->k += gen_once_in(g, 2) ? 1 : UINT32_MAX;
			break;
		default:
			change_target(g, insn);
		}
	} while (!memcmp(to->insns, from->insns, from->len * sizeof(*from->insns)) ||
		 cbpf_verify(to->insns, to->len, &pc) != CBPF_OK);
}

/* Products, quotients, and a value of the call that is returned as it is: outside of what is always
 * decided. */
static bool is_common(const struct cbpf_prog *p)
{
	for (size_t i = 0; i < p->len; i++) {
		uint16_t code = p->insns[i].code;

		if (code == (BPF_RET | BPF_A) ||
		    (BPF_CLASS(code) == BPF_ALU &&
		     (BPF_OP(code) == BPF_MUL || BPF_OP(code) == BPF_DIV)))
			return false;
	}
	return true;
}

/* ---- the sample ---- */

struct pools {
	uint32_t values[CBPF_WORDS][POOL];
	unsigned len[CBPF_WORDS];
};

static void add_value(struct pools *p, unsigned word, uint32_t value)
{
	for (uint32_t v = value - 1; v != value + 2 && p->len[word] < POOL; v++)
		p->values[word][p->len[word]++] = v;
}

/* Each constant belongs to the word that was loaded last in the text, or to any. */
static void add_constants(struct gen *g, struct pools *p, const struct original *o,
			  const struct cbpf_prog *prog)
{
	unsigned word = CBPF_NR;

	for (size_t i = 0; i < prog->len; i++) {
		const struct sock_filter *insn = &prog->insns[i];

		if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
			word = cbpf_offset_word(insn->k, o->order);
		if (BPF_CLASS(insn->code) == BPF_RET || BPF_CLASS(insn->code) == BPF_LD)
			continue;
		add_value(p, word, insn->k);
		add_value(p, gen_below(g, CBPF_WORDS), insn->k);
	}
}

static struct seccomp_data sample_call(struct gen *g, const struct pools *p)
{
	struct seccomp_data data = { 0 };

	for (unsigned w = 0; w < CBPF_WORDS; w++)
		if (p->len[w] > 0 && !gen_once_in(g, 10))
			cbpf_data_set_word(&data, w, p->values[w][gen_below(g, p->len[w])]);
		else
			cbpf_data_set_word(&data, w, gen_word(g));
	return data;
}

static uint32_t run(const struct cbpf_prog *p, enum cbpf_order order,
		    const struct seccomp_data *data)
{
	return cbpf_interp(p->insns, p->len, data, order, NULL, NULL).ret;
}

static bool agree(struct gen *g, const struct original *o, const struct cbpf_prog *mutant)
{
	static struct pools pools;

	memset(pools.len, 0, sizeof(pools.len));
	add_constants(g, &pools, o, &o->prog);
	add_constants(g, &pools, o, mutant);
	for (int i = 0; i < SAMPLE; i++) {
		struct seccomp_data call = sample_call(g, &pools);

		if (run(&o->prog, o->order, &call) != run(mutant, o->order, &call))
			return false;
	}
	return true;
}

/* ---- judging ---- */

static void judge(struct gen *g, const struct original *o, const struct cbpf_prog *mutant,
		  struct counts *n)
{
	const struct prove_subject a = { .progs = &o->prog, .nprogs = 1 };
	const struct prove_subject b = { .progs = mutant, .nprogs = 1 };
	struct prove_result r;

	n->mutants++;
	switch (prove_compare(&a, &b, PROVE_SAME, o->order, PROVE_DEFAULT_BUDGET, &r)) {
	case PROVE_DIFFERS:
		n->differ++;
		n->missed += run(&o->prog, o->order, &r.data) == run(mutant, o->order, &r.data);
		break;
	case PROVE_EQUAL:
		n->same++;
		n->missed += !agree(g, o, mutant);
		break;
	case PROVE_UNDECIDED:
		n->undecided += is_common(mutant);
		n->outside += !is_common(mutant);
		break;
	default:
		n->missed++;
	}
}

static void check_original(struct gen *g, const struct original *o, unsigned mutants,
			   struct counts *n)
{
	struct cbpf_prog mutant = { arena_array(g->arena, o->prog.len, sizeof(*mutant.insns)),
				    o->prog.len, NULL };

	for (unsigned i = 0; mutant.insns && i < mutants; i++) {
		mutate(g, &o->prog, &mutant);
		judge(g, o, &mutant, n);
	}
}

/* The i-th original: shipped policies on all ABIs by turns, and random rules. */
static void check_case(uint64_t seed, unsigned i, struct counts *n)
{
	struct arena arena;
	struct gen g = { .state = seed, .arena = &arena };
	size_t policies = 0, archs = 0;
	struct original o;
	bool made;

	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	while (policy_shipped_at(policies))
		policies++;
	while (arch_at(archs))
		archs++;
	if (i % 2)
		made = compile(&arena, gen_rules(&g), &o);
	else
		made = compile_shipped(&arena, policy_shipped_at(i / 2 % policies),
				       arch_at(i / 2 % archs), &o);
	if (made)
		check_original(&g, &o, 20, n);
	arena_deinit(&arena);
}

int main(int argc, char **argv)
{
	bool is_long = getenv("STRAIT_TEST_LONG");
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20260101;
	unsigned mutants = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : is_long ? 200000 : 2000;
	struct counts n = { 0 };

	for (unsigned i = 0; n.mutants < mutants; i++)
		check_case(seed + i * UINT64_C(0x9e3779b97f4a7c15) + 1, i, &n);
	note("seed %llu: %zu mutants: %zu differ, %zu are the same, %zu undecided (and %zu with "
	     "products, quotients or `ret a`)",
	     (unsigned long long)seed, n.mutants, n.differ, n.same, n.undecided, n.outside);
	ok(n.missed == 0 && n.differ > n.mutants / 4 && n.same > 0,
	   "a change is shown by a call, or there is none on a dense sample");
	ok(n.undecided == 0, "none is undecided in the common fragment");
	return done();
}
