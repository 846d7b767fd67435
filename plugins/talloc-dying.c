/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frees in progress, from memory. Where libtalloc has no debug information the stack shows of
 * each of its calls only the destructor that it runs, and the argument of that: the innermost
 * object. The headers know the rest. A chunk whose children are being freed is marked, and the one
 * of them at work is always the first of its list; or it is out of the list already, marked too,
 * and keeps its parent. So the way up from the destructor's object, as long as it goes by such
 * steps, is what this call of talloc_free() is freeing; its end is what it was asked to free.
 */
#include "talloc-live.h"

enum { MAX_WAY = 16 };

static struct node *node_of(struct heap *h, uint64_t object)
{
	const uint32_t node =
		object < h->layout->header ? NO_NODE : heap_node(h, object - h->layout->header);

	return node == NO_NODE ? NULL : &h->nodes[node];
}

/* The chunk whose loop over its children is busy with c, or false. */
static bool loop_around(struct heap *h, const struct chunk *c, struct chunk *up)
{
	if (!c->parent || c->prev || chunk_state(h, c->parent, up) != CHUNK_LIVE ||
	    !(up->flags & FLAG_LOOP))
		return false;
	return (c->flags & FLAG_LOOP) || up->child == c->at;
}

static bool is_listed(const struct teardown *t, uint64_t object)
{
	for (uint32_t i = 0; i < t->nfrees; i++)
		if (t->frees[i].object == object)
			return true;
	return false;
}

static void insert(struct teardown *t, uint32_t at, const struct active *a)
{
	if (t->nfrees >= MAX_FREES)
		return;
	memmove(&t->frees[at + 1], &t->frees[at], (t->nfrees - at) * sizeof(*a));
	t->frees[at] = *a;
	t->nfrees++;
}

static void drop(struct teardown *t, uint32_t at)
{
	memmove(&t->frees[at], &t->frees[at + 1], (t->nfrees - at - 1) * sizeof(*t->frees));
	t->nfrees--;
}

/* What is above the object of the call that frees[at] is the innermost step of; how many were
 * added. */
static uint32_t add_way(const struct model *m, struct teardown *t, uint32_t at,
			const struct node *n)
{
	struct heap *h = &m->live->h;
	struct chunk c = n->c, up;
	uint32_t added = 0;

	while (added < MAX_WAY && loop_around(h, &c, &up)) {
		struct active a = t->frees[at];

		a.object = chunk_object(h, &up);
		if (is_listed(t, a.object))
			break;
		a.frame = a.run_last;
		a.phase = PHASE_CHILDREN;
		a.certain = true;
		teardown_hold(m, &a);
		insert(t, at + ++added, &a);
		c = up;
	}
	return added;
}

void live_teardown(const struct model *m, struct teardown *t)
{
	if (!m->live || !m->live->h.nnodes)
		return;
	for (uint32_t i = 0; i < t->nfrees; i++) {
		struct active *a = &t->frees[i];
		const struct node *n = a->object ? node_of(&m->live->h, a->object) : NULL;

		if (a->certain || a->phase != PHASE_DESTRUCTOR || !n)
			continue;
		/*
		 * A guess that the header does not bear out: the callee was no destructor of that.
		 */
		if (!destructor_runs(&m->live->h, &n->c)) {
			drop(t, i--);
			continue;
		}
		a->certain = true;
		i += add_way(m, t, i, n);
	}
	for (uint32_t i = 0; i < t->nfrees; i++) {
		struct node *n = node_of(&m->live->h, t->frees[i].object);

		if (n)
			n->listed = true;
	}
}
