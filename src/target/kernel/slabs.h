/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caches of the slab allocator, and how full they are. */
#ifndef OD_TARGET_KERNEL_SLABS_H
#define OD_TARGET_KERNEL_SLABS_H

#include "target/kernel/kernel.h"

enum { OD_MAX_CACHES = 1 << 16 };

struct od_slab_cache {
	uint64_t addr;	     /* struct kmem_cache */
	char name[64];	     /* any bytes */
	uint64_t size;	     /* bytes of an object that may be used */
	uint64_t slab_bytes; /* of one slab */
	uint64_t slabs, objects, free; /* free: of objects, those that are on a list of free ones */
	bool counted;	     /* these three are known */
	const char *damage;  /* what was wrong with a list, so that free is too small; NULL. Static */
};

/*
 * Each cache, in the kernel's order; name NULL: all, else that one. false from fn stops. SLUB of 4.18 to 7.x.
 * NULL, or what is missing or wrong. Objects are walked only on the lists that CPUs allocate from.
 */
const char *od_kernel_slabs(struct od_kernel *k, const char *name,
			    bool (*fn)(void *ctx, const struct od_slab_cache *cache), void *ctx);

#endif
