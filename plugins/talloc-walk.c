/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trees of chunks. From each object up to the top, then from there down to all chunks, level by
 * level, so that nodes are a queue and children stand in a row. Each chunk is visited once; a link
 * to one that was visited is a circle, and one that does not lead back is damage. What is damaged
 * is not followed.
 *
 * The list of children: the first has the parent, and only it; the others have no parent.
 */
#include <stdlib.h>

#include "talloc-heap.h"

enum { SEEN_SIZE = MAX_NODES * 4 }; /* a power of two */

static uint32_t hash(uint64_t at)
{
	return (uint32_t)((at >> 4) * 0x9e3779b97f4a7c15ull >> 40) % SEEN_SIZE;
}

uint32_t heap_node(const struct heap *h, uint64_t at)
{
	for (uint32_t i = hash(at); h->seen[i]; i = (i + 1) % SEEN_SIZE)
		if (h->nodes[h->seen[i] - 1].c.at == at)
			return h->seen[i] - 1;
	return NO_NODE;
}

static uint32_t add_node(struct heap *h, const struct chunk *c, uint32_t parent)
{
	const uint32_t node = h->nnodes;
	uint32_t i;

	if (node >= MAX_NODES) {
		h->more = true;
		return NO_NODE;
	}
	h->nnodes++;
	h->nodes[node] = (struct node){
		.c = *c,
		.parent = parent,
		.depth = parent == NO_NODE ? 0 : h->nodes[parent].depth + 1,
		.root = parent == NO_NODE,
	};
	for (i = hash(c->at); h->seen[i]; i = (i + 1) % SEEN_SIZE)
		;
	h->seen[i] = node + 1;
	return node;
}

/* chunk_state(), and whether it is of no use because the core lacks that memory. */
static enum state state_of(struct heap *h, uint64_t at, struct chunk *c)
{
	enum state state;

	h->lacking = false;
	state = chunk_state(h, at, c);
	h->cut |= h->lacking && state == CHUNK_NONE;
	return state;
}

static void add_damage(struct heap *h, struct damage d)
{
	if (d.node < h->nnodes)
		h->nodes[d.node].damaged = true;
	if (h->ndamage < MAX_DAMAGE)
		h->damage[h->ndamage++] = d;
}

/* --- what a header says beside its links ---------------------------------------------------- */

static void check_size(struct heap *h, uint32_t node)
{
	const struct chunk *c = &h->nodes[node].c;

	if (c->size >= TALLOC_MAX_SIZE)
		add_damage(h, (struct damage){DAMAGE_SIZE, node, "size", c->size, TALLOC_MAX_SIZE});
}

/* The list of references begins with an object of talloc's own, named 1, that points back. */
static void check_refs(struct heap *h, uint32_t node)
{
	const struct chunk *c = &h->nodes[node].c;
	const unsigned width = h->layout->width;
	struct chunk handle;

	h->lacking = false;
	if (!c->refs)
		return;
	if ((c->refs < h->layout->header ||
	     state_of(h, c->refs - h->layout->header, &handle) != CHUNK_LIVE || handle.name != 1 ||
	     heap_pointer(h, c->refs + 2 * width, width) != chunk_object(h, c)) &&
	    !h->lacking)
		add_damage(h, (struct damage){DAMAGE_REFERENCE, node, "refs", c->refs, 0});
}

static void check_pool(struct heap *h, uint32_t node)
{
	const struct chunk *c = &h->nodes[node].c;
	uint64_t at = c->pool, end;
	struct chunk pool;
	enum state state;

	if (!(c->flags & FLAG_POOLMEM))
		return;
	at += h->layout->pool_header;
	/* A pool may be freed before its members: it lives on until the last of them goes. */
	state = state_of(h, at, &pool);
	if ((state == CHUNK_LIVE || state == CHUNK_FREED) && (pool.flags & FLAG_POOL)) {
		end = h->layout->pool_header ? heap_pointer(h, c->pool, h->layout->width)
					     : pool.pool;
		if (c->at > at && c->at < end)
			return;
	}
	if (!h->lacking)
		add_damage(h, (struct damage){DAMAGE_POOL, node, "pool", c->pool, 0});
}

/* --- down ----------------------------------------------------------------------------------- */

static enum damage_kind damage_of(enum state state, const struct chunk *c)
{
	return state == CHUNK_FREED || state == CHUNK_OVERWRITTEN ? DAMAGE_FREED
	       : c->at						  ? DAMAGE_MAGIC
								  : DAMAGE_UNREADABLE;
}

/* One link down or along: the node it leads to, or NO_NODE if it is followed no further. */
static uint32_t follow(struct heap *h, uint32_t parent, uint32_t from, const char *member,
		       uint64_t to)
{
	struct chunk c = {0};
	enum state state;
	uint32_t node;

	if (heap_node(h, to) != NO_NODE) {
		add_damage(h, (struct damage){DAMAGE_CIRCLE, from, member, to, 0});
		return NO_NODE;
	}
	state = state_of(h, to, &c);
	if (state != CHUNK_LIVE && h->lacking)
		return NO_NODE;
	if (state != CHUNK_LIVE) {
		add_damage(h, (struct damage){damage_of(state, &c), from, member, to, 0});
		return NO_NODE;
	}
	node = add_node(h, &c, parent);
	if (node == NO_NODE)
		return NO_NODE;
	check_size(h, node);
	check_refs(h, node);
	check_pool(h, node);
	return node;
}

static void add_children(struct heap *h, uint32_t parent)
{
	const uint64_t at = h->nodes[parent].c.at;
	uint64_t to = h->nodes[parent].c.child, prev = 0;
	uint32_t from = parent;

	h->nodes[parent].first = h->nnodes;
	while (to) {
		const uint32_t node = follow(h, parent, from, prev ? "next" : "child", to);
		const struct chunk *c;

		if (node == NO_NODE)
			break;
		c = &h->nodes[node].c;
		if (!prev && c->parent != at)
			add_damage(h,
				   (struct damage){DAMAGE_PARENT, node, "parent", c->parent, at});
		if (c->prev != prev)
			add_damage(h, (struct damage){DAMAGE_PREV, node, "prev", c->prev, prev});
		h->nodes[parent].nchildren++;
		prev = to;
		to = c->next;
		from = node;
	}
}

static void add_tree(struct heap *h, const struct chunk *top)
{
	uint32_t node = h->nnodes;

	if (heap_node(h, top->at) != NO_NODE || h->nroots >= MAX_ROOTS) {
		h->more |= h->nroots >= MAX_ROOTS;
		return;
	}
	h->nroots++;
	if (add_node(h, top, NO_NODE) == NO_NODE)
		return;
	check_size(h, node);
	check_refs(h, node);
	check_pool(h, node);
	for (; node < h->nnodes; node++)
		add_children(h, node);
}

/* --- up ------------------------------------------------------------------------------------- */

/*
 * The top of the tree that c is in; where a link upwards is broken, the last chunk that was good.
 * Circles are found as Brent does: one chunk is remembered, at every power of two a later one.
 */
static struct chunk climb(struct heap *h, struct chunk c, struct damage *d)
{
	uint64_t mark = c.at;

	for (uint32_t step = 1; step < MAX_CLIMB; step++) {
		const char *member = c.prev ? "prev" : "parent";
		const uint64_t to = c.prev ? c.prev : c.parent;
		struct chunk up = {0};
		enum state state;

		/*
		 * What is being freed was taken out of its list, but keeps the parent that it had.
		 */
		if (!to || (c.flags & FLAG_LOOP) || heap_node(h, to) != NO_NODE)
			return c;
		state = state_of(h, to, &up);
		if (state != CHUNK_LIVE && h->lacking)
			return c;
		if (state != CHUNK_LIVE || to == mark) {
			*d = (struct damage){to == mark ? DAMAGE_CIRCLE : damage_of(state, &up),
					     NO_NODE, member, to, 0};
			return c;
		}
		/*
		 * Further up all the same: the walk down may come to the chunk where that link is.
		 */
		if ((c.prev ? up.next : up.child) != c.at && !d->member)
			*d = (struct damage){DAMAGE_UP, NO_NODE, member, to,
					     c.prev ? up.next : up.child};
		c = up;
		if (!(step & (step - 1)))
			mark = c.at;
	}
	h->more = true;
	return c;
}

static void add_trees_of(struct heap *h, const struct chunk *c)
{
	const uint32_t before = h->ndamage;
	struct damage d = {.member = NULL};
	struct chunk top;

	if (heap_node(h, c->at) != NO_NODE)
		return;
	top = climb(h, *c, &d);
	add_tree(h, &top);
	/* Links down may be broken where those up are not: then the walk has said it. */
	if (heap_node(h, c->at) == NO_NODE)
		add_tree(h, c);
	else if (d.kind == DAMAGE_UP)
		return;
	d.node = heap_node(h, d.kind == DAMAGE_UP ? c->at : top.at);
	if (d.member && d.node != NO_NODE && (d.kind != DAMAGE_UP || h->ndamage == before))
		add_damage(h, d);
}

static void add_up(struct heap *h)
{
	for (uint32_t i = 0; i < h->nnodes; i++) {
		h->nodes[i].bytes = h->nodes[i].c.size;
		h->nodes[i].below = 0;
	}
	for (uint32_t i = h->nnodes; i-- > 0;) {
		const uint32_t parent = h->nodes[i].parent;

		if (parent == NO_NODE)
			continue;
		h->nodes[parent].below += h->nodes[i].below + 1;
		h->nodes[parent].bytes += h->nodes[i].bytes;
	}
}

void heap_walk(struct heap *h)
{
	h->nodes = calloc(MAX_NODES, sizeof(*h->nodes));
	h->seen = calloc(SEEN_SIZE, sizeof(*h->seen));
	if (!h->nodes || !h->seen)
		return;
	/* What variables hold comes first: the stack's words are only taken where there is room. */
	for (int stack = 0; stack < 2; stack++)
		for (uint32_t i = 0; i < h->nobjects; i++)
			if (h->objects[i].state == CHUNK_LIVE && h->objects[i].on_stack == stack)
				add_trees_of(h, &h->objects[i].c);
	for (uint32_t i = 0; i < h->nobjects; i++)
		if (h->objects[i].state == CHUNK_LIVE)
			h->objects[i].node = heap_node(h, h->objects[i].c.at);
	add_up(h);
}

uint32_t heap_reach(struct heap *h, const struct chunk *c)
{
	if (!h->nodes || !h->seen)
		return NO_NODE;
	add_trees_of(h, c);
	add_up(h);
	return heap_node(h, c->at);
}

uint32_t heap_around(const struct heap *h, uint64_t address)
{
	uint32_t best = NO_NODE;

	for (uint32_t i = 0; i < h->nnodes; i++) {
		const struct chunk *c = &h->nodes[i].c;

		if (address < c->at || address - c->at >= h->layout->header + c->size)
			continue;
		/* Members of a pool lie inside of it. */
		if (best == NO_NODE || c->at > h->nodes[best].c.at)
			best = i;
	}
	return best;
}
