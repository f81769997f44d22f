/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said of rules, as laws over random policies: all rules that are called superfluous can go
 * at once and the meaning stays, and none of those that are left can.
 */
#include "lint/lint.h"

#include <errno.h>

#include "compile/compile.h"
#include "policy/policy.h"
#include "tap.h"

#define LINES_MAX 12

struct gen {
	uint64_t state;
};

/* splitmix64 */
static uint32_t below(struct gen *g, uint32_t n)
{
	uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32) % n;
}

static void put_test(struct gen *g, struct buf *out)
{
	static const char *const args[] = { "fd", "cmd" };
	static const char *const cmps[] = { "==", "!=", "<", ">=", "> 1 && fd <", "& 3 ==" };

	buf_printf(out, "%s %s %u", args[below(g, 2)], cmps[below(g, ARRAY_LEN(cmps))],
		   below(g, 5));
}

static void put_rule(struct gen *g, struct buf *out)
{
	static const char *const actions[] = { "allow", "deny", "kill_process" };
	static const char *const calls[] = { "ioctl", "fcntl" };

	buf_printf(out, "%s %s", actions[below(g, ARRAY_LEN(actions))],
		   calls[below(g, ARRAY_LEN(calls))]);
	for (unsigned n = 0, len = below(g, 3); n < len; n++) {
		buf_puts(out, n == 0 ? " if " : below(g, 2) ? " && " : " || ");
		put_test(g, out);
	}
	buf_putc(out, '\n');
}

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags said, found;
	struct rules *rules;
	struct cbpf_prog prog;
	int status; /* of lint_stack() */
};

static bool begin(struct reading *r, const char *text)
{
	const struct policy_options options = { .arch = arch_by_name(str_of("x86_64")),
						.no_files = true };
	struct lint_filter filter = { .said = &r->said, .diags = &r->found };

	*r = (struct reading){ 0 };
	filter.prog = &r->prog;
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->sources.arena = &r->arena;
	diags_init(&r->said, &r->arena, &r->sources);
	diags_init(&r->found, &r->arena, &r->sources);
	if (policy_rules(&r->said, &r->sources, "random", str_of(text), &options, &r->rules) != 0 ||
	    compile_rules(&r->arena, &r->said, r->rules, &(struct compile_options){ 0 },
			  &r->prog) != 0)
		return false;
	filter.rules = r->rules;
	r->status = lint_stack(&r->arena, &filter, 1, CBPF_LITTLE_ENDIAN, NULL);
	return true;
}

static bool is_in(const struct diags *d, struct span span)
{
	static const enum diag_code codes[] = { DIAG_UNREACHABLE, DIAG_DUPLICATE_RULE,
						DIAG_LINT_UNREACHABLE, DIAG_LINT_REDUNDANT,
						DIAG_LINT_DEFAULT };

	for (const struct diag *i = d->first; i; i = i->next)
		for (size_t n = 0; n < ARRAY_LEN(codes); n++)
			if (i->code == codes[n] && i->span.begin == span.begin)
				return true;
	return false;
}

/* Is the rule superfluous, by what was said, or because its condition never holds? */
static bool is_superfluous(const struct reading *r, struct prove_space *space,
			   const struct rules_entry *e)
{
	return is_in(&r->said, e->target) || is_in(&r->found, e->target) ||
	       (e->cond && prove_cond(space, e->cond) == PROVE_FALSE);
}

/* The meaning of the rules that are left without those called superfluous and without number SKIP.
 */
static prove_fn meaning(struct reading *r, struct prove_space *space, bool all, size_t skip)
{
	struct rules *left = rules_new(&r->arena);
	const struct rules_abi *abi = &r->rules->abis[0];
	prove_fn fn = PROVE_FALSE;
	int error = rules_add_abi(left, abi->arch);

	left->otherwise = r->rules->otherwise;
	left->foreign = r->rules->foreign;
	for (size_t i = 0; i < abi->len && !error; i++)
		if (i != skip && (all || !is_superfluous(r, space, &abi->entries[i])))
			error = rules_add(left, 0, &abi->entries[i]);
	return error || prove_rules(space, left, &fn) != 0 ? PROVE_FALSE : fn;
}

static void test_superfluous(struct gen *g)
{
	unsigned wrong = 0, missed = 0, said = 0, kept = 0, total = 1000;

	for (unsigned i = 0; i < total; i++) {
		AUTO_BUF text = { 0 };
		struct prove_space *space;
		struct reading r;
		prove_fn whole, rest;
		bool good;

		buf_puts(&text, below(g, 2) ? "default deny\n" : "default allow\n");
		for (unsigned n = below(g, LINES_MAX); n-- > 0;)
			put_rule(g, &text);
		good = begin(&r, text.data);
		space = prove_space_new(&r.arena, PROVE_DEFAULT_BUDGET);
		wrong += !good || r.status != 0;
		whole = meaning(&r, space, true, SIZE_MAX);
		rest = meaning(&r, space, false, SIZE_MAX);
		if (whole != rest) {
			wrong++;
			note("%s", text.data);
		}
		for (size_t n = 0; n < r.rules->abis[0].len; n++) {
			if (is_superfluous(&r, space, &r.rules->abis[0].entries[n])) {
				said++;
				continue;
			}
			kept++;
			missed += meaning(&r, space, false, n) == whole;
		}
		arena_deinit(&r.arena);
	}
	ok(wrong == 0, "all that is called superfluous can go: %u random policies, %u rules", total,
	   said);
	ok(missed == 0 && said > total && kept > total, "none of the %u others can", kept);
}

/* Whatever the memory, the answer is there or -ENOMEM. */
static void test_memory(void)
{
	static const char text[] = "default allow\ndeny ptrace\ndeny ioctl if arg1 == 5\n"
				   "deny close if fd < 4 || fd >= 4\ndeny close\n";
	unsigned wrong = 0, enough = 0;

	for (size_t limit = 1 << 12; enough < 3; limit += limit / 4) {
		struct reading r;
		struct lint_filter filter = { .diags = &r.found };
		struct arena arena;
		int status;

		if (!begin(&r, text)) {
			wrong++;
			break;
		}
		arena_init(&arena, limit);
		diags_init(&r.found, &arena, &r.sources);
		filter.prog = &r.prog;
		filter.rules = r.rules;
		status = lint_stack(&arena, &filter, 1, CBPF_LITTLE_ENDIAN, NULL);
		wrong += status != 0 && status != -ENOMEM;
		wrong += status == 0 && diags_len(&r.found) < 4;
		enough += status == 0;
		arena_deinit(&arena);
		arena_deinit(&r.arena);
	}
	ok(wrong == 0, "out of memory is said, never half of the findings");
}

int main(int argc, char **argv)
{
	struct gen g = { argc > 1 ? strtoull(argv[1], NULL, 0) : 20260303 };

	test_superfluous(&g);
	test_memory();
	return done();
}
