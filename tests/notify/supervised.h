/* SPDX-License-Identifier: BSD-2-Clause */
/* A function run in a process of its own, under a policy whose answers this process gives. */
#ifndef STRAIT_TESTS_NOTIFY_SUPERVISED_H
#define STRAIT_TESTS_NOTIFY_SUPERVISED_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compile/compile.h"
#include "kernel/kernel.h"
#include "notify/pool.h"
#include "policy/policy.h"
#include "tap.h"

#define SHARED_SIZE ((size_t)1 << 20)

struct supervised {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct rules *rules;
	struct cbpf_prog prog;
	struct notify_answers *answers;
	unsigned flags; /* SECCOMP_FILTER_FLAG_* */
};

/* Memory that functions in other processes leave their results in. */
__attribute__((unused)) static void *shared_memory(void)
{
	void *p =
		mmap(NULL, SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void supervised_deinit(struct supervised *s)
{
	notify_answers_free(s->answers);
	arena_deinit(&s->arena);
}

/* 0; -errno of the first step that fails. */
static int supervised_init(struct supervised *s, const char *policy)
{
	const struct compile_options options = { .validate = true };
	struct kernel_probe probe;
	int r;

	kernel_probe(&probe);
	*s = (struct supervised){ .flags = probe.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV };
	arena_init(&s->arena, ARENA_DEFAULT_LIMIT);
	s->sources.arena = &s->arena;
	diags_init(&s->diags, &s->arena, &s->sources);
	r = policy_rules(&s->diags, &s->sources, "test", str_of(policy), NULL, &s->rules);
	if (r == 0)
		r = compile_rules(&s->arena, &s->diags, s->rules, &options, &s->prog);
	if (r == 0)
		r = notify_answers_new(s->rules, &s->diags, &s->answers);
	for (const struct diag *d = s->diags.first; d; d = d->next)
		note("%s %s", diag_code_text(d->code), d->text);
	return r;
}

static void supervised_child(const struct supervised *s, int socket, int (*run)(void *), void *arg)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
	alarm(100);
	fd = kernel_set_no_new_privs();
	if (fd == 0)
		fd = kernel_install(s->prog.insns, s->prog.len,
				    SECCOMP_FILTER_FLAG_NEW_LISTENER | s->flags, NULL);
	if (kernel_send_fd(socket, fd) < 0 || fd < 0)
		_exit(99);
	close(fd);
	close(socket);
	_exit(run(arg));
}

/* Its wait status; -1: it couldn't be supervised. */
__attribute__((unused)) static int supervised_run(const char *policy, int (*run)(void *), void *arg)
{
	struct notify_listener listener;
	struct notify_pool_options options = { .listener = &listener, .workers = 3 };
	struct notify_pool *pool;
	struct supervised s;
	int sockets[2], fd, status = -1;
	pid_t pid;

	if (supervised_init(&s, policy) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
		supervised_deinit(&s);
		return -1;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		supervised_child(&s, sockets[1], run, arg);
	close(sockets[1]);
	fd = kernel_receive_fd(sockets[0]);
	close(sockets[0]);
	options.answers = s.answers;
	if (fd >= 0 && notify_open(&listener, fd) == 0) {
		listener.is_killable = s.flags != 0;
		if (notify_pool_start(&options, &pool) == 0) {
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				;
			notify_pool_end(pool);
		}
		notify_close(&listener);
	}
	supervised_deinit(&s);
	return status;
}

#endif
