/* SPDX-License-Identifier: BSD-2-Clause */
/* strait doctor: what seccomp can do here, and how that was found out. */
#include "cli.h"

#include <getopt.h>
#include <string.h>

static const struct {
	const char *group, *title;
} groups[] = {
	{ "kernel", "The kernel" },
	{ "mode", "Modes, and installing a filter" },
	{ "action", "Actions" },
	{ "flag", "Flags of seccomp(2)" },
	{ "notify", "Supervisors (user notification)" },
	{ "ptrace", "Tracers" },
	{ "process", "This process" },
	{ "abi", "Architectures whose programs run" },
	{ "cost", "What a filter costs" },
	{ "around", "What is around us" },
	{ "speculation", "Speculation that a filter turns off" },
	{ "call", "Calls that sandboxes like to take away" },
	{ "strait", "strait" },
};

static const char *const states[] = {
	[STRAIT_NO] = "no",
	[STRAIT_YES] = "yes",
	[STRAIT_UNKNOWN] = "unknown",
};

static const char *title_of(const char *group)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (strcmp(groups[i].group, group) == 0)
			return groups[i].title;
	return group;
}

/* What files say of a container is anybody's text: nothing in it may steer a terminal. */
static void print_masked(const char *text)
{
	for (const char *c = text; *c; c++)
		putchar((unsigned char)*c >= ' ' && *c != 0x7f ? *c : '?');
}

static void print_row(const struct strait_feature *row)
{
	printf("  %-8s%-20s", states[row->state], row->name);
	if (row->value) {
		print_masked(row->value);
		fputs("  ", stdout);
	}
	printf("[%s]\n", row->how);
	if (row->follows)
		printf("%30s-> %s\n", "", row->follows);
}

/* Most calls are the kernel's to answer: one line for all of those. */
static bool is_plain_call(const struct strait_feature *row)
{
	return strcmp(row->group, "call") == 0 && row->state == STRAIT_YES;
}

static void print_plain_calls(const struct strait_features *features)
{
	const struct strait_feature *row;
	const int begin = 9, end = 79;
	int column = 0;

	for (size_t i = 0; (row = strait_feature_at(features, i)); i++) {
		if (!is_plain_call(row))
			continue;
		if (!column)
			column = printf("  %-7s", states[STRAIT_YES]);
		else if (column + 1 + (int)strlen(row->name) > end)
			column = printf("\n%*s", begin, "") - 1;
		column += printf(" %s", row->name);
	}
	if (column)
		putchar('\n');
}

static void print_table(const struct strait_features *features)
{
	const struct strait_feature *row;
	const char *group = "";

	for (size_t i = 0; (row = strait_feature_at(features, i)); i++) {
		if (strcmp(row->group, group) != 0) {
			printf("%s%s\n", i ? "\n" : "", title_of(row->group));
			if (strcmp(row->group, "call") == 0)
				print_plain_calls(features);
		}
		group = row->group;
		if (!is_plain_call(row))
			print_row(row);
	}
}

static void print_json(const struct strait_features *features)
{
	const struct strait_feature *row;
	struct json j;

	json_start(&j, stdout, false);
	json_open(&j, "features", '[');
	for (size_t i = 0; (row = strait_feature_at(features, i)); i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "group", row->group);
		json_text(&j, "name", row->name);
		json_text(&j, "state", states[row->state]);
		if (row->value)
			json_text(&j, "value", row->value);
		json_text(&j, "how", row->how);
		if (row->follows)
			json_text(&j, "follows", row->follows);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_end(&j);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct strait_features *features;
	const struct strait_feature *row;
	bool json = false;
	int id, error;

	while ((id = options_next(self, argc, argv)) > 0)
		json |= id == OPTION_JSON;
	if (id < 0)
		return options_exit(id);
	if (optind < argc)
		return options_wrong(self, "it takes no argument");
	error = strait_features_look(&features);
	if (error) {
		complain("%s", strerror(-error));
		return EXIT_BAD;
	}
	if (json)
		print_json(features);
	else
		print_table(features);
	row = strait_feature_find(features, "strait", "run");
	id = row && row->state == STRAIT_YES ? EXIT_YES : EXIT_NO;
	strait_features_free(features);
	return id;
}

static const struct option_row options[] = {
	{ OPTION_JSON, "json", NULL, "one JSON object on standard output" },
	{ 0 },
};

const struct command cmd_doctor = {
	.name = "doctor",
	.run = run,
	.summary = "what seccomp can do here, and how that was found out",
	.usage = "[--json]",
	.more = "Asks the kernel, reads /proc and /sys, and tries things out in children of its "
		"own; changes\n"
		"nothing. Each row: yes, no or unknown, in brackets how that is known, and what "
		"follows from it.\n"
		"Exits with 0 if `strait run` works here, 1 if it doesn't, 2 for bad usage.",
	.options = options,
};
