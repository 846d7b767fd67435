/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/iommu.h"

#include <inttypes.h>
#include <string.h>

/* --- tables ----------------------------------------------------------------------------------- */

static const char *const vtd_reasons[] = {
	[0x00] = "Software",
	[0x01] = "Present bit in root entry is clear",
	[0x02] = "Present bit in context entry is clear",
	[0x03] = "Invalid context entry",
	[0x04] = "Access beyond MGAW",
	[0x05] = "PTE Write access is not set",
	[0x06] = "PTE Read access is not set",
	[0x07] = "Next page table ptr is invalid",
	[0x08] = "Root table address invalid",
	[0x09] = "Context table ptr is invalid",
	[0x0a] = "non-zero reserved fields in RTP",
	[0x0b] = "non-zero reserved fields in CTP",
	[0x0c] = "non-zero reserved fields in PTE",
	[0x0d] = "PCE for translation request specifies blocking",
	[0x20] = "Detected reserved fields in the decoded interrupt-remapped request",
	[0x21] = "Interrupt index exceeded the interrupt-remapping table size",
	[0x22] = "Present field in the IRTE entry is clear",
	[0x23] = "Error accessing interrupt-remapping table pointed by IRTA_REG",
	[0x24] = "Detected reserved fields in the IRTE entry",
	[0x25] = "Blocked a compatibility format interrupt request",
	[0x26] = "Blocked an interrupt request due to source-id verification failure",
	[0x30] = "SM: Invalid Root Table Address",
	[0x31] = "SM: TTM 0 for request with PASID",
	[0x32] = "SM: TTM 0 for page group request",
	[0x38] = "SM: Error attempting to access Root Entry",
	[0x39] = "SM: Present bit in Root Entry is clear",
	[0x3a] = "SM: Non-zero reserved field set in Root Entry",
	[0x40] = "SM: Error attempting to access Context Entry",
	[0x41] = "SM: Present bit in Context Entry is clear",
	[0x42] = "SM: Non-zero reserved field set in the Context Entry",
	[0x43] = "SM: Invalid Context Entry",
	[0x44] = "SM: DTE field in Context Entry is clear",
	[0x45] = "SM: PASID Enable field in Context Entry is clear",
	[0x46] = "SM: PASID is larger than the max in Context Entry",
	[0x47] = "SM: PRE field in Context-Entry is clear",
	[0x48] = "SM: RID_PASID field error in Context-Entry",
	[0x50] = "SM: Error attempting to access the PASID Directory Entry",
	[0x51] = "SM: Present bit in Directory Entry is clear",
	[0x52] = "SM: Non-zero reserved field set in PASID Directory Entry",
	[0x58] = "SM: Error attempting to access PASID Table Entry",
	[0x59] = "SM: Present bit in PASID Table Entry is clear",
	[0x5a] = "SM: Non-zero reserved field set in PASID Table Entry",
	[0x5b] = "SM: Invalid Scalable-Mode PASID Table Entry",
	[0x5c] = "SM: ERE field is clear in PASID Table Entry",
	[0x5d] = "SM: SRE field is clear in PASID Table Entry",
	[0x70] = "SM: Error attempting to access first-level paging entry",
	[0x71] = "SM: Present bit in first-level paging entry is clear",
	[0x72] = "SM: Non-zero reserved field set in first-level paging entry",
	[0x73] = "SM: Error attempting to access FL-PML4 entry",
	[0x74] = "SM: First-level entry address beyond MGAW in Nested translation",
	[0x75] = "SM: Read permission error in FL-PML4 entry in Nested translation",
	[0x76] = "SM: Read permission error in first-level paging entry in Nested translation",
	[0x77] = "SM: Write permission error in first-level paging entry in Nested translation",
	[0x78] = "SM: Error attempting to access second-level paging entry",
	[0x79] = "SM: Read/Write permission error in second-level paging entry",
	[0x7a] = "SM: Non-zero reserved field set in second-level paging entry",
	[0x7b] = "SM: Invalid second-level page table pointer",
	[0x7c] = "SM: A/D bit update needed in second-level entry when set up in no snoop",
	[0x80] = "SM: Address in first-level translation is not canonical",
	[0x81] = "SM: U/S set 0 for first-level translation with user privilege",
	[0x82] = "SM: No execute permission for request with PASID and ER=1",
	[0x83] = "SM: Address beyond the DMA hardware max",
	[0x84] = "SM: Second-level entry address beyond the max",
	[0x85] = "SM: No write permission for Write/AtomicOp request",
	[0x86] = "SM: No read permission for Read/AtomicOp request",
	[0x87] = "SM: Invalid address-interrupt address",
	[0x90] = "SM: A/D bit update needed in first-level entry when set up in no snoop",
};

const char *od_vtd_reason(uint32_t code)
{
	return code < sizeof(vtd_reasons) / sizeof(*vtd_reasons) ? vtd_reasons[code] : NULL;
}

static const struct {
	uint8_t id;
	const char *name, *meaning;
} smmu3_events[] = {
	{ 0x02, "C_BAD_STREAMID", "the stream is beyond the stream table" },
	{ 0x03, "F_STE_FETCH", "the stream table entry could not be read" },
	{ 0x04, "C_BAD_STE", "the stream table entry is invalid" },
	{ 0x06, "F_STREAM_DISABLED", "the stream may do no such access" },
	{ 0x08, "C_BAD_SUBSTREAMID", "the substream is out of range" },
	{ 0x09, "F_CD_FETCH", "the context descriptor could not be read" },
	{ 0x0a, "C_BAD_CD", "the context descriptor is invalid" },
	{ 0x0b, "F_WALK_EABT", "reading the page tables failed on the bus" },
	{ 0x10, "F_TRANSLATION", "the address is not mapped" },
	{ 0x11, "F_ADDR_SIZE", "the address is out of range" },
	{ 0x12, "F_ACCESS", "the mapping's access flag is clear" },
	{ 0x13, "F_PERMISSION", "the mapping does not allow that access" },
	{ 0x25, "F_VMS_FETCH", "the VM structure could not be read" },
};

const char *od_smmu3_event(uint32_t id)
{
	for (size_t i = 0; i < sizeof(smmu3_events) / sizeof(*smmu3_events); i++)
		if (smmu3_events[i].id == id)
			return smmu3_events[i].name;
	return NULL;
}

const char *od_smmu3_meaning(uint32_t id)
{
	for (size_t i = 0; i < sizeof(smmu3_events) / sizeof(*smmu3_events); i++)
		if (smmu3_events[i].id == id)
			return smmu3_events[i].meaning;
	return NULL;
}

static const struct {
	const char *name, *meaning;
} amd_events[] = {
	{ "ILLEGAL_DEV_TABLE_ENTRY", "the device's table entry is invalid" },
	{ "IO_PAGE_FAULT", "the address is not mapped, or not for that access" },
	{ "DEV_TAB_HARDWARE_ERROR", "the device table could not be read" },
	{ "PAGE_TAB_HARDWARE_ERROR", "the page tables could not be read" },
	{ "ILLEGAL_COMMAND_ERROR", "the unit was given a command that it does not know" },
	{ "COMMAND_HARDWARE_ERROR", "the command buffer could not be read" },
	{ "IOTLB_INV_TIMEOUT", "the device did not answer an invalidation of its TLB" },
	{ "INVALID_DEVICE_REQUEST", "the device may make no such request" },
	{ "INVALID_PPR_REQUEST", "the device may make no such page request" },
	{ "RMP_PAGE_FAULT", "the page belongs to a confidential guest" },
	{ "RMP_HW_ERROR", "the reverse map table could not be read" },
	{ "No event written to event log", "the unit's interrupt came without an event: an erratum" },
};

const char *od_amdvi_meaning(const char *name)
{
	for (size_t i = 0; i < sizeof(amd_events) / sizeof(*amd_events); i++)
		if (!strcmp(amd_events[i].name, name))
			return amd_events[i].meaning;
	return NULL;
}

struct bit {
	uint8_t bit;
	const char *name;
};

static void bits(uint32_t word, const struct bit *row, size_t n, struct od_buf *out)
{
	const char *sep = "";

	for (size_t i = 0; i < n; i++) {
		if (!(word >> row[i].bit & 1))
			continue;
		od_buf_printf(out, "%s%s", sep, row[i].name);
		sep = ", ";
	}
}

#define BITS(word, rows, out) bits(word, rows, sizeof(rows) / sizeof(*(rows)), out)

void od_smmu_fsr(uint32_t fsr, struct od_buf *out)
{
	static const struct bit rows[] = { { 1, "translation fault (TF)" },	 { 2, "access flag fault (AFF)" },
					   { 3, "permission fault (PF)" },	 { 4, "external fault (EF)" },
					   { 5, "TLB match conflict (TLBMCF)" }, { 6, "TLB lock fault (TLBLKF)" },
					   { 7, "address size fault (ASF)" },	 { 8, "unsupported upstream transaction (UUT)" },
					   { 30, "stalled (SS)" },		 { 31, "several (MULTI)" } };

	BITS(fsr, rows, out);
}

void od_smmu3_gerror(uint32_t gerror, struct od_buf *out)
{
	static const struct bit rows[] = { { 0, "CMDQ_ERR" },	      { 2, "EVTQ_ABT" },	  { 3, "PRIQ_ABT" },
					   { 4, "MSI_CMDQ_ABT" },     { 5, "MSI_EVTQ_ABT" },	  { 6, "MSI_PRIQ_ABT" },
					   { 7, "MSI_GERROR_ABT" },   { 8, "SFM" } };

	BITS(gerror, rows, out);
}

void od_vtd_status(uint32_t status, struct od_buf *out)
{
	static const struct bit rows[] = { { 0, "PFO" }, { 1, "PPF" }, { 4, "IQE" },
					   { 5, "ICE" }, { 6, "ITE" }, { 7, "PRO" } };

	BITS(status, rows, out);
}

void od_amdvi_flags(uint32_t flags, struct od_buf *out)
{
	static const struct bit rows[] = { { 0, "guest address" },	{ 1, "no execute" },
					   { 2, "user privilege" },	{ 6, "no permission" },
					   { 7, "reserved bits set" },	{ 8, "translation request" } };

	if (flags & 0x8)
		od_buf_addstr(out, "interrupt");
	else
		od_buf_printf(out, "%s, page %spresent", flags & 0x20 ? "write" : "read", flags & 0x10 ? "" : "not ");
	if (flags & 0x1c7)
		od_buf_addstr(out, ", ");
	BITS(flags, rows, out);
}

/* --- the report --------------------------------------------------------------------------------- */

/* After doc/json.md: what only one device did is medium, what makes the unit or its tables doubtful more. */
enum od_severity od_iommu_severity(const struct od_iommu *io, const struct od_iommu_fault *f)
{
	switch (f->what) {
	case OD_IOMMU_INTERRUPT:
		return OD_SEV_LOW;
	case OD_IOMMU_QUEUE:
		return OD_SEV_HIGH;
	case OD_IOMMU_UNIT:
		return strstr(f->name, "Service Failure") ? OD_SEV_CRITICAL : io->device ? OD_SEV_MEDIUM : OD_SEV_HIGH;
	case OD_IOMMU_DMA:
		break;
	}
	if (io->source == OD_IOMMU_VTD && f->has_code && f->code >= 0x07 && f->code <= 0x0c)
		return OD_SEV_HIGH;
	if (io->source == OD_IOMMU_AMD && (strstr(f->name, "HARDWARE") || strstr(f->name, "HW_ERROR")))
		return OD_SEV_HIGH;
	return OD_SEV_MEDIUM;
}

const struct od_iommu_fault *od_iommu_worst(const struct od_iommu *io)
{
	const struct od_iommu_fault *best = NULL;

	for (uint32_t i = 0; i < io->nfaults; i++) {
		const struct od_iommu_fault *f = &io->faults[i];
		const int better = best ? (int)od_iommu_severity(io, f) - (int)od_iommu_severity(io, best) : 1;

		if (better > 0 || (!better && f->count > best->count))
			best = f;
	}
	return best;
}

static const char *const unit_names[] = { "Intel VT-d", "AMD-Vi", "Arm SMMUv3", "Arm SMMU" };

static void detail(struct od_report *rep, const char *key, const char *value)
{
	if (value && *value)
		od_report_detail_str(rep, key, value, strlen(value));
}

static void details(struct od_report *rep, const struct od_iommu_fault *f)
{
	static const char *const whats[] = { "dma", "interrupt", "queue", "unit" };
	const struct od_iommu *io = rep->iommu;
	struct od_buf text = OD_BUF_INIT;

	detail(rep, "iommu", unit_names[io->source]);
	detail(rep, "iommu_unit", io->unit);
	detail(rep, "iommu_device", io->device);
	detail(rep, "iommu_client", io->client);
	detail(rep, "iommu_what", whats[f->what]);
	if (f->has_code)
		od_report_detail_addr(rep, "iommu_code", f->code);
	od_iommu_reason(io, f, &text);
	detail(rep, "iommu_reason", od_buf_str(&text));
	od_report_detail_num(rep, "iommu_faults", io->total);
	if (io->suppressed)
		od_report_detail_num(rep, "iommu_suppressed", io->suppressed);
	if (io->has_range && io->low != io->high) {
		od_report_detail_addr(rep, "iommu_lowest", io->low);
		od_report_detail_addr(rep, "iommu_highest", io->high);
	}
	if (f->has_addr && f->is_index)
		od_report_detail_addr(rep, "iommu_index", f->addr);
	if (f->has_pasid)
		od_report_detail_addr(rep, "iommu_pasid", f->pasid);
	if (f->has_domain)
		od_report_detail_addr(rep, "iommu_domain", f->domain);
	if (io->has_status) {
		od_buf_reset(&text);
		od_buf_printf(&text, "0x%" PRIx32 ": ", io->status);
		od_vtd_status(io->status, &text);
		detail(rep, "iommu_status", od_buf_str(&text));
	}
	for (uint32_t i = 0; i < io->nfaults; i++) {
		od_buf_reset(&text);
		od_iommu_line(io, &io->faults[i], &text);
		od_report_detail_item(rep, "iommu_sorts", od_buf_str(&text), text.len);
	}
	for (uint32_t i = 0; i < io->ndump; i++)
		od_report_detail_item(rep, "iommu_tables", io->dump[i], strlen(io->dump[i]));
	od_buf_deinit(&text);
}

static void title(struct od_report *rep, const struct od_iommu_fault *f, struct od_buf *out)
{
	static const char *const whats[] = { "fault", "interrupt fault", "queue error", "error" };
	const struct od_iommu *io = rep->iommu;
	struct od_buf text = OD_BUF_INIT;
	const char *who = io->client ? io->client : io->device ? io->device : io->unit;

	od_buf_printf(out, "%s %s", unit_names[io->source], whats[f->what]);
	if (who)
		od_buf_printf(out, " of %s", who);
	if (f->access && f->what == OD_IOMMU_DMA)
		od_buf_printf(out, " (%s)", f->access);
	od_iommu_reason(io, f, &text);
	od_buf_printf(out, ": %s", text.len && f->what == OD_IOMMU_DMA && f->has_code ? od_buf_str(&text) : f->name);
	if (text.len && !(f->what == OD_IOMMU_DMA && f->has_code))
		od_buf_printf(out, ", %s", od_buf_str(&text));
	od_buf_deinit(&text);
}

void od_analyze_iommu(struct od_report *rep)
{
	const struct od_iommu_fault *f = rep->iommu ? od_iommu_worst(rep->iommu) : NULL;
	struct od_buf buf = OD_BUF_INIT;

	if (!f)
		return;
	rep->count = rep->iommu->total > UINT32_MAX ? UINT32_MAX : (uint32_t)rep->iommu->total;
	rep->severity = od_iommu_severity(rep->iommu, f);
	if (f->has_addr && !f->is_index && !rep->has_fault_address) {
		rep->has_fault_address = true;
		rep->fault_address = f->addr;
		rep->fault_access = f->access;
	}
	title(rep, f, &buf);
	rep->title = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	od_buf_reset(&buf);
	/* No function is to blame: the reason tells one problem from another. */
	od_buf_printf(&buf, "v1/iommu-fault/%s/", rep->subkind);
	od_iommu_word(rep->iommu, f, &buf);
	rep->signature = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	rep->guilty_why = "a device did it: the driver of the device is the first to look at";
	if (f->what == OD_IOMMU_UNIT || f->what == OD_IOMMU_QUEUE)
		rep->guilty_why = "hardware: no function is to blame";
	rep->confidence = OD_CONF_HIGH;
	rep->confidence_why = "the unit itself said what it refused";
	details(rep, f);
	od_iommu_say(rep, f);
	od_buf_deinit(&buf);
}

bool od_iommu_differ(const struct od_report *a, const struct od_report *b)
{
	const struct od_iommu *x = a->iommu, *y = b->iommu;

	if (!x || !y)
		return false;
	return !x->device != !y->device || (x->device && strcmp(x->device, y->device) != 0) ||
	       !x->unit != !y->unit || (x->unit && strcmp(x->unit, y->unit) != 0);
}
