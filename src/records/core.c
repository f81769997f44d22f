/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The call in a core: its siginfo says which one a filter answered by SIGSYS (fs/binfmt_elf.c
 * writes NT_SIGINFO since Linux 3.7), and the registers of the thread hold its arguments, which the
 * kernel has put back (kernel/seccomp.c, syscall_rollback()).
 *
 * Three notes are all that is needed, so they are read here and not by a library that knows all of
 * ELF: each read is of a fixed size at an offset that is checked, and a fuzzer has been at it.
 */
#include "records/records.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>

/* As many notes are looked at: a few for each thread. */
#define NOTES_MAX 1000000
#define PHDRS_MAX 4096
/* siginfo_t; the beginning of a struct elf_prstatus with its registers; the end of an elf_prpsinfo:
 * linux/elfcore.h. */
#define SIGINFO_SIZE 128
#define STATUS_SIZE  512
#define FNAME_SIZE   16
#define PSARGS_SIZE  80

/* Linux's asm/siginfo.h of mips alone has another order, and SIGSYS another number. */
#define SIGNAL_SIGSYS 31
#define CODE_SECCOMP  1

struct core {
	const struct records_file *file;
	bool is_64;
	bool big_endian;
	uint16_t machine;
	bool has_siginfo;
	unsigned char siginfo[SIGINFO_SIZE];
	unsigned char status[STATUS_SIZE]; /* of the thread that siginfo is about */
	size_t status_size;		   /* 0: none yet */
	char comm[FNAME_SIZE + 1];
};

static uint64_t number(const struct core *c, const unsigned char *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[c->big_endian ? i : size - 1 - i];
	return value;
}

static int read_at(const struct core *c, void *to, size_t size, uint64_t at)
{
	int error = c->file->read(c->file, to, size, at);

	return error == -ENODATA ? -ENOEXEC : error;
}

/* ---- notes ---- */

/* What is shorter than SIZE is filled with zeros. */
static int read_note(const struct core *c, uint64_t at, uint64_t note_size, void *to, size_t size)
{
	memset(to, 0, size);
	return read_at(c, to, note_size < size ? (size_t)note_size : size, at);
}

static int take_note(struct core *c, uint32_t type, uint64_t at, uint64_t size)
{
	/* Of several threads the kernel puts the one that died first; gdb writes a siginfo for
	 * each, after its registers. */
	if (type == NT_PRSTATUS && !c->has_siginfo) {
		c->status_size = size < sizeof(c->status) ? (size_t)size : sizeof(c->status);
		return read_note(c, at, size, c->status, sizeof(c->status));
	}
	if (type == NT_SIGINFO && !c->has_siginfo && size >= SIGINFO_SIZE) {
		c->has_siginfo = true;
		return read_note(c, at, size, c->siginfo, sizeof(c->siginfo));
	}
	/* The name stands before the arguments, which are last; what is before differs. */
	if (type == NT_PRPSINFO && size >= FNAME_SIZE + PSARGS_SIZE)
		return read_note(c, at + size - FNAME_SIZE - PSARGS_SIZE, FNAME_SIZE, c->comm,
				 FNAME_SIZE);
	return 0;
}

/* Sizes are rounded up to 4, in both classes: fs/binfmt_elf.c, writenote(). */
static uint64_t padded(uint64_t size)
{
	return (size + 3) & ~UINT64_C(3);
}

static int walk_notes(struct core *c, uint64_t at, uint64_t size, unsigned *budget)
{
	unsigned char head[12 + 8];
	int error = 0;

	while (size >= sizeof(head) && !error && (*budget)--) {
		uint64_t name, desc, whole;

		error = read_at(c, head, sizeof(head), at);
		if (error)
			return error;
		name = padded(number(c, head, 4));
		desc = number(c, head + 4, 4);
		whole = 12 + name + padded(desc);
		if (whole > size)
			return -ENOEXEC;
		if (name == 8 && memcmp(head + 12, "CORE", 5) == 0)
			error = take_note(c, (uint32_t)number(c, head + 8, 4), at + 12 + name,
					  desc);
		at += whole;
		size -= whole;
	}
	return error;
}

/* ---- headers: of both classes the same fields, elsewhere ---- */

static int walk_segments(struct core *c, uint64_t table, unsigned len, unsigned entry)
{
	size_t size = c->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), word = c->is_64 ? 8 : 4;
	size_t offset = c->is_64 ? offsetof(Elf64_Phdr, p_offset) : offsetof(Elf32_Phdr, p_offset);
	size_t filesz = c->is_64 ? offsetof(Elf64_Phdr, p_filesz) : offsetof(Elf32_Phdr, p_filesz);
	unsigned char head[sizeof(Elf64_Phdr)];
	unsigned budget = NOTES_MAX;
	int error = 0;

	if (entry < size)
		return -ENOEXEC;
	for (unsigned i = 0; i < len && i < PHDRS_MAX && !error; i++) {
		error = read_at(c, head, size, table + (uint64_t)i * entry);
		if (error || number(c, head, 4) != PT_NOTE)
			continue;
		error = walk_notes(c, number(c, head + offset, word),
				   number(c, head + filesz, word), &budget);
	}
	return error;
}

static int read_core(struct core *c)
{
	unsigned char head[sizeof(Elf64_Ehdr)] = { 0 };
	int error = read_at(c, head, sizeof(Elf32_Ehdr), 0);

	if (error)
		return error;
	c->is_64 = head[EI_CLASS] == ELFCLASS64;
	c->big_endian = head[EI_DATA] == ELFDATA2MSB;
	if (memcmp(head, ELFMAG, SELFMAG) != 0 || number(c, head + 16, 2) != ET_CORE)
		return -ENOEXEC;
	if (c->is_64)
		error = read_at(c, head, sizeof(Elf64_Ehdr), 0);
	if (error)
		return error;
	c->machine = (uint16_t)number(c, head + 18, 2);
	if (c->is_64)
		return walk_segments(
			c, number(c, head + offsetof(Elf64_Ehdr, e_phoff), 8),
			(unsigned)number(c, head + offsetof(Elf64_Ehdr, e_phnum), 2),
			(unsigned)number(c, head + offsetof(Elf64_Ehdr, e_phentsize), 2));
	return walk_segments(c, number(c, head + offsetof(Elf32_Ehdr, e_phoff), 4),
			     (unsigned)number(c, head + offsetof(Elf32_Ehdr, e_phnum), 2),
			     (unsigned)number(c, head + offsetof(Elf32_Ehdr, e_phentsize), 2));
}

/* ---- what they say ---- */

/*
 * Which registers of the note hold the arguments: asm/elf.h and asm/syscall.h of each machine. For
 * others the arguments aren't known.
 */
static const struct {
	uint16_t machine;
	uint32_t arch;
	uint8_t word, pid, regs; /* sizes and offsets in struct elf_prstatus */
	uint8_t args[ARCH_ARGS_MAX];
} layouts[] = {
	{ EM_X86_64, AUDIT_ARCH_X86_64, 8, 32, 112, { 14, 13, 12, 7, 9, 8 } },
	/* int $0x80 in a 64-bit program */
	{ EM_X86_64, AUDIT_ARCH_I386, 8, 32, 112, { 5, 11, 12, 13, 14, 4 } },
	{ EM_386, AUDIT_ARCH_I386, 4, 24, 72, { 0, 1, 2, 3, 4, 5 } },
	{ EM_AARCH64, AUDIT_ARCH_AARCH64, 8, 32, 112, { 0, 1, 2, 3, 4, 5 } },
};

static void take_registers(const struct core *c, struct record *out)
{
	size_t at = c->is_64 ? 32 : 24;

	if (c->status_size >= at + 4) {
		out->pid = (int)number(c, c->status + at, 4);
		out->known |= RECORD_HAS_PID;
	}
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
		if (layouts[i].machine != c->machine || layouts[i].arch != out->data.arch)
			continue;
		for (unsigned a = 0; a < ARCH_ARGS_MAX; a++) {
			at = layouts[i].regs + (size_t)layouts[i].args[a] * layouts[i].word;
			if (at + layouts[i].word > c->status_size)
				continue;
			out->data.args[a] = number(c, c->status + at, layouts[i].word);
			out->args_known |= 1U << a;
		}
	}
}

static bool make_record(const struct core *c, int *signal, struct record *out)
{
	size_t word = c->is_64 ? 8 : 4, fields = c->is_64 ? 16 : 12;

	*signal = c->has_siginfo ? (int)number(c, c->siginfo, 4) : 0;
	if (*signal != SIGNAL_SIGSYS || number(c, c->siginfo + 8, 4) != CODE_SECCOMP)
		return false;
	memset(out, 0, sizeof(*out));
	out->form = RECORD_CORE;
	out->known = RECORD_HAS_CALL | RECORD_HAS_ARCH | RECORD_HAS_IP | RECORD_HAS_SIGNAL;
	out->signal = *signal;
	out->data.instruction_pointer = number(c, c->siginfo + fields, word);
	out->data.nr = (int)number(c, c->siginfo + fields + word, 4);
	out->data.arch = (uint32_t)number(c, c->siginfo + fields + word + 4, 4);
	take_registers(c, out);
	memcpy(out->comm, c->comm, sizeof(c->comm));
	return true;
}

int records_core(struct records *r, const struct records_file *file, int *signal)
{
	struct core core = { .file = file };
	struct record record;
	int error = read_core(&core);

	if (error)
		return error;
	return make_record(&core, signal, &record) ? records_add(r, &record) : -ENOMSG;
}
