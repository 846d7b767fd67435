/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_TARGET_KERNEL_TASKS_INTERNAL_H
#define OD_TARGET_KERNEL_TASKS_INTERNAL_H

#include "target/kernel/field.h"

struct od_task_fields {
	/* struct task_struct */
	struct od_field state, exit_state, pid, tgid, comm, flags, stack, cpu, parent, start, mm, sp,
		fp, pc, tasks, signal, thread_node, thread_group, worker;
	struct od_field thread_head;	     /* struct signal_struct */
	struct od_field full_name;	     /* struct kthread */
	struct od_field curr, idle;	     /* struct rq */
	struct od_field hot_current;	     /* struct pcpu_hot */
	bool known; /* enough of them to list tasks */
};

/* Never NULL; found once. */
const struct od_task_fields *od_task_fields(struct od_kernel *k);

#endif
