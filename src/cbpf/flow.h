/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as a graph of decisions: its basic blocks, without those in which nothing happens, and
 * the tests of one word that follow each other put together.
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
	/* Of what is tested at `end`, in is_plain nodes: see known.h. */
	struct cbpf_known tested;
	/*
	 * The first of the tests of one word that belong together: only they lead to this one, and
	 * all compare it with numbers. The node itself where it stands alone.
	 */
	size_t group;
	size_t tests; /* of a group's first: how many */
	bool is_reached;
	bool is_shared, has_maker; /* while groups are made */
	size_t maker;
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
/* Puts tests together; until then each node's group is itself. */
void flow_group(struct flow *flow);
/* Where a test goes to for a value of what is tested. */
size_t flow_next(const struct flow *flow, size_t node, uint32_t value);

#endif
