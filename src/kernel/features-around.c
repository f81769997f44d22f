/* SPDX-License-Identifier: BSD-2-Clause */
/* Signs of a container around us. None of them is a proof, and their absence isn't either. */
#include "kernel/features.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/proc.h"

struct sign {
	const char *what; /* NULL: the file says it */
	const char *path;
	const char *has; /* the file has this text; NULL: it need only exist */
};

static const struct sign signs[] = {
	{ "podman", "/run/.containerenv", NULL },
	{ "docker", "/.dockerenv", NULL },
	{ NULL, "/run/systemd/container", NULL },
	{ "docker", "/proc/1/cgroup", "/docker" },
	{ "podman", "/proc/1/cgroup", "libpod" },
	{ "kubernetes", "/proc/1/cgroup", "kubepods" },
	{ "lxc", "/proc/1/cgroup", "/lxc" },
	{ "systemd-nspawn", "/proc/1/cgroup", "/machine.slice" },
};

/* `container=` in the environment of pid 1: systemd.io/CONTAINER_INTERFACE. */
static const char *find_variable(struct kernel_features *f)
{
	char text[8192];
	size_t len = 0;
	FILE *file = fopen("/proc/1/environ", "re");

	if (!file)
		return NULL;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	for (const char *c = text; c < text + len; c += strlen(c) + 1)
		if (strncmp(c, "container=", 10) == 0 && c[10])
			return kernel_text(f, "%s", c + 10);
	return NULL;
}

static const char *find_sign(struct kernel_features *f, const char **how)
{
	char text[4096];

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const struct sign *sign = &signs[i];

		if (!kernel_read_file(sign->path, text, sizeof(text)) ||
		    (sign->has && !strstr(text, sign->has)))
			continue;
		*how = kernel_text(f, sign->has ? "'%s' in %s" : "%s%s", sign->has ? sign->has : "",
				   sign->path);
		if (sign->what)
			return sign->what;
		text[strcspn(text, "\n")] = '\0';
		if (text[0])
			return kernel_text(f, "%s", text);
	}
	return NULL;
}

static void add_container(struct kernel_features *f)
{
	const char *how = "container= in the environment of process 1";
	const char *name = find_variable(f);

	if (!name)
		name = find_sign(f, &how);
	kernel_feature_add(
		f,
		(struct kernel_feature){
			.group = "around",
			.name = "container",
			.state = name ? KERNEL_YES : KERNEL_NO,
			.value = name,
			.how = name ? how
				    : "no sign of one: /.dockerenv, /run/.containerenv, "
				      "/run/systemd/container, process 1's environment and cgroup",
			.follows = !name ? NULL
				   : f->probe.mode == SECCOMP_MODE_FILTER
					   ? "the filters that this process has may be its"
					   : "it has no filter around this process",
		});
}

/* The initial namespace maps all ids to themselves: kernel/user.c, init_user_ns. */
static bool maps_all(const char *map)
{
	static const unsigned long initial[] = { 0, 0, UINT32_MAX };
	char *end;

	for (size_t i = 0; i < ARRAY_LEN(initial); i++) {
		if (strtoul(map, &end, 10) != initial[i] || end == map)
			return false;
		map = end;
	}
	return true;
}

static void add_user_namespace(struct kernel_features *f)
{
	struct kernel_feature row = { .group = "around",
				      .name = "user_namespace",
				      .state = KERNEL_UNKNOWN,
				      .how = "/proc/self/uid_map" };
	char text[4096];

	if (kernel_read_file("/proc/self/uid_map", text, sizeof(text))) {
		bool is_own = !maps_all(text);

		row.state = is_own ? KERNEL_YES : KERNEL_NO;
		row.follows =
			is_own ? "capabilities count in this namespace only; CAP_SYS_ADMIN of "
				 "it is enough to install filters"
			       : NULL;
	}
	kernel_feature_add(f, row);
}

void kernel_features_around(struct kernel_features *f)
{
	add_container(f);
	add_user_namespace(f);
}
