/* SPDX-License-Identifier: GPL-3.0-or-later */
/* struct page of an address, slab objects, vmalloc areas: what the kernel's allocators say of it.
 */
#ifndef OD_TARGET_KERNEL_PAGE_H
#define OD_TARGET_KERNEL_PAGE_H

#include "base/buf.h"
#include "target/kernel/kernel.h"

struct od_page {
	uint64_t pfn;
	uint64_t page;	/* address of its struct page */
	uint64_t head;	/* of the first page of its folio: itself, if it is no tail page */
	uint64_t head_pfn;
	uint64_t flags; /* of the head */
	bool tail;
	bool slab;	/* belongs to the slab allocator */
};

/*
 * The struct page of a physical address, by SPARSEMEM's mem_section (include/linux/mmzone.h), which
 * VMCOREINFO describes. False: the kernel has none for it, or it cannot be read.
 */
bool od_kernel_page(struct od_kernel *k, uint64_t phys, struct od_page *ret);
/* "locked|uptodate": names of enum pageflags. False, and nothing is added: there are no types. */
bool od_page_flags(struct od_kernel *k, uint64_t flags, struct od_buf *out);

enum od_object_state {
	OD_OBJECT_UNKNOWN,   /* it cannot be decided */
	OD_OBJECT_ALLOCATED, /* on no list of free objects */
	OD_OBJECT_FREE,
	OD_OBJECT_NONE, /* behind the last object of the slab, or in the padding of one */
};

struct od_slab_object {
	uint64_t cache;	   /* struct kmem_cache */
	char name[64];	   /* of the cache; any bytes */
	uint64_t slab;	   /* struct slab (struct page before 5.17) */
	uint64_t first;	   /* address of the slab's memory */
	uint64_t object;   /* where the object begins: what kmalloc() returned */
	uint64_t size;	   /* bytes of it that may be used; 0: unknown */
	uint64_t stride;   /* bytes from one object to the next */
	uint32_t index, count; /* of the object; objects of the slab */
	enum od_object_state state;
	const char *damage; /* what is wrong with the list of free objects; NULL. Static */
};

/*
 * The object that virt lies in; page is its struct page, with slab set. SLUB, with hardened free
 * lists too, and SLAB without the state. False: no types, or nothing makes sense.
 */
bool od_kernel_slab(struct od_kernel *k, uint64_t virt, const struct od_page *page,
		    struct od_slab_object *ret);

struct od_vmalloc {
	uint64_t start, end; /* with the guard page */
	uint64_t vm;	     /* struct vm_struct; 0: none, as of a module's or per-cpu memory */
	uint64_t caller;     /* who allocated it; 0: unknown */
};

/* The vmap_area that virt lies in: the tree of vmap_area_root, or those of vmap_nodes (6.9 on). */
bool od_kernel_vmalloc(struct od_kernel *k, uint64_t virt, struct od_vmalloc *ret);

#endif
