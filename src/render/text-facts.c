/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where and when it happened: the facts of the header, one field each. */
#include <stdio.h>
#include <string.h>

#include "model/taint.h"
#include "render/formats.h"
#include "render/page.h"

void od_text_guilty(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	const struct od_frame *guilty = od_report_guilty(rep);
	struct od_buf text = OD_BUF_INIT;

	if (rep->guilty_function)
		od_buf_addstr(&text, rep->guilty_function);
	else if (rep->guilty_why)
		od_buf_addstr(&text, "nobody");
	if (rep->guilty_function && rep->guilty_module)
		od_buf_printf(&text, " [%s]", rep->guilty_module);
	if (guilty && guilty->file && guilty->line)
		od_buf_printf(&text, " at %s:%u", guilty->file, guilty->line);
	if (rep->guilty_why)
		od_buf_printf(&text, ": %s", rep->guilty_why);
	od_page_field(buf, style, "Guilty", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void add_kernel(struct od_buf *buf, const struct od_report *rep,
		       const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;

	if (rep->release)
		od_buf_addstr(&text, rep->release);
	if (rep->has_kaslr_offset && rep->kaslr_offset)
		od_buf_printf(&text, "%sKASLR offset 0x%llx", text.len ? ", " : "",
			      (unsigned long long)rep->kaslr_offset);
	od_page_field(buf, style, "Kernel", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void add_task(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;

	if (rep->comm)
		od_buf_addstr(&text, rep->comm);
	if (rep->pid >= 0)
		od_buf_printf(&text, "%s%d", text.len ? ", pid " : "pid ", rep->pid);
	if (rep->cpu >= 0)
		od_buf_printf(&text, "%s%d", text.len ? ", CPU " : "CPU ", rep->cpu);
	if (rep->workqueue)
		od_buf_printf(&text, ", workqueue %s", rep->workqueue);
	od_page_field(buf, style, "Task", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void add_taint(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;
	unsigned modules = 0;

	if (!rep->taint)
		return;
	od_buf_printf(&text, "%s: ", rep->taint);
	for (const char *p = rep->taint, *sep = ""; *p; p++) {
		const char *s = od_taint_sentence(*p);

		if (*p == 'G')
			continue;
		od_buf_printf(&text, "%s%s", sep, s ? s : "a letter that is not known");
		sep = "; ";
	}
	for (uint32_t i = 0; i < rep->nmodules; i++) {
		if (!rep->modules[i].taint)
			continue;
		if (modules++ < 12)
			od_buf_printf(&text, "%s%s", modules == 1 ? " (" : ", ", rep->modules[i].name);
	}
	if (modules > 12)
		od_buf_printf(&text, " and %u more", modules - 12);
	if (modules)
		od_buf_addch(&text, ')');
	od_page_field(buf, style, "Taint", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void add_fault(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	const struct od_detail *reason = od_report_detail(rep, "fault_reason");
	struct od_buf text = OD_BUF_INIT;

	if (rep->has_fault_address)
		od_buf_printf(&text, "%s%saddress 0x%llx", rep->fault_access ? rep->fault_access : "",
			      rep->fault_access ? " of " : "", (unsigned long long)rep->fault_address);
	if (rep->has_fault_address && reason && reason->string)
		od_buf_printf(&text, ", %s", reason->string);
	od_page_field(buf, style, "Fault", od_buf_str(&text));
	od_buf_deinit(&text);
}

/* Details whose key is no good name for a person, or that other lines tell already. */
static const struct {
	const char *key, *name, *unit;
} detail_names[] = {
	{ "seconds", "Stuck for", " s" },
	{ "user_ip", "Called from", ", in user space" },
	{ "cache", "Slab cache", "" },
	{ "end_trace", NULL, NULL },
	{ "oops_count", NULL, NULL },
	{ "task", NULL, NULL },
	{ "si_code", NULL, NULL },
	{ "sender_pid", "Sent by pid", "" },
	{ "sender_uid", "Sent by uid", "" },
	{ "stack_base", NULL, NULL },
	{ "fault_reason", NULL, NULL },
	{ "page", NULL, NULL },
	{ "functions", NULL, NULL },
	{ "kvm_pid", "VM process", "" },
	{ "kvm_vms", "VMs", "" },
	{ "kvm_threads", "vCPUs", "" },
	{ "kvm_defect", NULL, NULL },
	{ "hypercalls", "Hypercalls", "" },
	{ "hypercall_effects", "Effects", "" },
	{ "mmu_role_text", "Page table", "" },
	{ "kvm_event_counts", NULL, NULL },
	{ "guest_rip", NULL, NULL },
	{ "guest_rip_changes", NULL, NULL },
	{ "gpas", NULL, NULL },
	{ "hits_first", NULL, NULL },
	{ "hits_last", NULL, NULL },
	{ "mmu_seq_first", NULL, NULL },
	{ "mmu_seq_last", NULL, NULL },
	{ "mmu_seq_changes", NULL, NULL },
	{ "kvm_events", NULL, NULL },
	{ "duration_us", NULL, NULL },
	{ "map_probes", NULL, NULL },
	{ "faultin_returns", NULL, NULL },
	{ "map_returns", NULL, NULL },
	{ "mmu_role", NULL, NULL },
	{ "invalidated_start", NULL, NULL },
	{ "invalidated_end", NULL, NULL },
	{ "iommu", "IOMMU", "" },
	{ "iommu_unit", "Unit", "" },
	{ "iommu_device", "Device", "" },
	{ "iommu_client", "Known as", "" },
	{ "iommu_what", NULL, NULL },
	{ "iommu_code", NULL, NULL },
	{ "iommu_reason", "Reason", "" },
	{ "iommu_faults", NULL, NULL },
	{ "iommu_suppressed", "Kept back", " by the rate limit" },
	{ "iommu_lowest", "From", "" },
	{ "iommu_highest", "To", "" },
	{ "iommu_index", "Index", "" },
	{ "iommu_pasid", "PASID", "" },
	{ "iommu_domain", "Domain", "" },
	{ "iommu_status", "Status", "" },
	{ "iommu_sorts", "Faults", "" },
	{ "iommu_tables", "Tables", "" },
	{ "iommu_causes", "Causes", "" },
};

static void detail_value(struct od_buf *text, const struct od_detail *d, const char *unit)
{
	if (d->type == OD_DETAIL_STRING)
		od_buf_addstr(text, d->string ? d->string : "");
	else
		od_buf_printf(text, d->type == OD_DETAIL_NUMBER ? "%llu%s" : "0x%llx%s",
			      (unsigned long long)d->number, unit);
}

/* What is known of one kind only, as far as no other line says it. */
static void add_details(struct od_buf *buf, const struct od_report *rep,
			const struct od_style *style)
{
	for (uint32_t i = 0; i < rep->ndetails; i++) {
		const struct od_detail *d = &rep->details[i];
		struct od_buf text = OD_BUF_INIT;
		const char *unit = "";
		char name[40];
		size_t n = 0;
		bool shown = true;

		if (od_report_detail(rep, d->key) != d)
			continue;
		for (; d->key[n] && n < sizeof(name) - 1; n++)
			name[n] = d->key[n] == '_' ? ' ' : d->key[n];
		name[n] = '\0';
		name[0] = (char)(name[0] >= 'a' && name[0] <= 'z' ? name[0] - 32 : name[0]);
		for (size_t k = 0; k < sizeof(detail_names) / sizeof(*detail_names); k++) {
			if (strcmp(detail_names[k].key, d->key) != 0)
				continue;
			shown = detail_names[k].name != NULL;
			if (shown) {
				snprintf(name, sizeof(name), "%s", detail_names[k].name);
				unit = detail_names[k].unit;
			}
		}
		if (shown && d->type == OD_DETAIL_LIST) {
			for (uint32_t k = 0; k < d->nitems; k++)
				od_page_field(buf, style, k ? "" : name, d->items[k]);
		} else if (shown) {
			detail_value(&text, d, unit);
			od_page_field(buf, style, name, od_buf_str(&text));
		}
		od_buf_deinit(&text);
	}
}

void od_text_fields(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	add_fault(buf, rep, style);
	od_page_field(buf, style, "Instruction", rep->code_why);
	add_details(buf, rep, style);
	add_task(buf, rep, style);
	add_kernel(buf, rep, style);
	od_page_field(buf, style, "Hardware", rep->hardware);
	add_taint(buf, rep, style);
	od_page_field(buf, style, "When", rep->wall_time);
}

void od_text_facts(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf fields = OD_BUF_INIT;

	od_text_fields(&fields, rep, style);
	if (fields.len) {
		od_page_heading(buf, style, "Circumstances");
		od_buf_addstr(buf, od_buf_str(&fields));
	}
	od_buf_deinit(&fields);
}
