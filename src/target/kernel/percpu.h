/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUs, and what each has of its own. */
#ifndef OD_TARGET_KERNEL_PERCPU_H
#define OD_TARGET_KERNEL_PERCPU_H

#include "target/kernel/kernel.h"

struct od_cpuset {
	uint64_t bits[OD_MAX_CPUS / 64];
	uint32_t count;
};

static inline bool od_cpuset_has(const struct od_cpuset *set, uint32_t cpu)
{
	return cpu < OD_MAX_CPUS && set->bits[cpu / 64] >> cpu % 64 & 1;
}

/* __cpu_possible_mask, __cpu_online_mask (4.5 on; before: cpu_possible_bits). False: unknown. */
bool od_kernel_cpus_possible(struct od_kernel *k, struct od_cpuset *ret);
bool od_kernel_cpus_online(struct od_kernel *k, struct od_cpuset *ret);
/* One more than the number of the highest possible CPU; at least 1. */
uint32_t od_kernel_ncpus(struct od_kernel *k);
/* The pointer in a per-cpu variable; 0: unknown. */
uint64_t od_kernel_percpu_pointer(struct od_kernel *k, uint64_t symbol, unsigned cpu);

#endif
