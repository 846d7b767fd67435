/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the parts of the unwinder. */
#ifndef OD_TARGET_KERNEL_UNWIND_INTERNAL_H
#define OD_TARGET_KERNEL_UNWIND_INTERNAL_H

#include "target/kernel/unwind.h"

/* Where a walk over the stacks is. A copy of it can be walked on without harm to the first. */
struct od_walk {
	struct od_unwinder *u;
	const struct od_stack_ranges *stacks;
	struct od_stack_range stack; /* the one that sp is on */
	uint32_t entered;	     /* bit i: stacks->r[i] was entered */
	uint32_t assumed;	     /* stacks that are in none of them */
	uint64_t pc, sp, fp;
	bool fp_known;
	bool returns;	      /* pc is a return address */
	unsigned flags;	      /* enum od_unwound_flags of the frame besides OD_UW_RETURN */
	struct od_regs regs; /* at pc; known is 0 beyond the first call */
	uint32_t words, tries; /* that may still be searched, and followed */
	/* how it ended */
	enum od_unwind_end end;
	enum od_mem_status status;
	uint64_t where;
};

enum od_step {
	OD_STEP_OK,	/* the walk is at the caller */
	OD_STEP_END,	/* w->end says why */
	OD_STEP_NO_WAY, /* no rule for this pc; the walk is where it was */
};

/* Give up, for a reason. */
enum od_step od_walk_stop(struct od_walk *w, enum od_unwind_end end, uint64_t where);
/* Read 8 bytes of a stack: the current one, or one that was not entered before. False: stopped. */
bool od_walk_word(struct od_walk *w, uint64_t addr, uint64_t *ret);
/* Is addr on a stack at all, so that it may be read? */
bool od_walk_on_stack(const struct od_walk *w, uint64_t addr, uint64_t len);
/* Move to sp: it must grow, or be on a stack that is new. floor: what it must be above of. */
bool od_walk_enter(struct od_walk *w, uint64_t sp);
/* To the caller: pc is a return address that was below sp. */
enum od_step od_walk_call(struct od_walk *w, uint64_t pc, uint64_t sp);
/* To what was interrupted, or to user mode: regs are its registers. */
enum od_step od_walk_regs(struct od_walk *w, const struct od_regs *regs);

static inline bool od_is_text(const struct od_unwinder *u, uint64_t addr)
{
	return addr >= u->text_first && addr < u->text_last;
}
/* Where the function of the walk's pc begins. False: unknown. */
bool od_walk_function(const struct od_walk *w, uint64_t *start);

enum od_step od_step_orc(struct od_walk *w);
enum od_step od_step_fp_x86(struct od_walk *w);
enum od_step od_step_arm64(struct od_walk *w);

/* What is right before an address that a call would return to. */
enum od_call { OD_CALL_NONE, OD_CALL_DIRECT, OD_CALL_INDIRECT };
enum od_call od_call_before(const struct od_unwinder *u, uint64_t pc, uint64_t *target);
/* Is target of a direct call the function that begins at start? */
bool od_call_fits(uint64_t target, uint64_t start);
/*
 * No rule for pc: search the stack. Frames that may be there on the way are given to add, with ctx;
 * then the walk is at the next that is sure enough. OD_STEP_NO_WAY: none is.
 */
enum od_step od_step_search(struct od_walk *w, void (*add)(void *ctx, const struct od_walk *w),
			    void *ctx);
/* The same for what is proved alone. */
enum od_step od_step_proved(struct od_walk *w, uint32_t words);

#endif
