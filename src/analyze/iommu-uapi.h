/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IOMMU user API of Linux 5.10 to 5.17 (include/uapi/linux/iommu.h, drivers/iommu/iommu.c,
 * Documentation/userspace-api/iommu.rst), the draft before it, and what kernels do with the size and the
 * flags that a program hands over. All append lines of text to out.
 */
#ifndef OD_ANALYZE_IOMMU_UAPI_H
#define OD_ANALYZE_IOMMU_UAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum od_uapi_struct { OD_UAPI_BIND, OD_UAPI_CACHE };

/* What the caller put into the struct; the rest of it is taken to be right. */
struct od_uapi_call {
	enum od_uapi_struct type;
	uint32_t argsz;
	uint64_t flags;	      /* bind: its flags; cache: those of its address or PASID part */
	uint64_t vendor;      /* bind: flags of the VT-d part */
	uint8_t cache, granu; /* cache: caches, and 0 domain, 1 PASID, 2 address */
};

/* What a kernel answers: 0 or a negative errno, and why. */
struct od_uapi_answer {
	int error;
	uint32_t copied; /* bytes that are taken from the caller */
	const char *why;
};

/* 1 to 4, as the document counts: the same size, smaller, larger, wrong. size: of the kernel. */
unsigned od_uapi_case(uint32_t argsz, uint32_t minsz, uint32_t size);
struct od_uapi_answer od_uapi_final(const struct od_uapi_call *call);
/* The draft's second version, which refused what is larger. */
struct od_uapi_answer od_uapi_draft(const struct od_uapi_call *call);
void od_uapi_explain(const struct od_uapi_call *call, struct od_buf *out);

enum od_bind_layout { OD_BIND_FINAL, OD_BIND_DRAFT, OD_BIND_OLD, OD_BIND_LAYOUTS };

/* Bytes of a struct iommu_gpasid_bind_data in one layout, little-endian as they stand in memory. */
struct od_bind_data {
	uint32_t argsz; /* 0: this layout has none */
	uint32_t version, format, addr_width;
	uint64_t flags, gpgd, hpasid, gpasid, vtd_flags;
	uint32_t pat, emt;
	bool whole;	 /* n is no less than the layout's size; what is missing reads as zero */
	const char *not; /* why the bytes cannot be of this layout, NULL if they can */
};

const char *od_bind_layout_name(enum od_bind_layout layout);
void od_bind_read(const uint8_t *bytes, size_t n, enum od_bind_layout layout, struct od_bind_data *ret);
/* All layouts: the fields where the bytes fit, why not elsewhere. */
void od_bind_explain(const uint8_t *bytes, size_t n, struct od_buf *out);

#endif
