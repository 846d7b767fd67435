/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel virtual addresses. The tables are always walked, so an address that is not mapped is said
 * to be; the linear map of the kernel image is only asked if a table itself is missing in the dump.
 */
#include "target/dump-xlat.h"

static const struct {
	const char *arch;
	struct od_error *(*setup)(struct od_dump *d, const struct od_vmcoreinfo *info);
} archs[] = {
	{ "x86_64", od_xlat_x86_64 },
	{ "aarch64", od_xlat_arm64 },
};

struct od_error *od_xlat_symbol(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret)
{
	if (od_vmcoreinfo_symbol(info, name, ret))
		return NULL;
	return od_error_new(OD_ERR_UNSUPPORTED, "VMCOREINFO has no SYMBOL(%s)", name);
}

enum od_mem_status od_xlat_entry(struct od_dump *d, const char *level, uint64_t at, uint64_t *entry,
				 struct od_buf *out)
{
	uint8_t bytes[8];
	size_t got;
	enum od_mem_status status = od_dump_phys(d, at, bytes, sizeof(bytes), &got);

	*entry = status == OD_MEM_OK ? od_get(bytes, 8, d->mem.big_endian) : 0;
	if (out && status == OD_MEM_OK)
		od_buf_printf(out, "%s %016llx: %016llx\n", level, (unsigned long long)at,
			      (unsigned long long)*entry);
	else if (out)
		od_buf_printf(out, "%s %016llx: %s\n", level, (unsigned long long)at,
			      od_mem_status_text(status));
	return status;
}

/* Where the walk failed because a table is not in the dump, the linear map of the image may do. */
static enum od_mem_status walk(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out)
{
	struct od_xlat *x = &d->xlat;
	enum od_mem_status status = x->walk(d, virt, phys, out);

	if (status == OD_MEM_OK || status == OD_MEM_UNMAPPED || virt < x->text_start || virt > x->text_end)
		return status;
	*phys = virt - x->text_offset;
	if (out)
		od_buf_printf(out, "by the linear map of the kernel image\n");
	return OD_MEM_OK;
}

enum od_mem_status od_xlat(struct od_dump *d, uint64_t virt, uint64_t *phys)
{
	struct od_xlat *x = &d->xlat;
	uint64_t page, in;
	struct od_tlb_entry *t;
	enum od_mem_status status;

	if (!x->walk)
		return OD_MEM_UNMAPPED;
	page = virt >> x->page_shift;
	in = virt & ((1ull << x->page_shift) - 1);
	t = &x->tlb[page % OD_TLB];
	if (t->tag != page + 1) {
		t->tag = 0;
		status = walk(d, virt - in, &t->frame, NULL);
		if (status != OD_MEM_OK)
			return status;
		t->tag = page + 1;
	}
	*phys = t->frame + in;
	return OD_MEM_OK;
}

struct od_error *od_dump_translate(struct od_dump *d, const struct od_vmcoreinfo *info)
{
	if (!d->facts.arch)
		return od_error_new(OD_ERR_UNSUPPORTED, "nothing says which architecture the dump is of");
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		if (!strcmp(archs[i].arch, d->facts.arch)) {
			struct od_error *err;

			memset(&d->xlat, 0, sizeof(d->xlat));
			err = archs[i].setup(d, info);
			if (err)
				memset(&d->xlat, 0, sizeof(d->xlat));
			else
				d->mem.page_size = 1u << d->xlat.page_shift;
			return err;
		}
	if (d->ops->virt)
		return NULL;
	return od_error_new(OD_ERR_UNSUPPORTED, "virtual addresses of %s are not translated", d->facts.arch);
}

enum od_mem_status od_dump_vtop(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out)
{
	return d->xlat.walk ? walk(d, virt, phys, out) : OD_MEM_UNMAPPED;
}

enum od_mem_status od_dump_span(struct od_dump *d, uint64_t virt, uint64_t *phys, uint64_t *span)
{
	enum od_mem_status status = OD_MEM_UNMAPPED;

	d->xlat.span = d->xlat.page_shift;
	if (d->xlat.walk)
		status = d->xlat.walk(d, virt, phys, NULL);
	*span = (uint64_t)1 << d->xlat.span;
	return status;
}

uint64_t od_dump_kernel_half(const struct od_dump *d)
{
	return d->xlat.walk ? d->xlat.first : 0;
}
