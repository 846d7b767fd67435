/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files debug*.c share. */
#ifndef OD_SYMBOLS_DEBUG_INTERNAL_H
#define OD_SYMBOLS_DEBUG_INTERNAL_H

#include "base/arena.h"
#include "symbols/debug.h"
#include "symbols/debug-elf.h"
#include "symbols/index.h"

/* The symbol table of a file, and what was made of it so far. */
struct od_debug_symbols {
	const struct od_elf_section *table, *strings;
	uint32_t n;		     /* entries of table that fit */
	uint32_t asked;		     /* questions answered by a pass over the table */
	struct od_name_index index;  /* made after some of them */
	uint64_t *addr;		     /* addresses of those that lie in memory, ascending */
	uint32_t *order, naddr;	     /* and which entry that is */
};

void od_debug_symbols_init(struct od_debug *dbg);
void od_debug_symbols_deinit(struct od_debug *dbg);

/* Its name; NULL: it is none that is told. i is within the table. */
const char *od_debug_symbol_name(const struct od_debug *dbg, uint32_t i);
bool od_debug_symbol_nth(struct od_debug *dbg, uint32_t i, struct od_debug_symbol *ret);

/* A symbol, by the hash of its demangled name. */
struct od_demangled {
	uint32_t hash, symbol;
};

struct od_dwarf;
struct od_libdw;
struct od_cfi;

struct od_debug {
	struct od_elf elf;
	char *name, *build_id;
	const uint8_t *map; /* the file, read-only */
	size_t size;
	struct od_debug_symbols syms;
	struct od_demangled *demangled; /* by hash */
	uint32_t ndemangled;
	bool has_demangled;
	struct od_dwarf *dwarf; /* made by the first question for a place */
	bool dwarf_tried;
	od_aside_fn *aside; /* NULL: there is nobody to ask */
	void *aside_ctx;
	const char *lacks;
	struct od_libdw *libdw; /* for those who need libdw: dwarf-libdw.h */
	bool libdw_tried;
	struct od_cfi *cfi; /* call frame information, made by the first question: cfi.c */
	struct od_arena strings; /* names that are not in the file as they are told */
};

void od_debug_libdw_close(struct od_debug *dbg);

#endif
