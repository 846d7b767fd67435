/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lib/rbtree.c, lib/maple_tree.c and include/linux/maple_tree.h (6.1 to 7.x), lib/xarray.c (4.20 to 7.x). Every
 * node has a pointer to its parent: where that is another one, the node is not entered. Each is thus entered
 * once, from its one parent, and what runs in circles is not walked.
 */
#include "target/kernel/tree.h"

enum {
	MAX_DEPTH = 128,     /* a red-black tree of 2^64 nodes is not deeper */
	MAX_NODES = 4000000, /* nodes of a tree that are looked at, with and without entries */
	MAX_SLOTS = 256,
	XA_NODE = 2,	     /* include/linux/xarray.h: the two lowest bits of what is no entry */
	XA_LEAST = 4096,     /* and smaller ones are marks of an entry that moves */
};

struct walk {
	struct od_kernel *k;
	const struct od_tree *tree;
	od_tree_fn *fn;
	void *ctx;
	const char *why;
	uint32_t n, nodes;
	bool stop;
};

static void wrong(struct walk *w, const char *why)
{
	if (!w->why)
		w->why = why;
}

static void found(struct walk *w, uint64_t entry, uint64_t first, uint64_t last)
{
	if (w->n == w->tree->max) {
		wrong(w, "it has more entries");
		w->stop = true;
		return;
	}
	w->n++;
	w->stop = !w->fn(w->ctx, entry, first, last);
}

static bool read_pointer(struct walk *w, uint64_t addr, uint64_t *ret)
{
	if (od_mem_pointer(w->k->mem, addr, ret) == OD_MEM_OK)
		return true;
	wrong(w, "a node cannot be read");
	return false;
}

/* A node is entered; false: there were too many. */
static bool count_node(struct walk *w)
{
	if (w->nodes++ < MAX_NODES)
		return true;
	wrong(w, "it has more nodes than a tree can have");
	w->stop = true;
	return false;
}

/* --- red-black trees --------------------------------------------------------------- */

struct rb_layout {
	uint64_t parent, left, right;
};

static uint64_t offset_or(struct od_kernel *k, const char *member, uint64_t usual)
{
	uint64_t ret;

	return od_kernel_types(k) && od_kernel_offset(k, "struct rb_node", member, &ret) ? ret : usual;
}

/* Its members have been where they are since 2.6.18; types are asked in case they move. */
static void find_rb_layout(struct od_kernel *k, struct rb_layout *l)
{
	uint32_t width = k->mem->pointer_size;

	l->parent = offset_or(k, "__rb_parent_color", 0);
	l->right = offset_or(k, "rb_right", width);
	l->left = offset_or(k, "rb_left", 2 * (uint64_t)width);
}

/* What a node points to, if it is the child of parent; anything is if that is UINT64_MAX. */
static bool enter_rb(struct walk *w, const struct rb_layout *l, uint64_t node, uint64_t parent, uint64_t *left,
		     uint64_t *right)
{
	uint64_t above;

	if (!count_node(w) || !read_pointer(w, node + l->parent, &above) || !read_pointer(w, node + l->left, left) ||
	    !read_pointer(w, node + l->right, right))
		return false;
	if (parent != UINT64_MAX && (above & ~(uint64_t)3) != parent) {
		wrong(w, "a node has another parent");
		return false;
	}
	if (*right && (*left == *right || *right == w->tree->start))
		*right = 0, wrong(w, "it runs in a circle");
	if (*left && *left == w->tree->start)
		*left = 0, wrong(w, "it runs in a circle");
	return true;
}

/* A node that waits: to be entered, or, once entered, to be told and left to the right. */
struct rb_turn {
	uint64_t node, parent, right;
	bool entered;
};

static void push(struct walk *w, struct rb_turn *stack, unsigned *n, const struct rb_turn *turn)
{
	if (!turn->node)
		return;
	if (*n == 2 * MAX_DEPTH)
		wrong(w, "it is deeper than a tree can be");
	else
		stack[(*n)++] = *turn;
}

static void walk_rb(struct walk *w, uint64_t root, uint64_t parent)
{
	struct rb_turn stack[2 * MAX_DEPTH], turn;
	struct rb_layout l;
	unsigned n = 0;
	uint64_t left;

	find_rb_layout(w->k, &l);
	push(w, stack, &n, &(struct rb_turn){ .node = root, .parent = parent });
	while (n && !w->stop) {
		turn = stack[--n];
		if (!turn.entered) {
			if (!enter_rb(w, &l, turn.node, turn.parent, &left, &turn.right))
				continue;
			turn.entered = true;
			if (w->tree->sorted) {
				push(w, stack, &n, &turn);
				push(w, stack, &n, &(struct rb_turn){ .node = left, .parent = turn.node });
				continue;
			}
		} else {
			left = 0;
		}
		found(w, turn.node - w->tree->offset, 0, 0);
		push(w, stack, &n, &(struct rb_turn){ .node = turn.right, .parent = turn.node });
		push(w, stack, &n, &(struct rb_turn){ .node = left, .parent = turn.node });
	}
}

/* --- maple trees ------------------------------------------------------------------- */

/* enum maple_type; in bits 3 to 6 of a pointer to a node, which is aligned to 256 bytes. */
enum { MAPLE_DENSE, MAPLE_LEAF_64, MAPLE_RANGE_64, MAPLE_ARANGE_64, MAPLE_KINDS, MAPLE_MASK = 255, MAPLE_DEPTH = 31 };

struct maple_layout {
	struct {
		uint64_t slot, pivot;
		uint32_t slots;
	} kind[MAPLE_KINDS];
	uint64_t parent;
};

/* Elements of an array; 0: it is none, or absurd. */
static uint32_t array_length(struct od_kernel *k, const char *type, const char *member)
{
	const struct od_btf *btf = od_kernel_types(k);
	uint32_t id = btf ? od_btf_find(btf, type) : 0;
	struct od_member m;
	struct od_type t;

	if (!id || !od_btf_member(btf, id, member, &m) || !od_btf_resolve(btf, m.type, &t) ||
	    t.kind != OD_TYPE_ARRAY || t.count > MAX_SLOTS)
		return 0;
	return t.count;
}

static bool find_maple_layout(struct od_kernel *k, struct maple_layout *l)
{
	static const char *const types[] = {
		[MAPLE_LEAF_64] = "struct maple_range_64", [MAPLE_RANGE_64] = "struct maple_range_64",
		[MAPLE_ARANGE_64] = "struct maple_arange_64",
	};

	*l = (struct maple_layout){ 0 };
	for (unsigned i = MAPLE_LEAF_64; i < MAPLE_KINDS; i++) {
		l->kind[i].slots = array_length(k, types[i], "slot");
		if (!l->kind[i].slots || !od_kernel_offset(k, types[i], "slot", &l->kind[i].slot) ||
		    !od_kernel_offset(k, types[i], "pivot", &l->kind[i].pivot))
			return false;
	}
	return od_kernel_offset(k, "struct maple_node", "parent", &l->parent);
}

/* As below: above is the address of the node above, 0 of the root. */
static void walk_maple(struct walk *w, const struct maple_layout *l, uint64_t coded, uint64_t above, uint64_t first,
		       uint64_t last, unsigned depth)
{
	const uint64_t node = coded & ~(uint64_t)MAPLE_MASK;
	const unsigned kind = coded >> 3 & 0xf;
	const uint32_t width = w->k->mem->pointer_size;
	uint64_t parent, slot, pivot;

	if (depth == MAPLE_DEPTH || kind >= MAPLE_KINDS || !l->kind[kind].slots) {
		wrong(w, depth == MAPLE_DEPTH ? "it is deeper than a tree can be" : "a node is of no kind that is known");
		return;
	}
	if (!count_node(w) || !read_pointer(w, node + l->parent, &parent))
		return;
	/* That of the root is the tree itself, and its lowest bit is set. */
	if (depth && (parent & ~(uint64_t)MAPLE_MASK) != above) {
		wrong(w, "a node has another parent");
		return;
	}
	for (uint32_t i = 0; i < l->kind[kind].slots && !w->stop; i++) {
		/* The last slot goes up to where the node ends; so does the one whose pivot was never set. */
		pivot = last;
		if (i + 1 < l->kind[kind].slots && !read_pointer(w, node + l->kind[kind].pivot + i * width, &pivot))
			return;
		if ((i && !pivot) || pivot > last)
			pivot = last;
		if (!read_pointer(w, node + l->kind[kind].slot + i * width, &slot))
			return;
		if (slot && kind == MAPLE_LEAF_64)
			found(w, slot, first, pivot);
		else if (slot)
			walk_maple(w, l, slot, node, first, pivot, depth + 1);
		if (pivot >= last)
			return;
		if (pivot < first) {
			wrong(w, "a node is not in order");
			return;
		}
		first = pivot + 1;
	}
}

static bool is_node(uint64_t entry)
{
	return (entry & 3) == XA_NODE && entry > XA_LEAST;
}

static void start_maple(struct walk *w)
{
	struct maple_layout l;
	uint64_t at = 0, root = w->tree->start;

	if (!find_maple_layout(w->k, &l) || !od_kernel_offset(w->k, "struct maple_tree", "ma_root", &at)) {
		wrong(w, "the kernel has no types of maple trees (they came with 6.1)");
		return;
	}
	if (!w->tree->node && !read_pointer(w, root + at, &root))
		return;
	if (w->tree->node || is_node(root))
		walk_maple(w, &l, root, 0, 0, UINT64_MAX, 0);
	else if (root)
		found(w, root, 0, 0);
}

/* --- xarrays ------------------------------------------------------------------------ */

struct xa_layout {
	uint64_t shift, slots, parent;
	uint32_t count;
	unsigned bits; /* count is two to the power of it */
};

static bool find_xa_layout(struct od_kernel *k, struct xa_layout *l)
{
	l->count = array_length(k, "struct xa_node", "slots");
	l->bits = l->count ? (unsigned)__builtin_ctz(l->count) : 0;
	return l->count && !(l->count & (l->count - 1)) &&
	       od_kernel_offset(k, "struct xa_node", "slots", &l->slots) &&
	       od_kernel_offset(k, "struct xa_node", "shift", &l->shift) &&
	       od_kernel_offset(k, "struct xa_node", "parent", &l->parent);
}

/* below: the shift of a node is less than that. */
static void walk_xa(struct walk *w, const struct xa_layout *l, uint64_t node, uint64_t above, uint64_t index,
		    unsigned below)
{
	uint64_t parent, slot;
	uint8_t shift;

	if (!count_node(w) || !read_pointer(w, node + l->parent, &parent))
		return;
	if (od_mem_u8(w->k->mem, node + l->shift, &shift) != OD_MEM_OK || shift >= below || shift % l->bits) {
		wrong(w, "a node is not in order");
		return;
	}
	if (below < 64 && parent != above) {
		wrong(w, "a node has another parent");
		return;
	}
	for (uint32_t i = 0; i < l->count && !w->stop; i++) {
		uint64_t first = index + ((uint64_t)i << shift);

		if (!read_pointer(w, node + l->slots + (uint64_t)i * w->k->mem->pointer_size, &slot))
			return;
		if (is_node(slot) && shift)
			walk_xa(w, l, slot - XA_NODE, node, first, shift);
		else if (slot && (slot & 3) != XA_NODE)
			found(w, slot, first, first + (((uint64_t)1 << shift) - 1));
	}
}

static void start_xa(struct walk *w)
{
	struct xa_layout l;
	uint64_t at = 0, head = w->tree->start;

	if (!find_xa_layout(w->k, &l) || !od_kernel_offset(w->k, "struct xarray", "xa_head", &at)) {
		wrong(w, "the kernel has no types of xarrays (they came with 4.20)");
		return;
	}
	if (!w->tree->node && !read_pointer(w, head + at, &head))
		return;
	if (w->tree->node || is_node(head))
		walk_xa(w, &l, head & ~(uint64_t)3, 0, 0, 64);
	else if (head && (head & 3) != XA_NODE)
		found(w, head, 0, 0);
}

const char *od_kernel_tree(struct od_kernel *k, const struct od_tree *tree, od_tree_fn *fn, void *ctx)
{
	struct walk w = { .k = k, .tree = tree, .fn = fn, .ctx = ctx };
	uint64_t root;

	if (tree->kind == OD_TREE_MAPLE)
		start_maple(&w);
	else if (tree->kind == OD_TREE_XARRAY)
		start_xa(&w);
	else if (tree->node)
		walk_rb(&w, tree->start, UINT64_MAX);
	else if (read_pointer(&w, tree->start, &root))
		walk_rb(&w, root, 0);
	return w.why;
}
