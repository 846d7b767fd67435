/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk: from frame to frame, over the stacks, until one of its ends. */
#include "target/kernel/unwind.h"

#include <string.h>

#include "target/kernel/unwind-internal.h"

enum {
	GUESSED_STACK = 16 * 1024, /* of a stack that nobody told of */
	GUARD = 4096,		   /* unmapped below a stack; sp in there is an overflow */
	WORDS = 16 * 1024,	   /* searched in one trace */
	ASSUMED = 4,		   /* stacks that nobody told of, in one trace */
	TRIES = 64,		   /* followed in one trace */
	TRY_COST = 1024, /* words that one of these may look at, and code in search of jumps */
	ALL_WORDS = 2 * 1024 * 1024, /* of all traces; then nothing is searched any more */
};

const char *od_unwind_end_text(enum od_unwind_end end)
{
	static const char *const texts[] = {
		[OD_UNWIND_USER] = "came from user mode",
		[OD_UNWIND_START] = "where the thread began",
		[OD_UNWIND_NO_WAY] = "code that has no unwind information",
		[OD_UNWIND_MEMORY] = "memory that cannot be read",
		[OD_UNWIND_OFF_STACK] = "the next frame is on no known stack",
		[OD_UNWIND_NO_CODE] = "the address to return to is in no code",
		[OD_UNWIND_LOOP] = "the stack goes in a loop",
		[OD_UNWIND_LIMIT] = "too many frames",
	};

	return (unsigned)end < sizeof(texts) / sizeof(*texts) ? texts[end] : "unknown";
}

/* --- stacks --------------------------------------------------------------------------------- */

enum od_step od_walk_stop(struct od_walk *w, enum od_unwind_end end, uint64_t where)
{
	w->end = end;
	w->where = where;
	return OD_STEP_END;
}

static bool within(const struct od_stack_range *r, uint64_t addr, uint64_t len)
{
	return addr >= r->begin && addr < r->end && len <= r->end - addr;
}

static bool has_task_stack(const struct od_stack_ranges *stacks)
{
	for (unsigned i = 0; i < stacks->n; i++)
		if (stacks->r[i].kind == OD_STACK_TASK)
			return true;
	return false;
}

/*
 * A CPU's stack was entered from the task's: if that is not known, it can be anywhere. If no stack
 * is known at all, for want of symbols and types, then a few can.
 */
static bool may_be_anywhere(const struct od_walk *w)
{
	if (w->stack.kind == OD_STACK_UNKNOWN)
		return !w->stacks->n && w->assumed < ASSUMED;
	return !has_task_stack(w->stacks);
}

bool od_walk_on_stack(const struct od_walk *w, uint64_t addr, uint64_t len)
{
	int i;

	if (within(&w->stack, addr, len))
		return true;
	i = od_stacks_find(w->stacks, addr, len);
	return i >= 0 ? !(w->entered >> i & 1) : may_be_anywhere(w);
}

bool od_walk_word(struct od_walk *w, uint64_t addr, uint64_t *ret)
{
	enum od_mem_status status;

	if (!od_walk_on_stack(w, addr, 8)) {
		od_walk_stop(w, OD_UNWIND_OFF_STACK, addr);
		return false;
	}
	status = od_mem_u64(w->u->mem, addr, ret);
	if (status != OD_MEM_OK) {
		od_walk_stop(w, OD_UNWIND_MEMORY, addr);
		w->status = status;
		return false;
	}
	return true;
}

/* sp may be right at the end of its stack: then it is empty. */
static int stack_of(const struct od_walk *w, uint64_t sp)
{
	int i = od_stacks_find(w->stacks, sp, 1);

	return i >= 0 || !sp ? i : od_stacks_find(w->stacks, sp - 1, 1);
}

/* The stack that an overflow went out of. */
static int guard_of(const struct od_stack_ranges *stacks, uint64_t sp)
{
	for (unsigned i = 0; i < stacks->n; i++)
		if (sp < stacks->r[i].begin && stacks->r[i].begin - sp <= GUARD)
			return (int)i;
	return -1;
}

/* Take what is around sp for a stack. */
static void assume_stack(struct od_walk *w, uint64_t sp)
{
	w->stack.begin = sp & ~(uint64_t)(GUESSED_STACK - 1);
	w->stack.end = w->stack.begin + GUESSED_STACK;
	w->stack.kind = OD_STACK_UNKNOWN;
	w->assumed++;
	if (w->stack.end < w->stack.begin)
		w->stack.end = UINT64_MAX;
}

bool od_walk_enter(struct od_walk *w, uint64_t sp)
{
	int i;

	if (sp == w->stack.end || within(&w->stack, sp, 1)) {
		if (sp <= w->sp && w->sp <= w->stack.end) {
			od_walk_stop(w, OD_UNWIND_LOOP, sp);
			return false;
		}
		w->sp = sp;
		return true;
	}
	i = stack_of(w, sp);
	if (i < 0)
		i = guard_of(w->stacks, sp);
	if (i >= 0 && w->entered >> i & 1) {
		od_walk_stop(w, OD_UNWIND_LOOP, sp);
		return false;
	}
	if (i >= 0) {
		w->entered |= 1u << i;
		w->stack = w->stacks->r[i];
	} else if (may_be_anywhere(w)) {
		assume_stack(w, sp);
	} else {
		od_walk_stop(w, OD_UNWIND_OFF_STACK, sp);
		return false;
	}
	w->sp = sp;
	return true;
}

/* --- frames --------------------------------------------------------------------------------- */

bool od_walk_function(const struct od_walk *w, uint64_t *start)
{
	uint64_t size;

	return w->u->function && w->pc &&
	       w->u->function(w->u->ctx, w->pc - w->returns, start, &size);
}

static bool is_trampoline(const struct od_unwinder *u, uint64_t pc)
{
	for (size_t i = 0; i < sizeof(u->trampolines) / sizeof(*u->trampolines); i++)
		if (u->trampolines[i] && u->trampolines[i] == pc)
			return true;
	return false;
}

enum od_step od_walk_call(struct od_walk *w, uint64_t pc, uint64_t sp)
{
	if (!od_is_text(w->u, pc))
		return od_walk_stop(w, OD_UNWIND_NO_CODE, pc);
	if (!od_walk_enter(w, sp))
		return OD_STEP_END;
	w->pc = pc;
	w->returns = true;
	w->regs.known = 0;
	w->flags = is_trampoline(w->u, pc) ? OD_UW_TRAMPOLINE : 0;
	return OD_STEP_OK;
}

enum od_step od_walk_regs(struct od_walk *w, const struct od_regs *regs)
{
	w->regs = *regs;
	if (od_regs_user(regs))
		return od_walk_stop(w, OD_UNWIND_USER, regs->at);
	if (!od_walk_enter(w, od_regs_sp(regs)))
		return OD_STEP_END;
	w->pc = od_regs_pc(regs);
	w->returns = false;
	w->flags = OD_UW_INTERRUPTED;
	return OD_STEP_OK;
}

/* A call of an address that is no code leaves the address to return to on top of the stack. */
static enum od_step step_no_code(struct od_walk *w)
{
	uint64_t pc, target, sp = w->sp;

	if (w->u->arch != OD_REGS_X86_64 || w->returns)
		return OD_STEP_NO_WAY;
	if (!od_walk_word(w, sp, &pc))
		return OD_STEP_END;
	if (od_call_before(w->u, pc, &target) == OD_CALL_NONE ||
	    od_walk_call(w, pc, sp + 8) != OD_STEP_OK)
		return OD_STEP_NO_WAY;
	w->flags |= OD_UW_CALL_SITE;
	return OD_STEP_OK;
}

struct tracer {
	struct od_trace *trace;
	struct od_arena *arena;
};

static const struct od_regs *keep_regs(struct od_arena *arena, const struct od_regs *regs)
{
	struct od_regs *ret = od_arena_alloc(arena, sizeof(*ret));

	*ret = *regs;
	return ret;
}

static void add_frame(void *ctx, const struct od_walk *w)
{
	struct tracer *t = ctx;
	struct od_unwound *f;

	if (t->trace->n >= OD_MAX_TRACE)
		return;
	f = od_push(t->arena, t->trace->frames, t->trace->n, t->trace->cap);
	f->pc = w->pc;
	f->sp = w->sp;
	f->stack = w->stack.kind;
	f->flags = w->flags | (w->returns ? OD_UW_RETURN : 0) |
		   (od_is_text(w->u, w->pc) ? 0 : OD_UW_NO_CODE);
	if (w->regs.known)
		f->regs = keep_regs(t->arena, &w->regs);
	if (w->sp < w->stack.begin)
		t->trace->overflow = true;
}

static enum od_step step(struct od_walk *w, struct tracer *t)
{
	enum od_step ret;

	if (w->u->arch == OD_REGS_ARM64)
		return od_step_arm64(w);
	if (!od_is_text(w->u, w->pc))
		return step_no_code(w);
	if (w->flags & OD_UW_TRAMPOLINE)
		ret = OD_STEP_NO_WAY; /* its rules are for when it runs, not for its address */
	else if (!w->u->orc)
		return od_step_fp_x86(w);
	else
		ret = od_step_orc(w);
	return ret == OD_STEP_NO_WAY ? od_step_search(w, add_frame, t) : ret;
}

static bool begin(struct od_walk *w, const struct od_unwind_start *start)
{
	int i;

	w->pc = od_regs_pc(&start->regs);
	w->sp = od_regs_sp(&start->regs);
	w->fp = od_regs_fp(&start->regs);
	w->fp_known = w->fp != 0;
	w->regs = start->regs;
	w->returns = start->returns;
	if (od_regs_user(&start->regs)) {
		od_walk_stop(w, OD_UNWIND_USER, 0);
		return false;
	}
	i = stack_of(w, w->sp);
	if (i < 0)
		i = guard_of(w->stacks, w->sp);
	if (i >= 0) {
		w->stack = w->stacks->r[i];
		w->entered = 1u << i;
	} else {
		assume_stack(w, w->sp);
	}
	return true;
}

void od_unwind(struct od_unwinder *u, const struct od_unwind_start *start,
	       const struct od_stack_ranges *stacks, struct od_arena *arena, struct od_trace *ret)
{
	bool search = u->searched < ALL_WORDS;
	struct od_walk w = { .u = u, .stacks = stacks, .words = search ? WORDS : 0,
			     .tries = search ? TRIES : 0 };
	struct tracer t = { ret, arena };
	enum od_step next = OD_STEP_OK;

	*ret = (struct od_trace){ 0 };
	if (!begin(&w, start))
		next = OD_STEP_END;
	while (next == OD_STEP_OK && ret->n < OD_MAX_TRACE) {
		add_frame(&t, &w);
		next = step(&w, &t);
	}
	if (next == OD_STEP_NO_WAY)
		od_walk_stop(&w, OD_UNWIND_NO_WAY, w.pc);
	else if (next == OD_STEP_OK)
		od_walk_stop(&w, OD_UNWIND_LIMIT, w.pc);
	if (search)
		u->searched += WORDS - w.words + (uint64_t)TRY_COST * (TRIES - w.tries);
	ret->end = w.end;
	ret->status = w.status;
	ret->where = w.where;
	if (w.end == OD_UNWIND_USER)
		ret->user = keep_regs(arena, &w.regs);
}

/* --- beginnings ----------------------------------------------------------------------------- */

bool od_unwind_start_blocked(struct od_unwinder *u, uint64_t sp, uint64_t bp_offset,
			     uint64_t ret_offset, struct od_unwind_start *ret)
{
	static const uint8_t pushed[] = { OD_X86_RBX, OD_X86_R12, OD_X86_R13, OD_X86_R14, OD_X86_R15 };
	uint64_t bp, pc, start, size, value;

	*ret = (struct od_unwind_start){ .regs.arch = OD_REGS_X86_64, .returns = true };
	if (bp_offset > 4096 || ret_offset > 4096 ||
	    od_mem_u64(u->mem, sp + bp_offset, &bp) != OD_MEM_OK ||
	    od_mem_u64(u->mem, sp + ret_offset, &pc) != OD_MEM_OK || !od_is_text(u, pc))
		return false;
	od_regs_set(&ret->regs, OD_X86_RIP, pc);
	od_regs_set(&ret->regs, OD_X86_RSP, sp + ret_offset + 8);
	od_regs_set(&ret->regs, OD_X86_RBP, bp);
	/* Below bp: those that the thread had when it called __switch_to_asm(). */
	for (unsigned i = 0; i < sizeof(pushed) / sizeof(*pushed); i++)
		if (bp_offset >= 8 * (i + 1) &&
		    od_mem_u64(u->mem, sp + bp_offset - 8 * (i + 1), &value) == OD_MEM_OK)
			od_regs_set(&ret->regs, pushed[i], value);
	/* A task that never ran would "return" to the first byte of ret_from_fork. */
	if (u->function && u->function(u->ctx, pc, &start, &size) && start == pc)
		ret->returns = false;
	return true;
}

void od_unwind_start_context(uint64_t fp, uint64_t sp, uint64_t pc, struct od_unwind_start *ret)
{
	*ret = (struct od_unwind_start){ .regs.arch = OD_REGS_ARM64, .returns = true };
	od_regs_set(&ret->regs, OD_ARM64_FP, fp);
	od_regs_set(&ret->regs, OD_ARM64_SP, sp);
	od_regs_set(&ret->regs, OD_ARM64_PC, pc);
}
