/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mm/slub.c: a node counts its slabs and their objects (CONFIG_SLUB_DEBUG); free objects are those of slabs on
 * lists of partial ones, of nodes and CPUs, and those that a CPU took for itself.
 */
#include "target/kernel/slabs.h"

#include <string.h>

#include "target/kernel/field.h"
#include "target/kernel/percpu.h"

enum { MAX_NODES = 1024, MAX_SLABS = 1 << 20, MAX_OBJECTS = 1 << 16 };

struct layout {
	struct od_field name, size, object_size, oo, offset, random, cpu_slab, sheaves; /* kmem_cache */
	uint64_t list, node;  /* offsets in it */
	uint32_t nodes;	      /* elements of node[] */
	struct od_field nr_slabs, total_objects; /* kmem_cache_node */
	uint64_t partial;
	struct od_field cpu_page, cpu_freelist, cpu_partial; /* kmem_cache_cpu */
	struct od_field inuse, objects, next;		     /* slab, or page before 5.17 */
	uint64_t slab_list;
};

struct walk {
	struct od_kernel *k;
	struct layout l;
	struct od_slab_cache *c;
	uint64_t stride, next, random;
	uint64_t nslabs; /* on lists, of all caches: hostile ones cannot have more and more */
	const char *name;
	bool (*fn)(void *ctx, const struct od_slab_cache *cache);
	void *ctx;
};

#define ROW(paths, member) { paths, offsetof(struct layout, member) }
static const struct od_field_row cache_rows[] = {
	ROW("name", name), ROW("size", size), ROW("object_size|objsize", object_size), ROW("oo.x|oo", oo),
	ROW("offset", offset), ROW("random", random), ROW("cpu_slab", cpu_slab), ROW("cpu_sheaves", sheaves),
};
static const struct od_field_row node_rows[] = { ROW("nr_slabs", nr_slabs), ROW("total_objects", total_objects) };
static const struct od_field_row cpu_rows[] = {
	ROW("slab|page", cpu_page), ROW("freelist", cpu_freelist), ROW("partial", cpu_partial),
};
static const struct od_field_row slab_rows[] = { ROW("inuse", inuse), ROW("objects", objects), ROW("next", next) };
#define ROWS(rows) rows, sizeof(rows) / sizeof(*(rows))

/* Elements of kmem_cache.node[]; the kernel has fewer, the others are not there. */
static uint32_t count_nodes(struct od_kernel *k)
{
	const struct od_btf *btf = od_kernel_types(k);
	struct od_member m;
	struct od_type t;

	if (!od_btf_member(btf, od_btf_find(btf, "struct kmem_cache"), "node", &m) ||
	    !od_btf_resolve(btf, m.type, &t) || t.kind != OD_TYPE_ARRAY)
		return 0;
	return t.count < MAX_NODES ? t.count : MAX_NODES;
}

/* The number of nodes that a kernel may have is not in its types; nr_node_ids says how many there are. */
static void limit_nodes(struct od_kernel *k, struct layout *l)
{
	uint64_t at = od_kernel_symbol(k, "nr_node_ids");
	uint32_t n;

	if (at && od_mem_u32(k->mem, at, &n) == OD_MEM_OK && n && n < l->nodes)
		l->nodes = n;
}

static bool find_layout(struct od_kernel *k, struct layout *l)
{
	const char *slab = "struct slab";
	uint64_t unused;

	*l = (struct layout){ 0 };
	if (!od_kernel_offset(k, slab, "slab_cache", &unused))
		slab = "struct page";
	od_kernel_fields(k, "struct kmem_cache", ROWS(cache_rows), l);
	od_kernel_fields(k, "struct kmem_cache_node", ROWS(node_rows), l);
	od_kernel_fields(k, "struct kmem_cache_cpu", ROWS(cpu_rows), l);
	od_kernel_fields(k, slab, ROWS(slab_rows), l);
	l->nodes = count_nodes(k);
	limit_nodes(k, l);
	return l->name.known && l->size.known && l->object_size.known && l->oo.known && l->nodes &&
	       od_kernel_offset(k, "struct kmem_cache", "list", &l->list) &&
	       od_kernel_offset(k, "struct kmem_cache", "node", &l->node) &&
	       (od_kernel_offset(k, slab, "slab_list", &l->slab_list) || od_kernel_offset(k, slab, "lru", &l->slab_list)) &&
	       od_kernel_offset(k, "struct kmem_cache_node", "partial", &l->partial);
}

static uint64_t field(struct walk *w, const struct od_field *f, uint64_t addr)
{
	uint64_t ret;

	return od_field_read(w->k, f, addr, &ret) ? ret : 0;
}

static void damaged(struct walk *w, const char *what)
{
	if (!w->c->damage)
		w->c->damage = what;
}

/* A slab on a list: those of its objects that are not in use are free. */
static bool add_slab(void *ctx, uint64_t slab)
{
	struct walk *w = ctx;
	uint64_t inuse, objects;

	if (w->nslabs++ >= MAX_SLABS) {
		damaged(w, "its lists have more slabs than there can be");
		return false;
	}
	if (!od_field_read(w->k, &w->l.inuse, slab, &inuse) || !od_field_read(w->k, &w->l.objects, slab, &objects)) {
		damaged(w, "a slab cannot be read");
		return true;
	}
	if (inuse <= objects)
		w->c->free += objects - inuse;
	else
		damaged(w, "a slab has more objects in use than it has");
	return true;
}

/* Of a CPU: linked by next, the last one has none. */
static void add_partial_of_cpu(struct walk *w, uint64_t first)
{
	const struct od_chain c = { .first = first, .empty = !first, .delta = w->l.next.offset, .null_ends = true,
				    .max = MAX_SLABS };
	const char *why = first ? od_kernel_chain(w->k, &c, add_slab, w) : NULL;

	if (why)
		damaged(w, why);
}

static bool sane(const struct walk *w, uint64_t object)
{
	/* Objects of a slab begin at a multiple of 4 at least, and no kernel has them in user space. */
	return !(object & 3) && object >> (w->k->mem->pointer_size * 8 - 1);
}

/* Objects that a CPU took off the list of its slab, each holds the address of the next; see slab.c. */
static void add_freelist(struct walk *w, uint64_t object)
{
	for (uint32_t n = 0; object; n++) {
		uint64_t at = object + w->next, raw, swapped;

		if (n == MAX_OBJECTS || !sane(w, object)) {
			damaged(w, "a list of free objects is damaged");
			return;
		}
		if (od_mem_pointer(w->k->mem, at, &raw) != OD_MEM_OK) {
			damaged(w, "a list of free objects cannot be read to its end");
			return;
		}
		w->c->free++;
		if (!w->random) {
			object = raw;
			continue;
		}
		/* 5.7 on the address of the pointer is swapped; which it is shows in the result. */
		swapped = w->k->mem->pointer_size == 4 ? __builtin_bswap32((uint32_t)at) : __builtin_bswap64(at);
		object = raw ^ w->random ^ swapped;
		if (object && !sane(w, object))
			object = raw ^ w->random ^ at;
	}
}

static void add_cpus(struct walk *w)
{
	uint64_t base = field(w, &w->l.cpu_slab, w->c->addr), cpu_slab, slab;

	for (uint32_t cpu = 0; base && cpu < od_kernel_ncpus(w->k); cpu++) {
		cpu_slab = od_kernel_percpu(w->k, base, cpu);
		if (!cpu_slab)
			continue;
		slab = field(w, &w->l.cpu_page, cpu_slab);
		if (slab)
			add_slab(w, slab);
		if (slab)
			add_freelist(w, field(w, &w->l.cpu_freelist, cpu_slab));
		add_partial_of_cpu(w, field(w, &w->l.cpu_partial, cpu_slab));
	}
}

static void add_nodes(struct walk *w)
{
	uint32_t width = w->k->mem->pointer_size;
	uint64_t node, slabs, objects;

	for (uint32_t i = 0; i < w->l.nodes; i++) {
		const char *why;

		if (od_mem_pointer(w->k->mem, w->c->addr + w->l.node + i * width, &node) != OD_MEM_OK || !node)
			continue;
		if (!od_field_read(w->k, &w->l.nr_slabs, node, &slabs) ||
		    !od_field_read(w->k, &w->l.total_objects, node, &objects))
			return;
		w->c->counted = true;
		w->c->slabs += slabs;
		w->c->objects += objects;
		why = od_kernel_list(w->k, node + w->l.partial, w->l.slab_list, MAX_SLABS, add_slab, w);
		if (why)
			damaged(w, why);
	}
}

static bool one_cache(void *ctx, uint64_t addr)
{
	struct walk *w = ctx;
	struct od_slab_cache c = { .addr = addr };
	uint64_t order;

	w->c = &c;
	if (od_mem_string(w->k->mem, field(w, &w->l.name, addr), c.name, sizeof(c.name)) != OD_MEM_OK)
		c.name[0] = '\0';
	if (w->name && strcmp(w->name, c.name) != 0)
		return true;
	c.size = field(w, &w->l.object_size, addr);
	order = field(w, &w->l.oo, addr) >> 16; /* struct kmem_cache_order_objects: OO_SHIFT */
	c.slab_bytes = order < 16 ? (uint64_t)w->k->mem->page_size << order : 0;
	w->stride = field(w, &w->l.size, addr);
	w->next = field(w, &w->l.offset, addr);
	w->random = field(w, &w->l.random, addr);
	if (w->next > w->stride)
		damaged(w, "its layout makes no sense");
	else
		add_cpus(w);
	add_nodes(w);
	/* 6.18 on: free ones may wait in a sheaf of a CPU, and count as allocated here. */
	if (c.free > c.objects && c.counted) {
		damaged(w, "more objects are free than there are");
		c.free = c.objects;
	}
	return w->fn(w->ctx, &c);
}

const char *od_kernel_slabs(struct od_kernel *k, const char *name,
			    bool (*fn)(void *ctx, const struct od_slab_cache *cache), void *ctx)
{
	struct walk w = { .k = k, .name = name, .fn = fn, .ctx = ctx };
	uint64_t head = od_kernel_symbol(k, "slab_caches");

	if (!od_kernel_types(k))
		return k->why_no_types ? k->why_no_types : "nothing describes them";
	if (!head)
		return "there is no symbol slab_caches";
	if (!find_layout(k, &w.l))
		return "the kernel's types do not describe caches of SLUB";
	return od_kernel_list(k, head, w.l.list, OD_MAX_CACHES, one_cache, &w);
}
