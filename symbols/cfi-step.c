/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the rules of a frame and its registers to those of its caller. */
#include "symbols/cfi.h"

#include <elf.h>
#include <string.h>

#include "symbols/dwarf-read.h"

enum { STACK = 32, MAX_OPS = 1024 };

/*
 * What calls preserve, and the stack pointer: System V ABI supplements of AMD64 (3.2.1) and i386, AAPCS64
 * 6.1.1, AAPCS 6.1.1, RISC-V and LoongArch calling conventions, ELF V2 ABI of Power, s390x and MIPS N64 ABIs.
 */
static const struct {
	uint16_t machine;
	uint8_t sp;
	uint64_t preserved;
} machines[] = {
	{ EM_X86_64, 7, 1 << 3 | 1 << 6 | 0xf << 12 },
	{ EM_386, 4, 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 },
	{ EM_AARCH64, 31, UINT64_C(0x7ff) << 19 },
	{ EM_ARM, 13, 0xff << 4 },
	{ EM_RISCV, 2, 1 << 3 | 1 << 4 | 1 << 8 | 1 << 9 | 0x3ff << 18 },
	{ EM_PPC64, 1, UINT64_C(0xffffc004) },
	{ EM_PPC, 1, UINT64_C(0xffffc004) },
	{ EM_S390, 15, 0x3f << 6 | 1 << 12 | 1 << 13 },
	{ 258, 3, 1 << 2 | UINT64_C(0x3ff) << 22 },
	{ EM_MIPS, 29, 0xff << 16 | 1 << 28 | 1 << 30 },
};

bool od_cfi_machine(uint16_t machine, struct od_cfi_machine *ret)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == machine) {
			*ret = (struct od_cfi_machine){ machines[i].preserved, machines[i].sp };
			return true;
		}
	return false;
}

/* --- expressions (DWARF 5, 2.5): those without types, objects and calls ------------------------------- */

struct eval {
	const struct od_dwarf_regs *regs;
	struct od_memory *mem;
	uint64_t stack[STACK];
	unsigned n;
	bool bad;
	uint8_t width; /* bytes of an address */
};

static void push(struct eval *e, uint64_t v)
{
	if (e->n == STACK) {
		e->bad = true;
		return;
	}
	e->stack[e->n++] = e->width == 4 ? (uint32_t)v : v;
}

static uint64_t pop(struct eval *e)
{
	if (!e->n) {
		e->bad = true;
		return 0;
	}
	return e->stack[--e->n];
}

static uint64_t reg_value(struct eval *e, uint64_t reg)
{
	if (reg >= OD_DWARF_REGS || !(e->regs->known >> reg & 1)) {
		e->bad = true;
		return 0;
	}
	return e->regs->v[reg];
}

static void deref(struct eval *e, unsigned size)
{
	uint8_t bytes[8];
	uint64_t addr = pop(e);

	if (e->bad || !size || size > 8 || !e->mem || od_mem_read(e->mem, addr, bytes, size) != OD_MEM_OK)
		e->bad = true;
	else
		push(e, od_mem_number(e->mem, bytes, size));
}

static int64_t sign(const struct eval *e, uint64_t v)
{
	return e->width == 4 ? (int32_t)v : (int64_t)v;
}

static void binary(struct eval *e, uint8_t op)
{
	uint64_t b = pop(e), a = pop(e);
	const unsigned bits = e->width * 8u;
	const int64_t sa = sign(e, a), sb = sign(e, b);

	switch (op) {
	case 0x1a: a &= b; break;
	case 0x1b: /* div; what overflows has no meaning */
		e->bad |= !b || (sa == INT64_MIN && sb == -1);
		a = e->bad ? 0 : (uint64_t)(sa / sb);
		break;
	case 0x1c: a -= b; break;
	case 0x1d:
		e->bad |= !b;
		a = e->bad ? 0 : a % b;
		break;
	case 0x1e: a *= b; break;
	case 0x21: a |= b; break;
	case 0x22: a += b; break;
	case 0x24: a = b < bits ? a << b : 0; break;
	case 0x25: a = b < bits ? a >> b : 0; break;
	case 0x26: a = (uint64_t)(sa >> (b < bits ? b : bits - 1)); break;
	case 0x27: a ^= b; break;
	case 0x29: a = sa == sb; break;
	case 0x2a: a = sa >= sb; break;
	case 0x2b: a = sa > sb; break;
	case 0x2c: a = sa <= sb; break;
	case 0x2d: a = sa < sb; break;
	case 0x2e: a = sa != sb; break;
	default: e->bad = true;
	}
	push(e, a);
}

/* Operations that move what lies on the stack. */
static void shuffle(struct eval *e, uint8_t op, unsigned index)
{
	uint64_t a, b, c;

	switch (op) {
	case 0x12: a = pop(e); push(e, a); push(e, a); break;
	case 0x13: pop(e); break;
	case 0x14: /* over */
	case 0x15: /* pick */
		if (index >= e->n)
			e->bad = true;
		else
			push(e, e->stack[e->n - 1 - index]);
		break;
	case 0x16: b = pop(e); a = pop(e); push(e, b); push(e, a); break;
	case 0x17: c = pop(e); b = pop(e); a = pop(e); push(e, c); push(e, a); push(e, b); break;
	default: e->bad = true;
	}
}

static void jump(struct eval *e, struct od_dw *r, const uint8_t *start, bool taken)
{
	const int64_t by = (int16_t)od_dw_u16(r);
	const int64_t to = (r->p - start) + by;

	if (!taken)
		return;
	if (to < 0 || to > r->end - start)
		e->bad = true;
	else
		r->p = start + to;
}

static void unary(struct eval *e, uint8_t op)
{
	uint64_t a = pop(e);

	push(e, op == 0x19 ? (sign(e, a) < 0 ? 0 - a : a) : op == 0x1f ? 0 - a : ~a);
}

static void operation(struct eval *e, struct od_dw *r, const uint8_t *start)
{
	const uint8_t op = od_dw_u8(r);

	if (op >= 0x30 && op <= 0x4f) { /* lit0 to lit31 */
		push(e, op - 0x30u);
	} else if (op >= 0x70 && op <= 0x8f) { /* breg0 to breg31 */
		int64_t by = od_dw_sleb(r);

		push(e, reg_value(e, op - 0x70u) + (uint64_t)by);
	} else switch (op) {
	case 0x03: push(e, od_dw_number(r, e->width)); break;
	case 0x06: deref(e, e->width); break;
	case 0x08: push(e, od_dw_u8(r)); break;
	case 0x09: push(e, (uint64_t)(int64_t)(int8_t)od_dw_u8(r)); break;
	case 0x0a: push(e, od_dw_u16(r)); break;
	case 0x0b: push(e, (uint64_t)(int64_t)(int16_t)od_dw_u16(r)); break;
	case 0x0c: push(e, od_dw_u32(r)); break;
	case 0x0d: push(e, (uint64_t)(int64_t)(int32_t)od_dw_u32(r)); break;
	case 0x0e:
	case 0x0f: push(e, od_dw_number(r, 8)); break;
	case 0x10: push(e, od_dw_uleb(r)); break;
	case 0x11: push(e, (uint64_t)od_dw_sleb(r)); break;
	case 0x15: shuffle(e, op, od_dw_u8(r)); break;
	case 0x14: shuffle(e, op, 1); break;
	case 0x12: case 0x13: case 0x16: case 0x17: shuffle(e, op, 0); break;
	case 0x19: case 0x1f: case 0x20: unary(e, op); break;
	case 0x23: push(e, pop(e) + od_dw_uleb(r)); break;
	case 0x28: jump(e, r, start, pop(e) != 0); break;
	case 0x2f: jump(e, r, start, true); break;
	case 0x92: { /* bregx */
		uint64_t reg = od_dw_uleb(r);

		push(e, reg_value(e, reg) + (uint64_t)od_dw_sleb(r));
		break;
	}
	case 0x94: deref(e, od_dw_u8(r)); break;
	case 0x96: break;
	default: binary(e, op);
	}
}

/* first: what lies on the stack before, or NULL. */
static bool evaluate(const struct od_cfi_row *row, const struct od_cfi_rule *rule, const struct od_dwarf_regs *regs,
		     struct od_memory *mem, const uint64_t *first, uint64_t *ret)
{
	struct eval e = { .regs = regs, .mem = mem, .width = row->pointer_size };
	struct od_dw r = od_dw_init(rule->expr, rule->len, row->big);

	if (first)
		push(&e, *first);
	for (unsigned i = 0; od_dw_left(&r) && !e.bad && !r.bad; i++) {
		if (i == MAX_OPS)
			return false;
		operation(&e, &r, rule->expr);
	}
	*ret = pop(&e);
	return !e.bad && !r.bad;
}

/* --- registers -------------------------------------------------------------------------------------------- */

static bool find_cfa(const struct od_cfi_row *row, const struct od_dwarf_regs *regs, struct od_memory *mem,
		     uint64_t *ret)
{
	if (row->cfa.kind == OD_CFI_VAL_EXPRESSION)
		return evaluate(row, &row->cfa, regs, mem, NULL, ret);
	if (row->cfa.kind != OD_CFI_OFFSET || row->cfa.reg >= OD_DWARF_REGS || !(regs->known >> row->cfa.reg & 1))
		return false;
	*ret = regs->v[row->cfa.reg] + (uint64_t)row->cfa.offset;
	return true;
}

static void restore(const struct od_cfi_row *row, const struct od_cfi_machine *machine, unsigned i,
		    const struct od_dwarf_regs *regs, struct od_memory *mem, uint64_t cfa, struct od_dwarf_regs *ret)
{
	const struct od_cfi_rule *rule = &row->reg[i];
	uint64_t v = 0;
	bool ok = false;

	switch (rule->kind) {
	case OD_CFI_UNSAID:
		if (i == machine->sp) {
			/* The definition of the address, not a rule. */
			v = cfa;
			ok = true;
			break;
		}
		if (!(machine->preserved >> i & 1) && i != row->ret)
			return;
		/* fallthrough */
	case OD_CFI_SAME:
		ok = regs->known >> i & 1;
		v = regs->v[i];
		break;
	case OD_CFI_OFFSET:
		ok = od_mem_pointer(mem, cfa + (uint64_t)rule->offset, &v) == OD_MEM_OK;
		break;
	case OD_CFI_VAL_OFFSET:
		v = cfa + (uint64_t)rule->offset;
		ok = true;
		break;
	case OD_CFI_REGISTER:
		ok = regs->known >> rule->reg & 1;
		v = regs->v[rule->reg];
		break;
	case OD_CFI_EXPRESSION:
		ok = evaluate(row, rule, regs, mem, &cfa, &v) && od_mem_pointer(mem, v, &v) == OD_MEM_OK;
		break;
	case OD_CFI_VAL_EXPRESSION:
		ok = evaluate(row, rule, regs, mem, &cfa, &v);
		break;
	default:
		return;
	}
	if (ok)
		od_dwarf_reg_set(ret, i, row->pointer_size == 4 ? (uint32_t)v : v);
}

bool od_cfi_step(const struct od_cfi_row *row, const struct od_cfi_machine *machine,
		 const struct od_dwarf_regs *regs, struct od_memory *mem, struct od_dwarf_regs *caller,
		 uint64_t *cfa, uint64_t *pc, bool *outermost)
{
	memset(caller, 0, sizeof(*caller));
	*outermost = row->reg[row->ret].kind == OD_CFI_UNDEFINED;
	if (*outermost || !find_cfa(row, regs, mem, cfa))
		return false;
	if (row->pointer_size == 4)
		*cfa = (uint32_t)*cfa;
	for (unsigned i = 0; i < OD_DWARF_REGS; i++)
		restore(row, machine, i, regs, mem, *cfa, caller);
	if (!(caller->known >> row->ret & 1))
		return false;
	*pc = caller->v[row->ret];
	return true;
}
