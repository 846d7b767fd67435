/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/page.h"

#include "base/escape.h"
#include "target/kernel/field.h"

enum { SECTION_FLAGS = 0x3f, PAGE_TYPE_BASE = 0xf0, MAX_FLAGS = 64 };

/* Bytes of struct page, 0: unknown. */
static uint64_t page_size_of(struct od_kernel *k)
{
	uint64_t size = od_kernel_size(k, "struct page");

	return size <= 1024 ? size : 0;
}

/* Address that the memory map of a section would have at pfn 0; 0: there is no such section. */
static uint64_t section_map(struct od_kernel *k, uint64_t section)
{
	uint64_t root = 0, size, offset, per_root, map, table;
	uint32_t width = k->mem->pointer_size;

	if (!k->info || !od_vmcoreinfo_symbol(k->info, "mem_section", &table) ||
	    !(size = od_kernel_size(k, "struct mem_section")) || size > k->mem->page_size ||
	    !od_kernel_offset(k, "struct mem_section", "section_mem_map", &offset))
		return 0;
	/* SPARSEMEM_EXTREME: an array of pages of sections. */
	per_root = k->mem->page_size / size;
	if (od_mem_pointer(k->mem, table + section / per_root * width, &root) != OD_MEM_OK ||
	    !root ||
	    od_mem_pointer(k->mem, root + section % per_root * size + offset, &map) != OD_MEM_OK)
		return 0;
	return map & ~(uint64_t)SECTION_FLAGS;
}

/*
 * A flag of its own up to 6.9. Since then the type of a page is told by page_type, which shares its
 * place with _mapcount: its upper byte (6.11 on), or flags that are cleared in a mask (6.10).
 * VMCOREINFO has the value.
 */
static bool is_slab(struct od_kernel *k, const struct od_page *p)
{
	uint64_t offset;
	int64_t number;
	uint32_t type, value;

	if (k->info && od_vmcoreinfo_number(k->info, "PAGE_SLAB_MAPCOUNT_VALUE", &number)) {
		value = (uint32_t)number;
		if (!od_kernel_offset(k, "struct page", "_mapcount", &offset) ||
		    od_mem_u32(k->mem, p->head + offset, &type) != OD_MEM_OK)
			return false;
		if (!(value & 0xffffff))
			return type >> 24 == value >> 24;
		return type >> 24 >= PAGE_TYPE_BASE && !(type & ~value);
	}
	if (!k->info || !od_vmcoreinfo_number(k->info, "PG_slab", &number))
		if (!od_kernel_types(k) || !od_btf_enumerator(k->btf, "PG_slab", &number))
			return false;
	return number >= 0 && number < 64 && p->flags >> number & 1;
}

bool od_kernel_page(struct od_kernel *k, uint64_t phys, struct od_page *ret)
{
	uint64_t size = page_size_of(k), offset, value, map;
	int64_t bits;

	*ret = (struct od_page){ .pfn = phys / k->mem->page_size };
	if (!size || !k->info || !od_vmcoreinfo_number(k->info, "SECTION_SIZE_BITS", &bits) ||
	    bits < 12 || bits > 40)
		return false;
	map = section_map(k, phys >> bits);
	if (!map)
		return false;
	ret->page = ret->head = map + ret->pfn * size;
	ret->head_pfn = ret->pfn;
	if (od_kernel_offset(k, "struct page", "compound_head", &offset) &&
	    od_mem_pointer(k->mem, ret->page + offset, &value) == OD_MEM_OK && (value & 1) &&
	    ret->page - (value - 1) < ret->pfn * size) {
		ret->tail = true;
		ret->head = value - 1;
		ret->head_pfn = ret->pfn - (ret->page - ret->head) / size;
	}
	if (!od_kernel_offset(k, "struct page", "flags", &offset) ||
	    od_mem_pointer(k->mem, ret->head + offset, &ret->flags) != OD_MEM_OK)
		return false;
	ret->slab = is_slab(k, ret);
	return true;
}

bool od_page_flags(struct od_kernel *k, uint64_t flags, struct od_buf *out)
{
	const struct od_btf *btf = od_kernel_types(k);
	uint32_t type = btf ? od_btf_find(btf, "enum pageflags") : 0;
	int64_t count = 0;
	bool any = false;

	if (!type || !od_btf_enumerator(btf, "__NR_PAGEFLAGS", &count) || count > MAX_FLAGS)
		return false;
	for (int64_t bit = 0; bit < count; bit++) {
		const char *name = flags >> bit & 1 ? od_btf_enumerator_name(btf, type, bit) : NULL;

		if (!name)
			continue;
		od_buf_addstr(out, any ? "|" : "");
		od_escape_str(out, OD_ESCAPE_TEXT,
			      name[0] == 'P' && name[1] == 'G' ? name + 3 : name);
		any = true;
	}
	if (!any)
		od_buf_addstr(out, "none");
	return true;
}
