/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks: every thread, and the idle task of every CPU. Layouts come from BTF (struct task_struct,
 * signal_struct, rq; 4.18 to 7.x).
 */
#ifndef OD_TARGET_KERNEL_TASKS_H
#define OD_TARGET_KERNEL_TASKS_H

#include "target/kernel/kernel.h"

enum { OD_MAX_TASKS = 1 << 18, OD_COMM = 16 };

struct od_task {
	uint64_t addr;		/* of its task_struct */
	uint64_t parent;	/* address of its real parent; 0: unknown */
	uint64_t flags;		/* PF_... */
	uint64_t start_ns;	/* after boot; 0: unknown, or an idle task */
	uint64_t mm;		/* 0: it has no memory of its own */
	uint64_t stack;		/* lowest address; 0: freed (a zombie), or unknown */
	uint64_t sp, fp, pc; /* where it was switched away; fp and pc: arm64 only. Stale on a CPU */
	uint64_t state_bits;	/* __state | exit_state */
	int32_t pid, tgid, ppid; /* in the first namespace; -1: unknown */
	int32_t cpu;		/* that it runs on or ran last; -1: unknown */
	char state;		/* as in ps: R S D T t X Z P I; '?' */
	bool running;		/* it is the current task of its CPU */
	bool idle;		/* swapper/N */
	bool kthread;
	char comm[OD_COMM + 1]; /* any bytes: escape when printing */
};

struct od_tasks {
	struct od_task *task; /* the idle tasks first, then in the order of the lists */
	uint32_t n;
	const char *why;      /* NULL: these are all; else what was wrong, for people */
	/* private: for look-ups */
	uint32_t *by_addr, *by_stack;
};

/* All tasks, collected when first asked for. Never NULL; without types it is empty and says why. */
const struct od_tasks *od_kernel_tasks(struct od_kernel *k);
/* One task_struct, without a walk of lists. False: unreadable, or it makes no sense. */
bool od_kernel_task(struct od_kernel *k, uint64_t addr, struct od_task *ret);
/*
 * The whole name of a kernel thread, of which comm is the beginning: as /proc/PID/comm has it
 * since 5.17 (struct kthread.full_name). False: it has none, comm is all.
 */
bool od_kernel_thread_name(struct od_kernel *k, const struct od_task *task, char *buf, size_t size);
/* The task that a CPU runs; 0: unknown. */
uint64_t od_kernel_current(struct od_kernel *k, unsigned cpu);
/* Bytes of a kernel stack; 0: unknown. */
uint64_t od_kernel_stack_size(struct od_kernel *k);

/* NULL: there is none. By pid: an idle task has none; a pid belongs to one thread. */
const struct od_task *od_task_by_pid(const struct od_tasks *tasks, int32_t pid);
const struct od_task *od_task_by_addr(const struct od_tasks *tasks, uint64_t addr);
/* The task whose kernel stack addr lies in. */
const struct od_task *od_task_by_stack(struct od_kernel *k, const struct od_tasks *tasks,
				       uint64_t addr);
/* The task whose task_struct addr lies in. */
const struct od_task *od_task_around(struct od_kernel *k, const struct od_tasks *tasks,
				     uint64_t addr);
/* "sleeping", "disk sleep" ...: as the kernel names the letter (fs/proc/array.c). Static. */
const char *od_task_state_name(char state);

#endif
