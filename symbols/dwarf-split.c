/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Split DWARF: the linked file has skeletons of units, with their addresses and lines; the entries are in
 * a .dwo for each unit, or all in a .dwp (DWARF 5, 7.3.2 and 7.3.5; for DWARF 4 the GNU extension "Fission",
 * whose index has version 2). An id of 64 bits tells that both belong together.
 */
#include <stdlib.h>

#include "symbols/debug-internal.h"
#include "symbols/dwarf-internal.h"

enum { MAX_COLUMNS = 16, MAX_PACKAGES = 16 };

struct index {
	struct od_dw r; /* the section */
	uint32_t columns, units, slots;
};

static bool read_index(struct od_dwarf *dw, struct index *ret)
{
	struct od_dw r = od_dw_section(dw, OD_DW_CU_INDEX);
	uint32_t version;

	ret->r = r;
	/* 2 bytes and 2 that are 0, in version 2 all 4. */
	version = r.big ? od_dw_u32(&r) : od_dw_u16(&r);
	if (!r.big)
		od_dw_skip(&r, 2);
	else if (version >= 0x10000)
		version >>= 16;
	ret->columns = od_dw_u32(&r);
	ret->units = od_dw_u32(&r);
	ret->slots = od_dw_u32(&r);
	return !r.bad && (version == 2 || version == 5) && ret->columns && ret->columns <= MAX_COLUMNS &&
	       ret->slots && !(ret->slots & (ret->slots - 1)) &&
	       (uint64_t)ret->slots * 12 <= od_dw_left(&r);
}

static uint64_t number_at(const struct index *ix, uint64_t off, unsigned size)
{
	struct od_dw r = ix->r;

	od_dw_skip(&r, off);
	return od_dw_number(&r, size);
}

/* The row of an id, from 1 on; 0: it has none. */
static uint32_t find_row(struct od_dwarf *dw, const struct index *ix, uint64_t id)
{
	const uint32_t mask = ix->slots - 1;
	const uint32_t step = (uint32_t)(id >> 32 & mask) | 1;
	uint32_t slot = (uint32_t)(id & mask);

	for (uint32_t n = 0; n < ix->slots && od_dw_spend(dw, 1); n++, slot = (slot + step) & mask) {
		uint64_t at = 16 + (uint64_t)slot * 8;
		uint32_t row = (uint32_t)number_at(ix, 16 + (uint64_t)ix->slots * 8 + (uint64_t)slot * 4, 4);

		if (!row)
			return 0;
		if (number_at(ix, at, 8) == id)
			return row <= ix->units ? row : 0;
	}
	return 0;
}

static bool find_parts(struct od_dwarf *dw, uint64_t id, struct od_dw_parts *ret)
{
	struct index ix;
	uint64_t table, offsets;
	uint32_t row;

	memset(ret, 0, sizeof(*ret));
	if (!read_index(dw, &ix) || !(row = find_row(dw, &ix, id)))
		return false;
	table = 16 + (uint64_t)ix.slots * 12;
	offsets = table + (uint64_t)row * ix.columns * 4;
	if (offsets + (uint64_t)ix.columns * 4 > od_dw_left(&ix.r))
		return false;
	for (uint32_t i = 0; i < ix.columns; i++) {
		uint64_t off = number_at(&ix, offsets + i * 4, 4);

		switch (number_at(&ix, table + i * 4, 4)) {
		case SECT_INFO:
			ret->info = off;
			break;
		case SECT_ABBREV:
			ret->abbrev = off;
			break;
		case SECT_STR_OFFSETS:
			ret->str_offsets = off;
			break;
		case SECT_RNGLISTS: /* of version 2 nothing is done with it */
			ret->rnglists = off;
			break;
		}
	}
	return true;
}

static bool is_package(struct od_dwarf *dw)
{
	return od_dw_section_len(dw, OD_DW_CU_INDEX) > 0;
}

/* All that may be meant: which one has a unit is known when it is asked for. */
static void open_packages(struct od_dwarf *main)
{
	unsigned nth = 0, n = 0;
	int fd;

	if (main->dwp_tried)
		return;
	main->dwp_tried = true;
	while (n < MAX_PACKAGES &&
	       (fd = od_aside_next(main, OD_ASIDE_DWP, "", NULL, &nth)) >= 0) {
		struct od_dwarf *dw = od_aside_open(main, fd, "dwp", true);

		if (dw && is_package(dw)) {
			od_aside_accept(dw);
			n++;
		} else if (dw) {
			od_aside_drop(main);
		}
	}
}

/* In what is open already. */
static struct od_unit *find_open(struct od_dwarf *main, uint64_t id)
{
	struct od_unit *ret = NULL;

	for (uint32_t i = 0; i < main->nasides && !ret; i++) {
		struct od_dwarf *dw = main->asides[i];
		struct od_dw_parts parts;

		if (!dw->dwo)
			continue;
		if (!is_package(dw))
			ret = dw->split_id == id ? od_unit_open_split(dw, id, NULL) : NULL;
		else if (find_parts(dw, id, &parts))
			ret = od_unit_open_split(dw, id, &parts);
	}
	return ret;
}

static struct od_unit *find_file(struct od_dwarf *main, const char *name, uint64_t id)
{
	struct od_unit *ret = NULL;
	unsigned nth = 0;
	int fd;

	while (!ret && (fd = od_aside_next(main, OD_ASIDE_DWO, name, NULL, &nth)) >= 0) {
		struct od_dwarf *dw = od_aside_open(main, fd, name, true);

		if (!dw)
			continue;
		dw->split_id = id;
		ret = od_unit_open_split(dw, id, NULL);
		if (ret)
			od_aside_accept(dw);
		else
			od_aside_drop(main);
	}
	return ret;
}

/* What the entries need of the skeleton, and the other way round. */
static void join(struct od_unit *skeleton, struct od_unit *split)
{
	skeleton->split = split;
	split->addr_base = skeleton->addr_base;
	split->ranges_base = skeleton->ranges_base;
	split->low_pc = skeleton->low_pc;
	split->has_low = skeleton->has_low;
	if (!*skeleton->name)
		skeleton->name = split->name;
	if (!*skeleton->comp_dir)
		skeleton->comp_dir = split->comp_dir;
}

struct od_unit *od_unit_split(struct od_unit *unit)
{
	struct od_dwarf *main = unit->dw->main;
	struct od_unit *split;

	if (!unit->dwo_name || !unit->has_dwo_id || unit->dw->dwo)
		return unit;
	if (unit->split_tried)
		return unit->split ? unit->split : unit;
	unit->split_tried = true;
	open_packages(main);
	split = find_open(main, unit->dwo_id);
	if (!split)
		split = find_file(main, unit->dwo_name, unit->dwo_id);
	if (split)
		join(unit, split);
	else if (!main->dbg->lacks)
		main->dbg->lacks = od_arena_printf(main->strings,
						   "%s has split DWARF, and %.256s was not found: no inlined calls",
						   od_debug_name(main->dbg), unit->dwo_name);
	return split ? split : unit;
}
