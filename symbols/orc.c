/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables stay where they are, in the memory of the dump. A few of their pages are kept here,
 * since searches begin alike, and the rows of addresses that were asked for, since stacks are
 * alike.
 */
#include "symbols/orc.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	PAGE = 4096,
	PAGES = 32,	  /* kept: 128 KiB */
	ROW = 6,	  /* bytes of struct orc_entry */
	KEPT_ROWS = 1024, /* a power of two */
	BLOCK = 256,	  /* LOOKUP_BLOCK_SIZE of arch/x86/include/asm/orc_lookup.h */
	SAMPLES = 8,	  /* pieces of the table that tell its layout */
	SAMPLE_ROWS = 256,
};

struct table {
	uint64_t ips, rows, first, last;
	uint32_t count, order; /* order: of adding */
};

struct page {
	uint64_t addr; /* of its first byte; valid if used */
	bool used, readable;
	uint8_t data[PAGE];
};

struct kept {
	uint64_t pc;
	bool used, found;
	struct od_orc_row row;
};

struct od_orc {
	struct od_memory *mem;
	enum od_orc_version version;
	struct table *tables; /* sorted by first once they are searched */
	uint32_t ntables, cap;
	bool sorted;
	uint64_t lookup, text;
	uint32_t nlookup;
	struct page pages[PAGES];
	struct kept kept[KEPT_ROWS];
};

/* --- layouts -------------------------------------------------------------------------------- */

/* The bit fields of orc_entry.flags, and the numbers of registers and types, by layout. */
static const struct layout {
	uint8_t type_bits; /* from bit 8 on */
	int8_t signal_bit, end_bit;
	uint8_t used_bits; /* what is above must be 0 */
	uint8_t types[8], regs[16];
	uint8_t ntypes, nregs;
} layouts[] = {
#define OLD_REGS                                                                                   \
	{ OD_ORC_REG_UNDEFINED, OD_ORC_REG_PREV_SP, OD_ORC_REG_DX, OD_ORC_REG_DI, OD_ORC_REG_BP,   \
	  OD_ORC_REG_SP, OD_ORC_REG_R10, OD_ORC_REG_R13, OD_ORC_REG_BP_INDIRECT,                   \
	  OD_ORC_REG_SP_INDIRECT, OD_ORC_REG_AX }
#define NEW_REGS                                                                                   \
	{ OD_ORC_REG_UNDEFINED, OD_ORC_REG_AX, OD_ORC_REG_DX, OD_ORC_REG_SP, OD_ORC_REG_BP,        \
	  OD_ORC_REG_DI, OD_ORC_REG_R10, OD_ORC_REG_R13, OD_ORC_REG_PREV_SP,                       \
	  OD_ORC_REG_SP_INDIRECT, OD_ORC_REG_BP_INDIRECT }
#define OLD_TYPES { OD_ORC_CALL, OD_ORC_REGS, OD_ORC_REGS_PARTIAL }
#define NEW_TYPES { OD_ORC_NONE, OD_ORC_END, OD_ORC_CALL, OD_ORC_REGS, OD_ORC_REGS_PARTIAL }
	[OD_ORC_V1] = { 2, -1, 10, 11, OLD_TYPES, OLD_REGS, 3, 11 },
	[OD_ORC_V2] = { 2, 10, 11, 12, OLD_TYPES, OLD_REGS, 3, 11 },
	[OD_ORC_V3] = { 3, 11, -1, 12, NEW_TYPES, OLD_REGS, 5, 11 },
	[OD_ORC_V4] = { 3, 11, -1, 12, NEW_TYPES, NEW_REGS, 5, 11 },
};

enum od_orc_version od_orc_version_of(const uint8_t hash[20])
{
	/* What scripts/orc_hash.sh printed of orc_types.h of 6.3, of 6.4 and of 7.1. */
	static const struct {
		uint8_t hash[20];
		enum od_orc_version version;
	} known[] = {
		{ { 0xdb, 0x84, 0xae, 0xd4, 0x10, 0x3b, 0x31, 0xdd, 0x51, 0xe0,
		    0x17, 0xf8, 0xf7, 0x97, 0x83, 0xca, 0x98, 0x5c, 0x2c, 0x51 }, OD_ORC_V2 },
		{ { 0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
		    0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24 }, OD_ORC_V3 },
		{ { 0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
		    0x21, 0x76, 0xbb, 0x0e, 0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82 }, OD_ORC_V4 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!memcmp(hash, known[i].hash, 20))
			return known[i].version;
	return OD_ORC_UNKNOWN;
}

/* False: bits or numbers that the layout does not have. *ret is then a row of type NONE. */
static bool decode(enum od_orc_version version, const struct od_memory *mem, const uint8_t *p,
		   struct od_orc_row *ret)
{
	const struct layout *l = &layouts[version];
	unsigned flags = (unsigned)od_mem_number(mem, p + 4, 2);
	unsigned sp = flags & 15, bp = flags >> 4 & 15;
	unsigned type = flags >> 8 & ((1u << l->type_bits) - 1);

	*ret = (struct od_orc_row){ .sp_offset = (int16_t)od_mem_number(mem, p, 2),
				    .bp_offset = (int16_t)od_mem_number(mem, p + 2, 2) };
	if (flags >> l->used_bits || sp >= l->nregs || bp >= l->nregs || type >= l->ntypes)
		return false;
	ret->sp_reg = (enum od_orc_reg)l->regs[sp];
	ret->bp_reg = (enum od_orc_reg)l->regs[bp];
	ret->type = (enum od_orc_type)l->types[type];
	if (l->signal_bit >= 0)
		ret->signal = flags >> l->signal_bit & 1;
	else /* before 6.3 whatever pt_regs hold is the very address */
		ret->signal = ret->type == OD_ORC_REGS || ret->type == OD_ORC_REGS_PARTIAL;
	/* Before 6.4 the end is a bit, looked at only where there is no register to go by. */
	if (l->end_bit >= 0 && ret->sp_reg == OD_ORC_REG_UNDEFINED)
		ret->type = flags >> l->end_bit & 1 ? OD_ORC_END : OD_ORC_NONE;
	return true;
}

/* --- memory --------------------------------------------------------------------------------- */

static const struct page *page_at(struct od_orc *orc, uint64_t addr)
{
	struct page *page = &orc->pages[addr / PAGE % PAGES];

	addr &= ~(uint64_t)(PAGE - 1);
	if (!page->used || page->addr != addr) {
		page->used = true;
		page->addr = addr;
		page->readable = od_mem_read(orc->mem, addr, page->data, PAGE) == OD_MEM_OK;
	}
	return page->readable ? page : NULL;
}

static bool get(struct od_orc *orc, uint64_t addr, uint8_t *buf, size_t len)
{
	while (len) {
		const struct page *page = page_at(orc, addr);
		size_t at = addr % PAGE, n = len < PAGE - at ? len : PAGE - at;

		if (!page)
			return false;
		memcpy(buf, page->data + at, n);
		addr += n, buf += n, len -= n;
	}
	return true;
}

static bool ip_at(struct od_orc *orc, const struct table *t, uint32_t i, uint64_t *ret)
{
	uint64_t addr = t->ips + 4 * (uint64_t)i;
	uint8_t b[4];

	if (!get(orc, addr, b, sizeof(b)))
		return false;
	*ret = addr + (uint64_t)(int64_t)(int32_t)od_mem_number(orc->mem, b, 4);
	return true;
}

/* --- searching ------------------------------------------------------------------------------ */

/* The last entry of [lo, hi) at or below pc; count if none is; false if memory is missing. */
static bool search(struct od_orc *orc, const struct table *t, uint32_t lo, uint32_t hi, uint64_t pc,
		   uint32_t *ret)
{
	*ret = t->count;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		uint64_t ip;

		if (!ip_at(orc, t, mid, &ip))
			return false;
		if (ip <= pc) {
			*ret = mid;
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return true;
}

/* Narrow the search by the kernel's shortcut. False: it says nothing of pc. */
static bool narrow(struct od_orc *orc, const struct table *t, uint64_t pc, uint32_t *lo,
		   uint32_t *hi)
{
	uint64_t block = (pc - orc->text) / BLOCK, begin, end;
	uint8_t b[8];

	if (t->order != 0 || pc < orc->text || block + 1 >= orc->nlookup ||
	    !get(orc, orc->lookup + 4 * block, b, sizeof(b)))
		return false;
	begin = od_mem_number(orc->mem, b, 4);
	end = od_mem_number(orc->mem, b + 4, 4) + 1;
	if (begin >= end || end > t->count)
		return false;
	*lo = (uint32_t)begin;
	*hi = (uint32_t)end;
	return true;
}

/* Is i the last entry at or below pc? */
static bool holds(struct od_orc *orc, const struct table *t, uint32_t i, uint64_t pc)
{
	uint64_t ip;

	if (i >= t->count || !ip_at(orc, t, i, &ip) || ip > pc)
		return false;
	return i + 1 == t->count || (ip_at(orc, t, i + 1, &ip) && ip > pc);
}

static bool find_in(struct od_orc *orc, const struct table *t, uint64_t pc, struct od_orc_row *ret)
{
	uint32_t lo, hi, i;
	uint8_t b[ROW];

	if (!narrow(orc, t, pc, &lo, &hi) || !search(orc, t, lo, hi, pc, &i) ||
	    !holds(orc, t, i, pc))
		if (!search(orc, t, 0, t->count, pc, &i))
			return false;
	if (i >= t->count || !get(orc, t->rows + ROW * (uint64_t)i, b, sizeof(b)))
		return false;
	decode(orc->version, orc->mem, b, ret);
	return true;
}

static int compare_tables(const void *pa, const void *pb)
{
	const struct table *a = pa, *b = pb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Ranges that overlap are cut, so that a search by address can only find one. */
static void sort_tables(struct od_orc *orc)
{
	qsort(orc->tables, orc->ntables, sizeof(*orc->tables), compare_tables);
	for (uint32_t i = 0; i + 1 < orc->ntables; i++) {
		struct table *a = &orc->tables[i], *b = a + 1;

		if (a->last <= b->first)
			continue;
		if (a->order < b->order)
			b->first = a->last < b->last ? a->last : b->last;
		else
			a->last = b->first;
	}
	orc->sorted = true;
}

static const struct table *table_of(struct od_orc *orc, uint64_t pc)
{
	uint32_t lo = 0, hi = orc->ntables;

	if (!orc->sorted)
		sort_tables(orc);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct table *t = &orc->tables[mid];

		if (pc < t->first)
			hi = mid;
		else if (pc >= t->last)
			lo = mid + 1;
		else
			return t;
	}
	return NULL;
}

bool od_orc_find(struct od_orc *orc, uint64_t pc, struct od_orc_row *ret)
{
	struct kept *k = &orc->kept[(pc ^ pc >> 10) % KEPT_ROWS];
	const struct table *t;

	if (orc->version == OD_ORC_UNKNOWN)
		return false;
	if (!k->used || k->pc != pc) {
		t = table_of(orc, pc);
		k->used = true;
		k->pc = pc;
		k->found = t && find_in(orc, t, pc, &k->row);
	}
	if (k->found)
		*ret = k->row;
	return k->found;
}

/* --- which layout --------------------------------------------------------------------------- */

static const struct table *first_table(const struct od_orc *orc)
{
	for (uint32_t i = 0; i < orc->ntables; i++)
		if (orc->tables[i].order == 0)
			return &orc->tables[i];
	return NULL;
}

struct score {
	uint32_t rows, plain, ends, odd;
};

static void judge(struct od_orc *orc, enum od_orc_version v, const uint8_t *p, struct score *s)
{
	struct od_orc_row row;

	s->rows++;
	if (!decode(v, orc->mem, p, &row))
		s->odd++;
	else if (row.type == OD_ORC_END)
		s->ends++;
	else if (row.type == OD_ORC_CALL && !row.signal && row.sp_offset > 0 &&
		 (row.sp_reg == OD_ORC_REG_SP || row.sp_reg == OD_ORC_REG_BP) &&
		 (row.bp_reg == OD_ORC_REG_UNDEFINED || row.bp_reg == OD_ORC_REG_PREV_SP))
		s->plain++;
}

enum od_orc_version od_orc_guess_version(struct od_orc *orc)
{
	const struct table *t = first_table(orc);
	struct score scores[OD_ORC_V4 + 1] = { { 0 } };
	enum od_orc_version best = OD_ORC_V1;
	uint8_t b[ROW];

	/* The first piece is the code that CPUs begin in: there the ends are. */
	for (uint32_t i = 0; t && i < SAMPLES * SAMPLE_ROWS; i++) {
		uint64_t piece = i / SAMPLE_ROWS, at = piece * t->count / SAMPLES + i % SAMPLE_ROWS;

		if (at < t->count && get(orc, t->rows + ROW * at, b, sizeof(b)))
			for (int v = OD_ORC_V1; v <= OD_ORC_V4; v++)
				judge(orc, (enum od_orc_version)v, b, &scores[v]);
	}
	for (int v = OD_ORC_V2; v <= OD_ORC_V4; v++) {
		const struct score *a = &scores[v], *s = &scores[best];

		if (a->plain != s->plain ? a->plain > s->plain :
		    a->odd != s->odd ? a->odd < s->odd : a->ends > s->ends)
			best = (enum od_orc_version)v;
	}
	return scores[best].plain > scores[best].rows / 2 ? best : OD_ORC_UNKNOWN;
}

/* --- public --------------------------------------------------------------------------------- */

struct od_orc *od_orc_create(struct od_memory *mem)
{
	struct od_orc *orc = od_calloc(1, sizeof(*orc));

	orc->mem = mem;
	return orc;
}

void od_orc_destroy(struct od_orc *orc)
{
	if (!orc)
		return;
	free(orc->tables);
	free(orc);
}

/* What was found so far may be different now. */
static void forget(struct od_orc *orc)
{
	for (uint32_t i = 0; i < KEPT_ROWS; i++)
		orc->kept[i].used = false;
}

void od_orc_add(struct od_orc *orc, uint64_t ips, uint64_t rows, uint32_t count, uint64_t first,
		uint64_t last)
{
	if (!count || count > OD_ORC_ENTRIES || first >= last || orc->ntables >= OD_ORC_TABLES)
		return;
	if (orc->ntables == orc->cap) {
		orc->cap = orc->cap ? 2 * orc->cap : 64;
		orc->tables = od_realloc(orc->tables, orc->cap * sizeof(*orc->tables));
	}
	orc->tables[orc->ntables] = (struct table){ .ips = ips, .rows = rows, .count = count,
						    .first = first, .last = last,
						    .order = orc->ntables };
	orc->ntables++;
	orc->sorted = false;
	forget(orc);
}

void od_orc_set_lookup(struct od_orc *orc, uint64_t lookup, uint32_t count, uint64_t text)
{
	orc->lookup = lookup;
	orc->nlookup = count;
	orc->text = text;
}

void od_orc_set_version(struct od_orc *orc, enum od_orc_version version)
{
	orc->version = (unsigned)version <= OD_ORC_V4 ? version : OD_ORC_UNKNOWN;
	forget(orc);
}

enum od_orc_version od_orc_get_version(const struct od_orc *orc)
{
	return orc->version;
}
