/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's features in public words, and what of strait works with them. */
#include <strait/features.h>

#include "api/handles.h"
#include "kernel/features.h"
#include "trace/regs.h"

#include <errno.h>

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "public and private names mean the same")
SAME(STRAIT_NO, KERNEL_NO);
SAME(STRAIT_YES, KERNEL_YES);
SAME(STRAIT_UNKNOWN, KERNEL_UNKNOWN);

struct strait_features {
	struct kernel_features found;
	struct strait_feature *rows;
	size_t len;
};

/* strait run and supervisors of its kind: all the rows that they depend on. */
static void add_strait(struct kernel_features *f)
{
	bool works = f->installs && f->traces && trace_regs_known;
	struct kernel_feature row = {
		.group = "strait",
		.name = "run",
		.state = works ? KERNEL_YES : KERNEL_NO,
		.how = "mode install, ptrace seize, ptrace syscall_info",
	};

	if (!f->installs)
		row.follows = "filters can't be installed, so nothing is executed";
	else if (!trace_regs_known)
		row.follows = "`strait run --report=none` works; this machine's registers aren't "
			      "known, so no calls can be told";
	else if (!works)
		row.follows = f->is_traced ? "`strait run --report=none` works; who traces this "
					     "process traces its children, too"
					   : "`strait run --report=none` works";
	kernel_feature_add(f, row);
}

static int make_rows(struct strait_features *features)
{
	struct kernel_features *f = &features->found;

	features->rows = arena_array(&f->arena, f->len, sizeof(*features->rows));
	if (!features->rows)
		return -ENOMEM;
	for (size_t i = 0; i < f->len; i++)
		features->rows[i] = (struct strait_feature){
			.group = f->v[i].group,
			.name = f->v[i].name,
			.state = (enum strait_state)f->v[i].state,
			.value = f->v[i].value,
			.how = f->v[i].how,
			.follows = f->v[i].follows,
		};
	features->len = f->len;
	return 0;
}

int strait_features_look(struct strait_features **out)
{
	struct strait_features *features = calloc(1, sizeof(*features));
	int error;

	if (!features)
		return -ENOMEM;
	error = kernel_features(&features->found);
	if (!error)
		add_strait(&features->found);
	if (!error)
		error = features->found.failed ? -ENOMEM : make_rows(features);
	if (error) {
		strait_features_free(features);
		return error;
	}
	*out = features;
	return 0;
}

void strait_features_free(struct strait_features *features)
{
	if (!features)
		return;
	kernel_features_deinit(&features->found);
	free(features);
}

const struct strait_feature *strait_feature_at(const struct strait_features *features, size_t i)
{
	return i < features->len ? &features->rows[i] : NULL;
}

const struct strait_feature *strait_feature_find(const struct strait_features *features,
						 const char *group, const char *name)
{
	for (size_t i = 0; i < features->len; i++)
		if (strcmp(features->rows[i].group, group) == 0 &&
		    strcmp(features->rows[i].name, name) == 0)
			return &features->rows[i];
	return NULL;
}
