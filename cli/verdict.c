/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's answers and messages, for people and as JSON. */
#include "cli.h"

static bool runs(const struct strait_verdict *v)
{
	return v->outcome == STRAIT_RUNS || v->outcome == STRAIT_RUNS_LOGGED;
}

void verdict_print_decider(const struct strait_verdict *v, FILE *out)
{
	if (v->by == STRAIT_BY_NOTHING)
		fputs("  there is no filter\n", out);
	else if (v->by == STRAIT_BY_INSTRUCTION)
		fprintf(out, "  by %s, instruction %u: %s\n", v->filter_name, v->pc, v->action);
	else if (v->file)
		fprintf(out, "  by %s:%u:%u: %s\n", v->file, v->line, v->column,
			v->statement ? v->statement : v->action);
	else
		fprintf(out, "  by %s, whose rules are for other architectures: %s\n",
			v->filter_name, v->action);
}

void verdict_print(const struct strait_verdict *v, FILE *out)
{
	verdict_print_decider(v, out);
	if (!v->fix || runs(v))
		return;
	if (v->by == STRAIT_BY_RULE && v->file)
		fprintf(out, "  to allow it, add before %s:%u: %s\n", v->file, v->line, v->fix);
	else if (v->by == STRAIT_BY_FOREIGN)
		fprintf(out, "  to let its rules decide, say: %s\n", v->fix);
	else
		fprintf(out, "  to allow it, add: %s\n", v->fix);
}

void verdict_json(const struct strait_verdict *v, struct json *j)
{
	static const char *const outcomes[] = {
		[STRAIT_RUNS] = "runs",
		[STRAIT_RUNS_LOGGED] = "runs_logged",
		[STRAIT_FAILS] = "fails",
		[STRAIT_TRAPS] = "traps",
		[STRAIT_TRACED] = "traced",
		[STRAIT_NOTIFIES] = "notifies",
		[STRAIT_KILLS_THREAD] = "kills_thread",
		[STRAIT_KILLS_PROCESS] = "kills_process",
	};
	static const char *const deciders[] = {
		[STRAIT_BY_NOTHING] = "nothing",	 [STRAIT_BY_RULE] = "rule",
		[STRAIT_BY_DEFAULT] = "default",	 [STRAIT_BY_FOREIGN] = "foreign",
		[STRAIT_BY_INSTRUCTION] = "instruction",
	};

	json_text(j, "call", v->call);
	json_text(j, "syscall", v->syscall);
	json_text(j, "arch", v->abi);
	json_text(j, "outcome", outcomes[v->outcome]);
	json_text(j, "text", v->text);
	json_text(j, "action", v->action);
	json_number(j, "ret", v->ret);
	if (v->outcome == STRAIT_FAILS)
		json_number(j, "errno", v->errno_value);
	json_number(j, "executed", v->executed);
	json_text(j, "by", deciders[v->by]);
	if (v->by == STRAIT_BY_NOTHING)
		return;
	json_text(j, "filter", v->filter_name);
	json_number(j, "instruction", v->pc);
	if (v->file) {
		json_text(j, "file", v->file);
		json_number(j, "line", v->line);
		json_number(j, "column", v->column);
		json_text(j, "statement", v->statement);
	}
	if (v->fix)
		json_text(j, "fix", v->fix);
}

static void message_members(const struct strait_message *m, struct json *j)
{
	static const char *const severities[] = {
		[STRAIT_ERROR] = "error",
		[STRAIT_WARNING] = "warning",
		[STRAIT_NOTE] = "note",
	};

	json_text(j, "severity", severities[m->severity]);
	if (m->code)
		json_text(j, "code", m->code);
	json_text(j, "text", m->text);
	if (!m->file)
		return;
	json_text(j, "file", m->file);
	if (m->instruction >= 0) {
		json_number(j, "instruction", m->instruction);
		return;
	}
	json_number(j, "line", m->line);
	json_number(j, "column", m->column);
}

void message_json(const struct strait_message *m, struct json *j)
{
	json_open(j, NULL, '{');
	message_members(m, j);
	json_open(j, "notes", '[');
	for (size_t i = 0; i < m->nnotes; i++) {
		json_open(j, NULL, '{');
		message_members(&m->notes[i], j);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

void messages_json(const struct strait_report *report, struct json *j)
{
	const struct strait_message *m;

	json_open(j, "messages", '[');
	for (size_t i = 0; (m = strait_report_at(report, i)); i++)
		message_json(m, j);
	json_close(j, ']');
}
