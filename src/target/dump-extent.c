/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted table of what stands where: segments of an ELF file, records of a flattened one. */
#include <stdlib.h>

#include "base/alloc.h"
#include "target/dump-internal.h"

void od_extents_add(struct od_extents *x, uint64_t start, uint64_t size, uint64_t pos)
{
	struct od_extent *last = x->n ? &x->v[x->n - 1] : NULL;

	if (!size || start + size < start || pos + size < pos)
		return;
	if (last && last->end == start && last->pos + (last->end - last->start) == pos) {
		last->end += size;
		return;
	}
	if (x->n == x->cap) {
		x->cap = x->cap ? 2 * x->cap : 64;
		x->v = od_realloc(x->v, x->cap * sizeof(*x->v));
	}
	x->v[x->n++] = (struct od_extent){ start, start + size, pos };
}

static int by_start(const void *a, const void *b)
{
	const struct od_extent *l = a, *r = b;

	if (l->start != r->start)
		return l->start < r->start ? -1 : 1;
	return l->pos < r->pos ? -1 : l->pos > r->pos;
}

/* A heap of indices into in->v, the greatest pos on top. */
struct heap {
	const struct od_extent *v;
	size_t *at;
	size_t n;
};

static void heap_push(struct heap *h, size_t index)
{
	size_t i = h->n++;

	for (; i && h->v[h->at[(i - 1) / 2]].pos < h->v[index].pos; i = (i - 1) / 2)
		h->at[i] = h->at[(i - 1) / 2];
	h->at[i] = index;
}

static void heap_pop(struct heap *h)
{
	size_t last = h->at[--h->n], i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && h->v[h->at[child]].pos < h->v[h->at[child + 1]].pos)
			child++;
		if (h->v[h->at[child]].pos <= h->v[last].pos)
			break;
		h->at[i] = h->at[child];
		i = child;
	}
	h->at[i] = last;
}

/* Sweep over the sorted extents: at each place the one with the greatest pos; n log n whatever they are. */
static void flatten(struct od_extents *x)
{
	struct heap heap = { .v = x->v, .at = od_malloc(x->n * sizeof(*heap.at)) };
	struct od_extents out = { 0 };
	uint64_t at = 0;

	for (size_t i = 0; i < x->n || heap.n;) {
		const struct od_extent *top;
		uint64_t end;

		if (!heap.n)
			at = x->v[i].start;
		for (; i < x->n && x->v[i].start <= at; i++)
			heap_push(&heap, i);
		while (heap.n && x->v[heap.at[0]].end <= at)
			heap_pop(&heap);
		if (!heap.n)
			continue;
		top = &x->v[heap.at[0]];
		end = i < x->n && x->v[i].start < top->end ? x->v[i].start : top->end;
		od_extents_add(&out, at, end - at, top->pos + (at - top->start));
		at = end;
	}
	free(heap.at);
	free(x->v);
	*x = out;
}

void od_extents_sort(struct od_extents *x)
{
	bool sorted = true, overlap = false;

	for (size_t i = 1; i < x->n && sorted; i++)
		sorted = x->v[i].start >= x->v[i - 1].start;
	if (!sorted)
		qsort(x->v, x->n, sizeof(*x->v), by_start);
	for (size_t i = 1; i < x->n && !overlap; i++)
		overlap = x->v[i].start < x->v[i - 1].end;
	if (overlap)
		flatten(x);
	x->hint = 0;
}

const struct od_extent *od_extents_find(struct od_extents *x, uint64_t at, uint64_t *next)
{
	size_t low = 0, high = x->n;

	if (x->hint < x->n && at >= x->v[x->hint].start && at < x->v[x->hint].end)
		return &x->v[x->hint];
	while (low < high) { /* the first that ends beyond at */
		size_t mid = low + (high - low) / 2;

		if (x->v[mid].end <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < x->n && x->v[low].start <= at) {
		x->hint = low;
		return &x->v[low];
	}
	if (next)
		*next = low < x->n ? x->v[low].start : UINT64_MAX;
	return NULL;
}

void od_extents_free(struct od_extents *x)
{
	free(x->v);
	*x = (struct od_extents){ 0 };
}
