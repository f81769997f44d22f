/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: made from policies, raw programs and assembler text; written as raw programs, assembler
 * text and C. */
#include <strait/filter.h>

#include "api/handles.h"
#include "compile/compile.h"
#include "prove/prove.h"

#include <ctype.h>
#include <errno.h>

struct strait_filter *filter_new(const char *name, enum cbpf_order order)
{
	struct strait_filter *filter = calloc(1, sizeof(*filter));

	if (!filter)
		return NULL;
	arena_init(&filter->arena, ARENA_DEFAULT_LIMIT);
	filter->order = order;
	filter->name = arena_strndup(&filter->arena, name, strlen(name));
	if (!filter->name) {
		strait_filter_free(filter);
		return NULL;
	}
	return filter;
}

void strait_filter_free(struct strait_filter *filter)
{
	if (!filter)
		return;
	strait_policy_free(filter->policy);
	arena_deinit(&filter->arena);
	free(filter);
}

/* Hands a filter out if all went well. */
static int finish(struct strait_filter *filter, int error, struct strait_filter **out)
{
	if (error)
		strait_filter_free(filter);
	else
		*out = filter;
	return error;
}

static enum cbpf_order order_private(enum strait_order order)
{
	if (order == STRAIT_ORDER_NATIVE)
		return CBPF_HOST_ORDER;
	return order == STRAIT_ORDER_BIG ? CBPF_BIG_ENDIAN : CBPF_LITTLE_ENDIAN;
}

/* ---- making one ---- */

static void report_difference(const struct strait_filter *filter, const struct prove_result *result,
			      struct strait_report *report)
{
	AUTO_BUF call = { 0 };
	AUTO_BUF said = { 0 };
	AUTO_BUF done = { 0 };

	call_describe(&result->data, CALL_ARGS_ALL, &call);
	cbpf_describe_ret(result->a_ret, &said);
	cbpf_describe_ret(result->b_ret, &done);
	report_error(report, DIAG_NOT_EQUAL,
		     "strait has a bug: '%s' says %s to %s, its program %s; nothing was made of it",
		     filter->name, said.data ? said.data : "?", call.data ? call.data : "?",
		     done.data ? done.data : "?");
}

int filter_prove(const struct strait_filter *filter, size_t nodes, struct strait_report *report)
{
	struct prove_result result;
	int outcome = prove_compiled(filter->policy->rules, &filter->prog, nodes, &result);

	if (outcome <= 0)
		return outcome;
	if (outcome == PROVE_DIFFERS)
		report_difference(filter, &result, report);
	else
		report_error(report, DIAG_PROOF_LIMIT,
			     "nothing was made of '%s': the proof that its program means what it "
			     "says takes more than %zu nodes; --proof-nodes (proof_nodes in struct "
			     "strait_compile_options) allows more",
			     filter->name, nodes);
	return -EINVAL;
}

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_WEIGH_EXECUTED, COMPILE_WEIGH_EXECUTED);
SAME(STRAIT_WEIGH_ALL, COMPILE_WEIGH_ALL);

/* Names that no ABI knows don't count. 0 or -ENOMEM. */
static int compile_options(struct arena *arena, const struct strait_compile_options *from,
			   struct compile_options *to)
{
	struct compile_count *counts = arena_array(arena, from->ncounts + 1, sizeof(*counts));
	size_t n = 0;

	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < from->ncounts; i++) {
		counts[n].call = arch_syscall_by_name(str_of(from->counts[i].name));
		counts[n].count = from->counts[i].count;
		n += counts[n].call != NULL;
	}
	*to = (struct compile_options){
		.quick = from->flags & STRAIT_COMPILE_QUICK,
		.small = from->flags & STRAIT_COMPILE_SMALL,
		.weigh = (enum compile_weigh)from->weigh,
		.counts = counts,
		.ncounts = n,
	};
	return 0;
}

int strait_filter_compile(struct strait_policy *policy,
			  const struct strait_compile_options *options,
			  struct strait_report *report, struct strait_filter **out)
{
	struct strait_compile_options taken;
	struct compile_options compile;
	struct strait_filter *filter;
	struct diags diags;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	filter = filter_new(policy->name, rules_order(policy->rules));
	if (!filter)
		return -ENOMEM;
	filter->policy = policy_share(policy);
	diags_init(&diags, &filter->arena, &policy->sources);
	error = compile_options(&filter->arena, &taken, &compile);
	if (!error)
		error = compile_rules(&filter->arena, &diags, policy->rules, &compile,
				      &filter->prog);
	report_collect(report, &diags);
	if (!error && !(taken.flags & STRAIT_COMPILE_UNPROVEN))
		error = filter_prove(
			filter, taken.proof_nodes ? taken.proof_nodes : STRAIT_PROOF_NODES, report);
	return finish(filter, error, out);
}

int strait_filter_from_raw(const char *name, const void *bytes, size_t size,
			   enum strait_order order, struct strait_report *report,
			   struct strait_filter **out)
{
	struct strait_filter *filter = filter_new(name, order_private(order));
	int error;

	if (!filter)
		return -ENOMEM;
	error = cbpf_from_raw(&filter->arena, bytes, size, filter->order, &filter->prog);
	if (error == -EINVAL)
		report_error(
			report, DIAG_RAW_SIZE,
			"'%s' has %zu bytes, which is no multiple of the eight of an instruction: "
			"it is no raw program, or a truncated one",
			name, size);
	else if (error == -E2BIG)
		report_error(report, DIAG_RAW_LEN,
			     "'%s' has %zu instructions; the kernel takes %d at most", name,
			     size / sizeof(struct sock_filter), BPF_MAXINSNS);
	return finish(filter, error, out);
}

int strait_filter_from_asm(const char *name, const char *text, size_t size, enum strait_order order,
			   struct strait_report *report, struct strait_filter **out)
{
	int error = text_check(name, (struct str){ text, size }, report);
	struct strait_filter *filter;
	struct sources sources;
	struct diags diags;
	uint32_t file;

	if (error)
		return error;
	filter = filter_new(name, order_private(order));
	if (!filter)
		return -ENOMEM;
	sources = (struct sources){ .arena = &filter->arena };
	diags_init(&diags, &filter->arena, &sources);
	file = sources_add(&sources, filter->name, (struct str){ text, size });
	error = file ? cbpf_asm(&filter->arena, &diags, file, (struct str){ text, size },
				&filter->prog)
		     : -ENOMEM;
	report_collect(report, &diags);
	filter->prog.spans = NULL; /* they point into the caller's text */
	return finish(filter, error, out);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Policy text has no NUL byte; a program has one in each opcode's upper half, or the kernel
 * wouldn't know the opcode. */
static enum strait_form guess_form(const char *name, const void *bytes, size_t size)
{
	static const struct {
		const char *end;
		enum strait_form form;
	} endings[] = {
		{ ".bpf", STRAIT_FORM_RAW },
		{ ".asm", STRAIT_FORM_ASM },
		{ ".strait", STRAIT_FORM_POLICY },
	};

	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (ends_with(name, endings[i].end))
			return endings[i].form;
	return size && memchr(bytes, 0, size) ? STRAIT_FORM_RAW : STRAIT_FORM_POLICY;
}

static int read_policy(const char *name, const void *bytes, size_t size,
		       const struct strait_read_options *options, struct strait_report *report,
		       struct strait_filter **out)
{
	struct strait_policy *policy;
	int error = strait_policy_read_text(name, bytes, size, options->policy, report, &policy);

	if (error)
		return error;
	error = strait_filter_compile(policy, options->compile, report, out);
	strait_policy_free(policy);
	return error;
}

int strait_filter_read(const char *name, const void *bytes, size_t size,
		       const struct strait_read_options *options, struct strait_report *report,
		       struct strait_filter **out)
{
	struct strait_read_options taken;
	int error = options_in(&taken, sizeof(taken), options);

	if (error)
		return error;
	if (taken.form == STRAIT_FORM_GUESS)
		taken.form = guess_form(name, bytes, size);
	switch (taken.form) {
	case STRAIT_FORM_RAW:
		return strait_filter_from_raw(name, bytes, size, taken.order, report, out);
	case STRAIT_FORM_ASM:
		return strait_filter_from_asm(name, bytes, size, taken.order, report, out);
	case STRAIT_FORM_POLICY:
		return read_policy(name, bytes, size, &taken, report, out);
	default:
		return -EINVAL;
	}
}

int strait_filter_read_file(const char *path, const struct strait_read_options *options,
			    struct strait_report *report, struct strait_filter **out)
{
	AUTO_BUF bytes = { 0 };
	int error = file_read(path, report, &bytes);

	if (error)
		return error;
	return strait_filter_read(path, bytes.data, bytes.size, options, report, out);
}

/* ---- looking at it ---- */

const char *strait_filter_name(const struct strait_filter *filter)
{
	return filter->name;
}

const struct strait_policy *strait_filter_policy(const struct strait_filter *filter)
{
	return filter->policy;
}

enum strait_order strait_filter_order(const struct strait_filter *filter)
{
	return filter->order == CBPF_BIG_ENDIAN ? STRAIT_ORDER_BIG : STRAIT_ORDER_LITTLE;
}

const struct sock_filter *strait_filter_insns(const struct strait_filter *filter, size_t *len)
{
	if (len)
		*len = filter->prog.len;
	return filter->prog.insns;
}

int strait_filter_place(const struct strait_filter *filter, size_t pc, const char **file,
			unsigned *line)
{
	struct place place;

	if (!filter->policy || !filter->prog.spans || pc >= filter->prog.len ||
	    !sources_place(&filter->policy->sources, filter->prog.spans[pc], &place))
		return -ENOENT;
	*file = place.file;
	*line = place.line;
	return 0;
}

int strait_filter_verify(const struct strait_filter *filter, size_t *pc, char **why)
{
	enum cbpf_reason reason = cbpf_verify(filter->prog.insns, filter->prog.len, pc);
	AUTO_BUF text = { 0 };

	if (reason == CBPF_OK)
		return 0;
	if (!why)
		return 1;
	cbpf_verify_explain(filter->prog.insns, filter->prog.len, reason, *pc, &text);
	return buf_finish(&text, why, NULL) ? -ENOMEM : 1;
}

int filter_check(const struct strait_filter *filter, enum cbpf_order order,
		 struct strait_report *report)
{
	AUTO(free) char *why = NULL;
	size_t pc = 0;
	int refused = strait_filter_verify(filter, &pc, &why);

	if (refused < 0)
		return refused;
	if (refused) {
		report_error(report, DIAG_NOT_ACCEPTED, "the kernel would not accept '%s': %s",
			     filter->name, why);
		return -EINVAL;
	}
	if (filter->order != order) {
		report_error(report, DIAG_WRONG_ORDER, "'%s' is for %s-endian machines",
			     filter->name, filter->order == CBPF_BIG_ENDIAN ? "big" : "little");
		return -EINVAL;
	}
	return 0;
}

int filter_stack(struct arena *arena, const struct strait_filter *const *stack, size_t len,
		 enum cbpf_order order, struct strait_report *report,
		 const struct cbpf_prog *const **progs)
{
	const struct cbpf_prog **all = arena_array(arena, len, sizeof(*all));
	int error;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		error = filter_check(stack[i], order, report);
		if (error)
			return error;
		all[i] = &stack[i]->prog;
		if (engine_can_attach(all, i, all[i])) {
			report_error(
				report, DIAG_CHAIN_LIMIT,
				"the kernel would not accept '%s' above the %zu filters before "
				"it: together they have too many instructions",
				stack[i]->name, i);
			return -EINVAL;
		}
	}
	*progs = all;
	return 0;
}

/* ---- writing it ---- */

int strait_filter_raw(const struct strait_filter *filter, char **out, size_t *size)
{
	AUTO_BUF raw = { 0 };

	cbpf_to_raw(&filter->prog, filter->order, &raw);
	return buf_finish(&raw, out, size);
}

int strait_filter_disasm(const struct strait_filter *filter, char **out, size_t *size)
{
	struct cbpf_disasm_options options = {
		.order = filter->order,
		.sources = filter->policy ? &filter->policy->sources : NULL,
	};
	AUTO_BUF text = { 0 };

	cbpf_disasm(&filter->prog, &options, &text);
	return buf_finish(&text, out, size);
}

int strait_filter_disasm_at(const struct strait_filter *filter, size_t pc, char **out)
{
	AUTO_BUF text = { 0 };

	if (pc >= filter->prog.len)
		return -ENOENT;
	cbpf_disasm_insn(&filter->prog.insns[pc], pc, &text);
	return buf_finish(&text, out, NULL);
}

static bool is_identifier(const char *symbol)
{
	if (!isalpha((unsigned char)*symbol) && *symbol != '_')
		return false;
	for (const char *c = symbol; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return false;
	return true;
}

/* Text inside a C comment: nothing that could end the comment or the line. */
static void put_comment(struct buf *out, const char *text)
{
	for (const char *c = text; *c; c++)
		buf_putc(out, *c < ' ' || *c > '~' || *c == '*' || *c == '\\' ? '?' : *c);
}

static void put_c_head(const struct strait_filter *filter, struct buf *out)
{
	const char *order = filter->order == CBPF_BIG_ENDIAN ? "BIG" : "LITTLE";

	buf_puts(out, "/* ");
	put_comment(out, filter->name);
	for (size_t i = 0; filter->policy && i < filter->policy->rules->len; i++)
		buf_printf(out, "%s%s", i ? ", " : " for ",
			   filter->policy->rules->abis[i].arch->name);
	buf_printf(out,
		   ": %zu instructions, made by strait " STRAIT_VERSION ". */\n"
		   "#include <linux/filter.h>\n\n"
		   "#if __BYTE_ORDER__ != __ORDER_%s_ENDIAN__\n"
		   "#error \"this filter is for machines of the other byte order\"\n"
		   "#endif\n\n",
		   filter->prog.len, order);
}

static void put_c_insn(const struct strait_filter *filter, size_t pc, struct buf *out)
{
	const struct sock_filter *insn = &filter->prog.insns[pc];
	AUTO_BUF text = { 0 };

	cbpf_disasm_insn(insn, pc, &text);
	buf_printf(out, "\t{ 0x%02x, %3u, %3u, 0x%08x }, /* %4zu: ", insn->code, insn->jt, insn->jf,
		   insn->k, pc);
	if (text.data)
		put_comment(out, text.data);
	buf_puts(out, " */\n");
	out->failed |= text.failed;
}

int strait_filter_c(const struct strait_filter *filter, const char *symbol, char **out,
		    size_t *size)
{
	AUTO_BUF text = { 0 };

	if (!is_identifier(symbol))
		return -EINVAL;
	put_c_head(filter, &text);
	buf_printf(&text, "static const struct sock_filter %s_insns[] = {\n", symbol);
	for (size_t pc = 0; pc < filter->prog.len; pc++)
		put_c_insn(filter, pc, &text);
	buf_printf(&text,
		   "};\n\n/* For prctl(2) and seccomp(2), which only read the instructions. */\n"
		   "__attribute__((unused)) static const struct sock_fprog %s_prog = {\n"
		   "\tsizeof(%s_insns) / sizeof(%s_insns[0]),\n"
		   "\t(struct sock_filter *)%s_insns,\n};\n",
		   symbol, symbol, symbol, symbol);
	return buf_finish(&text, out, size);
}

int strait_filter_dot(const struct strait_filter *filter, unsigned flags,
		      struct strait_report *report, char **out, size_t *size)
{
	const struct cbpf_dot_options options = {
		.name = filter->name,
		.order = filter->order,
		.sources = filter->policy ? &filter->policy->sources : NULL,
		.each_test = flags & STRAIT_DOT_EACH_TEST,
	};
	AUTO_BUF text = { 0 };
	int error;

	if (flags & ~STRAIT_DOT_EACH_TEST)
		return -EINVAL;
	error = filter_check(filter, filter->order, report);
	if (!error)
		error = cbpf_dot(&filter->prog, &options, &text);
	return error ? error : buf_finish(&text, out, size);
}
