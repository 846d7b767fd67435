/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the status words of hardware errors mean, and a report of such errors. */
#ifndef OD_ANALYZE_HWERR_H
#define OD_ANALYZE_HWERR_H

#include "base/buf.h"
#include "model/hwerr.h"

/*
 * MCi_STATUS after the Intel SDM, volume 3B, chapters 16 and 17, and the AMD APM, volume 2, chapter
 * 9. Of an unknown vendor only what both agree on is said. All append to out.
 */
/* The MCA error code in words: "memory controller: read error, channel 1". */
void od_mci_code(uint16_t code, enum od_hw_vendor vendor, struct od_buf *out);
/* The names of the bits that are set: "VAL UC EN MISCV ADDRV PCC". */
void od_mci_flags(uint64_t status, enum od_hw_vendor vendor, struct od_buf *out);
/* What it means for the machine, a word of doc/json.md: "corrected", "fatal", ... */
const char *od_mci_class(uint64_t status, enum od_hw_vendor vendor);
/* A line for each thing that the word says. */
void od_mci_explain(uint64_t status, enum od_hw_vendor vendor, struct od_buf *out);
/* "RIPV MCIP"; nothing if no known bit is set. */
void od_mcg_flags(uint64_t mcg, struct od_buf *out);

/* PCI Express AER status words after the PCI Express Base Specification, chapter 7.8.4. */
/* "Completion Timeout, Malformed TLP"; a bit without a name is "bit N". */
void od_aer_names(uint32_t status, bool correctable, struct od_buf *out);
/* A line for each bit, and the layer and the agent that detected it. */
void od_aer_explain(uint32_t status, bool correctable, struct od_buf *out);
const char *od_aer_layer(uint32_t status, bool correctable);
const char *od_aer_agent(uint32_t status, bool correctable);

/*
 * Severity, title, details and notes of a report with errors of the hardware, after the other steps
 * of od_analyze_report(). Does nothing with any other report.
 */
void od_analyze_hwerr(struct od_report *rep);

#endif
