/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers of a caller, by call frame information (DWARF 5, 6.4). */
#include "config.h"

#ifdef LIBDW_SONAME
#include <dwarf.h>
#include <stdlib.h>

#include "symbols/debug-internal.h"
#include "symbols/dwarf-libdw.h"
#include "symbols/vars-internal.h"

struct context {
	struct od_eval e;
	uint64_t cfa;
};

static bool known_cfa(struct od_eval *e, uint64_t *ret, struct od_loc *why)
{
	const struct context *c = e->ctx;

	(void)why;
	*ret = c->cfa;
	return true;
}

static bool take(struct od_dwarf_regs *regs, unsigned i, uint64_t v)
{
	od_dwarf_reg_set(regs, i, v);
	return true;
}

/*
 * A rule's place: in memory, in a register, or a value by itself. Without a rule it is as it was if
 * calls preserve it. (What libdw says then is of no use: its table for x86-64 has rax where rbx
 * should be, at least up to 0.188.)
 */
static bool restore(struct context *c, Dwarf_Frame *frame, unsigned i, bool preserved,
		    struct od_dwarf_regs *ret)
{
	const struct od_dwarf_regs *regs = c->e.regs;
	struct od_place_of place;
	const struct od_loc *loc = &place.piece[0].loc;
	Dwarf_Op mem[3], *ops;
	size_t n;
	uint64_t v;

	if (dwarf_frame_register(frame, (int)i, mem, &ops, &n) != 0)
		return false;
	if (!n)
		return preserved && regs->known >> i & 1 && take(ret, i, regs->v[i]);
	od_eval(&c->e, ops, n, NULL, &place);
	if (place.pieces)
		return false;
	switch (loc->kind) {
	case OD_LOC_VALUE:
		return take(ret, i, loc->number);
	case OD_LOC_REGISTER:
		return loc->number < OD_DWARF_REGS && regs->known >> loc->number & 1 &&
		       take(ret, i, regs->v[loc->number]);
	case OD_LOC_ADDRESS:
		return c->e.mem && od_mem_pointer(c->e.mem, loc->number, &v) == OD_MEM_OK &&
		       take(ret, i, v);
	default:
		return false;
	}
}

static bool find_cfa(struct context *c, Dwarf_Frame *frame)
{
	struct od_loc why;
	Dwarf_Op *ops;
	size_t n;

	return dwarf_frame_cfa(frame, &ops, &n) == 0 && n &&
	       od_eval_number(&c->e, ops, n, NULL, &c->cfa, &why);
}

static const char *const x86_64[] = { "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
				      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
static const char *const arm64[] = { "x0",  "x1",  "x2",  "x3",	 "x4",	"x5",  "x6",  "x7",
				     "x8",  "x9",  "x10", "x11", "x12", "x13", "x14", "x15",
				     "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
				     "x24", "x25", "x26", "x27", "x28", "x29" };

/*
 * Which registers there are to be had, which of them calls preserve (System V ABI, AMD64 supplement,
 * 3.2.1; AAPCS64, 6.1.1), and the stack pointer. Not those that the call itself writes (arm64's x30):
 * what the rules give for them is the address to return to.
 */
static const struct shape {
	uint16_t machine;
	uint8_t sp, n;
	uint32_t preserved;
	const char *const *names; /* of n of them */
} shapes[] = {
	{ EM_X86_64, 7, 16, 1 << 3 | 1 << 6 | 0xf << 12, x86_64 }, /* rbx, rbp, r12 to r15 */
	{ EM_AARCH64, 31, 30, 0x7ff << 19, arm64 },		   /* x19 to x29 */
};

static const struct shape *shape_of(const struct od_debug *dbg)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		if (shapes[i].machine == dbg->elf.machine)
			return &shapes[i];
	return NULL;
}

const char *od_debug_register(const struct od_debug *dbg, unsigned i)
{
	const struct shape *shape = shape_of(dbg);

	if (!shape)
		return NULL;
	return i < shape->n ? shape->names[i] : i == shape->sp ? "sp" : NULL;
}

/* *own: what must be closed when the frame is no longer used; NULL: nothing. */
static bool frame_at(struct od_debug *dbg, uint64_t pc, Dwarf_Frame **ret, Dwarf_CFI **own)
{
	Dwarf *dw = od_debug_libdw(dbg);
	Dwarf_CFI *cfi = dw ? dwarf_getcfi(dw) : NULL;

	*own = NULL;
	if (cfi && dwarf_cfi_addrframe(cfi, pc, ret) == 0)
		return true;
	/* Kernels have no such section; that of a program has an index, so it costs little. */
	*own = dw ? dwarf_getcfi_elf(dwarf_getelf(dw)) : NULL;
	if (*own && dwarf_cfi_addrframe(*own, pc, ret) == 0)
		return true;
	if (*own)
		dwarf_cfi_end(*own);
	return false;
}

bool od_debug_caller(const struct od_var_frame *f, struct od_memory *mem, struct od_dwarf_regs *ret,
		     uint64_t *cfa)
{
	struct context c = { .e = { .regs = &f->regs, .mem = mem, .steps = OD_EVAL_OPS } };
	const struct shape *shape = f->dbg ? shape_of(f->dbg) : NULL;
	Dwarf_Frame *frame;
	Dwarf_CFI *own;
	bool found;

	ret->known = 0;
	if (!shape || !frame_at(f->dbg, f->pc, &frame, &own))
		return false;
	found = find_cfa(&c, frame);
	c.e.cfa = known_cfa;
	c.e.ctx = &c;
	for (unsigned i = 0; found && i < shape->n; i++)
		if (i != shape->sp)
			restore(&c, frame, i, shape->preserved >> i & 1, ret);
	free(frame);
	if (own)
		dwarf_cfi_end(own);
	if (!found)
		return false;
	/* The definition of the address, not a rule (x86-64 and AAPCS64 supplements). */
	od_dwarf_reg_set(ret, shape->sp, c.cfa);
	*cfa = c.cfa;
	return true;
}
#endif
