/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of abbreviations: how the entries of a unit are laid out. */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/dwarf-internal.h"

enum { MAX_ABBREVS = 1 << 18, MAX_ATTRS = 1 << 20 };

static struct od_abbrev *new_abbrev(struct od_abbrevs *t)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 128;
		t->list = od_realloc(t->list, t->cap * sizeof(*t->list));
	}
	return &t->list[t->n++];
}

static void add_attr(struct od_abbrevs *t, const struct od_abbrev_attr *attr)
{
	if (t->nattrs == t->attrs_cap) {
		t->attrs_cap *= 2;
		t->attrs = od_realloc(t->attrs, t->attrs_cap * sizeof(*t->attrs));
	}
	t->attrs[t->nattrs++] = *attr;
}

/* The pairs of one abbreviation, up to the pair of 0. */
static bool read_attrs(struct od_abbrevs *t, const struct od_unit *unit, struct od_dw *r,
		       struct od_abbrev *ab)
{
	uint32_t fixed = 0;

	ab->attrs = t->nattrs;
	for (;;) {
		uint64_t name = od_dw_uleb(r), form = od_dw_uleb(r);
		struct od_abbrev_attr attr = { 0 };
		uint32_t size;

		if (r->bad || name > UINT16_MAX || form > UINT16_MAX || t->nattrs >= MAX_ATTRS)
			return false;
		if (!name && !form)
			break;
		attr.name = (uint16_t)name;
		attr.form = (uint16_t)form;
		if (form == FORM_IMPLICIT_CONST)
			attr.implicit = od_dw_sleb(r);
		size = od_form_size(unit, attr.form);
		fixed = size == OD_DW_VARIES || fixed == OD_DW_VARIES ? OD_DW_VARIES : fixed + size;
		add_attr(t, &attr);
	}
	ab->nattrs = t->nattrs - ab->attrs;
	ab->fixed = fixed;
	return true;
}

static int by_code(const void *a, const void *b)
{
	const struct od_abbrev *x = a, *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

/* Until the end of the table, or the abbreviation of a code (0: none is looked for). */
static bool read_table(struct od_abbrevs *t, struct od_unit *unit, uint64_t wanted)
{
	struct od_dw r = od_dw_section(unit->dw, OD_DW_ABBREV);
	bool ordered = true;

	memset(t, 0, sizeof(*t));
	t->dense = true;
	t->attrs_cap = 256;
	t->attrs = od_malloc(t->attrs_cap * sizeof(*t->attrs));
	if (!od_dw_skip(&r, unit->abbrev_off))
		return false;
	while (od_dw_left(&r)) {
		uint64_t code = od_dw_uleb(&r);
		struct od_abbrev *ab;

		if (!code)
			break;
		if (t->n >= MAX_ABBREVS || !od_dw_spend(unit->dw, 1))
			break;
		ordered = ordered && (!t->n || code > t->list[t->n - 1].code);
		ab = new_abbrev(t);
		ab->code = code;
		ab->tag = (uint16_t)od_dw_uleb(&r);
		ab->children = od_dw_u8(&r);
		if (!read_attrs(t, unit, &r, ab) || !od_dw_spend(unit->dw, ab->nattrs)) {
			t->n--;
			break;
		}
		t->dense = t->dense && code == t->n;
		if (code == wanted)
			break;
	}
	if (!ordered)
		qsort(t->list, t->n, sizeof(*t->list), by_code);
	return t->n;
}

bool od_abbrevs_read(struct od_abbrevs *ret, struct od_unit *unit)
{
	return read_table(ret, unit, 0);
}

bool od_abbrevs_read_one(struct od_abbrevs *ret, struct od_unit *unit, uint64_t code)
{
	return read_table(ret, unit, code);
}

void od_abbrevs_deinit(struct od_abbrevs *abbrevs)
{
	free(abbrevs->list);
	free(abbrevs->attrs);
	memset(abbrevs, 0, sizeof(*abbrevs));
}

const struct od_abbrev *od_abbrevs_find(const struct od_abbrevs *abbrevs, uint64_t code)
{
	const struct od_abbrev key = { .code = code };

	if (abbrevs->dense)
		return code && code <= abbrevs->n ? &abbrevs->list[code - 1] : NULL;
	return abbrevs->n ? bsearch(&key, abbrevs->list, abbrevs->n, sizeof(key), by_code) : NULL;
}
