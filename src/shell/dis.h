/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listings of code for the command dis: out of the memory of a dump, or of a debug file. */
#ifndef OD_SHELL_DIS_H
#define OD_SHELL_DIS_H

#include "base/buf.h"
#include "symbols/debug.h"
#include "symbols/disasm.h"
#include "symbols/symtab.h"
#include "target/kernel/kernel.h"

enum {
	OD_DIS_INSNS = 4096,	 /* most that are listed at once */
	OD_DIS_BYTES = 64 << 10, /* and of that many bytes */
};

struct od_core;
struct od_find;
struct od_locate;

/* Where code comes from. Addresses are those of the memory, or without one those of the file. */
struct od_dis {
	const char *arch;	  /* as in symbols/disasm.h */
	struct od_kernel *kernel; /* NULL: the file alone, or a core */
	struct od_core *core;	  /* of a process; NULL: none */
	struct od_find *find;	  /* for its files */
	struct od_locate *locate; /* NULL: there are no debug files */
	const char *release;	  /* for them; NULL unknown */
	bool lines;		  /* where each instruction stands in the source, before it */

	/* The file that goes with the function being listed, see od_dis_file(). */
	struct od_debug *file;
	const char *why_not;	/* there is none, or it cannot be compared; NULL: there is */
	uint64_t delta;		/* an address less that is one of the file */
	uint64_t first, last;	/* it holds for these addresses */
	bool relocated;		/* a module's: numbers in the file are blank */
};

/* A function as a listing needs it. */
struct od_dis_symbol {
	char name[OD_SYMBOL_NAME];
	const char *module; /* NULL: the kernel */
	uint64_t addr, size;
};

/* The function that addr lies in. False: none is known. */
bool od_dis_symbol(struct od_dis *d, uint64_t addr, struct od_dis_symbol *ret);
/*
 * Find the debug file for the code at addr, and where in it that stands. False, and why_not says it,
 * if there is none. The answer is kept for addresses of the same function, or all of the kernel.
 */
bool od_dis_file(struct od_dis *d, uint64_t addr);

/*
 * List instructions from addr on: until end (0: none) and at most max of them. Where memory and the
 * file with its build id differ, what the file has is put behind.
 */
void od_dis_list(struct od_dis *d, uint64_t addr, uint64_t end, uint32_t max, struct od_buf *out);

/*
 * Are len bytes of an instruction the same in memory and in the file, but for numbers that relocation
 * fills in? Addresses move by `moved`, and offsets from code to per-cpu variables, which do not move,
 * by as much the other way. blank: in the file they are 0, as in that of a module.
 */
bool od_dis_same(uint64_t moved, bool blank, const uint8_t *mem, const uint8_t *file, size_t len);

#endif
