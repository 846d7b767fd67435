/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places of an address: the line table for the innermost, the entries for what it is inlined in. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "symbols/debug-internal.h"
#include "symbols/dwarf-internal.h"
#include "symbols/dwarf-path.h"

enum {
	MAX_PATH = 4096,
	MAX_ROWS = 2 << 20,	/* that are kept, of all units in use */
	STEPS_PER_BYTE = 2, /* of a file: what its reader may do in all ... */
	STEPS_MORE = 1 << 20,
	STEPS_QUESTION = 32 << 10, /* ... and for each question, when that is spent */
};

static struct od_dwarf *open_dwarf(struct od_debug *dbg)
{
	struct od_dwarf *dw = dbg->dwarf;

	if (dbg->dwarf_tried)
		return dw;
	dbg->dwarf_tried = true;
	if (!od_debug_has_lines(dbg))
		return NULL;
	dw = dbg->dwarf = od_calloc(1, sizeof(*dw));
	dw->dbg = dbg;
	dw->elf = &dbg->elf;
	dw->strings = &dbg->strings;
	dw->rows_left = MAX_ROWS;
	dw->main = dw;
	dw->budget = (uint64_t)dbg->size * STEPS_PER_BYTE + STEPS_MORE;
	return dw;
}

void od_dwarf_close(struct od_dwarf *dw)
{
	if (!dw)
		return;
	od_units_close(dw);
	od_asides_close(dw);
	od_dw_sections_close(dw);
	free(dw);
}

/*
 * The unit with kernel_init() is init/main.c: what stands before that is the root
 * (scripts/decode_stacktrace.sh does it so). Only names that are absolute need it.
 */
const char *od_dwarf_root(struct od_unit *unit)
{
	static const char fixed[] = "/init/main.c";
	struct od_dwarf *dw = unit->dw;
	struct od_debug_symbol sym;
	char path[MAX_PATH];
	struct od_unit *main;
	size_t len;

	if (*unit->name != '/' || dw->root_tried)
		return dw->root;
	dw->root_tried = true;
	if (!od_debug_find(dw->dbg, "kernel_init", &sym, 1))
		return NULL;
	main = od_unit_at(dw, sym.addr);
	if (main)
		od_unit_split(main); /* it has the name */
	if (!main || !od_source_full(main->comp_dir, "", main->name, path, sizeof(path)))
		return NULL;
	len = strlen(path);
	if (len < sizeof(fixed) || strcmp(path + len - (sizeof(fixed) - 1), fixed) != 0)
		return NULL;
	path[len - (sizeof(fixed) - 1)] = '\0';
	dw->root = od_arena_strdup(dw->strings, path);
	return dw->root;
}

static void set_place(struct od_unit *unit, uint64_t file, uint32_t line, uint32_t column,
		      struct od_place *ret)
{
	ret->file = od_lines_file(unit, file);
	ret->line = line;
	ret->column = column;
}

/*
 * What DWARF does not tell of a function its symbol may: assembler has lines only, names may be in
 * a file that is not at hand (dwz), and gcc gives functions of one unit no mangled name.
 */
static void by_symbol(struct od_debug *dbg, uint64_t addr, bool mangled, struct od_place *ret)
{
	struct od_debug_symbol sym;

	if ((ret->function && (ret->linkage || !mangled)) || !od_debug_at(dbg, addr, &sym))
		return;
	if (!ret->function)
		ret->function = sym.name;
	if (!ret->linkage && (od_starts(sym.name, "_Z") || od_starts(sym.name, "_R")))
		ret->linkage = sym.name;
}

static size_t fill(struct od_debug *dbg, struct od_unit *unit, uint64_t addr, struct od_place *ret,
		   size_t max)
{
	struct od_unit *dies = od_unit_split(unit);
	struct od_dw_chain chain;
	struct od_dw_row row;
	size_t n = 0;

	memset(&ret[0], 0, sizeof(ret[0]));
	if (od_lines_find(unit, addr, &row))
		set_place(unit, row.file, row.line, row.column, &ret[0]);
	od_die_chain(dies, addr, &chain);
	for (unsigned left = chain.n; left && n < max;) {
		const uint32_t die = chain.dies[--left];
		struct od_dw_call call;

		od_die_names(dies, die, &ret[n].function, &ret[n].linkage);
		if (!left && !chain.lost)
			by_symbol(dbg, addr, !od_unit_is_c(dies), &ret[n]);
		if (++n == max || !left)
			break;
		od_die_call(dies, die, &call);
		memset(&ret[n], 0, sizeof(ret[n]));
		set_place(unit, call.file, call.line, call.column, &ret[n]);
	}
	if (n || !ret[0].file)
		return n;
	by_symbol(dbg, addr, false, &ret[0]);
	return 1;
}

/* The unit of addr, held. */
static struct od_unit *hold_unit(struct od_debug *dbg, uint64_t addr)
{
	struct od_dwarf *dw = open_dwarf(dbg);
	struct od_unit *unit;

	if (!dw)
		return NULL;
	if (dw->budget < STEPS_QUESTION)
		dw->budget = STEPS_QUESTION;
	unit = od_unit_at(dw, addr);
	if (unit)
		unit->pins++;
	return unit;
}

size_t od_debug_places(struct od_debug *dbg, uint64_t addr, struct od_place *ret, size_t max)
{
	struct od_unit *unit = max ? hold_unit(dbg, addr) : NULL;
	size_t n;

	if (!unit)
		return 0;
	n = fill(dbg, unit, addr, ret, max);
	unit->pins--;
	return n;
}

bool od_debug_source_path(struct od_debug *dbg, uint64_t addr, char *buf, size_t size)
{
	struct od_unit *unit = hold_unit(dbg, addr);
	struct od_dw_row row;
	bool ok;

	if (!unit)
		return false;
	od_unit_split(unit);
	ok = od_lines_find(unit, addr, &row) && od_lines_full(unit, row.file, buf, size);
	unit->pins--;
	return ok;
}
