/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmalloc areas (mm/vmalloc.c): a red-black tree of struct vmap_area, or several. */
#include "target/kernel/field.h"
#include "target/kernel/page.h"

enum { MAX_DEPTH = 128, MAX_NODES = 1024 };

struct tree {
	struct od_kernel *k;
	struct od_field start, end, vm;
	uint64_t node, left,
		right; /* offsets of rb_node in vmap_area, of rb_left and rb_right in it */
};

static bool find_layout(struct od_kernel *k, struct tree *t)
{
	*t = (struct tree){ .k = k };
	od_kernel_field(k, "struct vmap_area", "vm", &t->vm);
	return od_kernel_field(k, "struct vmap_area", "va_start", &t->start) &&
	       od_kernel_field(k, "struct vmap_area", "va_end", &t->end) &&
	       od_kernel_offset(k, "struct vmap_area", "rb_node", &t->node) &&
	       od_kernel_offset(k, "struct rb_node", "rb_left", &t->left) &&
	       od_kernel_offset(k, "struct rb_node", "rb_right", &t->right);
}

/* root: address of a struct rb_root, whose one member is the pointer to the top. */
static bool search(const struct tree *t, uint64_t root, uint64_t virt, struct od_vmalloc *ret)
{
	uint64_t node, area;

	if (od_mem_pointer(t->k->mem, root, &node) != OD_MEM_OK)
		return false;
	for (unsigned depth = 0; node && depth < MAX_DEPTH; depth++) {
		area = node - t->node;
		if (!od_field_read(t->k, &t->start, area, &ret->start) ||
		    !od_field_read(t->k, &t->end, area, &ret->end))
			return false;
		if (virt >= ret->start && virt < ret->end) {
			od_field_read(t->k, &t->vm, area, &ret->vm);
			return true;
		}
		if (od_mem_pointer(t->k->mem, node + (virt < ret->start ? t->left : t->right),
				   &node) != OD_MEM_OK)
			return false;
	}
	return false;
}

/* 6.9 on: an area is in the tree that its address hashes to; there are few, so all are searched. */
static bool search_nodes(const struct tree *t, uint64_t virt, struct od_vmalloc *ret)
{
	uint64_t nodes = od_kernel_symbol(t->k, "vmap_nodes"), count_at, root, first;
	uint64_t size = od_kernel_size(t->k, "struct vmap_node");
	uint32_t count = 1;

	count_at = od_kernel_symbol(t->k, "nr_vmap_nodes");
	if (!nodes || !size || !od_kernel_offset(t->k, "struct vmap_node", "busy.root", &root) ||
	    od_mem_pointer(t->k->mem, nodes, &first) != OD_MEM_OK)
		return false;
	if (count_at)
		od_mem_u32(t->k->mem, count_at, &count);
	for (uint32_t i = 0; i < count && i < MAX_NODES; i++)
		if (search(t, first + i * size + root, virt, ret))
			return true;
	return false;
}

bool od_kernel_vmalloc(struct od_kernel *k, uint64_t virt, struct od_vmalloc *ret)
{
	uint64_t root = od_kernel_symbol(k, "vmap_area_root");
	struct tree t;

	*ret = (struct od_vmalloc){ 0 };
	if (!od_kernel_types(k) || !find_layout(k, &t) ||
	    !(root ? search(&t, root, virt, ret) : search_nodes(&t, virt, ret)))
		return false;
	if (ret->vm)
		od_kernel_member(k, ret->vm, "struct vm_struct", "caller", &ret->caller);
	return true;
}
