/* SPDX-License-Identifier: BSD-2-Clause */
/* strait bench, in parts: what is counted and measured of each filter, and how it is shown. */
#ifndef STRAIT_CLI_BENCH_H
#define STRAIT_CLI_BENCH_H

#include "cli.h"

/* The kinds of calls that are measured. */
enum { BENCH_PLAIN, BENCH_TESTED, BENCH_DENIED, BENCH_KINDS };

/* What was measured of one call under one filter, medians over the rounds. */
struct bench_live {
	const struct strait_cost_case *call; /* NULL: the filter has none that can be tried */
	const char *failure;		     /* why there is no figure; NULL: there is one */
	double bare, ns;		     /* a call without and with the filter */
	double ratio;			     /* of a round's two figures */
	double spread; /* the middle half of the rounds is that far apart, in parts of `ns` */
};

struct bench_column {
	const char *name;
	struct strait_filter *filter;
	struct strait_cost *cost;
	size_t length; /* instructions */
	double load;   /* ns to attach it, by a process that has none; -1: not measured */
	struct bench_live live[BENCH_KINDS];
};

struct bench {
	struct bench_column *columns;
	size_t len;
	const struct strait_abi *abi;
	const char *weights; /* what is weighed by */
	bool is_live;
	int cpu; /* that the measured processes were kept on; -1: on none */
	struct strait_features *features;
};

#define BENCH_ROUNDS 41
/* With more spread than that a figure is no figure. */
#define BENCH_SPREAD_MAX 0.15

/* Measures all columns. 0 or EXIT_BAD, said on stderr. */
int bench_measure(struct bench *b);
bool bench_is_noisy(const struct bench_live *live);
/* The plot. 0 or EXIT_BAD, said on stderr. */
int bench_plot(const struct bench *b, const char *path);

#endif
