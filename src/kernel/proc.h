/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files of /proc and /sys, and numbers in those that have a line for each. */
#ifndef STRAIT_KERNEL_PROC_H
#define STRAIT_KERNEL_PROC_H

#include <stdbool.h>

#include "base/macros.h"

/* The file's text with its NUL, cut to SIZE; false where it can't be read, with errno. */
NODISCARD bool kernel_read_file(const char *path, char *text, size_t size);
/* The number after a line's NAME, -1 without that line. NAME begins with the newline before it. */
long kernel_line_number(const char *text, const char *name);

#endif
