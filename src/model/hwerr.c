/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hwerr.h"

#include <string.h>

enum od_hw_grade od_hw_error_grade(const struct od_hw_error *err)
{
	if (err->has_grade)
		return err->grade;
	if (err->mci_status & OD_MCI_UC)
		return err->mci_status & OD_MCI_PCC ? OD_HW_FATAL : OD_HW_UNCORRECTED;
	if (err->vendor == OD_HW_AMD && (err->mci_status & OD_MCI_AMD_DEFERRED))
		return OD_HW_DEFERRED;
	if (err->mci_status & OD_MCI_VAL)
		return OD_HW_CORRECTED;
	/* Firmware's record is cut off before it says how bad it is: not to be taken lightly. */
	return err->source == OD_HW_NMI || err->source == OD_HW_CPER ? OD_HW_UNCORRECTED :
								       OD_HW_CORRECTED;
}

enum od_severity od_hw_error_severity(const struct od_hw_error *err)
{
	static const enum od_severity severity[] = {
		[OD_HW_CORRECTED] = OD_SEV_INFO,
		[OD_HW_DEFERRED] = OD_SEV_LOW,
		[OD_HW_UNCORRECTED] = OD_SEV_HIGH,
		[OD_HW_FATAL] = OD_SEV_CRITICAL,
	};

	const enum od_hw_grade grade = od_hw_error_grade(err);

	/* Bad pages are taken out of use; a bridge's error that is not fatal is retried by its
	 * driver. */
	if (grade == OD_HW_UNCORRECTED && (err->source == OD_HW_MEMORY || err->source == OD_HW_AER))
		return OD_SEV_MEDIUM;
	/* A link's fatal error ends the link; what ended the boot before did not end this one. */
	if (grade == OD_HW_FATAL && (err->source == OD_HW_AER || err->previous_boot))
		return OD_SEV_HIGH;
	return severity[grade];
}

const char *od_hw_error_subkind(const struct od_hw_error *err)
{
	switch (err->source) {
	case OD_HW_MCE:
		return "mce";
	case OD_HW_CPER:
		if (err->previous_boot)
			return "bert";
		if (!err->section)
			return "ghes";
		return !strcmp(err->section, "memory error")   ? "ghes-memory" :
		       !strcmp(err->section, "PCIe error")     ? "ghes-pcie" :
		       strstr(err->section, "processor error") ? "ghes-processor" :
								 "ghes";
	case OD_HW_AER:
		return "pcie-aer";
	case OD_HW_EDAC:
		return "edac";
	case OD_HW_MEMORY:
		return "memory-failure";
	case OD_HW_NMI:
		break;
	}
	return NULL;
}

/* Of two equally bad errors the one that says more, and of these the later. */
static unsigned weight(const struct od_hw_error *err)
{
	/* What the kernel did about a bad page is the consequence of another error. */
	if (err->source == OD_HW_MEMORY)
		return 4 * (unsigned)od_hw_error_grade(err);
	return 4 * (unsigned)od_hw_error_grade(err) + 1 +
	       (err->mci_status || err->has_aer || err->section) +
	       (err->what || err->dimm || err->device);
}

const struct od_hw_error *od_report_worst_hw(const struct od_report *rep)
{
	const struct od_hw_error *worst = NULL;

	for (uint32_t i = 0; i < rep->nhw; i++)
		if (!worst || weight(&rep->hw[i]) >= weight(worst))
			worst = &rep->hw[i];
	return worst;
}
