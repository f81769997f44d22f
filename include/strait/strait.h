/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All of libstrait. Not <strait/static.h>: it is no part of the library but code that becomes part
 * of the program, and an error on machines that it doesn't know.
 */
#ifndef STRAIT_STRAIT_H
#define STRAIT_STRAIT_H

#include <strait/arch.h>
#include <strait/compare.h>
#include <strait/decompile.h>
#include <strait/diff.h>
#include <strait/cost.h>
#include <strait/dump.h>
#include <strait/eval.h>
#include <strait/explain.h>
#include <strait/export.h>
#include <strait/features.h>
#include <strait/filter.h>
#include <strait/learn.h>
#include <strait/lint.h>
#include <strait/load.h>
#include <strait/policy.h>
#include <strait/report.h>
#include <strait/run.h>
#include <strait/supervisor.h>
#include <strait/tracer.h>
#include <strait/trap.h>
#include <strait/version.h>

#endif
