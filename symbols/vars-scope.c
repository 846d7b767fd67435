/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an address to the function and the blocks that it is in. */
#include "config.h"

#ifdef LIBDW_SONAME
#include <dwarf.h>

#include "symbols/debug-internal.h"
#include "symbols/dwarf-libdw.h"
#include "symbols/vars-internal.h"

enum {
	MAX_UNITS = 100000,
	MAX_DIES = 1 << 20, /* looked at to find one address */
	MAX_NAMESPACES = 8,
};

/* --- the unit ---------------------------------------------------------------------------------- */

/*
 * The offset of the unit that .debug_aranges (DWARF 5, 6.1.2) has for addr. libdw sorts the whole
 * table first and looks at every unit for it: 15 ms for a vmlinux, this takes 0.1 ms.
 */
static bool by_aranges(const struct od_debug *dbg, uint64_t addr, uint64_t *ret)
{
	const struct od_elf_section *sec = od_elf_find(&dbg->elf, ".debug_aranges");
	const bool big = dbg->elf.big;
	size_t at = 0;

	/* That of a module would have to be relocated first; it is small, libdw may do it. */
	if (!sec || !sec->data || dbg->elf.type == ET_REL || sec->flags & SHF_COMPRESSED)
		return false;
	while (sec->len - at >= 16) {
		const uint8_t *p = sec->data + at;
		uint64_t len = od_elf_number(big, p, 4);
		size_t first = 16, end; /* 12 bytes of header, then tuples are aligned */

		if (len < 12 || len > sec->len - at - 4 || od_elf_number(big, p + 4, 2) != 2 ||
		    p[10] != 8 || p[11])
			return false;
		end = 4 + (size_t)len;
		for (; end - first >= 16; first += 16) {
			uint64_t begin = od_elf_number(big, p + first, 8);

			if (addr >= begin && addr - begin < od_elf_number(big, p + first + 8, 8)) {
				*ret = od_elf_number(big, p + 6, 4);
				return true;
			}
		}
		at += end;
	}
	return false;
}

static bool unit_at(Dwarf *dw, uint64_t offset, Dwarf_Die *ret)
{
	Dwarf_Off next;
	size_t header;

	return dwarf_nextcu(dw, offset, &next, &header, NULL, NULL, NULL) == 0 &&
	       dwarf_offdie(dw, offset + header, ret);
}

static bool find_unit(struct od_debug *dbg, Dwarf *dw, uint64_t addr, Dwarf_Die *ret)
{
	Dwarf_CU *unit = NULL;
	uint64_t offset;
	uint8_t type;

	if (by_aranges(dbg, addr, &offset) && unit_at(dw, offset, ret) && dwarf_haspc(ret, addr) > 0)
		return true;
	if (dwarf_addrdie(dw, addr, ret))
		return true;
	/* What clang made has no such table. */
	for (unsigned n = 0; n < MAX_UNITS; n++) {
		if (dwarf_get_units(dw, unit, &unit, NULL, &type, ret, NULL) != 0)
			return false;
		if (type == DW_UT_compile && dwarf_haspc(ret, addr) > 0)
			return true;
	}
	return false;
}

/* --- blocks ------------------------------------------------------------------------------------ */

struct search {
	uint64_t pc;
	unsigned dies; /* that may still be looked at */
};

static bool is_scope(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine ||
	       tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

static bool find_function(struct search *s, Dwarf_Die *parent, unsigned depth, Dwarf_Die *ret)
{
	Dwarf_Die die;
	int tag;

	if (!s->dies || dwarf_child(parent, &die) != 0)
		return false;
	do {
		s->dies--;
		tag = dwarf_tag(&die);
		if (tag == DW_TAG_subprogram && dwarf_haspc(&die, s->pc) > 0) {
			*ret = die;
			return true;
		}
		/* A namespace has no addresses. */
		if ((tag == DW_TAG_namespace || tag == DW_TAG_module) && depth < MAX_NAMESPACES &&
		    find_function(s, &die, depth + 1, ret))
			return true;
	} while (s->dies && dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* The child of parent that pc is in. */
static bool find_block(struct search *s, Dwarf_Die *parent, Dwarf_Die *ret)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die) != 0)
		return false;
	do {
		if (!s->dies)
			return false;
		s->dies--;
		if (is_scope(dwarf_tag(&die)) && dwarf_haspc(&die, s->pc) > 0) {
			*ret = die;
			return true;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

bool od_dwarf_scopes(struct od_debug *dbg, uint64_t pc, struct od_scopes *ret)
{
	Dwarf *dw = od_debug_libdw(dbg);
	struct search s = { pc, MAX_DIES };
	Dwarf_Die unit;

	ret->n = 0;
	if (!dw || !find_unit(dbg, dw, pc, &unit) || !find_function(&s, &unit, 0, &ret->scope[0]))
		return false;
	ret->n = 1;
	while (ret->n < OD_SCOPE_DEPTH && find_block(&s, &ret->scope[ret->n - 1], &ret->scope[ret->n]))
		ret->n++;
	return true;
}

const char *od_dwarf_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attr));
}
#endif
