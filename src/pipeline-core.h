/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core of a process: what its notes and memory say, as a report. */
#ifndef OD_PIPELINE_CORE_H
#define OD_PIPELINE_CORE_H

#include "model/report.h"
#include "target/core/core.h"
#include "target/core/unwind.h"

/*
 * Frames of trace into stack: names, modules, places in the source; calls that were inlined are frames of their own,
 * as debuggers show them. variables: of how many
 * of them, from the innermost on, arguments and locals are told; UINT32_MAX: all of all, else those of the C library's
 * own entry and exit are left out.
 */
void od_pipeline_core_frames(struct od_core *core, struct od_find *find, const struct od_core_trace *trace,
			     struct od_report *rep, struct od_stack *stack, uint32_t variables);
/*
 * "main+0x12 [libfoo.so.1]", for an address of code or data of a file. False: it is in none. find NULL: no file is
 * opened for it.
 */
bool od_pipeline_core_symbol(struct od_core *core, struct od_find *find, uint64_t addr, struct od_buf *out);
/* Where a symbol of the process is: the program's own first, then those of its objects. False: there is none. */
bool od_pipeline_core_find(struct od_core *core, struct od_find *find, const char *name, uint64_t *ret);
/* As od_debug_places(), for an address of memory. */
size_t od_pipeline_core_places(struct od_core *core, struct od_find *find, uint64_t addr, struct od_place *ret,
			       size_t max);
/* The symbol that an address lies in: where it begins, and its bytes. False: none is known. */
bool od_pipeline_core_extent(struct od_core *core, struct od_find *find, uint64_t addr, uint64_t *start,
			     uint64_t *size);

#endif
