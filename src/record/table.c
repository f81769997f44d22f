/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls in a sorted array, each with its few variants: what is found at each stop of the program is
 * found by a handful of comparisons, which the stop itself costs a hundred times.
 */
#include "record/record.h"

#include <errno.h>

void record_init(struct record *r)
{
	*r = (struct record){ 0 };
}

void record_deinit(struct record *r)
{
	for (size_t i = 0; i < r->len; i++)
		free(r->calls[i].variants);
	free(r->calls);
	for (size_t i = 0; i < r->nruns; i++)
		free(r->runs[i]);
	free(r->runs);
	record_init(r);
}

uint64_t record_value(const struct arch_arg *arg, const struct seccomp_data *data)
{
	uint64_t value = data->args[arg->index];

	if (arg->high != arg->index)
		value = (value & UINT32_MAX) | data->args[arg->high] << 32;
	return arg->bits == 64 ? value : value & ((UINT64_C(1) << arg->bits) - 1);
}

void record_set_value(const struct arch_arg *arg, uint64_t value, struct seccomp_data *data)
{
	data->args[arg->index] = value;
	if (arg->high == arg->index)
		return;
	data->args[arg->index] = value & UINT32_MAX;
	data->args[arg->high] = value >> 32;
}

/* ---- calls ---- */

static int grow(void **v, size_t len, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 4;
	void *p;

	if (len < *room)
		return 0;
	p = realloc(*v, more * size);
	if (!p)
		return -ENOMEM;
	*v = p;
	*room = more;
	return 0;
}

/* Where the call is or would be. */
static size_t place_of(const struct record *r, uint32_t audit, uint32_t nr)
{
	size_t first = 0, end = r->len;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		const struct record_call *call = &r->calls[middle];

		if (call->audit < audit || (call->audit == audit && call->nr < nr))
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static uint8_t tested_args(const struct arch *arch, const struct arch_syscall *row)
{
	struct arch_arg arg;
	uint8_t tested = 0;

	for (int i = 0; row && arch_arg_at(arch, row, i, &arg); i++)
		if (record_judge(row, &arg) != RECORD_FREE)
			tested |= (uint8_t)(1u << i);
	return tested;
}

static int find_call(struct record *r, uint32_t audit, uint32_t nr, struct record_call **out)
{
	size_t i = place_of(r, audit, nr);
	struct record_call *call;
	void *calls = r->calls;

	if (i < r->len && r->calls[i].audit == audit && r->calls[i].nr == nr) {
		*out = &r->calls[i];
		return 0;
	}
	if (r->len == RECORD_CALLS_MAX)
		return -E2BIG;
	if (grow(&calls, r->len, &r->room, sizeof(*r->calls)))
		return -ENOMEM;
	r->calls = calls;
	call = &r->calls[i];
	memmove(call + 1, call, (r->len - i) * sizeof(*call));
	r->len++;
	*call = (struct record_call){ .audit = audit, .nr = nr, .arch = arch_of_call(audit, nr) };
	call->row = call->arch ? arch_syscall_by_nr(call->arch, nr) : NULL;
	call->tested = tested_args(call->arch, call->row);
	*out = call;
	return 0;
}

/* ---- variants ---- */

static bool is_same(const struct record_variant *a, const struct record_variant *b)
{
	return a->is_covered == b->is_covered &&
	       memcmp(a->values, b->values, sizeof(a->values)) == 0;
}

static struct record_variant *find_variant(const struct record_call *call,
					   const struct record_variant *like)
{
	for (size_t i = 0; i < call->len; i++)
		if (is_same(&call->variants[i], like))
			return &call->variants[i];
	return NULL;
}

static void merge_into(struct record_variant *to, const struct record_variant *from)
{
	to->count += from->count;
	/* A call that is needed is what the policy is tried with. */
	if (from->is_needed && !to->is_needed)
		to->data = from->data;
	to->is_needed |= from->is_needed;
}

static size_t count_values(const struct record_call *call, unsigned arg)
{
	size_t distinct = 0;

	for (size_t i = 0; i < call->len; i++) {
		size_t k = 0;

		while (k < i && call->variants[k].values[arg] != call->variants[i].values[arg])
			k++;
		distinct += k == i;
	}
	return distinct;
}

static void set_any(struct record_call *call, unsigned arg)
{
	size_t len = call->len;

	call->any |= (uint8_t)(1u << arg);
	call->len = 0;
	for (size_t i = 0; i < len; i++) {
		struct record_variant variant = call->variants[i], *same;

		variant.values[arg] = 0;
		same = find_variant(call, &variant);
		if (same)
			merge_into(same, &variant);
		else
			call->variants[call->len++] = variant;
	}
}

/* Too many variants: the argument with most values is not worth a test. */
static void fold(struct record_call *call)
{
	unsigned worst = 0;
	size_t most = 0;

	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++) {
		size_t values = count_values(call, i);

		if (values > most) {
			most = values;
			worst = i;
		}
	}
	set_any(call, worst);
}

static int add_variant(struct record *r, struct record_call *call, struct record_variant variant)
{
	struct record_variant *same;
	void *variants;

	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		if (call->any & 1u << i)
			variant.values[i] = 0;
	same = find_variant(call, &variant);
	if (same) {
		merge_into(same, &variant);
		return 0;
	}
	if (call->len == RECORD_VARIANTS_MAX) {
		fold(call);
		return add_variant(r, call, variant);
	}
	variants = call->variants;
	if (grow(&variants, call->len, &call->room, sizeof(variant)))
		return -ENOMEM;
	call->variants = variants;
	variant.serial = r->serial++;
	call->variants[call->len++] = variant;
	return 0;
}

static bool allows(const struct rules *rules, const struct seccomp_data *data)
{
	uint32_t action = rules_eval(rules, data).ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

int record_add(struct record *r, const struct record_measure *measure,
	       const struct seccomp_data *data, uint64_t count)
{
	struct record_variant variant = { .count = count, .data = *data };
	struct record_call *call;
	struct arch_arg arg;
	int error = find_call(r, data->arch, (uint32_t)data->nr, &call);

	if (error)
		return error;
	for (int i = 0; i < ARCH_ARGS_MAX; i++)
		if (call->tested & 1u << i && arch_arg_at(call->arch, call->row, i, &arg))
			variant.values[i] = record_value(&arg, data);
	variant.is_covered = measure->libc && allows(measure->libc, data);
	variant.is_needed = measure->policy ? !allows(measure->policy, data) : !variant.is_covered;
	return add_variant(r, call, variant);
}

int record_add_variant(struct record *r, const struct seccomp_data *key, uint8_t any,
		       const struct record_variant *variant)
{
	struct record_call *call;
	int error = find_call(r, key->arch, (uint32_t)key->nr, &call);

	if (error)
		return error;
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		if (any & ~call->any & 1u << i)
			set_any(call, i);
	return add_variant(r, call, *variant);
}

int record_add_run(struct record *r, const char *what)
{
	char **runs, *copy = strdup(what);

	if (!copy)
		return -ENOMEM;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	for (size_t i = 0; i < r->nruns; i++)
		if (r->nruns == RECORD_RUNS_MAX || strcmp(r->runs[i], copy) == 0) {
			free(copy);
			return 0;
		}
	runs = realloc(r->runs, (r->nruns + 1) * sizeof(*runs));
	if (!runs) {
		free(copy);
		return -ENOMEM;
	}
	r->runs = runs;
	r->runs[r->nruns++] = copy;
	return 0;
}

/* ---- families ---- */

/* The argument of ROW that is called as argument FROM of CALL is. */
static int twin_of(const struct record_call *call, int from, const struct arch_syscall *row)
{
	struct arch_arg wanted, arg;

	if (!arch_arg_at(call->arch, call->row, from, &wanted))
		return -1;
	for (int i = 0; arch_arg_at(call->arch, row, i, &arg); i++)
		if (strcmp(arg.name, wanted.name) == 0)
			return i;
	return -1;
}

/* VARIANT of CALL as a call of ROW; false: it tests what ROW doesn't have. */
static bool translate(const struct record_call *call, const struct record_variant *variant,
		      const struct arch_syscall *row, struct record_variant *out, uint8_t *any)
{
	uint8_t tested = call->tested & (uint8_t)~call->any, set = 0;
	struct arch_arg arg;

	*out = (struct record_variant){ .is_needed = true };
	out->data.arch = call->audit;
	out->data.nr = (int)arch_syscall_nr(call->arch, row);
	for (int i = 0; i < ARCH_ARGS_MAX; i++) {
		int to = tested & 1u << i ? twin_of(call, i, row) : -1;

		if (to < 0 && tested & 1u << i)
			return false;
		if (to < 0 || !arch_arg_at(call->arch, row, to, &arg))
			continue;
		out->values[to] = variant->values[i];
		record_set_value(&arg, variant->values[i], &out->data);
		set |= (uint8_t)(1u << to);
	}
	*any = tested_args(call->arch, row) & (uint8_t)~set;
	return true;
}

/* A copy, as adding moves the array. */
static int add_relative(struct record *r, const struct rules *policy, struct record_call call,
			const struct arch_syscall *row)
{
	int error = 0;

	for (size_t i = 0; i < call.len && !error; i++) {
		struct record_variant variant;
		uint8_t any;

		if (call.variants[i].is_needed &&
		    translate(&call, &call.variants[i], row, &variant, &any) &&
		    !allows(policy, &variant.data))
			error = record_add_variant(r, &variant.data, any, &variant);
	}
	return error;
}

static int add_family(struct record *r, const struct rules *policy, const struct record_call *call,
		      const char *family)
{
	size_t n;

	for (const char *name = family; *name; name += n + strspn(name + n, " ")) {
		const struct arch_syscall *row;
		size_t place;
		int64_t nr;
		int error;

		n = strcspn(name, " ");
		row = arch_syscall_by_name((struct str){ name, n });
		nr = row ? arch_syscall_nr(call->arch, row) : -1;
		place = nr < 0 ? 0 : place_of(r, call->audit, (uint32_t)nr);
		if (nr < 0 || row == call->row)
			continue;
		if (place < r->len && r->calls[place].audit == call->audit &&
		    r->calls[place].nr == (uint32_t)nr && r->calls[place].variants[0].count)
			continue; /* it was seen itself */
		error = add_relative(r, policy, *call, row);
		if (error)
			return error;
	}
	return 0;
}

static bool is_member(const char *family, const char *call)
{
	size_t n;

	for (const char *name = family; *name; name += n + strspn(name + n, " ")) {
		n = strcspn(name, " ");
		if (str_is((struct str){ name, n }, call))
			return true;
	}
	return false;
}

int record_complete(struct record *r, const struct rules *policy)
{
	size_t len = r->len;
	struct record_call *seen = calloc(len + 1, sizeof(*seen));
	const char *family;
	int error = 0;

	if (!seen)
		return -ENOMEM;
	if (len)
		memcpy(seen, r->calls, len * sizeof(*seen));
	for (size_t i = 0; i < len && !error; i++)
		for (size_t k = 0; (family = record_family_at(k)) && seen[i].row && !error; k++)
			if (is_member(family, seen[i].row->name))
				error = add_family(r, policy, &seen[i], family);
	free(seen);
	return error;
}

void record_describe(const struct record_call *call, const struct record_variant *variant,
		     struct buf *out)
{
	const char *comma = "(";
	struct arch_arg arg;

	if (!call->row) {
		buf_printf(out, "syscall(%u)", call->nr);
		return;
	}
	buf_puts(out, call->row->name);
	for (int i = 0; i < ARCH_ARGS_MAX; i++) {
		if (!(call->tested & ~call->any & 1u << i) ||
		    !arch_arg_at(call->arch, call->row, i, &arg))
			continue;
		buf_printf(out, "%s%s=", comma, arg.name);
		arch_describe_arg(call->arch, call->row, &arg, variant->values[i], out);
		comma = ", ";
	}
	if (*comma == ',')
		buf_putc(out, ')');
}
