/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/pointer.h"

#include <string.h>

#include "target/kernel/percpu.h"

enum { MAX_ERRNO = 4095, MIN_STRING = 2 };

/* --- numbers that are no address of the kernel --------------------------------------------- */

/*
 * x86-64: bits 47 to 63 are equal, or with five levels 56 to 63; arm64: 48 (52) to 63, the top byte
 * of user addresses may be anything.
 */
static bool no_kernel_address(struct od_kernel *k, struct od_pointer *p)
{
	uint64_t top = k->mem->pointer_size == 4 ? (uint64_t)UINT32_MAX : UINT64_MAX;
	unsigned shift = k->arm64 ? 52 : 47;
	int64_t five = 0;

	if (k->x86 && k->info && od_vmcoreinfo_number(k->info, "pgtable_l5_enabled", &five) && five)
		shift = 56;
	if (p->addr < k->mem->page_size) {
		p->kind = OD_POINTER_NULL;
	} else if (p->addr >= top - MAX_ERRNO + 1) {
		p->kind = OD_POINTER_ERROR;
		p->error = (int)(top - p->addr + 1);
	} else if (k->mem->pointer_size == 4) {
		return false;
	} else if (p->addr >> shift == 0) {
		p->kind = OD_POINTER_USER;
	} else if (p->addr >> shift != UINT64_MAX >> shift && (k->x86 || k->arm64)) {
		p->kind = OD_POINTER_NON_CANONICAL;
	} else {
		return false;
	}
	return true;
}

/* --- the image of the kernel, and modules ---------------------------------------------------- */

static bool is_text_byte(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

/* A constant is shown as text if all of it is, up to its NUL or as far as there is room. */
static void read_string(struct od_kernel *k, struct od_pointer *p)
{
	char text[OD_POINTER_STRING + 1];
	size_t len;

	if (od_mem_string(k->mem, p->addr, text, sizeof(text)) != OD_MEM_OK)
		return;
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if (!is_text_byte((unsigned char)text[i]))
			return;
	if (len < MIN_STRING)
		return;
	p->string_cut = len == OD_POINTER_STRING;
	memcpy(p->string, text, OD_POINTER_STRING - 1);
}

static bool between(struct od_kernel *k, uint64_t addr, const char *first, const char *last)
{
	uint64_t from = od_kernel_symbol(k, first), to = od_kernel_symbol(k, last);

	return from && to && addr >= from && addr < to;
}

static bool in_image(struct od_kernel *k, struct od_pointer *p)
{
	uint64_t first = od_kernel_symbol(k, "_text"), last = od_kernel_symbol(k, "_end");

	if (!first)
		first = od_kernel_symbol(k, "_stext");
	if (!first || p->addr < first || (last && p->addr >= last))
		return false;
	p->has_symbol = od_symtab_at(k->symtab, p->addr, &p->symbol) && !p->symbol.module;
	if (!p->has_symbol && !last)
		return false;
	if (between(k, p->addr, "__start_rodata", "__end_rodata"))
		p->kind = OD_POINTER_RODATA;
	else if (between(k, p->addr, "_stext", "_etext") ||
		 (p->has_symbol && strchr("tT", p->symbol.type)))
		p->kind = OD_POINTER_TEXT;
	else
		p->kind = OD_POINTER_DATA;
	if (p->kind == OD_POINTER_RODATA)
		read_string(k, p);
	return true;
}

static bool in_module(struct od_kernel *k, struct od_pointer *p)
{
	const struct od_kmodule_range *range;

	p->module = od_kmodule_at(od_kernel_modules(k), p->addr, &range);
	if (!p->module)
		return false;
	p->part = range->part;
	p->has_symbol = od_symtab_at(k->symtab, p->addr, &p->symbol);
	if (p->addr - p->module->text < p->module->text_size || range->part == OD_PART_INIT_TEXT)
		p->kind = OD_POINTER_TEXT;
	else if (range->part == OD_PART_RODATA || range->part == OD_PART_INIT_RODATA)
		p->kind = OD_POINTER_RODATA;
	else if (range->part == OD_PART_CORE && p->addr - range->base < p->module->ro_size)
		p->kind = OD_POINTER_RODATA;
	else
		p->kind = OD_POINTER_DATA;
	if (p->kind == OD_POINTER_RODATA)
		read_string(k, p);
	return true;
}

/* --- tasks and CPUs -------------------------------------------------------------------------- */

static bool of_task(struct od_kernel *k, struct od_pointer *p)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);

	p->task = od_task_by_stack(k, tasks, p->addr);
	if (p->task) {
		p->kind = OD_POINTER_STACK;
		p->offset = p->addr - p->task->stack;
		return true;
	}
	p->task = od_task_around(k, tasks, p->addr);
	if (!p->task)
		return false;
	p->kind = OD_POINTER_TASK;
	p->offset = p->addr - p->task->addr;
	return true;
}

static bool on_cpu_stack(struct od_kernel *k, struct od_pointer *p)
{
	for (uint32_t cpu = 0; cpu < od_kernel_ncpus(k); cpu++) {
		struct od_stack_ranges stacks = { 0 };
		int found;

		od_stacks_of_cpu(k, cpu, &stacks);
		found = od_stacks_find(&stacks, p->addr, 1);
		if (found < 0)
			continue;
		p->kind = OD_POINTER_CPU_STACK;
		p->cpu = (int32_t)cpu;
		p->stack = stacks.r[found].kind;
		p->offset = p->addr - stacks.r[found].begin;
		return true;
	}
	return false;
}

struct nearest {
	uint64_t value, end;
	struct od_symbol *best;
	bool any;
};

static bool nearer(void *ctx, const struct od_symbol *sym)
{
	struct nearest *n = ctx;

	if (sym->module || sym->addr > n->value || sym->addr >= n->end ||
	    (n->any && sym->addr <= n->best->addr))
		return true;
	*n->best = *sym;
	n->any = true;
	return true;
}

/*
 * Symbols of per-cpu variables are offsets where the section begins at 0: then no table covers
 * them.
 */
static bool percpu_symbol(struct od_kernel *k, uint64_t value, uint64_t end, struct od_symbol *ret)
{
	struct nearest n = { .value = value, .end = end, .best = ret };

	if (od_symtab_at(k->symtab, value, ret))
		return true;
	od_symtab_each(k->symtab, "", nearer, &n);
	if (n.any)
		ret->size = 0;
	return n.any;
}

static bool in_percpu(struct od_kernel *k, struct od_pointer *p)
{
	struct od_symbol sym;
	uint64_t start = 0, end;

	if (od_symtab_find(k->symtab, "__per_cpu_start", "", &sym))
		start = sym.addr;
	end = od_kernel_symbol(k, "__per_cpu_end");
	if (end <= start || od_kernel_ncpus(k) == 0 || !k->cpu_offsets)
		return false;
	for (uint32_t cpu = 0; cpu < k->ncpus; cpu++) {
		uint64_t value = p->addr - k->cpu_offsets[cpu];

		if (!k->cpu_offsets[cpu] || value - start >= end - start)
			continue;
		p->kind = OD_POINTER_PERCPU;
		p->cpu = (int32_t)cpu;
		p->has_symbol = percpu_symbol(k, value, end, &p->symbol);
		p->offset = p->has_symbol ? value - p->symbol.addr : value - start;
		return true;
	}
	return false;
}

/* --- allocated memory ---------------------------------------------------------------- */

static bool in_direct_map(struct od_kernel *k, struct od_pointer *p)
{
	uint64_t phys;

	if (!k->dump || od_dump_vtop(k->dump, p->addr, &phys, NULL) != OD_MEM_OK ||
	    !od_kernel_page(k, phys, &p->page))
		return false;
	p->has_page = true;
	p->kind = OD_POINTER_PAGE;
	if (p->page.slab && od_kernel_slab(k, p->addr, &p->page, &p->slab))
		p->kind = OD_POINTER_SLAB;
	return true;
}

void od_kernel_pointer(struct od_kernel *k, uint64_t addr, struct od_pointer *ret)
{
	/* From what is certain and cheap to what is neither. vmalloc before pages: it is mapped
	 * twice. */
	static bool (*const tests[])(struct od_kernel *, struct od_pointer *) = {
		no_kernel_address, in_image, in_module, of_task, on_cpu_stack, in_percpu,
	};
	uint8_t byte;

	*ret = (struct od_pointer){ .addr = addr, .cpu = -1 };
	ret->status = od_mem_u8(k->mem, addr, &byte);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		if (tests[i](k, ret))
			return;
	if (od_kernel_vmalloc(k, addr, &ret->vmalloc))
		ret->kind = OD_POINTER_VMALLOC;
	else
		in_direct_map(k, ret);
}
