/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the numbers in the fault lines of IOMMUs mean, and a report of such faults. */
#ifndef OD_ANALYZE_IOMMU_H
#define OD_ANALYZE_IOMMU_H

#include "base/buf.h"
#include "model/iommu.h"

/* In the words of the Linux driver (drivers/iommu/intel/dmar.c); NULL: reserved by the specification. */
const char *od_vtd_reason(uint32_t code);
/* Arm SMMUv3 specification, chapter 7.3: "F_TRANSLATION"; NULL if there is no such event. */
const char *od_smmu3_event(uint32_t id);
/* What the event of that name means, NULL */
const char *od_smmu3_meaning(uint32_t id);
/* "TF PF": the bits of an FSR (SMMUv1 and 2), of a global error register (SMMUv3), of a VT-d fault status. */
void od_smmu_fsr(uint32_t fsr, struct od_buf *out);
void od_smmu3_gerror(uint32_t gerror, struct od_buf *out);
void od_vtd_status(uint32_t status, struct od_buf *out);
/* Of an AMD event's flags: "write, page not present". AMD I/O virtualization specification, chapter 2.5. */
void od_amdvi_flags(uint32_t flags, struct od_buf *out);
/* What an AMD event of that name means, NULL if it is not known. */
const char *od_amdvi_meaning(const char *name);

/* The fault that names the report: of the worst sort, the most frequent. NULL if there is none. */
const struct od_iommu_fault *od_iommu_worst(const struct od_iommu *io);
enum od_severity od_iommu_severity(const struct od_iommu *io, const struct od_iommu_fault *f);
/* A short name of the reason, the same for all machines: "05", "IO_PAGE_FAULT", "F_TRANSLATION". */
void od_iommu_word(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out);
/* One line for a fault: what, where to, why, how often. */
void od_iommu_line(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out);
/* The reason in words, ours where there are any, else the kernel's. */
void od_iommu_reason(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out);
/* Likely causes as a detail, what to do and what does not fit as notes. */
void od_iommu_say(struct od_report *rep, const struct od_iommu_fault *f);

/* Severity, title, signature, details and notes of a report with faults; nothing with any other. */
void od_analyze_iommu(struct od_report *rep);
/* Both of kind iommu-fault, and of different devices: never the same. */
bool od_iommu_differ(const struct od_report *a, const struct od_report *b);

#endif
