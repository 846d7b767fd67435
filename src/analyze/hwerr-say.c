/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/hwerr-say.h"

#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"

static bool is_memory(const struct od_hw_error *err)
{
	const unsigned code = (unsigned)(err->mci_status & 0xefff);

	if (err->source == OD_HW_EDAC || err->source == OD_HW_MEMORY || err->dimm || err->has_pa)
		return true;
	if (err->section)
		return !strcmp(err->section, "memory error");
	if (err->what && strstr(err->what, "DRAM"))
		return true;
	return err->vendor != OD_HW_AMD && err->mci_status &&
	       ((code & 0xff80) == 0x0080 || (code & 0xff80) == 0x0280);
}

const struct od_hw_error *od_hw_module(const struct od_report *rep, const struct od_hw_error *err)
{
	if (!is_memory(err))
		return NULL;
	for (uint32_t i = 0; i < rep->nhw && !err->dimm; i++)
		if (rep->hw[i].dimm && is_memory(&rep->hw[i]))
			return &rep->hw[i];
	return err;
}

/* Bus errors tell of timeouts of devices as often as of the processor. */
static bool is_bus(const struct od_hw_error *err)
{
	return err->source == OD_HW_MCE && (err->mci_status & 0xe800) == 0x0800;
}

static void add_what(const struct od_hw_error *err, struct od_buf *out)
{
	const bool cor = od_hw_error_grade(err) == OD_HW_CORRECTED;
	const size_t start = out->len;

	if (err->has_aer && (err->aer_status & ~err->aer_mask))
		od_aer_names(err->aer_status & ~err->aer_mask, cor, out);
	else if (err->what)
		od_buf_addstr(out, err->what);
	else if (err->mci_status)
		od_mci_code((uint16_t)err->mci_status, err->vendor, out);
	else if (err->section)
		od_buf_addstr(out, err->section);
	else if (err->has_aer)
		od_aer_names(err->aer_status, cor, out);
	if (out->len == start)
		od_buf_addstr(out, err->grade_word && !strcmp(err->grade_word, "logged") ?
					   "logged, its text is not in the input" :
					   "nothing more is said");
}

void od_hw_title(const struct od_report *rep, const struct od_hw_error *err, struct od_buf *out)
{
	static const char *const names[] = { "machine check",  "hardware error told by firmware",
					     "PCIe error",     "memory error",
					     "memory failure", "NMI" };

	const struct od_hw_error *module = od_hw_module(rep, err);

	if (err->source == OD_HW_NMI) {
		const char *kind = rep->subkind ? rep->subkind : "";

		od_buf_addstr(out, !strcmp(kind, "serr")  ? "NMI: PCI system error (SERR)" :
				   !strcmp(kind, "iock")  ? "NMI: I/O check error (IOCK)" :
				   !strcmp(kind, "panic") ? "NMI that stopped the machine" :
							    "unknown NMI");
		return;
	}
	od_buf_printf(out, "%s, %s: ",
		      err->previous_boot ? "hardware error of the boot before" : names[err->source],
		      od_hw_class(err));
	add_what(err, out);
	if (err->section && (err->what || err->has_aer))
		od_buf_printf(out, " (%s)", err->section);
	if (module && module->dimm)
		od_buf_printf(out, ", DIMM %s", module->dimm);
	if (err->device)
		od_buf_printf(out, ", device %s", err->device);
	if (err->source == OD_HW_MCE && err->bank >= 0)
		od_buf_printf(out, ", bank %d", err->bank);
}

/* --- notes --------------------------------------------------------------------------------- */

static void meaning(struct od_report *rep, const struct od_hw_error *err)
{
	switch (od_hw_error_grade(err)) {
	case OD_HW_CORRECTED:
		od_report_note(
			rep, err->lineno,
			"the hardware corrected it: no data was lost; now and "
			"then this is normal, more and more of the same is a part that wears out");
		break;
	case OD_HW_DEFERRED:
		od_report_note(rep, err->lineno,
			       "bad data was found before anybody used it; if it is "
			       "used later the program or the machine stops");
		break;
	case OD_HW_UNCORRECTED:
		if (err->source != OD_HW_NMI)
			od_report_note(rep, err->lineno,
				       "data was lost; who needed it fails, the rest of "
				       "the machine may run on");
		break;
	case OD_HW_FATAL:
		od_report_note(
			rep, err->lineno,
			err->source == OD_HW_AER ?
				"the link to the device is no longer reliable and has to be reset" :
				"the machine could not go on; no software is to blame for it");
		break;
	}
}

/* One corrected error is no reason to open a machine. */
static const char *when(const struct od_hw_error *err)
{
	return od_hw_error_grade(err) == OD_HW_CORRECTED ? "if it comes back" : "what to do";
}

static void memory_advice(struct od_report *rep, const struct od_hw_error *bad)
{
	const struct od_hw_error *err = od_hw_module(rep, bad);
	struct od_buf where = OD_BUF_INIT;

	if (err->dimm)
		od_buf_printf(&where, " %s", err->dimm);
	if (err->location)
		od_buf_printf(&where, " (%s)", err->location);
	if (err->has_pa)
		od_buf_printf(&where, ", physical address 0x%" PRIx64, err->physical_address);
	od_report_note(
		rep, 0,
		"%s: reseat or swap the memory module%s, see whether the error moves with "
		"it, run the vendor's memory test, read the log of the management controller",
		when(bad), od_buf_str(&where));
	if (!err->dimm)
		od_report_note(rep, 0,
			       "which module it is: 'ras-mc-ctl --errors', 'edac-util -v' or the "
			       "log of the management controller (ipmitool sel list)");
	od_buf_deinit(&where);
}

static void processor_advice(struct od_report *rep, const struct od_hw_error *err)
{
	struct od_buf which = OD_BUF_INIT;

	if (err->socket >= 0)
		od_buf_printf(&which, " in socket %d", err->socket);
	if (err->cpu >= 0)
		od_buf_printf(&which, " (CPU %d)", err->cpu);
	if (is_bus(err))
		od_report_note(
			rep, 0,
			"%s: a bus error is of the path between the processor%s and "
			"memory, another processor or a device: look for PCIe errors at the same "
			"time, check cards and risers, update firmware",
			when(err), od_buf_str(&which));
	else
		od_report_note(
			rep, 0,
			"%s: run the vendor's processor test on the processor%s, check "
			"cooling and power, update firmware and microcode%s; if it says the same "
			"again, have it replaced",
			when(err), od_buf_str(&which),
			err->microcode ? "" : " (their versions are not in the input)");
	od_buf_deinit(&which);
}

static void device_advice(struct od_report *rep, const struct od_hw_error *err)
{
	od_report_note(rep, 0,
		       "%s: 'lspci -vvs %s' says which card and slot it is%s%s; reseat the card "
		       "and its riser or cable, update its firmware and driver, try another slot",
		       when(err), err->device ? err->device : "DEVICE",
		       err->pci_id ? ", here " : "", err->pci_id ? err->pci_id : "");
}

static void nmi_advice(struct od_report *rep, const struct od_hw_error *err)
{
	const char *kind = rep->subkind ? rep->subkind : "";

	if (!strcmp(kind, "serr") || (err->nmi_reason & 0x80))
		od_report_note(rep, err->lineno,
			       "a PCI or memory device signalled a system error (SERR): "
			       "the log of the management controller names the device or module");
	else if (!strcmp(kind, "iock") || (err->nmi_reason & 0x40))
		od_report_note(rep, err->lineno,
			       "the I/O check line was raised: a broken card, or somebody "
			       "pressed the NMI button");
	else
		od_report_note(
			rep, err->lineno,
			"no handler knew the source of this interrupt: the NMI "
			"button, 'ipmitool power diag', a watchdog, a virtual machine's host or a "
			"hardware error that only the management controller has logged");
	od_report_note(rep, 0,
		       "what to do: read the log of the management controller (ipmitool sel list) "
		       "for the same minute");
}

static void explain_mce(struct od_report *rep, const struct od_hw_error *err)
{
	struct od_buf buf = OD_BUF_INIT;

	if (!err->mci_status)
		return;
	od_mci_code((uint16_t)err->mci_status, err->vendor, &buf);
	od_buf_addstr(&buf, " [");
	od_mci_flags(err->mci_status, err->vendor, &buf);
	od_buf_addch(&buf, ']');
	if (err->addr)
		od_buf_printf(&buf, ", address 0x%" PRIx64, err->addr);
	od_report_note(rep, err->lineno, "bank %d of CPU %d: %s", err->bank, err->cpu,
		       od_buf_str(&buf));
	if (err->has_mcg && (err->mcg_status & OD_MCG_MCIP) && !(err->mcg_status & OD_MCG_RIPV))
		od_report_note(rep, err->lineno,
			       "the program that ran could not be continued (RIPV is "
			       "clear)");
	if (err->mci_status & OD_MCI_OVER)
		od_report_note(rep, err->lineno,
			       "there were more errors in this bank than it could keep "
			       "(OVER)");
	od_buf_deinit(&buf);
}

void od_hw_notes(struct od_report *rep, const struct od_hw_error *err)
{
	unsigned others = 0;

	if (err->previous_boot)
		od_report_note(rep, err->lineno,
			       "the firmware kept this from the boot before: it may be why "
			       "the machine went down then, not now");
	for (uint32_t i = 0; i < rep->nhw; i++) {
		if (rep->hw[i].source == OD_HW_MCE && others++ < 8)
			explain_mce(rep, &rep->hw[i]);
	}
	if (!err->previous_boot && (err->has_grade || err->source != OD_HW_CPER))
		meaning(rep, err);
	if (err->source == OD_HW_NMI)
		nmi_advice(rep, err);
	else if (is_memory(err))
		memory_advice(rep, err);
	else if (err->source == OD_HW_AER || err->device)
		device_advice(rep, err);
	else if (err->source == OD_HW_MCE && err->mci_status)
		processor_advice(rep, err);
	else
		od_report_note(rep, 0,
			       "what to do: the log of the management controller, 'ras-mc-ctl "
			       "--errors', rasdaemon's or mcelog's log say more");
	if (err->source == OD_HW_MCE && err->vendor == OD_HW_INTEL && err->mci_status)
		od_report_note(
			rep, 0,
			"the model-specific part is decoded by 'mcelog --ascii' on the lines "
			"of this report");
}
