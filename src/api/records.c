/* SPDX-License-Identifier: BSD-2-Clause */
/* Records in words, from bytes or from a descriptor. */
#include <strait/explain.h>

#include "api/handles.h"
#include "records/records.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_RECORD_AUDIT, RECORD_AUDIT);
SAME(STRAIT_RECORD_SIGINFO, RECORD_SIGINFO);
SAME(STRAIT_RECORD_CORE, RECORD_CORE);
SAME(STRAIT_RECORD_MINIJAIL, RECORD_MINIJAIL);
SAME(STRAIT_RECORD_CHROMIUM, RECORD_CHROMIUM);
SAME(STRAIT_RECORD_FIELDS, RECORD_FIELDS);
SAME(STRAIT_RECORD_SIGSYS, RECORD_SIGSYS);
SAME(STRAIT_RECORD_EPERM, RECORD_EPERM);
SAME(STRAIT_KNOWN_CALL, RECORD_HAS_CALL);
SAME(STRAIT_KNOWN_ARCH, RECORD_HAS_ARCH);
SAME(STRAIT_KNOWN_IP, RECORD_HAS_IP);
SAME(STRAIT_KNOWN_ACTION, RECORD_HAS_ACTION);
SAME(STRAIT_KNOWN_SIGNAL, RECORD_HAS_SIGNAL);
SAME(STRAIT_KNOWN_PID, RECORD_HAS_PID);
SAME(STRAIT_PIDS_DIFFER, RECORD_PIDS_DIFFER);

/* What of a core is kept that can't be sought in. */
#define CORE_SIZE_MAX ((size_t)64 << 20)
#define CHUNK_SIZE    ((size_t)64 << 10)

struct strait_records {
	struct records records;
	struct strait_record *public; /* RECORDS_MAX of them */
	size_t len;		      /* so many are in words */
	struct arena arena;	      /* their texts */
};

struct strait_records *strait_records_new(const struct strait_abi *abi)
{
	struct strait_records *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	records_init(&r->records, abi ? abi_private(abi) : arch_native());
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	r->public = calloc(RECORDS_MAX, sizeof(*r->public));
	if (r->public)
		return r;
	strait_records_free(r);
	return NULL;
}

void strait_records_free(struct strait_records *r)
{
	if (!r)
		return;
	records_deinit(&r->records);
	arena_deinit(&r->arena);
	free(r->public);
	free(r);
}

/* ---- in words ---- */

/* kernel/seccomp.c, __secure_computing_strict(): the only records with SIGKILL. */
static bool record_is_strict(const struct record *r)
{
	return r->form == RECORD_AUDIT && r->known & RECORD_HAS_SIGNAL && r->signal == SIGKILL;
}

static const char *fate(const struct record *r)
{
	static const struct {
		uint32_t action;
		const char *text;
	} fates[] = {
		{ SECCOMP_RET_KILL_PROCESS, "and was killed (process)" },
		{ SECCOMP_RET_KILL_THREAD, "and was killed (thread)" },
		{ SECCOMP_RET_TRAP, "and got SIGSYS (trap)" },
		{ SECCOMP_RET_ERRNO, "and failed with a filter's errno" },
		{ SECCOMP_RET_USER_NOTIF, "and a supervisor was asked (notify)" },
		{ SECCOMP_RET_TRACE, "and a tracer was asked (trace)" },
		{ SECCOMP_RET_LOG, "and went on (log)" },
		{ SECCOMP_RET_ALLOW, "and went on (allow)" },
	};

	if (record_is_strict(r))
		return "and was killed (strict mode, no filter)";
	for (size_t i = 0; r->known & RECORD_HAS_ACTION && i < ARRAY_LEN(fates); i++)
		if (fates[i].action == r->action)
			return fates[i].text;
	if (r->known & RECORD_HAS_ACTION)
		return "and was killed (an action that the kernel doesn't know)";
	if (r->form == RECORD_EPERM)
		return "and failed with EPERM, by a filter or for want of a capability";
	if (r->form == RECORD_FIELDS && !(r->known & RECORD_HAS_SIGNAL))
		return "";
	if (r->form == RECORD_CORE)
		return "and was killed, with a core";
	return "and got SIGSYS (killed or trapped)";
}

static bool describe(struct strait_records *records, const struct record_group *group,
		     struct strait_record *out)
{
	const struct record *r = &group->record;
	const struct arch *arch = arch_of_call(r->data.arch, (uint32_t)r->data.nr);
	const struct arch_syscall *call = NULL;
	AUTO_BUF text = { 0 };

	if (arch && r->known & RECORD_HAS_CALL)
		call = arch_syscall_by_nr(arch, (uint32_t)r->data.nr);
	*out = (struct strait_record){
		.form = (enum strait_record_form)r->form,
		.known = r->known,
		.args_known = r->args_known,
		.data = r->data,
		.action = r->action,
		.signal = r->signal,
		.pid = r->pid,
		.comm = *r->comm ? r->comm : NULL,
		.exe = *r->exe ? r->exe : NULL,
		.count = group->count,
		.line = group->line,
		.abi = arch ? arch->name : NULL,
		.syscall = call ? call->name : NULL,
		.fate = fate(r),
		.is_strict = record_is_strict(r),
	};
	if (!(r->known & RECORD_HAS_CALL))
		return true;
	call_describe(&r->data, r->args_known, &text);
	out->call = text.failed ? NULL : arena_strndup(&records->arena, text.data, text.size);
	return out->call != NULL;
}

static int describe_all(struct strait_records *r)
{
	arena_deinit(&r->arena);
	arena_init(&r->arena, ARENA_DEFAULT_LIMIT);
	for (r->len = 0; r->len < r->records.len; r->len++)
		if (!describe(r, r->records.groups[r->len], &r->public[r->len]))
			return -ENOMEM;
	return 0;
}

const struct strait_record *strait_records_at(const struct strait_records *r, size_t i)
{
	return i < r->len ? &r->public[i] : NULL;
}

size_t strait_records_untold(const struct strait_records *r)
{
	return r->records.untold;
}

/* ---- from where ---- */

static int read_memory(const struct records_file *file, void *to, size_t size, uint64_t at)
{
	if (at > file->size || size > file->size - at)
		return -ENODATA;
	memcpy(to, (const char *)file->bytes + at, size);
	return 0;
}

static int read_fd(const struct records_file *file, void *to, size_t size, uint64_t at)
{
	char *next = to;

	if (at > INT64_MAX - size)
		return -ENODATA;
	while (size) {
		ssize_t n = pread(file->fd, next, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		next += n;
		at += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static bool is_elf(const char *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static int add_core(struct strait_records *r, const struct records_file *file,
		    struct strait_report *report)
{
	int signal = 0, error = records_core(&r->records, file, &signal);

	if (error == -ENOEXEC) {
		report_error(report, DIAG_BAD_CORE, "this ELF file is no core, or not all of one");
		return -EINVAL;
	}
	return error == -ENOMSG ? 0 : error;
}

int strait_records_add(struct strait_records *r, const void *bytes, size_t size,
		       struct strait_report *report)
{
	const struct records_file file = { .read = read_memory, .bytes = bytes, .size = size };
	int error;

	if (is_elf(bytes, size)) {
		error = add_core(r, &file, report);
	} else {
		error = records_text(&r->records, bytes, size);
		if (!error)
			error = records_text_end(&r->records);
	}
	return error ? error : describe_all(r);
}

/* 0 at the end, or -errno. */
static ssize_t read_some(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The notes are where the kernel's cores begin: the rest is memory. */
static int add_piped_core(struct strait_records *r, int fd, struct buf *core,
			  struct strait_report *report)
{
	struct records_file file = { .read = read_memory };
	char chunk[CHUNK_SIZE];
	ssize_t n = 1;

	while (n > 0 && core->size < CORE_SIZE_MAX && !core->failed) {
		n = read_some(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(core, chunk, (size_t)n);
	}
	if (n < 0 || core->failed)
		return n < 0 ? (int)n : -ENOMEM;
	file.bytes = core->data;
	file.size = core->size;
	return add_core(r, &file, report);
}

static int add_file(struct strait_records *r, int fd, struct strait_report *report)
{
	struct records_file file = { .read = read_fd, .fd = fd };
	AUTO_BUF core = { 0 };
	char chunk[CHUNK_SIZE];
	ssize_t n = 1;
	size_t size = 0;
	int error;

	/* A pipe may give less than the magic at once. */
	while (size < SELFMAG && n > 0) {
		n = read_some(fd, chunk + size, sizeof(chunk) - size);
		size += n > 0 ? (size_t)n : 0;
	}
	if (n >= 0 && is_elf(chunk, size)) {
		if (lseek(fd, 0, SEEK_CUR) == (off_t)size)
			return add_core(r, &file, report);
		buf_add(&core, chunk, size);
		return add_piped_core(r, fd, &core, report);
	}
	while (n > 0) {
		error = records_text(&r->records, chunk, size);
		if (error)
			return error;
		n = read_some(fd, chunk, sizeof(chunk));
		size = n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return (int)n;
	error = size ? records_text(&r->records, chunk, size) : 0;
	return error ? error : records_text_end(&r->records);
}

int strait_records_add_fd(struct strait_records *r, int fd, struct strait_report *report)
{
	int error = add_file(r, fd, report);

	return error ? error : describe_all(r);
}
