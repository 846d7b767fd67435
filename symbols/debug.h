/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A debug file: what an ELF file with a symbol table, maybe with DWARF, knows of its addresses.
 * Nothing is read before it is asked for: of the symbols one table, of DWARF the compile units that
 * a question touches.
 *
 * Addresses are those of the file. A linked file (vmlinux) has its own; KASLR is no business of
 * ours, callers go by symbol and offset. In a module (ET_REL) each allocated section has a place
 * that we give it, so that they do not overlap: od_debug_section() tells it.
 *
 * The file is a stranger's: every size, offset, form and nesting is checked, and what makes no
 * sense gives no answer.
 */
#ifndef OD_SYMBOLS_DEBUG_H
#define OD_SYMBOLS_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	OD_MAX_PLACES = 32,   /* of one address: calls inlined into each other */
	OD_MAX_BUILD_ID = 64, /* bytes; hex has twice as many and a NUL */
};

struct od_debug;

/*
 * Take what is in fd, which is closed with the file, also after an error. name is its basename, for
 * messages, and is copied. A System.map will do: names and addresses. OD_ERR_UNSUPPORTED: neither
 * that nor an ELF file, or damaged so that nothing can be had.
 */
struct od_error *od_debug_open(int fd, const char *name, struct od_debug **ret);
/*
 * The same of size bytes that lie in memory, and are copied: the vdso of a process is nowhere else.
 */
struct od_error *od_debug_open_bytes(const void *data, size_t size, const char *name, struct od_debug **ret);
/* NULL is accepted. */
void od_debug_close(struct od_debug *dbg);

const char *od_debug_name(const struct od_debug *dbg);
/* In hex; NULL: the file has none. Valid until the file is closed, as all strings here are. */
const char *od_debug_build_id(const struct od_debug *dbg);
/* The architecture of its code, as symbols/disasm.h names it; NULL: one that it does not know. */
const char *od_debug_arch(const struct od_debug *dbg);
bool od_debug_has_symbols(const struct od_debug *dbg);
bool od_debug_has_lines(const struct od_debug *dbg); /* it has .debug_info and .debug_line */
bool od_debug_has_symtab(const struct od_debug *dbg); /* not only what the dynamic linker needs */
bool od_debug_has_code(const struct od_debug *dbg); /* instructions, not only their addresses */

struct od_debug_symbol {
	const char *name; /* as in the table, maybe mangled */
	uint64_t addr;	  /* of the file */
	uint64_t size;	  /* st_size, or the extent if that is 0; 0: unknown */
	uint64_t extent;  /* to the next symbol or the end of the section, with what pads: what a
			     kernel prints behind the slash. 0: unknown */
	bool function, global;
};

/*
 * Symbols of that name, in order of address; at most max of them are filled in, the number that
 * there are is returned. A hash over all names is made at the first call.
 */
size_t od_debug_find(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret,
		     size_t max);
/* The same by the demangled name, "ns::f(int)"; all symbols are demangled at the first call. */
size_t od_debug_find_demangled(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret,
			       size_t max);
/* The symbol that addr lies in; of several the one that kallsyms would print. */
bool od_debug_at(struct od_debug *dbg, uint64_t addr, struct od_debug_symbol *ret);
/*
 * Place and size of an allocated section, ".text"; false: there is none. Only addresses of one file
 * compare: the places of a module's sections are ours.
 */
bool od_debug_section(struct od_debug *dbg, const char *name, uint64_t *addr, uint64_t *size);
/* Place and size of the allocated section that addr lies in; false: in none. */
bool od_debug_section_at(struct od_debug *dbg, uint64_t addr, uint64_t *start, uint64_t *size);
/*
 * Bytes of the file at an address of it, as many as there are: code to compare, literals to show.
 * Those of a module are as before relocation; of a file that holds nothing but debug sections there
 * are none.
 */
size_t od_debug_read(struct od_debug *dbg, uint64_t addr, void *buf, size_t len);

/* The name by which other objects need it (DT_SONAME); NULL: it has none. */
const char *od_debug_soname(struct od_debug *dbg);
/* Bytes of the file itself at an offset, as many as there are. */
size_t od_debug_file_bytes(const struct od_debug *dbg, uint64_t offset, void *buf, size_t len);

/* Where an address stands in the source. */
struct od_place {
	const char *function; /* of the source, without suffix; NULL unknown */
	const char *linkage;  /* mangled, NULL if it is not */
	const char *file;     /* relative to the root of the source where that can be told */
	uint32_t line;	      /* 0: unknown */
	uint32_t column;      /* 0: unknown */
};

/*
 * The places of the instruction at addr, innermost first: what was inlined, and last the function
 * itself; each is the line that stands in that function (for all but the first the line of the
 * call). The number filled in; 0: nothing is known. For a return address ask for the byte before
 * it.
 */
size_t od_debug_places(struct od_debug *dbg, uint64_t addr, struct od_place *ret, size_t max);

/*
 * Where the source file of the innermost place of addr was when it was compiled: the compile
 * directory and the name as DWARF has them, for --source. False: unknown, or size is too small.
 */
bool od_debug_source_path(struct od_debug *dbg, uint64_t addr, char *buf, size_t size);

/* What a debug file refers to and has not itself. */
enum od_aside {
	OD_ASIDE_DWP, /* all of its split units, NAME.dwp */
	OD_ASIDE_DWO, /* one of them, by the name that the unit says */
	OD_ASIDE_ALT, /* what dwz took out of it, by build id and by the name that it says */
};

enum { OD_ASIDE_ABSENT = -1, OD_ASIDE_END = -2 };

/*
 * Opens candidate number nth (from 0 on) for such a file; it is looked at whether it is the right one. name
 * is a stranger's: it may choose among the files of places that the user named, and lead nowhere else.
 * OD_ASIDE_ABSENT: that one is not there. OD_ASIDE_END: there are no more.
 */
typedef int od_aside_fn(void *ctx, enum od_aside kind, const char *name, const char *build_id,
			unsigned nth);
/* Whom to ask. ctx must outlive the debug file. */
void od_debug_set_aside(struct od_debug *dbg, od_aside_fn *fn, void *ctx);
/* What places were told without, as a sentence: a file that it refers to was not found. NULL: nothing so far. */
const char *od_debug_lacks(const struct od_debug *dbg);

/* Types and locations of variables can be had: the build has libdw. */
bool od_debug_has_libdw(void);
/* Load what variables need: before a sandbox closes, in which no library can be opened. */
bool od_debug_prepare(void);

#endif
