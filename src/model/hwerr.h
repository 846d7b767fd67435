/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An error that hardware or firmware told of, as the lines of the kernel print it. A report has one
 * for each; strings are in its arena. 0 and NULL are unknown unless a has_ says otherwise.
 */
#ifndef OD_MODEL_HWERR_H
#define OD_MODEL_HWERR_H

#include <stdbool.h>
#include <stdint.h>

#include "model/report.h"

enum od_hw_source {
	OD_HW_MCE,    /* machine check, of a processor's banks */
	OD_HW_CPER,   /* told by firmware: GHES, BERT */
	OD_HW_AER,    /* PCI Express */
	OD_HW_EDAC,   /* memory controller driver */
	OD_HW_MEMORY, /* what the kernel did about a bad page: "Memory failure:" */
	OD_HW_NMI,
};

enum od_hw_vendor { OD_HW_UNKNOWN, OD_HW_INTEL, OD_HW_AMD };

/* How bad, by what the error itself says. */
enum od_hw_grade {
	OD_HW_CORRECTED,   /* nothing was lost */
	OD_HW_DEFERRED,	   /* bad data that nobody has used yet */
	OD_HW_UNCORRECTED, /* data lost; the machine may go on */
	OD_HW_FATAL,
};

struct od_hw_error {
	enum od_hw_source source;
	enum od_hw_vendor vendor;
	uint32_t lineno, count; /* first line; how often the same */
	bool has_grade, has_mcg, has_aer, has_nmi, has_pa, previous_boot;
	enum od_hw_grade grade;	   /* that the words of the lines name */
	const char *grade_word;	   /* these words */
	int32_t cpu, bank, socket; /* -1: unknown */
	uint64_t mci_status, mcg_status, addr, misc, synd, ipid, physical_address;
	uint32_t cpuid, apic, microcode;
	const char *ip;	     /* where the processor was, "f+0x1/0x2" */
	const char *section; /* of firmware: "memory error" */
	const char *what;    /* in the kernel's or driver's words */
	const char *dimm, *location;
	const char *device, *pci_id; /* "0000:00:1c.0", "8086:9d15" */
	const char *layer, *agent;
	uint32_t aer_status, aer_mask;
	uint8_t nmi_reason;
};

/* MCi_STATUS: the bits on which the manuals of Intel and AMD agree, then those of one. */
#define OD_MCI_VAL (UINT64_C(1) << 63)
#define OD_MCI_OVER (UINT64_C(1) << 62)
#define OD_MCI_UC (UINT64_C(1) << 61)
#define OD_MCI_EN (UINT64_C(1) << 60)
#define OD_MCI_MISCV (UINT64_C(1) << 59)
#define OD_MCI_ADDRV (UINT64_C(1) << 58)
#define OD_MCI_PCC (UINT64_C(1) << 57)
#define OD_MCI_INTEL_S (UINT64_C(1) << 56)
#define OD_MCI_INTEL_AR (UINT64_C(1) << 55)
#define OD_MCI_AMD_TCC (UINT64_C(1) << 55)
#define OD_MCI_AMD_DEFERRED (UINT64_C(1) << 44)
#define OD_MCG_RIPV (UINT64_C(1) << 0)
#define OD_MCG_EIPV (UINT64_C(1) << 1)
#define OD_MCG_MCIP (UINT64_C(1) << 2)
#define OD_MCG_LMCE (UINT64_C(1) << 3)

/* The words of the lines, else MCi_STATUS. */
enum od_hw_grade od_hw_error_grade(const struct od_hw_error *err);
/* INFO for what was corrected: no crash. */
enum od_severity od_hw_error_severity(const struct od_hw_error *err);
/* The subkind that the error gives its report: "mce", "ghes-memory", "pcie-aer", ... */
const char *od_hw_error_subkind(const struct od_hw_error *err);
/* The worst of a report, of equal ones the last with a status word, else the last; NULL if none. */
const struct od_hw_error *od_report_worst_hw(const struct od_report *rep);
/* Append one with nothing known; NULL over OD_MAX_HW. */
struct od_hw_error *od_report_add_hw(struct od_report *rep, enum od_hw_source source,
				     uint32_t lineno);

#endif
