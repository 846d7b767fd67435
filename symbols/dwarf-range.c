/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stretches of addresses: kept by address, and as entries of DWARF tell them. */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/dwarf-internal.h"

enum { MAX_RANGES = 8 << 20, MAX_BACK = 256 };

void od_dw_ranges_add(struct od_dw_ranges *ranges, uint64_t lo, uint64_t hi, uint64_t off)
{
	if (lo >= hi || ranges->n >= MAX_RANGES)
		return;
	if (ranges->n == ranges->cap) {
		ranges->cap = ranges->cap ? ranges->cap * 2 : 64;
		ranges->list = od_realloc(ranges->list, ranges->cap * sizeof(*ranges->list));
	}
	ranges->list[ranges->n++] = (struct od_dw_range){ lo, hi, off };
	if (hi - lo > ranges->widest)
		ranges->widest = hi - lo;
}

static int by_start(const void *a, const void *b)
{
	const struct od_dw_range *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->hi != y->hi) /* the narrower one is found first, from behind */
		return x->hi > y->hi ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

void od_dw_ranges_sort(struct od_dw_ranges *ranges)
{
	size_t i = 1;

	/* Linkers and compilers mostly have them in order. */
	while (i < ranges->n && by_start(&ranges->list[i - 1], &ranges->list[i]) <= 0)
		i++;
	if (i < ranges->n)
		qsort(ranges->list, ranges->n, sizeof(*ranges->list), by_start);
}

const struct od_dw_range *od_dw_ranges_find(const struct od_dw_ranges *ranges, uint64_t addr)
{
	size_t lo = 0, hi = ranges->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ranges->list[mid].lo <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* They may lie in each other: look back as far as one could reach, within reason. */
	for (size_t back = 0; back < lo && back < MAX_BACK; back++) {
		const struct od_dw_range *range = &ranges->list[lo - 1 - back];

		if (addr < range->hi)
			return range;
		if (addr - range->lo >= ranges->widest)
			break;
	}
	return NULL;
}

/* --- of an entry ----------------------------------------------------------------- */

void od_dw_pc_begin(struct od_dw_pc_iter *it, struct od_unit *unit, const struct od_dw_pc *pc)
{
	*it = (struct od_dw_pc_iter){ .unit = unit, .base = unit->low_pc };
	if (pc->has_ranges) {
		it->ranges = true;
		/* Before DWARF 5 split units have theirs in the file with the code. */
		it->r = unit->version >= 5 ? od_dw_section(unit->dw, OD_DW_RNGLISTS)
					   : od_dw_section(unit->dw->dwo ? unit->dw->main : unit->dw,
							   OD_DW_RANGES);
		it->done = !od_dw_skip(&it->r, pc->ranges);
		return;
	}
	it->done = !pc->has_low || !pc->has_high;
	it->lo = pc->low;
	it->hi = pc->high_is_length ? pc->low + pc->high : pc->high;
}

/* .debug_ranges: pairs relative to a base; -1 sets the base, a pair of 0 ends. */
static bool next_pair(struct od_dw_pc_iter *it, uint64_t *lo, uint64_t *hi)
{
	const unsigned size = it->unit->address_size;
	const uint64_t top = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;

	for (;;) {
		uint64_t a = od_dw_sized(&it->r, size), b = od_dw_sized(&it->r, size);

		if (it->r.bad || (!a && !b) || !od_dw_spend(it->unit->dw, 1))
			return false;
		if (a == top) {
			it->base = b;
			continue;
		}
		*lo = it->base + a;
		*hi = it->base + b;
		return true;
	}
}

static uint64_t indexed(struct od_dw_pc_iter *it)
{
	uint64_t ret = 0;

	if (!od_form_address(it->unit, od_dw_uleb(&it->r), &ret))
		od_dw_fail(&it->r);
	return ret;
}

/* One entry of .debug_rnglists; false: it gives no range. */
static bool rnglist_entry(struct od_dw_pc_iter *it, unsigned kind, uint64_t *lo, uint64_t *hi)
{
	const unsigned size = it->unit->address_size;
	struct od_dw *r = &it->r;

	switch (kind) {
	case RLE_BASE_ADDRESSX:
		it->base = indexed(it);
		return false;
	case RLE_BASE_ADDRESS:
		it->base = od_dw_sized(r, size);
		return false;
	case RLE_OFFSET_PAIR:
		*lo = it->base + od_dw_uleb(r);
		*hi = it->base + od_dw_uleb(r);
		return true;
	case RLE_STARTX_ENDX:
		*lo = indexed(it);
		*hi = indexed(it);
		return true;
	case RLE_STARTX_LENGTH:
		*lo = indexed(it);
		*hi = *lo + od_dw_uleb(r);
		return true;
	case RLE_START_END:
		*lo = od_dw_sized(r, size);
		*hi = od_dw_sized(r, size);
		return true;
	case RLE_START_LENGTH:
		*lo = od_dw_sized(r, size);
		*hi = *lo + od_dw_uleb(r);
		return true;
	default:
		od_dw_fail(r);
		return false;
	}
}

static bool next_rnglist(struct od_dw_pc_iter *it, uint64_t *lo, uint64_t *hi)
{
	for (;;) {
		unsigned kind = od_dw_u8(&it->r);

		if (it->r.bad || kind == RLE_END_OF_LIST || !od_dw_spend(it->unit->dw, 1))
			return false;
		if (rnglist_entry(it, kind, lo, hi))
			return !it->r.bad;
	}
}

bool od_dw_pc_next(struct od_dw_pc_iter *it, uint64_t *lo, uint64_t *hi)
{
	if (it->done)
		return false;
	if (!it->ranges) {
		it->done = true;
		*lo = it->lo;
		*hi = it->hi;
		return *lo < *hi;
	}
	if (it->unit->version >= 5 ? next_rnglist(it, lo, hi) : next_pair(it, lo, hi))
		return true;
	it->done = true;
	return false;
}

enum od_dw_cover od_dw_pc_covers(struct od_unit *unit, const struct od_dw_pc *pc, uint64_t addr)
{
	enum od_dw_cover ret = OD_DW_TELLS_NONE;
	struct od_dw_pc_iter it;
	uint64_t lo, hi;

	od_dw_pc_begin(&it, unit, pc);
	while (od_dw_pc_next(&it, &lo, &hi)) {
		if (addr >= lo && addr < hi)
			return OD_DW_COVERS;
		ret = OD_DW_ELSEWHERE;
	}
	return ret;
}
