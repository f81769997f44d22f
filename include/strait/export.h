/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every header of libstrait needs: visibility and C linkage.
 *
 * The library prints nothing, never exits, reads no environment variable and keeps no mutable state
 * of its own but the handler of strait_trap_install(), which is the process's. Handles of different
 * objects may be used from different threads at once, one handle from one thread at a time; what is
 * `const` in a signature may be shared.
 *
 * Functions that can fail return 0 or -errno and describe the cause in a report (strait/report.h),
 * where the caller gives one. Strings that are handed out as `char *` belong to the caller, who
 * frees them with free(3); those handed out as `const char *` live as long as the object that they
 * were asked of.
 */
#ifndef STRAIT_EXPORT_H
#define STRAIT_EXPORT_H

#define STRAIT_EXPORT	 __attribute__((visibility("default")))
#define STRAIT_NODISCARD __attribute__((warn_unused_result))

#ifdef __cplusplus
#define STRAIT_BEGIN extern "C" {
#define STRAIT_END   }
#else
#define STRAIT_BEGIN
#define STRAIT_END
#endif

#endif
