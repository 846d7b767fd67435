/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variables of a frame, one after the other: its place, its bytes, its text. */
#include "config.h"

#ifdef LIBDW_SONAME
#include "symbols/vars.h"

#include <dwarf.h>
#include <string.h>

#include "symbols/debug-internal.h"
#include "symbols/dwarf-libdw.h"
#include "symbols/vars-internal.h"

enum {
	MAX_PLACES = 8,	  /* location list entries that hold at one pc; one does */
	MAX_DIES = 10000, /* children of one block */
};

/* --- what expressions ask ---------------------------------------------------------------------- */

static struct od_var_eval *self(struct od_eval *e)
{
	return e->ctx;
}

static bool ask_cfa(struct od_eval *e, uint64_t *ret, struct od_loc *why)
{
	const struct od_var_frame *f = self(e)->f;
	struct od_dwarf_regs regs;

	if (f->has_cfa) {
		*ret = f->cfa;
		return true;
	}
	why->kind = OD_LOC_LOST;
	return od_debug_caller(f, e->mem, &regs, ret);
}

/* The one expression that holds at the pc. */
static bool expression(Dwarf_Attribute *attr, uint64_t pc, Dwarf_Op **ops, size_t *n)
{
	Dwarf_Op *exprs[MAX_PLACES];
	size_t lens[MAX_PLACES];

	/* Several would be as good as each other. */
	if (dwarf_getlocation_addr(attr, pc, exprs, lens, MAX_PLACES) < 1)
		return false;
	*ops = exprs[0];
	*n = lens[0];
	return true;
}

static bool ask_frame_base(struct od_eval *e, uint64_t *ret, struct od_loc *why)
{
	struct od_var_eval *ve = self(e), inner;
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t n;
	bool ok;

	why->kind = OD_LOC_STRANGE;
	if (e->depth >= OD_EVAL_NESTING || !dwarf_attr_integrate(&ve->function, DW_AT_frame_base, &attr) ||
	    !expression(&attr, ve->f->pc, &ops, &n) || !n)
		return false;
	od_var_eval_init(&inner, ve->f, ve->world, &ve->function, &attr, e->depth + 1, e->steps);
	ok = od_eval_number(&inner.e, ops, n, NULL, ret, why);
	e->steps = inner.e.steps;
	return ok;
}

static bool ask_entry(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret, struct od_loc *why)
{
	struct od_var_eval *ve = self(e);
	struct od_entry entry = { 0 };
	Dwarf_Attribute attr;
	Dwarf_Die parameter;
	Dwarf_Op *ops;
	size_t n;

	why->kind = OD_LOC_STRANGE;
	if (op->atom == DW_OP_GNU_parameter_ref) {
		if (dwarf_getlocation_die(&ve->attr, op, &parameter) != 0)
			return false;
		entry.parameter = &parameter;
		return od_dwarf_entry(ve->f, ve->world, &ve->function, &entry, e->depth, &e->steps, ret,
				      why);
	}
	if (dwarf_getlocation_attr(&ve->attr, op, &attr) != 0 ||
	    dwarf_getlocation(&attr, &ops, &n) != 0 || n != 1)
		return false;
	/* What memory was then nobody can tell. */
	if (ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
		entry.reg = ops[0].atom - DW_OP_reg0;
	else if (ops[0].atom == DW_OP_regx && ops[0].number < OD_DWARF_REGS)
		entry.reg = (unsigned)ops[0].number;
	else
		return false;
	return od_dwarf_entry(ve->f, ve->world, &ve->function, &entry, e->depth, &e->steps, ret, why);
}

static bool ask_address(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret)
{
	struct od_var_eval *ve = self(e);
	uint64_t file = op->number;
	Dwarf_Attribute attr;

	if (op->atom != DW_OP_addr &&
	    (dwarf_getlocation_attr(&ve->attr, op, &attr) != 0 || dwarf_formaddr(&attr, &file) != 0))
		return false;
	return ve->world->address && ve->world->address(ve->world->ctx, ve->f->dbg, file, ret);
}

static bool ask_type(struct od_eval *e, const Dwarf_Op *op, struct od_eval_type *ret)
{
	struct od_var_eval *ve = self(e);
	Dwarf_Attribute attr;
	Dwarf_Die die;
	Dwarf_Word encoding, size;

	if (dwarf_getlocation_die(&ve->attr, op, &die) != 0 || dwarf_tag(&die) != DW_TAG_base_type ||
	    !dwarf_attr(&die, DW_AT_encoding, &attr) || dwarf_formudata(&attr, &encoding) != 0 ||
	    !dwarf_attr(&die, DW_AT_byte_size, &attr) || dwarf_formudata(&attr, &size) != 0)
		return false;
	if (encoding == DW_ATE_float || (size != 1 && size != 2 && size != 4 && size != 8))
		return false;
	ret->size = (uint8_t)size;
	ret->is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
	ret->typed = true;
	return true;
}

/* DW_OP_implicit_value: length and block. DW_OP_const_type: libdw points to the length byte. */
static bool ask_bytes(struct od_eval *e, const Dwarf_Op *op, const uint8_t **ret, size_t *len)
{
	struct od_var_eval *ve = self(e);
	Dwarf_Block block;

	if (op->atom != DW_OP_implicit_value) {
		*ret = (const uint8_t *)(uintptr_t)op->number2;
		if (!*ret)
			return false;
		*len = (*ret)[0];
		(*ret)++;
		return true;
	}
	if (dwarf_getlocation_implicit_value(&ve->attr, op, &block) != 0)
		return false;
	*ret = block.data;
	*len = block.length;
	return true;
}

void od_var_eval_init(struct od_var_eval *ve, const struct od_var_frame *f,
		      const struct od_var_world *world, Dwarf_Die *function,
		      Dwarf_Attribute *attr, unsigned depth, unsigned steps)
{
	*ve = (struct od_var_eval){
		.e = { .regs = &f->regs, .mem = world->mem, .steps = steps, .depth = depth,
		       .big_endian = f->dbg->elf.big, .cfa = ask_cfa, .frame_base = ask_frame_base,
		       .entry = ask_entry, .address = ask_address, .type = ask_type,
		       .bytes = ask_bytes },
		.f = f, .world = world, .function = *function, .attr = *attr,
	};
	ve->e.ctx = ve;
}

/* --- one variable ------------------------------------------------------------------------------ */

struct lister {
	const struct od_var_frame *f;
	const struct od_var_world *world;
	void (*add)(void *ctx, const struct od_variable *v);
	void *ctx;
	Dwarf_Die function;
	const char *inlined; /* function that the block is of; NULL: the frame's own */
	unsigned left;	     /* variables that may still be told */
	struct od_buf text;
	struct od_value value;
};

static void constant(struct lister *l, Dwarf_Attribute *attr)
{
	struct od_value *v = &l->value;
	Dwarf_Block block;
	Dwarf_Word word;
	struct od_place_of place = { .n = 1 };
	const struct od_eval e = { 0 };

	if (dwarf_formblock(attr, &block) == 0) {
		place.piece[0].loc = (struct od_loc){ .kind = OD_LOC_BYTES, .bytes = block.data,
						      .len = block.length };
	} else if (dwarf_formudata(attr, &word) == 0) {
		/* DW_FORM_data1 to 8 are filled up with 0 bits, whatever the type, as gdb does. */
		place.piece[0].loc = (struct od_loc){ .kind = OD_LOC_VALUE, .number = word };
	} else {
		place.piece[0].loc.kind = OD_LOC_STRANGE;
	}
	od_value_fetch(&e, &place, v);
}

static void nowhere(struct lister *l, enum od_loc_kind kind)
{
	struct od_place_of place = { .n = 1, .piece[0].loc.kind = kind };
	const struct od_eval e = { 0 };

	od_value_fetch(&e, &place, &l->value);
}

static void fetch(struct lister *l, Dwarf_Die *die)
{
	struct od_place_of place;
	struct od_var_eval ve;
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_attr_integrate(die, DW_AT_const_value, &attr)) {
		constant(l, &attr);
	} else if (!dwarf_attr(die, DW_AT_location, &attr) || !expression(&attr, l->f->pc, &ops, &n)) {
		nowhere(l, OD_LOC_NONE);
	} else {
		od_var_eval_init(&ve, l->f, l->world, &l->function, &attr, 0, OD_EVAL_OPS);
		od_eval(&ve.e, ops, n, NULL, &place);
		od_value_fetch(&ve.e, &place, &l->value);
	}
}

/*
 * An argument whose place is not known any more: what it was at the call. It was in the register
 * in which it is at the first byte of the function.
 */
static bool fetch_entry(struct lister *l, Dwarf_Die *die)
{
	unsigned steps = OD_EVAL_OPS;
	struct od_place_of place = { .n = 1 };
	struct od_entry entry = { 0 };
	const struct od_eval e = { 0 };
	Dwarf_Attribute attr;
	Dwarf_Addr low;
	struct od_loc why;
	Dwarf_Op *ops;
	uint64_t number;
	size_t n;

	if (dwarf_lowpc(&l->function, &low) != 0 || !dwarf_attr(die, DW_AT_location, &attr) ||
	    !expression(&attr, low, &ops, &n) || n != 1 || ops[0].atom < DW_OP_reg0 ||
	    ops[0].atom > DW_OP_reg31)
		return false;
	entry.reg = ops[0].atom - DW_OP_reg0;
	if (l->value.size > 8 ||
	    !od_dwarf_entry(l->f, l->world, &l->function, &entry, 0, &steps, &number, &why))
		return false;
	place.piece[0].loc = (struct od_loc){ .kind = OD_LOC_VALUE, .number = number };
	od_value_fetch(&e, &place, &l->value);
	return true;
}

/* Nothing of it is known, for one reason. */
static bool unknown(const struct od_value *v)
{
	if (!v->size)
		return false;
	for (size_t i = 0; i < v->size; i++)
		if (v->state[i] == OD_STATE_KNOWN || v->state[i] != v->state[0])
			return false;
	return true;
}

static bool is_static(Dwarf_Die *die)
{
	return dwarf_tag(die) == DW_TAG_variable && dwarf_hasattr(die, DW_AT_external);
}

static void one(struct lister *l, Dwarf_Die *die)
{
	struct od_variable var = { .function = l->inlined,
				   .is_arg = dwarf_tag(die) == DW_TAG_formal_parameter };
	struct od_value *v = &l->value;
	Dwarf_Attribute attr;
	Dwarf_Die type;
	uint64_t size;

	var.name = od_dwarf_name(die);
	if (!var.name || !*var.name || is_static(die) ||
	    !dwarf_attr_integrate(die, DW_AT_type, &attr) || !dwarf_formref_die(&attr, &type))
		return;
	size = od_dwarf_size(&type);
	v->size = size < OD_VALUE_BYTES ? size : OD_VALUE_BYTES;
	v->big_endian = l->f->dbg->elf.big;
	fetch(l, die);
	if (unknown(v) && var.is_arg && !var.function)
		var.at_entry = fetch_entry(l, die);
	od_buf_reset(&l->text);
	l->text.cut = false;
	if (unknown(v)) {
		od_buf_addstr(&l->text, od_value_state_text(v->state[0]));
	} else {
		var.known = true;
		od_value_text(v, &type, l->world, &l->text, &var.has_number, &var.number);
		if (l->text.cut)
			od_buf_addstr(&l->text, "...");
	}
	var.text = od_buf_str(&l->text);
	l->left--;
	l->add(l->ctx, &var);
}

/* The arguments come first in DWARF too; blocks within come as scopes of their own. */
static void block(struct lister *l, Dwarf_Die *scope, bool args_only)
{
	Dwarf_Die die;
	unsigned n = 0;

	if (dwarf_child(scope, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_formal_parameter || (tag == DW_TAG_variable && !args_only))
			one(l, &die);
	} while (l->left && ++n < MAX_DIES && dwarf_siblingof(&die, &die) == 0);
}

static void list(const struct od_var_frame *f, const struct od_var_world *world, bool args_only,
		 void (*add)(void *ctx, const struct od_variable *v), void *ctx)
{
	struct lister l = { .f = f, .world = world, .add = add, .ctx = ctx,
			    .left = OD_MAX_FRAME_VARS, .text.limit = OD_MAX_VAR_TEXT };
	struct od_scopes scopes;

	if (!f->dbg || !od_dwarf_scopes(f->dbg, f->pc, &scopes))
		return;
	l.function = scopes.scope[0];
	for (unsigned i = 0; i < scopes.n && l.left; i++) {
		if (dwarf_tag(&scopes.scope[i]) == DW_TAG_inlined_subroutine)
			l.inlined = od_dwarf_name(&scopes.scope[i]);
		block(&l, &scopes.scope[i], args_only);
		if (args_only)
			break;
	}
	od_buf_deinit(&l.text);
}

void od_debug_vars(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx)
{
	list(f, world, false, add, ctx);
}

void od_debug_args(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx)
{
	list(f, world, true, add, ctx);
}
#else
#include "symbols/vars.h"

void od_debug_vars(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx)
{
	(void)f, (void)world, (void)add, (void)ctx;
}

void od_debug_args(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx)
{
	(void)f, (void)world, (void)add, (void)ctx;
}

const char *od_debug_register(const struct od_debug *dbg, unsigned i)
{
	(void)dbg, (void)i;
	return NULL;
}

bool od_debug_caller(const struct od_var_frame *f, struct od_memory *mem, struct od_dwarf_regs *ret,
		     uint64_t *cfa)
{
	(void)f, (void)mem, (void)cfa;
	ret->known = 0;
	return false;
}
#endif
