/* SPDX-License-Identifier: BSD-2-Clause */
/* A call in the syntax that `strait eval` reads. */
#ifndef STRAIT_DECOMPILE_WITNESS_H
#define STRAIT_DECOMPILE_WITNESS_H

#include <linux/seccomp.h>

#include "arch/arch.h"

/*
 * "socket(AF_INET, SOCK_STREAM, 0)", "arch=i386 personality(arg0=0x100000000)": reads back as
 * exactly DATA where NATIVE is the reader's ABI. 1; 0 where no such call can be written: no ABI has
 * the token, or a 32-bit register would need an upper half; -ENOMEM.
 */
NODISCARD int witness_put(const struct arch *native, const struct seccomp_data *data,
			  struct buf *out);

#endif
