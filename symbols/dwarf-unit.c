/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units: which one an address is of, and what its header and first entry say. */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/dwarf-die.h"
#include "symbols/dwarf-internal.h"

enum { MAX_HEADER = 64, MAX_UNITS = 4 << 20 };

/* --- one unit -------------------------------------------------------------------- */

struct header {
	uint64_t total; /* bytes, with unit_length */
	uint16_t version;
	uint8_t offset_size, address_size, type;
	uint64_t abbrev_off, id; /* id: of split DWARF */
	uint32_t first;
};

/* What the header at the beginning of r says. False: it is none, or of a version not known. */
static bool read_header(struct od_dw r, struct header *ret)
{
	const uint8_t *start = r.p;
	unsigned offset_size;
	uint64_t len = od_dw_length(&r, &offset_size);

	ret->total = len + (uint64_t)(r.p - start);
	ret->offset_size = (uint8_t)offset_size;
	ret->version = (uint16_t)od_dw_u16(&r);
	ret->type = UNIT_COMPILE;
	if (ret->version >= 5) {
		ret->type = od_dw_u8(&r);
		ret->address_size = od_dw_u8(&r);
		ret->abbrev_off = od_dw_number(&r, offset_size);
	} else {
		ret->abbrev_off = od_dw_number(&r, offset_size);
		ret->address_size = od_dw_u8(&r);
	}
	ret->id = 0;
	if (ret->version >= 5) {
		if (ret->type == UNIT_SKELETON || ret->type == UNIT_SPLIT_COMPILE)
			ret->id = od_dw_number(&r, 8);
		else if (ret->type == UNIT_TYPE || ret->type == UNIT_SPLIT_TYPE)
			od_dw_skip(&r, 8 + offset_size);
	}
	ret->first = (uint32_t)(r.p - start);
	return !r.bad && len < UINT64_MAX / 2 && ret->total > ret->first && ret->version >= 2 &&
	       ret->version <= 5 && ret->address_size >= 1 && ret->address_size <= 8;
}

/* The header at an offset; the parts of it that are looked at first need no relocation. */
static bool header_at(struct od_dwarf *dw, uint64_t off, struct header *ret)
{
	uint8_t *own;
	struct od_dw r = od_dw_piece(dw, OD_DW_INFO, off, MAX_HEADER, &own);
	bool ok = read_header(r, ret);

	free(own);
	return ok;
}

static void set_base(uint64_t *base, const struct od_dw_value *v)
{
	if (v->kind == OD_DW_OFFSET || v->kind == OD_DW_NUMBER)
		*base = v->n;
}

static void set_root_attr(struct od_unit *unit, unsigned name, const struct od_dw_value *v)
{
	switch (name) {
	case AT_STR_OFFSETS_BASE:
		set_base(&unit->str_base, v);
		break;
	case AT_ADDR_BASE:
	case AT_GNU_ADDR_BASE:
		set_base(&unit->addr_base, v);
		break;
	case AT_RNGLISTS_BASE:
		set_base(&unit->lists_base, v);
		break;
	case AT_GNU_RANGES_BASE:
		set_base(&unit->ranges_base, v);
		break;
	case AT_STMT_LIST:
		unit->has_lines_at = v->kind == OD_DW_OFFSET || v->kind == OD_DW_NUMBER;
		unit->lines_at = v->n;
		break;
	case AT_LANGUAGE:
		unit->language = v->kind == OD_DW_NUMBER ? (uint16_t)v->n : 0;
		break;
	case AT_LOW_PC:
		unit->has_low = v->kind == OD_DW_ADDRESS;
		unit->low_pc = unit->has_low ? v->n : 0;
		break;
	case AT_NAME:
		unit->name = v->text ? v->text : "";
		break;
	case AT_DWO_NAME:
	case AT_GNU_DWO_NAME:
		unit->dwo_name = v->text;
		break;
	case AT_GNU_DWO_ID:
		unit->has_dwo_id = v->kind == OD_DW_NUMBER;
		unit->dwo_id = v->n;
		break;
	case AT_COMP_DIR:
		unit->comp_dir = v->text ? v->text : "";
		break;
	}
}

/*
 * The attributes of the first entry, twice: indexed forms need the bases, which may come behind
 * them.
 */
static void read_root(struct od_unit *unit, const struct od_dw_parts *parts)
{
	unit->name = unit->comp_dir = "";
	/* Where the tables begin if no attribute says so: behind the header of the first one. */
	if (unit->version >= 5) {
		unit->addr_base = unit->str_base = unit->offset_size == 8 ? 16 : 8;
		unit->lists_base = unit->offset_size == 8 ? 20 : 12;
	}
	unit->str_base += parts->str_offsets;
	unit->lists_base += parts->rnglists;
	unit->lists_off = parts->rnglists;
	for (int pass = 0; pass < 2; pass++) {
		struct od_dw r = od_die_reader(unit, unit->first);
		const struct od_abbrev *ab = od_die_open(unit, &r);

		for (uint32_t i = 0; ab && i < ab->nattrs; i++) {
			const struct od_abbrev_attr *attr = &unit->abbrevs.attrs[ab->attrs + i];
			struct od_dw_value v;

			if (!od_dw_spend(unit->dw, 1) ||
			    !od_form_read(unit, &r, attr->form, attr->implicit, &v))
				break;
			set_root_attr(unit, attr->name, &v);
		}
	}
}

void od_unit_close(struct od_unit *unit)
{
	if (unit->split)
		od_unit_close(unit->split);
	od_abbrevs_deinit(&unit->abbrevs);
	od_lines_close(unit->lines, unit->dw);
	free(unit->functions.list);
	free(unit->own);
	free(unit);
}

/* Only the first entry will be looked at: one abbreviation is enough. */
static bool read_abbrevs(struct od_unit *unit, bool root_only)
{
	struct od_dw r = od_die_reader(unit, unit->first);

	if (root_only)
		return od_abbrevs_read_one(&unit->abbrevs, unit, od_dw_uleb(&r));
	return od_abbrevs_read(&unit->abbrevs, unit);
}

static const struct od_dw_parts whole;

/* The unit whose header is at off, which is where parts->info is if that tells. */
static struct od_unit *open_unit(struct od_dwarf *dw, uint64_t off, bool root_only,
				 const struct od_dw_parts *parts)
{
	struct od_unit *unit;
	struct header h;
	struct od_dw r;

	if (!header_at(dw, off, &h))
		return NULL;
	unit = od_calloc(1, sizeof(*unit));
	*unit = (struct od_unit){ .dw = dw, .off = off, .version = h.version, .type = h.type,
				  .offset_size = h.offset_size, .address_size = h.address_size,
				  .first = h.first, .dwo_id = h.id, .has_dwo_id = h.version >= 5 };
	/* Whole units only where more than the first entry is of interest: the copy may be large. */
	r = od_dw_piece(dw, OD_DW_INFO, off, root_only && h.total > 4096 ? 4096 : h.total,
			&unit->own);
	unit->p = r.p;
	unit->end = r.end;
	if (!read_header(r, &h) || od_dw_left(&r) <= h.first || od_dw_left(&r) > UINT32_MAX) {
		od_unit_close(unit);
		return NULL;
	}
	unit->abbrev_off = h.abbrev_off + parts->abbrev;
	if (!read_abbrevs(unit, root_only)) {
		od_unit_close(unit);
		return NULL;
	}
	read_root(unit, parts);
	return unit;
}

/* --- all units ------------------------------------------------------------------- */

static void list_units(struct od_dwarf *dw)
{
	const uint64_t len = od_dw_section_len(dw, OD_DW_INFO);
	uint64_t off = 0;
	size_t cap = 0;
	struct header h;

	if (dw->unit_offs)
		return;
	do {
		if (dw->nunits == cap) {
			cap = cap ? cap * 2 : 256;
			dw->unit_offs = od_realloc(dw->unit_offs, cap * sizeof(*dw->unit_offs));
		}
		if (off >= len || dw->nunits >= MAX_UNITS || !od_dw_spend(dw, 1))
			break;
		dw->unit_offs[dw->nunits++] = off;
		if (header_at(dw, off, &h)) {
			off += h.total;
		} else {
			/* Of a version not known, but its length may be right: go on behind it. */
			uint8_t *own;
			struct od_dw r = od_dw_piece(dw, OD_DW_INFO, off, MAX_HEADER, &own);
			unsigned size;
			uint64_t total = od_dw_length(&r, &size);

			free(own);
			off = r.bad || total >= len ? len : off + total + (size == 8 ? 12 : 4);
			dw->nunits--;
		}
	} while (off < len);
}

struct od_unit *od_unit_open_split(struct od_dwarf *dw, uint64_t id, const struct od_dw_parts *parts)
{
	struct od_unit *unit;
	struct header h;
	size_t n = 1;

	if (!parts) {
		list_units(dw);
		n = dw->nunits;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t off = parts ? parts->info : dw->unit_offs[i];

		if (!header_at(dw, off, &h) || (h.version >= 5 && h.id != id))
			continue;
		unit = open_unit(dw, off, false, parts ? parts : &whole);
		if (unit && unit->has_dwo_id && unit->dwo_id == id)
			return unit;
		if (unit)
			od_unit_close(unit);
	}
	return NULL;
}

/* --- the units in use ------------------------------------------------------------ */

static void put_into_cache(struct od_dwarf *dw, struct od_unit *unit)
{
	uint32_t oldest = UINT32_MAX;

	if (dw->ncache < OD_UNIT_CACHE) {
		dw->cache[dw->ncache++] = unit;
		return;
	}
	for (uint32_t i = 0; i < dw->ncache; i++)
		if (!dw->cache[i]->pins &&
		    (oldest == UINT32_MAX || dw->cache[i]->stamp < dw->cache[oldest]->stamp))
			oldest = i;
	/* Two are pinned at a time, at most. */
	od_unit_close(dw->cache[oldest]);
	dw->cache[oldest] = unit;
}

struct od_unit *od_unit_get(struct od_dwarf *dw, uint64_t off)
{
	struct od_unit *unit = NULL;

	for (uint32_t i = 0; i < dw->ncache && !unit; i++)
		if (dw->cache[i]->off == off)
			unit = dw->cache[i];
	if (!unit) {
		unit = open_unit(dw, off, false, &whole);
		if (!unit)
			return NULL;
		put_into_cache(dw, unit);
	}
	unit->stamp = ++dw->clock;
	return unit;
}

void od_units_close(struct od_dwarf *dw)
{
	for (uint32_t i = 0; i < dw->ncache; i++)
		od_unit_close(dw->cache[i]);
	free(dw->units.list);
	free(dw->unit_offs);
}

struct od_unit *od_unit_holding(struct od_dwarf *dw, uint64_t off)
{
	size_t lo = 0, hi;

	list_units(dw);
	hi = dw->nunits;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (dw->unit_offs[mid] <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? od_unit_get(dw, dw->unit_offs[lo - 1]) : NULL;
}

/* --- by address ------------------------------------------------------------------ */

/* One table of .debug_aranges: the addresses of one unit. */
static void read_arange_set(struct od_dwarf *dw, struct od_dw *r)
{
	const uint8_t *start = r->p;
	unsigned offset_size, address_size;
	uint64_t len = od_dw_length(r, &offset_size), unit;
	struct od_dw set;
	size_t pad;

	if (r->bad || len > od_dw_left(r)) {
		od_dw_fail(r);
		return;
	}
	set = od_dw_init(r->p, (size_t)len, r->big);
	od_dw_skip(r, len);
	if (od_dw_u16(&set) != 2)
		return;
	unit = od_dw_number(&set, offset_size);
	address_size = od_dw_u8(&set);
	if (od_dw_u8(&set) || !address_size || address_size > 8)
		return;
	/* The pairs are aligned to their size, from the beginning of the table. */
	pad = (size_t)(set.p - start) % (2 * address_size);
	od_dw_skip(&set, pad ? 2 * address_size - pad : 0);
	while (od_dw_left(&set) >= 2 * address_size) {
		uint64_t lo = od_dw_sized(&set, address_size);
		uint64_t size = od_dw_sized(&set, address_size);

		if (!lo && !size)
			break;
		if (lo + size > lo)
			od_dw_ranges_add(&dw->units, lo, lo + size, unit);
	}
}

static void read_aranges(struct od_dwarf *dw)
{
	struct od_dw r = od_dw_section(dw, OD_DW_ARANGES);

	if (dw->has_units)
		return;
	dw->has_units = true;
	while (od_dw_left(&r) && od_dw_spend(dw, 1))
		read_arange_set(dw, &r);
	od_dw_ranges_sort(&dw->units);
}

static void add_unit(struct od_dwarf *dw, uint64_t off)
{
	struct od_unit *unit = open_unit(dw, off, true, &whole);
	struct od_dw_pc_iter it;
	struct od_dw_pc pc;
	uint64_t lo, hi;

	if (!unit)
		return;
	if (od_die_pc(unit, unit->first, &pc)) {
		od_dw_pc_begin(&it, unit, &pc);
		while (od_dw_pc_next(&it, &lo, &hi))
			od_dw_ranges_add(&dw->units, lo, hi, off);
	}
	od_unit_close(unit);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The units that .debug_aranges does not name (clang and rustc write none) tell it themselves. */
static void read_all(struct od_dwarf *dw)
{
	const size_t n = dw->units.n;
	uint64_t *known;

	if (dw->has_all)
		return;
	dw->has_all = true;
	known = od_malloc(n * sizeof(*known));
	for (size_t i = 0; i < n; i++)
		known[i] = dw->units.list[i].off;
	qsort(known, n, sizeof(*known), by_number);
	list_units(dw);
	for (size_t i = 0; i < dw->nunits; i++)
		if (!bsearch(&dw->unit_offs[i], known, n, sizeof(*known), by_number))
			add_unit(dw, dw->unit_offs[i]);
	free(known);
	od_dw_ranges_sort(&dw->units);
}

struct od_unit *od_unit_at(struct od_dwarf *dw, uint64_t addr)
{
	const struct od_dw_range *range;

	read_aranges(dw);
	range = od_dw_ranges_find(&dw->units, addr);
	if (!range) {
		read_all(dw);
		range = od_dw_ranges_find(&dw->units, addr);
	}
	return range ? od_unit_get(dw, range->off) : NULL;
}
