/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The entries of a unit. They are walked forwards only, from one to the next or past all that is
 * inside of one (DW_AT_sibling): a walk ends no later than the unit, whatever is written there.
 */
#include "symbols/dwarf-die.h"

enum {
	MAX_HOPS = 8, /* from an entry to the one that has its name */
	LANG_C89 = 0x01,
	LANG_C = 0x02,
	LANG_C99 = 0x0c,
	LANG_C11 = 0x1d,
	LANG_C17 = 0x2c,
	LANG_MIPS_ASSEMBLER = 0x8001,
};

struct entry {
	const struct od_abbrev *ab;
	struct od_dw_pc pc;
	uint32_t sibling; /* 0: not told */
};

/* DW_AT_ranges as an offset in its section. */
static bool ranges_at(struct od_unit *unit, const struct od_dw_value *v, uint64_t *ret)
{
	struct od_dw r;

	if (v->kind == OD_DW_OFFSET || v->kind == OD_DW_NUMBER) {
		/* DW_AT_GNU_ranges_base stands in the skeleton, but is not meant for it. */
		*ret = v->n + (unit->version >= 5 ? unit->lists_off
			       : unit->dw->dwo	  ? unit->ranges_base
						  : 0);
		return true;
	}
	if (v->kind != OD_DW_INDEX)
		return false;
	r = od_dw_section(unit->dw, OD_DW_RNGLISTS);
	if (!od_dw_skip(&r, unit->lists_base) || v->n >= od_dw_left(&r) / unit->offset_size)
		return false;
	od_dw_skip(&r, v->n * unit->offset_size);
	*ret = unit->lists_base + od_dw_number(&r, unit->offset_size);
	return true;
}

static void set_pc(struct od_unit *unit, unsigned name, const struct od_dw_value *v,
		   struct od_dw_pc *pc)
{
	if (name == AT_LOW_PC) {
		pc->has_low = v->kind == OD_DW_ADDRESS;
		pc->low = v->n;
	} else if (name == AT_HIGH_PC) {
		pc->has_high = v->kind == OD_DW_ADDRESS || v->kind == OD_DW_NUMBER;
		pc->high_is_length = v->kind == OD_DW_NUMBER;
		pc->high = v->n;
	} else {
		pc->has_ranges = ranges_at(unit, v, &pc->ranges);
	}
}

/*
 * Read the values of an entry, of which only the addresses (if they are wanted) and the sibling are
 * kept.
 */
static bool read_values(struct od_unit *unit, struct od_dw *r, struct entry *e, bool pc)
{
	const struct od_abbrev_attr *attr = &unit->abbrevs.attrs[e->ab->attrs];
	const struct od_abbrev_attr *end = attr + e->ab->nattrs;
	struct od_dw_value v;

	for (; attr < end; attr++) {
		const bool is_pc = attr->name == AT_LOW_PC || attr->name == AT_HIGH_PC ||
				   attr->name == AT_RANGES;

		if (attr->name != AT_SIBLING && !(pc && is_pc)) {
			if (!od_form_skip(unit, r, attr->form))
				return false;
			continue;
		}
		if (!od_form_read(unit, r, attr->form, attr->implicit, &v))
			return false;
		if (is_pc)
			set_pc(unit, attr->name, &v, &e->pc);
		else if (v.kind == OD_DW_REF && v.n >= unit->off &&
			 v.n - unit->off < (uint64_t)(unit->end - unit->p))
			e->sibling = (uint32_t)(v.n - unit->off);
	}
	return true;
}

/*
 * The entry at r, which then stands behind its values; e->ab is NULL for the end of a list. False:
 * the unit is over or damaged.
 */
static bool next_entry(struct od_unit *unit, struct od_dw *r, struct entry *e, bool pc)
{
	uint64_t code;

	if (r->p >= r->end)
		return false;
	code = od_dw_uleb(r);
	if (!code) {
		e->ab = NULL;
		return !r->bad;
	}
	e->ab = od_abbrevs_find(&unit->abbrevs, code);
	/* Values may have no bytes: their number counts, not their size. */
	if (!e->ab || !od_dw_spend(unit->dw, 1 + e->ab->nattrs / 16))
		return false;
	e->sibling = 0;
	if (pc)
		memset(&e->pc, 0, sizeof(e->pc));
	/* Nothing that is wanted: most entries of C are of that kind. */
	if (e->ab->fixed != OD_DW_VARIES && !pc && !e->ab->children)
		return od_dw_skip(r, e->ab->fixed);
	return read_values(unit, r, e, pc);
}

static bool wants_pc(unsigned tag)
{
	return tag == TAG_SUBPROGRAM || tag == TAG_INLINED_SUBROUTINE || tag == TAG_LEXICAL_BLOCK ||
	       tag == TAG_TRY_BLOCK || tag == TAG_CATCH_BLOCK;
}

/* The tag of the entry at r, 0 for an end: to know whether its addresses are of interest. */
static unsigned peek_tag(const struct od_unit *unit, struct od_dw r)
{
	const struct od_abbrev *ab = od_die_open(unit, &r);

	return ab ? ab->tag : 0;
}

static bool jump(const struct od_unit *unit, struct od_dw *r, const struct entry *e)
{
	if (!e->sibling || unit->p + e->sibling < r->p)
		return false;
	r->p = unit->p + e->sibling;
	return true;
}

/* Past what is inside of an entry. */
static bool skip_children(struct od_unit *unit, struct od_dw *r, const struct entry *parent)
{
	uint32_t depth = 1;

	if (!parent->ab->children || jump(unit, r, parent))
		return true;
	while (depth) {
		struct entry e;

		if (!next_entry(unit, r, &e, false))
			return false;
		if (!e.ab)
			depth--;
		else if (e.ab->children && !jump(unit, r, &e))
			depth++;
	}
	return true;
}

bool od_die_pc(struct od_unit *unit, uint32_t die, struct od_dw_pc *ret)
{
	struct od_dw r = od_die_reader(unit, die);
	struct entry e;

	if (!next_entry(unit, &r, &e, true) || !e.ab)
		return false;
	*ret = e.pc;
	return true;
}

/* --- functions ------------------------------------------------------------------- */

bool od_unit_is_c(const struct od_unit *unit)
{
	switch (unit->language) {
	case LANG_C89:
	case LANG_C:
	case LANG_C99:
	case LANG_C11:
	case LANG_C17:
	case LANG_MIPS_ASSEMBLER:
		return true;
	}
	return false;
}

/* Functions may be inside of it. In C they are nowhere but in the unit itself. */
static bool may_hold_functions(const struct od_unit *unit, unsigned tag)
{
	switch (tag) {
	case TAG_COMPILE_UNIT:
	case TAG_PARTIAL_UNIT:
	case TAG_SKELETON_UNIT:
	case TAG_NAMESPACE:
	case TAG_MODULE:
		return true;
	case TAG_CLASS_TYPE:
	case TAG_STRUCTURE_TYPE:
	case TAG_UNION_TYPE:
	case TAG_INTERFACE_TYPE:
	case TAG_SUBPROGRAM:
	case TAG_LEXICAL_BLOCK:
		return !od_unit_is_c(unit);
	}
	return false;
}

static void add_function(struct od_unit *unit, const struct od_dw_pc *pc, uint32_t die)
{
	struct od_dw_pc_iter it;
	uint64_t lo, hi;

	od_dw_pc_begin(&it, unit, pc);
	while (od_dw_pc_next(&it, &lo, &hi))
		od_dw_ranges_add(&unit->functions, lo, hi, die);
}

/* All functions of the unit that have code, once. */
static void list_functions(struct od_unit *unit)
{
	struct od_dw r = od_die_reader(unit, unit->first);
	uint32_t depth = 0;
	struct entry e;

	if (unit->has_functions)
		return;
	unit->has_functions = true;
	do {
		const uint32_t die = (uint32_t)(r.p - unit->p);
		const bool function = peek_tag(unit, r) == TAG_SUBPROGRAM;

		if (!next_entry(unit, &r, &e, function))
			break;
		if (!e.ab) {
			depth -= depth > 0;
			continue;
		}
		if (function)
			add_function(unit, &e.pc, die);
		if (!e.ab->children)
			continue;
		if (may_hold_functions(unit, e.ab->tag) || !jump(unit, &r, &e))
			depth++;
	} while (depth);
	od_dw_ranges_sort(&unit->functions);
}

static void push(struct od_dw_chain *chain, uint32_t die)
{
	if (chain->n == OD_DW_MAX_CHAIN) { /* the outermost stay out: it is the innermost that ran */
		memmove(chain->dies, chain->dies + 1, sizeof(chain->dies) - sizeof(*chain->dies));
		chain->n--;
		chain->lost++;
	}
	chain->dies[chain->n++] = die;
}

/*
 * From the function inwards: of each level the entry that has addr is entered, the others are
 * passed. A block that tells no addresses (gcc writes lists of ranges that begin as they end) may
 * hold some that do.
 */
static void descend(struct od_unit *unit, struct od_dw *r, uint64_t addr, struct od_dw_chain *ret)
{
	uint32_t depth = 1, floor = 1;

	while (depth >= floor) {
		const uint32_t die = (uint32_t)(r->p - unit->p);
		const unsigned tag = peek_tag(unit, *r);
		const bool pc = wants_pc(tag) && tag != TAG_SUBPROGRAM;
		enum od_dw_cover cover = OD_DW_ELSEWHERE;
		struct entry e;

		if (!next_entry(unit, r, &e, pc))
			return;
		if (!e.ab) {
			depth--;
			continue;
		}
		if (pc)
			cover = od_dw_pc_covers(unit, &e.pc, addr);
		if (cover == OD_DW_COVERS) {
			if (tag == TAG_INLINED_SUBROUTINE)
				push(ret, die);
			if (!e.ab->children)
				return;
			floor = ++depth;
		} else if (tag == TAG_LEXICAL_BLOCK && e.ab->children &&
			   cover == OD_DW_TELLS_NONE) {
			depth++;
		} else if (!skip_children(unit, r, &e)) {
			return;
		}
	}
}

void od_die_chain(struct od_unit *unit, uint64_t addr, struct od_dw_chain *ret)
{
	const struct od_dw_range *range;
	struct od_dw r;
	struct entry e;

	memset(ret, 0, sizeof(*ret));
	list_functions(unit);
	range = od_dw_ranges_find(&unit->functions, addr);
	if (!range)
		return;
	push(ret, (uint32_t)range->off);
	r = od_die_reader(unit, (uint32_t)range->off);
	if (next_entry(unit, &r, &e, false) && e.ab && e.ab->children)
		descend(unit, &r, addr, ret);
}

/* --- attributes of one entry ----------------------------------------------------- */

/* The values of an entry that are wanted, one after the other. */
struct values {
	struct od_unit *unit;
	struct od_dw r;
	const struct od_abbrev_attr *attr, *end;
};

static void begin_values(struct values *it, struct od_unit *unit, uint32_t die)
{
	const struct od_abbrev *ab;

	it->unit = unit;
	it->r = od_die_reader(unit, die);
	ab = od_die_open(unit, &it->r);
	it->attr = it->end = NULL;
	if (!ab || !od_dw_spend(unit->dw, 1 + ab->nattrs))
		return;
	it->attr = &unit->abbrevs.attrs[ab->attrs];
	it->end = it->attr + ab->nattrs;
}

/* The name of the attribute that was read, 0: no more. */
static unsigned next_value(struct values *it, const uint16_t *wanted, struct od_dw_value *ret)
{
	for (; it->attr < it->end; it->attr++) {
		const uint16_t *w = wanted;

		while (*w && *w != it->attr->name)
			w++;
		if (*w) {
			if (!od_form_read(it->unit, &it->r, it->attr->form, it->attr->implicit, ret))
				return 0;
			it->attr++;
			return *w;
		}
		if (!od_form_skip(it->unit, &it->r, it->attr->form))
			return 0;
	}
	return 0;
}

struct names {
	const char *name, *linkage;
	uint64_t origin;
	bool has_origin, alt; /* alt: the origin is in the file that dwz made */
};

static void read_names(struct od_unit *unit, uint32_t die, struct names *ret)
{
	static const uint16_t wanted[] = { AT_NAME, AT_LINKAGE_NAME, AT_MIPS_LINKAGE_NAME,
					   AT_ABSTRACT_ORIGIN, AT_SPECIFICATION, 0 };
	struct od_dw_value v;
	struct values it;
	unsigned name;

	begin_values(&it, unit, die);
	while ((name = next_value(&it, wanted, &v))) {
		if (name == AT_NAME) {
			ret->name = ret->name ? ret->name : v.text;
		} else if (v.kind == OD_DW_TEXT) {
			ret->linkage = ret->linkage ? ret->linkage : v.text;
		} else if (v.kind == OD_DW_REF || v.kind == OD_DW_REF_ALT) {
			ret->has_origin = true;
			ret->alt = v.kind == OD_DW_REF_ALT;
			ret->origin = v.n;
		}
	}
}

void od_die_names(struct od_unit *unit, uint32_t die, const char **name, const char **linkage)
{
	struct names names = { 0 };

	for (int hop = 0; hop < MAX_HOPS; hop++) {
		names.has_origin = false;
		read_names(unit, die, &names);
		if (!names.has_origin || (names.name && names.linkage))
			break;
		if (names.alt || names.origin < unit->off ||
		    names.origin - unit->off >= (uint64_t)(unit->end - unit->p)) {
			struct od_dwarf *dw = names.alt ? od_dwarf_alt(unit->dw) : unit->dw;

			/* Units of a .dwp are not where they think that they are. */
			unit = dw && !dw->dwo ? od_unit_holding(dw, names.origin) : NULL;
			if (!unit || names.origin - unit->off >= (uint64_t)(unit->end - unit->p))
				break;
		}
		die = (uint32_t)(names.origin - unit->off);
	}
	*name = names.name;
	*linkage = names.linkage;
}

void od_die_call(struct od_unit *unit, uint32_t die, struct od_dw_call *ret)
{
	static const uint16_t wanted[] = { AT_CALL_FILE, AT_CALL_LINE, AT_CALL_COLUMN, 0 };
	struct od_dw_value v;
	struct values it;
	unsigned name;

	memset(ret, 0, sizeof(*ret));
	begin_values(&it, unit, die);
	while ((name = next_value(&it, wanted, &v))) {
		if (v.kind != OD_DW_NUMBER || v.n > UINT32_MAX)
			continue;
		if (name == AT_CALL_FILE)
			ret->file = v.n;
		else if (name == AT_CALL_LINE)
			ret->line = (uint32_t)v.n;
		else
			ret->column = (uint32_t)v.n;
	}
}
