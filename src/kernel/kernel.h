/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side, by raw system calls. kernel_install() and kernel_strict() are
 * async-signal-safe: no allocation, no locks, no libc state but errno; usable between fork and
 * exec.
 */
#ifndef STRAIT_KERNEL_KERNEL_H
#define STRAIT_KERNEL_KERNEL_H

#include <sys/types.h>

#include "base/buf.h"
#include "cbpf/cbpf.h"

/* 0, or -errno of prctl(PR_SET_NO_NEW_PRIVS). */
NODISCARD int kernel_set_no_new_privs(void);
/*
 * seccomp(SECCOMP_SET_MODE_FILTER). FLAGS are SECCOMP_FILTER_FLAG_*. 0; the listener's fd with
 * NEW_LISTENER; -errno. With TSYNC and without TSYNC_ESRCH a thread that can't be synchronized
 * makes it -ESRCH and sets *TID (if not NULL).
 */
NODISCARD int kernel_install(const struct sock_filter *insns, size_t len, unsigned flags, int *tid);
/* SECCOMP_SET_MODE_STRICT. */
NODISCARD int kernel_strict(void);

/* Sends FD over a unix socket; a negative one is an error that the other end is told. 0 or -errno.
 * Async-signal-safe. */
NODISCARD int kernel_send_fd(int socket, int fd);
/* What kernel_send_fd() sent: the fd, closed on exec; the error; -EPIPE: the other end was closed;
 * -EMFILE: there was no room for it. */
NODISCARD int kernel_receive_fd(int socket);
/* A duplicate of another process' fd, closed on exec; -errno of pidfd_open(2) or pidfd_getfd(2),
 * which want Linux 5.6 and the right to ptrace(2). */
NODISCARD int kernel_take_fd(pid_t pid, int fd);

enum kernel_step { KERNEL_NO_NEW_PRIVS, KERNEL_FILTER, KERNEL_STRICT };

/* A sentence that names the cause of -ERROR (seccomp(2), and what this kernel and process look
 * like). */
void kernel_explain(enum kernel_step step, int error, unsigned flags, struct buf *out);

/* "TSYNC|LOG", from SECCOMP_FILTER_FLAG_*; nothing for none. */
void kernel_describe_flags(unsigned flags, struct buf *out);

struct kernel_probe {
	bool filter; /* CONFIG_SECCOMP_FILTER */
	bool strict;
	uint32_t actions;	 /* bit i: kernel_actions[i] is available */
	unsigned flags;		 /* SECCOMP_FILTER_FLAG_* that it knows */
	unsigned notif_sizes[3]; /* SECCOMP_GET_NOTIF_SIZES: notif, resp, data; 0: unknown */
	unsigned filters; /* already installed in this thread (0 also where the kernel doesn't tell)
			   */
	int mode;	  /* this thread's: SECCOMP_MODE_* */
	bool no_new_privs;
	int jit;	  /* net.core.bpf_jit_enable, -1: unreadable */
	char release[65]; /* uname(2) */
};

/* The actions in the order of kernel_probe.actions' bits; the last is KILL_THREAD, whose value is
 * 0. */
#define KERNEL_ACTIONS 8
extern const uint32_t kernel_actions[KERNEL_ACTIONS];

/* Looks without changing anything. */
void kernel_probe(struct kernel_probe *probe);

#endif
