/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of the host that tell a plugin about the report. They run in the child. */
#include <string.h>

#include "analyze/address.h"
#include "analyze/pageflags.h"
#include "analyze/plugin-api.h"
#include "analyze/plugin-internal.h"
#include "model/memory.h"

#define FILL(dst, src, first) fill(dst, &(src), sizeof(src), first)

static int32_t fill(void *dst, const void *src, size_t size, size_t first)
{
	return od_plugin_fill(dst, src, size, first) ? OD_PLUGIN_OK : OD_PLUGIN_INVALID;
}

static int32_t host_report(od_plugin_report *p, struct od_plugin_report_info *ret)
{
	const struct od_report *rep = p ? p->rep : NULL;
	struct od_plugin_report_info v = { 0 };

	if (!rep)
		return OD_PLUGIN_INVALID;
	v.flags = (rep->has_kaslr_offset ? OD_REPORT_KASLR : 0) |
		  (rep->has_fault_address ? OD_REPORT_FAULT : 0);
	v.kind = od_kind_name(rep->kind);
	v.subkind = rep->subkind;
	v.title = rep->title;
	v.subject = rep->subject;
	v.release = rep->release ? rep->release : p->in->release;
	v.arch = rep->arch;
	v.comm = rep->comm;
	v.taint = rep->taint;
	v.bug_file = rep->bug_file;
	v.bug_line = rep->bug_line;
	v.cpu = rep->cpu;
	v.pid = rep->pid;
	v.stacks = rep->nstacks;
	v.records = rep->nrecords;
	v.modules = rep->nmodules;
	v.guilty_stack = rep->guilty_stack;
	v.guilty_frame = rep->guilty_frame;
	v.kaslr_offset = rep->kaslr_offset;
	v.fault_address = rep->fault_address;
	v.first_line = rep->lines.first;
	v.last_line = rep->lines.last;
	return FILL(ret, v, OD_V1_REPORT_INFO);
}

static int32_t host_stack(od_plugin_report *p, uint32_t index, struct od_plugin_stack *ret)
{
	struct od_plugin_stack v = { 0 };

	if (!p || index >= p->rep->nstacks)
		return OD_PLUGIN_END;
	v.name = p->rep->stacks[index].name;
	v.frames = p->rep->stacks[index].nframes;
	return FILL(ret, v, OD_V1_STACK);
}

static const struct od_frame *find_frame(od_plugin_report *p, uint32_t stack, uint32_t index)
{
	if (!p || stack >= p->rep->nstacks || index >= p->rep->stacks[stack].nframes)
		return NULL;
	return &p->rep->stacks[stack].frames[index];
}

static uint32_t frame_flags(const struct od_frame *f)
{
	return (f->flags & OD_FRAME_UNRELIABLE ? OD_PFRAME_UNRELIABLE : 0) |
	       (f->flags & OD_FRAME_PC ? OD_PFRAME_PC : 0) |
	       (f->flags & OD_FRAME_GUESSED ? OD_PFRAME_GUESSED : 0) |
	       (f->flags & OD_FRAME_SIGNAL ? OD_PFRAME_SIGNAL : 0) |
	       (f->flags & OD_FRAME_HAS_OFFSET ? OD_PFRAME_HAS_OFFSET : 0);
}

static int32_t host_frame(od_plugin_report *p, uint32_t stack, uint32_t index,
			  struct od_plugin_frame *ret)
{
	const struct od_frame *f = find_frame(p, stack, index);
	struct od_plugin_frame v = { 0 };

	if (!f)
		return OD_PLUGIN_END;
	v.flags = frame_flags(f);
	v.symbol = f->symbol;
	v.function = f->function ? f->function : f->symbol;
	v.demangled = f->demangled;
	v.module = f->module;
	v.file = f->file;
	v.address = f->addr;
	v.offset = f->offset;
	v.size = f->size;
	v.source_line = f->line;
	v.number = f->flags & OD_FRAME_NUMBERED ? f->number : index;
	v.variables = f->nvars;
	v.line = f->lines.first;
	return FILL(ret, v, OD_V1_FRAME);
}

static int32_t host_variable(od_plugin_report *p, uint32_t stack, uint32_t frame, uint32_t index,
			     struct od_plugin_variable *ret)
{
	const struct od_frame *f = find_frame(p, stack, frame);
	struct od_plugin_variable v = { 0 };

	if (!f || index >= f->nvars)
		return OD_PLUGIN_END;
	v.flags = (f->vars[index].has_number ? OD_VARIABLE_NUMBER : 0) |
		  (f->vars[index].is_arg ? OD_VARIABLE_ARGUMENT : 0);
	v.name = f->vars[index].name;
	v.value = f->vars[index].value;
	v.number = f->vars[index].number;
	v.line = f->vars[index].lineno;
	return FILL(ret, v, OD_V1_VARIABLE);
}

static int32_t host_reg(od_plugin_report *p, const char *name, struct od_plugin_register *ret)
{
	struct od_plugin_register v = { 0 };
	const struct od_register *r;

	if (!p || !name || strnlen(name, 64) == 64)
		return OD_PLUGIN_INVALID;
	r = od_report_register(p->rep, name);
	if (!r)
		return OD_PLUGIN_END;
	v.name = r->name;
	v.value = r->value;
	v.line = r->lineno;
	return FILL(ret, v, OD_V1_REGISTER);
}

static int32_t host_module(od_plugin_report *p, uint32_t index, struct od_plugin_module *ret)
{
	struct od_plugin_module v = { 0 };

	if (!p || index >= p->rep->nmodules)
		return OD_PLUGIN_END;
	v.name = p->rep->modules[index].name;
	v.taint = p->rep->modules[index].taint;
	return FILL(ret, v, OD_V1_MODULE);
}

static int32_t fill_record(const struct od_record *rec, struct od_plugin_record *ret)
{
	struct od_plugin_record v = { 0 };

	v.text = rec->text;
	v.time_us = rec->ts_us;
	v.line = rec->lineno;
	v.quote_depth = rec->quote_depth;
	return FILL(ret, v, OD_V1_RECORD);
}

static int32_t host_record(od_plugin_report *p, uint32_t index, struct od_plugin_record *ret)
{
	if (!p || index >= p->rep->nrecords)
		return OD_PLUGIN_END;
	return fill_record(&p->rep->records[index], ret);
}

static int32_t host_context(od_plugin_report *p, uint32_t index, struct od_plugin_record *ret)
{
	if (!p || index >= p->ncontext)
		return OD_PLUGIN_END;
	return fill_record(p->context[index], ret);
}

/* The two lists of regions are one; the compiler holds them together. */
static uint32_t region_of(enum od_region region)
{
	static const uint32_t map[] = {
		[OD_ADDR_UNKNOWN] = OD_REGION_UNKNOWN,
		[OD_ADDR_SMALL] = OD_REGION_SMALL,
		[OD_ADDR_ERR_PTR] = OD_REGION_ERR_PTR,
		[OD_ADDR_POISON] = OD_REGION_POISON,
		[OD_ADDR_USER] = OD_REGION_USER,
		[OD_ADDR_NONCANONICAL] = OD_REGION_NONCANONICAL,
		[OD_ADDR_KERNEL_IMAGE] = OD_REGION_KERNEL_IMAGE,
		[OD_ADDR_MODULES] = OD_REGION_MODULES,
		[OD_ADDR_DIRECT_MAP] = OD_REGION_DIRECT_MAP,
		[OD_ADDR_STACK] = OD_REGION_STACK,
		[OD_ADDR_VMALLOC] = OD_REGION_VMALLOC,
		[OD_ADDR_VMEMMAP] = OD_REGION_VMEMMAP,
		[OD_ADDR_KERNEL] = OD_REGION_KERNEL,
		[OD_ADDR_TEXT] = OD_REGION_TEXT,
		[OD_ADDR_FIXMAP] = OD_REGION_FIXMAP,
	};

	return (size_t)region < sizeof(map) / sizeof(*map) ? map[region] : OD_REGION_UNKNOWN;
}

static int32_t host_describe_pointer(od_plugin_report *p, uint64_t value,
				     struct od_plugin_pointer *ret)
{
	struct od_plugin_pointer v = { 0 };
	struct od_buf text = OD_BUF_INIT;
	struct od_address addr;

	if (!p)
		return OD_PLUGIN_INVALID;
	memset(&addr, 0, sizeof(addr));
	od_address_classify(p->rep, value, &addr);
	/* What memory tells is true of every architecture, and sure. */
	if (!p->in->describe || !p->in->describe(p->in->describe_ctx, value, &text, &addr.region))
		od_address_describe(p->rep, value, &text);
	v.flags = (addr.has_link ? OD_POINTER_LINK : 0) | (addr.frame ? OD_POINTER_SYMBOL : 0);
	v.region = region_of(addr.region);
	v.link_address = addr.has_link ? addr.link : 0;
	if (addr.frame)
		v.symbol = addr.frame->function ? addr.frame->function : addr.frame->symbol;
	v.symbol_offset = addr.frame_offset;
	if (text.len)
		v.text = od_arena_strndup(&p->rep->arena, od_buf_str(&text), text.len);
	od_buf_deinit(&text);
	return FILL(ret, v, OD_V1_POINTER);
}

static int32_t host_page_flags(od_plugin_report *p, uint64_t flags, struct od_plugin_page *ret)
{
	struct od_plugin_page v = { 0 };
	struct od_buf text = OD_BUF_INIT;
	struct od_pageflags page;

	if (!p)
		return OD_PLUGIN_INVALID;
	od_pageflags_decode(p->rep->release ? p->rep->release : p->in->release, p->rep->arch,
			    flags, &page, &text);
	v.flags = (page.known ? OD_PAGE_KNOWN : 0) | (page.slab ? OD_PAGE_SLAB : 0) |
		  (page.reserved ? OD_PAGE_RESERVED : 0) | (page.head ? OD_PAGE_HEAD : 0) |
		  (page.tail ? OD_PAGE_TAIL : 0) | (page.has_location ? OD_PAGE_LOCATION : 0);
	v.text = od_arena_strndup(&p->rep->arena, od_buf_str(&text), text.len);
	v.node = page.node;
	v.zone = page.zone;
	od_buf_deinit(&text);
	return FILL(ret, v, OD_V1_PAGE);
}

static int32_t memory_code(enum od_mem_status status)
{
	static const int32_t codes[] = {
		[OD_MEM_OK] = OD_PLUGIN_OK,
		[OD_MEM_EXCLUDED] = OD_PLUGIN_EXCLUDED,
		[OD_MEM_TRUNCATED] = OD_PLUGIN_TRUNCATED,
		[OD_MEM_DAMAGED] = OD_PLUGIN_TRUNCATED,
		[OD_MEM_ABSENT] = OD_PLUGIN_EXCLUDED,
		[OD_MEM_UNMAPPED] = OD_PLUGIN_UNMAPPED,
	};

	return (size_t)status < sizeof(codes) / sizeof(*codes) ? codes[status] : OD_PLUGIN_UNMAPPED;
}

static int32_t host_read(od_plugin_report *p, uint64_t address, void *buf, uint32_t len)
{
	if (!p || !buf || !len || len > 64 * 1024)
		return OD_PLUGIN_INVALID;
	if (!p->in->memory)
		return OD_PLUGIN_NO_MEMORY;
	return memory_code(od_mem_read(p->in->memory, address, buf, len));
}

static int32_t host_read_string(od_plugin_report *p, uint64_t address, char *buf, uint32_t len)
{
	if (!p || !buf || !len)
		return OD_PLUGIN_INVALID;
	if (!p->in->memory)
		return OD_PLUGIN_NO_MEMORY;
	return memory_code(od_mem_string(p->in->memory, address, buf, len));
}

const struct od_plugin_host od_plugin_host_table = {
	.argsz = sizeof(struct od_plugin_host),
	.abi = OD_PLUGIN_ABI,
	.report = host_report,
	.stack = host_stack,
	.frame = host_frame,
	.variable = host_variable,
	.reg = host_reg,
	.module = host_module,
	.record = host_record,
	.context = host_context,
	.describe_pointer = host_describe_pointer,
	.page_flags = host_page_flags,
	.read = host_read,
	.read_string = host_read_string,
	.finding = od_plugin_host_finding,
	.evidence = od_plugin_host_evidence,
	.advice = od_plugin_host_advice,
	.reference = od_plugin_host_reference,
	.note = od_plugin_host_note,
	.listing = od_plugin_host_listing,
};
