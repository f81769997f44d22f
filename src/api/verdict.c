/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An answer in words: the call as a person writes it, the statement that decided, and the rule that
 * would have allowed it. Such a rule is never guessed: it is tried on the call first, in a policy
 * of its own.
 */
#include <strait/eval.h>

#include "api/handles.h"
#include "policy/policy.h"

#include <ctype.h>
#include <errno.h>

/* A longer statement is shown up to here. */
#define STATEMENT_MAX 160

struct verdict {
	struct strait_verdict public; /* first: strait_verdict_free() is given its address */
	struct arena arena;
	bool failed; /* memory was out */
};

struct question {
	const struct seccomp_data *data;
	const struct arch *arch;	 /* NULL: no ABI has the token */
	const struct arch_syscall *call; /* NULL: the number has no name */
	unsigned args_known;
};

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_RUNS, ENGINE_RUNS);
SAME(STRAIT_RUNS_LOGGED, ENGINE_RUNS_LOGGED);
SAME(STRAIT_FAILS, ENGINE_FAILS);
SAME(STRAIT_TRAPS, ENGINE_TRAPS);
SAME(STRAIT_TRACED, ENGINE_TRACED);
SAME(STRAIT_NOTIFIES, ENGINE_NOTIFIES);
SAME(STRAIT_KILLS_THREAD, ENGINE_KILLS_THREAD);
SAME(STRAIT_KILLS_PROCESS, ENGINE_KILLS_PROCESS);
SAME(STRAIT_WITH_TRACER, ENGINE_TRACER);
SAME(STRAIT_WITH_LISTENER, ENGINE_LISTENER);

/* The text of a buffer, in the arena; the buffer is empty again. NULL: no memory. */
static const char *keep_in(struct arena *arena, struct buf *text)
{
	const char *kept = NULL;

	if (!text->failed)
		kept = arena_strndup(arena, text->data ? text->data : "", text->size);
	buf_deinit(text);
	return kept;
}

/* The same, kept with the verdict. */
static const char *keep(struct verdict *v, struct buf *text)
{
	const char *kept = keep_in(&v->arena, text);

	v->failed |= !kept;
	return kept;
}

/* ---- the call ---- */

static bool is_known(const struct question *q, const struct arch_arg *arg)
{
	return q->args_known >> arg->index & 1 && q->args_known >> arg->high & 1;
}

static uint64_t arg_value(const struct seccomp_data *data, const struct arch_arg *arg)
{
	if (arg->high == arg->index)
		return data->args[arg->index];
	return (data->args[arg->index] & 0xffffffff) | data->args[arg->high] << 32;
}

/* Six words tell more than none where the signature is unknown. */
static void put_raw_args(const struct question *q, struct buf *out)
{
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++) {
		buf_puts(out, i ? ", " : "");
		if (q->args_known >> i & 1)
			buf_printf(out, "0x%llx", (unsigned long long)q->data->args[i]);
		else
			buf_putc(out, '?');
	}
}

static struct question question_of(const struct seccomp_data *data, unsigned args_known)
{
	struct question q = {
		.data = data,
		.arch = arch_of_call(data->arch, (uint32_t)data->nr),
		.args_known = args_known,
	};

	if (q.arch)
		q.call = arch_syscall_by_nr(q.arch, (uint32_t)data->nr);
	return q;
}

static void put_call(const struct question *q, struct buf *out)
{
	int nargs = q->call ? arch_nargs(q->arch, q->call) : -1;
	struct arch_arg arg;

	if (q->call)
		buf_puts(out, q->call->name);
	else
		buf_printf(out, "%u", (unsigned)q->data->nr);
	if (!q->args_known && nargs != 0)
		return;
	buf_putc(out, '(');
	if (nargs < 0)
		put_raw_args(q, out);
	for (int i = 0; i < nargs && arch_arg_at(q->arch, q->call, i, &arg); i++) {
		buf_puts(out, i ? ", " : "");
		if (!is_known(q, &arg))
			buf_putc(out, '?');
		else
			arch_describe_arg(q->arch, q->call, &arg, arg_value(q->data, &arg), out);
	}
	buf_putc(out, ')');
}

void call_describe(const struct seccomp_data *data, unsigned args_known, struct buf *out)
{
	struct question q = question_of(data, args_known);

	put_call(&q, out);
}

/* ---- the statement ---- */

/* On one line, without comments, nothing in it that steers a terminal. */
static void put_statement(struct str text, struct buf *out)
{
	bool gap = false;
	char quote = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!quote && c == '#') {
			while (i < text.len && text.ptr[i] != '\n')
				i++;
			gap = true;
			continue;
		}
		if (isspace((unsigned char)c)) {
			gap = true;
			continue;
		}
		if (c == '"' || c == '\'')
			quote = quote == c ? 0 : quote ? quote : c;
		if (out->size >= STATEMENT_MAX) {
			buf_puts(out, " ...");
			return;
		}
		if (gap && out->size)
			buf_putc(out, ' ');
		gap = false;
		buf_putc(out, isprint((unsigned char)c) ? c : '?');
	}
}

int statement_at(struct arena *arena, const struct sources *sources, struct span span,
		 struct statement *out)
{
	struct buf text = { 0 };
	struct place place;

	*out = (struct statement){ 0 };
	if (!sources_place(sources, span, &place))
		return 0;
	buf_puts(&text, place.file);
	out->file = keep_in(arena, &text);
	out->line = place.line;
	out->column = place.column;
	if (!out->file)
		return -ENOMEM;
	if (span.end > sources->files[span.file - 1].text.len || span.end <= span.begin)
		return 0;
	put_statement((struct str){ sources->files[span.file - 1].text.ptr + span.begin,
				    span.end - span.begin },
		      &text);
	out->text = keep_in(arena, &text);
	return out->text ? 0 : -ENOMEM;
}

static void set_place(struct verdict *v, const struct sources *sources, struct span span)
{
	struct strait_verdict *p = &v->public;
	struct statement found;

	v->failed |= statement_at(&v->arena, sources, span, &found) != 0;
	p->file = found.file;
	p->line = found.line;
	p->column = found.column;
	p->statement = found.text;
}

/* ---- the rule that would allow it ---- */

/* Does a policy of this rule alone allow the call? */
static bool is_allowed_by(const struct question *q, const char *rule)
{
	const struct policy_options options = { .no_files = true };
	struct sources sources;
	struct rules *rules;
	AUTO_BUF text = { 0 };
	struct arena arena;
	struct diags diags;
	bool allowed;

	buf_printf(&text, "arch %s\ndefault kill_process\n%s\n", q->arch->name, rule);
	if (text.failed)
		return false;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	allowed = policy_rules(&diags, &sources, "<fix>", (struct str){ text.data, text.size },
			       &options, &rules) == 0 &&
		  rules_eval(rules, q->data).ret == SECCOMP_RET_ALLOW;
	arena_deinit(&arena);
	return allowed;
}

/* Worth a condition: a value made of names, other than the one that only says "relative to here".
 */
static bool is_telling(const struct arch_arg *arg, const char *value)
{
	return arg->kind != ARCH_PTR && arg->kind != ARCH_U16 && isupper((unsigned char)*value) &&
	       strcmp(value, "AT_FDCWD") != 0;
}

static void put_condition(const struct question *q, struct buf *out)
{
	int nargs = arch_nargs(q->arch, q->call);
	const char *join = " if ";
	struct arch_arg arg;

	for (int i = 0; i < nargs && arch_arg_at(q->arch, q->call, i, &arg); i++) {
		AUTO_BUF value = { 0 };

		if (!is_known(q, &arg))
			continue;
		arch_describe_arg(q->arch, q->call, &arg, arg_value(q->data, &arg), &value);
		out->failed |= value.failed;
		if (!value.data || !is_telling(&arg, value.data))
			continue;
		buf_printf(out, "%s%s == %s", join, arg.name, value.data);
		join = " && ";
	}
}

enum narrowness { NARROW, PLAIN, NUMBER, NARROWNESSES };

/* From the narrowest rule that makes sense to the one that always works. */
static void put_rule(const struct question *q, bool on, enum narrowness narrow, struct buf *out)
{
	if (on)
		buf_printf(out, "on %s { ", q->arch->name);
	if (narrow == NUMBER)
		buf_printf(out, "allow syscall(%u)", (unsigned)q->data->nr);
	else
		buf_printf(out, "allow %s", q->call->name);
	if (narrow == NARROW)
		put_condition(q, out);
	if (on)
		buf_puts(out, " }");
}

static bool write_fix(const struct question *q, bool on, struct buf *out)
{
	for (int narrow = q->call ? NARROW : NUMBER; q->arch && narrow < NARROWNESSES; narrow++) {
		out->size = 0;
		put_rule(q, on, narrow, out);
		if (!out->failed && is_allowed_by(q, out->data))
			return true;
	}
	return false;
}

bool call_fix(const struct seccomp_data *data, unsigned args_known, bool on, struct buf *out)
{
	struct question q = question_of(data, args_known);

	return write_fix(&q, on, out);
}

static const char *find_rule(struct verdict *v, const struct question *q, const struct rules *rules)
{
	struct buf text = { 0 };

	if (write_fix(q, q->arch != rules->abis[0].arch, &text))
		return keep(v, &text);
	buf_deinit(&text);
	return NULL;
}

/* The arch statement that would let the rules decide. */
static const char *find_arch(struct verdict *v, const struct question *q, const struct rules *rules)
{
	struct buf text = { 0 };

	if (!q->arch || q->arch->big_endian != rules->abis[0].arch->big_endian)
		return NULL;
	buf_puts(&text, "arch ");
	for (size_t i = 0; i < rules->len; i++)
		buf_printf(&text, "%s, ", rules->abis[i].arch->name);
	buf_puts(&text, q->arch->name);
	return keep(v, &text);
}

/* ---- all together ---- */

static bool needs_fix(enum strait_outcome outcome)
{
	return outcome != STRAIT_RUNS && outcome != STRAIT_RUNS_LOGGED;
}

static void set_decider(struct verdict *v, const struct question *q,
			const struct strait_filter *filter)
{
	struct strait_verdict *p = &v->public;
	const struct rules *rules = filter->policy ? filter->policy->rules : NULL;
	struct rules_verdict meant;

	p->by = STRAIT_BY_INSTRUCTION;
	if (!rules)
		return;
	meant = rules_eval(rules, q->data);
	/* Rules and program are equal or strait is wrong; then the program is what ran. */
	if (meant.ret != p->ret)
		return;
	if (meant.entry)
		p->by = STRAIT_BY_RULE;
	else
		p->by = rules_abi_of_call(rules, q->data->arch, (uint32_t)q->data->nr)
				? STRAIT_BY_DEFAULT
				: STRAIT_BY_FOREIGN;
	set_place(v, &filter->policy->sources, meant.span);
	if (!needs_fix(p->outcome))
		return;
	p->fix = p->by == STRAIT_BY_FOREIGN ? find_arch(v, q, rules) : find_rule(v, q, rules);
}

static void set_words(struct verdict *v, const struct question *q,
		      const struct engine_verdict *answer)
{
	struct strait_verdict *p = &v->public;
	struct buf text = { 0 };

	engine_describe(answer, &text);
	p->text = keep(v, &text);
	cbpf_describe_ret(answer->ret, &text);
	p->action = keep(v, &text);
	put_call(q, &text);
	p->call = keep(v, &text);
}

int verdict_new_partly(const struct strait_filter *const *stack, size_t len,
		       const struct seccomp_data *data, unsigned args_known,
		       const struct engine_verdict *answer, struct strait_verdict **out)
{
	struct question q = question_of(data, args_known);
	struct verdict *v = calloc(1, sizeof(*v));
	struct buf name = { 0 };

	if (!v)
		return -ENOMEM;
	arena_init(&v->arena, ARENA_DEFAULT_LIMIT);
	v->public = (struct strait_verdict){
		.outcome = (enum strait_outcome)answer->outcome,
		.ret = answer->ret,
		.data = answer->data,
		.errno_value = answer->errno_value,
		.executed = answer->executed,
		.abi = q.arch ? q.arch->name : NULL,
		.syscall = q.call ? q.call->name : NULL,
		.filter = answer->filter,
		.pc = answer->pc,
	};
	set_words(v, &q, answer);
	if (len) {
		buf_puts(&name, stack[answer->filter]->name);
		v->public.filter_name = keep(v, &name);
		set_decider(v, &q, stack[answer->filter]);
	}
	if (v->failed) {
		strait_verdict_free(&v->public);
		return -ENOMEM;
	}
	*out = &v->public;
	return 0;
}

int verdict_new(const struct strait_filter *const *stack, const struct seccomp_data *data,
		const struct engine_verdict *answer, size_t len, struct strait_verdict **out)
{
	return verdict_new_partly(stack, len, data, CALL_ARGS_ALL, answer, out);
}

void strait_verdict_free(struct strait_verdict *verdict)
{
	struct verdict *v = (struct verdict *)verdict;

	if (!v)
		return;
	arena_deinit(&v->arena);
	free(v);
}
