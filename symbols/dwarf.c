/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places of an address, by libdw. */
#include "config.h"

#ifdef HAVE_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/debug-internal.h"
#include "symbols/dwarf-libdw.h"
#include "symbols/dwarf-path.h"

enum { MAX_FILE_NAME = 4096 };

static const char *string_attr(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr_integrate(die, name, &attr));
}

static uint32_t number_attr(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &v) || v > UINT32_MAX)
		return 0;
	return (uint32_t)v;
}

static const char *file_name(struct od_debug *dbg, Dwarf_Die *cu, const char *name)
{
	char buf[MAX_FILE_NAME];
	const char *dir = string_attr(cu, DW_AT_comp_dir), *unit = dwarf_diename(cu);

	if (!name || !od_source_relative(dir ? dir : "", unit ? unit : "", "", name, buf, sizeof(buf)))
		return NULL;
	return od_arena_strdup(&dbg->strings, buf);
}

static void set_function(Dwarf_Die *die, struct od_place *ret)
{
	ret->function = dwarf_diename(die);
	ret->linkage = string_attr(die, DW_AT_linkage_name);
}

static bool is_function(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static bool find_unit(Dwarf *dwarf, uint64_t addr, Dwarf_Die *cu)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die sub;
	uint8_t type;
	Dwarf_Half version;

	if (dwarf_addrdie(dwarf, addr, cu))
		return true;
	while (dwarf_get_units(dwarf, unit, &unit, &version, &type, cu, &sub) == 0)
		if (dwarf_haspc(cu, addr) > 0)
			return true;
	return false;
}

static void set_line(struct od_debug *dbg, Dwarf_Die *cu, uint64_t addr, struct od_place *ret)
{
	Dwarf_Line *line = dwarf_getsrc_die(cu, addr);
	int n;

	if (!line)
		return;
	ret->file = file_name(dbg, cu, dwarf_linesrc(line, NULL, NULL));
	if (dwarf_lineno(line, &n) == 0 && n > 0)
		ret->line = (uint32_t)n;
	if (dwarf_linecol(line, &n) == 0 && n > 0)
		ret->column = (uint32_t)n;
}

static void set_call(struct od_debug *dbg, Dwarf_Die *cu, Dwarf_Die *inlined, struct od_place *ret)
{
	Dwarf_Files *files;
	size_t nfiles;

	if (dwarf_getsrcfiles(cu, &files, &nfiles) == 0)
		ret->file = file_name(dbg, cu, dwarf_filesrc(files, number_attr(inlined, DW_AT_call_file),
							     NULL, NULL));
	ret->line = number_attr(inlined, DW_AT_call_line);
	ret->column = number_attr(inlined, DW_AT_call_column);
}

size_t od_debug_places(struct od_debug *dbg, uint64_t addr, struct od_place *ret, size_t max)
{
	Dwarf *dwarf = od_debug_libdw(dbg);
	Dwarf_Die cu, *inner = NULL, *scopes = NULL, *inlined = NULL;
	size_t n = 0;
	int nscopes;

	if (!dwarf || !max || !find_unit(dwarf, addr, &cu))
		return 0;
	memset(&ret[0], 0, sizeof(ret[0]));
	set_line(dbg, &cu, addr, &ret[0]);
	/* Of an inlined call it names the scopes of the definition: ask for those it is in. */
	if (dwarf_getscopes(&cu, addr, &inner) <= 0)
		return ret[0].file != NULL;
	nscopes = dwarf_getscopes_die(&inner[0], &scopes);
	free(inner);
	for (int i = 0; i < nscopes && n < max; i++) {
		if (!is_function(&scopes[i]))
			continue;
		if (n)
			memset(&ret[n], 0, sizeof(ret[n]));
		if (inlined)
			set_call(dbg, &cu, inlined, &ret[n]);
		set_function(&scopes[i], &ret[n++]);
		inlined = &scopes[i];
		if (dwarf_tag(inlined) == DW_TAG_subprogram)
			break;
	}
	free(scopes);
	return n ? n : ret[0].file != NULL;
}

bool od_debug_source_path(struct od_debug *dbg, uint64_t addr, char *buf, size_t size)
{
	Dwarf *dwarf = od_debug_libdw(dbg);
	Dwarf_Line *line;
	const char *name, *dir;
	Dwarf_Die cu;

	if (!dwarf || !find_unit(dwarf, addr, &cu))
		return false;
	line = dwarf_getsrc_die(&cu, addr);
	name = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	dir = string_attr(&cu, DW_AT_comp_dir);
	return name && od_source_full(dir ? dir : "", "", name, buf, size);
}

#else
#include "symbols/debug.h"

size_t od_debug_places(struct od_debug *dbg, uint64_t addr, struct od_place *ret, size_t max)
{
	(void)dbg, (void)addr, (void)ret, (void)max;
	return 0;
}

bool od_debug_source_path(struct od_debug *dbg, uint64_t addr, char *buf, size_t size)
{
	(void)dbg, (void)addr, (void)buf, (void)size;
	return false;
}
#endif
