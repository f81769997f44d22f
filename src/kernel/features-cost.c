/* SPDX-License-Identifier: BSD-2-Clause */
/* What a filter costs: the JIT, the cache of constant allows, and speculation. */
#include "kernel/features.h"

#include <errno.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "kernel/proc.h"

/* ---- JIT ---- */

static const char *const jit_means[] = {
	"filters are interpreted",
	"filters are compiled to machine code",
	"filters are compiled to machine code, which is written to the log",
};

static void add_jit(struct kernel_features *f)
{
	const char *path = "/proc/sys/net/core/bpf_jit_enable";
	struct kernel_feature row = { .group = "cost", .name = "jit", .state = KERNEL_UNKNOWN };
	char text[16];
	long jit;

	row.how = path;
	if (kernel_read_file(path, text, sizeof(text))) {
		jit = kernel_line_number(text, "");
		row.state = jit > 0 ? KERNEL_YES : KERNEL_NO;
		row.value = kernel_text(f, "%ld", jit);
		row.follows = jit >= 0 && jit < (long)ARRAY_LEN(jit_means) ? jit_means[jit] : NULL;
	} else {
		row.how = kernel_text(f, "%s: %s", path, kernel_errno_text(f, errno));
	}
	kernel_feature_add(f, row);
}

#define CONFIG_SIZE ((size_t)1 << 20)

/* A distribution's file of the running kernel's configuration, in the arena; NULL: none. */
static const char *read_config(struct kernel_features *f, const char **path)
{
	static const struct {
		const char *before, *after;
	} places[] = { { "/boot/config-", "" },
		       { "/lib/modules/", "/config" },
		       { "/usr/lib/modules/", "/config" } };
	char *text = arena_alloc(&f->arena, CONFIG_SIZE);

	for (size_t i = 0; text && i < ARRAY_LEN(places); i++) {
		*path = kernel_text(f, "%s%s%s", places[i].before, f->probe.release,
				    places[i].after);
		if (kernel_read_file(*path, text, CONFIG_SIZE))
			return text;
	}
	return NULL;
}

static void add_jit_always(struct kernel_features *f)
{
	struct kernel_feature row = { .group = "cost",
				      .name = "jit_always_on",
				      .state = KERNEL_UNKNOWN };
	const char *path = NULL, *config = read_config(f, &path);

	if (config) {
		bool is_on = strstr(config, "\nCONFIG_BPF_JIT_ALWAYS_ON=y\n");

		row.state = is_on ? KERNEL_YES : KERNEL_NO;
		row.how = kernel_text(f, "CONFIG_BPF_JIT_ALWAYS_ON in %s", path);
		row.follows = is_on ? "there is no interpreter: a filter that the JIT doesn't take "
				      "isn't installed"
				    : NULL;
	} else if (access("/proc/config.gz", R_OK) == 0) {
		row.how = "`zgrep CONFIG_BPF_JIT_ALWAYS_ON /proc/config.gz` tells; it is "
			  "compressed, and the only file that has it";
	} else {
		row.how = "the kernel's configuration isn't readable: no /boot/config-*, no "
			  "/proc/config.gz";
	}
	kernel_feature_add(f, row);
}

/* ---- the cache of constant allows ---- */

#define LONG_LEN 4000
#define BATCHES	 9
#define BATCH	 500

/*
 * A long way to an allow that depends on the number only; with IS_HIDDEN an argument is loaded on
 * the way, and kernel/seccomp.c, seccomp_is_const_allow() can't follow it.
 */
static int install_long(bool is_hidden)
{
	static struct sock_filter insns[LONG_LEN];
	size_t n = 0;

	insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, is_hidden ? 16 : 0);
	insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	while (n < LONG_LEN - 1)
		insns[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7fffffff, 0, 0);
	insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return kernel_install(insns, n, 0, NULL);
}

static long nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* What one call costs: of several batches the fastest, as nothing makes a call faster. */
static long measure(void)
{
	long best = -1;

	for (int i = 0; i < BATCHES; i++) {
		long begin = nanoseconds(), took;

		for (int n = 0; n < BATCH; n++)
			(void)syscall(SYS_getppid);
		took = (nanoseconds() - begin) / BATCH;
		best = best < 0 || took < best ? took : best;
	}
	return best;
}

/* values: the errno; ns without a filter, with one that can be cached, with one that can't. */
static void try_cache(const void *arg, long *values)
{
	(void)arg;
	values[0] = -kernel_set_no_new_privs();
	values[1] = measure();
	if (!values[0])
		values[0] = -install_long(false);
	values[2] = measure();
	if (!values[0])
		values[0] = -install_long(true);
	values[3] = measure();
}

static const char *const cached =
	"a call that is allowed whatever its arguments are costs no instruction";

static void add_cache(struct kernel_features *f)
{
	struct attempt attempt = kernel_attempt(try_cache, NULL);
	const char *failure = kernel_attempt_failure(f, &attempt);
	const long *v = attempt.values;
	/* 4000 instructions executed once more, or nearly for the first time. */
	long first = v[2] - v[1], second = v[3] - v[2];
	struct kernel_feature row = { .group = "cost", .name = "cache", .state = KERNEL_UNKNOWN };

	/* It exists with CONFIG_SECCOMP_CACHE_DEBUG, which takes an architecture with a cache. */
	if (access("/proc/self/seccomp_cache", F_OK) == 0) {
		row.state = KERNEL_YES;
		row.how = "/proc/self/seccomp_cache exists";
		row.follows = cached;
	} else if (failure || v[0]) {
		row.how = failure ? failure
				  : kernel_text(f, "no child can install a filter to measure: %s",
						kernel_errno_text(f, (int)v[0]));
	} else if (second < 100 || (first * 2 > second && first < second * 2 / 3)) {
		row.how = kernel_text(f, "measured, with no clear result: %ld ns a call, %ld, %ld",
				      v[1], v[2], v[3]);
	} else {
		bool is_cached = first * 2 <= second;
		bool is_filtered = f->probe.mode == SECCOMP_MODE_FILTER;

		row.state = is_cached ? KERNEL_YES : is_filtered ? KERNEL_UNKNOWN : KERNEL_NO;
		row.value = kernel_text(f, "%ld, %ld, %ld ns", v[1], v[2], v[3]);
		row.how = "measured: a call without a filter of ours, under 4000 instructions that "
			  "look at the number, and under 4000 more that look at an argument first";
		row.follows = is_cached	    ? cached
			      : is_filtered ? "filters around us may have defeated it"
					    : "each call pays for each instruction: put frequent "
					      "calls first";
	}
	kernel_feature_add(f, row);
}

void kernel_features_cost(struct kernel_features *f)
{
	add_jit(f);
	add_jit_always(f);
	add_cache(f);
}

/* ---- speculation: Documentation/userspace-api/spec_ctrl.rst ---- */

static const struct {
	const char *name, *file, *line;
	unsigned long which;
} speculations[] = {
	{ "store_bypass", "spec_store_bypass",
	  "\nSpeculation_Store_Bypass:", PR_SPEC_STORE_BYPASS },
	{ "indirect_branch", "spectre_v2",
	  "\nSpeculationIndirectBranch:", PR_SPEC_INDIRECT_BRANCH },
};

static long ask(unsigned long which)
{
	int r = prctl(PR_GET_SPECULATION_CTRL, which, 0L, 0L, 0L);

	return r < 0 ? -errno : r;
}

/* values: the errno; then of each the state before and after. */
static void try_speculation(const void *arg, long *values)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	(void)arg;
	for (size_t i = 0; i < ARRAY_LEN(speculations); i++)
		values[1 + 2 * i] = ask(speculations[i].which);
	values[0] = -kernel_set_no_new_privs();
	if (!values[0])
		values[0] = -kernel_install(&allow, 1, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(speculations); i++)
		values[2 + 2 * i] = ask(speculations[i].which);
}

static const char *state_text(struct kernel_features *f, long state)
{
	if (state < 0)
		return kernel_errno_text(f, (int)-state);
	if (state == PR_SPEC_NOT_AFFECTED)
		return "not affected";
	if (state & (PR_SPEC_DISABLE | PR_SPEC_FORCE_DISABLE | PR_SPEC_DISABLE_NOEXEC))
		return "disabled";
	return state & PR_SPEC_PRCTL ? "enabled, can be disabled" : "enabled";
}

/* What stands after NAME in a file. */
static const char *line_text(struct kernel_features *f, const char *path, const char *name)
{
	const char *line = NULL;
	char text[4096];

	if (kernel_read_file(path, text, sizeof(text)))
		line = strstr(text, name);
	if (!line)
		return "not told";
	line += strlen(name);
	line += strspn(line, " \t");
	return kernel_text(f, "%.*s", (int)strcspn(line, "\n"), line);
}

static bool is_disabled(long state)
{
	return state > 0 &&
	       state & (PR_SPEC_DISABLE | PR_SPEC_FORCE_DISABLE | PR_SPEC_DISABLE_NOEXEC);
}

static void add_speculation(struct kernel_features *f, size_t i, const struct attempt *attempt)
{
	const char *failure = kernel_attempt_failure(f, attempt);
	long before = attempt->values[1 + 2 * i], after = attempt->values[2 + 2 * i];
	const char *path =
		kernel_text(f, "/sys/devices/system/cpu/vulnerabilities/%s", speculations[i].file);
	bool has_changed = !is_disabled(before) && is_disabled(after);
	struct kernel_feature row = { .group = "speculation", .name = speculations[i].name };

	row.value = kernel_text(f, "%s; CPU: %s",
				line_text(f, "/proc/self/status", speculations[i].line),
				line_text(f, path, ""));
	row.how = kernel_text(f,
			      "/proc/self/status; %s; prctl(PR_GET_SPECULATION_CTRL) in a child "
			      "before and after a filter without SPEC_ALLOW: %s, %s",
			      path, state_text(f, before), state_text(f, after));
	row.state = has_changed ? KERNEL_YES : KERNEL_NO;
	if (failure || attempt->values[0]) {
		row.state = KERNEL_UNKNOWN;
		row.how = failure ? failure
				  : kernel_text(f, "no child can install a filter to look: %s",
						kernel_errno_text(f, (int)attempt->values[0]));
	} else if (before == -ENODEV || before == -EINVAL) {
		row.how =
			"this kernel or CPU knows no such control: prctl(PR_GET_SPECULATION_CTRL)";
	}
	row.follows = has_changed ? "a filter turns it off for the program, which is safer and "
				    "slower; SPEC_ALLOW leaves it"
				  : NULL;
	kernel_feature_add(f, row);
}

void kernel_features_speculation(struct kernel_features *f)
{
	struct attempt attempt = kernel_attempt(try_speculation, NULL);

	for (size_t i = 0; i < ARRAY_LEN(speculations); i++)
		add_speculation(f, i, &attempt);
}
