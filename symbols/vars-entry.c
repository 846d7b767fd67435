/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a register was when a function was called: the caller's DWARF tells it for each call that
 * it describes (DWARF 5, 3.4; DW_TAG_GNU_call_site before). The answer is only true if that call
 * is the one that led here: the function must be the one that the call names, and must not have
 * come to itself again by a jump (a tail call), which leaves no frame.
 */
#include "config.h"

#ifdef LIBDW_SONAME
#include <dwarf.h>
#include <string.h>

#include "symbols/debug-internal.h"
#include "symbols/dwarf-libdw.h"
#include "symbols/vars-internal.h"

enum {
	MAX_DIES = 100000, /* of one function */
	MAX_DEPTH = 64,
	MAX_TAIL_CALLS = 256, /* functions followed through them */
};

static bool is_call(int tag)
{
	return tag == DW_TAG_call_site || tag == DW_TAG_GNU_call_site;
}

/* Addresses in DIEs of calls: where it returns to. */
static bool returns_to(Dwarf_Die *call, uint64_t *ret)
{
	Dwarf_Attribute attr;

	if (!dwarf_attr(call, DW_AT_call_return_pc, &attr) && !dwarf_attr(call, DW_AT_low_pc, &attr))
		return false;
	return dwarf_formaddr(&attr, ret) == 0;
}

/* Calls may be in any block of the function. fn: false stops. */
struct walk {
	bool (*fn)(struct walk *w, Dwarf_Die *call);
	unsigned dies;
	uint64_t return_pc;
	Dwarf_Die found;
	bool has_found;
	/* tail calls */
	Dwarf_Die target;
	Dwarf_Off seen[MAX_TAIL_CALLS];
	Dwarf_Die todo[MAX_TAIL_CALLS];
	unsigned nseen;
	bool again; /* it comes back, or that cannot be told */
};

static bool each_call(struct walk *w, Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die) != 0)
		return true;
	do {
		int tag = dwarf_tag(&die);

		if (!w->dies)
			return false;
		w->dies--;
		if (is_call(tag)) {
			if (!w->fn(w, &die))
				return false;
		} else if ((tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) &&
			   depth < MAX_DEPTH && !each_call(w, &die, depth + 1)) {
			return false;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
	return true;
}

static bool is_ours(struct walk *w, Dwarf_Die *call)
{
	uint64_t pc;

	if (!returns_to(call, &pc) || pc != w->return_pc)
		return true;
	w->found = *call;
	w->has_found = true;
	return false;
}

/* --- which function ------------------------------------------------------------------------- */

static bool origin_of(Dwarf_Die *call, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;

	return (dwarf_attr(call, DW_AT_call_origin, &attr) ||
		dwarf_attr(call, DW_AT_abstract_origin, &attr)) &&
	       dwarf_formref_die(&attr, ret);
}

static const char *linkage_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	const char *name = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr))
		name = dwarf_formstring(&attr);
	return name ? name : od_dwarf_name(die);
}

static bool is_external(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool flag = false;

	return dwarf_attr_integrate(die, DW_AT_external, &attr) &&
	       dwarf_formflag(&attr, &flag) == 0 && flag;
}

/* The innermost DIE that tells what a DIE is an instance of. */
static Dwarf_Off root_of(Dwarf_Die *die)
{
	Dwarf_Die at = *die, next;
	Dwarf_Attribute attr;

	for (int i = 0; i < 8; i++) {
		if (!dwarf_attr(&at, DW_AT_abstract_origin, &attr) &&
		    !dwarf_attr(&at, DW_AT_specification, &attr))
			break;
		if (!dwarf_formref_die(&attr, &next))
			break;
		at = next;
	}
	return dwarf_dieoffset(&at);
}

/* Two DIEs of one function: a definition, its origin, or declarations in other units. */
static bool same_function(Dwarf_Die *a, Dwarf_Die *b)
{
	const char *name_a, *name_b;

	if (root_of(a) == root_of(b))
		return true;
	name_a = linkage_name(a);
	name_b = linkage_name(b);
	return name_a && name_b && is_external(a) && is_external(b) && !strcmp(name_a, name_b);
}

/* --- tail calls ----------------------------------------------------------------------------- */

static bool is_tail_call(Dwarf_Die *call)
{
	Dwarf_Attribute attr;
	bool flag = false;

	return (dwarf_attr(call, DW_AT_call_tail_call, &attr) ||
		dwarf_attr(call, DW_AT_GNU_tail_call, &attr)) &&
	       dwarf_formflag(&attr, &flag) == 0 && flag;
}

/* Follow jumps to functions of the same unit; those out of it are taken not to come back. */
static bool follow(struct walk *w, Dwarf_Die *call)
{
	Dwarf_Die origin;
	Dwarf_Off off;

	if (!is_tail_call(call) || !origin_of(call, &origin))
		return true;
	if (same_function(&origin, &w->target)) {
		w->again = true;
		return false;
	}
	off = dwarf_dieoffset(&origin);
	for (unsigned i = 0; i < w->nseen; i++)
		if (w->seen[i] == off)
			return true;
	if (w->nseen == MAX_TAIL_CALLS) {
		w->again = true;
		return false;
	}
	w->seen[w->nseen] = off;
	w->todo[w->nseen++] = origin;
	return true;
}

/* May function be called by a jump that itself led to? */
static bool comes_again(Dwarf_Die *function)
{
	struct walk w = { .fn = follow, .dies = MAX_DIES, .target = *function };

	each_call(&w, function, 0);
	for (unsigned i = 0; i < w.nseen && !w.again; i++)
		each_call(&w, &w.todo[i], 0);
	return w.again || !w.dies;
}

/* --- values --------------------------------------------------------------------------------- */

/* "DW_OP_regN" and no more: of a parameter, and of an entry value. */
static bool one_register(Dwarf_Attribute *attr, unsigned *ret)
{
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_getlocation(attr, &ops, &n) != 0 || n != 1)
		return false;
	if (ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
		*ret = ops[0].atom - DW_OP_reg0;
	else if (ops[0].atom == DW_OP_regx && ops[0].number < OD_DWARF_REGS)
		*ret = (unsigned)ops[0].number;
	else
		return false;
	return true;
}

/* Is die what the caller says of it? */
static bool is_parameter(Dwarf_Die *die, const struct od_entry *entry)
{
	Dwarf_Attribute attr;
	Dwarf_Die formal;
	unsigned reg;

	if (!entry->parameter)
		return dwarf_attr(die, DW_AT_location, &attr) && one_register(&attr, &reg) &&
		       reg == entry->reg;
	return (dwarf_attr(die, DW_AT_call_parameter, &attr) ||
		dwarf_attr(die, DW_AT_abstract_origin, &attr)) &&
	       dwarf_formref_die(&attr, &formal) && root_of(&formal) == root_of(entry->parameter);
}

static bool parameter(Dwarf_Die *call, const struct od_entry *entry, Dwarf_Attribute *ret)
{
	Dwarf_Die die;
	unsigned n = 0;

	if (dwarf_child(call, &die) != 0)
		return false;
	do {
		int tag = dwarf_tag(&die);

		if ((tag != DW_TAG_call_site_parameter && tag != DW_TAG_GNU_call_site_parameter) ||
		    !is_parameter(&die, entry))
			continue;
		return dwarf_attr(&die, DW_AT_call_value, ret) ||
		       dwarf_attr(&die, DW_AT_GNU_call_site_value, ret);
	} while (++n < OD_MAX_FRAME_VARS && dwarf_siblingof(&die, &die) == 0);
	return false;
}

bool od_dwarf_entry(const struct od_var_frame *f, const struct od_var_world *world, Dwarf_Die *function,
		    const struct od_entry *entry, unsigned depth, unsigned *steps, uint64_t *ret,
		    struct od_loc *why)
{
	const struct od_var_frame *caller = f->caller;
	struct walk w = { .fn = is_ours, .dies = MAX_DIES };
	struct od_var_eval ve;
	struct od_scopes scopes;
	Dwarf_Attribute attr;
	Dwarf_Die origin;
	Dwarf_Op *ops;
	size_t n;
	bool ok;

	*why = (struct od_loc){ .kind = OD_LOC_LOST };
	if (!caller || !caller->dbg || !caller->return_pc || depth >= OD_EVAL_NESTING ||
	    !od_dwarf_scopes(caller->dbg, caller->pc, &scopes))
		return false;
	w.return_pc = caller->return_pc;
	each_call(&w, &scopes.scope[0], 0);
	if (!w.has_found || !origin_of(&w.found, &origin) || !same_function(&origin, function) ||
	    comes_again(function) || !parameter(&w.found, entry, &attr) ||
	    dwarf_getlocation(&attr, &ops, &n) != 0 || !n)
		return false;
	od_var_eval_init(&ve, caller, world, &scopes.scope[0], &attr, depth + 1, *steps);
	ok = od_eval_number(&ve.e, ops, n, NULL, ret, why);
	*steps = ve.e.steps;
	return ok;
}
#endif
