/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPU had which registers when the dump was made, and which of them panicked. */
#ifndef OD_TARGET_KERNEL_CPUREGS_H
#define OD_TARGET_KERNEL_CPUREGS_H

#include "target/kernel/kernel.h"
#include "target/kernel/regs.h"

struct od_cpu_regs {
	uint32_t cpu;
	int32_t pid; /* of its task as the note says it; of a hypervisor's note -1 */
	struct od_regs regs;
};

enum od_cpu_regs_how {
	OD_CPU_REGS_NONE,	 /* there are no notes, or of an architecture that we do not know */
	OD_CPU_REGS_CRASH_NOTES, /* the kernel saved them per CPU when it crashed: certain */
	OD_CPU_REGS_HYPERVISOR,	 /* the notes are numbered by CPU, as QEMU does */
	OD_CPU_REGS_ORDER, /* the nth note is taken for the nth CPU that was online: a guess */
};

struct od_cpu_regs_table {
	struct od_cpu_regs *row; /* by rising CPU */
	uint32_t n;
	enum od_cpu_regs_how how;
};

/*
 * Found when first asked for; never NULL. A kernel that went down by itself (CRASHTIME is in
 * VMCOREINFO) left each CPU's registers in its crash_notes, and the dump's notes are these, without
 * those of CPUs that did not answer: so they are read there. Else a hypervisor took the dump.
 */
const struct od_cpu_regs_table *od_kernel_cpu_regs(struct od_kernel *k);
/* NULL: none for that CPU. */
const struct od_cpu_regs *od_cpu_regs_find(const struct od_cpu_regs_table *table, uint32_t cpu);

/* The CPU that panicked: panic_cpu (4.5 on), else crashing_cpu. False: none did, or unknown. */
bool od_kernel_panic_cpu(struct od_kernel *k, uint32_t *ret);

#endif
