/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a call's arguments are on an ABI. Parameters take the registers one after another; what is
 * 64 bits wide takes two 32-bit registers, high half first on big-endian machines, and on some ABIs
 * only from an even one. Calls whose parameters themselves differ have a row in tables/variants.inc
 * for those ABIs.
 */
#include "arch/arch.h"

struct variant {
	uint16_t call; /* row of the table of calls */
	int8_t nparams;
	uint32_t columns; /* set of 1u << enum arch_column */
	const struct arch_param *params;
};

#include "arch/tables/variants.inc"

/* A call's parameters on an ABI. One without a name is a register that the call ignores. */
struct layout {
	const struct arch_param *params;
	int len; /* -1: unknown */
};

/* The ABIs whose C calling convention aligns a pair of registers: the psABIs of arm (EABI), mips
 * (o32), ppc (SVR4). */
#define ALIGNS_PAIRS (1u << ARCH_ARM | 1u << ARCH_MIPS | 1u << ARCH_PPC)

static struct layout layout_of(const struct arch *arch, const struct arch_syscall *call)
{
	size_t row = (size_t)(call - arch_syscall_at(0));
	size_t begin = 0, end = ARRAY_LEN(variants);

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (variants[middle].call < row)
			begin = middle + 1;
		else
			end = middle;
	}
	for (; begin < ARRAY_LEN(variants) && variants[begin].call == row; begin++)
		if (variants[begin].columns & 1u << arch->column)
			return (struct layout){ variants[begin].params, variants[begin].nparams };
	return (struct layout){ call->params, call->nparams };
}

static uint8_t bits_of(const struct arch *arch, uint8_t kind)
{
	static const uint8_t bits[] = {
		[ARCH_S32] = 32, [ARCH_U32] = 32, [ARCH_U16] = 16, [ARCH_S64] = 64, [ARCH_U64] = 64,
	};

	return kind == ARCH_SLONG || kind == ARCH_ULONG || kind == ARCH_PTR ? arch->register_bits
									    : bits[kind];
}

/* Places a parameter at the first free register; false where it doesn't fit in those that are left.
 */
static bool place(const struct arch *arch, const struct arch_param *param, uint8_t *next,
		  struct arch_arg *arg)
{
	uint8_t bits = bits_of(arch, param->kind);
	uint8_t words = bits > arch->register_bits ? 2 : 1;
	uint8_t first = *next;

	if (words == 2 && ALIGNS_PAIRS & 1u << arch->column)
		first += first & 1;
	if (first + words > ARCH_ARGS_MAX)
		return false;
	*next = first + words;
	*arg = (struct arch_arg){
		.name = param->name,
		.kind = param->kind,
		.bits = bits,
		.is_signed = param->kind == ARCH_S32 || param->kind == ARCH_SLONG ||
			     param->kind == ARCH_S64,
		.index = arch->big_endian ? first + words - 1 : first,
		.high = arch->big_endian ? first : first + words - 1,
	};
	return true;
}

/* Goes to the next argument of a layout: returns its parameter and fills ARG, or NULL past the
 * last. */
static const struct arch_param *next_arg(const struct arch *arch, struct layout *layout,
					 uint8_t *next, struct arch_arg *arg)
{
	while (layout->len > 0) {
		const struct arch_param *param = layout->params++;

		layout->len--;
		if (!place(arch, param, next, arg))
			return NULL;
		if (param->name)
			return param;
	}
	return NULL;
}

int arch_nargs(const struct arch *arch, const struct arch_syscall *call)
{
	struct layout layout = layout_of(arch, call);
	struct arch_arg arg;
	uint8_t next = 0;
	int n = 0;

	if (layout.len < 0)
		return -1;
	while (next_arg(arch, &layout, &next, &arg))
		n++;
	return n;
}

bool arch_arg_at(const struct arch *arch, const struct arch_syscall *call, int i,
		 struct arch_arg *arg)
{
	struct layout layout = layout_of(arch, call);
	uint8_t next = 0;

	if (i < 0)
		return false;
	while (next_arg(arch, &layout, &next, arg))
		if (i-- == 0)
			return true;
	return false;
}

static bool find_arg(const struct arch *arch, const struct arch_syscall *call, struct str name,
		     bool by_alias, struct arch_arg *arg)
{
	struct layout layout = layout_of(arch, call);
	const struct arch_param *param;
	uint8_t next = 0;

	while ((param = next_arg(arch, &layout, &next, arg))) {
		const char *known = by_alias ? param->alias : param->name;

		if (known && str_is(name, known))
			return true;
	}
	return false;
}

bool arch_arg_by_name(const struct arch *arch, const struct arch_syscall *call, struct str name,
		      struct arch_arg *arg)
{
	/* The kernel's names first: one call's alias may be another of its parameters' name. */
	return find_arg(arch, call, name, false, arg) || find_arg(arch, call, name, true, arg);
}
