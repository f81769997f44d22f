/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one line says. The forms are tried in the order of how sure they are: what the kernel wrote
 * first, what a shell said of its child last.
 */
#include "records/records.h"

#include <ctype.h>
#include <stdio.h>

static const struct arch *arch_of(const struct record *r)
{
	return arch_of_call(r->data.arch, (uint32_t)r->data.nr);
}

/* The ABI comes before the call, as names have numbers on an ABI only. */
static void take_arch(struct str line, const char *name, unsigned base, struct record *r)
{
	struct str value;

	if (field_find(line, name, &value) && field_arch(value, base, &r->data.arch))
		r->known |= RECORD_HAS_ARCH;
}

static bool take_call(struct str text, const struct arch *assumed, struct record *r)
{
	const struct arch *arch = r->known & RECORD_HAS_ARCH ? arch_of(r) : assumed;

	if (!field_call(text, arch, &r->data.nr))
		return false;
	r->known |= RECORD_HAS_CALL;
	return true;
}

static void take_ip(struct str line, const char *name, struct record *r)
{
	struct str value;
	uint64_t ip;

	if (field_find(line, name, &value) && field_number(value, 16, &ip)) {
		r->data.instruction_pointer = ip;
		r->known |= RECORD_HAS_IP;
	}
}

static void take_pid(struct str text, struct record *r)
{
	uint64_t pid;

	if (field_number(text, 10, &pid) && pid <= INT32_MAX) {
		r->pid = (int)pid;
		r->known |= RECORD_HAS_PID;
	}
}

static void take_signal(struct str text, struct record *r)
{
	uint64_t value;
	int64_t named;

	if (field_number(text, 10, &value) && value <= INT32_MAX)
		r->signal = (int)value;
	else if (arch_of(r) && arch_constant(arch_of(r), text, &named))
		r->signal = (int)named;
	else
		return;
	r->known |= RECORD_HAS_SIGNAL;
}

/* What audit records have, and what people copy from them. */
static void take_process(struct str line, bool decoded, struct record *r)
{
	struct str value;

	if (field_find(line, "pid", &value))
		take_pid(value, r);
	if (decoded ? field_find_long(line, "comm", &value) : field_find(line, "comm", &value))
		field_string(value, decoded, r->comm, sizeof(r->comm));
	if (decoded ? field_find_long(line, "exe", &value) : field_find(line, "exe", &value))
		field_string(value, decoded, r->exe, sizeof(r->exe));
	if (field_find(line, "sig", &value))
		take_signal(value, r);
	if (field_find(line, "code", &value) && field_action(value, &r->action))
		r->known |= RECORD_HAS_ACTION;
	take_ip(line, "ip", r);
}

/* ---- the audit log: kernel/auditsc.c, audit_seccomp() ---- */

static bool is_audit(struct str line)
{
	struct str after = field_after(line, "type=1326");

	if (after.ptr && (!after.len || !isdigit((unsigned char)*after.ptr)))
		return true;
	return field_after(line, "type=SECCOMP ").ptr || field_after(line, "SECCOMP auid=").ptr;
}

/* ausearch -i: the time is a date and a time of the day, numbers are names, strings are decoded. */
static bool is_interpreted(struct str line)
{
	struct str stamp = field_after(line, "audit(");
	const char *end = stamp.len ? memchr(stamp.ptr, ')', stamp.len) : NULL;

	return end && memchr(stamp.ptr, ' ', (size_t)(end - stamp.ptr));
}

static bool audit_line(struct str line, const struct arch *assumed, struct record *r)
{
	struct str value;

	if (!is_audit(line) || !field_find(line, "syscall", &value))
		return false;
	r->form = RECORD_AUDIT;
	take_arch(line, "arch", 16, r);
	if (!take_call(value, assumed, r))
		return false;
	take_process(line, is_interpreted(line), r);
	return true;
}

/* ---- a siginfo: strace's and gdb's ---- */

static bool siginfo_line(struct str line, const struct arch *assumed, struct record *r)
{
	bool gdb = false;
	struct str value;

	if (!field_find(line, "si_syscall", &value)) {
		gdb = field_find(line, "_syscall", &value);
		if (!gdb)
			return false;
	}
	/* The other cause of SIGSYS, PR_SET_SYSCALL_USER_DISPATCH, is no filter's. */
	if (field_after(line, "SYS_USER_DISPATCH").ptr)
		return false;
	r->form = RECORD_SIGINFO;
	take_arch(line, gdb ? "_arch" : "si_arch", 10, r);
	if (!take_call(value, assumed, r))
		return false;
	take_ip(line, gdb ? "_call_addr" : "si_call_addr", r);
	value = field_after(line, "[pid");
	if (value.ptr) {
		const char *end = memchr(value.ptr, ']', value.len);

		while (value.len && *value.ptr == ' ')
			value = (struct str){ value.ptr + 1, value.len - 1 };
		if (end && end > value.ptr)
			take_pid((struct str){ value.ptr, (size_t)(end - value.ptr) }, r);
	}
	return true;
}

/* ---- messages that name a call ---- */

/* The word at the beginning, "(" and what follows left out. */
static struct str first_word(struct str text)
{
	size_t len = 0;

	while (text.len && (*text.ptr == ' ' || *text.ptr == '\'' || *text.ptr == '"'))
		text = (struct str){ text.ptr + 1, text.len - 1 };
	while (len < text.len && (isalnum((unsigned char)text.ptr[len]) || text.ptr[len] == '_'))
		len++;
	return (struct str){ text.ptr, len };
}

/* libminijail[123]: the process that speaks. */
static void take_speaker(struct str line, const char *speaker, struct record *r)
{
	struct str value = field_after(line, speaker);

	if (value.len && *value.ptr == '[')
		take_pid(first_word((struct str){ value.ptr + 1, value.len - 1 }), r);
}

static bool minijail_line(struct str line, const struct arch *assumed, struct record *r)
{
	static const char *const words[] = { "blocked syscall:",
					     "seccomp violation: syscall number",
					     "seccomp violation: syscall" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct str after = field_after(line, words[i]);

		if (!after.ptr || !take_call(first_word(after), assumed, r))
			continue;
		r->form = RECORD_MINIJAIL;
		take_speaker(line, "libminijail", r);
		return true;
	}
	return false;
}

static void take_args(struct str line, const char *prefix, unsigned first,
		      const struct arch *assumed, struct record *r)
{
	const struct arch *arch = r->known & RECORD_HAS_ARCH ? arch_of(r) : assumed;
	char name[8];
	struct str value;

	for (unsigned i = 0; i < ARCH_ARGS_MAX; i++) {
		uint64_t arg;

		snprintf(name, sizeof(name), "%s%u", prefix, first + i);
		if (!field_find(line, name, &value) || !field_constant(value, arch, &arg))
			continue;
		r->data.args[i] = arg;
		r->args_known |= 1U << i;
	}
}

/*
 * Chromium's sandbox/linux/seccomp-bpf-helpers/sigsys_handlers.cc: a number of four decimal digits,
 * or nr= and four arguments from arg1 on; handlers of their own for a few calls name those.
 */
static bool chromium_line(struct str line, const struct arch *assumed, struct record *r)
{
	struct str after = field_after(line, "seccomp-bpf failure in syscall "), value;

	r->form = RECORD_CHROMIUM;
	if (after.ptr) {
		if (!field_find(after, "nr", &value))
			value = first_word(after);
		if (!take_call(value, assumed, r))
			return false;
		take_args(after, "arg", 1, assumed, r);
		return true;
	}
	after = field_after(line, "**CRASHING**:");
	value = first_word(after);
	if (!value.len || !arch_syscall_by_name(value) || !field_after(after, "() failure").ptr)
		return false;
	return take_call(value, assumed, r);
}

static bool fields_line(struct str line, const struct arch *assumed, struct record *r)
{
	struct str value;

	/* Other records of the audit log have a syscall= too. */
	if (field_find(line, "type", &value) || !field_find(line, "syscall", &value))
		return false;
	r->form = RECORD_FIELDS;
	take_arch(line, "arch", 16, r);
	if (!take_call(value, assumed, r))
		return false;
	take_args(line, "a", 0, assumed, r);
	take_args(line, "arg", 0, assumed, r);
	take_process(line, false, r);
	return true;
}

/* ---- messages that don't ---- */

static bool sigsys_line(struct str line, struct record *r)
{
	static const char *const words[] = {
		"ad system call",     /* shells: strsignal(SIGSYS) */
		"nvalid system call", /* zsh */
		"status=31/SYS",      /* systemd */
		"received signal 31", /* minijail */
		"killed by SIGSYS",   /* strace */
		"signal SIGSYS",      /* gdb, container engines */
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!field_after(line, words[i]).ptr)
			continue;
		r->form = RECORD_SIGSYS;
		return true;
	}
	return false;
}

/* "unshare: Operation not permitted", "clone failed: operation not permitted" */
static bool eperm_line(struct str line, const struct arch *assumed, struct record *r)
{
	struct str after = field_after(line, ": Operation not permitted"), before;
	size_t begin;

	if (!after.ptr)
		after = field_after(line, ": operation not permitted");
	if (!after.ptr)
		return false;
	before = (struct str){ line.ptr, (size_t)(after.ptr - line.ptr) -
						 strlen(": operation not permitted") };
	if (before.len > 7 && memcmp(before.ptr + before.len - 7, " failed", 7) == 0)
		before.len -= 7;
	if (before.len > 2 && memcmp(before.ptr + before.len - 2, "()", 2) == 0)
		before.len -= 2;
	for (begin = before.len; begin > 0; begin--)
		if (!isalnum((unsigned char)before.ptr[begin - 1]) && before.ptr[begin - 1] != '_')
			break;
	before = (struct str){ before.ptr + begin, before.len - begin };
	if (!arch_syscall_by_name(before) || !take_call(before, assumed, r))
		return false;
	r->form = RECORD_EPERM;
	return true;
}

bool record_from_line(struct str line, const struct arch *assumed, struct record *out)
{
	static bool (*const forms[])(struct str, const struct arch *, struct record *) = {
		audit_line, siginfo_line, chromium_line, minijail_line, fields_line, eperm_line,
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		memset(out, 0, sizeof(*out));
		out->data.arch = assumed->audit;
		if (forms[i](line, assumed, out))
			return true;
	}
	memset(out, 0, sizeof(*out));
	out->data.arch = assumed->audit;
	return sigsys_line(line, out);
}
