/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/core/unwind.h"

#include <elf.h>
#include <string.h>

#include "symbols/cfi.h"
#include "target/core/core-internal.h"

enum {
	SCAN_WORDS = 512,   /* of the stack that are looked through for a return address */
	MAX_FRAME = 1 << 20, /* bytes; a frame pointer that leads further is none */
};

const char *od_core_end_text(enum od_core_end end)
{
	static const char *const texts[] = {
		[OD_CORE_END_OUTERMOST] = "it is whole",
		[OD_CORE_END_LIMIT] = "there are more frames than are told",
		[OD_CORE_END_MEMORY] = "the stack is not in the core",
		[OD_CORE_END_LOST] = "nothing tells who called the last frame",
		[OD_CORE_END_LOOP] = "the stack leads back to where it came from",
	};

	return texts[end];
}

struct walk {
	struct od_core *c;
	struct od_find *find;
	struct od_cfi_machine machine;
	const struct od_core_frame *at;
	struct od_core_frame next;
	enum od_core_end why; /* if it ends here */
};

static bool known(const struct od_dwarf_regs *regs, int reg, uint64_t *ret)
{
	if (reg < 0 || !(regs->known >> reg & 1))
		return false;
	*ret = regs->v[reg];
	return true;
}

/* Pointer authentication and tags leave 48 bits of an address in user space (arm64). */
static uint64_t plain(const struct walk *w, uint64_t pc)
{
	if (w->c->facts.machine == EM_AARCH64 && !(pc >> 55 & 1))
		return pc & ((UINT64_C(1) << 48) - 1);
	return pc;
}

static bool is_code(const struct walk *w, uint64_t pc)
{
	return pc && od_core_access(w->c, pc) & PF_X;
}

/* --- by call frame information ------------------------------------------------------------------------ */

static uint64_t lookup(const struct od_core_frame *f)
{
	return f->pc - f->is_call;
}

static bool by_cfi(struct walk *w, bool *outermost, bool *signal)
{
	const struct od_core_frame *f = w->at;
	struct od_core_frame *next = &w->next;
	const struct od_core_object *o = f->object;
	struct od_cfi_row row;
	uint64_t at;

	*outermost = *signal = false;
	if (!o || !o->has_bias)
		return false;
	at = lookup(f) - o->bias;
	if (w->c->mem.pointer_size == 4)
		at = (uint32_t)at;
	if (!(o->code && od_debug_cfi(o->code, at, &row)) &&
	    !(o->debug && o->debug != o->code && od_debug_cfi(o->debug, at, &row)))
		return false;
	*signal = row.signal;
	if (!od_cfi_step(&row, &w->machine, &f->regs, &w->c->mem, &next->regs, &next->cfa, &next->pc, outermost))
		return false;
	/* The frame itself is the one whose end that is. */
	next->has_cfa = true;
	next->is_call = !row.signal;
	return true;
}

/* --- signals --------------------------------------------------------------------------------------------- */

/*
 * What the kernel lays on the stack before it calls a handler (arch/ASM/kernel/signal.c), by the code that ends it:
 * offsets from the stack pointer when that code runs. For C libraries whose code says nothing of itself.
 */
static const struct trampoline {
	uint16_t machine;
	uint8_t len;
	uint8_t code[9];
	uint16_t signo; /* of siginfo */
	uint16_t regs;	/* of the first register */
	uint8_t nregs, pc; /* pc: index of it */
	int8_t dwarf[34];
} trampolines[] = {
	/* mov $15, %rax; syscall. ucontext is at rsp, its gregs 40 bytes on, siginfo behind it. */
	{ EM_X86_64, 9, { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 }, 304, 40, 17, 16,
	  { 8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16 } },
	/* mov x8, #139; svc #0. siginfo is at sp, the registers behind fault_address. */
	{ EM_AARCH64, 8, { 0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4 }, 0, 312, 33, 32,
	  { 0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, 15, 16,
	    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 } },
};

static const struct trampoline *trampoline_at(const struct walk *w, uint64_t pc)
{
	uint8_t code[sizeof(trampolines->code)];

	for (size_t i = 0; i < sizeof(trampolines) / sizeof(*trampolines); i++) {
		const struct trampoline *t = &trampolines[i];

		if (t->machine == w->c->facts.machine && od_mem_read(&w->c->mem, pc, code, t->len) == OD_MEM_OK &&
		    !memcmp(code, t->code, t->len))
			return t;
	}
	return NULL;
}

static bool by_trampoline(struct walk *w, const struct trampoline *t)
{
	uint64_t sp, v;

	if (!known(&w->at->regs, w->machine.sp, &sp))
		return false;
	for (unsigned i = 0; i < t->nregs; i++) {
		if (od_mem_u64(&w->c->mem, sp + t->regs + 8 * i, &v) != OD_MEM_OK)
			return false;
		od_dwarf_reg_set(&w->next.regs, (unsigned)t->dwarf[i], v);
		if (i == t->pc)
			w->next.pc = v;
	}
	return true;
}

/* Which signal it was: siginfo lies on the stack too. */
static int signal_number(const struct walk *w, const struct od_core_frame *f)
{
	const struct trampoline *t = trampoline_at(w, f->pc);
	uint64_t sp;
	uint32_t v, error, code;

	if (!t || !known(&f->regs, w->machine.sp, &sp) ||
	    od_mem_u32(&w->c->mem, sp + t->signo, &v) != OD_MEM_OK ||
	    od_mem_u32(&w->c->mem, sp + t->signo + 4, &error) != OD_MEM_OK ||
	    od_mem_u32(&w->c->mem, sp + t->signo + 8, &code) != OD_MEM_OK)
		return 0;
	/* Handlers that did not ask for it (SA_SIGINFO) have whatever was there before. */
	return v >= 1 && v <= 64 && !error && (code <= 0x80 || code >= (uint32_t)-64) ? (int)v : 0;
}

/* --- by guesses ---------------------------------------------------------------------------------------------- */

/* A call to nowhere: its return address is where a call leaves it. */
static bool by_call(struct walk *w)
{
	const struct od_core_arch *arch = w->c->arch;
	uint64_t sp, pc;

	if (arch->link >= 0) {
		if (!known(&w->at->regs, arch->link, &pc) || !is_code(w, plain(w, pc)))
			return false;
		w->next.regs = w->at->regs;
		w->next.pc = plain(w, pc);
		return true;
	}
	if (!known(&w->at->regs, w->machine.sp, &sp) || od_mem_pointer(&w->c->mem, sp, &pc) != OD_MEM_OK ||
	    !is_code(w, pc))
		return false;
	w->next.regs = w->at->regs;
	w->next.cfa = sp + w->c->mem.pointer_size;
	w->next.has_cfa = true;
	od_dwarf_reg_set(&w->next.regs, w->machine.sp, w->next.cfa);
	w->next.pc = pc;
	return true;
}

/* The frame pointer leads to the caller's, and the return address lies above it. */
static bool by_frame_pointer(struct walk *w)
{
	const unsigned word = w->c->mem.pointer_size;
	uint64_t fp, sp, up, pc;

	if (!known(&w->at->regs, w->c->arch->fp, &fp) || !known(&w->at->regs, w->machine.sp, &sp) || fp < sp ||
	    fp - sp > MAX_FRAME || fp % word || od_mem_pointer(&w->c->mem, fp, &up) != OD_MEM_OK ||
	    od_mem_pointer(&w->c->mem, fp + word, &pc) != OD_MEM_OK || !is_code(w, plain(w, pc)))
		return false;
	w->next.pc = plain(w, pc);
	w->next.cfa = fp + 2 * word;
	w->next.has_cfa = true;
	od_dwarf_reg_set(&w->next.regs, (unsigned)w->c->arch->fp, up);
	od_dwarf_reg_set(&w->next.regs, w->machine.sp, w->next.cfa);
	return true;
}

/* Does a call end at pc? Of machines whose calls have one length; of x86 the usual forms. */
static bool after_call(const struct walk *w, uint64_t pc)
{
	const uint16_t machine = w->c->facts.machine;
	uint8_t p[7];

	if (machine != EM_X86_64 && machine != EM_386)
		return true;
	if (od_mem_read(&w->c->mem, pc - sizeof(p), p, sizeof(p)) != OD_MEM_OK)
		return true;
	/* e8 rel32; ff /2 in the lengths 2, 3, 4, 6, 7 */
	return p[2] == 0xe8 || (p[5] == 0xff && (p[6] & 0x38) == 0x10) || (p[4] == 0xff && (p[5] & 0x38) == 0x10) ||
	       (p[3] == 0xff && (p[4] & 0x38) == 0x10) || (p[1] == 0xff && (p[2] & 0x38) == 0x10) ||
	       (p[0] == 0xff && (p[1] & 0x38) == 0x10);
}

static bool by_scan(struct walk *w)
{
	const unsigned word = w->c->mem.pointer_size;
	uint64_t sp, pc;

	if (!known(&w->at->regs, w->machine.sp, &sp))
		return false;
	sp = (sp + word - 1) & ~(uint64_t)(word - 1);
	for (unsigned i = 0; i < SCAN_WORDS; i++, sp += word) {
		if (od_mem_pointer(&w->c->mem, sp, &pc) != OD_MEM_OK) {
			w->why = i ? OD_CORE_END_LOST : OD_CORE_END_MEMORY;
			return false;
		}
		if (!is_code(w, plain(w, pc)) || !after_call(w, plain(w, pc)))
			continue;
		w->next.pc = plain(w, pc);
		w->next.cfa = sp + word;
		w->next.has_cfa = true;
		od_dwarf_reg_set(&w->next.regs, w->machine.sp, w->next.cfa);
		return true;
	}
	return false;
}

static bool guess(struct walk *w, bool first)
{
	const struct od_core_frame empty = { .is_call = true, .guessed = true };

	w->next = empty;
	if (first && !is_code(w, w->at->pc) && by_call(w)) {
		/* That is how calls work, whatever they called. */
		w->next.guessed = false;
		return true;
	}
	w->next = empty;
	if (by_frame_pointer(w))
		return true;
	w->next = empty;
	return by_scan(w);
}

/* --- the walk ---------------------------------------------------------------------------------------------- */

static void place(struct walk *w, struct od_core_frame *f)
{
	f->object = od_core_object_at(w->c, lookup(f));
	if (f->object)
		od_core_files(f->object, w->find);
}

/* One step outwards: w->next. innermost: no call has led out of w->at, all its registers are its own. */
static bool step(struct walk *w, struct od_core_frame *f, bool innermost)
{
	const struct trampoline *t = trampoline_at(w, f->pc);
	bool outermost, signal;

	w->next = (struct od_core_frame){ .is_call = true };
	w->why = OD_CORE_END_LOST;
	/* Whose code says nothing of itself lies behind a function that does. */
	if (by_cfi(w, &outermost, &signal) && (signal || !t)) {
		f->signal = signal;
		return true;
	}
	if (outermost && !t) {
		w->why = OD_CORE_END_OUTERMOST;
		return false;
	}
	w->next = (struct od_core_frame){ .is_call = false };
	if (t && by_trampoline(w, t)) {
		f->signal = true;
		return true;
	}
	return guess(w, innermost);
}

/* A caller's frame lies above that of what it calls; a handler may have a stack of its own. */
static bool goes_on(const struct walk *w, const struct od_core_frame *f, bool innermost)
{
	uint64_t sp, next;

	if (!w->next.pc)
		return false;
	if (f->signal || innermost || !known(&f->regs, w->machine.sp, &sp) ||
	    !known(&w->next.regs, w->machine.sp, &next))
		return !(f->pc == w->next.pc && !memcmp(&f->regs, &w->next.regs, sizeof(f->regs)));
	return next > sp || (next == sp && f->pc != w->next.pc && w->c->arch->link >= 0);
}

void od_core_unwind(struct od_core *c, const struct od_core_thread *t, struct od_find *find, struct od_arena *arena,
		    uint32_t max, struct od_core_trace *ret)
{
	struct walk w = { .c = c, .find = find };
	bool innermost = true;
	uint32_t cap = 0;

	*ret = (struct od_core_trace){ .end = OD_CORE_END_LOST };
	if (!t->has_regs)
		return;
	w.next = (struct od_core_frame){ .pc = t->pc, .regs = t->regs };
	for (;;) {
		struct od_core_frame *f;

		if (ret->n == max) {
			ret->end = OD_CORE_END_LIMIT;
			return;
		}
		f = od_push(arena, ret->frame, ret->n, cap);
		*f = w.next;
		f->has_cfa = false;
		place(&w, f);
		w.at = f;
		if (!od_cfi_machine(c->facts.machine, &w.machine) || !step(&w, f, innermost)) {
			ret->end = w.why;
			return;
		}
		if (f->signal)
			f->signo = signal_number(&w, f);
		f->has_cfa = w.next.has_cfa;
		f->cfa = w.next.cfa;
		if (w.next.guessed && !ret->lacks)
			ret->lacks = f->object;
		w.next.pc = plain(&w, w.next.pc);
		if (!goes_on(&w, f, innermost)) {
			ret->end = w.next.pc ? OD_CORE_END_LOOP : OD_CORE_END_OUTERMOST;
			return;
		}
		/* Below a signal frame all registers are again those of the moment. */
		innermost = f->signal;
	}
}
