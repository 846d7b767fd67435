/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From registers to frames. x86-64 by ORC, by frame pointers where a kernel has no ORC; arm64 by
 * frame records. Nothing is invented: a frame is exact, or it is marked as guessed, or it is not
 * there and the trace says why it stops.
 *
 * Where code has no ORC (hand-written pieces, __crash_kexec, modules built without objtool, BPF)
 * the stack is searched for the address to return to:
 *  - an address right behind a direct call to the very function that pc is in is *proved*: it is
 *    exact, since only such a call leaves it, and the search takes the innermost. (That it is left
 *    over from an earlier call, in a local variable that was never written, cannot be excluded;
 *    the flag OD_UW_CALL_SITE says how it was found.)
 *  - any other address behind a call is *guessed*, and only taken if from there on ORC finds its
 *    way with every further return address behind a call that fits. Addresses into code without
 *    ORC, which cannot be followed like that, are listed on the way as guessed.
 */
#ifndef OD_TARGET_KERNEL_UNWIND_H
#define OD_TARGET_KERNEL_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/memory.h"
#include "symbols/orc.h"
#include "target/kernel/regs.h"
#include "target/kernel/stacks.h"

enum { OD_MAX_TRACE = 1024 }; /* frames of one trace */

enum od_unwound_flags {
	OD_UW_RETURN = 1 << 0,	    /* pc is where a call returns to: look up pc - 1 */
	OD_UW_GUESSED = 1 << 1,	    /* found by a guess */
	OD_UW_CALL_SITE = 1 << 2,   /* found by a search of the stack, not by a table */
	OD_UW_INTERRUPTED = 1 << 3, /* pc is where an exception or interrupt hit; regs says more */
	OD_UW_NO_CODE = 1 << 4,	    /* pc is in no code: a call of what is no function */
	OD_UW_TRAMPOLINE = 1 << 5,  /* a tracer's trampoline stands where the return address was */
};

struct od_unwound {
	uint64_t pc, sp; /* sp: when pc runs on, so just above its return address for callers */
	enum od_stack_kind stack;
	unsigned flags;
	const struct od_regs *regs; /* with OD_UW_INTERRUPTED, and of frame 0; or NULL */
};

enum od_unwind_end {
	OD_UNWIND_USER,	     /* came from user mode: struct od_trace.user */
	OD_UNWIND_START,     /* where a kernel thread or a CPU began */
	OD_UNWIND_NO_WAY,    /* code without ORC, and no return address was found */
	OD_UNWIND_MEMORY,    /* a stack or table is not in the dump: status, where */
	OD_UNWIND_OFF_STACK, /* the next frame would be on no stack that is known: where */
	OD_UNWIND_NO_CODE,   /* the address to return to is in no code, so overwritten: where */
	OD_UNWIND_LOOP,	     /* the stack pointer does not grow, or a stack is entered twice */
	OD_UNWIND_LIMIT,     /* OD_MAX_TRACE frames */
};

struct od_trace {
	struct od_unwound *frames; /* innermost first; in the arena */
	uint32_t n, cap;
	enum od_unwind_end end;
	enum od_mem_status status; /* with OD_UNWIND_MEMORY */
	uint64_t where;		   /* the address that was of no use */
	const struct od_regs *user; /* registers of user mode, NULL: it did not come from there */
	bool overflow; /* the stack pointer is below its stack, or the mark at its end is gone */
};

/* "from user mode", "the beginning of the thread" ...: how a trace ends, for people. Static. */
const char *od_unwind_end_text(enum od_unwind_end end);

struct od_unwinder {
	struct od_memory *mem;
	struct od_orc *orc; /* NULL: frame pointers alone */
	enum od_regs_arch arch;
	/*
	 * The function that addr is in: where it begins and how long it is. False: none is known
	 * there. NULL: nothing is known of functions, then nothing can be proved.
	 */
	bool (*function)(void *ctx, uint64_t addr, uint64_t *start, uint64_t *size);
	void *ctx;
	uint64_t text_first, text_last;	  /* all code is in there, that of modules and JITs too */
	uint64_t thunk_first,
		thunk_last; /* __indirect_thunk_start and _end: calls of these are indirect */
	/* return_to_handler, arch_rethook_trampoline, kretprobe_trampoline: 0: there is none */
	uint64_t trampolines[4];
	uint64_t searched; /* what searches of all its traces took: hostile stacks cannot have more
			      and more */
	/* arm64 */
	uint64_t pac_mask;		 /* KERNELPACMASK: bits that are no part of an address; 0 */
	uint64_t regs_frame;		 /* offset of struct pt_regs.stackframe; 0: unknown */
};

/*
 * What to begin with: at least pc, sp and the frame pointer should be known. returns: pc is a
 * return address (of a task that is not running: the caller of __switch_to_asm).
 */
struct od_unwind_start {
	struct od_regs regs;
	bool returns;
};

/*
 * A trace in arena memory. Frame 0 is start's pc, unless that was user mode. The stack that sp is
 * on need not be in stacks: then the 16 KiB around it that are aligned count as one of unknown
 * kind.
 */
void od_unwind(struct od_unwinder *u, const struct od_unwind_start *start,
	       const struct od_stack_ranges *stacks, struct od_arena *arena, struct od_trace *ret);

/*
 * x86-64: of a task that is not running: sp is its thread.sp, where struct inactive_task_frame is,
 * whose bp and ret_addr are at these offsets (40 and 48 without struct's flags). False: unreadable,
 * or what is there is no such frame: the task runs, or ran elsewhere since.
 */
bool od_unwind_start_blocked(struct od_unwinder *u, uint64_t sp, uint64_t bp_offset,
			     uint64_t ret_offset, struct od_unwind_start *ret);
/* arm64: of a task that is not running: fp, sp and pc of its thread.cpu_context. */
void od_unwind_start_context(uint64_t fp, uint64_t sp, uint64_t pc, struct od_unwind_start *ret);

#endif
