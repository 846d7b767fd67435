/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones of the kernel's memory: /proc/zoneinfo. */
#ifndef OD_TARGET_KERNEL_ZONES_H
#define OD_TARGET_KERNEL_ZONES_H

#include "target/kernel/kernel.h"

struct od_zone {
	uint32_t node, index;
	uint64_t addr;		/* struct zone */
	char name[16];		/* any bytes */
	uint64_t spanned, present, managed, free; /* pages */
	uint64_t mark[3];	/* min, low, high, in pages; without what is boosted */
	bool has_free, has_marks;
};

/* Each zone that spans any page; false from fn stops. NULL, or what is missing. Kernels of 4.18 to 7.x. */
const char *od_kernel_zones(struct od_kernel *k, bool (*fn)(void *ctx, const struct od_zone *zone), void *ctx);

#endif
