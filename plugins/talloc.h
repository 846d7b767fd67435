/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A backtrace seen as a program that is freeing things: which objects are being freed right now, and
 * who further out still holds them. talloc's frames tell it: _tc_free_internal() runs a destructor or
 * frees the children of its chunk (talloc 2.0 to 2.4, lib/talloc/talloc.c).
 */
#ifndef PLUGIN_TALLOC_H
#define PLUGIN_TALLOC_H

#include "plugin-util.h"

enum { MAX_FRAMES = 512, MAX_HOLDS = 8192, MAX_FREES = 64 };

/* A pointer that a frame holds, as argument or local. */
struct hold {
	uint32_t frame; /* index in stack 0 */
	uint32_t line;	/* of the input */
	uint64_t value;
	const char *name;
};

struct bt_frame {
	const char *function; /* NULL: no symbol */
	const char *file;
	uint64_t pc;
	uint32_t number; /* gdb's #N */
	uint32_t line, source_line;
	uint32_t first_hold, nholds;
	bool talloc, tevent;
};

enum phase { PHASE_DESTRUCTOR, PHASE_CHILDREN };

/* A free that had not returned when the program died. */
struct active_free {
	uint32_t frame;	    /* of _tc_free_internal, or the innermost talloc frame without locals */
	uint32_t initiator; /* first frame further out that is not talloc's */
	uint32_t line;
	uint64_t object;
	enum phase phase;
	const char *destructor; /* the running one, with PHASE_DESTRUCTOR */
	char location[256];	/* "file.c:123" that asked for the free, or "" */
	bool inferred;		/* talloc has no debug info: object is the destructor's argument */
};

struct model {
	struct bt_frame frames[MAX_FRAMES];
	uint32_t nframes;
	struct hold holds[MAX_HOLDS];
	uint32_t nholds;
	struct active_free frees[MAX_FREES]; /* inner to outer */
	uint32_t nfrees;
	uint64_t header;	/* bytes from a chunk to its object, as the trace shows; else 0x60 */
	bool header_proven;
};

/* Read stack 0. */
void talloc_model(const struct ctx *c, struct model *m);
/* Value of the variable of that name in a frame; false if there is none or it is no number. */
bool talloc_var(const struct model *m, uint32_t frame, const char *name, struct hold *ret);
/* First hold of value in a frame that is not talloc's, from frame index on; NULL if none. */
const struct hold *talloc_holder(const struct model *m, uint64_t value, uint32_t from);
/* Is the value inside the code or constants of a named function's neighbourhood? */
bool talloc_is_text(const struct model *m, uint64_t value);

#endif
