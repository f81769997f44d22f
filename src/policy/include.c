/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search path: the including file's own folder, the options' folders, the shipped policies. A
 * file is known by device and inode, whatever the path to it; a shipped one by its name.
 */
#include "policy/include.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "policy/parse.h"
#include "policy/report.h"

struct loaded {
	struct loaded *next;
	const char *name; /* its path, or "libc" of a shipped one */
	bool is_shipped;
	bool has_inode;
	dev_t dev;
	ino_t ino;
	struct str text;
	/* While it and what it includes are read: who includes it, and where. */
	const struct loaded *by;
	struct span at;
	bool is_open;
};

static int load(struct include_context *c, struct loaded *l, unsigned depth, struct file **out);

static const struct loaded *find_loaded(const struct include_context *c, const struct loaded *l)
{
	for (const struct loaded *i = c->loaded; i; i = i->next) {
		if (l->is_shipped && i->is_shipped && strcmp(l->name, i->name) == 0)
			return i;
		if (l->has_inode && i->has_inode && l->dev == i->dev && l->ino == i->ino)
			return i;
	}
	return NULL;
}

/* ---- the search ---- */

static int read_text(struct include_context *c, struct loaded *l, int fd)
{
	AUTO_BUF bytes = { 0 };
	int r = buf_read_fd(&bytes, fd, POLICY_SIZE_MAX);
	char *copy;

	if (r < 0)
		return r;
	copy = arena_strndup(c->arena, bytes.data, bytes.size);
	if (!copy)
		return -ENOMEM;
	l->text = (struct str){ copy, bytes.size };
	return 0;
}

/* -ENOENT where no regular file is at that path: the search goes on. */
static int try_path(struct include_context *c, struct loaded *l, struct str folder, struct str name)
{
	struct stat st;
	char *path = arena_printf(c->arena, "%.*s%s%.*s", STR_ARG(folder), folder.len ? "/" : "",
				  STR_ARG(name));
	AUTO(close_fd) int fd = -1;

	if (!path)
		return -ENOMEM;
	/* O_NONBLOCK: to open a FIFO by mistake must not wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOTDIR || errno == ENAMETOOLONG || errno == ENXIO ? -ENOENT
										   : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	l->name = path;
	l->has_inode = true;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return find_loaded(c, l) ? 0 : read_text(c, l, fd);
}

static struct str folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	/* The root's own slash stays: "/" + "/" + name is the same file. */
	return slash ? (struct str){ path, slash == path ? 1 : (size_t)(slash - path) }
		     : (struct str){ "", 0 };
}

static int search_files(struct include_context *c, struct loaded *l, struct str name)
{
	const struct policy_options *o = c->options;
	int r = -ENOENT;

	if (name.ptr[0] == '/')
		return try_path(c, l, (struct str){ "", 0 }, name);
	if (!l->by->is_shipped)
		r = try_path(c, l, folder_of(l->by->name), name);
	for (size_t i = 0; r == -ENOENT && i < o->ninclude_dirs; i++)
		r = try_path(c, l, str_of(o->include_dirs[i]), name);
	return r;
}

static int search(struct include_context *c, struct loaded *l, struct str name)
{
	int r = -ENOENT;

	if (name.len == 0)
		return r;
	if (!c->options->no_files)
		r = search_files(c, l, name);
	if (r != -ENOENT)
		return r;
	l->text = policy_shipped(name);
	if (!l->text.ptr)
		return r;
	l->is_shipped = true;
	l->name = arena_strndup(c->arena, name.ptr, name.len);
	return l->name ? 0 : -ENOMEM;
}

/* ---- mistakes ---- */

static void report_missing(struct include_context *c, const struct stmt *s)
{
	const struct policy_options *o = c->options;
	struct str_guess guess;

	str_guess_init(&guess, s->name);
	for (size_t i = 0; policy_shipped_at(i); i++)
		str_guess_try(&guess, policy_shipped_at(i));
	if (!report(c->diags, DIAG_INCLUDE_MISSING, s->name_span,
		    "no file and no shipped policy \"%.*s\"%s%s%s", STR_ARG(s->name),
		    guess.best ? "; did you mean \"" : "", guess.best ? guess.best : "",
		    guess.best ? "\"?" : ""))
		return;
	if (o->no_files)
		diag_note(c->diags, (struct span){ 0 }, "files are not searched here");
	for (size_t i = 0; !o->no_files && i < o->ninclude_dirs; i++)
		diag_note(c->diags, (struct span){ 0 }, "searched in %s", o->include_dirs[i]);
}

static void report_cycle(struct include_context *c, const struct stmt *s, const struct loaded *by,
			 const struct loaded *again)
{
	if (!report(c->diags, DIAG_INCLUDE_CYCLE, s->name_span, "%s includes itself", again->name))
		return;
	for (; by && by != again; by = by->by)
		diag_note(c->diags, by->at, "%s is included here", by->name);
}

static int include_one(struct include_context *c, const struct loaded *by, struct stmt *s,
		       unsigned depth)
{
	struct loaded *l = arena_alloc(c->arena, sizeof(*l));
	const struct loaded *again;
	int r;

	if (!l)
		return -ENOMEM;
	*l = (struct loaded){ .by = by, .at = s->span };
	r = search(c, l, s->name);
	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT) {
		report_missing(c, s);
		return 0;
	}
	if (r < 0) {
		report(c->diags, DIAG_INCLUDE_READ, s->name_span, "\"%.*s\" can't be read: %s",
		       STR_ARG(s->name), strerrordesc_np(-r) ? strerrordesc_np(-r) : "error");
		return 0;
	}
	again = find_loaded(c, l);
	if (again && again->is_open)
		report_cycle(c, s, by, again);
	if (again)
		return 0;
	if (depth == POLICY_INCLUDE_DEPTH) {
		report(c->diags, DIAG_INCLUDE_DEPTH, s->name_span,
		       "more than %d includes within includes", POLICY_INCLUDE_DEPTH);
		return 0;
	}
	return load(c, l, depth + 1, &s->included);
}

static int load(struct include_context *c, struct loaded *l, unsigned depth, struct file **out)
{
	uint32_t source = sources_add(c->sources, l->name, l->text);
	struct file *file = NULL;
	int r;

	if (source == 0)
		return -ENOMEM;
	l->next = c->loaded;
	c->loaded = l;
	source_at(c->sources, source)->is_shipped = l->is_shipped;
	source_at(c->sources, source)->from = l->at;
	r = parse_file(c->arena, c->diags, source, l->text, &file);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	file->is_shipped = l->is_shipped;
	*out = file;
	r = allow_collect(c, source, file->tokens);
	l->is_open = true;
	for (struct stmt *s = file->stmts; s && r == 0; s = s->next)
		if (s->kind == STMT_INCLUDE && !report_is_full(c->diags))
			r = include_one(c, l, s, depth);
	l->is_open = false;
	return r;
}

int include_main(struct include_context *c, const char *name, struct str text, struct file **out)
{
	struct loaded *l = arena_alloc(c->arena, sizeof(*l));
	struct stat st;

	if (!l)
		return -ENOMEM;
	*l = (struct loaded){ .name = name, .text = text };
	if (!c->options->no_files && stat(name, &st) == 0 && S_ISREG(st.st_mode)) {
		l->has_inode = true;
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	*out = NULL;
	return load(c, l, 0, out);
}
