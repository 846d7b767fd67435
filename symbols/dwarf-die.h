/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of a unit, one after the other. */
#ifndef OD_SYMBOLS_DWARF_DIE_H
#define OD_SYMBOLS_DWARF_DIE_H

#include "symbols/dwarf-internal.h"

/* A reader at the entry that is off bytes from the unit's header. */
static inline struct od_dw od_die_reader(const struct od_unit *unit, uint32_t off)
{
	struct od_dw r = od_dw_init(unit->p, (size_t)(unit->end - unit->p), unit->dw->elf->big);

	od_dw_skip(&r, off);
	return r;
}

/* Its abbreviation, r then stands at the first value. NULL: the end of a list, or damage. */
static inline const struct od_abbrev *od_die_open(const struct od_unit *unit, struct od_dw *r)
{
	return od_abbrevs_find(&unit->abbrevs, od_dw_uleb(r));
}

/* The addresses of an entry; false: it cannot be read. */
bool od_die_pc(struct od_unit *unit, uint32_t die, struct od_dw_pc *ret);

#endif
