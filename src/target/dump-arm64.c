/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm64 page tables (Arm ARM D8; Linux arch/arm64/include/asm/pgtable-hwdef.h, 4.12 to 7.x) of pages of
 * 4, 16 and 64 KiB, and of 36 to 52 bits. Only the kernel's half, that of TTBR1.
 */
#include <stdlib.h>

#include "target/dump-xlat.h"

enum { VALID = 1, TABLE = 2 };

/* Where an entry points. Bits 15:12 (64 KiB pages), or 9:8 (others, with 52 bits), hold the top of it. */
static uint64_t target(const struct od_xlat *x, uint64_t entry)
{
	uint64_t addr = entry & x->mask;

	if (x->page_shift == 16)
		addr |= (entry >> 12 & 0xf) << 48;
	else if (x->lpa2)
		addr |= (entry >> 8 & 3) << 50;
	return addr;
}

static enum od_mem_status walk_arm64(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out)
{
	/* As the architecture counts: 3 is the last, -1 the first of five. */
	static const char *const names[] = { "", "level 3", "level 2", "level 1", "level 0", "level -1" };
	struct od_xlat *x = &d->xlat;
	unsigned step = x->page_shift - 3;
	uint64_t table = x->root, entry;

	x->span = x->bits;
	if (virt >> x->bits != UINT64_MAX >> x->bits)
		return OD_MEM_UNMAPPED;
	for (unsigned level = x->levels; level; level--) {
		unsigned shift = x->span = x->page_shift + step * (level - 1);
		unsigned width = level == x->levels ? x->bits - shift : step;
		uint64_t index = virt >> shift & ((1ull << width) - 1);
		enum od_mem_status status = od_xlat_entry(d, names[level], table + index * 8, &entry, out);

		if (status != OD_MEM_OK)
			return status;
		if (!(entry & VALID) || (level == 1 && !(entry & TABLE)))
			return OD_MEM_UNMAPPED;
		table = target(x, entry);
		if (level == 1 || !(entry & TABLE)) {
			uint64_t in = (1ull << shift) - 1;

			*phys = (table & ~in) | (virt & in);
			return OD_MEM_OK;
		}
	}
	return OD_MEM_UNMAPPED;
}

struct od_error *od_xlat_arm64(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	struct od_xlat *x = &d->xlat;
	const char *page = od_vmcoreinfo_value(info, "PAGESIZE");
	uint64_t page_size = page ? strtoull(page, NULL, 10) : 0, root;
	int64_t va_bits, t1sz, voffset;
	struct od_error *err = od_xlat_symbol(info, "swapper_pg_dir", &root);

	if (err)
		return err;
	if (page_size != 4096 && page_size != 16384 && page_size != 65536)
		return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no PAGESIZE that arm64 knows");
	if (!od_vmcoreinfo_number(info, "VA_BITS", &va_bits) || va_bits < 36 || va_bits > 52)
		return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no NUMBER(VA_BITS) that makes sense");
	if (!od_vmcoreinfo_number(info, "kimage_voffset", &voffset))
		return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no NUMBER(kimage_voffset)");
	x->page_shift = (unsigned)__builtin_ctzll(page_size);
	x->bits = (unsigned)va_bits;
	/*
	 * A kernel built for 52 bits on a machine of 48: its top table shrinks (4, 16 KiB: levels are folded),
	 * or stays, and is used from its middle on (64 KiB; the index is that of 52 bits then).
	 */
	if (od_vmcoreinfo_number(info, "TCR_EL1_T1SZ", &t1sz) && x->page_shift != 16 && t1sz >= 12 &&
	    t1sz <= 28)
		x->bits = 64 - (unsigned)t1sz;
	x->first = ~(uint64_t)0 << x->bits;
	x->lpa2 = x->page_shift != 16 && x->bits == 52;
	x->levels = (x->bits - x->page_shift + x->page_shift - 4) / (x->page_shift - 3);
	x->mask = ((x->lpa2 ? 1ull << 50 : 1ull << 48) - 1) & ~(page_size - 1);
	x->text_offset = (uint64_t)voffset;
	/* The tables lie behind the text in the image; where that ends VMCOREINFO does not say. */
	if (!od_vmcoreinfo_symbol(info, "_stext", &x->text_start) || x->text_start > root)
		x->text_start = root;
	x->text_end = root;
	x->root = root - x->text_offset;
	x->walk = walk_arm64;
	return NULL;
}
