/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking for a difference where a proof is out of reach. */
#ifndef STRAIT_PROVE_SEARCH_H
#define STRAIT_PROVE_SEARCH_H

#include "prove/space.h"

/* What executing the subject returns. */
uint32_t prove_run_subject(const struct prove_subject *s, const struct seccomp_data *data,
			   enum cbpf_order order);
/*
 * 1 with a call for whose two answers OP is 1, 0 if none was found, -ENOMEM. Tries the same calls
 * every time, and takes less than a second.
 */
NODISCARD int prove_search(struct arena *arena, const struct prove_subject *const subjects[2],
			   enum prove_op op, enum cbpf_order order, struct seccomp_data *data);

#endif
