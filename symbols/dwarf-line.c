/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Line programs, of DWARF 2 to 5. The first question runs the program as far as the row that
 * answers it; the second one keeps all rows. A program only goes forwards, and each opcode is at
 * least a byte, so its length bounds it.
 */
#include "symbols/dwarf-line.h"

#include <stdlib.h>

#include "base/alloc.h"

/* --- header ---------------------------------------------------------------------- */

static void prepare_special(struct od_lines *l)
{
	for (unsigned op = l->opcode_base; op < 256; op++) {
		unsigned adjusted = op - l->opcode_base;

		l->special_pc[op] = (uint8_t)(adjusted / l->line_range);
		l->special_line[op] = (int16_t)(l->line_base + (int)(adjusted % l->line_range));
	}
}

static bool read_header(struct od_lines *l, struct od_dw r)
{
	unsigned offset_size;
	uint64_t len = od_dw_length(&r, &offset_size), header;

	if (len < od_dw_left(&r))
		r.end = r.p + len;
	l->offset_size = (uint8_t)offset_size;
	l->version = (uint16_t)od_dw_u16(&r);
	if (l->version < 2 || l->version > 5)
		return false;
	if (l->version == 5)
		od_dw_skip(&r, 2); /* sizes of addresses and of segment selectors */
	header = od_dw_number(&r, offset_size);
	l->program = r;
	if (!od_dw_skip(&l->program, header))
		return false;
	r.end = l->program.p;
	l->min_inst = od_dw_u8(&r);
	l->max_ops = l->version >= 4 ? od_dw_u8(&r) : 1;
	od_dw_u8(&r); /* default_is_stmt: which rows are statements is of no interest */
	l->line_base = (int8_t)od_dw_u8(&r);
	l->line_range = od_dw_u8(&r);
	l->opcode_base = od_dw_u8(&r);
	l->lengths = r.p;
	if (!l->max_ops)
		l->max_ops = 1;
	if (!l->line_range || !l->opcode_base || !od_dw_skip(&r, l->opcode_base - 1u))
		return false;
	l->tables = r;
	prepare_special(l);
	return !r.bad;
}

bool od_lines_open(struct od_unit *unit)
{
	struct od_dwarf *dw = unit->dw;
	struct od_lines *l = unit->lines;
	unsigned offset_size;
	struct od_dw r;
	uint64_t len;
	uint8_t *own;

	if (l)
		return l->lengths;
	l = unit->lines = od_calloc(1, sizeof(*l));
	if (!unit->has_lines_at)
		return false;
	r = od_dw_piece(dw, OD_DW_LINE, unit->lines_at, 12, &own);
	len = od_dw_length(&r, &offset_size);
	len = r.bad || len > UINT64_MAX - 12 ? 0 : len + (offset_size == 8 ? 12 : 4);
	free(own);
	r = od_dw_piece(dw, OD_DW_LINE, unit->lines_at, len, &l->own);
	if (read_header(l, r))
		return true;
	l->lengths = NULL;
	return false;
}

static void forget_rows(struct od_dwarf *dw, struct od_lines *l)
{
	dw->rows_left += l->nrows;
	free(l->rows);
	free(l->sequences.list);
	l->rows = NULL;
	l->nrows = l->rows_cap = 0;
	memset(&l->sequences, 0, sizeof(l->sequences));
}

void od_lines_close(struct od_lines *lines, struct od_dwarf *dw)
{
	if (!lines)
		return;
	forget_rows(dw, lines);
	free(lines->own);
	free(lines->dirs);
	free(lines->files);
	free(lines);
}

/* --- program --------------------------------------------------------------------- */

struct machine {
	struct od_unit *unit;
	struct od_lines *l;
	struct od_dw r;
	struct od_dw_row row;
	unsigned op_index;
};

static void reset(struct machine *m)
{
	m->row = (struct od_dw_row){ .line = 1, .file = 1 };
	m->op_index = 0;
}

static void advance(struct machine *m, uint64_t n)
{
	if (m->l->max_ops == 1) {
		m->row.addr += m->l->min_inst * n;
		return;
	}
	/* Several operations an instruction: ia64. */
	n += m->op_index;
	m->row.addr += m->l->min_inst * (n / m->l->max_ops);
	m->op_index = (unsigned)(n % m->l->max_ops);
}

static void define_file(struct machine *m, struct od_dw *r)
{
	struct od_lines *l = m->l;
	const char *name = od_dw_string(r);
	uint64_t dir = od_dw_uleb(r);

	if (name && !r->bad && l->nextra < OD_LINE_EXTRA)
		l->extra[l->nextra++] = (struct od_line_file){ .name = name, .dir = dir };
}

/* True: it ends a row. */
static bool extended(struct machine *m)
{
	uint64_t len = od_dw_uleb(&m->r);
	struct od_dw r = m->r;

	if (!len || !od_dw_skip(&m->r, len))
		return false;
	r.end = m->r.p;
	switch (od_dw_u8(&r)) {
	case LNE_END_SEQUENCE:
		m->row.end = true;
		return true;
	case LNE_SET_ADDRESS:
		m->row.addr = od_dw_sized(&r, len - 1 > 8 ? 9 : (unsigned)len - 1);
		m->op_index = 0;
		break;
	case LNE_DEFINE_FILE:
		define_file(m, &r);
		break;
	}
	return false;
}

static uint32_t clamp(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static bool standard(struct machine *m, unsigned op)
{
	struct od_dw *r = &m->r;

	switch (op) {
	case 0:
		return extended(m);
	case LNS_COPY:
		return true;
	case LNS_ADVANCE_PC:
		advance(m, od_dw_uleb(r));
		break;
	case LNS_ADVANCE_LINE:
		m->row.line += (uint32_t)od_dw_sleb(r);
		break;
	case LNS_SET_FILE:
		m->row.file = clamp(od_dw_uleb(r));
		break;
	case LNS_SET_COLUMN:
		m->row.column = clamp(od_dw_uleb(r));
		break;
	case LNS_CONST_ADD_PC:
		advance(m, m->l->special_pc[255]);
		break;
	case LNS_FIXED_ADVANCE_PC:
		m->row.addr += od_dw_u16(r);
		m->op_index = 0;
		break;
	case LNS_NEGATE_STMT:
	case LNS_SET_BASIC_BLOCK:
	case LNS_SET_PROLOGUE_END:
	case LNS_SET_EPILOGUE_BEGIN:
		break;
	default: /* set_isa too: the header says how many operands there are to pass over */
		for (unsigned n = m->l->lengths[op - 1]; n; n--)
			od_dw_uleb(r);
	}
	return false;
}

/* Run until the next row; false: the program is over. */
static bool next_row(struct machine *m)
{
	const struct od_lines *l = m->l;

	while (m->r.p < m->r.end) {
		const unsigned op = *m->r.p++;

		if (op >= l->opcode_base) {
			advance(m, l->special_pc[op]);
			m->row.line += (uint32_t)(int32_t)l->special_line[op];
			return true;
		}
		if (standard(m, op))
			return true;
	}
	return false;
}

static void begin(struct machine *m, struct od_unit *unit)
{
	m->unit = unit;
	m->l = unit->lines;
	m->r = m->l->program;
	m->l->nextra = 0;
	reset(m);
}

/* The first sequence that has addr: the last row at or below it. */
static bool run_to(struct od_unit *unit, uint64_t addr, struct od_dw_row *ret)
{
	const uint64_t budget = unit->dw->budget;
	struct od_dw_row last = { .end = true };
	struct machine m;
	bool found = false;

	begin(&m, unit);
	if (od_dw_left(&m.r) / 2 > budget)
		m.r.end = m.r.p + budget * 2;
	while (next_row(&m)) {
		found = !last.end && last.addr <= addr && addr < m.row.addr;
		if (found)
			break;
		last = m.row;
		if (m.row.end)
			reset(&m);
	}
	*ret = last;
	return od_dw_spend(unit->dw, (uint64_t)(m.r.p - m.l->program.p) / 2) && found;
}

static bool keep(struct od_dwarf *dw, struct od_lines *l, const struct od_dw_row *row)
{
	if (l->nrows == l->rows_cap) {
		l->rows_cap = l->rows_cap ? l->rows_cap * 2 : 1024;
		l->rows = od_realloc(l->rows, l->rows_cap * sizeof(*l->rows));
	}
	if (!dw->rows_left)
		return false;
	dw->rows_left--;
	l->rows[l->nrows++] = *row;
	return true;
}

/* Keep all rows; false: they are too many. Of a sequence the first and last row are remembered. */
static bool run_all(struct od_unit *unit)
{
	struct od_lines *l = unit->lines;
	uint64_t first = 0;
	struct machine m;

	if (!od_dw_spend(unit->dw, od_dw_left(&l->program)))
		return false;
	begin(&m, unit);
	while (next_row(&m)) {
		if (!keep(unit->dw, l, &m.row)) {
			forget_rows(unit->dw, l);
			return false;
		}
		if (!m.row.end)
			continue;
		od_dw_ranges_add(&l->sequences, l->rows[first].addr, m.row.addr,
				 first | (uint64_t)(l->nrows - 1) << 32);
		first = l->nrows;
		reset(&m);
	}
	od_dw_ranges_sort(&l->sequences);
	return true;
}

static bool find_row(const struct od_lines *l, uint64_t addr, struct od_dw_row *ret)
{
	const struct od_dw_range *seq = od_dw_ranges_find(&l->sequences, addr);
	uint32_t lo, hi, first;

	if (!seq)
		return false;
	lo = first = (uint32_t)seq->off;
	hi = (uint32_t)(seq->off >> 32);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (l->rows[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == first)
		return false;
	*ret = l->rows[lo - 1];
	return true;
}

bool od_lines_find(struct od_unit *unit, uint64_t addr, struct od_dw_row *ret)
{
	struct od_lines *l;

	if (!od_lines_open(unit))
		return false;
	l = unit->lines;
	if (l->asked++ == 1)
		l->has_rows = run_all(unit);
	return l->has_rows ? find_row(l, addr, ret) : run_to(unit, addr, ret);
}
