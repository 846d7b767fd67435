/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layout: Documentation/x86/x86_64/mm.rst (3.10 to 6.12), asm/page_64_types.h; poison values:
 * include/linux/poison.h, mm/slab.h; ERR_PTR: include/linux/err.h. The bases of direct map, vmalloc
 * and vmemmap are randomised (CONFIG_RANDOMIZE_MEMORY), so only a proof from the report names them.
 */
#include "analyze/address.h"

#include <string.h>

enum { PAGE = 4096, STACK_SIZE = 16384 };

static const struct {
	uint64_t value;
	const char *text;
} poisons[] = {
	{ 0x6b6b6b6b6b6b6b6b, "slab poison 0x6b: read from memory that was freed (POISON_FREE)" },
	{ 0x5a5a5a5a5a5a5a5a, "slab poison 0x5a: memory that was never written (POISON_INUSE)" },
	{ 0xa5a5a5a5a5a5a5a5, "slab poison 0xa5: end of a poisoned object (POISON_END)" },
	{ 0xbbbbbbbbbbbbbbbb, "slab red zone of a free object" },
	{ 0xcccccccccccccccc, "slab red zone of a used object, or int3 filling" },
	{ 0xdead000000000100, "LIST_POISON1: next of a list entry that was deleted" },
	{ 0xdead000000000122, "LIST_POISON2: prev of a list entry that was deleted" },
	{ 0xdead000000000200, "LIST_POISON2 (4.x): prev of a list entry that was deleted" },
	{ 0xdead000000000300, "TIMER_ENTRY_STATIC" },
	{ 0xdead000000000400, "page mapping poison (TAIL_MAPPING)" },
	{ 0x5555555555555555, "page poison 0x55" },
	{ 0xaaaaaaaaaaaaaaaa, "page poison 0xaa" },
};

static const char *poison_text(uint64_t value, uint64_t *offset)
{
	for (size_t i = 0; i < sizeof(poisons) / sizeof(*poisons); i++) {
		/* A member of a poisoned pointer's object: the pattern plus a small offset. */
		uint64_t reach = poisons[i].value >> 48 == 0xdead ? 0x20 : PAGE;

		if (value - poisons[i].value < reach || poisons[i].value - value < 64) {
			*offset = value - poisons[i].value;
			return poisons[i].text;
		}
	}
	return NULL;
}

static const struct od_frame *frame_at(const struct od_report *rep, uint64_t value, uint64_t *offset)
{
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];
			uint64_t start = f->addr - f->offset;

			if (!f->addr || !f->symbol || !(f->flags & OD_FRAME_HAS_OFFSET))
				continue;
			if (value >= start && value - start < (f->size ? f->size : f->offset + 1)) {
				*offset = value - start;
				return f;
			}
		}
	}
	return NULL;
}

/*
 * Where modules begin: above 1 GiB of core image with KASLR, above 512 MiB without. A kernel that was
 * not moved does not reach that far, whichever of the two it was built for.
 */
static uint64_t modules_start(const struct od_report *rep)
{
	if (rep->has_kaslr_offset && !rep->kaslr_offset)
		return 0xffffffffa0000000;
	if (!rep->has_kaslr_offset)
		for (uint32_t s = 0; s < rep->nstacks; s++)
			for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
				const struct od_frame *f = &rep->stacks[s].frames[i];

				if (f->module && f->addr >= 0xffffffffa0000000 &&
				    f->addr < 0xffffffffc0000000)
					return 0xffffffffa0000000;
			}
	return 0xffffffffc0000000;
}

/* NULL as well if it is the very thing that led nowhere. */
static const struct od_register *stack_pointer(const struct od_report *rep)
{
	return rep->kind == OD_KIND_DOUBLE_FAULT ? NULL : od_report_register(rep, "rsp");
}

static bool on_stack(const struct od_report *rep, uint64_t value)
{
	const struct od_register *rsp = stack_pointer(rep);
	const struct od_detail *base = od_report_detail(rep, "stack_base");

	if (base && value - base->number < STACK_SIZE)
		return true;
	return rsp && rsp->value >> 63 && value >= rsp->value &&
	       value / STACK_SIZE == rsp->value / STACK_SIZE;
}

/* Addresses that can only lie in the direct map: a task_struct and the per-cpu area. */
static bool in_direct_map(const struct od_report *rep, uint64_t value)
{
	const struct od_detail *task = od_report_detail(rep, "task");
	const struct od_register *gs = od_report_register(rep, "gs_base");
	const uint64_t gib = 1u << 30;
	uint64_t low = 0, high = 0;

	if (task && task->number >> 63)
		low = high = task->number;
	if (gs && gs->value >> 63 && gs->value < 0xffffffff80000000) {
		low = low && low < gs->value ? low : gs->value;
		high = high > gs->value ? high : gs->value;
	}
	return low && value >= low / gib * gib && value < (high / gib + 1) * gib;
}

/*
 * Since 4.9 stacks come from vmalloc (VMAP_STACK). Where the stack lies apart from the direct map, an
 * address within a TiB of it is in the vmalloc area: the areas are larger, and 1 GiB apart at least.
 */
static bool in_vmalloc(const struct od_report *rep, uint64_t value)
{
	const struct od_register *rsp = stack_pointer(rep);
	const struct od_register *gs = od_report_register(rep, "gs_base");
	const uint64_t tib = 1ull << 40;

	if (!rsp || !gs || !(rsp->value >> 63) || !(gs->value >> 63) || in_direct_map(rep, rsp->value) ||
	    rsp->value - gs->value < tib || gs->value - rsp->value < tib ||
	    rsp->value >= 0xfffffe0000000000)
		return false;
	return value - rsp->value < tib || rsp->value - value < tib;
}

static bool is_user_report(const struct od_report *rep)
{
	return od_kind_is_user(rep->kind);
}

static enum od_region kernel_region(const struct od_report *rep, uint64_t v)
{
	if (on_stack(rep, v))
		return OD_ADDR_STACK;
	if (v >= 0xffffffffff000000)
		return OD_ADDR_FIXMAP;
	if (v >= modules_start(rep))
		return OD_ADDR_MODULES;
	if (v >= 0xffffffff80000000)
		return OD_ADDR_KERNEL_IMAGE;
	if (v >= 0xfffffe0000000000)
		return OD_ADDR_FIXMAP;
	if (in_direct_map(rep, v))
		return OD_ADDR_DIRECT_MAP;
	if (in_vmalloc(rep, v))
		return OD_ADDR_VMALLOC;
	return OD_ADDR_KERNEL;
}

/* Registers of 32 bits; mips, powerpc and riscv come with both, and tell by their stack pointer. */
static bool is_narrow(const struct od_report *rep)
{
	static const struct {
		const char *arch, *sp;
	} both[] = { { "mips", "r29" }, { "powerpc", "r1" }, { "riscv", "sp" } };

	if (!strcmp(rep->arch, "arm") || !strcmp(rep->arch, "i386"))
		return true;
	for (size_t i = 0; i < sizeof(both) / sizeof(*both); i++) {
		const struct od_register *sp = od_report_register(rep, both[i].sp);

		if (!strcmp(rep->arch, both[i].arch))
			return sp && sp->value && !(sp->value >> 32);
	}
	return false;
}

/*
 * Of other architectures the layout is not known here: only what holds on all of them. "cc" is left
 * out, which is filling on x86 alone.
 */
static void classify_other(const struct od_report *rep, uint64_t value, struct od_address *ret)
{
	const bool narrow = is_narrow(rep) && !(value >> 32);
	const uint64_t wide = narrow ? value << 32 | value : value;
	uint64_t offset;

	ret->frame = frame_at(rep, value, &ret->frame_offset);
	if (ret->frame)
		ret->region = OD_ADDR_TEXT;
	else if (value < 16 * PAGE)
		ret->region = OD_ADDR_SMALL;
	else if (value >= (uint64_t)-4095 || (narrow && value >= (uint32_t)-4095))
		ret->region = OD_ADDR_ERR_PTR;
	else if (wide >> 56 != 0xcc && poison_text(wide, &offset) && (!narrow || !offset))
		ret->region = OD_ADDR_POISON;
}

void od_address_classify(const struct od_report *rep, uint64_t value, struct od_address *ret)
{
	uint64_t offset;

	*ret = (struct od_address){ .region = OD_ADDR_UNKNOWN };
	if (rep->arch && strcmp(rep->arch, "x86_64") != 0) {
		classify_other(rep, value, ret);
		return;
	}
	ret->frame = frame_at(rep, value, &ret->frame_offset);
	if (ret->frame)
		ret->region = OD_ADDR_TEXT;
	else if (value < 16 * PAGE)
		ret->region = OD_ADDR_SMALL;
	else if (value >= (uint64_t)-4095)
		ret->region = OD_ADDR_ERR_PTR;
	else if (poison_text(value, &offset))
		ret->region = OD_ADDR_POISON;
	else if (value < 0x800000000000)
		ret->region = OD_ADDR_USER;
	else if (value < 0xff00000000000000 || is_user_report(rep))
		ret->region = OD_ADDR_NONCANONICAL;
	else
		ret->region = value >= 0xffff800000000000 ? kernel_region(rep, value) : OD_ADDR_KERNEL;
	if (value >= 0xffffffff80000000 && rep->has_kaslr_offset &&
	    (ret->region == OD_ADDR_KERNEL_IMAGE ||
	     (ret->frame && !ret->frame->module && value < modules_start(rep)))) {
		ret->link = value - rep->kaslr_offset;
		ret->has_link = true;
	}
}

void od_address_describe(const struct od_report *rep, uint64_t value, struct od_buf *buf)
{
	static const char *const texts[] = {
		[OD_ADDR_NONCANONICAL] = "non-canonical: no address at all",
		[OD_ADDR_KERNEL_IMAGE] = "core kernel image",
		[OD_ADDR_MODULES] = "module area",
		[OD_ADDR_DIRECT_MAP] = "direct map",
		[OD_ADDR_STACK] = "stack of the crashing task",
		[OD_ADDR_VMALLOC] = "vmalloc area",
		[OD_ADDR_KERNEL] = "kernel address (direct map, vmalloc or vmemmap)",
		[OD_ADDR_FIXMAP] = "fixmap or cpu entry area",
	};
	struct od_address a;
	uint64_t offset = 0;

	od_address_classify(rep, value, &a);
	if (a.frame) {
		const struct od_frame *f = a.frame;

		od_buf_printf(buf, "%s+0x%llx", f->function ? f->function : f->symbol,
			      (unsigned long long)a.frame_offset);
		if (f->module)
			od_buf_printf(buf, " [%s]", f->module);
	} else if (a.region == OD_ADDR_ERR_PTR) {
		od_buf_printf(buf, "ERR_PTR(-%u)", (unsigned)-(uint32_t)value);
	} else if (a.region == OD_ADDR_POISON) {
		if (rep->arch && !(value >> 32) && is_narrow(rep))
			value |= value << 32;
		od_buf_addstr(buf, poison_text(value, &offset));
		if (offset && offset < PAGE)
			od_buf_printf(buf, ", plus 0x%x", (unsigned)offset);
	} else if ((size_t)a.region < sizeof(texts) / sizeof(*texts) && texts[a.region]) {
		od_buf_addstr(buf, texts[a.region]);
	}
	if (a.has_link)
		od_buf_printf(buf, ", link address 0x%llx", (unsigned long long)a.link);
}
