/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a blocked task waits for, and who holds it: mutexes, rw_semaphores, semaphores and
 * rt_mutexes, found by memory alone. Only what is proved is told: the task is on the lock's own
 * list of waiters.
 */
#ifndef OD_TARGET_KERNEL_LOCKS_H
#define OD_TARGET_KERNEL_LOCKS_H

#include "target/kernel/tasks.h"

enum od_lock_kind {
	OD_LOCK_MUTEX, OD_LOCK_RWSEM_READ, OD_LOCK_RWSEM_WRITE, OD_LOCK_SEMAPHORE, OD_LOCK_RTMUTEX,
};

struct od_wait {
	uint64_t task;	 /* who waits */
	uint64_t waiter; /* its struct mutex_waiter or the like, mostly on its stack */
	uint64_t lock;	 /* address of the struct mutex, rw_semaphore ... */
	uint64_t owner;	 /* task_struct that holds it; 0: nobody does, or the lock does not tell */
	enum od_lock_kind kind;
	bool reader_owned; /* owner is the last that took it for reading: others may have it too */
};

/* False: it waits for no lock, it runs, or its stack or the lock cannot be read. */
bool od_kernel_wait(struct od_kernel *k, const struct od_task *task, struct od_wait *ret);
/* "mutex", "rw_semaphore (for reading)" ... Static. */
const char *od_lock_kind_name(enum od_lock_kind kind);

#endif
