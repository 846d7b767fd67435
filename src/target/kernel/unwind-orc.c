/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step by ORC: arch/x86/kernel/unwind_orc.c, unwind_next_frame(), 4.14 to 7.x. */
#include "target/kernel/unwind-internal.h"

/*
 * A register that only the registers at pc can tell. bp is the walk's own.
 */
static bool base(const struct od_walk *w, enum od_orc_reg reg, uint64_t *ret)
{
	static const int8_t x86[] = {
		[OD_ORC_REG_DX] = OD_X86_RDX,	[OD_ORC_REG_DI] = OD_X86_RDI,
		[OD_ORC_REG_R10] = OD_X86_R10,	[OD_ORC_REG_R13] = OD_X86_R13,
		[OD_ORC_REG_AX] = OD_X86_RAX,
	};

	switch (reg) {
	case OD_ORC_REG_SP:
	case OD_ORC_REG_SP_INDIRECT:
		*ret = w->sp;
		return true;
	case OD_ORC_REG_BP:
	case OD_ORC_REG_BP_INDIRECT:
		*ret = w->fp;
		return w->fp_known;
	case OD_ORC_REG_DX:
	case OD_ORC_REG_DI:
	case OD_ORC_REG_R10:
	case OD_ORC_REG_R13:
	case OD_ORC_REG_AX:
		*ret = w->regs.v[x86[reg]];
		return od_regs_has(&w->regs, (unsigned)x86[reg]);
	default:
		return false;
	}
}

/* What the stack pointer was before the call, or where the registers are saved. */
static enum od_step caller_sp(struct od_walk *w, const struct od_orc_row *row, uint64_t *ret)
{
	uint64_t offset = (uint64_t)(int64_t)row->sp_offset, sp;

	if (!base(w, row->sp_reg, &sp))
		return OD_STEP_NO_WAY;
	/*
	 * 5.12 and later. Before, the offset was added ahead of the look into memory, but was 0
	 * then wherever SP_INDIRECT was used.
	 */
	if (row->sp_reg == OD_ORC_REG_SP_INDIRECT) {
		if (!od_walk_word(w, sp, &sp))
			return OD_STEP_END;
		*ret = sp + offset;
	} else if (row->sp_reg == OD_ORC_REG_BP_INDIRECT) {
		if (!od_walk_word(w, sp + offset, ret))
			return OD_STEP_END;
	} else {
		*ret = sp + offset;
		/* bp was lost in code that says nothing of what it does with it */
		if (row->sp_reg == OD_ORC_REG_BP && !od_walk_on_stack(w, *ret - 8, 8))
			return OD_STEP_NO_WAY;
	}
	return OD_STEP_OK;
}

/* What bp was in the caller. What cannot be read is unknown, which matters only if it is needed. */
static void caller_bp(struct od_walk *w, const struct od_orc_row *row, uint64_t cfa)
{
	uint64_t at = cfa;

	switch (row->bp_reg) {
	case OD_ORC_REG_UNDEFINED:
		if (od_regs_has(&w->regs, OD_X86_RBP)) {
			w->fp = w->regs.v[OD_X86_RBP];
			w->fp_known = true;
		}
		return;
	case OD_ORC_REG_BP:
		at = w->fp;
		/* fallthrough */
	case OD_ORC_REG_PREV_SP:
		at += (uint64_t)(int64_t)row->bp_offset;
		w->fp_known = (row->bp_reg == OD_ORC_REG_PREV_SP || w->fp_known) &&
			      od_walk_on_stack(w, at, 8) &&
			      od_mem_u64(w->u->mem, at, &w->fp) == OD_MEM_OK;
		return;
	default:
		w->fp_known = false;
	}
}

static enum od_step by_regs(struct od_walk *w, const struct od_orc_row *row, uint64_t cfa)
{
	bool partial = row->type == OD_ORC_REGS_PARTIAL;
	struct od_regs regs;
	uint64_t len = partial ? 5 * 8 : OD_X86_PT_REGS * 8;

	if (!od_walk_on_stack(w, cfa, len))
		return od_walk_stop(w, OD_UNWIND_OFF_STACK, cfa);
	if (!(partial ? od_regs_read_iret(w->u->mem, cfa, &regs) :
			od_regs_read(w->u->arch, w->u->mem, cfa, &regs))) {
		w->status = OD_MEM_ABSENT;
		return od_walk_stop(w, OD_UNWIND_MEMORY, cfa);
	}
	/* At the entry of another exception: nothing has run since, the others are as there. */
	if (partial)
		for (unsigned i = 0; i < OD_X86_RIP; i++)
			if (od_regs_has(&w->regs, i))
				od_regs_set(&regs, i, w->regs.v[i]);
	caller_bp(w, row, cfa);
	if (od_regs_has(&regs, OD_X86_RBP) && row->bp_reg == OD_ORC_REG_UNDEFINED) {
		w->fp = regs.v[OD_X86_RBP];
		w->fp_known = true;
	}
	if (od_walk_regs(w, &regs) != OD_STEP_OK)
		return OD_STEP_END;
	w->returns = !row->signal;
	return OD_STEP_OK;
}

enum od_step od_step_orc(struct od_walk *w)
{
	struct od_orc_row row;
	uint64_t cfa, pc;
	enum od_step ret;

	if (!od_orc_find(w->u->orc, w->pc - w->returns, &row) || row.type == OD_ORC_NONE)
		return OD_STEP_NO_WAY;
	if (row.type == OD_ORC_END)
		return od_walk_stop(w, OD_UNWIND_START, w->pc);
	ret = caller_sp(w, &row, &cfa);
	if (ret != OD_STEP_OK)
		return ret;
	if (row.type != OD_ORC_CALL)
		return by_regs(w, &row, cfa);
	if (!od_walk_word(w, cfa - 8, &pc))
		return OD_STEP_END;
	caller_bp(w, &row, cfa);
	return od_walk_call(w, pc, cfa);
}
