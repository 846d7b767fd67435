/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What memory tells of a crash, put into a report beside what the log said. */
#ifndef OD_TARGET_KERNEL_MEMREPORT_H
#define OD_TARGET_KERNEL_MEMREPORT_H

#include "model/report.h"
#include "target/kernel/kernel.h"
#include "target/kernel/tasks.h"
#include "target/kernel/unwind.h"

/*
 * Append a trace as stacks of the report: one for each stack that it runs through, with the names of
 * enum od_stack_kind, or all under name if that is not NULL. aside: it is not of the crash itself.
 * The number of stacks.
 */
uint32_t od_memreport_add_trace(struct od_kernel *k, struct od_report *rep, const struct od_trace *trace,
				const char *name, bool aside);
/*
 * What a CPU did when the dump was made. task: what it ran, NULL: unknown. As od_memreport_trace().
 */
const char *od_memreport_cpu(struct od_kernel *k, uint32_t cpu, const struct od_task *task,
			     struct od_arena *arena, struct od_trace *ret);
/*
 * The trace of a task, wherever it is: on its CPU, or where it waits. NULL, and *ret is in arena; else
 * why there is none, for people.
 */
const char *od_memreport_trace(struct od_kernel *k, const struct od_task *task, struct od_arena *arena,
			       struct od_trace *ret);
#endif
