/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults of IOMMUs in words. */
#include <inttypes.h>
#include <string.h>

#include "analyze/iommu.h"
#include "base/cursor.h"

void od_iommu_word(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out)
{
	const char *event = io->source == OD_IOMMU_SMMU3 && f->has_words ? od_smmu3_event(f->code) : NULL;

	if (event)
		od_buf_addstr(out, event);
	else if (io->source == OD_IOMMU_VTD && f->has_code)
		od_buf_printf(out, "reason-0x%02" PRIx32, f->code);
	else
		for (const char *s = f->name; *s; s++)
			od_buf_addch(out, od_is_alnum(*s) || *s == '_' ? *s : '-');
}

void od_iommu_reason(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out)
{
	const char *text = NULL;

	if (io->source == OD_IOMMU_VTD && f->has_code)
		text = od_vtd_reason(f->code);
	else if (io->source == OD_IOMMU_AMD)
		text = od_amdvi_meaning(f->name);
	else if (io->source == OD_IOMMU_SMMU3 && f->has_words)
		text = od_smmu3_meaning(f->code);
	if (text)
		od_buf_addstr(out, text);
	else if (io->source == OD_IOMMU_SMMU && f->has_code)
		od_smmu_fsr(f->code, out);
	else if (io->source == OD_IOMMU_SMMU3 && f->what == OD_IOMMU_UNIT && f->has_code)
		od_smmu3_gerror(f->code, out);
	else if (f->text)
		od_buf_addstr(out, f->text);
	if (io->source == OD_IOMMU_AMD && f->has_flags && strstr(f->name, "PAGE_FAULT")) {
		od_buf_addstr(out, out->len ? ": " : "");
		od_amdvi_flags((uint32_t)f->flags, out);
	}
}

void od_iommu_line(const struct od_iommu *io, const struct od_iommu_fault *f, struct od_buf *out)
{
	const char *event = io->source == OD_IOMMU_SMMU3 && f->has_words ? od_smmu3_event(f->code) : NULL;
	struct od_buf reason = OD_BUF_INIT;

	od_buf_addstr(out, event ? event : f->name);
	if (f->access && !strstr(f->name, "DMA "))
		od_buf_printf(out, ", %s", f->access);
	if (f->has_addr)
		od_buf_printf(out, f->is_index ? ", index 0x%" PRIx64 : " of 0x%" PRIx64, f->addr);
	if (f->has_pasid)
		od_buf_printf(out, ", PASID 0x%" PRIx64, f->pasid);
	if (f->has_domain)
		od_buf_printf(out, ", domain 0x%" PRIx64, f->domain);
	if (f->has_code && io->source != OD_IOMMU_SMMU)
		od_buf_printf(out, ", %s 0x%02" PRIx32, io->source == OD_IOMMU_VTD ? "reason" : "code", f->code);
	od_iommu_reason(io, f, &reason);
	if (reason.len)
		od_buf_printf(out, ": %s", od_buf_str(&reason));
	if (f->count > 1)
		od_buf_printf(out, " (x%" PRIu32 ")", f->count);
	od_buf_deinit(&reason);
}

/* --- likely causes --------------------------------------------------------------------------- */

enum cause {
	CAUSE_UNMAPPED,	  /* the address is not mapped, or not for that access */
	CAUSE_NO_CONTEXT, /* the unit has no entry for the device */
	CAUSE_TABLES,	  /* the tables themselves are bad */
	CAUSE_RANGE,
	CAUSE_PASID,
	CAUSE_INTERRUPT,
	CAUSE_QUEUE,
	CAUSE_UNIT,
	CAUSE_STREAM,
	CAUSE_OTHER,
	NCAUSES,
};

static const struct {
	const char *causes[4], *advice[3];
} texts[NCAUSES] = {
	[CAUSE_UNMAPPED] = {
		{ "the driver unmapped or freed the buffer while the device still used it",
		  "the driver gave the device a physical address instead of one from the DMA API, or the wrong direction",
		  "firmware uses memory that it did not report (RMRR, IVMD, RMR), as USB legacy and management controllers do",
		  "a hardware or firmware fault of the device" },
		{ "update the device's driver and firmware; boot with iommu.strict=1 to fault at once after each unmap",
		  "a kernel with CONFIG_DMA_API_DEBUG names the driver that maps wrongly" } },
	[CAUSE_NO_CONTEXT] = {
		{ "the device did DMA before a driver bound it or after it was unbound: firmware, or the kernel before a kexec",
		  "the requests carry another function's number: a bridge, or a device that needs a DMA alias quirk",
		  "the device was handed to a guest or taken back while it still ran" },
		{ "in a kdump kernel at boot it is DMA still running from the crashed kernel, and harmless if it stops",
		  "compare the number with lspci: if there is no such function, the device needs a quirk (quirk_dma_func_alias)" } },
	[CAUSE_TABLES] = {
		{ "the unit's tables in memory were overwritten, or memory is bad",
		  "a defect of the IOMMU driver, or of firmware that left a table behind" },
		{ "treat it as memory corruption: test memory, look for other reports before it, update the kernel and firmware" } },
	[CAUSE_RANGE] = {
		{ "the driver set a DMA mask wider than the unit can translate, or the device made up the address" },
		{ "check the driver's DMA mask and the address width that the unit told at boot" } },
	[CAUSE_PASID] = {
		{ "the device used a PASID that was never bound or was released while work was still queued",
		  "user space handed the device an address that is not mapped in its process" },
		{ "drain the device's queue before the PASID is released; update driver and kernel" } },
	[CAUSE_INTERRUPT] = {
		{ "the device kept an interrupt message from before: firmware, suspend, a kexec or a reset",
		  "the driver wrote a message that does not come from the interrupt remapping code" },
		{ "now and then at boot or resume it is harmless; if interrupts of the device are lost, update firmware and driver" } },
	[CAUSE_QUEUE] = {
		{ "a device with ATS does not answer invalidations: removed, in reset, powered down or broken",
		  "the unit or its link hangs" },
		{ "find the device that was removed or reset just before; try it without ATS (pci=noats)",
		  "update firmware of the machine and the device" } },
	[CAUSE_UNIT] = {
		{ "the unit could not write to its own queues or found itself broken",
		  "bad memory, wrong firmware tables, a hardware fault" },
		{ "after such an error translations cannot be relied on: restart, update firmware, have it looked at if it returns" } },
	[CAUSE_STREAM] = {
		{ "the firmware tables (IORT, device tree) do not tell the stream of this device",
		  "firmware left a device running that no driver has taken over" },
		{ "compare the stream number with the iommu-map or IORT entry of the device" } },
	[CAUSE_OTHER] = {
		{ "the device did what its translation does not allow" },
		{ "update the device's driver and firmware" } },
};

static enum cause vtd_cause(uint32_t code)
{
	static const struct {
		uint8_t first, last;
		enum cause cause;
	} rows[] = {
		{ 0x01, 0x03, CAUSE_NO_CONTEXT }, { 0x04, 0x04, CAUSE_RANGE },	   { 0x05, 0x06, CAUSE_UNMAPPED },
		{ 0x07, 0x0c, CAUSE_TABLES },	  { 0x0d, 0x0d, CAUSE_OTHER },	   { 0x20, 0x26, CAUSE_INTERRUPT },
		{ 0x30, 0x30, CAUSE_TABLES },	  { 0x31, 0x32, CAUSE_PASID },	   { 0x38, 0x38, CAUSE_TABLES },
		{ 0x39, 0x39, CAUSE_NO_CONTEXT }, { 0x3a, 0x40, CAUSE_TABLES },	   { 0x41, 0x41, CAUSE_NO_CONTEXT },
		{ 0x42, 0x42, CAUSE_TABLES },	  { 0x43, 0x43, CAUSE_NO_CONTEXT }, { 0x44, 0x48, CAUSE_PASID },
		{ 0x50, 0x50, CAUSE_TABLES },	  { 0x51, 0x51, CAUSE_PASID },	   { 0x52, 0x52, CAUSE_TABLES },
		{ 0x58, 0x58, CAUSE_TABLES },	  { 0x59, 0x5d, CAUSE_PASID },	   { 0x70, 0x70, CAUSE_TABLES },
		{ 0x71, 0x71, CAUSE_UNMAPPED },	  { 0x72, 0x73, CAUSE_TABLES },	   { 0x74, 0x74, CAUSE_RANGE },
		{ 0x75, 0x77, CAUSE_UNMAPPED },	  { 0x78, 0x78, CAUSE_TABLES },	   { 0x79, 0x79, CAUSE_UNMAPPED },
		{ 0x7a, 0x7b, CAUSE_TABLES },	  { 0x80, 0x80, CAUSE_RANGE },	   { 0x81, 0x82, CAUSE_PASID },
		{ 0x83, 0x84, CAUSE_RANGE },	  { 0x85, 0x86, CAUSE_UNMAPPED },   { 0x87, 0x87, CAUSE_INTERRUPT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (code >= rows[i].first && code <= rows[i].last)
			return rows[i].cause;
	return CAUSE_OTHER;
}

static enum cause smmu3_cause(uint32_t id)
{
	switch (id) {
	case 0x02:
	case 0x04:
	case 0x06:
		return CAUSE_STREAM;
	case 0x03:
	case 0x09:
	case 0x0a:
	case 0x0b:
	case 0x25:
		return CAUSE_TABLES;
	case 0x08:
		return CAUSE_PASID;
	case 0x10:
	case 0x12:
	case 0x13:
		return CAUSE_UNMAPPED;
	case 0x11:
		return CAUSE_RANGE;
	default:
		return CAUSE_OTHER;
	}
}

static enum cause cause_of(const struct od_iommu *io, const struct od_iommu_fault *f)
{
	if (f->what == OD_IOMMU_QUEUE)
		return CAUSE_QUEUE;
	if (f->what == OD_IOMMU_INTERRUPT)
		return CAUSE_INTERRUPT;
	if (f->what == OD_IOMMU_UNIT)
		return io->device ? CAUSE_STREAM : CAUSE_UNIT;
	if (io->source == OD_IOMMU_VTD)
		return f->has_code ? vtd_cause(f->code) : CAUSE_OTHER;
	if (io->source == OD_IOMMU_SMMU3)
		return f->has_words ? smmu3_cause(f->code) : CAUSE_UNMAPPED;
	if (io->source == OD_IOMMU_SMMU)
		return f->code & 0xe ? CAUSE_UNMAPPED : CAUSE_OTHER;
	if (strstr(f->name, "PAGE_FAULT"))
		return f->pasid ? CAUSE_PASID : CAUSE_UNMAPPED;
	if (strstr(f->name, "HARDWARE") || strstr(f->name, "HW_ERROR"))
		return CAUSE_UNIT;
	return strstr(f->name, "DEV_TABLE") || strstr(f->name, "not attached") ? CAUSE_NO_CONTEXT : CAUSE_OTHER;
}

/* Letters and digits only, without the "SM: " of scalable mode: damage and folds change the rest. */
static bool same_reason(const char *a, const char *b)
{
	if (od_starts(a, "SM: "))
		a += 4;
	if (od_starts(b, "SM: "))
		b += 4;
	for (;;) {
		while (*a && !od_is_alnum(*a))
			a++;
		while (*b && !od_is_alnum(*b))
			b++;
		if (!*a || !*b)
			return !*a && !*b;
		if ((od_is_alpha(*a) ? *a | 0x20 : *a) != (od_is_alpha(*b) ? *b | 0x20 : *b))
			return false;
		a++;
		b++;
	}
}

/* The number says one thing, the words another: the line is damaged, or the number's base was mistaken. */
static void check_text(struct od_report *rep, const struct od_iommu_fault *f)
{
	const char *ours = f->has_code ? od_vtd_reason(f->code) : NULL;

	if (!f->has_code || !f->text || !*f->text)
		return;
	if (!ours && !od_starts(f->text, "Unknown"))
		od_report_note(rep, f->lineno, "reason 0x%02" PRIx32 " is reserved, but the line says \"%s\"", f->code,
			       f->text);
	else if (ours && f->code == 0x0d && same_reason(f->text, "Blocked a DMA translation request"))
		return; /* the words of other versions */
	else if (ours && !same_reason(ours, f->text))
		od_report_note(rep, f->lineno,
			       "reason 0x%02" PRIx32 " means \"%s\", but the line says \"%s\": it is damaged", f->code,
			       ours, f->text);
}

static void check_access(struct od_report *rep, const struct od_iommu_fault *f)
{
	if (!f->has_code || !f->access)
		return;
	if ((f->code == 5 && !strcmp(f->access, "read")) || (f->code == 6 && !strcmp(f->access, "write")))
		od_report_note(rep, f->lineno,
			       "the access is told as %s, the reason is of a %s: possible with atomic operations",
			       f->access, f->code == 5 ? "write" : "read");
}

void od_iommu_say(struct od_report *rep, const struct od_iommu_fault *f)
{
	const struct od_iommu *io = rep->iommu;
	const enum cause cause = cause_of(io, f);

	for (size_t i = 0; i < sizeof(texts[cause].causes) / sizeof(*texts[cause].causes); i++)
		if (texts[cause].causes[i])
			od_report_detail_item(rep, "iommu_causes", texts[cause].causes[i],
					      strlen(texts[cause].causes[i]));
	for (uint32_t i = 0; io->source == OD_IOMMU_VTD && i < io->nfaults; i++) {
		check_text(rep, &io->faults[i]);
		check_access(rep, &io->faults[i]);
	}
	if (io->left_out)
		od_report_note(rep, 0, "%" PRIu64 " more faults are of further sorts, which are not listed", io->left_out);
	if (io->suppressed)
		od_report_note(rep, 0, "the kernel kept back %" PRIu64 " lines (rate limit), maybe of other devices too",
			       io->suppressed);
	for (size_t i = 0; i < sizeof(texts[cause].advice) / sizeof(*texts[cause].advice); i++)
		if (texts[cause].advice[i])
			od_report_note(rep, 0, "what to do: %s", texts[cause].advice[i]);
	if (io->device && strchr(io->device, ':'))
		od_report_note(rep, 0, "which device it is: lspci -nnks %s", io->device);
}
