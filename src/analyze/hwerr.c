/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report of hardware errors: the worst of them is told, the others are counted. */
#include "analyze/hwerr.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/hwerr-say.h"

static void detail(struct od_report *rep, const char *key, const char *value)
{
	if (value && *value)
		od_report_detail_str(rep, key, value, strlen(value));
}

static void detail_num(struct od_report *rep, const char *key, int32_t value)
{
	if (value >= 0)
		od_report_detail_num(rep, key, (uint64_t)value);
}

static void detail_addr(struct od_report *rep, const char *key, uint64_t value)
{
	if (value)
		od_report_detail_addr(rep, key, value);
}

/* In buf, which is emptied before. */
static const char *text(struct od_buf *buf)
{
	return od_buf_str(buf);
}

const char *od_hw_class(const struct od_hw_error *err)
{
	static const char *const words[] = { "corrected", "deferred", "uncorrected", "fatal" };

	if (err->source == OD_HW_AER && err->grade_word)
		return err->grade_word;
	if (err->mci_status && !err->has_grade)
		return od_mci_class(err->mci_status, err->vendor);
	if (err->source == OD_HW_CPER && !err->has_grade)
		return "unknown";
	if (err->source == OD_HW_CPER && err->grade == OD_HW_UNCORRECTED)
		return "recoverable";
	return words[od_hw_error_grade(err)];
}

static void mce_details(struct od_report *rep, const struct od_hw_error *err)
{
	static const char *const vendors[] = { NULL, "intel", "amd" };
	struct od_buf buf = OD_BUF_INIT;

	detail_num(rep, "mce_cpu", err->cpu);
	detail_num(rep, "mce_bank", err->bank);
	detail_num(rep, "mce_socket", err->socket);
	detail(rep, "mce_vendor", vendors[err->vendor]);
	detail_addr(rep, "mce_cpuid", err->cpuid);
	detail_addr(rep, "mce_microcode", err->microcode);
	if (err->mci_status) {
		od_report_detail_addr(rep, "mci_status", err->mci_status);
		od_mci_flags(err->mci_status, err->vendor, &buf);
		detail(rep, "mci_flags", text(&buf));
		od_buf_reset(&buf);
		od_mci_code((uint16_t)err->mci_status, err->vendor, &buf);
		detail(rep, "mce_error", text(&buf));
		detail_addr(rep, "mce_model_code", err->mci_status >> 16 & 0xffff);
	}
	if (err->has_mcg) {
		od_report_detail_addr(rep, "mcg_status", err->mcg_status);
		od_buf_reset(&buf);
		od_mcg_flags(err->mcg_status, &buf);
		detail(rep, "mcg_flags", text(&buf));
	}
	detail_addr(rep, "mci_addr", err->addr);
	detail_addr(rep, "mci_misc", err->misc);
	detail_addr(rep, "mci_synd", err->synd);
	detail_addr(rep, "mci_ipid", err->ipid);
	detail(rep, "mce_ip", err->ip);
	od_buf_deinit(&buf);
}

static void aer_details(struct od_report *rep, const struct od_hw_error *err)
{
	const bool cor = od_hw_error_grade(err) == OD_HW_CORRECTED;
	struct od_buf buf = OD_BUF_INIT;

	detail(rep, "pci_device", err->device);
	detail(rep, "pci_id", err->pci_id);
	if (err->has_aer) {
		od_report_detail_addr(rep, "aer_status", err->aer_status);
		od_report_detail_addr(rep, "aer_mask", err->aer_mask);
		od_aer_names(err->aer_status & ~err->aer_mask, cor, &buf);
		detail(rep, "aer_errors", text(&buf));
	}
	if (err->has_aer && !err->layer) {
		detail(rep, "aer_layer", od_aer_layer(err->aer_status, cor));
		detail(rep, "aer_agent", od_aer_agent(err->aer_status, cor));
	} else {
		detail(rep, "aer_layer", err->layer);
		detail(rep, "aer_agent", err->agent);
	}
	od_buf_deinit(&buf);
}

static void details(struct od_report *rep, const struct od_hw_error *err)
{
	static const char *const sources[] = { "mce",  "firmware",	 "aer",
					       "edac", "memory-failure", "nmi" };
	const struct od_hw_error *module = od_hw_module(rep, err);
	uint64_t errors = 0;

	for (uint32_t i = 0; i < rep->nhw; i++)
		errors += rep->hw[i].count;
	detail(rep, "hw_source", sources[err->source]);
	detail(rep, "hw_class", od_hw_class(err));
	od_report_detail_num(rep, "hw_errors", errors);
	detail(rep, "hw_section", err->section);
	detail(rep, "hw_error", err->what);
	if (module) {
		detail(rep, "dimm", module->dimm);
		detail(rep, "memory_location", module->location);
		if (module->has_pa)
			od_report_detail_addr(rep, "physical_address", module->physical_address);
	}
	if (err->source == OD_HW_MCE)
		mce_details(rep, err);
	aer_details(rep, err);
	if (err->has_nmi)
		od_report_detail_addr(rep, "nmi_reason", err->nmi_reason);
}

void od_analyze_hwerr(struct od_report *rep)
{
	const struct od_hw_error *err = od_report_worst_hw(rep);
	struct od_buf buf = OD_BUF_INIT;
	enum od_severity severity;

	if (!err || (rep->kind != OD_KIND_MACHINE_CHECK && rep->kind != OD_KIND_NMI))
		return;
	details(rep, err);
	severity = od_hw_error_severity(err);
	/* An NMI that nobody knows stays what plugins/data/kinds says, unless it ended the machine.
	 */
	if (rep->kind == OD_KIND_MACHINE_CHECK || severity > rep->severity)
		rep->severity = severity;
	if (rep->count < err->count)
		rep->count = err->count;
	od_hw_title(rep, err, &buf);
	rep->title = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	rep->guilty_why = "hardware: no function is to blame";
	if (err->mci_status || err->has_aer || err->section || err->dimm) {
		rep->confidence = OD_CONF_HIGH;
		rep->confidence_why = "the hardware itself said what failed";
	} else {
		rep->confidence = OD_CONF_MEDIUM;
		rep->confidence_why = "the hardware said that something failed, but not what";
	}
	od_hw_notes(rep, err);
	od_buf_deinit(&buf);
}
