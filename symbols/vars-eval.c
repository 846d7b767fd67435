/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DWARF expressions (DWARF 5, 2.5 and 2.6, and what GCC wrote for them before). Every step counts
 * against a limit, so loops end; what is not understood gives no place at all.
 */
#include "config.h"

#ifdef LIBDW_SONAME
#include <dwarf.h>

#include "symbols/vars-internal.h"


struct slot {
	uint64_t v;
	struct od_eval_type type;
};

struct machine {
	struct od_eval *e;
	const Dwarf_Op *ops;
	size_t n, pc;
	struct slot stack[OD_EVAL_STACK];
	unsigned sp;
	bool is_value; /* DW_OP_stack_value was seen */
	struct od_loc loc; /* a place that is not on the stack; NONE: it is */
	bool has_loc, failed;
	struct od_place_of *ret;
};

static const struct od_eval_type generic = { .size = 8 };

/* --- the stack --------------------------------------------------------------------------------- */

static void fail(struct machine *m, enum od_loc_kind kind)
{
	if (!m->failed)
		m->loc = (struct od_loc){ .kind = kind };
	m->failed = true;
}

static void fail_as(struct machine *m, const struct od_loc *why)
{
	if (!m->failed)
		m->loc = *why;
	m->failed = true;
}

/* As its type has it: upper bits are copies of the sign, or 0. */
static uint64_t fold(uint64_t v, struct od_eval_type type)
{
	unsigned gone = 64 - 8 * type.size;

	if (!gone)
		return v;
	return type.is_signed ? (uint64_t)((int64_t)(v << gone) >> gone) : v << gone >> gone;
}

static void push_typed(struct machine *m, uint64_t v, struct od_eval_type type)
{
	if (m->sp == OD_EVAL_STACK) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	m->stack[m->sp++] = (struct slot){ fold(v, type), type };
}

static void push(struct machine *m, uint64_t v)
{
	push_typed(m, v, generic);
}

static struct slot pop(struct machine *m)
{
	if (!m->sp) {
		fail(m, OD_LOC_STRANGE);
		return (struct slot){ 0, generic };
	}
	return m->stack[--m->sp];
}

/* i below the top. */
static void pick(struct machine *m, uint64_t i)
{
	if (i >= m->sp) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	push_typed(m, m->stack[m->sp - 1 - i].v, m->stack[m->sp - 1 - i].type);
}

static void rotate(struct machine *m)
{
	struct slot a = pop(m), b = pop(m), c = pop(m);

	push_typed(m, a.v, a.type);
	push_typed(m, c.v, c.type);
	push_typed(m, b.v, b.type);
}

static void push_register(struct machine *m, uint64_t reg, uint64_t offset, struct od_eval_type type)
{
	if (reg >= OD_DWARF_REGS || !(m->e->regs->known >> reg & 1))
		fail(m, OD_LOC_LOST);
	else
		push_typed(m, m->e->regs->v[reg] + offset, type);
}

static void deref(struct machine *m, uint64_t size, struct od_eval_type type)
{
	uint64_t addr = pop(m).v, v = 0;
	enum od_mem_status status;
	uint8_t bytes[8];

	if (m->failed)
		return;
	if (size != 1 && size != 2 && size != 4 && size != 8) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	if (!m->e->mem) {
		fail_as(m, &(struct od_loc){ .kind = OD_LOC_LOST });
		return;
	}
	status = od_mem_read(m->e->mem, addr, bytes, size);
	if (status != OD_MEM_OK) {
		fail_as(m, &(struct od_loc){ .kind = OD_LOC_UNREAD, .status = status });
		return;
	}
	v = od_mem_number(m->e->mem, bytes, size);
	push_typed(m, v, type);
}

static struct od_eval_type type_of(struct machine *m, const Dwarf_Op *op)
{
	struct od_eval_type type = generic;

	if (!m->e->type || !m->e->type(m->e, op, &type))
		fail(m, OD_LOC_STRANGE);
	return type;
}

/* --- operations ---------------------------------------------------------------------------- */

static void divide(struct machine *m, struct slot a, struct slot b, bool remainder)
{
	/* The generic type divides signed and takes the rest unsigned (2.5.1.4). */
	bool is_signed = a.type.is_signed || (!a.type.typed && !remainder);

	if (!b.v || (is_signed && (int64_t)a.v == INT64_MIN && (int64_t)b.v == -1))
		fail(m, OD_LOC_STRANGE);
	else if (remainder)
		push_typed(m, is_signed ? (uint64_t)((int64_t)a.v % (int64_t)b.v) : a.v % b.v, a.type);
	else
		push_typed(m, is_signed ? (uint64_t)((int64_t)a.v / (int64_t)b.v) : a.v / b.v, a.type);
}

static void shift(struct machine *m, unsigned op, struct slot a, uint64_t by)
{
	bool out = by >= 8u * a.type.size;
	struct od_eval_type wide = { .size = a.type.size, .is_signed = true };
	uint64_t v;

	if (op == DW_OP_shl) {
		v = out ? 0 : a.v << by;
	} else if (op == DW_OP_shr) {
		v = fold(a.v, (struct od_eval_type){ .size = a.type.size });
		v = out ? 0 : v >> by;
	} else {
		v = (uint64_t)((int64_t)fold(a.v, wide) >> (out ? 63 : by));
	}
	push_typed(m, v, a.type);
}

/* Comparisons of the generic type are signed (2.5.1.5). */
static bool compare(unsigned op, struct slot a, struct slot b)
{
	bool is_signed = a.type.is_signed || !a.type.typed;
	int order = a.v == b.v ? 0 :
		    (is_signed ? (int64_t)a.v < (int64_t)b.v : a.v < b.v) ? -1 : 1;

	switch (op) {
	case DW_OP_le: return order <= 0;
	case DW_OP_ge: return order >= 0;
	case DW_OP_eq: return order == 0;
	case DW_OP_lt: return order < 0;
	case DW_OP_gt: return order > 0;
	default: return order != 0;
	}
}

static void binary(struct machine *m, unsigned op)
{
	struct slot b = pop(m), a = pop(m);

	if (m->failed)
		return;
	switch (op) {
	case DW_OP_shl: case DW_OP_shr: case DW_OP_shra:
		shift(m, op, a, b.v);
		return;
	}
	if (a.type.size != b.type.size || a.type.is_signed != b.type.is_signed ||
	    a.type.typed != b.type.typed) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	switch (op) {
	case DW_OP_and: push_typed(m, a.v & b.v, a.type); break;
	case DW_OP_or: push_typed(m, a.v | b.v, a.type); break;
	case DW_OP_xor: push_typed(m, a.v ^ b.v, a.type); break;
	case DW_OP_plus: push_typed(m, a.v + b.v, a.type); break;
	case DW_OP_minus: push_typed(m, a.v - b.v, a.type); break;
	case DW_OP_mul: push_typed(m, a.v * b.v, a.type); break;
	case DW_OP_div: divide(m, a, b, false); break;
	case DW_OP_mod: divide(m, a, b, true); break;
	default: push(m, compare(op, a, b));
	}
}

static void unary(struct machine *m, unsigned op, uint64_t number)
{
	struct slot a = pop(m);
	struct od_eval_type wide;

	switch (op) {
	case DW_OP_abs:
		wide = (struct od_eval_type){ .size = a.type.size, .is_signed = true };
		a.v = (int64_t)fold(a.v, wide) < 0 ? -a.v : a.v;
		break;
	case DW_OP_neg: a.v = -a.v; break;
	case DW_OP_not: a.v = ~a.v; break;
	default: a.v += number; break; /* DW_OP_plus_uconst */
	}
	push_typed(m, a.v, a.type);
}

/* Jumps go from the end of the operation, by 16 bits, to where another one begins. */
static void jump(struct machine *m, const Dwarf_Op *op)
{
	uint64_t to = op->offset + 3 + (uint64_t)(int64_t)(int16_t)op->number;
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->ops[mid].offset < to)
			low = mid + 1;
		else
			high = mid;
	}
	/* How long the last operation is nobody says: behind it is the end. */
	if (low < m->n && m->ops[low].offset != to)
		fail(m, OD_LOC_STRANGE);
	m->pc = low;
}

/* What others answer: a number for the stack. */
static void ask(struct machine *m, bool (*fn)(struct od_eval *, const Dwarf_Op *, uint64_t *, struct od_loc *),
		const Dwarf_Op *op)
{
	struct od_loc why = { .kind = OD_LOC_LOST };
	uint64_t v = 0;

	if (!fn || !fn(m->e, op, &v, &why))
		fail_as(m, &why);
	else
		push(m, v);
}

static void ask_base(struct machine *m, bool (*fn)(struct od_eval *, uint64_t *, struct od_loc *),
		     uint64_t offset)
{
	struct od_loc why = { .kind = OD_LOC_LOST };
	uint64_t v = 0;

	if (!fn || !fn(m->e, &v, &why))
		fail_as(m, &why);
	else
		push(m, v + offset);
}

static void implicit(struct machine *m, const Dwarf_Op *op)
{
	struct od_loc loc = { .kind = OD_LOC_BYTES };

	if (!m->e->bytes || !m->e->bytes(m->e, op, &loc.bytes, &loc.len)) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	m->loc = loc;
	m->has_loc = true;
}

static void const_type(struct machine *m, const Dwarf_Op *op)
{
	struct od_eval_type type = type_of(m, op);
	const uint8_t *p;
	uint64_t v = 0;
	size_t len;

	if (m->failed)
		return;
	if (!m->e->bytes || !m->e->bytes(m->e, op, &p, &len) || len != type.size) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	for (size_t i = 0; i < len; i++)
		v |= (uint64_t)p[m->e->big_endian ? len - 1 - i : i] << 8 * i;
	push_typed(m, v, type);
}

static void convert(struct machine *m, const Dwarf_Op *op, bool only_bits)
{
	struct od_eval_type type = op->number ? type_of(m, op) : generic;
	struct slot a = pop(m);

	if (only_bits && a.type.size != type.size)
		fail(m, OD_LOC_STRANGE);
	push_typed(m, a.v, type);
}

/* What there is of the stack or of a place, as the place of (a piece of) the variable. */
static struct od_loc conclude(struct machine *m, bool whole)
{
	struct od_loc loc = { .kind = OD_LOC_NONE };

	if (m->failed || m->has_loc)
		loc = m->loc;
	else if (m->sp)
		loc = (struct od_loc){ .kind = m->is_value ? OD_LOC_VALUE : OD_LOC_ADDRESS,
				       .number = pop(m).v };
	else if (whole && m->n)
		loc.kind = OD_LOC_STRANGE;
	m->has_loc = m->is_value = false;
	return loc;
}

static void piece(struct machine *m, uint64_t bits, uint64_t at)
{
	struct od_piece *p;

	if (m->ret->n == OD_EVAL_PIECES) {
		fail(m, OD_LOC_STRANGE);
		return;
	}
	p = &m->ret->piece[m->ret->n++];
	p->loc = conclude(m, false);
	p->bits = bits;
	p->at = at;
	/* One piece that cannot be had does not spoil the others. */
	m->failed = false;
	m->sp = 0;
	m->ret->pieces = true;
}

static void in_register(struct machine *m, uint64_t reg)
{
	m->loc = (struct od_loc){ .kind = OD_LOC_REGISTER, .number = reg };
	m->has_loc = true;
}

/* After a failure only pieces matter: where the next one begins. */
static void special(struct machine *m, const Dwarf_Op *op)
{
	struct od_eval_type type;

	switch (op->atom) {
	case DW_OP_nop: break;
	case DW_OP_addr: case DW_OP_addrx: case DW_OP_GNU_addr_index: {
		uint64_t v = 0;

		if (!m->e->address || !m->e->address(m->e, op, &v))
			fail(m, OD_LOC_LOST);
		push(m, v);
		break;
	}
	case DW_OP_dup: pick(m, 0); break;
	case DW_OP_over: pick(m, 1); break;
	case DW_OP_pick: pick(m, op->number); break;
	case DW_OP_drop: pop(m); break;
	case DW_OP_swap: {
		struct slot a = pop(m), b = pop(m);

		push_typed(m, a.v, a.type);
		push_typed(m, b.v, b.type);
		break;
	}
	case DW_OP_rot: rotate(m); break;
	case DW_OP_deref: deref(m, m->e->mem ? m->e->mem->pointer_size : 8, generic); break;
	case DW_OP_deref_size: deref(m, op->number, generic); break;
	case DW_OP_deref_type: case DW_OP_GNU_deref_type:
		type = type_of(m, op);
		deref(m, op->number, type);
		break;
	case DW_OP_skip: jump(m, op); break;
	case DW_OP_bra:
		if (pop(m).v)
			jump(m, op);
		break;
	case DW_OP_call_frame_cfa: ask_base(m, m->e->cfa, 0); break;
	case DW_OP_fbreg: ask_base(m, m->e->frame_base, op->number); break;
	case DW_OP_regx: in_register(m, op->number); break;
	case DW_OP_bregx: push_register(m, op->number, op->number2, generic); break;
	case DW_OP_regval_type: case DW_OP_GNU_regval_type:
		type = type_of(m, op);
		push_register(m, op->number, 0, type);
		break;
	case DW_OP_const_type: case DW_OP_GNU_const_type: const_type(m, op); break;
	case DW_OP_convert: case DW_OP_GNU_convert: convert(m, op, false); break;
	case DW_OP_reinterpret: case DW_OP_GNU_reinterpret: convert(m, op, true); break;
	case DW_OP_entry_value: case DW_OP_GNU_entry_value: case DW_OP_GNU_parameter_ref:
		ask(m, m->e->entry, op);
		break;
	case DW_OP_call2: case DW_OP_call4: ask(m, m->e->call, op); break;
	case DW_OP_implicit_value: implicit(m, op); break;
	case DW_OP_stack_value: m->is_value = true; break;
	case DW_OP_implicit_pointer: case DW_OP_GNU_implicit_pointer:
		/* It points to what is not in memory: no number can say that. */
		m->loc = (struct od_loc){ .kind = OD_LOC_NONE };
		m->has_loc = true;
		break;
	default: fail(m, OD_LOC_STRANGE);
	}
}

static void one(struct machine *m, const Dwarf_Op *op)
{
	unsigned a = op->atom;

	if (a == DW_OP_piece || a == DW_OP_bit_piece) {
		if (a == DW_OP_piece && op->number > UINT32_MAX)
			fail(m, OD_LOC_STRANGE);
		piece(m, a == DW_OP_piece ? op->number * 8 : op->number,
		      a == DW_OP_piece ? 0 : op->number2);
	} else if (m->failed || m->has_loc) {
		/* After a place only a piece may come. */
		if (!m->failed && a != DW_OP_nop)
			fail(m, OD_LOC_STRANGE);
	} else if (a >= DW_OP_lit0 && a <= DW_OP_lit31) {
		push(m, a - DW_OP_lit0);
	} else if (a >= DW_OP_reg0 && a <= DW_OP_reg31) {
		in_register(m, a - DW_OP_reg0);
	} else if (a >= DW_OP_breg0 && a <= DW_OP_breg31) {
		push_register(m, a - DW_OP_breg0, op->number, generic);
	} else if (a >= DW_OP_const1u && a <= DW_OP_consts) {
		push(m, op->number); /* libdw has extended the sign */
	} else if ((a >= DW_OP_eq && a <= DW_OP_ne) || a == DW_OP_and ||
		   (a >= DW_OP_div && a <= DW_OP_mul) || a == DW_OP_or || a == DW_OP_plus ||
		   (a >= DW_OP_shl && a <= DW_OP_xor)) {
		binary(m, a);
	} else if (a == DW_OP_abs || a == DW_OP_neg || a == DW_OP_not || a == DW_OP_plus_uconst) {
		unary(m, a, op->number);
	} else {
		special(m, op);
	}
}

void od_eval(struct od_eval *e, const Dwarf_Op *ops, size_t n, const uint64_t *first,
	     struct od_place_of *ret)
{
	struct machine m = { .e = e, .ops = ops, .n = n, .ret = ret };

	ret->n = 0;
	ret->pieces = false;
	if (first)
		push(&m, *first);
	if (n > OD_MAX_EXPR_OPS || e->depth > OD_EVAL_NESTING)
		fail(&m, OD_LOC_STRANGE);
	while (m.pc < n && n <= OD_MAX_EXPR_OPS) {
		if (!e->steps) {
			fail(&m, OD_LOC_STRANGE);
			break;
		}
		e->steps--;
		one(&m, &ops[m.pc++]);
	}
	if (ret->pieces && !m.failed && !m.sp && !m.has_loc)
		return;
	if (ret->pieces)
		fail(&m, OD_LOC_STRANGE); /* something after the last piece */
	ret->pieces = false;
	ret->n = 1;
	ret->piece[0] = (struct od_piece){ .loc = conclude(&m, true) };
}

bool od_eval_number(struct od_eval *e, const Dwarf_Op *ops, size_t n, const uint64_t *first,
		    uint64_t *ret, struct od_loc *why)
{
	struct od_place_of place;
	const struct od_loc *loc = &place.piece[0].loc;

	od_eval(e, ops, n, first, &place);
	*why = *loc;
	if (place.pieces) {
		why->kind = OD_LOC_STRANGE;
		return false;
	}
	if (loc->kind == OD_LOC_ADDRESS || loc->kind == OD_LOC_VALUE) {
		*ret = loc->number;
		return true;
	}
	if (loc->kind == OD_LOC_REGISTER) {
		why->kind = OD_LOC_LOST;
		if (loc->number >= OD_DWARF_REGS || !(e->regs->known >> loc->number & 1))
			return false;
		*ret = e->regs->v[loc->number];
		return true;
	}
	if (loc->kind == OD_LOC_BYTES)
		why->kind = OD_LOC_STRANGE;
	return false;
}
#endif
