/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a stack of two raw programs: what they are merged into, if the budget is enough,
 * answers as the stack does, and so say the comparisons.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <strait/strait.h>

#define NODES_MAX ((size_t)1 << 14)

static uint32_t answer(const struct strait_stack *stack, const struct seccomp_data *call)
{
	struct strait_verdict *verdict;
	uint32_t ret;

	if (strait_eval(stack->filters, stack->len, call, NULL, NULL, &verdict))
		return 0;
	ret = verdict->ret;
	strait_verdict_free(verdict);
	return ret;
}

static void check(const struct strait_stack *stack, const struct seccomp_data *call)
{
	struct strait_compare_options options = { sizeof(options), NODES_MAX };
	struct strait_comparison result = { .size = sizeof(result) };
	struct strait_filter *merged;
	struct strait_stack one = { (const struct strait_filter *const *)&merged, 1 };
	size_t pc;

	if (strait_merge("merged", stack, &options, NULL, &merged))
		return;
	assert(strait_filter_verify(merged, &pc, NULL) == 0);
	assert(answer(stack, call) == answer(&one, call));
	assert(strait_compare(stack, &one, STRAIT_SAME, &options, NULL, &result) == 0);
	assert(result.outcome != STRAIT_DISPROVEN);
	assert(strait_compare(stack, &one, STRAIT_NO_LOOSER, &options, NULL, &result) == 0);
	assert(result.outcome != STRAIT_DISPROVEN);
	strait_filter_free(merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct strait_filter *filters[2] = { NULL, NULL };
	struct strait_stack stack = { (const struct strait_filter *const *)filters, 2 };
	struct seccomp_data call;
	size_t half;

	if (size < sizeof(call) + 16)
		return 0;
	memcpy(&call, bytes, sizeof(call));
	bytes += sizeof(call);
	size -= sizeof(call);
	/* Of an ABI with the programs' byte order, or the call can't be asked about. */
	call.arch = 0xc000003e;
	half = size / 16 * 8;
	if (strait_filter_from_raw("a", bytes, half, STRAIT_ORDER_LITTLE, NULL, &filters[0]) == 0 &&
	    strait_filter_from_raw("b", bytes + half, (size - half) / 8 * 8, STRAIT_ORDER_LITTLE,
				   NULL, &filters[1]) == 0)
		check(&stack, &call);
	strait_filter_free(filters[0]);
	strait_filter_free(filters[1]);
	return 0;
}
