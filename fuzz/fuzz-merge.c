/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a stack of two programs: what they are merged into, if the budget is enough,
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

/* Eight bytes as an instruction that the kernel may accept; LEFT of them follow. */
static struct sock_filter take_insn(const uint8_t *bytes, size_t left)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_W | BPF_ABS,
		BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JGE | BPF_K,
		BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JSET | BPF_K,
		BPF_JMP | BPF_JA,
		BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_OR | BPF_K,
		BPF_ALU | BPF_ADD | BPF_K,
		BPF_ALU | BPF_SUB | BPF_K,
		BPF_ALU | BPF_RSH | BPF_K,
		BPF_ALU | BPF_LSH | BPF_K,
		BPF_ALU | BPF_XOR | BPF_X,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_ST,
		BPF_LD | BPF_MEM,
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
	};
	struct sock_filter insn = { .code = codes[bytes[0] % (sizeof(codes) / 2)] };

	memcpy(&insn.k, bytes + 4, 4);
	if (insn.code == (BPF_LD | BPF_W | BPF_ABS))
		insn.k = insn.k % 16 * 4;
	else if (BPF_OP(insn.code) == BPF_RSH || BPF_OP(insn.code) == BPF_LSH)
		insn.k %= 32;
	else if (BPF_CLASS(insn.code) == BPF_ST || insn.code == (BPF_LD | BPF_MEM))
		insn.k %= 2;
	else if (insn.code == (BPF_JMP | BPF_JA))
		insn.k %= left + 1;
	insn.jt = (uint8_t)(bytes[1] % (left + 1));
	insn.jf = (uint8_t)(bytes[2] % (left + 1));
	return insn;
}

static int take_filter(const uint8_t *bytes, size_t size, struct strait_filter **out)
{
	struct sock_filter insns[64];
	size_t len = size / 8 < 63 ? size / 8 : 63;

	for (size_t i = 0; i < len; i++)
		insns[i] = take_insn(bytes + 8 * i, len - i - 1);
	insns[len] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return strait_filter_from_raw("x", insns, (len + 1) * sizeof(insns[0]), STRAIT_ORDER_NATIVE,
				      NULL, out);
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
	if (take_filter(bytes, half, &filters[0]) == 0 &&
	    take_filter(bytes + half, size - half, &filters[1]) == 0)
		check(&stack, &call);
	strait_filter_free(filters[0]);
	strait_filter_free(filters[1]);
	return 0;
}
