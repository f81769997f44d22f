/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as what `strait explain` reads: a log, or an ELF core. Whatever it says fits its types and
 * is text; a fix allows the call; a text in pieces says the same as in one.
 */
#include "api/handles.h"
#include "policy/policy.h"
#include "records/records.h"

#include "fuzz.h"

static const char policy[] = "arch x86_64, i386\n"
			     "default kill_process\n"
			     "allow socket if family == AF_UNIX\n"
			     "errno(EPERM) socket if type == SOCK_RAW\n"
			     "trap ioctl if cmd == 1 || arg == 2\n"
			     "allow { read write }\n";

static struct strait_filter *compile(const char *text)
{
	struct strait_read_options options = { .size = sizeof(options),
					       .form = STRAIT_FORM_POLICY };
	struct strait_filter *filter = NULL;

	assert(strait_filter_read("fuzz", text, strlen(text), &options, NULL, &filter) == 0);
	return filter;
}

static void check_printable(const char *text)
{
	for (; text && *text; text++)
		assert(*text >= ' ' && *text <= '~');
}

static void check_record(const struct strait_record *r)
{
	assert(r->count > 0 && r->args_known <= CALL_ARGS_ALL);
	assert(!r->comm || (*r->comm && strlen(r->comm) < RECORD_COMM_MAX));
	assert(!r->exe || (*r->exe && strlen(r->exe) < RECORD_EXE_MAX));
	assert(!(r->known & STRAIT_KNOWN_CALL) == !r->call);
	check_printable(r->call);
	check_printable(r->fate);
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		assert(r->args_known >> i & 1 || !r->data.args[i]);
}

/* A policy with the rule in front of everything allows the call, with any of the unknown arguments.
 */
static void check_fix(const struct strait_record *r, const char *fix)
{
	const struct policy_options options = { .no_files = true };
	struct seccomp_data data = r->data;
	struct sources sources;
	struct rules *rules;
	AUTO_BUF text = { 0 };
	struct arena arena;
	struct diags diags;

	buf_printf(&text, "arch %s\ndefault kill_process\n%s\n", r->abi, fix);
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	assert(policy_rules(&diags, &sources, "<fix>", (struct str){ text.data, text.size },
			    &options, &rules) == 0);
	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++)
		if (!(r->args_known >> i & 1))
			data.args[i] = 0x5a5a5a5a5a5a5a5a;
	assert(rules_eval(rules, &data).ret == SECCOMP_RET_ALLOW);
	arena_deinit(&arena);
}

static void explain(const struct strait_record *r, const struct strait_filter *const *stack,
		    size_t len)
{
	struct strait_explanation *x;
	int error = strait_explain(r, stack, len, NULL, &x);

	/* The call may be one of a machine of the other byte order. */
	assert(error == 0 || (error == -EINVAL && len));
	if (error)
		return;
	assert(r->call || x->how == STRAIT_EXPLAINED_NOTHING);
	assert(!x->verdict == (x->how != STRAIT_EXPLAINED_VERDICT));
	for (size_t i = 0; i < x->nsuspects; i++)
		check_printable(x->suspects[i].statement);
	if (x->fix && !(x->verdict && x->verdict->by == STRAIT_BY_FOREIGN))
		check_fix(r, x->fix);
	strait_explanation_free(x);
}

/* A line at a time, and byte by byte. */
static void check_pieces(const uint8_t *bytes, size_t size, const struct records *whole)
{
	struct records r;

	records_init(&r, whole->assumed);
	for (size_t i = 0; i < size; i++)
		assert(records_text(&r, (const char *)bytes + i, 1) == 0);
	assert(records_text_end(&r) == 0);
	assert(r.len == whole->len && r.untold == whole->untold);
	for (size_t i = 0; i < r.len; i++) {
		assert(r.groups[i]->count == whole->groups[i]->count);
		assert(r.groups[i]->line == whole->groups[i]->line);
		assert(memcmp(&r.groups[i]->record, &whole->groups[i]->record,
			      sizeof(struct record)) == 0);
	}
	records_deinit(&r);
}

static void check_text(const uint8_t *bytes, size_t size)
{
	struct records r;

	records_init(&r, arch_by_name(str_of("x86_64")));
	assert(records_text(&r, (const char *)bytes, size) == 0);
	assert(records_text_end(&r) == 0);
	check_pieces(bytes, size, &r);
	records_deinit(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct strait_filter *stack[2];
	struct strait_records *records = strait_records_new(strait_abi_by_name("x86_64"));
	const struct strait_record *r;
	int error = strait_records_add(records, bytes, size, NULL);

	if (!stack[0]) {
		stack[0] = compile("arch x86_64, i386\ndefault allow\nerrno(EPERM) socket\n");
		stack[1] = compile(policy);
	}
	assert(error == 0 || error == -EINVAL);
	for (size_t i = 0; !error && (r = strait_records_at(records, i)); i++) {
		check_record(r);
		explain(r, stack, 0);
		explain(r, stack, 2);
	}
	strait_records_free(records);
	check_text(bytes, size);
	return 0;
}
