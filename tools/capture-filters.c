/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture-filters OUT PROG ARG...: runs a program under ptrace and writes every seccomp filter that
 * it or its children install to OUT.0.bpf, OUT.1.bpf, ..., as the raw programs that they hand to
 * the kernel. x86-64. For test data: cc -o capture-filters tools/capture-filters.c &&
 * ./capture-filters /tmp/sshd sshd -D -e -f config
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACED                                                                                     \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

static unsigned found;

static int read_memory(pid_t pid, unsigned long from, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -1;
}

static void write_filter(pid_t pid, unsigned long address, const char *out)
{
	struct sock_filter insns[BPF_MAXINSNS];
	struct sock_fprog prog;
	char path[4096];
	FILE *file;

	if (read_memory(pid, address, &prog, sizeof(prog)) || prog.len > BPF_MAXINSNS ||
	    read_memory(pid, (unsigned long)prog.filter, insns, prog.len * sizeof(*insns)))
		return;
	snprintf(path, sizeof(path), "%s.%u.bpf", out, found++);
	file = fopen(path, "w");
	if (!file || fwrite(insns, sizeof(*insns), prog.len, file) != prog.len || fclose(file)) {
		perror(path);
		exit(1);
	}
	printf("%s: %u instructions of process %d\n", path, prog.len, (int)pid);
}

/* At the entry and at the exit of each call: only at the entry, rax is -ENOSYS. */
static void look(pid_t pid, const char *out)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) || (long)r.rax != -ENOSYS)
		return;
	if (r.orig_rax == SYS_seccomp && r.rdi == SECCOMP_SET_MODE_FILTER)
		write_filter(pid, r.rdx, out);
	if (r.orig_rax == SYS_prctl && r.rdi == PR_SET_SECCOMP && r.rsi == SECCOMP_MODE_FILTER)
		write_filter(pid, r.rdx, out);
}

int main(int argc, char **argv)
{
	int status, signal;
	pid_t pid;

	if (argc < 3)
		return 2;
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, TRACED))
		return 1;
	kill(pid, SIGCONT);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status))
			continue;
		signal = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			look(pid, argv[1]);
		else if (status >> 16 == 0)
			signal = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, pid, NULL, signal);
	}
	return 0;
}
