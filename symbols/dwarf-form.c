/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of attributes, of DWARF 2 to 5. */
#include "symbols/dwarf-internal.h"

/* How many bytes a value has, or what says so. */
enum layout {
	BAD = 0,
	FIXED = 0x20, /* and the number of bytes, 0 to 16 */
	ADDRESS = 0x40,
	OFFSET,
	REF_ADDR, /* an address in DWARF 2, an offset later */
	LEB,
	STRING,
	BLOCK, /* with a LEB of its length before it; the others with 1, 2 or 4 bytes */
	BLOCK_1,
	BLOCK_2,
	BLOCK_4,
	INDIRECT,
};

static const uint8_t layouts[FORMS] = {
	[FORM_ADDR] = ADDRESS,
	[FORM_BLOCK2] = BLOCK_2,
	[FORM_BLOCK4] = BLOCK_4,
	[FORM_DATA2] = FIXED + 2,
	[FORM_DATA4] = FIXED + 4,
	[FORM_DATA8] = FIXED + 8,
	[FORM_STRING] = STRING,
	[FORM_BLOCK] = BLOCK,
	[FORM_BLOCK1] = BLOCK_1,
	[FORM_DATA1] = FIXED + 1,
	[FORM_FLAG] = FIXED + 1,
	[FORM_SDATA] = LEB,
	[FORM_STRP] = OFFSET,
	[FORM_UDATA] = LEB,
	[FORM_REF_ADDR] = REF_ADDR,
	[FORM_REF1] = FIXED + 1,
	[FORM_REF2] = FIXED + 2,
	[FORM_REF4] = FIXED + 4,
	[FORM_REF8] = FIXED + 8,
	[FORM_REF_UDATA] = LEB,
	[FORM_INDIRECT] = INDIRECT,
	[FORM_SEC_OFFSET] = OFFSET,
	[FORM_EXPRLOC] = BLOCK,
	[FORM_FLAG_PRESENT] = FIXED + 0,
	[FORM_STRX] = LEB,
	[FORM_ADDRX] = LEB,
	[FORM_REF_SUP4] = FIXED + 4,
	[FORM_STRP_SUP] = OFFSET,
	[FORM_DATA16] = FIXED + 16,
	[FORM_LINE_STRP] = OFFSET,
	[FORM_REF_SIG8] = FIXED + 8,
	[FORM_IMPLICIT_CONST] = FIXED + 0,
	[FORM_LOCLISTX] = LEB,
	[FORM_RNGLISTX] = LEB,
	[FORM_REF_SUP8] = FIXED + 8,
	[FORM_STRX1] = FIXED + 1,
	[FORM_STRX2] = FIXED + 2,
	[FORM_STRX3] = FIXED + 3,
	[FORM_STRX4] = FIXED + 4,
	[FORM_ADDRX1] = FIXED + 1,
	[FORM_ADDRX2] = FIXED + 2,
	[FORM_ADDRX3] = FIXED + 3,
	[FORM_ADDRX4] = FIXED + 4,
};

static unsigned layout_of(unsigned form)
{
	if (form < FORMS)
		return layouts[form];
	if (form == FORM_GNU_ADDR_INDEX || form == FORM_GNU_STR_INDEX)
		return LEB;
	return form == FORM_GNU_REF_ALT || form == FORM_GNU_STRP_ALT ? OFFSET : BAD;
}

uint32_t od_form_size(const struct od_unit *unit, unsigned form)
{
	const unsigned layout = layout_of(form);

	if (layout & FIXED)
		return layout - FIXED;
	if (layout == ADDRESS || (layout == REF_ADDR && unit->version < 3))
		return unit->address_size;
	return layout == OFFSET || layout == REF_ADDR ? unit->offset_size : OD_DW_VARIES;
}

static void skip_leb(struct od_dw *r)
{
	while (r->p < r->end)
		if (!(*r->p++ & 0x80))
			return;
	r->bad = true;
}

bool od_form_skip(const struct od_unit *unit, struct od_dw *r, unsigned form)
{
	const uint32_t size = od_form_size(unit, form);

	if (size != OD_DW_VARIES)
		return od_dw_skip(r, size);
	switch (layout_of(form)) {
	case LEB:
		skip_leb(r);
		return !r->bad;
	case STRING:
		return od_dw_string(r);
	case BLOCK:
		return od_dw_skip(r, od_dw_uleb(r));
	case BLOCK_1:
		return od_dw_skip(r, od_dw_u8(r));
	case BLOCK_2:
		return od_dw_skip(r, od_dw_u16(r));
	case BLOCK_4:
		return od_dw_skip(r, od_dw_u32(r));
	case INDIRECT:
		form = (unsigned)od_dw_uleb(r);
		/* One that names itself again would have no end; nobody writes it. */
		if (form != FORM_INDIRECT && form != FORM_IMPLICIT_CONST)
			return od_form_skip(unit, r, form);
		break;
	}
	od_dw_fail(r);
	return false;
}

/* Entry number i of a table of entries of size bytes that begins at base. */
static bool table_entry(struct od_dwarf *dw, enum od_dw_id id, uint64_t base, uint64_t i,
			unsigned size, uint64_t *ret)
{
	struct od_dw r = od_dw_section(dw, id);

	if (!size || !od_dw_skip(&r, base) || i >= od_dw_left(&r) / size)
		return false;
	od_dw_skip(&r, i * size);
	*ret = od_dw_sized(&r, size);
	return !r.bad;
}

bool od_form_address(struct od_unit *unit, uint64_t i, uint64_t *ret)
{
	struct od_dwarf *dw = unit->dw->dwo ? unit->dw->main : unit->dw;

	return table_entry(dw, OD_DW_ADDR, unit->addr_base, i, unit->address_size, ret);
}

static const char *indexed_string(struct od_unit *unit, uint64_t i)
{
	uint64_t off;

	return table_entry(unit->dw, OD_DW_STR_OFFSETS, unit->str_base, i, unit->offset_size, &off)
		       ? od_dw_string_at(unit->dw, OD_DW_STR, off)
		       : NULL;
}

static void text(struct od_dw_value *ret, const char *s)
{
	ret->kind = OD_DW_TEXT;
	ret->text = s;
}

/* A string inside of a copy goes with the copy: keep it. */
static void inline_text(struct od_unit *unit, struct od_dw *r, struct od_dw_value *ret)
{
	const char *s = od_dw_string(r);

	text(ret, s && unit->own ? od_arena_strdup(unit->dw->strings, s) : s);
}

static bool sized(struct od_dw *r, unsigned size, struct od_dw_value *ret, enum od_dw_kind kind)
{
	ret->kind = kind;
	ret->n = od_dw_sized(r, size);
	return !r->bad;
}

static bool leb(struct od_dw *r, struct od_dw_value *ret, enum od_dw_kind kind)
{
	ret->kind = kind;
	ret->n = od_dw_uleb(r);
	return !r->bad;
}

/* A number that is no reference, string or address by itself. */
static bool read_constant(struct od_unit *unit, struct od_dw *r, unsigned form, int64_t implicit,
			  struct od_dw_value *ret)
{
	switch (form) {
	case FORM_SDATA:
		ret->kind = OD_DW_NUMBER;
		ret->n = (uint64_t)od_dw_sleb(r);
		return !r->bad;
	case FORM_UDATA:
		return leb(r, ret, OD_DW_NUMBER);
	case FORM_IMPLICIT_CONST:
		ret->kind = OD_DW_NUMBER;
		ret->n = (uint64_t)implicit;
		return true;
	case FORM_FLAG_PRESENT:
		ret->kind = OD_DW_NUMBER;
		ret->n = 1;
		return true;
	case FORM_DATA1:
	case FORM_DATA2:
	case FORM_DATA4:
	case FORM_DATA8:
	case FORM_FLAG:
		return sized(r, od_form_size(unit, form), ret, OD_DW_NUMBER);
	case FORM_SEC_OFFSET:
		return sized(r, unit->offset_size, ret, OD_DW_OFFSET);
	case FORM_RNGLISTX:
		return leb(r, ret, OD_DW_INDEX);
	}
	ret->kind = OD_DW_NONE;
	return od_form_skip(unit, r, form);
}

static bool read_reference(struct od_unit *unit, struct od_dw *r, unsigned form,
			   struct od_dw_value *ret)
{
	if (form == FORM_REF_ADDR)
		return sized(r, od_form_size(unit, form), ret, OD_DW_REF);
	if (form == FORM_REF_UDATA)
		leb(r, ret, OD_DW_REF);
	else
		sized(r, od_form_size(unit, form), ret, OD_DW_REF);
	ret->n += unit->off;
	return !r->bad;
}

/* What dwz moved to a file that several share; DWARF 5 calls it supplementary. */
static bool read_alt(struct od_unit *unit, struct od_dw *r, unsigned form, struct od_dw_value *ret)
{
	struct od_dwarf *alt;

	sized(r, od_form_size(unit, form), ret, OD_DW_REF_ALT);
	if (r->bad || (form != FORM_GNU_STRP_ALT && form != FORM_STRP_SUP))
		return !r->bad;
	alt = od_dwarf_alt(unit->dw);
	text(ret, alt ? od_dw_string_at(alt, OD_DW_STR, ret->n) : NULL);
	return true;
}

static bool read_address(struct od_unit *unit, struct od_dw *r, unsigned form,
			 struct od_dw_value *ret)
{
	if (form == FORM_ADDR)
		return sized(r, unit->address_size, ret, OD_DW_ADDRESS);
	if (form == FORM_ADDRX || form == FORM_GNU_ADDR_INDEX)
		leb(r, ret, OD_DW_ADDRESS);
	else
		sized(r, form - FORM_ADDRX1 + 1, ret, OD_DW_ADDRESS);
	if (r->bad)
		return false;
	if (!od_form_address(unit, ret->n, &ret->n))
		ret->kind = OD_DW_NONE;
	return true;
}

static bool read_string(struct od_unit *unit, struct od_dw *r, unsigned form,
			struct od_dw_value *ret)
{
	uint64_t n;

	switch (form) {
	case FORM_STRING:
		inline_text(unit, r, ret);
		return !r->bad;
	case FORM_STRP:
	case FORM_LINE_STRP:
		n = od_dw_sized(r, unit->offset_size);
		text(ret, r->bad ? NULL
				 : od_dw_string_at(unit->dw,
						   form == FORM_STRP ? OD_DW_STR : OD_DW_LINE_STR,
						   n));
		return !r->bad;
	case FORM_STRX:
	case FORM_GNU_STR_INDEX:
		n = od_dw_uleb(r);
		break;
	default:
		n = od_dw_sized(r, form - FORM_STRX1 + 1);
	}
	text(ret, r->bad ? NULL : indexed_string(unit, n));
	return !r->bad;
}

bool od_form_read(struct od_unit *unit, struct od_dw *r, unsigned form, int64_t implicit,
		  struct od_dw_value *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (form == FORM_INDIRECT) {
		form = (unsigned)od_dw_uleb(r);
		if (form == FORM_INDIRECT || form == FORM_IMPLICIT_CONST)
			od_dw_fail(r);
	}
	if (r->bad)
		return false;
	switch (form) {
	case FORM_REF_ADDR:
	case FORM_REF1:
	case FORM_REF2:
	case FORM_REF4:
	case FORM_REF8:
	case FORM_REF_UDATA:
		return read_reference(unit, r, form, ret);
	case FORM_ADDR:
	case FORM_ADDRX:
	case FORM_ADDRX1:
	case FORM_ADDRX2:
	case FORM_ADDRX3:
	case FORM_ADDRX4:
	case FORM_GNU_ADDR_INDEX:
		return read_address(unit, r, form, ret);
	case FORM_STRING:
	case FORM_STRP:
	case FORM_LINE_STRP:
	case FORM_STRX:
	case FORM_STRX1:
	case FORM_STRX2:
	case FORM_STRX3:
	case FORM_STRX4:
	case FORM_GNU_STR_INDEX:
		return read_string(unit, r, form, ret);
	case FORM_GNU_REF_ALT:
	case FORM_GNU_STRP_ALT:
	case FORM_REF_SUP4:
	case FORM_REF_SUP8:
	case FORM_STRP_SUP:
		return read_alt(unit, r, form, ret);
	}
	return read_constant(unit, r, form, implicit, ret);
}
