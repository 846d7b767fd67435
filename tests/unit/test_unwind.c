/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks made by hand, unwound by ORC, by calls, by frame pointers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "target/kernel/unwind.h"
#include "tests/unit/fixture-memory.h"

#define TEXT UINT64_C(0xffffffff81000000)
#define FUNCTION 0x100 /* bytes of each */
#define IPS UINT64_C(0xffffffff82000000)
#define ROWS UINT64_C(0xffffffff82010000)
#define TASK UINT64_C(0xffffc90000010000)
#define IRQ UINT64_C(0xffffc90000000000)
#define NMI UINT64_C(0xfffffe0000009000)
#define TOP (TASK + 0x4000)

/* The functions: each has one row. */
enum fn {
	LEAF,
	FRAME,
	BPFRAME,
	SWITCH,
	ENTRY,
	INTERRUPT,
	START,
	BARE,
	BARE2,
	TRACED,
	THUNK,
	STUCK,
	NFN
};

enum {
	CALL = 0x0200,
	REGS = 0x0b00,
	SP = 5,
	BP = 4,
	PREV_SP = 0x10,
	SP_INDIRECT = 9,
	END = 0x0100
};

static const struct {
	int sp, bp;
	unsigned flags; /* of layout 3 */
} rows[NFN] = {
	[LEAF] = { 8, 0, CALL | SP },
	[FRAME] = { 0x28, -16, CALL | SP | PREV_SP }, /* rbp saved, 3 words of locals */
	[BPFRAME] = { 16, -16, CALL | BP | PREV_SP }, /* its size is only known by rbp */
	[SWITCH] = { 8, 0, CALL | SP_INDIRECT },      /* on top of the IRQ stack: the task's sp */
	[ENTRY] = { 0, 0, REGS | SP },
	[INTERRUPT] = { 0, 0, REGS | SP },
	[START] = { 0, 0, END },
	[BARE] = { 0, 0, 0 },
	[BARE2] = { 0, 0, 0 },
	[TRACED] = { 0, 0, 0 },
	[THUNK] = { 0, 0, 0 },
	[STUCK] = { 0, 0, CALL | SP },
};

struct fixture {
	struct od_fixture_memory m;
	struct od_unwinder u;
	struct od_stack_ranges stacks;
	struct od_arena arena;
	struct od_unwind_start start;
	struct od_trace t;
};

static uint64_t fn(enum fn i)
{
	return TEXT + (uint64_t)i * FUNCTION;
}

static bool function_at(void *ctx, uint64_t addr, uint64_t *start, uint64_t *size)
{
	(void)ctx;
	if (addr < TEXT || addr >= fn(NFN))
		return false;
	*start = addr - (addr - TEXT) % FUNCTION;
	*size = FUNCTION;
	return true;
}

/* Code in caller at offset: a call of callee; its return address. */
static uint64_t call(struct fixture *f, enum fn caller, unsigned offset, enum fn callee)
{
	uint64_t ret = fn(caller) + offset;

	od_fixture_put(&f->m, ret - 5, 0xe8, 1);
	od_fixture_put(&f->m, ret - 4, fn(callee) - ret, 4);
	return ret;
}

static uint64_t call_register(struct fixture *f, enum fn caller, unsigned offset)
{
	od_fixture_bytes(&f->m, fn(caller) + offset - 2, "\xff\xd0", 2);
	return fn(caller) + offset;
}

static void word(struct fixture *f, uint64_t at, uint64_t value)
{
	od_fixture_put(&f->m, at, value, 8);
}

/* struct pt_regs at an address. */
static void pt_regs(struct fixture *f, uint64_t at, uint64_t pc, uint64_t sp, uint64_t bp,
		    uint64_t cs)
{
	for (unsigned i = 0; i < OD_X86_PT_REGS; i++)
		word(f, at + 8 * i, 0x1000 + i);
	word(f, at + 8 * OD_X86_RIP, pc);
	word(f, at + 8 * OD_X86_RSP, sp);
	word(f, at + 8 * OD_X86_RBP, bp);
	word(f, at + 8 * OD_X86_CS, cs);
}

/* The entry from user mode: pt_regs at the top of the task's stack. */
static uint64_t user_entry(struct fixture *f)
{
	uint64_t at = TOP - 8 * OD_X86_PT_REGS;

	pt_regs(f, at, 0x401000, 0x7ffc0000, 0, 0x33);
	return at;
}

static void begin(struct fixture *f, uint64_t pc, uint64_t sp, uint64_t bp)
{
	f->start = (struct od_unwind_start){ .regs.arch = f->u.arch };
	od_regs_set(&f->start.regs, OD_X86_RIP, pc);
	od_regs_set(&f->start.regs, OD_X86_RSP, sp);
	od_regs_set(&f->start.regs, OD_X86_RBP, bp);
	od_regs_set(&f->start.regs, OD_X86_CS, 0x10);
}

static void unwind(struct fixture *f)
{
	od_unwind(&f->u, &f->start, &f->stacks, &f->arena, &f->t);
}

static void frame_is(const struct fixture *f, uint32_t i, uint64_t pc, unsigned flags)
{
	assert_true(i < f->t.n);
	assert_int_equal(f->t.frames[i].pc, pc);
	assert_int_equal(f->t.frames[i].flags, flags);
}

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	od_fixture_memory_init(&f.m);
	od_fixture_map(&f.m, TEXT, 0x1000);
	od_fixture_map(&f.m, IPS, 0x1000);
	od_fixture_map(&f.m, ROWS, 0x1000);
	od_fixture_map(&f.m, TASK, 0x4000);
	od_fixture_map(&f.m, IRQ, 0x4000);
	od_fixture_map(&f.m, NMI, 0x2000);
	f.u = (struct od_unwinder){ .mem = &f.m.mem,
				    .arch = OD_REGS_X86_64,
				    .function = function_at,
				    .text_first = TEXT,
				    .text_last = TEXT + 0x1000000,
				    .thunk_first = fn(THUNK),
				    .thunk_last = fn(THUNK) + 0x20,
				    .trampolines = { fn(TRACED) } };
	f.u.orc = od_orc_create(&f.m.mem);
	for (unsigned i = 0; i < NFN; i++) {
		od_fixture_put(&f.m, IPS + 4 * i, fn((enum fn)i) - (IPS + 4 * i), 4);
		od_fixture_put(&f.m, ROWS + 6 * i, (uint64_t)(int64_t)rows[i].sp, 2);
		od_fixture_put(&f.m, ROWS + 6 * i + 2, (uint64_t)(int64_t)rows[i].bp, 2);
		od_fixture_put(&f.m, ROWS + 6 * i + 4, rows[i].flags, 2);
	}
	od_orc_add(f.u.orc, IPS, ROWS, NFN, TEXT, fn(NFN));
	od_orc_set_version(f.u.orc, OD_ORC_V3);
	od_stacks_add(&f.stacks, OD_STACK_TASK, TASK, TOP);
	od_stacks_add(&f.stacks, OD_STACK_IRQ, IRQ, IRQ + 0x4000);
	od_stacks_add(&f.stacks, OD_STACK_NMI, NMI, NMI + 0x2000);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	od_orc_destroy(f->u.orc);
	od_arena_deinit(&f->arena);
	od_fixture_memory_deinit(&f->m);
	return 0;
}

/* entry -> FRAME -> BPFRAME -> LEAF; returns sp in LEAF. */
static uint64_t plain_stack(struct fixture *f, uint64_t *bp)
{
	uint64_t at = user_entry(f);

	word(f, at -= 8, call(f, ENTRY, 0x20, FRAME)); /* FRAME's return slot */
	word(f, at - 8, 0xb9);			       /* the rbp that it saved */
	at -= 0x28 - 8;
	word(f, at -= 8, call(f, FRAME, 0x40, BPFRAME));
	word(f, at -= 8, 0xb8);
	*bp = at;
	at -= 0x100; /* alloca() */
	word(f, at -= 8, call(f, BPFRAME, 0x60, LEAF));
	return at;
}

static void by_orc_to_user_mode(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp);

	begin(f, fn(LEAF) + 7, sp, bp);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 4);
	frame_is(f, 0, fn(LEAF) + 7, 0);
	frame_is(f, 1, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	frame_is(f, 2, fn(FRAME) + 0x40, OD_UW_RETURN);
	frame_is(f, 3, fn(ENTRY) + 0x20, OD_UW_RETURN);
	assert_non_null(f->t.frames[0].regs);
	assert_null(f->t.frames[1].regs);
	assert_int_equal(f->t.frames[2].stack, OD_STACK_TASK);
	assert_int_equal(f->t.frames[1].sp, sp + 8);
	assert_int_equal(od_regs_pc(f->t.user), 0x401000);
	assert_false(f->t.overflow);
}

static void blocked_and_begun(void **state)
{
	struct fixture *f = *state;
	uint64_t at = TOP - 0x100;

	/* struct inactive_task_frame, as __switch_to_asm() leaves it, in a kernel thread. */
	word(f, at + 40, 0xbb);
	word(f, at + 48, call(f, LEAF, 0x30, STUCK));
	word(f, at + 56, fn(START) + 9);
	assert_true(od_unwind_start_blocked(&f->u, at, 40, 48, &f->start));
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_START);
	assert_int_equal(f->t.n, 2);
	frame_is(f, 0, fn(LEAF) + 0x30, OD_UW_RETURN);
	frame_is(f, 1, fn(START) + 9, OD_UW_RETURN);
	/* One that never ran: its address is the very beginning of a function. */
	word(f, at + 48, fn(START));
	assert_true(od_unwind_start_blocked(&f->u, at, 40, 48, &f->start));
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_START);
	frame_is(f, 0, fn(START), 0);
	assert_false(od_unwind_start_blocked(&f->u, 0x1000, 40, 48, &f->start));
	word(f, at + 48, 0xdb89cccac1abd800); /* what is there is no such frame */
	assert_false(od_unwind_start_blocked(&f->u, at, 40, 48, &f->start));
}

static void over_the_irq_stack(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp), regs, at;

	/* The interrupt came in LEAF; its entry called SWITCH, which went on on the IRQ stack. */
	regs = sp - 8 * OD_X86_PT_REGS;
	pt_regs(f, regs, fn(LEAF) + 3, sp, bp, 0x10);
	word(f, regs - 8, call(f, INTERRUPT, 0x10, SWITCH));
	at = IRQ + 0x4000;
	word(f, at -= 8, regs - 8);
	word(f, at -= 8, call(f, SWITCH, 0x50, LEAF));
	begin(f, fn(LEAF) + 1, at, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 7);
	frame_is(f, 1, fn(SWITCH) + 0x50, OD_UW_RETURN);
	assert_int_equal(f->t.frames[1].stack, OD_STACK_IRQ);
	frame_is(f, 2, fn(INTERRUPT) + 0x10, OD_UW_RETURN);
	assert_int_equal(f->t.frames[2].stack, OD_STACK_TASK);
	frame_is(f, 3, fn(LEAF) + 3, OD_UW_INTERRUPTED);
	assert_int_equal(f->t.frames[3].regs->at, regs);
	assert_int_equal(f->t.frames[3].regs->v[OD_X86_RDI], 0x1000 + OD_X86_RDI);
	frame_is(f, 4, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	frame_is(f, 6, fn(ENTRY) + 0x20, OD_UW_RETURN);

	/* The same if nobody knows where the task's stack is. */
	f->stacks.r[0] = f->stacks.r[--f->stacks.n];
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 7);
	assert_int_equal(f->t.frames[2].stack, OD_STACK_UNKNOWN);
}

static void out_of_code_without_orc(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp), slot = sp - 0x40;

	/* FRAME -> BPFRAME -> (LEAF's place) BARE, which pushed r12 and rbp and has 0x30 bytes. */
	od_fixture_bytes(&f->m, fn(BARE), "\x41\x54\x55\x48\x83\xec\x20", 7);
	word(f, slot, call(f, LEAF, 0x80, BARE));
	word(f, slot + 8, call(f, BPFRAME, 0x60, LEAF));
	/* The frames of BPFRAME are found by rbp alone. */
	word(f, slot - 16, bp);
	/* Addresses that were left over: no call, a call of another, a call of what calls. */
	word(f, slot - 24, fn(FRAME) + 0x99);
	word(f, slot - 32, call(f, FRAME, 0x70, LEAF));
	begin(f, fn(BARE) + 0x20, slot - 0x30, 0xdead);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 5);
	frame_is(f, 1, fn(LEAF) + 0x80, OD_UW_RETURN | OD_UW_CALL_SITE);
	frame_is(f, 2, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	frame_is(f, 3, fn(FRAME) + 0x40, OD_UW_RETURN);
}

static void a_guess_must_be_one_that_orc_can_follow(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp), slot = sp - 0x60;

	/* BARE2, without ORC as well, called BARE by a pointer, as C++ does; LEAF called BARE2 so.
	 */
	word(f, slot, call_register(f, BARE2, 0x40));
	word(f, slot + 0x20, call_register(f, LEAF, 0x90));
	word(f, slot + 0x28, call(f, BPFRAME, 0x60, LEAF));
	/* Left over: LEAF, called by BPFRAME, which has LEAF's return address at its place. */
	word(f, slot - 0x10, call_register(f, STUCK, 0x30));
	begin(f, fn(BARE) + 0x20, slot - 0x20, bp);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 6);
	frame_is(f, 1, fn(BARE2) + 0x40, OD_UW_RETURN | OD_UW_CALL_SITE | OD_UW_GUESSED);
	frame_is(f, 2, fn(LEAF) + 0x90, OD_UW_RETURN | OD_UW_CALL_SITE | OD_UW_GUESSED);
	frame_is(f, 3, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	/* What leads nowhere is not taken, and nothing is made up. */
	word(f, slot + 0x28, 0);
	for (uint64_t at = slot + 0x30; at < TOP; at += 8)
		word(f, at, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_NO_WAY);
	assert_int_equal(f->t.n, 1);
}

static void calls_that_jump_on(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp);
	uint64_t jump = fn(STUCK) + 0x10;

	/* BPFRAME calls STUCK, which jumps to LEAF, which called BARE by a pointer. */
	word(f, sp, call(f, BPFRAME, 0x60, STUCK));
	od_fixture_put(&f->m, jump, 0xe9, 1);
	od_fixture_put(&f->m, jump + 1, fn(LEAF) - (jump + 5), 4);
	word(f, sp - 8, call_register(f, LEAF, 0xa0));
	begin(f, fn(BARE) + 4, sp - 0x18, bp);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	frame_is(f, 1, fn(LEAF) + 0xa0, OD_UW_RETURN | OD_UW_CALL_SITE | OD_UW_GUESSED);
	frame_is(f, 2, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	/* Without the jump that call leads elsewhere. */
	od_fixture_put(&f->m, jump, 0x90, 1);
	unwind(f);
	for (uint32_t i = 0; i < f->t.n; i++)
		assert_int_not_equal(f->t.frames[i].pc, fn(LEAF) + 0xa0);
}

static void a_call_of_no_code(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp);

	word(f, sp - 8, call_register(f, LEAF, 0x50));
	begin(f, 0, sp - 8, bp);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	frame_is(f, 0, 0, OD_UW_NO_CODE);
	frame_is(f, 1, fn(LEAF) + 0x50, OD_UW_RETURN | OD_UW_CALL_SITE);
	assert_int_equal(f->t.n, 5);
	word(f, sp - 8, fn(LEAF) + 0x51); /* no call is in front of that */
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_NO_WAY);
	assert_int_equal(f->t.n, 1);
}

static void trampolines_are_marked(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp);

	/* The tracer put its own address in the place of BPFRAME's. */
	word(f, bp + 8, fn(TRACED));
	begin(f, fn(LEAF) + 7, sp, bp);
	unwind(f);
	frame_is(f, 2, fn(TRACED), OD_UW_RETURN | OD_UW_TRAMPOLINE);
	frame_is(f, 3, fn(ENTRY) + 0x20, OD_UW_RETURN | OD_UW_CALL_SITE | OD_UW_GUESSED);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
}

static void loops_and_limits(void **state)
{
	struct fixture *f = *state;
	uint64_t at = TASK + 0x100;

	/* A row that does not move the stack pointer. */
	word(f, at - 8, fn(STUCK) + 5);
	begin(f, fn(STUCK) + 5, at, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_LOOP);
	assert_int_equal(f->t.n, 1);
	/* Recursion without end. */
	for (at = TASK; at < TOP; at += 8)
		word(f, at, fn(LEAF) + 5);
	begin(f, fn(LEAF) + 5, TASK, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_LIMIT);
	assert_int_equal(f->t.n, OD_MAX_TRACE);
	/* Through the end of the stack, to nothing. */
	begin(f, fn(LEAF) + 5, TOP - 16, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_OFF_STACK);
	assert_int_equal(f->t.n, 3);
	/* A stack that was written over. */
	word(f, TASK + 0x300, 0x4141414141414141);
	begin(f, fn(LEAF) + 5, TASK + 0x300, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_NO_CODE);
	assert_int_equal(f->t.where, 0x4141414141414141);
	assert_int_equal(f->t.n, 1);
	/* From the IRQ stack to the task's, from there to the IRQ stack again. */
	word(f, IRQ + 0x100, TASK + 0x200);
	word(f, TASK + 0x200, fn(SWITCH) + 5);
	word(f, TASK + 0x208, IRQ + 0x200);
	begin(f, fn(SWITCH) + 5, IRQ + 0x100, 0);
	unwind(f);
	assert_true(f->t.end == OD_UNWIND_LOOP || f->t.end == OD_UNWIND_OFF_STACK);
	assert_true(f->t.n <= 3);
}

static void overflows_are_said(void **state)
{
	struct fixture *f = *state;
	uint64_t regs = NMI + 0x1000;

	/* The fault came below the stack; the row of FRAME leads back onto it. */
	word(f, TASK + 0x18, fn(START) + 9);
	pt_regs(f, regs, fn(FRAME) + 3, TASK - 8, 0, 0x10);
	begin(f, fn(INTERRUPT) + 5, regs, 0);
	unwind(f);
	assert_true(f->t.overflow);
	assert_int_equal(f->t.end, OD_UNWIND_START);
	assert_int_equal(f->t.n, 3);
	assert_int_equal(f->t.frames[0].stack, OD_STACK_NMI);
	assert_int_equal(f->t.frames[1].stack, OD_STACK_TASK);
	word(f, TASK, 0x57AC6E9D);
	assert_false(od_stacks_overrun(&f->m.mem, TASK));
	word(f, TASK, 0x57AC6E9E);
	assert_true(od_stacks_overrun(&f->m.mem, TASK));
	assert_false(od_stacks_overrun(&f->m.mem, 0x1000));
}

static void user_mode_and_lost_memory(void **state)
{
	struct fixture *f = *state;
	uint64_t bp, sp = plain_stack(f, &bp);

	begin(f, 0x401000, 0x7ffc0000, 0);
	f->start.regs.v[OD_X86_CS] = 0x33;
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 0);
	/* A stack that the dump does not have. */
	begin(f, fn(LEAF) + 7, 0xffffc90000999000, bp);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_MEMORY);
	assert_int_equal(f->t.status, OD_MEM_UNMAPPED);
	assert_int_equal(f->t.where, 0xffffc90000999000);
	/* Without rbp, BPFRAME's frame has no size; the call in front of it tells. */
	begin(f, fn(LEAF) + 7, sp, 0);
	unwind(f);
	frame_is(f, 2, fn(FRAME) + 0x40, OD_UW_RETURN | OD_UW_CALL_SITE);
	f->start.regs.known &= ~(UINT64_C(1) << OD_X86_RBP);
	unwind(f);
	assert_int_equal(f->t.frames[1].pc, fn(BPFRAME) + 0x60);
	frame_is(f, 2, fn(FRAME) + 0x40, OD_UW_RETURN | OD_UW_CALL_SITE);
}

static void by_frame_pointers(void **state)
{
	struct fixture *f = *state;
	struct od_orc *orc = f->u.orc;
	uint64_t regs = user_entry(f), a = TOP - 0x200, b = TOP - 0x280, in = TOP - 0x400;

	/* entry -> FRAME(a) -> BPFRAME(b), interrupted in LEAF, which has pushed nothing yet. */
	word(f, a, regs | 1);
	word(f, a + 8, call(f, ENTRY, 0x20, FRAME));
	word(f, b, a);
	word(f, b + 8, call(f, FRAME, 0x40, BPFRAME));
	word(f, b - 0x40, call(f, BPFRAME, 0x60, LEAF));
	pt_regs(f, in, fn(LEAF), b - 0x40, b, 0x10);
	f->u.orc = NULL;
	begin(f, fn(INTERRUPT) + 9, in - 0x20, in | 1);
	unwind(f);
	f->u.orc = orc;
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 5);
	frame_is(f, 1, fn(LEAF), OD_UW_INTERRUPTED);
	frame_is(f, 2, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	frame_is(f, 3, fn(FRAME) + 0x40, OD_UW_RETURN);
	frame_is(f, 4, fn(ENTRY) + 0x20, OD_UW_RETURN);
	assert_int_equal(od_regs_pc(f->t.user), 0x401000);
}

/* --- arm64 ---------------------------------------------------------------------------------- */

enum { STACKFRAME = 304, SIGNED = 0x12 }; /* of struct pt_regs in 6.1 */

static uint64_t branch(struct fixture *f, enum fn caller, unsigned offset, enum fn callee)
{
	uint64_t ret = fn(caller) + offset;

	od_fixture_put(&f->m, ret - 4, 0x94000000 | ((fn(callee) - (ret - 4)) >> 2 & 0x3ffffff), 4);
	return ret;
}

/* What pointer authentication makes of an address. */
static uint64_t sign(uint64_t pc)
{
	return (pc & ~UINT64_C(0x007f000000000000)) | (uint64_t)SIGNED << 48;
}

static void arm64_set_up(struct fixture *f)
{
	f->u.arch = OD_REGS_ARM64;
	f->u.pac_mask = UINT64_C(0x007f000000000000);
	f->u.regs_frame = STACKFRAME;
}

static void arm64_begin(struct fixture *f, uint64_t pc, uint64_t sp, uint64_t fp, uint64_t lr)
{
	f->start = (struct od_unwind_start){ .regs.arch = OD_REGS_ARM64 };
	od_regs_set(&f->start.regs, OD_ARM64_PC, pc);
	od_regs_set(&f->start.regs, OD_ARM64_SP, sp);
	od_regs_set(&f->start.regs, OD_ARM64_FP, fp);
	od_regs_set(&f->start.regs, OD_ARM64_LR, lr);
	od_regs_set(&f->start.regs, OD_ARM64_PSTATE, 5);
}

static void arm64_records(void **state)
{
	struct fixture *f = *state;
	uint64_t user = TOP - 400, in = TOP - 0x600, a = TOP - 0x200, b = TOP - 0x280;

	arm64_set_up(f);
	/* user mode -> ENTRY -> FRAME(a) -> BPFRAME(b) -> LEAF without a frame, where an interrupt
	 * came */
	word(f, user + 8 * OD_ARM64_PC, 0x401000);
	word(f, user + 8 * OD_ARM64_SP, 0x7ffc0000);
	word(f, a, user + STACKFRAME);
	word(f, a + 8, sign(branch(f, ENTRY, 0x20, FRAME)));
	word(f, b, a);
	word(f, b + 8, sign(branch(f, FRAME, 0x40, BPFRAME)));
	word(f, in + 8 * OD_ARM64_PC, fn(LEAF) + 8);
	word(f, in + 8 * OD_ARM64_SP, b);
	word(f, in + 8 * OD_ARM64_FP, b);
	word(f, in + 8 * OD_ARM64_LR, branch(f, BPFRAME, 0x60, LEAF));
	word(f, in + 8 * OD_ARM64_PSTATE, 5);
	word(f, in + STACKFRAME, b);
	word(f, in + STACKFRAME + 8, fn(LEAF) + 8);
	word(f, in - 0x40, in + STACKFRAME);
	word(f, in - 0x38, branch(f, INTERRUPT, 0x30, SWITCH));
	arm64_begin(f, fn(SWITCH) + 0x20, in - 0x60, in - 0x40, 0);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_USER);
	assert_int_equal(f->t.n, 6);
	frame_is(f, 1, fn(INTERRUPT) + 0x30, OD_UW_RETURN);
	frame_is(f, 2, fn(LEAF) + 8, OD_UW_INTERRUPTED);
	frame_is(f, 3, fn(BPFRAME) + 0x60, OD_UW_RETURN | OD_UW_CALL_SITE);
	frame_is(f, 4, fn(FRAME) + 0x40, OD_UW_RETURN);
	frame_is(f, 5, fn(ENTRY) + 0x20, OD_UW_RETURN);
	assert_int_equal(od_regs_pc(f->t.user), 0x401000);

	/* 6.14: the record in pt_regs is empty and says what it is. */
	word(f, in + STACKFRAME, 0);
	word(f, in + STACKFRAME + 8, 0);
	word(f, in + STACKFRAME + 16, 2);
	unwind(f);
	assert_int_equal(f->t.n, 6);
	frame_is(f, 2, fn(LEAF) + 8, OD_UW_INTERRUPTED);

	/* A task that waits in a kernel thread: its last record is empty, and so are its pt_regs.
	 */
	memset(f->m.piece[3].data + 0x4000 - 400, 0, 400);
	word(f, user + 8 * OD_ARM64_PSTATE, 5);
	od_unwind_start_context(b, b - 0x20, branch(f, BPFRAME, 0x60, LEAF), &f->start);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_START);
	assert_int_equal(f->t.n, 3);
	frame_is(f, 0, fn(BPFRAME) + 0x60, OD_UW_RETURN);
	/* Records in a circle. */
	word(f, a, b);
	word(f, a + 8, fn(FRAME) + 0x48);
	unwind(f);
	assert_int_equal(f->t.end, OD_UNWIND_LOOP);
	assert_int_equal(f->t.n, 3);
	assert_null(f->t.user);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_orc_to_user_mode),
		TEST(blocked_and_begun),
		TEST(over_the_irq_stack),
		TEST(out_of_code_without_orc),
		TEST(a_guess_must_be_one_that_orc_can_follow),
		TEST(calls_that_jump_on),
		TEST(a_call_of_no_code),
		TEST(trampolines_are_marked),
		TEST(loops_and_limits),
		TEST(overflows_are_said),
		TEST(user_mode_and_lost_memory),
		TEST(by_frame_pointers),
		TEST(arm64_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
