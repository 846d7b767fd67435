/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where in the source the frames of a report stand, by debug files (symbols/find.h). What was asked
 * once is remembered, so the hundredth oops of a log costs nothing; what is new is asked in order of
 * address, so that each compile unit is decoded once.
 *
 * A place is only told if it is sure: the symbol has to be in the file with the size that the kernel
 * printed, which is the distance to the next symbol. A file that has the name with another size is of
 * another kernel, and not used any more, unless its build id says that it is of this one.
 */
#ifndef OD_ANALYZE_LOCATE_H
#define OD_ANALYZE_LOCATE_H

#include "model/input.h"
#include "symbols/find.h"

struct od_locate;

enum od_spot_end {
	OD_SPOT_FOUND,
	OD_SPOT_NO_FILE,   /* why of the file says more */
	OD_SPOT_REFUSED,   /* the file is of another kernel */
	OD_SPOT_NO_SYMBOL, /* the file does not have it */
	OD_SPOT_SIZE,	   /* the file has its build id, and the symbol with another size */
	OD_SPOT_AMBIGUOUS, /* several symbols of that name and size, and they do not agree */
	OD_SPOT_NO_LINES,  /* the symbol is there, but nothing is known of the source */
};

/* A question. Strings may be NULL (unknown) and only need to live through the call. */
struct od_spot {
	struct od_wanted of;  /* the file: of a kernel, or a module */
	const char *symbol;   /* NULL: addr is meant */
	uint64_t addr;	      /* of the file */
	uint64_t offset;      /* from the symbol */
	uint64_t size;	      /* of the symbol as printed; 0: not printed */
	bool is_return;	      /* a return address: the call stands ahead of it */

	/* The answer. Places are innermost first, valid until the next od_locate_spots(). */
	enum od_spot_end end;
	const struct od_place *places;
	size_t nplaces;
	uint64_t found;	      /* address in the file that was looked up; with OD_SPOT_FOUND */
};

/*
 * find: not owned, must live longer. sources: directories, NULL-terminated, in which source files are
 * looked for, so that reports get excerpts of them; NULL: none are.
 */
struct od_locate *od_locate_create(struct od_find *find, const char *const *sources);
/* NULL is accepted. */
void od_locate_destroy(struct od_locate *loc);

/* Answer n questions. */
void od_locate_spots(struct od_locate *loc, struct od_spot *spots, size_t n);

/*
 * Fill file, line and inlined of all frames of a report that is analysed. What is missing for the
 * crashing stack becomes an entry of in->missing, once for each file of an input.
 */
void od_locate_report(struct od_locate *loc, struct od_input *in, struct od_report *rep);

/* The lines around the place of the pc, and of the guilty frame, into rep->excerpts. */
void od_locate_excerpts(struct od_report *rep, const char *const *sources);
/* What od_locate_create() was given. */
const char *const *od_locate_sources(const struct od_locate *loc);

/* Of which file a frame of a report is. Its strings are those of the report. */
struct od_wanted od_locate_wanted(const struct od_report *rep, const struct od_frame *frame);

/*
 * As od_find_get(), remembered, and not with a file that was refused here. why_ret may be NULL.
 */
struct od_debug *od_locate_file(struct od_locate *loc, const struct od_wanted *wanted,
				struct od_absent *why_ret);

/* What to take from an address of the report's kernel for one of its debug file. False: unknown. */
bool od_locate_shift(struct od_locate *loc, const struct od_report *rep, uint64_t *ret);

/*
 * Of all symbols called name those that fit a size (0: any), in order of address; at most max. all
 * (may be NULL): how many of that name there are. The number of those that fit.
 */
size_t od_locate_symbols(struct od_debug *dbg, const char *name, uint64_t size,
			 struct od_debug_symbol *ret, size_t max, size_t *all);

#endif
