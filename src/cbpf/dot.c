/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The graph of flow.h in graphviz' language: tests in words, and one leaf for each answer.
 *
 * A test of a word and all tests of the same word that follow it, and only such ones between, are
 * shown as one node. What it comes to is found by asking the tests for one value of each interval
 * that their numbers bound; the edge that most values take is "else". A test can be part of several
 * such groups, so the work has a limit, past which tests are shown one by one.
 */
#include "cbpf/flow.h"

#include <errno.h>
#include <string.h>

#define DIVIDE_BY_X   (BPF_ALU | BPF_DIV | BPF_X)
#define DECIMAL_LIMIT 4096 /* as in a listing */
#define WRAP_COLUMN   48
#define ITEMS_MAX     40		/* of an edge; the rest is in its tooltip */
#define STEPS_MAX     16		/* instructions that a node shows */
#define WORK_MAX      ((size_t)1 << 26) /* steps from test to test */
#define LIST_MAX      64		/* numbers of calls in a row that are named one by one */

struct interval {
	uint32_t low, high;
	size_t to; /* an exit's index */
};

struct exit {
	size_t node;
	uint64_t values;
};

struct dot {
	const struct cbpf_dot_options *options;
	struct flow flow;
	char **answers; /* of returns: their text, once it is needed */
	size_t *leaves; /* of returns: the first that is shown and answers the same */
	bool *is_shown;
	size_t nleaves; /* with each_test, where each edge has a leaf of its own */
	size_t work;	/* spent on groups */
	struct buf *out;
	/* Of the group at hand: the tests of one word that begin with a node. */
	bool *is_in;
	size_t tests;
	uint32_t *bounds;
	struct interval *intervals;
	struct exit *exits;
	size_t nbounds, nintervals, nexits;
};

/* ---- texts ---- */

/* Inside of quotes, where a backslash begins an escape and a name may have any byte. */
static void put_quoted(const char *text, struct buf *out)
{
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *c >= ' ' && *c <= '~' ? *c : '?');
	}
}

static void put_number(uint32_t number, struct buf *out)
{
	buf_printf(out, number < DECIMAL_LIMIT ? "%u" : "0x%x", number);
}

/* The argument that all of its bits are in the word A has, of the call that is known; false: there
 * is none. */
static bool tested_arg(const struct cbpf_known *known, const struct arch **arch,
		       const struct arch_syscall **call, struct arch_arg *arg)
{
	unsigned index;

	if (known->a < CBPF_ARG0_LOW || known->a & 1 || known->nr < 0 || !known->audit)
		return false;
	index = (known->a - CBPF_ARG0_LOW) / 2;
	*arch = arch_of_call(known->audit, (uint32_t)known->nr);
	*call = *arch ? arch_syscall_by_nr(*arch, (uint32_t)known->nr) : NULL;
	for (int i = 0; *call && i < arch_nargs(*arch, *call); i++)
		if (arch_arg_at(*arch, *call, i, arg) && arg->index == index &&
		    arg->high == index && arg->bits == 32)
			return true;
	return false;
}

/* A, as it is tested. */
static void put_tested(const struct cbpf_known *known, struct buf *out)
{
	const struct arch_syscall *call;
	const struct arch *arch;
	struct arch_arg arg;

	if (known->a == CBPF_A_UNKNOWN) {
		buf_putc(out, 'A');
		return;
	}
	if (tested_arg(known, &arch, &call, &arg))
		buf_printf(out, "%s (arg%u)", arg.name, arg.index);
	else
		cbpf_describe_word(known->a, out);
	if (known->mask != UINT32_MAX)
		buf_printf(out, " & 0x%x", known->mask);
}

/* A number that A is compared with; its name alone where that says it all. */
static void put_value(const struct cbpf_known *known, uint32_t value, bool is_short,
		      struct buf *out)
{
	const char *name = cbpf_known_name(known, value);
	const struct arch_syscall *call;
	const struct arch *arch;
	struct arch_arg arg;

	if (name && (is_short || known->a == CBPF_ARCH)) {
		buf_puts(out, name);
		/* x32 has x86_64's names: as strait refuse tells them apart. */
		if (known->a == CBPF_NR && value & ARCH_X32_BIT)
			buf_puts(out, "@x32");
	} else if (name) {
		buf_printf(out, "%u (%s)", value, name);
	} else if (known->mask == UINT32_MAX && tested_arg(known, &arch, &call, &arg) &&
		   arch_arg_values(call, &arg) == ARCH_VALUES_NAMES) {
		arch_describe_arg(arch, call, &arg, value, out);
	} else {
		put_number(value, out);
	}
}

static void put_test(const struct flow_node *node, const struct sock_filter *insn, struct buf *out)
{
	uint8_t op = BPF_OP(insn->code);
	const char *sign = op == BPF_JEQ ? "==" : op == BPF_JGT ? ">" : op == BPF_JGE ? ">=" : "&";

	put_tested(&node->tested, out);
	buf_printf(out, " %s ", sign);
	if (BPF_SRC(insn->code) == BPF_X)
		buf_putc(out, 'X');
	else if (op == BPF_JSET)
		buf_printf(out, "0x%x", insn->k);
	else
		put_value(&node->tested, insn->k, false, out);
	buf_putc(out, '?');
}

/* A division by zero ends a program, which answers 0: net/core/filter.c, bpf_convert_filter(). */
static bool may_end(const struct dot *d, size_t pc, size_t end)
{
	for (; pc < end; pc++)
		if (d->flow.prog->insns[pc].code == DIVIDE_BY_X)
			return true;
	return false;
}

/* What a node does before it decides, a line an instruction. */
static void put_steps(const struct dot *d, size_t pc, size_t end, struct buf *out)
{
	for (size_t i = pc; i < end; i++) {
		const struct sock_filter *insn = &d->flow.prog->insns[i];

		if (i - pc == STEPS_MAX && end - i > 1) {
			buf_printf(out, "... %zu more instructions\\l", end - i);
			return;
		}
		cbpf_disasm_insn(insn, i, out);
		if (insn->code == (BPF_LD | BPF_W | BPF_ABS)) {
			buf_puts(out, " (");
			cbpf_describe_word(cbpf_offset_word(insn->k, d->options->order), out);
			buf_putc(out, ')');
		} else if (insn->code == DIVIDE_BY_X) {
			buf_puts(out, " (X is 0: kill_thread)");
		}
		buf_puts(out, "\\l");
	}
}

/* ---- leaves ---- */

static void put_answer(const struct dot *d, size_t pc, struct buf *out)
{
	const struct flow_node *node = &d->flow.nodes[pc];
	const struct sock_filter *insn = &d->flow.prog->insns[node->end];

	if (!node->is_plain && (insn->code == (BPF_RET | BPF_A) || may_end(d, pc, node->end)))
		put_steps(d, pc, node->end, out);
	if (insn->code == (BPF_RET | BPF_K)) {
		cbpf_describe_ret_of(cbpf_known_arch(&node->tested), insn->k, out);
		return;
	}
	buf_puts(out, "answers ");
	put_tested(&node->tested, out);
}

static const char *color(const struct sock_filter *insn)
{
	static const struct {
		uint32_t action;
		const char *color;
	} colors[] = {
		{ SECCOMP_RET_ALLOW, "#c8e6c9" },	{ SECCOMP_RET_LOG, "#e6ee9c" },
		{ SECCOMP_RET_TRACE, "#d1c4e9" },	{ SECCOMP_RET_USER_NOTIF, "#bbdefb" },
		{ SECCOMP_RET_ERRNO, "#ffe0b2" },	{ SECCOMP_RET_TRAP, "#ffccbc" },
		{ SECCOMP_RET_KILL_THREAD, "#ef9a9a" }, { SECCOMP_RET_KILL_PROCESS, "#e57373" },
	};

	for (size_t i = 0; i < ARRAY_LEN(colors) && insn->code == (BPF_RET | BPF_K); i++)
		if ((insn->k & SECCOMP_RET_ACTION_FULL) == colors[i].action)
			return colors[i].color;
	return "#e0e0e0";
}

static void put_leaf(const struct dot *d, const char *kind, size_t id, size_t pc)
{
	buf_printf(d->out, "\t%s%zu [label=\"%s\", style=\"rounded,filled\", fillcolor=\"%s\"];\n",
		   kind, id, d->answers[pc] ? d->answers[pc] : "",
		   color(&d->flow.prog->insns[d->flow.nodes[pc].end]));
}

/* The leaf that stands for a return; leaves with the same text are one. */
static size_t find_leaf(struct dot *d, size_t pc)
{
	AUTO_BUF text = { 0 };

	if (d->answers[pc])
		return d->leaves[pc];
	put_answer(d, pc, &text);
	if (buf_finish(&text, &d->answers[pc], NULL)) {
		d->out->failed = true;
		return pc;
	}
	d->leaves[pc] = pc;
	for (size_t i = 0; i < d->flow.prog->len; i++)
		if (i != pc && d->is_shown[i] && d->answers[i] &&
		    strcmp(d->answers[i], d->answers[pc]) == 0)
			d->leaves[pc] = i;
	d->is_shown[d->leaves[pc]] = true;
	return d->leaves[pc];
}

static bool is_leaf(const struct dot *d, size_t pc)
{
	return d->flow.nodes[pc].kind == FLOW_RETURN;
}

/* The node that stands for one that an edge leads to. */
static size_t show(struct dot *d, size_t pc)
{
	if (is_leaf(d, pc))
		return find_leaf(d, pc);
	d->is_shown[pc] = true;
	return pc;
}

static void put_arrow(struct dot *d, size_t from, size_t to)
{
	to = show(d, to);
	if (!d->options->each_test || !is_leaf(d, to)) {
		buf_printf(d->out, "\tn%zu -> n%zu", from, to);
		return;
	}
	put_leaf(d, "leaf", d->nleaves, to);
	buf_printf(d->out, "\tn%zu -> leaf%zu", from, d->nleaves++);
}

/* ---- what a group comes to ---- */

/* Do nodes compare the same bits with numbers? */
static bool is_alike(const struct dot *d, size_t a, size_t b)
{
	const struct cbpf_known *x = &d->flow.nodes[a].tested, *y = &d->flow.nodes[b].tested;

	return flow_compares(&d->flow, a) && flow_compares(&d->flow, b) && x->a == y->a &&
	       x->mask == y->mask;
}

static void take_in(struct dot *d, size_t first, size_t pc)
{
	if (d->is_in[pc] || !is_alike(d, first, pc))
		return;
	d->is_in[pc] = true;
	d->tests++;
}

/* The group that begins at FIRST. */
static void find_group(struct dot *d, size_t first)
{
	size_t len = d->flow.prog->len;

	memset(d->is_in, 0, len * sizeof(*d->is_in));
	d->is_in[first] = true;
	d->tests = 1;
	if (d->options->each_test || !flow_compares(&d->flow, first) || d->work > WORK_MAX)
		return;
	for (size_t pc = first; pc < len; pc++) {
		if (!d->is_in[pc])
			continue;
		take_in(d, first, d->flow.nodes[pc].yes);
		take_in(d, first, d->flow.nodes[pc].no);
	}
	d->work += len;
}

static int compare_bounds(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Values from LOW on may be another matter than those before. */
static void add_bound(struct dot *d, uint64_t low, uint32_t limit)
{
	if (low <= limit)
		d->bounds[d->nbounds++] = (uint32_t)low;
}

static void find_bounds(struct dot *d, size_t first, uint32_t limit)
{
	size_t n = 0;

	d->nbounds = 0;
	add_bound(d, 0, limit);
	for (size_t pc = first; pc < d->flow.prog->len; pc++) {
		const struct sock_filter *insn = &d->flow.prog->insns[d->flow.nodes[pc].end];

		if (!d->is_in[pc])
			continue;
		if (BPF_OP(insn->code) != BPF_JGT)
			add_bound(d, insn->k, limit);
		if (BPF_OP(insn->code) != BPF_JGE)
			add_bound(d, (uint64_t)insn->k + 1, limit);
	}
	qsort(d->bounds, d->nbounds, sizeof(*d->bounds), compare_bounds);
	for (size_t i = 0; i < d->nbounds; i++)
		if (!i || d->bounds[i] != d->bounds[n - 1])
			d->bounds[n++] = d->bounds[i];
	d->nbounds = n;
}

static size_t find_exit(struct dot *d, size_t node)
{
	size_t i = 0;

	while (i < d->nexits && d->exits[i].node != node)
		i++;
	if (i == d->nexits)
		d->exits[d->nexits++] = (struct exit){ .node = node };
	return i;
}

/* Fills in what the group that begins at FIRST does with each value. */
static void ask_group(struct dot *d, size_t first)
{
	uint32_t limit = d->flow.nodes[first].tested.mask;

	find_bounds(d, first, limit);
	d->nintervals = d->nexits = 0;
	for (size_t i = 0; i < d->nbounds; i++) {
		uint32_t low = d->bounds[i];
		uint32_t high = i + 1 < d->nbounds ? d->bounds[i + 1] - 1 : limit;
		struct interval *last = d->nintervals ? &d->intervals[d->nintervals - 1] : NULL;
		size_t at = first, to;

		for (; d->is_in[at]; d->work++)
			at = flow_next(&d->flow, at, low);
		to = find_exit(d, show(d, at));
		d->exits[to].values += (uint64_t)high - low + 1;
		if (last && last->to == to)
			last->high = high;
		else
			d->intervals[d->nintervals++] = (struct interval){ low, high, to };
	}
}

/* ---- edges ---- */

struct list {
	struct buf *label, *all;
	size_t items, line;
};

static void add_item(struct list *l, const char *text)
{
	const char *comma = l->items ? ", " : "";

	buf_printf(l->all, "%s%s", comma, text);
	if (l->items++ >= ITEMS_MAX)
		return;
	l->line += strlen(text) + 2;
	if (l->line > WRAP_COLUMN && *comma) {
		comma = ",\\n";
		l->line = strlen(text) + 2;
	}
	buf_puts(l->label, comma);
	buf_puts(l->label, text);
}

static void add_value(struct list *l, const struct cbpf_known *known, uint32_t low, uint32_t high,
		      uint32_t limit)
{
	AUTO_BUF text = { 0 };

	put_value(known, low, true, &text);
	if (high == limit && high != low) {
		buf_puts(&text, " and above");
	} else if (high != low) {
		buf_puts(&text, " to ");
		put_value(known, high, true, &text);
	}
	l->all->failed |= text.failed;
	if (text.data)
		add_item(l, text.data);
}

/* Few numbers of calls are named one by one. */
static void add_interval(struct list *l, const struct cbpf_known *known, const struct interval *i)
{
	bool is_listed =
		cbpf_known_is(known, CBPF_NR) && known->audit && i->high - i->low < LIST_MAX;

	if (!is_listed) {
		add_value(l, known, i->low, i->high, known->mask);
		return;
	}
	for (uint32_t n = 0; n <= i->high - i->low; n++)
		add_value(l, known, i->low + n, i->low + n, known->mask);
}

static void put_edge(struct dot *d, size_t first, size_t exit)
{
	AUTO_BUF label = { 0 };
	AUTO_BUF all = { 0 };
	struct list list = { .label = &label, .all = &all };

	for (size_t i = 0; i < d->nintervals; i++)
		if (d->intervals[i].to == exit)
			add_interval(&list, &d->flow.nodes[first].tested, &d->intervals[i]);
	put_arrow(d, first, d->exits[exit].node);
	buf_printf(d->out, " [label=\"%s", label.data ? label.data : "");
	if (list.items > ITEMS_MAX)
		buf_printf(d->out, "\\nand %zu more\", labeltooltip=\"%s", list.items - ITEMS_MAX,
			   all.data ? all.data : "");
	buf_puts(d->out, "\"];\n");
	d->out->failed |= label.failed || all.failed;
}

static void put_group_edges(struct dot *d, size_t first)
{
	size_t rest = 0;

	ask_group(d, first);
	for (size_t i = 1; i < d->nexits; i++)
		if (d->exits[i].values > d->exits[rest].values)
			rest = i;
	for (size_t i = 0; i < d->nexits; i++)
		if (i != rest)
			put_edge(d, first, i);
	put_arrow(d, first, d->exits[rest].node);
	buf_puts(d->out, " [label=\"else\"];\n");
}

/* ---- nodes ---- */

static void put_place(const struct dot *d, size_t pc)
{
	struct place place;

	if (!d->options->sources || !d->flow.prog->spans ||
	    !sources_place(d->options->sources, d->flow.prog->spans[pc], &place))
		return;
	buf_puts(d->out, ", tooltip=\"");
	put_quoted(place.file, d->out);
	buf_printf(d->out, ":%u\"", place.line);
}

static void put_group_label(const struct flow_node *node, struct buf *out)
{
	if (cbpf_known_is(&node->tested, CBPF_NR))
		buf_puts(out, "which call?");
	else if (cbpf_known_is(&node->tested, CBPF_ARCH))
		buf_puts(out, "which architecture?");
	else {
		put_tested(&node->tested, out);
		buf_putc(out, '?');
	}
}

static void put_node(struct dot *d, size_t pc)
{
	const struct flow_node *node = &d->flow.nodes[pc];
	size_t steps_end = node->end;

	buf_printf(d->out, "\tn%zu [label=\"", pc);
	find_group(d, pc);
	if (d->tests > 1) {
		put_group_label(node, d->out);
		buf_puts(d->out, "\"];\n");
		put_group_edges(d, pc);
		return;
	}
	if (node->kind == FLOW_STEPS && BPF_CLASS(d->flow.prog->insns[pc].code) != BPF_JMP)
		steps_end += BPF_CLASS(d->flow.prog->insns[node->end].code) != BPF_JMP;
	if (!node->is_plain || node->kind == FLOW_STEPS)
		put_steps(d, pc, steps_end, d->out);
	if (node->kind == FLOW_TEST)
		put_test(node, &d->flow.prog->insns[node->end], d->out);
	buf_putc(d->out, '"');
	put_place(d, node->end);
	buf_puts(d->out, "];\n");
	put_arrow(d, pc, node->yes);
	if (node->kind == FLOW_TEST) {
		buf_puts(d->out, " [label=\"yes\"];\n");
		put_arrow(d, pc, node->no);
		buf_puts(d->out, " [label=\"no\", style=dashed]");
	}
	buf_puts(d->out, ";\n");
}

static void put_graph(struct dot *d)
{
	size_t len = d->flow.prog->len;

	buf_puts(d->out, "digraph filter {\n\tlabel=\"");
	put_quoted(d->options->name, d->out);
	buf_printf(d->out,
		   ": %zu instruction%s\";\n\tlabelloc=t;\n"
		   "\tgraph [fontname=\"sans-serif\"];\n"
		   "\tnode [fontname=\"sans-serif\", shape=box];\n"
		   "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
		   len, len == 1 ? "" : "s");
	(void)show(d, d->flow.first);
	/* Edges lead on. */
	for (size_t pc = 0; pc < len; pc++)
		if (d->is_shown[pc] && !is_leaf(d, pc))
			put_node(d, pc);
	/* With each_test only a program without tests has one here. */
	for (size_t pc = 0; pc < len; pc++)
		if (d->is_shown[pc] && is_leaf(d, pc) &&
		    (!d->options->each_test || is_leaf(d, d->flow.first)))
			put_leaf(d, "n", pc, pc);
	buf_puts(d->out, "}\n");
}

static void dot_deinit(struct dot *d)
{
	for (size_t pc = 0; d->answers && pc < d->flow.prog->len; pc++)
		free(d->answers[pc]);
	free(d->answers);
	free(d->leaves);
	free(d->is_shown);
	free(d->is_in);
	free(d->bounds);
	free(d->intervals);
	free(d->exits);
	flow_deinit(&d->flow);
}

int cbpf_dot(const struct cbpf_prog *prog, const struct cbpf_dot_options *options, struct buf *out)
{
	struct dot d = { .options = options, .out = out };
	size_t len = prog->len;
	int r = flow_init(&d.flow, prog, options->order);

	if (r < 0)
		return r;
	d.answers = calloc(len, sizeof(*d.answers));
	d.leaves = calloc(len, sizeof(*d.leaves));
	d.is_shown = calloc(len, sizeof(*d.is_shown));
	d.is_in = calloc(len, sizeof(*d.is_in));
	d.bounds = calloc(2 * len + 1, sizeof(*d.bounds));
	d.intervals = calloc(2 * len + 1, sizeof(*d.intervals));
	d.exits = calloc(len + 1, sizeof(*d.exits));
	if (d.answers && d.leaves && d.is_shown && d.is_in && d.bounds && d.intervals && d.exits)
		put_graph(&d);
	else
		out->failed = true;
	dot_deinit(&d);
	return out->failed ? -ENOMEM : 0;
}
