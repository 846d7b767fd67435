/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_TARGET_KERNEL_INFER_INTERNAL_H
#define OD_TARGET_KERNEL_INFER_INTERNAL_H

#include "target/kernel/infer.h"

struct od_inferred_member {
	const char *type, *member; /* static */
	uint64_t offset, size;
};

struct od_inferred {
	struct od_inferred_member *member;
	uint32_t n, cap;
	bool tasks_tried, tasks_found, modules_tried, modules_found;
};

struct od_inferred *od_infer_state(struct od_kernel *k);
/* type and member are static strings. */
void od_infer_add(struct od_kernel *k, const char *type, const char *member, uint64_t offset,
		  uint64_t size);

/* Could it be the address of something that is aligned in the kernel? */
static inline bool od_is_kernel_pointer(uint64_t p)
{
	return p >> 56 == 0xff && p % 8 == 0 && p < UINT64_MAX - 4096;
}

/*
 * The variables of the kernel's image, in pieces of up to len bytes at addr that overlap by
 * OD_INFER_OVERLAP; false from fn stops. first and last: what of the image was gone through.
 */
enum { OD_INFER_OVERLAP = 64 };
void od_infer_scan(struct od_kernel *k,
		   bool (*fn)(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len),
		   void *ctx, uint64_t *first, uint64_t *last);

#endif
