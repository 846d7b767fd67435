/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stacks that a CPU can be on: from where to where, and what they are for. */
#ifndef OD_TARGET_KERNEL_STACKS_H
#define OD_TARGET_KERNEL_STACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/memory.h"

enum od_stack_kind {
	OD_STACK_UNKNOWN, /* nobody said so: the aligned piece of memory around the stack pointer */
	OD_STACK_TASK, OD_STACK_IRQ, OD_STACK_SOFTIRQ, OD_STACK_ENTRY, OD_STACK_NMI, OD_STACK_DF,
	OD_STACK_DB, OD_STACK_MCE, OD_STACK_VC, OD_STACK_VC2, OD_STACK_OVERFLOW, OD_STACK_SDEI,
	OD_STACK_KINDS,
};

/* "task", "irq", "nmi" ...: as struct od_stack.name of a report. Static. */
const char *od_stack_kind_name(enum od_stack_kind kind);

struct od_stack_range {
	uint64_t begin, end; /* end is one past the last byte; an empty range is none */
	enum od_stack_kind kind;
};

enum { OD_MAX_STACK_RANGES = 16, OD_MAX_STACK_SIZE = 1024 * 1024 };

struct od_stack_ranges {
	struct od_stack_range r[OD_MAX_STACK_RANGES];
	unsigned n;
};

/* Empty, absurd (OD_MAX_STACK_SIZE) and surplus ranges are passed over. */
void od_stacks_add(struct od_stack_ranges *stacks, enum od_stack_kind kind, uint64_t begin,
		   uint64_t end);
/* Index of the range that holds all len bytes at addr; -1: none. */
int od_stacks_find(const struct od_stack_ranges *stacks, uint64_t addr, uint64_t len);

struct od_kernel;

/*
 * Add what a CPU has besides the stack of its task: for interrupts and exceptions (x86-64 4.14
 * to 7.x, arm64). Quietly less if symbols or types are missing. Costs a few reads; layouts are
 * looked up once.
 */
void od_stacks_of_cpu(struct od_kernel *k, unsigned cpu, struct od_stack_ranges *ret);
/* Bytes of a task's stack: from BTF, else 16 KiB, as nearly all 64-bit kernels have. */
uint64_t od_stacks_task_size(struct od_kernel *k);
/*
 * Is the mark gone that a kernel leaves at the lowest word of each task's stack (STACK_END_MAGIC of
 * include/uapi/linux/magic.h)? False too if it cannot be read.
 */
bool od_stacks_overrun(struct od_memory *mem, uint64_t stack);

#endif
