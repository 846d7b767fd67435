/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of a thread: by call frame information of the files that were mapped; without any by frame
 * pointers, and at the last by return addresses that lie on the stack. What is not by call frame
 * information is guessed, and marked so.
 */
#ifndef OD_TARGET_CORE_UNWIND_H
#define OD_TARGET_CORE_UNWIND_H

#include "target/core/core.h"

enum od_core_end {
	OD_CORE_END_OUTERMOST, /* the file says that nobody called it */
	OD_CORE_END_LIMIT,
	OD_CORE_END_MEMORY,    /* the stack cannot be read any further */
	OD_CORE_END_LOST,      /* nothing tells who called it */
	OD_CORE_END_LOOP,      /* it would go back */
};

/* As a clause: "the stack is not in the core". Static. */
const char *od_core_end_text(enum od_core_end end);

struct od_core_frame {
	uint64_t pc;
	struct od_dwarf_regs regs; /* as far as they are known in this frame */
	bool has_cfa;
	uint64_t cfa;
	bool is_call; /* pc is where a call returns to: the call stands before it */
	bool signal;  /* the kernel called a handler: this is the code that ends it */
	bool guessed;
	int signo;    /* of a signal frame: which signal was handled; 0: unknown */
	struct od_core_object *object; /* its code is in it; NULL: in none */
};

struct od_core_trace {
	struct od_core_frame *frame;
	uint32_t n;
	enum od_core_end end;
	struct od_core_object *lacks; /* the first whose file was missing, so that it was guessed; NULL */
};

/* At most max frames, in arena. find: for the files; may be NULL. */
void od_core_unwind(struct od_core *core, const struct od_core_thread *thread, struct od_find *find,
		    struct od_arena *arena, uint32_t max, struct od_core_trace *ret);

#endif
