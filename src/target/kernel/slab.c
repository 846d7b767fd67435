/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slab objects (mm/slub.c, mm/slab.c, include/linux/slub_def.h; 4.18 to 7.x). */
#include <string.h>

#include "target/kernel/field.h"
#include "target/kernel/page.h"
#include "target/kernel/percpu.h"

enum { MAX_OBJECTS = 1 << 16 };

struct slab {
	struct od_kernel *k;
	struct od_slab_object *o;
	const char *type;	/* "struct slab", "struct page" */
	uint64_t pad; /* red zone on the left of each object: its address is behind that */
	uint64_t next;		/* offset of the pointer to the next free object in one */
	uint64_t random;	/* what it is disguised with; 0: nothing */
	bool swab;		/* and whether its own address, swapped, is in it: 5.7 on */
};

static uint64_t member(struct od_kernel *k, uint64_t addr, const char *type, const char *name)
{
	uint64_t ret = 0;

	return od_kernel_member(k, addr, type, name, &ret) ? ret : 0;
}

static uint64_t swap_bytes(const struct od_kernel *k, uint64_t p)
{
	return k->mem->pointer_size == 4 ? __builtin_bswap32((uint32_t)p) : __builtin_bswap64(p);
}

/* Can this be the address of a free object, or the end of the list? */
static bool fits(const struct slab *s, uint64_t object)
{
	uint64_t at = object - s->o->first - s->pad;

	return !object || (at / s->o->stride < s->o->count && at % s->o->stride == 0);
}

/* The object after this one on its list. False: it cannot be read. */
static bool next_free(const struct slab *s, uint64_t object, bool swab, uint64_t *ret)
{
	uint64_t at = object + s->next, raw;

	if (od_mem_pointer(s->k->mem, at, &raw) != OD_MEM_OK)
		return false;
	*ret = s->random ? raw ^ s->random ^ (swab ? swap_bytes(s->k, at) : at) : raw;
	return true;
}

/* Is object on the list that begins with first? */
static bool on_list(struct slab *s, uint64_t first, uint64_t object)
{
	uint64_t next;

	for (uint32_t i = 0; first; i++) {
		if (!fits(s, first)) {
			s->o->damage = "it leads out of the slab";
			return false;
		}
		if (first == object)
			return true;
		if (i == s->o->count) {
			s->o->damage = "it has a circle";
			return false;
		}
		if (!next_free(s, first, s->swab, &next))
			return false;
		/* The disguise is whichever yields an object of this slab. */
		if (!fits(s, next) && s->random && s->swab) {
			uint64_t other;

			if (next_free(s, first, false, &other) && fits(s, other)) {
				s->swab = false;
				next = other;
			}
		}
		first = next;
	}
	return false;
}

/* Objects that a CPU has taken off the slab's own list: those of the slab that it allocates from.
 */
static bool on_cpu_list(struct slab *s, uint64_t object)
{
	uint64_t base = member(s->k, s->o->cache, "struct kmem_cache", "cpu_slab"), slab, cpu_slab;
	struct od_field page, freelist;

	if (!base || !od_kernel_field(s->k, "struct kmem_cache_cpu", "slab|page", &page) ||
	    !od_kernel_field(s->k, "struct kmem_cache_cpu", "freelist", &freelist))
		return false;
	for (uint32_t cpu = 0; cpu < od_kernel_ncpus(s->k); cpu++) {
		cpu_slab = od_kernel_percpu(s->k, base, cpu);
		if (cpu_slab && od_field_read(s->k, &page, cpu_slab, &slab) && slab == s->o->slab &&
		    od_field_read(s->k, &freelist, cpu_slab, &slab) && on_list(s, slab, object))
			return true;
	}
	return false;
}

static void decide(struct slab *s, uint64_t object)
{
	struct od_field f;
	uint64_t first;

	if (!od_kernel_field(s->k, s->type, "freelist", &f) ||
	    !od_field_read(s->k, &f, s->o->slab, &first) ||
	    !od_kernel_field(s->k, "struct kmem_cache", "offset", &f) ||
	    !od_field_read(s->k, &f, s->o->cache, &s->next) || s->next >= s->o->stride)
		return;
	s->random = member(s->k, s->o->cache, "struct kmem_cache", "random");
	s->swab = true;
	if (on_list(s, first, object) || on_cpu_list(s, object))
		s->o->state = OD_OBJECT_FREE;
	/* 6.18 on: free ones may wait in a sheaf of a CPU. */
	else if (!s->o->damage && !member(s->k, s->o->cache, "struct kmem_cache", "cpu_sheaves"))
		s->o->state = OD_OBJECT_ALLOCATED;
}

static bool read_cache(struct slab *s)
{
	struct od_slab_object *o = s->o;
	uint64_t name;

	o->cache = member(s->k, o->slab, s->type, "slab_cache");
	name = member(s->k, o->cache, "struct kmem_cache", "name");
	if (!o->cache || od_mem_string(s->k->mem, name, o->name, sizeof(o->name)) != OD_MEM_OK)
		return false;
	o->stride = member(s->k, o->cache, "struct kmem_cache", "size");
	o->size = member(s->k, o->cache, "struct kmem_cache", "object_size");
	o->count = (uint32_t)member(s->k, o->slab, s->type, "objects");
	/* SLAB: the number is that of the cache. */
	if (!o->count)
		o->count = (uint32_t)member(s->k, o->cache, "struct kmem_cache", "num");
	s->pad = member(s->k, o->cache, "struct kmem_cache", "red_left_pad");
	return o->stride && o->stride <= 1 << 24 && o->size <= o->stride && s->pad < o->stride &&
	       o->count && o->count <= MAX_OBJECTS;
}

bool od_kernel_slab(struct od_kernel *k, uint64_t virt, const struct od_page *page,
		    struct od_slab_object *ret)
{
	struct slab s = { .k = k, .o = ret };
	uint64_t mask = k->mem->page_size - 1, start;

	*ret = (struct od_slab_object){ .slab = page->head };
	if (!od_kernel_types(k))
		return false;
	s.type = od_btf_find(k->btf, "struct slab") ? "struct slab" : "struct page";
	if (!od_btf_offset(k->btf, s.type, "slab_cache", &start))
		s.type = "struct page"; /* struct slab of mm/slab.c is another one */
	if (!read_cache(&s))
		return false;
	ret->first = (virt & ~mask) - (page->pfn - page->head_pfn) * k->mem->page_size;
	start = member(k, ret->slab, s.type, "s_mem"); /* SLAB: with its colour */
	if (start && virt >= start && !od_btf_find(k->btf, "struct kmem_cache_cpu"))
		ret->first = start;
	if ((virt - ret->first) / ret->stride >= ret->count) {
		ret->state = OD_OBJECT_NONE;
		return true;
	}
	ret->index = (uint32_t)((virt - ret->first) / ret->stride);
	start = ret->first + ret->index * ret->stride;
	ret->object = start + s.pad;
	if (virt < ret->object || virt - ret->object >= ret->size)
		ret->state = OD_OBJECT_NONE;
	else
		decide(&s, ret->object);
	return true;
}
