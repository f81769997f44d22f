/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From variants to rules. Calls without a condition stand together, under what they are for: the
 * first of the shipped sets that has them. Where several ABIs were called each has a block of its
 * own, as numbers and constants differ.
 */
#include "record/record.h"

#include <errno.h>

#include "policy/policy.h"

#define COLUMNS 100
/* A set with more values isn't read by anybody. */
#define SET_MAX 32
/* So many rules of one call, at most, to say which values come together. */
#define RULES_MAX 4

struct topic {
	const char *set;   /* a shipped one, or NULL */
	const char *title; /* a comment */
	const char *calls; /* or by name, apart by spaces */
	const struct rules *rules;
};

static const struct topic topics_known[] = {
	{ .set = "stdio", .title = "Input and output." },
	{ .set = "files-read", .title = "Looking at files." },
	{ .set = "files-write", .title = "Making and changing files." },
	{ .set = "processes", .title = "Processes, and signals between them." },
	{ .title = "Network.",
	  .calls = "socket socketpair bind listen accept accept4 connect getsockname getpeername "
		   "sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg recvmmsg_time64 send recv "
		   "shutdown getsockopt setsockopt socketcall" },
	{ .title = "The rest." },
};
#define TOPICS ARRAY_LEN(topics_known)

struct writer {
	struct arena *arena;
	const struct record *record;
	const struct record_policy_options *options;
	struct topic topics[TOPICS];
	const struct rules *libc;
	struct buf *out;
	const char *indent; /* of statements: within a block or not */
};

/* ---- conditions ---- */

/* The needed variants of one call, or some of them. */
struct variants {
	const struct record_call *call;
	const struct record_variant *v[RECORD_VARIANTS_MAX];
	size_t len;
};

static void put_spaced(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (*text == '|')
			buf_puts(out, " | ");
		else
			buf_putc(out, *text);
}

static void put_value(const struct record_call *call, const struct arch_arg *arg, uint64_t value,
		      struct buf *out)
{
	AUTO_BUF text = { 0 };

	arch_describe_arg(call->arch, call->row, arg, value, &text);
	put_spaced(text.data ? text.data : "", out);
	out->failed |= text.failed;
}

static void put_or(struct buf *out)
{
	if (out->size)
		buf_puts(out, " | ");
}

/*
 * Flags that were seen in some call. What is a number among them has no name where several are
 * joined, so each is written.
 */
static void put_flags(const struct variants *s, int i, const struct arch_arg *arg, struct buf *out)
{
	uint64_t flags = 0, numbers[RECORD_VARIANTS_MAX];
	uint32_t field;
	size_t len = 0;
	AUTO_BUF text = { 0 };

	(void)arch_arg_style(s->call->row, arg, &field);
	for (size_t k = 0; k < s->len; k++) {
		uint64_t number = s->v[k]->values[i] & field;
		size_t at = 0;

		flags |= s->v[k]->values[i] & ~(uint64_t)field;
		while (at < len && numbers[at] < number)
			at++;
		if (!number || (at < len && numbers[at] == number))
			continue;
		memmove(numbers + at + 1, numbers + at, (len - at) * sizeof(*numbers));
		numbers[at] = number;
		len++;
	}
	for (size_t k = 0; k < len; k++) {
		put_or(&text);
		put_value(s->call, arg, numbers[k], &text);
	}
	if (flags) {
		AUTO_BUF named = { 0 };
		const char *rest;

		/* The number is 0 here, and may have a name. */
		put_value(s->call, arg, flags, &named);
		rest = named.data ? named.data : "";
		if (field && strncmp(rest, "O_RDONLY | ", 11) == 0)
			rest += 11;
		put_or(&text);
		buf_puts(&text, rest);
		text.failed |= named.failed;
	}
	if (text.size)
		buf_printf(out, "%s within %s", arg->name, text.data);
	else
		buf_printf(out, "%s == 0", arg->name);
	out->failed |= text.failed;
}

static size_t distinct_values(const struct variants *s, int i, uint64_t *values)
{
	size_t len = 0;

	for (size_t k = 0; k < s->len; k++) {
		uint64_t value = s->v[k]->values[i];
		size_t at = 0;

		while (at < len && values[at] < value)
			at++;
		if (at < len && values[at] == value)
			continue;
		memmove(values + at + 1, values + at, (len - at) * sizeof(*values));
		values[at] = value;
		len++;
	}
	return len;
}

static void put_set(const struct variants *s, int i, const struct arch_arg *arg, struct buf *out)
{
	uint64_t values[RECORD_VARIANTS_MAX];
	size_t len = distinct_values(s, i, values);

	buf_printf(out, len == 1 ? "%s == " : "%s in { ", arg->name);
	for (size_t k = 0; k < len; k++) {
		buf_puts(out, k ? ", " : "");
		put_value(s->call, arg, values[k], out);
	}
	buf_puts(out, len == 1 ? "" : " }");
}

/* Which arguments are tested, with few enough values. */
static unsigned args_of(const struct variants *s)
{
	unsigned tested = s->call->tested & (unsigned)~s->call->any;
	uint64_t values[RECORD_VARIANTS_MAX];
	struct arch_arg arg;

	for (int i = 0; i < ARCH_ARGS_MAX; i++)
		if (tested & 1u << i && arch_arg_at(s->call->arch, s->call->row, i, &arg) &&
		    record_judge(s->call->row, &arg) == RECORD_SET &&
		    distinct_values(s, i, values) > SET_MAX)
			tested &= ~(1u << i);
	return tested;
}

static void put_condition(const struct variants *s, unsigned args, struct buf *out)
{
	const char *and = "";
	struct arch_arg arg;

	for (int i = 0; i < ARCH_ARGS_MAX; i++) {
		if (!(args & 1u << i) || !arch_arg_at(s->call->arch, s->call->row, i, &arg))
			continue;
		buf_puts(out, and);
		if (record_judge(s->call->row, &arg) == RECORD_SET)
			put_set(s, i, &arg, out);
		else
			put_flags(s, i, &arg, out);
		and = " && ";
	}
}

/* ---- statements ---- */

/* A statement on as many lines as it takes; one may end in a comma, an operator, a bracket. */
static void put_wrapped(struct writer *w, const char *text)
{
	size_t room = COLUMNS - 8 * strlen(w->indent), len = strlen(text);

	buf_puts(w->out, w->indent);
	while (len > room) {
		size_t end = 0;

		for (size_t i = 1; i <= room; i++)
			if (text[i] == ' ' && strchr(",|&{", text[i - 1]))
				end = i;
		if (!end)
			break;
		buf_printf(w->out, "%.*s\n%s\t", (int)end, text, w->indent);
		text += end + 1;
		len -= end + 1;
		room = COLUMNS - 8 * (strlen(w->indent) + 1);
	}
	buf_puts(w->out, text);
}

static uint64_t count_of(const struct variants *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->len; i++)
		count += s->v[i]->count;
	return count;
}

static void put_target(const struct record_call *call, struct buf *out)
{
	if (call->row)
		buf_puts(out, call->row->name);
	else
		buf_printf(out, "syscall(%u)", call->nr);
}

static void put_count(struct writer *w, const struct variants *s)
{
	uint64_t count = count_of(s);

	if (w->options->counts && count)
		buf_printf(w->out, "    # %llu", (unsigned long long)count);
}

static void put_rule(struct writer *w, const struct variants *s, unsigned args)
{
	AUTO_BUF text = { 0 };

	buf_puts(&text, "allow ");
	put_target(s->call, &text);
	if (args)
		buf_puts(&text, " if ");
	put_condition(s, args, &text);
	put_wrapped(w, text.data ? text.data : "");
	put_count(w, s);
	buf_putc(w->out, '\n');
	w->out->failed |= text.failed;
}

/* Those of S that have VALUE as argument I. */
static void select_value(const struct variants *s, int i, uint64_t value, struct variants *out)
{
	out->call = s->call;
	for (size_t k = 0; k < s->len; k++)
		if (s->v[k]->values[i] == value)
			out->v[out->len++] = s->v[k];
}

/* The first argument that is a set, where others are tested besides; -1: none. */
static int leading_arg(const struct variants *s, unsigned args)
{
	struct arch_arg arg;

	if (!(args & (args - 1)))
		return -1;
	for (int i = 0; i < ARCH_ARGS_MAX; i++)
		if (args & 1u << i && arch_arg_at(s->call->arch, s->call->row, i, &arg) &&
		    record_judge(s->call->row, &arg) == RECORD_SET)
			return i;
	return -1;
}

/*
 * What is seen together: a local socket that is a stream, an internet one that is a datagram.
 * Values of the leading argument with the same condition on the others share a rule.
 */
static bool put_parts(struct writer *w, const struct variants *s, unsigned args, int lead)
{
	uint64_t values[RECORD_VARIANTS_MAX];
	size_t len = distinct_values(s, lead, values), nparts = 0;
	struct variants parts[RULES_MAX];
	char *rests[RULES_MAX];

	if (len < 2)
		return false;
	for (size_t k = 0; k < len; k++) {
		struct variants one = { 0 };
		AUTO_BUF rest = { 0 };
		size_t same = 0;

		select_value(s, lead, values[k], &one);
		put_condition(&one, args & ~(1u << lead), &rest);
		while (same < nparts && rest.data && strcmp(rests[same], rest.data) != 0)
			same++;
		if (same == RULES_MAX)
			return false;
		if (same == nparts) {
			rests[nparts] =
				arena_strndup(w->arena, rest.data ? rest.data : "", rest.size);
			if (!rests[nparts])
				return false;
			parts[nparts++] = (struct variants){ .call = s->call };
		}
		for (size_t i = 0; i < one.len; i++)
			parts[same].v[parts[same].len++] = one.v[i];
	}
	for (size_t k = 0; k < nparts; k++)
		put_rule(w, &parts[k], args);
	return true;
}

static void put_rules(struct writer *w, const struct variants *s, unsigned args)
{
	int lead = leading_arg(s, args);

	if (lead < 0 || !put_parts(w, s, args, lead))
		put_rule(w, s, args);
}

/* ---- which calls, and where ---- */

static void collect(const struct record_call *call, struct variants *out)
{
	out->call = call;
	out->len = 0;
	for (size_t i = 0; i < call->len; i++)
		if (call->variants[i].is_needed)
			out->v[out->len++] = &call->variants[i];
}

size_t record_needed(const struct record *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		for (size_t k = 0; k < r->calls[i].len; k++)
			n += r->calls[i].variants[k].is_needed;
	return n;
}

static bool has_rule(const struct rules *rules, const struct record_call *call, bool allows)
{
	const struct rules_abi *abi = rules_abi_of_call(rules, call->audit, call->nr);

	for (size_t i = 0; abi && i < abi->len; i++) {
		const struct rules_entry *e = &abi->entries[i];

		if (e->first <= call->nr && call->nr <= e->last &&
		    (e->ret == SECCOMP_RET_ALLOW) == allows)
			return true;
	}
	return false;
}

static bool names_call(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static size_t topic_of(const struct writer *w, const struct record_call *call)
{
	for (size_t i = 0; i < TOPICS - 1; i++) {
		const struct topic *topic = &w->topics[i];

		if (topic->rules ? has_rule(topic->rules, call, true)
				 : call->row && topic->calls &&
					   names_call(topic->calls, call->row->name))
			return i;
	}
	return TOPICS - 1;
}

/* The shipped libc has a refusal for it, which would come first. */
static bool is_refused(const struct writer *w, const struct record_call *call)
{
	return !w->options->base.ptr && has_rule(w->libc, call, false);
}

static void put_counted(struct writer *w, const struct variants *groups, size_t len)
{
	buf_printf(w->out, "%sallow {\n", w->indent);
	for (size_t i = 0; i < len; i++) {
		buf_printf(w->out, "%s\t", w->indent);
		put_target(groups[i].call, w->out);
		put_count(w, &groups[i]);
		buf_putc(w->out, '\n');
	}
	buf_printf(w->out, "%s}\n", w->indent);
}

/* Names on lines of their own, as many on each as fit. */
static void put_lines(struct writer *w, const char *names)
{
	size_t room = COLUMNS - 8 * (strlen(w->indent) + 1), column = room + 1;

	buf_printf(w->out, "%sallow {", w->indent);
	while (*names) {
		size_t len = strcspn(names, " ");

		if (column + len + 1 > room) {
			buf_printf(w->out, "\n%s\t", w->indent);
			column = 0;
		} else {
			buf_putc(w->out, ' ');
			column++;
		}
		buf_add(w->out, names, len);
		column += len;
		names += len + strspn(names + len, " ");
	}
	buf_printf(w->out, "\n%s}\n", w->indent);
}

static void put_plain(struct writer *w, const struct variants *groups, size_t len)
{
	AUTO_BUF names = { 0 };

	for (size_t i = 0; i < len; i++) {
		buf_puts(&names, i ? " " : "");
		put_target(groups[i].call, &names);
	}
	w->out->failed |= names.failed;
	if (!names.data)
		return;
	if (w->options->counts)
		put_counted(w, groups, len);
	else if (len == 1)
		buf_printf(w->out, "%sallow %s\n", w->indent, names.data);
	else if (8 * strlen(w->indent) + strlen("allow {  }") + names.size <= COLUMNS)
		buf_printf(w->out, "%sallow { %s }\n", w->indent, names.data);
	else
		put_lines(w, names.data);
}

/* The calls of one ABI that belong to a topic, or (TOPICS) that libc refuses. */
static int put_topic(struct writer *w, const struct arch *arch, size_t topic)
{
	const struct record *r = w->record;
	struct variants *groups = arena_array(w->arena, r->len + 1, sizeof(*groups));
	size_t len = 0, plain = 0;

	if (!groups)
		return -ENOMEM;
	for (size_t i = 0; i < r->len; i++) {
		struct variants *g = &groups[len];

		if (r->calls[i].arch != arch)
			continue;
		collect(&r->calls[i], g);
		if (!g->len || (topic == TOPICS) != is_refused(w, g->call) ||
		    (topic < TOPICS && topic_of(w, g->call) != topic))
			continue;
		len++;
		if (!args_of(g)) {
			struct variants moved = groups[plain];

			groups[plain] = *g;
			groups[len - 1] = plain == len - 1 ? groups[plain] : moved;
			plain++;
		}
	}
	if (!len)
		return 0;
	buf_printf(w->out, "\n%s# %s\n", w->indent,
		   topic < TOPICS ? w->topics[topic].title : "Refused by what is included below.");
	put_plain(w, groups, plain);
	for (size_t i = plain; i < len; i++)
		put_rules(w, &groups[i], args_of(&groups[i]));
	return 0;
}

static bool is_called(const struct record *r, const struct arch *arch, bool needed)
{
	struct variants some;

	for (size_t i = 0; i < r->len; i++) {
		collect(&r->calls[i], &some);
		if (r->calls[i].arch == arch && (some.len || !needed))
			return true;
	}
	return false;
}

static const struct arch *arch_used(const struct record *r, size_t n)
{
	const struct arch *arch;

	for (size_t i = 0; (arch = arch_compat(arch_native(), i)); i++)
		if ((i == 0 || is_called(r, arch, false)) && n-- == 0)
			return arch;
	return NULL;
}

static int put_abi(struct writer *w, const struct arch *arch, size_t first, size_t last)
{
	int error = 0;

	for (size_t topic = first; topic <= last && !error; topic++)
		error = put_topic(w, arch, topic);
	return error;
}

/* Topics FIRST to LAST of all ABIs. */
static int put_abis(struct writer *w, bool blocks, size_t first, size_t last)
{
	const struct arch *arch;
	int error = 0;

	for (size_t i = 0; (arch = arch_used(w->record, i)) && !error; i++) {
		AUTO_BUF text = { 0 };
		struct writer inner = *w;

		inner.out = &text;
		inner.indent = blocks ? "\t" : "";
		error = put_abi(&inner, arch, first, last);
		w->out->failed |= text.failed;
		if (!text.size)
			continue;
		if (blocks)
			buf_printf(w->out, "\non %s {%s}\n", arch->name, text.data);
		else
			buf_puts(w->out, text.data);
	}
	return error;
}

/* ---- the whole ---- */

/* Bytes that a comment may have. */
static void put_comment(struct buf *out, const char *text)
{
	for (size_t i = 0; text[i] && i < 160; i++)
		buf_putc(out, text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
	buf_puts(out, strlen(text) > 160 ? " ...\n" : "\n");
}

static void put_runs(struct writer *w)
{
	const struct record *r = w->record;

	for (size_t i = 0; i < r->nruns; i++) {
		buf_puts(w->out, "#   ");
		put_comment(w->out, r->runs[i]);
	}
}

static void put_header(struct writer *w)
{
	const struct arch *arch;

	buf_printf(w->out, "# What these programs called, learned by strait %s:\n",
		   w->options->version);
	put_runs(w);
	if (arch_used(w->record, 1)) {
		buf_puts(w->out, "arch ");
		for (size_t i = 0; (arch = arch_used(w->record, i)); i++)
			buf_printf(w->out, "%s%s", i ? ", " : "", arch->name);
		buf_putc(w->out, '\n');
	}
	buf_printf(w->out, "default %s\n",
		   w->options->default_action ? w->options->default_action : "kill_process");
}

static int put_new(struct writer *w)
{
	bool blocks = arch_used(w->record, 1) != NULL;
	int error;

	put_header(w);
	error = put_abis(w, blocks, TOPICS, TOPICS);
	buf_puts(w->out, "\n# Loading the program and its libraries, memory, threads.\ninclude "
			 "\"libc\"\n");
	return error ? error : put_abis(w, blocks, 0, TOPICS - 1);
}

static int put_added(struct writer *w)
{
	struct str base = w->options->base;

	buf_add(w->out, base.ptr, base.len);
	if (!record_needed(w->record))
		return 0;
	if (base.len && base.ptr[base.len - 1] != '\n')
		buf_putc(w->out, '\n');
	buf_puts(w->out, "\n# Added by strait learn:\n");
	put_runs(w);
	return put_abis(w, w->options->rules->len > 1, 0, TOPICS - 1);
}

int record_set(struct arena *arena, const char *name, const struct rules **out)
{
	struct sources sources = { .arena = arena };
	struct policy_options options = { .no_files = true };
	struct rules *rules = NULL;
	struct diags diags;
	const struct arch *arch;
	AUTO_BUF text = { 0 };
	char *copy;
	int error;

	for (size_t i = 0; (arch = arch_compat(arch_native(), i)); i++)
		buf_printf(&text, "%s%s", i ? ", " : "arch ", arch->name);
	buf_printf(&text, "\ndefault kill_process\ninclude \"%s\"\n", name);
	copy = text.failed ? NULL : arena_strndup(arena, text.data, text.size);
	if (!copy)
		return -ENOMEM;
	diags_init(&diags, arena, &sources);
	error = policy_rules(&diags, &sources, name, (struct str){ copy, text.size }, &options,
			     &rules);
	*out = rules;
	return error;
}

static int check_abis(struct diags *diags, const struct record *r)
{
	for (size_t i = 0; i < r->len; i++)
		if (!r->calls[i].arch) {
			diag_add(
				diags, DIAG_UNLEARNABLE, (struct span){ 0 },
				"call %u of an ABI with the AUDIT_ARCH 0x%x, which has no name: no "
				"policy can allow it",
				r->calls[i].nr, r->calls[i].audit);
			return -EINVAL;
		}
	return 0;
}

int record_policy(struct arena *arena, struct diags *diags, const struct record *r,
		  const struct record_policy_options *options, struct buf *out)
{
	struct writer w = {
		.arena = arena, .record = r, .options = options, .out = out, .indent = ""
	};
	int error = check_abis(diags, r);

	memcpy(w.topics, topics_known, sizeof(w.topics));
	if (!error)
		error = record_set(arena, "libc", &w.libc);
	for (size_t i = 0; i < TOPICS && !error; i++)
		if (w.topics[i].set)
			error = record_set(arena, w.topics[i].set, &w.topics[i].rules);
	if (!error)
		error = options->base.ptr ? put_added(&w) : put_new(&w);
	return error ? error : out->failed ? -ENOMEM : 0;
}
