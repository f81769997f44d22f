/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Supervisors: calls that a filter sends to another process (SECCOMP_RET_USER_NOTIF), which answers
 * them.
 *
 * The process to be supervised installs a filter with SECCOMP_FILTER_FLAG_NEW_LISTENER
 * (strait_filter_load(), strait/load.h) and gets a listener, a file descriptor; it hands that to
 * the supervisor by strait_listener_send(), or the supervisor takes it by strait_listener_take().
 * From then on each call that the filter answers with `notify` waits until the supervisor has
 * received a request and answered it. Without a supervisor, or once its listener is closed, such
 * calls fail with ENOSYS: nothing is ever executed because a supervisor died.
 *
 * One supervisor may be used by several threads at once: each receives, and answers, with a request
 * of its own.
 *
 * SIGNALS. A signal takes a waiting caller out of its call; where the call is restarted the filter
 * asks again, in a new request, and the answer to the old one is -ENOENT. What a supervisor does in
 * a caller's name (open a file with O_EXCL) may so happen twice. With
 * SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19) beside NEW_LISTENER, a request that was
 * received is only ended by its caller's death.
 *
 * All of it is in Linux since 5.0; what came later says so. seccomp_unotify(2), kernel/seccomp.c.
 */
#ifndef STRAIT_SUPERVISOR_H
#define STRAIT_SUPERVISOR_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <strait/export.h>
#include <strait/filter.h>
#include <strait/report.h>
#include <strait/run.h>

STRAIT_BEGIN

/* ---- the listener's way ---- */

/*
 * Sends LISTENER over a unix socket (SCM_RIGHTS); a negative one is an errno, as
 * strait_filter_load() returns it, that the other end is told. 0 or -errno of sendmsg(2).
 * Async-signal-safe. The call that is used, sendmsg, is under the filter already: it must be one
 * that the filter allows.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_listener_send(int socket, int listener);
/* What strait_listener_send() sent: a file descriptor, closed on exec; the errno that was sent;
 * -EPIPE: the other end was closed; -EMFILE: no room for it; -errno of recvmsg(2). */
STRAIT_EXPORT STRAIT_NODISCARD int strait_listener_receive(int socket);
/* A duplicate of the file descriptor LISTENER of process PID, closed on exec. -errno of
 * pidfd_open(2) or pidfd_getfd(2): it wants Linux 5.6 and the right to ptrace(2) the process. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_listener_take(pid_t pid, int listener);

/* ---- the supervisor ---- */

struct strait_supervisor;
struct strait_request;

/* What this kernel lets a supervisor do. */
enum strait_supervisor_features {
	STRAIT_CAN_ADD_FD = 1,	/* Linux 5.9: strait_request_add_fd(), strait_request_give_fd() */
	STRAIT_CAN_GIVE_FD = 2, /* Linux 5.14: strait_request_give_fd() in one go */
	/* Linux 6.6: a call and its answer wake the other side on the same CPU, which is most of
	 * what a supervised call costs. It is switched on. */
	STRAIT_HAS_SYNC_WAKE_UP = 4,
};

/*
 * Takes over LISTENER, where it returns 0. -EINVAL with an error in the report: it is no listener;
 * another -errno: -ENOMEM, -ENOSYS where the kernel has no listeners.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_supervisor_new(int listener, struct strait_report *report,
							 struct strait_supervisor **out);
/* Closes the listener: calls that wait, and later ones, fail with ENOSYS. No thread may be in
 * another function of it, and no request of it be left. NULL is fine. */
STRAIT_EXPORT void strait_supervisor_free(struct strait_supervisor *supervisor);
/* STRAIT_CAN_*, STRAIT_HAS_*. */
STRAIT_EXPORT unsigned strait_supervisor_features(const struct strait_supervisor *supervisor);
/*
 * The listener, for poll(2) and epoll(7): POLLIN: strait_supervisor_receive() has something to
 * receive; POLLHUP: nobody is left under the filter (Linux 5.9). It stays the supervisor's.
 */
STRAIT_EXPORT int strait_supervisor_fd(const struct strait_supervisor *supervisor);
/* strait_supervisor_receive() returns STRAIT_STOPPED from now on, in every thread.
 * Async-signal-safe. */
STRAIT_EXPORT void strait_supervisor_stop(const struct strait_supervisor *supervisor);

/* Room for one request at a time. 0 or -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_new(struct strait_supervisor *supervisor,
						      struct strait_request **out);
/* NULL is fine. A request that wasn't answered keeps its caller waiting until the listener is
 * closed. */
STRAIT_EXPORT void strait_request_free(struct strait_request *request);

enum strait_received {
	STRAIT_RECEIVED,
	STRAIT_NONE_CAME, /* within the timeout */
	STRAIT_STOPPED,	  /* strait_supervisor_stop() */
	STRAIT_UNUSED,	  /* nobody is left under the filter (Linux 5.9; before, it never ends) */
};

/*
 * Waits up to TIMEOUT milliseconds, 0: not at all, -1: for ever. One of enum strait_received, or
 * -errno. Signals don't end it, and callers that died before their request was received are passed
 * over.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_supervisor_receive(struct strait_supervisor *supervisor,
							     struct strait_request *request,
							     int timeout);

/* ---- a request ---- */

/*
 * What was received: the request's id, the caller's thread id (as this process sees it; 0: it is
 * in a pid namespace that isn't below) and the call as the filter saw it. Registers are copied when
 * the call is made: nothing changes them afterwards, so a decision about them holds.
 */
STRAIT_EXPORT const struct seccomp_notif *
strait_request_notif(const struct strait_request *request);
/* "openat(AT_FDCWD, 0x7ffe1000, O_RDONLY|O_CLOEXEC, 0)". 0 or -ENOMEM. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_describe(const struct strait_request *request,
							   char **out);
/*
 * Does the caller still wait? 1 or 0. Whatever was found out by its thread id, in /proc or
 * elsewhere, is about the caller only if this says 1 afterwards: an id can be another's by then.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_is_alive(const struct strait_request *request);

/*
 * The caller's memory, by address. The request is looked at afterwards (writing: before as well),
 * so that another process' memory is never taken for the caller's. 0; -EFAULT: not all of it is
 * there; -ENOENT: the caller is gone; -ESRCH: its thread id is 0; another -errno of
 * process_vm_readv(2) or open(2): the right to ptrace(2) the caller is needed.
 *
 * What was read may be another thing in the next moment, as the caller's other threads go on. Read
 * once, decide on the copy, and act on the copy.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_read(const struct strait_request *request,
						       uint64_t address, void *out, size_t size);
/* A string: its length, less than SIZE, with a NUL after it; -ENAMETOOLONG: no NUL within SIZE
 * bytes. What follows the NUL needn't be readable. */
STRAIT_EXPORT STRAIT_NODISCARD ssize_t strait_request_read_string(
	const struct strait_request *request, uint64_t address, char *out, size_t size);
/* Writes, through /proc/PID/mem: as a debugger, also where the caller itself could only read. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_write(const struct strait_request *request,
							uint64_t address, const void *bytes,
							size_t size);

/*
 * Puts a file into the caller: a duplicate of FD, at number AT (replacing what is there) or at the
 * lowest free one if AT is negative; FLAGS are 0 or O_CLOEXEC. Returns the number; the call goes on
 * waiting. -EMFILE, -EBADF: the caller's own limits; -ENOENT: it is gone; -ENOTSUP: Linux 5.9 is
 * needed.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_add_fd(const struct strait_request *request,
							 int fd, int at, unsigned flags);

/* ---- answers ---- */

/*
 * Each request is answered once. 0; -ENOENT: the caller is gone or was taken out of its call by a
 * signal, and nothing is to be done; -EINPROGRESS: it was answered already.
 */

/* The call isn't executed and returns VALUE. -4095 to -1 would be errors: -EINVAL. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_return(const struct strait_request *request,
							 int64_t value);
/* The call isn't executed and fails with ERROR, 1 to 4095. */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_fail(const struct strait_request *request,
						       int error);
/*
 * The call is executed, as the caller has it now.
 *
 * WARNING. Only what is in registers is what the supervisor saw. The caller's other threads can
 * change what a pointer leads to between the supervisor's look and the kernel's
 * (seccomp_unotify(2): "time-of-check, time-of-use"), and a caller can do so on purpose. A decision
 * that was made about memory - a path, an address, a structure - must not end here: do what the
 * caller asked for with what was read, and give it the result. `continue` is for calls that would
 * be harmless with any memory, and for calls that another filter or the kernel itself judges.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_continue(const struct strait_request *request);
/*
 * The call isn't executed and returns a new file descriptor, a duplicate of FD, which stays the
 * supervisor's. FLAGS are 0 or O_CLOEXEC. Before Linux 5.14 a signal between two steps may leave
 * the caller with the file and without its number. Errors as of strait_request_add_fd(); the
 * request then waits for another answer.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_request_give_fd(const struct strait_request *request,
							  int fd, unsigned flags);

/* ---- a program under a policy that has the answers ---- */

/* What a policy's answer (`notify CALL => ANSWER`) did. */
enum strait_answer {
	STRAIT_ANSWER_CONTINUED, /* log_and_continue: the call is executed */
	STRAIT_ANSWER_REFUSED,	 /* a file answer: EACCES or EPERM, and nothing was done */
};

/* An answer that was given. It and what it leads to are valid during the callback only. */
struct strait_answered {
	pid_t pid, tid;
	const char *comm; /* the thread's name; any bytes but NUL. "" where it isn't known */
	const struct strait_verdict *verdict; /* the call, and the rule that sent it here */
	enum strait_answer answer;
	int error;	  /* STRAIT_ANSWER_REFUSED: what the call fails with */
	const char *path; /* the file's name as it was read, any bytes but NUL; or NULL */
};

/* Zero in any field means the default. `size` is sizeof(struct strait_supervise_options). */
struct strait_supervise_options {
	size_t size;
	const struct strait_filter *filter; /* of a policy; each `notify` of it has its answer */
	char *const *argv; /* NULL-terminated; argv[0] is sought in PATH as execvp(3) does */
	char *const *envp; /* its environment, with the PATH to seek in; not NULL */
	unsigned flags;	   /* SECCOMP_FILTER_FLAG_* for the installation */
	unsigned workers;  /* threads that answer; 0: four */
	/* Both are called by one thread at a time, which may be any. NULL: nobody is told. */
	void (*stopped)(void *user, const struct strait_stopped *call); /* STRAIT_TELL_KILLED */
	void (*answered)(void *user, const struct strait_answered *answered);
	void *user;
};

/*
 * Runs a program as strait_run() does, and answers the calls that its policy's filter asks about as
 * the policy says (docs/policy-reference.md, Answers). WAIT_KILLABLE_RECV is used where the kernel
 * has it.
 *
 * Calls of open_beneath and make_node are carried out by this process, in the caller's name: its
 * root and working directory, its file-system ids, groups and umask, and the capabilities that both
 * have (make_node: and CAP_MKNOD). What else confines a caller - a Landlock domain, an LSM's label,
 * a device cgroup - doesn't bind this process.
 *
 * When the program has ended, so has the supervision: for children that outlive it calls of
 * `notify` fail with ENOSYS from then on. The same happens if this process is killed, and then the
 * program is killed too.
 *
 * Returns what strait_run() returns; -EINVAL also where the filter has no policy, a rule of
 * `notify` has no answer or a file that an answer names can't be used; -ENOTSUP with an error in
 * the report where the kernel can't do what an answer needs (open_beneath: Linux 5.9). The calling
 * process has one thread.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_supervise(const struct strait_supervise_options *options,
						    struct strait_report *report,
						    struct strait_run_result *result);

STRAIT_END

#endif
