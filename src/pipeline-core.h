/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core of a process: what its notes and memory say, as a report. */
#ifndef OD_PIPELINE_CORE_H
#define OD_PIPELINE_CORE_H

#include "model/report.h"
#include "target/core/core.h"
#include "target/core/unwind.h"

/*
 * Frames of trace into stack: names, modules, places in the source; calls that were inlined are frames of their own,
 * as debuggers show them. variables: with arguments and locals.
 */
void od_pipeline_core_frames(struct od_core *core, struct od_find *find, const struct od_core_trace *trace,
			     struct od_report *rep, struct od_stack *stack, bool variables);
/* "main+0x12 [libfoo.so.1]", for an address of code or data of a file. False: it is in none. */
bool od_pipeline_core_symbol(struct od_core *core, struct od_find *find, uint64_t addr, struct od_buf *out);

#endif
