/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way on where no table has one: addresses on the stack, by the calls in front of them. */
#include <string.h>

#include "target/kernel/unwind-internal.h"

enum {
	PROOF_WORDS = 4096 / 8, /* how far its return address may be: no frame is larger */
	FOLLOW = 8,		/* frames that must fit behind a guess */
	PASSED = 16,		/* guesses in code that cannot be followed */
	CALL_BYTES = 8,
	JUMP_BYTES = 6,
	WRAPPER = 64,		   /* bytes of a function that only changes arguments */
	CODE_PIECE = 1024,
	CODE_SEARCHED = 16 * 1024, /* of a function, for jumps: x64_sys_call() has about 10 KiB */
	PADDING = 16,		   /* ahead of a function, where calls of call depth tracking go */
	ENDBR = 4,		   /* bytes of endbr64, which direct calls may pass over */
};

/* --- calls ---------------------------------------------------------------------------------- */

/* Bytes of an instruction "ff /2", a call by register or memory, at p; 0: it is none. */
static unsigned indirect_length(const uint8_t *p, size_t left)
{
	unsigned n = 2, mod, rm;

	if (left < 2 || p[0] != 0xff || (p[1] >> 3 & 7) != 2)
		return 0;
	mod = p[1] >> 6;
	rm = p[1] & 7;
	if (mod == 3)
		return n;
	if (rm == 4) { /* an index byte */
		if (left < 3)
			return 0;
		n++;
		if (mod == 0 && (p[2] & 7) == 5)
			n += 4;
	}
	if (mod == 1)
		n += 1;
	else if (mod == 2 || (mod == 0 && rm == 5))
		n += 4;
	return n;
}

enum od_call od_call_before(const struct od_unwinder *u, uint64_t pc, uint64_t *target)
{
	uint8_t b[CALL_BYTES];

	*target = 0;
	if (!od_is_text(u, pc) || pc < CALL_BYTES ||
	    od_mem_read(u->mem, pc - CALL_BYTES, b, CALL_BYTES) != OD_MEM_OK)
		return OD_CALL_NONE;
	if (b[3] == 0xe8) {
		*target = pc + (uint64_t)(int64_t)(int32_t)od_mem_number(u->mem, b + 4, 4);
		if (*target >= u->thunk_first && *target < u->thunk_last)
			return OD_CALL_INDIRECT;
		if (od_is_text(u, *target))
			return OD_CALL_DIRECT;
	}
	for (unsigned n = 2; n <= 7; n++)
		if (indirect_length(b + CALL_BYTES - n, n) == n)
			return OD_CALL_INDIRECT;
	return OD_CALL_NONE;
}

bool od_call_fits(uint64_t target, uint64_t start)
{
	return target + PADDING >= start && target <= start + ENDBR;
}

/*
 * Where a function that begins at start saved bp, counted in words below its return address: the
 * pushes that it begins with. 0: it does not, so bp is as in the caller.
 */
static unsigned saved_bp(const struct od_unwinder *u, uint64_t start)
{
	uint8_t b[32];
	unsigned i = 0, words = 1;

	if (od_mem_read(u->mem, start, b, sizeof(b)) != OD_MEM_OK)
		return 0;
	if (!memcmp(b, "\xf3\x0f\x1e\xfa", ENDBR))
		i = ENDBR;
	if (b[i] == 0xe8 || !memcmp(b + i, "\x0f\x1f\x44", 3))
		i += 5; /* the call of the function tracer, or its place */
	for (; i + 1 < sizeof(b); words++) {
		if (b[i] == 0x55)
			return words;
		if (b[i] == 0x41 && b[i + 1] >= 0x50 && b[i + 1] <= 0x57)
			i += 2;
		else if (b[i] >= 0x50 && b[i] <= 0x57)
			i++;
		else
			break;
	}
	return 0;
}

/* --- one candidate -------------------------------------------------------------------------- */

/* To the caller whose address is at slot; start: of the function that was called, 0: unknown. */
static enum od_step take(struct od_walk *w, uint64_t slot, uint64_t pc, uint64_t start)
{
	unsigned words = start ? saved_bp(w->u, start) : 0;

	if (w->fp_known && slot == w->fp + 8) /* it keeps a frame pointer */
		w->fp_known = od_mem_u64(w->u->mem, slot - 8, &w->fp) == OD_MEM_OK;
	else if (words && slot - 8 * words >= w->sp)
		w->fp_known = od_mem_u64(w->u->mem, slot - 8 * words, &w->fp) == OD_MEM_OK;
	else if (!start)
		w->fp_known = false;
	if (od_walk_call(w, pc, slot + 8) != OD_STEP_OK)
		return OD_STEP_END;
	w->flags |= OD_UW_CALL_SITE;
	return OD_STEP_OK;
}

enum od_step od_step_proved(struct od_walk *w, uint32_t words)
{
	uint64_t start, target, pc, slot = (w->sp + 7) & ~(uint64_t)7;

	if (!od_walk_function(w, &start) || (w->flags & OD_UW_TRAMPOLINE))
		return OD_STEP_NO_WAY;
	for (; words && w->words; words--, w->words--, slot += 8) {
		if (slot < w->stack.begin || slot >= w->stack.end || w->stack.end - slot < 8 ||
		    od_mem_u64(w->u->mem, slot, &pc) != OD_MEM_OK)
			return OD_STEP_NO_WAY;
		if (od_call_before(w->u, pc, &target) == OD_CALL_DIRECT &&
		    od_call_fits(target, start))
			return take(w, slot, pc, start);
	}
	return OD_STEP_NO_WAY;
}

/*
 * Where the jump with 32 bits of distance goes whose code is the n bytes at p; at: of p. False:
 * none is there.
 */
static bool jump_at(const struct od_unwinder *u, const uint8_t *p, uint64_t at, uint64_t *to)
{
	bool conditional = p[0] == 0x0f && p[1] >> 4 == 8;

	if (p[0] != 0xe9 && !conditional)
		return false;
	p += 1 + conditional;
	*to = at + 5 + conditional + (uint64_t)(int64_t)(int32_t)od_mem_number(u->mem, p, 4);
	return true;
}

static bool wrapper_jumps_to(const struct od_unwinder *u, uint64_t at, uint64_t start)
{
	uint8_t b[WRAPPER];
	uint64_t to;

	if (!od_is_text(u, at) || od_mem_read(u->mem, at, b, sizeof(b)) != OD_MEM_OK)
		return false;
	for (unsigned i = 0; i + JUMP_BYTES <= sizeof(b); i++)
		if (jump_at(u, b + i, at + i, &to) && od_call_fits(to, start))
			return true;
	return false;
}

/*
 * Does the function at target end in a jump to start somewhere, as x64_sys_call() does to each
 * call, or in one to a short function that does, as that one to __x64_sys_write(), which jumps to
 * ksys_write()?
 */
static bool jumps_to(const struct od_unwinder *u, uint64_t target, uint64_t start)
{
	uint8_t b[CODE_PIECE + JUMP_BYTES];
	uint64_t first, size, at, n, to, left;

	if (!u->function || !u->function(u->ctx, target, &first, &size))
		return false;
	left = size < CODE_SEARCHED ? size : CODE_SEARCHED;
	for (at = first; left >= JUMP_BYTES; at += n, left -= n) {
		n = left < sizeof(b) ? left : sizeof(b);
		if (od_mem_read(u->mem, at, b, n) != OD_MEM_OK)
			return false;
		n -= JUMP_BYTES - 1; /* the next piece begins where no jump was looked for */
		for (uint64_t i = 0; i < n; i++)
			if (jump_at(u, b + i, at + i, &to) && to - first >= size &&
			    (od_call_fits(to, start) || wrapper_jumps_to(u, to, start)))
				return true;
	}
	return false;
}

/*
 * Does the call ahead of pc lead to the function at start? Code that no symbol is known of (!known)
 * is not reached by a call of a function that is known.
 */
static bool leads_to(const struct od_unwinder *u, enum od_call call, uint64_t target, bool known,
		     uint64_t start)
{
	uint64_t first, size;

	if (call != OD_CALL_DIRECT)
		return call == OD_CALL_INDIRECT;
	if (!known)
		return !u->function || !u->function(u->ctx, target, &first, &size);
	return od_call_fits(target, start) || jumps_to(u, target, start);
}

/*
 * Walk on from a guess: every return address must be behind a call that leads to where the walk
 * came from. Without that, an address left over from an earlier call would do: the frames above it
 * are still those of its caller.
 */
static bool follow(const struct od_walk *from)
{
	struct od_walk w = *from;
	unsigned rows = 0;

	for (unsigned i = 0; i < FOLLOW; i++) {
		uint64_t start = 0, target;
		bool known = od_walk_function(&w, &start);
		enum od_step step = od_step_orc(&w);
		enum od_call call;

		if (step == OD_STEP_NO_WAY) {
			step = od_step_proved(&w, PROOF_WORDS / 4);
			if (step != OD_STEP_OK)
				return rows >= 2;
		}
		if (step == OD_STEP_END)
			return w.end == OD_UNWIND_USER || w.end == OD_UNWIND_START;
		rows++;
		if (!w.returns)
			return true; /* what an exception saved is no accident */
		call = od_call_before(w.u, w.pc, &target);
		if (!leads_to(w.u, call, target, known, start))
			return false;
	}
	return true;
}

/* --- the search ----------------------------------------------------------------------------- */

struct search {
	struct od_walk *w;
	struct od_walk passed[PASSED]; /* frames in code that cannot be followed, maybe */
	unsigned npassed;
};

/* Whom does a call lead to: the frames that were passed, or the first (0). -1: to none. */
static int callee(const struct search *s, enum od_call call, uint64_t target)
{
	for (int i = (int)s->npassed; i >= 0; i--) {
		const struct od_walk *w = i ? &s->passed[i - 1] : s->w;
		uint64_t start = 0;
		bool known = od_walk_function(w, &start);

		/* Of what a trampoline hides nothing can be said. */
		if ((w->flags & OD_UW_TRAMPOLINE) || leads_to(w->u, call, target, known, start))
			return i;
	}
	return -1;
}

/* Is the address at slot one to go on from? Then the walk is there. */
static bool try_slot(struct search *s, uint64_t slot, uint64_t pc)
{
	struct od_walk w = *s->w;
	struct od_orc_row row;
	uint64_t target, start = 0;
	enum od_call call = od_call_before(w.u, pc, &target);
	int to = call == OD_CALL_NONE ? -1 : callee(s, call, target);

	if (to < 0)
		return false;
	if (to > 0)
		w = s->passed[to - 1];
	if ((w.flags & OD_UW_TRAMPOLINE) || !od_walk_function(&w, &start))
		start = 0;
	w.words = s->w->words;
	if (take(&w, slot, pc, start) != OD_STEP_OK)
		return false;
	w.flags |= OD_UW_GUESSED;
	if (!od_orc_find(w.u->orc, pc - 1, &row) || row.type == OD_ORC_NONE) {
		if (s->npassed < PASSED && od_walk_function(&w, &start)) {
			s->npassed = (unsigned)to;
			s->passed[s->npassed++] = w;
		}
		return false;
	}
	if (!s->w->tries)
		return false;
	s->w->tries--;
	if (!follow(&w))
		return false;
	s->npassed = (unsigned)to;
	w.words = s->w->words;
	w.tries = s->w->tries;
	*s->w = w;
	return true;
}

enum od_step od_step_search(struct od_walk *w, void (*add)(void *ctx, const struct od_walk *w),
			    void *ctx)
{
	struct search s = { .w = w };
	enum od_step proved = od_step_proved(w, PROOF_WORDS);
	uint64_t pc, slot = (w->sp + 7) & ~(uint64_t)7;

	if (proved != OD_STEP_NO_WAY || !w->u->orc)
		return proved;
	/* What keeps a frame pointer, as all of BPF does, says itself where to look first. */
	if (w->fp_known && w->fp >= w->sp && w->fp < w->stack.end && w->stack.end - w->fp >= 16 &&
	    od_mem_u64(w->u->mem, w->fp + 8, &pc) == OD_MEM_OK && try_slot(&s, w->fp + 8, pc))
		return OD_STEP_OK;
	s.npassed = 0;
	for (; w->words && slot >= w->stack.begin && slot < w->stack.end &&
	       w->stack.end - slot >= 8; slot += 8) {
		w->words--;
		if (od_mem_u64(w->u->mem, slot, &pc) != OD_MEM_OK)
			break;
		if (!try_slot(&s, slot, pc))
			continue;
		for (unsigned i = 0; i < s.npassed; i++)
			add(ctx, &s.passed[i]);
		return OD_STEP_OK;
	}
	return OD_STEP_NO_WAY;
}
