/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/args.h"

#include <string.h>

enum { MAX_ARGS = 64 };

bool od_args_code(struct od_locate *loc, const struct od_wanted *wanted, const char *symbol, uint64_t size,
		  uint64_t offset, struct od_debug **dbg, uint64_t *addr)
{
	struct od_debug_symbol sym;

	*dbg = od_locate_file(loc, wanted, NULL);
	if (!*dbg || od_locate_symbols(*dbg, symbol, size, &sym, 1, NULL) != 1)
		return false;
	*addr = sym.addr + offset;
	return true;
}

void od_args_add(struct od_report *rep, struct od_frame *frame, const struct od_variable *var)
{
	struct od_var *v = od_frame_add_var(rep, frame);

	if (!v)
		return;
	v->name = od_arena_printf(&rep->arena, "%s%s", var->name, var->at_entry ? "@entry" : "");
	v->value = od_arena_strdup(&rep->arena, var->text);
	v->inlined = od_arena_strdup(&rep->arena, var->function);
	v->number = var->number;
	v->has_number = var->has_number;
	v->is_arg = var->is_arg && !var->function;
	v->told = true;
	/* That another call led here cannot be excluded altogether: symbols/vars-entry.c. */
	v->confidence = var->at_entry ? OD_CONF_MEDIUM : OD_CONF_HIGH;
}

/* --- text -------------------------------------------------------------------------------------- */

static void take_registers(const struct od_report *rep, const struct od_debug *dbg,
			   struct od_dwarf_regs *ret)
{
	for (unsigned i = 0; i < OD_DWARF_REGS; i++) {
		const char *name = od_debug_register(dbg, i);
		const struct od_register *reg = name ? od_report_register(rep, name) : NULL;

		if (!reg && name && !strcmp(name, "sp"))
			reg = od_report_register(rep, "rsp");
		if (reg)
			od_dwarf_reg_set(ret, i, reg->value);
	}
}

struct adder {
	struct od_report *rep;
	struct od_frame *frame;
	uint32_t n;
};

/* What is not known for want of memory is not worth a word. */
static void add(void *ctx, const struct od_variable *var)
{
	struct adder *a = ctx;

	if (var->known && a->n++ < MAX_ARGS)
		od_args_add(a->rep, a->frame, var);
}

void od_args_report(struct od_locate *loc, struct od_report *rep)
{
	const struct od_var_world world = { .mem = NULL };
	struct od_var_frame vf = { 0 };
	struct od_frame *f = rep->nstacks && rep->stacks[0].nframes ? &rep->stacks[0].frames[0] : NULL;
	struct adder a = { rep, f, 0 };
	struct od_wanted wanted;

	if (!f || !(f->flags & OD_FRAME_PC) || !(f->flags & OD_FRAME_HAS_OFFSET) || !f->symbol || f->nvars ||
	    !rep->nregisters)
		return;
	wanted = od_locate_wanted(rep, f);
	if (!od_args_code(loc, &wanted, f->symbol, f->size, f->offset, &vf.dbg, &vf.pc))
		return;
	take_registers(rep, vf.dbg, &vf.regs);
	if (vf.regs.known)
		od_debug_args(&vf, &world, add, &a);
}
