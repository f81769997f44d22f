/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as a graph of decisions: its basic blocks, without those in which nothing happens.
 */
#ifndef STRAIT_CBPF_FLOW_H
#define STRAIT_CBPF_FLOW_H

#include "cbpf/known.h"

enum flow_kind {
	FLOW_NONE,  /* no node begins here */
	FLOW_TEST,  /* to `yes` or `no` */
	FLOW_STEPS, /* instructions, then to `yes` */
	FLOW_RETURN,
};

struct flow_node {
	enum flow_kind kind;
	size_t end;    /* its last instruction */
	bool is_plain; /* the rest only loads a word to A, or some of its bits */
	size_t yes, no;
	/* At `end`; see known.h. */
	struct cbpf_known tested;
};

struct flow {
	const struct cbpf_prog *prog;
	enum cbpf_order order;
	struct cbpf_known *known;
	struct flow_node *nodes; /* at the index of their first instruction */
	size_t *landing;	 /* the node that an instruction comes to without any effect */
	size_t first;
};

/* The program verifies. 0 or -ENOMEM. */
NODISCARD int flow_init(struct flow *flow, const struct cbpf_prog *prog, enum cbpf_order order);
void flow_deinit(struct flow *flow);
/* Does a node compare a known word, or some of its bits, with a number, and do nothing else? */
bool flow_compares(const struct flow *flow, size_t at);
/* Where such a node goes to for a value of what is tested. */
size_t flow_next(const struct flow *flow, size_t at, uint32_t value);

#endif
