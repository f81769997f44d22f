/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process is, which programs run here, and who writes down what filters do. */
#include "kernel/features.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "arch/arch.h"
#include "kernel/proc.h"

/* linux/netlink.h */
#define PROTOCOL_AUDIT 9

/* ---- the process ---- */

static const char *const modes[] = { "none", "strict", "filter" };

static void add_filters(struct kernel_features *f)
{
	unsigned filters = f->probe.filters;
	bool is_filtered = f->probe.mode == SECCOMP_MODE_FILTER;
	struct kernel_feature mode = {
		.group = "process",
		.name = "filtered",
		.state = f->probe.mode > 0 ? KERNEL_YES : KERNEL_NO,
		.value = f->probe.mode >= 0 ? modes[f->probe.mode % 3] : NULL,
		.how = "Seccomp in /proc/thread-self/status",
		.follows = is_filtered ? "new filters can only forbid more" : NULL,
	};
	struct kernel_feature count = {
		.group = "process",
		.name = "filters",
		.state = filters ? KERNEL_YES : KERNEL_NO,
		.value = kernel_text(f, "%u", filters),
		.how = "Seccomp_filters in /proc/thread-self/status",
		.follows = filters ? "what they are only an unfiltered process with CAP_SYS_ADMIN "
				     "can read"
				   : NULL,
	};

	if (is_filtered && !filters) {
		count.state = KERNEL_UNKNOWN;
		count.value = NULL;
		count.how = "before Linux 5.10 /proc doesn't tell";
	}
	kernel_feature_add(f, mode);
	kernel_feature_add(f, count);
}

static const struct {
	const char *name;
	int bit;
	const char *with, *without;
} capabilities[] = {
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN,
	  "filters can be installed without no_new_privs, and read from other processes",
	  "no_new_privs has to be set before a filter is installed" },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE, "processes of others can be traced and supervised",
	  "only one's own processes can be traced and supervised" },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ, "what is logged can be read from the audit multicast",
	  NULL },
	{ "CAP_SYSLOG", CAP_SYSLOG, "what is logged can be read from the kernel's log", NULL },
};

static void add_capabilities(struct kernel_features *f)
{
	char text[4096];
	const char *line = NULL;
	uint64_t effective = 0;

	if (kernel_read_file("/proc/thread-self/status", text, sizeof(text)))
		line = strstr(text, "\nCapEff:");
	if (line)
		effective = strtoull(line + strlen("\nCapEff:"), NULL, 16);
	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++) {
		bool has = effective >> capabilities[i].bit & 1;

		kernel_feature_add(f, (struct kernel_feature){
					      .group = "process",
					      .name = capabilities[i].name,
					      .state = !line ? KERNEL_UNKNOWN
						       : has ? KERNEL_YES
							     : KERNEL_NO,
					      .how = "CapEff in /proc/thread-self/status",
					      .follows = !line ? NULL
							 : has ? capabilities[i].with
							       : capabilities[i].without,
				      });
	}
}

/* ---- the log ---- */

static void try_audit(const void *arg, long *values)
{
	(void)arg;
	values[0] = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL_AUDIT) < 0 ? errno : 0;
}

static void add_audit(struct kernel_features *f)
{
	struct attempt attempt = kernel_attempt(try_audit, NULL);
	const char *failure = kernel_attempt_failure(f, &attempt);
	int error = (int)attempt.values[0];

	kernel_feature_add(
		f, (struct kernel_feature){
			   .group = "process",
			   .name = "audit",
			   .state = failure		       ? KERNEL_UNKNOWN
				    : !error		       ? KERNEL_YES
				    : error == EPROTONOSUPPORT ? KERNEL_NO
							       : KERNEL_UNKNOWN,
			   .how = failure ? failure
					  : kernel_text(f,
							"socket(AF_NETLINK, NETLINK_AUDIT) in a "
							"child: %s",
							kernel_errno_text(f, error)),
			   .follows = error == EPROTONOSUPPORT && !failure
					      ? "nothing is logged: the kernel has no CONFIG_AUDIT"
					      : NULL,
		   });
}

static void add_libc(struct kernel_features *f)
{
	struct kernel_feature row = { .group = "process", .name = "libc" };

#ifdef __GLIBC__
	row.state = KERNEL_YES;
	row.value = kernel_text(f, "glibc %s", gnu_get_libc_version());
	row.how = "gnu_get_libc_version(3)";
#else
	row.state = KERNEL_UNKNOWN;
	row.how = "not glibc; others don't tell";
#endif
	kernel_feature_add(f, row);
}

void kernel_features_process(struct kernel_features *f)
{
	add_filters(f);
	kernel_feature_add(f, (struct kernel_feature){
				      .group = "process",
				      .name = "no_new_privs",
				      .state = f->probe.no_new_privs ? KERNEL_YES : KERNEL_NO,
				      .how = "prctl(PR_GET_NO_NEW_PRIVS), or /proc",
			      });
	add_capabilities(f);
	add_audit(f);
	add_libc(f);
}

/* ---- ABIs ---- */

#if defined(__x86_64__) && !defined(__ILP32__)
/* getpid by the 32-bit entry: 20 there. Without one it is SIGSEGV. */
static void try_i386(const void *arg, long *values)
{
	long r = 20;

	(void)arg;
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "cc", "r8", "r9", "r10", "r11");
	values[0] = (int)r == getpid() ? 0 : (int)r < 0 ? -(int)r : EPROTO;
}

static void try_x32(const void *arg, long *values)
{
	long r = syscall((long)(ARCH_X32_BIT | SYS_getpid));

	(void)arg;
	values[0] = r == getpid() ? 0 : r < 0 ? errno : EPROTO;
}

static void add_abi(struct kernel_features *f, const char *name,
		    void (*try)(const void *arg, long *values))
{
	struct attempt attempt = kernel_attempt(try, NULL);
	int error = (int)attempt.values[0];
	bool is_filters = attempt.signal == SIGSYS ||
			  (attempt.is_done && error && error != ENOSYS) ||
			  (error == ENOSYS && f->probe.mode == SECCOMP_MODE_FILTER);
	struct kernel_feature row = { .group = "abi", .name = name };

	row.state = attempt.error || is_filters ? KERNEL_UNKNOWN
		    : attempt.is_done && !error ? KERNEL_YES
						: KERNEL_NO;
	row.how = attempt.is_done
			  ? kernel_text(f, "getpid in a child: %s", kernel_errno_text(f, error))
			  : kernel_attempt_failure(f, &attempt);
	if (row.state == KERNEL_YES)
		row.follows = "programs can make its calls, whatever they were built for: a "
			      "filter has to decide about them";
	else if (is_filters)
		row.follows = "a filter around us answers its calls";
	kernel_feature_add(f, row);
}
#endif

void kernel_features_abi(struct kernel_features *f)
{
	kernel_feature_add(f, (struct kernel_feature){
				      .group = "abi",
				      .name = "native",
				      .state = KERNEL_YES,
				      .value = arch_native()->name,
				      .how = "what this strait was built for",
			      });
#if defined(__x86_64__) && !defined(__ILP32__)
	add_abi(f, "i386", try_i386);
	add_abi(f, "x32", try_x32);
#endif
}
