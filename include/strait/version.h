/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's version: SemVer, and before 1.0 the soname stays libstrait.so.0. */
#ifndef STRAIT_VERSION_H
#define STRAIT_VERSION_H

#include <strait/export.h>

STRAIT_BEGIN

/* Of the headers that a program was compiled with. */
#define STRAIT_VERSION "0.1.0"

/* Of the library that it runs with: "0.1.0". */
STRAIT_EXPORT const char *strait_version(void);

STRAIT_END

#endif
