/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call frame information: which entry an address is of, and the rules that hold there. */
#include "symbols/cfi.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/cfi-internal.h"
#include "symbols/debug-internal.h"
#include "symbols/dwarf-read.h"

enum {
	MAX_ENTRIES = 4 << 20, /* of one section */
	MAX_STEPS = 1 << 16,   /* instructions of one entry */
	MAX_STATES = 16,       /* remembered at the same time */
};

/* How pointers are written in .eh_frame (LSB 5, 10.5.1). */
enum {
	PE_ABS = 0x00, PE_ULEB = 0x01, PE_UDATA2 = 0x02, PE_UDATA4 = 0x03, PE_UDATA8 = 0x04, PE_SLEB = 0x09,
	PE_SDATA2 = 0x0a, PE_SDATA4 = 0x0b, PE_SDATA8 = 0x0c,
	PE_FORMAT = 0x0f, PE_PCREL = 0x10, PE_DATAREL = 0x30, PE_BASE = 0x70, PE_INDIRECT = 0x80, PE_OMIT = 0xff,
};

struct section {
	const uint8_t *data;
	size_t len;
	uint64_t addr;
	bool eh; /* .eh_frame, not .debug_frame */
};

struct entry {
	uint64_t start, end;
	uint64_t at; /* of its FDE in the section */
};

struct od_cfi {
	struct section frames, head; /* head.data NULL: there is no index that can be used */
	uint64_t table; /* in head: of the first of n pairs */
	uint32_t n;
	struct entry *entries; /* made where there is no such index */
	uint32_t nentries;
};

static unsigned word_of(const struct od_debug *dbg)
{
	return dbg->elf.is64 ? 8 : 4;
}

static struct od_dw cursor(const struct od_debug *dbg, const struct section *s, uint64_t at)
{
	struct od_dw r = od_dw_init(s->data, s->len, dbg->elf.big);

	od_dw_skip(&r, at);
	return r;
}

/* A pointer; base: of PE_DATAREL. false: it is written in a way that has no meaning here. */
static bool pointer(const struct od_debug *dbg, const struct section *s, struct od_dw *r, uint8_t how,
		    uint64_t base, uint64_t *ret)
{
	const uint64_t here = s->addr + (uint64_t)(r->p - s->data);
	uint64_t v;

	switch (how & PE_FORMAT) {
	case PE_ABS: v = od_dw_number(r, word_of(dbg)); break;
	case PE_ULEB: v = od_dw_uleb(r); break;
	case PE_UDATA2: v = od_dw_u16(r); break;
	case PE_UDATA4: v = od_dw_u32(r); break;
	case PE_UDATA8:
	case PE_SDATA8: v = od_dw_number(r, 8); break;
	case PE_SLEB: v = (uint64_t)od_dw_sleb(r); break;
	case PE_SDATA2: v = (uint64_t)(int64_t)(int16_t)od_dw_u16(r); break;
	case PE_SDATA4: v = (uint64_t)(int64_t)(int32_t)od_dw_u32(r); break;
	default: return false;
	}
	if (how & PE_INDIRECT)
		return false;
	if ((how & PE_BASE) == PE_PCREL)
		v += here;
	else if ((how & PE_BASE) == PE_DATAREL)
		v += base;
	else if (how & PE_BASE)
		return false;
	*ret = dbg->elf.is64 ? v : (uint32_t)v;
	return !r->bad;
}

/* --- entries ------------------------------------------------------------------------------------- */

struct cie {
	uint64_t code_align;
	int64_t data_align;
	uint64_t ret;
	uint8_t how; /* pointers of its FDEs */
	bool augmented, signal;
	struct od_dw program;
};

/* The head of an entry: what follows its length and id. *id_at: where the id stands. False: no more. */
static bool entry_head(struct od_dw *r, const struct section *s, uint64_t *id, uint64_t *id_at, unsigned *width)
{
	uint64_t len = od_dw_length(r, width);

	if (!len || r->bad || len > od_dw_left(r))
		return false;
	r->end = r->p + len;
	*id_at = (uint64_t)(r->p - s->data);
	/* In .eh_frame the id has 4 bytes, whatever the length has. */
	if (s->eh)
		*width = 4;
	*id = od_dw_number(r, *width);
	return !r->bad;
}

static bool is_cie(const struct section *s, uint64_t id, unsigned width)
{
	return s->eh ? id == 0 : id == (width == 8 ? UINT64_MAX : UINT32_MAX);
}

static bool read_cie(const struct od_debug *dbg, const struct section *s, uint64_t at, struct cie *cie)
{
	struct od_dw r = cursor(dbg, s, at);
	const char *aug;
	uint64_t id, id_at, ignored, len;
	unsigned width;
	uint8_t version;

	*cie = (struct cie){ .how = PE_ABS };
	if (!entry_head(&r, s, &id, &id_at, &width) || !is_cie(s, id, width))
		return false;
	version = od_dw_u8(&r);
	aug = od_dw_string(&r);
	if ((version != 1 && version != 3 && version != 4) || !aug)
		return false;
	if (version == 4 && (od_dw_u8(&r) != word_of(dbg) || od_dw_u8(&r) != 0))
		return false;
	cie->code_align = od_dw_uleb(&r);
	cie->data_align = od_dw_sleb(&r);
	cie->ret = version == 1 ? od_dw_u8(&r) : od_dw_uleb(&r);
	cie->augmented = *aug == 'z';
	if (*aug && !cie->augmented)
		return false;
	if (cie->augmented) {
		struct od_dw data;

		len = od_dw_uleb(&r);
		data = r;
		if (!od_dw_skip(&r, len))
			return false;
		data.end = r.p;
		for (aug++; *aug; aug++) {
			if (*aug == 'R')
				cie->how = od_dw_u8(&data);
			else if (*aug == 'S')
				cie->signal = true;
			else if (*aug == 'L')
				od_dw_u8(&data);
			else if (*aug == 'P' && !pointer(dbg, s, &data, od_dw_u8(&data) & (uint8_t)~PE_INDIRECT, 0, &ignored))
				return false;
			/* 'B', 'G' of arm64 have no data. */
		}
		if (data.bad)
			return false;
	}
	cie->program = r;
	return !r.bad;
}

/* The FDE at `at`: which addresses it is of. program: behind its head. */
static bool read_fde(const struct od_debug *dbg, const struct section *s, uint64_t at, struct cie *cie,
		     uint64_t *start, uint64_t *end, struct od_dw *program)
{
	struct od_dw r = cursor(dbg, s, at);
	uint64_t id, id_at, size;
	unsigned width;

	if (!entry_head(&r, s, &id, &id_at, &width) || is_cie(s, id, width) ||
	    !read_cie(dbg, s, s->eh ? id_at - id : id, cie) ||
	    !pointer(dbg, s, &r, cie->how, 0, start) || !pointer(dbg, s, &r, cie->how & PE_FORMAT, 0, &size))
		return false;
	if (cie->augmented && !od_dw_skip(&r, od_dw_uleb(&r)))
		return false;
	*end = *start + size;
	*program = r;
	return *end > *start && !r.bad;
}

/* --- which entry -------------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* One pass; for files whose linker made no index. */
static void make_entries(const struct od_debug *dbg, struct od_cfi *cfi)
{
	const struct section *s = &cfi->frames;
	struct od_dw r = od_dw_init(s->data, s->len, dbg->elf.big);
	size_t cap = 0;

	while (od_dw_left(&r) && cfi->nentries < MAX_ENTRIES) {
		const uint64_t at = (uint64_t)(r.p - s->data);
		struct entry e = { .at = at };
		struct od_dw program;
		struct cie cie;
		unsigned width;
		uint64_t len = od_dw_length(&r, &width);

		/* Files that were put together have an end in the middle. */
		if (!len && !r.bad)
			continue;
		if (!od_dw_skip(&r, len))
			break;
		if (!read_fde(dbg, s, at, &cie, &e.start, &e.end, &program))
			continue;
		if (cfi->nentries == cap) {
			cap = cap ? 2 * cap : 256;
			cfi->entries = od_realloc(cfi->entries, cap * sizeof(*cfi->entries));
		}
		cfi->entries[cfi->nentries++] = e;
	}
	if (cfi->nentries)
		qsort(cfi->entries, cfi->nentries, sizeof(*cfi->entries), by_start);
}

/* .eh_frame_hdr: a sorted table of pairs of 4 bytes each, relative to its own beginning. */
static bool take_index(const struct od_debug *dbg, struct od_cfi *cfi)
{
	struct od_dw r = od_dw_init(cfi->head.data, cfi->head.len, dbg->elf.big);
	uint64_t frames, n;
	uint8_t version = od_dw_u8(&r), how_frames = od_dw_u8(&r), how_n = od_dw_u8(&r), how = od_dw_u8(&r);

	if (r.bad || version != 1 || how != (PE_DATAREL | PE_SDATA4) || how_n == PE_OMIT ||
	    !pointer(dbg, &cfi->head, &r, how_frames, cfi->head.addr, &frames) ||
	    !pointer(dbg, &cfi->head, &r, how_n, cfi->head.addr, &n) || !n || n > od_dw_left(&r) / 8)
		return false;
	cfi->table = (uint64_t)(r.p - cfi->head.data);
	cfi->n = (uint32_t)(n < UINT32_MAX ? n : UINT32_MAX);
	return true;
}

static bool take_section(const struct od_debug *dbg, const char *name, struct section *ret)
{
	const struct od_elf_section *sec = od_elf_find(&dbg->elf, name);

	if (!sec || !sec->len || od_elf_is_compressed(&dbg->elf, sec))
		return false;
	*ret = (struct section){ sec->data, sec->len, sec->addr, !strcmp(name, ".eh_frame") };
	return true;
}

static struct od_cfi *open_cfi(struct od_debug *dbg)
{
	struct od_cfi *cfi = dbg->cfi;

	if (cfi)
		return cfi;
	cfi = dbg->cfi = od_calloc(1, sizeof(*cfi));
	if (!take_section(dbg, ".eh_frame", &cfi->frames) && !take_section(dbg, ".debug_frame", &cfi->frames))
		return cfi;
	if (!cfi->frames.eh || !take_section(dbg, ".eh_frame_hdr", &cfi->head) || !take_index(dbg, cfi)) {
		cfi->head.data = NULL;
		make_entries(dbg, cfi);
	}
	return cfi;
}

void od_debug_cfi_close(struct od_debug *dbg)
{
	if (dbg->cfi)
		free(dbg->cfi->entries);
	free(dbg->cfi);
}

/* A number of the table; n is below 2 * cfi->n. */
static uint64_t table_at(const struct od_debug *dbg, const struct od_cfi *cfi, uint32_t n)
{
	const uint8_t *p = cfi->head.data + cfi->table + (uint64_t)n * 4;
	uint64_t v = cfi->head.addr + (uint64_t)(int64_t)(int32_t)od_elf_number(dbg->elf.big, p, 4);

	return dbg->elf.is64 ? v : (uint32_t)v;
}

static bool by_index(const struct od_debug *dbg, const struct od_cfi *cfi, uint64_t pc, uint64_t *at)
{
	uint32_t lo = 0, hi = cfi->n;
	uint64_t fde;

	while (lo < hi) { /* the first beyond pc */
		uint32_t mid = lo + (hi - lo) / 2;

		if (table_at(dbg, cfi, 2 * mid) <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return false;
	fde = table_at(dbg, cfi, 2 * (lo - 1) + 1);
	*at = fde - cfi->frames.addr;
	return fde >= cfi->frames.addr && *at < cfi->frames.len;
}

static bool by_entries(const struct od_cfi *cfi, uint64_t pc, uint64_t *at)
{
	uint32_t lo = 0, hi = cfi->nentries;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (cfi->entries[mid].start <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || pc >= cfi->entries[lo - 1].end)
		return false;
	*at = cfi->entries[lo - 1].at;
	return true;
}

/* --- rules ---------------------------------------------------------------------------------------------- */

struct machine {
	const struct od_debug *dbg;
	const struct section *s;
	const struct cie *cie;
	struct od_cfi_row row, initial, states[MAX_STATES];
	unsigned nstates, steps;
	uint64_t at, pc;
};

/* The number of a register in here; OD_DWARF_REGS: none that is kept. */
static unsigned column(const struct od_debug *dbg, uint64_t reg)
{
	/* The link register of powerpc is the one number beyond 32 that unwinding needs. */
	if ((dbg->elf.machine == EM_PPC64 || dbg->elf.machine == EM_PPC) && reg == 65)
		return 32;
	return reg < OD_DWARF_REGS && !(reg == 32 && dbg->elf.machine != EM_AARCH64) ? (unsigned)reg : OD_DWARF_REGS;
}

static void set(struct machine *m, uint64_t reg, struct od_cfi_rule rule)
{
	unsigned i = column(m->dbg, reg);

	if (i < OD_DWARF_REGS)
		m->row.reg[i] = rule;
}

static void restore(struct machine *m, uint64_t reg)
{
	unsigned i = column(m->dbg, reg);

	if (i < OD_DWARF_REGS)
		m->row.reg[i] = m->initial.reg[i];
}

static struct od_cfi_rule offset_rule(uint8_t kind, int64_t offset)
{
	return (struct od_cfi_rule){ .kind = kind, .offset = offset };
}

static struct od_cfi_rule expression_rule(struct od_dw *r, uint8_t kind)
{
	uint64_t len = od_dw_uleb(r);
	const uint8_t *p = r->p;

	if (!od_dw_skip(r, len) || len > UINT32_MAX)
		return (struct od_cfi_rule){ .kind = OD_CFI_UNDEFINED };
	return (struct od_cfi_rule){ .kind = kind, .expr = p, .len = (uint32_t)len };
}

static void def_cfa(struct machine *m, uint64_t reg, int64_t offset)
{
	m->row.cfa = offset_rule(OD_CFI_OFFSET, offset);
	m->row.cfa.reg = (uint8_t)column(m->dbg, reg);
}

/* Scaled, without overflow that is undefined. */
static int64_t scaled(const struct machine *m, uint64_t v)
{
	return (int64_t)(v * (uint64_t)m->cie->data_align);
}

static bool extended(struct machine *m, struct od_dw *r, uint8_t op)
{
	uint64_t reg, v;

	switch (op) {
	case 0x00: /* nop */
	case 0x2d: /* GNU_window_save of sparc, negate_ra_state of arm64 */
		return true;
	case 0x01: /* set_loc */
		return pointer(m->dbg, m->s, r, m->cie->how, 0, &m->at);
	case 0x02: m->at += od_dw_u8(r) * m->cie->code_align; return true;
	case 0x03: m->at += od_dw_u16(r) * m->cie->code_align; return true;
	case 0x04: m->at += od_dw_u32(r) * m->cie->code_align; return true;
	case 0x1d: m->at += od_dw_number(r, 8) * m->cie->code_align; return true;
	case 0x05: /* offset_extended */
		reg = od_dw_uleb(r);
		set(m, reg, offset_rule(OD_CFI_OFFSET, scaled(m, od_dw_uleb(r))));
		return true;
	case 0x06: restore(m, od_dw_uleb(r)); return true;
	case 0x07: set(m, od_dw_uleb(r), offset_rule(OD_CFI_UNDEFINED, 0)); return true;
	case 0x08: set(m, od_dw_uleb(r), offset_rule(OD_CFI_SAME, 0)); return true;
	case 0x09: /* register */
		reg = od_dw_uleb(r);
		v = column(m->dbg, od_dw_uleb(r));
		set(m, reg, (struct od_cfi_rule){ .kind = v < OD_DWARF_REGS ? OD_CFI_REGISTER : OD_CFI_UNDEFINED,
						  .reg = (uint8_t)v });
		return true;
	case 0x0a: /* remember_state */
		if (m->nstates == MAX_STATES)
			return false;
		m->states[m->nstates++] = m->row;
		return true;
	case 0x0b: /* restore_state */
		if (!m->nstates)
			return false;
		m->row = m->states[--m->nstates];
		return true;
	case 0x0c: /* def_cfa */
		reg = od_dw_uleb(r);
		def_cfa(m, reg, (int64_t)od_dw_uleb(r));
		return true;
	case 0x0d: def_cfa(m, od_dw_uleb(r), m->row.cfa.offset); return true;
	case 0x0e: m->row.cfa.offset = (int64_t)od_dw_uleb(r); return true;
	case 0x0f: m->row.cfa = expression_rule(r, OD_CFI_VAL_EXPRESSION); return true;
	case 0x10: /* expression */
		reg = od_dw_uleb(r);
		set(m, reg, expression_rule(r, OD_CFI_EXPRESSION));
		return true;
	case 0x11: /* offset_extended_sf */
		reg = od_dw_uleb(r);
		set(m, reg, offset_rule(OD_CFI_OFFSET, scaled(m, (uint64_t)od_dw_sleb(r))));
		return true;
	case 0x12: /* def_cfa_sf */
		reg = od_dw_uleb(r);
		def_cfa(m, reg, scaled(m, (uint64_t)od_dw_sleb(r)));
		return true;
	case 0x13: m->row.cfa.offset = scaled(m, (uint64_t)od_dw_sleb(r)); return true;
	case 0x14: /* val_offset */
		reg = od_dw_uleb(r);
		set(m, reg, offset_rule(OD_CFI_VAL_OFFSET, scaled(m, od_dw_uleb(r))));
		return true;
	case 0x15: /* val_offset_sf */
		reg = od_dw_uleb(r);
		set(m, reg, offset_rule(OD_CFI_VAL_OFFSET, scaled(m, (uint64_t)od_dw_sleb(r))));
		return true;
	case 0x16: /* val_expression */
		reg = od_dw_uleb(r);
		set(m, reg, expression_rule(r, OD_CFI_VAL_EXPRESSION));
		return true;
	case 0x2e: od_dw_uleb(r); return true; /* GNU_args_size */
	case 0x2f: /* GNU_negative_offset_extended */
		reg = od_dw_uleb(r);
		set(m, reg, offset_rule(OD_CFI_OFFSET, -scaled(m, od_dw_uleb(r))));
		return true;
	default:
		return false;
	}
}

/* Up to the row that pc lies in. */
static bool run(struct machine *m, struct od_dw *r)
{
	while (od_dw_left(r)) {
		uint8_t op = od_dw_u8(r), low = op & 0x3f;
		bool ok = true;

		if (++m->steps > MAX_STEPS)
			return false;
		if (op >> 6 == 1)
			m->at += low * m->cie->code_align;
		else if (op >> 6 == 2)
			set(m, low, offset_rule(OD_CFI_OFFSET, scaled(m, od_dw_uleb(r))));
		else if (op >> 6 == 3)
			restore(m, low);
		else
			ok = extended(m, r, op);
		if (!ok || r->bad)
			return false;
		if (m->at > m->pc)
			return true;
	}
	return true;
}

bool od_debug_cfi(struct od_debug *dbg, uint64_t pc, struct od_cfi_row *ret)
{
	const struct od_cfi *cfi = open_cfi(dbg);
	struct machine m = { .dbg = dbg, .s = &cfi->frames, .pc = pc };
	struct od_dw program;
	struct cie cie;
	uint64_t at, start, end;
	unsigned col;

	if (!cfi->frames.data || !(cfi->head.data ? by_index(dbg, cfi, pc, &at) : by_entries(cfi, pc, &at)) ||
	    !read_fde(dbg, &cfi->frames, at, &cie, &start, &end, &program) || pc < start || pc >= end)
		return false;
	col = column(dbg, cie.ret);
	if (col == OD_DWARF_REGS)
		return false;
	m.cie = &cie;
	m.at = start;
	m.row = (struct od_cfi_row){ .ret = (uint8_t)col, .signal = cie.signal, .big = dbg->elf.big,
				     .pointer_size = (uint8_t)word_of(dbg) };
	m.row.cfa.reg = OD_DWARF_REGS;
	if (!run(&m, &cie.program))
		return false;
	m.initial = m.row;
	if (!run(&m, &program))
		return false;
	*ret = m.row;
	return true;
}
