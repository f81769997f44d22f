/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file descriptor on its way to another process: unix(7)'s SCM_RIGHTS, or taken by
 * pidfd_getfd(2). Both ends name a failure on the first one's side by its errno.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int kernel_send_fd(int socket, int fd)
{
	int error = fd < 0 ? fd : 0;
	struct iovec iov = { &error, sizeof(error) };
	union control control = { { 0 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	ssize_t sent;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int kernel_receive_fd(int socket)
{
	int error = 0, fd;
	struct iovec iov = { &error, sizeof(error) };
	union control control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *cmsg;
	ssize_t got;

	do
		got = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	fd = -1;
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	if ((size_t)got == sizeof(error) && error == 0)
		return fd < 0 ? -EMFILE : fd; /* no room for the fd: recvmsg(2), MSG_CTRUNC */
	if (fd >= 0)
		close(fd);
	if ((size_t)got < sizeof(error))
		return -EPIPE;
	return error > 0 || error < -4095 ? -EBADMSG : error;
}

int kernel_take_fd(pid_t pid, int fd)
{
	AUTO(close_fd) int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int taken;

	if (pidfd < 0)
		return -errno;
	taken = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	return taken < 0 ? -errno : taken;
}
