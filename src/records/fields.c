/* SPDX-License-Identifier: BSD-2-Clause */
/* NAME=VALUE in a line, and what the values mean. */
#include "records/records.h"

#include <ctype.h>

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

struct str field_after(struct str line, const char *words)
{
	size_t len = strlen(words);
	const char *at = line.len ? memmem(line.ptr, line.len, words, len) : NULL;

	if (!at)
		return (struct str){ NULL, 0 };
	return (struct str){ at + len, line.len - (size_t)(at - line.ptr) - len };
}

static struct str skip_blanks(struct str text)
{
	while (text.len && (*text.ptr == ' ' || *text.ptr == '\t')) {
		text.ptr++;
		text.len--;
	}
	return text;
}

/* What follows the last NAME, blanks and '='. */
static bool find_name(struct str line, const char *name, struct str *rest)
{
	bool found = false;

	for (struct str at = line; (at = field_after(at, name)).ptr;) {
		const char *begin = at.ptr - strlen(name);
		struct str after = skip_blanks(at);

		if ((begin > line.ptr && is_name(begin[-1])) || !after.len || *after.ptr != '=')
			continue;
		*rest = skip_blanks((struct str){ after.ptr + 1, after.len - 1 });
		found = true;
	}
	return found;
}

/* A quoted value, quotes included; false: it has none. */
static bool take_quoted(struct str rest, struct str *value)
{
	const char *end;

	if (rest.len < 2 || *rest.ptr != '"')
		return false;
	end = memchr(rest.ptr + 1, '"', rest.len - 1);
	if (!end)
		return false;
	*value = (struct str){ rest.ptr, (size_t)(end - rest.ptr) + 1 };
	return true;
}

bool field_find(struct str line, const char *name, struct str *value)
{
	struct str rest;
	size_t len = 0;

	if (!find_name(line, name, &rest))
		return false;
	if (take_quoted(rest, value))
		return true;
	while (len < rest.len && isgraph((unsigned char)rest.ptr[len]) &&
	       !strchr(",}]\"'", rest.ptr[len]))
		len++;
	*value = (struct str){ rest.ptr, len };
	return len > 0;
}

bool field_find_long(struct str line, const char *name, struct str *value)
{
	struct str rest;
	size_t len = 0, word;

	if (!find_name(line, name, &rest))
		return false;
	if (take_quoted(rest, value))
		return true;
	for (; len < rest.len; len++) {
		if (rest.ptr[len] != ' ')
			continue;
		for (word = len + 1; word < rest.len && is_name(rest.ptr[word]);)
			word++;
		if (word > len + 1 && word < rest.len && rest.ptr[word] == '=')
			break;
	}
	*value = (struct str){ rest.ptr, len };
	return len > 0;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

bool field_number(struct str text, unsigned base, uint64_t *value)
{
	bool negative = text.len && *text.ptr == '-';
	size_t i = negative;
	uint64_t sum = 0;

	if (text.len >= i + 2 && text.ptr[i] == '0' &&
	    tolower((unsigned char)text.ptr[i + 1]) == 'x') {
		base = 16;
		i += 2;
	}
	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		unsigned digit = digit_value(text.ptr[i]);

		if (digit >= base || __builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return false;
	}
	*value = negative ? -sum : sum;
	return true;
}

static struct str without(struct str text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text.len >= len && memcmp(text.ptr, prefix, len) == 0)
		return (struct str){ text.ptr + len, text.len - len };
	return text;
}

/* Tokens are in upper case, names in lower. */
static const struct arch *arch_of_word(struct str word)
{
	char name[32];

	if (!word.len || word.len >= sizeof(name))
		return NULL;
	for (size_t i = 0; i < word.len; i++)
		name[i] = (char)tolower((unsigned char)word.ptr[i]);
	return arch_by_name((struct str){ name, word.len });
}

bool field_arch(struct str text, unsigned base, uint32_t *audit)
{
	const struct arch *arch = arch_of_word(without(text, "AUDIT_ARCH_"));
	uint64_t value;

	if (!arch && (!field_number(text, base, &value) || value > UINT32_MAX))
		return false;
	*audit = arch ? arch->audit : (uint32_t)value;
	return true;
}

/* A number, negative or not, that fits seccomp_data.nr. */
static bool call_number(struct str text, int *nr)
{
	uint64_t value;

	if (!field_number(text, 10, &value))
		return false;
	if (value > UINT32_MAX && (int64_t)value < INT32_MIN)
		return false;
	if (value > UINT32_MAX && (int64_t)value > 0)
		return false;
	*nr = (int)(uint32_t)value;
	return true;
}

bool field_call(struct str text, const struct arch *arch, int *nr)
{
	struct str name = without(text, "__NR_");
	const struct arch_syscall *call = arch_syscall_by_name(name);
	struct str inner = field_after(text, "unknown-syscall(");
	int64_t found = -1;

	if (!inner.ptr)
		inner = field_after(text, "unknown(");
	if (inner.len && inner.ptr[inner.len - 1] == ')')
		return call_number((struct str){ inner.ptr, inner.len - 1 }, nr);
	if (call && arch)
		found = arch_syscall_nr(arch, call);
	if (found < 0)
		return call_number(text, nr);
	*nr = (int)found;
	return true;
}

bool field_action(struct str text, uint32_t *action)
{
	static const struct {
		const char *name; /* audit-userspace's lib/seccomptab.h, and a policy's words */
		uint32_t action;
	} names[] = {
		{ "kill", SECCOMP_RET_KILL_THREAD },
		{ "kill-thread", SECCOMP_RET_KILL_THREAD },
		{ "kill_thread", SECCOMP_RET_KILL_THREAD },
		{ "kill-process", SECCOMP_RET_KILL_PROCESS },
		{ "kill_process", SECCOMP_RET_KILL_PROCESS },
		{ "trap", SECCOMP_RET_TRAP },
		{ "errno", SECCOMP_RET_ERRNO },
		{ "user-notify", SECCOMP_RET_USER_NOTIF },
		{ "user_notif", SECCOMP_RET_USER_NOTIF },
		{ "notify", SECCOMP_RET_USER_NOTIF },
		{ "trace", SECCOMP_RET_TRACE },
		{ "log", SECCOMP_RET_LOG },
		{ "allow", SECCOMP_RET_ALLOW },
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(text, names[i].name)) {
			*action = names[i].action;
			return true;
		}
	if (!field_number(text, 16, &value) || value > UINT32_MAX)
		return false;
	*action = (uint32_t)value & SECCOMP_RET_ACTION_FULL;
	return true;
}

bool field_constant(struct str text, const struct arch *arch, uint64_t *value)
{
	uint64_t sum = 0, part;
	int64_t named;

	do {
		const char *bar = text.len ? memchr(text.ptr, '|', text.len) : NULL;
		struct str word = { text.ptr, bar ? (size_t)(bar - text.ptr) : text.len };

		if (field_number(word, 10, &part))
			sum |= part;
		else if (arch && arch_constant(arch, word, &named))
			sum |= (uint64_t)named;
		else
			return false;
		text = bar ? (struct str){ bar + 1, text.len - word.len - 1 }
			   : (struct str){ NULL, 0 };
	} while (text.ptr);
	*value = sum;
	return true;
}

/* kernel/audit.c, audit_log_n_hex(): digits in upper case, two a byte. */
static bool is_hex(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (digit_value(text.ptr[i]) > 15 || islower((unsigned char)text.ptr[i]))
			return false;
	return text.len && text.len % 2 == 0;
}

void field_string(struct str text, bool decoded, char *out, size_t room)
{
	size_t len = 0;

	if (text.len >= 2 && *text.ptr == '"') {
		text = (struct str){ text.ptr + 1, text.len - 2 };
		decoded = true;
	}
	if (str_is(text, "(null)") || str_is(text, "?"))
		text.len = 0;
	if (decoded || !is_hex(text)) {
		while (len < text.len && len + 1 < room && text.ptr[len]) {
			out[len] = text.ptr[len];
			len++;
		}
	} else {
		for (; 2 * len < text.len && len + 1 < room; len++) {
			out[len] = (char)(digit_value(text.ptr[2 * len]) << 4 |
					  digit_value(text.ptr[2 * len + 1]));
			if (!out[len])
				break;
		}
	}
	memset(out + len, 0, room - len);
}
