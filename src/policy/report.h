/* SPDX-License-Identifier: BSD-2-Clause */
/* Diagnostics of policy text: the same mistake is reported once, however many ABIs and calls it
 * concerns. */
#ifndef STRAIT_POLICY_REPORT_H
#define STRAIT_POLICY_REPORT_H

#include "base/diag.h"

/* More errors than this help nobody; the last one says so. Warnings have their own count. */
#define REPORT_MAX 1000

/* True if the diagnostic is new and was added, so that notes may follow. */
bool report(struct diags *d, enum diag_code code, struct span span, const char *format, ...)
	PRINTF(4, 5);
/* Whether report() would add it: asked before a costly text is made. */
bool report_is_new(const struct diags *d, enum diag_code code, struct span span);
/* Puts the diagnostics after the first KEPT ones in the order of the text; what stands nowhere
 * comes last. */
void report_sort(struct diags *d, size_t kept);
/* Nothing more will be added: stop early. */
bool report_is_full(const struct diags *d);

#endif
