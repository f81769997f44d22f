/* SPDX-License-Identifier: BSD-2-Clause */
/* Public names for the tables of arch/. */
#include <strait/arch.h>

#include "api/handles.h"

#include <errno.h>

static const struct strait_syscall *call_public(const struct arch_syscall *call)
{
	return (const struct strait_syscall *)(const void *)call;
}

static const struct arch_syscall *call_private(const struct strait_syscall *call)
{
	return (const struct arch_syscall *)(const void *)call;
}

const struct strait_abi *strait_abi_at(size_t i)
{
	return abi_public(arch_at(i));
}

const struct strait_abi *strait_abi_by_name(const char *name)
{
	return abi_public(arch_by_name(str_of(name)));
}

const struct strait_abi *strait_abi_native(void)
{
	return abi_public(arch_native());
}

const struct strait_abi *strait_abi_compat(const struct strait_abi *abi, size_t i)
{
	return abi_public(arch_compat(abi_private(abi), i));
}

const char *strait_abi_name(const struct strait_abi *abi)
{
	return abi_private(abi)->name;
}

const char *strait_abi_alias(const struct strait_abi *abi)
{
	return abi_private(abi)->alias;
}

uint32_t strait_abi_audit(const struct strait_abi *abi)
{
	return abi_private(abi)->audit;
}

unsigned strait_abi_register_bits(const struct strait_abi *abi)
{
	return abi_private(abi)->register_bits;
}

int strait_abi_is_big_endian(const struct strait_abi *abi)
{
	return abi_private(abi)->big_endian;
}

const struct strait_syscall *strait_syscall_at(size_t i)
{
	return call_public(arch_syscall_at(i));
}

const struct strait_syscall *strait_syscall_by_name(const char *name)
{
	return call_public(arch_syscall_by_name(str_of(name)));
}

const struct strait_syscall *strait_syscall_by_nr(const struct strait_abi *abi, uint32_t nr)
{
	return call_public(arch_syscall_by_nr(abi_private(abi), nr));
}

const struct strait_syscall *strait_syscall_suggest(const char *name)
{
	const struct arch_syscall *call;
	struct str_guess guess;

	str_guess_init(&guess, str_of(name));
	for (size_t i = 0; (call = arch_syscall_at(i)); i++)
		str_guess_try(&guess, call->name);
	return guess.best ? strait_syscall_by_name(guess.best) : NULL;
}

const char *strait_syscall_name(const struct strait_syscall *call)
{
	return call_private(call)->name;
}

const char *strait_syscall_since(const struct strait_syscall *call)
{
	return call_private(call)->since;
}

int64_t strait_syscall_nr(const struct strait_abi *abi, const struct strait_syscall *call)
{
	return arch_syscall_nr(abi_private(abi), call_private(call));
}

int strait_syscall_nargs(const struct strait_abi *abi, const struct strait_syscall *call)
{
	return arch_nargs(abi_private(abi), call_private(call));
}

static const char *const kinds[] = {
	[ARCH_S32] = "s32",	[ARCH_U32] = "u32", [ARCH_U16] = "u16", [ARCH_SLONG] = "slong",
	[ARCH_ULONG] = "ulong", [ARCH_S64] = "s64", [ARCH_U64] = "u64", [ARCH_PTR] = "ptr",
};

/* The man-pages' name of an argument: kept with the parameters, which some ABIs pass in another
 * order. */
static const char *arg_alias(const struct arch_syscall *call, const char *name)
{
	for (int i = 0; call->params && i < call->nparams; i++)
		if (strcmp(call->params[i].name, name) == 0)
			return call->params[i].alias;
	return NULL;
}

int strait_syscall_arg(const struct strait_abi *abi, const struct strait_syscall *call, unsigned i,
		       struct strait_arg *arg)
{
	struct arch_arg found;
	struct strait_arg out;

	if (i >= ARCH_ARGS_MAX ||
	    !arch_arg_at(abi_private(abi), call_private(call), (int)i, &found))
		return -ENOENT;
	out = (struct strait_arg){
		.name = found.name,
		.alias = arg_alias(call_private(call), found.name),
		.kind = kinds[found.kind],
		.bits = found.bits,
		.index = found.index,
		.high = found.high,
	};
	options_out(arg, &out, sizeof(out));
	return 0;
}
