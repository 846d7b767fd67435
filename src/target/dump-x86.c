/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86-64 page tables of 4 and 5 levels (Intel SDM vol. 3 ch. 4; Linux arch/x86/include/asm/pgtable_types.h
 * and page_64_types.h, 2.6.24 to 7.x). The top table is the kernel's own, whatever CR3 a CPU had.
 */
#include "target/dump-xlat.h"

#define START_KERNEL_MAP 0xffffffff80000000ull /* since 2.6.24; before, and never in a vmcore, 4 GB less */
#define ADDRESS 0x000ffffffffff000ull

enum { PRESENT = 0x1, HUGE = 0x80, LARGEST = 3 /* level: 1 GB */ };

static enum od_mem_status walk_x86(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out)
{
	static const char *const names[] = { "", "PTE", "PMD", "PUD", "P4D", "PGD" };
	struct od_xlat *x = &d->xlat;
	uint64_t table = x->root, entry;

	x->span = x->bits - 1; /* all that has the same bits above is canonical, or not */
	if ((uint64_t)((int64_t)(virt << (64 - x->bits)) >> (64 - x->bits)) != virt)
		return OD_MEM_UNMAPPED; /* not canonical */
	for (unsigned level = x->levels; level; level--) {
		unsigned shift = x->span = 12 + 9 * (level - 1);
		const char *name = level == 4 && x->levels == 4 ? "PGD" : names[level];
		enum od_mem_status status = od_xlat_entry(d, name, table + (virt >> shift & 511) * 8, &entry, out);

		if (status != OD_MEM_OK)
			return status;
		if (!(entry & PRESENT))
			return OD_MEM_UNMAPPED;
		table = entry & x->mask;
		if (level == 1 || (level <= LARGEST && entry & HUGE)) {
			uint64_t in = (1ull << shift) - 1;

			*phys = (table & ~in) | (virt & in);
			return OD_MEM_OK;
		}
	}
	return OD_MEM_UNMAPPED;
}

struct od_error *od_xlat_x86_64(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	struct od_xlat *x = &d->xlat;
	int64_t phys_base = (int64_t)d->phys_base, five = 0, sme = 0, size;
	uint64_t root;

	if (!od_vmcoreinfo_symbol(info, "swapper_pg_dir", &root) &&
	    !od_vmcoreinfo_symbol(info, "init_top_pgt", &root) &&
	    !od_vmcoreinfo_symbol(info, "init_level4_pgt", &root))
		return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no SYMBOL(swapper_pg_dir)");
	/* The number is there since 4.10 (401721ecd1dc); before, the headers of the dump say it. */
	if (!od_vmcoreinfo_number(info, "phys_base", &phys_base) && !d->has_phys_base)
		return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no NUMBER(phys_base)");
	(void)od_vmcoreinfo_number(info, "pgtable_l5_enabled", &five);
	(void)od_vmcoreinfo_number(info, "sme_mask", &sme);
	if (!od_vmcoreinfo_number(info, "KERNEL_IMAGE_SIZE", &size) || size <= 0 || size > 1ll << 31)
		size = 512 << 20;
	x->page_shift = 12;
	x->levels = five == 1 ? 5 : 4;
	x->bits = 12 + 9 * x->levels;
	x->first = ~(uint64_t)0 << (x->bits - 1);
	x->mask = ADDRESS & ~(uint64_t)sme;
	x->text_start = START_KERNEL_MAP;
	x->text_end = START_KERNEL_MAP + (uint64_t)size - 1;
	x->text_offset = START_KERNEL_MAP - (uint64_t)phys_base;
	if (root < x->text_start || root > x->text_end || root & 4095)
		return od_error_new(OD_ERR_UNSUPPORTED, "SYMBOL(swapper_pg_dir) of VMCOREINFO makes no sense");
	x->root = root - x->text_offset;
	x->walk = walk_x86;
	return NULL;
}
