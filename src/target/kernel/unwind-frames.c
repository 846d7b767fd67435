/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step by frame pointers: x86-64 kernels without ORC, and arm64. */
#include "target/kernel/unwind-internal.h"

/*
 * x86-64 with CONFIG_FRAME_POINTER: bp points to the caller's bp, above which the return address
 * is. Where an exception came, bp is the address of its pt_regs plus one (ENCODE_FRAME_POINTER, 4.9
 * on).
 */
enum od_step od_step_fp_x86(struct od_walk *w)
{
	uint64_t pc, fp;
	struct od_regs regs;

	/* Before bp is set up, or after it is gone, a function's return address is on top. */
	if (!w->returns) {
		struct od_walk near = *w;

		if (od_step_proved(&near, 2) == OD_STEP_OK) {
			near.flags &= ~(unsigned)OD_UW_CALL_SITE;
			*w = near;
			return OD_STEP_OK;
		}
	}
	if (!w->fp_known)
		return OD_STEP_NO_WAY;
	if (!w->fp)
		return od_walk_stop(w, OD_UNWIND_START, w->pc);
	if (w->fp & 1) {
		if (!od_walk_on_stack(w, w->fp - 1, OD_X86_PT_REGS * 8))
			return od_walk_stop(w, OD_UNWIND_OFF_STACK, w->fp - 1);
		if (!od_regs_read(w->u->arch, w->u->mem, w->fp - 1, &regs)) {
			w->status = OD_MEM_ABSENT;
			return od_walk_stop(w, OD_UNWIND_MEMORY, w->fp - 1);
		}
		w->fp = regs.v[OD_X86_RBP];
		return od_walk_regs(w, &regs);
	}
	if (!od_walk_word(w, w->fp + 8, &pc) || !od_walk_word(w, w->fp, &fp))
		return OD_STEP_END;
	if (od_walk_call(w, pc, w->fp + 16) != OD_STEP_OK)
		return OD_STEP_END;
	w->fp = fp;
	return OD_STEP_OK;
}

/* --- arm64 ---------------------------------------------------------------------------------- */

/* Return addresses may carry a pointer authentication code in the bits of the mask. */
static uint64_t strip(const struct od_unwinder *u, uint64_t pc)
{
	return pc >> 55 & 1 ? pc | u->pac_mask : pc & ~u->pac_mask;
}

/* "bl target" right before pc? */
static bool branch_before(const struct od_unwinder *u, uint64_t pc, uint64_t *target)
{
	uint32_t insn;

	if (!od_is_text(u, pc) || pc < 4 || od_mem_u32(u->mem, pc - 4, &insn) != OD_MEM_OK ||
	    insn >> 26 != 0x25)
		return false;
	*target = pc - 4 + (uint64_t)((int64_t)(int32_t)(insn << 6) >> 4);
	return true;
}

/*
 * A function that has no frame record yet, or never makes one, was called from lr: that is certain
 * if the call there is one of this very function, and its record, if it has one, would say the
 * same.
 */
static bool by_lr(struct od_walk *w)
{
	uint64_t lr, target, start, saved;

	if (w->returns || !od_regs_has(&w->regs, OD_ARM64_LR) || !od_walk_function(w, &start))
		return false;
	lr = strip(w->u, w->regs.v[OD_ARM64_LR]);
	if (!branch_before(w->u, lr, &target) || target + 4 < start || target > start + 8)
		return false;
	if (od_walk_on_stack(w, w->fp, 16) &&
	    od_mem_u64(w->u->mem, w->fp + 8, &saved) == OD_MEM_OK && strip(w->u, saved) == lr)
		return false;
	w->pc = lr;
	w->returns = true;
	w->regs.known = 0;
	w->flags = OD_UW_CALL_SITE;
	return true;
}

/*
 * struct pt_regs around the frame record at fp. Where stackframe is in there, BTF tells, or it is
 * where 4.14 to 6.12 have it, or 6.13 on; which of them is right shows in what the registers are.
 */
static bool regs_around(struct od_walk *w, uint64_t fp, struct od_regs *regs,
			bool (*fits)(const struct od_regs *regs, uint64_t fp, uint64_t pc),
			uint64_t next, uint64_t pc)
{
	const uint64_t offsets[] = { w->u->regs_frame, 304, 296 };

	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++)
		if (offsets[i] && od_walk_on_stack(w, fp - offsets[i], OD_ARM64_NREGS * 8) &&
		    od_regs_read(w->u->arch, w->u->mem, fp - offsets[i], regs) &&
		    fits(regs, next, pc))
			return true;
	return false;
}

/* Until 6.12 the record holds what the registers say too. */
static bool fits_record(const struct od_regs *regs, uint64_t fp, uint64_t pc)
{
	return od_regs_pc(regs) == pc && od_regs_fp(regs) == fp && !od_regs_user(regs);
}

static bool fits_kernel(const struct od_regs *regs, uint64_t fp, uint64_t pc)
{
	(void)fp, (void)pc;
	return od_regs_pc(regs) >> 63 && od_regs_sp(regs) >> 63 && !od_regs_user(regs);
}

static bool fits_user(const struct od_regs *regs, uint64_t fp, uint64_t pc)
{
	(void)fp, (void)pc;
	return od_regs_user(regs) && od_regs_pc(regs) && !(od_regs_pc(regs) >> 63) &&
	       od_regs_sp(regs) && !(od_regs_sp(regs) >> 63);
}

/* A record of zeros: struct frame_record_meta (6.13 on) then says what it means. */
static enum od_step special(struct od_walk *w, uint64_t fp)
{
	enum { PT_REGS = 2 };
	struct od_regs regs;
	uint64_t type = 0;

	if (od_walk_on_stack(w, fp + 16, 8))
		(void)od_mem_u64(w->u->mem, fp + 16, &type);
	if (type == PT_REGS && regs_around(w, fp, &regs, fits_kernel, 0, 0)) {
		w->fp = od_regs_fp(&regs);
		return od_walk_regs(w, &regs);
	}
	/* The last record is in the pt_regs of the entry; those of a kernel thread are empty. */
	if (regs_around(w, fp, &regs, fits_user, 0, 0))
		return od_walk_regs(w, &regs);
	return od_walk_stop(w, OD_UNWIND_START, w->pc);
}

/*
 * arch/arm64/kernel/stacktrace.c: x29 points to {caller's x29, return address}. At an exception
 * from the kernel, such a record is made in pt_regs.stackframe (4.10 on), with the interrupted pc
 * in it.
 */
enum od_step od_step_arm64(struct od_walk *w)
{
	uint64_t fp = w->fp, next, pc;
	struct od_regs regs;

	if (by_lr(w))
		return OD_STEP_OK;
	if (!w->fp_known || !fp)
		return w->fp_known || w->returns ? od_walk_stop(w, OD_UNWIND_START, w->pc) :
						   OD_STEP_NO_WAY;
	if (fp & 7)
		return od_walk_stop(w, OD_UNWIND_OFF_STACK, fp);
	if (!od_walk_word(w, fp, &next) || !od_walk_word(w, fp + 8, &pc))
		return OD_STEP_END;
	if (!next && !pc)
		return special(w, fp);
	/* Code in the entry text calls with a frame in pt_regs. */
	if (w->returns && regs_around(w, fp, &regs, fits_record, next, pc)) {
		w->fp = next;
		return od_walk_regs(w, &regs);
	}
	if (od_walk_call(w, strip(w->u, pc), fp + 16) != OD_STEP_OK)
		return OD_STEP_END;
	w->fp = next;
	return OD_STEP_OK;
}
