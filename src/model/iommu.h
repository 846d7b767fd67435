/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults of one device that an IOMMU told of, as the lines of the kernel print them. A report of kind
 * iommu-fault has one struct od_iommu; strings are in the report's arena, NULL is unknown.
 */
#ifndef OD_MODEL_IOMMU_H
#define OD_MODEL_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "model/report.h"

enum od_iommu_source { OD_IOMMU_VTD, OD_IOMMU_AMD, OD_IOMMU_SMMU3, OD_IOMMU_SMMU };

enum od_iommu_what {
	OD_IOMMU_DMA,	    /* an access of the device */
	OD_IOMMU_INTERRUPT, /* an interrupt of the device */
	OD_IOMMU_QUEUE,	    /* the unit did not take, or finish, a command of the kernel's */
	OD_IOMMU_UNIT,	    /* the unit itself, or a stream that it does not know */
};

/* Faults that differ only in their addresses. */
struct od_iommu_fault {
	enum od_iommu_what what;
	uint32_t lineno, count;
	const char *name;   /* "DMA Write", "IO_PAGE_FAULT", ...; never NULL */
	const char *text;   /* the reason in the kernel's words */
	const char *access; /* read, write, fetch */
	bool has_code, has_addr, has_pasid, has_flags, has_domain, has_words, is_index;
	uint32_t code;	    /* VT-d: reason, SMMUv3: event, SMMU: fsr, global error, CMDQ error */
	uint64_t addr;	    /* of the first; with is_index the index of an interrupt */
	uint64_t pasid, flags, domain;
	uint64_t words[4];  /* SMMUv3: the event record; SMMU: GFSR, GFSYNR0 to 2 */
};

enum { OD_IOMMU_FAULTS = 16, OD_IOMMU_DUMP = 24 };

struct od_iommu {
	enum od_iommu_source source;
	const char *device; /* who did it: "03:00.0", "stream 0x8"; NULL: the unit itself */
	const char *unit;   /* "dmar0", "arm-smmu-v3.0.auto" */
	const char *client; /* the stream's device by name */
	uint64_t total, suppressed; /* faults that were printed, that the rate limit kept back */
	uint64_t left_out;  /* printed, but of more sorts than are kept */
	uint64_t low, high; /* of all addresses */
	bool has_range;
	bool has_status;
	uint32_t status;    /* VT-d: all fault status words of it, or'ed */
	struct od_iommu_fault faults[OD_IOMMU_FAULTS];
	uint32_t nfaults;
	const char *dump[OD_IOMMU_DUMP]; /* what the kernel printed of the tables */
	uint32_t dump_line[OD_IOMMU_DUMP];
	uint32_t ndump;
};

#endif
