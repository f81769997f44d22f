/* SPDX-License-Identifier: BSD-2-Clause */
/* Where policies and programs come from: files, standard input, the library's own. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any policy or program; what is larger is not read. */
#define INPUT_SIZE_MAX ((size_t)16 << 20)

void inputs_init(struct inputs *in, int argc)
{
	*in = (struct inputs){
		.dirs = need_memory((size_t)argc, sizeof(*in->dirs)),
		.defines = need_memory((size_t)argc, sizeof(*in->defines)),
		.compile = { .size = sizeof(in->compile) },
	};
}

void auto_inputs(struct inputs *in)
{
	free(in->dirs);
	free(in->defines);
	for (size_t i = 0; i < in->compile.ncounts; i++)
		free((char *)(uintptr_t)in->counts[i].name);
	free(in->counts);
}

static const char *abi_name(const void *user, size_t i)
{
	const struct strait_abi *abi = strait_abi_at(i);

	(void)user;
	return abi ? strait_abi_name(abi) : NULL;
}

static int take_arch(struct inputs *in, const char *name)
{
	const char *near;

	in->abi = strait_abi_by_name(name);
	if (in->abi) {
		in->order =
			strait_abi_is_big_endian(in->abi) ? STRAIT_ORDER_BIG : STRAIT_ORDER_LITTLE;
		return 1;
	}
	near = options_suggest(name, abi_name, NULL);
	if (near)
		complain("no architecture '%s'; did you mean '%s'?", name, near);
	else
		complain("no architecture '%s'", name);
	return -1;
}

static int take_define(struct inputs *in, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		complain("-D takes NAME=VALUE, not '%s'", text);
		return -1;
	}
	*equals = '\0';
	in->defines[in->ndefines++] = (struct strait_define){ text, equals + 1 };
	return 1;
}

static int take_form(struct inputs *in, const char *name)
{
	static const struct {
		const char *name;
		enum strait_form form;
	} forms[] = {
		{ "policy", STRAIT_FORM_POLICY },
		{ "raw", STRAIT_FORM_RAW },
		{ "asm", STRAIT_FORM_ASM },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (strcmp(name, forms[i].name) == 0) {
			in->form = forms[i].form;
			return 1;
		}
	complain("--from takes policy, raw or asm, not '%s'", name);
	return -1;
}

static int take_order(struct inputs *in, const char *name)
{
	if (strcmp(name, "little") != 0 && strcmp(name, "big") != 0) {
		complain("--order takes little or big, not '%s'", name);
		return -1;
	}
	in->order = *name == 'b' ? STRAIT_ORDER_BIG : STRAIT_ORDER_LITTLE;
	return 1;
}

static int take_proof_nodes(struct inputs *in, const char *text)
{
	char *end;

	errno = 0;
	in->compile.proof_nodes = strtoul(text, &end, 0);
	if (isdigit((unsigned char)*text) && !*end && !errno && in->compile.proof_nodes)
		return 1;
	complain("--proof-nodes takes a number, not '%s'", text);
	return -1;
}

/* Linux 5.11 brought the cache of constant allows. */
static int take_kernel(struct inputs *in, const char *text)
{
	unsigned long major, minor = 0;
	char *end;
	bool good;

	major = strtoul(text, &end, 10);
	good = isdigit((unsigned char)*text) && *end == '.' && isdigit((unsigned char)end[1]);
	if (good)
		minor = strtoul(end + 1, &end, 10);
	if (!good || (*end && *end != '.' && *end != '-')) {
		complain("--kernel takes a version such as 5.11, not '%s'", text);
		return -1;
	}
	in->compile.weigh =
		major < 5 || (major == 5 && minor < 11) ? STRAIT_WEIGH_ALL : STRAIT_WEIGH_EXECUTED;
	return 1;
}

static int take_weigh(struct inputs *in, const char *word)
{
	if (strcmp(word, "executed") != 0 && strcmp(word, "all") != 0) {
		complain("--weigh takes executed or all, not '%s'", word);
		return -1;
	}
	in->compile.weigh = *word == 'a' ? STRAIT_WEIGH_ALL : STRAIT_WEIGH_EXECUTED;
	return 1;
}

int inputs_option(struct inputs *in, int id, char *arg)
{
	switch (id) {
	case 'a':
		return take_arch(in, arg);
	case 'D':
		return take_define(in, arg);
	case 'I':
		in->dirs[in->ndirs++] = arg;
		return 1;
	case OPTION_FROM:
		return take_form(in, arg);
	case OPTION_ORDER:
		return take_order(in, arg);
	case OPTION_PROOF_NODES:
		return take_proof_nodes(in, arg);
	case OPTION_KERNEL:
		return take_kernel(in, arg);
	case OPTION_WEIGH:
		return take_weigh(in, arg);
	case OPTION_SMALL:
		in->compile.flags |= STRAIT_COMPILE_SMALL;
		return 1;
	case OPTION_PROFILE:
		return profile_read(in, arg);
	default:
		return 0;
	}
}

void auto_text(struct text *text)
{
	free(text->bytes);
}

/* 0 or an errno. */
static int read_all(int fd, struct text *text)
{
	size_t room = 0;
	ssize_t n;
	char *more;

	do {
		if (text->size == room) {
			room = room ? 2 * room : (size_t)16 << 10;
			more = realloc(text->bytes, room);
			if (!more)
				return ENOMEM;
			text->bytes = more;
		}
		n = read(fd, text->bytes + text->size, room - text->size);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			text->size += (size_t)n;
		if (text->size > INPUT_SIZE_MAX)
			return EFBIG;
	} while (n != 0);
	return 0;
}

/* A word without '/' and '.' that is no file may be a shipped policy's name. */
static bool read_shipped(const char *path, struct text *text)
{
	struct stat st;
	const char *shipped;
	size_t size;

	if (strpbrk(path, "/.") || stat(path, &st) == 0)
		return false;
	shipped = strait_policy_shipped(path, &size);
	if (!shipped)
		return false;
	*text = (struct text){ need_memory(size, 1), size, path, true };
	memcpy(text->bytes, shipped, size);
	return true;
}

int inputs_read(const char *path, struct text *text)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd, error;

	*text = (struct text){ .name = is_stdin ? "<stdin>" : path };
	if (!is_stdin && read_shipped(path, text))
		return 0;
	fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	error = fd < 0 ? errno : read_all(fd, text);
	if (!is_stdin && fd >= 0)
		close(fd);
	if (!error)
		return 0;
	complain("can't read '%s': %s", path, strerror(error));
	return EXIT_BAD;
}

static struct strait_policy_options policy_options(const struct inputs *in)
{
	return (struct strait_policy_options){
		.size = sizeof(struct strait_policy_options),
		.abi = in->abi,
		.include_dirs = in->dirs,
		.ninclude_dirs = in->ndirs,
		.defines = in->defines,
		.ndefines = in->ndefines,
		.flags = in->policy_flags,
	};
}

int inputs_text_filter(const struct inputs *in, const struct text *text,
		       struct strait_report *report, struct strait_filter **out)
{
	struct strait_policy_options policy = policy_options(in);
	struct strait_read_options options = {
		.size = sizeof(options),
		.form = in->form,
		.order = in->order,
		.policy = &policy,
		.compile = &in->compile,
	};

	return strait_filter_read(text->name, text->bytes, text->size, &options, report, out);
}

int inputs_read_filter(const struct inputs *in, const char *path, struct strait_report *report,
		       struct strait_filter **out)
{
	AUTO(text) struct text text = { 0 };
	int error = inputs_read(path, &text);

	if (error)
		return error;
	error = inputs_text_filter(in, &text, report, out);
	if (error && !strait_report_at(report, 0))
		complain("can't read '%s': %s", path, strerror(-error));
	return error ? EXIT_BAD : 0;
}

int inputs_filter(const struct inputs *in, const char *path, struct strait_filter **out)
{
	AUTO(report) struct strait_report *report = need_report();
	int error = inputs_read_filter(in, path, report, out);
	size_t len;

	print_report(report);
	if (error)
		return error;
	strait_filter_insns(*out, &len);
	if (len || in->allows_empty)
		return 0;
	complain("'%s' is empty: it has no instruction", path);
	return EXIT_BAD;
}
