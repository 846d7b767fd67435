/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What memory knows for source lines and variables of frames. */
#ifndef OD_PIPELINE_VARS_H
#define OD_PIPELINE_VARS_H

#include "analyze/locate.h"
#include "model/report.h"
#include "target/kernel/unwind.h"

struct od_kernel;

/*
 * trace has become the frames of the stacks of rep from stack first on (od_memreport_add_trace()): give
 * them their arguments and locals, as far as debug files tell. release: of the kernel, or NULL.
 */
void od_pipeline_vars(struct od_locate *loc, struct od_kernel *k, const char *release, struct od_report *rep,
		      uint32_t first, const struct od_trace *trace);
/* Most kernels do not print the build ids of modules, but memory has them: fill those of the frames. */
void od_pipeline_build_ids(struct od_kernel *k, struct od_report *rep, struct od_stack *stack);

#endif
