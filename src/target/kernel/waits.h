/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for whom in a dead kernel: all tasks that wait for a lock, as one picture. */
#ifndef OD_TARGET_KERNEL_WAITS_H
#define OD_TARGET_KERNEL_WAITS_H

#include "target/kernel/locks.h"

enum { OD_MAX_WAITS = 4096 };

struct od_wait_edge {
	const struct od_task *task, *owner; /* owner NULL: nobody, or unknown */
	struct od_wait wait;
	bool in_cycle; /* of tasks that wait for each other: they wait forever */
};

struct od_waits {
	struct od_wait_edge *edge; /* in the order of the tasks */
	uint32_t n;
	uint32_t left; /* more than OD_MAX_WAITS */
	uint32_t blocked; /* tasks in state D, also those that wait for no lock that is found */
};

/* Looks at every task in state D. In arena memory. Time is linear in the number of tasks. */
void od_kernel_waits(struct od_kernel *k, struct od_arena *arena, struct od_waits *ret);

#endif
