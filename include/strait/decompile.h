/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program, or what several stacked ones decide together, as policy text: default and baseline
 * chosen, calls grouped, arguments and constants by their names.
 *
 * The text is proven: it is read back, and a policy that doesn't mean exactly what the programs do
 * (all 32 bits of the answer to every struct seccomp_data there is) is not given out. Where an
 * argument's name would mean another width than the program tests, arg0 to arg5 stand in the text.
 */
#ifndef STRAIT_DECOMPILE_H
#define STRAIT_DECOMPILE_H

#include <stddef.h>

#include <strait/arch.h>
#include <strait/compare.h>
#include <strait/export.h>
#include <strait/report.h>

STRAIT_BEGIN

/* NULL options, and zero in any field, mean the default. `size` is sizeof(struct
 * strait_decompile_options). */
struct strait_decompile_options {
	size_t size;
	size_t proof_nodes; /* 0: STRAIT_PROOF_NODES; what is made on the way counts as well */
	/*
	 * Only the calls of this ABI count: the text is proven for them, and kills all others. For
	 * programs without a test of the architecture, which no policy describes as a whole. NULL:
	 * every call counts.
	 */
	const struct strait_abi *only;
};

/*
 * Writes the policy. 0 with *OUT and, if not NULL, *SIZE; 1 with an error in the report: no policy
 * says what the programs do, or none that is short enough to be read; -E2BIG with one: the proof is
 * too large; -EINVAL with one: the kernel would not accept one of the filters, or they are for
 * machines of different byte orders; -ENOMEM.
 */
STRAIT_EXPORT STRAIT_NODISCARD int strait_decompile(const struct strait_stack *stack,
						    const struct strait_decompile_options *options,
						    struct strait_report *report, char **out,
						    size_t *size);

STRAIT_END

#endif
