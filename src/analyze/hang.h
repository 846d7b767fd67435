/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for whom: task dumps, hung tasks and lists of locks as data. */
#ifndef OD_ANALYZE_HANG_H
#define OD_ANALYZE_HANG_H

#include "model/input.h"

/*
 * Of a report that shows several tasks, or locks: groups of tasks with the same trace, who waits for
 * a lock that another holds, a cycle, the task that all wait for; as details ("task_groups",
 * "waits", "cycle", "waited_for", "blocked_tasks") and notes. Linear in tasks, n log n in locks.
 */
void od_hang_report(struct od_report *rep);
/*
 * The same over the hung-task reports of an input, which the kernel prints one by one: told with the
 * first of each boot. For batch use, when all reports are there.
 */
void od_hang_input(struct od_input *in);

#endif
