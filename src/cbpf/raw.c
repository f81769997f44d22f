/* SPDX-License-Identifier: BSD-2-Clause */
/* struct sock_filter arrays as bytes: what the kernel, bubblewrap and crun read. */
#include "cbpf/cbpf.h"

#include <errno.h>

#define INSN_SIZE 8 /* sizeof(struct sock_filter): u16 code, u8 jt, u8 jf, u32 k */

int cbpf_from_raw(struct arena *arena, const void *bytes, size_t size, enum cbpf_order order,
		  struct cbpf_prog *prog)
{
	const unsigned char *b = bytes;
	bool big = order == CBPF_BIG_ENDIAN;

	*prog = (struct cbpf_prog){ 0 };
	if (size % INSN_SIZE)
		return -EINVAL;
	if (size / INSN_SIZE > BPF_MAXINSNS)
		return -E2BIG;
	prog->insns = arena_array(arena, size / INSN_SIZE, sizeof(*prog->insns));
	if (!prog->insns)
		return -ENOMEM;
	prog->len = size / INSN_SIZE;
	for (size_t i = 0; i < prog->len; i++, b += INSN_SIZE) {
		uint32_t k = 0;

		for (int j = 0; j < 4; j++)
			k |= (uint32_t)b[4 + j] << 8 * (big ? 3 - j : j);
		prog->insns[i] = (struct sock_filter){
			.code = (uint16_t)(big ? b[0] << 8 | b[1] : b[1] << 8 | b[0]),
			.jt = b[2],
			.jf = b[3],
			.k = k,
		};
	}
	return 0;
}

void cbpf_to_raw(const struct cbpf_prog *prog, enum cbpf_order order, struct buf *out)
{
	bool big = order == CBPF_BIG_ENDIAN;

	for (size_t i = 0; i < prog->len; i++) {
		const struct sock_filter *insn = &prog->insns[i];

		for (int j = 0; j < 2; j++)
			buf_putc(out, (char)(insn->code >> 8 * (big ? 1 - j : j)));
		buf_putc(out, (char)insn->jt);
		buf_putc(out, (char)insn->jf);
		for (int j = 0; j < 4; j++)
			buf_putc(out, (char)(insn->k >> 8 * (big ? 3 - j : j)));
	}
}
