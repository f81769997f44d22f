/* SPDX-License-Identifier: BSD-2-Clause */
/* All of libstrait. */
#ifndef STRAIT_STRAIT_H
#define STRAIT_STRAIT_H

#include <strait/arch.h>
#include <strait/compare.h>
#include <strait/eval.h>
#include <strait/export.h>
#include <strait/filter.h>
#include <strait/lint.h>
#include <strait/load.h>
#include <strait/policy.h>
#include <strait/report.h>
#include <strait/run.h>
#include <strait/trap.h>
#include <strait/version.h>

#endif
