/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the reader of places share. Everything points into the file where it can; of a
 * module the parts that are looked at are copies, relocated. Work is counted: a file has a budget
 * that grows with its size, and when it is spent there are no more answers.
 */
#ifndef OD_SYMBOLS_DWARF_INTERNAL_H
#define OD_SYMBOLS_DWARF_INTERNAL_H

#include "base/arena.h"
#include "symbols/debug.h"
#include "symbols/debug-reloc.h"
#include "symbols/dwarf-def.h"
#include "symbols/dwarf-read.h"

enum od_dw_id {
	OD_DW_INFO,
	OD_DW_ABBREV,
	OD_DW_LINE,
	OD_DW_STR,
	OD_DW_LINE_STR,
	OD_DW_RANGES,
	OD_DW_RNGLISTS,
	OD_DW_ADDR,
	OD_DW_STR_OFFSETS,
	OD_DW_ARANGES,
	OD_DW_CU_INDEX,
	OD_DW_SECTIONS,
};

struct od_dw_section {
	const uint8_t *p; /* not yet relocated, unless own_whole */
	size_t len;
	uint8_t *own; /* p, where that had to be made */
	struct od_relocs relocs;
	bool opened, whole; /* whole: relocated */
};

/* A stretch of addresses and the unit, or the entry in a unit, that has it. */
struct od_dw_range {
	uint64_t lo, hi; /* hi: exclusive */
	uint64_t off;
};

struct od_dw_ranges {
	struct od_dw_range *list; /* by lo once they are sorted */
	size_t n, cap;
	uint64_t widest;
};

struct od_abbrev_attr {
	uint16_t name, form;
	int64_t implicit; /* FORM_IMPLICIT_CONST */
};

struct od_abbrev {
	uint64_t code;
	uint32_t attrs, nattrs; /* the first in the list of all, and how many */
	uint32_t fixed;		/* bytes of all values, OD_DW_VARIES */
	uint16_t tag;
	bool children;
};

#define OD_DW_VARIES UINT32_MAX

struct od_abbrevs {
	struct od_abbrev *list;
	struct od_abbrev_attr *attrs;
	uint32_t n, cap, nattrs, attrs_cap;
	bool dense; /* codes are 1 to n, in order */
};

struct od_dw_row {
	uint64_t addr;
	uint32_t line, file, column;
	bool end; /* the first byte behind a sequence */
};

struct od_unit {
	struct od_dwarf *dw;
	uint64_t off;		/* of the header, in .debug_info */
	const uint8_t *p, *end; /* header and all entries */
	uint8_t *own;		/* p, if it is a relocated copy */
	uint16_t version, language;
	uint8_t offset_size, address_size, type;
	uint32_t first; /* where the first entry is, from p */
	uint64_t abbrev_off;
	struct od_abbrevs abbrevs;
	bool has_abbrevs, has_lines_at, has_low;
	/* of the first entry */
	uint64_t low_pc, lines_at, str_base, addr_base, lists_base, ranges_base;
	uint64_t lists_off; /* where its part of .debug_rnglists begins */
	const char *name, *comp_dir; /* "" if it has none */
	/* split DWARF: what a skeleton stands for, or the skeleton's id in the unit itself */
	uint64_t dwo_id;
	const char *dwo_name;
	bool has_dwo_id, split_tried;
	struct od_unit *split;
	/* made when they are asked for */
	struct od_dw_ranges functions;
	bool has_functions;
	struct od_lines *lines;
	uint32_t pins, stamp;
};

enum { OD_UNIT_CACHE = 48 };

struct od_dwarf {
	struct od_debug *dbg;
	const struct od_elf *elf;
	struct od_arena *strings;
	struct od_dw_section sections[OD_DW_SECTIONS];
	struct od_dw_ranges units; /* addresses -> unit, by .debug_aranges and those added later */
	bool has_units, has_all;   /* all: also of units that .debug_aranges does not name */
	uint64_t *unit_offs;	   /* of all units, ascending; made when needed */
	size_t nunits;
	struct od_unit *cache[OD_UNIT_CACHE];
	uint32_t ncache, clock;
	const char *root; /* of the source tree, where only init/main.c tells it */
	bool root_tried;
	uint32_t rows_left; /* that may be kept */
	uint64_t budget;    /* entries, rows and ranges that may still be looked at; of main */
	/* Of a file beside: the one that refers to it; of all others itself. */
	struct od_dwarf *main;
	uint64_t split_id;  /* of the unit in a .dwo */
	bool dwo;	    /* its sections are called ".debug_info.dwo" */
	struct od_dwarf **asides; /* files beside that were opened, of main */
	uint32_t nasides, asides_cap, aside_tries;
	struct od_dwarf *alt;
	bool dwp_tried, alt_tried;
};

/* Take n steps from the budget; false: it is spent. */
static inline bool od_dw_spend(struct od_dwarf *dw, uint64_t n)
{
	dw = dw->main;
	if (dw->budget < n) {
		dw->budget = 0;
		return false;
	}
	dw->budget -= n;
	return true;
}

/* --- dwarf-section.c --- */
/* A section, decompressed and relocated; len 0: there is none. */
struct od_dw od_dw_section(struct od_dwarf *dw, enum od_dw_id id);
size_t od_dw_section_len(struct od_dwarf *dw, enum od_dw_id id);
/*
 * len bytes from off on, which are cut if there are less. If that needs relocation *own is a copy,
 * which the caller frees, else NULL.
 */
struct od_dw od_dw_piece(struct od_dwarf *dw, enum od_dw_id id, uint64_t off, uint64_t len,
			 uint8_t **own);
/* A string at an offset of a section of strings; NULL: none. */
const char *od_dw_string_at(struct od_dwarf *dw, enum od_dw_id id, uint64_t off);
void od_dw_sections_close(struct od_dwarf *dw);

/* --- dwarf-range.c --- */
void od_dw_ranges_add(struct od_dw_ranges *ranges, uint64_t lo, uint64_t hi, uint64_t off);
void od_dw_ranges_sort(struct od_dw_ranges *ranges);
/* The range with the greatest start that holds addr; NULL: none. */
const struct od_dw_range *od_dw_ranges_find(const struct od_dw_ranges *ranges, uint64_t addr);

/* What an entry says of the addresses it has. */
struct od_dw_pc {
	bool has_low, has_high, high_is_length, has_ranges;
	uint64_t low, high;
	uint64_t ranges; /* offset in the section of ranges */
};

/* Goes over the addresses of pc. */
struct od_dw_pc_iter {
	struct od_unit *unit;
	struct od_dw r;
	uint64_t base;
	bool ranges, done;
	uint64_t lo, hi; /* of what has no list */
};

void od_dw_pc_begin(struct od_dw_pc_iter *it, struct od_unit *unit, const struct od_dw_pc *pc);
bool od_dw_pc_next(struct od_dw_pc_iter *it, uint64_t *lo, uint64_t *hi);

enum od_dw_cover {
	OD_DW_TELLS_NONE, /* it has no addresses, or a list without any */
	OD_DW_ELSEWHERE,
	OD_DW_COVERS,
};

enum od_dw_cover od_dw_pc_covers(struct od_unit *unit, const struct od_dw_pc *pc, uint64_t addr);

/* --- dwarf-abbrev.c --- */
/* The table of a unit. False: there is none that makes sense. */
bool od_abbrevs_read(struct od_abbrevs *ret, struct od_unit *unit);
/* Only up to the abbreviation of that code. */
bool od_abbrevs_read_one(struct od_abbrevs *ret, struct od_unit *unit, uint64_t code);
void od_abbrevs_deinit(struct od_abbrevs *abbrevs);
/* NULL: no such code. */
const struct od_abbrev *od_abbrevs_find(const struct od_abbrevs *abbrevs, uint64_t code);

/* --- dwarf-form.c --- */
enum od_dw_kind {
	OD_DW_NONE, /* read, but of no use here: blocks, signatures */
	OD_DW_NUMBER,
	OD_DW_ADDRESS,
	OD_DW_TEXT,   /* .text, NULL if it could not be had */
	OD_DW_REF,    /* offset in .debug_info */
	OD_DW_REF_ALT, /* ... of the file that dwz made */
	OD_DW_OFFSET, /* in another section */
	OD_DW_INDEX,  /* of a list of ranges */
};

struct od_dw_value {
	enum od_dw_kind kind;
	uint64_t n;
	const char *text;
};

/* Bytes of a value whose size is always the same, OD_DW_VARIES. */
uint32_t od_form_size(const struct od_unit *unit, unsigned form);
/* Pass over a value; false: it is not within bounds or of no form that is known. */
bool od_form_skip(const struct od_unit *unit, struct od_dw *r, unsigned form);
bool od_form_read(struct od_unit *unit, struct od_dw *r, unsigned form, int64_t implicit,
		  struct od_dw_value *ret);
/* Entry number i of .debug_addr for the unit. */
bool od_form_address(struct od_unit *unit, uint64_t i, uint64_t *ret);

/* --- dwarf-unit.c --- */
/* The unit whose addresses addr is of; NULL: none. It stays until the next call of these, or as
 * long as it has pins. */
struct od_unit *od_unit_at(struct od_dwarf *dw, uint64_t addr);
/* The unit whose header is at off, or that off lies in. */
struct od_unit *od_unit_get(struct od_dwarf *dw, uint64_t off);
struct od_unit *od_unit_holding(struct od_dwarf *dw, uint64_t off);
void od_units_close(struct od_dwarf *dw);

/* Where the parts of a unit begin in their sections: not at 0 in a .dwp. */
struct od_dw_parts {
	uint64_t info, abbrev, str_offsets, rnglists;
};

/*
 * The unit with that id, of a .dwo or (with parts) of a .dwp; the caller closes it. NULL: there is none.
 */
struct od_unit *od_unit_open_split(struct od_dwarf *dw, uint64_t id, const struct od_dw_parts *parts);
void od_unit_close(struct od_unit *unit);

/* --- dwarf-split.c, dwarf-aside.c --- */
/* The unit that has the entries: of a skeleton another one, if its file can be had, else unit. */
struct od_unit *od_unit_split(struct od_unit *unit);
/* Of what dwz took out of several files; NULL: cannot be had. */
struct od_dwarf *od_dwarf_alt(struct od_dwarf *dw);
/* Open a file beside, which is then one of dw->asides. NULL: too many, or it is none. fd is taken. */
struct od_dwarf *od_aside_open(struct od_dwarf *main, int fd, const char *name, bool dwo);
/* It is the right one: what is in it may be read. */
void od_aside_accept(struct od_dwarf *dw);
/* Give back the one that was opened last. */
void od_aside_drop(struct od_dwarf *main);
void od_asides_close(struct od_dwarf *main);
/* The next file that may be the one; -1: no more. *nth begins at 0. */
int od_aside_next(struct od_dwarf *main, enum od_aside kind, const char *name, const char *build_id,
		  unsigned *nth);

/* --- dwarf-die.c --- */
enum { OD_DW_MAX_CHAIN = OD_MAX_PLACES };

/* What was inlined into each other at an address. */
struct od_dw_chain {
	uint32_t dies[OD_DW_MAX_CHAIN]; /* from the unit's p; the function first */
	unsigned n;
	uint32_t lost; /* more than fit */
};

void od_die_chain(struct od_unit *unit, uint64_t addr, struct od_dw_chain *ret);
/* Its language is C or assembler: no scopes, no mangled names. */
bool od_unit_is_c(const struct od_unit *unit);
/* Names, through DW_AT_abstract_origin and DW_AT_specification. */
void od_die_names(struct od_unit *unit, uint32_t die, const char **name, const char **linkage);
struct od_dw_call {
	uint64_t file;
	uint32_t line, column;
};
void od_die_call(struct od_unit *unit, uint32_t die, struct od_dw_call *ret);

/* --- dwarf-line.c, dwarf-file.c --- */
/* The row of the line table for addr; false: there is none. */
bool od_lines_find(struct od_unit *unit, uint64_t addr, struct od_dw_row *ret);
/*
 * A file by its number there, relative to the root of the source, valid until the debug file is
 * closed; NULL: no such file. od_lines_full() gives it with the directory it was compiled in.
 */
const char *od_lines_file(struct od_unit *unit, uint64_t file);
bool od_lines_full(struct od_unit *unit, uint64_t file, char *buf, size_t size);
void od_lines_close(struct od_lines *lines, struct od_dwarf *dw);

/* --- dwarf.c --- */
/* The root of the source tree if units with absolute names need it to be known; NULL: no need, or
 * unknown. */
const char *od_dwarf_root(struct od_unit *unit);
void od_dwarf_close(struct od_dwarf *dw);

#endif
