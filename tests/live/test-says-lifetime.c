/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has a filter: how it is installed, and what fork, exec and threads do with it. What a filter
 * sees. */
#include "live/says.h"

/* argv of this program executed again: what to do there. */
#define AGAIN "--again"

static char self[4096];

/* ---- installing ---- */

static const struct sock_filter allow_all[] = { RET(SECCOMP_RET_ALLOW) };

/* 0 in a process that may not install filters without no_new_privs. */
static int become_nobody(void)
{
	return getuid() == 0 && setresuid(65534, 65534, 65534) ? -1 : 0;
}

static int needs_privilege(void)
{
	if (become_nobody() || prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L))
		return SAYS_SKIP;
	if (says_attach(allow_all, 1, 0) != -EACCES)
		return 1;
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return says_attach(allow_all, 1, 0) != 0;
}

static int no_new_privs_stays(void)
{
	pid_t pid;
	int status;

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (prctl(PR_SET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
		return 1;
	pid = fork();
	if (pid == 0) {
		execl(self, self, AGAIN, "no-new-privs", NULL);
		_exit(1);
	}
	return !(waitpid(pid, &status, 0) == pid && says_exited(status, 0));
}

static int again_no_new_privs(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1;
}

static int bad_programs(void)
{
	static struct sock_filter many[4097];
	const struct sock_filter no_end[] = { LOAD(nr) };

	for (size_t i = 0; i < LEN(many); i++)
		many[i] = allow_all[0];
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return !(says_attach(no_end, 1, 0) == -EINVAL && says_attach(many, 0, 0) == -EINVAL &&
		 says_attach(many, 4097, 0) == -EINVAL && says_attach(many, 4096, 0) == 0);
}

static int unknown_flag(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return says_attach(allow_all, 1, 1u << 31) != -EINVAL;
}

static int prctl_installs(void)
{
	const struct sock_filter insns[] = { LOAD(nr), IF_EQ((uint32_t)CALL, 0, 1),
					     RET(SECCOMP_RET_ERRNO | EIO), RET(SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { LEN(insns), (struct sock_filter *)(uintptr_t)insns };

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0L, 0L) || says_call() != -EIO;
}

static int failed_installs_nothing(void)
{
	const struct sock_filter bad[] = { LOAD(nr), IF_EQ(CALL, 9, 0), RET(SECCOMP_RET_ERRNO) };

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return !(says_attach(bad, LEN(bad), 0) == -EINVAL &&
		 prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == 0 && says_call() > 0);
}

static int actions_are_asked(void)
{
	const uint32_t known[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
				   SECCOMP_RET_TRAP,	     SECCOMP_RET_ERRNO,
				   SECCOMP_RET_TRACE,	     SECCOMP_RET_LOG,
				   SECCOMP_RET_ALLOW };
	uint32_t unknown = 0x00010000;

	for (size_t i = 0; i < LEN(known); i++)
		if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &known[i]))
			return 1;
	return !(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &unknown) < 0 &&
		 errno == EOPNOTSUPP);
}

/* The text of a file of /proc/sys/kernel/seccomp, or "". */
static void read_sysctl(const char *name, char *text, size_t size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/kernel/seccomp/%s", name);
	f = fopen(path, "r");
	text[0] = '\0';
	if (f && !fgets(text, (int)size, f))
		text[0] = '\0';
	if (f)
		fclose(f);
}

static int sysctl_is_in_order(void)
{
	static const char *const words[] = { "kill_process", "kill_thread", "trap", "errno",
					     "user_notif",   "trace",	    "log",  "allow" };
	char text[256], *at = text;

	read_sysctl("actions_avail", text, sizeof(text));
	if (!text[0])
		return SAYS_SKIP;
	for (size_t i = 0; i < LEN(words); i++) {
		at = strstr(at, words[i]);
		if (!at)
			return 1;
	}
	return 0;
}

static int allow_is_not_logged(void)
{
	int fd = open("/proc/sys/kernel/seccomp/actions_logged", O_WRONLY);

	if (fd < 0)
		return SAYS_SKIP;
	return !(write(fd, "allow", 5) < 0 && errno == EINVAL);
}

static int logged_is_in_order(void)
{
	char before[256], after[256], backwards[256] = "", *word, *rest;
	int fd = open("/proc/sys/kernel/seccomp/actions_logged", O_WRONLY);

	read_sysctl("actions_logged", before, sizeof(before));
	if (fd < 0 || !before[0])
		return SAYS_SKIP;
	snprintf(after, sizeof(after), "%s", before);
	for (rest = after; (word = strtok_r(rest, " \n", &rest));) {
		char longer[256];

		snprintf(longer, sizeof(longer), "%.100s %.100s", word, backwards);
		snprintf(backwards, sizeof(backwards), "%s", longer);
	}
	if (write(fd, backwards, strlen(backwards)) < 0)
		return SAYS_SKIP; /* a container's /proc */
	read_sysctl("actions_logged", after, sizeof(after));
	return strcmp(before, after) != 0;
}

/* ---- strict mode ---- */

static int strict(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0L, 0L, 0L);
}

static int strict_exit(void)
{
	if (strict() == 0)
		syscall(SYS_exit, 3);
	return 1;
}

static int strict_exit_group(void)
{
	return strict();
}

static int strict_call(void)
{
	if (strict() == 0)
		says_call();
	syscall(SYS_exit, 1);
	return 1;
}

static int strict_kills(void)
{
	return !(says_exited(says_status(strict_exit), 3) &&
		 says_died_of(says_status(strict_exit_group), SIGKILL) &&
		 says_died_of(says_status(strict_call), SIGKILL));
}

static int strict_after_filter(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	return !(says_attach(allow_all, 1, 0) == 0 && strict() < 0 && errno == EINVAL);
}

/* ---- fork ---- */

static int child_is_refused(long flags)
{
	int status;
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(says_call() == -EIO ? 0 : 1);
	return !(waitpid(pid, &status, 0) == pid && says_exited(status, 0));
}

static int fork_inherits(void)
{
	return says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0) || child_is_refused(0) ||
	       child_is_refused(CLONE_VFORK);
}

static int grandchild_inherits(void)
{
	if (says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0))
		return 1;
	return !says_exited(says_status(fork_inherits), 0);
}

static int later_filter_is_the_parents(void)
{
	int fds[2], status;
	char go;
	pid_t pid;

	if (pipe(fds))
		return 1;
	pid = fork();
	if (pid == 0) {
		if (read(fds[0], &go, 1) != 1)
			_exit(2);
		_exit(says_call() > 0 ? 0 : 1);
	}
	if (says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0) || write(fds[1], "", 1) != 1)
		return 1;
	return !(waitpid(pid, &status, 0) == pid && says_exited(status, 0));
}

/* ---- exec ---- */

static int again_call(void)
{
	return says_call() != -EIO;
}

static int exec_keeps(void)
{
	if (says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0))
		return 1;
	execl(self, self, AGAIN, "call", NULL);
	return 1;
}

static int again_uid(void)
{
	return geteuid() == 0 ? 40 : 41;
}

/* The exit code of a set-user-ID copy of this program, executed by nobody. */
static int setuid_copy(const char *path, bool no_new_privs)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (no_new_privs)
			prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
		if (become_nobody() == 0)
			execl(path, path, AGAIN, "uid", NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int setuid_gains_nothing(void)
{
	char folder[] = "/tmp/strait-says-XXXXXX", path[64], command[8300];
	int free_one = -1, tamed = -1;

	if (getuid() != 0 || !mkdtemp(folder) || chmod(folder, 0755))
		return SAYS_SKIP;
	snprintf(path, sizeof(path), "%s/copy", folder);
	snprintf(command, sizeof(command), "cp '%s' %s && chmod 4755 %s", self, path, path);
	if (system(command) == 0) {
		free_one = setuid_copy(path, false);
		tamed = setuid_copy(path, true);
	}
	unlink(path);
	rmdir(folder);
	if (free_one != 40)
		return SAYS_SKIP;
	return tamed != 41;
}

/* ---- threads ---- */

struct thread {
	pthread_t id;
	pthread_barrier_t *ready, *go;
	uint32_t own; /* what its own filter answers to CALL; 0: it has none */
	long before, after;
	int no_new_privs;
	pid_t tid;
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->tid = (pid_t)syscall(SYS_gettid);
	if (t->own && says_answer(CALL, t->own, 0))
		abort();
	pthread_barrier_wait(t->ready);
	pthread_barrier_wait(t->go);
	t->after = says_call();
	t->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
	return NULL;
}

/* Threads that wait while this one installs a filter with FLAGS; what seccomp returned. */
static int with_threads(struct thread *threads, size_t len, unsigned flags)
{
	pthread_barrier_t ready, go;
	int r;

	pthread_barrier_init(&ready, NULL, (unsigned)len + 1);
	pthread_barrier_init(&go, NULL, (unsigned)len + 1);
	for (size_t i = 0; i < len; i++) {
		threads[i].ready = &ready;
		threads[i].go = &go;
		if (pthread_create(&threads[i].id, NULL, thread_main, &threads[i]))
			abort();
	}
	pthread_barrier_wait(&ready);
	r = says_answer(CALL, SECCOMP_RET_ERRNO | EIO, flags);
	pthread_barrier_wait(&go);
	for (size_t i = 0; i < len; i++)
		pthread_join(threads[i].id, NULL);
	return r;
}

static int thread_alone(void)
{
	struct thread threads[2] = { 0 };

	return !(with_threads(threads, 2, 0) == 0 && threads[0].after > 0 && threads[1].after > 0 &&
		 says_call() == -EIO);
}

static void *thread_call(void *result)
{
	*(long *)result = says_call();
	return NULL;
}

static int thread_inherits(void)
{
	pthread_t thread;
	long result = 0;

	if (says_answer(CALL, SECCOMP_RET_ERRNO | EIO, 0) ||
	    pthread_create(&thread, NULL, thread_call, &result))
		return 1;
	pthread_join(thread, NULL);
	return result != -EIO;
}

static int tsync_all(void)
{
	struct thread threads[3] = { 0 };
	int r = with_threads(threads, 3, SECCOMP_FILTER_FLAG_TSYNC);

	if (r)
		return 1;
	for (size_t i = 0; i < 3; i++)
		if (threads[i].after != -EIO || threads[i].no_new_privs != 1)
			return 1;
	return 0;
}

static int tsync_names(void)
{
	struct thread threads[2] = { { .own = SECCOMP_RET_ERRNO | ENOTTY }, { 0 } };
	int r = with_threads(threads, 2, SECCOMP_FILTER_FLAG_TSYNC);

	return !(r == threads[0].tid && threads[1].after > 0 && says_call() > 0);
}

static int tsync_esrch(void)
{
	struct thread threads[1] = { { .own = SECCOMP_RET_ERRNO | ENOTTY } };

	return with_threads(threads, 1,
			    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH) != -ESRCH;
}

static int tsync_takes_descendants(void)
{
	struct thread threads[1] = { 0 };

	/* The thread has an ancestor of what this one has by then. */
	if (says_answer(SYS_getpgid, SECCOMP_RET_ERRNO | EPERM, 0))
		return 1;
	return !(with_threads(threads, 1, SECCOMP_FILTER_FLAG_TSYNC) == 0 &&
		 threads[0].after == -EIO);
}

/* ---- what a filter sees ---- */

static int sees_arguments(void)
{
	const struct sock_filter insns[] = {
		LOAD(nr),
		IF_EQ((uint32_t)CALL, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		IF_EQ(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0x55667788 : 0x11223344, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]) + 4),
		IF_EQ(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0x11223344 : 0x55667788, 0, 3),
		RET(SECCOMP_RET_ERRNO | EIO),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ALLOW),
	};

	if (sizeof(long) < 8)
		return SAYS_SKIP;
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (says_attach(insns, LEN(insns), 0))
		return 1;
	return !(syscall(CALL, 0, 0, 0, 0, 0, (long)0x1122334455667788) < 0 && errno == EIO &&
		 says_call() > 0);
}

#ifdef __x86_64__
static long int80(long nr, unsigned long a)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)r;
}

static int int80_works(void)
{
	return int80(20, 0) <= 0; /* getpid */
}

static int sees_arch(void)
{
	const struct sock_filter insns[] = {
		LOAD(arch),
		IF_EQ(AUDIT_ARCH_I386, 0, 3),
		LOAD(nr),
		IF_EQ(64, 0, 1), /* i386's getppid, x86-64's semget */
		RET(SECCOMP_RET_ERRNO | EIO),
		RET(SECCOMP_RET_ALLOW),
	};

	if (!says_exited(says_status(int80_works), 0))
		return SAYS_SKIP;
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (says_attach(insns, LEN(insns), 0))
		return 1;
	return !(int80(64, 0) == -EIO && says_call() > 0);
}

static int sees_whole_registers(void)
{
	const struct sock_filter insns[] = {
		LOAD(arch),
		IF_EQ(AUDIT_ARCH_I386, 0, 5),
		LOAD(nr),
		IF_EQ(64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + 4),
		IF_EQ(7, 0, 1),
		RET(SECCOMP_RET_ERRNO | EIO),
		RET(SECCOMP_RET_ALLOW),
	};

	if (!says_exited(says_status(int80_works), 0))
		return SAYS_SKIP;
	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (says_attach(insns, LEN(insns), 0))
		return 1;
	return int80(64, 7UL << 32) != -EIO;
}

static int sees_x32(void)
{
	const struct sock_filter insns[] = {
		LOAD(arch),
		IF_EQ(AUDIT_ARCH_X86_64, 0, 3),
		LOAD(nr),
		IF_EQ(0x40000000 | SYS_getppid, 0, 1),
		RET(SECCOMP_RET_ERRNO | EIO),
		RET(SECCOMP_RET_ALLOW),
	};

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (says_attach(insns, LEN(insns), 0))
		return 1;
	return !(syscall(0x40000000L | SYS_getppid) < 0 && errno == EIO);
}
#else
#define sees_arch	     skipped
#define sees_whole_registers skipped
#define sees_x32	     skipped
static int skipped(void)
{
	return SAYS_SKIP;
}
#endif

static int pointers_are_numbers(void)
{
	static char path[] = "/dev/null";
	const uintptr_t at = (uintptr_t)path;
	const struct sock_filter insns[] = {
		LOAD(nr),
		IF_EQ((uint32_t)SYS_openat, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1]) +
				 (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4)),
		IF_EQ((uint32_t)at, 0, 1),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ERRNO | EIO),
	};
	char same_text[] = "/dev/null";

	prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	if (says_attach(insns, LEN(insns), 0))
		return 1;
	/* What the pointer points to can be another name by the time the kernel reads it. */
	memcpy(path, "/dev/zero", sizeof(path));
	return !(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) >= 0 &&
		 syscall(SYS_openat, AT_FDCWD, same_text, O_RDONLY) < 0 && errno == EIO);
}

static const struct says rows[] = {
	{ "installing a filter needs no_new_privs or CAP_SYS_ADMIN, else it fails with EACCES",
	  needs_privilege },
	{ "no_new_privs stays over fork and execve and can't be taken back", no_new_privs_stays },
	{ "a program that the checks refuse, has no instruction or has more than 4096 fails with "
	  "EINVAL",
	  bad_programs },
	{ "a flag that the kernel doesn't know fails with EINVAL", unknown_flag },
	{ "prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) installs a filter as seccomp without flags "
	  "does",
	  prctl_installs },
	{ "where an installation fails, nothing has been installed", failed_installs_nothing },
	{ "SECCOMP_GET_ACTION_AVAIL knows which actions there are, and fails with EOPNOTSUPP for "
	  "others",
	  actions_are_asked },
	{ "the sysctl actions_avail lists the actions, the strongest first", sysctl_is_in_order },
	{ "the sysctl actions_logged refuses allow with EINVAL", allow_is_not_logged },
	{ "the sysctl actions_logged gives its actions back in order, however they were written",
	  logged_is_in_order },
	{ "strict mode leaves read, write, exit and sigreturn, and SIGKILL ends what calls another",
	  strict_kills },
	{ "strict mode after a filter fails with EINVAL", strict_after_filter },
	{ "a child of fork or vfork has its parent's filters", fork_inherits },
	{ "so have the child's children", grandchild_inherits },
	{ "a filter that the parent installs later is not its child's",
	  later_filter_is_the_parents },
	{ "filters stay over execve", exec_keeps },
	{ "under no_new_privs a set-user-ID program gains nothing", setuid_gains_nothing },
	{ "a filter is the calling thread's alone", thread_alone },
	{ "a thread begins with its creator's filters", thread_inherits },
	{ "with TSYNC all threads have the filter, and no_new_privs", tsync_all },
	{ "where a thread has a filter of its own, TSYNC installs nothing and returns its id",
	  tsync_names },
	{ "with TSYNC_ESRCH it fails with ESRCH instead", tsync_esrch },
	{ "a thread whose filters the caller has as well is no obstacle to TSYNC",
	  tsync_takes_descendants },
	{ "a filter sees all 64 bits of each of the six argument registers", sees_arguments },
	{ "a call by int $0x80 comes with the ABI i386, and its numbers mean other calls",
	  sees_arch },
	{ "a 64-bit program's call by int $0x80 shows all 64 bits of the registers",
	  sees_whole_registers },
	{ "an x32 call comes with the ABI of x86-64 and bit 30 set in its number", sees_x32 },
	{ "a filter sees a pointer, and never what is there", pointers_are_numbers },
};

static const struct {
	const char *word;
	int (*act)(void);
} again[] = {
	{ "no-new-privs", again_no_new_privs },
	{ "call", again_call },
	{ "uid", again_uid },
};

int main(int argc, char **argv)
{
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size <= 0)
		return 1;
	for (size_t i = 0; argc == 3 && strcmp(argv[1], AGAIN) == 0 && i < LEN(again); i++)
		if (strcmp(argv[2], again[i].word) == 0)
			return again[i].act();
	return says_main(argc, argv, rows, LEN(rows));
}
