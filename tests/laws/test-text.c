/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random policy text, in a random layout, on every ABI: parse(fmt(x)) = parse(x), fmt(fmt(x)) =
 * fmt(x), and the program answers as the rules do and is accepted.
 *
 * test-text [TEXTS [SEED]]
 */
#include <errno.h>

#include "compile/compile.h"
#include "policy/policy.h"
#include "tap.h"

#define CALLS	   64
#define STATEMENTS 12

struct writer {
	uint64_t state;
	const struct arch *arch;
	struct buf *out;
};

/* Vigna's splitmix64. */
static uint64_t next(struct writer *w)
{
	uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned below(struct writer *w, unsigned n)
{
	return (unsigned)(next(w) % n);
}

#define PICK(w, list) ((list)[below(w, ARRAY_LEN(list))])

static const char *const blanks[] = { " ", "  ", "\t" };
/* Inside brackets a line may end anywhere. */
static const char *const gaps[] = { " ", "\n", "\n\t# why, said at length\n", "\n\n\n  " };
static const char *const actions[] = {
	"allow",   "deny",  "errno(EACCES)", "errno( 38 )", "kill",   "kill_thread",
	"trap(7)", "trace", "trace(0xffff)", "log",	    "notify", "errno(ENOSYS)",
};

static void put(struct writer *w, const char *text)
{
	buf_puts(w->out, text);
}

static void put_value(struct writer *w, unsigned bits, bool is_signed)
{
	uint64_t value = next(w) >> below(w, 64) & UINT64_MAX >> (64 - bits + is_signed);

	switch (below(w, 7)) {
	case 0:
		put(w, "LET");
		break;
	case 1:
		buf_printf(w->out, "%llu", (unsigned long long)value);
		break;
	case 2:
		buf_printf(w->out, "0%llo", (unsigned long long)value);
		break;
	case 3:
		put(w, "O_RDWR|O_CREAT");
		break;
	case 4:
		put(w, "(1 << 3) | 'c'");
		break;
	default:
		buf_printf(w->out, "0x%llX", (unsigned long long)value);
	}
}

static void put_items(struct writer *w, unsigned bits, bool is_signed)
{
	put(w, "{");
	for (unsigned n = 1 + below(w, 5); n > 0; n--) {
		put(w, PICK(w, gaps));
		if (below(w, 3))
			put_value(w, bits, is_signed);
		else
			put(w, "3..5");
		put(w, n > 1 ? "," : PICK(w, gaps));
	}
	put(w, "}");
}

static void put_test(struct writer *w, const struct arch_syscall *call)
{
	static const char *const compares[] = { "==", "!=", "<", "<=", ">", ">=" };
	int nargs = arch_nargs(w->arch, call);
	struct arch_arg arg = { .name = "arg3", .bits = 64 };

	if (nargs > 0 && below(w, 8))
		arch_arg_at(w->arch, call, (int)below(w, (unsigned)nargs), &arg);
	put(w, arg.name);
	put(w, PICK(w, blanks));
	if (arg.kind == ARCH_PTR && strcmp(arg.name, "arg3") != 0) {
		put(w, below(w, 2) ? "== NULL" : "!= NULL");
		return;
	}
	switch (below(w, 6)) {
	case 0:
		put(w, "within ");
		put_value(w, arg.bits, false);
		break;
	case 1:
		put(w, below(w, 2) ? "in " : "not in ");
		put_items(w, arg.bits, arg.is_signed);
		break;
	case 2:
		put(w, "in FEW");
		break;
	default:
		if (below(w, 3) == 0)
			put(w, "& 0xff ");
		put(w, PICK(w, compares));
		put_value(w, arg.bits, arg.is_signed);
	}
}

static void put_cond(struct writer *w, const struct arch_syscall *call, unsigned depth)
{
	switch (depth ? below(w, 5) : 4) {
	case 0:
	case 1:
		put_cond(w, call, depth - 1);
		put(w, below(w, 2) ? "&&\n" : " || ");
		put_cond(w, call, depth - 1);
		break;
	case 2:
		put(w, "! (");
		put_cond(w, call, depth - 1);
		put(w, PICK(w, gaps));
		put(w, ")");
		break;
	case 3:
		put(w, "((");
		put_cond(w, call, depth - 1);
		put(w, "))");
		break;
	default:
		put_test(w, call);
	}
}

/* A call that the ABI has. */
static const struct arch_syscall *pick_call(struct writer *w)
{
	size_t len = 0;

	while (arch_syscall_at(len))
		len++;
	for (;;) {
		const struct arch_syscall *call = arch_syscall_at(below(w, (unsigned)len));

		if (arch_syscall_nr(w->arch, call) >= 0)
			return call;
	}
}

static void put_rule(struct writer *w)
{
	const struct arch_syscall *call = pick_call(w);
	bool is_braced = below(w, 3) == 0;

	put(w, PICK(w, actions));
	put(w, PICK(w, blanks));
	if (is_braced)
		put(w, "{");
	put(w, call->name);
	if (is_braced) {
		put(w, PICK(w, gaps));
		if (below(w, 2))
			put(w, "@GROUP }");
		else
			buf_printf(w->out, "syscall(%u) not_yet? }", w->arch->nr_base + 9);
	} else if (below(w, 2)) {
		put(w, " if ");
		put_cond(w, call, 3);
	}
	put(w, below(w, 4) ? "\n" : "   # so\n");
}

static void put_policy(struct writer *w)
{
	put(w, "default  kill_process # else\n\n\nlet LET=1|2\nset FEW = {1,2 , LET}\n");
	put(w, "group @GROUP={ read,\n write?\n\n}\n");
	if (below(w, 2))
		put(w, "baseline linux 5.10\n");
	for (unsigned n = below(w, STATEMENTS); n > 0; n--) {
		if (below(w, 6) == 0) {
			buf_printf(w->out, "on %s {%s", w->arch->name, PICK(w, gaps));
			put_rule(w);
			put(w, "}\n");
		} else if (below(w, 12) == 0) {
			put(w, "include \"stdio\"\n");
		} else {
			put_rule(w);
		}
	}
}

struct reading {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
	struct cbpf_prog prog;
	int status;
};

static void begin(struct reading *r)
{
	*r = (struct reading){ 0 };
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->sources.arena = &r->arena;
	diags_init(&r->diags, &r->arena, &r->sources);
}

static void read_text(struct reading *r, const struct buf *text, const struct arch *arch)
{
	const struct policy_options options = { .arch = arch, .no_files = true };
	const struct compile_options all = { .validate = true };

	begin(r);
	r->status = policy_rules(&r->diags, &r->sources, "text",
				 (struct str){ text->data, text->size }, &options, &r->rules);
	if (!r->status)
		r->status = compile_rules(&r->arena, &r->diags, r->rules, &all, &r->prog);
}

static bool format(const struct buf *text, struct buf *out)
{
	struct reading r;
	int status;

	begin(&r);
	status = policy_format(&r.arena, &r.diags, &r.sources, "text",
			       (struct str){ text->data, text->size }, out);
	arena_deinit(&r.arena);
	return status == 0;
}

/* The same program, or the same trouble. */
static bool is_same(const struct reading *a, const struct reading *b)
{
	return a->status == b->status && a->diags.errors == b->diags.errors &&
	       a->diags.warnings == b->diags.warnings &&
	       (a->status ||
		(a->prog.len == b->prog.len &&
		 memcmp(a->prog.insns, b->prog.insns, a->prog.len * sizeof(*a->prog.insns)) == 0));
}

static bool answers(struct writer *w, const struct reading *r)
{
	size_t pc;

	if (cbpf_verify(r->prog.insns, r->prog.len, &pc) != CBPF_OK)
		return false;
	for (int i = 0; i < CALLS; i++) {
		const struct rules_abi *abi = &r->rules->abis[0];
		struct seccomp_data call = { .arch = abi->arch->audit, .nr = (int)below(w, 6000) };

		if (abi->len && below(w, 8))
			call.nr = (int)abi->entries[below(w, (unsigned)abi->len)].first;
		for (int j = 0; j < ARCH_ARGS_MAX; j++)
			call.args[j] = below(w, 3) ? below(w, 260) : next(w) >> below(w, 64);
		if (rules_eval(r->rules, &call).ret != cbpf_interp(r->prog.insns, r->prog.len,
								   &call, rules_order(r->rules),
								   NULL, NULL)
							       .ret)
			return false;
	}
	return true;
}

static struct {
	const char *law;
	size_t broken;
} laws[] = {
	{ "fmt takes every text that is read", 0 },
	{ "parse(fmt(x)) = parse(x): the same program, the same warnings", 0 },
	{ "fmt(fmt(x)) = fmt(x)", 0 },
	{ "the program is accepted and answers as the rules do", 0 },
};

/* Whether the text has no error. */
static bool check_text(struct writer *w)
{
	struct reading plain, formatted;
	AUTO_BUF text = { 0 };
	AUTO_BUF once = { 0 };
	AUTO_BUF twice = { 0 };
	bool good;

	w->out = &text;
	put_policy(w);
	read_text(&plain, &text, w->arch);
	good = plain.status == 0;
	if (!good && plain.diags.first)
		note("%s: %s", w->arch->name, plain.diags.first->text);
	if (good && !format(&text, &once))
		laws[0].broken++;
	if (once.size) {
		read_text(&formatted, &once, w->arch);
		laws[1].broken += !is_same(&plain, &formatted);
		laws[2].broken += !format(&once, &twice) || once.size != twice.size ||
				  memcmp(once.data, twice.data, once.size) != 0;
		arena_deinit(&formatted.arena);
	}
	laws[3].broken += good && !answers(w, &plain);
	arena_deinit(&plain.arena);
	return good;
}

int main(int argc, char **argv)
{
	size_t texts = amount(argc > 1 ? argv[1] : NULL, 2400, 100000), abis = 0, good = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20251125;

	while (arch_at(abis))
		abis++;
	for (size_t i = 0; i < texts; i++) {
		struct writer w = { .state = seed + i, .arch = arch_at(i % abis) };

		good += check_text(&w);
	}
	ok(good == texts, "%zu of %zu random policies for %zu ABIs have no error", good, texts,
	   abis);
	for (size_t i = 0; i < ARRAY_LEN(laws); i++)
		if (!ok(laws[i].broken == 0, "%s", laws[i].law))
			note("%zu times not; seed %llu", laws[i].broken, (unsigned long long)seed);
	return done();
}
