/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading is by process_vm_readv(2), which honours the caller's own protections; the id is looked
 * at afterwards, so that a recycled pid's bytes are never used. Writing must not reach a recycled
 * pid's memory at all: /proc/PID/mem is opened first, then the id is looked at, and from then on
 * the open file stands for the caller's memory.
 */
#include "notify/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

/* Ranges of one process_vm_readv(2): each ends where a page does, as partial success is counted in
 * whole ranges. */
#define RANGES 64

/* The top byte of an address is the program's own: Documentation/arch/arm64/tagged-pointers.rst. */
static uint64_t untagged(uint64_t address)
{
#if defined(__aarch64__)
	return (uint64_t)((int64_t)(address << 8) >> 8);
#else
	return address;
#endif
}

/* As many bytes as can be read, up to SIZE; -errno where there is not one. */
static ssize_t read_some(pid_t pid, uint64_t address, char *out, size_t size)
{
	struct iovec remote[RANGES], local = { out, 0 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = 0;
	ssize_t got;

	for (; len < RANGES && local.iov_len < size; len++) {
		size_t room = page - address % page;

		if (room > size - local.iov_len)
			room = size - local.iov_len;
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of another process */
		remote[len] = (struct iovec){ (void *)(uintptr_t)address, room };
		local.iov_len += room;
		if (__builtin_add_overflow(address, room, &address))
			break;
	}
	got = process_vm_readv(pid, &local, 1, remote, len, 0);
	return got < 0 ? -errno : got;
}

static int check_pid(const struct notify_request *r)
{
	return r->notif->pid ? 0 : -ESRCH;
}

/* Until SIZE bytes, or (if UNTIL_NUL) a NUL is among them. How many, or -errno. */
static ssize_t read_bytes(const struct notify_request *r, uint64_t address, char *out, size_t size,
			  bool until_nul)
{
	size_t done = 0;
	ssize_t got = check_pid(r);

	address = untagged(address);
	while (got >= 0 && done < size) {
		/* On a 32-bit machine an address has 32 bits. */
		if (address + done < address || address + done > UINTPTR_MAX)
			got = -EFAULT;
		else
			got = read_some((pid_t)r->notif->pid, address + done, out + done,
					size - done);
		if (got == 0)
			got = -EFAULT;
		if (got > 0) {
			bool ends = until_nul && memchr(out + done, 0, (size_t)got);

			done += (size_t)got;
			if (ends)
				break;
		}
	}
	if (!notify_is_alive(r))
		return -ENOENT;
	return got < 0 ? got : (ssize_t)done;
}

int notify_read(const struct notify_request *r, uint64_t address, void *out, size_t size)
{
	ssize_t got = read_bytes(r, address, out, size, false);

	return got < 0 ? (int)got : 0;
}

ssize_t notify_read_string(const struct notify_request *r, uint64_t address, char *out, size_t size)
{
	ssize_t got = read_bytes(r, address, out, size, true);
	const char *end;

	if (got < 0)
		return got;
	end = memchr(out, 0, (size_t)got);
	return end ? end - out : -ENAMETOOLONG;
}

int notify_write(const struct notify_request *r, uint64_t address, const void *bytes, size_t size)
{
	AUTO(close_fd) int mem = -1;
	char path[sizeof("/proc/4294967295/mem")];
	size_t done = 0;

	address = untagged(address);
	if (check_pid(r) < 0)
		return -ESRCH;
	if (address > (uint64_t)INT64_MAX - size)
		return -EFAULT;
	snprintf(path, sizeof(path), "/proc/%u/mem", r->notif->pid);
	mem = open(path, O_WRONLY | O_CLOEXEC);
	if (!notify_is_alive(r))
		return -ENOENT;
	if (mem < 0)
		return -errno;
	while (done < size) {
		ssize_t n = pwrite(mem, (const char *)bytes + done, size - done,
				   (off_t)(address + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return notify_is_alive(r) ? -EFAULT : -ENOENT;
		done += (size_t)n;
	}
	return notify_is_alive(r) ? 0 : -ENOENT;
}
