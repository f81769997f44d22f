/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A caller's memory. A pid says whose memory it is only while the caller waits in its call; so each
 * function looks whether it still does, and what it has read counts only then.
 *
 * What was read can be something else in the next moment: other threads of the caller go on. A
 * decision is made on the copy, and acted on with the copy.
 */
#ifndef STRAIT_NOTIFY_MEMORY_H
#define STRAIT_NOTIFY_MEMORY_H

#include "notify/listener.h"

/*
 * SIZE bytes. 0; -EFAULT: not all of them are there to be read by the caller; -ENOENT: it is gone;
 * -ESRCH: it is in a pid namespace that isn't below ours; another -errno of process_vm_readv(2),
 * which wants the right to ptrace(2).
 */
NODISCARD int notify_read(const struct notify_request *r, uint64_t address, void *out, size_t size);
/* A string of less than SIZE bytes and its NUL: its length, -ENAMETOOLONG, or as above. What lies
 * past the NUL need not be readable. */
NODISCARD ssize_t notify_read_string(const struct notify_request *r, uint64_t address, char *out,
				     size_t size);
/* Writes; all or -EFAULT, of which a part may have been written. As a debugger, also where the
 * caller itself could only read. */
NODISCARD int notify_write(const struct notify_request *r, uint64_t address, const void *bytes,
			   size_t size);

#endif
