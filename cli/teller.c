/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A few lines for each call that a program under filters was stopped at, or a supervisor answered.
 *
 * Such lines are put together first and written at once, so that they don't mingle with what the
 * program itself writes. What is told for the same reason again is only counted: a program that
 * retries would drown its own output.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reason {
	char *text;	     /* what makes it this one; see reason_text() */
	char *call;	     /* the first call that it was told of */
	unsigned long again; /* further ones */
};

/* ---- reasons ---- */

/* Two calls that differ only in what no rule could look at, such as pointers, are stopped for the
 * same reason. */
static char *reason_text(const struct strait_verdict *v)
{
	char *text = NULL;

	if (asprintf(&text, "%s %s %zu %u %u %u %d %s", v->abi ? v->abi : "",
		     v->syscall ? v->syscall : v->call, v->filter, v->line, v->column, v->ret,
		     v->errno_value, v->fix ? v->fix : v->call) < 0)
		return NULL;
	return text;
}

/* Is this the first call that is told for its reason, TEXT, which is taken? Counts it if not. */
static bool is_new(struct teller *t, char *text, const char *call)
{
	AUTO(string) char *mine = text;
	struct reason *reason;

	if (!mine)
		return true;
	for (size_t i = 0; i < t->nreasons; i++) {
		if (strcmp(t->reasons[i].text, mine) != 0)
			continue;
		t->reasons[i].again++;
		return false;
	}
	if (t->nreasons == TELLER_REASONS) {
		t->untold++;
		return false;
	}
	reason = &t->reasons[t->nreasons];
	reason->call = strdup(call);
	if (!reason->call)
		return true;
	reason->text = mine;
	mine = NULL;
	t->nreasons++;
	return true;
}

static void print_counts(const struct teller *t, FILE *out)
{
	for (size_t i = 0; i < t->nreasons; i++)
		if (t->reasons[i].again)
			fprintf(out, "strait: %lu more like %s\n", t->reasons[i].again,
				t->reasons[i].call);
	if (t->untold)
		fprintf(out, "strait: %lu more, for further reasons\n", t->untold);
}

/* ---- telling ---- */

static bool is_shipped(const struct teller *t, const struct strait_verdict *v)
{
	const char *path = v->by == STRAIT_BY_NOTHING ? NULL : t->paths[v->filter];

	return path && v->by != STRAIT_BY_INSTRUCTION && !strpbrk(path, "/.") &&
	       strait_policy_shipped(path, NULL) && access(path, F_OK) != 0;
}

/* A name is the program's to choose: nothing in it may steer a terminal. */
static void print_name(const char *name, FILE *out)
{
	for (const char *c = name; *c; c++)
		fputc(*c >= ' ' && *c <= '~' ? *c : '?', out);
}

void teller_thread(const char *comm, pid_t pid, pid_t tid, FILE *out)
{
	print_name(comm, out);
	fprintf(out, "[%d", (int)pid);
	if (tid != pid)
		fprintf(out, "/%d", (int)tid);
	fputc(']', out);
}

static void print_stopped(const struct teller *t, const struct strait_stopped *s, FILE *out)
{
	const struct strait_verdict *v = s->verdict;

	fputs("strait: ", out);
	teller_thread(s->comm, s->pid, s->tid, out);
	fprintf(out, " was stopped: %s on %s", v->call, v->abi ? v->abi : "an unknown ABI");
	if (v->outcome != STRAIT_KILLS_PROCESS)
		fprintf(out, " %s", v->text);
	fputc('\n', out);
	verdict_print(v, out);
	if (v->fix && is_shipped(t, v))
		fprintf(out, "  in a policy of your own: `strait fmt %s >my.strait` is a start\n",
			t->paths[v->filter]);
}

static void json_stopped(const struct strait_stopped *s, FILE *out)
{
	struct json j;

	json_start(&j, out, true);
	json_number(&j, "pid", s->pid);
	json_number(&j, "tid", s->tid);
	json_text(&j, "comm", s->comm);
	verdict_json(s->verdict, &j);
	json_end(&j);
}

void teller_stopped(void *user, const struct strait_stopped *s)
{
	struct teller *t = user;
	char *text = NULL;
	size_t size;
	FILE *block;

	if (!t->json && !is_new(t, reason_text(s->verdict), s->verdict->call))
		return;
	block = open_memstream(&text, &size);
	if (!block)
		return;
	if (t->json)
		json_stopped(s, block);
	else
		print_stopped(t, s, block);
	output_block(t->fd, block, &text, &size);
	free(text);
}

/* ---- a supervisor's answers ---- */

static void print_answered(const struct strait_answered *a, FILE *out)
{
	const struct strait_verdict *v = a->verdict;

	fputs("strait: ", out);
	teller_thread(a->comm, a->pid, a->tid, out);
	fprintf(out, " %s: %s on %s",
		a->answer == STRAIT_ANSWER_CONTINUED ? "goes on" : "was refused", v->call,
		v->abi ? v->abi : "an unknown ABI");
	if (a->path) {
		fputs(", for \"", out);
		print_name(a->path, out);
		fputc('"', out);
	}
	if (a->error)
		fprintf(out, ": %s", strerror(a->error));
	fputc('\n', out);
	verdict_print_decider(v, out);
}

static void json_answered(const struct strait_answered *a, FILE *out)
{
	struct json j;

	json_start(&j, out, true);
	json_number(&j, "pid", a->pid);
	json_number(&j, "tid", a->tid);
	json_text(&j, "comm", a->comm);
	json_text(&j, "answer", a->answer == STRAIT_ANSWER_CONTINUED ? "continued" : "refused");
	if (a->error)
		json_number(&j, "answer_errno", a->error);
	if (a->path)
		json_text(&j, "path", a->path);
	verdict_json(a->verdict, &j);
	json_end(&j);
}

static char *refusal_text(const struct strait_answered *a)
{
	const struct strait_verdict *v = a->verdict;
	char *text = NULL;

	if (asprintf(&text, "refused %s %s %u %u %d %s", v->abi ? v->abi : "",
		     v->syscall ? v->syscall : v->call, v->line, v->column, a->error,
		     a->path ? a->path : v->call) < 0)
		return NULL;
	return text;
}

void teller_answered(void *user, const struct strait_answered *a)
{
	struct teller *t = user;
	char *text = NULL;
	size_t size;
	FILE *block;

	/* What is to be logged is logged each time. */
	if (!t->json && a->answer == STRAIT_ANSWER_REFUSED &&
	    !is_new(t, refusal_text(a), a->verdict->call))
		return;
	block = open_memstream(&text, &size);
	if (!block)
		return;
	if (t->json)
		json_answered(a, block);
	else
		print_answered(a, block);
	output_block(t->fd, block, &text, &size);
	free(text);
}

/* ---- the beginning and the end ---- */

int teller_open(struct teller *t, const char *file, const char *const *paths)
{
	t->paths = paths;
	t->fd = STDERR_FILENO;
	t->reasons = need_memory(TELLER_REASONS, sizeof(*t->reasons));
	if (!file)
		return 0;
	t->fd = output_open(file);
	return t->fd < 0 ? EXIT_NOT_STARTED : 0;
}

static void tell_counts(const struct teller *t)
{
	char *text = NULL;
	size_t size;
	FILE *block = open_memstream(&text, &size);

	if (!block)
		return;
	print_counts(t, block);
	output_block(t->fd, block, &text, &size);
	free(text);
}

void teller_end(const struct teller *t, const struct strait_report *report,
		const struct strait_run_result *result)
{
	tell_counts(t);
	print_report(report);
	if (!result->verdict)
		return;
	fprintf(stderr, "  %s on %s %s\n", result->verdict->syscall, result->verdict->abi,
		result->verdict->text);
	verdict_print(result->verdict, stderr);
}

void teller_deinit(struct teller *t)
{
	for (size_t i = 0; i < t->nreasons; i++) {
		free(t->reasons[i].text);
		free(t->reasons[i].call);
	}
	free(t->reasons);
}
