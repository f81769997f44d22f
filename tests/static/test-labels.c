/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labels and jumps: random filters of any length against a walk through their statements; how far
 * a jump reaches; that what is printed is the filter.
 */
#include "filter.h"

#include "base/diag.h"
#include "prove/gen.h"

/* ---- random statements ---- */

enum kind { ANSWER, IF, UNLESS, JUMP, LABEL, RETURN };

struct statement {
	enum kind kind;
	struct strait_condition condition;
	char name[32]; /* of the label */
	uint32_t nr, ret;
};

#define STATEMENTS 1200

static struct statement statements[STATEMENTS];
static size_t len;

static struct strait_condition random_condition(struct gen *g)
{
	uint64_t value = edges[gen_below(g, ARRAY_LEN(edges))];
	enum strait_test test = tests[gen_below(g, ARRAY_LEN(tests))].test;
	unsigned arg = gen_below(g, 6);

	switch (gen_below(g, 4)) {
	case 0:
		return strait_arg32(arg, test, (uint32_t)value);
	case 1:
		return strait_arg64(arg, test, value);
	case 2:
		return strait_masked64(arg, value, value & edges[gen_below(g, ARRAY_LEN(edges))]);
	default:
		return strait_nr(test, (long)gen_below(g, 20));
	}
}

/* Where the next label behind I is that a jump takes: near or far. */
static size_t random_target(struct gen *g, const bool *is_label, size_t i)
{
	size_t target = i + 1 + gen_below(g, (uint32_t)(len - i - 1));

	while (target < len && !is_label[target])
		target++;
	return target;
}

/* Behind a return or a jump stands a label, and the last statement returns. */
static void random_statements(struct gen *g)
{
	bool is_label[STATEMENTS] = { false };

	len = 8 + gen_below(g, gen_below(g, 3) ? 60 : STATEMENTS - 8);
	for (size_t i = 1; i < len - 1; i++)
		is_label[i] = gen_below(g, 5) == 0;
	is_label[len - 2] = true;
	for (size_t i = 0; i < len; i++) {
		struct statement *s = &statements[i];
		size_t target = i < len - 2 ? random_target(g, is_label, i) : len;

		*s = (struct statement){ .nr = gen_below(g, 20), .ret = SECCOMP_RET_TRAP };
		s->ret |= (uint32_t)i;
		s->condition = random_condition(g);
		if (is_label[i])
			target = i;
		snprintf(s->name, sizeof(s->name), "label %zu", target);
		if (i == len - 1)
			s->kind = RETURN;
		else if (is_label[i])
			s->kind = LABEL;
		else if (is_label[i + 1] && gen_below(g, 2))
			s->kind = target < len && gen_below(g, 2) ? JUMP : RETURN;
		else
			s->kind = target == len ? ANSWER : gen_below(g, 2) ? IF : UNLESS;
	}
}

static void build(struct strait_static *f)
{
	strait_static_validate_arch(f, FOREIGN);
	for (size_t i = 0; i < len; i++) {
		const struct statement *s = &statements[i];

		if (s->kind == ANSWER)
			strait_static_answer(f, s->nr, s->ret);
		else if (s->kind == IF)
			strait_static_if(f, s->condition, s->name);
		else if (s->kind == UNLESS)
			strait_static_unless(f, s->condition, s->name);
		else if (s->kind == JUMP)
			strait_static_jump(f, s->name);
		else if (s->kind == LABEL)
			strait_static_label(f, s->name);
		else
			strait_static_return(f, s->ret);
	}
}

static size_t label_at(const char *name)
{
	size_t i = 0;

	while (statements[i].kind != LABEL || strcmp(statements[i].name, name) != 0)
		i++;
	return i;
}

static uint32_t walk(const struct seccomp_data *data)
{
	for (size_t i = 0; i < len; i++) {
		const struct statement *s = &statements[i];
		bool jumps = s->kind == JUMP || (s->kind == IF && holds(&s->condition, data)) ||
			     (s->kind == UNLESS && !holds(&s->condition, data));

		if (s->kind == RETURN || (s->kind == ANSWER && s->nr == (uint32_t)data->nr))
			return s->ret;
		if (jumps)
			i = label_at(s->name);
	}
	return 0;
}

static struct seccomp_data random_call(struct gen *g)
{
	struct seccomp_data data = { .nr = (int)gen_below(g, 20), .arch = STRAIT_STATIC_ARCH };

	for (unsigned i = 0; i < 6; i++)
		data.args[i] = edges[gen_below(g, ARRAY_LEN(edges))] + gen_below(g, 3) - 1;
	return data;
}

static bool has_long_jump(const struct strait_static *f)
{
	for (unsigned i = 0; i < f->len; i++)
		if (f->insns[i].code == (BPF_JMP | BPF_JA) && f->insns[i].k > 255)
			return true;
	return false;
}

static void test_random(struct gen *g)
{
	unsigned wrong = 0, total = 400, far = 0, longest = 0;

	for (unsigned i = 0; i < total; i++) {
		STRAIT_STATIC(f, BPF_MAXINSNS);

		random_statements(g);
		build(&f);
		if (strait_static_resolve(&f) == -E2BIG)
			continue;
		if (f.error || !verifies(&f)) {
			note("%zu statements: %s", len, strait_static_explain(&f, -EINVAL));
			wrong++;
			continue;
		}
		far += has_long_jump(&f);
		longest = f.len > longest ? f.len : longest;
		for (unsigned j = 0; j < 200; j++) {
			struct seccomp_data data = random_call(g);

			wrong += answer(&f, &data) != walk(&data);
		}
	}
	ok(wrong == 0 && far > 50 && longest > 2000,
	   "%s: %u random filters, %u with long jumps, the longest of %u instructions, answer as "
	   "their statements do, seed %" PRIu64,
	   MACHINE, total, far, longest, g->seed);
}

/* ---- reach ---- */

/* Fills up to the filter's LEN instructions. */
static void fill(struct strait_static *f, unsigned up_to)
{
	while (!f->error && f->len + 2 <= up_to)
		strait_static_answer(f, 1000, NO);
}

/* A test of 64 bits that jumps over FILLING instructions from three of its own, either way. */
static void test_reach_of(unsigned filling, bool jump_if)
{
	struct strait_condition c = strait_arg64(3, STRAIT_GE, 0x500000007);
	unsigned wrong = 0;

	STRAIT_STATIC(f, 600);

	strait_static_validate_arch(&f, FOREIGN);
	if (jump_if)
		strait_static_if(&f, c, "far");
	else
		strait_static_unless(&f, c, "far");
	strait_static_if(&f, strait_nr(STRAIT_EQ, 5), "farther");
	fill(&f, f.len + filling);
	if (filling % 2)
		strait_static_return(&f, NO);
	else
		strait_static_answer(&f, 1001, NO);
	strait_static_label(&f, "farther");
	strait_static_return(&f, NO);
	strait_static_label(&f, "far");
	strait_static_return(&f, YES);
	if (strait_static_resolve(&f) != 0 || !verifies(&f))
		wrong = 1000;
	for (uint64_t v = 0; !f.error && v < 9; v++) {
		struct seccomp_data data = { .nr = 5, .arch = STRAIT_STATIC_ARCH };

		data.args[3] = (v / 3 + 4) << 32 | (v % 3 + 6);
		wrong += answer(&f, &data) != (holds(&c, &data) == jump_if ? YES : NO);
	}
	ok(wrong == 0, "%s: a %s over %u instructions and more is right, with %u in all", MACHINE,
	   jump_if ? "test" : "negated test", filling, f.len);
}

static unsigned count_ja(const struct strait_static *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->len; i++)
		n += f->insns[i].code == (BPF_JMP | BPF_JA);
	return n;
}

/* The jump's target is DISTANCE behind the instruction after it. */
static void test_limit(unsigned distance, unsigned room, int error, unsigned long_jumps)
{
	struct sock_filter insns[700];
	struct strait_static_mark marks[700];
	struct strait_static f;
	int got;

	strait_static_init(&f, insns, marks, room);
	strait_static_validate_arch(&f, FOREIGN);
	strait_static_if_call(&f, 5, "far away");
	fill(&f, f.len + distance - 1);
	strait_static_return(&f, NO);
	strait_static_label(&f, "far away");
	strait_static_return(&f, YES);
	got = strait_static_resolve(&f);
	ok(got == error && (error || count_ja(&f) == long_jumps),
	   "%s: a label %u away with room for %u instructions: %s", MACHINE, distance, room,
	   strait_static_explain(&f, got));
	if (error)
		ok(strstr(f.message, "\"far away\"") != NULL, "%s: ... names the label", MACHINE);
}

/* 600 jumps from as many places to labels that come in the other order, each with its answer. */
static void test_many(void)
{
	static char names[600][8];
	unsigned wrong = 0;

	STRAIT_STATIC(f, BPF_MAXINSNS);

	strait_static_validate_arch(&f, FOREIGN);
	for (unsigned i = 0; i < 600; i++) {
		snprintf(names[i], sizeof(names[i]), "%u", i);
		strait_static_if_call(&f, (long)i, names[i]);
	}
	strait_static_return(&f, NO);
	for (unsigned i = 600; i-- > 0;) {
		strait_static_label(&f, names[i]);
		strait_static_return(&f, SECCOMP_RET_TRACE | i);
	}
	wrong += strait_static_resolve(&f) != 0 || !verifies(&f);
	for (unsigned i = 0; !wrong && i <= 600; i++) {
		struct seccomp_data data = { .nr = (int)i, .arch = STRAIT_STATIC_ARCH };

		wrong += answer(&f, &data) != (i < 600 ? (SECCOMP_RET_TRACE | i) : NO);
	}
	ok(wrong == 0, "%s: 600 labels in the reverse order of the jumps to them, %u instructions",
	   MACHINE, f.len);
}

/* Two labels at one place, a label that nothing jumps to, equal texts at different addresses. */
static void test_names(void)
{
	char here[] = "same", there[] = "same";
	unsigned wrong = 0;

	STRAIT_STATIC(f, 32);

	strait_static_validate_arch(&f, FOREIGN);
	strait_static_if_call(&f, 3, here);
	strait_static_if_call(&f, 4, "other");
	strait_static_return(&f, NO);
	strait_static_label(&f, "unused");
	strait_static_label(&f, there);
	strait_static_label(&f, "other");
	strait_static_return(&f, YES);
	wrong += strait_static_resolve(&f) != 0;
	for (int nr = 2; !wrong && nr < 6; nr++) {
		struct seccomp_data data = { .nr = nr, .arch = STRAIT_STATIC_ARCH };

		wrong += answer(&f, &data) != (nr == 3 || nr == 4 ? YES : NO);
	}
	ok(wrong == 0, "%s: three labels at one place, one of them unused, names are texts",
	   MACHINE);
}

/* ---- print ---- */

static void test_print(struct gen *g)
{
	unsigned wrong = 0, total = 100;

	for (unsigned i = 0; i < total; i++) {
		struct cbpf_prog prog;
		struct sources sources = { 0 };
		struct diags diags;
		struct arena arena;
		char *text = NULL;
		size_t size;
		FILE *out;

		STRAIT_STATIC(f, BPF_MAXINSNS);

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		sources.arena = &arena;
		diags_init(&diags, &arena, &sources);
		random_statements(g);
		build(&f);
		out = open_memstream(&text, &size);
		if (strait_static_print(&f, out) == 0) {
			fclose(out);
			wrong += cbpf_asm(&arena, &diags, 0, (struct str){ text, size }, &prog) ||
				 prog.len != f.len ||
				 memcmp(prog.insns, f.insns, f.len * sizeof(*f.insns)) != 0;
		} else {
			fclose(out);
			wrong += f.error != -E2BIG;
		}
		free(text);
		arena_deinit(&arena);
	}
	ok(wrong == 0, "%s: %u random filters, printed and assembled, are the same", MACHINE,
	   total);
}

static void test_print_text(void)
{
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof(text) - 1, "w");

	STRAIT_STATIC(f, 16);

	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	strait_static_unless(&f, strait_masked64(2, 0xf000000ff, 0x12), "two\nlines");
	strait_static_return(&f, SECCOMP_RET_ERRNO | 13);
	strait_static_label(&f, "two\nlines");
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	ok(strait_static_print(&f, out) == 0, "%s: a filter is printed", MACHINE);
	fclose(out);
	ok(strstr(text, "; arg2 high\n") && strstr(text, "; arg2 low\n") &&
		   strstr(text, "; arg2 high") < strstr(text, "; arg2 low") &&
		   strstr(text, STRAIT_STATIC_BIG_ENDIAN ? "ld [32]\t; arg2 high"
							 : "ld [36]\t; arg2 high"),
	   "%s: ... with the names of the halves, wherever they are", MACHINE);
	ok(strstr(text, "\n; two?lines:\n") && strstr(text, "errno(13)"),
	   "%s: ... with labels and actions", MACHINE);
}

int main(void)
{
	struct gen g = gen_new(20);

	test_random(&g);
	for (unsigned filling = 244; filling < 264; filling++) {
		test_reach_of(filling, true);
		test_reach_of(filling, false);
	}
	test_limit(255, 700, 0, 0);
	test_limit(257, 700, 0, 1);
	test_limit(257, 265 - 2 * STRAIT_STATIC_BIG_ENDIAN, -E2BIG, 0);
	test_limit(257, 266 - 2 * STRAIT_STATIC_BIG_ENDIAN, 0, 1);
	test_many();
	test_names();
	test_print(&g);
	test_print_text();
	return done();
}
