/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies: each owns one arena that holds its text, its rules and the places in between. */
#include <strait/policy.h>

#include "api/handles.h"
#include "policy/policy.h"

#include <errno.h>
#include <fcntl.h>

/* More than any text or program that the readers take; they say what is wrong with less. */
#define FILE_SIZE_MAX ((size_t)16 << 20)

int file_read(const char *path, struct strait_report *report, struct buf *out)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = fd < 0 ? -errno : buf_read_fd(out, fd, FILE_SIZE_MAX);

	if (error)
		report_error(report, DIAG_FILE_READ, "can't read '%s': %s", path, strerror(-error));
	return error;
}

int text_check(const char *name, struct str text, struct strait_report *report)
{
	if (!text.len || !memchr(text.ptr, 0, text.len))
		return 0;
	report_error(report, DIAG_NOT_TEXT,
		     "'%s' has NUL bytes: it is no text, maybe a raw program", name);
	return -EINVAL;
}

struct strait_policy *policy_share(struct strait_policy *policy)
{
	__atomic_fetch_add(&policy->users, 1, __ATOMIC_RELAXED);
	return policy;
}

void strait_policy_free(struct strait_policy *policy)
{
	if (!policy || __atomic_sub_fetch(&policy->users, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	arena_deinit(&policy->arena);
	free(policy);
}

static struct strait_policy *policy_new(void)
{
	struct strait_policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	policy->users = 1;
	arena_init(&policy->arena, ARENA_DEFAULT_LIMIT);
	policy->sources.arena = &policy->arena;
	return policy;
}

/* The public options in policy/'s words; arrays go to the arena. 0 or -errno. */
static int take_options(struct arena *arena, const struct strait_policy_options *from,
			struct policy_options *to)
{
	struct strait_policy_options options;
	struct policy_define *defines;
	int error = options_in(&options, sizeof(options), from);

	if (error)
		return error;
	defines = arena_array(arena, options.ndefines, sizeof(*defines));
	if (!defines)
		return -ENOMEM;
	for (size_t i = 0; i < options.ndefines; i++)
		defines[i] =
			(struct policy_define){ options.defines[i].name, options.defines[i].value };
	*to = (struct policy_options){
		.arch = abi_private(options.abi),
		.include_dirs = options.include_dirs,
		.ninclude_dirs = options.ninclude_dirs,
		.defines = defines,
		.ndefines = options.ndefines,
		.no_files = options.flags & STRAIT_POLICY_NO_FILES,
		.forced_arch = options.flags & STRAIT_POLICY_FORCE_ABI,
	};
	return 0;
}

static int read_text(struct strait_policy *policy, const char *name, struct str text,
		     const struct strait_policy_options *options, struct strait_report *report)
{
	struct policy_options taken;
	struct diags *diags = &policy->said;
	int error = take_options(&policy->arena, options, &taken);

	if (error)
		return error;
	policy->name = arena_strndup(&policy->arena, name, strlen(name));
	text.ptr = arena_strndup(&policy->arena, text.ptr, text.len);
	if (!policy->name || !text.ptr)
		return -ENOMEM;
	diags_init(diags, &policy->arena, &policy->sources);
	error = policy_rules(diags, &policy->sources, policy->name, text, &taken, &policy->rules);
	report_collect(report, diags);
	return error;
}

int strait_policy_read_text(const char *name, const char *text, size_t size,
			    const struct strait_policy_options *options,
			    struct strait_report *report, struct strait_policy **out)
{
	int error = text_check(name, (struct str){ text, size }, report);
	struct strait_policy *policy;

	if (error)
		return error;
	policy = policy_new();
	if (!policy)
		return -ENOMEM;
	error = read_text(policy, name, (struct str){ text, size }, options, report);
	if (error) {
		strait_policy_free(policy);
		return error;
	}
	*out = policy;
	return 0;
}

int strait_policy_read_file(const char *path, const struct strait_policy_options *options,
			    struct strait_report *report, struct strait_policy **out)
{
	AUTO_BUF text = { 0 };
	int error = file_read(path, report, &text);

	if (error)
		return error;
	return strait_policy_read_text(path, text.data, text.size, options, report, out);
}

const char *strait_policy_name(const struct strait_policy *policy)
{
	return policy->name;
}

const struct strait_abi *strait_policy_abi_at(const struct strait_policy *policy, size_t i)
{
	return i < policy->rules->len ? abi_public(policy->rules->abis[i].arch) : NULL;
}

int strait_policy_format(const char *name, const char *text, size_t size,
			 struct strait_report *report, char **out, size_t *out_size)
{
	AUTO_BUF formatted = { 0 };
	struct sources sources;
	struct arena arena;
	struct diags diags;
	int error = text_check(name, (struct str){ text, size }, report);

	if (error)
		return error;
	arena_init(&arena, ARENA_DEFAULT_LIMIT);
	sources = (struct sources){ .arena = &arena };
	diags_init(&diags, &arena, &sources);
	error = policy_format(&arena, &diags, &sources, name, (struct str){ text, size },
			      &formatted);
	report_collect(report, &diags);
	arena_deinit(&arena);
	return error ? error : buf_finish(&formatted, out, out_size);
}

const char *strait_policy_shipped_at(size_t i)
{
	return policy_shipped_at(i);
}

const char *strait_policy_shipped(const char *name, size_t *size)
{
	struct str text = policy_shipped(str_of(name));

	if (text.ptr && size)
		*size = text.len;
	return text.ptr;
}
